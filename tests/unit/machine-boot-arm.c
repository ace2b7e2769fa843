/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/machine-boot-arm.c - where boot files land on the AArch64 board,
 * what the stub hands over, and what the machine plays as firmware. */
#include <libfdt.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "hw/misc/fw-cfg.h"
#include "machine/boards/virt-arm_priv.h"
#include "machine/psci.h"
#include "tests/unit/boot-bench.h"
#include "util/bits.h"

static void begin(MachineConfig *c, uint64_t ram, const char *options)
{
    config_init(c, &target_aarch64);
    c->ram_bytes = ram;
    c->cpu = g_strdup("max");
    c->no_defaults = true;
    opts_free(c->machine);
    c->machine = opts_parse(options, "type", NULL);
}

/* An Image whose first word is 0x04030201. */
static char *kernel_image(uint64_t text_offset, uint64_t image_size)
{
    uint8_t bytes[8192] = {1, 2, 3, 4};

    le64_store(bytes + 8, text_offset);
    le64_store(bytes + 16, image_size);
    le32_store(bytes + 56, 0x644d5241);
    return bench_file("kernel", bytes, sizeof(bytes));
}

static void check_stub(Machine *m, Gpa tree, Gpa kernel)
{
    g_assert_cmphex(m->vcpus[0]->pc, ==, 0x40000000);
    g_assert_cmphex(bench_word(m, 0x40000000, 4), ==, 0x580000c0);
    g_assert_cmphex(bench_word(m, 0x40000018, 8), ==, tree);
    g_assert_cmphex(bench_word(m, 0x40000020, 8), ==, kernel);
    g_assert_cmphex(bench_word(m, tree, 4), ==, 0xedfe0dd0);
    g_assert_cmphex(bench_word(m, kernel, 4), ==, 0x04030201);
}

static void linux_kernel(void)
{
    static const uint8_t initrd[10000] = {42};
    MachineConfig c;
    Machine *m;

    begin(&c, 1024 * MIB, "virt");
    c.kernel = kernel_image(0, 65536);
    c.initrd = bench_file("initrd", initrd, sizeof(initrd));
    c.append = g_strdup("quiet");
    m = bench_build(&c);
    check_stub(m, 0x48200000, 0x40200000);
    g_assert_cmphex(bench_chosen(m, "linux,initrd-start"), ==, 0x48000000);
    g_assert_cmphex(bench_chosen(m, "linux,initrd-end"), ==,
                    0x48000000 + 10000);
    g_assert_cmphex(bench_chosen(m, "kaslr-seed"), !=, 0);
    g_assert_cmphex(bench_word(m, 0x48000000, 1), ==, 42);
    bench_end(&c, m);
}

static void old_kernels(void)
{
    MachineConfig c;
    Machine *m;

    begin(&c, 128 * MIB, "virt,gic-version=3,dtb-randomness=off");
    c.kernel = kernel_image(0x80000, 65536);
    m = bench_build(&c);
    check_stub(m, 0x44000000, 0x40080000);
    bench_end(&c, m);
    begin(&c, 128 * MIB, "virt");
    c.kernel = kernel_image(0, 0); /* from before the header had a size */
    m = bench_build(&c);
    check_stub(m, 0x44000000, 0x40080000);
    bench_end(&c, m);
}

/* The kernel is fw_cfg's, the tree at the start of RAM. */
static void firmware(void)
{
    static const uint8_t bytes[4096] = {9, 8, 7, 6};
    MachineConfig c;
    Machine *m;

    begin(&c, 64 * MIB, "virt");
    c.bios = bench_file("bios", bytes, sizeof(bytes));
    c.kernel = kernel_image(0, 65536);
    m = bench_build(&c);
    g_assert_cmphex(m->vcpus[0]->pc, ==, 0);
    g_assert_cmphex(bench_word(m, 0, 4), ==, 0x06070809);
    g_assert_cmphex(bench_word(m, 0x40000000, 4), ==, 0xedfe0dd0);
    g_assert_cmphex(bench_word(m, 0x40000004, 4), ==, 0x00001000); /* 1 MiB */
    bus_write(m->bus, 0x40000000, 4, 0);
    g_assert_true(m->board->reset(m, NULL));
    g_assert_cmphex(bench_word(m, 0x40000000, 4), ==, 0xedfe0dd0);
    bench_end(&c, m);
}

