/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/control-hmp.c - the line editor as a terminal sees it, and the
 * human monitor's lines: words, formats, expressions, completion. */
#include <string.h>

#include "control/control_priv.h"
#include "control/hmp/hmp.h"
#include "control/hmp/line.h"
#include "core/trace.h"
#include "tests/unit/boot-bench.h"

/* ---- the editor ---- */

typedef struct {
    Line *line;
    GString *lines; /* that were entered, each with ';' */
    GString *shown;
} Terminal;

static void show(void *opaque, const char *text)
{
    g_string_append(((Terminal *)opaque)->shown, text);
}

static void entered(void *opaque, const char *line)
{
    g_string_append_printf(((Terminal *)opaque)->lines, "%s;", line);
}

static GPtrArray *offer(void *opaque, const char *text)
{
    static const char *const words[] = {"stop", "system_powerdown",
                                        "system_reset"};
    GPtrArray *list = g_ptr_array_new_with_free_func(g_free);

    for (unsigned i = 0; i < G_N_ELEMENTS(words); i++) {
        if (g_str_has_prefix(words[i], text)) {
            g_ptr_array_add(list, g_strdup(words[i]));
        }
    }
    return list;
}

/* What Enter gives after these keys. */
static void expect_lines(const char *keys, const char *lines)
{
    Terminal t = {NULL, g_string_new(NULL), g_string_new(NULL)};
    LineCalls calls = {show, entered, offer, &t};

    t.line = line_new("> ", &calls);
    line_show(t.line, true);
    line_push(t.line, (const uint8_t *)keys, strlen(keys));
    g_assert_cmpstr(t.lines->str, ==, lines);
    line_free(t.line);
    g_string_free(t.lines, TRUE);
    g_string_free(t.shown, TRUE);
}

static void test_editing(void)
{
    expect_lines("abc\r", "abc;");
    expect_lines("a\r\nb\n\n", "a;b;;");
    expect_lines("abx\x7f"
                 "c\r",
                 "abc;");
    expect_lines("\x7f\x08"
                 "a\r",
                 "a;");
    expect_lines("bc\x01"
                 "a\x05"
                 "d\r",
                 "abcd;");
    expect_lines("ac\x1b[Db\r", "abc;");
    expect_lines("ab\x1b[D\x1b[D\x1b[D\x1b[C\x1b[C\x1b[Cc\r", "abc;");
    expect_lines("xabc\x1b[H\x1b[3~\r", "abc;");
    expect_lines("one two\x17three\r", "one three;");
    expect_lines("junk\x15"
                 "good\r",
                 "good;");
    expect_lines("good junk\x01\x1b[C\x1b[C\x1b[C\x1b[C\x0b\r", "good;");
    expect_lines("half\x03whole\r", "whole;");
    expect_lines("\x1b[1;5Xa\x1bOF\x1b"
                 "bc\r",
                 "ac;");
    expect_lines("\xc3\xa9"
                 "a\r",
                 "a;"); /* ASCII only */
}

static void test_history(void)
{
    expect_lines("a\rb\r\x1b[A\x1b[A\r", "a;b;a;");
    expect_lines("a\rb\r\x10\x10\x0e\r", "a;b;b;");
    expect_lines("a\rnew\x1b[A\x1b[B\r", "a;new;");
    expect_lines("\x1b[A\x1b[B"
                 "a\ra\r\x1b[A\x1b[A\r",
                 "a;a;a;");
}

static void test_tab(void)
{
    expect_lines("st\t\r", "stop ;");
    expect_lines("sy\tr\t\r", "system_reset ;");
    expect_lines("nothing\t\r", "nothing;");
}

static void test_long_line(void)
{
    g_autoptr(GString) keys = g_string_new(NULL);
    g_autoptr(GString) line = g_string_new(NULL);

    for (unsigned i = 0; i < LINE_MAX_BYTES; i++) {
        g_string_append_c(line, 'x');
    }
    g_string_printf(keys, "%sxxx\r", line->str);
    g_string_append_c(line, ';');
    expect_lines(keys->str, line->str);
}

/* ---- the monitor ---- */

typedef struct {
    MachineConfig config;
    Machine *m;
    Control *control;
    unsigned cpu;
} Rig;

