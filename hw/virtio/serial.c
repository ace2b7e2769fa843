/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/virtio/serial.c - virtio console device and its ports.
 * Spec: virtio 1.3, 5.3.
 * Left out: RESIZE messages and the SIZE feature (not offered).
 * Threads: the lock of the serial device guards its ports too; output on the
 * vCPU that kicked, input on the event loop. A back end that takes no more
 * output is tried again every RETRY_NS; the chain stays in the ring till then.
 */
#include "hw/virtio/serial.h"

#include <string.h>

#include "core/chardev.h"
#include "core/clock.h"
#include "hw/virtio/iov.h"
#include "hw/virtio/virtio.h"
#include "util/log.h"

#define CONSOLE_F_MULTIPORT   BIT(1)
#define CONSOLE_F_EMERG_WRITE BIT(2)

enum { QUEUE_CTRL_RX = 2, QUEUE_CTRL_TX = 3 };

/* Configuration space (5.3.4). */
enum { CONFIG_MAX_PORTS = 4, CONFIG_EMERG = 8, CONFIG_BYTES = 12 };

/* Control events (5.3.6.2). */
enum {
    EVENT_DEVICE_READY,
    EVENT_DEVICE_ADD,
    EVENT_DEVICE_REMOVE,
    EVENT_PORT_READY,
    EVENT_CONSOLE_PORT,
    EVENT_RESIZE,
    EVENT_PORT_OPEN,
    EVENT_PORT_NAME,
};

enum {
    MAX_PORTS = 31,
    INPUT_BYTES = 4096,
    OUTPUT_MAX = 1 << 20, /* bytes of one chain */
    MESSAGE_BYTES = 8,
    MAX_MESSAGES = 256,
    NAME_MAX_LEN = 128,
    RETRY_NS = 1000000,
};

typedef struct VirtioPort VirtioPort;

/* A control message for the driver. */
typedef struct {
    uint32_t port;
    uint16_t event;
    uint16_t value;
} Message;

typedef struct {
    VirtioDevice v;

    Message messages[MAX_MESSAGES]; /* wait for buffers, oldest first */
    uint32_t n_messages;

    VirtioPort *ports[MAX_PORTS];

    /* properties */
    uint32_t max_ports;
} VirtioSerial;

struct VirtioPort {
    Device dev;

    uint8_t guest_open;
    uint8_t ready;        /* the driver knows it */
    uint32_t output_done; /* bytes of the first output chain already gone */
    uint32_t n_input;
    uint8_t input[INPUT_BYTES]; /* waits for buffers */

    VirtioSerial *serial; /* or NULL */
    Timer retry;          /* output, and after a load input too */
    bool starved;         /* the back end waits for room */

    /* properties */
    CharDev *chardev;
    char *name;
    uint32_t nr;
};

static bool is_console(const VirtioPort *p)
{
    return p->dev.cls == &virtconsole_class;
}

/* Port 0 comes first, then the control queues, then the others (5.3.2). */
static unsigned rx_queue(const VirtioPort *p)
{
    return p->nr == 0 ? 0 : 2 + 2 * p->nr;
}

static unsigned tx_queue(const VirtioPort *p)
{
    return rx_queue(p) + 1;
}

static VirtioPort *port_of_queue(const VirtioSerial *s, unsigned queue)
{
    unsigned nr = queue < 2 ? 0 : queue / 2 - 1;

    return nr < MAX_PORTS ? s->ports[nr] : NULL;
}

/* ---- control messages --------------------------------------------------- */

static size_t encode(const VirtioSerial *s, const Message *m, uint8_t *out)
{
    const VirtioPort *p = m->port < MAX_PORTS ? s->ports[m->port] : NULL;
    size_t len = MESSAGE_BYTES;

    le32_store(out, m->port);
    le16_store(out + 4, m->event);
    le16_store(out + 6, m->value);
    if (m->event == EVENT_PORT_NAME && p != NULL && p->name != NULL) {
        size_t n = MIN(strlen(p->name), (size_t)NAME_MAX_LEN);

        memcpy(out + len, p->name, n);
        len += n;
    }
    return len;
}

static void flush_messages(VirtioSerial *s)
{
    uint32_t sent = 0;
    VirtqElem *e;

    while (sent < s->n_messages &&
           (e = virtio_pop(&s->v, QUEUE_CTRL_RX, sizeof(*e))) != NULL) {
        uint8_t bytes[MESSAGE_BYTES + NAME_MAX_LEN];
        size_t len = encode(s, &s->messages[sent++], bytes);

        len = iov_scatter(e->in, e->n_in, 0, bytes, len);
        virtio_push(&s->v, QUEUE_CTRL_RX, e, (uint32_t)len);
    }
    s->n_messages -= sent;
    memmove(s->messages, s->messages + sent,
            s->n_messages * sizeof(s->messages[0]));
    if (sent > 0) {
        virtio_interrupt(&s->v, QUEUE_CTRL_RX);
    }
}

