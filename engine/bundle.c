/* SPDX-License-Identifier: GPL-2.0-or-later */
/* engine/bundle.c - what is the same in every container's config.json is a
 * text; what was asked for is put into it. */
#include "engine/bundle.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "container/files.h"
#include "container/process.h"
#include "util/json.h"

enum {
    MAX_DATA = 4095,     /* bytes of options that mount(2) takes */
    CPU_PERIOD = 100000, /* us */
};

/* ---- the root ---- */

/* Layers are named relative to the folder that holds all of them: their whole
 * paths would leave room for few. */
static char *overlay_data(Engine *e, const Record *r, const char *base)
{
    g_autofree char *upper = engine_path(e, r, "upper");
    g_autofree char *work = engine_path(e, r, "work");
    GString *data = g_string_new("lowerdir=");
    unsigned n = g_strv_length(r->layers);

    for (unsigned i = n; i-- != 0;) {
        g_string_append_printf(data, "%s%s", i + 1 < n ? ":" : "",
                               r->layers[i] + strlen(base) + 1);
    }
    g_string_append_printf(data, ",upperdir=%s,workdir=%s", upper, work);
    return g_string_free(data, FALSE);
}

static bool mount_layers(const Record *r, const char *base, const char *data,
                         const char *target, GError **error)
{
    g_auto(Fd) here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    bool ok;

    if (strlen(data) > MAX_DATA) {
        return fail(error,
                    "container '%s': its image has too many layers for "
                    "overlayfs",
                    r->name);
    }
    if (chdir(base) != 0) {
        return fail_errno(error, "'%s'", base);
    }
    ok = mount("overlay", target, "overlay", 0, data) == 0 ||
         fail_errno(error, "container '%s': mount its root", r->name);
    return (here < 0 || fchdir(here) == 0) && ok;
}

bool bundle_mount(Engine *e, const Record *r, GError **error)
{
    g_autofree char *folder = NULL, *base = NULL, *data = NULL;
    g_autofree char *target = engine_path(e, r, "merged");

    if (r->layers[0] == NULL) {
        return fail(error, "container '%s': its image has no layers", r->name);
    }
    /* .../layers/HEX/fs */
    folder = g_path_get_dirname(r->layers[0]);
    base = g_path_get_dirname(folder);
    data = overlay_data(e, r, base);
    return mount_layers(r, base, data, target, error);
}

/* ---- the configuration ---- */

static const char common[] =
    "{'ociVersion': '1.0.2',"
    "'process': {'cwd': '/', 'noNewPrivileges': false},"
    "'root': {},"
    "'mounts': ["
    "{'destination': '/proc', 'type': 'proc', 'source': 'proc',"
    " 'options': ['nosuid', 'noexec', 'nodev']},"
    "{'destination': '/dev', 'type': 'tmpfs', 'source': 'tmpfs',"
    " 'options': ['nosuid', 'strictatime', 'mode=755', 'size=65536k']},"
    "{'destination': '/dev/pts', 'type': 'devpts', 'source': 'devpts',"
    " 'options': ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666',"
    " 'mode=0620', 'gid=5']},"
    "{'destination': '/dev/shm', 'type': 'tmpfs', 'source': 'shm',"
    " 'options': ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=65536k']},"
    "{'destination': '/dev/mqueue', 'type': 'mqueue', 'source': 'mqueue',"
    " 'options': ['nosuid', 'noexec', 'nodev']},"
    "{'destination': '/sys', 'type': 'sysfs', 'source': 'sysfs',"
    " 'options': ['nosuid', 'noexec', 'nodev', 'ro']},"
    "{'destination': '/sys/fs/cgroup', 'type': 'cgroup', 'source': 'cgroup',"
    " 'options': ['nosuid', 'noexec', 'nodev', 'relatime', 'ro']}],"
    "'linux': {'resources': {'devices': [{'allow': false,"
    " 'access': 'rwm'}]}}}";

