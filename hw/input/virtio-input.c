/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/input/virtio-input.c - virtio keyboard, mouse, tablet, touch screen: one
 * device, four tables of what it can report.
 * Spec: virtio 1.3, 5.8.
 * Left out: the legacy interface (there is none, 5.8.3); force feedback, sound
 * and other status but lights.
 * Threads: the device's lock; reports arrive on the event loop and take it. */
#include "hw/input/virtio-input.h"

#include <linux/input-event-codes.h>

#include "core/input.h"
#include "hw/virtio/iov.h"
#include "hw/virtio/virtio.h"
#include "util/log.h"

enum { QUEUE_EVENTS, QUEUE_STATUS, N_QUEUES };

/* Configuration space (5.8.4): the driver selects what it shows. */
enum {
    CONFIG_SELECT = 0,
    CONFIG_SUBSEL = 1,
    CONFIG_SIZE = 2,
    CONFIG_DATA = 8,
    CONFIG_DATA_BYTES = 128,
    CONFIG_BYTES = CONFIG_DATA + CONFIG_DATA_BYTES,
};
G_STATIC_ASSERT((int)CONFIG_BYTES <= (int)VIRTIO_MAX_CONFIG);

enum {
    SELECT_NAME = 0x01,
    SELECT_SERIAL = 0x02,
    SELECT_DEVIDS = 0x03,
    SELECT_PROPS = 0x10,
    SELECT_EVENTS = 0x11,
    SELECT_ABS = 0x12,
};

enum { BUS_VIRTUAL = 6, VENDOR = 0x0627, VERSION = 1 };

enum { EVENT_BYTES = 8, MAX_PENDING = 256 };

/* Codes first to last of a type; max is that of an absolute axis. */
typedef struct {
    uint16_t type, first, last;
    uint32_t max;
} Ability;

typedef struct {
    VirtioClass virtio; /* first: v.cls leads here */
    InputClass input;
    uint16_t product;
    int prop; /* INPUT_PROP_*, or -1 */
    const Ability *abilities;
    unsigned n_abilities;
} InputModel;

typedef struct {
    VirtioDevice v;

    uint8_t leds; /* InputLed bits */
    /* Events as the driver gets them, waiting for its buffers; whole reports,
     * but for the first, which may have begun. */
    uint8_t pending[MAX_PENDING * EVENT_BYTES];
    uint32_t n_pending;
    uint32_t last_report; /* index of the first event of the last report */

    InputDev *dev;

    /* properties */
    char *serial;
    char *display;
} VirtioInput;

/* ---- what there is ------------------------------------------------------ */

static const Ability keyboard_abilities[] = {
    {EV_KEY, KEY_ESC, KEY_MICMUTE, 0},
    {EV_REP, REP_DELAY, REP_PERIOD, 0}, /* the driver repeats keys */
    {EV_LED, LED_NUML, LED_SCROLLL, 0},
};

static const Ability mouse_abilities[] = {
    {EV_KEY, BTN_LEFT, BTN_EXTRA, 0},
    {EV_REL, REL_X, REL_Y, 0},
    {EV_REL, REL_HWHEEL, REL_HWHEEL, 0},
    {EV_REL, REL_WHEEL, REL_WHEEL, 0},
};

static const Ability tablet_abilities[] = {
    {EV_KEY, BTN_LEFT, BTN_EXTRA, 0},
    {EV_REL, REL_HWHEEL, REL_HWHEEL, 0},
    {EV_REL, REL_WHEEL, REL_WHEEL, 0},
    {EV_ABS, ABS_X, ABS_Y, INPUT_ABS_MAX},
};

static const Ability multitouch_abilities[] = {
    {EV_KEY, BTN_TOUCH, BTN_TOUCH, 0},
    {EV_ABS, ABS_X, ABS_Y, INPUT_ABS_MAX},
    {EV_ABS, ABS_MT_SLOT, ABS_MT_SLOT, INPUT_MAX_TOUCHES - 1},
    {EV_ABS, ABS_MT_POSITION_X, ABS_MT_POSITION_Y, INPUT_ABS_MAX},
    {EV_ABS, ABS_MT_TRACKING_ID, ABS_MT_TRACKING_ID, UINT16_MAX},
};

static const Ability *find_ability(const InputModel *model, unsigned type,
                                   unsigned code)
{
    for (unsigned i = 0; i < model->n_abilities; i++) {
        const Ability *a = &model->abilities[i];

        if (a->type == type && code >= a->first && code <= a->last) {
            return a;
        }
    }
    return NULL;
}

