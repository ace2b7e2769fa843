/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/host/x86_64/encode.h - x86-64 instruction bytes.
 * One packed constant says what an instruction is; four emitters write any of
 * them: register or memory operand, legacy or VEX prefix.
 * Spec: Intel SDM volume 2, chapters 2 (formats) and 3-5 (opcodes). */
#ifndef CUTTLE_TCG_HOST_X86_64_ENCODE_H
#define CUTTLE_TCG_HOST_X86_64_ENCODE_H

#include <stdbool.h>
#include <stdint.h>

typedef enum {
    RAX,
    RCX,
    RDX,
    RBX,
    RSP,
    RBP,
    RSI,
    RDI,
    R8,
    R9,
    R10,
    R11,
    R12,
    R13,
    R14,
    R15,
    NO_REG = 0xff
} Reg; /* also xmm numbers */

enum {
    OP_0F = 1 << 8, /* opcode maps */
    OP_0F38 = 2 << 8,
    OP_0F3A = 3 << 8,
    OP_66 = 1 << 10, /* mandatory prefixes */
    OP_F3 = 2 << 10,
    OP_F2 = 3 << 10,
    OP_W = 1 << 12,       /* 64-bit operands */
    OP_BYTE = 1 << 13,    /* reg is a byte register */
    OP_BYTE_RM = 1 << 14, /* the r/m register is one */
};

/* clang-format off */
enum {
    X_ADD = 0x03, X_OR = 0x0b, X_AND = 0x23, X_SUB = 0x2b, X_XOR = 0x33,
    X_CMP = 0x3b, X_MOV = 0x8b, X_MOV_ST = 0x89, X_MOV8_ST = 0x88 | OP_BYTE,
    X_LEA = 0x8d, X_TEST = 0x85, X_XCHG = 0x87, X_XCHG8 = 0x86 | OP_BYTE,
    X_MOVSXD = 0x63 | OP_W,
    X_MOVZX8 = 0xb6 | OP_0F, X_MOVZX16 = 0xb7 | OP_0F,
    X_MOVSX8 = 0xbe | OP_0F, X_MOVSX16 = 0xbf | OP_0F,
    X_IMUL = 0xaf | OP_0F, X_IMUL_I = 0x69,
    X_CMOV = 0x40 | OP_0F, X_SETCC = 0x90 | OP_0F | OP_BYTE_RM,
    X_LZCNT = 0xbd | OP_0F | OP_F3, X_TZCNT = 0xbc | OP_0F | OP_F3,
    X_POPCNT = 0xb8 | OP_0F | OP_F3,
    X_CMPXCHG = 0xb1 | OP_0F, X_XADD = 0xc1 | OP_0F,
    X_GROUP1 = 0x81, X_GROUP1_I8 = 0x83, X_GROUP3 = 0xf7, X_SHIFT_I = 0xc1,
    X_GROUP5 = 0xff, X_MOV_I = 0xc7,
    /* VEX */
    V_RORX = 0xf0 | OP_0F3A | OP_F2,
    V_ANDN = 0xf2 | OP_0F38, V_SHLX = 0xf7 | OP_0F38 | OP_66,
    V_SHRX = 0xf7 | OP_0F38 | OP_F2, V_SARX = 0xf7 | OP_0F38 | OP_F3,
    V_MOVSD_LD = 0x10 | OP_0F | OP_F2, V_MOVSD_ST = 0x11 | OP_0F | OP_F2,
    V_MOVSS_LD = 0x10 | OP_0F | OP_F3, V_MOVSS_ST = 0x11 | OP_0F | OP_F3,
    V_MOVAPS = 0x28 | OP_0F,
    V_MOVD_TO_X = 0x6e | OP_0F | OP_66, V_MOVD_TO_R = 0x7e | OP_0F | OP_66,
    V_ADDF = 0x58 | OP_0F, V_MULF = 0x59 | OP_0F, V_SUBF = 0x5c | OP_0F,
    V_MINF = 0x5d | OP_0F, V_DIVF = 0x5e | OP_0F, V_MAXF = 0x5f | OP_0F,
    V_SQRTF = 0x51 | OP_0F, V_CVTF2F = 0x5a | OP_0F,
    V_CVTI2F = 0x2a | OP_0F, V_CVTF2I = 0x2d | OP_0F, V_CVTTF2I = 0x2c | OP_0F,
    V_UCOMI = 0x2e | OP_0F, V_COMI = 0x2f | OP_0F,
    V_ANDPS = 0x54 | OP_0F, V_ANDNPS = 0x55 | OP_0F, V_ORPS = 0x56 | OP_0F,
    V_XORPS = 0x57 | OP_0F, V_PCMPEQD = 0x76 | OP_0F | OP_66,
    V_PEXTRD = 0x16 | OP_0F3A | OP_66,
    V_FMADD213 = 0xa9 | OP_0F38 | OP_66, V_FMSUB213 = 0xab | OP_0F38 | OP_66,
    V_FNMADD213 = 0xad | OP_0F38 | OP_66, V_FNMSUB213 = 0xaf | OP_0F38 | OP_66,
};

