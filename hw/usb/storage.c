/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/usb/storage.c - "usb-storage": a SCSI disk behind the bulk-only transport.
 * A command (CBW) comes in, data moves through a buffer of the device's own,
 * a status (CSW) goes out. The disk never touches guest memory, so a reset need
 * not wait for it: what was under way ends unseen, and only then the next
 * command is taken. One that is held for a stopped machine is given up.
 * Spec: USB Mass Storage Class, Bulk-Only Transport 1.0; the cases named are
 * those of its 6.7.
 * Left out: more logical units than one.
 * Threads: the controller's lock; the disk's completions on the event loop take
 * it. */
#include "hw/usb/storage.h"

#include <string.h>

#include "hw/block/scsi-disk.h"
#include "hw/usb/usb.h"
#include "util/bits.h"
#include "util/log.h"

enum { ENDPOINT_IN = 1, ENDPOINT_OUT = 2 };
enum {
    REQUEST_RESET = USB_CLASS_OUT | 0xff,
    REQUEST_MAX_LUN = USB_CLASS_IN | 0xfe
};
enum { CBW_BYTES = 31, CBW_CDB = 15, CSW_BYTES = 13, BUFFER_BYTES = 64 * 1024 };
enum { CSW_FAILED = 1, CSW_PHASE_ERROR = 2 };

#define CBW_SIGNATURE UINT32_C(0x43425355) /* "USBC" */
#define CSW_SIGNATURE UINT32_C(0x53425355) /* "USBS" */

enum {
    PHASE_COMMAND,
    PHASE_IN,
    PHASE_OUT,
    PHASE_STATUS,
    PHASE_BROKEN, /* nonsense came: stalls until a reset (6.6.1) */
};

/* What the disk does for the command. */
enum { IO_NONE, IO_READ, IO_WRITE, IO_FLUSH };

typedef struct {
    UsbDevice usb;

    uint8_t phase;
    uint8_t status; /* of the CSW */
    uint8_t durable;
    uint8_t io;
    uint32_t tag;
    uint32_t host_left; /* bytes the host still wants to move */
    uint32_t residue;   /* ... and those it moved for nothing */
    uint64_t disk_at, disk_left;
    uint32_t filled, taken; /* of the buffer */
    uint8_t buffer[BUFFER_BYTES];
    ScsiDisk disk;

    BlockRequest request;
    struct iovec iov;
    bool in_flight; /* request is the back end's, for io or for nothing */
    bool claimed;

    /* properties */
    BlockDev *drive;
    bool removable;
    uint32_t logical_block_size;
    uint32_t bootindex;
    BlockErrorPolicies on_error;
} UsbStorage;

static void wake(UsbStorage *s)
{
    usb_wake(&s->usb, ENDPOINT_IN | USB_IN);
    usb_wake(&s->usb, ENDPOINT_OUT);
}

static void set_phase(UsbStorage *s, uint8_t phase)
{
    s->phase = phase;
    s->filled = s->taken = 0;
    wake(s);
}

/* ---- the disk ----------------------------------------------------------- */

static void submit(UsbStorage *s, uint8_t io)
{
    static const BlockOp ops[] = {[IO_READ] = BLOCK_READ,
                                  [IO_WRITE] = BLOCK_WRITE,
                                  [IO_FLUSH] = BLOCK_FLUSH};

    s->io = io;
    if (io == IO_READ) {
        s->filled = (uint32_t)MIN(s->disk_left, BUFFER_BYTES);
        s->taken = 0;
    }
    s->iov = (struct iovec){s->buffer, s->filled};
    s->request.op = ops[io];
    s->request.offset = io == IO_FLUSH ? 0 : s->disk_at;
    s->request.len = io == IO_FLUSH ? 0 : s->filled;
    s->request.iov = &s->iov;
    s->request.n_iov = io == IO_FLUSH ? 0 : 1;
    s->in_flight = true;
    block_submit(s->drive, &s->request);
}

static void fail(UsbStorage *s, ScsiAction action)
{
    scsi_disk_failed(&s->disk, action);
    s->status = CSW_FAILED;
    s->disk_left = 0;
    s->filled = s->taken = 0;
}

/* All bytes of a write are on the disk, or the rest is not wanted. */
static void written(UsbStorage *s)
{
    if (s->host_left > 0) {
        return;
    }
    set_phase(s, PHASE_STATUS);
    if (s->durable && s->status == 0) {
        submit(s, IO_FLUSH);
    }
}

static void finish_io(UsbStorage *s, int result)
{
    static const ScsiAction actions[] = {[IO_READ] = SCSI_READ,
                                         [IO_WRITE] = SCSI_WRITE,
                                         [IO_FLUSH] = SCSI_FLUSH};
    uint8_t io = s->io;

    s->io = IO_NONE;
    if (result != 0) {
        fail(s, actions[io]);
    } else if (io != IO_FLUSH) {
        s->disk_at += s->filled;
        s->disk_left -= s->filled;
    }
    if (io == IO_WRITE) {
        s->filled = 0;
        written(s);
    }
    wake(s);
}

