/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/ui/screens.h - a machine whose screens and input devices are played by
 * whoever writes lines to the program's standard input; it says what they get
 * on standard output. What shows the screens is the program's own.
 *   screen N / size W H       which one is meant from here on; its new picture
 *   fill X Y W H RRGGBB       draws
 *   live on|off               says nothing about what it draws, or does
 *   cursor W H HX HY RRGGBB   a pointer of one colour; cursor 0 0 0 0 0: none
 *   at X Y                    where it is
 *   video FPS SECONDS [rich]  all of the picture changes so often
 *   tablet on|off             an absolute pointer
 *   touch on|off              a touch screen
 *   echo on|off               a key that goes down fills the picture
 *   leds BITS                 of the keyboard, as core/input.h has them
 *   text                      the screens are text consoles from here on
 *   copy TEXT                 in the guest, which gives it when it is asked for
 *   uncopy                    it is no more
 *   paste                     in the guest, which says "pasted TEXT"
 *   unplug                    the screen goes, as its device does
 *   quit */
#ifndef CUTTLE_TESTS_UI_SCREENS_H
#define CUTTLE_TESTS_UI_SCREENS_H

#include "machine/view.h"

typedef struct {
    /* Shows the machine's screens; opaque for the others, NULL with an error,
     * which is printed. */
    void *(*open)(Machine *m, void *arguments, GError **error);
    void (*close)(Machine *m, void *opaque);
    /* A line of the program's own; false: it is none. NULL: there are none. */
    bool (*obey)(Machine *m, const char *line);
} ScreensFront;

/* The program: n screens of 320x240 (as text) until quit or the end of its
 * input. Takes the machine and its configuration. Gives the exit code. */
int screens_run(Machine *m, MachineConfig *config, const char *n,
                const ScreensFront *front, void *arguments);

#endif
