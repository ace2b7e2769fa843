/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/machine-acpi.c - AML byte for byte, and the tables of a machine
 * after the loader script was run on them. */
#include <glib.h>
#include <string.h>

#include "hw/misc/fw-cfg.h"
#include "machine/acpi/aml.h"
#include "machine/boards/virt-arm_priv.h"
#include "util/bits.h"

static void expect(Aml *a, const uint8_t *want, size_t len)
{
    g_autoptr(GByteArray) got = aml_finish(a);

    g_assert_cmpmem(got->data, got->len, want, len);
}

static void objects(void)
{
    static const uint8_t want[] = {
        0x10, 0x32, '\\', '_',  'S',  'B',  '_',  0x5b, 0x82, 0x2a, 'P',
        'C',  'I',  '0',  0x08, '_',  'H',  'I',  'D',  0x0c, 0x41, 0xd0,
        0x0a, 0x08, 0x08, '_',  'U',  'I',  'D',  0x00, 0x08, '_',  'C',
        'R',  'S',  0x11, 0x0f, 0x0b, 0x0b, 0x00, 0x89, 0x06, 0x00, 0x01,
        0x01, 0x21, 0x00, 0x00, 0x00, 0x79, 0x00,
    };
    Aml *a = aml_new();

    aml_begin_scope(a, "\\_SB");
    aml_begin_device(a, "PCI%u", 0);
    aml_name_eisa_id(a, "_HID", "PNP0A08");
    aml_name_integer(a, "_UID", 0);
    aml_begin_resources(a, "_CRS");
    aml_interrupt(a, 33, false);
    aml_end(a);
    aml_end(a);
    aml_end(a);
    expect(a, want, sizeof(want));
}

/* A length of more than 63 bytes takes two. */
static void long_block(void)
{
    Aml *a = aml_new();
    uint8_t want[4 + 4 * 20 + 2] = {0x12, 0x43, 0x05, 20};

    aml_begin_package(a, 20);
    for (unsigned i = 0; i < 20; i++) {
        static const uint8_t text[] = {0x0d, 'a', 'b', 0};

        memcpy(want + 4 + 4 * (size_t)i, text, 4);
        aml_string(a, "ab");
    }
    aml_end(a);
    expect(a, want, 4 + 4 * 20);
}

static void integers(void)
{
    static const uint8_t want[] = {0, 1,    0x0a, 2, 0x0b, 0, 1, 0x0c, 0, 0, 1,
                                   0, 0x0e, 0,    0, 0,    0, 1, 0,    0, 0};
    Aml *a = aml_new();

    aml_integer(a, 0);
    aml_integer(a, 1);
    aml_integer(a, 2);
    aml_integer(a, 0x100);
    aml_integer(a, 0x10000);
    aml_integer(a, UINT64_C(0x100000000));
    expect(a, want, sizeof(want));
}

/* Runs the script with the tables at base, as firmware does. */
static void run_script(const uint8_t *script, size_t len, uint8_t *tables,
                       uint8_t *rsdp, uint64_t base)
{
    for (size_t at = 0; at < len; at += 128) {
        const uint8_t *p = script + at + 4;
        uint8_t *file = strstr((const char *)p, "rsdp") ? rsdp : tables;

        switch (le32_load(script + at)) {
        case 1:
            break;
        case 2:
            p += 112;
            g_assert_cmpuint(p[4], ==, 8);
            file += le32_load(p);
            le64_store(file, le64_load(file) + base);
            break;
        case 3: {
            uint8_t sum = 0;

            p += 56;
            for (uint32_t i = 0; i < le32_load(p + 8); i++) {
                sum += file[le32_load(p + 4) + i];
            }
            file[le32_load(p)] = (uint8_t)-sum;
            break;
        }
        default:
            g_assert_not_reached();
        }
    }
}

static bool sums_up(const uint8_t *p, size_t len)
{
    uint8_t sum = 0;

    while (len-- > 0) {
        sum += *p++;
    }
    return sum == 0;
}

static void tables(void)
{
    static const uint64_t base = 0x12345000;
    g_autofree uint8_t *bytes = NULL, *rsdp = NULL;
    const void *script;
    const uint8_t *xsdt;
    size_t len, rsdp_len, script_len;
    MachineConfig c;
    Machine *m;

    config_init(&c, &target_aarch64);
    c.ram_bytes = 64 << 20;
    c.cpu = g_strdup("max");
    c.no_defaults = true;
    c.cpus = 3;
    opts_set(c.machine, "gic-version", "3");
    m = machine_new(&c, NULL);
    g_assert_nonnull(m);
    {
        Device *dev = ((VirtArm *)m->board_data)->fw_cfg;
        const void *p = fw_cfg_file(dev, "etc/acpi/tables", &len);

        bytes = g_memdup2(p, len);
        p = fw_cfg_file(dev, "etc/acpi/rsdp", &rsdp_len);
        rsdp = g_memdup2(p, rsdp_len);
        script = fw_cfg_file(dev, "etc/table-loader", &script_len);
    }
    run_script(script, script_len, bytes, rsdp, base);
    g_assert_true(sums_up(rsdp, 20));
    g_assert_true(sums_up(rsdp, rsdp_len));
    xsdt = bytes + (le64_load(rsdp + 24) - base);
    g_assert_cmpmem(xsdt, 4, "XSDT", 4);
    g_assert_cmpuint(le32_load(xsdt + 4), ==, 36 + 8 * 8);
    for (unsigned at = 36; at < le32_load(xsdt + 4); at += 8) {
        const uint8_t *t = bytes + (le64_load(xsdt + at) - base);

        g_assert_cmpuint(le32_load(t + 4), <=, len);
        g_assert_true(sums_up(t, le32_load(t + 4)));
        if (memcmp(t, "FACP", 4) == 0) {
            g_assert_cmpuint(le32_load(t + 4), ==, 276);
            g_assert_cmpmem(bytes + (le64_load(t + 140) - base), 4, "DSDT", 4);
        } else if (memcmp(t, "APIC", 4) == 0) {
            g_assert_cmpuint(le32_load(t + 4), ==, 44 + 24 + 3 * 80 + 16 + 20);
        }
    }
    machine_free(m);
    config_finish(&c);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/machine/acpi/objects", objects);
    g_test_add_func("/machine/acpi/long", long_block);
    g_test_add_func("/machine/acpi/integers", integers);
    g_test_add_func("/machine/acpi/tables", tables);
    return g_test_run();
}
