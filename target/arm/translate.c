/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/translate.c - from guest bytes to one block of IR: fetch, decode,
 * and what the handlers share.
 * A block goes on past conditional branches, which are side exits, and ends at
 * an unconditional one, at the page's end or after max_insns. */
#include "target/arm/translate.h"

#include "util/bits.h"

void put_x_sp(Trans *t, unsigned reg, IrRef value)
{
    ir_put(t->ir, FIELD_X0 + reg, value);
    if (reg == 31) {
        t->sp_aligned = false;
    }
}

bool fp_check(Trans *t)
{
    if (!(t->flags & FLAG_FP_TRAP)) {
        return true;
    }
    arm_end_raise(t, SYNDROME_FP_TRAP);
    return false;
}

/* A misaligned SP leaves for the odd address behind the instruction, where
 * raise_misaligned finds the reason: two host instructions, and none where
 * SP moved by multiples of 16 since the last check. */
static void check_sp(Trans *t)
{
    IrRef low;

    if ((t->flags & FLAG_SP_ALIGN) && !t->sp_aligned) {
        low = ir_binary_imm(t->ir, IR_AND, get_r_sp(t, 31, false), 15);
        ir_branch(t->ir, IR_NE, low, const_r(t, false, 0),
                  (int64_t)t->offset + MISALIGNED_SP);
        t->sp_aligned = true;
    }
}

IrRef get_base(Trans *t, unsigned rn)
{
    if (rn == 31) {
        check_sp(t);
    }
    return get_r_sp(t, rn, true);
}

void move_base(Trans *t, unsigned rn, IrRef base, int64_t by)
{
    bool aligned = t->sp_aligned && by % 16 == 0;

    put_x_sp(t, rn, ir_binary_imm(t->ir, IR_ADD, base, (uint64_t)by));
    if (rn == 31) {
        t->sp_aligned = aligned;
    }
}

IrRef extend(Trans *t, unsigned rm, unsigned option, unsigned shift)
{
    static const uint8_t widths[] = {8, 16, 32, 64};
    unsigned width = widths[option & 3];
    IrRef r = get_x(t, rm);

    if (width < 64) {
        r = option & 4 ? ir_sext(t->ir, IR_I64, r, width)
                       : ir_zext(t->ir, IR_I64, r, width);
    }
    return ir_binary_imm(t->ir, IR_SHL, r, shift);
}

unsigned mem_op(const Trans *t, unsigned size)
{
    unsigned mo = size == 4 ? IR_MO_128 : size;

    return t->flags & FLAG_ALIGN ? mo | IR_MO_ALIGN : mo;
}

void arm_put_pc(Trans *t, int64_t page_offset)
{
    ir_put(t->ir, FIELD_PC, ir_pc(t->ir, IR_I64, page_offset));
}

void arm_end_resume(Trans *t)
{
    ir_resume(t->ir, false);
    t->done = true;
}

/* Software step: the instruction is done and the pc field is the next one's. */
static void end_step(Trans *t)
{
    bool exclusive = (t->insn & 0x3fc00000) == 0x08400000;

    ir_call(t->ir, IR_VOID, HELPER_step,
            t->flags & FLAG_STEP_NOW ? STEP_NOW
            : exclusive              ? STEP_EXCLUSIVE
                                     : STEP_DONE,
            0, 0, 0);
    arm_end_resume(t);
}

void arm_end_goto(Trans *t, int64_t page_offset)
{
    flags_store_for(t, page_offset);
    if (t->flags & FLAG_STEP) {
        arm_put_pc(t, page_offset);
        end_step(t);
        return;
    }
    ir_goto(t->ir, page_offset);
    t->done = true;
}

void arm_branch_if(Trans *t, IrCond cond, IrRef a, IrRef b, int64_t page_offset)
{
    if (t->flags & FLAG_STEP) {
        IrRef pc = ir_select(t->ir, ir_set(t->ir, IR_I32, cond, a, b),
                             ir_pc(t->ir, IR_I64, page_offset),
                             ir_pc(t->ir, IR_I64, next_offset(t)));

        ir_put(t->ir, FIELD_PC, pc);
        end_step(t);
        return;
    }
    flags_store_for(t, page_offset);
    ir_branch(t->ir, cond, a, b, page_offset);
}

/* An indirect branch drops the tag of an address whose half has none: the top
 * byte becomes bit 55 (D4.1.1, AArch64.BranchAddr). At EL2 and EL3 without
 * a second half it becomes 0. */
static IrRef branch_address(Trans *t, IrRef target)
{
    IrRef high, low;

    if (!(t->flags & (FLAG_TBI_LOW | FLAG_TBI_HIGH))) {
        return target;
    }
    low = ir_binary_imm(t->ir, IR_AND, target, bits_mask(56));
    if (!(t->flags & FLAG_TBI_HIGH)) {
        high = target;
    } else {
        high = ir_binary_imm(t->ir, IR_OR, target, ~bits_mask(56));
    }
    if (!(t->flags & FLAG_TBI_LOW)) {
        low = target;
    }
    return ir_select(t->ir,
                     ir_binary_imm(t->ir, IR_AND, target, UINT64_C(1) << 55),
                     high, low);
}

static void end_jump(Trans *t, IrRef target, bool is_return)
{
    flags_store(t);
    if (t->flags & FLAG_STEP) {
        ir_put(t->ir, FIELD_PC, target);
        end_step(t);
        return;
    }
    ir_jump(t->ir, target, is_return);
    t->done = true;
}

