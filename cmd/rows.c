/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd/rows.c - --format of verbs that list. */
#include <stdio.h>
#include <string.h>

#include "cmd/verbs.h"
#include "util/columns.h"
#include "util/json-doc.h"
#include "util/template.h"

/* podman's least column width, gap included. */
enum { LEAST_WIDTH = 12 };

/* "{{.ID}}\t{{.CreatedSince}}" -> "ID\tCREATED SINCE"; podman's own words where
 * they differ. */
static char *heading_of(const char *template, const char *kind)
{
    static const struct {
        const char *field, *heading;
    } names[] = {{"CreatedSince", "CREATED"},
                 {"CreatedHuman", "CREATED"},
                 {"CreatedBy", "CREATED BY"},
                 {"CreatedAt", "CREATED AT"}};
    GString *out = g_string_new(NULL);

    for (const char *p = template; *p != '\0';) {
        if (p[0] == '\\' && p[1] == 't') {
            g_string_append_c(out, '\t');
            p += 2;
        } else if (p[0] == '{' && p[1] == '{') {
            const char *end = strstr(p, "}}");
            const char *dot = strchr(p, '.');
            g_autofree char *field = NULL;
            const char *name;

            if (end == NULL) {
                break;
            }
            field = dot != NULL && dot < end
                        ? g_strndup(dot + 1, strcspn(dot + 1, " })|"))
                        : g_strdup("");
            name = field;
            for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
                if (strcmp(field, names[i].field) == 0) {
                    name = names[i].heading;
                }
            }
            if (strcmp(field, "ID") == 0) {
                g_string_append_printf(out, "%s ID", kind);
                name = "";
            }
            for (; *name != '\0'; name++) {
                g_string_append_c(out, g_ascii_toupper(*name));
            }
            p = end + 2;
        } else {
            g_string_append_c(out, *p++);
        }
    }
    return g_string_free(out, FALSE);
}

static bool print_json(GPtrArray *rows)
{
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_ARRAY);
    JsonArray *array = json_array_new();
    g_autofree char *text = NULL;

    for (guint i = 0; i < rows->len; i++) {
        json_array_add_element(array, json_node_copy(rows->pdata[i]));
    }
    json_node_take_array(node, array);
    text = doc_text(node, true);
    printf("%s\n", text);
    return true;
}

static bool print_plain(const Template *t, GPtrArray *rows, GError **error)
{
    for (guint i = 0; i < rows->len; i++) {
        g_autoptr(GString) line = g_string_new(NULL);

        if (!template_print(t, rows->pdata[i], line, error)) {
            return false;
        }
        printf("%s\n", line->str);
    }
    return true;
}

bool print_rows(const char *kind, const char *format, const char *standard,
                bool heading, GPtrArray *rows, GPtrArray *json_rows,
                GError **error)
{
    const char *body = format != NULL ? format : standard;
    bool table = format == NULL;
    g_autoptr(Columns) columns = columns_new();
    g_autoptr(Template) t = NULL;
    g_autofree char *text = NULL;

    if (g_strcmp0(format, "json") == 0) {
        return print_json(json_rows);
    }
    if (g_str_has_prefix(body, "table")) {
        body += strlen("table");
        body += strspn(body, " ");
        table = true;
    }
    t = template_parse(*body != '\0' ? body : standard, error);
    if (t == NULL) {
        return false;
    }
    if (!table) {
        return print_plain(t, rows, error);
    }
    if (heading) {
        g_autofree char *names =
            heading_of(*body != '\0' ? body : standard, kind);

        columns_add(columns, names);
    }
    for (guint i = 0; i < rows->len; i++) {
        g_autoptr(GString) line = g_string_new(NULL);

        if (!template_print(t, rows->pdata[i], line, error)) {
            return false;
        }
        columns_add(columns, line->str);
    }
    text = columns_text(columns, LEAST_WIDTH);
    printf("%s", text);
    return true;
}

char *split_filter(const char *text, const char **value)
{
    const char *equals = strchr(text, '=');

    *value = equals != NULL ? equals + 1 : NULL;
    return equals != NULL ? g_strndup(text, equals - text) : g_strdup(text);
}
