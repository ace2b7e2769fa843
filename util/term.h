/* SPDX-License-Identifier: GPL-2.0-or-later */
/* util/term.h - the terminal we run in, raw while a guest has it.
 * However the program ends or stops, the terminal is given back: at exit, on a
 * fatal or terminating signal nobody else handles, on SIGTSTP (and taken again
 * on SIGCONT). Whoever installs handlers of their own for such signals calls
 * term_restore in them.
 * Threads: term_make_raw on the main thread; term_restore from anywhere, also
 * from signal handlers. */
#ifndef CUTTLE_UTIL_TERM_H
#define CUTTLE_UTIL_TERM_H

#include <stdbool.h>

/* Standard input and output have one user. False: somebody is it, until
 * term_release. */
bool term_claim(void);

/* Takes the terminal fd; nothing to do if fd is none. keep_signals: Ctrl-C and
 * friends still signal us instead of reaching the guest. fd stays the
 * caller's and open until term_release. */
void term_make_raw(int fd, bool keep_signals);

/* Gives the terminal back for good. */
void term_release(void);

/* The terminal shows a screen: leave is written to it before the modes are put
 * back, its standard error is kept until then (the first MiB), and resumed, an
 * eventfd, hears when the terminal is ours again after a stop. Both stay valid
 * until term_end_screen, which the screen has been left by then. */
void term_begin_screen(const char *leave, int resumed);
void term_end_screen(void);

/* Puts the modes back as they were found; async-signal-safe, idempotent. */
void term_restore(void);

#endif
