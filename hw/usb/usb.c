/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/usb/usb.c - what all USB devices do alike: descriptors made of the class's
 * table, standard requests, stages of control transfers, halted endpoints.
 * Spec: USB 2.0, 8.5.3 and 9; USB 3.2, 9.4 and 9.6.
 * Left out: several configurations or settings, link power management (the
 * requests are taken, nothing changes), test modes. */
#include "hw/usb/usb.h"

#include <string.h>

#include "hw/usb/trace.h"
#include "util/bits.h"

/* Of the control transfer; STAGE_STALLED until the next setup packet. */
enum { STAGE_IDLE, STAGE_IN, STAGE_OUT, STAGE_STATUS, STAGE_STALLED };

/* bmRequestType << 8 | bRequest (9.4). */
enum {
    DEVICE_GET_STATUS = 0x8000,
    DEVICE_CLEAR_FEATURE = 0x0001,
    DEVICE_SET_FEATURE = 0x0003,
    SET_ADDRESS = 0x0005,
    GET_DESCRIPTOR = 0x8006,
    GET_CONFIGURATION = 0x8008,
    SET_CONFIGURATION = 0x0009,
    SET_SEL = 0x0030,
    SET_ISOCH_DELAY = 0x0031,
    INTERFACE_GET_STATUS = 0x8100,
    INTERFACE_CLEAR_FEATURE = 0x0101,
    INTERFACE_SET_FEATURE = 0x0103,
    GET_INTERFACE = 0x810a,
    SET_INTERFACE = 0x010b,
    ENDPOINT_GET_STATUS = 0x8200,
    ENDPOINT_CLEAR_FEATURE = 0x0201,
    ENDPOINT_SET_FEATURE = 0x0203,
};

enum { FEATURE_HALT = 0, FEATURE_REMOTE_WAKEUP = 1, FEATURE_U1 = 48 };
enum { FEATURE_LTM = 50, FUNCTION_SUSPEND = 0 };

enum {
    DESC_DEVICE = 1,
    DESC_CONFIGURATION = 2,
    DESC_STRING = 3,
    DESC_INTERFACE = 4,
    DESC_ENDPOINT = 5,
    DESC_BOS = 15,
    DESC_CAPABILITY = 16,
    DESC_COMPANION = 48,
};
enum { STRING_LANGUAGES, STRING_MAKER, STRING_PRODUCT, STRING_SERIAL };
enum { LANGUAGE_ENGLISH = 0x0409 };

const StateField usb_device_state[] = {
    STATE_U(UsbDevice, address),       STATE_U(UsbDevice, configuration),
    STATE_U(UsbDevice, remote_wakeup), STATE_U(UsbDevice, halted),
    STATE_U(UsbDevice, stage),         STATE_B(UsbDevice, setup),
    STATE_U(UsbDevice, control_len),   STATE_U(UsbDevice, control_pos),
    STATE_B(UsbDevice, control),       STATE_LAST,
};

bool usb_is_class(const DeviceClass *cls)
{
    const UsbClass *kind = cls->kind;

    return kind != NULL && strcmp(kind->bus, USB_BUS_NAME) == 0;
}

const UsbClass *usb_class(const UsbDevice *d)
{
    return d->dev.cls->kind;
}

void usb_lock(UsbDevice *d)
{
    device_lock(d->host->dev);
}

void usb_unlock(UsbDevice *d)
{
    d->host->work(d->host);
    device_unlock(d->host->dev);
}

void usb_wake(UsbDevice *d, uint8_t endpoint)
{
    if (d->host != NULL) {
        d->host->wake(d->host, d, endpoint);
    }
}

static bool is_super(const UsbDevice *d)
{
    return d->speed == USB_SPEED_SUPER;
}

/* ---- descriptors (9.6) -------------------------------------------------- */

static void put(UsbDevice *d, const uint8_t *bytes, unsigned n)
{
    g_assert(d->control_len + n <= USB_CONTROL_BYTES);
    memcpy(d->control + d->control_len, bytes, n);
    d->control_len += n;
}

static bool put_device(UsbDevice *d)
{
    const UsbClass *cls = usb_class(d);
    uint8_t bytes[] = {
        18,
        DESC_DEVICE,
        0,
        is_super(d) ? 3 : 2, /* USB release */
        cls->device_class,
        0,
        0,
        is_super(d) ? 9 : 64, /* packets of endpoint 0 (9: 2^9) */
        0,
        0,
        0,
        0,
        0,
        0, /* release of the device */
        STRING_MAKER,
        STRING_PRODUCT,
        STRING_SERIAL,
        1,
    };

    le16_store(bytes + 8, cls->vendor);
    le16_store(bytes + 10, cls->product);
    put(d, bytes, sizeof(bytes));
    return true;
}

