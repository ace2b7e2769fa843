/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd/verbs/container-make.c - options of run and create into a record. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/verbs/containers.h"
#include "container/files.h"
#include "container/signals.h"
#include "engine/log.h"
#include "store/error.h"
#include "store/layer.h"
#include "util/json-doc.h"

Engine *cuttle_engine(Cuttle *c, GError **error)
{
    Store *s = cuttle_store(c, error);

    if (s == NULL) {
        return NULL;
    }
    if (geteuid() != 0) {
        fail(error, "containers need root's rights so far");
        return NULL;
    }
    return engine_new(store_root(s), g_getenv("CUTTLE_RUNTIME"), error);
}

/* ---- what the image says ---- */

/* Its configuration's member, or NULL. */
static const char *image_string(const Image *i, const char *name)
{
    const char *value = NULL;

    if (i->config->config != NULL) {
        doc_string(i->config->config, name, "image", &value, NULL);
    }
    return value != NULL && *value != '\0' ? value : NULL;
}

static char **image_strings(const Image *i, const char *name)
{
    char **value = NULL;

    if (i->config->config != NULL) {
        doc_strv(i->config->config, name, "image", &value, NULL);
    }
    return value;
}

static void append(GPtrArray *to, char *const *strings)
{
    for (; strings != NULL && *strings != NULL; strings++) {
        g_ptr_array_add(to, g_strdup(*strings));
    }
}

/* Docker's rule: what is typed replaces the command, --entrypoint replaces
 * both. */
static bool set_args(Record *r, const Image *i, const VerbArgs *a,
                     GError **error)
{
    g_auto(GStrv) entrypoint = image_strings(i, "Entrypoint");
    g_auto(GStrv) command = image_strings(i, "Cmd");
    const char *own = args_value(a, "entrypoint");
    GPtrArray *args = g_ptr_array_new();

    if (own != NULL && *own != '\0') {
        g_ptr_array_add(args, g_strdup(own));
    } else if (own == NULL) {
        append(args, entrypoint);
    }
    for (unsigned n = 1; n < args_count(a); n++) {
        g_ptr_array_add(args, g_strdup(args_at(a, n)));
    }
    if (args_count(a) == 1 && own == NULL) {
        append(args, command);
    }
    g_ptr_array_add(args, NULL);
    r->args = (char **)g_ptr_array_free(args, FALSE);
    return r->args[0] != NULL ||
           fail(error, "no command specified, and image '%s' has none",
                args_at(a, 0));
}

/* ---- environment and labels ---- */

/* NAME alone takes the value that it has here. */
static char **set_variable(char **env, const char *text)
{
    g_autofree char *name = g_strndup(text, strcspn(text, "="));
    const char *value = strchr(text, '=');

    if (value != NULL) {
        return g_environ_setenv(env, name, value + 1, TRUE);
    }
    return g_getenv(name) != NULL
               ? g_environ_setenv(env, name, g_getenv(name), TRUE)
               : env;
}

static bool read_env_file(char ***env, const char *path, GError **error)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;

    if (!g_file_get_contents(path, &text, NULL, error)) {
        return false;
    }
    lines = g_strsplit(text, "\n", -1);
    for (unsigned i = 0; lines[i] != NULL; i++) {
        const char *line = g_strstrip(lines[i]);

        if (*line == '=') {
            return fail(error, "'%s': line %u has no name", path, i + 1);
        }
        if (*line != '\0' && *line != '#') {
            *env = set_variable(*env, line);
        }
    }
    return true;
}

static bool set_env(Record *r, const Image *i, const VerbArgs *a,
                    GError **error)
{
    r->env = image_strings(i, "Env");
    if (r->env == NULL) {
        r->env = g_new0(char *, 1);
    }
    for (char *const *at = args_values(a, "env-file"); *at != NULL; at++) {
        if (!read_env_file(&r->env, *at, error)) {
            return false;
        }
    }
    for (char *const *at = args_values(a, "env"); *at != NULL; at++) {
        if (**at == '=' || **at == '\0') {
            return fail(error, "--env '%s': a name is missing", *at);
        }
        r->env = set_variable(r->env, *at);
    }
    return true;
}

