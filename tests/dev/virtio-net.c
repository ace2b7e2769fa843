/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/dev/virtio-net.c - the network card: frames both ways, merged
 * buffers, back pressure, filters, saved state. */
#include "hw/virtio/virtio.h"
#include "tests/dev/virtio-guest.h"

enum { FRAME = 100, BIG = 3000, DATA = BUFFERS + 4096 };
#define MRG_RXBUF BIT(15)

/* A back end that remembers what it was given. */
typedef struct {
    NetDev dev;
    GByteArray *sent;
    unsigned n_sent, n_accepts;
} Wire;

typedef struct {
    Guest g;
    Wire *wire;
    Ring rx, tx, ctrl;
} Fixture;

static void wire_send(NetDev *n, const uint8_t *frame, size_t len)
{
    Wire *w = (Wire *)n;

    g_byte_array_set_size(w->sent, 0);
    g_byte_array_append(w->sent, frame, (guint)len);
    w->n_sent++;
}

static void wire_accept_input(NetDev *n)
{
    ((Wire *)n)->n_accepts++;
}

static void wire_free(NetDev *n)
{
    Wire *w = (Wire *)n;

    g_byte_array_unref(w->sent);
    g_free(n->id);
    g_free(w);
}

static void set_up(Fixture *f, Kind kind, uint64_t features)
{
    static const NetClass cls = {"wire", wire_send, wire_accept_input,
                                 wire_free};

    guest_init(&f->g, kind);
    f->wire = g_new0(Wire, 1);
    f->wire->dev.cls = &cls;
    f->wire->dev.id = g_strdup("n0");
    f->wire->sent = g_byte_array_new();
    g_assert_true(backends_add_net(&f->g.backends, "n0", &f->wire->dev, NULL));
    guest_plug(&f->g, "virtio-net", "netdev=n0,mac=02:00:00:00:00:01");
    g_assert_true(guest_negotiate(&f->g, features));
    ring_init(&f->rx, &f->g, 0, 16);
    ring_init(&f->tx, &f->g, 1, 16);
    ring_init(&f->ctrl, &f->g, 2, 16);
    guest_driver_ok(&f->g);
}

static unsigned header(const Fixture *f, uint64_t features)
{
    return guest_is_legacy(&f->g) && !(features & MRG_RXBUF) ? 10 : 12;
}

static void make_frame(uint8_t *frame, size_t len, uint8_t last_of_mac)
{
    for (size_t i = 0; i < len; i++) {
        frame[i] = (uint8_t)i;
    }
    memcpy(frame, "\x02\x00\x00\x00\x00", 5);
    frame[5] = last_of_mac;
}

static void offer(Fixture *f, Gpa at, uint32_t len)
{
    Seg seg = {at, len, true};

    ring_add(&f->rx, &seg, 1);
    ring_kick(&f->rx);
}

static void test_frames(gconstpointer data)
{
    uint64_t features = BIT(5) | BIT(16);
    Fixture f;
    uint8_t frame[FRAME], got[FRAME];
    Seg segs[2] = {{BUFFERS, 0, false}, {DATA, FRAME, false}};

    set_up(&f, (Kind)GPOINTER_TO_UINT(data), features);
    make_frame(frame, FRAME, 1);
    g_assert_cmphex(guest_read(&f.g, f.g.config, 4), ==, 0x00000002);
    g_assert_cmphex(guest_read(&f.g, f.g.config + 6, 2), ==, 1);

    segs[0].len = header(&f, features);
    ram_put(&f.g, DATA, frame, FRAME);
    ring_add(&f.tx, segs, 2);
    ring_kick(&f.tx);
    ring_wait(&f.tx);
    g_assert_cmpmem(f.wire->sent->data, f.wire->sent->len, frame, FRAME);
    guest_ack_isr(&f.g);

    /* No buffer: the back end keeps it and is asked again. */
    g_assert_false(net_receive(&f.wire->dev, frame, FRAME));
    offer(&f, BUFFERS, 2048);
    g_assert_cmpint(f.wire->n_accepts, ==, 1);
    g_assert_true(net_receive(&f.wire->dev, frame, FRAME));
    g_assert_cmpint(ring_wait(&f.rx), ==, FRAME + header(&f, features));
    ram_get(&f.g, BUFFERS + header(&f, features), got, FRAME);
    g_assert_cmpmem(got, FRAME, frame, FRAME);
    g_assert_true(f.g.irq);
    guest_finish(&f.g);
}

