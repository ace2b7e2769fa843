/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/util-trace.c - trace events: switching, arguments, each way out,
 * and scripts/trace-read on what the binary one wrote. */
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "util/log.h"
#include "util/trace-out.h"

/* clang-format off */
#define ONE_EVENTS(X) \
    X(one_all, (UINT, u), (INT, i), (HEX, h), (STR, s)) \
    X(one_text, (STR, text))
#define TWO_EVENTS(X) \
    X(two_many, (UINT, a), (UINT, b), (UINT, c), (UINT, d), (UINT, e), (STR, f), (UINT, g))
/* clang-format on */

TRACE_DECLARE_TABLE(one_trace, ONE_EVENTS);
TRACE_DECLARE_TABLE(two_trace, TWO_EVENTS);
TRACE_DEFINE_TABLE(one_trace, ONE_EVENTS);
TRACE_DEFINE_TABLE(two_trace, TWO_EVENTS);

static TraceEvent *const *const tables[] = {one_trace, two_trace, NULL};

static char *path; /* of the file an output writes */

static void start(TraceFormat format)
{
    GError *error = NULL;

    g_assert_true(g_file_set_contents(path, "", 0, NULL));
    trace_out_open(format, path, &error);
    g_assert_no_error(error);
    g_assert_true(trace_switch("*", true));
}

static char *finish(void)
{
    char *text = NULL;

    trace_switch("*", false);
    trace_out_close();
    trace_out_set_limit(1 << 30);
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    return text;
}

/* ---- switching ---- */

static void test_patterns(void)
{
    g_autoptr(GError) error = NULL;
    unsigned pos = 0;

    g_assert_true(trace_enable("one_*", &error));
    g_assert_true(trace_enabled(one_all) && trace_enabled(one_text));
    g_assert_false(trace_enabled(two_many));
    g_assert_true(trace_enable("-one_a?l", &error));
    g_assert_false(trace_enabled(one_all));
    g_assert_true(trace_enabled(one_text));
    g_assert_true(trace_enable("none_*", &error));
    g_assert_no_error(error);
    g_assert_false(trace_enable("-none", &error));
    g_assert_cmpstr(error->message, ==, "trace event 'none' does not exist");
    g_assert_true(trace_switch("*", false));
    g_assert_true(trace_next(&pos, "two*") == &trace_event_two_many);
    g_assert_null(trace_next(&pos, "two*"));
    g_clear_error(&error);
    g_assert_true(log_enable_topics("trace:two_many", &error));
    g_assert_true(trace_enabled(two_many));
    g_assert_true(trace_switch("two_many", false));
}

static unsigned asked;

static uint64_t ask(void)
{
    return ++asked;
}

static void test_off(void)
{
    g_autofree char *text = NULL;

    start(TRACE_LOG);
    trace_switch("one_all", false);
    trace(one_all, ask(), 0, 0, "");
    g_assert_cmpuint(asked, ==, 0);
    trace_switch("one_all", true);
    trace(one_all, ask(), 0, 0, "");
    g_assert_cmpuint(asked, ==, 1);
    text = finish();
    g_assert_nonnull(strstr(text, ":one_all u=1 i=0 h=0x0 s=\n"));
}

/* ---- lines ---- */

/* The lines of text without "THREAD@TIME:", which is checked. */
static char *without_stamps(const char *text)
{
    g_autoptr(GRegex) stamp =
        g_regex_new("^\\d+@\\d+\\.\\d{6}:", G_REGEX_MULTILINE, 0, NULL);

    return g_regex_replace_literal(stamp, text, -1, 0, ">", 0, NULL);
}

