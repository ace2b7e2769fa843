/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/dev/virtio-blk.c - the disk behind every transport: requests, errors
 * and what follows them, hostile chains, reset and saved state with requests in
 * flight. */
#include <errno.h>

#include "hw/virtio/virtio.h"
#include "tests/dev/virtio-guest.h"

enum { DISK_BYTES = 1 << 20, HEADER = BUFFERS, STATUS = BUFFERS + 64 };
enum { DATA = BUFFERS + 4096 };
enum { IN = 0, OUT = 1, FLUSH = 4, GET_ID = 8, DISCARD = 11, ZEROES = 13 };

typedef struct {
    Guest g;
    MemDisk *disk;
    Ring ring;
} Fixture;

static void bring_up(Fixture *f, uint64_t features)
{
    g_assert_true(guest_negotiate(&f->g, features));
    ring_init(&f->ring, &f->g, 0, 16);
    guest_driver_ok(&f->g);
}

static void set_up(Fixture *f, Kind kind, const char *more)
{
    g_autofree char *props =
        g_strconcat("drive=d0,serial=CUTTLE-1", more, NULL);

    guest_init(&f->g, kind);
    f->disk = mem_disk_add(&f->g, "d0", DISK_BYTES);
    for (unsigned i = 0; i < DISK_BYTES; i++) {
        f->disk->bytes[i] = (uint8_t)(i / 512 + i);
    }
    guest_plug(&f->g, "virtio-blk", more != NULL ? props : "drive=d0");
}

static void put_header(Fixture *f, uint32_t type, uint64_t sector)
{
    uint8_t h[16] = {0};

    le32_store(h, type);
    le64_store(h + 8, sector);
    ram_put(&f->g, HEADER, h, sizeof(h));
    guest_write(&f->g, STATUS, 1, 0xff);
}

/* One request in pieces: len bytes of data in two buffers. */
static uint8_t request(Fixture *f, uint32_t type, uint64_t sector, uint32_t len)
{
    bool read = type == IN || type == GET_ID;
    uint32_t half = len / 2 / 512 * 512;
    Seg segs[4] = {{HEADER, 16, false}};
    unsigned n = 1;

    put_header(f, type, sector);
    if (half > 0) {
        segs[n++] = (Seg){DATA, half, read};
    }
    if (len > half) {
        segs[n++] = (Seg){DATA + half, len - half, read};
    }
    segs[n++] = (Seg){STATUS, 1, true};
    ring_add(&f->ring, segs, n);
    ring_kick(&f->ring);
    ring_wait(&f->ring);
    return (uint8_t)guest_read(&f->g, STATUS, 1);
}

static void test_read_write(gconstpointer data)
{
    Fixture f;
    uint8_t bytes[4096], expected[4096];

    set_up(&f, (Kind)GPOINTER_TO_UINT(data), "");
    bring_up(&f, BIT(9));
    g_assert_cmpint(guest_read(&f.g, f.g.config, 4), ==, DISK_BYTES / 512);
    g_assert_cmpint(request(&f, IN, 3, sizeof(bytes)), ==, 0);
    ram_get(&f.g, DATA, bytes, sizeof(bytes));
    g_assert_cmpmem(bytes, sizeof(bytes), f.disk->bytes + 3 * 512,
                    sizeof(bytes));
    g_assert_true(f.g.irq);
    g_assert_cmpint(guest_ack_isr(&f.g), ==, 1);
    g_assert_false(f.g.irq);

    memset(expected, 0x5a, sizeof(expected));
    ram_put(&f.g, DATA, expected, sizeof(expected));
    g_assert_cmpint(request(&f, OUT, 8, sizeof(expected)), ==, 0);
    g_assert_cmpmem(f.disk->bytes + 8 * 512, sizeof(expected), expected,
                    sizeof(expected));
    g_assert_cmpint(request(&f, FLUSH, 0, 0), ==, 0);
    g_assert_cmpint(f.disk->n_flushes, ==, 1);
    g_assert_cmpint(request(&f, GET_ID, 0, 20), ==, 0);
    ram_get(&f.g, DATA, bytes, 20);
    g_assert_cmpstr((char *)bytes, ==, "CUTTLE-1");
    guest_finish(&f.g);
}

