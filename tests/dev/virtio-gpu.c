/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/dev/virtio-gpu.c - the graphics card: pictures from guest memory to a
 * screen, damage, heads, the pointer, limits on what a guest may ask for, saved
 * state. */
#include "core/clock.h"
#include "core/display.h"
#include "hw/virtio/virtio.h"
#include "tests/dev/virtio-guest.h"

enum {
    RESPONSE = BUFFERS + 0x10000,
    PIXELS = BUFFERS + 0x40000,
    OK = 0x1100,
    OK_INFO = 0x1101,
    OK_EDID = 0x1104,
    UNSPEC = 0x1200,
    OUT_OF_MEMORY = 0x1201,
    INVALID_SCANOUT = 0x1202,
    INVALID_RESOURCE = 0x1203,
    INVALID_PARAMETER = 0x1205,
    BGRX = 2,
    RGBA = 67,
    EDID = BIT(1),
};

typedef struct {
    Guest g;
    Ring control, cursor;
    uint32_t response_len;
} Fixture;

static void set_up(Fixture *f, Kind kind, const char *props)
{
    memset(f, 0, sizeof(*f));
    guest_init(&f->g, kind);
    guest_plug(&f->g, "virtio-gpu", props);
    g_assert_true(guest_negotiate(&f->g, EDID));
    ring_init(&f->control, &f->g, 0, 64);
    ring_init(&f->cursor, &f->g, 1, 16);
    guest_driver_ok(&f->g);
}

static Display *screen(const Fixture *f, unsigned head)
{
    return displays_get(f->g.backends.displays, head);
}

/* Sends a command of words behind the header; returns the response's type. */
static uint32_t send(Fixture *f, Ring *ring, uint32_t type,
                     const uint32_t *words, unsigned n)
{
    uint32_t bytes[6 + 16] = {type, 1 /* fence */, 0x1234, 0, 7, 0};
    Seg segs[2] = {{BUFFERS, 24 + 4 * n, false}, {RESPONSE, 2048, true}};

    memcpy(bytes + 6, words, 4 * n);
    ram_put(&f->g, BUFFERS, bytes, 24 + 4 * n);
    ring_add(ring, segs, 2);
    ring_kick(ring);
    f->response_len = ring_wait(ring);
    g_assert_cmpuint(guest_read(&f->g, RESPONSE + 4, 4), ==, 1);
    g_assert_cmphex(guest_read(&f->g, RESPONSE + 8, 8), ==, 0x1234);
    g_assert_cmpuint(guest_read(&f->g, RESPONSE + 16, 4), ==, 7);
    return (uint32_t)guest_read(&f->g, RESPONSE, 4);
}

#define SEND(f, type, ...)                                     \
 send(f, &(f)->control, type, (const uint32_t[]){__VA_ARGS__}, \
      sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))
#define SEND_CURSOR(f, type, ...)                             \
 send(f, &(f)->cursor, type, (const uint32_t[]){__VA_ARGS__}, \
      sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))

#define CREATE(f, id, format, w, h)   SEND(f, 0x101, id, format, w, h)
#define UNREF(f, id)                  SEND(f, 0x102, id, 0)
#define SHOW(f, head, id, x, y, w, h) SEND(f, 0x103, x, y, w, h, head, id)
#define FLUSH(f, id, x, y, w, h)      SEND(f, 0x104, x, y, w, h, id, 0)
#define FILL(f, id, x, y, w, h, offset) \
 SEND(f, 0x105, x, y, w, h, offset, 0, id, 0)

/* A backing list of one entry, behind the command in the same buffer. */
static uint32_t attach(Fixture *f, uint32_t id, Gpa addr, uint32_t len)
{
    return SEND(f, 0x106, id, 1, (uint32_t)addr, (uint32_t)(addr >> 32), len,
                0);
}

static void put_pixel(Fixture *f, unsigned i, uint32_t value)
{
    guest_write(&f->g, PIXELS + 4 * i, 4, value);
}

static uint32_t pixel(Fixture *f, unsigned head, unsigned x, unsigned y)
{
    DisplayPicture p;
    uint32_t value;

    display_picture(screen(f, head), &p);
    g_assert_cmpuint(x, <, p.width);
    g_assert_cmpuint(y, <, p.height);
    value = p.pixels[y * p.stride + x] & 0xffffff;
    display_done(screen(f, head));
    return value;
}

