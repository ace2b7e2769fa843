/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/display/virtio-gpu.c - virtio graphics card, 2D: commands and life.
 * Spec: virtio 1.3, 5.7.
 * Left out: 3D, blobs, UUIDs and contexts (not offered); drivers do without.
 * Threads: the device's lock. Commands run on the vCPU that kicked; what is
 * more than one turn's worth goes on from the event loop, so nobody waits for
 * a guest that asks for a lot. */
#include "hw/display/virtio-gpu.h"

#include "hw/display/edid.h"
#include "hw/display/virtio-gpu_priv.h"
#include "hw/virtio/iov.h"
#include "util/log.h"

#define GPU_F_EDID BIT(1)

enum { QUEUE_CONTROL, QUEUE_CURSOR, N_QUEUES };

/* Configuration space (5.7.4). */
enum {
    CONFIG_EVENTS_READ = 0,
    CONFIG_EVENTS_CLEAR = 4,
    CONFIG_NUM_SCANOUTS = 8,
    CONFIG_BYTES = 16,
};

/* Commands (5.7.6.7). */
enum {
    GET_DISPLAY_INFO = 0x0100,
    RESOURCE_CREATE_2D = 0x0101,
    RESOURCE_UNREF = 0x0102,
    SET_SCANOUT = 0x0103,
    RESOURCE_FLUSH = 0x0104,
    TRANSFER_TO_HOST_2D = 0x0105,
    ATTACH_BACKING = 0x0106,
    DETACH_BACKING = 0x0107,
    GET_EDID = 0x010a,
    UPDATE_CURSOR = 0x0300,
    MOVE_CURSOR = 0x0301,
};

#define FLAG_FENCE BIT(0)

/* What leads every request and response. */
typedef struct {
    Le32 type;
    Le32 flags;
    Le64 fence_id;
    Le32 ctx_id;
    Le32 ring_idx;
} Header;

typedef struct {
    Le32 x, y, width, height;
} WireRect;

/* The requests behind the header. */
typedef union {
    struct {
        Le32 resource, format, width, height;
    } create;
    struct {
        Le32 resource;
    } unref; /* and detach */
    struct {
        WireRect rect;
        Le32 scanout, resource;
    } set_scanout;
    struct {
        WireRect rect;
        Le32 resource;
    } flush;
    struct {
        WireRect rect;
        Le64 offset;
        Le32 resource, padding;
    } transfer;
    struct {
        Le32 resource, n;
    } attach;
    struct {
        Le32 scanout;
    } edid;
    struct {
        Le32 scanout, x, y, padding;
        Le32 resource, hot_x, hot_y;
    } cursor;
} Body;

typedef struct {
    WireRect rect;
    Le32 enabled;
    Le32 flags;
} WireMode;

typedef struct {
    VirtioGpu *g;
    VirtqElem *e;
    Body body;
    size_t len;     /* of body, as far as there is one */
    size_t written; /* of the response, behind the header */
} Request;

enum {
    EDID_ROOM = 1024,
    TURN_BYTES = 64 << 20,
    COMMAND_COST = 4096, /* bytes that would take as long */
};

static GpuRect rect_of(const WireRect *w)
{
    return (GpuRect){le32_get(w->x), le32_get(w->y), le32_get(w->width),
                     le32_get(w->height)};
}

static void answer(Request *q, const void *bytes, size_t len)
{
    q->written += iov_scatter(q->e->in, q->e->n_in, sizeof(Header) + q->written,
                              bytes, len);
}

/* ---- commands ----------------------------------------------------------- */

static GpuResult get_display_info(Request *q, GpuResource *r)
{
    for (unsigned i = 0; i < GPU_MAX_SCANOUTS; i++) {
        const GpuScanout *s = &q->g->scanouts[i];
        WireMode mode = {0};

        if (i < q->g->max_outputs) {
            mode.rect.width = le32_make(s->want_width);
            mode.rect.height = le32_make(s->want_height);
            mode.enabled = le32_make(s->want_width > 0 && s->want_height > 0);
        }
        answer(q, &mode, sizeof(mode));
    }
    return GPU_OK_DISPLAY_INFO;
}

static GpuResult get_edid(Request *q, GpuResource *r)
{
    uint32_t n = le32_get(q->body.edid.scanout);
    struct {
        Le32 size;
        Le32 padding;
        uint8_t bytes[EDID_ROOM];
    } reply = {0};

    if (!virtio_has(&q->g->v, GPU_F_EDID)) {
        return GPU_ERR_UNSPEC;
    }
    if (n >= q->g->max_outputs) {
        return GPU_ERR_INVALID_SCANOUT_ID;
    }
    reply.size = le32_make(EDID_BYTES);
    edid_make(reply.bytes,
              &(EdidMonitor){.name = "Cuttle",
                             .width = q->g->scanouts[n].want_width,
                             .height = q->g->scanouts[n].want_height,
                             .serial = n});
    answer(q, &reply, sizeof(reply));
    return GPU_OK_EDID;
}

