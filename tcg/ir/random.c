/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/ir/random.c - makes blocks by the shapes of forms.def: choose an op,
 * choose its type, find or make arguments of the types it wants. */
#include "tcg/ir/random.h"

#include <string.h>

#include "tcg/ir/forms_priv.h"

typedef struct {
    IrBlock *b;
    const IrRandom *how;
    uint64_t seed;
    uint32_t offset; /* of the next guest instruction */
} Maker;

/* splitmix64 */
uint64_t ir_random_next(uint64_t *seed)
{
    uint64_t z = *seed += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static unsigned below(Maker *m, unsigned n)
{
    return (unsigned)(ir_random_next(&m->seed) % n);
}

/* Values. */

static const uint64_t special32[] = {
    0x00000000, 0x80000000, 0x3f800000, 0xbf800000, 0x7f800000, 0xff800000,
    0x7fc00000, 0x7f800001, 0xffc12345, 0x00000001, 0x807fffff, 0x00800000,
    0x7f7fffff, 0x4f000000, 0xcf000000, 0x5f000000, 0x3effffff, 0x4b800001,
    0x7fffffff, 0xffffffff, 0x0000007f, 0x000000ff, 0x00008000, 0x0000ffff,
};

static const uint64_t special64[] = {
    0x0000000000000000, 0x8000000000000000, 0x3ff0000000000000,
    0xbff0000000000000, 0x7ff0000000000000, 0xfff0000000000000,
    0x7ff8000000000000, 0x7ff0000000000001, 0xfff8000012345678,
    0x0000000000000001, 0x800fffffffffffff, 0x0010000000000000,
    0x7fefffffffffffff, 0x43e0000000000000, 0xc3e0000000000000,
    0x41dfffffffc00000, 0x41e0000000000000, 0x36a0000000000000,
    0x47efffffe0000000, 0x3fdfffffffffffff, 0xffffffff3f800000,
    0xffffffff7f800001, 0xffffffff80000000, 0xfffffffeffffffff,
    0x7fffffffffffffff, 0xffffffffffffffff, 0x000000007fffffff,
    0x0000000080000000, 0x00000000ffffffff, 0xffffffff7fffffff,
};

static uint64_t random_value(uint64_t *seed, unsigned bits)
{
    uint64_t mask = bits == 64 ? UINT64_MAX : UINT32_MAX;
    uint64_t r = ir_random_next(seed), v = ir_random_next(seed);

    switch (r % 4) {
    case 0:
        return v & mask;
    case 1: /* small, either sign */
        return (uint64_t)((int64_t)(v % 257) - 128) & mask;
    default:
        return bits == 64 ? special64[v % G_N_ELEMENTS(special64)]
                          : special32[v % G_N_ELEMENTS(special32)];
    }
}

/* Half a vector: one number, or two. */
static uint64_t random_half(uint64_t *seed)
{
    if (ir_random_next(seed) & 1) {
        return random_value(seed, 64);
    }
    return random_value(seed, 32) | random_value(seed, 32) << 32;
}

static IrRef append(Maker *m, IrCode code, IrType t, IrRef a, IrRef b,
                    uint64_t imm)
{
    return ir_append(
        m->b, (IrOp){.code = code, .type = t, .arg = {a, b}, .imm = imm});
}

static IrRef constant(Maker *m, IrType t)
{
    if (t == IR_V128) {
        IrRef low, high;

        if (below(m, 2)) {
            return append(m, IR_VCONST, t, 0, 0, random_half(&m->seed));
        }
        low = append(m, IR_CONST, IR_I64, 0, 0, random_half(&m->seed));
        high = append(m, IR_CONST, IR_I64, 0, 0, random_half(&m->seed));
        return append(m, IR_VPAIR, t, low, high, 0);
    }
    return append(m, IR_CONST, t, 0, 0,
                  random_value(&m->seed, ir_type_bits(t)));
}

/* The value of type t nearest before op at, or 0. */
static IrRef nearest(const Maker *m, uint32_t at, IrType t)
{
    for (unsigned tries = 0; tries < 32 && at; tries++, at--) {
        if (m->b->ops[at].type == t) {
            return at;
        }
    }
    return 0;
}

/* A constant that is a width, a mask or an end: what folding looks for. */
static IrRef turning_point(Maker *m, IrType t)
{
    unsigned bits = MIN(ir_type_bits(t), 64), n = below(m, bits + 1);
    uint64_t mask = bits == 64 ? UINT64_MAX : UINT32_MAX;
    uint64_t below_n = n ? UINT64_MAX >> (64 - n) : 0;
    uint64_t values[] = {0,           1,        n,        below_n,
                         below_n + 1, -below_n, bits - n, mask};

    return append(m, t == IR_V128 ? IR_VCONST : IR_CONST, t, 0, 0,
                  values[below(m, G_N_ELEMENTS(values))] & mask);
}

/* A value of type t: one the block has, or a new constant. first: it is an
 * op's first argument. */
static IrRef pick_arg(Maker *m, IrType t, bool first)
{
    uint32_t n = m->b->n_ops;
    IrRef r = 0;

    if (m->how->chained && n > 1) {
        unsigned way = below(m, 8);

        if (first ? way < 7 : way < 3) {
            r = nearest(m, n - 1, t);
        } else if (way < 7) {
            return turning_point(m, t);
        }
    }
    if (!r && n > 1 && below(m, 8)) {
        r = nearest(m, 1 + below(m, n - 1), t);
    }
    return r ? r : constant(m, t);
}

static IrRef pick(Maker *m, IrType t)
{
    return pick_arg(m, t, false);
}

static IrType pick_type(Maker *m, char letter)
{
    bool wide = below(m, 2);

    switch (letter) {
    case 'a':
    case 'v':
        if (m->how->vectors && below(m, 3) == 0) {
            return IR_V128;
        }
        G_GNUC_FALLTHROUGH;
    case 'n':
        if (m->how->floats && below(m, 3) == 0) {
            return wide ? IR_F64 : IR_F32;
        }
        return wide ? IR_I64 : IR_I32;
    case 'i':
    case 'o':
        return wide ? IR_I64 : IR_I32;
    case 'f':
        return wide ? IR_F64 : IR_F32;
    case 'w':
        return IR_I32;
    case 'l':
        return IR_I64;
    case 'F':
        return IR_F32;
    case 'D':
        return IR_F64;
    case 'V':
        return IR_V128;
    default:
        return IR_VOID;
    }
}

/* Of a number that is a lane, or holds it. */
static IrType pick_lane_type(Maker *m, unsigned size)
{
    if (m->how->floats && size >= IR_LANE_32 && below(m, 2)) {
        return size == IR_LANE_64 ? IR_F64 : IR_F32;
    }
    return size == IR_LANE_64 || below(m, 2) ? IR_I64 : IR_I32;
}

/* The type of argument n of op, which has its type and earlier arguments. */
static IrType arg_type(Maker *m, const IrOp *op, unsigned n)
{
    char letter = ir_op_forms[op->code].args[n];

    if (op->code == IR_BITCAST) {
        static const uint8_t other[IR_N_TYPES] = {IR_VOID, IR_F32, IR_F64,
                                                  IR_I32, IR_I64};

        return (IrType)other[op->type];
    }
    if (op->code == IR_F2F) {
        return op->type == IR_F32 ? IR_F64 : IR_F32;
    }
    if (letter == 's') {
        return (IrType)op->type;
    }
    if (letter == 'e') {
        return pick_lane_type(m, op->aux);
    }
    if (letter == 'm') {
        return (IrType)m->b->ops[op->arg[0]].type;
    }
    return pick_type(m, letter);
}

static uint64_t pick_constant(Maker *m, IrForm form);

static uint64_t pick_index(Maker *m, const IrOp *op)
{
    unsigned limit = ir_index_limit(op), lanes = 16u >> op->aux;

    if (op->code == IR_VMOVLANE) {
        return 16 * below(m, lanes) + below(m, lanes);
    }
    if (op->code == IR_VREV) {
        return op->aux + 1 + below(m, 3u - op->aux);
    }
    return below(m, limit);
}

/* An op's imm; aux is there. */
static uint64_t pick_imm(Maker *m, const IrOp *op)
{
    IrForm form = (IrForm)ir_op_forms[op->code].imm;

    if (form == FORM_VALUE) {
        return op->type == IR_V128
                   ? random_half(&m->seed)
                   : random_value(&m->seed, ir_type_bits((IrType)op->type));
    }
    if (op->code == IR_PC && below(m, 2)) {
        return random_value(&m->seed, 64);
    }
    return form == FORM_INDEX ? pick_index(m, op) : pick_constant(m, form);
}

static uint64_t pick_constant(Maker *m, IrForm form)
{
    static const uint8_t bits[] = {8, 16, 32};
    const char *const *words = ir_form_words(form);
    unsigned i;

    switch (form) {
    case FORM_BITS:
        return bits[below(m, G_N_ELEMENTS(bits))];
    case FORM_COUNTER:
    case FORM_NUMBER: /* what it counts */
        return below(m, IR_RANDOM_COUNTERS);
    case FORM_OFFSET:
        return below(m, 1024) * 4;
    default:
        if (!words) {
            return 0;
        }
        do {
            i = below(m, IR_MAX_WORDS);
        } while (!words[i]);
        return i;
    }
}

/* An op that computes. */
static void make_plain(Maker *m, IrCode code)
{
    const IrOpForm *form = &ir_op_forms[code];
    IrOp op = {.code = code, .type = pick_type(m, form->type)};

    op.aux = (uint16_t)pick_constant(m, (IrForm)form->aux);
    if ((ir_op_info[code].effects & IR_FP) && !m->how->vectors) {
        op.aux &= code == IR_FMA                     ? IR_FMA_NAN - 1
                  : code == IR_FCMP                  ? UINT16_MAX
                  : code == IR_F2I || code == IR_I2F ? IR_F2I_UNSIGNED
                                                     : 0;
    }
    if (code == IR_VGET) {
        op.type = pick_lane_type(m, op.aux & IR_LANE_MASK);
        op.aux &= ir_type_is_float((IrType)op.type) ? IR_LANE_MASK : UINT16_MAX;
    }
    for (unsigned n = 0; n < ir_op_info[code].n_args; n++) {
        op.arg[n] = pick_arg(m, arg_type(m, &op, n), n == 0);
    }
    op.imm = pick_imm(m, &op);
    ir_append(m->b, op);
}

/* State and calls. */

static void make_state(Maker *m, IrCode code)
{
    unsigned field = below(m, m->b->guest->n_fields);
    IrType t = (IrType)m->b->guest->fields[field].type;

    if ((!m->how->floats && ir_type_is_float(t)) ||
        (!m->how->vectors && t == IR_V128)) {
        return;
    }
    if (t == IR_V128 && below(m, 2)) {
        t = pick_type(m, 'n');
    }
    if (t == IR_I64 && below(m, 4) == 0) {
        t = IR_I32;
    }
    if (code == IR_GET) {
        append(m, IR_GET, t, 0, 0, field);
    } else if ((int)field != m->how->arena_field) {
        append(m, IR_PUT, IR_VOID, pick(m, t), 0, field);
    }
}

static void make_call(Maker *m)
{
    IrOp op = {.code = IR_CALL, .aux = (uint16_t)below(m, 1 << 16)};

    op.imm = below(m, m->b->guest->n_helpers);
    op.type = below(m, 4) ? pick_type(m, 'i') : IR_VOID;
    for (unsigned n = below(m, 4); n-- > 0;) {
        op.arg[n] = pick(m, pick_type(m, 'i'));
    }
    ir_append(m->b, op);
}

/* Memory. */

/* An address in the arena's first half, a multiple of align. */
static IrRef arena_address(Maker *m, unsigned align)
{
    uint64_t mask = (m->how->arena_size / 2 - 1) & ~(uint64_t)(align - 1);
    IrRef base = append(m, IR_GET, IR_I64, 0, 0, m->how->arena_field);
    IrRef index = pick(m, IR_I64);
    IrRef limit = append(m, IR_CONST, IR_I64, 0, 0, mask);

    index = append(m, IR_AND, IR_I64, index, limit, 0);
    return append(m, IR_ADD, IR_I64, base, index, 0);
}

/* A memory op of a size that fits t. */
static unsigned pick_memop(Maker *m, IrType t)
{
    unsigned most = ir_type_bits(t) == 64 ? IR_MO_64 : IR_MO_32;

    if (t == IR_V128) {
        return IR_MO_128;
    }
    if (ir_type_is_float(t)) {
        return most;
    }
    return below(m, most + 1) | (below(m, 2) ? IR_MO_SIGN : 0);
}

static void make_memory(Maker *m, IrCode code)
{
    bool plain = code == IR_LD || code == IR_ST;
    IrType t = pick_type(m, plain ? 'a' : 'i');
    unsigned mo = pick_memop(m, t);
    bool loose = plain && m->how->unaligned && below(m, 4) == 0;
    unsigned align = loose ? 1 : ir_mo_bytes(mo);
    IrOp op = {.code = code, .type = t};

    if (!plain) { /* 32 or 64 bits, as guests have them */
        mo = t == IR_I64 && below(m, 2) ? IR_MO_64 : IR_MO_32 | IR_MO_SIGN;
        align = ir_mo_bytes(mo);
    }
    op.aux = mo | (plain || code == IR_LL ? 0 : IR_MO_ALIGN);
    op.aux |= !plain && below(m, 2) ? IR_MO_ALIGN | IR_MO_UNIT : 0;
    op.aux |= plain && t != IR_V128 && below(m, 8) == 0 ? IR_MO_ALT : 0;
    op.arg[0] = arena_address(m, align);
    if (plain) {
        op.imm = below(m, m->how->arena_size / 2 - 15) & ~(align - 1);
    } else if (code == IR_AMO) {
        op.imm = below(m, IR_AMO_UMAX + 1);
    }
    if (code != IR_LD && code != IR_LL) {
        op.arg[1] = pick(m, t);
    }
    if (code == IR_CAS) {
        op.arg[2] = pick(m, t);
    }
    op.type = code == IR_ST ? IR_VOID : t;
    ir_append(m->b, op);
}

/* Blocks. */

static void make_op(Maker *m, IrCode code)
{
    const IrOpForm *form = &ir_op_forms[code];
    unsigned effects = ir_op_info[code].effects;
    bool is_float = (effects & IR_FP) || strpbrk(form->args, "fDF") ||
                    strchr("fDF", form->type) || code == IR_BITCAST;

    if (code == IR_NOP || code == IR_INSN || (effects & IR_END) ||
        (is_float && !m->how->floats) ||
        (code == IR_FRINT && !m->how->vectors) ||
        (ir_is_vector_op(code) && !m->how->vectors) ||
        ((effects & IR_SIDE_EXIT) && !m->how->exits)) {
        return;
    }
    if (code == IR_GET || code == IR_PUT) {
        make_state(m, code);
    } else if (code == IR_CALL) {
        if (m->how->calls && m->b->guest->n_helpers) {
            make_call(m);
        }
    } else if (code == IR_LD || code == IR_ST) {
        if (m->how->arena_field >= 0) {
            make_memory(m, code);
        }
    } else if ((effects & IR_MEMORY) && code != IR_FENCE) {
        if (m->how->arena_field >= 0 && m->how->atomics) {
            make_memory(m, code);
        }
    } else {
        make_plain(m, code);
    }
}

static IrCode pick_code(Maker *m)
{
    enum { FIRST = IR_VCONST, N_VECTOR = IR_CRC32 + 1 - IR_VCONST };
    unsigned code;

    if (m->how->vectors && below(m, 2)) {
        return (IrCode)(FIRST + below(m, N_VECTOR));
    }
    code = below(m, IR_N_OPS - N_VECTOR);
    return (IrCode)(code < FIRST ? code : code + N_VECTOR);
}

static void make_insn(Maker *m)
{
    ir_append(m->b, (IrOp){.code = IR_INSN, .aux = 4, .imm = m->offset});
    m->offset += 4;
    m->b->end = m->offset;
    m->b->n_insns++;
}

static void make_end(Maker *m)
{
    if (!m->how->exits || below(m, 3) == 0) {
        append(m, IR_EXIT, IR_VOID, 0, 0, 0);
    } else if (below(m, 2)) {
        append(m, IR_GOTO, IR_VOID, 0, 0, pick_constant(m, FORM_OFFSET));
    } else {
        append(m, IR_JUMP, IR_VOID, pick(m, IR_I64), 0, 0);
    }
}

void ir_random_block(IrBlock *b, uint64_t seed, const IrRandom *how)
{
    Maker m = {.b = b, .how = how, .seed = seed};

    ir_block_clear(b);
    m.offset = b->start = below(&m, 512) * 4;
    while (b->n_ops < how->n_ops) {
        /* State and memory get their share among sixty kinds of sums. */
        static const uint8_t common[] = {IR_GET, IR_PUT, IR_LD, IR_ST};
        unsigned kind = below(&m, 8);

        if (kind == 0) {
            make_insn(&m);
        } else if (kind < 4) {
            make_op(&m, (IrCode)common[below(&m, G_N_ELEMENTS(common))]);
        } else {
            make_op(&m, pick_code(&m));
        }
    }
    make_end(&m);
}

void ir_random_state(const IrGuest *guest, void *state, uint64_t seed,
                     int arena_field)
{
    for (unsigned i = 0; i < guest->n_fields; i++) {
        const IrField *f = &guest->fields[i];
        unsigned bytes = ir_type_bits((IrType)f->type) / 8;

        for (unsigned at = 0; at < bytes && (int)i != arena_field; at += 8) {
            unsigned part = MIN(bytes - at, 8);
            uint64_t v = bytes == 16 ? random_half(&seed)
                                     : random_value(&seed, 8 * part);

            memcpy((char *)state + f->offset + at, &v, part);
        }
    }
}