static void tell(VirtioSerial *s, uint32_t port, uint16_t event, uint16_t value)
{
    if (!virtio_has(&s->v, CONSOLE_F_MULTIPORT)) {
        return;
    }
    if (s->n_messages == MAX_MESSAGES) {
        guest_log(LOG_GUEST_ERRORS,
                  "virtio-serial: driver takes no control messages");
        return;
    }
    s->messages[s->n_messages++] = (Message){port, event, value};
    flush_messages(s);
}

/* Consoles are always open on our side. */
static bool host_open(const VirtioPort *p)
{
    return is_console(p) || (p->chardev != NULL && p->chardev->open);
}

static void introduce(VirtioSerial *s, VirtioPort *p)
{
    if (is_console(p)) {
        tell(s, p->nr, EVENT_CONSOLE_PORT, 1);
    }
    if (p->name != NULL) {
        tell(s, p->nr, EVENT_PORT_NAME, 1);
    }
    if (host_open(p)) {
        tell(s, p->nr, EVENT_PORT_OPEN, 1);
    }
}

static void port_feed(VirtioPort *p)
{
    if (p->starved && p->n_input == 0) {
        p->starved = false;
        char_accept_input(p->chardev);
    }
}

static void hear_about_port(VirtioSerial *s, const Message *m)
{
    VirtioPort *p = m->port < MAX_PORTS ? s->ports[m->port] : NULL;

    if (p == NULL) {
        guest_log(LOG_GUEST_ERRORS, "virtio-serial: no port %u", m->port);
        return;
    }
    switch (m->event) {
    case EVENT_PORT_READY:
        p->ready = m->value != 0;
        if (p->ready) {
            introduce(s, p);
        }
        break;
    case EVENT_PORT_OPEN:
        p->guest_open = m->value != 0;
        char_front_opened(p->chardev, p->guest_open);
        port_feed(p);
        break;
    }
}

static void hear(VirtioSerial *s, const Message *m)
{
    if (m->event != EVENT_DEVICE_READY) {
        hear_about_port(s, m);
        return;
    }
    for (uint32_t i = 0; m->value != 0 && i < MAX_PORTS; i++) {
        if (s->ports[i] != NULL) {
            tell(s, i, EVENT_DEVICE_ADD, 1);
        }
    }
}

static void serve_control(VirtioSerial *s)
{
    VirtqElem *e;

    while ((e = virtio_pop(&s->v, QUEUE_CTRL_TX, sizeof(*e))) != NULL) {
        uint8_t bytes[MESSAGE_BYTES];

        if (iov_gather(e->out, e->n_out, 0, bytes, sizeof(bytes)) ==
            sizeof(bytes)) {
            Message m = {le32_load(bytes), le16_load(bytes + 4),
                         le16_load(bytes + 6)};

            hear(s, &m);
        }
        virtio_push(&s->v, QUEUE_CTRL_TX, e, 0);
    }
    virtio_interrupt(&s->v, QUEUE_CTRL_TX);
}

/* ---- output ------------------------------------------------------------- */

/* Writes the rest of a chain; false if the back end is full. */
static bool write_chain(VirtioPort *p, VirtqElem *e)
{
    if (!host_open(p)) {
        return true; /* nobody there: the bytes are gone */
    }
    iov_skip(&e->out, &e->n_out, p->output_done);
    for (unsigned i = 0; i < e->n_out; i++) {
        size_t done =
            char_write(p->chardev, e->out[i].iov_base, e->out[i].iov_len);

        p->output_done += (uint32_t)done;
        if (done < e->out[i].iov_len) {
            return false;
        }
    }
    return true;
}

static void port_output(VirtioPort *p)
{
    VirtioDevice *v = &p->serial->v;
    unsigned queue = tx_queue(p);
    VirtqElem *e;

    if (timer_is_armed(&p->retry)) {
        return;
    }
    while ((e = virtio_pop(v, queue, sizeof(*e))) != NULL) {
        if (e->out_len > OUTPUT_MAX) {
            virtq_drop(&v->queues[queue], e);
            virtio_fail(v, "output buffer is too long");
            return;
        }
        if (!write_chain(p, e)) {
            virtq_unpop(&v->queues[queue], e);
            timer_arm(&p->retry, clock_now_ns() + RETRY_NS);
            break;
        }
        p->output_done = 0;
        virtio_push(v, queue, e, 0);
    }
    virtio_interrupt(v, queue);
}

