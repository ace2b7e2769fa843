/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/display/bochs-display.c - a PCI screen: memory for pixels in BAR 0, and in
 * BAR 2 the mode registers that Bochs invented, with the monitor's EDID.
 * Spec: Bochs VBE display API 0xb0c5; the places in BAR 2 are those that
 * Linux' bochs-drm and EDK2 look at.
 * Left out: VGA (its ports in BAR 2 read 0 and ignore writes), banks, palettes,
 * big-endian pixels; memory is not cleared when a mode is set.
 * Threads: the device's lock, taken by the bus; pixels are the guest's. */
#include "hw/display/bochs-display.h"

#include <string.h>

#include "core/display.h"
#include "hw/display/edid.h"
#include "hw/pci/pci.h"
#include "util/bits.h"
#include "util/log.h"

enum { BAR_PIXELS = 0, BAR_REGS = 2 };

/* Places in BAR 2. */
enum {
    REGS_EDID = 0x000,
    REGS_VBE = 0x500, /* two bytes for each index */
    REGS_EXTRA_SIZE = 0x600,
    REGS_ENDIAN = 0x604,
    REGS_EXTRA_END = 0x608,
    REGS_BYTES = 0x1000,
};

/* Indexes of the mode registers. */
enum {
    VBE_ID,
    VBE_XRES,
    VBE_YRES,
    VBE_BPP,
    VBE_ENABLE,
    VBE_BANK,
    VBE_VIRT_WIDTH,
    VBE_VIRT_HEIGHT,
    VBE_X_OFFSET,
    VBE_Y_OFFSET,
    VBE_MEMORY, /* in units of 64 KiB */
    VBE_N_REGS,
};

enum { ENABLE_ON = 1 << 0, ENABLE_ASK_LIMITS = 1 << 1 };
enum { ID_5 = 0xb0c5, MAX_BPP = 32 };

static const uint32_t little_endian = 0x1e1e1e1e;
static const uint64_t min_memory = 1 << 20, max_memory = 256 << 20;

typedef struct {
    Device dev;
    PciFunction pci;
    uint16_t vbe[VBE_N_REGS];
    uint8_t *pixels; /* of ram */

    DisplayScanout shown; /* width 0: nothing */

    Ram *ram;
    Display *display;
    uint8_t edid[EDID_BYTES];

    /* Properties. */
    uint64_t memory;
    uint32_t width, height; /* that the monitor prefers */
    bool has_edid;
} Bochs;

/* ---- the mode ----------------------------------------------------------- */

static bool find_format(uint16_t bpp, PixelFormat *out)
{
    switch (bpp) {
    case 15:
        *out = PIXEL_XRGB1555;
        return true;
    case 16:
        *out = PIXEL_RGB565;
        return true;
    case 24:
        *out = PIXEL_RGB888;
        return true;
    case 32:
        *out = PIXEL_XRGB8888;
        return true;
    default:
        guest_log(LOG_UNIMP, "bochs-display: %u bits per pixel", bpp);
        return false;
    }
}

/* What the registers describe; false: nothing that can be shown. */
static bool read_mode(const Bochs *b, DisplayScanout *s)
{
    uint64_t from, line;

    *s = (DisplayScanout){
        .width = b->vbe[VBE_XRES], .height = b->vbe[VBE_YRES], .live = true};
    if (!(b->vbe[VBE_ENABLE] & ENABLE_ON) || s->width == 0 || s->height == 0 ||
        s->width > DISPLAY_MAX_SIZE || s->height > DISPLAY_MAX_SIZE ||
        !find_format(b->vbe[VBE_BPP], &s->format)) {
        return false;
    }
    line = (uint64_t)s->width * pixel_bytes(s->format);
    s->stride = MAX(s->width, b->vbe[VBE_VIRT_WIDTH]) * pixel_bytes(s->format);
    from = (uint64_t)b->vbe[VBE_Y_OFFSET] * s->stride +
           b->vbe[VBE_X_OFFSET] * pixel_bytes(s->format);
    if (from + (uint64_t)s->stride * (s->height - 1) + line > b->memory) {
        guest_log(LOG_GUEST_ERRORS,
                  "bochs-display: %ux%u pixels are more than its memory holds",
                  s->width, s->height);
        return false;
    }
    s->pixels = b->pixels + from;
    return true;
}

/* The only place that sets the scanout: as the registers say. */
static void update(Bochs *b)
{
    DisplayScanout s;

    if (!read_mode(b, &s)) {
        s = (DisplayScanout){0};
    }
    if (s.pixels == b->shown.pixels && s.stride == b->shown.stride &&
        s.width == b->shown.width && s.height == b->shown.height &&
        s.format == b->shown.format) {
        return;
    }
    b->shown = s;
    display_set_scanout(b->display, s.width != 0 ? &s : NULL);
}

/* ---- registers ---------------------------------------------------------- */

static uint16_t read_vbe(const Bochs *b, unsigned index)
{
    bool limits = b->vbe[VBE_ENABLE] & ENABLE_ASK_LIMITS;

    switch (index) {
    case VBE_ID:
        return ID_5;
    case VBE_MEMORY:
        return (uint16_t)(b->memory >> 16);
    case VBE_XRES:
    case VBE_YRES:
        return limits ? DISPLAY_MAX_SIZE : b->vbe[index];
    case VBE_BPP:
        return limits ? MAX_BPP : b->vbe[index];
    default:
        return index < VBE_N_REGS ? b->vbe[index] : 0;
    }
}