static GpuResult resource_create(Request *q, GpuResource *r)
{
    return gpu_create(q->g, le32_get(q->body.create.resource),
                      le32_get(q->body.create.format),
                      le32_get(q->body.create.width),
                      le32_get(q->body.create.height));
}

static GpuResult resource_unref(Request *q, GpuResource *r)
{
    gpu_hide(q->g, r);
    gpu_unref(q->g, r);
    return GPU_OK_NODATA;
}

static GpuResult set_scanout(Request *q, GpuResource *r)
{
    GpuRect rect = rect_of(&q->body.set_scanout.rect);

    return gpu_set_scanout(q->g, le32_get(q->body.set_scanout.scanout),
                           le32_get(q->body.set_scanout.resource), &rect);
}

static GpuResult resource_flush(Request *q, GpuResource *r)
{
    GpuRect rect = rect_of(&q->body.flush.rect);

    if (!gpu_rect_is_in(&rect, r)) {
        return GPU_ERR_INVALID_PARAMETER;
    }
    gpu_flush(q->g, r, &rect);
    return GPU_OK_NODATA;
}

static GpuResult transfer(Request *q, GpuResource *r)
{
    GpuRect rect = rect_of(&q->body.transfer.rect);

    return gpu_transfer(q->g, r, &rect, le64_get(q->body.transfer.offset));
}

static GpuResult attach_backing(Request *q, GpuResource *r)
{
    uint32_t n = le32_get(q->body.attach.n);
    size_t skip = sizeof(Header) + sizeof(q->body.attach);
    GpuResult result;

    if (n > (q->e->out_len - skip) / sizeof(GpuBacking)) {
        return GPU_ERR_INVALID_PARAMETER;
    }
    result = gpu_attach(q->g, r, n);
    if (result == GPU_OK_NODATA) {
        iov_gather(q->e->out, q->e->n_out, skip, r->backing,
                   n * sizeof(GpuBacking));
        gpu_seal(r);
    }
    return result;
}

static GpuResult detach_backing(Request *q, GpuResource *r)
{
    gpu_detach(q->g, r);
    return GPU_OK_NODATA;
}

static GpuResult move_cursor(Request *q, GpuResource *r)
{
    return gpu_move_cursor(q->g, le32_get(q->body.cursor.scanout),
                           le32_get(q->body.cursor.x),
                           le32_get(q->body.cursor.y));
}

static GpuResult update_cursor(Request *q, GpuResource *r)
{
    GpuResult result = gpu_set_cursor(q->g, le32_get(q->body.cursor.scanout),
                                      le32_get(q->body.cursor.resource),
                                      le32_get(q->body.cursor.hot_x),
                                      le32_get(q->body.cursor.hot_y));

    return result == GPU_OK_NODATA ? move_cursor(q, r) : result;
}

/* r is the resource the request names, if it has to name one. */
typedef struct {
    uint32_t type;
    unsigned queue;
    size_t len;   /* of the body */
    int resource; /* offset of its id in the body; -1: it need not exist */
    GpuResult (*run)(Request *q, GpuResource *r);
} Command;

#define BODY(member)  sizeof(((Body *)0)->member)
#define NAMES(member) (int)offsetof(Body, member.resource)

static const Command commands[] = {
    {GET_DISPLAY_INFO, QUEUE_CONTROL, 0, -1, get_display_info},
    {RESOURCE_CREATE_2D, QUEUE_CONTROL, BODY(create), -1, resource_create},
    {RESOURCE_UNREF, QUEUE_CONTROL, BODY(unref), NAMES(unref), resource_unref},
    {SET_SCANOUT, QUEUE_CONTROL, BODY(set_scanout), -1, set_scanout},
    {RESOURCE_FLUSH, QUEUE_CONTROL, BODY(flush), NAMES(flush), resource_flush},
    {TRANSFER_TO_HOST_2D, QUEUE_CONTROL, BODY(transfer), NAMES(transfer),
     transfer},
    {ATTACH_BACKING, QUEUE_CONTROL, BODY(attach), NAMES(attach),
     attach_backing},
    {DETACH_BACKING, QUEUE_CONTROL, BODY(unref), NAMES(unref), detach_backing},
    {GET_EDID, QUEUE_CONTROL, BODY(edid), -1, get_edid},
    {UPDATE_CURSOR, QUEUE_CURSOR, BODY(cursor), -1, update_cursor},
    {MOVE_CURSOR, QUEUE_CURSOR, BODY(cursor), -1, move_cursor},
};

