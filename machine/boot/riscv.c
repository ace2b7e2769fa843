/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/boot/riscv.c - places firmware, kernel, initrd and device tree and
 * writes the boot ROM. Addresses are those people's scripts and kernels
 * expect: firmware at the start of RAM, the kernel at the next 2 MiB (RV32: 4
 * MiB), the initrd half the RAM (at most 512 MiB) above it, the tree at the
 * top of RAM. */
#include "machine/boot/riscv.h"

#include <string.h>

#include "machine/boot/firmware.h"
#include "util/bits.h"

enum {
    ROM_START = 0x18, /* data behind the code, 8 bytes each */
    ROM_TREE = 0x20,
    ROM_RECORD = 0x28,
    RECORD_MAGIC = 0x4942534f, /* "OSBI" */
    RECORD_VERSION = 2,
    RECORD_WORDS = 6,
    NEXT_MODE_S = 1,
    ROM_BYTES = ROM_RECORD + RECORD_WORDS * 8,
};

#define MIB               (UINT64_C(1) << 20)
#define INITRD_MAX_OFFSET (512 * MIB)
#define TREE_ALIGN        (2 * MIB)
/* What an RV32 hart reaches before paging, without PCI and the like above. */
#define RV32_TREE_LIMIT (UINT64_C(3072) * MIB)

struct RiscvBoot {
    BootPlan plan;
    RiscvBootPlace place;
};

/* Where control goes. */
typedef struct {
    Gpa start, next, tree;
} Handover;

/* ---- files ---- */

static bool open_firmware(RiscvBoot *b, const MachineConfig *c, GError **error)
{
    uint64_t max = b->place.ram_bytes;

    if (c->bios != NULL && strcmp(c->bios, "none") == 0) {
        return true;
    }
    b->plan.firmware =
        c->bios == NULL || strcmp(c->bios, "default") == 0
            ? firmware_open_opensbi(b->place.xlen, c->firmware_dirs, max, error)
            : firmware_open(c->bios, c->firmware_dirs, max, error);
    return b->plan.firmware != NULL;
}

RiscvBoot *riscv_boot_new(const MachineConfig *c, const RiscvBootPlace *place,
                          GError **error)
{
    RiscvBoot *b = g_new0(RiscvBoot, 1);

    b->place = *place;
    b->plan.guest =
        place->xlen == 64 ? &boot_guest_riscv64 : &boot_guest_riscv32;
    b->plan.ram_base = place->ram_base;
    b->plan.ram_bytes = place->ram_bytes;
    b->plan.template = place->tree;
    b->plan.random = place->random;
    b->plan.opaque = place->opaque;
    if (open_firmware(b, c, error) && boot_plan_open(&b->plan, c, error)) {
        return b;
    }
    riscv_boot_free(b);
    return NULL;
}

void riscv_boot_free(RiscvBoot *b)
{
    if (b != NULL) {
        boot_plan_finish(&b->plan);
        g_free(b);
    }
}

BootPlan *riscv_boot_plan(RiscvBoot *b)
{
    return &b->plan;
}

BootPlan *riscv_boot_fw_cfg(RiscvBoot *b)
{
    return b->place.flash_boots ? &b->plan : NULL;
}

/* ---- memory ---- */

static bool load_program(RiscvBoot *b, Bus *bus, BootFile *file, Gpa base,
                         BootImage *image, GError **error)
{
    return boot_plan_parse(&b->plan, file, image, error) &&
           boot_plan_load(&b->plan, bus, file, base, image, error);
}

static bool load_firmware(RiscvBoot *b, Bus *bus, Handover *h, Gpa *end,
                          GError **error)
{
    BootImage image;
    bool ok;

    h->start = b->place.ram_base;
    *end = b->place.ram_base;
    if (b->place.flash_boots) {
        /* In flash: the firmware itself, or what runs after it. */
        h->next = b->plan.firmware != NULL ? b->place.flash_base : 0;
        h->start = b->plan.firmware != NULL ? h->start : b->place.flash_base;
    }
    if (b->plan.firmware == NULL) {
        return true;
    }
    ok = load_program(b, bus, b->plan.firmware, b->place.ram_base, &image,
                      error);
    h->start = image.entry;
    *end = image.high;
    boot_image_finish(&image);
    return ok;
}

