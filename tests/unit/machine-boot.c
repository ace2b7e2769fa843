/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/machine-boot.c - where boot files land in memory and what the ROM
 * hands over, on a built machine. */
#include <libfdt.h>
#include <string.h>
#include <zlib.h>

#include "machine/boards/virt-riscv_priv.h"
#include "tests/unit/boot-bench.h"
#include "util/bits.h"

static void begin(MachineConfig *c, const Target *target, uint64_t ram)
{
    config_init(c, target);
    c->ram_bytes = ram;
    c->bios = g_strdup("none");
    c->no_defaults = true;
}

static void placement(void)
{
    static const uint8_t firmware[3 * 1024 * 1024] = {1, 2, 3, 4};
    static const uint8_t kernel[8192] = {5, 6, 7, 8};
    static const uint8_t initrd[100] = {9, 10, 11, 12};
    MachineConfig c;
    Machine *m;

    begin(&c, &target_riscv64, 1024 * MIB);
    g_free(c.bios);
    c.bios = bench_file("firmware", firmware, sizeof(firmware));
    c.kernel = bench_file("kernel", kernel, sizeof(kernel));
    c.initrd = bench_file("initrd", initrd, sizeof(initrd));
    c.append = g_strdup("a b");
    m = bench_build(&c);
    g_assert_cmphex(bench_word(m, 0x80000000, 4), ==, 0x04030201);
    g_assert_cmphex(bench_word(m, 0x80400000, 4), ==, 0x08070605);
    g_assert_cmphex(bench_word(m, 0xa0400000, 4), ==, 0x0c0b0a09);
    g_assert_cmphex(bench_chosen(m, "linux,initrd-start"), ==, 0xa0400000);
    g_assert_cmphex(bench_chosen(m, "linux,initrd-end"), ==, 0xa0400064);
    g_assert_cmphex(bench_word(m, 0xbfe00000, 4), ==, 0xedfe0dd0);
    g_assert_cmphex(bench_word(m, 0x1018, 8), ==, 0x80000000); /* start */
    g_assert_cmphex(bench_word(m, 0x1020, 8), ==, 0xbfe00000); /* tree */
    g_assert_cmphex(bench_word(m, 0x1028, 8), ==, 0x4942534f); /* record */
    g_assert_cmphex(bench_word(m, 0x1030, 8), ==, 2);
    g_assert_cmphex(bench_word(m, 0x1038, 8), ==, 0x80400000); /* next */
    g_assert_cmphex(bench_word(m, 0x1040, 8), ==, 1);
    g_assert_cmphex(m->vcpus[0]->pc, ==, 0x1000);
    bench_end(&c, m);
}

static void rv32(void)
{
    static const uint8_t firmware[100] = {1, 2, 3, 4};
    static const uint8_t kernel[100] = {5, 6, 7, 8};
    MachineConfig c;
    Machine *m;

    begin(&c, &target_riscv32, 2048 * MIB);
    g_free(c.bios);
    c.bios = bench_file("firmware", firmware, sizeof(firmware));
    c.kernel = bench_file("kernel", kernel, sizeof(kernel));
    m = bench_build(&c);
    g_assert_cmphex(bench_word(m, 0x80400000, 4), ==, 0x08070605);
    g_assert_cmphex(bench_word(m, 0xbfe00000, 4), ==,
                    0xedfe0dd0); /* below 3 GiB */
    g_assert_cmphex(bench_word(m, 0x1028, 4), ==, 0x4942534f);
    g_assert_cmphex(bench_word(m, 0x102c, 4), ==, 2);
    g_assert_cmphex(bench_word(m, 0x1030, 4), ==, 0x80400000);
    bench_end(&c, m);
}

static void no_firmware(void)
{
    static const uint8_t kernel[100] = {5, 6, 7, 8};
    MachineConfig c;
    Machine *m;

    begin(&c, &target_riscv64, 5 * 1024 * MIB);
    c.kernel = bench_file("kernel", kernel, sizeof(kernel));
    m = bench_build(&c);
    g_assert_cmphex(bench_word(m, 0x80000000, 4), ==, 0x08070605);
    g_assert_cmphex(bench_word(m, 0x1018, 8), ==, 0x80000000);
    g_assert_cmphex(bench_word(m, 0x1020, 8), ==, 0x1bfe00000);
    bench_end(&c, m);
}

/* An initrd that would end in the tree moves down to the kernel. */
static void tight(void)
{
    static const uint8_t kernel[100] = {5, 6, 7, 8};
    g_autofree uint8_t *initrd = g_malloc0(9 * MIB);
    MachineConfig c;
    Machine *m;

    initrd[0] = 42;
    begin(&c, &target_riscv64, 16 * MIB);
    c.kernel = bench_file("kernel", kernel, sizeof(kernel));
    c.initrd = bench_file("initrd", initrd, 9 * MIB);
    m = bench_build(&c);
    g_assert_cmphex(bench_chosen(m, "linux,initrd-start"), ==, 0x80001000);
    g_assert_cmphex(bench_word(m, 0x80001000, 1), ==, 42);
    bench_end(&c, m);
}

static size_t make_uimage(uint8_t *out, uint32_t load, uint32_t entry)
{
    static const uint8_t body[16] = {1, 2, 3, 4};

    memset(out, 0, 64);
    be32_store(out, 0x27051956);
    be32_store(out + 12, sizeof(body));
    be32_store(out + 16, load);
    be32_store(out + 20, entry);
    out[28] = 5;  /* Linux */
    out[29] = 26; /* RISC-V */
    out[30] = 2;  /* kernel */
    be32_store(out + 4, (uint32_t)crc32(0, out, 64));
    memcpy(out + 64, body, sizeof(body));
    return 64 + sizeof(body);
}

static void uimage(void)
{
    uint8_t bytes[128];
    size_t len = make_uimage(bytes, 0x80300000, 0x80300008);
    MachineConfig c;
    Machine *m;

    begin(&c, &target_riscv64, 64 * MIB);
    c.kernel = bench_file("kernel", bytes, len);
    m = bench_build(&c);
    g_assert_cmphex(bench_word(m, 0x80300000, 4), ==, 0x04030201);
    g_assert_cmphex(bench_word(m, 0x1038, 8), ==, 0x80300008);
    bench_end(&c, m);
}

/* Memory is filled again and the seed is another one after a reset. */
static void again(void)
{
    static const uint8_t kernel[100] = {5, 6, 7, 8};
    MachineConfig c;
    Machine *m;
    g_autoptr(GBytes) tree = NULL;

    begin(&c, &target_riscv64, 64 * MIB);
    c.kernel = bench_file("kernel", kernel, sizeof(kernel));
    m = bench_build(&c);
    tree = g_bytes_ref(m->tree);
    bus_write(m->bus, 0x80000000, 4, 0);
    m->vcpus[0]->pc = 4;
    g_assert_true(m->board->reset(m, NULL));
    g_assert_cmphex(bench_word(m, 0x80000000, 4), ==, 0x08070605);
    g_assert_cmphex(m->vcpus[0]->pc, ==, 0x1000);
    g_assert_cmpuint(g_bytes_get_size(tree), ==, g_bytes_get_size(m->tree));
    g_assert_false(g_bytes_equal(tree, m->tree));
    bench_end(&c, m);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/machine/boot/placement", placement);
    g_test_add_func("/machine/boot/rv32", rv32);
    g_test_add_func("/machine/boot/no-firmware", no_firmware);
    g_test_add_func("/machine/boot/tight", tight);
    g_test_add_func("/machine/boot/uimage", uimage);
    g_test_add_func("/machine/boot/again", again);
    return bench_run();
}
