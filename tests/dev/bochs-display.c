/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/dev/bochs-display.c - mode registers, memory in a BAR, EDID. */
#include "hw/display/bochs-display.h"

#include <glib.h>
#include <string.h>

#include "core/display.h"
#include "hw/pci/ecam-host.h"
#include "tests/dev/rig.h"

enum { SLOT = RIG_ECAM + 0x8000 };
enum { PIXELS = RIG_MEM32, REGS = 0x700000 + RIG_MEM32, MEMORY = 4 << 20 };
enum { ID, XRES, YRES, BPP, ENABLE, BANK, VIRT_W, VIRT_H, X, Y, MEMORY_64K };

typedef struct {
    Rig rig;
    Display *display;
    DisplaySink *sink;
} Bench;

static void config(Rig *rig, unsigned reg, uint32_t value)
{
    g_assert_cmpint(bus_write(rig->bus, SLOT + reg, 4, value), ==, MEM_OK);
}

static uint64_t peek(Bench *b, Gpa addr, unsigned size)
{
    uint64_t v;

    g_assert_cmpint(bus_read(b->rig.bus, addr, size, &v), ==, MEM_OK);
    return v;
}

static void poke(Bench *b, Gpa addr, unsigned size, uint64_t value)
{
    g_assert_cmpint(bus_write(b->rig.bus, addr, size, value), ==, MEM_OK);
}

static uint16_t vbe(Bench *b, unsigned index)
{
    return (uint16_t)peek(b, REGS + 0x500 + 2 * index, 2);
}

static void vbe_write(Bench *b, unsigned index, uint16_t value)
{
    poke(b, REGS + 0x500 + 2 * index, 2, value);
}

static void setup(Bench *b, gconstpointer data)
{
    Device *dev;

    rig_init(&b->rig);
    dev = rig_add(&b->rig, &bochs_display_class, true);
    device_set_prop(dev, "vgamem", "4M", NULL);
    device_set_prop(dev, "xres", "1024", NULL);
    device_set_prop(dev, "yres", "768", NULL);
    rig_start(&b->rig);
    config(&b->rig, 0x10, PIXELS);
    config(&b->rig, 0x18, REGS);
    config(&b->rig, 0x04, 2);
    b->display = displays_get(b->rig.backends.displays, 0);
    b->sink = display_attach(b->display, NULL, NULL);
}

static void teardown(Bench *b, gconstpointer data)
{
    display_detach(b->sink);
    rig_finish(&b->rig);
}

static DisplayPicture look(Bench *b)
{
    DisplayChange change;
    DisplayPicture p;

    display_look(b->sink, &change);
    display_picture(b->display, &p);
    display_done(b->display);
    return p;
}

static void set_mode(Bench *b, uint16_t width, uint16_t height, uint16_t bpp)
{
    vbe_write(b, ENABLE, 0);
    vbe_write(b, BPP, bpp);
    vbe_write(b, XRES, width);
    vbe_write(b, YRES, height);
    vbe_write(b, BANK, 0);
    vbe_write(b, VIRT_W, width);
    vbe_write(b, VIRT_H, height);
    vbe_write(b, X, 0);
    vbe_write(b, Y, 0);
    vbe_write(b, ENABLE, 0x41);
}

static void test_header(Bench *b, gconstpointer data)
{
    uint64_t v;

    bus_read(b->rig.bus, SLOT, 4, &v);
    g_assert_cmphex(v, ==, 0x11111234);
    bus_read(b->rig.bus, SLOT + 8, 4, &v);
    g_assert_cmphex(v, ==, 0x03800002);
    config(&b->rig, 0x10, UINT32_MAX);
    bus_read(b->rig.bus, SLOT + 0x10, 4, &v);
    g_assert_cmphex(v, ==, (uint32_t)-MEMORY | 8);
}

static void test_registers(Bench *b, gconstpointer data)
{
    g_assert_cmphex(vbe(b, ID), ==, 0xb0c5);
    g_assert_cmphex(vbe(b, MEMORY_64K), ==, MEMORY >> 16);
    vbe_write(b, ID, 0xb0c0);
    g_assert_cmphex(vbe(b, ID), ==, 0xb0c5);
    vbe_write(b, XRES, 640);
    g_assert_cmpint(vbe(b, XRES), ==, 640);
    vbe_write(b, ENABLE, 2);
    g_assert_cmpint(vbe(b, XRES), ==, 8192);
    g_assert_cmpint(vbe(b, YRES), ==, 8192);
    g_assert_cmpint(vbe(b, BPP), ==, 32);
    vbe_write(b, ENABLE, 0);
    g_assert_cmpint(vbe(b, XRES), ==, 640);
    g_assert_cmphex(peek(b, REGS + 0x600, 8), ==, 0x1e1e1e1e00000008);
    g_assert_cmphex(peek(b, REGS + 0x516, 2), ==, 0); /* behind the last */
    g_assert_cmphex(peek(b, REGS + 0xffc, 4), ==, 0);
}