/* Bulk endpoints have all that the speed allows (5.8.3). */
static uint16_t max_packet(const UsbDevice *d, const UsbEndpoint *e)
{
    return e->type != USB_BULK || is_super(d) ? e->max_packet
           : d->speed == USB_SPEED_HIGH       ? 512
                                              : 64;
}

static void put_endpoint(UsbDevice *d, const UsbEndpoint *e)
{
    uint8_t bytes[] = {7, DESC_ENDPOINT, e->address, e->type, 0,
                       0, e->interval};
    uint8_t companion[] = {6, DESC_COMPANION, e->max_burst, 0, 0, 0};

    le16_store(bytes + 4, max_packet(d, e));
    put(d, bytes, sizeof(bytes));
    if (is_super(d)) {
        put(d, companion, sizeof(companion));
    }
}

static bool put_configuration(UsbDevice *d)
{
    const UsbClass *cls = usb_class(d);
    uint8_t head[] = {
        9,
        DESC_CONFIGURATION,
        0,
        0,
        1,
        1,
        0,
        0x80 | cls->attributes,
        cls->attributes & USB_SELF_POWERED ? 0 : 50, /* 2 mA each */
    };
    uint8_t interface[] = {
        9,
        DESC_INTERFACE,
        0,
        0,
        cls->n_endpoints,
        cls->interface[0],
        cls->interface[1],
        cls->interface[2],
        0,
    };

    put(d, head, sizeof(head));
    put(d, interface, sizeof(interface));
    if (cls->n_extra > 0) {
        put(d, cls->extra, cls->n_extra);
    }
    for (unsigned i = 0; i < cls->n_endpoints; i++) {
        put_endpoint(d, &cls->endpoints[i]);
    }
    le16_store(d->control + 2, (uint16_t)d->control_len);
    return true;
}

/* The binary object store: what a SuperSpeed device can do (9.6.2). */
static bool put_bos(UsbDevice *d)
{
    static const uint8_t bytes[] = {
        5,  DESC_BOS,        22, 0, 2,                /* two capabilities */
        7,  DESC_CAPABILITY, 2,  0, 0, 0, 0,          /* USB 2.0 extension */
        10, DESC_CAPABILITY, 3,  0, 8, 0, 3, 0, 0, 0, /* SuperSpeed only */
    };

    if (!is_super(d)) {
        return false;
    }
    put(d, bytes, sizeof(bytes));
    return true;
}

char *usb_port_path(const UsbDevice *d)
{
    g_autofree char *hub = d->hub != NULL ? usb_port_path(d->hub) : NULL;

    return hub != NULL ? g_strdup_printf("%s.%u", hub, d->number)
                       : g_strdup_printf("%u", d->number);
}

static char *serial_number(const UsbDevice *d)
{
    g_autofree char *path = NULL;

    if (d->serial != NULL) {
        return g_strdup(d->serial);
    }
    path = usb_port_path(d);
    return g_strdup_printf("%s-%s-%s", usb_class(d)->serial, d->host->path,
                           path);
}

static bool put_string(UsbDevice *d, unsigned which)
{
    g_autofree char *text = NULL;
    g_autofree gunichar2 *wide = NULL;
    uint8_t bytes[254] = {4, DESC_STRING, LANGUAGE_ENGLISH & 0xff,
                          LANGUAGE_ENGLISH >> 8};
    glong n = 0;

    switch (which) {
    case STRING_LANGUAGES:
        put(d, bytes, 4);
        return true;
    case STRING_MAKER:
        text = g_strdup("QEMU"); /* the name by which guests know it */
        break;
    case STRING_PRODUCT:
        text = g_strdup(usb_class(d)->product_name);
        break;
    case STRING_SERIAL:
        text = serial_number(d);
        break;
    default:
        return false;
    }
    wide = g_utf8_to_utf16(text, -1, NULL, &n, NULL);
    n = wide == NULL ? 0 : MIN(n, (glong)(sizeof(bytes) - 2) / 2);
    bytes[0] = (uint8_t)(2 + 2 * n);
    for (glong i = 0; i < n; i++) {
        le16_store(bytes + 2 + 2 * i, wide[i]);
    }
    put(d, bytes, bytes[0]);
    return true;
}

