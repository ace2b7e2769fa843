/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/riscv/translate.c - from guest bytes to one block of IR: fetch,
 * decode, and what the handlers share.
 * A block goes on past conditional branches, which are side exits, and ends at
 * an unconditional one, at the page's end or after max_insns.
 * RV32 registers are i64 fields whose upper half is zero, read as i32. */
#include "target/riscv/translate.h"

#include "util/bits.h"

IrRef get_x(Trans *t, unsigned reg)
{
    return reg ? ir_get(t->ir, t->xt, FIELD_X0 + reg) : const_x(t, 0);
}

IrRef get_w(Trans *t, unsigned reg)
{
    return reg ? ir_get(t->ir, IR_I32, FIELD_X0 + reg)
               : ir_const(t->ir, IR_I32, 0);
}

void put_x(Trans *t, unsigned reg, IrRef value)
{
    if (reg == 0) {
        return;
    }
    if (t->rv64 && ir_type(t->ir, value) == IR_I32) {
        value = ir_sext(t->ir, IR_I64, value, 32);
    }
    if (!t->rv64) {
        value = ir_trunc(t->ir, value);
    }
    ir_put(t->ir, FIELD_X0 + reg, value);
}

IrRef const_x(Trans *t, int64_t value)
{
    return ir_const(t->ir, t->xt, (uint64_t)value);
}

IrRef get_d(Trans *t, unsigned reg)
{
    return ir_get(t->ir, IR_F64, FIELD_F0 + reg);
}

void put_d(Trans *t, unsigned reg, IrRef value)
{
    ir_put(t->ir, FIELD_F0 + reg, value);
}

IrRef get_s(Trans *t, unsigned reg)
{
    return ir_unbox(t->ir, get_d(t, reg));
}

void put_s(Trans *t, unsigned reg, IrRef value)
{
    put_d(t, reg, ir_nanbox(t->ir, value));
}

IrRef get_address(Trans *t, unsigned reg, int64_t imm, int64_t *offset)
{
    IrRef sum;

    if (t->rv64) {
        *offset = imm;
        return get_x(t, reg);
    }
    *offset = 0;
    sum = ir_binary_imm(t->ir, IR_ADD, get_x(t, reg), (uint32_t)imm);
    return ir_zext(t->ir, IR_I64, sum, 32);
}

static void count(Trans *t, int64_t insns)
{
    if (t->flags & FLAG_INSTRET) {
        IrRef old = ir_get(t->ir, IR_I64, FIELD_INSTRET);

        ir_put(t->ir, FIELD_INSTRET,
               ir_binary_imm(t->ir, IR_ADD, old, (uint64_t)insns));
    }
}

static unsigned fs(const Trans *t)
{
    return (t->flags & FLAG_FS_MASK) >> FLAG_FS_SHIFT;
}

/* Asks once a block: FS cannot change in it. */
static bool ask_fs(Trans *t, bool writes)
{
    if (!t->fs_on || (writes && !t->fs_dirty)) {
        ir_call(t->ir, IR_VOID, HELPER_fs_check, 0,
                ir_const(t->ir, IR_I64, t->insn),
                ir_const(t->ir, IR_I64, writes), 0);
        t->fs_on = true;
        t->fs_dirty |= writes;
    }
    return true;
}

bool fp_read(Trans *t)
{
    if ((t->flags & FLAG_FS_MASK) == FLAG_FS_ASK) {
        return ask_fs(t, false);
    }
    return fs(t) != 0;
}

bool fp_write(Trans *t)
{
    if ((t->flags & FLAG_FS_MASK) == FLAG_FS_ASK) {
        return ask_fs(t, true);
    }
    if (fs(t) != 1) {
        return fs(t) == 2;
    }
    /* Same instruction again, in a block that knows the state is dirty. */
    ir_call(t->ir, IR_VOID, HELPER_fs_dirty, 0, 0, 0, 0);
    count(t, -1);
    put_pc(t, t->offset);
    ir_resume(t->ir, true);
    t->done = true;
    return false;
}

bool fp_round(Trans *t, unsigned rm_field, unsigned *rm)
{
    *rm = rm_field;
    if (rm_field == IR_RM_DYN) {
        if (t->flags & FLAG_FRM_RMM) {
            *rm = IR_RM_RMM;
        }
        return !(t->flags & FLAG_FRM_INVALID);
    }
    return rm_field <= IR_RM_RMM;
}

void put_pc(Trans *t, int64_t page_offset)
{
    ir_put(t->ir, FIELD_PC, ir_pc(t->ir, t->xt, page_offset));
}

void end_goto(Trans *t, int64_t page_offset)
{
    ir_goto(t->ir, page_offset);
    t->done = true;
}

void end_resume_next(Trans *t)
{
    put_pc(t, next_offset(t));
    ir_resume(t->ir, false);
    t->done = true;
}

void end_raise(Trans *t, unsigned cause, IrRef value)
{
    put_pc(t, t->offset);
    ir_call(t->ir, IR_VOID, HELPER_raise, 0, ir_const(t->ir, IR_I64, cause),
            value, 0);
    ir_resume(t->ir, false);
    t->done = true;
}

/* Fetches the instruction at t->offset. *fits is false, with nothing fetched,
 * if it crosses into the next page and is not the block's first. */
static bool fetch(Trans *t, TransJob *job, bool *fits)
{
    uint16_t low = le16_load(job->page + t->offset);
    uint16_t high;

    *fits = true;
    t->insn = low;
    t->length = 2;
    if ((low & 3) != 3) {
        return true;
    }
    t->length = 4;
    if (t->offset + 4 <= TARGET_PAGE_SIZE) {
        high = le16_load(job->page + t->offset + 2);
    } else if (t->offset != job->start) {
        *fits = false;
        return true;
    } else if (job->next_page(job->opaque, &high)) {
        job->crosses = true;
    } else {
        return false;
    }
    t->insn |= (uint32_t)high << 16;
    return true;
}

static void translate_insn(Trans *t)
{
    bool known;

    ir_insn(t->ir, t->offset, t->length);
    count(t, 1);
    known = t->length == 2 ? riscv_decode16(t, t->insn)
                           : riscv_decode32(t, t->insn);
    if (!known) {
        end_raise(t, EXC_ILLEGAL, insn_const(t));
    }
}

bool riscv_translate(TransJob *job)
{
    Trans t = {
        .ir = job->ir,
        .cpu = (const Riscv *)job->vcpu,
        .flags = job->flags,
        .xt = job->flags & FLAG_RV64 ? IR_I64 : IR_I32,
        .rv64 = job->flags & FLAG_RV64,
        .priv = (job->flags & FLAG_PRIV_MASK) >> FLAG_PRIV_SHIFT,
        .offset = job->start & (TARGET_PAGE_SIZE - 2),
    };
    unsigned limit = job->limit ? job->limit : TARGET_PAGE_SIZE;
    unsigned n = 0;

    job->crosses = false;
    while (!t.done) {
        bool fits;

        if (n == job->max_insns || (n > 0 && t.offset >= limit)) {
            end_goto(&t, t.offset);
            break;
        }
        if (!fetch(&t, job, &fits)) {
            return false;
        }
        if (!fits) {
            end_goto(&t, t.offset);
            break;
        }
        translate_insn(&t);
        t.offset += t.length;
        n++;
    }
    return true;
}
