/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/backend-terminal.c - what a terminal shows of what it is sent. */
#include <glib.h>
#include <string.h>

#include "backend/text/terminal.h"

enum { COLUMNS = 10, ROWS = 4 };

typedef struct {
    Terminal *t;
    GString *answers;
} Bench;

static void on_reply(void *opaque, const char *bytes, size_t len)
{
    g_string_append_len(((Bench *)opaque)->answers, bytes, (gssize)len);
}

static void set_up(Bench *b, gconstpointer data)
{
    b->answers = g_string_new(NULL);
    b->t = terminal_new(COLUMNS, ROWS, on_reply, b);
}

static void tear_down(Bench *b, gconstpointer data)
{
    terminal_free(b->t);
    g_string_free(b->answers, TRUE);
}

static void send(Bench *b, const char *text)
{
    terminal_write(b->t, (const uint8_t *)text, strlen(text));
}

/* Rows with '|' between; spaces at their ends are left out. */
static char *screen(Bench *b)
{
    GString *all = g_string_new(NULL);

    for (unsigned y = 0; y < ROWS; y++) {
        const DisplayCell *cells = terminal_row(b->t, y);
        GString *row = g_string_new(NULL);

        for (unsigned x = 0; x < COLUMNS; x++) {
            g_string_append_unichar(row, cells[x].ch == 0 ? '_' : cells[x].ch);
        }
        g_string_append_printf(all, "%s%s", y ? "|" : "", g_strchomp(row->str));
        g_string_free(row, TRUE);
    }
    return g_string_free(all, FALSE);
}

static void assert_screen(Bench *b, const char *want)
{
    g_autofree char *got = screen(b);

    g_assert_cmpstr(got, ==, want);
}

static void assert_cursor(Bench *b, unsigned column, unsigned row)
{
    unsigned x, y;

    terminal_cursor(b->t, &x, &y);
    g_assert_cmpint(x, ==, column);
    g_assert_cmpint(y, ==, row);
}

