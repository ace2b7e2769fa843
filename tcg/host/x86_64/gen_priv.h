/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/host/x86_64/gen_priv.h - the state of compiling one block.
 *
 * Registers of generated code:
 *   rbp            the guest's state struct
 *   r15            the current context's soft TLB
 *   rsp            spill slots
 *   pin_regs[]     the hottest integer fields, for good (host.c)
 *   rax rcx rdx rsi  values of the block, by alloc.c
 *   xmm0 - xmm5    float values of the block; the other ten are pinned
 * For a guest with f64 fields an f32 in an xmm register always has ones in
 * bits 32 to 63 (boxes), so boxing it into such a field costs nothing (scalar
 * VEX arithmetic copies those bits from its first source). Other guests have
 * their floats in vector registers: what is above a float is anything then,
 * and a PUT clears it.
 */
#ifndef CUTTLE_TCG_HOST_X86_64_GEN_PRIV_H
#define CUTTLE_TCG_HOST_X86_64_GEN_PRIV_H

#include "tcg/host/host.h"
#include "tcg/host/x86_64/encode.h"

enum {
    N_PIN_GPR = 9,
    N_PIN_XMM = 10,
    N_FIELDS_MAX = 96,
    N_SLOTS = 96, /* spill slots of 8 bytes below the frame; a vector has two */
    R_STATE = RBP,
    R_TLB = R15,
};

/* Where a value is now. */
typedef enum {
    AT_NOWHERE,
    AT_REG,   /* a temporary GPR */
    AT_XMM,   /* a temporary xmm register */
    AT_FIELD, /* it is what its field holds: a pinned register or memory */
    AT_SLOT,  /* spilled */
    AT_CONST, /* the op's imm */
    AT_DEAD,  /* nobody reads it, or its reader does it: not to be made */
} At;

typedef struct {
    uint8_t at;
    uint8_t reg;   /* AT_REG, AT_XMM */
    uint8_t field; /* AT_FIELD; else a field with the same value, or */
    union {
        uint8_t slot; /* AT_SLOT; of a vector the first, even */
        uint8_t hint; /* while it is not made: a field whose pinned register
                       * it should go to, or */
    };
    uint32_t last_use; /* index of the last op that reads it; 0: none */
} Value;

enum { NO_FIELD_HINT = 0xff };

/* Out-of-line code: written after the block's body. */
typedef enum {
    COLD_DATA,     /* no code: eight bytes, imm */
    COLD_MEM,      /* slow path of a memory op */
    COLD_LINK,     /* unlinked exit */
    COLD_KICK,     /* leave at page offset imm: somebody kicked */
    COLD_CROSS,    /* exit to another page from a side exit */
    COLD_GUARD,    /* the guard of a link to another page failed */
    COLD_NAN,      /* load the default NaN into xmm reg */
    COLD_FLOAT,    /* have C do a scalar float op */
    COLD_FROM_INT, /* likewise, its argument is a GPR */
    COLD_VECTOR,   /* have C do a vector op */
    COLD_DIV,      /* divisor 0 or -1 */
    COLD_FMINMAX,  /* unordered operands */
} ColdKind;

typedef struct {
    uint8_t kind;
    uint8_t reg;      /* destination register, NO_REG for none */
    uint8_t is_xmm;   /* reg is an xmm register */
    uint8_t slow;     /* HostSlow */
    uint8_t base;     /* address register */
    uint8_t src[2];   /* further operand registers */
    uint8_t src_kind; /* 0 none, 1 gpr, 2 xmm, 3 immediate */
    bool wide;
    bool is_signed, is_rem; /* COLD_DIV */
    bool is_return;         /* COLD_LINK of a return's hint */
    int32_t disp;
    int64_t imm; /* immediate operand; page offset */
    uint32_t info;
    uint32_t link;    /* COLD_LINK: index in links */
    uint8_t *from[2]; /* displacements to set to the cold code */
    uint8_t *back;    /* where to go on */
    uint8_t *kick;    /* COLD_GUARD: displacements to set */
    uint8_t *guard[2];
} Cold;

enum { MAX_COLD = 1024, MAX_THUNKS = 24 };

struct HostGen {
    const HostModel *m;
    HostModel model;
    const IrGuest *guest;
    CodeBuffer *buffer;
    uint64_t (*enter)(void *state, uint64_t code);

