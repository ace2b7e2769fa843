/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/util-opts.c - the option grammar of util/opts.h. */
#include "util/opts.h"

static void expect_error(GError *error, const char *message)
{
    g_assert_nonnull(error);
    g_assert_cmpstr(error->message, ==, message);
    g_error_free(error);
}

static void test_grammar(void)
{
    g_autoptr(Opts) o =
        opts_parse("user,id=n0,path=a,,b=c,,,last,nowait,empty=", "type", NULL);

    g_assert_nonnull(o);
    g_assert_cmpstr(opts_get(o, "type"), ==, "user");
    g_assert_cmpstr(opts_get(o, "id"), ==, "n0");
    g_assert_cmpstr(opts_get(o, "path"), ==, "a,b=c,");
    g_assert_cmpstr(opts_get(o, "last"), ==, "on");
    g_assert_cmpstr(opts_get(o, "wait"), ==, "off");
    g_assert_cmpstr(opts_get(o, "empty"), ==, "");
    g_assert_null(opts_get(o, "absent"));
    g_assert_true(opts_check_unused(o, NULL));
}

static void test_implied_key(void)
{
    g_autoptr(Opts) a = opts_parse("a,,b", "file", NULL);
    g_autoptr(Opts) b = opts_parse("file=x", "file", NULL);
    g_autoptr(Opts) c = opts_parse("", "file", NULL);
    g_autoptr(Opts) d = opts_parse("flag", NULL, NULL);

    g_assert_cmpstr(opts_get(a, "file"), ==, "a,b");
    g_assert_cmpstr(opts_get(b, "file"), ==, "x");
    g_assert_null(opts_get(c, "file"));
    g_assert_cmpstr(opts_get(d, "flag"), ==, "on");
}

static void test_bad_grammar(void)
{
    GError *error = NULL;

    g_assert_null(opts_parse("a=1,=2", NULL, &error));
    expect_error(error, "empty parameter name in 'a=1,=2'");
}

static void test_bools(void)
{
    g_autoptr(Opts) o =
        opts_parse("a=on,b=no,c=true,nodelay,d=maybe", NULL, NULL);
    bool v = false;
    GError *error = NULL;

    g_assert_true(opts_get_bool(o, "a", &v, NULL));
    g_assert_true(v);
    g_assert_true(opts_get_bool(o, "b", &v, NULL));
    g_assert_false(v);
    g_assert_true(opts_get_bool(o, "nodelay", &v, NULL));
    g_assert_true(v);
    g_assert_true(opts_get_bool(o, "delay", &v, NULL));
    g_assert_false(v);
    v = true;
    g_assert_true(opts_get_bool(o, "absent", &v, NULL));
    g_assert_true(v);
    g_assert_false(opts_get_bool(o, "d", &v, &error));
    expect_error(error,
                 "invalid value 'maybe' for 'd': expected 'on' or 'off'");
}

static void test_numbers(void)
{
    g_autoptr(Opts) o = opts_parse("a=0x10,b=99,c=-1,d=1x,e=", NULL, NULL);
    uint64_t v = 0;
    GError *error = NULL;

    g_assert_true(opts_get_uint(o, "a", 0, 16, &v, NULL));
    g_assert_cmpuint(v, ==, 16);
    g_assert_false(opts_get_uint(o, "b", 1, 8, &v, &error));
    expect_error(error, "invalid value '99' for 'b': expected 1 to 8");
    error = NULL;
    g_assert_false(opts_get_uint(o, "c", 0, 8, &v, &error));
    expect_error(error, "invalid value '-1' for 'c': expected a number");
    g_assert_false(opts_get_uint(o, "d", 0, 8, &v, NULL));
    g_assert_false(opts_get_uint(o, "e", 0, 8, &v, NULL));
    g_assert_cmpuint(v, ==, 16);
}

static void test_sizes(void)
{
    static const struct {
        const char *text;
        uint64_t unit, size; /* size 0: refused */
    } cases[] = {
        {"128", 1 << 20, 128 << 20},
        {"2G", 1, UINT64_C(2) << 30},
        {"1.5k", 1, 1536},
        {"0x10", 1, 16},
        {"7B", 1024, 7},
        {"16E", 1, 0},
        {"15E", 1, UINT64_C(15) << 60},
        {"18446744073709551616", 1, 0},
        {"3Q", 1, 0},
        {"3MM", 1, 0},
        {"", 1, 0},
        {"K", 1, 0},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        uint64_t v = 0;
        bool ok = opts_parse_size(cases[i].text, cases[i].unit, &v);

        g_test_message("%s", cases[i].text);
        g_assert_cmpint(ok, ==, cases[i].size != 0);
        g_assert_cmpuint(v, ==, cases[i].size);
    }
}

static void test_choice(void)
{
    static const char *const choices[] = {"threads", "io_uring", NULL};
    g_autoptr(Opts) o = opts_parse("a=io_uring,b=x", NULL, NULL);
    GError *error = NULL;
    int v = 0;

    g_assert_true(opts_get_choice(o, "a", choices, &v, NULL));
    g_assert_cmpint(v, ==, 1);
    g_assert_false(opts_get_choice(o, "b", choices, &v, &error));
    expect_error(error,
                 "invalid value 'x' for 'b': expected threads, io_uring");
}

static void test_repeated_and_unused(void)
{
    g_autoptr(Opts) o = opts_parse("fwd=a,x=1,fwd=b,x=2,y=3", NULL, NULL);
    unsigned pos = 0;
    const char *key, *value;
    GError *error = NULL;

    g_assert_cmpstr(opts_next(o, "fwd", &pos), ==, "a");
    g_assert_cmpstr(opts_next(o, "fwd", &pos), ==, "b");
    g_assert_null(opts_next(o, "fwd", &pos));
    g_assert_cmpstr(opts_get(o, "x"), ==, "2");
    g_assert_false(opts_check_unused(o, &error));
    expect_error(error, "invalid parameter 'y'");
    pos = 0;
    g_assert_true(opts_next_unused(o, &pos, &key, &value));
    g_assert_cmpstr(key, ==, "y");
    g_assert_cmpstr(value, ==, "3");
    g_assert_false(opts_next_unused(o, &pos, &key, &value));
    g_assert_true(opts_check_unused(o, NULL));
}

static void test_changing(void)
{
    g_autoptr(Opts) o = opts_parse("a=1", NULL, NULL);
    g_autoptr(Opts) copy = NULL;
    GError *error = NULL;

    opts_set_default(o, "a", "2");
    opts_set_default(o, "b", "3");
    opts_set(o, "a", "4");
    copy = opts_dup(o);
    opts_remove(o, "a");
    g_assert_cmpstr(opts_get(copy, "a"), ==, "4");
    g_assert_cmpstr(opts_get(copy, "b"), ==, "3");
    g_assert_null(opts_require(o, "a", &error));
    expect_error(error, "parameter 'a' is missing");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/opts/grammar", test_grammar);
    g_test_add_func("/opts/implied-key", test_implied_key);
    g_test_add_func("/opts/bad-grammar", test_bad_grammar);
    g_test_add_func("/opts/bools", test_bools);
    g_test_add_func("/opts/numbers", test_numbers);
    g_test_add_func("/opts/sizes", test_sizes);
    g_test_add_func("/opts/choice", test_choice);
    g_test_add_func("/opts/repeated-and-unused", test_repeated_and_unused);
    g_test_add_func("/opts/changing", test_changing);
    return g_test_run();
}
