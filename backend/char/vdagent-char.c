/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/char/vdagent-char.c - SPICE's agent in the guest, at a port named
 * com.redhat.spice.0, as a character device: between vCPUs' threads, where
 * bytes come from, and the event loop, where they are understood. */
#include <gio/gio.h>

#include "backend/char/host-char_priv.h"
#include "backend/char/vdagent_priv.h"

enum { INPUT_LIMIT = 64 << 10 }; /* of the guest's, not yet understood */

/* The HostChar, without descriptors, keeps the log. */
typedef struct {
    HostChar h;
    Vdagent *agent;
    Watch *bell;
    GMutex lock;
    GByteArray *input; /* since the port was opened last; lock */
    bool open;         /* the guest's side; lock */
    unsigned openings; /* how often that changed; lock */
    unsigned seen;     /* openings that the agent knows of */
} VdagentChar;

/* What came since the last turn; *turned: the port was opened or closed before
 * that. */
static GByteArray *take_input(VdagentChar *v, bool *open, bool *turned)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&v->lock);
    GByteArray *input = v->input;

    v->input = g_byte_array_new();
    *open = v->open;
    *turned = v->seen != v->openings;
    v->seen = v->openings;
    return input;
}

static void send_output(VdagentChar *v)
{
    const uint8_t *bytes;
    size_t len, room;

    for (;;) {
        room = char_can_receive(&v->h.dev);
        bytes = room > 0 ? vdagent_peek(v->agent, &len) : NULL;
        if (bytes == NULL) {
            return;
        }
        len = MIN(len, room);
        char_receive(&v->h.dev, bytes, len);
        vdagent_skip(v->agent, len);
    }
}

static void turn(void *opaque, GIOCondition ready)
{
    VdagentChar *v = opaque;
    bool open, turned;
    g_autoptr(GByteArray) input = take_input(v, &open, &turned);

    if (turned) {
        vdagent_open(v->agent, open);
    }
    vdagent_take(v->agent, input->data, input->len);
    send_output(v);
}

static void ring(void *opaque)
{
    watch_kick(((VdagentChar *)opaque)->bell);
}

static size_t vdagent_write(CharDev *c, const uint8_t *bytes, size_t len)
{
    VdagentChar *v = (VdagentChar *)c;

    g_mutex_lock(&v->lock);
    len = MIN(len, INPUT_LIMIT - v->input->len);
    g_byte_array_append(v->input, bytes, (unsigned)len);
    host_char_write(c, bytes, len);
    g_mutex_unlock(&v->lock);
    ring(v);
    return len;
}

static void vdagent_accept_input(CharDev *c)
{
    ring(c);
}

static void vdagent_front_opened(CharDev *c, bool open)
{
    VdagentChar *v = (VdagentChar *)c;

    g_mutex_lock(&v->lock);
    if (open || v->open) {
        v->open = open;
        v->openings++;
        g_byte_array_set_size(v->input, 0);
    }
    g_mutex_unlock(&v->lock);
    ring(v);
}

static void vdagent_char_free(CharDev *c)
{
    VdagentChar *v = (VdagentChar *)c;

    vdagent_free(v->agent); /* may ring once more */
    watch_free(v->bell);
    g_byte_array_unref(v->input);
    g_mutex_clear(&v->lock);
    host_char_class_free(c);
}

static const CharClass vdagent_class = {
    .name = "qemu-vdagent",
    .write = vdagent_write,
    .accept_input = vdagent_accept_input,
    .front_opened = vdagent_front_opened,
    .free = vdagent_char_free,
};

CharDev *vdagent_char_new(const char *id, const Backends *b, Opts *opts,
                          GError **error)
{
    bool mouse = true, clipboard = false;
    VdagentChar *v;

    opts_get(opts, "name"); /* for programs that look after QEMU */
    if (!opts_get_bool(opts, "mouse", &mouse, error) ||
        !opts_get_bool(opts, "clipboard", &clipboard, error) ||
        !opts_check_unused(opts, error)) {
        return NULL;
    }
    v = host_char_new(sizeof(*v), &vdagent_class, id);
    g_mutex_init(&v->lock);
    v->input = g_byte_array_new();
    v->bell = watch_new(-1, turn, v);
    v->agent = vdagent_new(b, mouse, clipboard, ring, v);
    v->h.dev.label = g_strdup("qemu-vdagent");
    v->h.dev.open = true;
    return &v->h.dev;
}
