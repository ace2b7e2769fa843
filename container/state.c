/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/state.c - a container's directory: who it is, whether it lives.
 *     <root>/<id>/state.json   what container_save wrote; renamed into place
 *     <root>/<id>/config.json  the bundle's, as it was at create
 *     <root>/<id>/start        the socket that holds it before `start`
 * Without state.json it is being made, or was killed while it was. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "container/container_priv.h"
#include "util/json.h"

enum {
    MAX_ID = 255, /* a directory's name */
};

static const JsonField record_fields[] = {
    JSON_STRING(ContainerRecord, version, "ociVersion", .required = true),
    JSON_STRING(ContainerRecord, id, "id", .required = true),
    JSON_STRING(ContainerRecord, bundle, "bundle", .required = true),
    JSON_STRING(ContainerRecord, rootfs, "rootfs", .required = true),
    JSON_STRING(ContainerRecord, created, "created", .required = true),
    JSON_STRING(ContainerRecord, cgroup, "cgroup", .required = true),
    JSON_INT(ContainerRecord, pid, "pid", .required = true),
    JSON_INT(ContainerRecord, start_time, "startTime", .required = true),
    JSON_INT(ContainerRecord, owner, "owner", .required = true),
    JSON_MAP(ContainerRecord, annotations, "annotations"),
};
static const JsonStruct record_json =
    JSON_STRUCT(ContainerRecord, record_fields);

const char *container_status_name(ContainerStatus s)
{
    static const char *const names[] = {
        "creating", "created", "running", "paused", "stopped",
    };

    return names[s];
}

/* ---- the directory ---- */

static bool check_id(const char *id, GError **error)
{
    size_t len = strlen(id);

    if (len == 0 || len > MAX_ID || strcmp(id, ".") == 0 ||
        strcmp(id, "..") == 0) {
        return fail(error, "invalid container id '%.40s'", id);
    }
    for (const char *at = id; *at != '\0'; at++) {
        if (!g_ascii_isalnum(*at) && strchr("_+-.", *at) == NULL) {
            return fail(error,
                        "invalid container id '%s': '%c' is not "
                        "allowed",
                        id, *at);
        }
    }
    return true;
}

static Container *make(const char *root, const char *id, ContainerWarn *warn)
{
    Container *c = g_new0(Container, 1);

    c->directory = g_build_filename(root, id, NULL);
    c->dir = -1;
    c->warn = warn;
    c->record.id = g_strdup(id);
    return c;
}