static void set_labels(Record *r, const Image *i, const VerbArgs *a)
{
    g_autoptr(GHashTable) all = NULL;
    GHashTableIter iter;
    gpointer name, value;
    unsigned n = 0;

    if (i->config->config != NULL) {
        doc_string_map(i->config->config, "Labels", "image", &all, NULL);
    }
    if (all == NULL) {
        all = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    }
    for (char *const *at = args_values(a, "label"); *at != NULL; at++) {
        const char *text = strchr(*at, '=');

        g_hash_table_insert(all, g_strndup(*at, strcspn(*at, "=")),
                            g_strdup(text != NULL ? text + 1 : ""));
    }
    r->labels = g_new0(JsonPair, g_hash_table_size(all) + 1);
    g_hash_table_iter_init(&iter, all);
    while (g_hash_table_iter_next(&iter, &name, &value)) {
        r->labels[n++] = (JsonPair){g_strdup(name), g_strdup(value)};
    }
}

/* ---- numbers ---- */

/* "64m", "1g", "512k", "1024b". */
static bool parse_bytes(const char *text, int64_t *out, GError **error)
{
    static const char units[] = "bkmg";
    char *end;
    double value = g_ascii_strtod(text, &end);
    const char *unit =
        *end != '\0' ? strchr(units, g_ascii_tolower(*end)) : units;

    if (end == text || unit == NULL ||
        (*end != '\0' && end[1] != '\0' && g_ascii_strcasecmp(end + 1, "b"))) {
        return fail(error, "--memory '%s': not a size", text);
    }
    value = ldexp(value, 10 * (int)(unit - units));
    if (!(value >= 0 && value < 9e18)) {
        return fail(error, "--memory '%s': not a size", text);
    }
    *out = (int64_t)value;
    return *out == 0 || *out >= 6 << 20 ||
           fail(error, "--memory '%s': at least 6m are needed", text);
}

static bool parse_number(const VerbArgs *a, const char *name, int64_t *out,
                         GError **error)
{
    const char *text = args_value(a, name);

    return text == NULL ||
           g_ascii_string_to_signed(text, 10, -1, G_MAXINT32, out, NULL) ||
           fail(error, "--%s '%s': not a number", name, text);
}

static bool set_limits(Record *r, const VerbArgs *a, GError **error)
{
    const char *memory = args_value(a, "memory");
    const char *cpus = args_value(a, "cpus");

    if (cpus != NULL) {
        char *end;
        double n = g_ascii_strtod(cpus, &end);

        if (end == cpus || *end != '\0' || !(n >= 0.01 && n < 10000)) {
            return fail(error, "--cpus '%s': not a number of processors", cpus);
        }
        r->cpu_quota = (int64_t)(n * 100000);
    }
    return (memory == NULL || parse_bytes(memory, &r->memory, error)) &&
           parse_number(a, "pids-limit", &r->pids_limit, error);
}

/* ---- words ---- */

static bool set_restart(Record *r, const VerbArgs *a, GError **error)
{
    static const char *const known[] = {"no", "on-failure", "always",
                                        "unless-stopped", NULL};
    const char *text = args_value(a, "restart");
    g_auto(GStrv) parts = g_strsplit(text != NULL ? text : "no", ":", 2);
    guint64 most = 0;

    if (!g_strv_contains(known, parts[0]) ||
        (parts[1] != NULL && (strcmp(parts[0], "on-failure") != 0 ||
                              !g_ascii_string_to_unsigned(
                                  parts[1], 10, 0, G_MAXINT, &most, NULL)))) {
        return fail(error,
                    "--restart '%s': no, on-failure[:N], always or "
                    "unless-stopped",
                    text);
    }
    if (r->remove && strcmp(parts[0], "no") != 0) {
        return fail(error, "--rm and --restart: not both");
    }
    r->restart = g_strdup(parts[0]);
    r->restart_max = (int64_t)most;
    return true;
}

static bool set_network(Record *r, const VerbArgs *a, GError **error)
{
    const char *text = args_value(a, "network");

    r->network = g_strdup(text != NULL ? text : "none");
    return strcmp(r->network, "none") == 0 || strcmp(r->network, "host") == 0 ||
           fail(error,
                "--network '%s': only none (the default) and host so "
                "far",
                text);
}

static bool set_stop(Record *r, const Image *i, const VerbArgs *a,
                     GError **error)
{
    const char *own = args_value(a, "stop-signal");
    const char *text = own != NULL ? own : image_string(i, "StopSignal");

    r->stop_signal = g_strdup(text != NULL ? text : "SIGTERM");
    r->stop_timeout = 10;
    return (signal_number(r->stop_signal) > 0 ||
            fail(error, "--stop-signal '%s': no such signal",
                 r->stop_signal)) &&
           parse_number(a, "stop-timeout", &r->stop_timeout, error);
}

