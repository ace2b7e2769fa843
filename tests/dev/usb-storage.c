/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/dev/usb-storage.c - a disk on USB: commands, data both ways, hosts that
 * expect something else, disks that fail, resets and saved states. */
#include <errno.h>
#include <string.h>

#include "tests/dev/usb-guest.h"
#include "util/bits.h"

enum { IN = 3, OUT = 4 }; /* indices of the endpoints */
enum { CBW = USB_BUFFERS + 0x40000, CSW = CBW + 0x100, DATA = USB_BUFFERS };
enum { GOOD = 0, FAILED = 1, PHASE_ERROR = 2 };
enum { TO_HOST = 0x80, BLOCK = 512 };

typedef struct {
    UsbGuest g;
    uint32_t tag;
    uint32_t residue; /* of the last command */
} Disk;

static void disk_init(Disk *d, const char *props)
{
    memset(d, 0, sizeof(*d));
    usb_guest_init(&d->g, "usb-storage", props);
    usb_guest_set_up(&d->g);
    for (unsigned i = 0; i < RIG_DISK_SIZE; i++) {
        d->g.rig.block->bytes[i] = (uint8_t)(i * 7 + i / BLOCK);
    }
}

static void put_cbw(Disk *d, uint32_t len, uint8_t flags, const uint8_t *cdb,
                    unsigned n)
{
    uint8_t *p = usb_guest_memory(&d->g, CBW);

    memset(p, 0, 31);
    memcpy(p, "USBC", 4);
    le32_store(p + 4, ++d->tag);
    le32_store(p + 8, len);
    p[12] = flags;
    p[14] = (uint8_t)n;
    memcpy(p + 15, cdb, n);
}

static unsigned take_csw(Disk *d)
{
    const uint8_t *p = usb_guest_memory(&d->g, CSW);
    GuestTrb t = usb_guest_move(&d->g, IN, CSW, 13);

    g_assert_cmpuint(usb_code(&t), ==, 1);
    g_assert_cmpmem(p, 4, "USBS", 4);
    g_assert_cmpuint(le32_load(p + 4), ==, d->tag);
    d->residue = le32_load(p + 8);
    return p[12];
}

/* Data at DATA, in TRBs of at most 64 KiB. */
static void offer_data(Disk *d, unsigned index, uint32_t len)
{
    for (uint32_t done = 0; done < len; done += MIN(len - done, 0x10000)) {
        uint32_t n = MIN(len - done, 0x10000);
        uint32_t flags = done + n < len ? T_CHAIN : T_IOC;
        GuestTrb t = {DATA + done, n, TRB(T_NORMAL) | T_ISP | flags};

        usb_guest_add(&d->g, &d->g.rings[index], t);
    }
    usb_guest_ring(&d->g, index);
}

/* A whole command with its data; CSW's status. */
static unsigned command(Disk *d, uint32_t len, uint8_t flags,
                        const uint8_t *cdb, unsigned n)
{
    GuestTrb t;

    put_cbw(d, len, flags, cdb, n);
    t = usb_guest_move(&d->g, OUT, CBW, 31);
    g_assert_cmpuint(usb_code(&t), ==, 1);
    if (len > 0) {
        offer_data(d, flags == TO_HOST ? IN : OUT, len);
        t = usb_guest_wait(&d->g);
        g_assert_true(usb_code(&t) == 1 || usb_code(&t) == 13);
    }
    return take_csw(d);
}

static unsigned rw10(Disk *d, uint8_t op, uint32_t block, uint16_t n,
                     uint32_t len)
{
    uint8_t cdb[10] = {op};

    be32_store(cdb + 2, block);
    be16_store(cdb + 7, n);
    return command(d, len, op == 0x28 ? TO_HOST : 0, cdb, sizeof(cdb));
}

/* REQUEST SENSE: key << 16 | code << 8 | qualifier. */
static uint32_t sense(Disk *d)
{
    const uint8_t *p = usb_guest_memory(&d->g, DATA);

    g_assert_cmpuint(command(d, 18, TO_HOST, (uint8_t[]){3, 0, 0, 0, 18, 0}, 6),
                     ==, GOOD);
    return (uint32_t)p[2] << 16 | p[12] << 8 | p[13];
}

