/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/text/terminal.h - a terminal: bytes of a program in, a grid of
 * characters out. What programs for xterm and Linux' console use of it:
 * cursor, erasing, inserting, scrolling regions, colours, UTF-8, the second
 * screen of full-screen programs, line drawing, answers to questions.
 * Spec: ECMA-48, and xterm's control sequences.
 * Threads: one at a time.
 * Lifetime: opaque of reply outlives the terminal. */
#ifndef CUTTLE_BACKEND_TEXT_TERMINAL_H
#define CUTTLE_BACKEND_TEXT_TERMINAL_H

#include "core/display.h"

enum { TERMINAL_MAX_SIZE = 500 }; /* columns, and rows */

typedef struct Terminal Terminal;

/* reply: what the terminal answers to the program that asked. */
Terminal *terminal_new(unsigned columns, unsigned rows,
                       void (*reply)(void *opaque, const char *bytes,
                                     size_t len),
                       void *opaque);
void terminal_free(Terminal *t); /* NULL-safe */

/* Bytes from 0x80 on are these characters, not UTF-8. */
void terminal_set_charset(Terminal *t, const uint32_t high[128]);
/* Writes UTF-8 text to to, which has len bytes, as the program expects it:
 * the number of bytes. */
size_t terminal_encode(const Terminal *t, const char *text, size_t len,
                       char *to);

void terminal_write(Terminal *t, const uint8_t *bytes, size_t len);

/* Valid until the next write. */
const DisplayCell *terminal_row(const Terminal *t, unsigned row);
/* False: it is hidden. */
bool terminal_cursor(const Terminal *t, unsigned *column, unsigned *row);
/* A reader keeps what the look before gave, 0 at first: rows that changed
 * since then may have. What is written from here on is later. */
uint64_t terminal_look(Terminal *t);
bool terminal_row_changed(const Terminal *t, unsigned row, uint64_t since);

#endif