static bool set_log(Record *r, const VerbArgs *a, GError **error)
{
    const char *text = args_value(a, "log-driver");

    r->log_driver = g_strdup(text != NULL ? text : "k8s-file");
    return log_driver_known(r->log_driver) ||
           fail(error, "--log-driver '%s': k8s-file or json-file", text);
}

/* HOST:INSIDE[:OPTIONS]; a relative HOST that begins with '.' is this folder's.
 */
static bool set_volumes(Record *r, const VerbArgs *a, GError **error)
{
    GPtrArray *all = g_ptr_array_new();
    bool ok = true;

    for (char *const *at = args_values(a, "volume"); ok && *at != NULL; at++) {
        g_auto(GStrv) parts = g_strsplit(*at, ":", 3);
        g_autofree char *host = NULL;

        if (g_strv_length(parts) < 2 || parts[1][0] != '/') {
            ok = fail(error, "--volume '%s': not HOST:INSIDE", *at);
        } else if (parts[0][0] != '/' && parts[0][0] != '.') {
            ok = fail(error,
                      "--volume '%s': named volumes are not supported "
                      "so far",
                      *at);
        } else {
            host = g_canonicalize_filename(parts[0], NULL);
            if (g_mkdir_with_parents(host, 0755) != 0 &&
                access(host, F_OK) != 0) {
                ok = fail_errno(error, "--volume '%s'", *at);
            }
        }
        if (ok) {
            g_ptr_array_add(all,
                            g_strjoin(":", host, parts[1], parts[2], NULL));
        }
    }
    g_ptr_array_add(all, NULL);
    r->volumes = (char **)g_ptr_array_free(all, FALSE);
    return ok;
}

static char **copies(const VerbArgs *a, const char *name)
{
    return g_strdupv((char **)args_values(a, name));
}

/* ---- the image ---- */

/* "Error: why\n" of a pull that nobody watches. */
static bool pull_failed(const char *complaint, GError **error)
{
    g_autofree char *text = g_strstrip(g_strdup(complaint));
    static const char prefix[] = "Error: ";

    return fail(error, "%s",
                g_str_has_prefix(text, prefix) ? text + strlen(prefix) : text);
}

/* `cuttle pull NAME`; its progress is shown to a terminal. */
static bool pull(Cuttle *c, const VerbArgs *a, GError **error)
{
    const char *platform = args_value(a, "platform");
    const char *args[] = {
        "/proc/self/exe", "--root",      store_root(c->store),
        "pull",           args_at(a, 0), platform != NULL ? "--platform" : NULL,
        platform,         NULL,
    };
    bool watched = isatty(STDERR_FILENO);
    g_autofree char *complaint = NULL;
    int status;

    if (!g_spawn_sync(NULL, (char **)args, NULL, G_SPAWN_STDOUT_TO_DEV_NULL,
                      NULL, NULL, NULL, watched ? NULL : &complaint, &status,
                      error)) {
        return false;
    }
    return status == 0 ||
           pull_failed(watched ? "the image could not be fetched" : complaint,
                       error);
}

static Image *find_image(Cuttle *c, const VerbArgs *a, const Platform *platform,
                         GError **error)
{
    static const char *const known[] = {"missing", "always", "never", NULL};
    const char *policy = args_value(a, "pull");
    GError *why = NULL;
    Image *i;

    policy = policy != NULL ? policy : "missing";
    if (!g_strv_contains(known, policy)) {
        fail(error, "--pull '%s': missing, always or never", policy);
        return NULL;
    }
    if (strcmp(policy, "always") == 0 && !pull(c, a, error)) {
        return NULL;
    }
    i = store_find_image(c->store, args_at(a, 0), platform, &why);
    if (i != NULL || strcmp(policy, "missing") != 0 ||
        !g_error_matches(why, STORE_ERROR, STORE_ERROR_NOT_FOUND)) {
        if (i == NULL) {
            g_propagate_error(error, why);
        }
        return i;
    }
    g_error_free(why);
    return pull(c, a, error)
               ? store_find_image(c->store, args_at(a, 0), platform, error)
               : NULL;
}

/* ---- the record ---- */

