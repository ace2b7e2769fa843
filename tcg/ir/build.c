/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/ir/build.c - the builder's state, memory and exits; pure operations are
 * in fold.c.
 * Nothing here searches: forwarding is one array indexed by field, so building
 * stays linear however the guest's code looks.
 * After the block has ended, ops go to scratch slots behind ops[n_ops], one
 * per type: references stay valid and typed, and the block does not change. */
#include "tcg/ir/build.h"

#include <string.h>

#include "tcg/ir/build_priv.h"
#include "tcg/ir/eval_priv.h"

static void forget_fields(IrBuilder *ir)
{
    unsigned n = MIN(ir->block->guest->n_fields, IR_MAX_FIELDS);

    memset(ir->known, 0, n * sizeof(ir->known[0]));
}

void ir_begin(IrBuilder *ir, IrBlock *block, uint32_t start)
{
    ir_block_clear(block);
    block->start = block->end = start;
    ir->block = block;
    ir->dead = false;
    forget_fields(ir);
}

void ir_insn(IrBuilder *ir, uint32_t offset, unsigned length)
{
    if (ir->dead) {
        return;
    }
    ir_emit(ir, (IrOp){.code = IR_INSN, .aux = length, .imm = offset});
    ir->block->end = offset + length;
    ir->block->n_insns++;
}

void ir_count(IrBuilder *ir, unsigned counter, unsigned n)
{
    ir_emit(ir, (IrOp){.code = IR_COUNT, .aux = n, .imm = counter});
}

/* Constants. */

IrRef ir_const(IrBuilder *ir, IrType type, uint64_t value)
{
    return ir_emit(
        ir,
        (IrOp){.code = IR_CONST, .type = type, .imm = value & ir_mask(type)});
}

IrRef ir_pc(IrBuilder *ir, IrType type, int64_t page_offset)
{
    return ir_emit(
        ir, (IrOp){.code = IR_PC, .type = type, .imm = (uint64_t)page_offset});
}

/* Guest state. */

static void know(IrBuilder *ir, unsigned field, IrRef value, bool low)
{
    if (field < IR_MAX_FIELDS) {
        ir->known[field] = value;
        ir->low[field] = low;
    }
}

static IrRef known(const IrBuilder *ir, unsigned field, bool low_is_enough)
{
    IrRef r = field < IR_MAX_FIELDS ? ir->known[field] : 0;

    /* low[] means something for known fields only. */
    return r && ir->low[field] && !low_is_enough ? 0 : r;
}

static IrRef get_vector(IrBuilder *ir, IrType type, unsigned field)
{
    IrRef r = known(ir, field, type != IR_V128);
    IrRef view = r ? ir_vector_view(ir, type, r, ir->low[field]) : 0;

    if (!view) {
        view = ir_emit(ir, (IrOp){.code = IR_GET, .type = type, .imm = field});
        know(ir, field, view, type != IR_V128);
    } else if (type == IR_V128) {
        know(ir, field, view, false);
    }
    return view;
}

IrRef ir_get(IrBuilder *ir, IrType type, unsigned field)
{
    IrType whole = (IrType)ir->block->guest->fields[field].type;
    bool low = type == IR_I32 && whole == IR_I64;
    IrRef r = known(ir, field, low);

    if (r && ir_type(ir, r) == type) {
        return r;
    }
    if (whole == IR_V128) {
        return get_vector(ir, type, field);
    }
    if (type == IR_I64 && whole == IR_I32) {
        return ir_zext(ir, IR_I64, ir_get(ir, IR_I32, field), 32);
    }
    if (r && low) {
        return ir_trunc(ir, r);
    }
    if (r) {
        return ir_zext(ir, type, r, 32);
    }
    r = ir_emit(ir, (IrOp){.code = IR_GET, .type = type, .imm = field});
    know(ir, field, r, low);
    return r;
}

