/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/fuzz/virtio-gpu.c - commands of any kind for the graphics card, over
 * rings that are in order: the input is a list of commands with fields near
 * what makes sense, now and then saved and loaded, or looked at. Nothing may
 * crash, hang, or touch memory outside a picture or RAM. */
#include "core/display.h"
#include "tests/dev/virtio-guest.h"
#include "util/bits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ENTRIES = 16, MAX_WORDS = 32, RESPONSE = BUFFERS + 0x1000 };

typedef struct {
    const uint8_t *at, *end;
} Input;

static volatile uint32_t fuzz_sum; /* keeps the reads */

static uint64_t take(Input *in, unsigned bytes)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < bytes && in->at < in->end; i++) {
        v |= (uint64_t)*in->at++ << (8 * i);
    }
    return v;
}

/* Small numbers, guest addresses, and what overflows with either. */
static uint32_t take_word(Input *in)
{
    unsigned how = (unsigned)take(in, 1);

    switch (how >> 5) {
    case 5:
        return RAM_BASE + (uint32_t)take(in, 2) * 16;
    case 6:
        return (uint32_t)take(in, 2);
    case 7:
        return (uint32_t)take(in, 4) | (how & 1) << 31;
    default:
        return how & 31 & (how >> 5 == 0 ? 1 : 31);
    }
}

static void command(Guest *g, Ring *rings, Input *in)
{
    static const uint32_t types[] = {0x100, 0x101, 0x101, 0x102, 0x103, 0x103,
                                     0x104, 0x105, 0x105, 0x106, 0x106, 0x107,
                                     0x10a, 0x300, 0x301, 0x108};
    unsigned what = (unsigned)take(in, 1);
    Ring *ring =
        &rings[(what & 15) == 13 || (what & 15) == 14 || (what & 0xf0) == 0x70];
    unsigned n = (unsigned)take(in, 1) % (MAX_WORDS - 6);
    uint32_t words[MAX_WORDS] = {types[what & 15], what >> 7};
    Seg segs[2] = {{BUFFERS, 4 * (6 + n), false},
                   {RESPONSE, (uint32_t)take(in, 1) * 8, true}};
    uint32_t id, len;

    for (unsigned i = 0; i < n; i++) {
        words[6 + i] = take_word(in);
    }
    ram_put(g, BUFFERS, words, sizeof(words));
    ring_add(ring, segs, segs[1].len > 0 ? 2 : 1);
    ring_kick(ring);
    while (ring_used(ring, &id, &len)) {
    }
}

static void look(Guest *g, DisplaySink **sinks, Input *in)
{
    unsigned head = (unsigned)take(in, 1) & 1;
    Display *d = displays_get(g->backends.displays, head);
    DisplayChange change;
    DisplayPicture p;
    uint32_t sum = 0;

    display_look(sinks[head], &change);
    display_picture(d, &p);
    for (uint32_t y = 0; y < p.height; y++) { /* every pixel is readable */
        sum ^= p.pixels[(size_t)y * p.stride] ^
               p.pixels[(size_t)y * p.stride + p.width - 1];
    }
    display_done(d);
    fuzz_sum = sum;
    display_resize(d, (uint32_t)take(in, 2), 600);
}

static void save_and_load(Guest *g, Input *in)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    size_t pos = 0;

    device_save(g->dev, bytes);
    for (unsigned i = (unsigned)take(in, 1) & 7; i > 0; i--) {
        bytes->data[bytes->len - 1 - take(in, 2) % bytes->len] ^=
            (uint8_t)take(in, 1);
    }
    device_load(g->dev, bytes->data, bytes->len, &pos, NULL);
}

static void start_driver(Guest *g, Ring *rings)
{
    guest_negotiate(g, UINT64_MAX);
    for (unsigned i = 0; i < 2; i++) {
        g->next_ring = RAM_BASE + i * 0x10000;
        ring_init(&rings[i], g, i, ENTRIES);
    }
    guest_driver_ok(g);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Input in = {data, data + size};
    Guest g;
    Ring rings[2];
    DisplaySink *sinks[2];

    guest_init(&g, MMIO_MODERN);
    guest_plug(&g, "virtio-gpu", "max_outputs=2,max_hostmem=1M");
    for (unsigned i = 0; i < 2; i++) {
        sinks[i] =
            display_attach(displays_get(g.backends.displays, i), NULL, NULL);
    }
    start_driver(&g, rings);
    while (in.at < in.end) {
        unsigned op = (unsigned)take(&in, 1) & 15;

        if (op == 0) {
            save_and_load(&g, &in);
        } else if (op == 1) {
            start_driver(&g, rings);
        } else if (op < 4) {
            look(&g, sinks, &in);
        } else {
            command(&g, rings, &in);
        }
        g_main_context_iteration(NULL, FALSE);
    }
    display_detach(sinks[0]);
    display_detach(sinks[1]);
    guest_finish(&g);
    return 0;
}