/* Opened, and nobody else's until it is closed. */
static bool lock(Container *c, GError **error)
{
    c->dir = open(c->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (c->dir < 0) {
        return errno == ENOENT
                   ? fail_with(error, ENOENT, "container '%s' does not exist",
                               c->record.id)
                   : fail_errno(error, "container '%s'", c->record.id);
    }
    return TEMP_FAILURE_RETRY(flock(c->dir, LOCK_EX)) == 0 ||
           fail_errno(error, "lock container '%s'", c->record.id);
}

Container *container_new(const char *root, const char *id, ContainerWarn *warn,
                         GError **error)
{
    g_autoptr(Container) c = NULL;

    if (!check_id(id, error)) {
        return NULL;
    }
    if (g_mkdir_with_parents(root, 0700) != 0) {
        fail_errno(error, "make '%s'", root);
        return NULL;
    }
    c = make(root, id, warn);
    if (mkdir(c->directory, 0700) != 0) {
        if (errno == EEXIST) {
            fail(error, "container with id exists: '%s'", id);
        } else {
            fail_errno(error, "make '%s'", c->directory);
        }
        return NULL;
    }
    if (!lock(c, error)) {
        rmdir(c->directory);
        return NULL;
    }
    return g_steal_pointer(&c);
}

static bool load(Container *c, GError **error)
{
    g_autofree char *text = file_read(c->dir, "state.json", error);
    g_autoptr(JsonNode) node = NULL;

    if (text == NULL) {
        return false;
    }
    node = json_read(text, strlen(text), false, error);
    json_struct_clear(&record_json, &c->record);
    return node != NULL &&
           json_struct_read(&record_json, node, &c->record, error);
}

Container *container_open(const char *root, const char *id, ContainerWarn *warn,
                          GError **error)
{
    g_autoptr(Container) c = NULL;

    if (!check_id(id, error)) {
        return NULL;
    }
    c = make(root, id, warn);
    if (!lock(c, error)) {
        return NULL;
    }
    if (!load(c, error)) {
        g_prefix_error(error, "container '%s': ", id);
        return NULL;
    }
    return g_steal_pointer(&c);
}

void container_free(Container *c)
{
    if (c != NULL) {
        fd_clear(&c->dir);
        cgroup_free(c->groups);
        spec_free(c->spec);
        json_struct_clear(&record_json, &c->record);
        g_free(c->directory);
        g_free(c);
    }
}

static void add_string(JsonObject *o, const char *name, const char *value)
{
    json_object_set_string_member(o, name, value);
}

bool container_save(Container *c, GError **error)
{
    g_autoptr(JsonNode) node = json_struct_write(&record_json, &c->record);
    g_autofree char *text = json_to_string(node, FALSE);

    return file_replace(c->dir, "state.json", text, 0600, error);
}

void container_remove_directory(Container *c)
{
    static const char *const files[] = {"state.json", CONFIG_FILE,
                                        START_SOCKET};

    for (unsigned i = 0; i < G_N_ELEMENTS(files); i++) {
        unlinkat(c->dir, files[i], 0);
    }
    rmdir(c->directory);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

char **container_list(const char *root)
{
    g_autoptr(GDir) dir = g_dir_open(root, 0, NULL);
    GPtrArray *ids = g_ptr_array_new();
    const char *name;

    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *file =
            g_build_filename(root, name, "state.json", NULL);

        if (g_file_test(file, G_FILE_TEST_EXISTS)) {
            g_ptr_array_add(ids, g_strdup(name));
        }
    }
    qsort(ids->pdata, ids->len, sizeof(char *), by_name);
    g_ptr_array_add(ids, NULL);
    return (char **)g_ptr_array_free(ids, FALSE);
}

/* ---- looking ---- */

/* proc(5): the name in parentheses may hold anything, so fields are counted
 * from its end. A zombie has ended. */
int64_t process_start_time(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/stat", pid);
    g_autofree char *text = file_read(AT_FDCWD, path, NULL);
    const char *at = text != NULL ? strrchr(text, ')') : NULL;
    g_auto(GStrv) fields = NULL;

    if (at == NULL || at[1] == '\0') {
        return 0;
    }
    fields = g_strsplit(at + 2, " ", 21);
    if (g_strv_length(fields) < 21 || strchr("ZXx", fields[0][0]) != NULL) {
        return 0;
    }
    return g_ascii_strtoll(fields[19], NULL, 10);
}

static bool is_alive(const Container *c)
{
    return c->record.pid > 0 &&
           process_start_time((pid_t)c->record.pid) == c->record.start_time;
}

const char *container_id(const Container *c)
{
    return c->record.id;
}

const char *container_bundle(const Container *c)
{
    return c->record.bundle;
}

const char *container_created(const Container *c)
{
    return c->record.created;
}

uid_t container_owner(const Container *c)
{
    return (uid_t)c->record.owner;
}

pid_t container_pid(const Container *c)
{
    return is_alive(c) ? (pid_t)c->record.pid : 0;
}

ContainerStatus container_status(Container *c)
{
    if (c->record.created == NULL) {
        return CONTAINER_CREATING;
    }
    if (!is_alive(c)) {
        return CONTAINER_STOPPED;
    }
    if (faccessat(c->dir, START_SOCKET, F_OK, 0) == 0) {
        return CONTAINER_CREATED;
    }
    return cgroup_is_frozen(container_cgroup(c)) ? CONTAINER_PAUSED
                                                 : CONTAINER_RUNNING;
}

Cgroup *container_cgroup(Container *c)
{
    if (c->groups == NULL) {
        c->groups = cgroup_new(c->record.cgroup, geteuid() != 0, c->warn, NULL);
        g_assert(c->groups != NULL); /* the path was checked at create */
    }
    return c->groups;
}

const Spec *container_spec(Container *c, GError **error)
{
    if (c->spec == NULL) {
        g_autofree char *path =
            g_build_filename(c->directory, CONFIG_FILE, NULL);

        c->spec = spec_load(path, error);
    }
    return c->spec;
}

SpecProcess *container_steal_process(Container *c)
{
    return g_steal_pointer(&c->spec->process);
}

JsonNode *container_state(Container *c, bool all)
{
    const ContainerRecord *r = &c->record;
    ContainerStatus status = container_status(c);
    JsonNode *node = json_node_new(JSON_NODE_OBJECT);
    JsonObject *o = json_object_new();

    add_string(o, "ociVersion", r->version);
    add_string(o, "id", r->id);
    add_string(o, "status", container_status_name(status));
    json_object_set_int_member(o, "pid",
                               status == CONTAINER_STOPPED ? 0 : r->pid);
    add_string(o, "bundle", r->bundle);
    if (all) {
        add_string(o, "rootfs", r->rootfs);
        add_string(o, "created", r->created);
    }
    if (r->annotations != NULL && r->annotations->name != NULL) {
        json_object_set_member(o, "annotations", json_map_node(r->annotations));
    }
    if (all) {
        add_string(o, "owner", "");
    }
    json_node_take_object(node, o);
    return node;
}

char *container_state_text(Container *c)
{
    g_autoptr(JsonNode) node = container_state(c, false);

    return json_to_string(node, FALSE);
}
