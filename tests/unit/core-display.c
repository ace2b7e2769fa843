/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/core-display.c - what sinks see of what devices draw. */
#include <glib.h>
#include <string.h>

#include "core/display.h"

enum { RGB = 0xffffff }; /* the part of a picture's word that counts */

typedef struct {
    Displays *all;
    Display *d;
    uint32_t *pixels; /* of the scanout */
    unsigned resizes;
    uint32_t width, height; /* as the last one asked */
    GString *typed;
} Bench;

static void on_resize(void *opaque, uint32_t width, uint32_t height)
{
    Bench *b = opaque;

    b->resizes++;
    b->width = width;
    b->height = height;
}

static void on_type(void *opaque, const char *bytes, size_t len)
{
    g_string_append_len(((Bench *)opaque)->typed, bytes, len);
}

static const DisplayOps screen_ops = {.resize = on_resize};
static const DisplayOps text_ops = {.type = on_type};

static void set_up(Bench *b, gconstpointer data)
{
    b->all = displays_new();
    b->d = display_new(b->all, "gpu", 0, &screen_ops, b);
    b->typed = g_string_new(NULL);
}

static void tear_down(Bench *b, gconstpointer data)
{
    display_free(b->d);
    displays_free(b->all);
    g_free(b->pixels);
    g_string_free(b->typed, TRUE);
}

/* A scanout of 32-bit words, all black. */
static void scan_words(Bench *b, uint32_t width, uint32_t height, bool live)
{
    uint32_t *old = b->pixels;
    DisplayScanout s = {.stride = width * 4,
                        .width = width,
                        .height = height,
                        .format = PIXEL_XRGB8888,
                        .live = live};

    b->pixels = g_new0(uint32_t, (size_t)width * height);
    s.pixels = (const uint8_t *)b->pixels;
    display_set_scanout(b->d, &s);
    g_free(old);
}

static void look_at_nothing(DisplaySink *s)
{
    DisplayChange c;

    g_assert_false(display_look(s, &c));
    g_assert_cmpint(c.n_rects, ==, 0);
}

static uint32_t pixel_at(Display *d, uint32_t x, uint32_t y)
{
    DisplayPicture p;
    uint32_t word;

    display_picture(d, &p);
    g_assert_cmpint(x, <, p.width);
    g_assert_cmpint(y, <, p.height);
    word = p.pixels[(size_t)y * p.stride + x] & RGB;
    display_done(d);
    return word;
}

static void assert_rect(const DisplayRect *r, int x, int y, int width,
                        int height)
{
    g_assert_cmpint(r->x, ==, x);
    g_assert_cmpint(r->y, ==, y);
    g_assert_cmpint(r->width, ==, width);
    g_assert_cmpint(r->height, ==, height);
}

static void test_list(Bench *b, gconstpointer data)
{
    Display *second = display_new(b->all, "gpu", 1, NULL, NULL);
    Display *text;

    g_assert_cmpint(displays_count(b->all), ==, 2);
    g_assert_true(displays_get(b->all, 0) == b->d);
    g_assert_true(displays_get(b->all, 1) == second);
    g_assert_null(displays_get(b->all, 2));
    g_assert_cmpstr(display_name(second), ==, "gpu");
    g_assert_cmpint(display_head(second), ==, 1);
    display_free(second);
    g_assert_cmpint(displays_count(b->all), ==, 1);

    text = display_new(b->all, "text", 0, &text_ops, b);
    second = display_new(b->all, "gpu", 1, NULL, NULL);
    g_assert_true(displays_get(b->all, 1) == second);
    g_assert_true(displays_get(b->all, 2) == text);
    display_free(second);
    display_free(text);
}

static void test_ops(Bench *b, gconstpointer data)
{
    Display *text = display_new(b->all, "serial0", 0, &text_ops, b);

    g_assert_true(display_resize(b->d, 640, 480));
    g_assert_cmpint(b->resizes, ==, 1);
    g_assert_cmpint(b->width, ==, 640);
    g_assert_cmpint(b->height, ==, 480);
    g_assert_false(display_resize(text, 640, 480));

    g_assert_true(display_is_text(text));
    g_assert_false(display_is_text(b->d));
    display_type(text, "ls\r", 3);
    display_type(b->d, "lost", 4);
    g_assert_cmpstr(b->typed->str, ==, "ls\r");
    display_free(text);
}

