/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/input.c - sends each report to the input device that is active for its
 * kind, and knows what is pressed there, so that nothing stays pressed. */
#include "core/input.h"

#include <linux/input-event-codes.h>
#include <string.h>

#include "core/loop.h"

struct InputDev {
    Inputs *all;
    const InputClass *cls;
    void *opaque;
    char *display;         /* or NULL */
    gint leds;             /* atomic: guests set them on their vCPU's thread */
    uint8_t keys[KEY_CNT]; /* 1: down */
    unsigned slot;         /* the touch that events are about */
    unsigned touches;      /* one bit for each that is down */
};

typedef struct {
    InputsObserver *fn;
    void *opaque;
} Observer;

/* Shared with the posts of input_set_leds that are under way. */
struct Inputs {
    GPtrArray *list; /* of InputDev: active ones first */
    GArray *observers;
    InputsState told; /* what observers know */
    gint posted;      /* atomic: notify is on its way */
};

static const unsigned POINTERS = INPUT_RELATIVE | INPUT_ABSOLUTE;

/* ---- who is active ---------------------------------------------------- */

/* The first device of one of the kinds: of the display if there is one. NULL:
 * any display. */
static InputDev *find(const Inputs *all, unsigned kinds, const char *display)
{
    InputDev *any = NULL;

    for (unsigned i = 0; i < all->list->len; i++) {
        InputDev *dev = all->list->pdata[i];

        if (!(dev->cls->kinds & kinds)) {
            continue;
        }
        if (display == NULL || g_strcmp0(dev->display, display) == 0) {
            return dev;
        }
        if (any == NULL && dev->display == NULL) {
            any = dev;
        }
    }
    return any;
}

bool inputs_is_absolute(const Inputs *all)
{
    const InputDev *dev = find(all, POINTERS, NULL);

    return dev != NULL && (dev->cls->kinds & INPUT_ABSOLUTE);
}

static bool is_active(const Inputs *all, const InputDev *dev)
{
    for (unsigned kind = INPUT_KEYS; kind <= INPUT_TOUCH; kind <<= 1) {
        if ((dev->cls->kinds & kind) && find(all, kind, NULL) == dev) {
            return true;
        }
    }
    return false;
}

/* ---- observers -------------------------------------------------------- */

InputsState inputs_state(const Inputs *all)
{
    const InputDev *keyboard = find(all, INPUT_KEYS, NULL);

    return (InputsState){
        .leds = keyboard != NULL ? g_atomic_int_get(&keyboard->leds) : 0,
        .absolute = inputs_is_absolute(all),
        .touch = find(all, INPUT_TOUCH, NULL) != NULL,
    };
}

static void notify(Inputs *all)
{
    InputsState now = inputs_state(all);

    if (now.leds == all->told.leds && now.absolute == all->told.absolute &&
        now.touch == all->told.touch) {
        return;
    }
    all->told = now;
    for (unsigned i = 0; i < all->observers->len; i++) {
        const Observer *o = &g_array_index(all->observers, Observer, i);

        o->fn(o->opaque, &now);
    }
}

void inputs_observe(Inputs *all, InputsObserver *fn, void *opaque)
{
    Observer o = {fn, opaque};

    g_array_append_val(all->observers, o);
}

void inputs_unobserve(Inputs *all, InputsObserver *fn, void *opaque)
{
    for (unsigned i = 0; i < all->observers->len; i++) {
        const Observer *o = &g_array_index(all->observers, Observer, i);

        if (o->fn == fn && o->opaque == opaque) {
            g_array_remove_index(all->observers, i);
            return;
        }
    }
}

static void clear_inputs(void *p)
{
    Inputs *all = p;

    g_ptr_array_unref(all->list);
    g_array_unref(all->observers);
}

static void notify_posted(void *opaque)
{
    Inputs *all = opaque;

    g_atomic_int_set(&all->posted, 0);
    notify(all);
    g_atomic_rc_box_release_full(all, clear_inputs);
}

void input_set_leds(InputDev *i, unsigned leds)
{
    g_atomic_int_set(&i->leds, leds);
    if (g_atomic_int_compare_and_exchange(&i->all->posted, 0, 1)) {
        loop_post(notify_posted, g_atomic_rc_box_acquire(i->all));
    }
}

/* ---- reports ---------------------------------------------------------- */

