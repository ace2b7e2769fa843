/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/machine-boot.c - where boot files land in memory and what the ROM
 * hands over, on a built machine. */
#include <glib/gstdio.h>
#include <libfdt.h>
#include <string.h>
#include <zlib.h>

#include "machine/boards/virt-riscv_priv.h"
#include "machine/machine_priv.h"
#include "util/bits.h"

#define MIB (UINT64_C(1) << 20)

static char *folder;

static char *file(const char *name, const void *bytes, size_t len)
{
    char *path = g_build_filename(folder, name, NULL);

    g_assert_true(g_file_set_contents(path, bytes, (gssize)len, NULL));
    return path;
}

static void remove_all(void)
{
    GDir *dir = g_dir_open(folder, 0, NULL);
    const char *name;

    while ((name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(folder, name, NULL);

        g_unlink(path);
    }
    g_dir_close(dir);
    g_rmdir(folder);
    g_free(folder);
}

static void begin(MachineConfig *c, const Target *target, uint64_t ram)
{
    config_init(c, target);
    c->ram_bytes = ram;
    c->bios = g_strdup("none");
    c->no_defaults = true;
}

static Machine *build(MachineConfig *c)
{
    GError *error = NULL;
    Machine *m = machine_new(c, &error);

    g_assert_no_error(error);
    return m;
}

static uint64_t word(Machine *m, Gpa addr, unsigned size)
{
    uint64_t v = 0;

    g_assert_cmpint(bus_read(m->bus, addr, size, &v), ==, MEM_OK);
    return v;
}

/* A node's cells as a number; the tree the guest got. */
static uint64_t chosen(Machine *m, const char *name)
{
    const void *blob = g_bytes_get_data(m->tree, NULL);
    int node = fdt_path_offset(blob, "/chosen"), len;
    const void *p = fdt_getprop(blob, node, name, &len);

    g_assert_nonnull(p);
    g_assert_cmpint(len, ==, 8);
    return be64_load(p);
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
    c.bios = file("firmware", firmware, sizeof(firmware));
    c.kernel = file("kernel", kernel, sizeof(kernel));
    c.initrd = file("initrd", initrd, sizeof(initrd));
    c.append = g_strdup("a b");
    m = build(&c);
    g_assert_cmphex(word(m, 0x80000000, 4), ==, 0x04030201);
    g_assert_cmphex(word(m, 0x80400000, 4), ==, 0x08070605);
    g_assert_cmphex(word(m, 0xa0400000, 4), ==, 0x0c0b0a09);
    g_assert_cmphex(chosen(m, "linux,initrd-start"), ==, 0xa0400000);
    g_assert_cmphex(chosen(m, "linux,initrd-end"), ==, 0xa0400064);
    g_assert_cmphex(word(m, 0xbfe00000, 4), ==, 0xedfe0dd0);
    g_assert_cmphex(word(m, 0x1018, 8), ==, 0x80000000); /* start */
    g_assert_cmphex(word(m, 0x1020, 8), ==, 0xbfe00000); /* tree */
    g_assert_cmphex(word(m, 0x1028, 8), ==, 0x4942534f); /* record */
    g_assert_cmphex(word(m, 0x1030, 8), ==, 2);
    g_assert_cmphex(word(m, 0x1038, 8), ==, 0x80400000); /* next */
    g_assert_cmphex(word(m, 0x1040, 8), ==, 1);
    g_assert_cmphex(m->vcpus[0]->pc, ==, 0x1000);
    machine_free(m);
    config_finish(&c);
}

static void rv32(void)
{
    static const uint8_t firmware[100] = {1, 2, 3, 4};
    static const uint8_t kernel[100] = {5, 6, 7, 8};
    MachineConfig c;
    Machine *m;

    begin(&c, &target_riscv32, 2048 * MIB);
    g_free(c.bios);
    c.bios = file("firmware", firmware, sizeof(firmware));
    c.kernel = file("kernel", kernel, sizeof(kernel));
    m = build(&c);
    g_assert_cmphex(word(m, 0x80400000, 4), ==, 0x08070605);
    g_assert_cmphex(word(m, 0xbfe00000, 4), ==, 0xedfe0dd0); /* below 3 GiB */
    g_assert_cmphex(word(m, 0x1028, 4), ==, 0x4942534f);
    g_assert_cmphex(word(m, 0x102c, 4), ==, 2);
    g_assert_cmphex(word(m, 0x1030, 4), ==, 0x80400000);
    machine_free(m);
    config_finish(&c);
}

static void no_firmware(void)
{
    static const uint8_t kernel[100] = {5, 6, 7, 8};
    MachineConfig c;
    Machine *m;

    begin(&c, &target_riscv64, 5 * 1024 * MIB);
    c.kernel = file("kernel", kernel, sizeof(kernel));
    m = build(&c);
    g_assert_cmphex(word(m, 0x80000000, 4), ==, 0x08070605);
    g_assert_cmphex(word(m, 0x1018, 8), ==, 0x80000000);
    g_assert_cmphex(word(m, 0x1020, 8), ==, 0x1bfe00000);
    machine_free(m);
    config_finish(&c);
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
    c.kernel = file("kernel", kernel, sizeof(kernel));
    c.initrd = file("initrd", initrd, 9 * MIB);
    m = build(&c);
    g_assert_cmphex(chosen(m, "linux,initrd-start"), ==, 0x80001000);
    g_assert_cmphex(word(m, 0x80001000, 1), ==, 42);
    machine_free(m);
    config_finish(&c);
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
    c.kernel = file("kernel", bytes, len);
    m = build(&c);
    g_assert_cmphex(word(m, 0x80300000, 4), ==, 0x04030201);
    g_assert_cmphex(word(m, 0x1038, 8), ==, 0x80300008);
    machine_free(m);
    config_finish(&c);
}

/* Memory is filled again and the seed is another one after a reset. */
static void again(void)
{
    static const uint8_t kernel[100] = {5, 6, 7, 8};
    MachineConfig c;
    Machine *m;
    g_autoptr(GBytes) tree = NULL;

    begin(&c, &target_riscv64, 64 * MIB);
    c.kernel = file("kernel", kernel, sizeof(kernel));
    m = build(&c);
    tree = g_bytes_ref(m->tree);
    bus_write(m->bus, 0x80000000, 4, 0);
    m->vcpus[0]->pc = 4;
    g_assert_true(m->board->reset(m, NULL));
    g_assert_cmphex(word(m, 0x80000000, 4), ==, 0x08070605);
    g_assert_cmphex(m->vcpus[0]->pc, ==, 0x1000);
    g_assert_cmpuint(g_bytes_get_size(tree), ==, g_bytes_get_size(m->tree));
    g_assert_false(g_bytes_equal(tree, m->tree));
    machine_free(m);
    config_finish(&c);
}

int main(int argc, char **argv)
{
    int result;

    g_test_init(&argc, &argv, NULL);
    folder = g_dir_make_tmp("cuttle-XXXXXX", NULL);
    g_test_add_func("/machine/boot/placement", placement);
    g_test_add_func("/machine/boot/rv32", rv32);
    g_test_add_func("/machine/boot/no-firmware", no_firmware);
    g_test_add_func("/machine/boot/tight", tight);
    g_test_add_func("/machine/boot/uimage", uimage);
    g_test_add_func("/machine/boot/again", again);
    result = g_test_run();
    remove_all();
    return result;
}