static void test_edid(Bench *b, gconstpointer data)
{
    uint8_t bytes[128], sum = 0;

    g_assert_cmphex(peek(b, REGS, 8), ==, 0x00ffffffffffff00);
    for (unsigned i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (uint8_t)peek(b, REGS + i, 1);
        sum += bytes[i];
    }
    g_assert_cmpint(sum, ==, 0);
    g_assert_cmpint(bytes[56] | bytes[58] >> 4 << 8, ==, 1024);
    g_assert_cmpint(bytes[59] | bytes[61] >> 4 << 8, ==, 768);
    g_assert_cmphex(peek(b, REGS + 0x80, 8), ==, 0);
}

/* The guest writes to the BAR as to memory; a sink sees it. */
static void test_picture(Bench *b, gconstpointer data)
{
    DisplayPicture p;

    set_mode(b, 100, 50, 32);
    poke(b, PIXELS + (49 * 100 + 99) * 4, 4, 0x123456);
    p = look(b);
    g_assert_cmpint(p.width, ==, 100);
    g_assert_cmpint(p.height, ==, 50);
    g_assert_cmphex(p.pixels[49 * p.stride + 99] & 0xffffff, ==, 0x123456);
    set_mode(b, 64, 64, 16);
    poke(b, PIXELS, 2, 0x07e0);
    p = look(b);
    g_assert_cmphex(p.pixels[0] & 0xffffff, ==, 0x00ff00);
    vbe_write(b, ENABLE, 0);
    g_assert_cmpint(look(b).width, ==, 0);
}

static void test_panning(Bench *b, gconstpointer data)
{
    DisplayPicture p;

    set_mode(b, 10, 10, 32);
    vbe_write(b, VIRT_W, 20);
    vbe_write(b, X, 3);
    vbe_write(b, Y, 7);
    poke(b, PIXELS + (7 * 20 + 3) * 4, 4, 0x445566);
    p = look(b);
    g_assert_cmpint(p.width, ==, 10);
    g_assert_cmphex(p.pixels[0] & 0xffffff, ==, 0x445566);
}

/* Modes that leave the memory show nothing. */
static void test_limits(Bench *b, gconstpointer data)
{
    set_mode(b, 1024, 1024, 32);
    g_assert_cmpint(look(b).width, ==, 1024);
    vbe_write(b, Y, 1);
    g_assert_cmpint(look(b).width, ==, 0);
    set_mode(b, 1024, 1025, 32);
    g_assert_cmpint(look(b).width, ==, 0);
    set_mode(b, 8192, 1, 32);
    g_assert_cmpint(look(b).width, ==, 8192);
    set_mode(b, 8193, 1, 32);
    g_assert_cmpint(look(b).width, ==, 0);
    set_mode(b, UINT16_MAX, UINT16_MAX, 32);
    g_assert_cmpint(look(b).width, ==, 0);
    set_mode(b, 64, 64, 7);
    g_assert_cmpint(look(b).width, ==, 0);
    set_mode(b, 64, 0, 32);
    g_assert_cmpint(look(b).width, ==, 0);
}

static void test_reset(Bench *b, gconstpointer data)
{
    set_mode(b, 64, 64, 32);
    g_assert_cmpint(look(b).width, ==, 64);
    device_reset(b->rig.dev);
    g_assert_cmpint(look(b).width, ==, 0);
}

static void test_saved(Bench *b, gconstpointer data)
{
    g_autoptr(GByteArray) bytes = NULL;
    g_autoptr(GError) error = NULL;
    DisplayPicture p;
    Bench other;

    set_mode(b, 64, 64, 32);
    poke(b, PIXELS + 4, 4, 0x987654);
    bytes = rig_save(&b->rig);
    setup(&other, NULL);
    rig_load(&other.rig, bytes->data, bytes->len, &error);
    g_assert_no_error(error);
    p = look(&other);
    g_assert_cmpint(p.width, ==, 64);
    g_assert_cmphex(p.pixels[1] & 0xffffff, ==, 0x987654);
    teardown(&other, NULL);
}

static void test_memory_size(void)
{
    static const char *const bad[] = {"0", "3M", "512K", "512M"};

    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        Device *dev = device_new(&bochs_display_class, NULL);
        Rig rig;

        rig_init(&rig);
        rig_add(&rig, &bochs_display_class, true);
        rig_start(&rig);
        dev->backends = &rig.backends;
        device_set_prop(dev, "vgamem", bad[i], NULL);
        g_assert_true(pci_plug(ecam_host_bus(rig.host), dev, NULL));
        g_assert_false(device_start(dev, rig.bus, &error));
        g_assert_cmpstr(error->message, ==,
                        "device 'bochs-display': vgamem must be a power of two "
                        "from 1M to 256M");
        device_free(dev);
        rig_finish(&rig);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name) \
 g_test_add("/bochs-display/" #name, Bench, NULL, setup, test_##name, teardown)
    TEST(header);
    TEST(registers);
    TEST(edid);
    TEST(picture);
    TEST(panning);
    TEST(limits);
    TEST(reset);
    TEST(saved);
    g_test_add_func("/bochs-display/memory-size", test_memory_size);
    return g_test_run();
}