/* Code in guarded pages has found the type 0, or has made it so. */
void arm_end_return(Trans *t, IrRef target)
{
    if (has(t, FEAT_BTI) && !(t->flags & FLAG_GUARDED)) {
        ir_put(t->ir, FIELD_BTYPE, ir_const(t->ir, IR_I64, 0));
    }
    end_jump(t, branch_address(t, target), true);
}

void arm_end_branch(Trans *t, IrRef target, unsigned btype)
{
    target = branch_address(t, target);
    if (has(t, FEAT_BTI)) {
        ir_put(t->ir, FIELD_BTYPE, ir_binary_imm(t->ir, IR_OR, target, btype));
    }
    end_jump(t, target, false);
}

void arm_end_resume_next(Trans *t)
{
    flags_store(t);
    arm_put_pc(t, next_offset(t));
    if (t->flags & FLAG_STEP) {
        end_step(t);
    } else {
        arm_end_resume(t);
    }
}

void arm_end_raise(Trans *t, uint32_t syndrome)
{
    flags_store(t);
    arm_put_pc(t, t->offset);
    ir_call(t->ir, IR_VOID, HELPER_raise, 0, ir_const(t->ir, IR_I64, syndrome),
            0, 0);
    arm_end_resume(t);
}

/* What must be exact before the instruction. */
static void prepare(Trans *t)
{
    int64_t off;

    switch (arm_flow(t->insn, &off)) {
    case FLOW_FAULTS:
        flags_store_if_live(t);
        break;
    case FLOW_LEAVES:
        flags_store(t);
        t->nzcv = (FlagState){.kind = FLAGS_STATE};
        break;
    default:
        break;
    }
}

/* The one BTYPE that the instruction is no landing pad for; 0: none, ANY: it
 * is none at all. */
enum { REFUSES_ANY = 4 };

static unsigned refused_btype(const Trans *t)
{
    static const uint8_t by_target[] = {REFUSES_ANY, 3, 2, 0};
    uint32_t insn = t->insn;

    if ((insn & 0xffffff3f) == 0xd503241f) { /* BTI, with c, j or both */
        return by_target[insn >> 6 & 3];
    }
    if ((insn & 0xffffffbf) == 0xd503233f && has(t, FEAT_PAUTH)) {
        return t->flags & FLAG_BT ? 3 : 0; /* PACIASP, PACIBSP */
    }
    if ((insn & 0xffe0001f) == 0xd4200000 ||
        (insn & 0xffe0001f) == 0xd4400000) { /* BRK, HLT */
        return 0;
    }
    return REFUSES_ANY;
}

/* The first instruction of a block in a guarded page: only that may be where
 * an indirect branch went. See arm_helper_misaligned. */
static void check_landing(Trans *t)
{
    IrRef type = ir_get(t->ir, IR_I64, FIELD_BTYPE);
    unsigned refused = refused_btype(t);
    int64_t way_out = (int64_t)t->offset + MISALIGNED_BTI;

    if (refused == REFUSES_ANY) {
        ir_branch(t->ir, IR_NE, type, const_r(t, true, 0), way_out);
        return;
    }
    if (refused != 0) {
        ir_branch(t->ir, IR_EQ, ir_binary_imm(t->ir, IR_AND, type, 3),
                  const_r(t, true, refused), way_out);
    }
    ir_put(t->ir, FIELD_BTYPE, const_r(t, true, 0));
}

static void translate_insn(Trans *t, bool first)
{
    ir_insn(t->ir, t->offset, 4);
    if (t->flags & FLAG_STEP_NOW) {
        arm_put_pc(t, t->offset);
        end_step(t);
        return;
    }
    if (t->flags & FLAG_IL) {
        arm_end_raise(t, SYNDROME(EC_ILLEGAL_STATE, 0));
        return;
    }
    if (first && (t->flags & FLAG_GUARDED)) {
        check_landing(t);
    }
    prepare(t);
    if (!arm_decode32(t, t->insn)) {
        arm_end_raise(t, SYNDROME_UNKNOWN);
    }
}

/* A pc that is not a multiple of 4, or SP was not one of 16 at the instruction
 * before it (see check_sp). */
static void raise_misaligned(Trans *t)
{
    ir_insn(t->ir, t->offset, 1);
    arm_put_pc(t, t->offset);
    ir_call(t->ir, IR_VOID, HELPER_misaligned, 0, 0, 0, 0);
    arm_end_resume(t);
}

bool arm_translate(TransJob *job)
{
    unsigned max = job->flags & FLAG_STEP ? 1 : job->max_insns;
    unsigned limit = job->limit ? job->limit : TARGET_PAGE_SIZE;
    Trans t = {
        .ir = job->ir,
        .cpu = (const Arm *)job->vcpu,
        .flags = job->flags,
        .el = (job->flags & FLAG_EL_MASK) >> FLAG_EL_SHIFT,
        .page = job->page,
        .offset = job->start,
        .exact = max == 1 || job->exact,
    };

    job->crosses = false;
    if (t.offset & 3) {
        raise_misaligned(&t);
    }
    for (unsigned n = 0; !t.done && !ir_ended(t.ir); n++) {
        if (n == max || (n > 0 && t.offset >= limit)) {
            arm_end_goto(&t, t.offset);
            break;
        }
        t.insn = le32_load(t.page + t.offset);
        translate_insn(&t, n == 0);
        t.offset += 4;
    }
    return true;
}
