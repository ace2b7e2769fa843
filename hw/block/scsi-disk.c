/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/block/scsi-disk.c - a SCSI direct-access device, logical unit 0.
 * Spec: SPC-3, 6 and 7; SBC-3, 5 and 6.
 * Left out: unit attentions, mode select, unmap and write same (not reported),
 * descriptor sense, protection information. */
#include "hw/block/scsi-disk.h"

#include <string.h>

#include "util/bits.h"
#include "util/log.h"

enum {
    KEY_NOT_READY = 2,
    KEY_MEDIUM_ERROR = 3,
    KEY_ILLEGAL = 5,
    KEY_PROTECTED = 7,
};
/* Additional sense code and qualifier. */
enum {
    SENSE_WRITE_ERROR = 0x0c00,
    SENSE_READ_ERROR = 0x1100,
    SENSE_BAD_COMMAND = 0x2000,
    SENSE_OUT_OF_RANGE = 0x2100,
    SENSE_BAD_FIELD = 0x2400,
    SENSE_WRITE_PROTECTED = 0x2700,
    SENSE_NO_MEDIUM = 0x3a00,
};

enum { PAGE_CACHING = 0x08, PAGE_ALL = 0x3f };
enum { VPD_PAGES = 0x00, VPD_SERIAL = 0x80, VPD_NAMES = 0x83 };
enum { SERVICE_READ_CAPACITY = 0x10 };
enum { SENSE_BYTES = 18, INQUIRY_BYTES = 36, SERIAL_MAX = 36 };
enum { CDB_FUA = 8, START_LOAD = 1, START_EJECT = 2 };

const StateField scsi_disk_state[] = {
    STATE_U(ScsiDisk, sense_key),
    STATE_U(ScsiDisk, sense_code),
    STATE_U(ScsiDisk, sense_qualifier),
    STATE_U(ScsiDisk, ejected),
    STATE_LAST,
};

typedef void Handler(ScsiDisk *d, const uint8_t *cdb, ScsiCommand *c);

/* ---- helpers ------------------------------------------------------------ */

static void set_sense(ScsiDisk *d, uint8_t key, uint16_t what)
{
    d->sense_key = key;
    d->sense_code = (uint8_t)(what >> 8);
    d->sense_qualifier = (uint8_t)what;
}

static void fail(ScsiDisk *d, ScsiCommand *c, uint8_t key, uint16_t what)
{
    set_sense(d, key, what);
    *c = (ScsiCommand){.status = SCSI_CHECK_CONDITION};
}

static uint64_t n_blocks(const ScsiDisk *d)
{
    return d->drive->size / d->block_size;
}

/* At most as many bytes as the host has room for. */
static void reply(ScsiCommand *c, const uint8_t *bytes, uint32_t n,
                  uint32_t max)
{
    c->n_reply = MIN(n, max);
    memcpy(c->reply, bytes, c->n_reply);
}

/* Text padded with spaces, as SPC wants it. */
static void put_text(uint8_t *to, unsigned n, const char *text)
{
    memset(to, ' ', n);
    memcpy(to, text, MIN(strlen(text), n));
}

/* Block address and count; the opcode's group says where they are. */
static void parse_range(const uint8_t *cdb, uint64_t *block, uint64_t *n)
{
    switch (cdb[0] >> 5) {
    case 0:
        *block = be32_load(cdb) & 0x1fffff;
        *n = cdb[4] == 0 ? 256 : cdb[4];
        break;
    case 4:
        *block = be64_load(cdb + 2);
        *n = be32_load(cdb + 10);
        break;
    case 5:
        *block = be32_load(cdb + 2);
        *n = be32_load(cdb + 6);
        break;
    default:
        *block = be32_load(cdb + 2);
        *n = be16_load(cdb + 7);
    }
}

static bool in_range(ScsiDisk *d, const uint8_t *cdb, ScsiCommand *c)
{
    uint64_t block, n;

    parse_range(cdb, &block, &n);
    if (block > n_blocks(d) || n > n_blocks(d) - block) {
        fail(d, c, KEY_ILLEGAL, SENSE_OUT_OF_RANGE);
        return false;
    }
    c->offset = block * d->block_size;
    c->bytes = n * d->block_size;
    return true;
}

/* ---- about the device --------------------------------------------------- */

static void do_nothing(ScsiDisk *d, const uint8_t *cdb, ScsiCommand *c)
{
}

static void request_sense(ScsiDisk *d, const uint8_t *cdb, ScsiCommand *c)
{
    uint8_t bytes[SENSE_BYTES] = {0x70, 0, d->sense_key};

    bytes[7] = SENSE_BYTES - 8;
    bytes[12] = d->sense_code;
    bytes[13] = d->sense_qualifier;
    reply(c, bytes, sizeof(bytes), cdb[4]);
    set_sense(d, 0, 0);
}