/* What a container cannot see or change of the kernel's, unless --privileged.
 */
static const char *const masked[] = {
    "/proc/acpi",
    "/proc/asound",
    "/proc/interrupts",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/proc/timer_list",
    "/proc/timer_stats",
    "/sys/devices/virtual/powercap",
    "/sys/firmware",
    "/sys/fs/selinux",
    NULL,
};
static const char *const readonly[] = {
    "/proc/bus",           "/proc/fs", "/proc/irq", "/proc/sys",
    "/proc/sysrq-trigger", NULL,
};

static const char *const default_caps[] = {
    "CAP_CHOWN",   "CAP_DAC_OVERRIDE",     "CAP_FOWNER",     "CAP_FSETID",
    "CAP_KILL",    "CAP_NET_BIND_SERVICE", "CAP_SETFCAP",    "CAP_SETGID",
    "CAP_SETPCAP", "CAP_SETUID",           "CAP_SYS_CHROOT", NULL,
};

static void set_string(JsonObject *o, const char *name, const char *value)
{
    json_object_set_string_member(o, name, value);
}

static void set_strings(JsonObject *o, const char *name,
                        const char *const *list)
{
    JsonArray *array = json_array_new();

    for (; *list != NULL; list++) {
        json_array_add_string_element(array, *list);
    }
    json_object_set_array_member(o, name, array);
}

static void add_mount(JsonObject *spec, const char *destination,
                      const char *type, const char *source,
                      const char *const *options)
{
    JsonObject *m = json_object_new();

    set_string(m, "destination", destination);
    set_string(m, "type", type);
    set_string(m, "source", source);
    set_strings(m, "options", options);
    json_array_add_object_element(json_object_get_array_member(spec, "mounts"),
                                  m);
}

/* ---- capabilities ---- */

static char *full_name(const char *cap)
{
    g_autofree char *upper = g_ascii_strup(cap, -1);

    return g_str_has_prefix(upper, "CAP_") ? g_steal_pointer(&upper)
                                           : g_strconcat("CAP_", upper, NULL);
}

static bool names_all(char *const *list)
{
    return list != NULL && (g_strv_contains((const char *const *)list, "all") ||
                            g_strv_contains((const char *const *)list, "ALL"));
}

static void add_caps(GHashTable *set, const char *const *list)
{
    for (; list != NULL && *list != NULL; list++) {
        g_hash_table_add(set, full_name(*list));
    }
}

/* Drops come first, so that `--cap-drop all --cap-add X` is X. */
static void set_capabilities(JsonObject *process, const Record *r,
                             const char *const *known)
{
    static const char *const sets[] = {"bounding", "effective", "permitted"};
    g_autoptr(GHashTable) caps =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    JsonObject *o = json_object_new();
    g_autofree const char **names = NULL;

    if (r->privileged || names_all(r->cap_add)) {
        add_caps(caps, known);
    } else if (!names_all(r->cap_drop)) {
        add_caps(caps, default_caps);
    }
    for (char **at = r->cap_drop; at != NULL && *at != NULL; at++) {
        g_autofree char *name = full_name(*at);

        g_hash_table_remove(caps, name);
    }
    if (!names_all(r->cap_add)) {
        add_caps(caps, (const char *const *)r->cap_add);
    }
    names = (const char **)g_hash_table_get_keys_as_array(caps, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(sets); i++) {
        set_strings(o, sets[i], names);
    }
    json_object_set_object_member(process, "capabilities", o);
}

/* ---- the process ---- */

static bool set_user(JsonObject *process, const Record *r, int root,
                     GError **error)
{
    g_auto(BundleUser) user = {0};
    JsonObject *o;
    JsonArray *gids;

    if (!bundle_user(root, r->user, &user, error)) {
        return false;
    }
    o = json_object_new();
    gids = json_array_new();
    json_object_set_int_member(o, "uid", user.uid);
    json_object_set_int_member(o, "gid", user.gid);
    for (unsigned i = 0; i < user.gids->len; i++) {
        json_array_add_int_element(gids, g_array_index(user.gids, uint32_t, i));
    }
    json_object_set_array_member(o, "additionalGids", gids);
    json_object_set_object_member(process, "user", o);
    return true;
}

