/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/a64-sys.c - translation of system instructions: register access,
 * exceptions, hints, barriers, maintenance.
 * What a kernel's entry code uses is IR fields and costs a register move; the
 * rest goes to helpers, which also find what traps.
 * Spec: DDI 0487 C4.1.94, C5, C6.2. */
#include "target/arm/sysreg.h"
#include "target/arm/translate.h"
#include "util/bits.h"

/* ---- registers ---------------------------------------------------------- */

/* Registers that are IR fields. */
static const struct {
    uint16_t reg;
    uint8_t field;
    bool may_trap; /* when FLAG_TRAPS says so */
} plain[] = {
    {SR_TPIDR_EL0, FIELD_TPIDR_EL0, false},
    {SR_TPIDRRO_EL0, FIELD_TPIDRRO_EL0, false},
    {SR_TPIDR_EL1, FIELD_TPIDR_EL1, false},
    {SR_TPIDR_EL2, FIELD_TPIDR_EL2, false},
    {SR_SP_EL0, FIELD_SP_EL0, false},
    {SR_SP_EL1, FIELD_SP_EL1, false},
    {SR_ELR_EL1, FIELD_ELR_EL1, false},
    {SR_SPSR_EL1, FIELD_SPSR_EL1, false},
    {SR_ESR_EL1, FIELD_ESR_EL1, true},
    {SR_FAR_EL1, FIELD_FAR_EL1, true},
    {SR_ELR_EL2, FIELD_ELR_EL2, false},
    {SR_SPSR_EL2, FIELD_SPSR_EL2, false},
    {SR_ESR_EL2, FIELD_ESR_EL2, false},
    {SR_FAR_EL2, FIELD_FAR_EL2, false},
};

/* The field of a register that this block may access directly; -1: none. */
static int plain_field(const Trans *t, unsigned reg)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(plain); i++) {
        if (plain[i].reg == reg) {
            return plain[i].may_trap && (t->flags & FLAG_TRAPS)
                       ? -1
                       : plain[i].field;
        }
    }
    return -1;
}

/* ISS of a trapped MSR, MRS or system instruction (D19.2.37). */
static uint32_t access_syndrome(const Trans *t)
{
    uint32_t insn = t->insn;

    return (insn >> 19 & 3) << 20 | (insn >> 5 & 7) << 17 |
           (insn >> 16 & 7) << 14 | (insn >> 12 & 15) << 10 | (insn & 31) << 5 |
           (insn >> 8 & 15) << 1 | (insn >> 21 & 1);
}

static IrRef iss_const(Trans *t)
{
    return ir_const(t->ir, IR_I64, access_syndrome(t));
}

static bool call_ending(Trans *t, unsigned helper, unsigned imm, IrRef a,
                        IrRef b)
{
    arm_put_pc(t, t->offset);
    ir_call(t->ir, IR_VOID, helper, imm, a, b, 0);
    arm_end_resume(t);
    return true;
}

/* With FEAT_IDST what EL0 may not read of the ID registers is told apart from
 * other UNDEFINED encodings. */
static bool unknown(Trans *t, unsigned number, bool read)
{
    bool is_id = number >> 14 == 3 && (number >> 7 & 15) == 0;

    if (t->el == 0 && read && is_id && has(t, FEAT_IDST)) {
        arm_end_raise(t, SYNDROME(EC_SYSREG, access_syndrome(t)));
        return true;
    }
    return call_ending(t, HELPER_sysreg_unknown, number,
                       ir_const(t->ir, IR_I64, read), iss_const(t));
}

/* SP_EL0 is SP itself, and not named, where PSTATE.SP is 0. */
static bool is_denied(const Trans *t, unsigned reg, bool write)
{
    return !arm_sysreg_allows(t->cpu, reg, t->el, write) ||
           (reg == SR_SP_EL0 && (t->flags & FLAG_SP0));
}

static int find(const Trans *t, unsigned number, bool write)
{
    int reg =
        arm_sysreg_find(t->cpu, number, t->el, t->flags & FLAG_E2H, write);

    return reg >= 0 && is_denied(t, (unsigned)reg, write) ? SYSREG_UNKNOWN
                                                          : reg;
}

static IrRef shifted(Trans *t, IrRef value, unsigned down, uint64_t mask,
                     unsigned up)
{
    value = ir_binary_imm(t->ir, IR_SHR, value, down);
    value = ir_binary_imm(t->ir, IR_AND, value, mask);
    return ir_binary_imm(t->ir, IR_SHL, value, up);
}