/* 64x32 on a screen, backed, with everything in place. */
static DisplaySink *show_picture(Fixture *f)
{
    DisplaySink *sink = display_attach(screen(f, 0), NULL, NULL);
    DisplayChange change;

    for (unsigned i = 0; i < 64 * 32; i++) {
        put_pixel(f, i, 0x100000 + i);
    }
    g_assert_cmphex(CREATE(f, 5, BGRX, 64, 32), ==, OK);
    g_assert_cmphex(attach(f, 5, PIXELS, 64 * 32 * 4), ==, OK);
    g_assert_cmphex(FILL(f, 5, 0, 0, 64, 32, 0), ==, OK);
    g_assert_cmphex(SHOW(f, 0, 5, 0, 0, 64, 32), ==, OK);
    g_assert_cmphex(FLUSH(f, 5, 0, 0, 64, 32), ==, OK);
    g_assert_true(display_look(sink, &change));
    g_assert_true(change.resized);
    return sink;
}

static void test_picture(gconstpointer data)
{
    Fixture f;
    DisplaySink *sink;
    DisplayChange change;

    set_up(&f, (Kind)GPOINTER_TO_UINT(data), "");
    sink = show_picture(&f);
    g_assert_cmphex(pixel(&f, 0, 0, 0), ==, 0x100000);
    g_assert_cmphex(pixel(&f, 0, 63, 31), ==, 0x100000 + 64 * 32 - 1);
    g_assert_false(display_look(sink, &change));

    /* A part, from its own place in the backing. */
    put_pixel(&f, 3 * 64 + 2, 0xabcdef);
    g_assert_cmphex(FILL(&f, 5, 2, 3, 4, 2, 4 * (3 * 64 + 2)), ==, OK);
    g_assert_cmphex(FLUSH(&f, 5, 2, 3, 4, 2), ==, OK);
    g_assert_true(display_look(sink, &change));
    g_assert_cmpuint(change.n_rects, ==, 1);
    g_assert_cmpint(change.rects[0].x, ==, 2);
    g_assert_cmpint(change.rects[0].y, ==, 3);
    g_assert_cmpint(change.rects[0].width, ==, 4);
    g_assert_cmpint(change.rects[0].height, ==, 2);
    g_assert_cmphex(pixel(&f, 0, 2, 3), ==, 0xabcdef);
    g_assert_cmphex(pixel(&f, 0, 6, 3), ==, 0x100000 + 3 * 64 + 6);

    /* A window of it, whose damage counts from its corner. */
    g_assert_cmphex(SHOW(&f, 0, 5, 2, 3, 10, 5), ==, OK);
    g_assert_true(display_look(sink, &change));
    g_assert_true(change.resized);
    g_assert_cmphex(pixel(&f, 0, 0, 0), ==, 0xabcdef);
    g_assert_cmphex(FLUSH(&f, 5, 0, 0, 3, 4), ==, OK);
    g_assert_true(display_look(sink, &change));
    g_assert_cmpint(change.rects[0].width, ==, 1);
    g_assert_cmpint(change.rects[0].height, ==, 1);

    g_assert_cmphex(UNREF(&f, 5), ==, OK);
    g_assert_true(display_look(sink, &change));
    g_assert_cmpuint(change.n_rects, ==, 0);
    display_detach(sink);
    guest_finish(&f.g);
}

/* A list in three pieces, one of them empty, across row ends. */
static void test_backing(void)
{
    Fixture f;

    set_up(&f, PCI_MODERN, "");
    for (unsigned i = 0; i < 200; i++) {
        put_pixel(&f, i, i);
    }
    g_assert_cmphex(CREATE(&f, 1, RGBA, 8, 4), ==, OK);
    g_assert_cmphex(SEND(&f, 0x106, 1, 3, PIXELS + 400, 0, 44, 0, PIXELS, 0, 0,
                         0, PIXELS, 0, 84, 0),
                    ==, OK);
    g_assert_cmphex(FILL(&f, 1, 0, 0, 8, 4, 0), ==, OK);
    g_assert_cmphex(SHOW(&f, 0, 1, 0, 0, 8, 4), ==, OK);
    display_detach(show_picture(&f)); /* looks; another resource */
    g_assert_cmphex(SHOW(&f, 0, 1, 0, 0, 8, 4), ==, OK);
    {
        DisplaySink *sink = display_attach(screen(&f, 0), NULL, NULL);
        DisplayChange change;

        display_look(sink, &change);
        display_detach(sink);
    }
    g_assert_cmphex(pixel(&f, 0, 0, 0), ==, 100 << 16);
    g_assert_cmphex(pixel(&f, 0, 2, 1), ==, 110 << 16);
    g_assert_cmphex(pixel(&f, 0, 3, 1), ==, 0);
    g_assert_cmphex(pixel(&f, 0, 7, 3), ==, 20 << 16);
    /* The list is one word longer than a picture at offset 0 needs. */
    g_assert_cmphex(FILL(&f, 1, 0, 0, 8, 4, 4), ==, INVALID_PARAMETER);
    g_assert_cmphex(SEND(&f, 0x107, 1, 0), ==, OK);
    g_assert_cmphex(FILL(&f, 1, 0, 0, 8, 4, 0), ==, INVALID_PARAMETER);
    guest_finish(&f.g);
}

