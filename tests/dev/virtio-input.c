/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/dev/virtio-input.c - keyboard, mouse, tablet, touch screen: what they
 * say they have, reports and what becomes of them without buffers, lights,
 * saved state. */
#include <linux/input-event-codes.h>

#include "core/input.h"
#include "hw/virtio/virtio.h"
#include "tests/dev/virtio-guest.h"

enum { EVENT_BYTES = 8, DATA = 8, FIRST = BUFFERS };

typedef struct {
    Guest g;
    Ring events, status;
    unsigned n_offered;
    unsigned n_seen;
} Fixture;

static void set_up(Fixture *f, Kind kind, const char *name)
{
    memset(f, 0, sizeof(*f));
    guest_init(&f->g, kind);
    guest_plug(&f->g, name, "serial=s1");
    g_assert_true(guest_negotiate(&f->g, 0));
    ring_init(&f->events, &f->g, 0, 64);
    ring_init(&f->status, &f->g, 1, 16);
    guest_driver_ok(&f->g);
}

static void offer(Fixture *f, unsigned n)
{
    while (n-- > 0) {
        Seg seg = {FIRST + EVENT_BYTES * f->n_offered++, EVENT_BYTES, true};

        ring_add(&f->events, &seg, 1);
    }
    ring_kick(&f->events);
}

static void report(Fixture *f, InputKind kind, const InputEvent *events,
                   unsigned n)
{
    inputs_report(f->g.backends.inputs, kind, events, n);
}

static void report_one(Fixture *f, InputKind kind, unsigned type, unsigned code,
                       int32_t value)
{
    InputEvent event = {(uint16_t)type, (uint16_t)code, value};

    report(f, kind, &event, 1);
}

/* The next event the driver sees. */
static void expect(Fixture *f, unsigned type, unsigned code, uint32_t value)
{
    Gpa at = FIRST + EVENT_BYTES * f->n_seen++;
    uint32_t id, len;

    g_assert_true(ring_used(&f->events, &id, &len));
    g_assert_cmpuint(len, ==, EVENT_BYTES);
    g_assert_cmpuint(guest_read(&f->g, at, 2), ==, type);
    g_assert_cmpuint(guest_read(&f->g, at + 2, 2), ==, code);
    g_assert_cmphex(guest_read(&f->g, at + 4, 4), ==, value);
}

static void expect_end(Fixture *f)
{
    expect(f, EV_SYN, SYN_REPORT, 0);
}

static void expect_nothing(Fixture *f)
{
    uint32_t id, len;

    g_assert_false(ring_used(&f->events, &id, &len));
}

/* Selects and returns the size. */
static unsigned config(Fixture *f, unsigned select, unsigned subsel)
{
    guest_write(&f->g, f->g.config, 1, select);
    guest_write(&f->g, f->g.config + 1, 1, subsel);
    return (unsigned)guest_read(&f->g, f->g.config + 2, 1);
}

static bool has_code(Fixture *f, unsigned type, unsigned code)
{
    unsigned size = config(f, 0x11, type);

    return code / 8 < size &&
           (guest_read(&f->g, f->g.config + DATA + code / 8, 1) >> code % 8 &
            1);
}

static void test_config(gconstpointer data)
{
    Fixture f;

    set_up(&f, (Kind)GPOINTER_TO_UINT(data), "virtio-keyboard");
    g_assert_cmpuint(config(&f, 0x01, 0), ==, strlen("QEMU Virtio Keyboard"));
    g_assert_cmphex(guest_read(&f.g, f.g.config + DATA, 4), ==, 0x554d4551);
    g_assert_cmpuint(config(&f, 0x02, 0), ==, 2);
    g_assert_cmpuint(config(&f, 0x03, 0), ==, 8);
    g_assert_cmphex(guest_read(&f.g, f.g.config + DATA, 4), ==, 0x06270006);
    g_assert_cmphex(guest_read(&f.g, f.g.config + DATA + 4, 4), ==, 0x00010001);
    g_assert_true(has_code(&f, EV_KEY, KEY_A));
    g_assert_false(has_code(&f, EV_KEY, KEY_RESERVED));
    g_assert_false(has_code(&f, EV_KEY, BTN_LEFT));
    g_assert_true(has_code(&f, EV_REP, REP_PERIOD));
    g_assert_true(has_code(&f, EV_LED, LED_CAPSL));
    g_assert_cmpuint(config(&f, 0x11, EV_ABS), ==, 0);
    g_assert_cmpuint(config(&f, 0x12, ABS_X), ==, 0);
    g_assert_cmpuint(config(&f, 0x55, 1), ==, 0);
    g_assert_cmphex(guest_read(&f.g, f.g.config + DATA, 4), ==, 0);
    guest_finish(&f.g);
}

