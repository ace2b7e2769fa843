/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/ir/interp.c - one loop over a block's ops.
 * A value sits in values[index of its op], zero above its type; slot 0 is 0,
 * so an absent argument reads as 0. The switch is on code and width together,
 * which makes every case one host operation (eval_priv.h). A vector's lower
 * half is such a value, its upper half is in high[]. */
#include "tcg/ir/interp.h"

#include <string.h>

#include "tcg/ir/eval.h"
#include "tcg/ir/eval_priv.h"

/* Blocks up to this size keep their values on the stack. */
enum { STACK_VALUES = 1024 };

typedef struct {
    const IrBlock *block;
    const IrMachine *m;
    void *state;
    uint64_t *values, *high;
    uint64_t page_base;
    const IrOp *insn; /* the guest instruction being run */
} Run;

/* IR_I32 and IR_F32 are odd, IR_I64 and IR_F64 even; IR_V128 has no cases of
 * its own. */
#define KEY64(code) ((code) << 1)
#define KEY32(code) ((code) << 1 | 1)
G_STATIC_ASSERT((IR_I32 & IR_F32 & 1) && !((IR_I64 | IR_F64) & 1));

static unsigned key_of(const IrOp *op)
{
    return (unsigned)op->code << 1 | (op->type & 1);
}

static uint64_t value(const Run *r, const IrOp *op, unsigned n)
{
    return r->values[op->arg[n]];
}

static IrType arg_type(const Run *r, const IrOp *op, unsigned n)
{
    return (IrType)r->block->ops[op->arg[n]].type;
}

/* An argument as a vector; a number's upper half is zero. */
static IrVector vector(const Run *r, const IrOp *op, unsigned n)
{
    bool whole = arg_type(r, op, n) == IR_V128;

    return (IrVector){{value(r, op, n), whole ? r->high[op->arg[n]] : 0}};
}

static void set_result(Run *r, const IrOp *op, IrVector v)
{
    uint32_t i = (uint32_t)(op - r->block->ops);

    r->values[i] = v.u64[0];
    r->high[i] = v.u64[1];
}

static uint64_t insn_pc(const Run *r)
{
    return r->page_base + r->insn->imm;
}

/* Guest state. */

static void get_field(Run *r, const IrOp *op)
{
    const IrField *f = &r->block->guest->fields[op->imm];
    IrVector v = {{0}};

    /* The low bits of a field are its first bytes: the host is little. */
    memcpy(&v, (const char *)r->state + f->offset,
           ir_type_bits((IrType)op->type) / 8);
    set_result(r, op, v);
}

static void put_field(const Run *r, const IrOp *op)
{
    const IrField *f = &r->block->guest->fields[op->imm];
    IrVector v = vector(r, op, 0);

    memcpy((char *)r->state + f->offset, &v, ir_type_bits((IrType)f->type) / 8);
}

/* Memory. */

static uint64_t low_bytes(uint64_t v, unsigned mo)
{
    return ir_zero_extend(v, ir_mo_bytes(mo) * 8);
}

/* What a load of op's size and sign makes of the bytes v. */
static uint64_t extend_loaded(const IrOp *op, uint64_t v)
{
    unsigned bits = ir_mo_bytes(op->aux) * 8;

    v = op->aux & IR_MO_SIGN ? (uint64_t)ir_sign_extend(v, bits)
                             : ir_zero_extend(v, bits);
    return v & ir_mask((IrType)op->type);
}

/* Each memory op: false if it faulted. */

static bool do_load(Run *r, const IrOp *op, uint64_t *result)
{
    uint64_t v, addr = value(r, op, 0) + op->imm;
    IrVector whole;

    if (op->type == IR_V128) {
        if (!r->m->load16(r->m->ctx, insn_pc(r), addr, op->aux, &whole)) {
            return false;
        }
        set_result(r, op, whole);
        return true;
    }
    if (!r->m->load(r->m->ctx, insn_pc(r), addr, op->aux, &v)) {
        return false;
    }
    *result = extend_loaded(op, v);
    return true;
}

