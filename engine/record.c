/* SPDX-License-Identifier: GPL-2.0-or-later */
/* engine/record.c */
#include "engine/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "container/files.h"
#include "engine/names.h"
#include "util/json.h"

struct Engine {
    char *folder; /* ROOT/containers */
    char *states, *runtime;
};

/* clang-format off */
static const JsonField record_fields[] = {
    JSON_STRING(Record, id, "id", .required = true),
    JSON_STRING(Record, name, "name", .required = true),
    JSON_STRING(Record, created, "created", .required = true),
    JSON_STRING(Record, image, "image", .required = true),
    JSON_STRING(Record, image_id, "imageId"),
    JSON_STRING(Record, manifest, "manifest"),
    JSON_STRINGS(Record, layers, "layers", .required = true),
    JSON_STRINGS(Record, args, "args", .required = true),
    JSON_STRINGS(Record, env, "env"),
    JSON_STRING(Record, cwd, "cwd", .required = true),
    JSON_STRING(Record, user, "user"),
    JSON_STRING(Record, hostname, "hostname"),
    JSON_BOOL(Record, terminal, "terminal"),
    JSON_BOOL(Record, interactive, "interactive"),
    JSON_BOOL(Record, remove, "remove"),
    JSON_BOOL(Record, read_only, "readOnly"),
    JSON_BOOL(Record, privileged, "privileged"),
    JSON_STRING(Record, network, "network", .required = true),
    JSON_STRINGS(Record, volumes, "volumes"),
    JSON_STRINGS(Record, tmpfs, "tmpfs"),
    JSON_STRINGS(Record, cap_add, "capAdd"),
    JSON_STRINGS(Record, cap_drop, "capDrop"),
    JSON_INT(Record, memory, "memory"),
    JSON_INT(Record, pids_limit, "pidsLimit"),
    JSON_INT(Record, cpu_quota, "cpuQuota"),
    JSON_STRING(Record, stop_signal, "stopSignal", .required = true),
    JSON_INT(Record, stop_timeout, "stopTimeout"),
    JSON_STRING(Record, restart, "restart", .required = true),
    JSON_INT(Record, restart_max, "restartMax"),
    JSON_STRING(Record, log_driver, "logDriver", .required = true),
    JSON_MAP(Record, labels, "labels"),
};
static const JsonStruct record_json = JSON_STRUCT(Record, record_fields);

static const JsonField run_fields[] = {
    JSON_INT(RunState, pid, "pid", .required = true),
    JSON_STRING(RunState, started, "started", .required = true),
    JSON_INT(RunState, restarts, "restarts"),
};
static const JsonStruct run_json = JSON_STRUCT(RunState, run_fields);

static const JsonField exit_fields[] = {
    JSON_INT(ExitState, code, "code", .required = true),
    JSON_BOOL(ExitState, oom_killed, "oomKilled"),
    JSON_STRING(ExitState, started, "started"),
    JSON_STRING(ExitState, finished, "finished", .required = true),
    JSON_STRING(ExitState, error, "error"),
};
static const JsonStruct exit_json = JSON_STRUCT(ExitState, exit_fields);
/* clang-format on */

/* ---- documents ---- */

static void *load(const JsonStruct *type, const char *path, GError **error)
{
    g_autofree char *text = file_read(AT_FDCWD, path, error);
    g_autoptr(JsonNode) node =
        text != NULL ? json_read(text, strlen(text), false, error) : NULL;
    g_autofree void *to = g_malloc0(type->size);

    if (node == NULL || !json_struct_read(type, node, to, error)) {
        g_prefix_error(error, "'%s': ", path);
        return NULL;
    }
    return g_steal_pointer(&to);
}

static bool save(const JsonStruct *type, const void *from, const char *path,
                 GError **error)
{
    g_autoptr(JsonNode) node = json_struct_write(type, from);
    g_autofree char *text = json_to_string(node, FALSE);

    return file_replace(AT_FDCWD, path, text, 0600, error);
}