static const Command *find_command(uint32_t type, unsigned queue)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(commands); i++) {
        if (commands[i].type == type && commands[i].queue == queue) {
            return &commands[i];
        }
    }
    return NULL;
}

static GpuResult run(Request *q, uint32_t type, unsigned queue)
{
    const Command *c = find_command(type, queue);
    GpuResource *r = NULL;

    if (c == NULL) {
        guest_log(LOG_UNIMP, "%s: command 0x%x", q->g->v.dev.cls->name, type);
        return GPU_ERR_UNSPEC;
    }
    if (q->len < c->len) {
        return GPU_ERR_INVALID_PARAMETER;
    }
    if (c->resource >= 0) {
        r = gpu_resource(q->g, le32_load((uint8_t *)&q->body + c->resource));
        if (r == NULL) {
            return GPU_ERR_INVALID_RESOURCE_ID;
        }
    }
    return c->run(q, r);
}

/* ---- queues ------------------------------------------------------------- */

/* A fenced response repeats the fence (5.7.6.7): all is done by then. */
static void respond(Request *q, const Header *asked, GpuResult result)
{
    Header h = {.type = le32_make(result)};

    if (le32_get(asked->flags) & FLAG_FENCE) {
        h.flags = le32_make(FLAG_FENCE);
        h.fence_id = asked->fence_id;
        h.ctx_id = asked->ctx_id;
    }
    iov_scatter(q->e->in, q->e->n_in, 0, &h, sizeof(h));
}

static bool serve(VirtioGpu *g, unsigned queue, VirtqElem *e)
{
    Request q = {.g = g, .e = e};
    Header h;
    GpuResult result;

    if (iov_gather(e->out, e->n_out, 0, &h, sizeof(h)) < sizeof(h)) {
        return false;
    }
    q.len = iov_gather(e->out, e->n_out, sizeof(h), &q.body, sizeof(q.body));
    result = run(&q, le32_get(h.type), queue);
    if (result >= GPU_ERR_UNSPEC) {
        guest_log(LOG_GUEST_ERRORS, "%s: command 0x%x fails with 0x%x",
                  g->v.dev.cls->name, le32_get(h.type), result);
    }
    respond(&q, &h, result);
    virtio_push(&g->v, queue, e,
                (uint32_t)MIN(sizeof(h) + q.written, e->in_len));
    return true;
}

/* False when the turn is over. */
static bool serve_queue(VirtioGpu *g, unsigned queue)
{
    VirtioDevice *v = &g->v;
    VirtqElem *e = NULL;

    while (g->budget > 0 && (e = virtio_pop(v, queue, sizeof(*e))) != NULL) {
        g->budget -= MIN(g->budget, (uint64_t)COMMAND_COST);
        if (!serve(g, queue, e)) {
            virtq_drop(&v->queues[queue], e);
            virtio_fail(v, "request is too short");
            return true;
        }
    }
    virtio_interrupt(v, queue);
    return g->budget > 0;
}

static void take_turn(VirtioGpu *g)
{
    g->budget = TURN_BYTES;
    /* The pointer first: it is short, and seen at once. */
    if (!serve_queue(g, QUEUE_CURSOR) || !serve_queue(g, QUEUE_CONTROL)) {
        timer_arm(&g->turn, clock_now_ns());
    }
}

static void gpu_notify(VirtioDevice *v, unsigned queue)
{
    VirtioGpu *g = (VirtioGpu *)v;

    if (!timer_is_armed(&g->turn)) {
        take_turn(g);
    }
}

static void gpu_next_turn(void *opaque)
{
    VirtioGpu *g = opaque;

    device_lock(&g->v.dev);
    if ((g->v.status & VIRTIO_DRIVER_OK) && !g->v.broken) {
        take_turn(g);
    }
    device_unlock(&g->v.dev);
}

static void gpu_config_written(VirtioDevice *v, unsigned offset, unsigned size,
                               uint64_t value)
{
    uint32_t events = le32_load(&v->config[CONFIG_EVENTS_READ]);

    if (offset == CONFIG_EVENTS_CLEAR) {
        le32_store(&v->config[CONFIG_EVENTS_READ], events & ~(uint32_t)value);
    }
}

/* ---- life --------------------------------------------------------------- */

static bool refuse(const VirtioGpu *g, GError **error, const char *what)
{
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "device '%s': %s",
                g->v.dev.cls->name, what);
    return false;
}