static IrRef read_nzcv(Trans *t)
{
    IrRef zero = ir_const(t->ir, IR_I64, 0);
    IrRef n = shifted(t, ir_get(t->ir, IR_I64, FIELD_NF), 63, 1, 31);
    IrRef z =
        ir_set(t->ir, IR_I64, IR_EQ, ir_get(t->ir, IR_I64, FIELD_ZF), zero);
    IrRef c = shifted(t, ir_get(t->ir, IR_I64, FIELD_CF), 0, 1, 29);
    IrRef v = shifted(t, ir_get(t->ir, IR_I64, FIELD_VF), 63, 1, 28);

    z = ir_binary_imm(t->ir, IR_SHL, z, 30);
    return ir_binary(t->ir, IR_OR, ir_binary(t->ir, IR_OR, n, z),
                     ir_binary(t->ir, IR_OR, c, v));
}

static void write_nzcv(Trans *t, IrRef value)
{
    IrRef z = shifted(t, value, 30, 1, 0);

    ir_put(t->ir, FIELD_NF, ir_binary_imm(t->ir, IR_SHL, value, 32));
    ir_put(t->ir, FIELD_ZF, ir_binary_imm(t->ir, IR_XOR, z, 1));
    ir_put(t->ir, FIELD_CF, shifted(t, value, 29, 1, 0));
    ir_put(t->ir, FIELD_VF, ir_binary_imm(t->ir, IR_SHL, value, 35));
}

static IrRef read_pstate(Trans *t, uint64_t bits)
{
    return ir_binary_imm(t->ir, IR_AND, ir_get(t->ir, IR_I64, FIELD_PSTATE),
                         bits);
}

/* The value if it is at hand, else 0. */
static IrRef read_inline(Trans *t, unsigned reg)
{
    int field = plain_field(t, reg);

    if (field >= 0) {
        return ir_get(t->ir, IR_I64, (unsigned)field);
    }
    switch (reg) {
    case SR_NZCV:
        return read_nzcv(t);
    case SR_DAIF:
        return t->el > 0 ? read_pstate(t, PSTATE_DAIF) : 0;
    case SR_PAN:
        return read_pstate(t, PSTATE_PAN);
    case SR_UAO:
        return read_pstate(t, PSTATE_UAO);
    case SR_CURRENTEL:
        return ir_const(t->ir, IR_I64, (uint64_t)t->el << PSTATE_EL_SHIFT);
    default:
        return 0;
    }
}

static bool is_fp(unsigned reg)
{
    return reg == SR_FPCR || reg == SR_FPSR;
}

bool a64_mrs(Trans *t, const ArgsSysReg *a)
{
    unsigned number = (unsigned)a->reg;
    int reg = find(t, number, false);
    IrRef value;

    if (reg == SYSREG_UNKNOWN) {
        return unknown(t, number, true);
    }
    if (reg == SYSREG_GIC) {
        value =
            ir_call(t->ir, IR_I64, HELPER_gic_read, number, iss_const(t), 0, 0);
    } else if (reg == SYSREG_ID_ZERO) {
        value = ir_call(t->ir, IR_I64, HELPER_id_zero, 0, iss_const(t), 0, 0);
    } else if (is_fp((unsigned)reg) && !fp_check(t)) {
        return true;
    } else if (reg == SR_RNDR || reg == SR_RNDRRS) {
        value = ir_call(t->ir, IR_I64, HELPER_sysreg_rndr, 0, 0, 0, 0);
    } else {
        value = read_inline(t, (unsigned)reg);
        if (value == 0) {
            value = ir_call(t->ir, IR_I64, HELPER_sysreg_read, (unsigned)reg,
                            iss_const(t), 0, 0);
        }
    }
    put_x(t, (unsigned)a->rt, value);
    return true;
}

/* ESR has 32 bits and more; the rest of the plain ones take what comes. */
static bool write_inline(Trans *t, unsigned reg, IrRef value)
{
    int field = plain_field(t, reg);

    if (field >= 0) {
        ir_put(t->ir, (unsigned)field, value);
        return true;
    }
    if (reg == SR_NZCV) {
        write_nzcv(t, value);
        return true;
    }
    return false;
}

bool a64_msr_reg(Trans *t, const ArgsSysReg *a)
{
    unsigned number = (unsigned)a->reg;
    IrRef value = get_x(t, (unsigned)a->rt);
    int reg = find(t, number, true);

    if (reg == SYSREG_UNKNOWN || reg == SYSREG_ID_ZERO) {
        return unknown(t, number, false);
    }
    if (reg == SYSREG_GIC) {
        ir_call(t->ir, IR_VOID, HELPER_gic_write, number, iss_const(t), value,
                0);
        return true;
    }
    if (is_fp((unsigned)reg) && !fp_check(t)) {
        return true;
    }
    if (!write_inline(t, (unsigned)reg, value)) {
        ir_call(t->ir, IR_VOID, HELPER_sysreg_write, (unsigned)reg,
                iss_const(t), value, 0);
        if (arm_sysregs[reg].ends) {
            arm_end_resume_next(t);
        }
    }
    return true;
}

