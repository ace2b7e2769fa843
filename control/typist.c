/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/typist.c - types keys at a pace that a guest follows. */
#include "control/typist.h"

#include <linux/input-event-codes.h>

#include "core/clock.h"

enum { MAX_WAITING = 65536, GAP_MS = 10 };

#define NS_PER_MS (NS_PER_SECOND / 1000)

/* A key that changes, and the time before the next one does. */
typedef struct {
    uint16_t key;
    bool down;
    uint32_t then_ms;
} Step;

struct Typist {
    Inputs *inputs;
    GArray *steps; /* of Step, oldest first */
    Timer timer;   /* armed while somebody has to wait */
};

static void type_on(void *opaque)
{
    Typist *t = opaque;
    uint32_t pause = 0;
    guint done = 0;

    while (done < t->steps->len && pause == 0) {
        const Step *s = &g_array_index(t->steps, Step, done++);
        InputEvent event = {EV_KEY, s->key, s->down};

        inputs_report(t->inputs, INPUT_KEYS, &event, 1);
        pause = s->then_ms;
    }
    g_array_remove_range(t->steps, 0, done);
    if (pause > 0) {
        timer_arm(&t->timer, clock_now_ns() + pause * NS_PER_MS);
    }
}

Typist *typist_new(Inputs *inputs)
{
    Typist *t = g_new0(Typist, 1);

    t->inputs = inputs;
    t->steps = g_array_new(FALSE, FALSE, sizeof(Step));
    timer_init(&t->timer, type_on, t);
    return t;
}

void typist_free(Typist *t)
{
    if (t != NULL) {
        timer_cancel(&t->timer);
        g_array_unref(t->steps);
        g_free(t);
    }
}

bool typist_stroke(Typist *t, const uint16_t *keys, unsigned n,
                   uint32_t hold_ms)
{
    if (n > MAX_WAITING / 2 || t->steps->len > MAX_WAITING - 2 * n) {
        return false;
    }
    for (unsigned i = 0; i < n; i++) {
        Step s = {keys[i], true, i + 1 == n ? MAX(hold_ms, 1) : 0};

        g_array_append_val(t->steps, s);
    }
    for (unsigned i = n; i > 0; i--) {
        Step s = {keys[i - 1], false, i == 1 ? GAP_MS : 0};

        g_array_append_val(t->steps, s);
    }
    if (!timer_is_armed(&t->timer)) {
        type_on(t);
    }
    return true;
}
