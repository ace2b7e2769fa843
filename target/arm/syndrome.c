/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/syndrome.c - decodes a load or store again for its syndrome.
 * Only single-register forms without write-back have one; their size is in
 * bits 31-30, their kind in 23-22 of the word. Ordered ones set AR. */
#include "target/arm/syndrome.h"

#include "target/arm/mmu.h"
#include "target/arm/walk.h"
#include "util/bits.h"

static bool read_insn(Arm *cpu, uint32_t *insn)
{
    ArmAsk ask = {.regime = arm_regime(cpu, arm_el(cpu)),
                  .el0 = arm_el(cpu) == 0,
                  .exec = true};
    ArmFault fault = {0};
    ArmPage page;
    uint64_t value;

    if (!arm_walk(cpu, &ask, cpu->vcpu.pc, &page, &fault) ||
        bus_read(cpu->vcpu.bus, page.pa, 4, &value) != MEM_OK) {
        return false;
    }
    *insn = (uint32_t)value;
    return true;
}

static uint32_t describe(uint32_t insn, unsigned size, bool sign, bool wide,
                         bool ordered)
{
    return 1u << 24 | size << 22 | (sign ? 1u << 21 : 0) | (insn & 31) << 16 |
           (wide ? 1u << 15 : 0) | (ordered ? 1u << 14 : 0);
}

uint32_t arm_access_syndrome(Arm *cpu)
{
    unsigned size, opc;
    bool ordered;
    uint32_t insn;

    if (!read_insn(cpu, &insn)) {
        return 0;
    }
    size = insn >> 30;
    opc = insn >> 22 & 3;
    if ((insn & 0x3fa00000) == 0x08800000) { /* LDAR, STLR, LDLAR, STLLR */
        return describe(insn, size, false, size == 3, insn & 1u << 15);
    }
    if ((insn & 0x3fe0fc00) == 0x38a0c000) { /* LDAPR */
        return describe(insn, size, false, size == 3, true);
    }
    ordered = (insn & 0x3f200c00) == 0x19000000;        /* LDAPUR, STLUR */
    if (ordered || (insn & 0x3f000000) == 0x39000000 || /* unsigned offset */
        (insn & 0x3f200c00) == 0x38000000 ||            /* LDUR, STUR */
        (insn & 0x3f200c00) == 0x38000800 ||            /* LDTR, STTR */
        (insn & 0x3f200c00) == 0x38200800) {            /* register offset */
        if (size == 3 && opc > 1) {
            return 0; /* PRFM */
        }
        return describe(insn, size, opc >= 2, opc == 2 || size == 3, ordered);
    }
    return 0;
}
