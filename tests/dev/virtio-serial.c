/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/dev/virtio-serial.c - consoles and named ports, and the entropy
 * device. */
#include "core/chardev.h"
#include "core/clock.h"
#include "hw/devices.h"
#include "hw/virtio/serial.h"
#include "hw/virtio/virtio.h"
#include "tests/dev/virtio-guest.h"

enum { DATA = BUFFERS + 4096, CTRL = BUFFERS + 0x8000 };

/* A terminal that remembers; room < 0 is unlimited. */
typedef struct {
    CharDev dev;
    GString *out;
    int room;
    unsigned n_accepts;
    int guest_open; /* -1: nobody said */
} Terminal;

typedef struct {
    Guest g;
    Terminal *console, *agent;
    Device *ports[2];
    Ring rx, tx, ctrl_rx, ctrl_tx;
} Fixture;

static size_t terminal_write(CharDev *c, const uint8_t *bytes, size_t len)
{
    Terminal *t = (Terminal *)c;

    if (t->room >= 0) {
        len = MIN(len, (size_t)t->room);
        t->room -= (int)len;
    }
    g_string_append_len(t->out, (const char *)bytes, (gssize)len);
    return len;
}

static void terminal_accept_input(CharDev *c)
{
    ((Terminal *)c)->n_accepts++;
}

static void terminal_front_opened(CharDev *c, bool open)
{
    ((Terminal *)c)->guest_open = open;
}

static void terminal_free(CharDev *c)
{
    g_string_free(((Terminal *)c)->out, TRUE);
    g_free(c->id);
    g_free(c);
}

static Terminal *terminal_add(Guest *g, const char *id)
{
    static const CharClass cls = {.name = "terminal",
                                  .write = terminal_write,
                                  .accept_input = terminal_accept_input,
                                  .front_opened = terminal_front_opened,
                                  .free = terminal_free};
    Terminal *t = g_new0(Terminal, 1);

    t->dev.cls = &cls;
    t->dev.id = g_strdup(id);
    t->dev.open = true;
    t->out = g_string_new(NULL);
    t->room = t->guest_open = -1;
    g_assert_true(backends_add_char(&g->backends, id, &t->dev, NULL));
    return t;
}

static Device *add_port(Guest *g, const DeviceClass *cls, const char *chardev,
                        const char *name)
{
    Device *d = device_new(cls, NULL);
    GError *error = NULL;

    d->backends = &g->backends;
    device_set_prop(d, "chardev", chardev, &error);
    g_assert_no_error(error);
    if (name != NULL) {
        g_assert_true(device_set_prop(d, "name", name, NULL));
    }
    virtio_serial_plug(g->dev, d, &error);
    g_assert_no_error(error);
    device_start(d, g->bus, &error);
    g_assert_no_error(error);
    return d;
}

static void set_up(Fixture *f, Kind kind, uint64_t features)
{
    guest_init(&f->g, kind);
    f->console = terminal_add(&f->g, "c0");
    f->agent = terminal_add(&f->g, "c1");
    guest_plug(&f->g, "virtio-serial", "");
    f->ports[0] = add_port(&f->g, &virtconsole_class, "c0", NULL);
    f->ports[1] = add_port(&f->g, &virtserialport_class, "c1", "org.agent");
    g_assert_true(guest_negotiate(&f->g, features));
    ring_init(&f->rx, &f->g, 0, 16);
    ring_init(&f->tx, &f->g, 1, 16);
    ring_init(&f->ctrl_rx, &f->g, 2, 16);
    ring_init(&f->ctrl_tx, &f->g, 3, 16);
    guest_driver_ok(&f->g);
}

static void tear_down(Fixture *f)
{
    device_free(f->ports[0]);
    device_free(f->ports[1]);
    guest_finish(&f->g);
}

static void put(Fixture *f, Ring *r, const char *text)
{
    Seg segs[2] = {{DATA, 2, false}, {DATA + 2, 0, false}};

    segs[1].len = (uint32_t)strlen(text) - 2;
    ram_put(&f->g, DATA, text, strlen(text));
    ring_add(r, segs, 2);
    ring_kick(r);
}

static void test_console(gconstpointer data)
{
    Fixture f;
    Seg seg = {BUFFERS, 64, true};
    char got[6] = "";

    set_up(&f, (Kind)GPOINTER_TO_UINT(data), 0);
    put(&f, &f.tx, "hello");
    ring_wait(&f.tx);
    g_assert_cmpstr(f.console->out->str, ==, "hello");
    g_assert_cmpint(char_can_receive(&f.console->dev), ==, 0);
    ring_add(&f.rx, &seg, 1);
    ring_kick(&f.rx);
    g_assert_cmpint(f.console->n_accepts, >=, 1);
    g_assert_cmpint(char_can_receive(&f.console->dev), >, 0);
    char_receive(&f.console->dev, (const uint8_t *)"input", 5);
    g_assert_cmpint(ring_wait(&f.rx), ==, 5);
    ram_get(&f.g, BUFFERS, got, 5);
    g_assert_cmpstr(got, ==, "input");
    tear_down(&f);
}

