/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd/cuttle-runtime.c - the OCI runtime: global options, then a verb of
 * cmd/runtime/. Engines read the last line of --log when a verb fails; people
 * read standard error. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/runtime/runtime.h"
#include "container/files.h"
#include "container/sealed.h"

static const char version_text[] =
    "cuttle-runtime version " CUTTLE_VERSION "\nspec: 1.2.0\n";

/* ---- the log ---- */

static FILE *log_file; /* NULL: none */
static bool log_is_json, log_is_verbose;

static void log_json(const char *level, const char *text)
{
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autofree char *time = g_date_time_format_iso8601(now);
    g_autofree char *line = NULL;
    JsonObject *o = json_object_new();

    json_object_set_string_member(o, "level", level);
    json_object_set_string_member(o, "msg", text);
    json_object_set_string_member(o, "time", time);
    json_node_take_object(node, o);
    line = json_to_string(node, FALSE);
    fprintf(log_file, "%s\n", line);
}

/* Standard error is the container's, too: warnings stay off it unless they are
 * asked for. */
static void log_line(const char *level, const char *text)
{
    bool warning = strcmp(level, "warning") == 0;

    if (!warning || log_is_verbose) {
        fprintf(stderr, "cuttle-runtime: %s%s\n", warning ? "warning: " : "",
                text);
    }
    if (log_file != NULL) {
        if (log_is_json) {
            log_json(level, text);
        } else {
            fprintf(log_file, "level=%s msg=\"%s\"\n", level, text);
        }
        fflush(log_file);
    }
}

void runtime_warn(const char *text)
{
    log_line("warning", text);
}

static bool open_log(const char *path, const char *format, GError **error)
{
    if (format != NULL && strcmp(format, "json") != 0 &&
        strcmp(format, "text") != 0) {
        return fail(error, "--log-format: '%s' is neither text nor json",
                    format);
    }
    log_is_json = format != NULL && strcmp(format, "json") == 0;
    if (path == NULL || *path == '\0') {
        return true;
    }
    log_file = fopen(path, "ae");
    return log_file != NULL || fail_errno(error, "--log '%s'", path);
}

/* ---- options ---- */

typedef struct {
    char *root, *log, *log_format, *ignored;
    gboolean systemd_cgroup, debug, version;
} Globals;

static bool parse_globals(Globals *g, int *argc, char ***argv, GError **error)
{
    const GOptionEntry entries[] = {
        {"root", 0, 0, G_OPTION_ARG_FILENAME, &g->root, "where states are kept",
         "DIR"},
        {"log", 0, 0, G_OPTION_ARG_FILENAME, &g->log,
         "also write errors and warnings to FILE", "FILE"},
        {"log-format", 0, 0, G_OPTION_ARG_STRING, &g->log_format,
         "text (default) or json", "FORMAT"},
        {"systemd-cgroup", 0, 0, G_OPTION_ARG_NONE, &g->systemd_cgroup,
         "linux.cgroupsPath is SLICE:PREFIX:NAME", NULL},
        {"rootless", 0, 0, G_OPTION_ARG_STRING, &g->ignored,
         "accepted; it is found out", "auto|true|false"},
        {"criu", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_STRING, &g->ignored,
         NULL, NULL},
        {"debug", 0, 0, G_OPTION_ARG_NONE, &g->debug,
         "warnings on standard error, too", NULL},
        {"version", 'v', 0, G_OPTION_ARG_NONE, &g->version, "print the version",
         NULL},
        {NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new("VERB ...");
    g_autoptr(GString) summary = g_string_new("Verbs:");

#define VERB_(name, function, arguments, text) \
 g_string_append_printf(summary, "\n  %-10s%-22s%s", name, arguments, text);
    RUNTIME_VERBS(VERB_)
#undef VERB_
    g_option_context_set_strict_posix(context, TRUE);
    g_option_context_set_summary(context, summary->str);
    g_option_context_add_main_entries(context, entries, NULL);
    return g_option_context_parse(context, argc, argv, error);
}

static void clear_globals(Globals *g)
{
    g_free(g->root);
    g_free(g->log);
    g_free(g->log_format);
    g_free(g->ignored);
}

static char *default_root(void)
{
    return geteuid() == 0 ? g_strdup("/run/cuttle/runtime")
                          : g_build_filename(g_get_user_runtime_dir(), "cuttle",
                                             "runtime", NULL);
}

/* ---- helpers of the verbs ---- */

bool runtime_parse(const GOptionEntry *entries, int *argc, char ***argv,
                   int min, int max, GError **error)
{
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);

    g_option_context_set_strict_posix(context, TRUE);
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, argc, argv, error)) {
        return false;
    }
    if (*argc > 1 && strcmp((*argv)[1], "--") == 0) {
        (*argv)[1] = (*argv)[0];
        (*argv)++;
        (*argc)--;
    }
    if (*argc - 1 < min || *argc - 1 > max) {
        return fail(error, "%s: %s", (*argv)[0],
                    *argc - 1 < min ? "an argument is missing"
                                    : "too many arguments");
    }
    return true;
}

Container *runtime_open(const RuntimeOptions *o, const char *id, GError **error)
{
    return container_open(o->root, id, runtime_warn, error);
}

bool runtime_write_pid(const char *path, pid_t pid, GError **error)
{
    g_autofree char *text = g_strdup_printf("%d", pid);

    return path == NULL || file_replace(AT_FDCWD, path, text, 0644, error);
}

void runtime_print_json(JsonNode *node, bool pretty)
{
    g_autofree char *text = json_to_string(node, pretty);

    printf("%s\n", text);
}

/* ---- main ---- */

static const struct {
    const char *name;
    RuntimeVerb *function;
} verbs[] = {
#define VERB_(name, function, arguments, summary) {name, function},
    RUNTIME_VERBS(VERB_)
#undef VERB_
};

static int run_verb(const RuntimeOptions *o, int argc, char **argv,
                    GError **error)
{
    if (argc < 2) {
        fail(error, "no verb; --help lists them");
        return -1;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(verbs); i++) {
        if (strcmp(verbs[i].name, argv[1]) == 0) {
            return verbs[i].function(o, argc - 1, argv + 1, error);
        }
    }
    fail(error, "unknown verb '%s'; --help lists them", argv[1]);
    return -1;
}

static int run(Globals *g, int argc, char **argv, GError **error)
{
    g_autofree char *root =
        g->root != NULL ? g_strdup(g->root) : default_root();
    RuntimeOptions o = {root, g->systemd_cgroup};

    log_is_verbose = g->debug;
    if (g->version) {
        fputs(version_text, stdout);
        return EXIT_SUCCESS;
    }
    return open_log(g->log, g->log_format, error)
               ? run_verb(&o, argc, argv, error)
               : -1;
}

/* Only these put a process of ours where a container can see it. An option's
 * value of that name costs a copy for nothing, and no more. */
static bool enters_container(char **argv)
{
    static const char *const entering[] = {"create", "run", "exec", NULL};

    for (; *argv != NULL; argv++) {
        if (g_strv_contains(entering, *argv)) {
            return true;
        }
    }
    return false;
}

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    Globals g = {0};
    int status;

    if (enters_container(argv + 1)) {
        sealed_self(argv);
    }
    status = parse_globals(&g, &argc, &argv, &error)
                 ? run(&g, argc, argv, &error)
                 : -1;
    if (status < 0) {
        log_line("error", error->message);
        status = EXIT_FAILURE;
    }
    clear_globals(&g);
    return status;
}