static void storage_done(BlockRequest *r, int result)
{
    UsbStorage *s = r->opaque;

    usb_lock(&s->usb);
    s->in_flight = false;
    if (s->io != IO_NONE) {
        finish_io(s, result);
    } else {
        wake(s); /* of before a reset: a command may have waited */
    }
    usb_unlock(&s->usb);
}

/* ---- commands ----------------------------------------------------------- */

/* The disk would move what the host does not expect (cases 2, 3, 7, 8, 10 and
 * 13). */
static bool is_phase_error(const ScsiCommand *c, bool host_in, uint32_t len)
{
    switch (c->action) {
    case SCSI_READ:
        return c->bytes > len || (!host_in && c->bytes > 0);
    case SCSI_WRITE:
        return c->bytes > len || (host_in && c->bytes > 0);
    default:
        return c->n_reply > 0 && len > 0 && !host_in;
    }
}

static void begin(UsbStorage *s, const ScsiCommand *c, bool host_in)
{
    uint32_t len = s->host_left;

    s->disk_at = c->offset;
    s->disk_left = c->bytes;
    s->durable = c->durable;
    s->status = c->status == SCSI_GOOD ? 0 : CSW_FAILED;
    if (is_phase_error(c, host_in, len)) {
        s->status = CSW_PHASE_ERROR;
        s->disk_left = 0;
    }
    set_phase(s, len == 0 ? PHASE_STATUS : host_in ? PHASE_IN : PHASE_OUT);
    if (s->status != 0) {
        return;
    }
    if (c->action == SCSI_FLUSH) {
        submit(s, IO_FLUSH);
    } else if (c->action == SCSI_READ && s->disk_left > 0) {
        submit(s, IO_READ);
    } else if (c->action == SCSI_REPLY) {
        memcpy(s->buffer, c->reply, c->n_reply);
        s->filled = MIN(c->n_reply, len);
    }
}

static UsbResult take_command(UsbStorage *s)
{
    const uint8_t *cbw = s->buffer;
    uint8_t cdb[SCSI_CDB_BYTES];
    bool host_in = cbw[12] & USB_IN;
    ScsiCommand c;

    if (le32_load(cbw) != CBW_SIGNATURE || (cbw[13] & 15) != 0 || cbw[14] < 1 ||
        cbw[14] > SCSI_CDB_BYTES) {
        guest_log(LOG_GUEST_ERRORS, "usb-storage: bad command block");
        set_phase(s, PHASE_BROKEN);
        return USB_STALL;
    }
    memcpy(cdb, cbw + CBW_CDB, sizeof(cdb));
    memset(cdb + cbw[14], 0, sizeof(cdb) - cbw[14]);
    s->tag = le32_load(cbw + 4);
    s->host_left = le32_load(cbw + 8);
    s->residue = 0;
    scsi_disk_start(&s->disk, cdb, &c);
    begin(s, &c, host_in);
    return USB_OK;
}

static UsbResult out_command(UsbStorage *s, const uint8_t *from, size_t len,
                             size_t *done)
{
    if (s->in_flight) {
        return USB_NAK;
    }
    if (len > CBW_BYTES - s->filled) {
        set_phase(s, PHASE_BROKEN);
        return USB_STALL;
    }
    memcpy(s->buffer + s->filled, from, len);
    s->filled += (uint32_t)len;
    *done = len;
    return s->filled == CBW_BYTES ? take_command(s) : USB_OK;
}

/* ---- data and status ---------------------------------------------------- */

static UsbResult out_data(UsbStorage *s, const uint8_t *from, size_t len,
                          size_t *done)
{
    uint32_t size = (uint32_t)MIN(s->disk_left, BUFFER_BYTES);
    uint32_t n = (uint32_t)MIN(len, s->host_left);

    if (s->io != IO_NONE) {
        return USB_NAK;
    }
    if (size == 0) { /* more than the command needs: discarded (case 11) */
        s->residue += n;
    } else {
        n = MIN(n, size - s->filled);
        memcpy(s->buffer + s->filled, from, n);
        s->filled += n;
    }
    s->host_left -= n;
    *done = n;
    if (size > 0 && s->filled == size) {
        submit(s, IO_WRITE);
    } else {
        written(s);
    }
    return n == 0 && len > 0 ? USB_STALL : USB_OK;
}

