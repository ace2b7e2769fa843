/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/boot/arm.c - places firmware or kernel, initrd and device tree.
 * Addresses are those people's scripts expect: an Image at its text offset,
 * but 2 MiB up if the stub is in its way; the initrd half the RAM (at most 128
 * MiB) above the start of RAM; the tree behind it. */
#include "machine/boot/arm.h"

#include <string.h>

#include "machine/boot/firmware.h"
#include "util/bits.h"

#define MIB               (UINT64_C(1) << 20)
#define KERNEL_ALIGN      (2 * MIB)
#define TREE_ALIGN        (2 * MIB)
#define OLD_TEXT_OFFSET   UINT64_C(0x80000) /* of Images that do not say */
#define INITRD_MAX_OFFSET (128 * MIB)
#define STUB_ROOM         UINT64_C(4096)

struct ArmBoot {
    BootPlan plan;
    ArmBootPlace place;
    bool warned;
};

bool arm_boot_firmware(const MachineConfig *c)
{
    return c->bios != NULL && strcmp(c->bios, "none") != 0;
}

bool arm_boot_is_direct(const MachineConfig *c, bool flash_boots)
{
    return c->kernel != NULL && !flash_boots && !arm_boot_firmware(c);
}

static bool is_direct(const ArmBoot *b)
{
    return b->plan.kernel != NULL && !b->place.flash_boots &&
           b->plan.firmware == NULL;
}

static bool open_firmware(ArmBoot *b, const MachineConfig *c, GError **error)
{
    if (!arm_boot_firmware(c)) {
        return true;
    }
    if (b->place.flash_boots) {
        return machine_fail(error,
                            "-bios %s: flash bank 0 has a disk, which "
                            "is the firmware already",
                            c->bios);
    }
    b->plan.firmware =
        firmware_open(c->bios, c->firmware_dirs, b->place.flash_bytes, error);
    return b->plan.firmware != NULL;
}

ArmBoot *arm_boot_new(const MachineConfig *c, const ArmBootPlace *place,
                      GError **error)
{
    ArmBoot *b = g_new0(ArmBoot, 1);

    b->place = *place;
    b->plan.guest = &boot_guest_aarch64;
    b->plan.ram_base = place->ram_base;
    b->plan.ram_bytes = place->ram_bytes;
    b->plan.template = place->tree;
    b->plan.random = place->random;
    b->plan.opaque = place->opaque;
    if (open_firmware(b, c, error) && boot_plan_open(&b->plan, c, error)) {
        return b;
    }
    arm_boot_free(b);
    return NULL;
}

void arm_boot_free(ArmBoot *b)
{
    if (b != NULL) {
        boot_plan_finish(&b->plan);
        g_free(b);
    }
}

BootPlan *arm_boot_plan(ArmBoot *b)
{
    return &b->plan;
}

BootPlan *arm_boot_fw_cfg(ArmBoot *b)
{
    return is_direct(b) ? NULL : &b->plan;
}

/* ---- memory ---- */

static bool put_tree(ArmBoot *b, Bus *bus, Gpa at, TreeChosen *chosen,
                     GError **error)
{
    Gpa end = b->place.ram_base + b->place.ram_bytes;
    size_t len;
    const void *p;

    if (!boot_plan_make_tree(&b->plan, chosen, error)) {
        return false;
    }
    /* Firmware adds to it where it is. */
    b->plan.tree = tree_pad(b->plan.tree, TREE_MAX_BYTES);
    p = g_bytes_get_data(b->plan.tree, &len);
    if (at > end || len > end - at) {
        return machine_fail(error,
                            "device tree: %zu bytes at 0x%" PRIx64
                            " do not fit into RAM, which ends at 0x%" PRIx64,
                            len, at, end);
    }
    if (!boot_plan_claim(&b->plan, "device tree", at, at + len, error)) {
        g_prefix_error(error, "device tree: ");
        return false;
    }
    bus_load_image(bus, at, p, len);
    return true;
}

static Gpa place_of(const ArmBoot *b, const BootImage *image)
{
    bool is_image = strcmp(image->format, "Image") == 0;
    uint64_t offset = is_image && image->image_size_known ? image->text_offset
                                                          : OLD_TEXT_OFFSET;

    if (offset < STUB_ROOM) {
        offset += KERNEL_ALIGN;
    }
    return b->place.ram_base + offset;
}