static void expect_count(const Fixture *f, BlockCountKind kind, uint64_t done,
                         uint64_t bytes, uint64_t failed, uint64_t invalid)
{
    const BlockCount *c = &f->disk->dev.counts[kind];

    g_assert_cmpuint(c->done, ==, done);
    g_assert_cmpuint(c->bytes, ==, bytes);
    g_assert_cmpuint(c->failed, ==, failed);
    g_assert_cmpuint(c->invalid, ==, invalid);
}

static void put_range(Fixture *f, uint64_t sector, uint32_t n, uint32_t flags)
{
    uint8_t b[16];

    le64_store(b, sector);
    le32_store(b + 8, n);
    le32_store(b + 12, flags);
    ram_put(&f->g, DATA, b, sizeof(b));
}

static void test_errors(void)
{
    Fixture f;

    set_up(&f, MMIO_MODERN, "");
    bring_up(&f, 0);
    g_assert_cmpint(request(&f, IN, DISK_BYTES / 512, 512), ==, 1);
    g_assert_cmpint(request(&f, IN, UINT64_MAX, 512), ==, 1);
    g_assert_cmpint(request(&f, IN, 0, 100), ==, 1);
    g_assert_cmpint(request(&f, 77, 0, 512), ==, 2);
    f.disk->result = -EIO;
    g_assert_cmpint(request(&f, OUT, 0, 512), ==, 1);
    f.disk->result = 0;
    /* FLUSH was not negotiated: every write is followed by one. */
    g_assert_cmpint(request(&f, OUT, 0, 512), ==, 0);
    g_assert_cmpint(f.disk->n_flushes, ==, 1);
    put_range(&f, 4, 2, 0);
    g_assert_cmpint(request(&f, DISCARD, 0, 16), ==, 0);
    g_assert_cmpint(f.disk->n_discards, ==, 1);
    put_range(&f, 4, 2, 1);
    g_assert_cmpint(request(&f, DISCARD, 0, 16), ==, 2);
    g_assert_cmpint(request(&f, ZEROES, 0, 16), ==, 0);
    g_assert_cmpint(f.disk->bytes[4 * 512], ==, 0);
    put_range(&f, UINT64_MAX, UINT32_MAX, 0);
    g_assert_cmpint(request(&f, ZEROES, 0, 16), ==, 1);
    /* What the device turns away itself is not the disk's. */
    expect_count(&f, BLOCK_COUNT_READ, 0, 0, 0, 1);
    expect_count(&f, BLOCK_COUNT_WRITE, 2, 512 + 1024, 1, 0);
    expect_count(&f, BLOCK_COUNT_FLUSH, 1, 0, 0, 0);
    expect_count(&f, BLOCK_COUNT_DISCARD, 1, 1024, 0, 0);
    g_assert_cmpuint(f.disk->dev.written_to, ==, 6 * 512);
    guest_finish(&f.g);
}

/* ---- what follows an error ---------------------------------------------- */

typedef struct {
    unsigned n;
    BlockError last;
} Heard;

static void hear(void *opaque, const BlockError *e)
{
    Heard *h = opaque;

    h->n++;
    h->last = *e;
}

static void settle(void)
{
    while (g_main_context_iteration(NULL, FALSE)) {
    }
}

/* One sector of a kind under way, with status 0xff. */
static void begin(Fixture *f, uint32_t type)
{
    Seg segs[3] = {
        {HEADER, 16, false}, {DATA, 512, type == IN}, {STATUS, 1, true}};

    put_header(f, type, 5);
    ring_add(&f->ring, segs, 3);
    ring_kick(&f->ring);
    settle();
}

static uint8_t status(Fixture *f)
{
    return (uint8_t)guest_read(&f->g, STATUS, 1);
}

static void set_up_failing(Fixture *f, Heard *h, const char *props, int result)
{
    *h = (Heard){0};
    block_listen(hear, h);
    set_up(f, MMIO_MODERN, props);
    bring_up(f, BIT(9));
    f->disk->result = result;
}

static void tear_down(Fixture *f)
{
    guest_finish(&f->g);
    block_listen(NULL, NULL);
}

