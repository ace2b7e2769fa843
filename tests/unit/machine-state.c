/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/machine-state.c - a whole machine is saved, loaded into another
 * one and is the same; what does not fit is refused. */
#include "machine/boards/virt-riscv_priv.h"
#include "machine/machine_priv.h"

static const char *const devices[] = {
    "virtio-rng-device,id=a",
    "virtio-rng-pci,id=b",
    "virtio-serial-device",
    "virtio-serial-pci,addr=7",
};

static Machine *build(MachineConfig *c, const Target *target, unsigned cpus)
{
    GError *error = NULL;
    Machine *m;

    config_init(c, target);
    c->cpus = cpus;
    c->ram_bytes = 8 << 20;
    c->bios = g_strdup("none");
    c->no_defaults = true;
    c->seed = 1;
    for (unsigned i = 0; i < G_N_ELEMENTS(devices); i++) {
        g_assert_true(config_add(c, CONFIG_DEVICE, "-device", devices[i],
                                 "driver", NULL));
    }
    m = machine_new(c, &error);
    g_assert_no_error(error);
    return m;
}

static void destroy(Machine *m, MachineConfig *c)
{
    machine_free(m);
    config_finish(c);
}

static void put(Machine *m, Gpa addr, unsigned size, uint64_t value)
{
    g_assert_cmpint(bus_write(m->bus, addr, size, value), ==, MEM_OK);
}

/* Some of every device leaves its reset state. */
static void disturb(Machine *m)
{
    put(m, VIRT_PLIC_BASE + 4 * VIRT_UART_IRQ, 4, 5);
    put(m, VIRT_PLIC_BASE + 0x2000, 4, 1 << VIRT_UART_IRQ);
    put(m, VIRT_PLIC_BASE + 0x200000, 4, 3);
    put(m, VIRT_CLINT_BASE, 4, 1);
    put(m, VIRT_CLINT_BASE + 0x4000, 8, 0x123456789);
    put(m, VIRT_UART_BASE + 7, 1, 0x5a);
    put(m, VIRT_UART_BASE + 1, 1, 1);
    put(m, VIRT_VIRTIO_BASE + 7 * VIRT_VIRTIO_STRIDE + 0x70, 4, 1);
    put(m, VIRT_ECAM_BASE + (1 << 15) + 0x10, 4, 0x40000000);
    put(m, VIRT_FW_CFG_BASE + 8, 2, 0x0500);
    put(m, VIRT_RTC_BASE + 0x0c, 4, 77);
    put(m, VIRT_FLASH_BASE, 4, 0x00900090);
    m->vcpus[0]->pc = VIRT_RAM_BASE + 0x40;
}

static void save_load(gconstpointer target)
{
    MachineConfig c;
    Machine *m = build(&c, target, 2);
    g_autoptr(GByteArray) fresh = g_byte_array_new();
    g_autoptr(GByteArray) first = g_byte_array_new();
    g_autoptr(GByteArray) second = g_byte_array_new();
    GError *error = NULL;

    machine_save(m, fresh);
    disturb(m);
    machine_save(m, first);
    g_assert_false(fresh->len == first->len &&
                   memcmp(fresh->data, first->data, first->len) == 0);
    destroy(m, &c);

    m = build(&c, target, 2);
    machine_load(m, first->data, first->len, &error);
    g_assert_no_error(error);
    machine_save(m, second);
    g_assert_cmpmem(second->data, second->len, first->data, first->len);
    g_assert_cmphex(m->vcpus[0]->pc, ==, VIRT_RAM_BASE + 0x40);
    destroy(m, &c);
}

static void expect_refusal(Machine *m, const uint8_t *data, size_t len)
{
    GError *error = NULL;

    g_assert_false(machine_load(m, data, len, &error));
    g_assert_nonnull(error);
    g_error_free(error);
}

static void refuse(void)
{
    MachineConfig c;
    Machine *m = build(&c, &target_riscv64, 1);
    g_autoptr(GByteArray) one = g_byte_array_new();

    machine_save(m, one);
    for (unsigned i = 1; i < 16; i++) {
        expect_refusal(m, one->data, one->len * (guint64)i / 16);
    }
    g_byte_array_append(one, (const uint8_t *)"x", 1);
    expect_refusal(m, one->data, one->len);
    destroy(m, &c);

    m = build(&c, &target_riscv64, 2);
    expect_refusal(m, one->data, one->len - 1);
    destroy(m, &c);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/machine/state/rv64", &target_riscv64, save_load);
    g_test_add_data_func("/machine/state/rv32", &target_riscv32, save_load);
    g_test_add_func("/machine/state/refuse", refuse);
    return g_test_run();
}