static bool set_all(Record *r, const Image *i, const VerbArgs *a,
                    GError **error)
{
    const char *cwd = args_value(a, "workdir"), *user = args_value(a, "user");

    r->name = g_strdup(args_value(a, "name"));
    r->image = g_strdup(i->name != NULL ? i->name : args_at(a, 0));
    r->image_id = g_strdup(image_id(i)->text);
    r->manifest = g_strdup(i->descriptor->digest.text);
    r->cwd = g_strdup(cwd != NULL ? cwd : image_string(i, "WorkingDir"));
    r->user = g_strdup(user != NULL ? user : image_string(i, "User"));
    r->cwd = r->cwd != NULL ? r->cwd : g_strdup("/");
    r->hostname = g_strdup(args_value(a, "hostname"));
    r->terminal = args_flag(a, "tty");
    r->interactive = args_flag(a, "interactive");
    r->remove = args_flag(a, "rm");
    r->read_only = args_flag(a, "read-only");
    r->privileged = args_flag(a, "privileged");
    r->tmpfs = copies(a, "tmpfs");
    r->cap_add = copies(a, "cap-add");
    r->cap_drop = copies(a, "cap-drop");
    set_labels(r, i, a);
    return (r->cwd[0] == '/' ||
            fail(error, "--workdir '%s': not an absolute path", r->cwd)) &&
           set_args(r, i, a, error) && set_env(r, i, a, error) &&
           set_limits(r, a, error) && set_restart(r, a, error) &&
           set_network(r, a, error) && set_stop(r, i, a, error) &&
           set_log(r, a, error) && set_volumes(r, a, error);
}

static bool check_platform(const Image *i, GError **error)
{
    const Platform *have = &i->descriptor->platform;
    g_autofree char *text = platform_text(have);

    return platform_match(platform_host(), have) != 0 ||
           fail(error,
                "image '%s' is for %s: foreign images cannot run so "
                "far",
                i->name != NULL ? i->name : "", text);
}

/* Unpacked, and kept for as long as the container is there. */
static bool take_layers(Store *s, Engine *e, Record *r, const Image *i,
                        GError **error)
{
    LayerOptions options = layer_options_default();
    g_autoptr(Lease) lease = lease_new(s, error);

    return lease != NULL &&
           store_unpack_image(lease, i, &options, &r->layers, error) &&
           engine_add(e, r, error) &&
           (store_keep_lease(s, r->id, &i->descriptor->digest, error) ||
            (engine_remove(e, r, NULL), false));
}

static bool write_cid(const Record *r, const char *path, GError **error)
{
    return path == NULL || g_file_set_contents(path, r->id, -1, error);
}

Record *container_make(Cuttle *c, Engine *e, const VerbArgs *a, GError **error)
{
    Store *s = cuttle_store(c, error);
    g_autofree Platform *platform = NULL;
    g_autoptr(Record) r = record_new();
    g_autoptr(Image) i = NULL;

    if (s == NULL || !args_platform(a, &platform, error)) {
        return NULL;
    }
    i = find_image(c, a, platform, error);
    if (platform != NULL) {
        platform_clear(platform);
    }
    if (i == NULL || !check_platform(i, error) || !set_all(r, i, a, error) ||
        !take_layers(s, e, r, i, error) ||
        !write_cid(r, args_value(a, "cidfile"), error)) {
        return NULL;
    }
    return g_steal_pointer(&r);
}

int verb_create(Cuttle *c, const VerbArgs *a, GError **error)
{
    g_autoptr(Engine) e = cuttle_engine(c, error);
    g_autoptr(Record) r = e != NULL ? container_make(c, e, a, error) : NULL;

    if (r == NULL) {
        return -1;
    }
    puts(r->id);
    return EXIT_SUCCESS;
}

int verb_run(Cuttle *c, const VerbArgs *a, GError **error)
{
    g_autoptr(Engine) e = cuttle_engine(c, error);
    g_autoptr(Record) r = e != NULL ? container_make(c, e, a, error) : NULL;
    bool detach = args_flag(a, "detach");
    int code = EXIT_SUCCESS;

    if (r == NULL) {
        return -1;
    }
    if (container_run(e, r, !detach, r->interactive, &code, error) < 0) {
        g_autoptr(GError) ignored = NULL;

        print_error(*error);
        g_clear_error(error);
        if (r->remove) {
            engine_remove(e, r, &ignored);
            store_drop_lease(c->store, r->id, NULL);
        }
        return code;
    }
    if (detach) {
        puts(r->id);
    }
    if (r->remove && engine_gone(e, r)) {
        store_drop_lease(c->store, r->id, NULL);
    }
    return code;
}