static void test_refused(void)
{
    Fixture f;

    set_up(&f, MMIO_MODERN, "max_hostmem=1M");
    g_assert_cmphex(CREATE(&f, 0, BGRX, 8, 8), ==, INVALID_RESOURCE);
    g_assert_cmphex(CREATE(&f, 1, 99, 8, 8), ==, INVALID_PARAMETER);
    g_assert_cmphex(CREATE(&f, 1, BGRX, 0, 8), ==, INVALID_PARAMETER);
    g_assert_cmphex(CREATE(&f, 1, BGRX, 0x10000, 0x10000), ==,
                    INVALID_PARAMETER);
    g_assert_cmphex(CREATE(&f, 1, BGRX, 512, 512), ==, OUT_OF_MEMORY);
    g_assert_cmphex(CREATE(&f, 1, BGRX, 512, 500), ==, OK);
    g_assert_cmphex(CREATE(&f, 1, BGRX, 8, 8), ==, INVALID_RESOURCE);
    g_assert_cmphex(CREATE(&f, 2, BGRX, 128, 100), ==, OUT_OF_MEMORY);
    g_assert_cmphex(UNREF(&f, 2), ==, INVALID_RESOURCE);
    g_assert_cmphex(SHOW(&f, 1, 1, 0, 0, 8, 8), ==, INVALID_SCANOUT);
    g_assert_cmphex(SHOW(&f, 0, 9, 0, 0, 8, 8), ==, INVALID_RESOURCE);
    g_assert_cmphex(SHOW(&f, 0, 1, 0, 0, 0, 8), ==, INVALID_PARAMETER);
    g_assert_cmphex(SHOW(&f, 0, 1, 8, 0, 505, 8), ==, INVALID_PARAMETER);
    g_assert_cmphex(SHOW(&f, 0, 1, 8, 0, 0xfffffff9, 8), ==, INVALID_PARAMETER);
    g_assert_cmphex(FLUSH(&f, 1, 0, 0, 513, 1), ==, INVALID_PARAMETER);
    g_assert_cmphex(FLUSH(&f, 1, 0, 0xffffffff, 1, 2), ==, INVALID_PARAMETER);
    /* No list, a list that is not all there, one outside RAM. */
    g_assert_cmphex(FILL(&f, 1, 0, 0, 8, 8, 0), ==, INVALID_PARAMETER);
    g_assert_cmphex(SEND(&f, 0x106, 1, 2, PIXELS, 0, 64, 0), ==,
                    INVALID_PARAMETER);
    g_assert_cmphex(attach(&f, 1, 0x1000, 0x10000), ==, OK);
    g_assert_cmphex(attach(&f, 1, PIXELS, 0x10000), ==, INVALID_PARAMETER);
    g_assert_cmphex(FILL(&f, 1, 0, 0, 8, 8, 0), ==, UNSPEC);
    g_assert_cmphex(FILL(&f, 1, 0, 0, 8, 8, 0xfffffff0), ==, INVALID_PARAMETER);
    /* Not ours, on the wrong queue, too short. */
    g_assert_cmphex(SEND(&f, 0x108, 0), ==, UNSPEC);
    g_assert_cmphex(SEND(&f, 0x300, 0, 0, 0, 0, 1, 0, 0, 0), ==, UNSPEC);
    g_assert_cmphex(SEND(&f, 0x101, 3, BGRX, 8), ==, INVALID_PARAMETER);
    guest_finish(&f.g);
}