/* What is sent to a fresh terminal, and what it then shows. */
static const struct {
    const char *send, *shows;
    unsigned x, y; /* of the cursor */
} cases[] = {
    {"hello", "hello|||", 5, 0},
    {"a\r\nb\nc", "a|b| c|", 2, 2},
    {"ab\bc\x7f", "ac|||", 2, 0},
    {"a\tb", "a       b|||", 9, 0},
    {"a\t\t\t", "a|||", 9, 0},
    /* A full row wraps with the next letter only. */
    {"0123456789", "0123456789|||", 9, 0},
    {"0123456789a", "0123456789|a||", 1, 1},
    {"0123456789\r\na", "0123456789|a||", 1, 1},
    {"\033[?7l0123456789abc", "012345678c|||", 9, 0},
    {"1\r\n2\r\n3\r\n4\r\n5", "2|3|4|5", 1, 3},
    /* Moving. */
    {"\033[2;3Hx\033[Hy\033[99;99Hz", "y|  x||         z", 9, 3},
    {"\033[3Ba\033[2Ab\033[2Cc\033[4Dd", "| d  c||a", 2, 1},
    {"abc\033[2Gx\033[3dy", "axc||  y|", 3, 2},
    {"abc\033[Ex\033[Fy", "ybc|x||", 1, 0},
    {"\033[0;0Hx\033[Ay", "xy|||", 2, 0},
    {"ab\0337cd\0338x", "abxd|||", 3, 0},
    {"ab\033[scd\033[ux", "abxd|||", 3, 0},
    /* Erasing. */
    {"abcdef\033[3D\033[K", "abc|||", 3, 0},
    {"abcdef\033[3D\033[1K", "    ef|||", 3, 0},
    {"abcdef\033[2K", "|||", 6, 0},
    {"a\r\nb\r\nc\033[A\033[J", "a|b||", 1, 1},
    {"a\r\nb\r\nc\033[2;1H\033[1J", "||c|", 0, 1},
    {"a\r\nb\033[2J", "|||", 1, 1},
    {"abcdef\033[1G\033[2X", "  cdef|||", 0, 0},
    /* Inserting and deleting. */
    {"abcdef\033[2G\033[2P", "adef|||", 1, 0},
    {"abcdef\033[2G\033[2@", "a  bcdef|||", 1, 0},
    {"abcdef\033[2G\033[99@", "a|||", 1, 0},
    {"a\r\nb\r\nc\033[2;1H\033[L", "a||b|c", 0, 1},
    {"a\r\nb\r\nc\033[1;1H\033[M", "b|c||", 0, 0},
    {"a\r\nb\r\nc\033[S", "b|c||", 1, 2},
    {"a\r\nb\r\nc\033[9999T", "|||", 1, 2},
    /* A region that scrolls. */
    {"a\r\nb\r\nc\r\nd\033[2;3r\033[3;1H\nx", "a|c|x|d", 1, 2},
    {"a\r\nb\r\nc\r\nd\033[2;3r\033[2;1H\033Mx", "a|x|b|d", 1, 1},
    {"a\r\nb\033[3;2r\033[Hx", "x|b||", 1, 0}, /* not a region */
    {"\033D\033Ex", "||x|", 1, 2},
    /* The second screen. */
    {"abc\033[?1049hxyz\033[?1049l", "abc|||", 3, 0},
    {"abc\033[?1049h\033[Hxyz", "xyz|||", 3, 0},
    /* Letters. */
    {"\xc3\xa4\xe2\x82\xac", "\xc3\xa4\xe2\x82\xac|||", 2, 0},
    {"\xe4\xb8\xad!", "\xe4\xb8\xad_!|||", 3, 0},
    {"123456789\xe4\xb8\xad", "123456789|\xe4\xb8\xad_||", 2, 1},
    {"a\xcc\x81"
     "b",
     "ab|||", 2, 0}, /* an accent that combines */
    {"\xff"
     "a\xe2\x82z",
     "\xef\xbf\xbd"
     "a\xef\xbf\xbdz|||",
     4, 0},
    {"\033(0lqk\033(Bq", "\xe2\x94\x8c\xe2\x94\x80\xe2\x94\x90q|||", 4, 0},
    /* What is not known is skipped whole. */
    {"a\033]0;title\ab\033]2;t\033\\c\033P1;2\033\\d", "abcd|||", 4, 0},
    {"a\033[?2004hb\033[>cc\033[4 qd\033#8e\033=f", "abcdef|||", 6, 0},
    {"a\033[1;\nKb", "a| b||", 2, 1}, /* a line feed in a sequence */
    {"ab\033cx", "x|||", 1, 0},
};

static void test_shows(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        Bench b;

        /* In one piece, and byte by byte. */
        for (unsigned pieces = 0; pieces < 2; pieces++) {
            set_up(&b, NULL);
            if (pieces == 0) {
                send(&b, cases[i].send);
            }
            for (const char *p = cases[i].send; pieces && *p != '\0'; p++) {
                terminal_write(b.t, (const uint8_t *)p, 1);
            }
            assert_screen(&b, cases[i].shows);
            assert_cursor(&b, cases[i].x, cases[i].y);
            tear_down(&b, NULL);
        }
    }
}

static void assert_cell(Bench *b, unsigned x, uint32_t fg, uint32_t bg,
                        bool underlined)
{
    const DisplayCell *cell = &terminal_row(b->t, 0)[x];

    g_assert_cmphex(cell->fg, ==, fg);
    g_assert_cmphex(cell->bg, ==, bg);
    g_assert_cmpint(cell->underlined, ==, underlined);
}