/* A terminal that is full: nothing is lost, nothing twice. */
static void test_back_pressure(void)
{
    Fixture f;
    uint32_t id, len;

    set_up(&f, MMIO_MODERN, 0);
    f.console->room = 3;
    put(&f, &f.tx, "hello");
    g_assert_false(ring_used(&f.tx, &id, &len));
    f.console->room = -1;
    ring_wait(&f.tx);
    g_assert_cmpstr(f.console->out->str, ==, "hello");
    tear_down(&f);
}

/* More input than the first buffer takes waits for the next one. */
static void test_small_buffers(void)
{
    Fixture f;
    Seg seg = {BUFFERS, 3, true};

    set_up(&f, MMIO_MODERN, 0);
    ring_add(&f.rx, &seg, 1);
    ring_kick(&f.rx);
    char_receive(&f.console->dev, (const uint8_t *)"input", 5);
    g_assert_cmpint(ring_wait(&f.rx), ==, 3);
    g_assert_cmpint(char_can_receive(&f.console->dev), ==, 0);
    ring_add(&f.rx, &seg, 1);
    ring_kick(&f.rx);
    g_assert_cmpint(ring_wait(&f.rx), ==, 2);
    tear_down(&f);
}

static void say(Fixture *f, uint32_t port, uint16_t event, uint16_t value)
{
    uint8_t m[8];
    Seg seg = {DATA, sizeof(m), false};

    le32_store(m, port);
    le16_store(m + 4, event);
    le16_store(m + 6, value);
    ram_put(&f->g, DATA, m, sizeof(m));
    ring_add(&f->ctrl_tx, &seg, 1);
    ring_kick(&f->ctrl_tx);
    ring_wait(&f->ctrl_tx);
}

/* The next control message as port, event and value in one number. */
static uint64_t hear(Fixture *f, char *name)
{
    Seg seg = {CTRL, 256, true};
    uint32_t len;

    memset(f->g.ram->host + (CTRL - RAM_BASE), 0, 256);
    ring_add(&f->ctrl_rx, &seg, 1);
    ring_kick(&f->ctrl_rx);
    len = ring_wait(&f->ctrl_rx);
    if (name != NULL) {
        ram_get(&f->g, CTRL + 8, name, len - 8);
        name[len - 8] = '\0';
    }
    return guest_read(&f->g, CTRL, 4) << 32 |
           guest_read(&f->g, CTRL + 4, 2) << 16 |
           guest_read(&f->g, CTRL + 6, 2);
}

#define MSG(port, event, value) \
 ((uint64_t)(port) << 32 | (event) << 16 | (value))

static void test_multiport(void)
{
    Fixture f;
    Ring rx, tx;
    char name[256];
    Seg seg = {BUFFERS, 64, true};

    set_up(&f, PCI_MODERN, BIT(1));
    say(&f, 0, 0, 1);
    g_assert_cmphex(hear(&f, NULL), ==, MSG(0, 1, 1));
    g_assert_cmphex(hear(&f, NULL), ==, MSG(1, 1, 1));
    say(&f, 0, 3, 1);
    g_assert_cmphex(hear(&f, NULL), ==, MSG(0, 4, 1));
    g_assert_cmphex(hear(&f, NULL), ==, MSG(0, 6, 1));
    say(&f, 1, 3, 1);
    g_assert_cmphex(hear(&f, name), ==, MSG(1, 7, 1));
    g_assert_cmpstr(name, ==, "org.agent");
    g_assert_cmphex(hear(&f, NULL), ==, MSG(1, 6, 1));
    ring_init(&rx, &f.g, 4, 16);
    ring_init(&tx, &f.g, 5, 16);
    ring_add(&rx, &seg, 1);
    ring_kick(&rx);
    g_assert_cmpint(char_can_receive(&f.agent->dev), ==, 0);
    g_assert_cmpint(f.agent->guest_open, !=, 1);
    say(&f, 1, 6, 1);
    g_assert_cmpint(f.agent->guest_open, ==, 1);
    g_assert_cmpint(char_can_receive(&f.agent->dev), >, 0);
    char_receive(&f.agent->dev, (const uint8_t *)"x", 1);
    g_assert_cmpint(ring_wait(&rx), ==, 1);
    put(&f, &tx, "agent");
    ring_wait(&tx);
    g_assert_cmpstr(f.agent->out->str, ==, "agent");
    char_event(&f.agent->dev, CHAR_CLOSED);
    g_assert_cmphex(hear(&f, NULL), ==, MSG(1, 6, 0));
    /* Ports that are not there; more messages than are ever taken. */
    say(&f, 77, 3, 1);
    say(&f, UINT32_MAX, 6, 1);
    for (unsigned i = 0; i < 400; i++) {
        say(&f, 1, 3, 1);
    }
    /* The agent behind the port hears who is there. */
    say(&f, 1, 6, 0);
    g_assert_cmpint(f.agent->guest_open, ==, 0);
    say(&f, 1, 6, 1);
    f.agent->guest_open = -1;
    char_event(&f.agent->dev, CHAR_OPENED);
    g_assert_cmpint(f.agent->guest_open, ==, 1);
    device_reset(f.g.dev);
    g_assert_cmpint(f.agent->guest_open, ==, 0);
    tear_down(&f);
}

