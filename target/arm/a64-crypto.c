/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/a64-crypto.c - ciphers and hashes: AES and SHA-3 as vector
 * operations, the others as calls of crypto.h.
 * Spec: DDI 0487 C4.1.96, C7.2. */
#include "target/arm/crypto.h"
#include "target/arm/simd.h"

/* ---- AES ---- */

static bool aes(Trans *t, const ArgsCrypto *a, IrCode code, bool two)
{
    if (fp_check(t)) {
        put_v(t, a->rd,
              two ? simd_op(t, code, 0, get_v(t, a->rd), get_v(t, a->rn))
                  : simd_op(t, code, 0, get_v(t, a->rn), 0));
    }
    return true;
}

bool a64_aese(Trans *t, const ArgsCrypto *a)
{
    return aes(t, a, IR_VAESE, true);
}

bool a64_aesd(Trans *t, const ArgsCrypto *a)
{
    return aes(t, a, IR_VAESD, true);
}

bool a64_aesmc(Trans *t, const ArgsCrypto *a)
{
    return aes(t, a, IR_VAESMC, false);
}

bool a64_aesimc(Trans *t, const ArgsCrypto *a)
{
    return aes(t, a, IR_VAESIMC, false);
}

/* ---- SHA-3 ---- */

bool a64_eor3(Trans *t, const ArgsCrypto *a)
{
    if (fp_check(t)) {
        IrRef r = simd_op(t, IR_VXOR, 0, get_v(t, a->rn), get_v(t, a->rm));

        put_v(t, a->rd, simd_op(t, IR_VXOR, 0, r, get_v(t, a->ra)));
    }
    return true;
}

bool a64_bcax(Trans *t, const ArgsCrypto *a)
{
    if (fp_check(t)) {
        IrRef r = simd_op(t, IR_VANDN, 0, get_v(t, a->rm), get_v(t, a->ra));

        put_v(t, a->rd, simd_op(t, IR_VXOR, 0, get_v(t, a->rn), r));
    }
    return true;
}

/* Each doubleword rotated right, by 0 to 63. */
static IrRef rotate(Trans *t, IrRef v, unsigned by)
{
    if (by == 0) {
        return v;
    }
    return simd_op(t, IR_VOR, 0, simd_op_imm(t, IR_VSHRI, IR_LANE_64, by, v, 0),
                   simd_op_imm(t, IR_VSHLI, IR_LANE_64, 64 - by, v, 0));
}

bool a64_rax1(Trans *t, const ArgsCrypto *a)
{
    if (fp_check(t)) {
        put_v(t, a->rd,
              simd_op(t, IR_VXOR, 0, get_v(t, a->rn),
                      rotate(t, get_v(t, a->rm), 63)));
    }
    return true;
}

bool a64_xar(Trans *t, const ArgsCrypto *a)
{
    if (fp_check(t)) {
        IrRef r = simd_op(t, IR_VXOR, 0, get_v(t, a->rn), get_v(t, a->rm));

        put_v(t, a->rd, rotate(t, r, (unsigned)a->imm));
    }
    return true;
}

/* ---- calls ---- */

static bool call(Trans *t, const ArgsCrypto *a, CryptoOp op)
{
    if (fp_check(t)) {
        ir_call(t->ir, IR_VOID, HELPER_crypto, op,
                ir_const(t->ir, IR_I64, simd_regs(a->rd, a->rn, a->rm, a->ra)),
                ir_const(t->ir, IR_I64, (uint64_t)a->imm), 0);
    }
    return true;
}

#define CRYPTO(name)                            \
 bool a64_##name(Trans *t, const ArgsCrypto *a) \
 {                                              \
  return call(t, a, CRYPTO_##name);             \
 }
#include "target/arm/crypto.def"
#undef CRYPTO
