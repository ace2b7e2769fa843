/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/misc/pvpanic.c - one register to which a guest's kernel writes when it
 * crashes. Spec: Linux's and QEMU's pvpanic (docs/specs/pvpanic), PCI form.
 * Left out: the orderly shut-down it can announce; it is not offered.
 * Threads: bus-locked. */
#include "hw/misc/pvpanic.h"

#include "core/notice.h"
#include "hw/pci/pci.h"
#include "util/bits.h"

enum {
    PANICKED = 1 << 0,
    CRASH_LOADED = 1 << 1,
    ALL = PANICKED | CRASH_LOADED
};
enum { BAR_BYTES = 16 };

typedef struct {
    Device dev;
    PciFunction function;
} PvPanic;

static MemResult pvpanic_read(Device *dev, unsigned region, uint64_t offset,
                              unsigned size, uint64_t *value)
{
    *value = offset == 0 ? ALL : 0;
    return MEM_OK;
}

static MemResult pvpanic_write(Device *dev, unsigned region, uint64_t offset,
                               unsigned size, uint64_t value)
{
    if (offset == 0 && (value & PANICKED)) {
        notice_post(NOTICE_PANIC, dev, 0);
    } else if (offset == 0 && (value & CRASH_LOADED)) {
        notice_post(NOTICE_CRASH_LOADED, dev, 0);
    }
    return MEM_OK;
}

static bool pvpanic_start(Device *dev, GError **error)
{
    static const PciIds ids = {.vendor = 0x1b36,
                               .device = 0x0011,
                               .subsys_vendor = 0x1af4,
                               .subsys = 0x1100,
                               .class_code = 0x088000,
                               .revision = 1};

    if (!pci_init(dev, &ids, error)) {
        return false;
    }
    pci_add_bar(pci_function(dev), 0, PCI_BAR_MEM32, false, BAR_BYTES);
    return true;
}

static void pvpanic_reset(Device *dev)
{
    pci_reset(pci_function(dev));
}

static bool pvpanic_loaded(Device *dev, GError **error)
{
    pci_loaded(pci_function(dev));
    return true;
}

/* clang-format off */
static const StateField pvpanic_state[] = { PCI_STATE(PvPanic, function), STATE_LAST };
static const PropDesc pvpanic_props[] = { PCI_PROPS(PvPanic, function) };
/* clang-format on */

static const PciClass pvpanic_kind = {
    .bus = PCI_BUS_NAME,
    .function = offsetof(PvPanic, function),
};

const DeviceClass pvpanic_pci_class = {
    .name = "pvpanic-pci",
    .help = "tells the host of the guest's crash",
    .size = sizeof(PvPanic),
    .access = ACCESS_8,
    .user_creatable = true,
    .state = pvpanic_state,
    .props = pvpanic_props,
    .n_props = G_N_ELEMENTS(pvpanic_props),
    .read = pvpanic_read,
    .write = pvpanic_write,
    .start = pvpanic_start,
    .reset = pvpanic_reset,
    .loaded = pvpanic_loaded,
    .stop = pci_finish,
    .kind = &pvpanic_kind,
};