static bool gpu_start(VirtioDevice *v, GError **error)
{
    VirtioGpu *g = (VirtioGpu *)v;

    timer_init(&g->turn, gpu_next_turn, g);
    if (g->max_outputs < 1 || g->max_outputs > GPU_MAX_SCANOUTS) {
        g->max_outputs = 0; /* for stop */
        return refuse(g, error, "max_outputs is not 1 to 16");
    }
    if (g->xres < 1 || g->xres > DISPLAY_MAX_SIZE || g->yres < 1 ||
        g->yres > DISPLAY_MAX_SIZE) {
        return refuse(g, error, "xres and yres are not 1 to 8192");
    }
    if (g->edid) {
        v->offered |= GPU_F_EDID;
    }
    le32_store(&v->config[CONFIG_NUM_SCANOUTS], g->max_outputs);
    gpu_resources_init(g);
    return gpu_scanouts_start(g, error);
}

static void gpu_dev_reset(VirtioDevice *v)
{
    VirtioGpu *g = (VirtioGpu *)v;

    timer_cancel(&g->turn);
    le32_store(&v->config[CONFIG_EVENTS_READ], 0);
    gpu_scanouts_reset(g);
    gpu_resources_clear(g);
}

static void gpu_stop(VirtioDevice *v)
{
    VirtioGpu *g = (VirtioGpu *)v;

    timer_cancel(&g->turn);
    gpu_scanouts_stop(g);
    gpu_resources_clear(g);
    g_clear_pointer(&g->resources, g_hash_table_unref);
}

static void gpu_loaded(VirtioDevice *v)
{
    VirtioGpu *g = (VirtioGpu *)v;

    le32_store(&v->config[CONFIG_NUM_SCANOUTS], g->max_outputs);
    gpu_scanouts_loaded(g);
    timer_arm(&g->turn, clock_now_ns());
}

/* ---- classes ------------------------------------------------------------ */

static const VirtioClass gpu_virtio = {
    .bus = VIRTIO_BUS_NAME,
    .id = 16,
    .pci_class = 0x038000,
    .n_queues = N_QUEUES,
    .config_len = CONFIG_BYTES,
    .notify = gpu_notify,
    .config_written = gpu_config_written,
    .start = gpu_start,
    .stop = gpu_stop,
    .reset = gpu_dev_reset,
    .loaded = gpu_loaded,
};

static const PciClass gpu_pci = VIRTIO_PCI_KIND(&gpu_virtio);

/* clang-format off */
#define GPU_PROPS                                                                                 \
    { "max_outputs", PROP_U32, offsetof(VirtioGpu, max_outputs), "1", "screens, 1 to 16" },       \
    { "xres", PROP_U32, offsetof(VirtioGpu, xres), "1280", "width of a screen until a window says other" }, \
    { "yres", PROP_U32, offsetof(VirtioGpu, yres), "800", "and its height" },                     \
    { "max_hostmem", PROP_U64, offsetof(VirtioGpu, max_hostmem), "268435456", "host memory for the guest's pictures" }, \
    { "edid", PROP_BOOL, offsetof(VirtioGpu, edid), "on", "describe the screens to the guest" }

#define GPU_STATE                                                         \
    STATE_U(VirtioGpu, n_resources),                                      \
    STATE_S_ARRAY(VirtioGpu, scanouts, gpu_scanout_state)

static const PropDesc gpu_props[] = { GPU_PROPS, VIRTIO_PROPS };
static const PropDesc gpu_pci_props[] = { GPU_PROPS, VIRTIO_PCI_PROPS };
static const StateField gpu_state[] = { VIRTIO_STATE, GPU_STATE, STATE_LAST };
static const StateField gpu_pci_state[] = { VIRTIO_PCI_STATE, GPU_STATE, STATE_LAST };
/* clang-format on */

const DeviceClass virtio_gpu_device_class = {
    .name = "virtio-gpu-device",
    .help = "virtio graphics card for a virtio-mmio slot",
    .size = sizeof(VirtioGpu),
    .state = gpu_state,
    .save_more = gpu_save,
    .load_more = gpu_load,
    .props = gpu_props,
    .n_props = G_N_ELEMENTS(gpu_props),
    .kind = &gpu_virtio,
    VIRTIO_MMIO_CLASS,
};

const DeviceClass virtio_gpu_pci_class = {
    .name = "virtio-gpu-pci",
    .help = "virtio graphics card on PCI",
    .size = sizeof(VirtioGpu),
    .state = gpu_pci_state,
    .save_more = gpu_save,
    .load_more = gpu_load,
    .props = gpu_pci_props,
    .n_props = G_N_ELEMENTS(gpu_pci_props),
    .kind = &gpu_pci,
    VIRTIO_PCI_CLASS,
};
