/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/boot/symbols.h - names of guest code, from the symbol tables of the
 * ELF files that a machine boots: for people and profilers, never for the
 * guest. What is odd in a table is left out silently.
 * Threads: changed on the main thread while vCPUs stand; read by any.
 * Lifetime: names are copied. */
#ifndef CUTTLE_MACHINE_BOOT_SYMBOLS_H
#define CUTTLE_MACHINE_BOOT_SYMBOLS_H

#include "machine/boot/image.h"

typedef struct Symbols Symbols;

Symbols *symbols_new(void);
void symbols_free(Symbols *s);
void symbols_clear(Symbols *s);

/* What the image has; nothing unless it is an ELF file. Addresses are virtual
 * ones (st_value). */
void symbols_add(Symbols *s, const BootImage *image, const BootGuest *guest);

/* "name" or "name+0x1c"; NULL: no code of a known name. g_free. */
char *symbols_name(const Symbols *s, Gva pc);

#endif