/* Condition codes, as in jcc, setcc, cmovcc. */
typedef enum {
    CC_B = 2, CC_AE = 3, CC_E = 4, CC_NE = 5, CC_BE = 6, CC_A = 7,
    CC_S = 8, CC_NS = 9, CC_P = 10, CC_NP = 11,
    CC_L = 12, CC_GE = 13, CC_LE = 14, CC_G = 15,
} Cc;
/* clang-format on */

/* Where bytes go. Nothing here looks whether there is room: whoever writes an
 * op's code looks once, before it, for X_OP_ROOM, which is more than any op
 * takes (a helper call that has every value moved out of its way). */
enum { X_OP_ROOM = 4096 };

typedef struct {
    uint8_t *p;     /* in the writable mapping */
    uint8_t *limit; /* last place an op may start: X_OP_ROOM before the end */
    int64_t to_rx;  /* executable address = writable address + to_rx */
} Code;

static inline bool x_full(const Code *c)
{
    return c->p > c->limit;
}

void x_bytes(Code *c, const void *bytes, unsigned n);
void x_byte(Code *c, uint8_t b);
void x_u32(Code *c, uint32_t v);

/* reg, rm are registers. */
void x_rr(Code *c, uint32_t op, unsigned reg, unsigned rm);
/* Memory operand base + disp. */
void x_rm(Code *c, uint32_t op, unsigned reg, unsigned base, int32_t disp);
/* Memory operand base + index + disp (scale 1). */
void x_rmx(Code *c, uint32_t op, unsigned reg, unsigned base, unsigned index,
           int32_t disp);
/* Memory operand at an absolute address near the code; no immediate may
 * follow. */
void x_rip(Code *c, uint32_t op, unsigned reg, const void *rx_address);

void x_vrr(Code *c, uint32_t op, unsigned reg, unsigned v, unsigned rm);
void x_vrm(Code *c, uint32_t op, unsigned reg, unsigned v, unsigned base,
           int32_t disp);
void x_vrmx(Code *c, uint32_t op, unsigned reg, unsigned v, unsigned base,
            unsigned index, int32_t disp);
void x_vrip(Code *c, uint32_t op, unsigned reg, unsigned v,
            const void *rx_address);

/* add, or, and, sub, xor, cmp (group 1 numbers 0,1,4,5,6,7) with immediate. */
enum { G1_ADD = 0, G1_OR = 1, G1_AND = 4, G1_SUB = 5, G1_XOR = 6, G1_CMP = 7 };
void x_ri(Code *c, unsigned g1, bool wide, unsigned rm, int32_t imm);
void x_mi(Code *c, unsigned g1, bool wide, unsigned base, int32_t disp,
          int32_t imm);
/* shl 4, shr 5, sar 7, rol 0, ror 1. */
enum { SH_ROL = 0, SH_ROR = 1, SH_SHL = 4, SH_SHR = 5, SH_SAR = 7 };
void x_shift(Code *c, unsigned kind, bool wide, unsigned rm, unsigned count);

void x_mov(Code *c, bool wide, unsigned to, unsigned from);
void x_mov_imm(Code *c, unsigned to, uint64_t imm); /* keeps the flags */
/* Stores a sign-extended immediate of 4 or 8 bytes. */
void x_store_imm(Code *c, bool wide, unsigned base, int32_t disp, int32_t imm);

/* Jumps: return the place of the displacement, to be set by x_set_rel. */
uint8_t *x_jcc(Code *c, Cc cc);
uint8_t *x_jmp(Code *c);
void x_set_rel(uint8_t *place, const uint8_t *target);
void x_jmp_to(Code *c, const uint8_t *target);
void x_jcc_to(Code *c, Cc cc, const uint8_t *target);
void x_call_to(Code *c, const uint8_t *target);
/* Pads so that the displacement of a following jump with n opcode bytes does
 * not cross 8 bytes: another thread may run it while it is patched. */
void x_align_patch(Code *c, unsigned n);

#endif