static bool do_store(Run *r, const IrOp *op)
{
    uint64_t addr = value(r, op, 0) + op->imm;

    if (op->aux & IR_MO_128) {
        IrVector v = vector(r, op, 1);

        return r->m->store16(r->m->ctx, insn_pc(r), addr, op->aux, &v);
    }
    return r->m->store(r->m->ctx, insn_pc(r), addr, op->aux,
                       low_bytes(value(r, op, 1), op->aux));
}

static bool do_atomic(Run *r, const IrOp *op, uint64_t *result)
{
    const IrMachine *m = r->m;
    uint64_t pc = insn_pc(r), addr = value(r, op, 0);
    uint64_t a = low_bytes(value(r, op, 1), op->aux);
    uint64_t b = low_bytes(value(r, op, 2), op->aux);
    uint64_t v = 0;
    bool ok;

    switch (op->code) {
    case IR_LL:
        ok = m->load_linked(m->ctx, pc, addr, op->aux, &v);
        break;
    case IR_SC:
        ok = m->store_cond(m->ctx, pc, addr, op->aux, a, &v);
        *result = v;
        return ok;
    case IR_AMO:
        ok = m->amo(m->ctx, pc, addr, op->aux, (IrAmo)op->imm, a, &v);
        break;
    default:
        ok = m->cas(m->ctx, pc, addr, op->aux, a, b, &v);
        break;
    }
    *result = extend_loaded(op, v);
    return ok;
}

/* Floating point and vectors. */

static uint64_t do_float(const Run *r, const IrOp *op)
{
    const uint64_t v[3] = {value(r, op, 0), value(r, op, 1), value(r, op, 2)};

    return ir_eval_float(op, arg_type(r, op, 0), v, r->m->fp(r->m->ctx));
}

static void do_vector(Run *r, const IrOp *op)
{
    const IrVector v[3] = {vector(r, op, 0), vector(r, op, 1),
                           vector(r, op, 2)};

    set_result(r, op, ir_eval_vector(op, v, r->m->fp(r->m->ctx)));
}

/* Calls. */

/* False if the helper faulted. */
static bool do_call(Run *r, const IrOp *op, uint64_t *result)
{
    const IrHelper *h = &r->block->guest->helpers[op->imm];
    bool may_fault = h->effects & IR_MAY_FAULT;
    uint64_t v;

    if (may_fault) {
        r->m->set_pc(r->m->ctx, insn_pc(r));
    }
    v = h->fn(r->state, value(r, op, 0), value(r, op, 1), value(r, op, 2),
              op->aux);
    *result = v & ir_mask((IrType)op->type);
    return !may_fault || !r->m->faulted(r->m->ctx);
}

