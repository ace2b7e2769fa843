/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/boot/riscv.c - places firmware, kernel, initrd and device tree and
 * writes the boot ROM. Addresses are those people's scripts and kernels
 * expect: firmware at the start of RAM, the kernel at the next 2 MiB (RV32: 4
 * MiB), the initrd half the RAM (at most 512 MiB) above it, the tree at the
 * top of RAM. */
#include "machine/boot/riscv.h"

#include <string.h>

#include "machine/boot/firmware.h"
#include "machine/boot/image.h"
#include "machine/tree.h"
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
    MAX_RANGES = BOOT_MAX_SEGMENTS * 2 + 2,
};

#define MIB               (UINT64_C(1) << 20)
#define INITRD_MAX_OFFSET (512 * MIB)
#define TREE_ALIGN        (2 * MIB)
/* What an RV32 hart reaches before paging, without PCI and the like above. */
#define RV32_TREE_LIMIT (UINT64_C(3072) * MIB)

/* Memory in use, so that nothing silently replaces something else. */
typedef struct {
    const char *what;
    Gpa start, end;
} Range;

struct RiscvBoot {
    RiscvBootPlace place;
    char *append;
    BootFile *firmware, *kernel, *initrd;
    GBytes *tree; /* with this reset's changes */
    Range ranges[MAX_RANGES];
    unsigned n_ranges;
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
    b->firmware =
        c->bios == NULL || strcmp(c->bios, "default") == 0
            ? firmware_open_opensbi(b->place.xlen, c->firmware_dirs, max, error)
            : firmware_open(c->bios, c->firmware_dirs, max, error);
    return b->firmware != NULL;
}

static bool open_one(BootFile **to, const char *what, const char *path,
                     uint64_t max, GError **error)
{
    if (path != NULL) {
        *to = boot_file_open(what, path, max, error);
    }
    return path == NULL || *to != NULL;
}

static bool open_tree(RiscvBoot *b, const char *path, GError **error)
{
    g_autoptr(BootFile) file = NULL;
    g_autoptr(GBytes) bytes = NULL;
    size_t len;
    const uint8_t *p;
    GBytes *tree;

    if (path == NULL) {
        return true;
    }
    file = boot_file_open("device tree", path, TREE_MAX_BYTES, error);
    bytes = file != NULL ? boot_file_read(file, error) : NULL;
    if (bytes == NULL) {
        return false;
    }
    p = g_bytes_get_data(bytes, &len);
    tree = tree_check(p, len, error);
    if (tree == NULL) {
        g_prefix_error(error, "device tree '%s': ", path);
        return false;
    }
    g_bytes_unref(b->place.tree);
    b->place.tree = tree;
    return true;
}

RiscvBoot *riscv_boot_new(const MachineConfig *c, const RiscvBootPlace *place,
                          GError **error)
{
    RiscvBoot *b = g_new0(RiscvBoot, 1);
    uint64_t max = place->ram_bytes;

    b->place = *place;
    b->append = g_strdup(c->append);
    if (open_firmware(b, c, error) &&
        open_one(&b->kernel, "kernel", c->kernel, max, error) &&
        open_one(&b->initrd, "initrd", c->initrd, max, error) &&
        open_tree(b, c->dtb, error)) {
        return b;
    }
    riscv_boot_free(b);
    return NULL;
}

void riscv_boot_free(RiscvBoot *b)
{
    if (b == NULL) {
        return;
    }
    boot_file_free(b->firmware);
    boot_file_free(b->kernel);
    boot_file_free(b->initrd);
    g_clear_pointer(&b->tree, g_bytes_unref);
    g_clear_pointer(&b->place.tree, g_bytes_unref);
    g_free(b->append);
    g_free(b);
}

GBytes *riscv_boot_tree(RiscvBoot *b)
{
    return b->tree;
}

BootFile *riscv_boot_fw_cfg_kernel(RiscvBoot *b)
{
    return b->place.flash_boots ? b->kernel : NULL;
}

BootFile *riscv_boot_fw_cfg_initrd(RiscvBoot *b)
{
    return b->place.flash_boots ? b->initrd : NULL;
}

/* ---- memory ---- */

static bool claim(RiscvBoot *b, const char *what, Gpa start, Gpa end,
                  GError **error)
{
    for (unsigned i = 0; i < b->n_ranges; i++) {
        const Range *r = &b->ranges[i];

        if (start < r->end && r->start < end && strcmp(what, r->what) != 0) {
            return machine_fail(error,
                                "0x%" PRIx64 "..0x%" PRIx64
                                " would overlap the %s at 0x%" PRIx64
                                "..0x%" PRIx64 " (too little RAM?)",
                                start, end, r->what, r->start, r->end);
        }
    }
    if (b->n_ranges < MAX_RANGES) {
        b->ranges[b->n_ranges++] = (Range){what, start, end};
    }
    return true;
}