static void rig_start(Rig *r)
{
    GError *error = NULL;

    r->m = bench_bare(&r->config, 2);
    r->control = control_new(r->m, "test", &error);
    g_assert_no_error(error);
}

static void rig_finish(Rig *r)
{
    control_free(r->control);
    bench_end(&r->config, r->m);
}

#define expect(r, line, text)                                    \
 do {                                                            \
  g_autofree char *got = hmp_run((r)->control, line, &(r)->cpu); \
  g_assert_cmpstr(got, ==, text);                                \
 } while (0)

static void test_print(void)
{
    Rig r = {0};

    rig_start(&r);
    expect(&r, "p 1", "0x1\n");
    expect(&r, "print/d 2+3*4", "14\n");
    expect(&r, "print /d (2+3)*4 - -1", "21\n");
    expect(&r, "p 0xff & ~0xf | 1 << 8 ^ 0", "0x1f0\n");
    expect(&r, "p/x 1 << 70", "0\n");
    expect(&r, "p/c 65", "'A'\n");
    expect(&r, "p/u -1", "18446744073709551615\n");
    expect(&r, "p/o 8", "010\n");
    expect(&r, "p 1/0", "division by zero\n");
    expect(&r, "p 7%0", "division by zero\n");
    expect(&r, "p (1", "')' expected\n");
    expect(&r, "p 1 1", "invalid char in expression\n");
    expect(&r, "p 1 +", "unexpected end of expression\n");
    expect(&r, "p $nope", "unknown register\n");
    expect(&r, "p $pc", "0x1000\n");
    expect(&r, "p/q 1", "invalid char in format: 'q'\n");
    expect(&r, "p",
           "p: more arguments expected\nTry \"help p\" for more "
           "information\n");
    {
        g_autoptr(GString) deep = g_string_new("p ");

        for (unsigned i = 0; i < 4000; i++) {
            g_string_append_c(deep, '(');
        }
        expect(&r, deep->str, "expression is nested too deep\n");
    }
    rig_finish(&r);
}

static void test_memory(void)
{
    static const uint8_t bytes[] = {0x97, 0x12, 0, 0, 'h', 'i', 0, 0xff};
    Rig r = {0};

    rig_start(&r);
    g_assert_true(bus_load_image(machine_bus(r.m), 0x80000000, bytes, 8));
    expect(&r, "xp/2xw 0x80000000",
           "0000000080000000: 0x00001297 0xff006968\n");
    expect(&r, "xp /1xg 0x80000000", "0000000080000000: 0xff00696800001297\n");
    expect(&r, "x/4xb 0x80000004", "0000000080000004: 0x68 0x69 0x00 0xff\n");
    expect(&r, "x/2c 0x80000004", "0000000080000004: 'h' 'i'\n");
    expect(&r, "xp/s 0x80000004", "0000000080000004: \"hi\"\n");
    expect(&r, "x/1i 0x80000000",
           "0x80000000:  00001297  auipc       t0, 4096\n");
    expect(&r, "xp 0x807ffffe", "Cannot access memory at 0x807ffffe\n");
    expect(&r, "xp/1i 0", "Cannot access memory at 0x0\n");
    expect(&r, "gva2gpa 0x80000123", "gpa: 0x80000123\n");
    rig_finish(&r);
}