static void test_queries(void)
{
    Disk d;
    const uint8_t *p;

    disk_init(&d, "serial=xyz");
    p = usb_guest_memory(&d.g, DATA);
    g_assert_cmpuint(usb_guest_control(&d.g, 0xa1, 0xfe, 0, 0, 1, NULL), ==, 1);
    g_assert_cmpuint(p[0], ==, 0);
    g_assert_cmpuint(command(&d, 0, 0, (uint8_t[6]){0}, 6), ==, GOOD);
    g_assert_cmpuint(
        command(&d, 36, TO_HOST, (uint8_t[]){0x12, 0, 0, 0, 36, 0}, 6), ==,
        GOOD);
    g_assert_cmpmem(p + 8, 8, "QEMU    ", 8);
    g_assert_cmpuint(d.residue, ==, 0);
    /* Less than the host has room for: short, and the residue says so. */
    g_assert_cmpuint(
        command(&d, 255, TO_HOST, (uint8_t[]){0x12, 1, 0x80, 0, 255, 0}, 6), ==,
        GOOD);
    g_assert_cmpuint(d.residue, ==, 255 - 7);
    g_assert_cmpmem(p + 4, 3, "xyz", 3);
    g_assert_cmpuint(command(&d, 8, TO_HOST, (uint8_t[10]){0x25}, 10), ==,
                     GOOD);
    g_assert_cmpuint(be32_load(p), ==, RIG_DISK_SIZE / BLOCK - 1);
    g_assert_cmpuint(be32_load(p + 4), ==, BLOCK);
    g_assert_cmpuint(
        command(&d, 32, TO_HOST, (uint8_t[16]){0x9e, 0x10, [13] = 32}, 16), ==,
        GOOD);
    g_assert_cmpuint(be64_load(p), ==, RIG_DISK_SIZE / BLOCK - 1);
    g_assert_cmpuint(
        command(&d, 192, TO_HOST, (uint8_t[]){0x1a, 0, 0x3f, 0, 192, 0}, 6), ==,
        GOOD);
    g_assert_cmpuint(p[0], ==, 31);
    g_assert_cmpuint(p[12], ==, 8); /* caching page */
    g_assert_cmpuint(
        command(&d, 16, TO_HOST, (uint8_t[12]){0xa0, [9] = 16}, 12), ==, GOOD);
    g_assert_cmpuint(be32_load(p), ==, 8);
    g_assert_cmpuint(command(&d, 0, 0, (uint8_t[6]){0xff}, 6), ==, FAILED);
    g_assert_cmphex(sense(&d), ==, 0x052000);
    g_assert_cmphex(sense(&d), ==, 0);
    g_assert_cmpuint(command(&d, 64, TO_HOST, (uint8_t[6]){0xff}, 6), ==,
                     FAILED);
    g_assert_cmpuint(d.residue, ==, 64);
    usb_guest_finish(&d.g);
}

static void test_read_write(void)
{
    static const unsigned sizes[] = {1, 2, 100, 127, 128, 129, 255, 256};
    Disk d;
    uint8_t *p, *disk;

    disk_init(&d, "");
    p = usb_guest_memory(&d.g, DATA);
    disk = d.g.rig.block->bytes;
    for (unsigned i = 0; i < G_N_ELEMENTS(sizes); i++) {
        uint32_t len = sizes[i] * BLOCK;

        memset(p, 0, len);
        g_assert_cmpuint(rw10(&d, 0x28, i, (uint16_t)sizes[i], len), ==, GOOD);
        g_assert_cmpuint(d.residue, ==, 0);
        g_assert_cmpmem(p, len, disk + i * BLOCK, len);
        for (uint32_t k = 0; k < len; k++) {
            p[k] = (uint8_t)(k + i);
        }
        g_assert_cmpuint(rw10(&d, 0x2a, 500, (uint16_t)sizes[i], len), ==,
                         GOOD);
        g_assert_cmpmem(p, len, disk + 500 * BLOCK, len);
    }
    /* Other sizes of command, flush, and both ends of the disk. */
    g_assert_cmpuint(
        command(&d, BLOCK, TO_HOST, (uint8_t[16]){0x88, [9] = 3, [13] = 1}, 16),
        ==, GOOD);
    g_assert_cmpmem(p, BLOCK, disk + 3 * BLOCK, BLOCK);
    g_assert_cmpuint(
        command(&d, BLOCK, TO_HOST, (uint8_t[]){8, 0, 0, 4, 1, 0}, 6), ==,
        GOOD);
    g_assert_cmpmem(p, BLOCK, disk + 4 * BLOCK, BLOCK);
    g_assert_cmpuint(
        command(&d, BLOCK, 0, (uint8_t[12]){0xaa, 8, [5] = 9, [9] = 1}, 12), ==,
        GOOD);
    g_assert_cmpmem(p, BLOCK, disk + 9 * BLOCK, BLOCK);
    g_assert_cmpuint(command(&d, 0, 0, (uint8_t[10]){0x35}, 10), ==, GOOD);
    g_assert_cmpuint(rw10(&d, 0x28, RIG_DISK_SIZE / BLOCK - 1, 1, BLOCK), ==,
                     GOOD);
    g_assert_cmpuint(rw10(&d, 0x28, RIG_DISK_SIZE / BLOCK - 1, 2, 2 * BLOCK),
                     ==, FAILED);
    g_assert_cmphex(sense(&d), ==, 0x052100);
    g_assert_cmpuint(rw10(&d, 0x2a, UINT32_MAX, 1, BLOCK), ==, FAILED);
    g_assert_cmpuint(rw10(&d, 0x28, 0, 0, 0), ==, GOOD);
    g_assert_cmpuint(command(&d, BLOCK, TO_HOST,
                             (uint8_t[16]){0x88, 255, 255, 255, 255, 255, 255,
                                           255, 255, 255, [13] = 1},
                             16),
                     ==, FAILED);
    usb_guest_finish(&d.g);
}

