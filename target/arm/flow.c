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

/* A bit mask that is none (DecodeBitMasks): N is set in W registers, or the
 * element is all ones. */
static bool is_bad_mask(uint32_t insn)
{
    unsigned imms = insn >> 10 & 0x3f, n = insn >> 22 & 1;
    unsigned sizes = n << 6 | (~imms & 0x3f), levels;

    if (sizes < 2 || (n && !(insn >> 31))) {
        return true;
    }
    levels = (1u << (31 - __builtin_clz(sizes))) - 1;
    return (imms & levels) == levels;
}

/* Add and subtract, logic, moves. What may be unallocated leaves. */
static Flow immediate(uint32_t insn)
{
    unsigned opc = insn >> 29 & 3;
    bool wide = insn >> 31;

    switch (insn >> 23 & 7) {
    case 0:
    case 1: /* ADR */
        return FLOW_PLAIN;
    case 2:
        return opc & 1 ? FLOW_SETS : FLOW_PLAIN;
    case 4:
        return is_bad_mask(insn) ? FLOW_LEAVES
               : opc == 3        ? FLOW_SETS
                                 : FLOW_PLAIN;
    case 5: /* W registers have two halves */
        return (!wide && (insn >> 22 & 1)) || opc == 1 ? FLOW_LEAVES
                                                       : FLOW_PLAIN;
    case 6: /* bit fields: as wide as the registers */
        return (insn >> 22 & 1) != wide || (!wide && (insn & 0x208000)) ||
                       opc == 3
                   ? FLOW_LEAVES
                   : FLOW_PLAIN;
    case 7: /* EXTR */
        return (insn >> 22 & 1) != wide || (!wide && (insn & 0x8000)) ||
                       (insn & 0x200000) || opc != 0
                   ? FLOW_LEAVES
                   : FLOW_PLAIN;
    default: /* with tags */
        return FLOW_LEAVES;
    }
}

/* A shift by more than the register has, a kind of shift or an extension that
 * is not there. */
static bool is_bad_operand(uint32_t insn, bool is_add)
{
    unsigned kind = insn >> 22 & 3;

    if (is_add && (insn >> 21 & 1)) {
        return kind != 0 || (insn >> 10 & 7) > 4;
    }
    return (is_add && kind == 3) || (!(insn >> 31) && (insn >> 15 & 1));
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

    if ((ands || adds) && is_bad_operand(insn, adds)) {
        return FLOW_LEAVES;
    }
    if (ands || adds) {
        return FLOW_SETS;
    }
    if (reads) {
        return FLOW_READS;
    }
    if (is(insn, 0x1f000000, 0x0a000000) || is(insn, 0x1f000000, 0x0b000000)) {
        return is_bad_operand(insn, insn >> 24 & 1) ? FLOW_LEAVES : FLOW_PLAIN;
    }
    if (multiply || unary || binary) {
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