static const InputModel *model_of(const VirtioInput *in)
{
    return (const InputModel *)in->v.cls;
}

/* ---- configuration space ------------------------------------------------ */

/* Each of these fills the data and returns its size; 0: there is none. */

static unsigned show_text(uint8_t *data, const char *text)
{
    size_t len = text == NULL ? 0 : MIN(strlen(text), CONFIG_DATA_BYTES);

    if (len > 0) {
        memcpy(data, text, len);
    }
    return (unsigned)len;
}

static unsigned show_ids(uint8_t *data, const InputModel *model)
{
    le16_store(data, BUS_VIRTUAL);
    le16_store(data + 2, VENDOR);
    le16_store(data + 4, model->product);
    le16_store(data + 6, VERSION);
    return 8;
}

/* The size is that of the shortest bitmap that has all bits (5.8.5.1). */
static unsigned set_bits(uint8_t *data, unsigned first, unsigned last)
{
    for (unsigned code = first; code <= last; code++) {
        data[code / 8] |= (uint8_t)BIT(code % 8);
    }
    return last / 8 + 1;
}

static unsigned show_codes(uint8_t *data, const InputModel *model,
                           unsigned type)
{
    unsigned size = 0;

    for (unsigned i = 0; i < model->n_abilities; i++) {
        const Ability *a = &model->abilities[i];

        if (a->type == type) {
            size = MAX(size, set_bits(data, a->first, a->last));
        }
    }
    return size;
}

static unsigned show_axis(uint8_t *data, const InputModel *model, unsigned axis)
{
    const Ability *a = find_ability(model, EV_ABS, axis);

    if (a == NULL) {
        return 0;
    }
    le32_store(data + 4, a->max); /* the minimum, fuzz, flat: 0 */
    return 20;
}

static unsigned show(const VirtioInput *in, uint8_t *data, unsigned select,
                     unsigned subsel)
{
    const InputModel *model = model_of(in);

    switch (select) {
    case SELECT_NAME:
        return show_text(data, model->input.name);
    case SELECT_SERIAL:
        return show_text(data, in->serial);
    case SELECT_DEVIDS:
        return show_ids(data, model);
    case SELECT_PROPS:
        return model->prop < 0 ? 0
                               : set_bits(data, (unsigned)model->prop,
                                          (unsigned)model->prop);
    case SELECT_EVENTS:
        return show_codes(data, model, subsel);
    case SELECT_ABS:
        return show_axis(data, model, subsel);
    default:
        return 0;
    }
}

static void input_config_written(VirtioDevice *v, unsigned offset,
                                 unsigned size, uint64_t value)
{
    uint8_t *config = v->config;

    for (unsigned i = 0; i < size && offset + i <= CONFIG_SUBSEL; i++) {
        config[offset + i] = (uint8_t)(value >> (8 * i));
    }
    memset(config + CONFIG_SIZE, 0, CONFIG_BYTES - CONFIG_SIZE);
    config[CONFIG_SIZE] =
        (uint8_t)show((VirtioInput *)v, config + CONFIG_DATA,
                      config[CONFIG_SELECT], config[CONFIG_SUBSEL]);
}

/* ---- events to the driver ----------------------------------------------- */

static uint8_t *pending_at(VirtioInput *in, uint32_t i)
{
    return &in->pending[i * EVENT_BYTES];
}

static void forget_first(VirtioInput *in, uint32_t n)
{
    in->n_pending -= n;
    memmove(in->pending, pending_at(in, n), in->n_pending * EVENT_BYTES);
    in->last_report -= MIN(in->last_report, n);
}

/* One event a buffer (5.8.6). */
static void flush(VirtioInput *in)
{
    VirtioDevice *v = &in->v;
    uint32_t sent = 0;
    VirtqElem *e;

    while (sent < in->n_pending &&
           (e = virtio_pop(v, QUEUE_EVENTS, sizeof(*e))) != NULL) {
        size_t len =
            iov_scatter(e->in, e->n_in, 0, pending_at(in, sent++), EVENT_BYTES);

        virtio_push(v, QUEUE_EVENTS, e, (uint32_t)len);
    }
    if (sent > 0) {
        forget_first(in, sent);
        virtio_interrupt(v, QUEUE_EVENTS);
    }
}