static uint8_t byte_at(const Bochs *b, uint64_t offset)
{
    uint32_t extra[] = {REGS_EXTRA_END - REGS_EXTRA_SIZE, little_endian};

    if (offset < EDID_BYTES) {
        return b->edid[offset];
    }
    if (offset >= REGS_EXTRA_SIZE && offset < REGS_EXTRA_END) {
        offset -= REGS_EXTRA_SIZE;
        return (uint8_t)(extra[offset / 4] >> offset % 4 * 8);
    }
    if (offset >= REGS_VBE && offset < REGS_EXTRA_SIZE) {
        offset -= REGS_VBE;
        return (uint8_t)(read_vbe(b, offset / 2) >> offset % 2 * 8);
    }
    return 0;
}

static MemResult bochs_read(Device *dev, unsigned region, uint64_t offset,
                            unsigned size, uint64_t *value)
{
    *value = 0;
    for (unsigned i = 0; region == BAR_REGS && i < size; i++) {
        *value |= (uint64_t)byte_at((Bochs *)dev, offset + i) << i * 8;
    }
    return MEM_OK;
}

static MemResult bochs_write(Device *dev, unsigned region, uint64_t offset,
                             unsigned size, uint64_t value)
{
    Bochs *b = (Bochs *)dev;
    uint64_t index = (offset - REGS_VBE) / 2;

    if (region != BAR_REGS) {
        return MEM_OK;
    }
    if (offset >= REGS_VBE && index < VBE_N_REGS && size == 2 &&
        offset % 2 == 0) {
        b->vbe[index] = (uint16_t)value;
        update(b);
    } else if (offset == REGS_ENDIAN && value != little_endian) {
        guest_log(LOG_UNIMP, "bochs-display: big-endian pixels");
    }
    return MEM_OK;
}

/* ---- life --------------------------------------------------------------- */

static bool add_memory(Bochs *b, GError **error)
{
    if (b->memory < min_memory || b->memory > max_memory ||
        (b->memory & (b->memory - 1)) != 0) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "device 'bochs-display': vgamem must be a power of two "
                    "from 1M to 256M");
        return false;
    }
    b->ram = ram_new("bochs-display", b->memory, error);
    if (b->ram == NULL) {
        return false;
    }
    b->pixels = b->ram->host;
    pci_add_ram_bar(&b->pci, BAR_PIXELS, PCI_BAR_MEM32, b->ram);
    pci_add_bar(&b->pci, BAR_REGS, PCI_BAR_MEM32, false, REGS_BYTES);
    return true;
}

static bool start(Device *dev, GError **error)
{
    static const PciIds ids = {
        .vendor = 0x1234,
        .device = 0x1111,
        .subsys_vendor = 0x1af4,
        .subsys = 0x1100,
        .class_code = 0x038000,
        .revision = 2,
    };
    Bochs *b = (Bochs *)dev;
    EdidMonitor monitor = {"Cuttle", b->width, b->height, 0};

    if (!pci_init(dev, &ids, error) || !add_memory(b, error)) {
        return false;
    }
    if (b->has_edid) {
        edid_make(b->edid, &monitor);
    }
    b->display =
        display_new(dev->backends->displays,
                    dev->id != NULL ? dev->id : dev->cls->name, 0, NULL, b);
    return true;
}

static void stop(Device *dev)
{
    Bochs *b = (Bochs *)dev;

    pci_finish(dev);
    g_clear_pointer(&b->display, display_free);
    g_clear_pointer(&b->ram, ram_free);
}

static void reset(Device *dev)
{
    Bochs *b = (Bochs *)dev;

    pci_reset(&b->pci);
    memset(b->vbe, 0, sizeof(b->vbe));
    update(b);
}

static bool loaded(Device *dev, GError **error)
{
    Bochs *b = (Bochs *)dev;

    pci_loaded(&b->pci);
    ram_changed(b->ram, 0, b->ram->size);
    update(b);
    return true;
}

static size_t pixels_size(const void *owner)
{
    return ((const Bochs *)owner)->memory;
}

/* clang-format off */
static const StateField state[] = {
    PCI_STATE(Bochs, pci),
    STATE_U_ARRAY(Bochs, vbe),
    STATE_BUF(Bochs, pixels, pixels_size),
    STATE_LAST,
};

static const PropDesc props[] = {
    PCI_PROPS(Bochs, pci),
    { "vgamem", PROP_U64, offsetof(Bochs, memory), "16M", "memory for pixels" },
    { "edid", PROP_BOOL, offsetof(Bochs, has_edid), "on", "the monitor describes itself" },
    { "xres", PROP_U32, offsetof(Bochs, width), "1280", "width that the monitor prefers" },
    { "yres", PROP_U32, offsetof(Bochs, height), "800", "height that the monitor prefers" },
};
/* clang-format on */

static const PciClass kind = {
    .bus = PCI_BUS_NAME,
    .function = offsetof(Bochs, pci),
};

const DeviceClass bochs_display_class = {
    .name = "bochs-display",
    .help = "PCI screen with memory of its own",
    .size = sizeof(Bochs),
    .access = ACCESS_ANY,
    .user_creatable = true,
    .stays = true,
    .state = state,
    .props = props,
    .n_props = G_N_ELEMENTS(props),
    .read = bochs_read,
    .write = bochs_write,
    .start = start,
    .reset = reset,
    .loaded = loaded,
    .stop = stop,
    .kind = &kind,
};
