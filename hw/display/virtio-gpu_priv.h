/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/display/virtio-gpu_priv.h - parts of the virtio graphics card: pictures
 * (virtio-gpu-resource.c), what is shown of them (virtio-gpu-scanout.c),
 * commands and life (virtio-gpu.c).
 * Threads: everything here runs under the device's lock. */
#ifndef CUTTLE_HW_DISPLAY_VIRTIO_GPU_PRIV_H
#define CUTTLE_HW_DISPLAY_VIRTIO_GPU_PRIV_H

#include "core/clock.h"
#include "core/display.h"
#include "hw/virtio/virtio.h"

enum {
    GPU_MAX_SCANOUTS = 16,   /* what a display-info reply has room for */
    GPU_MAX_SIZE = 16384,    /* pixels of a resource in one direction */
    GPU_MAX_BACKING = 65536, /* entries: 256 MiB of 4 KiB pages */
    GPU_CURSOR_SIZE = 64,    /* both ways (5.7.6.10) */
    GPU_PIXEL_BYTES = 4,     /* of every format */
};

/* Responses (5.7.6.7). */
typedef enum {
    GPU_OK_NODATA = 0x1100,
    GPU_OK_DISPLAY_INFO = 0x1101,
    GPU_OK_EDID = 0x1104,
    GPU_ERR_UNSPEC = 0x1200,
    GPU_ERR_OUT_OF_MEMORY = 0x1201,
    GPU_ERR_INVALID_SCANOUT_ID = 0x1202,
    GPU_ERR_INVALID_RESOURCE_ID = 0x1203,
    GPU_ERR_INVALID_PARAMETER = 0x1205,
} GpuResult;

typedef struct {
    uint32_t x, y, width, height;
} GpuRect;

/* An entry of a backing list, as the guest wrote it. */
typedef struct {
    Le64 addr;
    Le32 length;
    Le32 padding;
} GpuBacking;

/* A format the guest may name, and where its parts are in a word. */
typedef struct {
    uint32_t id;
    PixelFormat pixel;
    uint8_t red, green, blue;
    int alpha; /* -1: opaque */
} GpuFormat;

/* A picture on the host's side, and the guest's memory it is filled from. */
typedef struct {
    uint32_t id, width, height, format;
    uint32_t n_backing;
    uint8_t *pixels;     /* width * height words */
    GpuBacking *backing; /* NULL if n_backing is 0 */
    uint64_t *starts;    /* offset of each entry in the list, and the end */
} GpuResource;

/* One head. */
typedef struct {
    uint32_t resource; /* what it shows; 0: nothing */
    GpuRect rect;      /* of the resource */
    uint8_t has_cursor;
    uint32_t hot_x, hot_y, cursor_x, cursor_y;
    uint8_t cursor[GPU_CURSOR_SIZE * GPU_CURSOR_SIZE * GPU_PIXEL_BYTES];

    /* Derived, and the host's wish. */
    Display *display;
    struct VirtioGpu *gpu;
    uint32_t want_width, want_height; /* 0: the head is off */
} GpuScanout;

typedef struct VirtioGpu {
    VirtioDevice v;

    uint32_t n_resources; /* of the table below, for saved states */
    GpuScanout scanouts[GPU_MAX_SCANOUTS];

    GHashTable *resources; /* id -> GpuResource */
    uint64_t used;         /* bytes of the host's memory they have */
    uint64_t budget;       /* bytes to move before others get a turn */
    Timer turn;

    /* properties */
    uint32_t max_outputs, xres, yres;
    uint64_t max_hostmem;
    bool edid;
} VirtioGpu;

/* ---- virtio-gpu-resource.c ---------------------------------------------- */

void gpu_resources_init(VirtioGpu *g);
void gpu_resources_clear(VirtioGpu *g); /* all are gone */

GpuResource *gpu_resource(const VirtioGpu *g, uint32_t id); /* NULL: none */
const GpuFormat *gpu_format(uint32_t id);                   /* NULL: none */
bool gpu_rect_is_in(const GpuRect *rect, const GpuResource *r);

GpuResult gpu_create(VirtioGpu *g, uint32_t id, uint32_t format, uint32_t width,
                     uint32_t height);
void gpu_unref(VirtioGpu *g, GpuResource *r);

/* Room for a list of n entries, which the caller fills in (NULL-safe on the
 * result being an error), and then seals. */
GpuResult gpu_attach(VirtioGpu *g, GpuResource *r, uint32_t n);
void gpu_seal(GpuResource *r);
void gpu_detach(VirtioGpu *g, GpuResource *r);

/* Fills the rectangle from the backing, where its first pixel is at offset. */
GpuResult gpu_transfer(VirtioGpu *g, GpuResource *r, const GpuRect *rect,
                       uint64_t offset);

/* The resources as sections behind the device's own. */
void gpu_save(Device *dev, GByteArray *out);
bool gpu_load(Device *dev, const uint8_t *data, size_t len, size_t *pos,
              GError **error);

/* ---- virtio-gpu-scanout.c ----------------------------------------------- */

extern const StateField gpu_scanout_state[];

bool gpu_scanouts_start(VirtioGpu *g, GError **error);
void gpu_scanouts_stop(VirtioGpu *g);
void gpu_scanouts_reset(VirtioGpu *g);
void gpu_scanouts_loaded(VirtioGpu *g);

GpuResult gpu_set_scanout(VirtioGpu *g, uint32_t n, uint32_t resource,
                          const GpuRect *rect);
void gpu_flush(VirtioGpu *g, const GpuResource *r, const GpuRect *rect);
/* The resource goes. */
void gpu_hide(VirtioGpu *g, const GpuResource *r);

/* resource 0: none. */
GpuResult gpu_set_cursor(VirtioGpu *g, uint32_t n, uint32_t resource,
                         uint32_t hot_x, uint32_t hot_y);
GpuResult gpu_move_cursor(VirtioGpu *g, uint32_t n, uint32_t x, uint32_t y);

#endif
