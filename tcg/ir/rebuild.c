/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/ir/rebuild.c - one call of the builder for each op. */
#include "tcg/ir/rebuild.h"

/* An op whose arguments are a, b, c in the new block. */
typedef struct {
    IrBuilder *ir;
    const IrOp *op;
    IrType t;
    IrRef a, b, c;
} Step;

static IrRef rebuild_memory(const Step *s)
{
    const IrOp *op = s->op;

    switch (op->code) {
    case IR_LD:
        return ir_load(s->ir, s->t, op->aux, s->a, (int64_t)op->imm);
    case IR_ST:
        ir_store(s->ir, op->aux, s->a, (int64_t)op->imm, s->b);
        return 0;
    case IR_LL:
        return ir_load_linked(s->ir, s->t, op->aux, s->a);
    case IR_SC:
        return ir_store_cond(s->ir, s->t, op->aux, s->a, s->b);
    case IR_AMO:
        return ir_amo(s->ir, s->t, op->aux, (IrAmo)op->imm, s->a, s->b);
    case IR_CAS:
        return ir_cas(s->ir, s->t, op->aux, s->a, s->b, s->c);
    default:
        ir_fence(s->ir, op->imm);
        return 0;
    }
}

static IrRef rebuild_exit(const Step *s)
{
    const IrOp *op = s->op;

    switch (op->code) {
    case IR_BR:
        ir_branch(s->ir, (IrCond)op->aux, s->a, s->b, (int64_t)op->imm);
        break;
    case IR_GOTO:
        ir_goto(s->ir, (int64_t)op->imm);
        break;
    case IR_JUMP:
        ir_jump(s->ir, s->a, op->aux);
        break;
    case IR_RESUME:
        ir_resume(s->ir, op->aux);
        break;
    default:
        ir_exit(s->ir);
        break;
    }
    return 0;
}

/* State, marks and constants. */
static IrRef rebuild_state(const Step *s)
{
    const IrOp *op = s->op;

    switch (op->code) {
    case IR_INSN:
        ir_insn(s->ir, (uint32_t)op->imm, op->aux);
        return 0;
    case IR_COUNT:
        ir_count(s->ir, (unsigned)op->imm, op->aux);
        return 0;
    case IR_CONST:
        return ir_const(s->ir, s->t, op->imm);
    case IR_GET:
        return ir_get(s->ir, s->t, (unsigned)op->imm);
    case IR_PUT:
        ir_put(s->ir, (unsigned)op->imm, s->a);
        return 0;
    case IR_PC:
        return ir_pc(s->ir, s->t, (int64_t)op->imm);
    case IR_PUSHRET:
        ir_push_return(s->ir, (int64_t)op->imm);
        return 0;
    default:
        return 0;
    }
}

static IrRef rebuild_convert(const Step *s)
{
    const IrOp *op = s->op;

    switch (op->code) {
    case IR_SEXT:
        return ir_sext(s->ir, s->t, s->a, (unsigned)op->imm);
    case IR_ZEXT:
        return ir_zext(s->ir, s->t, s->a, (unsigned)op->imm);
    case IR_TRUNC:
        return ir_trunc(s->ir, s->a);
    case IR_SET:
        return ir_set(s->ir, s->t, (IrCond)op->aux, s->a, s->b);
    case IR_SEL:
        return ir_select(s->ir, s->a, s->b, s->c);
    case IR_FMA:
        return ir_fma(s->ir, op->aux, s->a, s->b, s->c);
    case IR_FCMP:
        return ir_fcmp(s->ir, s->t, (IrFcond)op->aux, s->a, s->b);
    case IR_F2F:
        return ir_f2f(s->ir, s->t, op->aux, s->a);
    case IR_F2I:
        return ir_f2i(s->ir, s->t, op->aux, (unsigned)op->imm, s->a);
    case IR_I2F:
        return ir_i2f(s->ir, s->t, op->aux, s->a);
    case IR_FRINT:
        return ir_frint(s->ir, op->aux, (unsigned)op->imm, s->a);
    case IR_BITCAST:
        return ir_bitcast(s->ir, s->t, s->a);
    case IR_UNBOX:
        return ir_unbox(s->ir, s->a);
    default: /* IR_NANBOX */
        return ir_nanbox(s->ir, s->a);
    }
}

static IrRef rebuild_vector(const Step *s)
{
    const IrOp *op = s->op;

    switch (op->code) {
    case IR_VCONST:
        return ir_vconst(s->ir, op->imm);
    case IR_VFROM:
        return ir_vfrom(s->ir, s->a);
    case IR_VGET:
        return ir_vget(s->ir, s->t, op->aux, (unsigned)op->imm, s->a);
    case IR_CRC32:
        return ir_crc32(s->ir, op->aux, op->imm, s->a, s->b);
    default:
        return ir_vector(s->ir, (IrCode)op->code, op->aux, op->imm, s->a, s->b,
                         s->c);
    }
}

static IrRef rebuild_op(const Step *s)
{
    const IrOpInfo *info = &ir_op_info[s->op->code];

    if (s->op->code == IR_CALL) {
        return ir_call(s->ir, s->t, (unsigned)s->op->imm, s->op->aux, s->a,
                       s->b, s->c);
    }
    if (ir_is_vector_op(s->op->code)) {
        return rebuild_vector(s);
    }
    if (info->effects & IR_MEMORY) {
        return rebuild_memory(s);
    }
    if (info->effects & (IR_SIDE_EXIT | IR_END)) {
        return rebuild_exit(s);
    }
    if (info->n_args == 0 || s->op->code == IR_PUT) {
        return rebuild_state(s);
    }
    if (info->result == R_SAME && s->op->aux) {
        return s->op->code == IR_FMA || s->op->code == IR_FRINT
                   ? rebuild_convert(s)
                   : ir_float_op(s->ir, (IrCode)s->op->code, s->op->aux, s->a,
                                 s->b);
    }
    if (info->result == R_SAME && s->op->code != IR_FMA &&
        s->op->code != IR_FRINT) {
        return info->n_args == 1
                   ? ir_unary(s->ir, (IrCode)s->op->code, s->a)
                   : ir_binary(s->ir, (IrCode)s->op->code, s->a, s->b);
    }
    return rebuild_convert(s);
}

void ir_rebuild(IrBlock *out, const IrBlock *in, const IrVisitor *visitor)
{
    g_autofree IrRef *place = g_new0(IrRef, in->n_ops);
    IrBuilder ir;

    ir_begin(&ir, out, in->start);
    IR_FOR_EACH_OP(in, i) {
        const IrOp *op = &in->ops[i];
        Step s = {.ir = &ir, .op = op, .t = (IrType)op->type};

        s.a = place[op->arg[0]];
        s.b = place[op->arg[1]];
        s.c = place[op->arg[2]];
        if (visitor != NULL) {
            visitor->before(visitor->opaque, &ir, op);
        }
        place[i] = rebuild_op(&s);
        if (visitor != NULL) {
            const IrRef args[] = {s.a, s.b, s.c};

            visitor->after(visitor->opaque, &ir, op, args, place[i]);
        }
    }
}