static void port_retry(void *opaque)
{
    VirtioPort *p = opaque;
    VirtioDevice *v = &p->serial->v;

    device_lock(&v->dev);
    virtio_queue_notify(v, tx_queue(p));
    virtio_queue_notify(v, rx_queue(p));
    device_unlock(&v->dev);
}

/* ---- input -------------------------------------------------------------- */

static void port_input(VirtioPort *p)
{
    VirtioDevice *v = &p->serial->v;
    unsigned queue = rx_queue(p);
    uint32_t done = 0;
    VirtqElem *e;

    while (done < p->n_input &&
           (e = virtio_pop(v, queue, sizeof(*e))) != NULL) {
        size_t len =
            iov_scatter(e->in, e->n_in, 0, p->input + done, p->n_input - done);

        done += (uint32_t)len;
        virtio_push(v, queue, e, (uint32_t)len);
    }
    p->n_input -= done;
    memmove(p->input, p->input + done, p->n_input);
    if (done > 0) {
        virtio_interrupt(v, queue);
    }
}

/* Whether the driver would read what we sent. */
static bool wants_input(VirtioPort *p)
{
    VirtioDevice *v = &p->serial->v;

    return p->n_input == 0 && (v->status & VIRTIO_DRIVER_OK) && !v->broken &&
           (is_console(p) || p->guest_open) &&
           !virtq_is_empty(&v->queues[rx_queue(p)]);
}

static size_t port_can_receive(void *opaque)
{
    VirtioPort *p = opaque;
    bool wants;

    device_lock(&p->serial->v.dev);
    wants = wants_input(p);
    p->starved = !wants;
    device_unlock(&p->serial->v.dev);
    return wants ? INPUT_BYTES : 0;
}

static void port_receive(void *opaque, const uint8_t *bytes, size_t len)
{
    VirtioPort *p = opaque;

    device_lock(&p->serial->v.dev);
    len = MIN(len, INPUT_BYTES - p->n_input);
    memcpy(p->input + p->n_input, bytes, len);
    p->n_input += (uint32_t)len;
    port_input(p);
    device_unlock(&p->serial->v.dev);
}

static void port_event(void *opaque, CharEvent event)
{
    VirtioPort *p = opaque;

    if (is_console(p) || event == CHAR_BREAK) {
        return;
    }
    device_lock(&p->serial->v.dev);
    if (p->ready) {
        tell(p->serial, p->nr, EVENT_PORT_OPEN, event == CHAR_OPENED);
    }
    if (event == CHAR_OPENED) { /* perhaps of another device than before */
        char_front_opened(p->chardev, p->guest_open);
    }
    device_unlock(&p->serial->v.dev);
}

static const CharFrontEnd port_front = {port_can_receive, port_receive,
                                        port_event};

/* ---- the serial device -------------------------------------------------- */

static void serial_notify(VirtioDevice *v, unsigned queue)
{
    VirtioSerial *s = (VirtioSerial *)v;
    VirtioPort *p = port_of_queue(s, queue);

    if (queue == QUEUE_CTRL_RX) {
        flush_messages(s);
    } else if (queue == QUEUE_CTRL_TX) {
        serve_control(s);
    } else if (p != NULL && queue == tx_queue(p)) {
        port_output(p);
    } else if (p != NULL) {
        port_input(p);
        port_feed(p);
    }
}

static void serial_config_written(VirtioDevice *v, unsigned offset,
                                  unsigned size, uint64_t value)
{
    VirtioSerial *s = (VirtioSerial *)v;
    uint8_t byte = (uint8_t)value;

    if (offset == CONFIG_EMERG && s->ports[0] != NULL) {
        char_write(s->ports[0]->chardev, &byte, 1);
    }
}

static void serial_driver_ok(VirtioDevice *v)
{
    VirtioSerial *s = (VirtioSerial *)v;

    for (unsigned i = 0; i < MAX_PORTS; i++) {
        if (s->ports[i] != NULL) {
            port_feed(s->ports[i]);
        }
    }
}

static void serial_reset(VirtioDevice *v)
{
    VirtioSerial *s = (VirtioSerial *)v;

    s->n_messages = 0;
    for (unsigned i = 0; i < MAX_PORTS; i++) {
        VirtioPort *p = s->ports[i];

        if (p != NULL) {
            p->guest_open = p->ready = 0;
            char_front_opened(p->chardev, false);
            p->output_done = p->n_input = 0;
            timer_cancel(&p->retry);
        }
    }
}

