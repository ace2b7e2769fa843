/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/dev/cfi-flash.c - the flash bank through its drivers' commands. */
#include "hw/block/cfi-flash.h"

#include <errno.h>
#include <glib.h>
#include <string.h>

#include "tests/dev/rig.h"
#include "util/bits.h"

enum { SIZE = 1 << 20 };

static void setup(Rig *rig, gconstpointer with_drive)
{
    rig_init(rig);
    memset(rig->block->bytes, 0xff, SIZE);
    memcpy(rig->block->bytes, "boot", 4);
    rig_add(rig, &cfi_flash_class, with_drive != NULL);
    device_set_prop(rig->dev, "size", "1M", NULL);
    rig_start(rig);
    cfi_flash_map(rig->dev, RIG_DEV);
}

static void teardown(Rig *rig, gconstpointer data)
{
    rig_finish(rig);
}

/* Both chips get the command. */
static void command(Rig *rig, uint64_t offset, uint32_t cmd)
{
    rig_write(rig, offset, 4, cmd * 0x00010001u);
}

static void test_query(Rig *rig, gconstpointer data)
{
    command(rig, 0x55 * 4, 0x98);
    g_assert_cmphex(rig_read(rig, 0x10 * 4, 4), ==, 0x00510051);
    g_assert_cmphex(rig_read(rig, 0x11 * 4, 2), ==, 0x0052);
    g_assert_cmphex(rig_read(rig, 0x12 * 4 + 2, 1), ==, 0x59);
    g_assert_cmphex(rig_read(rig, 0x10 * 4, 8), ==, 0x0052005200510051);
    g_assert_cmphex(rig_read(rig, 0x27 * 4, 1), ==, 19); /* 512 KiB a chip */
    g_assert_cmphex(rig_read(rig, 0x2a * 4, 1), ==, 11); /* 2 KiB a chip */
    g_assert_cmphex(rig_read(rig, 0x2d * 4, 1), ==, 3);  /* 4 sectors */
    g_assert_cmphex(rig_read(rig, 0x30 * 4, 1), ==, 2);  /* 128 KiB a chip */
    command(rig, 0, 0x90);
    g_assert_cmphex(rig_read(rig, 0, 4), ==, 0x00890089);
    g_assert_cmphex(rig_read(rig, 4, 4), ==, 0x00180018);
    g_assert_cmphex(rig_read(rig, 8, 4), ==, 0);
    command(rig, 0, 0xff);
    g_assert_cmphex(rig_read(rig, 0, 4), ==, 0x746f6f62);
}

/* Direct reads end with a command and come back with the array. */
static void test_direct(Rig *rig, gconstpointer data)
{
    RamSpan span;

    g_assert_true(bus_find_ram(rig->bus, RIG_DEV, &span));
    command(rig, 0, 0x70);
    g_assert_false(bus_find_ram(rig->bus, RIG_DEV, &span));
    g_assert_cmphex(rig_read(rig, 0x1234, 4), ==, 0x00800080);
    command(rig, 0, 0xff);
    g_assert_true(bus_find_ram(rig->bus, RIG_DEV, &span));
    command(rig, 0, 0x70);
    device_reset(rig->dev);
    g_assert_true(bus_find_ram(rig->bus, RIG_DEV, &span));
}

static void test_program(Rig *rig, gconstpointer data)
{
    command(rig, 0x100, 0x40);
    rig_write(rig, 0x100, 4, 0x12345678);
    g_assert_cmphex(rig_read(rig, 0x100, 4), ==, 0x00800080);
    command(rig, 0x100, 0x10);
    rig_write(rig, 0x104, 2, 0x00ff);
    command(rig, 0x100, 0x10);
    rig_write(rig, 0x100, 4, 0x0000ffff); /* only clears bits */
    command(rig, 0, 0xff);
    g_assert_cmphex(rig_read(rig, 0x100, 8), ==, 0xffff00ff00005678);
}

static void test_erase(Rig *rig, gconstpointer data)
{
    command(rig, 0x1234, 0x20);
    command(rig, 0x1234, 0xd0);
    g_assert_cmphex(rig_read(rig, 0, 4), ==, 0x00800080);
    command(rig, 0, 0xff);
    g_assert_cmphex(rig_read(rig, 0, 4), ==, 0xffffffff);
    command(rig, 0, 0x20);
    command(rig, 0, 0xff); /* not confirmed */
    g_assert_cmphex(rig_read(rig, 0, 4), ==, 0x00b000b0);
    command(rig, 0, 0x50);
    command(rig, 0, 0x70);
    g_assert_cmphex(rig_read(rig, 0, 4), ==, 0x00800080);
}

static void test_buffered(Rig *rig, gconstpointer data)
{
    command(rig, 0x1000, 0xe8);
    g_assert_cmphex(rig_read(rig, 0x1000, 4), ==, 0x00800080);
    command(rig, 0x1000, 3);
    for (unsigned i = 0; i < 4; i++) {
        rig_write(rig, 0x1008 + 4 * i, 4, 0x11111111 * (i + 1));
    }
    g_assert_cmphex(cfi_flash_ram(rig->dev)->host[0x1008], ==, 0xff);
    command(rig, 0x1000, 0xd0);
    g_assert_cmphex(rig_read(rig, 0x1000, 4), ==, 0x00800080);
    command(rig, 0, 0xff);
    g_assert_cmphex(rig_read(rig, 0x1008, 8), ==, 0x2222222211111111);
    g_assert_cmphex(rig_read(rig, 0x1010, 8), ==, 0x4444444433333333);
    g_assert_cmphex(rig_read(rig, 0x1018, 4), ==, 0xffffffff);
}