static void test_blank(Bench *b, gconstpointer data)
{
    DisplaySink *s = display_attach(b->d, NULL, NULL);
    DisplayChange c;
    DisplayPicture p;

    g_assert_true(display_look(s, &c));
    g_assert_true(c.resized);
    g_assert_cmpint(c.n_rects, ==, 0);
    look_at_nothing(s);

    scan_words(b, 4, 3, false);
    g_assert_true(display_look(s, &c));
    g_assert_true(c.resized);
    g_assert_cmpint(c.n_rects, ==, 1);
    assert_rect(&c.rects[0], 0, 0, 4, 3);

    display_set_scanout(b->d, NULL);
    g_assert_true(display_look(s, &c));
    g_assert_true(c.resized);
    g_assert_cmpint(c.n_rects, ==, 0);
    display_picture(b->d, &p);
    g_assert_cmpint(p.width, ==, 0);
    g_assert_null(p.pixels);
    display_done(b->d);
    display_detach(s);
}

/* Only what the device names is looked at, cut to the scanout's size. */
static void test_damage(Bench *b, gconstpointer data)
{
    DisplaySink *s = display_attach(b->d, NULL, NULL);
    DisplayChange c;

    scan_words(b, 8, 8, false);
    display_look(s, &c);
    b->pixels[1 * 8 + 2] = 0x123456;
    b->pixels[7 * 8 + 7] = 0x654321;
    display_damage(b->d, &(DisplayRect){2, 1, 1, 2});
    g_assert_true(display_look(s, &c));
    g_assert_false(c.resized);
    g_assert_cmpint(c.n_rects, ==, 1);
    assert_rect(&c.rects[0], 2, 1, 1, 2);
    g_assert_cmphex(pixel_at(b->d, 2, 1), ==, 0x123456);
    g_assert_cmphex(pixel_at(b->d, 7, 7), ==, 0);

    display_damage(b->d, &(DisplayRect){6, 5, G_MAXINT, G_MAXINT});
    g_assert_true(display_look(s, &c));
    g_assert_cmpint(c.n_rects, ==, 1);
    assert_rect(&c.rects[0], 6, 5, 2, 3);
    g_assert_cmphex(pixel_at(b->d, 7, 7), ==, 0x654321);

    display_damage(b->d, &(DisplayRect){-5, -5, 6, 7});
    g_assert_true(display_look(s, &c));
    assert_rect(&c.rects[0], 0, 0, 1, 2);

    display_damage(b->d, &(DisplayRect){8, 0, 1, 1});
    display_damage(b->d, &(DisplayRect){0, -4, 8, 4});
    display_damage(b->d, &(DisplayRect){3, 3, 0, 5});
    display_damage(b->d, &(DisplayRect){3, 3, -2, -2});
    look_at_nothing(s);
    display_detach(s);
}

/* More rectangles than a change holds: all damage is covered. */
static void test_many_rects(Bench *b, gconstpointer data)
{
    enum { SIZE = 64 };
    DisplaySink *s = display_attach(b->d, NULL, NULL);
    DisplayChange c;
    bool covered[SIZE][SIZE] = {{false}};

    scan_words(b, SIZE, SIZE, false);
    display_look(s, &c);
    for (int i = 0; i < SIZE; i++) {
        display_damage(b->d, &(DisplayRect){i * 7 % SIZE, i, 1, 1});
    }
    g_assert_true(display_look(s, &c));
    g_assert_cmpint(c.n_rects, <=, DISPLAY_MAX_RECTS);
    for (unsigned i = 0; i < c.n_rects; i++) {
        const DisplayRect *r = &c.rects[i];

        for (int y = r->y; y < r->y + r->height; y++) {
            memset(&covered[y][r->x], true, r->width);
        }
    }
    for (int i = 0; i < SIZE; i++) {
        g_assert_true(covered[i][i * 7 % SIZE]);
    }
    look_at_nothing(s);
    display_detach(s);
}

