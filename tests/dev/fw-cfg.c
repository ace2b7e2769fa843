/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/dev/fw-cfg.c - items, the directory, the data port and DMA. */
#include "hw/misc/fw-cfg.h"

#include <glib.h>
#include <string.h>

#include "tests/dev/rig.h"
#include "util/bits.h"

enum { DATA = 0, SELECTOR = 8, DMA = 0x10 };
enum { READ = 2, SKIP = 4, SELECT = 8, WRITE = 16 };
enum { DESC = RIG_RAM + 0x100, BUFFER = RIG_RAM + 0x1000 };

static void setup(Rig *rig, gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    rig_init(rig);
    rig_add(rig, &fw_cfg_class, true);
    fw_cfg_add_u16(rig->dev, FW_CFG_NB_CPUS, 3);
    fw_cfg_add_u16(rig->dev, FW_CFG_NB_CPUS, 4);
    fw_cfg_add_bytes(rig->dev, FW_CFG_CMDLINE_DATA, "quiet", 6);
    fw_cfg_add_file(rig->dev, "opt/z", "zzz", 3, false, &error);
    fw_cfg_add_file(rig->dev, "etc/w", "0123456789", 10, true, &error);
    fw_cfg_add_file(rig->dev, "etc/empty", "", 0, false, &error);
    g_assert_no_error(error);
    rig_start(rig);
    rig_map(rig, FW_CFG_SIZE);
}

static void teardown(Rig *rig, gconstpointer data)
{
    rig_finish(rig);
}

static void select_key(Rig *rig, uint16_t key)
{
    rig_write(rig, SELECTOR, 2, GUINT16_SWAP_LE_BE(key));
}

static void test_data(Rig *rig, gconstpointer data)
{
    select_key(rig, FW_CFG_SIGNATURE);
    g_assert_cmphex(rig_read(rig, DATA, 4), ==, 0x554d4551);
    g_assert_cmphex(rig_read(rig, DATA, 4), ==, 0);
    select_key(rig, FW_CFG_ID);
    g_assert_cmphex(rig_read(rig, DATA, 8), ==, 3);
    select_key(rig, FW_CFG_NB_CPUS);
    g_assert_cmphex(rig_read(rig, DATA, 1), ==, 4);
    g_assert_cmphex(rig_read(rig, DATA, 1), ==, 0);
    select_key(rig, FW_CFG_CMDLINE_DATA | 0x4000);
    g_assert_cmphex(rig_read(rig, DATA, 1), ==, 'q');
    g_assert_cmphex(rig_read(rig, DATA, 8), ==, 0x74656975); /* and zeroes */
    select_key(rig, 0x3fff);
    g_assert_cmphex(rig_read(rig, DATA, 8), ==, 0);
    rig_write(rig, DATA, 1, 5);
}

/* Sorted by name, big-endian. */
static void test_directory(Rig *rig, gconstpointer data)
{
    static const char *const names[] = {"etc/empty", "etc/w", "opt/z"};
    static const unsigned sizes[] = {0, 10, 3};
    uint8_t entry[64];

    select_key(rig, FW_CFG_FILE_DIR);
    g_assert_cmphex(rig_read(rig, DATA, 4), ==, 0x03000000);
    for (unsigned i = 0; i < 3; i++) {
        for (unsigned b = 0; b < 64; b++) {
            entry[b] = (uint8_t)rig_read(rig, DATA, 1);
        }
        g_assert_cmpuint(be32_load(entry), ==, sizes[i]);
        g_assert_cmpuint(be16_load(entry + 4), ==, FW_CFG_FILE_FIRST + i);
        g_assert_cmpstr((char *)entry + 8, ==, names[i]);
    }
    select_key(rig, FW_CFG_FILE_FIRST + 2);
    g_assert_cmphex(rig_read(rig, DATA, 4), ==, 0x7a7a7a);
}

/* One descriptor; the control word afterwards. */
static uint32_t dma(Rig *rig, uint32_t control, uint32_t len, Gpa addr)
{
    uint8_t desc[16];

    be32_store(desc, control);
    be32_store(desc + 4, len);
    be64_store(desc + 8, addr);
    bus_dma_write(rig->bus, DESC, desc, sizeof(desc));
    rig_write(rig, DMA, 8, GUINT64_SWAP_LE_BE((uint64_t)DESC));
    bus_dma_read(rig->bus, DESC, desc, 4);
    return be32_load(desc);
}

static void test_dma_read(Rig *rig, gconstpointer data)
{
    uint8_t *ram = rig->ram->host + 0x1000;

    g_assert_cmphex(rig_read(rig, DMA, 8), ==, 0x47464320554d4551);
    g_assert_cmphex(rig_read(rig, DMA + 4, 4), ==, 0x47464320);
    memset(ram, 0xee, 16);
    g_assert_cmphex(
        dma(rig, (FW_CFG_FILE_FIRST + 1) << 16 | SELECT | READ, 4, BUFFER), ==,
        0);
    g_assert_cmpmem(ram, 5, "0123\xee", 5);
    g_assert_cmphex(dma(rig, SKIP, 4, 0), ==, 0);
    g_assert_cmphex(dma(rig, READ, 8, BUFFER), ==, 0);
    g_assert_cmpmem(ram, 9, "89\0\0\0\0\0\0\xee", 9);
    g_assert_cmphex(dma(rig, READ, 10000, BUFFER), ==, 0);
    g_assert_cmphex(ram[9999], ==, 0);
}

