/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/core-bus.c - the physical address space: lookups, accesses of
 * every size, splits, copies, flash, changes of the map under readers. */
#include <glib.h>
#include <string.h>

#include "core/bus.h"
#include "core/device.h"

/* A device that remembers its last access. */
typedef struct {
    Device dev;
    uint64_t offset, value;
    unsigned region, size, n;
} Probe;

static MemResult probe_read(Device *dev, unsigned region, uint64_t offset,
                            unsigned size, uint64_t *value)
{
    Probe *p = (Probe *)dev;

    p->region = region;
    p->offset = offset;
    p->size = size;
    p->n++;
    *value = 0x1122334455667788;
    return MEM_OK;
}

static MemResult probe_write(Device *dev, unsigned region, uint64_t offset,
                             unsigned size, uint64_t value)
{
    Probe *p = (Probe *)dev;

    probe_read(dev, region, offset, size, &p->value);
    p->value = value;
    return MEM_OK;
}

static const DeviceClass probe_class = {.name = "probe",
                                        .size = sizeof(Probe),
                                        .read = probe_read,
                                        .write = probe_write};

typedef struct {
    Bus *bus;
    Ram *ram, *rom, *flash;
    Probe *probe;
    unsigned changes;
} Fixture;

enum {
    ROM = 0x1000,
    DEV = 0x3000,
    FLASH = 0x10000,
    RAM = 0x80000000,
};

static void count_change(void *opaque)
{
    (*(unsigned *)opaque)++;
}

static void setup(Fixture *f, gconstpointer data)
{
    f->bus = bus_new();
    bus_on_change(f->bus, count_change, &f->changes);
    f->ram = ram_new("ram", 0x10000, NULL);
    f->rom = ram_new("rom", 0x1000, NULL);
    f->flash = ram_new("flash", 0x1000, NULL);
    f->probe = (Probe *)device_new(&probe_class, NULL);
    bus_add_ram(f->bus, RAM, f->ram, false);
    bus_add_ram(f->bus, ROM, f->rom, true);
    bus_add_device(f->bus, DEV, 0x100, &f->probe->dev, 3);
    bus_add_flash(f->bus, FLASH, f->flash, &f->probe->dev);
}

static void teardown(Fixture *f, gconstpointer data)
{
    bus_free(f->bus);
    ram_free(f->ram);
    ram_free(f->rom);
    ram_free(f->flash);
    device_free(&f->probe->dev);
}

static void test_ram(Fixture *f, gconstpointer data)
{
    uint64_t v;

    for (unsigned size = 1; size <= 8; size *= 2) {
        uint64_t want = 0x8877665544332211 & (~UINT64_C(0) >> (64 - 8 * size));

        g_assert_cmpint(bus_write(f->bus, RAM + 3, size, 0x8877665544332211),
                        ==, MEM_OK);
        g_assert_cmpint(bus_read(f->bus, RAM + 3, size, &v), ==, MEM_OK);
        g_assert_cmphex(v, ==, want);
    }
    g_assert_cmphex(f->ram->host[3], ==, 0x11);
    g_assert_cmphex(f->ram->host[10], ==, 0x88);
    g_assert_cmpuint((uintptr_t)f->ram->host % 4096, ==, 0);
}

static void test_rom(Fixture *f, gconstpointer data)
{
    uint64_t v;

    g_assert_cmpint(bus_write(f->bus, ROM, 4, 5), ==, MEM_OK);
    bus_read(f->bus, ROM, 4, &v);
    g_assert_cmphex(v, ==, 0);
    g_assert_false(bus_dma_write(f->bus, ROM, "x", 1));
    g_assert_true(bus_load_image(f->bus, ROM, "abcd", 4));
    bus_read(f->bus, ROM, 4, &v);
    g_assert_cmphex(v, ==, 0x64636261);
}

static void test_unmapped(Fixture *f, gconstpointer data)
{
    uint64_t v = 1;

    g_assert_cmpint(bus_read(f->bus, 0x2000, 4, &v), ==, MEM_UNMAPPED);
    g_assert_cmphex(v, ==, 0);
    g_assert_cmpint(bus_write(f->bus, 0x2000, 4, 1), ==, MEM_UNMAPPED);
    g_assert_cmpint(bus_read(f->bus, UINT64_MAX, 8, &v), ==, MEM_UNMAPPED);
    g_assert_cmpint(bus_read(f->bus, RAM + 0xfffe, 4, &v), ==, MEM_UNMAPPED);
}

static void test_device(Fixture *f, gconstpointer data)
{
    uint64_t v;

    bus_read(f->bus, DEV + 0x14, 2, &v);
    g_assert_cmphex(v, ==, 0x7788);
    g_assert_cmphex(f->probe->offset, ==, 0x14);
    g_assert_cmpuint(f->probe->region, ==, 3);
    bus_write(f->bus, DEV + 0xff, 1, 0xabc);
    g_assert_cmphex(f->probe->value, ==, 0xbc);
}