static void test_live(Bench *b, gconstpointer data)
{
    enum { WIDTH = 200, HEIGHT = 50 };
    DisplaySink *s = display_attach(b->d, NULL, NULL);
    DisplayChange c;

    scan_words(b, WIDTH, HEIGHT, true);
    g_assert_true(display_look(s, &c));
    g_assert_true(c.live);
    look_at_nothing(s);

    b->pixels[HEIGHT * WIDTH - 1] = 0xff00ff;
    g_assert_true(display_look(s, &c));
    g_assert_cmpint(c.n_rects, ==, 1);
    g_assert_cmpint(c.rects[0].x + c.rects[0].width, ==, WIDTH);
    g_assert_cmpint(c.rects[0].y + c.rects[0].height, ==, HEIGHT);
    g_assert_cmpint(c.rects[0].width, <, WIDTH);
    g_assert_cmpint(c.rects[0].height, <, HEIGHT);
    g_assert_cmphex(pixel_at(b->d, WIDTH - 1, HEIGHT - 1), ==, 0xff00ff);
    look_at_nothing(s);

    /* Both ends of a line: two rectangles, and nothing between. */
    b->pixels[0] = b->pixels[WIDTH - 1] = 1;
    g_assert_true(display_look(s, &c));
    g_assert_cmpint(c.n_rects, ==, 2);
    g_assert_cmphex(pixel_at(b->d, 0, 0), ==, 1);
    g_assert_cmphex(pixel_at(b->d, WIDTH - 1, 0), ==, 1);
    display_detach(s);
}

/* A page flip: the size stays, the memory is another. */
static void test_flip(Bench *b, gconstpointer data)
{
    DisplaySink *s = display_attach(b->d, NULL, NULL);
    DisplayChange c;

    scan_words(b, 16, 16, false);
    display_look(s, &c);
    scan_words(b, 16, 16, false);
    g_assert_true(display_look(s, &c));
    g_assert_false(c.resized);
    assert_rect(&c.rects[0], 0, 0, 16, 16);
    scan_words(b, 16, 16, true);
    b->pixels[17] = 5;
    g_assert_true(display_look(s, &c));
    g_assert_false(c.resized);
    g_assert_cmphex(pixel_at(b->d, 1, 1), ==, 5);
    display_detach(s);
}

/* Every sink hears of every change once. */
static void test_sinks(Bench *b, gconstpointer data)
{
    DisplaySink *one = display_attach(b->d, NULL, NULL);
    DisplaySink *two = display_attach(b->d, NULL, NULL);
    DisplaySink *three;
    DisplayChange c;

    scan_words(b, 8, 8, false);
    display_look(one, &c);
    display_damage(b->d, &(DisplayRect){0, 0, 1, 1});
    display_look(one, &c);
    display_damage(b->d, &(DisplayRect){4, 4, 1, 1});
    display_look(one, &c);
    assert_rect(&c.rects[0], 4, 4, 1, 1);
    look_at_nothing(one);

    g_assert_true(display_look(two, &c));
    g_assert_true(c.resized);
    g_assert_cmpint(c.n_rects, ==, 1);
    assert_rect(&c.rects[0], 0, 0, 8, 8);
    display_damage(b->d, &(DisplayRect){2, 2, 2, 2});
    display_look(one, &c);
    g_assert_true(display_look(two, &c));
    g_assert_false(c.resized);
    assert_rect(&c.rects[0], 2, 2, 2, 2);

    three = display_attach(b->d, NULL, NULL);
    g_assert_true(display_look(three, &c));
    g_assert_true(c.resized);
    look_at_nothing(one);
    display_detach(one);
    display_detach(two);
    display_detach(three);
}

static void count_wake(void *opaque)
{
    g_atomic_int_inc((gint *)opaque);
}

static void test_wake(Bench *b, gconstpointer data)
{
    static const DisplayRect rect = {0, 0, 1, 1};
    gint wakes = 0, others = 0;
    DisplaySink *s = display_attach(b->d, count_wake, &wakes);
    DisplaySink *other = display_attach(b->d, count_wake, &others);
    DisplayChange c;

    scan_words(b, 8, 8, false);
    g_assert_cmpint(wakes, ==, 1);
    display_damage(b->d, &rect);
    display_damage(b->d, &rect);
    g_assert_cmpint(wakes, ==, 1);
    display_look(s, &c);
    g_assert_cmpint(wakes, ==, 1);
    display_damage(b->d, &rect);
    g_assert_cmpint(wakes, ==, 2);
    g_assert_cmpint(others, ==, 1);
    display_look(s, &c);
    display_damage(b->d, &(DisplayRect){9, 9, 1, 1}); /* outside */
    display_move_cursor(b->d, 0, 0);                  /* where it is */
    g_assert_cmpint(wakes, ==, 2);
    display_move_cursor(b->d, 3, 4);
    g_assert_cmpint(wakes, ==, 3);
    display_detach(s);
    display_set_scanout(b->d, NULL);
    g_assert_cmpint(wakes, ==, 3);
    display_detach(other);
}