static void release(const JsonStruct *type, void *s)
{
    if (s != NULL) {
        json_struct_clear(type, s);
        g_free(s);
    }
}

Record *record_new(void)
{
    return g_new0(Record, 1);
}

void record_free(Record *r)
{
    release(&record_json, r);
}

void run_state_free(RunState *s)
{
    release(&run_json, s);
}

void exit_state_free(ExitState *s)
{
    release(&exit_json, s);
}

/* ---- the engine ---- */

/* Beside this program, as in a build folder or a private installation. */
static char *find_runtime(void)
{
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *folder = self != NULL ? g_path_get_dirname(self) : NULL;
    char *beside = folder != NULL
                       ? g_build_filename(folder, "cuttle-runtime", NULL)
                       : NULL;

    if (beside != NULL && access(beside, X_OK) == 0) {
        return beside;
    }
    g_free(beside);
    return g_find_program_in_path("cuttle-runtime");
}

Engine *engine_new(const char *root, const char *runtime, GError **error)
{
    g_autoptr(Engine) e = g_new0(Engine, 1);
    g_autofree char *names = NULL, *mark = NULL;

    e->folder = g_build_filename(root, "containers", NULL);
    names = g_build_filename(e->folder, "names", NULL);
    if (g_mkdir_with_parents(names, 0700) != 0) {
        fail_errno(error, "make '%s'", names);
        return NULL;
    }
    /* States end with the machine; one root's are not another's. */
    mark = g_compute_checksum_for_string(G_CHECKSUM_SHA256, e->folder, -1);
    mark[12] = '\0';
    e->states = g_build_filename("/run/cuttle", mark, NULL);
    e->runtime = runtime != NULL ? g_strdup(runtime) : find_runtime();
    if (e->runtime == NULL) {
        fail(error, "cuttle-runtime: neither beside this program nor in PATH");
        return NULL;
    }
    return g_steal_pointer(&e);
}

void engine_free(Engine *e)
{
    if (e != NULL) {
        g_free(e->folder);
        g_free(e->states);
        g_free(e->runtime);
        g_free(e);
    }
}

const char *engine_runtime(const Engine *e)
{
    return e->runtime;
}

const char *engine_states(const Engine *e)
{
    return e->states;
}

char *engine_path(const Engine *e, const Record *r, const char *name)
{
    return g_build_filename(e->folder, r->id, name, NULL);
}

char *engine_now(void)
{
    struct timespec now;
    struct tm parts;
    char text[32];

    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &parts);
    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &parts);
    return g_strdup_printf("%s.%09ldZ", text, now.tv_nsec);
}

/* ---- names and ids ---- */

static char *random_id(void)
{
    uint8_t bytes[32];
    GString *id = g_string_new(NULL);

    g_assert(getrandom(bytes, sizeof(bytes), 0) == sizeof(bytes));
    for (unsigned i = 0; i < sizeof(bytes); i++) {
        g_string_append_printf(id, "%02x", bytes[i]);
    }
    return g_string_free(id, FALSE);
}

static bool is_name(const char *name)
{
    if (!g_ascii_isalnum(*name) || strlen(name) > 200) {
        return false;
    }
    for (; *name != '\0'; name++) {
        if (!g_ascii_isalnum(*name) && strchr("_.-", *name) == NULL) {
            return false;
        }
    }
    return true;
}

static char *name_path(const Engine *e, const char *name)
{
    return g_build_filename(e->folder, "names", name, NULL);
}

static bool take_name(Engine *e, const Record *r, GError **error)
{
    g_autofree char *path = name_path(e, r->name);
    g_autofree char *holder = NULL;

    if (symlink(r->id, path) == 0) {
        return true;
    }
    if (errno != EEXIST) {
        return fail_errno(error, "container name '%s'", r->name);
    }
    holder = g_file_read_link(path, NULL);
    return fail(error, "the container name \"%s\" is already in use by %s",
                r->name, holder != NULL ? holder : "another container");
}