static bool put_initrd(ArmBoot *b, Bus *bus, Gpa *end, TreeChosen *chosen,
                       GError **error)
{
    uint64_t len = b->plan.initrd->size;
    Gpa ram_end = b->place.ram_base + b->place.ram_bytes;

    if (*end > ram_end || len > ram_end - *end) {
        return machine_fail(error,
                            "initrd '%s': %" PRIu64 " bytes at 0x%" PRIx64
                            " do not fit into RAM, which ends at 0x%" PRIx64,
                            b->plan.initrd->path, len, *end, ram_end);
    }
    if (!boot_plan_copy(&b->plan, bus, b->plan.initrd, *end, &len, error)) {
        return false;
    }
    chosen->initrd_start = *end;
    chosen->initrd_end = *end + len;
    *end += len;
    return true;
}

/* What stands where x0's and the kernel's addresses go. */
static bool put_stub(ArmBoot *b, Bus *bus, Gpa tree, Gpa kernel, GError **error)
{
    static const uint32_t code[] = {
        0x580000c0, /* ldr x0, tree */
        0xaa1f03e1, /* mov x1, xzr */
        0xaa1f03e2, /* mov x2, xzr */
        0xaa1f03e3, /* mov x3, xzr */
        0x58000084, /* ldr x4, kernel */
        0xd61f0080, /* br x4 */
    };
    uint8_t bytes[sizeof(code) + 16];
    Gpa at = b->place.ram_base;

    for (unsigned i = 0; i < G_N_ELEMENTS(code); i++) {
        le32_store(bytes + 4 * (size_t)i, code[i]);
    }
    le64_store(bytes + sizeof(code), tree);
    le64_store(bytes + sizeof(code) + 8, kernel);
    if (!boot_plan_claim(&b->plan, "boot stub", at, at + sizeof(bytes),
                         error)) {
        g_prefix_error(error, "boot stub: ");
        return false;
    }
    bus_load_image(bus, at, bytes, sizeof(bytes));
    return true;
}

/* Linux: the stub, kernel, initrd, tree. An ELF program is entered at its own
 * address and finds the tree at the start of RAM, if it left room there. */
static bool put_rest(ArmBoot *b, Bus *bus, const BootImage *image, Gpa *entry,
                     GError **error)
{
    uint64_t half = MIN(b->place.ram_bytes / 2, INITRD_MAX_OFFSET);
    Gpa ram = b->place.ram_base;
    Gpa end = MAX(ram + half, align_up(image->high, 4096));
    bool elf = strcmp(image->format, "ELF") == 0;
    TreeChosen chosen = {.bootargs = b->plan.append};

    if (b->plan.initrd != NULL && !put_initrd(b, bus, &end, &chosen, error)) {
        return false;
    }
    end = align_up(end, TREE_ALIGN);
    *entry = elf ? image->entry : ram;
    if (elf && (image->low >= ram + TREE_MAX_BYTES || image->high <= ram)) {
        end = ram;
    }
    return (elf || put_stub(b, bus, end, image->entry, error)) &&
           put_tree(b, bus, end, &chosen, error);
}

/* Such a kernel is put where all were when it was made. */
static void warn_of_old(ArmBoot *b, const BootImage *image)
{
    if (strcmp(image->format, "Image") == 0 && !image->image_size_known &&
        !b->warned) {
        b->warned = true;
        g_printerr("%s: warning: kernel '%s': its header is too old to say the "
                   "kernel's size; taken for one before Linux 3.17, at "
                   "0x%" PRIx64 "\n",
                   g_get_prgname(), b->plan.kernel->path,
                   b->place.ram_base + OLD_TEXT_OFFSET);
    }
}

static bool load_kernel(ArmBoot *b, Bus *bus, Gpa *entry, GError **error)
{
    BootImage image;
    bool ok =
        boot_plan_parse(&b->plan, b->plan.kernel, &image, error) &&
        boot_plan_load(&b->plan, bus, b->plan.kernel,
                       image.placed ? 0 : place_of(b, &image), &image, error) &&
        put_rest(b, bus, &image, entry, error);

    if (ok) {
        warn_of_old(b, &image);
    }
    boot_image_finish(&image);
    return ok;
}

bool arm_boot_load(ArmBoot *b, Bus *bus, Gpa *entry, GError **error)
{
    TreeChosen chosen = {0};
    uint64_t len;

    boot_plan_restart(&b->plan);
    if (is_direct(b)) {
        return load_kernel(b, bus, entry, error);
    }
    *entry = b->place.flash_base;
    return (b->plan.firmware == NULL ||
            boot_plan_copy(&b->plan, bus, b->plan.firmware, b->place.flash_base,
                           &len, error)) &&
           put_tree(b, bus, b->place.ram_base, &chosen, error);
}