static void test_error_policy(void)
{
    static const struct {
        const char *props;
        uint32_t type;
        int result;
        BlockErrorPolicy action;
        uint8_t status;
    } cases[] = {
        {"", OUT, -EIO, BLOCK_ERROR_REPORT, 1},
        {"", OUT, -ENOSPC, BLOCK_ERROR_STOP, 0xff},
        {"", FLUSH, -ENOSPC, BLOCK_ERROR_STOP, 0xff},
        {"", IN, -ENOSPC, BLOCK_ERROR_REPORT, 1},
        {",werror=ignore", OUT, -EIO, BLOCK_ERROR_IGNORE, 0},
        {",werror=report", OUT, -ENOSPC, BLOCK_ERROR_REPORT, 1},
        {",rerror=ignore", IN, -EIO, BLOCK_ERROR_IGNORE, 0},
        {",rerror=stop", IN, -EIO, BLOCK_ERROR_STOP, 0xff},
        {",rerror=stop", OUT, -EIO, BLOCK_ERROR_REPORT, 1},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        Fixture f;
        Heard h;

        g_test_message("%s", cases[i].props);
        set_up_failing(&f, &h, cases[i].props, cases[i].result);
        begin(&f, cases[i].type);
        g_assert_cmpuint(status(&f), ==, cases[i].status);
        g_assert_cmpuint(h.n, ==, 1);
        g_assert_cmpint(h.last.action, ==, cases[i].action);
        g_assert_cmpint(h.last.error, ==, -cases[i].result);
        g_assert_cmpuint(f.disk->dev.stopped_by, ==,
                         cases[i].status == 0xff ? -cases[i].result : 0);
        tear_down(&f);
    }
}

/* Held until the machine goes on, in the order they came; it may fail again. */
static void test_held(void)
{
    Fixture f;
    Heard h;

    set_up_failing(&f, &h, ",werror=stop", -EIO);
    begin(&f, OUT);
    begin(&f, OUT);
    g_assert_cmpuint(h.n, ==, 2);
    g_assert_false(f.g.irq);
    block_retry(&f.disk->dev);
    settle();
    g_assert_cmpuint(h.n, ==, 4);
    g_assert_cmpint(f.disk->dev.stopped_by, ==, EIO);
    f.disk->result = 0;
    block_retry(&f.disk->dev);
    g_assert_cmpint(f.disk->dev.stopped_by, ==, 0);
    ring_wait(&f.ring);
    ring_wait(&f.ring);
    g_assert_cmpuint(status(&f), ==, 0);
    expect_count(&f, BLOCK_COUNT_WRITE, 2, 1024, 0, 0);
    tear_down(&f);
}

/* Who resets, saves or unplugs the device does not wait for the machine. */
static void test_held_and_reset(void)
{
    Fixture f;
    Heard h;

    set_up_failing(&f, &h, ",rerror=stop", -EIO);
    begin(&f, IN);
    guest_set_status(&f.g, 0);
    g_assert_cmpuint(status(&f), ==, 0xff); /* nobody hears of it */
    f.disk->result = 0;
    guest_write(&f.g, DATA, 4, 0x600d600d);
    block_retry(&f.disk->dev);
    settle();
    g_assert_cmphex(guest_read(&f.g, DATA, 4), ==, 0x600d600d);
    g_assert_false(f.g.irq);
    bring_up(&f, BIT(9));
    g_assert_cmpint(request(&f, IN, 0, 512), ==, 0);
    f.disk->result = -EIO;
    begin(&f, IN);
    tear_down(&f);
}

static void test_held_and_saved(void)
{
    Fixture a, b;
    Heard h;

    set_up_failing(&a, &h, ",werror=enospc", -ENOSPC);
    set_up(&b, MMIO_MODERN, "");
    begin(&a, OUT);
    guest_copy_state(&b.g, &a.g);
    b.ring = a.ring;
    b.ring.g = &b.g;
    ring_wait(&b.ring);
    g_assert_cmpuint(status(&b), ==, 0);
    g_assert_cmpuint(status(&a), ==, 0xff);
    guest_finish(&b.g);
    tear_down(&a);
}