/* Two RAMs side by side, and an access over the seam. */
static void test_split(Fixture *f, gconstpointer data)
{
    Ram *more = ram_new("more", 0x1000, NULL);
    RamSpan span;
    char text[8];
    uint64_t v;

    bus_add_ram(f->bus, RAM + 0x10000, more, false);
    g_assert_cmpint(bus_write(f->bus, RAM + 0xfffd, 8, 0x0807060504030201), ==,
                    MEM_OK);
    g_assert_cmphex(f->ram->host[0xffff], ==, 3);
    g_assert_cmphex(more->host[0], ==, 4);
    bus_read(f->bus, RAM + 0xfffd, 8, &v);
    g_assert_cmphex(v, ==, 0x0807060504030201);
    g_assert_true(bus_find_ram(f->bus, RAM + 0xfffd, &span));
    g_assert_cmpuint(span.len, ==, 3);
    g_assert_true(bus_dma_write(f->bus, RAM + 0xfffc, "abcdefg", 8));
    g_assert_true(bus_dma_read(f->bus, RAM + 0xfffc, text, 8));
    g_assert_cmpstr(text, ==, "abcdefg");
    bus_remove(f->bus, RAM + 0x10000);
    g_assert_false(bus_find_ram(f->bus, RAM + 0x10000, &span));
    ram_free(more);
}

static void test_dma_bounds(Fixture *f, gconstpointer data)
{
    char text[32] = "";

    g_assert_true(bus_dma_write(f->bus, RAM + 0xfff0, text, 16));
    g_assert_false(bus_dma_write(f->bus, RAM + 0xfff0, text, 17));
    g_assert_false(bus_dma_read(f->bus, DEV, text, 1));
    g_assert_false(bus_dma_read(f->bus, UINT64_MAX - 3, text, 8));
    g_assert_true(bus_dma_read(f->bus, 0x2000, text, 0));
    memset(text, 'x', sizeof(text));
    g_assert_false(bus_dma_read(f->bus, RAM + 0xfff0, text, 17));
    g_assert_cmpint(text[0], ==, 'x');
}

static void test_flash(Fixture *f, gconstpointer data)
{
    RamSpan span;
    uint64_t v;

    bus_load_image(f->bus, FLASH, "abcd", 4);
    bus_read(f->bus, FLASH, 4, &v);
    g_assert_cmphex(v, ==, 0x64636261);
    g_assert_true(bus_find_ram(f->bus, FLASH, &span));
    g_assert_false(span.writable);
    bus_write(f->bus, FLASH + 8, 4, 9);
    g_assert_cmpuint(f->probe->n, ==, 1);
    f->changes = 0;
    bus_set_flash_direct(f->bus, FLASH, false);
    g_assert_cmpuint(f->changes, ==, 1);
    g_assert_false(bus_find_ram(f->bus, FLASH, &span));
    bus_read(f->bus, FLASH, 4, &v);
    g_assert_cmphex(v, ==, 0x55667788);
    bus_set_flash_direct(f->bus, FLASH, true);
    bus_read(f->bus, FLASH, 4, &v);
    g_assert_cmphex(v, ==, 0x64636261);
}

typedef struct {
    uint64_t offset, len;
} Written;

static void note_written(void *opaque, Ram *ram, uint64_t offset, uint64_t len)
{
    *(Written *)opaque = (Written){offset, len};
}

/* What is kept secure is not there for others, but for loaders. */
static void test_secure(Fixture *f, gconstpointer data)
{
    BusRequester normal = {0, BUS_NOBODY, false};
    BusRequester secure = {0, BUS_NOBODY, true};
    uint64_t value, before = 0x55;
    RamSpan span;

    bus_keep_secure(f->bus, RAM);
    bus_keep_secure(f->bus, DEV);
    g_assert_true(bus_load_image(f->bus, RAM, &before, sizeof(before)));
    bus_set_requester(secure);
    g_assert_cmpint(bus_read(f->bus, RAM, 8, &value), ==, MEM_OK);
    g_assert_cmphex(value, ==, before);
    g_assert_true(bus_find_ram(f->bus, RAM, &span));
    g_assert_cmpint(bus_read(f->bus, DEV, 4, &value), ==, MEM_OK);
    bus_set_requester(normal);
    g_assert_cmpint(bus_read(f->bus, RAM, 8, &value), ==, MEM_UNMAPPED);
    g_assert_cmphex(value, ==, 0);
    g_assert_cmpint(bus_write(f->bus, RAM, 8, 1), ==, MEM_UNMAPPED);
    g_assert_cmpint(bus_write(f->bus, DEV, 4, 1), ==, MEM_UNMAPPED);
    g_assert_false(bus_find_ram(f->bus, RAM, &span));
    g_assert_false(bus_dma_read(f->bus, RAM, &value, sizeof(value)));
    g_assert_cmpuint(f->probe->n, ==, 1);
    g_assert_cmpint(bus_read(f->bus, ROM, 8, &value), ==, MEM_OK);
    bus_set_requester((BusRequester){BUS_NOBODY, BUS_NOBODY, false});
    g_assert_cmpint(memcmp(f->ram->host, &before, sizeof(before)), ==, 0);
}