    /* Shared code, in the writable mapping. */
    uint8_t *exit_plain;   /* rax is the result: leaves */
    uint8_t *exit_lookup;  /* rax is the guest pc: leaves with LOOKUP */
    uint8_t *exit_kick;    /* ecx is the page offset: leaves with PLAIN */
    uint8_t *exit_at_rax;  /* rax is the guest pc: leaves with PLAIN */
    uint8_t *exit_resolve; /* ecx is the page offset: leaves with LOOKUP */
    uint8_t *resume;       /* looks the pc field up */
    uint8_t *nowhere;      /* looks for pc UINT64_MAX: host_nowhere */
    uint8_t *slow_thunk[HOST_N_SLOW];
    uint8_t *call_pure;     /* helper at args[4] with args[0..3] */
    uint8_t *call_state;    /* likewise, pinned registers written and re-read */
    uint8_t *call_fault;    /* likewise, and leaves if it recorded a fault */
    const uint64_t *consts; /* executable mapping; see CONST_* */
    HostThunk thunks[MAX_THUNKS]; /* all of these, by name */
    unsigned n_thunks;
    uint32_t thunk_end; /* of the last: offset in the buffer */

    uint8_t pin_of[N_FIELDS_MAX]; /* Reg or NO_REG */
    bool boxes;                   /* f32 values have ones on top */
    bool has_aes, has_clmul;      /* the host, and so below */
    bool has_sha;

    /* The block being compiled. */
    const IrBlock *b;
    Code c;
    uint32_t at;  /* index of the current op */
    int32_t insn; /* page offset of the current instruction */
    Value *val;
    uint32_t val_capacity;
    IrRef owner[N_FIELDS_MAX]; /* value that AT_FIELD names, or 0 */
    IrRef gpr_value[16], xmm_value[16];
    uint32_t gpr_locked, xmm_locked;
    IrRef slot_value[N_SLOTS];
    bool spilled; /* slot_value has something in it */
    Cold cold[MAX_COLD];
    unsigned n_cold;
    HostLink *links;
    unsigned n_links;
    uint32_t first_link;
    uint8_t *block_start;
    bool failed;
};

/* Indices in consts; 16 bytes each so that they serve as xmm operands. */
enum {
    CONST_BOX,   /* bits 32-63 */
    CONST_NAN32, /* boxed default NaN */
    CONST_NAN64,
    CONST_SIGN32,
    CONST_SIGN64,
    CONST_ABS32,
    CONST_ABS64,
    CONST_ONE32,
    CONST_ONE64,
    CONST_HALF32,
    CONST_HALF64,
    CONST_2_23_F32, /* from here on all are integral; for f64 2^52 */
    CONST_2_52_F64,
    CONST_2_32_F32, /* 2^32 and 2^63 in both formats */
    CONST_2_32_F64,
    CONST_2_63_F32,
    CONST_2_63_F64,
    /* In each lane of a vector. */
    CONST_V_SIGN,                     /* its top bit; by lane */
    CONST_V_ABS32 = CONST_V_SIGN + 4, /* all but the top bit */
    CONST_V_ABS64,
    CONST_V_LOW,                     /* the lower half; by half's lane */
    CONST_V_BYTE = CONST_V_LOW + 3,  /* the lowest byte; of 32, 64 bits */
    CONST_V_ONE8 = CONST_V_BYTE + 2, /* 1 */
    CONST_V_ONE16,
    CONST_V_NIBBLE, /* 0x0f */
    CONST_V_0X70,
    CONST_V_2_16_F32,
    CONST_V_2_31_F32,
    CONST_V_2_63_F64,
    CONST_V_MAX32, /* as 64-bit numbers */
    CONST_V_MIN32,
    CONST_V_2_32,
    CONST_V_2_30,
    CONST_V_MINUS8,                 /* of 8 bits; -16 of 16 */
    CONST_V_7 = CONST_V_MINUS8 + 2, /* of 8 bits; 15 of 16 */
    CONST_V_HALF8 = CONST_V_7 + 2,  /* 0x80 in words */
    CONST_V_ONE32,
    CONST_V_ONE64,
    CONST_V_POW2, /* tables by nibble: two powers' bytes; low, high of 16 */
    CONST_V_CLZ = CONST_V_POW2 + 3,
    CONST_V_POPCNT,       /* tables by nibble */
    CONST_V_REVERSED_LOW, /* a low nibble, reversed */
    CONST_V_REVERSED_HIGH,
    CONST_V_REVERSE,                     /* shuffles: bytes in 2, 4, 8; words */
    CONST_V_LANE0 = CONST_V_REVERSE + 5, /* all of lane 0; 8, 16 bits */
    CONST_V_SHA1 = CONST_V_LANE0 + 2,    /* its first three K */
    CONST_V_SHL8 = CONST_V_SHA1 + 3,     /* what a shift by n leaves of bytes */
    CONST_V_SHR8 = CONST_V_SHL8 + 8,
    CONST_CRC32 = CONST_V_SHR8 + 8, /* its polynomial's inverse, and it */
    N_CONSTS
};

