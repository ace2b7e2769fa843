/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/fuzz/gicv3.c - a guest that does anything to a GICv3 and its ITS: the
 * input is a program of register accesses, commands, messages and input
 * levels. Nothing it does may crash, hang or touch memory outside RAM. */
#include "hw/intc/gicv3.h"

#include <stdlib.h>

#include "hw/intc/gicv3-its.h"
#include "util/bits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    N_CPUS = 3,
    RAM_BYTES = 1 << 20,
    RAM_BASE = 0x80000000,
    DIST = 0x8000000,
    REDIST = 0x80a0000,
    ITS = 0x8080000,
    QUEUE = RAM_BASE,
};

typedef struct {
    const uint8_t *at, *end;
} Input;

typedef struct {
    Bus *bus;
    Ram *ram;
    Device *gic, *its;
    unsigned tail;
} Guest;

static uint64_t take(Input *in, unsigned bytes)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < bytes && in->at < in->end; i++) {
        v |= (uint64_t)*in->at++ << (8 * i);
    }
    return v;
}

static Guest guest_new(bool security)
{
    Guest g = {bus_new(), ram_new("ram", RAM_BYTES, NULL),
               device_new(&gicv3_class, NULL),
               device_new(&gicv3_its_class, NULL), 0};

    device_set_prop(g.gic, "num-cpu", "3", NULL);
    device_set_prop(g.gic, "has-lpi", "on", NULL);
    device_set_prop(g.gic, "has-security-extensions", security ? "on" : "off",
                    NULL);
    bus_add_ram(g.bus, RAM_BASE, g.ram, false);
    gicv3_its_connect(g.its, g.gic);
    if (!device_start(g.gic, g.bus, NULL) ||
        !device_start(g.its, g.bus, NULL)) {
        abort();
    }
    bus_add_device(g.bus, DIST, GICV3_DIST_SIZE, g.gic, GICV3_DIST);
    bus_add_device(g.bus, REDIST, N_CPUS * GICV3_REDIST_SIZE, g.gic,
                   GICV3_REDIST);
    bus_add_device(g.bus, ITS, ITS_FRAME_SIZE, g.its, ITS_CONTROL);
    bus_add_device(g.bus, ITS + ITS_FRAME_SIZE, ITS_FRAME_SIZE, g.its,
                   ITS_TRANSLATION);
    device_reset(g.gic);
    device_reset(g.its);
    return g;
}

static void put(Guest *g, Gpa at, uint64_t value)
{
    bus_write(g->bus, at, 8, value);
}

/* Tables where a well-meaning guest has them, so that programs get further. */
static void set_up(Guest *g)
{
    put(g, ITS + 0x80, BIT(63) | QUEUE);
    put(g, ITS + 0x100, BIT(63) | (RAM_BASE + 0x10000));
    put(g, ITS + 0x108, BIT(63) | (RAM_BASE + 0x20000));
    put(g, ITS, 1);
    put(g, DIST, 0x37);
    for (unsigned i = 0; i < N_CPUS; i++) {
        Gpa rd = REDIST + i * (Gpa)GICV3_REDIST_SIZE;

        put(g, rd + 0x70, (RAM_BASE + 0x50000) | 15);
        put(g, rd + 0x78, RAM_BASE + 0x60000 + i * 0x10000);
        put(g, rd, 1);
    }
}

static void command(Guest *g, Input *in)
{
    uint64_t device = take(in, 1), event = take(in, 1);
    uint64_t words[4] = {take(in, 1) % 18 | device << 32,
                         event | (take(in, 2) + 8192) << 32,
                         take(in, 3) | (take(in, 1) & 1) << 63, take(in, 3)};

    for (unsigned i = 0; i < 4; i++) {
        put(g, QUEUE + g->tail + 8 * i, words[i]);
    }
    g->tail = (g->tail + 32) % 0x1000;
    put(g, ITS + 0x88, g->tail);
}

