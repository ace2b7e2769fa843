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
    V_MOVU_LD = 0x10 | OP_0F, V_MOVU_ST = 0x11 | OP_0F,
    V_MOVQ = 0x7e | OP_0F | OP_F3, V_INSERTPS = 0x21 | OP_0F3A | OP_66,
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

/* Vectors, 128 bits of integers; families are in order of the lane's size. */
#define V_66(op)   ((op) | OP_0F | OP_66)
#define V_6638(op) ((op) | OP_0F38 | OP_66)
#define V_663A(op) ((op) | OP_0F3A | OP_66)
enum {
    V_PADDB = V_66(0xfc), V_PADDW = V_66(0xfd), V_PADDD = V_66(0xfe),
    V_PADDQ = V_66(0xd4),
    V_PSUBB = V_66(0xf8), V_PSUBW = V_66(0xf9), V_PSUBD = V_66(0xfa),
    V_PSUBQ = V_66(0xfb),
    V_PMULLW = V_66(0xd5), V_PMULLD = V_6638(0x40),
    V_PMULHW = V_66(0xe5), V_PMULHUW = V_66(0xe4), V_PMULHRSW = V_6638(0x0b),
    V_PMULDQ = V_6638(0x28), V_PMULUDQ = V_66(0xf4),
    V_PMADDWD = V_66(0xf5), V_PMADDUBSW = V_6638(0x04), V_PSADBW = V_66(0xf6),
    V_PHADDW = V_6638(0x01), V_PHADDD = V_6638(0x02),
    V_PABSB = V_6638(0x1c), V_PABSW = V_6638(0x1d), V_PABSD = V_6638(0x1e),
    V_PAND = V_66(0xdb), V_PANDN = V_66(0xdf), V_POR = V_66(0xeb),
    V_PXOR = V_66(0xef),
    V_PCMPEQB = V_66(0x74), V_PCMPEQW = V_66(0x75), V_PCMPEQQ = V_6638(0x29),
    V_PCMPGTB = V_66(0x64), V_PCMPGTW = V_66(0x65), V_PCMPGTD = V_66(0x66),
    V_PCMPGTQ = V_6638(0x37),
    V_PMINSB = V_6638(0x38), V_PMINSW = V_66(0xea), V_PMINSD = V_6638(0x39),
    V_PMAXSB = V_6638(0x3c), V_PMAXSW = V_66(0xee), V_PMAXSD = V_6638(0x3d),
    V_PMINUB = V_66(0xda), V_PMINUW = V_6638(0x3a), V_PMINUD = V_6638(0x3b),
    V_PMAXUB = V_66(0xde), V_PMAXUW = V_6638(0x3e), V_PMAXUD = V_6638(0x3f),
    V_PADDSB = V_66(0xec), V_PADDSW = V_66(0xed),
    V_PADDUSB = V_66(0xdc), V_PADDUSW = V_66(0xdd),
    V_PSUBSB = V_66(0xe8), V_PSUBSW = V_66(0xe9),
    V_PSUBUSB = V_66(0xd8), V_PSUBUSW = V_66(0xd9),
    V_PAVGB = V_66(0xe0), V_PAVGW = V_66(0xe3),
    V_PUNPCKLBW = V_66(0x60), V_PUNPCKLWD = V_66(0x61),
    V_PUNPCKLDQ = V_66(0x62), V_PUNPCKLQDQ = V_66(0x6c),
    V_PUNPCKHBW = V_66(0x68), V_PUNPCKHWD = V_66(0x69),
    V_PUNPCKHDQ = V_66(0x6a), V_PUNPCKHQDQ = V_66(0x6d),
    V_PACKSSWB = V_66(0x63), V_PACKSSDW = V_66(0x6b),
    V_PACKUSWB = V_66(0x67), V_PACKUSDW = V_6638(0x2b),
    V_PMOVSXBW = V_6638(0x20), V_PMOVSXWD = V_6638(0x23),
    V_PMOVSXDQ = V_6638(0x25),
    V_PMOVZXBW = V_6638(0x30), V_PMOVZXWD = V_6638(0x33),
    V_PMOVZXDQ = V_6638(0x35),
    V_PSHIFTW_I = V_66(0x71), V_PSHIFTD_I = V_66(0x72),
    V_PSHIFTQ_I = V_66(0x73), /* by the digit: PS_* */
    V_PSLLVD = V_6638(0x47), V_PSRLVD = V_6638(0x45), V_PSRAVD = V_6638(0x46),
    V_PSHUFB = V_6638(0x00), V_PSHUFD = V_66(0x70), V_PALIGNR = V_663A(0x0f),
    V_SHUFPS = 0xc6 | OP_0F, V_SHUFPD = V_66(0xc6),
    V_PBLENDW = V_663A(0x0e), V_BLENDPS = V_663A(0x0c),
    V_PBLENDVB = V_663A(0x4c), V_BLENDVPS = V_663A(0x4a), V_BLENDVPD = V_663A(0x4b),
    V_PEXTRB = V_663A(0x14), V_PEXTRW = V_663A(0x15),
    V_PINSRB = V_663A(0x20), V_PINSRW = V_66(0xc4), V_PINSRD = V_663A(0x22),
    V_MOVDDUP = 0x12 | OP_0F | OP_F2,
    V_PBROADCASTB = V_6638(0x78), V_PBROADCASTW = V_6638(0x79),
    V_PBROADCASTD = V_6638(0x58), V_PBROADCASTQ = V_6638(0x59),
    V_MOVMSKPS = 0x50 | OP_0F, V_PCLMULQDQ = V_663A(0x44),
    V_AESENC = V_6638(0xdc), V_AESENCLAST = V_6638(0xdd),
    V_AESDEC = V_6638(0xde), V_AESDECLAST = V_6638(0xdf), V_AESIMC = V_6638(0xdb),
    V_CMPPS = 0xc2 | OP_0F, V_CVTPS2PD = 0x5a | OP_0F, V_CVTPD2PS = V_66(0x5a),
    V_CVTDQ2PS = 0x5b | OP_0F, V_CVTPS2DQ = V_66(0x5b),
    V_CVTTPS2DQ = 0x5b | OP_0F | OP_F3,
    V_ROUNDPS = V_663A(0x08), V_ROUNDPD = V_663A(0x09),
    V_ROUNDSS = V_663A(0x0a), V_ROUNDSD = V_663A(0x0b),
    V_FMADD213PS = V_6638(0xa8), V_FMSUB213PS = V_6638(0xaa),
    V_FNMADD213PS = V_6638(0xac), V_FNMSUB213PS = V_6638(0xae),
    S_SHA1RNDS4 = 0xcc | OP_0F3A, /* legacy: the first operand is overwritten */
    S_SHA256RNDS2 = 0xcb | OP_0F38, /* and xmm0 is a third */
    S_SHA256MSG1 = 0xcc | OP_0F38, S_SHA256MSG2 = 0xcd | OP_0F38,
    X_CRC32_8 = 0xf0 | OP_0F38 | OP_F2 | OP_BYTE_RM,
    X_CRC32 = 0xf1 | OP_0F38 | OP_F2,
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
/* What every access to guest memory does, each written at once; index and tag
 * are among rax to rdi, offsets below 128.
 *     shr index, shift; and index, mask; and tag, keep
 *     cmp tag, [r15 + index + tag_at]; jne; mov tag, [r15 + index + addend_at]
 * The second returns the place of the jump's displacement. */
void x_tlb_key(Code *c, unsigned index, unsigned shift, uint32_t mask,
               unsigned tag, uint32_t keep);
uint8_t *x_tlb_entry(Code *c, unsigned index, unsigned tag, unsigned tag_at,
                     unsigned addend_at);
/* Pads so that the displacement of a following jump with n opcode bytes does
 * not cross 8 bytes: another thread may run it while it is patched. */
void x_align_patch(Code *c, unsigned n);

#endif