/* Ends of sequences: too long, out of range, not confirmed. */
static void test_buffered_bad(Rig *rig, gconstpointer data)
{
    command(rig, 0x1000, 0xe8);
    command(rig, 0x1000, 0x400);
    g_assert_cmphex(rig_read(rig, 0, 4), ==, 0x00b000b0);
    command(rig, 0, 0x50);
    command(rig, 0x1000, 0xe8);
    command(rig, 0x1000, 0x3ff);
    rig_write(rig, 0x1ffc, 8, 0);
    g_assert_cmphex(rig_read(rig, 0, 4), ==, 0x00b000b0);
    command(rig, 0, 0x50);
    command(rig, 0x1000, 0xe8);
    command(rig, 0x1000, 0);
    rig_write(rig, 0x1000, 4, 0);
    command(rig, 0x1000, 0xff);
    g_assert_cmphex(rig_read(rig, 0, 4), ==, 0x00b000b0);
    command(rig, 0, 0xff);
    g_assert_cmphex(rig_read(rig, 0x1000, 4), ==, 0xffffffff);
}

static void test_write_back(Rig *rig, gconstpointer data)
{
    for (unsigned i = 0; i < 16; i++) {
        command(rig, 0, 0x40);
        rig_write(rig, 4 * i, 4, 0);
    }
    command(rig, SIZE - 4, 0x40);
    rig_write(rig, SIZE - 4, 4, 0xcafef00d);
    rig_settle();
    g_assert_cmphex(rig->block->bytes[63], ==, 0);
    g_assert_cmphex(le32_load(rig->block->bytes + SIZE - 4), ==, 0xcafef00d);
    g_assert_cmpuint(rig->block->n_writes, <=, 4); /* merged by sector */
}

/* What is not yet on the drive gets there before the device is gone. */
static void test_write_at_stop(Rig *rig, gconstpointer data)
{
    command(rig, 0, 0x20);
    command(rig, 0, 0xd0);
    command(rig, 0x40000, 0x40);
    rig_write(rig, 0x40000, 4, 0);
    bus_remove(rig->bus, RIG_DEV);
    device_free(rig->dev);
    rig->dev = NULL;
    g_assert_cmphex(rig->block->bytes[0], ==, 0xff);
    g_assert_cmphex(rig->block->bytes[0x40000], ==, 0);
    g_assert_false(rig->block->dev.claimed);
}

static void test_read_only(Rig *rig, gconstpointer data)
{
    rig->block->dev.read_only = true;
    command(rig, 0, 0x40);
    rig_write(rig, 0, 4, 0);
    g_assert_cmphex(rig_read(rig, 0, 4), ==, 0x00920092);
    command(rig, 0, 0x50);
    command(rig, 0, 0x20);
    command(rig, 0, 0xd0);
    g_assert_cmphex(rig_read(rig, 0, 4), ==, 0x00a200a2);
    command(rig, 0, 0xff);
    g_assert_cmphex(rig_read(rig, 0, 4), ==, 0x746f6f62);
}

/* Drivers try other widths first; none of that looks like a chip. */
static void test_probing(Rig *rig, gconstpointer data)
{
    rig_write(rig, 0, 1, 0xff);
    rig_write(rig, 0x55, 1, 0x98);
    g_assert_cmphex(rig_read(rig, 0x10, 1), !=, 'Q');
    rig_write(rig, 0, 1, 0xf0);
    rig_write(rig, 0, 2, 0xff);
    rig_write(rig, 0xaa, 2, 0x98);
    g_assert_cmphex(rig_read(rig, 0x20, 2), !=, 'Q');
    rig_write(rig, 0, 2, 0xf0);
    g_assert_cmphex(rig_read(rig, 0, 4), ==, 0x746f6f62);
}

static void expect(const char *size, uint64_t drive_size, const char *want)
{
    g_autoptr(GError) error = NULL;
    Rig rig;

    rig_init(&rig);
    rig_add(&rig, &cfi_flash_class, true);
    rig.block->dev.size = drive_size;
    device_set_prop(rig.dev, "size", size, NULL);
    g_assert_false(device_start(rig.dev, rig.bus, &error));
    g_assert_cmpstr(error->message, ==, want);
    rig_finish(&rig);
}

static void test_errors(void)
{
    g_autoptr(GError) error = NULL;
    Rig rig;

    expect("1M", 5, "drive 'block': has 5 bytes, but the flash has 1048576");
    expect("3M", 5,
           "device 'cfi.pflash01': size 3145728 is no power of two from 256 "
           "KiB to 256 MiB");
    rig_init(&rig);
    rig_add(&rig, &cfi_flash_class, true);
    device_set_prop(rig.dev, "size", "1M", NULL);
    rig.block->result = -EIO;
    g_assert_false(device_start(rig.dev, rig.bus, &error));
    g_assert_cmpstr(error->message, ==, "drive 'block': Input/output error");
    rig_finish(&rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name) \
 g_test_add("/cfi-flash/" #name, Rig, "drive", setup, test_##name, teardown)
    TEST(query);
    TEST(direct);
    TEST(program);
    TEST(erase);
    TEST(buffered);
    TEST(buffered_bad);
    TEST(write_back);
    TEST(write_at_stop);
    TEST(read_only);
    TEST(probing);
    g_test_add_func("/cfi-flash/errors", test_errors);
    return g_test_run();
}
