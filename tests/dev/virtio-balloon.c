/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/dev/virtio-balloon.c - pages that are given back, the target and how
 * far the guest is, on every transport. */
#include "hw/virtio/balloon.h"
#include "hw/virtio/virtio.h"
#include "tests/dev/rig.h"
#include "tests/dev/virtio-guest.h"

enum { INFLATE, DEFLATE, PAGE = 4096 };

/* Hands over a list of pages; n words of it. */
static void give(Ring *r, const uint32_t *pages, unsigned n)
{
    Seg seg = {BUFFERS, n * 4, false};

    for (unsigned i = 0; i < n; i++) {
        guest_write(r->g, BUFFERS + 4 * i, 4, pages[i]);
    }
    ring_add(r, &seg, 1);
    ring_kick(r);
    g_assert_cmpint(ring_wait(r), ==, 0);
}

static void test_balloon(gconstpointer kind)
{
    enum { VICTIM = BUFFERS + 16 * PAGE };
    /* One of them, then none that is RAM, and one past the end of it. */
    const uint32_t pages[] = {VICTIM / PAGE, 0, UINT32_MAX,
                              (RAM_BASE + RAM_BYTES) / PAGE};
    Guest g;
    Ring inflate, deflate;
    RigNotices told;

    guest_init(&g, (Kind)GPOINTER_TO_UINT(kind));
    guest_plug(&g, "virtio-balloon", "");
    g_assert_true(guest_negotiate(&g, 0));
    ring_init(&inflate, &g, INFLATE, 8);
    ring_init(&deflate, &g, DEFLATE, 8);
    guest_driver_ok(&g);
    virtio_balloon_set_target(g.dev, 2 * PAGE);
    g_assert_true(g.irq);
    g_assert_cmpint(guest_ack_isr(&g), ==, VIRTIO_ISR_CONFIG);
    g_assert_cmphex(guest_read(&g, g.config, 4), ==, 2);
    for (unsigned at = 0; at < 3 * PAGE; at += PAGE) {
        guest_write(&g, VICTIM - PAGE + at, 4, 0x12345678);
    }
    give(&inflate, pages, G_N_ELEMENTS(pages));
    g_assert_cmphex(guest_read(&g, VICTIM, 4), ==, 0);
    g_assert_cmphex(guest_read(&g, VICTIM - PAGE, 4), ==, 0x12345678);
    g_assert_cmphex(guest_read(&g, VICTIM + PAGE, 4), ==, 0x12345678);
    give(&deflate, pages, 1);
    /* The guest says how much it gave; the target is not its to write. */
    rig_listen(&told);
    guest_write(&g, g.config + 4, 4, 1);
    guest_write(&g, g.config, 4, 77);
    rig_settle();
    rig_listen(NULL);
    g_assert_cmpint(told.kind, ==, NOTICE_BALLOON);
    g_assert_cmpuint(told.value, ==, PAGE);
    g_assert_cmpuint(virtio_balloon_actual(g.dev), ==, PAGE);
    g_assert_cmphex(guest_read(&g, g.config, 4), ==, 2);
    device_reset(g.dev);
    g_assert_cmpuint(virtio_balloon_actual(g.dev), ==, 0);
    guest_finish(&g);
}

int main(int argc, char **argv)
{
    static const char *const names[N_KINDS] = {"mmio-legacy", "mmio-modern",
                                               "pci-legacy", "pci-modern"};

    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < N_KINDS; i++) {
        g_autofree char *path = g_strconcat("/virtio-balloon/", names[i], NULL);

        g_test_add_data_func(path, GUINT_TO_POINTER(i), test_balloon);
    }
    return g_test_run();
}