static void test_features(void)
{
    Fixture f;

    set_up(&f, MMIO_LEGACY, "");
    g_assert_cmphex(guest_read(&f.g, MMIO_BASE, 4), ==, 0x74726976);
    g_assert_cmphex(guest_read(&f.g, MMIO_BASE + 4, 4), ==, 1);
    g_assert_cmphex(guest_read(&f.g, MMIO_BASE + 8, 4), ==, 2);
    g_assert_cmphex(guest_read(&f.g, MMIO_BASE + 12, 4), ==, 0x554d4551);
    g_assert_cmphex(guest_features(&f.g), ==, 0x31006e54);
    g_assert_cmphex(guest_read(&f.g, f.g.config + 0x40, 4), ==, 0xffffffff);
    guest_finish(&f.g);

    set_up(&f, MMIO_MODERN, "");
    g_assert_cmphex(guest_read(&f.g, MMIO_BASE + 4, 4), ==, 2);
    g_assert_cmphex(guest_features(&f.g), ==, 0x10130006e54);
    g_assert_cmphex(guest_read(&f.g, MMIO_BASE + 0x34, 4), ==, 1024);
    /* Unknown bits, or no VERSION_1, and FEATURES_OK does not stick. */
    guest_set_status(&f.g, 0);
    guest_set_status(&f.g, 3);
    guest_write(&f.g, MMIO_BASE + 0x20, 4, 1);
    guest_set_status(&f.g, 11);
    g_assert_cmphex(guest_status(&f.g), ==, 3);
    guest_finish(&f.g);
}

static void test_read_only(void)
{
    Fixture f;

    guest_init(&f.g, MMIO_MODERN);
    f.disk = mem_disk_add(&f.g, "d0", DISK_BYTES);
    f.disk->dev.read_only = true;
    guest_plug(&f.g, "virtio-blk", "drive=d0,num-queues=4");
    g_assert_cmphex(guest_features(&f.g), ==, 0x10130007e74);
    bring_up(&f, ~UINT64_C(0));
    g_assert_cmpint(request(&f, OUT, 0, 512), ==, 1);
    g_assert_cmpint(request(&f, IN, 0, 512), ==, 0);
    guest_finish(&f.g);
}

/* Many in flight before the event loop turns. */
static void test_in_flight(gconstpointer data)
{
    Fixture f;
    Seg segs[3] = {{HEADER, 16, false}, {0, 512, true}, {STATUS, 1, true}};
    uint8_t bytes[512];

    set_up(&f, (Kind)GPOINTER_TO_UINT(data), "");
    bring_up(&f, ~UINT64_C(0) & ~VIRTIO_F_EVENT_IDX);
    put_header(&f, IN, 1);
    for (unsigned i = 0; i < 5; i++) {
        segs[1].addr = DATA + 512 * i;
        ring_add(&f.ring, segs, 3);
    }
    ring_kick(&f.ring);
    for (unsigned i = 0; i < 5; i++) {
        g_assert_cmpint(ring_wait(&f.ring), ==, 513);
        ram_get(&f.g, DATA + 512 * i, bytes, sizeof(bytes));
        g_assert_cmpmem(bytes, 512, f.disk->bytes + 512, 512);
    }
    /* A reset with requests under way forgets them. */
    ring_add(&f.ring, segs, 3);
    ring_kick(&f.ring);
    guest_set_status(&f.g, 0);
    guest_ack_isr(&f.g);
    while (g_main_context_iteration(NULL, FALSE)) {
    }
    g_assert_false(f.g.irq);
    bring_up(&f, ~UINT64_C(0));
    g_assert_cmpint(request(&f, IN, 0, 512), ==, 0);
    guest_finish(&f.g);
}

/* The other machine carries on, also with what was in flight. */
static void test_save(gconstpointer data)
{
    Fixture a, b;
    Seg segs[3] = {{HEADER, 16, false}, {DATA, 512, true}, {STATUS, 1, true}};
    uint8_t bytes[512];

    set_up(&a, (Kind)GPOINTER_TO_UINT(data), "");
    set_up(&b, (Kind)GPOINTER_TO_UINT(data), "");
    bring_up(&a, ~UINT64_C(0));
    g_assert_cmpint(request(&a, IN, 0, 512), ==, 0);
    put_header(&a, IN, 7);
    ring_add(&a.ring, segs, 3);
    ring_kick(&a.ring); /* stays in flight: the loop does not turn */
    guest_copy_state(&b.g, &a.g);
    g_assert_true(b.g.irq);
    b.ring = a.ring;
    b.ring.g = &b.g;
    g_assert_cmpint(ring_wait(&b.ring), ==, 513);
    ram_get(&b.g, DATA, bytes, sizeof(bytes));
    g_assert_cmpmem(bytes, 512, b.disk->bytes + 7 * 512, 512);
    g_assert_cmpint(request(&b, IN, 9, 512), ==, 0);
    guest_finish(&b.g);
    guest_finish(&a.g);
}