void ir_put(IrBuilder *ir, unsigned field, IrRef value)
{
    if (ir->block->guest->fields[field].type == IR_I32) {
        value = ir_trunc(ir, value);
    }
    if (known(ir, field, false) == value) {
        return;
    }
    ir_emit(ir, (IrOp){.code = IR_PUT, .arg = {value}, .imm = field});
    know(ir, field, value, false);
}

/* Memory. */

/* Moves a constant addend of *addr into *offset while it fits an int32, the
 * most a host's address takes. */
static void fold_address(const IrBuilder *ir, IrRef *addr, int64_t *offset)
{
    const IrOp *op = ir_op(ir->block, *addr);
    const IrOp *addend = ir_op(ir->block, op->arg[1]);
    int64_t sum;

    if (op->code == IR_ADD && addend->code == IR_CONST &&
        !__builtin_add_overflow(*offset, (int64_t)addend->imm, &sum) &&
        sum == (int32_t)sum) {
        *addr = op->arg[0];
        *offset = sum;
    }
}

IrRef ir_load(IrBuilder *ir, IrType type, unsigned mo, IrRef addr,
              int64_t offset)
{
    fold_address(ir, &addr, &offset);
    return ir_emit(ir, (IrOp){.code = IR_LD,
                              .type = type,
                              .aux = mo,
                              .arg = {addr},
                              .imm = (uint64_t)offset});
}

/* The cheapest value whose low bytes are those a store of size mo takes. */
static IrRef stored_value(const IrBuilder *ir, unsigned mo, IrRef value)
{
    return ir_type_is_int(ir_type(ir, value))
               ? ir_fold_low(ir, value, ir_mo_bytes(mo) * 8)
               : value;
}

void ir_store(IrBuilder *ir, unsigned mo, IrRef addr, int64_t offset,
              IrRef value)
{
    fold_address(ir, &addr, &offset);
    value = stored_value(ir, mo, value);
    ir_emit(ir, (IrOp){.code = IR_ST,
                       .aux = mo,
                       .arg = {addr, value},
                       .imm = (uint64_t)offset});
}

IrRef ir_load_linked(IrBuilder *ir, IrType type, unsigned mo, IrRef addr)
{
    return ir_emit(
        ir, (IrOp){.code = IR_LL, .type = type, .aux = mo, .arg = {addr}});
}

IrRef ir_store_cond(IrBuilder *ir, IrType result, unsigned mo, IrRef addr,
                    IrRef value)
{
    return ir_emit(
        ir,
        (IrOp){.code = IR_SC, .type = result, .aux = mo, .arg = {addr, value}});
}

IrRef ir_amo(IrBuilder *ir, IrType type, unsigned mo, IrAmo kind, IrRef addr,
             IrRef value)
{
    return ir_emit(ir, (IrOp){.code = IR_AMO,
                              .type = type,
                              .aux = mo,
                              .arg = {addr, value},
                              .imm = kind});
}

IrRef ir_cas(IrBuilder *ir, IrType type, unsigned mo, IrRef addr,
             IrRef expected, IrRef desired)
{
    return ir_emit(ir, (IrOp){.code = IR_CAS,
                              .type = type,
                              .aux = mo,
                              .arg = {addr, expected, desired}});
}

void ir_fence(IrBuilder *ir, bool full)
{
    ir_emit(ir, (IrOp){.code = IR_FENCE, .imm = full});
}

/* Floating point that depends on the guest's mode: never folded. */

IrRef ir_float_op(IrBuilder *ir, IrCode code, unsigned aux, IrRef a, IrRef b)
{
    return ir_emit(ir, (IrOp){.code = code,
                              .type = ir_type(ir, a),
                              .aux = aux,
                              .arg = {a, b}});
}

IrRef ir_fma(IrBuilder *ir, unsigned aux, IrRef a, IrRef b, IrRef c)
{
    return ir_emit(ir, (IrOp){.code = IR_FMA,
                              .type = ir_type(ir, a),
                              .aux = aux,
                              .arg = {a, b, c}});
}

