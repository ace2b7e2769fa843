/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/hmp/line.h - a line edited on a plain terminal: bytes in, bytes out.
 * Keys: arrows, Home, End, Delete, Backspace, Tab; Ctrl-A B D E F H K L N P U
 * W; Ctrl-C starts anew. History of 64 lines.
 * Threads: one at a time. */
#ifndef CUTTLE_CONTROL_HMP_LINE_H
#define CUTTLE_CONTROL_HMP_LINE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum { LINE_MAX_BYTES = 4096 };

typedef struct {
    void (*write)(void *opaque, const char *text);
    void (*done)(void *opaque, const char *line); /* Enter */
    /* Whole words that the text's last may become; of char *. */
    GPtrArray *(*complete)(void *opaque, const char *text);
    void *opaque;
} LineCalls;

typedef struct Line Line;

Line *line_new(const char *prompt, const LineCalls *calls);
void line_free(Line *l); /* NULL-safe */

/* Shows the prompt and what is typed so far; forgets it first if anew. */
void line_show(Line *l, bool anew);
void line_push(Line *l, const uint8_t *bytes, size_t len);

#endif