/* ---- hostile chains ----------------------------------------------------- */

static void expect_broken(Fixture *f, const char *what)
{
    ring_kick(&f->ring);
    while (g_main_context_iteration(NULL, FALSE)) {
    }
    g_test_message("%s", what);
    g_assert_cmphex(guest_status(&f->g) & VIRTIO_NEEDS_RESET, ==,
                    VIRTIO_NEEDS_RESET);
    f->g.next_ring = RAM_BASE;
    bring_up(f, ~UINT64_C(0));
    g_assert_cmpint(request(f, IN, 1, 512), ==, 0);
}

static void test_hostile(void)
{
    Fixture f;
    Ring *r = &f.ring;

    set_up(&f, MMIO_MODERN, "");
    bring_up(&f, ~UINT64_C(0));
    put_header(&f, IN, 1);

    ring_set_desc(r, 0, HEADER, 16, 1, 1);
    ring_set_desc(r, 1, DATA, 512, 3, 0);
    ring_set_desc(r, 2, DATA, 512, 3, 2);
    ring_publish(r, 2);
    expect_broken(&f, "a loop");
    ring_set_desc(r, 0, HEADER, 16, 1, 999);
    ring_publish(r, 0);
    expect_broken(&f, "next out of range");
    ring_publish(r, 16);
    expect_broken(&f, "head out of range");
    guest_write(&f.g, r->avail + 2, 2, 100);
    expect_broken(&f, "more entries than the ring has");
    ring_set_desc(r, 0, 0x1000, 16, 0, 0);
    ring_publish(r, 0);
    expect_broken(&f, "outside RAM");
    ring_set_desc(r, 0, RAM_BASE + RAM_BYTES - 8, 16, 0, 0);
    ring_publish(r, 0);
    expect_broken(&f, "over the end of RAM");
    ring_set_desc(r, 0, UINT64_MAX - 3, 16, 0, 0);
    ring_publish(r, 0);
    expect_broken(&f, "around the end of the address space");
    ring_set_desc(r, 0, DATA, 16, 3, 1);
    ring_set_desc(r, 1, HEADER, 16, 0, 0);
    ring_publish(r, 0);
    expect_broken(&f, "readable after writable");
    ring_set_desc(r, 0, HEADER, 8, 0, 0);
    ring_publish(r, 0);
    expect_broken(&f, "short header, no status");
    ring_set_desc(r, 0, DATA, 40, 4, 0);
    ring_publish(r, 0);
    expect_broken(&f, "odd indirect table");
    ring_set_desc(r, 0, DATA, 16, 4, 0);
    ram_put(&f.g, DATA, f.g.ram->host + (r->desc - RAM_BASE), 16);
    ring_publish(r, 0);
    expect_broken(&f, "indirect in indirect");
    ring_set_desc(r, 0, 0x1000, 16, 4, 0);
    ring_publish(r, 0);
    expect_broken(&f, "indirect outside RAM");
    guest_finish(&f.g);
}

static void test_bad_rings(void)
{
    static const Gpa bad[] = {0,
                              1,
                              0x1000,
                              RAM_BASE + 1,
                              RAM_BASE + RAM_BYTES - 4,
                              UINT64_MAX & ~UINT64_C(15)};
    static const unsigned sizes[] = {0, 3, 2048, 65535};
    Fixture f;

    set_up(&f, MMIO_MODERN, "");
    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        f.g.next_ring = RAM_BASE;
        g_assert_true(guest_negotiate(&f.g, ~UINT64_C(0)));
        ring_init(&f.ring, &f.g, 0, 16);
        guest_write(&f.g, MMIO_BASE + 0x44, 4, 0);
        guest_write(&f.g, MMIO_BASE + 0xa0, 4, (uint32_t)bad[i]);
        guest_write(&f.g, MMIO_BASE + 0xa4, 4, bad[i] >> 32);
        guest_write(&f.g, MMIO_BASE + 0x44, 4, 1);
        guest_driver_ok(&f.g);
        expect_broken(&f, "bad used ring");
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(sizes); i++) {
        f.g.next_ring = RAM_BASE;
        g_assert_true(guest_negotiate(&f.g, ~UINT64_C(0)));
        guest_write(&f.g, MMIO_BASE + 0x30, 4, 0);
        guest_write(&f.g, MMIO_BASE + 0x38, 4, sizes[i]);
        guest_write(&f.g, MMIO_BASE + 0x44, 4, 1);
        guest_driver_ok(&f.g);
        expect_broken(&f, "bad ring size");
    }
    guest_finish(&f.g);
}