static bool get_descriptor(UsbDevice *d, const UsbSetup *s)
{
    switch (s->value >> 8) {
    case DESC_DEVICE:
        return put_device(d);
    case DESC_CONFIGURATION:
        return (s->value & 0xff) == 0 && put_configuration(d);
    case DESC_STRING:
        return put_string(d, s->value & 0xff);
    case DESC_BOS:
        return put_bos(d);
    default:
        return false;
    }
}

/* ---- standard requests (9.4) -------------------------------------------- */

static bool put_word(UsbDevice *d, uint16_t value)
{
    uint8_t bytes[2];

    le16_store(bytes, value);
    put(d, bytes, 2);
    return true;
}

static uint32_t halt_bit(unsigned address)
{
    return 1u << ((address & 15) + (address & USB_IN ? 16 : 0));
}

static bool has_endpoint(const UsbDevice *d, unsigned address)
{
    const UsbClass *cls = usb_class(d);

    for (unsigned i = 0; i < cls->n_endpoints; i++) {
        if (cls->endpoints[i].address == address) {
            return true;
        }
    }
    return (address & 15) == 0;
}

static bool is_self_powered(const UsbDevice *d)
{
    return (usb_class(d)->attributes & USB_SELF_POWERED) != 0;
}

static bool set_device_feature(UsbDevice *d, uint16_t feature, bool on)
{
    if (feature == FEATURE_REMOTE_WAKEUP) {
        d->remote_wakeup = on;
        return true;
    }
    return is_super(d) && feature >= FEATURE_U1 && feature <= FEATURE_LTM;
}

static bool set_halt(UsbDevice *d, const UsbSetup *s, bool on)
{
    uint32_t bit = halt_bit(s->index);

    if (s->value != FEATURE_HALT || !has_endpoint(d, s->index & 0xff)) {
        return false;
    }
    if (on && (s->index & 15) != 0) {
        d->halted |= bit;
    } else if (!on) {
        d->halted &= ~bit;
        if (usb_class(d)->resumed != NULL) {
            usb_class(d)->resumed(d);
        }
    }
    return true;
}

static bool set_configuration(UsbDevice *d, const UsbSetup *s)
{
    if (s->value > 1) {
        return false;
    }
    d->configuration = (uint8_t)s->value;
    d->halted = 0;
    usb_class(d)->reset(d);
    return true;
}

/* Answers into d->control; false: stall. */
static bool request(UsbDevice *d, const UsbSetup *s)
{
    switch (s->what) {
    case DEVICE_GET_STATUS:
        return put_word(d,
                        (uint16_t)(d->remote_wakeup << 1 | is_self_powered(d)));
    case INTERFACE_GET_STATUS:
        return put_word(d, 0);
    case ENDPOINT_GET_STATUS:
        return has_endpoint(d, s->index & 0xff) &&
               put_word(d, (d->halted & halt_bit(s->index)) != 0);
    case DEVICE_CLEAR_FEATURE:
    case DEVICE_SET_FEATURE:
        return set_device_feature(d, s->value, s->what == DEVICE_SET_FEATURE);
    case INTERFACE_CLEAR_FEATURE:
    case INTERFACE_SET_FEATURE:
        return is_super(d) && s->value == FUNCTION_SUSPEND;
    case ENDPOINT_CLEAR_FEATURE:
    case ENDPOINT_SET_FEATURE:
        return set_halt(d, s, s->what == ENDPOINT_SET_FEATURE);
    case SET_ADDRESS:
        usb_set_address(d, (uint8_t)(s->value & 0x7f));
        return true;
    case GET_DESCRIPTOR:
        return get_descriptor(d, s);
    case GET_CONFIGURATION:
        put(d, &d->configuration, 1);
        return true;
    case SET_CONFIGURATION:
        return set_configuration(d, s);
    case GET_INTERFACE:
        put(d, &(uint8_t){0}, 1);
        return true;
    case SET_INTERFACE:
        return s->value == 0 && s->index == 0;
    case SET_SEL:
    case SET_ISOCH_DELAY:
        return is_super(d);
    default:
        return usb_class(d)->request(d, s);
    }
}

/* ---- control transfers (8.5.3) ------------------------------------------ */

static UsbSetup decode(const uint8_t *b)
{
    return (UsbSetup){(uint16_t)(b[0] << 8 | b[1]), le16_load(b + 2),
                      le16_load(b + 4), le16_load(b + 6)};
}