static char **environment(const Record *r)
{
    char **env = r->env != NULL ? g_strdupv(r->env) : g_new0(char *, 1);

    env = g_environ_setenv(env, "PATH",
                           "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:"
                           "/sbin:/bin",
                           FALSE);
    env = g_environ_setenv(env, "HOSTNAME", r->hostname, FALSE);
    env = g_environ_setenv(env, "container", "cuttle", FALSE);
    return r->terminal ? g_environ_setenv(env, "TERM", "xterm", FALSE) : env;
}

static bool set_process(JsonObject *spec, const Record *r, int root,
                        const char *const *caps, GError **error)
{
    JsonObject *process = json_object_get_object_member(spec, "process");
    g_auto(GStrv) env = environment(r);

    json_object_set_boolean_member(process, "terminal", r->terminal);
    set_strings(process, "args", (const char *const *)r->args);
    set_strings(process, "env", (const char *const *)env);
    set_string(process, "cwd", r->cwd);
    set_capabilities(process, r, caps);
    return set_user(process, r, root, error);
}

/* ---- mounts ---- */

/* HOST:INSIDE[:OPTION,OPTION]; the source was checked when it was typed. */
static void add_volume(JsonObject *spec, const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, ":", 3);
    g_auto(GStrv) words = g_strsplit(parts[2] != NULL ? parts[2] : "", ",", -1);
    g_autoptr(GPtrArray) options = g_ptr_array_new();

    g_ptr_array_add(options, (void *)"rbind");
    g_ptr_array_add(options, (void *)"rprivate");
    for (unsigned i = 0; words[i] != NULL; i++) {
        if (words[i][0] != '\0') {
            g_ptr_array_add(options, words[i]);
        }
    }
    g_ptr_array_add(options, NULL);
    add_mount(spec, parts[1], "bind", parts[0],
              (const char *const *)options->pdata);
}

static void add_tmpfs(JsonObject *spec, const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, ":", 2);
    g_autofree char *all = g_strconcat(
        "nosuid,nodev,noexec", parts[1] != NULL ? "," : "", parts[1], NULL);
    g_auto(GStrv) options = g_strsplit(all, ",", -1);

    add_mount(spec, parts[0], "tmpfs", "tmpfs", (const char *const *)options);
}

/* Files that are the container's own: who it is, and how it finds others. */
static bool add_file(Engine *e, const Record *r, JsonObject *spec,
                     const char *name, const char *text, GError **error)
{
    static const char *const options[] = {"bind", "rprivate", NULL};
    g_autofree char *path = engine_path(e, r, name);
    g_autofree char *inside = g_strconcat("/etc/", name, NULL);

    if (!file_replace(AT_FDCWD, path, text, 0644, error)) {
        return false;
    }
    add_mount(spec, inside, "bind", path, options);
    return true;
}

static bool add_files(Engine *e, const Record *r, JsonObject *spec,
                      GError **error)
{
    bool host = strcmp(r->network, "host") == 0;
    g_autofree char *names =
        host ? file_read(AT_FDCWD, "/etc/resolv.conf", NULL) : NULL;
    g_autofree char *resolv =
        g_strconcat(names != NULL ? names : "", "\n", NULL);
    g_autofree char *hosts =
        g_strdup_printf("127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost\n"
                        "127.0.1.1\t%s %s\n",
                        r->hostname, r->name);
    g_autofree char *hostname = g_strconcat(r->hostname, "\n", NULL);

    return add_file(e, r, spec, "resolv.conf", resolv, error) &&
           add_file(e, r, spec, "hosts", hosts, error) &&
           add_file(e, r, spec, "hostname", hostname, error);
}

