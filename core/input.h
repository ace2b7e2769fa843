/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/input.h - keys, pointers and touch, from those who have a user (a
 * window, a remote client, a control socket) to the machine's input devices.
 * Events are evdev's: type, code and value of <linux/input-event-codes.h>
 * (EV_KEY with KEY_* and BTN_*, EV_REL, EV_ABS with ABS_X, ABS_Y and ABS_MT_*;
 * EV_SYN is not among them: a report is its own end). Keys are places on the
 * keyboard, not letters. BTN_TOUCH comes with the first touch and goes with the
 * last, without being sent.
 * Threads: event loop, with no lock held.
 * Lifetime: devices add themselves in start and go in stop. */
#ifndef CUTTLE_CORE_INPUT_H
#define CUTTLE_CORE_INPUT_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    INPUT_ABS_MAX = 0x7fff, /* absolute axes go from 0 to this */
    INPUT_MAX_TOUCHES = 10, /* ABS_MT_SLOT is below */
    INPUT_MAX_REPORT = 64,  /* events of one report */
};

typedef struct {
    uint16_t type, code;
    int32_t value; /* keys: 1 down, 0 up; repeats are not sent */
} InputEvent;

typedef enum {
    INPUT_KEYS = 1 << 0,
    INPUT_RELATIVE = 1 << 1, /* and buttons */
    INPUT_ABSOLUTE = 1 << 2, /* and buttons */
    INPUT_TOUCH = 1 << 3,
} InputKind;

enum {
    INPUT_LED_NUM = 1,
    INPUT_LED_CAPS = 2,
    INPUT_LED_SCROLL = 4,
    INPUT_LED_KNOWN = 8, /* the guest has set them; else they mean nothing */
};

typedef struct InputDev InputDev;
typedef struct Inputs Inputs; /* of a machine; Backends has it */

/* ---- for devices -------------------------------------------------------- */

typedef struct {
    const char *name; /* for query-mice and -d */
    unsigned kinds;   /* InputKind bits */
    /* One report, all of one kind. What the guest does not fetch in time is
     * the device's to merge or drop. */
    void (*report)(void *opaque, const InputEvent *events, unsigned n);
} InputClass;

/* display: display_name of the screen its pointer belongs to; NULL: any. The
 * device added last gets the events of its kinds. */
InputDev *input_add(Inputs *all, const InputClass *cls, void *opaque,
                    const char *display);
void input_remove(InputDev *i); /* NULL-safe; lets go of its keys first */
/* The guest set lights on its keyboard. [any] */
void input_set_leds(InputDev *i, unsigned leds);

/* ---- for those with a user ---------------------------------------------- */

Inputs *inputs_new(void);
void inputs_free(Inputs *all); /* NULL-safe */

/* Goes to the active device of the kind, dropped if there is none. Keys that
 * are down already, or up, are left out. */
void inputs_report(Inputs *all, InputKind kind, const InputEvent *events,
                   unsigned n);
/* The same from the window of a display: a device of that display's comes
 * first, one of another display's does not get it. */
void inputs_report_at(Inputs *all, const char *display, InputKind kind,
                      const InputEvent *events, unsigned n);
/* A pointer event goes as INPUT_ABSOLUTE while this is true. */
bool inputs_is_absolute(const Inputs *all);
/* Lets go of every key and button, e.g. when the window loses the keyboard. */
void inputs_release_all(Inputs *all);

typedef struct {
    unsigned leds; /* of the active keyboard */
    bool absolute; /* inputs_is_absolute */
    bool touch;    /* somebody takes INPUT_TOUCH */
} InputsState;

InputsState inputs_state(const Inputs *all);
/* Called on the event loop when the state changed. */
typedef void InputsObserver(void *opaque, const InputsState *state);
void inputs_observe(Inputs *all, InputsObserver *fn, void *opaque);
void inputs_unobserve(Inputs *all, InputsObserver *fn, void *opaque);

/* The n-th device, false behind the last. */
bool inputs_get(const Inputs *all, unsigned n, const InputClass **cls,
                bool *active);
bool inputs_activate(Inputs *all, unsigned n); /* false: no such */

#endif
