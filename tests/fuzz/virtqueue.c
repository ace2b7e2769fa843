/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/fuzz/virtqueue.c - a driver that does anything to a virtio
 * device: the input chooses device and transport, then is a program that
 * writes registers, rings and configuration space, kicks, and lets the host's
 * side move. Nothing it does may crash, hang or touch memory outside RAM. */
#include <linux/input-event-codes.h>

#include "core/chardev.h"
#include "core/clock.h"
#include "core/display.h"
#include "core/input.h"
#include "hw/devices.h"
#include "hw/virtio/serial.h"
#include "tests/dev/virtio-guest.h"
#include "util/bits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RING_BYTES = 0x4000, RING_ENTRIES = 16, N_DEVICES = 7 };

typedef struct {
    const uint8_t *at, *end;
} Input;

typedef struct {
    Guest g;
    NetDev net;
    CharDev chr;
    Device *port;
} Machine;

static uint64_t take(Input *in, unsigned bytes)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < bytes && in->at < in->end; i++) {
        v |= (uint64_t)*in->at++ << (8 * i);
    }
    return v;
}

/* ---- the host's side ---------------------------------------------------- */

static volatile uint8_t fuzz_sum; /* keeps the reads */

static void net_swallow(NetDev *n, const uint8_t *frame, size_t len)
{
    uint8_t sum = 0;

    for (size_t i = 0; i < len; i++) { /* every byte is readable */
        sum ^= frame[i];
    }
    fuzz_sum = sum;
}

static size_t char_swallow(CharDev *c, const uint8_t *bytes, size_t len)
{
    return len > 100 ? 100 : len;
}

static void nothing(void *p)
{
}

static void machine_init(Machine *m, unsigned device, Kind kind)
{
    static const NetClass net_cls = {"fuzz", net_swallow, NULL,
                                     (void (*)(NetDev *))nothing};
    static const CharClass char_cls = {.name = "fuzz",
                                       .write = char_swallow,
                                       .free = (void (*)(CharDev *))nothing};
    static char id[] = "x";
    static const char *const names[N_DEVICES] = {
        "virtio-blk", "virtio-net",    "virtio-rng",  "virtio-serial",
        "virtio-gpu", "virtio-tablet", "virtio-sound"};
    static const char *const props[N_DEVICES] = {
        "drive=x", "netdev=x",        "", "", "max_outputs=2,max_hostmem=1M",
        "",        "jacks=1,chmaps=3"};

    memset(m, 0, sizeof(*m));
    guest_init(&m->g, kind);
    m->net = (NetDev){.cls = &net_cls, .id = id};
    m->chr = (CharDev){.cls = &char_cls, .id = id, .open = true};
    mem_disk_add(&m->g, "x", 64 * 1024);
    backends_add_net(&m->g.backends, "x", &m->net, NULL);
    backends_add_char(&m->g.backends, "x", &m->chr, NULL);
    guest_plug(&m->g, names[device], props[device]);
    if (device == 3) {
        m->port = device_new(&virtconsole_class, NULL);
        m->port->backends = &m->g.backends;
        device_set_prop(m->port, "chardev", "x", NULL);
        virtio_serial_plug(m->g.dev, m->port, NULL);
        device_start(m->port, m->g.bus, NULL);
    }
}

static void machine_finish(Machine *m)
{
    device_free(m->port);
    guest_finish(&m->g);
    for (unsigned i = 0; i < 8; i++) {
        g_main_context_iteration(NULL, FALSE);
    }
}

static void host_moves(Machine *m, Input *in)
{
    static const uint8_t bytes[1600];
    static const InputEvent moves[] = {{EV_ABS, ABS_X, 1}, {EV_ABS, ABS_Y, 2}};
    size_t len = take(in, 2) % sizeof(bytes);

    inputs_report(m->g.backends.inputs, INPUT_ABSOLUTE, moves, 1 + (len & 1));
    if (displays_count(m->g.backends.displays) > 0) {
        display_resize(displays_get(m->g.backends.displays, 0), 100,
                       (uint32_t)len);
    }
    if (m->g.dev->cls == device_class_find("virtio-net-device") ||
        m->g.dev->cls == device_class_find("virtio-net-pci")) {
        net_receive(&m->net, bytes, len);
    }
    len = MIN(len, char_can_receive(&m->chr));
    if (len > 0) {
        char_receive(&m->chr, bytes, len);
    }
    g_main_context_iteration(NULL, FALSE);
}

/* ---- the driver --------------------------------------------------------- */

static Gpa ring_at(unsigned queue)
{
    return RAM_BASE + (Gpa)(queue % 8) * RING_BYTES;
}

static void put(Machine *m, Gpa addr, unsigned size, uint64_t value)
{
    bus_write(m->g.bus, addr, size, value);
}