/* What host and disk expect of each other (6.7). */
static void test_cases(void)
{
    Disk d;
    unsigned n;

    disk_init(&d, "");
    /* The host expects less, none, or the other way. */
    g_assert_cmpuint(rw10(&d, 0x28, 0, 2, BLOCK), ==, PHASE_ERROR);
    g_assert_cmpuint(rw10(&d, 0x2a, 0, 2, BLOCK), ==, PHASE_ERROR);
    g_assert_cmpuint(rw10(&d, 0x28, 0, 1, 0), ==, PHASE_ERROR);
    g_assert_cmpuint(command(&d, BLOCK, 0, (uint8_t[10]){0x28, [8] = 1}, 10),
                     ==, PHASE_ERROR);
    n = d.g.rig.block->n_writes;
    g_assert_cmpuint(
        command(&d, BLOCK, TO_HOST, (uint8_t[10]){0x2a, [8] = 1}, 10), ==,
        PHASE_ERROR);
    g_assert_cmpuint(d.g.rig.block->n_writes, ==, n);
    /* It expects more. */
    g_assert_cmpuint(rw10(&d, 0x28, 0, 1, 3 * BLOCK), ==, GOOD);
    g_assert_cmpuint(d.residue, ==, 2 * BLOCK);
    g_assert_cmpuint(rw10(&d, 0x2a, 0, 1, 3 * BLOCK), ==, GOOD);
    g_assert_cmpuint(d.residue, ==, 2 * BLOCK);
    g_assert_cmpuint(command(&d, 10, 0, (uint8_t[6]){0}, 6), ==, GOOD);
    g_assert_cmpuint(d.residue, ==, 10);
    g_assert_cmpuint(command(&d, 10, TO_HOST, (uint8_t[6]){0}, 6), ==, GOOD);
    g_assert_cmpuint(d.residue, ==, 10);
    usb_guest_finish(&d.g);
}

/* Nonsense stalls both ways until reset recovery (5.3.4). */
static void test_recovery(void)
{
    Disk d;
    GuestTrb t;

    disk_init(&d, "");
    put_cbw(&d, 0, 0, (uint8_t[6]){0}, 6);
    usb_guest_memory(&d.g, CBW)[0] = 'X';
    t = usb_guest_move(&d.g, OUT, CBW, 31);
    g_assert_cmpuint(usb_code(&t), ==, 6);
    t = usb_guest_move(&d.g, IN, CSW, 13);
    g_assert_cmpuint(usb_code(&t), ==, 6);
    usb_guest_recover(&d.g, OUT);
    g_assert_cmpuint(usb_guest_control(&d.g, 2, 1, 0, 2, 0, NULL), ==, 1);
    t = usb_guest_move(&d.g, OUT, CBW, 31);
    g_assert_cmpuint(usb_code(&t), ==, 6);
    usb_guest_recover(&d.g, OUT);
    usb_guest_recover(&d.g, IN);
    g_assert_cmpuint(usb_guest_control(&d.g, 0x21, 0xff, 0, 0, 0, NULL), ==, 1);
    g_assert_cmpuint(usb_guest_control(&d.g, 2, 1, 0, 2, 0, NULL), ==, 1);
    g_assert_cmpuint(usb_guest_control(&d.g, 2, 1, 0, 0x81, 0, NULL), ==, 1);
    g_assert_cmpuint(command(&d, 0, 0, (uint8_t[6]){0}, 6), ==, GOOD);
    t = usb_guest_move(&d.g, OUT, CBW, 100); /* too long */
    g_assert_cmpuint(usb_code(&t), ==, 6);
    usb_guest_finish(&d.g);
}

