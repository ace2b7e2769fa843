/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/boards/virt-arm-acpi.c - the board's ACPI tables, for firmware.
 * Spec: ACPI 6.3, 5.2; Arm DEN 0049 (IORT); Microsoft's SPCR and DBG2; PCI
 * firmware specification (MCFG).
 * PCI interrupts are routed to the controller directly, without link devices.
 */
#include <string.h>

#include "hw/intc/gicv3.h"
#include "machine/acpi/tables.h"
#include "machine/boards/virt-arm_priv.h"

/* Interrupts have GIC numbers here. */
#define GSI_SPI(n) ((n) + 32)
#define GSI_PPI(n) ((n) + 16)

enum { PORT_PL011 = 3, ABSENT = 0 };

/* ---- FACP ---- */

static void put_facp(const VirtArm *v, Acpi *a)
{
    enum { HW_REDUCED = 1 << 20, PSCI = 1, PSCI_HVC = 2, MINOR = 3 };
    unsigned psci = !v->psci ? 0 : v->virtualization ? PSCI : PSCI | PSCI_HVC;

    acpi_begin(a, "FACP", 6);
    acpi_put_zeros(a, 112 - acpi_offset(a));
    acpi_put(a, 4, HW_REDUCED);
    acpi_put_zeros(a, 129 - acpi_offset(a));
    acpi_put(a, 2, psci);
    acpi_put(a, 1, MINOR);
    acpi_put_zeros(a, 140 - acpi_offset(a));
    acpi_put_pointer(a, "DSDT");
    acpi_put_zeros(a, 268 - acpi_offset(a));
    acpi_put_bytes(a, "QEMU\0\0\0", 8); /* the hypervisor's vendor */
}

/* ---- APIC ---- */

static void put_cpu_interface(const Machine *m, const VirtArm *v, Acpi *a,
                              unsigned cpu)
{
    bool v2 = v->gic_version == 2;

    acpi_put(a, 1, 0x0b); /* GICC */
    acpi_put(a, 1, 80);
    acpi_put(a, 2, 0);
    acpi_put(a, 4, cpu);
    acpi_put(a, 4, cpu);
    acpi_put(a, 4, 1); /* enabled */
    acpi_put(a, 4, 0);
    acpi_put(a, 4, v->has_pmu ? GSI_PPI(VIRT_PMU_PPI) : ABSENT);
    acpi_put(a, 8, 0);
    acpi_put(a, 8, v2 ? VIRT_GIC_CPU_BASE : 0);
    acpi_put(a, 8, v2 && v->virtualization ? VIRT_GIC_VCPU_BASE : 0);
    acpi_put(a, 8, v2 && v->virtualization ? VIRT_GIC_HYP_BASE : 0);
    acpi_put(a, 4, v->virtualization ? GSI_PPI(VIRT_GIC_PPI) : ABSENT);
    acpi_put(a, 8, 0);
    acpi_put(a, 8, virt_arm_affinity(m, cpu));
    acpi_put(a, 4, 0);
}

static void put_apic(const Machine *m, const VirtArm *v, Acpi *a)
{
    acpi_begin(a, "APIC", 4);
    acpi_put(a, 8, 0);
    acpi_put(a, 1, 0x0c); /* GICD */
    acpi_put(a, 1, 24);
    acpi_put_zeros(a, 6);
    acpi_put(a, 8, VIRT_GIC_DIST_BASE);
    acpi_put(a, 4, 0);
    acpi_put(a, 4, v->gic_version); /* and three reserved bytes */
    for (unsigned i = 0; i < m->config->cpus; i++) {
        put_cpu_interface(m, v, a, i);
    }
    if (v->gic_version == 2) {
        acpi_put(a, 1, 0x0d); /* GIC MSI frame */
        acpi_put(a, 1, 24);
        acpi_put_zeros(a, 6);
        acpi_put(a, 8, VIRT_V2M_BASE);
        acpi_put(a, 4, 1); /* the next two count, not MSI_TYPER */
        acpi_put(a, 2, VIRT_V2M_N_SPIS);
        acpi_put(a, 2, GSI_SPI(VIRT_V2M_SPI));
        return;
    }
    acpi_put(a, 1, 0x0e); /* GICR */
    acpi_put(a, 1, 16);
    acpi_put(a, 2, 0);
    acpi_put(a, 8, VIRT_REDIST_BASE);
    acpi_put(a, 4, VIRT_REDIST_SIZE);
    if (v->its) {
        acpi_put(a, 1, 0x0f); /* GIC ITS */
        acpi_put(a, 1, 20);
        acpi_put_zeros(a, 6);
        acpi_put(a, 8, VIRT_ITS_BASE);
        acpi_put(a, 4, 0);
    }
}

