/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/ir/ir.h - the IR: one block of typed SSA operations between guest and
 * host.
 * A block is straight-line code with side exits (an extended basic block) that
 * starts in one guest page. A value is the index of the op that makes it, so
 * ops[] is in definition order and index 0 is nobody. Guest registers are
 * fields of the state, read by GET and written by PUT; an op that may fault
 * shows the guest every PUT before it and none after it.
 * Addresses are relative to the virtual page the block is entered at, so one
 * translation serves every mapping of the page.
 * Threads: a block belongs to whoever builds it.
 * Lifetime: ir_block_init / finish; ir_block_clear keeps the memory. */
#ifndef CUTTLE_TCG_IR_IR_H
#define CUTTLE_TCG_IR_IR_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint32_t IrRef; /* index into IrBlock.ops; 0: none */

typedef enum {
    IR_VOID,
    IR_I32,
    IR_I64,
    IR_F32,
    IR_F64,
    IR_V128,
    IR_N_TYPES
} IrType;

/* A value of type IR_V128; the host is little, so lane 0 comes first. */
typedef union {
    uint64_t u64[2];
    uint32_t u32[4];
    uint16_t u16[8];
    uint8_t u8[16];
} IrVector;

static inline bool ir_type_is_int(IrType t)
{
    return t == IR_I32 || t == IR_I64;
}

static inline bool ir_type_is_float(IrType t)
{
    return t == IR_F32 || t == IR_F64;
}

/* Width in bits. */
static inline unsigned ir_type_bits(IrType t)
{
    static const uint8_t bits[IR_N_TYPES] = {0, 32, 64, 32, 64, 128};

    return bits[t];
}

/* Effects of an op. */
enum {
    IR_PURE = 0,
    IR_READS_STATE = 1 << 0,
    IR_WRITES_STATE = 1 << 1,
    IR_MEMORY = 1 << 2,    /* touches guest memory; kept in order */
    IR_MAY_FAULT = 1 << 3, /* may leave at this instruction's pc */
    IR_FP = 1 << 4,        /* reads the rounding mode, sets sticky flags */
    IR_CALLS = 1 << 5,     /* effects are the helper's */
    IR_SIDE_EXIT = 1 << 6, /* may leave; every PUT before it is visible */
    IR_END = 1 << 7,       /* leaves; the last op */
    IR_MARK = 1 << 8,      /* information; must stay where it is */
};

typedef enum {
#define OP(NAME, name, n_args, result, effects, meaning) IR_##NAME,
#include "tcg/ir/ops.def"
#undef OP
    IR_N_OPS
} IrCode;

/* The vector ops: those that ir_eval_vector knows. */
static inline bool ir_is_vector_op(unsigned code)
{
    return code >= IR_VCONST && code <= IR_CRC32;
}

typedef enum { R_NONE, R_SAME, R_TYPE } IrResult;

typedef struct {
    const char *name;
    uint8_t n_args;
    uint8_t result;   /* IrResult */
    uint16_t effects; /* IR_READS_STATE ... */
    const char *meaning;
} IrOpInfo;

extern const IrOpInfo ir_op_info[IR_N_OPS];

enum { IR_MAX_COUNTERS = 1 << 22 };

/* Integer conditions (aux of SET and BR); even and odd are opposites. */
typedef enum {
    IR_EQ,
    IR_NE,
    IR_LTS,
    IR_GES,
    IR_LTU,
    IR_GEU,
    IR_LES,
    IR_GTS,
    IR_LEU,
    IR_GTU,
    IR_N_CONDS
} IrCond;

static inline IrCond ir_cond_invert(IrCond c)
{
    return (IrCond)(c ^ 1);
}

/* The condition that holds of b, a when c holds of a, b. */
static inline IrCond ir_cond_swap(IrCond c)
{
    static const uint8_t swapped[IR_N_CONDS] = {
        [IR_EQ] = IR_EQ,   [IR_NE] = IR_NE,   [IR_LTS] = IR_GTS,
        [IR_GES] = IR_LES, [IR_LTU] = IR_GTU, [IR_GEU] = IR_LEU,
        [IR_LES] = IR_GES, [IR_GTS] = IR_LTS, [IR_LEU] = IR_GEU,
        [IR_GTU] = IR_LTU,
    };

    return (IrCond)swapped[c];
}