static void emit(void)
{
    char longer[1000];

    memset(longer, 'x', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    trace(one_all, UINT64_MAX, INT64_MIN, UINT64_MAX, "a\nb");
    trace(one_text, NULL);
    trace(one_text, longer);
    trace(two_many, 1, 2, 3, 4, 5, longer, 7);
}

#define X10 "xxxxxxxxxx"
#define X40 X10 X10 X10 X10
#define EMITTED(stamp, newline, null, long_, less)                          \
 stamp "one_all u=18446744073709551615 i=-9223372036854775808 "             \
       "h=0xffffffffffffffff s=a" newline "b\n" stamp "one_text text=" null \
       "\n" stamp "one_text text=" long_ "\n" stamp                         \
       "two_many a=1 b=2 c=3 d=4 e=5 f=" less " g=7\n"

static void test_text_file(void)
{
    g_autofree char *text = NULL, *lines = NULL;

    start(TRACE_LOG);
    emit();
    text = finish();
    lines = without_stamps(text);
    g_assert_cmpstr(
        lines, ==,
        EMITTED(">", "?", "-", X40 X40 X40 X40 "...", X40 X40 X40 X40 "..."));
}

static void test_log(void)
{
    g_autofree char *text = NULL, *lines = NULL;

    g_assert_true(log_open(path, NULL));
    g_assert_true(trace_out_open(TRACE_LOG, NULL, NULL));
    trace_switch("one_text", true);
    trace(one_text, "here");
    text = finish();
    lines = without_stamps(text);
    g_assert_cmpstr(lines, ==, ">one_text text=here\n");
}

static void test_ftrace(void)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;

    start(TRACE_FTRACE); /* into the file instead of the kernel's */
    emit();
    text = finish();
    g_assert_cmpstr(
        text, ==,
        EMITTED("", "?", "-", X40 X40 X40 X40 "...", X40 X40 X40 X40 "..."));
    g_assert_false(trace_out_open(TRACE_FTRACE, "/nowhere/m", &error));
    g_assert_cmpstr(error->message, ==,
                    "trace file '/nowhere/m': No such file or directory");
}

static void test_limit(void)
{
    g_autofree char *text = NULL;

    trace_out_set_limit(400);
    start(TRACE_LOG);
    for (unsigned i = 0; i < 1000; i++) {
        trace(one_text, "again");
    }
    text = finish();
    g_assert_cmpuint(strlen(text), <, 500);
    g_assert_true(g_str_has_suffix(
        text, "text=again\n(limit of 400 bytes: no more trace events)\n"));
}

/* ---- the binary file ---- */

/* What trace-read prints of the file; *problem: its one line of error. */
static char *read_file(const char *option, char **problem)
{
    g_autofree char *script = g_test_build_filename(
        G_TEST_DIST, "..", "..", "scripts", "trace-read", NULL);
    const char *argv[] = {script, path, option, NULL};
    char *out = NULL;
    int status;

    g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, 0, NULL, NULL, &out,
                               problem, &status, NULL));
    g_assert_cmpint(g_spawn_check_wait_status(status, NULL), ==,
                    **problem == '\0');
    return out;
}

static void test_binary(void)
{
    g_autofree char *raw = NULL, *text = NULL, *lines = NULL, *problem = NULL;

    start(TRACE_BINARY);
    emit();
    raw = finish();
    g_assert_true(g_str_has_prefix(raw, "{\"cuttle-trace\": 1, "));
    text = read_file(NULL, &problem);
    g_assert_cmpstr(problem, ==, "");
    lines = without_stamps(text);
    /* 176 bytes hold the numbers of two_many and most of its text. */
    g_assert_cmpstr(lines, ==,
                    EMITTED(">", "?", "", X40 X40 X40 X40, X40 X40 X40 X40));
}

static void test_binary_options(void)
{
    g_autofree char *json = NULL, *some = NULL, *problem = NULL, *p2 = NULL;

    start(TRACE_BINARY);
    emit();
    trace_out_flush();
    json = read_file("--json", &problem); /* of a file that is open */
    g_assert_nonnull(strstr(
        json, "\"event\": \"two_many\", \"args\": {\"a\": 1, \"b\": 2, "));
    some = read_file("--event=*ext", &p2);
    g_assert_nonnull(strstr(some, "one_text"));
    g_assert_null(strstr(some, "two_many"));
    g_free(finish());
}