static void test_colours(Bench *b, gconstpointer data)
{
    send(b, "a\033[31;44mb\033[1mc\033[7md\033[0;4me\033[97;100mf\033[24;39;49m"
            "g\033[38;5;196;48;2;1;2;3mh\033[mi\033[38;5mj");
    assert_cell(b, 0, 0xe5e5e5, 0x000000, false);
    assert_cell(b, 1, 0xcd0000, 0x3333ee, false);
    assert_cell(b, 2, 0xff0000, 0x3333ee, false);
    assert_cell(b, 3, 0x3333ee, 0xff0000, false);
    assert_cell(b, 4, 0xe5e5e5, 0x000000, true);
    assert_cell(b, 5, 0xffffff, 0x7f7f7f, true);
    assert_cell(b, 6, 0xe5e5e5, 0x000000, false);
    assert_cell(b, 7, 0xff0000, 0x010203, false);
    assert_cell(b, 8, 0xe5e5e5, 0x000000, false);
    assert_cell(b, 9, 0xe5e5e5, 0x000000, false);
    /* What is erased takes the background. */
    send(b, "\033[H\033[42m\033[K");
    assert_cell(b, 5, 0xe5e5e5, 0x00cd00, false);
}

static void test_answers(Bench *b, gconstpointer data)
{
    send(b, "\033[3;4H\033[6n\033[5n\033[c");
    g_assert_cmpstr(b->answers->str, ==, "\033[3;4R\033[0n\033[?6c");
}

static void test_cursor(Bench *b, gconstpointer data)
{
    unsigned x, y;

    g_assert_true(terminal_cursor(b->t, &x, &y));
    send(b, "\033[?25l");
    g_assert_false(terminal_cursor(b->t, &x, &y));
    send(b, "\033[?25h");
    g_assert_true(terminal_cursor(b->t, &x, &y));
}

static unsigned changed_rows(Bench *b, uint64_t *seen)
{
    uint64_t since = *seen;
    unsigned rows = 0;

    *seen = terminal_look(b->t);
    for (unsigned y = 0; y < ROWS; y++) {
        rows |= (unsigned)terminal_row_changed(b->t, y, since) << y;
    }
    return rows;
}

static void test_changes(Bench *b, gconstpointer data)
{
    uint64_t one = 0, other = 0;

    g_assert_cmphex(changed_rows(b, &one), ==, 0xf);
    g_assert_cmphex(changed_rows(b, &one), ==, 0);
    send(b, "\033[3;1Hx"); /* the cursor leaves the first */
    g_assert_cmphex(changed_rows(b, &one), ==, 0x5);
    g_assert_cmphex(changed_rows(b, &other), ==, 0xf);
    send(b, "y");
    g_assert_cmphex(changed_rows(b, &other), ==, 0x4);
    send(b, "\033[2J");
    g_assert_cmphex(changed_rows(b, &one), ==, 0xf);
}

/* Whatever comes, at whatever size; under ASan this has teeth. */
static void test_noise(void)
{
    static const char likely[] = "\033\033[[[;?0123456789@ABCDEFGHJKLMPSTXrhlm";
    GRand *r = g_rand_new_with_seed(1);

    for (unsigned round = 0; round < 300; round++) {
        GString *answers = g_string_new(NULL);
        Bench b = {NULL, answers};
        uint8_t bytes[1000];

        b.t = terminal_new(1 + g_rand_int(r) % 5, 1 + g_rand_int(r) % 5,
                           on_reply, &b);
        for (unsigned i = 0; i < sizeof(bytes); i++) {
            bytes[i] = g_rand_boolean(r)
                           ? (uint8_t)likely[g_rand_int(r) % sizeof(likely)]
                           : (uint8_t)g_rand_int(r);
        }
        terminal_write(b.t, bytes, sizeof(bytes));
        tear_down(&b, NULL);
    }
    g_rand_free(r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/terminal/shows", test_shows);
#define TEST(name) \
 g_test_add("/terminal/" #name, Bench, NULL, set_up, test_##name, tear_down)
    TEST(colours);
    TEST(answers);
    TEST(cursor);
    TEST(changes);
    g_test_add_func("/terminal/noise", test_noise);
    return g_test_run();
}