static UsbResult in_data(UsbStorage *s, uint8_t *to, size_t len, size_t *done)
{
    uint32_t n = MIN(s->filled - s->taken, s->host_left);
    bool over;

    if (s->io != IO_NONE) {
        return USB_NAK;
    }
    n = (uint32_t)MIN(len, n);
    memcpy(to, s->buffer + s->taken, n);
    s->taken += n;
    s->host_left -= n;
    *done = n;
    over = s->host_left == 0 || (s->taken == s->filled && s->disk_left == 0);
    if (!over && s->taken == s->filled) {
        submit(s, IO_READ);
    }
    /* A full last packet leaves the host expecting more (cases 4 and 5): it
     * gets an empty one next time. */
    if (over && (n < len || s->host_left == 0)) {
        s->residue = s->host_left;
        set_phase(s, PHASE_STATUS);
        return n < len ? USB_SHORT : USB_OK;
    }
    return USB_OK;
}

static UsbResult in_status(UsbStorage *s, uint8_t *to, size_t len, size_t *done)
{
    uint8_t csw[CSW_BYTES];
    uint32_t n = (uint32_t)MIN(len, CSW_BYTES - s->taken);

    if (s->io != IO_NONE) {
        return USB_NAK;
    }
    le32_store(csw, CSW_SIGNATURE);
    le32_store(csw + 4, s->tag);
    le32_store(csw + 8, s->residue);
    csw[12] = s->status;
    memcpy(to, csw + s->taken, n);
    s->taken += n;
    *done = n;
    if (s->taken == CSW_BYTES) {
        set_phase(s, PHASE_COMMAND);
    }
    return n < len ? USB_SHORT : USB_OK;
}

static UsbResult storage_in(UsbDevice *d, unsigned n, uint8_t *to, size_t len,
                            size_t *done)
{
    UsbStorage *s = (UsbStorage *)d;

    switch (s->phase) {
    case PHASE_IN:
        return in_data(s, to, len, done);
    case PHASE_STATUS:
        return in_status(s, to, len, done);
    case PHASE_BROKEN:
        return USB_STALL;
    default:
        return USB_NAK;
    }
}

static UsbResult storage_out(UsbDevice *d, unsigned n, const uint8_t *from,
                             size_t len, size_t *done)
{
    UsbStorage *s = (UsbStorage *)d;

    switch (s->phase) {
    case PHASE_COMMAND:
        return out_command(s, from, len, done);
    case PHASE_OUT:
        return out_data(s, from, len, done);
    case PHASE_BROKEN:
        return USB_STALL;
    default:
        return USB_NAK;
    }
}

/* ---- requests, life ----------------------------------------------------- */

/* What the disk still does ends unseen. */
static void storage_reset(UsbDevice *d)
{
    UsbStorage *s = (UsbStorage *)d;

    s->io = IO_NONE;
    if (s->claimed) {
        block_drain_begin(s->drive);
        block_drain_end(s->drive);
    }
    s->status = s->durable = 0;
    s->tag = s->host_left = s->residue = 0;
    s->disk_at = s->disk_left = 0;
    s->phase = PHASE_COMMAND;
    s->filled = s->taken = 0;
}

static bool storage_request(UsbDevice *d, const UsbSetup *setup)
{
    switch (setup->what) {
    case REQUEST_RESET:
        storage_reset(d);
        wake((UsbStorage *)d);
        return true;
    case REQUEST_MAX_LUN:
        d->control[0] = 0;
        d->control_len = 1;
        return true;
    default:
        return false;
    }
}

static bool check_props(const UsbStorage *s, GError **error)
{
    uint32_t size = s->logical_block_size;

    if (s->drive == NULL) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NODEV,
                    "device '%s': drive is missing", s->usb.dev.cls->name);
        return false;
    }
    if (size != 512 && size != 1024 && size != 2048 && size != 4096) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "device '%s': logical_block_size=%u is out of range",
                    s->usb.dev.cls->name, size);
        return false;
    }
    if (s->drive->size < size) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "device '%s': the disk is smaller than a block",
                    s->usb.dev.cls->name);
        return false;
    }
    return true;
}

static bool storage_start(Device *dev, GError **error)
{
    UsbStorage *s = (UsbStorage *)dev;

    if (!usb_start(dev, error) || !check_props(s, error) ||
        !block_claim(s->drive, error)) {
        return false;
    }
    s->claimed = true;
    block_handle_errors(s->drive, s->on_error);
    s->disk.drive = s->drive;
    s->disk.block_size = s->logical_block_size;
    s->disk.removable = s->removable;
    s->disk.serial = s->usb.serial;
    s->request.done = storage_done;
    s->request.opaque = s;
    return true;
}

/* Main thread: it runs the completion itself. */
static void wait_for_disk(UsbStorage *s)
{
    if (!s->claimed) {
        return;
    }
    block_drain_begin(s->drive);
    while (s->in_flight) {
        g_main_context_iteration(NULL, TRUE);
    }
    block_drain_end(s->drive);
}