/* ---- PPTT ---- */

static void put_processor(Acpi *a, unsigned flags, unsigned parent,
                          unsigned uid)
{
    acpi_put(a, 1, 0);
    acpi_put(a, 1, 20);
    acpi_put(a, 2, 0);
    acpi_put(a, 4, flags);
    acpi_put(a, 4, parent);
    acpi_put(a, 4, uid);
    acpi_put(a, 4, 0);
}

enum { PPTT_PACKAGE = 1, PPTT_UID_VALID = 2, PPTT_THREAD = 4, PPTT_LEAF = 8 };

static void put_core(Acpi *a, unsigned above, unsigned core, unsigned threads,
                     unsigned *cpu)
{
    unsigned self = acpi_offset(a);

    if (threads == 1) {
        put_processor(a, PPTT_UID_VALID | PPTT_LEAF, above, (*cpu)++);
        return;
    }
    put_processor(a, 0, above, core);
    for (unsigned i = 0; i < threads; i++) {
        put_processor(a, PPTT_UID_VALID | PPTT_THREAD | PPTT_LEAF, self,
                      (*cpu)++);
    }
}

static void put_pptt(const Machine *m, Acpi *a)
{
    CpuTopology top = config_topology(m->config);
    unsigned cpu = 0;

    acpi_begin(a, "PPTT", 2);
    for (unsigned socket = 0; socket < top.sockets; socket++) {
        unsigned package = acpi_offset(a);

        put_processor(a, PPTT_PACKAGE, 0, socket);
        for (unsigned i = 0; i < top.clusters; i++) {
            unsigned above = package;

            if (top.clusters > 1) {
                above = acpi_offset(a);
                put_processor(a, 0, package, i);
            }
            for (unsigned core = 0; core < top.cores; core++) {
                put_core(a, above, core, top.threads, &cpu);
            }
        }
    }
}

/* ---- GTDT ---- */

static void put_timer(Acpi *a, unsigned gsi)
{
    enum { ALWAYS_ON = 4 };

    acpi_put(a, 4, gsi);
    acpi_put(a, 4, ALWAYS_ON);
}

static void put_gtdt(const VirtArm *v, Acpi *a)
{
    bool hypvirt = v->virtualization && v->has_vhe;

    acpi_begin(a, "GTDT", 3);
    acpi_put(a, 8, UINT64_MAX);
    acpi_put(a, 4, 0);
    put_timer(a, GSI_PPI(VIRT_SECURE_TIMER_PPI));
    put_timer(a, GSI_PPI(VIRT_PHYS_TIMER_PPI));
    put_timer(a, GSI_PPI(VIRT_VIRT_TIMER_PPI));
    put_timer(a, GSI_PPI(VIRT_HYP_TIMER_PPI));
    acpi_put(a, 8, UINT64_MAX);
    acpi_put(a, 8, 0); /* no platform timers */
    acpi_put(a, 4, hypvirt ? GSI_PPI(VIRT_HYPVIRT_TIMER_PPI) : ABSENT);
    acpi_put(a, 4, 0);
}

/* ---- consoles ---- */

static void put_spcr(Acpi *a)
{
    enum { GIC = 1 << 3, BAUD_9600 = 3, NO_PCI = 0xffff };

    acpi_begin(a, "SPCR", 2);
    acpi_put(a, 4, PORT_PL011);
    acpi_put_register(a, VIRT_UART_BASE);
    acpi_put(a, 1, GIC);
    acpi_put(a, 1, 0);
    acpi_put(a, 4, GSI_SPI(VIRT_UART_SPI));
    acpi_put(a, 1, BAUD_9600);
    acpi_put(a, 1, 0); /* no parity */
    acpi_put(a, 1, 1); /* one stop bit */
    acpi_put(a, 1, 2); /* RTS/CTS */
    acpi_put(a, 2, 0); /* VT100 */
    acpi_put(a, 2, NO_PCI);
    acpi_put(a, 2, NO_PCI);
    acpi_put_zeros(a, 12);
}