/* Mostly registers that exist. */
static void cpu_register(Guest *g, Input *in)
{
    static const uint32_t bases[] = {
        3 << 14 | 12 << 7 | 8 << 3,
        3 << 14 | 12 << 7 | 12 << 3,
        3 << 14 | 12 << 7 | 11 << 3,
        3 << 14 | 4 << 11 | 12 << 7 | 8 << 3,
        3 << 14 | 4 << 11 | 12 << 7 | 11 << 3,
        3 << 14 | 4 << 11 | 12 << 7 | 12 << 3,
        3 << 14 | 6 << 11 | 12 << 7 | 12 << 3,
        3 << 14 | 4 << 7 | 6 << 3,
    };
    const CpuRegBank *b = gicv3_cpu_regs(g->gic);
    unsigned choice = (unsigned)take(in, 1), cpu = (unsigned)take(in, 1) % 4;
    uint32_t reg = bases[choice % 8] + (choice >> 3 & 15);
    uint32_t mode = (uint32_t)take(in, 2);
    uint64_t v;

    if (choice & 0x80) {
        b->read(b->opaque, cpu, reg, mode, &v);
    } else {
        b->write(b->opaque, cpu, reg, mode, take(in, 8));
    }
    if (mode & 0x8000) {
        b->mode_changed(b->opaque, cpu, mode);
    }
}

static void access_register(Guest *g, Input *in)
{
    static const Gpa bases[] = {DIST, REDIST, REDIST + 0x10000, ITS, RAM_BASE};
    unsigned choice = (unsigned)take(in, 1), size = 1u << (choice & 3);
    Gpa at = bases[(choice >> 2) % 5] + take(in, 2);
    uint64_t v;

    bus_set_requester((BusRequester){0, BUS_NOBODY, (choice & 0x40) != 0});
    if (choice & 0x80) {
        bus_read(g->bus, at, size, &v);
    } else {
        bus_write(g->bus, at, size, take(in, size));
    }
}

static void message(Guest *g, Input *in)
{
    bus_set_requester((BusRequester){BUS_NOBODY, (uint32_t)take(in, 1), false});
    bus_write(g->bus, ITS + ITS_FRAME_SIZE + ITS_TRANSLATER, 4, take(in, 1));
}

static void input(Guest *g, Input *in)
{
    unsigned n = (unsigned)take(in, 1);
    IrqLine line = n & 1 ? gicv3_ppi_input(g->gic, (n >> 1) % N_CPUS, n >> 4)
                         : gicv3_spi_input(g->gic, n);

    irq_set(&line, take(in, 1) & 1);
}

/* Saved and loaded, with a byte changed now and then. */
static void reload(Guest *g, Input *in)
{
    Device *devs[] = {g->gic, g->its};

    for (unsigned i = 0; i < 2; i++) {
        g_autoptr(GByteArray) bytes = g_byte_array_new();
        size_t pos = 0;

        device_save(devs[i], bytes);
        bytes->data[take(in, 3) % bytes->len] ^= (uint8_t)take(in, 1);
        device_load(devs[i], bytes->data, bytes->len, &pos, NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const steps[])(Guest * g, Input * in) = {
        access_register, access_register, cpu_register, cpu_register,
        command,         command,         message,      input};
    Input in = {data, data + size};
    uint64_t choice = take(&in, 1);
    Guest g = guest_new(choice & 1);
    unsigned n_reloads = 0;

    if (choice & 2) {
        set_up(&g);
    }
    while (in.at < in.end) {
        unsigned step = (unsigned)take(&in, 1);

        if (step == 255 && n_reloads++ < 4) {
            reload(&g, &in);
        } else {
            steps[step % G_N_ELEMENTS(steps)](&g, &in);
        }
    }
    device_free(g.its);
    device_free(g.gic);
    bus_free(g.bus);
    ram_free(g.ram);
    return 0;
}