static void storage_stop(Device *dev)
{
    UsbStorage *s = (UsbStorage *)dev;

    s->io = IO_NONE;
    wait_for_disk(s);
    if (s->claimed) {
        block_release(s->drive);
        s->claimed = false;
    }
    usb_stop(dev);
}

/* A saved state is not trusted either. */
static bool is_sane(const UsbStorage *s)
{
    static const uint8_t phases[] = {[IO_READ] = PHASE_IN,
                                     [IO_WRITE] = PHASE_OUT,
                                     [IO_FLUSH] = PHASE_STATUS};
    uint32_t room = s->phase == PHASE_COMMAND ? CBW_BYTES - 1 : BUFFER_BYTES;

    if (s->phase > PHASE_BROKEN || s->io > IO_FLUSH || s->filled > room ||
        (s->io != IO_NONE && s->phase != phases[s->io])) {
        return false;
    }
    switch (s->phase) {
    case PHASE_STATUS:
        return s->taken < CSW_BYTES;
    case PHASE_OUT:
        return s->filled <= s->disk_left;
    default:
        return s->taken <= s->filled;
    }
}

/* A request that was under way when the state was saved starts again. */
static bool storage_loaded(Device *dev, GError **error)
{
    UsbStorage *s = (UsbStorage *)dev;
    uint8_t io = s->io;

    s->io = IO_NONE;
    wait_for_disk(s);
    usb_loaded(&s->usb);
    s->io = io;
    if (!is_sane(s)) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "device '%s': the saved transfer is impossible",
                    dev->cls->name);
        s->phase = PHASE_BROKEN;
        s->io = IO_NONE;
        return false;
    }
    if (io != IO_NONE) {
        submit(s, io);
    }
    return true;
}

/* ---- class -------------------------------------------------------------- */

static const UsbEndpoint storage_endpoints[] = {
    {ENDPOINT_IN | USB_IN, USB_BULK, 1024, 0, 15},
    {ENDPOINT_OUT, USB_BULK, 1024, 0, 15},
};

static const UsbClass storage_kind = {
    .bus = USB_BUS_NAME,
    .speed = USB_SPEED_SUPER,
    .vendor = 0x46f4,
    .product = 0x0001,
    .product_name = "QEMU USB HARDDRIVE",
    .serial = "1",
    .interface = {8, 6, 0x50}, /* mass storage, SCSI, bulk-only */
    .endpoints = storage_endpoints,
    .n_endpoints = G_N_ELEMENTS(storage_endpoints),
    .request = storage_request,
    .in = storage_in,
    .out = storage_out,
    .reset = storage_reset,
};

/* clang-format off */
static const StateField storage_state[] = {
    USB_STATE(UsbStorage),
    STATE_U(UsbStorage, phase),
    STATE_U(UsbStorage, status),
    STATE_U(UsbStorage, durable),
    STATE_U(UsbStorage, io),
    STATE_U(UsbStorage, tag),
    STATE_U(UsbStorage, host_left),
    STATE_U(UsbStorage, residue),
    STATE_U(UsbStorage, disk_at),
    STATE_U(UsbStorage, disk_left),
    STATE_U(UsbStorage, filled),
    STATE_U(UsbStorage, taken),
    STATE_B(UsbStorage, buffer),
    { "disk", STATE_STRUCT, offsetof(UsbStorage, disk), sizeof(ScsiDisk), 1, scsi_disk_state, NULL },
    STATE_LAST,
};

static const PropDesc storage_props[] = {
    { "drive", PROP_BLOCK, offsetof(UsbStorage, drive), NULL, "id of the disk" },
    { "removable", PROP_BOOL, offsetof(UsbStorage, removable), "off", "the guest may eject it" },
    { "logical_block_size", PROP_U32, offsetof(UsbStorage, logical_block_size), "512", "bytes" },
    { "rerror", PROP_ON_ERROR, offsetof(UsbStorage, on_error.read), "auto", "when a read fails; auto: as of the drive" },
    { "werror", PROP_ON_ERROR, offsetof(UsbStorage, on_error.other), "auto", "when a write fails" },
    { "bootindex", PROP_U32, offsetof(UsbStorage, bootindex), "4294967295", "boot order; firmware's choice" },
    USB_PROPS(UsbStorage),
};
/* clang-format on */

const DeviceClass usb_storage_class = {
    .name = "usb-storage",
    .help = "USB disk",
    .size = sizeof(UsbStorage),
    .locking = LOCK_SELF,
    .user_creatable = true,
    .state = storage_state,
    .props = storage_props,
    .n_props = G_N_ELEMENTS(storage_props),
    .start = storage_start,
    .loaded = storage_loaded,
    .stop = storage_stop,
    .kind = &storage_kind,
};
