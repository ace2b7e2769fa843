/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/keys.h - names and numbers of keys (keys.def).
 * Threads: pure functions. */
#ifndef CUTTLE_CORE_KEYS_H
#define CUTTLE_CORE_KEYS_H

#include <stdbool.h>

/* The KEY_* of <linux/input-event-codes.h> that a name or a scan code of set 1
 * (0x80 for the prefix 0xe0) means; 0: none. */
unsigned key_of_name(const char *name);
unsigned key_of_set1(unsigned scan_code);

/* The key of an American keyboard that types a character of ASCII, and whether
 * with Shift; 0: none. */
unsigned key_of_ascii(char c, bool *shift);

/* What Ctrl makes of a character: 1 of A, ..., 0 of a blank; of others what
 * they are. */
unsigned key_with_ctrl(unsigned ch);

/* What a terminal sends for a key that is no character: "\033[A", "\r". NULL:
 * nothing. */
const char *key_sequence(unsigned key);

/* The usual name of a key, or NULL. */
const char *key_name(unsigned key);
/* The n-th name, NULL behind the last. */
const char *key_list_name(unsigned n);

#endif
