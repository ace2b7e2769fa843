/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/pci/pci.h - PCI functions and the buses they sit on.
 * A PCI device is a Device whose class has a PciClass as kind; its struct
 * embeds a PciFunction, which holds configuration space, BARs, INTx and MSI-X.
 * Life: device_new, properties, pci_plug, device_start (calls pci_init,
 * pci_add_bar, ...), run.
 * Spec: PCI Local Bus 3.0, 6 and 6.8.2 (MSI-X); PCI Express 4.0, 7.2.2 (ECAM).
 * Threads: a function's fields are under its device's lock; the address map
 * and the INTx counts have locks of their own, inside it. Functions come and go
 * while no vCPU runs.
 * Lifetime: a bus belongs to the bridge in front of it; functions are
 * borrowed. */
#ifndef CUTTLE_HW_PCI_PCI_H
#define CUTTLE_HW_PCI_PCI_H

#include "core/device.h"

#define PCI_BUS_NAME "PCI"

enum {
    PCI_VENDOR = 0x00,
    PCI_DEVICE = 0x02,
    PCI_COMMAND = 0x04,
    PCI_STATUS = 0x06,
    PCI_REVISION = 0x08,
    PCI_CLASS = 0x09, /* programming interface, sub, base */
    PCI_HEADER_TYPE = 0x0e,
    PCI_BAR0 = 0x10,
    PCI_SUBSYS_VENDOR = 0x2c,
    PCI_SUBSYS = 0x2e,
    PCI_CAPABILITIES = 0x34,
    PCI_INTERRUPT_LINE = 0x3c,
    PCI_INTERRUPT_PIN = 0x3d,
};

/* Of a bridge's header (PCI-to-PCI Bridge 1.2, 3.2). */
enum {
    PCI_PRIMARY_BUS = 0x18,
    PCI_SECONDARY_BUS = 0x19,
    PCI_SUBORDINATE_BUS = 0x1a,
    PCI_IO_BASE = 0x1c,
    PCI_IO_LIMIT = 0x1d,
    PCI_MEMORY_BASE = 0x20,
    PCI_MEMORY_LIMIT = 0x22,
    PCI_PREFETCH_BASE = 0x24,
    PCI_PREFETCH_LIMIT = 0x26,
    PCI_PREFETCH_BASE_HIGH = 0x28,
    PCI_PREFETCH_LIMIT_HIGH = 0x2c,
    PCI_BRIDGE_CONTROL = 0x3e,
};
enum { PCI_HEADER_BRIDGE = 1, PCI_BRIDGE_RESET = 1 << 6 };

enum {
    PCI_COMMAND_IO = 1 << 0,
    PCI_COMMAND_MEMORY = 1 << 1,
    PCI_COMMAND_MASTER = 1 << 2,
    PCI_COMMAND_SERR = 1 << 8,
    PCI_COMMAND_INTX_OFF = 1 << 10,
    PCI_STATUS_INTX = 1 << 3,
    PCI_STATUS_CAPS = 1 << 4,
};

enum {
    PCI_CAP_VENDOR = 0x09,
    PCI_CAP_SUBSYSTEM = 0x0d,
    PCI_CAP_EXPRESS = 0x10,
    PCI_CAP_MSIX = 0x11,
};

/* The kind in a PCI Express capability (PCIe 4.0, 7.5.3.2), and its length. */
enum { PCIE_ENDPOINT = 0, PCIE_ROOT_PORT = 4, PCIE_CAP_BYTES = 0x3c };

enum {
    PCI_CONFIG_BYTES = 256,
    PCI_N_BARS = 6,
    PCI_MSIX_MAX = 128, /* vectors: table and PBA share one 4 KiB BAR */
    PCI_MSIX_PBA = 0x800,
};

typedef enum { PCI_BAR_IO, PCI_BAR_MEM32, PCI_BAR_MEM64 } PciBarKind;

typedef struct PciBus PciBus;

typedef struct {
    uint64_t size; /* 0: there is none */
    PciBarKind kind;
    Ram *ram; /* what it shows; NULL: the device's registers */
} PciBar;

typedef struct PciFunction {
    /* As the guest sees it. */
    uint8_t config[PCI_CONFIG_BYTES];
    uint8_t msix_table[PCI_MSIX_MAX * 16];
    uint8_t msix_pba[PCI_MSIX_MAX / 8];
    uint8_t intx; /* the level the device drives, before INTx disable */

    /* Fixed when the device started, or derived. */
    uint8_t writable[PCI_CONFIG_BYTES];
    uint8_t w1c[PCI_CONFIG_BYTES]; /* bits that a written one clears */
    PciBar bars[PCI_N_BARS];
    Device *dev;
    PciBus *bus;
    PciBus *behind; /* of a bridge; NULL: it is none */
    unsigned devfn;
    uint16_t msix_cap; /* offset of the capability; 0: none */
    uint16_t n_vectors;
    uint8_t cap_end;
    bool intx_out; /* the level the bus was told */

    /* Properties. */
    char *addr; /* "SLOT[.FUNCTION]" in hexadecimal, or NULL */
    bool multifunction;
} PciFunction;

/* What DeviceClass.kind is for a PCI device. */
typedef struct PciClass {
    const char *bus;   /* PCI_BUS_NAME */
    uint32_t function; /* offsetof the PciFunction in the device */
    /* After a configuration write, and before a read is answered; or NULL. */
    void (*config_written)(Device *dev, unsigned reg, unsigned size);
    void (*config_read)(Device *dev, unsigned reg, unsigned size);
    const void *kind; /* of the family inside PCI, e.g. VirtioClass */
} PciClass;

