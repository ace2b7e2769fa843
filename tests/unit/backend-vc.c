/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/backend-vc.c - text consoles: bytes in at the device, letters on
 * the screen; keys in at the screen, bytes out at the device. */
#include <glib.h>
#include <string.h>

#include "backend/char/char-backend.h"
#include "core/display.h"

enum { RGB = 0xffffff, CELL_HEIGHT = 16 };

typedef struct {
    Backends backends;
    CharDev *c;
    Display *display;
    DisplaySink *sink;
    GString *got;
    size_t room; /* of the guest */
} Bench;

static size_t can_receive(void *opaque)
{
    return ((Bench *)opaque)->room;
}

static void receive(void *opaque, const uint8_t *bytes, size_t len)
{
    Bench *b = opaque;

    g_string_append_len(b->got, (const char *)bytes, (gssize)len);
    b->room -= len;
}

static const CharFrontEnd front = {can_receive, receive, NULL};

static void open_console(Bench *b, const char *spec)
{
    g_autoptr(GError) error = NULL;
    bool monitor;

    char_backend_from_legacy(&b->backends, "serial0", spec, &b->c, &monitor,
                             &error);
    g_assert_no_error(error);
    b->room = SIZE_MAX;
    b->got = g_string_new(NULL);
    g_assert_true(char_attach(b->c, &front, b, NULL));
    g_assert_cmpint(displays_count(b->backends.displays), ==, 1);
    b->display = displays_get(b->backends.displays, 0);
    b->sink = display_attach(b->display, NULL, NULL);
}

static void set_up(Bench *b, gconstpointer spec)
{
    backends_init(&b->backends);
    open_console(b, spec);
}

static void tear_down(Bench *b, gconstpointer spec)
{
    display_detach(b->sink);
    char_detach(b->c);
    g_string_free(b->got, TRUE);
    backends_finish(&b->backends);
}

static void settle(void)
{
    while (g_main_context_iteration(NULL, FALSE)) {
    }
}

static DisplayPicture look(Bench *b, DisplayChange *change)
{
    DisplayPicture p;

    settle();
    display_look(b->sink, change);
    display_picture(b->display, &p);
    display_done(b->display);
    return p;
}

static void put(Bench *b, const char *text)
{
    g_assert_cmpint(char_write(b->c, (const uint8_t *)text, strlen(text)), ==,
                    strlen(text));
}

/* How many pixels of a cell have the colour. */
static unsigned count(const DisplayPicture *p, unsigned width, unsigned column,
                      unsigned row, uint32_t colour)
{
    unsigned n = 0;

    for (unsigned y = row * CELL_HEIGHT; y < (row + 1) * CELL_HEIGHT; y++) {
        for (unsigned x = column * width; x < (column + 1) * width; x++) {
            n += (p->pixels[(size_t)y * p->stride + x] & RGB) == colour;
        }
    }
    return n;
}

static void test_shows(Bench *b, gconstpointer spec)
{
    DisplayChange change;
    DisplayPicture p = look(b, &change);
    unsigned width = p.width / 20, cell = width * CELL_HEIGHT;

    g_assert_cmpstr(display_name(b->display), ==, "serial0");
    g_assert_cmpint(p.width % 20, ==, 0);
    g_assert_cmpint(p.height, ==, 5 * CELL_HEIGHT);
    /* The cursor is a block; nothing else is there. */
    g_assert_cmpint(count(&p, width, 0, 0, 0xe5e5e5), ==, cell);
    g_assert_cmpint(count(&p, width, 1, 0, 0), ==, cell);

    put(b, "\033[41m \033[0mM");
    p = look(b, &change);
    g_assert_cmpint(change.n_rects, ==, 1);
    g_assert_cmpint(change.rects[0].height, ==, CELL_HEIGHT);
    g_assert_cmpint(count(&p, width, 0, 0, 0xcd0000), ==, cell);
    g_assert_cmpint(count(&p, width, 1, 0, 0), <, cell - 10);
    g_assert_cmpint(count(&p, width, 1, 0, 0), >, 10);
    g_assert_cmpint(count(&p, width, 2, 0, 0xe5e5e5), ==, cell);

    /* A rule of full blocks leaves no background in between. */
    put(b, "\033[H\xe2\x96\x88\xe2\x96\x88");
    p = look(b, &change);
    g_assert_cmpint(count(&p, width, 0, 0, 0), <, cell / 8);
    put(b, "\033[2J");
    p = look(b, &change);
    g_assert_cmpint(count(&p, width, 0, 0, 0), ==, cell);
}

static const DisplayCell *cell_at(const DisplayText *t, unsigned x, unsigned y)
{
    return &t->cells[y * t->columns + x];
}

