/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/boards/virt-arm.h - the AArch64 `virt` board. */
#ifndef CUTTLE_MACHINE_BOARDS_VIRT_ARM_H
#define CUTTLE_MACHINE_BOARDS_VIRT_ARM_H

#include "machine/board.h"

extern const Board board_virt_arm;

#endif
