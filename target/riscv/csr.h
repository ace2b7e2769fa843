/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/riscv/csr.h - numbers of the CSRs, and what translation asks of
 * them.
 * Threads: the vCPU's own. */
#ifndef CUTTLE_TARGET_RISCV_CSR_H
#define CUTTLE_TARGET_RISCV_CSR_H

#include "target/riscv/cpu.h"

enum {
    CSR_FFLAGS = 0x001,
    CSR_FRM = 0x002,
    CSR_FCSR = 0x003,
    CSR_CYCLE = 0xc00,
    CSR_TIME = 0xc01,
    CSR_INSTRET = 0xc02,
    CSR_HPMCOUNTER3 = 0xc03,
    CSR_CYCLEH = 0xc80,
    CSR_TIMEH = 0xc81,
    CSR_INSTRETH = 0xc82,
    CSR_HPMCOUNTER3H = 0xc83,

    CSR_SSTATUS = 0x100,
    CSR_SIE = 0x104,
    CSR_STVEC = 0x105,
    CSR_SCOUNTEREN = 0x106,
    CSR_SENVCFG = 0x10a,
    CSR_SSCRATCH = 0x140,
    CSR_SEPC = 0x141,
    CSR_SCAUSE = 0x142,
    CSR_STVAL = 0x143,
    CSR_SIP = 0x144,
    CSR_STIMECMP = 0x14d,
    CSR_STIMECMPH = 0x15d,
    CSR_SATP = 0x180,
    CSR_SCOUNTOVF = 0xda0,

    CSR_MVENDORID = 0xf11,
    CSR_MARCHID = 0xf12,
    CSR_MIMPID = 0xf13,
    CSR_MHARTID = 0xf14,
    CSR_MCONFIGPTR = 0xf15,
    CSR_MSTATUS = 0x300,
    CSR_MISA = 0x301,
    CSR_MEDELEG = 0x302,
    CSR_MIDELEG = 0x303,
    CSR_MIE = 0x304,
    CSR_MTVEC = 0x305,
    CSR_MCOUNTEREN = 0x306,
    CSR_MENVCFG = 0x30a,
    CSR_MSTATUSH = 0x310,
    CSR_MEDELEGH = 0x312,
    CSR_MENVCFGH = 0x31a,
    CSR_MCOUNTINHIBIT = 0x320,
    CSR_MHPMEVENT3 = 0x323,
    CSR_MSCRATCH = 0x340,
    CSR_MEPC = 0x341,
    CSR_MCAUSE = 0x342,
    CSR_MTVAL = 0x343,
    CSR_MIP = 0x344,
    CSR_PMPCFG0 = 0x3a0,
    CSR_PMPADDR0 = 0x3b0,
    CSR_MHPMEVENT3H = 0x723,
    CSR_TSELECT = 0x7a0,
    CSR_TDATA1 = 0x7a1,
    CSR_TDATA2 = 0x7a2,
    CSR_TDATA3 = 0x7a3,
    CSR_TINFO = 0x7a4,
    CSR_TCONTROL = 0x7a5,
    CSR_MCYCLE = 0xb00,
    CSR_MINSTRET = 0xb02,
    CSR_MHPMCOUNTER3 = 0xb03,
    CSR_MCYCLEH = 0xb80,
    CSR_MINSTRETH = 0xb82,
    CSR_MHPMCOUNTER3H = 0xb83,
};

/* Whether a write can change what blocks depend on (context, interrupts), so
 * the block has to end there. */
bool csr_write_ends_block(unsigned csr);

/* Reads or writes as M mode would, for tests and debuggers; false: no such
 * CSR. */
bool riscv_csr_get(Riscv *cpu, unsigned csr, uint64_t *value);
bool riscv_csr_set(Riscv *cpu, unsigned csr, uint64_t value);

/* The name of a CSR that this CPU has and that is more than a constant zero. */
bool riscv_csr_name(const Riscv *cpu, unsigned csr, char *to, size_t size);

#endif