/* clang-format off */
#define PCI_PROPS(Type, function)                                                        \
    { "addr", PROP_STRING, offsetof(Type, function.addr), NULL, "slot[.function], hexadecimal" }, \
    { "multifunction", PROP_BOOL, offsetof(Type, function.multifunction), "off", "other functions share the slot" }
#define PCI_STATE(Type, function)                                                        \
    { "pci", STATE_STRUCT, offsetof(Type, function), sizeof(PciFunction), 1, pci_function_state, NULL }
/* clang-format on */
extern const StateField pci_function_state[];

bool pci_is_class(const DeviceClass *cls);
PciFunction *pci_function(Device *dev);

/* ---- for boards --------------------------------------------------------- */

/* Gives the device the slot its addr property names, or the first free one.
 * Before device_start. */
bool pci_plug(PciBus *bus, Device *dev, GError **error);

/* The number the guest gave the bus; 0: the host's, or it gave none. */
unsigned pci_bus_number(const PciBus *b);

/* ---- for devices -------------------------------------------------------- */

typedef struct {
    uint16_t vendor;
    uint16_t device;
    uint16_t subsys_vendor;
    uint16_t subsys;
    uint32_t class_code; /* base << 16 | sub << 8 | interface */
    uint8_t revision;
    uint8_t interrupt_pin; /* 1: INTA */
} PciIds;

/* Fills the header; the device's start. Fails if nobody plugged it. */
bool pci_init(Device *dev, const PciIds *ids, GError **error);

/* Undoes pci_plug and pci_init; NULL-safe on a device never plugged. */
void pci_finish(Device *dev);

/* Accesses to BAR number n arrive as region n. size is a power of two. */
void pci_add_bar(PciFunction *f, unsigned n, PciBarKind kind, bool prefetch,
                 uint64_t size);

/* The same with memory behind it: accesses do not reach the device. */
void pci_add_ram_bar(PciFunction *f, unsigned n, PciBarKind kind, Ram *ram);

/* Puts a capability of len bytes at offset, in front of the list; its bytes
 * from the third on are zero and read-only. */
uint8_t *pci_add_cap(PciFunction *f, uint8_t id, unsigned offset, unsigned len);

/* A PCI Express capability of that kind (PCIE_...). */
uint8_t *pci_add_express(PciFunction *f, unsigned offset, unsigned kind);

/* Makes the function, which pci_init has filled, a bridge to behind. */
void pci_make_bridge(PciFunction *f, PciBus *behind);

/* An MSI-X capability at offset, with table and PBA in BAR bar (4 KiB). */
void pci_add_msix(PciFunction *f, unsigned offset, unsigned bar,
                  unsigned n_vectors);
/* The same inside a BAR that is there: its 4 KiB from at on. */
void pci_add_msix_in(PciFunction *f, unsigned offset, unsigned bar, uint32_t at,
                     unsigned n_vectors);

void pci_reset(PciFunction *f);
void pci_loaded(PciFunction *f);

/* Drives INTx. */
void pci_set_irq(PciFunction *f, bool level);

bool pci_msix_enabled(const PciFunction *f);
void pci_msix_notify(PciFunction *f, unsigned vector);

/* Accesses to the MSI-X BAR. */
uint64_t pci_msix_read(PciFunction *f, uint64_t offset, unsigned size);
void pci_msix_write(PciFunction *f, uint64_t offset, unsigned size,
                    uint64_t value);

/* ---- for host bridges --------------------------------------------------- */

/* Part of the CPU's address space in which BARs can live. size 0: none. */
typedef struct {
    Gpa base;     /* where the CPU sees it */
    uint64_t pci; /* the same place in PCI's I/O or memory space */
    uint64_t size;
} PciWindow;

enum { PCI_WINDOW_IO, PCI_WINDOW_MEM32, PCI_WINDOW_MEM64, PCI_N_WINDOWS };

/* The host's bus, which has all of this, or one behind a bridge: there the
 * first part is its own and the rest is the host's. */
struct PciBus {
    PciFunction *functions[256];
    PciFunction *bridge; /* in front of it; NULL: the host */
    unsigned n_slots;
    bool off; /* behind a bridge: nothing answers */

    Bus *bus;     /* set when the host bridge starts */
    Device *host; /* answers for holes in the windows, as region hole */
    unsigned hole;
    PciWindow windows[PCI_N_WINDOWS];
    IrqLine intx[4]; /* INTA..INTD of slot 0; others are rotated */

    GMutex map_lock; /* mapped */
    GArray *mapped;
    GMutex intx_lock; /* n_asserted, and the order of irq_set */
    unsigned n_asserted[4];

    /* Registers of interrupt controllers that take MSIs: written in the
     * sender's context. MSIs to RAM are written at once, those to any other
     * device through the event loop, so that no device calls another under
     * lock. */
    Gpa msi_base;
    uint64_t msi_size;      /* 0: none */
    struct MsiPost *posted; /* those for the event loop */
};

void pci_bus_init(PciBus *b, Device *host, unsigned hole);
void pci_bus_start(PciBus *b, Bus *bus);
void pci_bus_finish(PciBus *b);

/* Configuration space; rid is bus, device and function, size 1, 2 or 4, within
 * a word. All ones where no function is. b is the host's. */
uint32_t pci_config_read(PciBus *b, unsigned rid, unsigned reg, unsigned size);
void pci_config_write(PciBus *b, unsigned rid, unsigned reg, unsigned size,
                      uint32_t value);

/* Where the board's interrupt controller takes MSIs; before the start. */
void pci_bus_set_msi_target(PciBus *b, Gpa base, uint64_t size);

#endif