static void test_cursor(Bench *b, gconstpointer data)
{
    uint32_t shape[6] = {0xff000000, 0x80808080, 3, 4, 5, 6};
    DisplaySink *s = display_attach(b->d, NULL, NULL);
    DisplayChange c;
    DisplayPicture p;

    display_look(s, &c);
    display_set_cursor(b->d, shape, 3, 2, 1, 0);
    memset(shape, 0, sizeof(shape)); /* it was copied */
    display_move_cursor(b->d, -7, 12);
    g_assert_true(display_look(s, &c));
    g_assert_true(c.cursor_shape && c.cursor_moved);
    g_assert_cmpint(c.n_rects, ==, 0);
    display_picture(b->d, &p);
    g_assert_cmpint(p.cursor_width, ==, 3);
    g_assert_cmpint(p.cursor_height, ==, 2);
    g_assert_cmpint(p.cursor_hot_x, ==, 1);
    g_assert_cmpint(p.cursor_x, ==, -7);
    g_assert_cmpint(p.cursor_y, ==, 12);
    g_assert_cmphex(p.cursor[1], ==, 0x80808080);
    display_done(b->d);

    display_set_cursor(b->d, NULL, 0, 0, 0, 0);
    g_assert_true(display_look(s, &c));
    g_assert_true(c.cursor_shape && !c.cursor_moved);
    display_picture(b->d, &p);
    g_assert_null(p.cursor);
    display_done(b->d);
    look_at_nothing(s);
    display_detach(s);
}

/* A device that is unplugged leaves its sinks a blank screen. */
static void test_unplug(Bench *b, gconstpointer data)
{
    Display *d = display_new(b->all, "gone", 0, &screen_ops, b);
    DisplaySink *s = display_attach(d, NULL, NULL);
    uint32_t pixel = 0;
    DisplayScanout scanout = {(const uint8_t *)&pixel, 4,   1, 1,
                              PIXEL_XRGB8888,          true};
    DisplayChange c;

    display_set_scanout(d, &scanout);
    display_look(s, &c);
    display_free(d);
    g_assert_cmpint(displays_count(b->all), ==, 1);
    g_assert_true(display_look(s, &c));
    g_assert_true(c.resized);
    g_assert_cmpint(c.n_rects, ==, 0);
    g_assert_false(display_resize(d, 1, 1));
    display_detach(s); /* frees d */
}

/* ---- who draws only when somebody looks -------------------------------- */

typedef struct {
    unsigned draws; /* that were asked for */
    bool news;
} Lazy;

static bool draw_lazily(void *opaque, DisplayRect *changed)
{
    Lazy *l = opaque;

    l->draws++;
    *changed = (DisplayRect){0, 0, 1, 1};
    return l->news;
}

static bool read_text(void *opaque, DisplayText *text)
{
    Lazy *l = opaque;

    display_text_fit(text, 3, 2);
    text->cells[5].ch = '!';
    return l->news;
}

static void test_lazy(Bench *b, gconstpointer data)
{
    static const DisplayOps ops = {.draw = draw_lazily, .read_text = read_text};
    uint32_t pixels[4] = {0};
    DisplayScanout scanout = {(const uint8_t *)pixels, 8, 2, 2, PIXEL_XRGB8888};
    Lazy l = {0};
    Display *d = display_new(b->all, "console", 0, &ops, &l);
    unsigned wakes = 0;
    DisplaySink *s = display_attach(d, count_wake, &wakes);
    DisplayText text = {0};
    DisplayChange c;

    display_set_scanout(d, &scanout);
    display_look(s, &c);
    g_assert_false(display_look(s, &c));
    wakes = 0;
    display_changed(d);
    display_changed(d);
    g_assert_cmpint(wakes, ==, 1);
    l = (Lazy){.news = true};
    g_assert_true(display_look(s, &c));
    g_assert_cmpint(c.n_rects, ==, 1);
    g_assert_cmpint(c.rects[0].width, ==, 1);
    g_assert_cmpint(l.draws, ==, 1);

    display_changed(d);
    g_assert_cmpint(wakes, ==, 2);
    g_assert_true(display_look_text(s, &text));
    g_assert_cmpint(text.cells[5].ch, ==, '!');
    g_assert_cmpint(l.draws, ==, 1);
    display_changed(d);
    g_assert_cmpint(wakes, ==, 3);

    display_free(d);
    g_assert_true(display_look_text(s, &text));
    g_assert_cmpint(text.columns, ==, 0);
    g_assert_cmpint(text.width, ==, 0);
    display_detach(s);
    display_text_finish(&text);
}