static void append(VirtioInput *in, uint16_t type, uint16_t code, int32_t value)
{
    uint8_t *at = pending_at(in, in->n_pending++);

    le16_store(at, type);
    le16_store(at + 2, code);
    le32_store(at + 4, (uint32_t)value);
}

static bool is_motion(const uint8_t *event)
{
    unsigned type = le16_load(event), code = le16_load(event + 2);

    return type == EV_REL || (type == EV_ABS && code <= ABS_Y);
}

/* The last two reports, of which the second starts at next, move the same
 * axes and do nothing else: one is enough. */
static bool can_merge(VirtioInput *in, uint32_t next)
{
    uint32_t n = in->n_pending - next;

    if (next == 0 || next - in->last_report != n) {
        return false;
    }
    for (uint32_t i = 0; i + 1 < n; i++) {
        const uint8_t *old = pending_at(in, in->last_report + i);

        if (!is_motion(old) || memcmp(old, pending_at(in, next + i), 4) != 0) {
            return false;
        }
    }
    return true;
}

static void merge(VirtioInput *in, uint32_t next)
{
    for (uint32_t i = 0; next + i + 1 < in->n_pending; i++) {
        uint8_t *old = pending_at(in, in->last_report + i);
        uint32_t value = le32_load(pending_at(in, next + i) + 4);

        if (le16_load(old) == EV_REL) {
            value += le32_load(old + 4);
        }
        le32_store(old + 4, value);
    }
    in->n_pending = next;
}

static void input_report(void *opaque, const InputEvent *events, unsigned n)
{
    VirtioInput *in = opaque;
    uint32_t next;

    device_lock(&in->v.dev);
    next = in->n_pending;
    if (!(in->v.status & VIRTIO_DRIVER_OK) || in->v.broken ||
        n >= MAX_PENDING - next) {
        device_unlock(&in->v.dev);
        return;
    }
    for (unsigned i = 0; i < n; i++) {
        if (find_ability(model_of(in), events[i].type, events[i].code)) {
            append(in, events[i].type, events[i].code, events[i].value);
        }
    }
    if (in->n_pending > next) {
        append(in, EV_SYN, SYN_REPORT, 0);
        if (can_merge(in, next)) {
            merge(in, next);
        } else {
            in->last_report = next;
        }
        flush(in);
    }
    device_unlock(&in->v.dev);
}

/* ---- status from the driver --------------------------------------------- */

static void set_leds(VirtioInput *in, uint8_t leds)
{
    in->leds = leds;
    input_set_leds(in->dev, leds);
}

static void hear_status(VirtioInput *in, const uint8_t *event)
{
    static const uint8_t bits[] = {[LED_NUML] = INPUT_LED_NUM,
                                   [LED_CAPSL] = INPUT_LED_CAPS,
                                   [LED_SCROLLL] = INPUT_LED_SCROLL};
    unsigned type = le16_load(event), code = le16_load(event + 2);

    if (find_ability(model_of(in), type, code) == NULL || type != EV_LED) {
        guest_log(LOG_UNIMP, "%s: status of type %u, code %u",
                  in->v.dev.cls->name, type, code);
        return;
    }
    set_leds(in, INPUT_LED_KNOWN | (le32_load(event + 4) != 0
                                        ? in->leds | bits[code]
                                        : in->leds & (uint8_t)~bits[code]));
}

static void serve_status(VirtioInput *in)
{
    VirtqElem *e;

    while ((e = virtio_pop(&in->v, QUEUE_STATUS, sizeof(*e))) != NULL) {
        uint8_t event[EVENT_BYTES];

        if (iov_gather(e->out, e->n_out, 0, event, EVENT_BYTES) ==
            EVENT_BYTES) {
            hear_status(in, event);
        }
        virtio_push(&in->v, QUEUE_STATUS, e, 0);
    }
    virtio_interrupt(&in->v, QUEUE_STATUS);
}

static void input_notify(VirtioDevice *v, unsigned queue)
{
    VirtioInput *in = (VirtioInput *)v;

    if (queue == QUEUE_EVENTS) {
        flush(in);
    } else {
        serve_status(in);
    }
}

/* ---- life --------------------------------------------------------------- */

static void input_dev_reset(VirtioDevice *v)
{
    VirtioInput *in = (VirtioInput *)v;

    in->n_pending = in->last_report = 0;
    memset(v->config, 0, CONFIG_BYTES);
    set_leds(in, 0);
}