static void test_pointers(void)
{
    Fixture f;

    set_up(&f, MMIO_MODERN, "virtio-mouse");
    g_assert_true(has_code(&f, EV_KEY, BTN_EXTRA));
    g_assert_true(has_code(&f, EV_REL, REL_WHEEL));
    g_assert_false(has_code(&f, EV_KEY, KEY_A));
    g_assert_false(inputs_is_absolute(f.g.backends.inputs));
    guest_finish(&f.g);

    set_up(&f, MMIO_MODERN, "virtio-tablet");
    g_assert_true(has_code(&f, EV_ABS, ABS_Y));
    g_assert_false(has_code(&f, EV_REL, REL_X));
    g_assert_cmpuint(config(&f, 0x12, ABS_Y), ==, 20);
    g_assert_cmphex(guest_read(&f.g, f.g.config + DATA, 4), ==, 0);
    g_assert_cmphex(guest_read(&f.g, f.g.config + DATA + 4, 4), ==, 0x7fff);
    g_assert_true(inputs_is_absolute(f.g.backends.inputs));
    guest_finish(&f.g);

    set_up(&f, PCI_MODERN, "virtio-multitouch");
    g_assert_true(has_code(&f, EV_ABS, ABS_MT_SLOT));
    g_assert_cmpuint(config(&f, 0x12, ABS_MT_SLOT), ==, 20);
    g_assert_cmphex(guest_read(&f.g, f.g.config + DATA + 4, 4), ==, 9);
    g_assert_cmpuint(config(&f, 0x10, 0), ==, 1);
    g_assert_cmphex(guest_read(&f.g, f.g.config + DATA, 1), ==,
                    1 << INPUT_PROP_DIRECT);
    guest_finish(&f.g);
}

static void test_reports(void)
{
    InputEvent click[] = {{EV_ABS, ABS_X, 100},
                          {EV_ABS, ABS_Y, 200},
                          {EV_KEY, BTN_LEFT, 1},
                          {EV_KEY, KEY_A, 1}}; /* not a tablet's */
    Fixture f;

    set_up(&f, PCI_MODERN, "virtio-tablet");
    offer(&f, 8);
    report(&f, INPUT_ABSOLUTE, click, 4);
    g_assert_true(f.g.irq);
    expect(&f, EV_ABS, ABS_X, 100);
    expect(&f, EV_ABS, ABS_Y, 200);
    expect(&f, EV_KEY, BTN_LEFT, 1);
    expect_end(&f);
    report_one(&f, INPUT_KEYS, EV_KEY, KEY_A, 1); /* nobody's */
    report_one(&f, INPUT_ABSOLUTE, EV_KEY, KEY_A, 1);
    expect_nothing(&f);
    guest_finish(&f.g);
}

/* Without buffers motion is merged, and keys wait in order. */
static void test_late(void)
{
    InputEvent move[] = {{EV_REL, REL_X, 2}, {EV_REL, REL_Y, -3}};
    Fixture f;

    set_up(&f, MMIO_MODERN, "virtio-mouse");
    offer(&f, 1);
    for (unsigned i = 0; i < 1000; i++) {
        report(&f, INPUT_RELATIVE, move, 2);
    }
    report_one(&f, INPUT_RELATIVE, EV_KEY, BTN_RIGHT, 1);
    report(&f, INPUT_RELATIVE, move, 2);
    report(&f, INPUT_RELATIVE, move, 1); /* another shape */
    offer(&f, 20);
    expect(&f, EV_REL, REL_X, 2); /* gone before the second came */
    expect(&f, EV_REL, REL_Y, (uint32_t)-3);
    expect_end(&f);
    expect(&f, EV_REL, REL_X, 999 * 2);
    expect(&f, EV_REL, REL_Y, (uint32_t)(999 * -3));
    expect_end(&f);
    expect(&f, EV_KEY, BTN_RIGHT, 1);
    expect_end(&f);
    expect(&f, EV_REL, REL_X, 2);
    expect(&f, EV_REL, REL_Y, (uint32_t)-3);
    expect_end(&f);
    expect(&f, EV_REL, REL_X, 2);
    expect_end(&f);
    expect_nothing(&f);
    guest_finish(&f.g);
}