static bool choose_name(Engine *e, Record *r, GError **error)
{
    if (r->name != NULL) {
        return (is_name(r->name) ||
                fail(error,
                     "container name '%s': use letters, digits, '_', "
                     "'.' and '-'",
                     r->name)) &&
               take_name(e, r, error);
    }
    for (unsigned i = 0; i < 1000; i++) {
        g_free(r->name);
        r->name = name_make();
        if (take_name(e, r, NULL)) {
            return true;
        }
    }
    return fail(error, "no container name is left");
}

static bool make_folder(Engine *e, const Record *r, GError **error)
{
    static const char *const folders[] = {"", "bundle", "upper", "work",
                                          "merged"};

    for (unsigned i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autofree char *path = engine_path(e, r, folders[i]);

        /* The root's own mode is what the container sees as "/". */
        if (mkdir(path, strcmp(folders[i], "upper") == 0 ? 0755 : 0700) != 0) {
            return fail_errno(error, "make '%s'", path);
        }
    }
    return true;
}

bool engine_add(Engine *e, Record *r, GError **error)
{
    g_autofree char *path = NULL;

    r->id = random_id();
    r->created = engine_now();
    if (r->hostname == NULL) {
        r->hostname = g_strndup(r->id, 12);
    }
    if (!choose_name(e, r, error)) {
        return false;
    }
    path = engine_path(e, r, "record.json");
    if (!make_folder(e, r, error) || !save(&record_json, r, path, error)) {
        engine_remove(e, r, NULL);
        return false;
    }
    return true;
}

static Record *load_record(Engine *e, const char *id, GError **error)
{
    g_autofree char *path =
        g_build_filename(e->folder, id, "record.json", NULL);

    return load(&record_json, path, error);
}

/* The one id that begins so; NULL: none or several. */
static char *complete_id(Engine *e, const char *start, GError **error)
{
    g_autoptr(GDir) dir = g_dir_open(e->folder, 0, NULL);
    g_autofree char *found = NULL;
    const char *name;

    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        if (strlen(name) != 64 || !g_str_has_prefix(name, start)) {
            continue;
        }
        if (found != NULL) {
            fail(error, "more than one container's ID begins with \"%s\"",
                 start);
            return NULL;
        }
        found = g_strdup(name);
    }
    if (found == NULL) {
        fail(error,
             "no container with name or ID \"%s\" found: no such "
             "container",
             start);
    }
    return g_steal_pointer(&found);
}

Record *engine_find(Engine *e, const char *text, GError **error)
{
    g_autofree char *path = is_name(text) ? name_path(e, text) : NULL;
    g_autofree char *id = path != NULL ? g_file_read_link(path, NULL) : NULL;

    if (id == NULL) {
        id = *text != '\0' ? complete_id(e, text, error) : NULL;
    }
    if (id == NULL) {
        if (*text == '\0') {
            fail(error, "a container's name is empty");
        }
        return NULL;
    }
    return load_record(e, id, error);
}

static int by_age(gconstpointer a, gconstpointer b)
{
    return -strcmp((*(Record *const *)a)->created,
                   (*(Record *const *)b)->created);
}

GPtrArray *engine_list(Engine *e, GError **error)
{
    GPtrArray *all =
        g_ptr_array_new_with_free_func((GDestroyNotify)record_free);
    g_autoptr(GDir) dir = g_dir_open(e->folder, 0, error);
    const char *name;

    if (dir == NULL) {
        g_ptr_array_unref(all);
        return NULL;
    }
    while ((name = g_dir_read_name(dir)) != NULL) {
        Record *r = strlen(name) == 64 ? load_record(e, name, NULL) : NULL;

        if (r != NULL) {
            g_ptr_array_add(all, r);
        }
    }
    g_ptr_array_sort(all, by_age);
    return all;
}

