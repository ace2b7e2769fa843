/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/host/x86_64/select-vec-crypto.c - ciphers, hashes and checksums, where
 * the host has instructions for them.
 * Spec: Intel SDM volume 2: AESENC, PCLMULQDQ, CRC32, SHA1RNDS4,
 * SHA256RNDS2. */
#include "tcg/host/x86_64/vec_priv.h"

static bool gen_aes(HostGen *g, IrRef r, const IrOp *op)
{
    static const uint32_t rounds[2][2] = {{V_AESENCLAST, V_AESENC},
                                          {V_AESDECLAST, V_AESDEC}};
    unsigned a, t, zero;

    if (!g->has_aes) {
        return false;
    }
    a = use_xmm(g, op->arg[0]);
    if (op->code == IR_VAESIMC) {
        x_vrr(&g->c, V_AESIMC, def_xmm_over(g, r, op->arg[0]), 0, a);
        return true;
    }
    t = temp_xmm(g);
    zero = temp_xmm(g);
    v_zero(g, zero);
    if (op->code == IR_VAESMC) { /* a round that undoes the rest of one */
        x_vrr(&g->c, V_AESDECLAST, t, a, zero);
        x_vrr(&g->c, V_AESENC, def_xmm(g, r), t, zero);
        return true;
    }
    x_vrr(&g->c, V_PXOR, t, a, use_xmm(g, op->arg[1]));
    x_vrr(&g->c, rounds[op->code == IR_VAESD][op->imm], def_xmm(g, r), t, zero);
    return true;
}

static bool gen_carryless(HostGen *g, IrRef r, const IrOp *op)
{
    unsigned a, b;

    if (!g->has_clmul) {
        return false;
    }
    a = use_xmm(g, op->arg[0]);
    b = use_xmm(g, op->arg[1]);
    v_imm(g, V_PCLMULQDQ, def_xmm_over(g, r, op->arg[0]), a, b,
          op->imm ? 0x11 : 0);
    return true;
}

/* x86 has an instruction for one polynomial. */
static void gen_crc32c(HostGen *g, IrRef r, const IrOp *op)
{
    static const uint32_t forms[4] = {X_CRC32_8, X_CRC32, X_CRC32,
                                      X_CRC32 | OP_W};
    unsigned crc = use_gpr(g, op->arg[0]);
    unsigned data = use_gpr(g, op->arg[1]);
    unsigned t = temp_gpr(g);

    x_mov(&g->c, false, t, crc);
    if (op->aux == IR_LANE_16) {
        x_byte(&g->c, 0x66);
    }
    x_rr(&g->c, forms[op->aux], t, data);
    set_gpr(g, r, t);
}

/* The other P, of 33 bits with the lowest set: adding q * P, where q is
 * x / P modulo 2^64, clears all of x, and what is above it is the remainder.
 * Fewer than 64 bits go to x's top, where they have as far to go. */
static bool gen_crc32(HostGen *g, IrRef r, const IrOp *op)
{
    unsigned bits = 8u << op->aux, crc, data, t, x, factors;
    Code *c = &g->c;

    if (op->imm) {
        gen_crc32c(g, r, op);
        return true;
    }
    if (!g->has_clmul) {
        return false;
    }
    crc = use_gpr(g, op->arg[0]);
    data = use_gpr(g, op->arg[1]);
    t = temp_gpr(g);
    x = temp_xmm(g);
    factors = temp_xmm(g);
    x_mov(c, false, t, crc);
    x_rr(c, X_XOR | OP_W, t, data);
    if (bits < 64) {
        x_shift(c, SH_SHL, true, t, 64 - bits);
    }
    x_vrr(c, V_MOVD_TO_X | OP_W, x, 0, t);
    x_vrip(c, V_MOVU_LD, factors, 0, gen_const(g, CONST_CRC32));
    v_imm(g, V_PCLMULQDQ, x, x, factors, 0);
    v_imm(g, V_PCLMULQDQ, x, x, factors, 0x10);
    v_imm(g, V_PEXTRD | OP_W, x, 0, t, 1);
    if (bits < 32) { /* what the data did not reach */
        unsigned rest = temp_gpr(g);

        x_mov(c, false, rest, crc);
        x_shift(c, SH_SHR, false, rest, bits);
        x_rr(c, X_XOR, t, rest);
    }
    set_gpr(g, r, t);
    return true;
}

/* The host has a in the highest lane, and adds K itself. */
static void gen_sha1(HostGen *g, IrRef r, const IrOp *op)
{
    unsigned a = use_xmm(g, op->arg[0]), b = use_xmm(g, op->arg[1]);
    Apart p = begin_apart(g, r);
    unsigned words = temp_xmm(g);

    v_imm(g, V_PSHUFD, words, 0, b, 0x1b);
    v_const(g, V_PSUBD, words, words, CONST_V_SHA1 + (unsigned)op->imm);
    v_imm(g, V_PSHUFD, p.t, 0, a, 0x1b);
    x_rr(&g->c, S_SHA1RNDS4, p.t, words);
    x_byte(&g->c, (uint8_t)op->imm);
    v_imm(g, V_PSHUFD, p.t, 0, p.t, 0x1b);
    end_apart(g, p);
}

/* The host's instruction, whose first operand is the result. */
static void gen_sha256(HostGen *g, IrRef r, const IrOp *op)
{
    static const uint32_t forms[] = {
        [IR_VSHA256 - IR_VSHA256] = S_SHA256RNDS2,
        [IR_VSHA256A - IR_VSHA256] = S_SHA256MSG1,
        [IR_VSHA256B - IR_VSHA256] = S_SHA256MSG2,
    };
    unsigned a, b;
    Apart p;

    if (op->code == IR_VSHA256) {
        take_xmm(g, 0);
        x_vrr(&g->c, V_MOVAPS, 0, 0, use_xmm(g, op->arg[2]));
    }
    a = use_xmm(g, op->arg[0]);
    b = use_xmm(g, op->arg[1]);
    p = begin_apart(g, r);
    x_vrr(&g->c, V_MOVAPS, p.t, 0, a);
    x_rr(&g->c, forms[op->code - IR_VSHA256], p.t, b);
    end_apart(g, p);
}

bool gen_vector_crypto(HostGen *g, IrRef r, const IrOp *op)
{
    switch (op->code) {
    case IR_VPMULL64:
        return gen_carryless(g, r, op);
    case IR_VAESE:
    case IR_VAESD:
    case IR_VAESMC:
    case IR_VAESIMC:
        return gen_aes(g, r, op);
    case IR_VSHA1:
        if (g->has_sha) {
            gen_sha1(g, r, op);
        }
        return g->has_sha;
    case IR_VSHA256:
    case IR_VSHA256A:
    case IR_VSHA256B:
        if (g->has_sha) {
            gen_sha256(g, r, op);
        }
        return g->has_sha;
    case IR_CRC32:
        return gen_crc32(g, r, op);
    default:
        return false;
    }
}