static bool input_start(VirtioDevice *v, GError **error)
{
    VirtioInput *in = (VirtioInput *)v;

    if (v->dev.backends == NULL) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NODEV,
                    "device '%s': the machine has no input", v->dev.cls->name);
        return false;
    }
    in->dev = input_add(v->dev.backends->inputs, &model_of(in)->input, in,
                        in->display);
    return true;
}

static void input_stop(VirtioDevice *v)
{
    g_clear_pointer(&((VirtioInput *)v)->dev, input_remove);
}

static void input_loaded(VirtioDevice *v)
{
    VirtioInput *in = (VirtioInput *)v;

    in->n_pending = MIN(in->n_pending, MAX_PENDING);
    in->last_report = MIN(in->last_report, in->n_pending);
    set_leds(in, in->leds);
    flush(in);
}

/* ---- classes ------------------------------------------------------------ */

/* clang-format off */
#define INPUT_PROPS                                                                               \
    { "serial", PROP_STRING, offsetof(VirtioInput, serial), NULL, "serial number for the guest" }, \
    { "display", PROP_STRING, offsetof(VirtioInput, display), NULL, "id of the display it belongs to; default: any" }

#define INPUT_STATE                                                       \
    STATE_U(VirtioInput, leds), STATE_B(VirtioInput, pending),            \
    STATE_U(VirtioInput, n_pending), STATE_U(VirtioInput, last_report)

static const PropDesc input_props[] = { INPUT_PROPS, VIRTIO_PROPS };
static const PropDesc input_pci_props[] = { INPUT_PROPS, VIRTIO_PCI_PROPS };
static const StateField input_state[] = { VIRTIO_STATE, INPUT_STATE, STATE_LAST };
static const StateField input_pci_state[] = { VIRTIO_PCI_STATE, INPUT_STATE, STATE_LAST };

/* The PCI class is input, and the kind of it (PCI Code and ID Assignment,
 * 1.10). */
#define INPUT_MODEL(model, text, what, sub, id_product, id_prop)           \
    static const InputModel model = {                                     \
        .virtio = {                                                       \
            .bus = VIRTIO_BUS_NAME, .id = 18,                             \
            .pci_class = 0x090000 | (sub), .n_queues = N_QUEUES,          \
            .config_len = CONFIG_BYTES, .notify = input_notify,           \
            .config_written = input_config_written,                       \
            .start = input_start, .stop = input_stop,                     \
            .reset = input_dev_reset, .loaded = input_loaded,             \
        },                                                                \
        .input = { text, what, input_report },                            \
        .product = (id_product), .prop = (id_prop),                       \
        .abilities = model##_abilities,                                   \
        .n_abilities = G_N_ELEMENTS(model##_abilities),                   \
    };                                                                    \
    static const PciClass model##_pci = VIRTIO_PCI_KIND(&model.virtio)

INPUT_MODEL(keyboard, "QEMU Virtio Keyboard", INPUT_KEYS, 0x0000, 1, -1);
INPUT_MODEL(mouse, "QEMU Virtio Mouse", INPUT_RELATIVE, 0x0200, 2, -1);
INPUT_MODEL(multitouch, "QEMU Virtio MultiTouch", INPUT_TOUCH, 0x8000, 3, INPUT_PROP_DIRECT);
INPUT_MODEL(tablet, "QEMU Virtio Tablet", INPUT_ABSOLUTE, 0x8000, 3, -1);

#define INPUT_CLASSES(model, what)                                        \
    const DeviceClass virtio_##model##_device_class = {                   \
        .name = "virtio-" #model "-device",                               \
        .help = "virtio " what " for a virtio-mmio slot",                 \
        .size = sizeof(VirtioInput), .state = input_state,                \
        .props = input_props, .n_props = G_N_ELEMENTS(input_props),       \
        .kind = &model.virtio, VIRTIO_MMIO_CLASS,                         \
    };                                                                    \
    const DeviceClass virtio_##model##_pci_class = {                      \
        .name = "virtio-" #model "-pci",                                  \
        .help = "virtio " what " on PCI",                                 \
        .size = sizeof(VirtioInput), .state = input_pci_state,            \
        .props = input_pci_props,                                         \
        .n_props = G_N_ELEMENTS(input_pci_props),                         \
        .kind = &model##_pci, VIRTIO_PCI_CLASS,                           \
    }

INPUT_CLASSES(keyboard, "keyboard");
INPUT_CLASSES(mouse, "mouse");
INPUT_CLASSES(multitouch, "touch screen");
INPUT_CLASSES(tablet, "tablet, an absolute pointer,");
/* clang-format on */
