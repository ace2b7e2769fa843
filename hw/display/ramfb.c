/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/display/ramfb.c - a screen in guest RAM that firmware sets up by writing
 * to the firmware configuration's file etc/ramfb.
 * Spec: the file is what firmware and Linux agree on, big-endian: address (8
 * bytes), DRM's code of the format, flags, width, height, stride (4 each).
 * Left out: flags; formats that are not in the table.
 * Threads: the fw_cfg's lock, also for state: all of it is in the file. */
#include "hw/display/ramfb.h"

#include <inttypes.h>

#include "core/display.h"
#include "hw/misc/fw-cfg.h"
#include "util/bits.h"
#include "util/log.h"

enum {
    ADDRESS = 0,
    FORMAT = 8,
    FLAGS = 12,
    WIDTH = 16,
    HEIGHT = 20,
    STRIDE = 24,
    FILE_BYTES = 28,
};

typedef struct {
    Device dev;
    Display *display;
    Ram *ram; /* that the screen lies in; referenced; NULL: none */
} Ramfb;

#define FOURCC(a, b, c, d) \
 ((uint32_t)(a) | (b) << 8 | (c) << 16 | (uint32_t)(d) << 24)

static const struct {
    uint32_t code;
    PixelFormat format;
} formats[] = {
    {FOURCC('X', 'R', '2', '4'), PIXEL_XRGB8888},
    {FOURCC('A', 'R', '2', '4'), PIXEL_ARGB8888},
    {FOURCC('X', 'B', '2', '4'), PIXEL_XBGR8888},
    {FOURCC('A', 'B', '2', '4'), PIXEL_ABGR8888},
    {FOURCC('R', 'X', '2', '4'), PIXEL_RGBX8888},
    {FOURCC('R', 'A', '2', '4'), PIXEL_RGBA8888},
    {FOURCC('B', 'X', '2', '4'), PIXEL_BGRX8888},
    {FOURCC('B', 'A', '2', '4'), PIXEL_BGRA8888},
    {FOURCC('R', 'G', '2', '4'), PIXEL_RGB888},
    {FOURCC('R', 'G', '1', '6'), PIXEL_RGB565},
    {FOURCC('X', 'R', '1', '5'), PIXEL_XRGB1555},
};

static bool find_format(uint32_t code, PixelFormat *out)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(formats); i++) {
        if (formats[i].code == code) {
            *out = formats[i].format;
            return true;
        }
    }
    guest_log(LOG_UNIMP, "ramfb: format 0x%08x", code);
    return false;
}

/* What the file describes; false: nothing that can be shown. */
static bool read_file(const Ramfb *r, const uint8_t *file, DisplayScanout *s,
                      RamSpan *span)
{
    uint64_t addr = be64_load(file + ADDRESS);
    uint64_t line, len;

    *s = (DisplayScanout){.stride = be32_load(file + STRIDE),
                          .width = be32_load(file + WIDTH),
                          .height = be32_load(file + HEIGHT),
                          .live = true};
    if (s->width == 0 || s->height == 0 || s->width > DISPLAY_MAX_SIZE ||
        s->height > DISPLAY_MAX_SIZE ||
        !find_format(be32_load(file + FORMAT), &s->format)) {
        return false;
    }
    line = (uint64_t)s->width * pixel_bytes(s->format);
    if (s->stride == 0) {
        s->stride = (uint32_t)line;
    }
    len = (uint64_t)s->stride * (s->height - 1) + line;
    if (s->stride < line || !bus_find_ram(r->dev.bus, addr, span) ||
        span->len < len) {
        guest_log(LOG_GUEST_ERRORS,
                  "ramfb: %ux%u pixels at 0x%" PRIx64 " are not all in memory",
                  s->width, s->height, addr);
        return false;
    }
    s->pixels = span->host;
    return true;
}

static void written(Device *dev, const uint8_t *contents)
{
    Ramfb *r = (Ramfb *)dev;
    DisplayScanout scanout;
    RamSpan span;
    bool on = read_file(r, contents, &scanout, &span);

    display_set_scanout(r->display, on ? &scanout : NULL);
    ram_free(r->ram);
    r->ram = on ? ram_ref(span.ram) : NULL;
}

static bool start(Device *dev, GError **error)
{
    Ramfb *r = (Ramfb *)dev;

    if (dev->backends == NULL) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NODEV,
                    "device 'ramfb': no firmware configuration to plug it "
                    "into");
        return false;
    }
    r->display =
        display_new(dev->backends->displays,
                    dev->id != NULL ? dev->id : dev->cls->name, 0, NULL, r);
    return true;
}

static void stop(Device *dev)
{
    Ramfb *r = (Ramfb *)dev;

    g_clear_pointer(&r->display, display_free);
    g_clear_pointer(&r->ram, ram_free);
}

static const StateField state[] = {STATE_LAST};

static const FwCfgUserClass kind = {
    .bus = FW_CFG_BUS_NAME,
    .file = "etc/ramfb",
    .size = FILE_BYTES,
    .written = written,
};

const DeviceClass ramfb_class = {
    .name = "ramfb",
    .help = "screen in guest memory that firmware sets up",
    .size = sizeof(Ramfb),
    .user_creatable = true,
    .stays = true,
    .state = state,
    .start = start,
    .stop = stop,
    .kind = &kind,
};
