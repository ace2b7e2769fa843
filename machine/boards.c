/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/boards.c - the list of boards, sorted by name. */
#include <string.h>

#include "machine/board.h"
#include "machine/boards/virt-arm.h"
#include "machine/boards/virt-riscv.h"

const Board *const boards[] = {
    &board_virt_arm,
    &board_virt_riscv,
    NULL,
};

static bool fits(const Board *b, const Target *target)
{
    for (unsigned i = 0; b->targets[i] != NULL; i++) {
        if (b->targets[i] == target) {
            return true;
        }
    }
    return false;
}

const Board *board_find(const char *name, const Target *target)
{
    for (unsigned i = 0; boards[i] != NULL; i++) {
        if (strcmp(boards[i]->name, name) == 0 && fits(boards[i], target)) {
            return boards[i];
        }
    }
    return NULL;
}