static void test_damaged(void)
{
    g_autofree char *raw = NULL, *whole = NULL, *cut = NULL;
    g_autofree char *none = NULL, *problem = NULL, *cut_problem = NULL;
    g_autofree char *no_problem = NULL;
    gsize len;

    start(TRACE_BINARY);
    emit();
    g_free(finish());
    g_assert_true(g_file_get_contents(path, &raw, &len, NULL));
    whole = read_file(NULL, &no_problem);
    g_assert_true(g_file_set_contents(path, raw, (gssize)len - 5, NULL));
    cut = read_file(NULL, &cut_problem);
    g_assert_nonnull(strstr(cut_problem, ": ends within a record, at byte "));
    g_assert_true(g_str_has_prefix(whole, cut));
    g_assert_nonnull(strstr(cut, "one_text"));
    g_assert_true(
        g_file_set_contents(path, "{\"cuttle-trace\": 1}\n", -1, NULL));
    none = read_file(NULL, &problem);
    g_assert_cmpstr(none, ==, "");
    g_assert_true(g_str_has_suffix(problem, ": not a trace file\n"));
}

enum { THREADS = 4, EACH = 4500 };

static void *flood(void *opaque)
{
    for (unsigned i = 0; i < EACH; i++) {
        trace(one_all, i, 0, 0, "flood");
    }
    return NULL;
}

/* Each event is in the file or among those it says are lost. */
static void test_flood(void)
{
    GThread *threads[THREADS];
    g_autofree char *text = NULL, *problem = NULL;
    uint64_t n = 0;

    start(TRACE_BINARY);
    for (unsigned i = 0; i < THREADS; i++) {
        threads[i] = g_thread_new("flood", flood, NULL);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        g_thread_join(threads[i]);
    }
    g_free(finish());
    text = read_file(NULL, &problem);
    g_assert_cmpstr(problem, ==, "");
    for (char *line = text, *end; (end = strchr(line, '\n')) != NULL;
         line = end + 1) {
        char *lost = strstr(line, "(lost) records=");

        n += lost != NULL && lost < end
                 ? g_ascii_strtoull(strchr(lost, '=') + 1, NULL, 10)
                 : 1;
    }
    g_assert_cmpuint(n, ==, THREADS * EACH);
}

static void test_binary_limit(void)
{
    g_autofree char *text = NULL, *problem = NULL;
    GStatBuf st;

    trace_out_set_limit(4096);
    start(TRACE_BINARY);
    for (unsigned i = 0; i < 1000; i++) {
        trace(one_text, "again");
    }
    g_free(finish());
    g_assert_cmpint(g_stat(path, &st), ==, 0);
    g_assert_cmpint(st.st_size, <=, 4096 + 24);
    text = read_file(NULL, &problem);
    g_assert_cmpstr(problem, ==, "");
    g_assert_nonnull(strstr(text, "(lost) records=8"));
}

static void test_bad_file(void)
{
    g_autoptr(GError) error = NULL;
    bool is_open;

    g_assert_false(trace_out_open(TRACE_BINARY, "/nowhere/trace", &error));
    g_assert_cmpstr(error->message, ==,
                    "trace file '/nowhere/trace': No such file or directory");
    g_assert_cmpstr(trace_out_file(&is_open), ==, "/nowhere/trace");
    g_assert_false(is_open);
    g_clear_error(&error);
    /* A disk that fills up costs events, nothing else. */
    g_assert_true(trace_out_open(TRACE_BINARY, "/dev/full", &error));
    trace_switch("one_text", true);
    trace(one_text, "nowhere to go");
    g_free(finish());
}

int main(int argc, char **argv)
{
    g_autofree char *folder = g_dir_make_tmp("cuttle-trace-XXXXXX", NULL);
    int result;

    g_test_init(&argc, &argv, NULL);
    path = g_build_filename(folder, "trace", NULL);
    trace_set_tables(tables);
    g_test_add_func("/util/trace/patterns", test_patterns);
    g_test_add_func("/util/trace/off", test_off);
    g_test_add_func("/util/trace/text-file", test_text_file);
    g_test_add_func("/util/trace/log", test_log);
    g_test_add_func("/util/trace/ftrace", test_ftrace);
    g_test_add_func("/util/trace/limit", test_limit);
    g_test_add_func("/util/trace/binary", test_binary);
    g_test_add_func("/util/trace/binary-options", test_binary_options);
    g_test_add_func("/util/trace/damaged", test_damaged);
    g_test_add_func("/util/trace/flood", test_flood);
    g_test_add_func("/util/trace/binary-limit", test_binary_limit);
    g_test_add_func("/util/trace/bad-file", test_bad_file);
    result = g_test_run();
    g_unlink(path);
    g_rmdir(folder);
    g_free(path);
    return result;
}
