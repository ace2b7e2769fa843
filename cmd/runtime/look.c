/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd/runtime/look.c - state, list, ps. */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/runtime/runtime.h"
#include "container/files.h"

int verb_state(const RuntimeOptions *o, int argc, char **argv, GError **error)
{
    const GOptionEntry entries[] = {{NULL}};
    g_autoptr(Container) c = NULL;
    g_autoptr(JsonNode) node = NULL;

    if (!runtime_parse(entries, &argc, &argv, 1, 1, error)) {
        return -1;
    }
    c = runtime_open(o, argv[1], error);
    if (c == NULL) {
        return -1;
    }
    node = container_state(c, true);
    runtime_print_json(node, true);
    return EXIT_SUCCESS;
}

/* ---- formats ---- */

typedef enum {
    FORMAT_TABLE,
    FORMAT_JSON,
} Format;

static bool parse_format(const char *text, Format *out, GError **error)
{
    *out = g_strcmp0(text, "json") == 0 ? FORMAT_JSON : FORMAT_TABLE;
    return *out == FORMAT_JSON || text == NULL || strcmp(text, "table") == 0 ||
           fail(error, "--format: '%s' is neither table nor json", text);
}

static void print_array(JsonArray *array)
{
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_ARRAY);

    json_node_take_array(node, array);
    runtime_print_json(node, false);
}

/* ---- list ---- */

static const char *owner_name(Container *c)
{
    const struct passwd *entry = getpwuid(container_owner(c));

    return entry != NULL ? entry->pw_name : "";
}

static void print_row(Container *c)
{
    printf("%-20s %-8d %-10s %-30s %-31s %s\n", container_id(c),
           container_pid(c), container_status_name(container_status(c)),
           container_bundle(c), container_created(c), owner_name(c));
}

static JsonNode *list_entry(Container *c)
{
    JsonNode *node = container_state(c, true);

    json_object_set_string_member(json_node_get_object(node), "owner",
                                  owner_name(c));
    return node;
}

static int list(const RuntimeOptions *o, Format format, bool quiet)
{
    g_auto(GStrv) ids = container_list(o->root);
    JsonArray *all = json_array_new();

    if (format == FORMAT_TABLE && !quiet) {
        printf("%-20s %-8s %-10s %-30s %-31s %s\n", "ID", "PID", "STATUS",
               "BUNDLE", "CREATED", "OWNER");
    }
    for (unsigned i = 0; ids[i] != NULL; i++) {
        g_autoptr(Container) c = runtime_open(o, ids[i], NULL);

        if (c == NULL) {
            continue; /* deleted meanwhile */
        }
        if (quiet) {
            puts(ids[i]);
        } else if (format == FORMAT_JSON) {
            json_array_add_element(all, list_entry(c));
        } else {
            print_row(c);
        }
    }
    if (format == FORMAT_JSON && !quiet) {
        print_array(all);
    } else {
        json_array_unref(all);
    }
    return EXIT_SUCCESS;
}

int verb_list(const RuntimeOptions *o, int argc, char **argv, GError **error)
{
    g_autofree char *text = NULL;
    gboolean quiet = FALSE;
    const GOptionEntry entries[] = {
        {"format", 'f', 0, G_OPTION_ARG_STRING, &text,
         "table (default) or json", "FORMAT"},
        {"quiet", 'q', 0, G_OPTION_ARG_NONE, &quiet, "only ids", NULL},
        {NULL},
    };
    Format format;

    return runtime_parse(entries, &argc, &argv, 0, 0, error) &&
                   parse_format(text, &format, error)
               ? list(o, format, quiet)
               : -1;
}

/* ---- ps ---- */

static void print_pids_json(GArray *pids)
{
    JsonArray *array = json_array_new();

    for (unsigned i = 0; i < pids->len; i++) {
        json_array_add_int_element(array, g_array_index(pids, pid_t, i));
    }
    print_array(array);
}

static bool is_listed(GArray *pids, long pid)
{
    for (unsigned i = 0; i < pids->len; i++) {
        if (g_array_index(pids, pid_t, i) == pid) {
            return true;
        }
    }
    return false;
}

/* Which column of ps's header is "PID"; -1: none. */
static int pid_column(const char *header)
{
    g_auto(GStrv) words = g_regex_split_simple("\\s+", header, 0, 0);
    int column = -1;

    for (int i = 0, at = 0; words[i] != NULL; i++) {
        if (words[i][0] != '\0') {
            column = strcmp(words[i], "PID") == 0 ? at : column;
            at++;
        }
    }
    return column;
}

static long pid_of(const char *line, int column)
{
    while (*line == ' ') {
        line++;
    }
    while (column-- > 0) {
        line += strcspn(line, " ");
        line += strspn(line, " ");
    }
    return strtol(line, NULL, 10);
}

static bool print_lines(char *output, GArray *pids, GError **error)
{
    g_auto(GStrv) lines = g_strsplit(output, "\n", -1);
    int column = pid_column(lines[0]);

    if (column < 0) {
        return fail(error, "ps: its output has no PID column");
    }
    puts(lines[0]);
    for (unsigned i = 1; lines[i] != NULL; i++) {
        if (is_listed(pids, pid_of(lines[i], column))) {
            puts(lines[i]);
        }
    }
    return true;
}

/* The host's ps(1), of whose lines those of the container are shown. */
static bool print_ps(GArray *pids, char **options, GError **error)
{
    char *plain[] = {(char *)"-ef", NULL};
    g_autoptr(GPtrArray) args = g_ptr_array_new();
    g_autofree char *output = NULL, *complaint = NULL;
    int status;

    g_ptr_array_add(args, (void *)"ps");
    for (char **at = *options != NULL ? options : plain; *at != NULL; at++) {
        g_ptr_array_add(args, *at);
    }
    g_ptr_array_add(args, NULL);
    if (!g_spawn_sync(NULL, (char **)args->pdata, NULL, G_SPAWN_SEARCH_PATH,
                      NULL, NULL, &output, &complaint, &status, error)) {
        return false;
    }
    return status == 0 ? print_lines(output, pids, error)
                       : fail(error, "ps: %s", g_strstrip(complaint));
}

int verb_ps(const RuntimeOptions *o, int argc, char **argv, GError **error)
{
    g_autofree char *text = NULL;
    const GOptionEntry entries[] = {
        {"format", 'f', 0, G_OPTION_ARG_STRING, &text,
         "table (default) or json", "FORMAT"},
        {NULL},
    };
    g_autoptr(Container) c = NULL;
    g_autoptr(GArray) pids = NULL;
    Format format;

    if (!runtime_parse(entries, &argc, &argv, 1, G_MAXINT, error) ||
        !parse_format(text, &format, error)) {
        return -1;
    }
    c = runtime_open(o, argv[1], error);
    pids = c != NULL ? cgroup_pids(container_cgroup(c), error) : NULL;
    if (pids == NULL) {
        return -1;
    }
    if (format == FORMAT_JSON) {
        print_pids_json(pids);
        return EXIT_SUCCESS;
    }
    return print_ps(pids, argv + 2, error) ? EXIT_SUCCESS : -1;
}