static void test_disk_errors(void)
{
    Disk d;

    disk_init(&d, "");
    d.g.rig.block->result = -EIO;
    g_assert_cmpuint(rw10(&d, 0x28, 0, 200, 200 * BLOCK), ==, FAILED);
    g_assert_cmphex(sense(&d), ==, 0x031100);
    g_assert_cmpuint(rw10(&d, 0x2a, 0, 200, 200 * BLOCK), ==, FAILED);
    g_assert_cmphex(sense(&d), ==, 0x030c00);
    g_assert_cmpuint(command(&d, 0, 0, (uint8_t[10]){0x35}, 10), ==, FAILED);
    d.g.rig.block->result = 0;
    g_assert_cmpuint(rw10(&d, 0x28, 0, 1, BLOCK), ==, GOOD);
    d.g.rig.block->dev.read_only = true;
    g_assert_cmpuint(rw10(&d, 0x2a, 0, 1, BLOCK), ==, FAILED);
    g_assert_cmphex(sense(&d), ==, 0x072700);
    usb_guest_finish(&d.g);
}

static void test_eject(void)
{
    static const uint8_t eject[] = {0x1b, 0, 0, 0, 2, 0};
    Disk d;

    disk_init(&d, "");
    g_assert_cmpuint(command(&d, 0, 0, eject, 6), ==, GOOD);
    g_assert_cmpuint(command(&d, 0, 0, (uint8_t[6]){0}, 6), ==, GOOD);
    usb_guest_finish(&d.g);
    disk_init(&d, "removable=on");
    g_assert_cmpuint(command(&d, 0, 0, eject, 6), ==, GOOD);
    g_assert_cmpuint(command(&d, 0, 0, (uint8_t[6]){0}, 6), ==, FAILED);
    g_assert_cmphex(sense(&d), ==, 0x023a00);
    g_assert_cmpuint(rw10(&d, 0x28, 0, 1, BLOCK), ==, FAILED);
    g_assert_cmpuint(command(&d, 0, 0, (uint8_t[]){0x1b, 0, 0, 0, 3, 0}, 6), ==,
                     GOOD);
    g_assert_cmpuint(rw10(&d, 0x28, 0, 1, BLOCK), ==, GOOD);
    usb_guest_finish(&d.g);
}

/* A reset while the disk works, and no waiting for it. */
static void test_reset(void)
{
    uint8_t cdb[10] = {0x28, [8] = 200};
    Disk d;

    disk_init(&d, "");
    put_cbw(&d, 200 * BLOCK, TO_HOST, cdb, 10);
    usb_guest_offer(&d.g, OUT, CBW, 31);
    offer_data(&d, IN, 200 * BLOCK);
    g_assert_cmpuint(d.g.rig.block->n_under_way, ==, 1);
    usb_guest_write(&d.g, REG_USBCMD, 2);
    g_assert_cmpuint(d.g.rig.block->n_under_way, ==, 1);
    usb_guest_start(&d.g);
    usb_guest_set_up(&d.g);
    g_assert_cmpuint(rw10(&d, 0x28, 7, 1, BLOCK), ==, GOOD);
    g_assert_cmpmem(usb_guest_memory(&d.g, DATA), BLOCK,
                    d.g.rig.block->bytes + 7 * BLOCK, BLOCK);
    usb_guest_finish(&d.g);
}

/* A request that is held for a stopped machine: tried again, or given up by a
 * reset, or at the end. */
