/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/riscv/mmu.h - address translation and physical memory protection.
 * Threads: the vCPU's own. */
#ifndef CUTTLE_TARGET_RISCV_MMU_H
#define CUTTLE_TARGET_RISCV_MMU_H

#include "target/riscv/cpu.h"
#include "target/target.h"

/* Recomputes the ranges after pmpcfg or pmpaddr changed. */
void riscv_pmp_update(Riscv *cpu);

/* Rights of privilege priv at gpa. Lowers *page_bits, the size of the page
 * that is asked for, to one they hold for. */
uint8_t riscv_pmp_rights(const Riscv *cpu, Gpa gpa, unsigned priv,
                         uint8_t *page_bits);

/* The privilege loads and stores have: MPRV may lend another one. */
unsigned riscv_data_priv(const Riscv *cpu);

/* satp.MODE as VM_*, the root table and the address-space id. */
unsigned riscv_vm_mode(const Riscv *cpu);
uint64_t riscv_vm_root(const Riscv *cpu);
unsigned riscv_asid(const Riscv *cpu);

/* Target functions. */
bool riscv_find_page(Vcpu *v, Gva va, MemAccess access, bool probe,
                     PageInfo *out);
void riscv_raise_bus_fault(Vcpu *v, Gva va, MemAccess access);
void riscv_raise_misaligned(Vcpu *v, Gva va, MemAccess access);
void riscv_context(Vcpu *v, TargetContext *out);

#endif
