/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/boards/virt-riscv.h - the RISC-V `virt` board. */
#ifndef CUTTLE_MACHINE_BOARDS_VIRT_RISCV_H
#define CUTTLE_MACHINE_BOARDS_VIRT_RISCV_H

#include "machine/board.h"

extern const Board board_virt_riscv;

#endif