static bool load_initrd(RiscvBoot *b, Bus *bus, Gpa kernel, Gpa kernel_end,
                        TreeChosen *chosen, GError **error)
{
    uint64_t ram = b->place.ram_bytes, len = b->plan.initrd->size;
    Gpa ram_end = b->place.ram_base + ram;
    Gpa start = kernel + MIN(ram / 2, INITRD_MAX_OFFSET);

    start = MAX(align_down(start, 4096), align_up(kernel_end, 4096));
    /* With little RAM right behind the kernel; the tree needs the top. */
    if (start + len + TREE_ALIGN > ram_end) {
        start = align_up(kernel_end, 4096);
    }
    if (start + len > ram_end) {
        return machine_fail(error,
                            "initrd '%s': %" PRIu64
                            " bytes do not fit into RAM behind the kernel",
                            b->plan.initrd->path, len);
    }
    if (!boot_plan_copy(&b->plan, bus, b->plan.initrd, start, &len, error)) {
        return false;
    }
    chosen->initrd_start = start;
    chosen->initrd_end = start + len;
    return true;
}

static bool load_kernel(RiscvBoot *b, Bus *bus, Gpa firmware_end, Handover *h,
                        TreeChosen *chosen, GError **error)
{
    uint64_t align = (b->place.xlen == 64 ? 2 : 4) * MIB;
    BootImage image;
    bool ok;

    if (b->plan.kernel == NULL || b->place.flash_boots) {
        return true;
    }
    ok = load_program(b, bus, b->plan.kernel, align_up(firmware_end, align),
                      &image, error);
    /* An ELF kernel is entered where it is loaded, as firmware expects. */
    h->next = image.format != NULL && strcmp(image.format, "uImage") == 0
                  ? image.entry
                  : image.low;
    if (b->plan.firmware == NULL) {
        h->start = h->next;
    }
    chosen->bootargs = b->plan.append;
    if (ok && b->plan.initrd != NULL) {
        ok = load_initrd(b, bus, image.low, image.high, chosen, error);
    }
    boot_image_finish(&image);
    return ok;
}

static bool load_tree(RiscvBoot *b, Bus *bus, TreeChosen *chosen, Handover *h,
                      GError **error)
{
    Gpa end = b->place.ram_base + b->place.ram_bytes;
    size_t len;
    const void *p;

    if (b->place.xlen == 32) {
        end = MIN(end, RV32_TREE_LIMIT);
    }
    if (!boot_plan_make_tree(&b->plan, chosen, error)) {
        return false;
    }
    p = g_bytes_get_data(b->plan.tree, &len);
    if (len < b->place.ram_bytes) {
        h->tree = align_down(end - len, TREE_ALIGN);
    }
    if (h->tree < b->place.ram_base ||
        !boot_plan_claim(&b->plan, "device tree", h->tree, h->tree + len,
                         error)) {
        g_prefix_error(error, "device tree: ");
        return error != NULL && *error != NULL
                   ? false
                   : machine_fail(error,
                                  "device tree: %" PRIu64
                                  " bytes of RAM are too few",
                                  b->place.ram_bytes);
    }
    bus_load_image(bus, h->tree, p, len);
    return true;
}

/* ---- the ROM ---- */

static void write_rom(const RiscvBoot *b, Bus *bus, const Handover *h)
{
    bool wide = b->place.xlen == 64;
    unsigned word = wide ? 8 : 4;
    uint8_t rom[ROM_BYTES] = {0};
    const uint32_t code[] = {
        0x00000297,                     /* auipc t0, 0 */
        0x02828613,                     /* addi a2, t0, ROM_RECORD */
        0xf1402573,                     /* csrr a0, mhartid */
        wide ? 0x0202b583 : 0x0202a583, /* load a1, ROM_TREE(t0) */
        wide ? 0x0182b283 : 0x0182a283, /* load t0, ROM_START(t0) */
        0x00028067,                     /* jr t0 */
    };
    const uint64_t record[RECORD_WORDS] = {
        RECORD_MAGIC, RECORD_VERSION, h->next, NEXT_MODE_S, 0, 0,
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(code); i++) {
        le32_store(rom + 4 * (size_t)i, code[i]);
    }
    le64_store(rom + ROM_START, h->start);
    le64_store(rom + ROM_TREE, h->tree);
    for (unsigned i = 0; i < RECORD_WORDS; i++) {
        bytes_store_le(rom + ROM_RECORD + (size_t)i * word, word, record[i]);
    }
    bus_load_image(bus, b->place.rom_base, rom, sizeof(rom));
}

bool riscv_boot_load(RiscvBoot *b, Bus *bus, GError **error)
{
    TreeChosen chosen = {0};
    Handover h = {0};
    Gpa firmware_end;

    boot_plan_restart(&b->plan);
    if (!load_firmware(b, bus, &h, &firmware_end, error) ||
        !load_kernel(b, bus, firmware_end, &h, &chosen, error) ||
        !load_tree(b, bus, &chosen, &h, error)) {
        return false;
    }
    write_rom(b, bus, &h);
    return true;
}