/* 1.3, 2.7.5.3: a whole chain in one descriptor. */
static void test_indirect(void)
{
    enum { TABLE = BUFFERS + 0x8000 };
    Fixture f;
    Ring table;

    set_up(&f, MMIO_MODERN, "");
    bring_up(&f, ~UINT64_C(0));
    put_header(&f, IN, 5);
    table = f.ring;
    table.desc = TABLE;
    ring_set_desc(&table, 0, HEADER, 16, 1, 1);
    ring_set_desc(&table, 1, DATA, 512, 3, 2);
    ring_set_desc(&table, 2, STATUS, 1, 2, 0);
    ring_set_desc(&f.ring, 0, TABLE, 48, 4, 0);
    ring_publish(&f.ring, 0);
    ring_kick(&f.ring);
    g_assert_cmpint(ring_wait(&f.ring), ==, 513);
    g_assert_cmpint(guest_read(&f.g, STATUS, 1), ==, 0);
    guest_finish(&f.g);
}

/* 1.3, 2.7.7: no interrupt before used_event, no kick before avail_event. */
static void test_event_idx(void)
{
    Fixture f;
    unsigned before;

    set_up(&f, MMIO_MODERN, "");
    bring_up(&f, VIRTIO_F_EVENT_IDX);
    guest_write(&f.g, f.ring.avail + 4 + 2 * 16, 2, 1);
    g_assert_cmpint(request(&f, IN, 0, 512), ==, 0); /* the first always does */
    guest_ack_isr(&f.g);
    before = f.g.n_irqs;
    guest_write(&f.g, f.ring.avail + 4 + 2 * 16, 2, 2);
    g_assert_cmpint(request(&f, IN, 0, 512), ==, 0);
    g_assert_cmpint(f.g.n_irqs, ==, before);
    g_assert_cmpint(request(&f, IN, 0, 512), ==, 0);
    g_assert_cmpint(f.g.n_irqs, ==, before + 1);
    g_assert_cmpint(guest_read(&f.g, f.ring.used + 4 + 8 * 16, 2), ==, 3);
    guest_finish(&f.g);
}

static void add_all(const char *name, GTestDataFunc fn)
{
    static const char *const kinds[N_KINDS] = {"mmio-legacy", "mmio-modern",
                                               "pci-legacy", "pci-modern"};

    for (unsigned i = 0; i < N_KINDS; i++) {
        g_autofree char *path =
            g_strdup_printf("/virtio-blk/%s/%s", name, kinds[i]);

        g_test_add_data_func(path, GUINT_TO_POINTER(i), fn);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add_all("read-write", test_read_write);
    add_all("in-flight", test_in_flight);
    add_all("save", test_save);
    g_test_add_func("/virtio-blk/errors", test_errors);
    g_test_add_func("/virtio-blk/error-policy", test_error_policy);
    g_test_add_func("/virtio-blk/held", test_held);
    g_test_add_func("/virtio-blk/held-and-reset", test_held_and_reset);
    g_test_add_func("/virtio-blk/held-and-saved", test_held_and_saved);
    g_test_add_func("/virtio-blk/features", test_features);
    g_test_add_func("/virtio-blk/read-only", test_read_only);
    g_test_add_func("/virtio-blk/hostile", test_hostile);
    g_test_add_func("/virtio-blk/bad-rings", test_bad_rings);
    g_test_add_func("/virtio-blk/indirect", test_indirect);
    g_test_add_func("/virtio-blk/event-idx", test_event_idx);
    return g_test_run();
}