/* 5.1.6.4: a frame over several small buffers, or none of it. */
static void test_merge(void)
{
    Fixture f;
    uint8_t frame[BIG], got[BIG];
    uint32_t id, len;

    set_up(&f, MMIO_MODERN, MRG_RXBUF);
    make_frame(frame, BIG, 1);
    offer(&f, DATA, 1012);
    offer(&f, DATA + 0x1000, 1000);
    g_assert_false(net_receive(&f.wire->dev, frame, BIG));
    g_assert_false(ring_used(&f.rx, &id, &len));
    offer(&f, DATA + 0x2000, 2000);
    g_assert_true(net_receive(&f.wire->dev, frame, BIG));
    g_assert_cmpint(guest_read(&f.g, DATA + 10, 2), ==, 3);
    g_assert_cmpint(ring_wait(&f.rx), ==, 1012);
    g_assert_cmpint(ring_wait(&f.rx), ==, 1000);
    g_assert_cmpint(ring_wait(&f.rx), ==, 1000);
    ram_get(&f.g, DATA + 12, got, 1000);
    ram_get(&f.g, DATA + 0x1000, got + 1000, 1000);
    ram_get(&f.g, DATA + 0x2000, got + 2000, 1000);
    g_assert_cmpmem(got, BIG, frame, BIG);
    guest_finish(&f.g);
}

static uint8_t control(Fixture *f, uint8_t cls, uint8_t cmd, const void *data,
                       uint32_t len)
{
    uint8_t head[2] = {cls, cmd};
    Seg segs[3] = {
        {BUFFERS, 2, false}, {DATA, len, false}, {BUFFERS + 64, 1, true}};

    ram_put(&f->g, BUFFERS, head, 2);
    ram_put(&f->g, DATA, data, len);
    ring_add(&f->ctrl, segs, 3);
    ring_kick(&f->ctrl);
    g_assert_cmpint(ring_wait(&f->ctrl), ==, 1);
    return (uint8_t)guest_read(&f->g, BUFFERS + 64, 1);
}

/* True if the card takes a frame for the address (or drops it silently). */
static bool arrives(Fixture *f, const char *mac, unsigned vlan)
{
    uint8_t frame[FRAME];
    uint32_t id, len;
    bool came;

    make_frame(frame, FRAME, 0);
    memcpy(frame, mac, 6);
    if (vlan != 0) {
        frame[12] = 0x81;
        frame[13] = 0;
        frame[14] = (uint8_t)(vlan >> 8);
        frame[15] = (uint8_t)vlan;
    }
    offer(f, DATA, 2048);
    g_assert_true(net_receive(&f->wire->dev, frame, FRAME));
    came = ring_used(&f->rx, &id, &len);
    if (!came) { /* use the buffer up */
        uint8_t off = 1;

        control(f, 0, 0, &off, 1);
        g_assert_true(net_receive(&f->wire->dev, frame, FRAME));
        ring_wait(&f->rx);
        off = 0;
        control(f, 0, 0, &off, 1);
    }
    return came;
}