static void inquiry_page(ScsiDisk *d, const uint8_t *cdb, ScsiCommand *c)
{
    const char *serial = d->serial != NULL ? d->serial : "";
    uint8_t n = (uint8_t)MIN(strlen(serial), SERIAL_MAX);
    uint8_t bytes[4 + 4 + 8 + SERIAL_MAX] = {0, cdb[2]};

    switch (cdb[2]) {
    case VPD_PAGES:
        memcpy(bytes + 4, (uint8_t[]){VPD_PAGES, VPD_SERIAL, VPD_NAMES}, 3);
        bytes[3] = 3;
        break;
    case VPD_SERIAL:
        memcpy(bytes + 4, serial, n);
        bytes[3] = n;
        break;
    case VPD_NAMES: /* one: ASCII, vendor and serial (SPC-3, 7.6.3.4) */
        bytes[3] = (uint8_t)(4 + 8 + n);
        bytes[4] = 2;
        bytes[5] = 1;
        bytes[7] = (uint8_t)(8 + n);
        put_text(bytes + 8, 8, "QEMU");
        memcpy(bytes + 16, serial, n);
        break;
    default:
        fail(d, c, KEY_ILLEGAL, SENSE_BAD_FIELD);
        return;
    }
    reply(c, bytes, 4u + bytes[3], be16_load(cdb + 3));
}

static void inquiry(ScsiDisk *d, const uint8_t *cdb, ScsiCommand *c)
{
    uint8_t bytes[INQUIRY_BYTES] = {
        0, d->removable ? 0x80 : 0, 5, 2, INQUIRY_BYTES - 5,
    };

    if (cdb[1] & 1) {
        inquiry_page(d, cdb, c);
        return;
    }
    if (cdb[2] != 0) {
        fail(d, c, KEY_ILLEGAL, SENSE_BAD_FIELD);
        return;
    }
    put_text(bytes + 8, 8, "QEMU"); /* the names by which guests know it */
    put_text(bytes + 16, 16, "QEMU HARDDISK");
    put_text(bytes + 32, 4, "2.5+");
    reply(c, bytes, sizeof(bytes), be16_load(cdb + 3));
}

static void report_luns(ScsiDisk *d, const uint8_t *cdb, ScsiCommand *c)
{
    uint8_t bytes[16] = {0, 0, 0, 8}; /* one: 0 */

    reply(c, bytes, sizeof(bytes), be32_load(cdb + 6));
}

/* ---- mode sense --------------------------------------------------------- */

static uint32_t put_block_descriptor(const ScsiDisk *d, uint8_t *to)
{
    be32_store(to, (uint32_t)MIN(n_blocks(d), 0xffffff));
    be32_store(to + 4, d->block_size);
    return 8;
}

static uint32_t put_caching_page(const ScsiDisk *d, uint8_t *to)
{
    to[0] = PAGE_CACHING;
    to[1] = 18;
    to[2] = d->drive->write_cache ? 4 : 0;
    return 20;
}

static void mode_sense(ScsiDisk *d, const uint8_t *cdb, ScsiCommand *c)
{
    bool ten = cdb[0] == 0x5a, values = cdb[2] >> 6 != 1;
    uint8_t page = cdb[2] & 0x3f, bytes[64] = {0};
    uint8_t flags = (d->drive->read_only ? 0x80 : 0) | 0x10; /* DPO, FUA */
    uint32_t head = ten ? 8 : 4, n = head;

    if ((page != PAGE_ALL && page != PAGE_CACHING && page != 0) ||
        cdb[2] >> 6 == 3) { /* saved values: there are none */
        fail(d, c, KEY_ILLEGAL, SENSE_BAD_FIELD);
        return;
    }
    if (!(cdb[1] & 8)) {
        bytes[ten ? 7 : 3] = 8;
        n += put_block_descriptor(d, bytes + n);
    }
    if (page != 0) {
        uint32_t at = n;

        n += put_caching_page(d, bytes + n);
        if (!values) { /* what could be changed: nothing */
            bytes[at + 2] = 0;
        }
    }
    bytes[ten ? 3 : 2] = flags;
    if (ten) {
        be16_store(bytes, (uint16_t)(n - 2));
    } else {
        bytes[0] = (uint8_t)(n - 1);
    }
    reply(c, bytes, n, ten ? be16_load(cdb + 7) : cdb[4]);
}

/* ---- about the medium --------------------------------------------------- */

static void start_stop(ScsiDisk *d, const uint8_t *cdb, ScsiCommand *c)
{
    if (d->removable && (cdb[4] & START_EJECT)) {
        d->ejected = !(cdb[4] & START_LOAD);
    }
}

