/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/display/virtio-gpu-resource.c - the graphics card's pictures: each has
 * pixels on the host's side, which the guest fills from its own memory, named
 * by a backing list. Spec: virtio 1.3, 5.7.6.8.
 * All the guest can make us keep counts: pixels, lists and the structs. */
#include <gio/gio.h>

#include "hw/display/virtio-gpu_priv.h"
#include "util/log.h"

static const GpuFormat formats[] = {
    {1, PIXEL_ARGB8888, 16, 8, 0, 24},   /* B8G8R8A8 */
    {2, PIXEL_XRGB8888, 16, 8, 0, -1},   /* B8G8R8X8 */
    {3, PIXEL_BGRA8888, 8, 16, 24, 0},   /* A8R8G8B8 */
    {4, PIXEL_BGRX8888, 8, 16, 24, -1},  /* X8R8G8B8 */
    {67, PIXEL_ABGR8888, 0, 8, 16, 24},  /* R8G8B8A8 */
    {68, PIXEL_RGBX8888, 24, 16, 8, -1}, /* X8B8G8R8 */
    {121, PIXEL_RGBA8888, 24, 16, 8, 0}, /* A8B8G8R8 */
    {134, PIXEL_XBGR8888, 0, 8, 16, -1}, /* R8G8B8X8 */
};

const GpuFormat *gpu_format(uint32_t id)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(formats); i++) {
        if (formats[i].id == id) {
            return &formats[i];
        }
    }
    return NULL;
}

bool gpu_rect_is_in(const GpuRect *rect, const GpuResource *r)
{
    return rect->x <= r->width && rect->width <= r->width - rect->x &&
           rect->y <= r->height && rect->height <= r->height - rect->y;
}

/* ---- the table ---------------------------------------------------------- */

static size_t pixels_size(const void *resource)
{
    const GpuResource *r = resource;

    return (size_t)r->width * r->height * GPU_PIXEL_BYTES;
}

static size_t backing_size(const void *resource)
{
    return ((const GpuResource *)resource)->n_backing * sizeof(GpuBacking);
}

/* Of n entries, with the offsets beside them. */
static uint64_t list_cost(uint64_t n)
{
    return n * (sizeof(GpuBacking) + sizeof(uint64_t));
}

static void resource_free(void *resource)
{
    GpuResource *r = resource;

    g_free(r->pixels);
    g_free(r->backing);
    g_free(r->starts);
    g_free(r);
}

void gpu_resources_init(VirtioGpu *g)
{
    g->resources = g_hash_table_new_full(NULL, NULL, NULL, resource_free);
}

void gpu_resources_clear(VirtioGpu *g)
{
    if (g->resources != NULL) {
        g_hash_table_remove_all(g->resources);
    }
    g->n_resources = 0;
    g->used = 0;
}

GpuResource *gpu_resource(const VirtioGpu *g, uint32_t id)
{
    return g_hash_table_lookup(g->resources, GUINT_TO_POINTER(id));
}

GpuResult gpu_create(VirtioGpu *g, uint32_t id, uint32_t format, uint32_t width,
                     uint32_t height)
{
    uint64_t size = (uint64_t)width * height * GPU_PIXEL_BYTES;
    GpuResource *r;
    uint8_t *pixels;

    if (id == 0 || gpu_resource(g, id) != NULL) {
        return GPU_ERR_INVALID_RESOURCE_ID;
    }
    if (gpu_format(format) == NULL || width == 0 || width > GPU_MAX_SIZE ||
        height == 0 || height > GPU_MAX_SIZE) {
        return GPU_ERR_INVALID_PARAMETER;
    }
    if (size + sizeof(*r) > g->max_hostmem - g->used) {
        return GPU_ERR_OUT_OF_MEMORY;
    }
    pixels = g_try_malloc0(size);
    if (pixels == NULL) {
        return GPU_ERR_OUT_OF_MEMORY;
    }
    r = g_new0(GpuResource, 1);
    *r = (GpuResource){.id = id,
                       .width = width,
                       .height = height,
                       .format = format,
                       .pixels = pixels};
    g_hash_table_insert(g->resources, GUINT_TO_POINTER(id), r);
    g->n_resources++;
    g->used += size + sizeof(*r);
    return GPU_OK_NODATA;
}

void gpu_unref(VirtioGpu *g, GpuResource *r)
{
    gpu_detach(g, r);
    g->used -= pixels_size(r) + sizeof(*r);
    g->n_resources--;
    g_hash_table_remove(g->resources, GUINT_TO_POINTER(r->id));
}

/* ---- backing ------------------------------------------------------------ */

GpuResult gpu_attach(VirtioGpu *g, GpuResource *r, uint32_t n)
{
    if (r->n_backing > 0 || n == 0 || n > GPU_MAX_BACKING) {
        return GPU_ERR_INVALID_PARAMETER;
    }
    if (list_cost(n) > g->max_hostmem - g->used) {
        return GPU_ERR_OUT_OF_MEMORY;
    }
    g->used += list_cost(n);
    r->n_backing = n;
    r->backing = g_new0(GpuBacking, n);
    r->starts = g_new0(uint64_t, n + 1);
    return GPU_OK_NODATA;
}

void gpu_seal(GpuResource *r)
{
    for (uint32_t i = 0; i < r->n_backing; i++) {
        r->starts[i + 1] = r->starts[i] + le32_get(r->backing[i].length);
    }
}