/* Whose nodes depend on options. */
static bool has_node(Machine *m, const char *path)
{
    return fdt_path_offset(g_bytes_get_data(m->tree, NULL), path) >= 0;
}

static void tree_options(void)
{
    MachineConfig c;
    Machine *m;

    begin(&c, 64 * MIB, "virt");
    m = bench_build(&c);
    g_assert_true(has_node(m, "/intc@8000000/v2m@8020000"));
    g_assert_true(has_node(m, "/psci"));
    g_assert_true(has_node(m, "/virtio_mmio@a003e00"));
    g_assert_true(has_node(m, "/gpio-keys/poweroff"));
    g_assert_false(has_node(m, "/pl011@9040000"));
    bench_end(&c, m);
    begin(&c, 64 * MIB, "virt,gic-version=3,highmem=off");
    m = bench_build(&c);
    g_assert_true(has_node(m, "/intc@8000000/its@8080000"));
    g_assert_false(has_node(m, "/intc@8000000/v2m@8020000"));
    bench_end(&c, m);
}

static int64_t call(Machine *m, uint32_t function, uint64_t arg)
{
    uint64_t args[4] = {function, arg, 0, 0};

    g_assert_true(psci_call(m, m->vcpus[0], 2, args));
    return (int64_t)args[0];
}

static void psci(void)
{
    uint64_t args[4] = {PSCI_VERSION, 0, 0, 0};
    MachineConfig c;
    Machine *m;

    begin(&c, 64 * MIB, "virt");
    m = bench_build(&c);
    g_assert_cmpint(call(m, PSCI_VERSION, 0), ==, 0x10001);
    g_assert_cmpint(call(m, PSCI_MIGRATE_INFO_TYPE, 0), ==, 2);
    g_assert_cmpint(call(m, PSCI_MIGRATE | PSCI_64, 0), ==, -1);
    g_assert_cmpint(call(m, PSCI_FEATURES, PSCI_CPU_ON | PSCI_64), ==, 0);
    g_assert_cmpint(call(m, PSCI_FEATURES, PSCI_CPU_OFF | PSCI_64), ==, -1);
    g_assert_cmpint(call(m, PSCI_FEATURES, 0x8400000e), ==, -1);
    g_assert_cmpint(call(m, PSCI_AFFINITY_INFO, 1), ==, -2);
    g_assert_cmpint(call(m, PSCI_CPU_ON | PSCI_64, 0x100), ==, -2);
    g_assert_cmpint(call(m, 0x80000000, 0), ==, -1);
    /* SMC reaches nobody. */
    g_assert_false(psci_call(m, m->vcpus[0], 3, args));
    bench_end(&c, m);
}

static void topology(void)
{
    MachineConfig c;
    Machine *m;

    begin(&c, 128 * MIB, "virt");
    c.cpus = 8;
    c.topology = (CpuTopology){2, 2, 1, 2};
    m = bench_build(&c);
    g_assert_true(has_node(m, "/cpus/cpu-map/socket1/cluster1/core0/thread1"));
    g_assert_false(has_node(m, "/cpus/cpu-map/socket1/cluster1/core1"));
    g_assert_false(has_node(m, "/cpus/cpu-map/socket2"));
    bench_end(&c, m);
    begin(&c, 128 * MIB, "virt,gic-version=3");
    c.cpus = 16;
    m = bench_build(&c);
    g_assert_true(has_node(m, "/cpus/cpu-map/socket0/cluster0/core15"));
    g_assert_true(has_node(m, "/cpus/cpu@15"));
    bench_end(&c, m);
    /* Nobody needs the redistributors' second region. */
    begin(&c, 128 * MIB, "virt,gic-version=3,highmem-redists=off");
    m = bench_build(&c);
    g_assert_cmphex(((VirtArm *)m->board_data)->ecam_base, ==, 0x4000000000);
    g_assert_cmphex(bench_word(m, 0x4000000000, 4), ==, 0x00081b36);
    bench_end(&c, m);
}

/* What an EFI program that unpacks itself carries; Linux, drivers/firmware/
 * efi/libstub/zboot-header.S. */
static char *zboot_image(const char *packer, const uint8_t *packed, size_t len,
                         uint32_t claimed)
{
    uint8_t head[64 + 70000] = "MZ";

    g_assert_cmpuint(len, <=, sizeof(head) - 64);
    memcpy(head + 4, "zimg", 4);
    le32_store(head + 8, 64);
    le32_store(head + 12, claimed);
    strcpy((char *)head + 24, packer);
    memcpy(head + 64, packed, len);
    return bench_file("zboot", head, 64 + len);
}