static void test_lines(void)
{
    Rig r = {0};

    rig_start(&r);
    expect(&r, "", "");
    expect(&r, "   # a comment", "");
    expect(&r, "nope 1", "unknown command: 'nope'\n");
    expect(&r, "info nope", "unknown command: 'info nope'\n");
    expect(&r, "info status", "VM status: paused (prelaunch)\n");
    expect(&r, "  info   status  ", "VM status: paused (prelaunch)\n");
    expect(&r, "stop now",
           "stop: other arguments expected\nTry \"help stop\" "
           "for more information\n");
    expect(&r, "cpu 1", "");
    g_assert_cmpuint(r.cpu, ==, 1);
    expect(&r, "cpu 2", "invalid CPU index\n");
    expect(&r, "nmi", "Error: machine does not provide NMIs\n");
    expect(&r, "chardev-add null,id=c", "");
    expect(&r, "chardev-add null,id=c",
           "Error: Chardev with id 'c' already exists\n");
    expect(&r, "info chardev", "c: filename=null\n");
    expect(&r, "chardev-remove \"c\"", "");
    expect(&r, "netdev_add user", "Error: parameter 'id' is missing\n");
    expect(&r, "netdev_add user,id=n", "");
    expect(&r, "info network", "n: index=0,type=user\n");
    expect(&r, "hostfwd_add tcp:127.0.0.1:0-:22", "");
    expect(&r, "hostfwd_add x tcp::0-:22", "Error: there is no -netdev 'x'\n");
    expect(&r, "hostfwd_remove tcp:127.0.0.1:9",
           "host forwarding rule for tcp:127.0.0.1:9 not found\n");
    expect(&r, "netdev_del n", "");
    expect(&r, "log nope", "Error: log topic 'nope': unknown (see -d help)\n");
    expect(&r, "trace-event nosuch on", "unknown event \"nosuch\"\n");
    expect(&r, "trace-event vcpu_kick maybe",
           "Expected 'on' or 'off'\nTry \"help trace-event\" for more "
           "information\n");
    expect(&r, "trace-event vcpu_k* on", "");
    expect(&r, "info trace-events vcpu_k*", "vcpu_kick : state 1\n");
    expect(&r, "trace-event vcpu_kick off", "");
    expect(&r, "info trace-events vcpu_kick", "vcpu_kick : state 0\n");
    expect(&r, "info trace-events nosuch", "unknown event \"nosuch\"\n");
    expect(&r, "trace-file on file",
           "unexpected argument \"on\"\nTry \"help trace-file\" for more "
           "information\n");
    expect(&r, "help cont", "cont|c -- resume emulation\n");
    rig_finish(&r);
}

/* None says nothing about a machine with one of everything. */
static void test_infos(void)
{
    static const char *const subjects[] = {
        "info cpus",
        "info registers -a",
        "info irq",
        "info jit",
        "info mtree",
        "info qtree",
        "info pci",
        "info ramblock",
        "info version",
        "info uuid",
        "info memory_size_summary",
        "help",
        "help info",
        "help log",
        "info",
    };
    Rig r = {0};

    rig_start(&r);
    for (unsigned i = 0; i < G_N_ELEMENTS(subjects); i++) {
        g_autofree char *text = hmp_run(r.control, subjects[i], &r.cpu);

        g_test_message("%s:\n%s", subjects[i], text);
        g_assert_cmpuint(strlen(text), >, 8);
        g_assert_true(g_str_has_suffix(text, "\n"));
        g_assert_null(strstr(text, "Error"));
        g_assert_null(strstr(text, "unknown"));
    }
    rig_finish(&r);
}

static void expect_completions(Rig *r, const char *line, const char *words)
{
    g_autoptr(GPtrArray) list = hmp_complete(r->control, line);
    g_autofree char *got = NULL;

    g_ptr_array_add(list, NULL);
    got = g_strjoinv(" ", (char **)list->pdata);
    g_assert_cmpstr(got, ==, words);
}

static void test_completion(void)
{
    Rig r = {0};

    rig_start(&r);
    expect_completions(&r, "system_", "system_powerdown system_reset");
    expect_completions(&r, "info s", "status");
    expect_completions(&r, "trace-event vcpu_k", "vcpu_kick");
    expect_completions(&r, "info m", "mem memory_size_summary mice mtree");
    expect_completions(&r, "nope x", "");
    expect(&r, "chardev-add null,id=con", "");
    expect_completions(&r, "chardev-remove c", "con");
    expect_completions(&r, "log no", "none");
    rig_finish(&r);
}

int main(int argc, char **argv)
{
    static TraceEvent *const *const tables[] = {core_trace, NULL};

    g_test_init(&argc, &argv, NULL);
    trace_set_tables(tables);
    g_test_add_func("/line/editing", test_editing);
    g_test_add_func("/line/history", test_history);
    g_test_add_func("/line/tab", test_tab);
    g_test_add_func("/line/long", test_long_line);
    g_test_add_func("/hmp/print", test_print);
    g_test_add_func("/hmp/memory", test_memory);
    g_test_add_func("/hmp/lines", test_lines);
    g_test_add_func("/hmp/infos", test_infos);
    g_test_add_func("/hmp/completion", test_completion);
    return g_test_run();
}