void gpu_detach(VirtioGpu *g, GpuResource *r)
{
    g->used -= list_cost(r->n_backing);
    r->n_backing = 0;
    g_clear_pointer(&r->backing, g_free);
    g_clear_pointer(&r->starts, g_free);
}

/* The entry that holds offset, which is below the end. */
static uint32_t find_entry(const GpuResource *r, uint64_t offset)
{
    uint32_t low = 0, high = r->n_backing;

    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;

        if (r->starts[middle] <= offset) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

/* The bytes are all inside the list. */
static bool read_backing(const VirtioGpu *g, const GpuResource *r,
                         uint64_t offset, uint8_t *to, size_t len)
{
    for (uint32_t i = len > 0 ? find_entry(r, offset) : 0; len > 0; i++) {
        uint64_t skip = offset - r->starts[i];
        size_t take = MIN(len, le32_get(r->backing[i].length) - skip);

        if (!bus_dma_read(g->v.dev.bus, le64_get(r->backing[i].addr) + skip, to,
                          take)) {
            return false;
        }
        offset += take;
        to += take;
        len -= take;
    }
    return true;
}

GpuResult gpu_transfer(VirtioGpu *g, GpuResource *r, const GpuRect *rect,
                       uint64_t offset)
{
    size_t stride = (size_t)r->width * GPU_PIXEL_BYTES;
    size_t row = (size_t)rect->width * GPU_PIXEL_BYTES;
    uint64_t total = r->n_backing > 0 ? r->starts[r->n_backing] : 0;
    uint8_t *to =
        r->pixels + rect->y * stride + (size_t)rect->x * GPU_PIXEL_BYTES;
    uint32_t rows = rect->height;

    if (!gpu_rect_is_in(rect, r)) {
        return GPU_ERR_INVALID_PARAMETER;
    }
    if (row == 0 || rows == 0) {
        return GPU_OK_NODATA;
    }
    if (offset > total || stride * (rows - 1) + row > total - offset) {
        return GPU_ERR_INVALID_PARAMETER;
    }
    if (row == stride) { /* nothing between the rows */
        row *= rows;
        rows = 1;
    }
    for (uint32_t i = 0; i < rows; i++) {
        if (!read_backing(g, r, offset + i * stride, to + i * stride, row)) {
            guest_log(LOG_GUEST_ERRORS, "%s: backing is not in RAM",
                      g->v.dev.cls->name);
            return GPU_ERR_UNSPEC;
        }
    }
    g->budget -= MIN(g->budget, (uint64_t)row * rows);
    return GPU_OK_NODATA;
}

/* ---- saved state -------------------------------------------------------- */

/* Two sections each: sizes, then what has these sizes. */
#define SECTION_HEAD "virtio-gpu-resource"
#define SECTION_DATA "virtio-gpu-pixels"

static const StateField head_state[] = {
    STATE_U(GpuResource, id),        STATE_U(GpuResource, width),
    STATE_U(GpuResource, height),    STATE_U(GpuResource, format),
    STATE_U(GpuResource, n_backing), STATE_LAST,
};

static const StateField data_state[] = {
    STATE_BUF(GpuResource, pixels, pixels_size),
    STATE_BUF(GpuResource, backing, backing_size),
    STATE_LAST,
};

static int by_id(const void *a, const void *b)
{
    uint32_t x = ((const GpuResource *)a)->id;
    uint32_t y = ((const GpuResource *)b)->id;

    return x < y ? -1 : x > y;
}

void gpu_save(Device *dev, GByteArray *out)
{
    VirtioGpu *g = (VirtioGpu *)dev;
    g_autoptr(GList) all =
        g_list_sort(g_hash_table_get_values(g->resources), by_id);
    unsigned n = 0;

    for (const GList *l = all; l != NULL; l = l->next, n++) {
        state_save(out, SECTION_HEAD, n, head_state, l->data);
        state_save(out, SECTION_DATA, n, data_state, l->data);
    }
}

static bool load_one(VirtioGpu *g, uint32_t i, const uint8_t *data, size_t len,
                     size_t *pos, GError **error)
{
    GpuResource head;
    GpuResource *r;

    if (!state_load(data, len, pos, SECTION_HEAD, i, head_state, &head,
                    error)) {
        return false;
    }
    if (gpu_create(g, head.id, head.format, head.width, head.height) !=
            GPU_OK_NODATA ||
        (head.n_backing > 0 && gpu_attach(g, gpu_resource(g, head.id),
                                          head.n_backing) != GPU_OK_NODATA)) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                    "saved state '%s' %u: impossible or too large for "
                    "max_hostmem",
                    SECTION_HEAD, i);
        return false;
    }
    r = gpu_resource(g, head.id);
    if (!state_load(data, len, pos, SECTION_DATA, i, data_state, r, error)) {
        return false;
    }
    gpu_seal(r);
    return true;
}

bool gpu_load(Device *dev, const uint8_t *data, size_t len, size_t *pos,
              GError **error)
{
    VirtioGpu *g = (VirtioGpu *)dev;
    uint32_t n = g->n_resources;

    for (unsigned i = 0; i < g->max_outputs; i++) {
        display_set_scanout(g->scanouts[i].display, NULL);
    }
    gpu_resources_clear(g);
    for (uint32_t i = 0; i < n; i++) {
        if (!load_one(g, i, data, len, pos, error)) {
            return false;
        }
    }
    return true;
}
