/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/misc/primecell.h - the eight identification registers at the end of each
 * of Arm's PrimeCell chips, as rows of a register table.
 * Spec: ARM DDI 0183G (PL011), 3.3.15 to 3.3.22; the others are alike.
 * Threads: constant. */
#ifndef CUTTLE_HW_MISC_PRIMECELL_H
#define CUTTLE_HW_MISC_PRIMECELL_H

#include "core/device.h"

enum { PRIMECELL_SIZE = 0x1000, PRIMECELL_IDS = 0xfe0, PRIMECELL_N_IDS = 8 };

/* clang-format off */
/* ids: a uint32_t[PRIMECELL_N_IDS] of Type. part: the chip's number, three
 * hexadecimal digits; revision: of the chip. */
#define PRIMECELL_REGS(Type, ids, part, revision)                                        \
    { 0xfe0, "periph_id0", offsetof(Type, ids[0]), (part) & 0xff, 0, 0 },                \
    { 0xfe4, "periph_id1", offsetof(Type, ids[1]), 0x10 | (part) >> 8, 0, 0 },           \
    { 0xfe8, "periph_id2", offsetof(Type, ids[2]), (revision) << 4 | 4, 0, 0 },          \
    { 0xfec, "periph_id3", offsetof(Type, ids[3]), 0x00, 0, 0 },                         \
    { 0xff0, "pcell_id0",  offsetof(Type, ids[4]), 0x0d, 0, 0 },                         \
    { 0xff4, "pcell_id1",  offsetof(Type, ids[5]), 0xf0, 0, 0 },                         \
    { 0xff8, "pcell_id2",  offsetof(Type, ids[6]), 0x05, 0, 0 },                         \
    { 0xffc, "pcell_id3",  offsetof(Type, ids[7]), 0xb1, 0, 0 }
/* clang-format on */

#endif
