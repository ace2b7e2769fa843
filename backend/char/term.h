/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/char/term.h - the terminal we run in, raw while a guest has it.
 * However the program ends or stops, the terminal is given back: at exit, on a
 * fatal or terminating signal nobody else handles, on SIGTSTP (and taken again
 * on SIGCONT). Whoever installs handlers of their own for such signals calls
 * term_restore in them.
 * Threads: term_make_raw on the main thread; term_restore from anywhere, also
 * from signal handlers. */
#ifndef CUTTLE_BACKEND_CHAR_TERM_H
#define CUTTLE_BACKEND_CHAR_TERM_H

#include <stdbool.h>

/* Takes the terminal fd; nothing to do if fd is none. keep_signals: Ctrl-C and
 * friends still signal us instead of reaching the guest. fd stays the
 * caller's and open until term_release. */
void term_make_raw(int fd, bool keep_signals);

/* Gives the terminal back for good. */
void term_release(void);

/* Puts the modes back as they were found; async-signal-safe, idempotent. */
void term_restore(void);

#endif