/* Float conditions (aux of FCMP): the quiet ones raise invalid on signalling
 * NaNs only. */
typedef enum {
    IR_FEQ, /* quiet */
    IR_FLT,
    IR_FLE,
    IR_FLTQ, /* quiet */
    IR_FLEQ, /* quiet */
    IR_FUN,  /* unordered, quiet */
} IrFcond;

/* NaN results. The default: the positive quiet NaN without payload. Propagated:
 * the first signalling operand, quieted, else the first quiet one, else
 * (invalid operation) the default; a fused multiply-add's addend comes first
 * and then its factors, each with its sign as negated. */
enum {
    IR_FP_NAN = 1,  /* aux of scalar ops but FMA: propagate */
    IR_FMA_NAN = 4, /* aux of FMA */
};

/* Minima and maxima: aux bits 1-2 of FMIN and FMAX. */
enum {
    IR_FMINMAX_NUMBER, /* 754-2019 minimumNumber: any NaN loses to a number */
    IR_FMINMAX_STRICT, /* 754-2019 minimum: a NaN wins */
    IR_FMINMAX_2008,   /* 754-2008 minNum: quiet ones lose, signalling win */
    IR_FMINMAX_SHIFT = 1,
};

enum {
    IR_FRINT_EXACT = 2,  /* aux of FRINT: raises inexact */
    IR_F2I_UNSIGNED = 1, /* aux of F2I, I2F */
    IR_F2I_ZERO = 2,     /* aux of F2I: of a NaN */
};

/* Lanes: aux bits 0-1 of vector ops. A float op's other bits are the aux of the
 * scalar op, shifted by IR_LANE_BITS. */
enum {
    IR_LANE_8,
    IR_LANE_16,
    IR_LANE_32,
    IR_LANE_64,
    IR_LANE_MASK = 3,
    IR_LANE_BITS = 2,
    IR_LANE_SIGN = 4, /* VGET */
};

/* imm of VSHLV. */
enum {
    IR_SHLV_UNSIGNED = 1,
    IR_SHLV_ROUND = 2,
    IR_SHLV_SATURATE = 4,
};

/* Rounding modes (imm of F2I), as util/softfloat.h numbers them. */
enum {
    IR_RM_RNE,
    IR_RM_RTZ,
    IR_RM_RDN,
    IR_RM_RUP,
    IR_RM_RMM,
    IR_RM_DYN = 7, /* the guest's current mode */
};

/* Memory op (aux of LD, ST, LL, SC, AMO, CAS). */
enum {
    IR_MO_8 = 0,
    IR_MO_16 = 1,
    IR_MO_32 = 2,
    IR_MO_64 = 3,
    IR_MO_SIZE_MASK = 3,
    IR_MO_SIGN = 4,  /* sign-extend to T, else zero-extend */
    IR_MO_ALIGN = 8, /* a misaligned address faults */
    IR_MO_128 = 16,  /* LD and ST of a v128 only; no size or sign beside it */
    IR_MO_ALT = 32,  /* LD and ST: in the alternate mode that the guest's
                      * context names, e.g. with a lower privilege's rights */
    IR_MO_UNIT = 64, /* with ALIGN: of those that stay in 16 aligned bytes no
                      * address is misaligned */
};

static inline unsigned ir_mo_bytes(unsigned mo)
{
    return 1u << ((mo & IR_MO_SIZE_MASK) | (mo & IR_MO_128) >> 2);
}

static inline bool ir_mo_misaligned(unsigned mo, uint64_t address)
{
    unsigned size = ir_mo_bytes(mo);

    return (mo & IR_MO_ALIGN) && address % size != 0 &&
           !((mo & IR_MO_UNIT) && address % 16 + size <= 16);
}

typedef enum {
    IR_AMO_SWAP,
    IR_AMO_ADD,
    IR_AMO_XOR,
    IR_AMO_AND,
    IR_AMO_OR,
    IR_AMO_SMIN,
    IR_AMO_SMAX,
    IR_AMO_UMIN,
    IR_AMO_UMAX,
} IrAmo;