/* ---- linux ---- */

static void set_namespaces(JsonObject *linux_, const Record *r)
{
    static const char *const kinds[] = {"pid",   "ipc",    "uts",
                                        "mount", "cgroup", "network"};
    unsigned n = G_N_ELEMENTS(kinds) - (strcmp(r->network, "host") == 0);
    JsonArray *array = json_array_new();

    for (unsigned i = 0; i < n; i++) {
        JsonObject *o = json_object_new();

        set_string(o, "type", kinds[i]);
        json_array_add_object_element(array, o);
    }
    json_object_set_array_member(linux_, "namespaces", array);
}

static void set_limit(JsonObject *resources, const char *part,
                      const char *member, int64_t value)
{
    JsonObject *o;

    if (value == 0) {
        return;
    }
    if (!json_object_has_member(resources, part)) {
        json_object_set_object_member(resources, part, json_object_new());
    }
    o = json_object_get_object_member(resources, part);
    json_object_set_int_member(o, member, value);
}

static void allow_all_devices(JsonObject *resources)
{
    JsonObject *rule = json_object_new();

    json_object_set_boolean_member(rule, "allow", TRUE);
    set_string(rule, "access", "rwm");
    json_array_add_object_element(
        json_object_get_array_member(resources, "devices"), rule);
}

static void set_linux(JsonObject *spec, const Record *r)
{
    JsonObject *linux_ = json_object_get_object_member(spec, "linux");
    JsonObject *resources = json_object_get_object_member(linux_, "resources");
    g_autofree char *cgroup = g_strconcat("/cuttle/", r->id, NULL);

    set_namespaces(linux_, r);
    set_string(linux_, "cgroupsPath", cgroup);
    if (r->privileged) {
        allow_all_devices(resources);
    } else {
        set_strings(linux_, "maskedPaths", masked);
        set_strings(linux_, "readonlyPaths", readonly);
    }
    set_limit(resources, "memory", "limit", r->memory);
    set_limit(resources, "pids", "limit", r->pids_limit);
    set_limit(resources, "cpu", "quota", r->cpu_quota);
    set_limit(resources, "cpu", "period", r->cpu_quota != 0 ? CPU_PERIOD : 0);
}

/* ---- all of it ---- */

static bool fill(Engine *e, const Record *r, JsonObject *spec, int root,
                 const char *const *caps, GError **error)
{
    g_autofree char *merged = engine_path(e, r, "merged");
    JsonObject *o = json_object_get_object_member(spec, "root");

    set_string(o, "path", merged);
    json_object_set_boolean_member(o, "readonly", r->read_only);
    set_string(spec, "hostname", r->hostname);
    for (char **at = r->volumes; at != NULL && *at != NULL; at++) {
        add_volume(spec, *at);
    }
    for (char **at = r->tmpfs; at != NULL && *at != NULL; at++) {
        add_tmpfs(spec, *at);
    }
    set_linux(spec, r);
    return add_files(e, r, spec, error) &&
           set_process(spec, r, root, caps, error);
}

bool bundle_write(Engine *e, const Record *r, GError **error)
{
    g_autoptr(JsonNode) node =
        json_read(common, sizeof(common) - 1, true, error);
    g_autofree char *merged = engine_path(e, r, "merged");
    g_autofree char *path = engine_path(e, r, "bundle/config.json");
    g_autofree char *text = NULL;
    g_auto(GStrv) caps = capabilities_names();
    g_auto(Fd) root = open(merged, O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (root < 0) {
        return fail_errno(error, "'%s'", merged);
    }
    if (!fill(e, r, json_node_get_object(node), root, (const char *const *)caps,
              error)) {
        g_prefix_error(error, "container '%s': ", r->name);
        return false;
    }
    text = json_to_string(node, FALSE);
    return file_replace(AT_FDCWD, path, text, 0600, error);
}
