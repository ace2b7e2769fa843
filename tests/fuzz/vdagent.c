/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/fuzz/vdagent.c - an agent that says anything: the input is a program
 * of what the guest writes, whole messages or any bytes, and of what the
 * host's side does meanwhile. */
#include <glib.h>
#include <linux/input-event-codes.h>

#include "backend/char/char-backend.h"
#include "core/clipboard.h"
#include "core/input.h"
#include "util/bits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct {
    const uint8_t *at, *end;
    CharDev *c;
    size_t room;
    ClipboardPeer *peer;
} Fuzz;

static uint32_t take(Fuzz *f, unsigned bytes)
{
    uint32_t v = 0;

    for (unsigned i = 0; i < bytes && f->at < f->end; i++) {
        v |= (uint32_t)*f->at++ << (8 * i);
    }
    return v;
}

static void changed(void *opaque, bool has_text)
{
}

static void wanted(void *opaque)
{
}

static void text(void *opaque, const char *text)
{
    if (text != NULL && !g_utf8_validate(text, -1, NULL)) {
        abort();
    }
}

static const ClipboardClass peer_class = {changed, wanted, text};

static size_t can_receive(void *opaque)
{
    return ((Fuzz *)opaque)->room;
}

static void receive(void *opaque, const uint8_t *bytes, size_t len)
{
    ((Fuzz *)opaque)->room -= len;
}

static const CharFrontEnd front = {can_receive, receive, NULL};

static void give(Fuzz *f, const uint8_t *bytes, size_t len)
{
    while (len > 0) {
        size_t n = char_write(f->c, bytes, len);

        bytes += n;
        len -= n;
        g_main_context_iteration(NULL, FALSE);
    }
}

/* A message with a good head, now and then of another length than it says. */
static void give_message(Fuzz *f)
{
    uint8_t m[8 + 20 + 255] = {1, [8] = 1};
    uint32_t type = take(f, 1), len = take(f, 1), lie = take(f, 1);

    le32_store(m + 4, 20 + len);
    le32_store(m + 12, type & 15);
    le32_store(m + 24, lie == 0xff ? take(f, 4) : len);
    for (uint32_t i = 0; i < len; i++) {
        m[28 + i] = (uint8_t)take(f, 1);
    }
    give(f, m, 28 + len);
}

static void step(Fuzz *f, Inputs *inputs)
{
    InputEvent e;
    uint8_t byte;

    switch (take(f, 1) % 8) {
    case 0:
    case 1:
    case 2:
        give_message(f);
        break;
    case 3:
        byte = (uint8_t)take(f, 1);
        give(f, &byte, 1);
        break;
    case 4:
        char_front_opened(f->c, take(f, 1) % 4 != 0);
        break;
    case 5:
        clipboard_request(f->peer);
        break;
    case 6:
        if (take(f, 1) & 1) {
            clipboard_grab(f->peer);
        } else {
            clipboard_supply(f->peer, "text");
        }
        break;
    case 7:
        e = (InputEvent){(uint16_t)(take(f, 1) & 3), (uint16_t)take(f, 2),
                         (int32_t)take(f, 4)};
        inputs_report(inputs, INPUT_ABSOLUTE, &e, 1);
        f->room = take(f, 2);
        char_accept_input(f->c);
        break;
    }
    g_main_context_iteration(NULL, FALSE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(Opts) opts =
        opts_parse("qemu-vdagent,clipboard=on", "backend", NULL);
    Fuzz f = {data, data + size, NULL, SIZE_MAX, NULL};
    Backends all;

    backends_init(&all);
    f.c = char_backend_new(&all, "v", opts, NULL);
    backends_add_char(&all, "v", f.c, NULL);
    f.peer = clipboard_join(all.clipboard, &peer_class, &f);
    char_attach(f.c, &front, &f, NULL);
    char_front_opened(f.c, true);
    while (f.at < f.end) {
        step(&f, all.inputs);
    }
    char_detach(f.c);
    clipboard_leave(f.peer);
    backends_finish(&all);
    return 0;
}
