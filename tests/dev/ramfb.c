/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/dev/ramfb.c - the file that firmware writes, and what is shown then. */
#include "hw/display/ramfb.h"

#include <glib.h>
#include <string.h>

#include "core/display.h"
#include "hw/misc/fw-cfg.h"
#include "tests/dev/rig.h"
#include "util/bits.h"

enum { DMA = 0x10, SELECT = 8, WRITE = 16 };
enum { DESC = RIG_RAM + 0x100, FILE_AT = RIG_RAM + 0x200 };
enum { SCREEN = RIG_RAM + 0x10000, XR24 = 0x34325258, RG16 = 0x36314752 };

typedef struct {
    Rig rig;
    Display *display;
    DisplaySink *sink;
} Bench;

static void setup(Bench *b, gconstpointer data)
{
    rig_init(&b->rig);
    rig_add(&b->rig, &ramfb_class, true);
    rig_start(&b->rig);
    bus_add_device(b->rig.bus, RIG_DEV, FW_CFG_SIZE, b->rig.fw_cfg, 0);
    b->display = displays_get(b->rig.backends.displays, 0);
    g_assert_cmpstr(display_name(b->display), ==, "ramfb");
    b->sink = display_attach(b->display, NULL, NULL);
}

static void teardown(Bench *b, gconstpointer data)
{
    display_detach(b->sink);
    rig_finish(&b->rig);
}

/* As firmware does it. */
static void write_file(Bench *b, uint64_t addr, uint32_t code, uint32_t width,
                       uint32_t height, uint32_t stride)
{
    uint8_t file[28] = {0}, desc[16];

    be64_store(file, addr);
    be32_store(file + 8, code);
    be32_store(file + 16, width);
    be32_store(file + 20, height);
    be32_store(file + 24, stride);
    be32_store(desc, FW_CFG_FILE_FIRST << 16 | SELECT | WRITE);
    be32_store(desc + 4, sizeof(file));
    be64_store(desc + 8, FILE_AT);
    bus_dma_write(b->rig.bus, FILE_AT, file, sizeof(file));
    bus_dma_write(b->rig.bus, DESC, desc, sizeof(desc));
    rig_write(&b->rig, DMA, 8, GUINT64_SWAP_LE_BE((uint64_t)DESC));
    bus_dma_read(b->rig.bus, DESC, desc, 4);
    g_assert_cmpint(be32_load(desc), ==, 0);
}

/* The size after a look; 0: blank. */
static DisplayPicture look(Bench *b)
{
    DisplayChange change;
    DisplayPicture p;

    display_look(b->sink, &change);
    display_picture(b->display, &p);
    display_done(b->display);
    return p;
}

static void test_shown(Bench *b, gconstpointer data)
{
    DisplayPicture p = look(b);

    g_assert_cmpint(p.width, ==, 0);
    write_file(b, SCREEN, XR24, 64, 32, 260);
    le32_store(b->rig.ram->host + 0x10000 + 31 * 260 + 63 * 4, 0xabcdef);
    p = look(b);
    g_assert_cmpint(p.width, ==, 64);
    g_assert_cmpint(p.height, ==, 32);
    g_assert_cmphex(p.pixels[31 * p.stride + 63] & 0xffffff, ==, 0xabcdef);
    /* The guest draws and tells nobody. */
    b->rig.ram->host[0x10000] = 0x77;
    p = look(b);
    g_assert_cmphex(p.pixels[0] & 0xffffff, ==, 0x77);

    write_file(b, SCREEN, RG16, 16, 16, 0); /* lines without gaps */
    le16_store(b->rig.ram->host + 0x10000 + 32, 0xf800);
    p = look(b);
    g_assert_cmpint(p.width, ==, 16);
    g_assert_cmphex(p.pixels[p.stride] & 0xffffff, ==, 0xff0000);
}

static void test_reset(Bench *b, gconstpointer data)
{
    write_file(b, SCREEN, XR24, 64, 32, 0);
    g_assert_cmpint(look(b).width, ==, 64);
    device_reset(b->rig.fw_cfg);
    device_reset(b->rig.dev);
    g_assert_cmpint(look(b).width, ==, 0);
}

/* What cannot be shown leaves the screen blank. */
static void test_refused(Bench *b, gconstpointer data)
{
    static const struct {
        uint64_t addr;
        uint32_t code, width, height, stride;
    } bad[] = {
        {SCREEN, XR24, 0, 32, 0},
        {SCREEN, XR24, 64, 0, 0},
        {SCREEN, XR24, 8193, 1, 0},
        {SCREEN, XR24, 1, 8193, 0},
        {SCREEN, XR24, 64, 32, 252},
        {SCREEN, XR24, 64, 32, UINT32_MAX},
        {SCREEN, 0x11111111, 64, 32, 0},
        {RIG_DEV, XR24, 64, 32, 0},
        {UINT64_MAX - 16, XR24, 64, 32, 0},
        {RIG_RAM + RIG_RAM_SIZE - 64 * 32 * 4 + 4, XR24, 64, 32, 0},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        write_file(b, SCREEN, XR24, 64, 32, 0);
        g_assert_cmpint(look(b).width, ==, 64);
        write_file(b, bad[i].addr, bad[i].code, bad[i].width, bad[i].height,
                   bad[i].stride);
        g_assert_cmpint(look(b).width, ==, 0);
    }
    write_file(b, RIG_RAM + RIG_RAM_SIZE - 64 * 32 * 4, XR24, 64, 32, 0);
    g_assert_cmpint(look(b).width, ==, 64);
}

static void test_saved(Bench *b, gconstpointer data)
{
    g_autoptr(GByteArray) bytes = NULL;
    g_autoptr(GError) error = NULL;
    Bench other;

    write_file(b, SCREEN, XR24, 64, 32, 0);
    bytes = rig_save(&b->rig);
    setup(&other, NULL);
    rig_load(&other.rig, bytes->data, bytes->len, &error);
    g_assert_no_error(error);
    g_assert_cmpint(look(&other).width, ==, 64);
    teardown(&other, NULL);
}

/* There is one file, so there is one ramfb. */
static void test_twice(void)
{
    g_autoptr(GError) error = NULL;
    Rig rig;

    rig_init(&rig);
    rig_add(&rig, &ramfb_class, true);
    g_assert_true(fw_cfg_plug(rig.fw_cfg, rig.dev, NULL));
    g_assert_false(fw_cfg_plug(rig.fw_cfg, rig.dev, &error));
    g_assert_cmpstr(error->message, ==,
                    "fw_cfg file 'etc/ramfb': name is taken");
    rig_finish(&rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name) \
 g_test_add("/ramfb/" #name, Bench, NULL, setup, test_##name, teardown)
    TEST(shown);
    TEST(reset);
    TEST(refused);
    TEST(saved);
    g_test_add_func("/ramfb/twice", test_twice);
    return g_test_run();
}
