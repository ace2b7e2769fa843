/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/display/virtio-gpu-scanout.c - the graphics card's heads: which part of
 * which resource a screen shows, and the pointer above it.
 * Spec: virtio 1.3, 5.7.6.8 (scanouts), 5.7.6.10 (cursor). */
#include "hw/display/virtio-gpu_priv.h"
#include "util/log.h"

enum { CONFIG_EVENTS_READ = 0, EVENT_DISPLAY = 1 };

static const StateField rect_state[] = {
    STATE_U(GpuRect, x),      STATE_U(GpuRect, y), STATE_U(GpuRect, width),
    STATE_U(GpuRect, height), STATE_LAST,
};

/* clang-format off */
const StateField gpu_scanout_state[] = {
    STATE_U(GpuScanout, resource),
    { "rect", STATE_STRUCT, offsetof(GpuScanout, rect), sizeof(GpuRect), 1, rect_state, NULL },
    STATE_U(GpuScanout, has_cursor),
    STATE_U(GpuScanout, hot_x), STATE_U(GpuScanout, hot_y),
    STATE_U(GpuScanout, cursor_x), STATE_U(GpuScanout, cursor_y),
    STATE_B(GpuScanout, cursor),
    STATE_LAST,
};
/* clang-format on */

/* ---- pictures ----------------------------------------------------------- */

static void show(VirtioGpu *g, GpuScanout *s)
{
    size_t stride;
    DisplayScanout out;
    GpuResource *r = gpu_resource(g, s->resource);

    if (r == NULL) {
        display_set_scanout(s->display, NULL);
        return;
    }
    stride = (size_t)r->width * GPU_PIXEL_BYTES;
    out = (DisplayScanout){
        .pixels = r->pixels + s->rect.y * stride +
                  (size_t)s->rect.x * GPU_PIXEL_BYTES,
        .stride = (uint32_t)stride,
        .width = s->rect.width,
        .height = s->rect.height,
        .format = gpu_format(r->format)->pixel,
    };
    display_set_scanout(s->display, &out);
}

static bool can_show(const GpuResource *r, const GpuRect *rect)
{
    return rect->width > 0 && rect->width <= DISPLAY_MAX_SIZE &&
           rect->height > 0 && rect->height <= DISPLAY_MAX_SIZE &&
           gpu_rect_is_in(rect, r);
}

GpuResult gpu_set_scanout(VirtioGpu *g, uint32_t n, uint32_t resource,
                          const GpuRect *rect)
{
    const GpuResource *r = gpu_resource(g, resource);

    if (n >= g->max_outputs) {
        return GPU_ERR_INVALID_SCANOUT_ID;
    }
    if (resource != 0 && r == NULL) {
        return GPU_ERR_INVALID_RESOURCE_ID;
    }
    if (r != NULL && !can_show(r, rect)) {
        return GPU_ERR_INVALID_PARAMETER;
    }
    g->scanouts[n].resource = resource;
    g->scanouts[n].rect = r != NULL ? *rect : (GpuRect){0};
    show(g, &g->scanouts[n]);
    return GPU_OK_NODATA;
}

void gpu_hide(VirtioGpu *g, const GpuResource *r)
{
    for (uint32_t i = 0; i < g->max_outputs; i++) {
        if (g->scanouts[i].resource == r->id) {
            gpu_set_scanout(g, i, 0, NULL);
        }
    }
}

void gpu_flush(VirtioGpu *g, const GpuResource *r, const GpuRect *rect)
{
    for (uint32_t i = 0; i < g->max_outputs; i++) {
        const GpuScanout *s = &g->scanouts[i];
        /* No part is larger than GPU_MAX_SIZE. */
        DisplayRect part = {(int)rect->x - (int)s->rect.x,
                            (int)rect->y - (int)s->rect.y, (int)rect->width,
                            (int)rect->height};

        if (s->resource == r->id) {
            display_damage(s->display, &part);
        }
    }
}

/* ---- the pointer -------------------------------------------------------- */

static uint32_t cursor_pixel(const GpuFormat *f, uint32_t word)
{
    uint32_t alpha = f->alpha < 0 ? 0xff : word >> f->alpha & 0xff;

    return alpha << 24 | (word >> f->red & 0xff) << 16 |
           (word >> f->green & 0xff) << 8 | (word >> f->blue & 0xff);
}

static void show_cursor(GpuScanout *s)
{
    uint32_t pixels[GPU_CURSOR_SIZE * GPU_CURSOR_SIZE];

    if (!s->has_cursor) {
        display_set_cursor(s->display, NULL, 0, 0, 0, 0);
        return;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(pixels); i++) {
        pixels[i] = le32_load(&s->cursor[i * GPU_PIXEL_BYTES]);
    }
    display_set_cursor(s->display, pixels, GPU_CURSOR_SIZE, GPU_CURSOR_SIZE,
                       s->hot_x, s->hot_y);
}