/* A driver that never looks costs nothing, and one that is not there yet gets
 * nothing old. */
static void test_flood(void)
{
    Fixture f;

    set_up(&f, MMIO_MODERN, "virtio-keyboard");
    for (unsigned i = 0; i < 2000; i++) {
        report_one(&f, INPUT_KEYS, EV_KEY, KEY_A, i % 2 == 0);
    }
    guest_set_status(&f.g, 0);
    report_one(&f, INPUT_KEYS, EV_KEY, KEY_B, 1);
    g_assert_true(guest_negotiate(&f.g, 0));
    ring_init(&f.events, &f.g, 0, 64);
    guest_driver_ok(&f.g);
    offer(&f, 8);
    expect_nothing(&f);
    report_one(&f, INPUT_KEYS, EV_KEY, KEY_C, 1);
    expect(&f, EV_KEY, KEY_C, 1);
    expect_end(&f);
    guest_finish(&f.g);
}

static void hear_leds(void *opaque, const InputsState *state)
{
    *(unsigned *)opaque = state->leds;
}

static void send_status(Fixture *f, unsigned type, unsigned code, uint32_t on)
{
    Seg seg = {FIRST, EVENT_BYTES, false};

    guest_write(&f->g, FIRST, 2, type);
    guest_write(&f->g, FIRST + 2, 2, code);
    guest_write(&f->g, FIRST + 4, 4, on);
    ring_add(&f->status, &seg, 1);
    ring_kick(&f->status);
    ring_wait(&f->status);
    while (g_main_context_iteration(NULL, FALSE)) {
    }
}

static void test_leds(void)
{
    unsigned leds = 0;
    Fixture f;

    set_up(&f, PCI_MODERN, "virtio-keyboard");
    inputs_observe(f.g.backends.inputs, hear_leds, &leds);
    send_status(&f, EV_LED, LED_CAPSL, 1);
    g_assert_cmphex(leds, ==, INPUT_LED_KNOWN | INPUT_LED_CAPS);
    send_status(&f, EV_LED, LED_NUML, 1);
    send_status(&f, EV_LED, LED_CAPSL, 0);
    g_assert_cmphex(leds, ==, INPUT_LED_KNOWN | INPUT_LED_NUM);
    send_status(&f, EV_LED, LED_MAIL, 1); /* there is none */
    send_status(&f, EV_SND, LED_CAPSL, 1);
    g_assert_cmphex(leds, ==, INPUT_LED_KNOWN | INPUT_LED_NUM);
    inputs_unobserve(f.g.backends.inputs, hear_leds, &leds);
    guest_finish(&f.g);
}

/* What waits goes along. */
static void test_save(void)
{
    Fixture a, b;

    set_up(&a, PCI_MODERN, "virtio-keyboard");
    set_up(&b, PCI_MODERN, "virtio-keyboard");
    config(&a, 0x11, EV_LED);
    offer(&a, 1);
    report_one(&a, INPUT_KEYS, EV_KEY, KEY_A, 1);
    report_one(&a, INPUT_KEYS, EV_KEY, KEY_A, 0);
    expect(&a, EV_KEY, KEY_A, 1);
    guest_copy_state(&b.g, &a.g);
    b.events = a.events;
    b.events.g = &b.g;
    b.n_offered = b.n_seen = 1;
    g_assert_cmphex(guest_read(&b.g, b.g.config, 4), ==, 0x00011111);
    offer(&b, 4);
    expect_end(&b);
    expect(&b, EV_KEY, KEY_A, 0);
    expect_end(&b);
    expect_nothing(&b);
    guest_finish(&b.g);
    guest_finish(&a.g);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/virtio-input/config/mmio",
                         GUINT_TO_POINTER(MMIO_MODERN), test_config);
    g_test_add_data_func("/virtio-input/config/pci",
                         GUINT_TO_POINTER(PCI_MODERN), test_config);
    g_test_add_func("/virtio-input/pointers", test_pointers);
    g_test_add_func("/virtio-input/reports", test_reports);
    g_test_add_func("/virtio-input/late", test_late);
    g_test_add_func("/virtio-input/flood", test_flood);
    g_test_add_func("/virtio-input/leds", test_leds);
    g_test_add_func("/virtio-input/save", test_save);
    return g_test_run();
}