static inline const void *gen_const(const HostGen *g, unsigned n)
{
    return &g->consts[2 * n];
}

/* consts.c, thunks.c: once, at the start of the buffer. */
void gen_consts(HostGen *g);
void gen_thunks(HostGen *g);

/* alloc.c: where values live. Every function may emit moves and spills. */
void alloc_begin(HostGen *g);
/* Locks and returns a register holding r. */
unsigned use_gpr(HostGen *g, IrRef r);
unsigned use_xmm(HostGen *g, IrRef r);
/* True if r is a constant that fits a sign-extended imm32 of the op's width.*/
bool use_imm32(const HostGen *g, IrRef r, int32_t *imm);
/* A second operand: a register, or the memory it lies in. */
typedef struct {
    bool is_mem;
    uint8_t reg;
    uint8_t base;
    int32_t disp;
} Operand;
Operand use_operand(HostGen *g, IrRef r);
Operand use_xmm_operand(HostGen *g, IrRef r);
/* A scratch register until the end of the op. */
unsigned temp_gpr(HostGen *g);
unsigned temp_xmm(HostGen *g);
/* A particular register, emptied. */
void take_gpr(HostGen *g, unsigned reg);
void take_xmm(HostGen *g, unsigned reg);
/* The register the current op's result goes to; after the uses. */
unsigned def_gpr(HostGen *g, IrRef r);
unsigned def_xmm(HostGen *g, IrRef r);
/* Likewise, reusing a's register if the op is a's last use. */
unsigned def_gpr_over(HostGen *g, IrRef r, IrRef a);
unsigned def_xmm_over(HostGen *g, IrRef r, IrRef a);
/* Says that r is in temporary register reg (taken before). */
void set_gpr(HostGen *g, IrRef r, unsigned reg);
/* r is the same value as a: takes over or shares its place. */
void alias_value(HostGen *g, IrRef r, IrRef a);
/* dst = an f32 whose lane is the lowest of a, boxed if they all are. */
void gen_box(HostGen *g, unsigned dst, unsigned a);
/* dst = a float's bits, zero-extended. */
void gen_zero_above(HostGen *g, IrType t, unsigned dst, unsigned a);
void value_get(HostGen *g, IrRef r, unsigned field);
void value_put(HostGen *g, unsigned field, IrRef r);
/* Values that live in fields move out: fields are about to change. */
void leave_fields(HostGen *g);
/* Every temporary register is emptied into slots. */
void spill_all(HostGen *g);

/* select.c, select-mem.c, select-fp.c, exits.c */
void gen_op(HostGen *g, IrRef r, const IrOp *op);
/* Compares; the condition code that says a cond b. */
Cc gen_condition(HostGen *g, IrRef a, IrRef b, IrCond cond);
/* Likewise for what a BR or SEL has as its condition: whether r is not 0. */
Cc gen_truth(HostGen *g, IrRef r);
/* Compares; the condition code that says what the FCMP does. */
Cc gen_float_condition(HostGen *g, const IrOp *op);
bool gen_memory_op(HostGen *g, IrRef r, const IrOp *op);
bool gen_float_op(HostGen *g, IrRef r, const IrOp *op);
bool gen_vector_op(HostGen *g, IrRef r, const IrOp *op);
bool gen_exit_op(HostGen *g, IrRef r, const IrOp *op);
void gen_call(HostGen *g, IrRef r, const IrOp *op);
/* To the code for guest address rax, by the jump table; clobbers rcx. */
void gen_jump_table_lookup(HostGen *g);
Cold *gen_cold(HostGen *g, ColdKind kind);
void gen_cold_code(HostGen *g);
void cold_memory(HostGen *g, Cold *k);
void cold_float(HostGen *g, Cold *k);
void cold_vector(HostGen *g, Cold *k);
void cold_exit(HostGen *g, Cold *k);

/* Lives in xmm registers. */
static inline bool type_is_xmm(IrType t)
{
    return t >= IR_F32;
}

static inline bool op_is_wide(IrType t)
{
    return t == IR_I64 || t == IR_F64;
}

static inline IrType type_of(const HostGen *g, IrRef r)
{
    return g->b->ops[r].type;
}

static inline int32_t field_disp(const HostGen *g, unsigned field)
{
    return (int32_t)g->guest->fields[field].offset;
}

static inline int32_t vector_disp(const HostGen *g, unsigned n)
{
    return (int32_t)(g->m->off.vectors + 16 * n);
}

static inline int32_t arg_disp(const HostGen *g, unsigned n)
{
    return (int32_t)(g->m->off.args + 8 * n);
}

#endif