static void read_capacity(ScsiDisk *d, const uint8_t *cdb, ScsiCommand *c)
{
    uint8_t bytes[8];

    be32_store(bytes, (uint32_t)MIN(n_blocks(d) - 1, UINT32_MAX));
    be32_store(bytes + 4, d->block_size);
    reply(c, bytes, sizeof(bytes), sizeof(bytes));
}

static void service_action_in(ScsiDisk *d, const uint8_t *cdb, ScsiCommand *c)
{
    uint8_t bytes[32] = {0};

    if ((cdb[1] & 31) != SERVICE_READ_CAPACITY) {
        fail(d, c, KEY_ILLEGAL, SENSE_BAD_FIELD);
        return;
    }
    be64_store(bytes, n_blocks(d) - 1);
    be32_store(bytes + 8, d->block_size);
    reply(c, bytes, sizeof(bytes), be32_load(cdb + 10));
}

static void read_blocks(ScsiDisk *d, const uint8_t *cdb, ScsiCommand *c)
{
    if (in_range(d, cdb, c)) {
        c->action = SCSI_READ;
    }
}

static void write_blocks(ScsiDisk *d, const uint8_t *cdb, ScsiCommand *c)
{
    if (d->drive->read_only) {
        fail(d, c, KEY_PROTECTED, SENSE_WRITE_PROTECTED);
    } else if (in_range(d, cdb, c)) {
        c->action = SCSI_WRITE;
        c->durable = cdb[0] >> 5 != 0 && (cdb[1] & CDB_FUA);
    }
}

/* Whether the blocks are there is all that can be said. */
static void verify(ScsiDisk *d, const uint8_t *cdb, ScsiCommand *c)
{
    if (in_range(d, cdb, c)) {
        c->offset = c->bytes = 0;
    }
}

static void synchronize(ScsiDisk *d, const uint8_t *cdb, ScsiCommand *c)
{
    c->action = SCSI_FLUSH;
}

/* ---- commands ----------------------------------------------------------- */

static const struct {
    uint8_t opcode;
    bool medium; /* needs one */
    Handler *fn;
} commands[] = {
    {0x00, true, do_nothing},        /* TEST UNIT READY */
    {0x03, false, request_sense},    /* REQUEST SENSE */
    {0x08, true, read_blocks},       /* READ(6) */
    {0x0a, true, write_blocks},      /* WRITE(6) */
    {0x12, false, inquiry},          /* INQUIRY */
    {0x1a, false, mode_sense},       /* MODE SENSE(6) */
    {0x1b, false, start_stop},       /* START STOP UNIT */
    {0x1e, false, do_nothing},       /* PREVENT ALLOW MEDIUM REMOVAL */
    {0x25, true, read_capacity},     /* READ CAPACITY(10) */
    {0x28, true, read_blocks},       /* READ(10) */
    {0x2a, true, write_blocks},      /* WRITE(10) */
    {0x2f, true, verify},            /* VERIFY(10) */
    {0x35, true, synchronize},       /* SYNCHRONIZE CACHE(10) */
    {0x5a, false, mode_sense},       /* MODE SENSE(10) */
    {0x88, true, read_blocks},       /* READ(16) */
    {0x8a, true, write_blocks},      /* WRITE(16) */
    {0x91, true, synchronize},       /* SYNCHRONIZE CACHE(16) */
    {0x9e, true, service_action_in}, /* READ CAPACITY(16) */
    {0xa0, false, report_luns},      /* REPORT LUNS */
    {0xa8, true, read_blocks},       /* READ(12) */
    {0xaa, true, write_blocks},      /* WRITE(12) */
};

void scsi_disk_reset(ScsiDisk *d)
{
    set_sense(d, 0, 0);
    d->ejected = false;
}

void scsi_disk_start(ScsiDisk *d, const uint8_t cdb[SCSI_CDB_BYTES],
                     ScsiCommand *out)
{
    *out = (ScsiCommand){.status = SCSI_GOOD};
    for (unsigned i = 0; i < G_N_ELEMENTS(commands); i++) {
        if (commands[i].opcode != cdb[0]) {
            continue;
        }
        if (commands[i].fn != request_sense) {
            set_sense(d, 0, 0);
        }
        if (commands[i].medium && d->ejected) {
            fail(d, out, KEY_NOT_READY, SENSE_NO_MEDIUM);
        } else {
            commands[i].fn(d, cdb, out);
        }
        return;
    }
    guest_log(LOG_UNIMP, "scsi-disk: command 0x%02x", cdb[0]);
    fail(d, out, KEY_ILLEGAL, SENSE_BAD_COMMAND);
}

void scsi_disk_failed(ScsiDisk *d, ScsiAction action)
{
    set_sense(d, KEY_MEDIUM_ERROR,
              action == SCSI_READ ? SENSE_READ_ERROR : SENSE_WRITE_ERROR);
}