/* Of a guest's screen there is its size and no character. */
static void test_no_text(Bench *b, gconstpointer data)
{
    DisplaySink *s = display_attach(b->d, NULL, NULL);
    uint32_t pixels[6] = {0};
    DisplayScanout scanout = {(const uint8_t *)pixels, 12, 3, 2,
                              PIXEL_XRGB8888};
    DisplayText text = {0};

    g_assert_false(display_look_text(s, &text));
    display_set_scanout(b->d, &scanout);
    g_assert_true(display_look_text(s, &text));
    g_assert_cmpint(text.width, ==, 3);
    g_assert_cmpint(text.height, ==, 2);
    g_assert_null(text.cells);
    g_assert_false(display_look_text(s, &text));
    display_set_scanout(b->d, NULL);
    display_detach(s);
}

/* ---- formats ---------------------------------------------------------- */

/* A colour in each format, as the guest would store it: low byte first. */
static const struct {
    PixelFormat format;
    uint8_t bytes[4];
    uint32_t word;
} colours[] = {
    {PIXEL_XRGB8888, {0x33, 0x22, 0x11, 0x00}, 0x112233},
    {PIXEL_ARGB8888, {0x33, 0x22, 0x11, 0x40}, 0x112233},
    {PIXEL_XBGR8888, {0x11, 0x22, 0x33, 0x00}, 0x112233},
    {PIXEL_ABGR8888, {0x11, 0x22, 0x33, 0x40}, 0x112233},
    {PIXEL_RGBX8888, {0x00, 0x33, 0x22, 0x11}, 0x112233},
    {PIXEL_RGBA8888, {0x40, 0x33, 0x22, 0x11}, 0x112233},
    {PIXEL_BGRX8888, {0x00, 0x11, 0x22, 0x33}, 0x112233},
    {PIXEL_BGRA8888, {0x40, 0x11, 0x22, 0x33}, 0x112233},
    {PIXEL_RGB888, {0x33, 0x22, 0x11}, 0x112233},
    {PIXEL_RGB565, {0x1f, 0xf8}, 0xff00ff},
    {PIXEL_XRGB1555, {0xe0, 0x03}, 0x00ff00},
};

/* One format, live or not, in lines of an odd length at an odd address: one
 * pixel is drawn and is the only one that the picture shows. */
static void check_format(Bench *b, unsigned n, bool live)
{
    enum { WIDTH = 71, HEIGHT = 19, X = 67, Y = 18 };
    PixelFormat format = colours[n].format;
    unsigned bytes = pixel_bytes(format), stride = WIDTH * bytes + 3;
    g_autofree uint8_t *memory = g_malloc0(1 + stride * HEIGHT);
    DisplayScanout scanout = {memory + 1, stride, WIDTH, HEIGHT, format, live};
    DisplaySink *s = display_attach(b->d, NULL, NULL);
    DisplayChange c;

    display_set_scanout(b->d, &scanout);
    display_look(s, &c);
    memcpy(memory + 1 + Y * stride + X * bytes, colours[n].bytes, bytes);
    display_damage(b->d, &(DisplayRect){X, Y, 2, 1});
    g_assert_true(display_look(s, &c));
    g_assert_cmpint(c.n_rects, ==, 1);
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
            g_assert_cmphex(pixel_at(b->d, x, y), ==,
                            x == X && y == Y ? colours[n].word : 0);
        }
    }
    look_at_nothing(s);
    display_set_scanout(b->d, NULL);
    display_detach(s);
}

static void test_formats(Bench *b, gconstpointer data)
{
    g_assert_cmpint(G_N_ELEMENTS(colours), ==, PIXEL_N_FORMATS);
    for (unsigned i = 0; i < G_N_ELEMENTS(colours); i++) {
        g_assert_cmpint(colours[i].format, ==, i);
        check_format(b, i, false);
        check_format(b, i, true);
    }
}

/* ---- threads ---------------------------------------------------------- */