/* The address in two halves starts with the low one. */
static void test_dma_halves(Rig *rig, gconstpointer data)
{
    uint8_t desc[16] = {0};

    be32_store(desc, SELECT | READ); /* the signature */
    be32_store(desc + 4, 4);
    be64_store(desc + 8, BUFFER);
    bus_dma_write(rig->bus, DESC, desc, sizeof(desc));
    rig_write(rig, DMA, 4, 0);
    g_assert_cmpint(rig->ram->host[0x1000], ==, 0);
    rig_write(rig, DMA + 4, 4, GUINT32_SWAP_LE_BE((uint32_t)DESC));
    g_assert_cmpmem(rig->ram->host + 0x1000, 4, "QEMU", 4);
}

static void test_dma_write(Rig *rig, gconstpointer data)
{
    const char *held;
    size_t len;

    memcpy(rig->ram->host + 0x1000, "abcdefghijklmn", 14);
    g_assert_cmphex(
        dma(rig, (FW_CFG_FILE_FIRST + 1) << 16 | SELECT | WRITE, 3, BUFFER), ==,
        0);
    held = fw_cfg_file(rig->dev, "etc/w", &len);
    g_assert_cmpmem(held, len, "abc3456789", 10);
    g_assert_cmphex(dma(rig, WRITE, 8, BUFFER), ==, 1); /* too long */
    g_assert_cmphex(
        dma(rig, (FW_CFG_FILE_FIRST + 2) << 16 | SELECT | WRITE, 3, BUFFER), ==,
        1); /* read-only */
    g_assert_cmphex(dma(rig, 0x3fffu << 16 | SELECT | WRITE, 1, BUFFER), ==, 1);
    g_assert_cmpmem(held, len, "abc3456789", 10);
    g_assert_null(fw_cfg_file(rig->dev, "", &len));
}

static void test_dma_bad(Rig *rig, gconstpointer data)
{
    g_assert_cmphex(dma(rig, SELECT | READ, 4, RIG_DEV), ==, 1);
    g_assert_cmphex(dma(rig, READ, ~0u, BUFFER), ==, 1);
    g_assert_cmphex(dma(rig, READ, 8, ~UINT64_C(0) - 3), ==, 1);
    g_assert_cmphex(dma(rig, SKIP, ~0u, 0), ==, 0);
    g_assert_cmphex(dma(rig, SKIP, ~0u, 0), ==, 0);
    g_assert_cmphex(dma(rig, 0, 0, 0), ==, 0);
    rig_write(rig, DMA, 8, 0x123); /* no descriptor there */
    rig_write(rig, DMA + 4, 4, ~0u);
    rig_write(rig, SELECTOR, 1, 0);
    g_assert_cmphex(rig_read(rig, SELECTOR, 2), ==, 0);
    g_assert_cmphex(rig_read(rig, SELECTOR + 4, 8), ==, 0);
}

static void expect(Rig *rig, const char *name, const char *want)
{
    g_autoptr(GError) error = NULL;

    g_assert_false(fw_cfg_add_file(rig->dev, name, "", 0, false, &error));
    g_assert_cmpstr(error->message, ==, want);
}

static void test_names(Rig *rig, gconstpointer data)
{
    expect(rig, "opt/z", "fw_cfg file 'opt/z': name is taken");
    expect(rig, "", "fw_cfg file '': name is empty");
    expect(rig, "56-56-56-56-56-56-56-56-56-56-56-56-56-56-56-56-56-56-56",
           "fw_cfg file "
           "'56-56-56-56-56-56-56-56-56-56-56-56-56-56-56-56-56-56-56': name "
           "is longer than 55 bytes");
}

/* What the guest wrote travels with the state. */
static void test_saved(Rig *rig, gconstpointer data)
{
    g_autoptr(GByteArray) bytes = NULL;
    g_autoptr(GError) error = NULL;
    Rig other;
    size_t len;

    memcpy(rig->ram->host + 0x1000, "abc", 3);
    dma(rig, (FW_CFG_FILE_FIRST + 1) << 16 | SELECT | WRITE, 3, BUFFER);
    bytes = rig_save(rig);
    setup(&other, NULL);
    g_assert_true(rig_load(&other, bytes->data, bytes->len, &error));
    g_assert_cmpmem(fw_cfg_file(other.dev, "etc/w", &len), 10, "abc3456789",
                    10);
    g_assert_cmphex(rig_read(&other, DATA, 1), ==, '3');
    rig_finish(&other);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name) \
 g_test_add("/fw-cfg/" #name, Rig, NULL, setup, test_##name, teardown)
    TEST(data);
    TEST(directory);
    TEST(dma_read);
    TEST(dma_halves);
    TEST(dma_write);
    TEST(dma_bad);
    TEST(names);
    TEST(saved);
    return g_test_run();
}