static void check_zboot(const char *packer, const uint8_t *packed, size_t len)
{
    MachineConfig c;
    Machine *m;

    begin(&c, 1024 * MIB, "virt");
    c.kernel = zboot_image(packer, packed, len, (uint32_t)len);
    m = bench_build(&c);
    check_stub(m, 0x48000000, 0x40200000);
    bench_end(&c, m);
}

static void refuse_zboot(const char *packer, const uint8_t *packed, size_t len,
                         uint32_t claimed, const char *why)
{
    g_autoptr(GError) error = NULL;
    MachineConfig c;

    begin(&c, 1024 * MIB, "virt");
    c.kernel = zboot_image(packer, packed, len, claimed);
    g_assert_null(machine_new(&c, &error));
    g_assert_nonnull(strstr(error->message, why));
    g_clear_error(&error);
    config_finish(&c);
}

static void zboot(void)
{
    g_autofree char *path = kernel_image(0, 65536), *image = NULL;
    uint8_t packed[70000];
    gsize len;
    z_stream z = {.next_out = packed, .avail_out = sizeof(packed)};
    size_t n;

    g_assert_true(g_file_get_contents(path, &image, &len, NULL));
    z.next_in = (Bytef *)image;
    z.avail_in = (uInt)len;
    deflateInit2(&z, 1, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
    g_assert_cmpint(deflate(&z, Z_FINISH), ==, Z_STREAM_END);
    check_zboot("gzip", packed, z.total_out);
    refuse_zboot("gzip", packed, z.total_out / 2, (uint32_t)z.total_out,
                 "truncated");
    refuse_zboot("gzip", packed, z.total_out / 2, (uint32_t)z.total_out / 2,
                 "truncated");
    refuse_zboot("xzkern", packed, z.total_out, (uint32_t)z.total_out,
                 "'xzkern', only gzip and zstd");
    deflateEnd(&z);
    n = ZSTD_compress(packed, sizeof(packed), image, len, 1);
    check_zboot("zstd", packed, n);
    check_zboot("zstd22", packed, n);
    refuse_zboot("zstd22", packed, n - 8, (uint32_t)n - 8, "truncated");
    memset(packed, 0, 4);
    refuse_zboot("zstd", packed, n, (uint32_t)n, "damaged");
}

/* Paths as another emulator's users know them, by index; "-1" is none. */
static void boot_order(void)
{
    static const char *const devices[] = {
        "virtio-net-device,bootindex=5",
        "virtio-net-pci,bootindex=1,addr=2",
        "virtio-net-pci,bootindex=-1",
        "virtio-net-pci,bootindex=3,addr=4.2",
    };
    static const char wanted[] =
        "/pci@ffffffffffffffff/ethernet@2/ethernet-phy@0\n"
        "/pci@ffffffffffffffff/ethernet@4,2/ethernet-phy@0\n"
        "/virtio-mmio@000000000a003e00/ethernet-phy@0\nHALT";
    MachineConfig c;
    Machine *m;
    const char *text;
    size_t len = 0;

    begin(&c, 128 * MIB, "virt");
    c.boot_strict = true;
    for (unsigned i = 0; i < G_N_ELEMENTS(devices); i++) {
        g_assert_true(config_add(&c, CONFIG_DEVICE, "-device", devices[i],
                                 "driver", NULL));
    }
    m = bench_build(&c);
    text = fw_cfg_file(((VirtArm *)m->board_data)->fw_cfg, "bootorder", &len);
    g_assert_cmpstr(text, ==, wanted);
    g_assert_cmpuint(len, ==, sizeof(wanted));
    bench_end(&c, m);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/machine/boot-arm/linux", linux_kernel);
    g_test_add_func("/machine/boot-arm/old", old_kernels);
    g_test_add_func("/machine/boot-arm/firmware", firmware);
    g_test_add_func("/machine/boot-arm/tree", tree_options);
    g_test_add_func("/machine/boot-arm/psci", psci);
    g_test_add_func("/machine/boot-arm/order", boot_order);
    g_test_add_func("/machine/boot-arm/zboot", zboot);
    g_test_add_func("/machine/boot-arm/topology", topology);
    return bench_run();
}