/* Every resource given back leaves the whole of max_hostmem. */
static void test_memory_returns(void)
{
    Fixture f;

    set_up(&f, MMIO_MODERN, "max_hostmem=1M");
    for (unsigned i = 0; i < 50; i++) {
        g_assert_cmphex(CREATE(&f, 1, BGRX, 512, 500), ==, OK);
        g_assert_cmphex(attach(&f, 1, PIXELS, 4096), ==, OK);
        if (i % 2 == 0) {
            g_assert_cmphex(UNREF(&f, 1), ==, OK);
        } else {
            g_assert_true(guest_negotiate(&f.g, EDID));
            f.g.next_ring = f.control.desc;
            ring_init(&f.control, &f.g, 0, 64);
            guest_driver_ok(&f.g);
        }
    }
    guest_finish(&f.g);
}

static void test_heads(void)
{
    Fixture f;

    set_up(&f, PCI_MODERN, "max_outputs=2,xres=800,yres=600");
    g_assert_cmpuint(displays_count(f.g.backends.displays), ==, 2);
    g_assert_cmpuint(guest_read(&f.g, f.g.config + 8, 4), ==, 2);
    g_assert_cmphex(SEND(&f, 0x100, 0), ==, OK_INFO);
    g_assert_cmpuint(f.response_len, ==, 24 + 16 * 24);
    g_assert_cmpuint(guest_read(&f.g, RESPONSE + 24 + 8, 4), ==, 800);
    g_assert_cmpuint(guest_read(&f.g, RESPONSE + 24 + 24 + 12, 4), ==, 600);
    g_assert_cmpuint(guest_read(&f.g, RESPONSE + 24 + 24 + 16, 4), ==, 1);
    g_assert_cmpuint(guest_read(&f.g, RESPONSE + 24 + 48 + 16, 4), ==, 0);

    /* The second window is resized. */
    g_assert_cmpuint(guest_read(&f.g, f.g.config, 4), ==, 0);
    guest_ack_isr(&f.g);
    g_assert_true(display_resize(screen(&f, 1), 1000, 700));
    g_assert_cmphex(guest_ack_isr(&f.g), ==, VIRTIO_ISR_CONFIG);
    g_assert_cmpuint(guest_read(&f.g, f.g.config, 4), ==, 1);
    guest_write(&f.g, f.g.config + 4, 4, 1);
    g_assert_cmpuint(guest_read(&f.g, f.g.config, 4), ==, 0);
    g_assert_cmphex(SEND(&f, 0x100, 0), ==, OK_INFO);
    g_assert_cmpuint(guest_read(&f.g, RESPONSE + 24 + 24 + 8, 4), ==, 1000);

    g_assert_cmphex(SEND(&f, 0x10a, 1, 0), ==, OK_EDID);
    g_assert_cmpuint(guest_read(&f.g, RESPONSE + 24, 4) % 128, ==, 0);
    g_assert_cmphex(guest_read(&f.g, RESPONSE + 32, 8), ==,
                    UINT64_C(0x00ffffffffffff00));
    g_assert_cmphex(SEND(&f, 0x10a, 2, 0), ==, INVALID_SCANOUT);
    guest_finish(&f.g);
}

static void test_cursor(void)
{
    Fixture f;
    DisplaySink *sink;
    DisplayChange change;
    DisplayPicture p;

    set_up(&f, PCI_MODERN, "");
    sink = show_picture(&f);
    put_pixel(&f, 0, 0x80402010); /* R8G8B8A8: alpha 80, blue 40 */
    g_assert_cmphex(CREATE(&f, 7, RGBA, 64, 64), ==, OK);
    g_assert_cmphex(attach(&f, 7, PIXELS, 64 * 64 * 4), ==, OK);
    g_assert_cmphex(FILL(&f, 7, 0, 0, 64, 64, 0), ==, OK);
    g_assert_cmphex(SEND_CURSOR(&f, 0x300, 0, 30, 20, 0, 7, 3, 4, 0), ==, OK);
    g_assert_true(display_look(sink, &change));
    g_assert_true(change.cursor_shape);
    display_picture(screen(&f, 0), &p);
    g_assert_cmphex(p.cursor[0], ==, 0x80102040);
    g_assert_cmpuint(p.cursor_hot_x, ==, 3);
    g_assert_cmpint(p.cursor_x, ==, 30);
    g_assert_cmpint(p.cursor_y, ==, 20);
    display_done(screen(&f, 0));
    g_assert_cmphex(SEND_CURSOR(&f, 0x301, 0, 31, 20, 0, 0, 0, 0, 0), ==, OK);
    g_assert_true(display_look(sink, &change));
    g_assert_false(change.cursor_shape);
    g_assert_true(change.cursor_moved);

    g_assert_cmphex(SEND_CURSOR(&f, 0x300, 0, 0, 0, 0, 5, 0, 0, 0), ==,
                    INVALID_PARAMETER); /* not 64x64 */
    g_assert_cmphex(SEND_CURSOR(&f, 0x300, 0, 0, 0, 0, 7, 64, 0, 0), ==,
                    INVALID_PARAMETER);
    g_assert_cmphex(SEND_CURSOR(&f, 0x301, 1, 0, 0, 0, 0, 0, 0, 0), ==,
                    INVALID_SCANOUT);
    g_assert_cmphex(SEND_CURSOR(&f, 0x300, 0, 0, 0, 0, 0, 0, 0, 0), ==, OK);
    g_assert_true(display_look(sink, &change));
    display_picture(screen(&f, 0), &p);
    g_assert_null(p.cursor);
    display_done(screen(&f, 0));
    display_detach(sink);
    guest_finish(&f.g);
}

