/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/curses/curses-ui.h - the machine's consoles on the terminal we run in:
 * what -display curses means. Threads: main thread. */
#ifndef CUTTLE_UI_CURSES_CURSES_UI_H
#define CUTTLE_UI_CURSES_CURSES_UI_H

#include "machine/machine.h"
#include "util/opts.h"

typedef struct CursesUi CursesUi;

/* Shows the first console there is. NULL: standard input and output are no
 * terminal that can do it, or somebody has them. */
CursesUi *curses_ui_new(Machine *m, Opts *opts, GError **error);
void curses_ui_free(CursesUi *ui); /* NULL-safe */

#endif
