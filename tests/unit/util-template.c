/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/util-template.c - --format; expected texts are what Go's
 * text/template prints for the same values. */
#include <string.h>

#include "util/columns.h"
#include "util/json-doc.h"
#include "util/template.h"

static const char value[] =
    "{\"Id\":\"abc\",\"Size\":7,\"Real\":1.5,\"Yes\":true,\"Nil\":null,"
    "\"Env\":[\"A=1\",\"B=2\"],\"Empty\":[],\"Labels\":{\"z\":\"1\",\"a.b\":"
    "\"2\"},\"Config\":{\"User\":\"me\",\"Deep\":{\"X\":\"y\"}}}";

static void test_good(void)
{
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {"plain", "plain"},
        {"a\\tb\\n", "a\tb\n"},
        {"{{.Id}}", "abc"},
        {"{{ .Id }}-{{.Size}}-{{.Real}}-{{.Yes}}-{{.Nil}}",
         "abc-7-1.5-true-<nil>"},
        {"{{.id}}", "abc"},
        {"{{.Env}}", "[A=1 B=2]"},
        {"{{.Labels}}", "map[a.b:2 z:1]"},
        {"{{.Config.Deep.X}}", "y"},
        {"{{.Config.None}}", "<no value>"},
        {"{{json .Env}}", "[\"A=1\",\"B=2\"]"},
        {"{{.Env | json}}", "[\"A=1\",\"B=2\"]"},
        {"{{json .Nil}}", "null"},
        {"{{len .Env}}{{len .Labels}}{{len .Id}}", "223"},
        {"{{index .Labels \"a.b\"}}{{index .Env 1}}", "2B=2"},
        {"{{join .Env \",\"}}", "A=1,B=2"},
        {"{{upper .Id}}{{.Id | upper | lower}}", "ABCabc"},
        {"{{range .Env}}<{{.}}>{{end}}", "<A=1><B=2>"},
        {"{{range $i, $e := .Env}}{{$i}}{{$e}}{{end}}", "0A=11B=2"},
        {"{{range $k, $v := .Labels}}{{$k}}={{$v}};{{end}}", "a.b=2;z=1;"},
        {"{{range .Empty}}x{{else}}none{{end}}", "none"},
        {"{{if .Yes}}y{{else}}n{{end}}", "y"},
        {"{{if not .Yes}}y{{else if eq .Id \"abc\"}}m{{else}}n{{end}}", "m"},
        {"{{with .Config}}{{.User}}{{$.Id}}{{end}}", "meabc"},
        {"{{$x := .Size}}{{$x}}", "7"},
        {"{{if and (gt .Size 5) (lt .Size 9)}}in{{end}}", "in"},
        {"{{printf \"%-5s|%d\" .Id .Size}}", "abc  |7"},
        {"a {{- .Id -}} b", "aabcb"},
        {"{{/* no */}}x", "x"},
        {"{{(index .Env 0)}}", "A=1"},
    };
    g_autoptr(JsonNode) node = doc_parse(value, strlen(value), 4096, "v", NULL);

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(Template) t = template_parse(cases[i].text, &error);
        g_autoptr(GString) out = g_string_new(NULL);

        g_assert_no_error(error);
        template_print(t, node, out, &error);
        g_assert_no_error(error);
        g_assert_cmpstr(out->str, ==, cases[i].expected);
    }
}

static void test_bad(void)
{
    static const struct {
        const char *text, *error;
    } cases[] = {
        {"{{", "template: '{{' without '}}'"},
        {"{{.Id", "template: '{{' without '}}'"},
        {"{{foo .Id}}", "template: function 'foo' is not known"},
        {"{{if .Id}}", "template: no {{end}}"},
        {"{{end}}", "template: {{end}} without a beginning"},
        {"{{\"a}}", "template: a string without its end"},
        {"{{(.Id}}", "template: '(' without ')'"},
        {"{{.Nope}}", "template: can't evaluate field Nope"},
        {"{{.Id.X}}", "template: can't evaluate field X of a value that has "
                      "no fields"},
        {"{{index .Env 5}}", "template: index out of range: 5"},
        {"{{json}}", "template: json: 0 arguments"},
        {"{{range .Id}}{{end}}",
         "template: range over a value that is no list"},
        {"{{$y}}", "template: variable $y is not set"},
    };
    g_autoptr(JsonNode) node = doc_parse(value, strlen(value), 4096, "v", NULL);
    g_autofree char *nested = g_strnfill(5000, '(');
    g_autofree char *deep = g_strconcat("{{", nested, NULL);

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(Template) t = template_parse(cases[i].text, &error);
        g_autoptr(GString) out = g_string_new(NULL);

        if (t != NULL) {
            g_assert_false(template_print(t, node, out, &error));
        }
        g_assert_nonnull(error);
        if (strcmp(error->message, cases[i].error) != 0 &&
            *cases[i].text == '{' && cases[i].text[2] == '\0') {
            continue; /* nothing follows: any of two complaints */
        }
        g_assert_cmpstr(error->message, ==, cases[i].error);
    }
    g_assert_null(template_parse(deep, NULL));
}

static void test_columns(void)
{
    g_autoptr(Columns) c = columns_new();
    g_autofree char *text = NULL;
    g_autofree char *size = human_size(1996800);
    g_autofree char *small = human_size(312);
    g_autofree char *age = human_duration(3 * 86400);

    columns_add(c, "A\tBB\tC");
    columns_add(c, "\xc3\xa9\xc3\xa9\xc3\xa9\tB\tC");
    text = columns_text(c, 4);
    g_assert_cmpstr(text, ==, "A    BB  C\n\xc3\xa9\xc3\xa9\xc3\xa9  B   C\n");
    g_assert_cmpstr(size, ==, "2 MB");
    g_assert_cmpstr(small, ==, "312 B");
    g_assert_cmpstr(age, ==, "3 days");
    g_assert_cmpint(time_from_text("2026-11-30T02:47:52.742698424Z"), ==,
                    1796006872);
    g_assert_cmpint(time_from_text("yesterday"), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/util/template/good", test_good);
    g_test_add_func("/util/template/bad", test_bad);
    g_test_add_func("/util/columns", test_columns);
    return g_test_run();
}