static void test_held(void)
{
    uint8_t cdb[10] = {0x28, [8] = 1};
    GuestTrb t;
    Disk d;

    disk_init(&d, "rerror=stop");
    d.g.rig.block->result = -EIO;
    put_cbw(&d, BLOCK, TO_HOST, cdb, 10);
    t = usb_guest_move(&d.g, OUT, CBW, 31);
    g_assert_cmpuint(usb_code(&t), ==, 1);
    offer_data(&d, IN, BLOCK);
    rig_settle();
    g_assert_cmpint(d.g.rig.block->dev.stopped_by, ==, EIO);
    g_assert_cmpuint(d.g.rig.block->dev.held.length, ==, 1);
    d.g.rig.block->result = 0;
    block_retry(&d.g.rig.block->dev);
    t = usb_guest_wait(&d.g);
    g_assert_cmpuint(usb_code(&t), ==, 1);
    g_assert_cmpmem(usb_guest_memory(&d.g, DATA), BLOCK, d.g.rig.block->bytes,
                    BLOCK);
    g_assert_cmpuint(take_csw(&d), ==, GOOD);

    d.g.rig.block->result = -EIO;
    put_cbw(&d, BLOCK, TO_HOST, cdb, 10);
    usb_guest_move(&d.g, OUT, CBW, 31);
    rig_settle();
    g_assert_cmpuint(d.g.rig.block->dev.held.length, ==, 1);
    usb_guest_write(&d.g, REG_USBCMD, 2);
    g_assert_cmpuint(d.g.rig.block->dev.held.length, ==, 0);
    d.g.rig.block->result = 0;
    usb_guest_start(&d.g);
    usb_guest_set_up(&d.g);
    g_assert_cmpuint(rw10(&d, 0x28, 7, 1, BLOCK), ==, GOOD);
    d.g.rig.block->result = -EIO;
    put_cbw(&d, BLOCK, TO_HOST, cdb, 10);
    usb_guest_move(&d.g, OUT, CBW, 31);
    rig_settle();
    usb_guest_finish(&d.g);
}

/* Saved in the middle of a transfer, it goes on in another machine. */
static void test_saved(void)
{
    uint8_t cdb[10] = {0x28, [8] = 200};
    g_autoptr(GByteArray) bytes = NULL;
    g_autoptr(GError) error = NULL;
    Disk a, b;
    GuestTrb t;

    disk_init(&a, "");
    disk_init(&b, "");
    put_cbw(&a, 200 * BLOCK, TO_HOST, cdb, 10);
    t = usb_guest_move(&a.g, OUT, CBW, 31);
    offer_data(&a, IN, 200 * BLOCK);
    g_assert_cmpuint(a.g.rig.block->n_under_way, ==, 1);
    bytes = rig_save(&a.g.rig);
    memcpy(b.g.rig.ram->host, a.g.rig.ram->host, RIG_RAM_SIZE);
    b.g = (UsbGuest){.rig = b.g.rig,
                     .slot = a.g.slot,
                     .port = a.g.port,
                     .context = a.g.context,
                     .ring_base = a.g.ring_base,
                     .commands = a.g.commands,
                     .next_event = a.g.next_event,
                     .event_cycle = a.g.event_cycle};
    memcpy(b.g.rings, a.g.rings, sizeof(b.g.rings));
    b.tag = a.tag;
    rig_load(&b.g.rig, bytes->data, bytes->len, &error);
    g_assert_no_error(error);
    t = usb_guest_wait(&b.g);
    g_assert_cmpuint(usb_code(&t), ==, 1);
    g_assert_cmpmem(usb_guest_memory(&b.g, DATA), 200 * BLOCK,
                    b.g.rig.block->bytes, 200 * BLOCK);
    g_assert_cmpuint(take_csw(&b), ==, GOOD);
    usb_guest_finish(&a.g);
    usb_guest_finish(&b.g);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/usb-storage/queries", test_queries);
    g_test_add_func("/usb-storage/read-write", test_read_write);
    g_test_add_func("/usb-storage/cases", test_cases);
    g_test_add_func("/usb-storage/recovery", test_recovery);
    g_test_add_func("/usb-storage/disk-errors", test_disk_errors);
    g_test_add_func("/usb-storage/eject", test_eject);
    g_test_add_func("/usb-storage/reset", test_reset);
    g_test_add_func("/usb-storage/held", test_held);
    g_test_add_func("/usb-storage/saved", test_saved);
    return g_test_run();
}