typedef struct {
    uint8_t code; /* IrCode */
    uint8_t type; /* IrType */
    uint16_t aux;
    IrRef arg[3];
    uint64_t imm;
} IrOp;

G_STATIC_ASSERT(sizeof(IrOp) == 24);

/* One field of the guest's state struct that IR can name. */
typedef struct {
    const char *name;
    uint32_t offset; /* in the state struct */
    uint8_t type;    /* IR_I64, IR_F64, IR_V128 or IR_I32 */
    uint8_t heat;    /* 1 hottest ...: candidates for host registers; 0 no */
} IrField;

/* A helper: C code a block may call. Every helper has this one signature;
 * unused arguments are 0, imm is op->aux. Floats travel as bits. */
typedef uint64_t IrHelperFn(void *state, uint64_t a, uint64_t b, uint64_t c,
                            uint64_t imm);

typedef struct {
    const char *name;
    IrHelperFn *fn;
    uint16_t effects; /* 0: pure function of its arguments; IR_READS_STATE,
                       * IR_WRITES_STATE, IR_MEMORY, IR_MAY_FAULT (may set an
                       * exception; reads pc), IR_FP */
} IrHelper;

/* What a block's fields and helpers mean; a target's constant. */
typedef struct {
    const IrField *fields;
    unsigned n_fields;
    const IrHelper *helpers;
    unsigned n_helpers;
} IrGuest;

typedef struct {
    IrOp *ops; /* ops[0] is IR_NOP */
    uint32_t n_ops;
    uint32_t capacity;
    const IrGuest *guest;
    uint32_t start; /* page offset of the first instruction */
    uint32_t end;   /* page offset after the last; may pass the page's end */
    uint32_t n_insns;
    uint8_t counts; /* IR_COUNT_*: what the host's code takes patience for */
} IrBlock;

/* Where others wait for the host's processors: atomics, as in locks; turns of
 * a loop that waits. */
enum { IR_COUNT_ATOMICS = 1, IR_COUNT_TURNS = 2 };

/* Whether the block goes back to its start until memory changes, which it only
 * reads, and always at the same addresses. */
bool ir_block_waits(const IrBlock *b);

void ir_block_init(IrBlock *b, const IrGuest *guest);
void ir_block_clear(IrBlock *b);
void ir_block_finish(IrBlock *b);

/* Makes room for n more ops. */
void ir_reserve(IrBlock *b, uint32_t n);

/* Appends without folding or checking; the builder's and parser's base.
 * Inline and member by member: the compiler then writes an op where it stays,
 * and does not read back as one what it wrote in parts, which stalls. */
static inline IrRef ir_append(IrBlock *b, IrOp op)
{
    IrOp *to;

    if (G_UNLIKELY(b->n_ops == b->capacity)) {
        ir_reserve(b, 1);
    }
    to = &b->ops[b->n_ops];
    to->code = op.code;
    to->type = op.type;
    to->aux = op.aux;
    to->arg[0] = op.arg[0];
    to->arg[1] = op.arg[1];
    to->arg[2] = op.arg[2];
    to->imm = op.imm;
    return b->n_ops++;
}

static inline const IrOp *ir_op(const IrBlock *b, IrRef r)
{
    return &b->ops[r];
}

#define IR_FOR_EACH_OP(b, i) for (uint32_t i = 1; i < (b)->n_ops; i++)
#define IR_FOR_EACH_OP_REVERSE(b, i) \
 for (uint32_t i = (b)->n_ops - 1; i > 0; i--)

/* The effects of an op, a CALL's taken from its helper. */
static inline unsigned ir_effects(const IrBlock *b, const IrOp *op)
{
    return op->code == IR_CALL ? (b->guest->helpers[op->imm].effects | IR_CALLS)
                               : ir_op_info[op->code].effects;
}

/* Text form, one op a line: `%5 = add.i64 %3, %4`. Spec: docs/ir.md. */
char *ir_print(const IrBlock *b);
bool ir_parse(IrBlock *b, const char *text, GError **error);

/* NULL if the block is well-formed, else what is wrong (g_free it): types,
 * order of definitions, ends, field and helper numbers. */
char *ir_verify(const IrBlock *b);

/* Prints the ops table as docs/ir.md's reference section. */
char *ir_reference(void);

#endif