/* A port that goes, and one that comes, while the driver is there. */
static void test_plugging(void)
{
    Fixture f;
    char name[256];

    set_up(&f, PCI_MODERN, BIT(1));
    say(&f, 0, 0, 1);
    g_assert_cmphex(hear(&f, NULL), ==, MSG(0, 1, 1));
    g_assert_cmphex(hear(&f, NULL), ==, MSG(1, 1, 1));
    virtio_serial_announce(f.ports[1], false);
    device_free(f.ports[1]);
    g_assert_cmphex(hear(&f, NULL), ==, MSG(1, 2, 1));
    say(&f, 1, 6, 1); /* too late */
    f.ports[1] = add_port(&f.g, &virtserialport_class, "c1", "anew");
    virtio_serial_announce(f.ports[1], true);
    g_assert_cmphex(hear(&f, NULL), ==, MSG(1, 1, 1));
    say(&f, 1, 3, 1);
    g_assert_cmphex(hear(&f, name), ==, MSG(1, 7, 1));
    g_assert_cmpstr(name, ==, "anew");
    tear_down(&f);
}

static void test_save(void)
{
    Fixture a, b;
    g_autoptr(GByteArray) data = g_byte_array_new();
    size_t pos = 0;

    set_up(&a, MMIO_LEGACY, 0);
    set_up(&b, MMIO_LEGACY, 0);
    a.console->room = 2;
    put(&a, &a.tx, "hello");
    guest_copy_state(&b.g, &a.g);
    device_save(a.ports[0], data);
    b.ports[0]->instance = a.ports[0]->instance;
    g_string_truncate(b.console->out, 0);
    g_assert_true(device_load(b.ports[0], data->data, data->len, &pos, NULL));
    b.tx = a.tx;
    b.tx.g = &b.g;
    ring_wait(&b.tx);
    g_assert_nonnull(strstr(b.console->out->str, "llo"));
    tear_down(&b);
    tear_down(&a);
}

static void test_rng(gconstpointer data)
{
    Guest g;
    Ring r;
    Seg seg = {BUFFERS, 64, true};
    uint8_t got[64];
    unsigned sum = 0;

    guest_init(&g, (Kind)GPOINTER_TO_UINT(data));
    guest_plug(&g, "virtio-rng", "max-bytes=100,period=20");
    g_assert_true(guest_negotiate(&g, 0));
    ring_init(&r, &g, 0, 8);
    guest_driver_ok(&g);
    ring_add(&r, &seg, 1);
    ring_kick(&r);
    g_assert_cmpint(ring_wait(&r), ==, 64);
    ram_get(&g, BUFFERS, got, sizeof(got));
    for (unsigned i = 0; i < sizeof(got); i++) {
        sum |= got[i];
    }
    g_assert_cmpint(sum, !=, 0);
    g_assert_true(g.irq);
    ring_add(&r, &seg, 1); /* the rest of the quota, then a new period */
    ring_kick(&r);
    g_assert_cmpint(ring_wait(&r), ==, 36);
    ring_add(&r, &seg, 1);
    ring_kick(&r);
    g_assert_cmpint(ring_wait(&r), ==, 64);
    guest_finish(&g);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    clock_resume(); /* for the timers */
    for (unsigned i = 0; i < N_KINDS; i++) {
        g_autofree char *console = g_strdup_printf("/virtio-serial/io/%u", i);
        g_autofree char *rng = g_strdup_printf("/virtio-rng/fill/%u", i);

        g_test_add_data_func(console, GUINT_TO_POINTER(i), test_console);
        g_test_add_data_func(rng, GUINT_TO_POINTER(i), test_rng);
    }
    g_test_add_func("/virtio-serial/back-pressure", test_back_pressure);
    g_test_add_func("/virtio-serial/small-buffers", test_small_buffers);
    g_test_add_func("/virtio-serial/multiport", test_multiport);
    g_test_add_func("/virtio-serial/plugging", test_plugging);
    g_test_add_func("/virtio-serial/save", test_save);
    return g_test_run();
}