static void test_written(Fixture *f, gconstpointer data)
{
    Written w = {0};

    f->ram->written = note_written;
    f->ram->written_opaque = &w;
    bus_write(f->bus, RAM, 4, 1);
    g_assert_cmpuint(w.len, ==, 0);
    bus_dma_write(f->bus, RAM + 16, "abc", 3);
    g_assert_cmpuint(w.offset, ==, 16);
    g_assert_cmpuint(w.len, ==, 3);
    bus_dma_written(f->bus, RAM + 32, 100);
    g_assert_cmpuint(w.offset, ==, 32);
    g_assert_cmpuint(w.len, ==, 100);
}

static void test_is_free(Fixture *f, gconstpointer data)
{
    g_assert_true(bus_is_free(f->bus, 0, 0x1000));
    g_assert_false(bus_is_free(f->bus, 0, 0x1001));
    g_assert_false(bus_is_free(f->bus, DEV + 0xff, 1));
    g_assert_true(bus_is_free(f->bus, DEV + 0x100, 1));
    g_assert_false(bus_is_free(f->bus, 0, UINT64_MAX));
    g_assert_false(bus_is_free(f->bus, UINT64_MAX, 2));
    g_assert_false(bus_is_free(f->bus, 0x5000, 0));
}

/* Many regions: the map grows, and every one is found. */
static void test_many(Fixture *f, gconstpointer data)
{
    uint64_t v;

    for (unsigned i = 0; i < 300; i++) {
        Gpa base = 0x100000 + ((i * 7) % 300) * 0x1000;

        bus_add_device(f->bus, base, 0x1000, &f->probe->dev, i);
    }
    for (unsigned i = 0; i < 300; i++) {
        bus_read(f->bus, 0x100000 + ((i * 7) % 300) * 0x1000 + 8, 4, &v);
        g_assert_cmpuint(f->probe->region, ==, i);
        g_assert_cmpuint(f->probe->offset, ==, 8);
    }
}

static void *read_for_ever(void *opaque)
{
    Fixture *f = opaque;
    uint64_t v, sum = 0;

    while (g_atomic_int_get((gint *)&f->probe->n) == 0) {
        g_assert_cmpint(bus_read(f->bus, RAM + 8, 8, &v), ==, MEM_OK);
        g_assert_cmphex(v, ==, 0x1234);
        if (bus_read(f->bus, 0x200000, 4, &v) == MEM_OK) {
            g_assert_cmphex(v, ==, 0x5678);
        }
        sum += v;
    }
    return NULL;
}

/* A reader sees either the map before or the one after. */
static void test_concurrent(Fixture *f, gconstpointer data)
{
    Ram *bar = ram_new("bar", 0x1000, NULL);
    GThread *reader;

    bus_write(f->bus, RAM + 8, 8, 0x1234);
    bus_add_ram(f->bus, 0x200000, bar, false);
    bus_write(f->bus, 0x200000, 4, 0x5678);
    reader = g_thread_new("reader", read_for_ever, f);
    for (unsigned i = 0; i < 20000; i++) {
        bus_remove(f->bus, 0x200000);
        bus_add_ram(f->bus, 0x200000, bar, false);
    }
    g_atomic_int_set((gint *)&f->probe->n, 1);
    g_thread_join(reader);
    bus_remove(f->bus, 0x200000);
    ram_free(bar);
}

static void test_ram_errors(void)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(ram_new("none", 0, &error));
    g_assert_cmpstr(error->message, ==, "memory 'none': size is 0");
    g_clear_error(&error);
    g_assert_null(ram_new("huge", UINT64_C(1) << 60, &error));
    g_assert_true(g_str_has_prefix(error->message, "memory 'huge': cannot"));
    g_clear_error(&error);
    g_assert_null(ram_new("huge", UINT64_MAX, &error));
    g_assert_nonnull(error);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name) \
 g_test_add("/core/bus/" #name, Fixture, NULL, setup, test_##name, teardown)
    TEST(ram);
    TEST(rom);
    TEST(unmapped);
    TEST(device);
    TEST(split);
    TEST(dma_bounds);
    TEST(flash);
    TEST(secure);
    TEST(written);
    TEST(is_free);
    TEST(many);
    TEST(concurrent);
    g_test_add_func("/core/bus/ram-errors", test_ram_errors);
    return g_test_run();
}