enum { ROUNDS = 2000, SIDE = 32 };

/* A device of two pages: draws in the one that is not shown, then flips; and
 * damages, moves the cursor and changes its size in between. */
static void *draw(void *opaque)
{
    Bench *b = opaque;
    g_autofree uint32_t *pages = g_new0(uint32_t, 2 * SIDE * SIDE);

    for (uint32_t round = 1; round <= ROUNDS; round++) {
        uint32_t *page = pages + round % 2 * SIDE * SIDE;
        uint32_t side = round == ROUNDS ? SIDE : SIDE - round % 3;
        DisplayScanout s = {(const uint8_t *)page, SIDE * 4,      side, side,
                            PIXEL_XRGB8888,        round % 5 == 0};

        for (unsigned i = 0; i < SIDE * SIDE; i++) {
            page[i] = round;
        }
        display_set_scanout(b->d, &s);
        display_damage(b->d, &(DisplayRect){round % SIDE, 3, 5, 5});
        display_set_cursor(b->d, page, 8, 8, 0, 0);
        display_move_cursor(b->d, round, round);
    }
    display_set_cursor(b->d, NULL, 0, 0, 0, 0);
    display_set_scanout(b->d, NULL);
    return NULL;
}

typedef struct {
    Display *d;
    gint wakes;  /* atomic */
    gint *ready; /* atomic: lookers that are attached */
    gint *done;  /* atomic */
} Looker;

/* A picture is of one round throughout: it is never seen half drawn. */
static void check_picture(Display *d)
{
    DisplayPicture p;

    display_picture(d, &p);
    for (uint32_t y = 0; y < p.height; y++) {
        for (uint32_t x = 0; x < p.width; x++) {
            g_assert_cmphex(p.pixels[y * p.stride + x] & RGB, ==,
                            p.pixels[0] & RGB);
        }
    }
    if (p.cursor != NULL) {
        g_assert_cmphex(p.cursor[63], ==, p.cursor[0]);
    }
    display_done(d);
}

static void *look(void *opaque)
{
    Looker *l = opaque;
    DisplaySink *s = display_attach(l->d, count_wake, &l->wakes);
    DisplayChange c;

    g_atomic_int_inc(l->ready);
    while (!g_atomic_int_get(l->done)) {
        display_look(s, &c);
        check_picture(l->d);
        if (g_random_int() % 64 == 0) {
            display_detach(s);
            s = display_attach(l->d, count_wake, &l->wakes);
        }
    }
    display_detach(s);
    return NULL;
}

static void test_threads(Bench *b, gconstpointer data)
{
    gint ready = 0, done = 0;
    Looker lookers[2] = {{b->d, 0, &ready, &done}, {b->d, 0, &ready, &done}};
    DisplaySink *s = display_attach(b->d, NULL, NULL);
    GThread *sinks[2], *device;
    DisplayChange c;

    for (unsigned i = 0; i < 2; i++) {
        sinks[i] = g_thread_new("sink", look, &lookers[i]);
    }
    while (g_atomic_int_get(&ready) < 2) {
        g_thread_yield();
    }
    device = g_thread_new("device", draw, b);
    g_thread_join(device);
    g_atomic_int_set(&done, 1);
    for (unsigned i = 0; i < 2; i++) {
        g_thread_join(sinks[i]);
        g_assert_cmpint(lookers[i].wakes, >, 0);
    }
    display_look(s, &c);
    g_assert_true(c.resized);
    g_assert_cmpint(c.n_rects, ==, 0);
    display_detach(s);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *path;
        void (*fn)(Bench *b, gconstpointer data);
    } tests[] = {
        {"/display/list", test_list},
        {"/display/ops", test_ops},
        {"/display/blank", test_blank},
        {"/display/damage", test_damage},
        {"/display/many-rects", test_many_rects},
        {"/display/live", test_live},
        {"/display/flip", test_flip},
        {"/display/sinks", test_sinks},
        {"/display/lazy", test_lazy},
        {"/display/no-text", test_no_text},
        {"/display/wake", test_wake},
        {"/display/cursor", test_cursor},
        {"/display/unplug", test_unplug},
        {"/display/formats", test_formats},
        {"/display/threads", test_threads},
    };

    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_test_add(tests[i].path, Bench, NULL, set_up, tests[i].fn, tear_down);
    }
    return g_test_run();
}