/* ---- MSR (immediate) ---------------------------------------------------- */

enum { DAIF_SET, DAIF_CLEAR };

/* Masking interrupts needs nobody's attention; unmasking does. PSTATE.D counts
 * for stepping. */
static bool write_daif(Trans *t, unsigned imm, bool clear)
{
    uint64_t bits = (uint64_t)imm << 6;

    if (t->el == 0) {
        arm_put_pc(t, t->offset);
        ir_call(
            t->ir, IR_VOID, HELPER_daif_user, !clear,
            ir_const(t->ir, IR_I64, SYNDROME(EC_SYSREG, access_syndrome(t))),
            ir_const(t->ir, IR_I64, bits),
            ir_pc(t->ir, IR_I64, next_offset(t)));
        arm_end_resume(t);
        return true;
    }
    if (!clear && !(bits & PSTATE_D)) {
        IrRef p = ir_get(t->ir, IR_I64, FIELD_PSTATE);

        ir_put(t->ir, FIELD_PSTATE, ir_binary_imm(t->ir, IR_OR, p, bits));
        return true;
    }
    ir_call(t->ir, IR_VOID, HELPER_daif, !clear, ir_const(t->ir, IR_I64, bits),
            0, 0);
    arm_end_resume_next(t);
    return true;
}

static bool write_bit(Trans *t, unsigned reg, unsigned feat, uint64_t value)
{
    if (t->el == 0 || !has(t, feat)) {
        return false;
    }
    ir_call(t->ir, IR_VOID, HELPER_sysreg_write, reg, iss_const(t),
            ir_const(t->ir, IR_I64, value), 0);
    arm_end_resume_next(t);
    return true;
}

static bool put_pstate_bit(Trans *t, unsigned feat, uint64_t bit, bool value)
{
    IrRef p = ir_get(t->ir, IR_I64, FIELD_PSTATE);

    if (!has(t, feat)) {
        return false;
    }
    ir_put(t->ir, FIELD_PSTATE,
           value ? ir_binary_imm(t->ir, IR_OR, p, bit)
                 : ir_binary_imm(t->ir, IR_AND, p, ~bit));
    return true;
}

/* The block goes on after a change of PAN, in the new context. */
static bool write_pan(Trans *t, unsigned imm)
{
    if (t->el == 0 || !has(t, FEAT_PAN)) {
        return false;
    }
    ir_call(t->ir, IR_VOID, HELPER_pan, 0, ir_const(t->ir, IR_I64, imm & 1), 0,
            0);
    return true;
}

#define PSTATE_FIELD(op1, op2) ((op1) << 3 | (op2))

bool a64_msr_imm(Trans *t, const ArgsPstateImm *a)
{
    unsigned imm = (unsigned)a->crm;

    switch (PSTATE_FIELD(a->op1, a->op2)) {
    case PSTATE_FIELD(0, 3):
        return write_bit(t, SR_UAO, FEAT_UAO, imm & 1 ? PSTATE_UAO : 0);
    case PSTATE_FIELD(0, 4):
        return write_pan(t, imm);
    case PSTATE_FIELD(0, 5):
        if (t->el == 0) {
            return false;
        }
        ir_call(t->ir, IR_VOID, HELPER_sysreg_write, SR_SPSEL, iss_const(t),
                ir_const(t->ir, IR_I64, imm & 1), 0);
        arm_end_resume_next(t);
        return true;
    case PSTATE_FIELD(3, 1):
        return put_pstate_bit(t, FEAT_SSBS2, PSTATE_SSBS, imm & 1);
    case PSTATE_FIELD(3, 2):
        return put_pstate_bit(t, FEAT_DIT, PSTATE_DIT, imm & 1);
    case PSTATE_FIELD(3, 4): /* TCO is ignored without FEAT_MTE2 */
        return has(t, FEAT_MTE);
    case PSTATE_FIELD(3, 6):
        return write_daif(t, imm, false);
    case PSTATE_FIELD(3, 7):
        return write_daif(t, imm, true);
    default:
        return false;
    }
}

/* ---- exceptions --------------------------------------------------------- */

/* These have done their work when the exception is taken: the return address
 * is the next instruction's. */
static bool call_after(Trans *t, unsigned helper, IrRef a, IrRef b)
{
    arm_put_pc(t, next_offset(t));
    ir_call(t->ir, IR_VOID, helper, 0, a, b, 0);
    arm_end_resume(t);
    return true;
}

bool a64_svc(Trans *t, const ArgsImm16 *a)
{
    return call_after(t, HELPER_svc, ir_const(t->ir, IR_I64, a->imm), 0);
}

bool a64_hvc(Trans *t, const ArgsImm16 *a)
{
    return t->el > 0 &&
           call_after(t, HELPER_hvc, ir_const(t->ir, IR_I64, a->imm), 0);
}