/* Notes what the event presses or lets go; false: it already is so. */
static bool note_event(InputDev *dev, const InputEvent *e)
{
    if (e->type == EV_KEY) {
        if (e->code >= KEY_CNT || dev->keys[e->code] == (e->value != 0)) {
            return false;
        }
        dev->keys[e->code] = e->value != 0;
    } else if (e->type == EV_ABS && e->code == ABS_MT_SLOT) {
        if (e->value < 0 || e->value >= INPUT_MAX_TOUCHES) {
            return false;
        }
        dev->slot = e->value;
    } else if (e->type == EV_ABS && e->code == ABS_MT_TRACKING_ID) {
        if (e->value >= 0) {
            dev->touches |= 1u << dev->slot;
        } else {
            dev->touches &= ~(1u << dev->slot);
        }
    }
    return true;
}

/* A report on its way to a device. */
typedef struct {
    InputEvent events[INPUT_MAX_REPORT];
    unsigned n;
} Report;

static void send(InputDev *dev, Report *r)
{
    if (r->n != 0) {
        dev->cls->report(dev->opaque, r->events, r->n);
        r->n = 0;
    }
}

static void add(InputDev *dev, Report *r, const InputEvent *e)
{
    r->events[r->n++] = *e;
    if (r->n == INPUT_MAX_REPORT) {
        send(dev, r);
    }
}

static void report(InputDev *dev, const InputEvent *events, unsigned n)
{
    Report r = {.n = 0};

    for (unsigned i = 0; i < n; i++) {
        bool touched = dev->touches != 0;

        if (!note_event(dev, &events[i])) {
            continue;
        }
        add(dev, &r, &events[i]);
        if (touched != (dev->touches != 0)) {
            add(dev, &r, &(InputEvent){EV_KEY, BTN_TOUCH, !touched});
        }
    }
    send(dev, &r);
}

/* Lets go of what is pressed on the device. */
static void release(InputDev *dev)
{
    g_autoptr(GArray) events = g_array_new(FALSE, FALSE, sizeof(InputEvent));

    for (unsigned slot = 0; slot < INPUT_MAX_TOUCHES; slot++) {
        if (dev->touches & 1u << slot) {
            InputEvent up[] = {{EV_ABS, ABS_MT_SLOT, slot},
                               {EV_ABS, ABS_MT_TRACKING_ID, -1}};

            g_array_append_vals(events, up, G_N_ELEMENTS(up));
        }
    }
    for (unsigned code = 0; code < KEY_CNT; code++) {
        if (dev->keys[code]) {
            InputEvent up = {EV_KEY, code, 0};

            g_array_append_val(events, up);
        }
    }
    report(dev, (const InputEvent *)events->data, events->len);
}

void inputs_report_at(Inputs *all, const char *display, InputKind kind,
                      const InputEvent *events, unsigned n)
{
    InputDev *dev = find(all, kind, display);

    if (dev != NULL) {
        report(dev, events, n);
    }
}

void inputs_report(Inputs *all, InputKind kind, const InputEvent *events,
                   unsigned n)
{
    inputs_report_at(all, NULL, kind, events, n);
}

void inputs_release_all(Inputs *all)
{
    for (unsigned i = 0; i < all->list->len; i++) {
        release(all->list->pdata[i]);
    }
}

/* ---- devices ---------------------------------------------------------- */

InputDev *input_add(Inputs *all, const InputClass *cls, void *opaque,
                    const char *display)
{
    InputDev *dev = g_new0(InputDev, 1);

    dev->all = all;
    dev->cls = cls;
    dev->opaque = opaque;
    dev->display = g_strdup(display);
    inputs_release_all(all); /* the key-up may go to the new one */
    g_ptr_array_insert(all->list, 0, dev);
    notify(all);
    return dev;
}

void input_remove(InputDev *i)
{
    if (i == NULL) {
        return;
    }
    release(i);
    g_ptr_array_remove(i->all->list, i);
    notify(i->all);
    g_free(i->display);
    g_free(i);
}

bool inputs_get(const Inputs *all, unsigned n, const InputClass **cls,
                bool *active)
{
    const InputDev *dev;

    if (n >= all->list->len) {
        return false;
    }
    dev = all->list->pdata[n];
    *cls = dev->cls;
    *active = is_active(all, dev);
    return true;
}

bool inputs_activate(Inputs *all, unsigned n)
{
    void *dev;

    if (n >= all->list->len) {
        return false;
    }
    inputs_release_all(all);
    dev = g_ptr_array_steal_index(all->list, n);
    g_ptr_array_insert(all->list, 0, dev);
    notify(all);
    return true;
}

Inputs *inputs_new(void)
{
    Inputs *all = g_atomic_rc_box_new0(Inputs);

    all->list = g_ptr_array_new();
    all->observers = g_array_new(FALSE, FALSE, sizeof(Observer));
    return all;
}

void inputs_free(Inputs *all)
{
    if (all != NULL) {
        g_assert(all->list->len == 0);
        g_array_set_size(all->observers, 0); /* a post may come yet */
        g_atomic_rc_box_release_full(all, clear_inputs);
    }
}
