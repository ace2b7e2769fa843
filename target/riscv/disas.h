/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/riscv/disas.h - text of an instruction, from the decode tables.
 * Threads: pure functions. */
#ifndef CUTTLE_TARGET_RISCV_DISAS_H
#define CUTTLE_TARGET_RISCV_DISAS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/vcpu.h"

/* "addi     a0, sp, 16"; off operands are shown as addresses, pc being the
 * instruction's. Extensions are not looked at. g_free it; NULL: unknown. */
char *riscv_disassemble(uint32_t insn, bool rv64, uint64_t pc);

/* Target.disassemble. */
size_t riscv_disassemble_at(const Vcpu *v, const uint8_t *code, size_t len,
                            Gva pc, GString *out);

#endif