static void serial_queue_reset(VirtioDevice *v, unsigned queue)
{
    VirtioPort *p = port_of_queue((VirtioSerial *)v, queue);

    if (p != NULL && queue == tx_queue(p)) {
        p->output_done = 0;
        timer_cancel(&p->retry);
    }
}

static bool serial_start(VirtioDevice *v, GError **error)
{
    VirtioSerial *s = (VirtioSerial *)v;

    if (s->max_ports < 1 || s->max_ports > MAX_PORTS) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "device '%s': max_ports=%u is not 1 to %d",
                    v->dev.cls->name, s->max_ports, MAX_PORTS);
        return false;
    }
    v->n_queues = 2 + 2 * s->max_ports;
    le32_store(&v->config[CONFIG_MAX_PORTS], s->max_ports);
    return true;
}

static void serial_stop(VirtioDevice *v)
{
    VirtioSerial *s = (VirtioSerial *)v;

    for (unsigned i = 0; i < MAX_PORTS; i++) {
        if (s->ports[i] != NULL) {
            char_detach(s->ports[i]->chardev);
            timer_cancel(&s->ports[i]->retry);
            s->ports[i]->serial = NULL;
        }
    }
}

static void serial_loaded(VirtioDevice *v)
{
    VirtioSerial *s = (VirtioSerial *)v;

    s->n_messages = MIN(s->n_messages, MAX_MESSAGES);
}

/* ---- ports -------------------------------------------------------------- */

bool virtio_serial_is_class(const DeviceClass *cls)
{
    return cls == &virtio_serial_device_class ||
           cls == &virtio_serial_pci_class;
}

bool virtio_serial_is_port(const DeviceClass *cls)
{
    return cls == &virtconsole_class || cls == &virtserialport_class;
}

static bool choose_number(const VirtioSerial *s, VirtioPort *p, GError **error)
{
    /* Port 0 is what drivers without MULTIPORT see: a console's place. */
    uint32_t nr = is_console(p) ? 0 : 1;

    if (p->nr != UINT32_MAX) {
        nr = p->nr;
    } else {
        while (nr < s->max_ports && s->ports[nr] != NULL) {
            nr++;
        }
    }
    if (nr >= s->max_ports || s->ports[nr] != NULL) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "device '%s': port %u is taken or out of range",
                    p->dev.cls->name, nr);
        return false;
    }
    if (nr == 0 && !is_console(p)) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "device '%s': port 0 is reserved for virtconsole",
                    p->dev.cls->name);
        return false;
    }
    p->nr = nr;
    return true;
}

bool virtio_serial_plug(Device *serial, Device *port, GError **error)
{
    VirtioSerial *s = (VirtioSerial *)serial;
    VirtioPort *p = (VirtioPort *)port;

    if (!choose_number(s, p, error)) {
        return false;
    }
    p->serial = s;
    s->ports[p->nr] = p;
    return true;
}

void virtio_serial_announce(Device *port, bool here)
{
    VirtioPort *p = (VirtioPort *)port;
    VirtioSerial *s = p->serial;

    device_lock(&s->v.dev);
    if (s->v.status & VIRTIO_DRIVER_OK) {
        tell(s, p->nr, here ? EVENT_DEVICE_ADD : EVENT_DEVICE_REMOVE, 1);
    }
    device_unlock(&s->v.dev);
}

const Device *virtio_serial_of_port(const Device *port)
{
    const VirtioPort *p = (const VirtioPort *)port;

    return p->serial != NULL ? &p->serial->v.dev : NULL;
}

static bool port_start(Device *dev, GError **error)
{
    VirtioPort *p = (VirtioPort *)dev;

    timer_init(&p->retry, port_retry, p);
    if (p->serial == NULL) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NODEV,
                    "device '%s': no virtio-serial device to plug it into",
                    dev->cls->name);
        return false;
    }
    return p->chardev == NULL || char_attach(p->chardev, &port_front, p, error);
}

static void port_stop(Device *dev)
{
    VirtioPort *p = (VirtioPort *)dev;

    if (p->serial != NULL) {
        if (p->chardev != NULL && p->chardev->opaque == p) {
            char_detach(p->chardev);
        }
        timer_cancel(&p->retry);
        p->serial->ports[p->nr] = NULL;
        p->serial = NULL;
    }
}

/* Output that was stuck goes on when the machine runs: by then the serial
 * device is loaded as well. */