static void test_filter(void)
{
    static const uint8_t table[] = {
        1, 0, 0, 0, 2, 0, 0,    0, 0, 9, /* one unicast */
        1, 0, 0, 0, 1, 0, 0x5e, 0, 0, 7, /* one multicast */
    };
    static const uint8_t huge[] = {0xff, 0xff, 0xff, 0xff};
    Fixture f;
    uint8_t v = 0, vlan[2] = {5, 0};

    set_up(&f, MMIO_MODERN, ~UINT64_C(0));
    g_assert_true(arrives(&f, "\x02\x00\x00\x00\x00\x55", 0));
    g_assert_cmpint(control(&f, 0, 0, &v, 1), ==, 0);
    g_assert_true(arrives(&f, "\x02\x00\x00\x00\x00\x01", 0));
    g_assert_false(arrives(&f, "\x02\x00\x00\x00\x00\x55", 0));
    g_assert_true(arrives(&f, "\xff\xff\xff\xff\xff\xff", 0));
    g_assert_false(arrives(&f, "\x01\x00\x5e\x00\x00\x07", 0));
    g_assert_cmpint(control(&f, 1, 0, table, sizeof(table)), ==, 0);
    g_assert_true(arrives(&f, "\x01\x00\x5e\x00\x00\x07", 0));
    g_assert_true(arrives(&f, "\x02\x00\x00\x00\x00\x09", 0));
    g_assert_false(arrives(&f, "\x01\x00\x5e\x00\x00\x08", 0));
    g_assert_false(arrives(&f, "\x02\x00\x00\x00\x00\x01", 5));
    g_assert_cmpint(control(&f, 2, 0, vlan, 2), ==, 0);
    g_assert_true(arrives(&f, "\x02\x00\x00\x00\x00\x01", 5));
    g_assert_cmpint(control(&f, 2, 1, vlan, 2), ==, 0);
    g_assert_false(arrives(&f, "\x02\x00\x00\x00\x00\x01", 5));
    g_assert_cmpint(control(&f, 1, 1, "\x02\x00\x00\x00\x00\x33", 6), ==, 0);
    g_assert_true(arrives(&f, "\x02\x00\x00\x00\x00\x33", 0));
    g_assert_cmpint(guest_read(&f.g, f.g.config + 5, 1), ==, 0x33);
    /* Wrong sizes and unknown commands are refused. */
    g_assert_cmpint(control(&f, 1, 0, huge, 4), ==, 1);
    g_assert_cmpint(control(&f, 1, 0, table, 7), ==, 1);
    g_assert_cmpint(control(&f, 2, 0, huge, 2), ==, 1);
    g_assert_cmpint(control(&f, 4, 0, huge, 2), ==, 1);
    guest_finish(&f.g);
}

static void test_save(void)
{
    Fixture a, b;
    uint8_t frame[FRAME];

    set_up(&a, PCI_MODERN, MRG_RXBUF);
    set_up(&b, PCI_MODERN, 0);
    offer(&a, DATA, 2048);
    guest_copy_state(&b.g, &a.g);
    b.rx = a.rx;
    b.rx.g = &b.g;
    make_frame(frame, FRAME, 1);
    g_assert_true(net_receive(&b.wire->dev, frame, FRAME));
    g_assert_cmpint(ring_wait(&b.rx), ==, FRAME + 12);
    guest_finish(&b.g);
    guest_finish(&a.g);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/virtio-net/frames/mmio-legacy",
                         GUINT_TO_POINTER(MMIO_LEGACY), test_frames);
    g_test_add_data_func("/virtio-net/frames/mmio-modern",
                         GUINT_TO_POINTER(MMIO_MODERN), test_frames);
    g_test_add_data_func("/virtio-net/frames/pci-legacy",
                         GUINT_TO_POINTER(PCI_LEGACY), test_frames);
    g_test_add_data_func("/virtio-net/frames/pci-modern",
                         GUINT_TO_POINTER(PCI_MODERN), test_frames);
    g_test_add_func("/virtio-net/merge", test_merge);
    g_test_add_func("/virtio-net/filter", test_filter);
    g_test_add_func("/virtio-net/save", test_save);
    return g_test_run();
}