GpuResult gpu_move_cursor(VirtioGpu *g, uint32_t n, uint32_t x, uint32_t y)
{
    if (n >= g->max_outputs) {
        return GPU_ERR_INVALID_SCANOUT_ID;
    }
    g->scanouts[n].cursor_x = x;
    g->scanouts[n].cursor_y = y;
    display_move_cursor(g->scanouts[n].display, (int32_t)x, (int32_t)y);
    return GPU_OK_NODATA;
}

GpuResult gpu_set_cursor(VirtioGpu *g, uint32_t n, uint32_t resource,
                         uint32_t hot_x, uint32_t hot_y)
{
    const GpuResource *r = gpu_resource(g, resource);
    GpuScanout *s = &g->scanouts[n % GPU_MAX_SCANOUTS];

    if (n >= g->max_outputs) {
        return GPU_ERR_INVALID_SCANOUT_ID;
    }
    if (resource != 0 && r == NULL) {
        return GPU_ERR_INVALID_RESOURCE_ID;
    }
    if (r != NULL &&
        (r->width != GPU_CURSOR_SIZE || r->height != GPU_CURSOR_SIZE ||
         hot_x >= GPU_CURSOR_SIZE || hot_y >= GPU_CURSOR_SIZE)) {
        return GPU_ERR_INVALID_PARAMETER;
    }
    s->has_cursor = r != NULL;
    s->hot_x = hot_x;
    s->hot_y = hot_y;
    for (unsigned i = 0; r != NULL && i < sizeof(s->cursor);
         i += GPU_PIXEL_BYTES) {
        le32_store(&s->cursor[i], cursor_pixel(gpu_format(r->format),
                                               le32_load(&r->pixels[i])));
    }
    show_cursor(s);
    return GPU_OK_NODATA;
}

/* ---- life --------------------------------------------------------------- */

/* The host's window changed: the driver may look at the display info. */
static void scanout_resize(void *opaque, uint32_t width, uint32_t height)
{
    GpuScanout *s = opaque;
    VirtioDevice *v = &s->gpu->v;

    width = MIN(width, DISPLAY_MAX_SIZE);
    height = MIN(height, DISPLAY_MAX_SIZE);
    device_lock(&v->dev);
    if (s->want_width != width || s->want_height != height) {
        s->want_width = width;
        s->want_height = height;
        le32_store(&v->config[CONFIG_EVENTS_READ], EVENT_DISPLAY);
        virtio_config_changed(v);
    }
    device_unlock(&v->dev);
}

bool gpu_scanouts_start(VirtioGpu *g, GError **error)
{
    static const DisplayOps ops = {scanout_resize};
    const Device *dev = &g->v.dev;

    if (dev->backends == NULL) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NODEV,
                    "device '%s': the machine has no displays", dev->cls->name);
        return false;
    }
    for (unsigned i = 0; i < g->max_outputs; i++) {
        GpuScanout *s = &g->scanouts[i];

        s->gpu = g;
        s->want_width = g->xres;
        s->want_height = g->yres;
        s->display =
            display_new(dev->backends->displays,
                        dev->id != NULL ? dev->id : dev->cls->name, i, &ops, s);
    }
    return true;
}

void gpu_scanouts_stop(VirtioGpu *g)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(g->scanouts); i++) {
        g_clear_pointer(&g->scanouts[i].display, display_free);
    }
}

void gpu_scanouts_reset(VirtioGpu *g)
{
    for (uint32_t i = 0; i < g->max_outputs; i++) {
        gpu_set_scanout(g, i, 0, NULL);
        gpu_set_cursor(g, i, 0, 0, 0);
        gpu_move_cursor(g, i, 0, 0);
        memset(g->scanouts[i].cursor, 0, sizeof(g->scanouts[i].cursor));
    }
}

/* What does not fit what was loaded with it is not shown. */
void gpu_scanouts_loaded(VirtioGpu *g)
{
    for (uint32_t i = 0; i < g->max_outputs; i++) {
        GpuScanout *s = &g->scanouts[i];
        const GpuResource *r = gpu_resource(g, s->resource);

        if (r == NULL || !can_show(r, &s->rect)) {
            s->resource = 0;
        }
        if (s->hot_x >= GPU_CURSOR_SIZE || s->hot_y >= GPU_CURSOR_SIZE) {
            s->has_cursor = 0;
        }
        show(g, s);
        show_cursor(s);
        gpu_move_cursor(g, i, s->cursor_x, s->cursor_y);
    }
}
