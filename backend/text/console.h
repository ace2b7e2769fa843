/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/text/console.h - a screen with a terminal on it: what a descriptor
 * gives is drawn, what the user types at the screen goes into it.
 * Threads: event loop; the screen is looked at from any. */
#ifndef CUTTLE_BACKEND_TEXT_CONSOLE_H
#define CUTTLE_BACKEND_TEXT_CONSOLE_H

#include "core/display.h"

typedef struct {
    unsigned columns, rows; /* 0: as many as fit the pixels */
    unsigned width, height; /* in pixels; 0: as columns and rows want it */
} TextConsoleSize;

typedef struct TextConsole TextConsole;

/* name: of its display. Takes fd, which must not block; on failure it stays
 * the caller's. */
TextConsole *text_console_new(Displays *all, const char *name,
                              const TextConsoleSize *size, int fd,
                              GError **error);
void text_console_free(TextConsole *c); /* NULL-safe */

#endif
