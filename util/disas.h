/* SPDX-License-Identifier: GPL-2.0-or-later */
/* util/disas.h - machine code as text, through capstone.
 * Threads: re-entrant. */
#ifndef CUTTLE_UTIL_DISAS_H
#define CUTTLE_UTIL_DISAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether the host's capstone was built with this architecture (Debian 12's
 * knows no RISC-V). */
bool disas_knows(int arch);

/* One line an instruction, bytes that do not decode as .byte; g_free it.
 * arch and mode are capstone's cs_arch and cs_mode. */
char *disas_text(int arch, int mode, const uint8_t *code, size_t len,
                 uint64_t address);

/* The same for the machine this runs on. */
char *disas_host(const uint8_t *code, size_t len, uint64_t address);

#endif