/* A queue full of large copies is done in turns; all of it is. */
static void test_turns(void)
{
    uint32_t words[14] = {0x105, 0, 0, 0, 0, 0, 0, 0, 1024, 700, 0, 0, 1, 0};
    Seg segs[2] = {{BUFFERS, sizeof(words), false}, {RESPONSE, 24, true}};
    Fixture f;
    uint32_t id, len;
    unsigned n = 0;

    clock_resume();
    set_up(&f, MMIO_MODERN, "");
    g_assert_cmphex(CREATE(&f, 1, BGRX, 1024, 700), ==, OK);
    g_assert_cmphex(attach(&f, 1, RAM_BASE, 1024 * 700 * 4), ==, OK);
    ram_put(&f.g, BUFFERS, words, sizeof(words));
    for (unsigned i = 0; i < 30; i++) {
        ring_add(&f.control, segs, 2);
    }
    ring_kick(&f.control);
    while (ring_used(&f.control, &id, &len)) {
        n++;
    }
    g_assert_cmpuint(n, <, 30);
    while (n < 30) {
        ring_wait(&f.control);
        n++;
    }
    guest_finish(&f.g);
}

static void test_save(void)
{
    Fixture a, b;
    DisplaySink *sink, *other;
    DisplayChange change;
    DisplayPicture p;

    set_up(&a, PCI_MODERN, "");
    set_up(&b, PCI_MODERN, "");
    sink = show_picture(&a);
    g_assert_cmphex(CREATE(&a, 7, BGRX, 64, 64), ==, OK);
    g_assert_cmphex(SEND_CURSOR(&a, 0x300, 0, 30, 20, 0, 7, 3, 4, 0), ==, OK);
    g_assert_cmphex(UNREF(&a, 7), ==, OK);
    g_assert_cmphex(CREATE(&b, 8, BGRX, 64, 64), ==, OK); /* will be gone */
    other = display_attach(screen(&b, 0), NULL, NULL);
    guest_copy_state(&b.g, &a.g);
    g_assert_true(display_look(other, &change));
    g_assert_cmphex(pixel(&b, 0, 63, 31), ==, 0x100000 + 64 * 32 - 1);
    display_picture(screen(&b, 0), &p);
    g_assert_cmphex(p.cursor[0], ==, 0xff000000);
    g_assert_cmpint(p.cursor_x, ==, 30);
    display_done(screen(&b, 0));
    b.control = a.control;
    b.control.g = &b.g;
    g_assert_cmphex(FILL(&b, 5, 0, 0, 64, 32, 0), ==, OK);
    g_assert_cmphex(UNREF(&b, 8), ==, INVALID_RESOURCE);
    g_assert_cmphex(UNREF(&b, 5), ==, OK);
    display_detach(other);
    display_detach(sink);
    guest_finish(&b.g);
    guest_finish(&a.g);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/virtio-gpu/picture/mmio",
                         GUINT_TO_POINTER(MMIO_MODERN), test_picture);
    g_test_add_data_func("/virtio-gpu/picture/pci",
                         GUINT_TO_POINTER(PCI_MODERN), test_picture);
    g_test_add_func("/virtio-gpu/backing", test_backing);
    g_test_add_func("/virtio-gpu/refused", test_refused);
    g_test_add_func("/virtio-gpu/memory-returns", test_memory_returns);
    g_test_add_func("/virtio-gpu/heads", test_heads);
    g_test_add_func("/virtio-gpu/cursor", test_cursor);
    g_test_add_func("/virtio-gpu/turns", test_turns);
    g_test_add_func("/virtio-gpu/save", test_save);
    return g_test_run();
}