/* Who wants characters gets what changed of them, and draws no pixel. */
static void test_cells(Bench *b, gconstpointer spec)
{
    DisplayText t = {0};

    g_assert_true(display_look_text(b->sink, &t));
    g_assert_cmpint(t.columns, ==, 20);
    g_assert_cmpint(t.rows, ==, 5);
    g_assert_cmpint(t.height, ==, 5 * CELL_HEIGHT);
    g_assert_cmpint(cell_at(&t, 19, 4)->ch, ==, ' ');
    g_assert_false(display_look_text(b->sink, &t));

    put(b, "\033[2;3H\033[31;44;4m\xe6\xbc\xa2\033[0m.\033[?25l");
    settle();
    g_assert_true(display_look_text(b->sink, &t));
    g_assert_true(t.changed[0]); /* the cursor was there */
    g_assert_true(t.changed[1]);
    g_assert_false(t.changed[2]);
    g_assert_cmphex(cell_at(&t, 2, 1)->ch, ==, 0x6f22);
    g_assert_cmphex(cell_at(&t, 2, 1)->fg, ==, 0xcd0000);
    g_assert_cmphex(cell_at(&t, 2, 1)->bg, ==, 0x3333ee);
    g_assert_true(cell_at(&t, 2, 1)->underlined);
    g_assert_cmpint(cell_at(&t, 3, 1)->ch, ==, 0);
    g_assert_cmpint(cell_at(&t, 4, 1)->ch, ==, '.');
    g_assert_false(cell_at(&t, 4, 1)->underlined);
    g_assert_cmpint(t.cursor_x, ==, 5);
    g_assert_cmpint(t.cursor_y, ==, 1);
    g_assert_false(t.cursor_shown);
    display_text_finish(&t);
}

static void test_typed(Bench *b, gconstpointer spec)
{
    g_assert_true(display_is_text(b->display));
    display_type(b->display, "ls\r\033[A", 6);
    put(b, "\033[6n"); /* asks where the cursor is */
    settle();
    g_assert_cmpstr(b->got->str, ==, "ls\r\033[A\033[1;1R");
}

/* Of a guest that does not speak UTF-8. */
static void test_charset(Bench *b, gconstpointer spec)
{
    uint32_t high[128] = {[0x04] = 0xe4, [0x05] = 0x6f22};
    DisplayText t = {0};

    display_set_charset(b->display, high);
    display_type(b->display, "a\xc3\xa4\xc3\xb6\xff", 5);
    put(b, "\x84\x85z");
    settle();
    g_assert_cmpstr(b->got->str, ==, "a\x84?");
    display_look_text(b->sink, &t);
    g_assert_cmphex(cell_at(&t, 0, 0)->ch, ==, 0xe4);
    g_assert_cmphex(cell_at(&t, 1, 0)->ch, ==, 0x6f22);
    g_assert_cmphex(cell_at(&t, 3, 0)->ch, ==, 'z');
    display_text_finish(&t);
}

/* A guest that does not read loses no key, and one that writes much waits for
 * nobody. */
static void test_busy(Bench *b, gconstpointer spec)
{
    DisplayChange change;
    DisplayPicture p;
    g_autofree char *lines = g_strnfill(500000, '\n');

    b->room = 1;
    display_type(b->display, "abc", 3);
    settle();
    g_assert_cmpstr(b->got->str, ==, "a");
    b->room = SIZE_MAX;
    char_accept_input(b->c);
    put(b, lines);
    put(b, "\033[H\033[42m ");
    p = look(b, &change);
    g_assert_cmpstr(b->got->str, ==, "abc");
    g_assert_cmpint(count(&p, p.width / 20, 0, 0, 0x00cd00), ==,
                    p.width / 20 * CELL_HEIGHT);
}

static void test_pixels(Bench *b, gconstpointer spec)
{
    DisplayChange change;
    DisplayPicture p = look(b, &change);

    g_assert_cmpint(p.width, >, 320 - 20);
    g_assert_cmpint(p.width, <=, 320);
    g_assert_cmpint(p.height, ==, 192); /* 200 is not full rows */
}

static void test_refused(void)
{
    static const struct {
        const char *spec, *why;
    } bad[] = {
        {"vc:80", "'vc:80': size '80' is not WxH or COLSCxROWSC"},
        {"vc:x", "'vc:x': size 'x' is not WxH or COLSCxROWSC"},
        {"vc:80x25C", "'vc:80x25C': size '80x25C' is not WxH or COLSCxROWSC"},
        {"vc:2x2", "chardev 'serial0': a text console has 1 to 500 columns and "
                   "rows"},
        {"vc:600Cx20C",
         "chardev 'serial0': a text console has 1 to 500 columns and rows"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        Backends backends;
        bool monitor;
        CharDev *c;

        backends_init(&backends);
        g_assert_false(char_backend_from_legacy(
            &backends, "serial0", bad[i].spec, &c, &monitor, &error));
        g_assert_cmpstr(error->message, ==, bad[i].why);
        g_assert_cmpint(displays_count(backends.displays), ==, 0);
        backends_finish(&backends);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name, spec) \
 g_test_add("/vc/" #name, Bench, spec, set_up, test_##name, tear_down)
    TEST(shows, "vc:20Cx5C");
    TEST(cells, "vc:20Cx5C");
    TEST(typed, "vc");
    TEST(charset, "vc:20Cx5C");
    TEST(busy, "vc:20Cx5C");
    TEST(pixels, "vc:320x200");
    g_test_add_func("/vc/refused", test_refused);
    return g_test_run();
}