bool a64_smc(Trans *t, const ArgsImm16 *a)
{
    return t->el > 0 &&
           call_after(t, HELPER_smc, ir_const(t->ir, IR_I64, a->imm), 0);
}

bool a64_brk(Trans *t, const ArgsImm16 *a)
{
    arm_end_raise(t, SYNDROME(EC_BRK, (uint32_t)a->imm));
    return true;
}

enum { HLT_SEMIHOST = 0xf000 };

/* Without a debugger HLT is UNDEFINED. A call leaves generated code, because
 * the machine may have recorded a fault or ended the run. */
bool a64_hlt(Trans *t, const ArgsImm16 *a)
{
    if (a->imm != HLT_SEMIHOST) {
        return false;
    }
    arm_put_pc(t, next_offset(t));
    ir_call(t->ir, IR_VOID, HELPER_semihost, 0, 0, 0, 0);
    ir_exit(t->ir);
    t->done = true;
    return true;
}

IrRef get_elr(Trans *t)
{
    static const uint8_t fields[] = {0, FIELD_ELR_EL1, FIELD_ELR_EL2};

    return t->el < 3 ? ir_get(t->ir, IR_I64, fields[t->el])
                     : ir_call(t->ir, IR_I64, HELPER_sysreg_read, SR_ELR_EL3, 0,
                               0, 0);
}

bool end_eret(Trans *t, IrRef address)
{
    return call_ending(t, HELPER_eret, 0, address, 0);
}

bool a64_eret(Trans *t, const ArgsNone *a)
{
    return t->el > 0 && end_eret(t, get_elr(t));
}

/* ---- hints and barriers ------------------------------------------------- */

bool a64_hint(Trans *t, const ArgsHint *a)
{
    return true;
}

bool a64_yield(Trans *t, const ArgsNone *a)
{
    ir_call(t->ir, IR_VOID, HELPER_yield, 0, 0, 0, 0);
    return true;
}

static bool wait_for(Trans *t, unsigned helper)
{
    arm_put_pc(t, t->offset);
    ir_call(t->ir, IR_VOID, helper, 0, 0, ir_pc(t->ir, IR_I64, next_offset(t)),
            0);
    ir_exit(t->ir);
    t->done = true;
    return true;
}

bool a64_wfi(Trans *t, const ArgsNone *a)
{
    return wait_for(t, HELPER_wfi);
}

bool a64_wfe(Trans *t, const ArgsNone *a)
{
    return wait_for(t, HELPER_wfe);
}

bool a64_sev(Trans *t, const ArgsNone *a)
{
    ir_call(t->ir, IR_VOID, HELPER_sev, 0, 0, 0, 0);
    return true;
}

bool a64_clrex(Trans *t, const ArgsHint *a)
{
    ir_call(t->ir, IR_VOID, HELPER_clrex, 0, 0, 0, 0);
    return true;
}

bool a64_dsb(Trans *t, const ArgsHint *a)
{
    ir_fence(t->ir, true);
    ir_call(t->ir, IR_VOID, HELPER_barrier, 0, 0, 0, 0);
    return true;
}

enum { DMB_LOADS = 1 }; /* CRm[1:0]: order of loads only */

bool a64_dmb(Trans *t, const ArgsHint *a)
{
    ir_fence(t->ir, (a->crm & 3) != DMB_LOADS);
    return true;
}

/* Translated code follows stores by itself; the next block is looked up. What
 * is behind may be another page than that a branch went to. */
bool a64_isb(Trans *t, const ArgsHint *a)
{
    if (has(t, FEAT_BTI)) {
        ir_put(t->ir, FIELD_BTYPE, const_r(t, true, 0));
    }
    arm_end_goto(t, next_offset(t));
    return true;
}

bool a64_sb(Trans *t, const ArgsNone *a)
{
    return true;
}

/* ---- SYS ---------------------------------------------------------------- */

bool a64_sys(Trans *t, const ArgsSys *a)
{
    unsigned number = (unsigned)a->reg;
    unsigned crn = number >> 7 & 15, crm = number >> 3 & 15;
    unsigned helper;

    if (crn == 8) {
        helper = HELPER_tlbi;
    } else if (crn == 7 && (crm == 8 || crm == 9)) {
        helper = HELPER_at;
    } else if (crn == 7 && crm == 4 &&
               ((number & 7) == 1 || (number & 7) == 3 || (number & 7) == 4)) {
        helper = HELPER_zero;
    } else if (crn == 7) {
        helper = HELPER_cache;
    } else {
        return unknown(t, number, false);
    }
    ir_call(t->ir, IR_VOID, helper, number, get_x(t, (unsigned)a->rt),
            iss_const(t), 0);
    if (helper == HELPER_tlbi) {
        arm_end_resume_next(t);
    }
    return true;
}