/* Ops that are ir_eval_same of their arguments. */
#define SAME_OP(NAME)                           \
 case KEY64(IR_##NAME):                         \
  v[i] = ir_eval_same(IR_##NAME, IR_I64, A, B); \
  break;                                        \
 case KEY32(IR_##NAME):                         \
  v[i] = ir_eval_same(IR_##NAME, IR_I32, A, B); \
  break;

/* An op whatever its width. */
#define ANY_OP(NAME)    \
 case KEY64(IR_##NAME): \
 case KEY32(IR_##NAME):

#define A (v[op->arg[0]])
#define B (v[op->arg[1]])

/* clang-format off */
static IrLeft run(Run *r, uint64_t *pc)
{
    const IrOp *ops = r->block->ops;
    uint64_t *v = r->values;

    for (uint32_t i = 1;; i++) {
        const IrOp *op = &ops[i];

        switch (key_of(op)) {
        ANY_OP(NOP)
        ANY_OP(PUSHRET)
            break;
        ANY_OP(INSN)
            r->insn = op;
            break;
        ANY_OP(COUNT)
            r->m->counters[op->imm] += op->aux;
            break;
        ANY_OP(CONST)
            v[i] = op->imm;
            break;
        ANY_OP(GET)
            get_field(r, op);
            break;
        ANY_OP(PUT)
            put_field(r, op);
            break;
        ANY_OP(PC)
            v[i] = (r->page_base + op->imm) & ir_mask((IrType)op->type);
            break;

        SAME_OP(ADD)
        SAME_OP(SUB)
        SAME_OP(MUL)
        SAME_OP(MULHU)
        SAME_OP(MULHS)
        SAME_OP(MULHSU)
        SAME_OP(DIVU)
        SAME_OP(DIVS)
        SAME_OP(REMU)
        SAME_OP(REMS)
        SAME_OP(AND)
        SAME_OP(OR)
        SAME_OP(XOR)
        SAME_OP(ANDN)
        SAME_OP(SHL)
        SAME_OP(SHR)
        SAME_OP(SAR)
        SAME_OP(ROTL)
        SAME_OP(ROTR)
        SAME_OP(CLZ)
        SAME_OP(CTZ)
        SAME_OP(POPCNT)
        SAME_OP(BSWAP)
        SAME_OP(SMIN)
        SAME_OP(SMAX)
        SAME_OP(UMIN)
        SAME_OP(UMAX)
        SAME_OP(FNEG)
        SAME_OP(FABS)
        SAME_OP(FCOPYSIGN)

        ANY_OP(SEXT)
            v[i] = (uint64_t)ir_sign_extend(A, (unsigned)op->imm) &
                   ir_mask((IrType)op->type);
            break;
        ANY_OP(ZEXT)
            v[i] = ir_zero_extend(A, (unsigned)op->imm);
            break;
        ANY_OP(TRUNC)
            v[i] = (uint32_t)A;
            break;
        ANY_OP(SET)
            v[i] = ir_eval_cond((IrCond)op->aux, arg_type(r, op, 0), A, B);
            break;
        ANY_OP(SEL)
            v[i] = A ? B : v[op->arg[2]];
            r->high[i] = r->high[A ? op->arg[1] : op->arg[2]];
            break;
        ANY_OP(BITCAST)
            v[i] = A;
            break;
        ANY_OP(UNBOX)
            v[i] = ir_eval_unbox(A);
            break;
        ANY_OP(NANBOX)
            v[i] = ir_eval_nanbox(A);
            break;

        ANY_OP(LD)
            if (!do_load(r, op, &v[i])) {
                return IR_LEFT_FAULT;
            }
            break;
        ANY_OP(ST)
            if (!do_store(r, op)) {
                return IR_LEFT_FAULT;
            }
            break;
        ANY_OP(LL)
        ANY_OP(SC)
        ANY_OP(AMO)
        ANY_OP(CAS)
            if (!do_atomic(r, op, &v[i])) {
                return IR_LEFT_FAULT;
            }
            break;
        ANY_OP(FENCE)
            __atomic_thread_fence(__ATOMIC_SEQ_CST);
            break;
        ANY_OP(CALL)
            if (!do_call(r, op, &v[i])) {
                return IR_LEFT_FAULT;
            }
            break;

        ANY_OP(BR)
            if (ir_eval_cond((IrCond)op->aux, arg_type(r, op, 0), A, B)) {
                *pc = r->page_base + op->imm;
                return IR_LEFT_GOTO;
            }
            break;
        ANY_OP(GOTO)
            *pc = r->page_base + op->imm;
            return IR_LEFT_GOTO;
        ANY_OP(JUMP)
            *pc = A;
            return IR_LEFT_JUMP;
        ANY_OP(RESUME)
            return IR_LEFT_RESUME;
        ANY_OP(EXIT)
            return IR_LEFT_EXIT;

        default:
            if (ir_is_vector_op(op->code)) {
                do_vector(r, op);
            } else {
                v[i] = do_float(r, op);
            }
            break;
        }
    }
}
/* clang-format on */

#undef A
#undef B

IrLeft ir_interp(const IrBlock *b, void *state, uint64_t page_base,
                 const IrMachine *m, uint64_t *pc)
{
    uint64_t small[2 * STACK_VALUES];
    g_autofree uint64_t *large =
        b->n_ops > STACK_VALUES ? g_new(uint64_t, 2 * b->n_ops) : NULL;
    const IrOp entry = {.code = IR_INSN, .imm = b->start};
    Run r = {
        .block = b,
        .m = m,
        .state = state,
        .values = large ? large : small,
        .high = large ? large + b->n_ops : small + STACK_VALUES,
        .page_base = page_base,
        .insn = &entry,
    };

    r.values[0] = 0;
    return run(&r, pc);
}
