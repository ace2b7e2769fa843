/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/util-opts-json.c - option values written as JSON. */
#include <string.h>

#include "util/opts-json.h"

/* Each value of json in order as "key=value key=value". */
static void expect(const char *json, const char *want)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Opts) o = opts_parse_any(json, NULL, &error);
    g_autoptr(GString) got = g_string_new(NULL);
    const char *key, *value;
    unsigned pos = 0;

    g_assert_no_error(error);
    while (opts_next_unused(o, &pos, &key, &value)) {
        g_string_append_printf(got, "%s%s=%s", got->len > 0 ? " " : "", key,
                               value);
    }
    g_assert_cmpstr(got->str, ==, want);
}

static void expect_error(const char *json, const char *message)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(opts_parse_any(json, NULL, &error));
    g_assert_nonnull(error);
    g_assert_nonnull(strstr(error->message, message));
}

static void test_values(void)
{
    expect("{}", "");
    expect("{\"a\": \"x,y\", \"b\": true, \"c\": false}", "a=x,y b=on c=off");
    expect("{\"a\": 7, \"b\": -1, \"c\": 9223372036854775807}",
           "a=7 b=-1 c=9223372036854775807");
    expect("{\"a\": 0.5, \"b\": \"\", \"c\": \"\\u00e9\"}",
           "a=0.5 b= c=\xc3\xa9");
    expect("{'single': 'quotes'}", "single=quotes");
}

static void test_nesting(void)
{
    expect("{\"file\": {\"driver\": \"file\", \"locking\": {\"x\": 1}}, "
           "\"read-only\": true}",
           "file.driver=file file.locking.x=1 read-only=on");
    expect("{\"hostfwd\": [{\"str\": \"a\"}, {\"str\": \"b\"}], \"n\": [1, 2]}",
           "hostfwd=a hostfwd=b n=1 n=2");
    expect("{\"a\": []}", "");
}

static void test_list_form(void)
{
    g_autoptr(Opts) o = opts_parse_any("user,id=n", "type", NULL);

    g_assert_cmpstr(opts_get(o, "type"), ==, "user");
    g_assert_cmpstr(opts_get(o, "id"), ==, "n");
}

static void test_errors(void)
{
    g_autoptr(GString) deep = g_string_new(NULL);

    expect_error("{\"a\": 1", "JSON: ");
    expect_error("{\"a\": 1} x", "JSON: ");
    expect_error("{\"a\": null}", "parameter 'a' is null");
    expect_error("{\"a\": {\"b\": null}}", "parameter 'a.b' is null");
    expect_error("{\"a\": {\"\": 1}}", "has no name");
    expect_error("{\"a\": [[1]]}", "parameter 'a' is a list");
    expect_error("{\"a\": [{\"str\": 1}]}", "parameter 'a' is a list");
    expect_error("{\"a\": [{\"x\": \"y\"}]}", "parameter 'a' is a list");
    for (unsigned i = 0; i < 40; i++) {
        g_string_append(deep, "{\"a\":");
    }
    g_string_append(deep, "1");
    for (unsigned i = 0; i < 40; i++) {
        g_string_append_c(deep, '}');
    }
    expect_error(deep->str, "nested too deep");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/opts-json/values", test_values);
    g_test_add_func("/opts-json/nesting", test_nesting);
    g_test_add_func("/opts-json/list-form", test_list_form);
    g_test_add_func("/opts-json/errors", test_errors);
    return g_test_run();
}
