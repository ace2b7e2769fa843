/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/mmu.c - address translation, with the MMU off.
 * Spec: DDI 0487 D8.2.11. */
#include "target/arm/mmu.h"

bool arm_find_page(Vcpu *v, Gva va, MemAccess access, bool probe, PageInfo *out)
{
    *out = (PageInfo){
        .gpa = va & ((UINT64_C(1) << 48) - 1),
        .prot = PROT_R | PROT_W | PROT_X,
        .page_bits = TARGET_PAGE_BITS,
        .global = true,
    };
    return true;
}

void arm_context(Vcpu *v, TargetContext *out)
{
    const Arm *cpu = (const Arm *)v;

    *out = (TargetContext){
        .mode = arm_el(cpu),
        .alt_mode = arm_el(cpu),
        .asid = -1,
        .flags = arm_el(cpu) << FLAG_EL_SHIFT,
    };
}