void usb_setup(UsbDevice *d, const uint8_t setup[8])
{
    UsbSetup s = decode(setup);

    trace(usb_setup, device_label(&d->dev), s.what, s.value, s.index, s.length);
    memcpy(d->setup, setup, sizeof(d->setup));
    d->control_len = d->control_pos = 0;
    if (s.length == 0) {
        d->stage = STAGE_STATUS;
    } else if (setup[0] & USB_IN) {
        d->stage = request(d, &s) ? STAGE_IN : STAGE_STALLED;
        d->control_len = MIN(d->control_len, s.length);
    } else {
        d->stage = s.length <= USB_CONTROL_BYTES ? STAGE_OUT : STAGE_STALLED;
    }
}

UsbResult usb_status(UsbDevice *d)
{
    UsbSetup s = decode(d->setup);
    bool ok = d->stage == STAGE_IN;

    if (d->stage == STAGE_STATUS ||
        (d->stage == STAGE_OUT && d->control_len == s.length)) {
        ok = request(d, &s);
    }
    d->stage = ok ? STAGE_IDLE : STAGE_STALLED;
    return ok ? USB_OK : USB_STALL;
}

static UsbResult control_in(UsbDevice *d, uint8_t *to, size_t len, size_t *done)
{
    if (d->stage != STAGE_IN) {
        return USB_STALL;
    }
    *done = MIN(len, d->control_len - d->control_pos);
    memcpy(to, d->control + d->control_pos, *done);
    d->control_pos += (uint32_t)*done;
    return *done < len ? USB_SHORT : USB_OK;
}

static UsbResult control_out(UsbDevice *d, const uint8_t *from, size_t len,
                             size_t *done)
{
    if (d->stage != STAGE_OUT ||
        len > decode(d->setup).length - d->control_len) {
        return USB_STALL;
    }
    memcpy(d->control + d->control_len, from, len);
    d->control_len += (uint32_t)len;
    *done = len;
    return USB_OK;
}

/* ---- other transfers ---------------------------------------------------- */

static UsbResult finish(UsbDevice *d, unsigned address, UsbResult r)
{
    if (r == USB_STALL) {
        d->halted |= halt_bit(address);
    }
    return r;
}

static bool is_ready(const UsbDevice *d, unsigned address)
{
    return d->configuration != 0 && !(d->halted & halt_bit(address)) &&
           has_endpoint(d, address);
}

UsbResult usb_in(UsbDevice *d, unsigned n, uint8_t *to, size_t len,
                 size_t *done)
{
    const UsbClass *cls = usb_class(d);

    *done = 0;
    if (n == 0) {
        return control_in(d, to, len, done);
    }
    if (!is_ready(d, n | USB_IN) || cls->in == NULL) {
        return USB_STALL;
    }
    return finish(d, n | USB_IN, cls->in(d, n, to, len, done));
}

UsbResult usb_out(UsbDevice *d, unsigned n, const uint8_t *from, size_t len,
                  size_t *done)
{
    const UsbClass *cls = usb_class(d);

    *done = 0;
    if (n == 0) {
        return control_out(d, from, len, done);
    }
    if (!is_ready(d, n) || cls->out == NULL) {
        return USB_STALL;
    }
    return finish(d, n, cls->out(d, n, from, len, done));
}

/* ---- life --------------------------------------------------------------- */

void usb_set_address(UsbDevice *d, uint8_t address)
{
    d->address = address;
}

void usb_reset(UsbDevice *d)
{
    d->address = d->configuration = d->remote_wakeup = 0;
    d->halted = 0;
    d->stage = STAGE_IDLE;
    d->control_len = d->control_pos = 0;
    usb_class(d)->reset(d);
}

bool usb_start(Device *dev, GError **error)
{
    if (((UsbDevice *)dev)->host != NULL) {
        return true;
    }
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NODEV,
                "device '%s': no USB controller to plug it into",
                dev->cls->name);
    return false;
}

void usb_stop(Device *dev)
{
    UsbDevice *d = (UsbDevice *)dev;

    if (d->host != NULL) {
        d->host->detach(d->host, d);
        d->host = NULL;
    }
}

/* A saved state is not trusted either. */
void usb_loaded(UsbDevice *d)
{
    d->stage = MIN(d->stage, STAGE_STALLED);
    d->control_len = MIN(d->control_len, USB_CONTROL_BYTES);
    if (d->stage == STAGE_OUT) {
        UsbSetup s = decode(d->setup);

        d->control_len = MIN(d->control_len, s.length);
        d->stage = s.length <= USB_CONTROL_BYTES ? STAGE_OUT : STAGE_STALLED;
    }
    d->control_pos = MIN(d->control_pos, d->control_len);
}