bool engine_remove(Engine *e, const Record *r, GError **error)
{
    g_autofree char *folder = engine_path(e, r, "");
    g_autofree char *name = name_path(e, r->name);
    g_autofree char *holder = g_file_read_link(name, NULL);

    if (g_strcmp0(holder, r->id) == 0) {
        unlink(name);
    }
    return tree_remove(folder) || fail_errno(error, "remove '%s'", folder);
}

/* ---- what has become of it ---- */

const char *record_status_name(RecordStatus s)
{
    static const char *const names[] = {"created", "running", "paused",
                                        "exited"};

    return names[s];
}

static int open_lock(Engine *e, const Record *r, GError **error)
{
    g_autofree char *path = engine_path(e, r, "monitor.lock");
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0) {
        fail_errno(error, "container '%s'", r->name);
    }
    return fd;
}

/* Locks of the open file (fcntl(2), F_OFD_SETLK): a monitor inherits it from
 * who starts it, and looking does not take it. */
static bool lock_call(int fd, int command, short type, struct flock *out)
{
    *out = (struct flock){.l_type = type, .l_whence = SEEK_SET};
    return TEMP_FAILURE_RETRY(fcntl(fd, command, out)) == 0;
}

int engine_lock(Engine *e, const Record *r, GError **error)
{
    g_auto(Fd) fd = open_lock(e, r, error);
    struct flock lock;

    if (fd < 0) {
        return -1;
    }
    if (!lock_call(fd, F_OFD_SETLK, F_WRLCK, &lock)) {
        fail_errno(error, "container '%s'", r->name);
        return -1;
    }
    return fd_steal(&fd);
}

bool engine_wait(Engine *e, const Record *r, GError **error)
{
    g_auto(Fd) fd = open_lock(e, r, error);
    struct flock lock;

    return fd >= 0 && (lock_call(fd, F_OFD_SETLKW, F_RDLCK, &lock) ||
                       fail_errno(error, "container '%s'", r->name));
}

static bool has_monitor(Engine *e, const Record *r)
{
    g_auto(Fd) fd = open_lock(e, r, NULL);
    struct flock lock;

    return fd >= 0 && lock_call(fd, F_OFD_GETLK, F_WRLCK, &lock) &&
           lock.l_type != F_UNLCK;
}

bool engine_gone(const Engine *e, const Record *r)
{
    g_autofree char *path = engine_path(e, r, "record.json");

    return access(path, F_OK) != 0;
}

static bool exists(Engine *e, const Record *r, const char *name)
{
    g_autofree char *path = engine_path(e, r, name);

    return access(path, F_OK) == 0;
}

RecordStatus engine_status(Engine *e, const Record *r)
{
    if (has_monitor(e, r)) {
        return exists(e, r, "paused")     ? RECORD_PAUSED
               : exists(e, r, "run.json") ? RECORD_RUNNING
                                          : RECORD_CREATED;
    }
    /* A monitor that was killed leaves run.json. */
    return exists(e, r, "exit.json") || exists(e, r, "run.json")
               ? RECORD_EXITED
               : RECORD_CREATED;
}

RunState *engine_run_state(Engine *e, const Record *r)
{
    g_autofree char *path = engine_path(e, r, "run.json");

    return load(&run_json, path, NULL);
}

ExitState *engine_exit_state(Engine *e, const Record *r)
{
    g_autofree char *path = engine_path(e, r, "exit.json");

    return load(&exit_json, path, NULL);
}

bool engine_save_run(Engine *e, const Record *r, const RunState *s,
                     GError **error)
{
    g_autofree char *path = engine_path(e, r, "run.json");

    return save(&run_json, s, path, error);
}

bool engine_save_exit(Engine *e, const Record *r, const ExitState *s,
                      GError **error)
{
    g_autofree char *path = engine_path(e, r, "exit.json");
    g_autofree char *run = engine_path(e, r, "run.json");

    if (!save(&exit_json, s, path, error)) {
        return false;
    }
    unlink(run);
    return true;
}