static bool port_loaded(Device *dev, GError **error)
{
    VirtioPort *p = (VirtioPort *)dev;

    p->n_input = MIN(p->n_input, INPUT_BYTES);
    p->starved = true;
    char_front_opened(p->chardev, p->guest_open);
    timer_arm(&p->retry, clock_now_ns());
    return true;
}

/* ---- classes ------------------------------------------------------------ */

static const VirtioClass serial_virtio = {
    .bus = VIRTIO_BUS_NAME,
    .id = 3,
    .pci_legacy_id = 0x1003,
    .pci_class = 0x078000,
    .features = CONSOLE_F_MULTIPORT | CONSOLE_F_EMERG_WRITE |
                VIRTIO_F_NOTIFY_ON_EMPTY | VIRTIO_F_ANY_LAYOUT,
    .config_len = CONFIG_BYTES,
    .notify = serial_notify,
    .config_written = serial_config_written,
    .driver_ok = serial_driver_ok,
    .start = serial_start,
    .stop = serial_stop,
    .queue_reset = serial_queue_reset,
    .reset = serial_reset,
    .loaded = serial_loaded,
};

static const PciClass serial_pci = VIRTIO_PCI_KIND(&serial_virtio);

static const StateField message_state[] = {
    STATE_U(Message, port),
    STATE_U(Message, event),
    STATE_U(Message, value),
    STATE_LAST,
};

/* clang-format off */
#define SERIAL_PROPS                                                                              \
    { "max_ports", PROP_U32, offsetof(VirtioSerial, max_ports), "31", "ports it can carry" }

#define SERIAL_STATE                                                                              \
    STATE_U(VirtioSerial, n_messages), STATE_S_ARRAY(VirtioSerial, messages, message_state)

#define PORT_PROPS                                                                                \
    { "chardev", PROP_CHAR, offsetof(VirtioPort, chardev), NULL, "id of the character device" },  \
    { "name", PROP_STRING, offsetof(VirtioPort, name), NULL, "name the guest sees" },             \
    { "nr", PROP_U32, offsetof(VirtioPort, nr), "4294967295", "port number; default: first free" }

static const PropDesc serial_props[] = { SERIAL_PROPS, VIRTIO_PROPS };
static const PropDesc serial_pci_props[] = { SERIAL_PROPS, VIRTIO_PCI_PROPS };
static const PropDesc port_props[] = { PORT_PROPS };
static const StateField serial_state[] = { VIRTIO_STATE, SERIAL_STATE, STATE_LAST };
static const StateField serial_pci_state[] = { VIRTIO_PCI_STATE, SERIAL_STATE, STATE_LAST };
/* clang-format on */

static const StateField port_state[] = {
    STATE_U(VirtioPort, guest_open),  STATE_U(VirtioPort, ready),
    STATE_U(VirtioPort, output_done), STATE_U(VirtioPort, n_input),
    STATE_B(VirtioPort, input),       STATE_LAST,
};

const DeviceClass virtio_serial_device_class = {
    .name = "virtio-serial-device",
    .help = "virtio console and serial ports for a virtio-mmio slot",
    .size = sizeof(VirtioSerial),
    .state = serial_state,
    .props = serial_props,
    .n_props = G_N_ELEMENTS(serial_props),
    .kind = &serial_virtio,
    VIRTIO_MMIO_CLASS,
};

const DeviceClass virtio_serial_pci_class = {
    .name = "virtio-serial-pci",
    .help = "virtio console and serial ports on PCI",
    .size = sizeof(VirtioSerial),
    .state = serial_pci_state,
    .props = serial_pci_props,
    .n_props = G_N_ELEMENTS(serial_pci_props),
    .kind = &serial_pci,
    VIRTIO_PCI_CLASS,
};

static const struct {
    const char *bus;
} port_kind = {VIRTIO_SERIAL_BUS_NAME};

const DeviceClass virtconsole_class = {
    .name = "virtconsole",
    .help = "console port of a virtio-serial device",
    .size = sizeof(VirtioPort),
    .locking = LOCK_SELF,
    .user_creatable = true,
    .state = port_state,
    .props = port_props,
    .n_props = G_N_ELEMENTS(port_props),
    .kind = &port_kind,
    .start = port_start,
    .loaded = port_loaded,
    .stop = port_stop,
};

const DeviceClass virtserialport_class = {
    .name = "virtserialport",
    .help = "named port of a virtio-serial device",
    .size = sizeof(VirtioPort),
    .locking = LOCK_SELF,
    .user_creatable = true,
    .state = port_state,
    .props = port_props,
    .n_props = G_N_ELEMENTS(port_props),
    .kind = &port_kind,
    .start = port_start,
    .loaded = port_loaded,
    .stop = port_stop,
};