/* A well-formed queue, so that the program gets further. */
static void set_up_queue(Machine *m, unsigned queue)
{
    Gpa regs = m->g.regs, desc = ring_at(queue);
    Gpa avail = desc + 16 * RING_ENTRIES, used = desc + 0x1000;

    switch (m->g.kind) {
    case MMIO_LEGACY:
        put(m, regs + 0x28, 4, 4096);
        put(m, regs + 0x30, 4, queue);
        put(m, regs + 0x38, 4, RING_ENTRIES);
        put(m, regs + 0x3c, 4, 4096);
        put(m, regs + 0x40, 4, desc / 4096);
        break;
    case MMIO_MODERN:
        put(m, regs + 0x30, 4, queue);
        put(m, regs + 0x38, 4, RING_ENTRIES);
        put(m, regs + 0x80, 4, desc);
        put(m, regs + 0x90, 4, avail);
        put(m, regs + 0xa0, 4, used);
        put(m, regs + 0x44, 4, 1);
        break;
    case PCI_LEGACY:
        put(m, regs + 14, 2, queue);
        put(m, regs + 8, 4, desc / 4096);
        break;
    case PCI_MODERN:
        put(m, regs + 0x16, 2, queue);
        put(m, regs + 0x18, 2, RING_ENTRIES);
        put(m, regs + 0x20, 8, desc);
        put(m, regs + 0x28, 8, avail);
        put(m, regs + 0x30, 8, used);
        put(m, regs + 0x1c, 2, 1);
        break;
    }
}

static void negotiate(Machine *m, uint32_t features)
{
    Gpa regs = m->g.regs;

    switch (m->g.kind) {
    case PCI_LEGACY:
        put(m, regs + 18, 1, 0);
        put(m, regs + 4, 4, features);
        put(m, regs + 18, 1, 7);
        return;
    case PCI_MODERN:
        put(m, regs + 0x14, 1, 0);
        for (unsigned word = 0; word < 2; word++) {
            put(m, regs + 0x08, 4, word);
            put(m, regs + 0x0c, 4, word ? 1 : features);
        }
        put(m, regs + 0x14, 1, 11);
        put(m, regs + 0x14, 1, 15);
        return;
    default:
        put(m, regs + 0x70, 4, 0);
        for (unsigned word = 0; word < 2; word++) {
            put(m, regs + 0x24, 4, word);
            put(m, regs + 0x20, 4, word ? 1 : features);
        }
        put(m, regs + 0x70, 4, 11);
        put(m, regs + 0x70, 4, 15);
    }
}

/* Mostly small and inside RAM; now and then anything. */
static Gpa take_address(Input *in)
{
    unsigned how = (unsigned)take(in, 1);

    return how < 240 ? RAM_BASE + (how & 7) * 0x1000 + take(in, 2)
                     : (take(in, 2) << 16 | take(in, 2)) * how;
}

static void set_descriptor(Machine *m, Input *in)
{
    Gpa at = ring_at((unsigned)take(in, 1)) + 16 * (take(in, 1) % 32);

    put(m, at, 8, take_address(in));
    put(m, at + 8, 4, take(in, 2));
    put(m, at + 12, 2, take(in, 1));
    put(m, at + 14, 2, take(in, 1) % 20);
}

static void publish(Machine *m, Input *in)
{
    unsigned queue = (unsigned)take(in, 1);
    Gpa avail = ring_at(queue) + 16 * RING_ENTRIES;
    uint64_t idx = 0;

    bus_read(m->g.bus, avail + 2, 2, &idx);
    put(m, avail + 4 + 2 * (idx % RING_ENTRIES), 2, take(in, 1) % 20);
    put(m, avail + 2, 2, idx + 1);
}

static void kick(Machine *m, unsigned queue)
{
    switch (m->g.kind) {
    case PCI_LEGACY:
        put(m, m->g.notify, 2, queue);
        break;
    case PCI_MODERN:
        put(m, m->g.notify + 4 * queue, 2, queue);
        break;
    default:
        put(m, m->g.regs + 0x50, 4, queue);
    }
}

static void step(Machine *m, Input *in)
{
    unsigned size = 1u << (take(in, 1) & 3);
    uint64_t v;

    switch (take(in, 1) % 11) {
    case 0:
        put(m, m->g.regs + take(in, 2) % 0x200, size, take(in, size));
        break;
    case 1:
        bus_read(m->g.bus, m->g.regs + take(in, 2) % 0x200, size, &v);
        break;
    case 2:
        put(m, RAM_BASE + take(in, 2), size, take(in, size));
        break;
    case 3:
    case 4:
        set_descriptor(m, in);
        break;
    case 5:
        publish(m, in);
        break;
    case 6:
        kick(m, take(in, 1) & 7);
        break;
    case 7:
        host_moves(m, in);
        break;
    case 8:
        set_up_queue(m, take(in, 1) & 7);
        break;
    case 9:
        negotiate(m, (uint32_t)take(in, 4));
        break;
    case 10: /* registers of PCI functions 0 and 1; the MSI-X table */
        v = take(in, 2);
        put(m, v & 0x4000 ? MEM32_BASE + (v & 0xfff) : ECAM_BASE + (v & 0x80ff),
            size, take(in, size));
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Input in = {data, data + size};
    unsigned choice = (unsigned)take(&in, 1);
    Machine m;

    machine_init(&m, (unsigned)take(&in, 1) % N_DEVICES,
                 (Kind)(choice >> 2 & 3));
    if (choice & 0x80) { /* a good start */
        negotiate(&m, choice & 0x40 ? UINT32_MAX : 0);
        for (unsigned queue = 0; queue < 4; queue++) {
            set_up_queue(&m, queue);
        }
    }
    while (in.at < in.end) {
        step(&m, &in);
    }
    machine_finish(&m);
    return 0;
}