IrRef ir_frint(IrBuilder *ir, unsigned aux, unsigned rm, IrRef a)
{
    return ir_emit(ir, (IrOp){.code = IR_FRINT,
                              .type = ir_type(ir, a),
                              .aux = aux,
                              .arg = {a},
                              .imm = rm});
}

IrRef ir_fcmp(IrBuilder *ir, IrType result, IrFcond cond, IrRef a, IrRef b)
{
    return ir_emit(
        ir,
        (IrOp){.code = IR_FCMP, .type = result, .aux = cond, .arg = {a, b}});
}

IrRef ir_f2f(IrBuilder *ir, IrType type, unsigned aux, IrRef a)
{
    return ir_emit(
        ir, (IrOp){.code = IR_F2F, .type = type, .aux = aux, .arg = {a}});
}

IrRef ir_f2i(IrBuilder *ir, IrType type, unsigned aux, unsigned rm, IrRef a)
{
    return ir_emit(
        ir,
        (IrOp){
            .code = IR_F2I, .type = type, .aux = aux, .arg = {a}, .imm = rm});
}

IrRef ir_i2f(IrBuilder *ir, IrType type, bool is_unsigned, IrRef a)
{
    return ir_emit(
        ir,
        (IrOp){.code = IR_I2F, .type = type, .aux = is_unsigned, .arg = {a}});
}

/* Calls and exits. */

IrRef ir_call(IrBuilder *ir, IrType type, unsigned helper, unsigned aux,
              IrRef a, IrRef b, IrRef c)
{
    IrRef r = ir_emit(ir, (IrOp){.code = IR_CALL,
                                 .type = type,
                                 .aux = aux,
                                 .arg = {a, b, c},
                                 .imm = helper});

    if (ir->block->guest->helpers[helper].effects & IR_WRITES_STATE) {
        forget_fields(ir);
    }
    return type == IR_VOID ? 0 : r;
}

/* Emits the block's last op and lays out the scratch slots behind it. */
static void end(IrBuilder *ir, IrOp op)
{
    IrBlock *b = ir->block;

    if (ir->dead) {
        return;
    }
    ir_emit(ir, op);
    ir_reserve(b, IR_N_TYPES);
    for (unsigned t = 0; t < IR_N_TYPES; t++) {
        b->ops[b->n_ops + t] = (IrOp){.code = IR_NOP, .type = t};
    }
    ir->dead = true;
}

void ir_branch(IrBuilder *ir, IrCond cond, IrRef a, IrRef b, int64_t target)
{
    IrCompare q = {.cond = cond, .a = a, .b = b};
    int known_result = ir_fold_compare(ir, &q);

    if (known_result == 1) {
        ir_goto(ir, target);
    } else if (known_result < 0) {
        ir_emit(ir, (IrOp){.code = IR_BR,
                           .aux = q.cond,
                           .arg = {q.a, q.b},
                           .imm = (uint64_t)target});
    }
}

void ir_goto(IrBuilder *ir, int64_t target)
{
    end(ir, (IrOp){.code = IR_GOTO, .imm = (uint64_t)target});
}

void ir_push_return(IrBuilder *ir, int64_t target)
{
    ir_emit(ir, (IrOp){.code = IR_PUSHRET, .imm = (uint64_t)target});
}

void ir_jump(IrBuilder *ir, IrRef target, bool is_return)
{
    if (ir_type(ir, target) == IR_I32) {
        target = ir_zext(ir, IR_I64, target, 32);
    }
    end(ir, (IrOp){.code = IR_JUMP, .aux = is_return, .arg = {target}});
}

void ir_resume(IrBuilder *ir, bool again)
{
    end(ir, (IrOp){.code = IR_RESUME, .aux = again});
}

void ir_exit(IrBuilder *ir)
{
    end(ir, (IrOp){.code = IR_EXIT});
}