static bool claim_image(RiscvBoot *b, const char *what, const BootImage *image,
                        GError **error)
{
    for (unsigned i = 0; i < image->n_segments; i++) {
        const BootSegment *s = &image->segments[i];

        if (!claim(b, what, s->addr, s->addr + s->memory, error)) {
            return false;
        }
    }
    return true;
}

/* Reads, unpacks, places and loads one program. */
static bool load_program(RiscvBoot *b, Bus *bus, BootFile *file, Gpa base,
                         BootImage *image, GError **error)
{
    g_autoptr(GBytes) bytes = boot_file_read(file, error);

    memset(image, 0, sizeof(*image));
    if (bytes == NULL) {
        return false;
    }
    if (!boot_image_parse(image, bytes, b->place.xlen, b->place.ram_bytes,
                          error)) {
        g_prefix_error(error, "%s '%s': ", file->what, file->path);
        return false;
    }
    boot_image_place(image, base);
    if (!claim_image(b, file->what, image, error) ||
        !boot_image_load(image, bus, error)) {
        g_prefix_error(error, "%s '%s': ", file->what, file->path);
        return false;
    }
    return true;
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
        h->next = b->firmware != NULL ? b->place.flash_base : 0;
        h->start = b->firmware != NULL ? h->start : b->place.flash_base;
    }
    if (b->firmware == NULL) {
        return true;
    }
    ok = load_program(b, bus, b->firmware, b->place.ram_base, &image, error);
    h->start = image.entry;
    *end = image.high;
    boot_image_finish(&image);
    return ok;
}

static bool load_initrd(RiscvBoot *b, Bus *bus, Gpa kernel, Gpa kernel_end,
                        TreeChosen *chosen, GError **error)
{
    uint64_t ram = b->place.ram_bytes;
    Gpa ram_end = b->place.ram_base + ram;
    Gpa start = kernel + MIN(ram / 2, INITRD_MAX_OFFSET);
    g_autoptr(GBytes) bytes = boot_file_read(b->initrd, error);
    size_t len;
    const void *p;

    if (bytes == NULL) {
        return false;
    }
    p = g_bytes_get_data(bytes, &len);
    start = MAX(align_down(start, 4096), align_up(kernel_end, 4096));
    /* With little RAM right behind the kernel; the tree needs the top. */
    if (start + len + TREE_ALIGN > ram_end) {
        start = align_up(kernel_end, 4096);
    }
    if (start + len > ram_end) {
        return machine_fail(error,
                            "initrd '%s': %zu bytes do not fit into RAM "
                            "behind the kernel",
                            b->initrd->path, len);
    }
    if (!claim(b, "initrd", start, start + len, error)) {
        g_prefix_error(error, "initrd '%s': ", b->initrd->path);
        return false;
    }
    bus_load_image(bus, start, p, len);
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

    if (b->kernel == NULL || b->place.flash_boots) {
        return true;
    }
    ok = load_program(b, bus, b->kernel, align_up(firmware_end, align), &image,
                      error);
    /* An ELF kernel is entered where it is loaded, as firmware expects. */
    h->next = image.format != NULL && strcmp(image.format, "uImage") == 0
                  ? image.entry
                  : image.low;
    if (b->firmware == NULL) {
        h->start = h->next;
    }
    chosen->bootargs = b->append;
    if (ok && b->initrd != NULL) {
        ok = load_initrd(b, bus, image.low, image.high, chosen, error);
    }
    boot_image_finish(&image);
    return ok;
}

static bool load_tree(RiscvBoot *b, Bus *bus, const TreeChosen *chosen,
                      Handover *h, GError **error)
{
    Gpa end = b->place.ram_base + b->place.ram_bytes;
    size_t len;
    const void *p;

    if (b->place.xlen == 32) {
        end = MIN(end, RV32_TREE_LIMIT);
    }
    g_clear_pointer(&b->tree, g_bytes_unref);
    b->tree = tree_set_chosen(b->place.tree, chosen, error);
    if (b->tree == NULL) {
        return false;
    }
    p = g_bytes_get_data(b->tree, &len);
    if (len < b->place.ram_bytes) {
        h->tree = align_down(end - len, TREE_ALIGN);
    }
    if (h->tree < b->place.ram_base ||
        !claim(b, "device tree", h->tree, h->tree + len, error)) {
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
    TreeChosen chosen = {.random = b->place.random, .opaque = b->place.opaque};
    Handover h = {0};
    Gpa firmware_end;

    b->n_ranges = 0;
    if (!load_firmware(b, bus, &h, &firmware_end, error) ||
        !load_kernel(b, bus, firmware_end, &h, &chosen, error) ||
        !load_tree(b, bus, &chosen, &h, error)) {
        return false;
    }
    write_rom(b, bus, &h);
    return true;
}
