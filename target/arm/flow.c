/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/flow.c - what an instruction does to the flags and where it may
 * go, from its bits alone. Coarser than decoding: what is not surely harmless
 * leaves.
 * Spec: DDI 0487 C4.1. */
#include "target/arm/flags.h"
#include "util/bits.h"

static bool is(uint32_t insn, uint32_t mask, uint32_t match)
{
    return (insn & mask) == match;
}

/* Add and subtract, logic; ADG and the like count as faulting. */
static Flow immediate(uint32_t insn)
{
    bool adds = is(insn, 0x3f800000, 0x31000000);
    bool ands = is(insn, 0x7f800000, 0x72000000);

    return adds || ands ? FLOW_SETS : FLOW_PLAIN;
}

static Flow registers(uint32_t insn)
{
    bool ands = is(insn, 0x7f000000, 0x6a000000);
    bool adds = is(insn, 0x3f000000, 0x2b000000);
    bool multiply = is(insn, 0x1f000000, 0x1b000000);
    bool reads = is(insn, 0x1fe00000, 0x1a000000) || /* ADC, RMIF, SETF */
                 is(insn, 0x1fe00000, 0x1a400000) || /* CCMP */
                 is(insn, 0x1fe00000, 0x1a800000);   /* CSEL */
    bool unary = is(insn, 0x7fff8000, 0x5ac00000);   /* RBIT ... CLS */
    bool binary = is(insn, 0x7fe00000, 0x1ac00000);

    if (ands || adds) {
        return FLOW_SETS;
    }
    if (reads) {
        return FLOW_READS;
    }
    if (is(insn, 0x1e000000, 0x0a000000) || multiply || unary || binary) {
        return FLOW_PLAIN;
    }
    return FLOW_LEAVES;
}

/* MSR, MRS, SYS, hints, barriers: they fault or go on behind themselves. A NOP
 * may be a place that the guest patches to be a branch. */
static Flow system_insn(uint32_t insn)
{
    const uint32_t nop = 0xd503201f;

    if (is(insn, 0xffdfffe0, 0xd51b4200) || insn == nop) { /* NZCV */
        return FLOW_LEAVES;
    }
    if (is(insn, 0xffffff1f, 0xd500401f)) { /* CFINV, XAFLAG, AXFLAG, ... */
        return FLOW_READS;
    }
    return FLOW_FAULTS;
}

static Flow branches(uint32_t insn, int64_t *off)
{
    if (is(insn, 0xfc000000, 0x14000000)) {
        *off = bits_sext(insn, 26) * 4;
        return FLOW_GOTO;
    }
    if (is(insn, 0x7e000000, 0x34000000)) { /* CBZ, CBNZ */
        *off = bits_sext(insn >> 5, 19) * 4;
        return FLOW_BRANCH;
    }
    if (is(insn, 0x7e000000, 0x36000000)) { /* TBZ, TBNZ */
        *off = bits_sext(insn >> 5, 14) * 4;
        return FLOW_BRANCH;
    }
    if (is(insn, 0xff000010, 0x54000000)) {
        return FLOW_READS;
    }
    if (is(insn, 0xffc00000, 0xd5000000)) {
        return system_insn(insn);
    }
    return FLOW_LEAVES;
}

/* Compares set NZCV, conditional compares and selects read it. */
static Flow floats(uint32_t insn)
{
    if (is(insn, 0xff20fc07, 0x1e202000)) {
        return FLOW_SETS;
    }
    if (is(insn, 0xff200400, 0x1e200400)) {
        return FLOW_READS;
    }
    return FLOW_PLAIN;
}

Flow arm_flow(uint32_t insn, int64_t *off)
{
    switch (insn >> 25 & 15) {
    case 8:
    case 9:
        return immediate(insn);
    case 10:
    case 11:
        return branches(insn, off);
    case 5:
    case 13:
        return registers(insn);
    case 4:
    case 6:
    case 12:
    case 14:
        return FLOW_FAULTS;
    case 7:
    case 15:
        return floats(insn);
    default:
        return FLOW_LEAVES;
    }
}