static void put_dbg2(Acpi *a)
{
    enum { REGISTERS = 22, SIZES = REGISTERS + 12, NAME = SIZES + 4 };
    static const char name[] = "COM0";

    acpi_begin(a, "DBG2", 0);
    acpi_put(a, 4, 44); /* where the one port is */
    acpi_put(a, 4, 1);
    acpi_put(a, 1, 0);
    acpi_put(a, 2, NAME + sizeof(name));
    acpi_put(a, 1, 1);
    acpi_put(a, 2, sizeof(name));
    acpi_put(a, 2, NAME);
    acpi_put(a, 4, 0);      /* no data of ours */
    acpi_put(a, 2, 0x8000); /* serial */
    acpi_put(a, 2, PORT_PL011);
    acpi_put(a, 2, 0);
    acpi_put(a, 2, REGISTERS);
    acpi_put(a, 2, SIZES);
    acpi_put_register(a, VIRT_UART_BASE);
    acpi_put(a, 4, 0x1000);
    acpi_put_bytes(a, name, sizeof(name));
}

/* ---- PCI ---- */

static void put_mcfg(const VirtArm *v, Acpi *a)
{
    acpi_begin(a, "MCFG", 1);
    acpi_put(a, 8, 0);
    acpi_put(a, 8, v->ecam_base);
    acpi_put(a, 2, 0);
    acpi_put(a, 1, 0);
    acpi_put(a, 1, (v->ecam_size >> 20) - 1);
    acpi_put(a, 4, 0);
}

static void put_node(Acpi *a, unsigned type, unsigned len, unsigned revision,
                     unsigned id, unsigned n_mappings, unsigned mappings)
{
    acpi_put(a, 1, type);
    acpi_put(a, 2, len);
    acpi_put(a, 1, revision);
    acpi_put(a, 4, id);
    acpi_put(a, 4, n_mappings);
    acpi_put(a, 4, mappings);
}

/* Every function's id goes to the ITS as it is. */
static void put_iort(Acpi *a)
{
    enum { HEAD = 48, GROUP = 24, ROOT = 36, MAPPING = 20 };

    acpi_begin(a, "IORT", 3);
    acpi_put(a, 4, 2);
    acpi_put(a, 4, HEAD);
    acpi_put(a, 4, 0);
    put_node(a, 0, GROUP, 1, 0, 0, 0);
    acpi_put(a, 4, 1);
    acpi_put(a, 4, 0);
    put_node(a, 2, ROOT + MAPPING, 3, 1, 1, ROOT);
    acpi_put(a, 4, 1);        /* coherent */
    acpi_put(a, 4, 3u << 24); /* and snooped */
    acpi_put(a, 4, 0);        /* no ATS */
    acpi_put(a, 4, 0);        /* segment */
    acpi_put(a, 4, 64);       /* address bits */
    acpi_put(a, 4, 0);
    acpi_put(a, 4, 0xffff);
    acpi_put(a, 4, 0);
    acpi_put(a, 4, HEAD);
    acpi_put(a, 4, 0);
}

bool virt_arm_add_acpi(const Machine *m, const VirtArm *v, GError **error)
{
    Acpi *a = acpi_new();
    g_autoptr(GByteArray) dsdt = virt_arm_dsdt(m, v);

    acpi_begin(a, "DSDT", 2);
    acpi_put_bytes(a, dsdt->data, dsdt->len);
    put_facp(v, a);
    put_apic(m, v, a);
    put_pptt(m, a);
    put_gtdt(v, a);
    put_mcfg(v, a);
    put_spcr(a);
    put_dbg2(a);
    if (v->gic_version == 3 && v->its) {
        put_iort(a);
    }
    return acpi_finish(a, v->fw_cfg, error);
}
