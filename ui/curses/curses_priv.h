/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/curses/curses_priv.h - what the files of the terminal share. Two threads:
 * "UI", which alone calls curses, so that a terminal that takes nothing holds
 * up nobody else, and the event loop, which alone calls the machine. */
#ifndef CUTTLE_UI_CURSES_CURSES_PRIV_H
#define CUTTLE_UI_CURSES_CURSES_PRIV_H

#include <pthread.h>

#include "core/display.h"
#include "core/input.h"
#include "ui/curses/curses-ui.h"

enum {
    FRAME_US = 20000, /* the screen is drawn at most so often */
};

/* Something the user pressed. */
typedef struct {
    bool is_char; /* ch is what it types, control characters too */
    gunichar ch;
    uint16_t code; /* evdev's, on an American keyboard; 0: there is no such */
    bool shift, ctrl, alt;
} CursesKey;

/* Which part of a console is where on the terminal. */
typedef struct {
    int left, top;     /* of its first column and row that are shown, */
    unsigned x, y;     /* which are these */
    int columns, rows; /* that are shown */
} CursesPlace;

struct CursesUi {
    Displays *displays;
    Inputs *inputs;
    Display *display; /* that is shown; may be gone. The event loop's */
    GThread *thread;
    char *leave;       /* ends the screen */
    uint32_t *charset; /* of text consoles, as display_set_charset wants it;
                        * NULL: UTF-8 */

    /* Between the threads. */
    int news;    /* eventfd: the display has some, or the UI thread shall end */
    int signals; /* eventfd: the terminal has another size, or was away */
    int leaving; /* atomic */
    GMutex lock;
    GCond ended;
    DisplaySink *sink; /* lock; held while it is looked at */
    bool switched;     /* it is another now: lock */
    GArray *keys;      /* of CursesKey, for the event loop: lock */
    bool posted;       /* it will come for them: lock */
    bool has_ended;    /* the UI thread: lock */
    pthread_t id;      /* of the UI thread, 0: not yet: lock */

    /* The UI thread's. */
    DisplayText text;
    CursesPlace place;
    bool redraw; /* nothing that is on the terminal is right */
};

/* ---- event loop ---- */

/* options.c: false: there is no such charset. */
bool curses_read_options(CursesUi *ui, Opts *opts, GError **error);

/* ui.c: shows another console, NULL: the same. */
void curses_show(CursesUi *ui, Display *d);

/* press.c: does soon what the user pressed. [any] */
void curses_press(CursesUi *ui, const CursesKey *key);
/* Without the UI thread: nothing more of it is to be done. */
void curses_forget_keys(CursesUi *ui);

/* ---- UI thread ---- */

void *curses_thread(void *ui); /* thread.c */

/* keys.c: the key that types ch, or where name is not NULL, that is called so
 * by curses. */
CursesKey curses_key(gunichar ch, const char *name);

/* screen.c: shows ui->text; what did not change only if ui->redraw. */
void curses_draw(CursesUi *ui);

#endif
