/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/fpu_priv.h - arithmetic under an FPCR, shared by fpu*.c.
 * Threads: pure functions but for the environment. */
#ifndef CUTTLE_TARGET_ARM_FPU_PRIV_H
#define CUTTLE_TARGET_ARM_FPU_PRIV_H

#include "target/arm/fpu.h"

/* FPCR (C5.2.8). */
#define FPCR_AHP  (UINT64_C(1) << 26)
#define FPCR_DN   (UINT64_C(1) << 25)
#define FPCR_FZ   (UINT64_C(1) << 24)
#define FPCR_FZ16 (UINT64_C(1) << 19)

/* FPSR.IDC in Vcpu.fp_flags, beside the SF_* flags. */
enum { FPU_INPUT_DENORMAL = 1 << 5 };

typedef struct {
    SfStatus st;
    uint64_t fpcr;
} FpuEnv;

FpuEnv fpu_begin(const Arm *cpu, unsigned round);
void fpu_finish(Arm *cpu, const FpuEnv *env);

unsigned fpu_bits(SfFormat f);
bool fpu_flushes(const FpuEnv *env, SfFormat f);
/* An input as arithmetic sees it: zero for a subnormal one under FZ. */
uint64_t fpu_input(FpuEnv *env, SfFormat f, uint64_t v);
/* One lane. n, m and a are as registers have them. */
uint64_t fpu_lane(FpuEnv *env, const FpuJob *j, uint64_t n, uint64_t m,
                  uint64_t a);
uint64_t fpu_fma(FpuEnv *env, SfFormat f, uint64_t n, uint64_t m, uint64_t a);

/* fpu-estimate.c */
uint64_t fpu_recip_estimate(FpuEnv *env, SfFormat f, uint64_t v);
uint64_t fpu_rsqrt_estimate(FpuEnv *env, SfFormat f, uint64_t v);
uint64_t fpu_recip_exponent(FpuEnv *env, SfFormat f, uint64_t v);
uint32_t fpu_urecpe(uint32_t v);
uint32_t fpu_ursqrte(uint32_t v);

/* fpu-convert.c */
uint64_t fpu_to_int(FpuEnv *env, SfFormat f, uint64_t v, unsigned bits,
                    bool is_signed, unsigned fraction);
uint64_t fpu_from_int(FpuEnv *env, SfFormat f, uint64_t v, unsigned bits,
                      bool is_signed, unsigned fraction);
/* Rounds to an integer of so many bits; out of range it is the least one. */
uint64_t fpu_rint_sized(FpuEnv *env, SfFormat f, uint64_t v, unsigned bits);
uint64_t fpu_convert(FpuEnv *env, SfFormat from, SfFormat to, uint64_t v);

static inline unsigned fpu_fraction_bits(SfFormat f)
{
    static const uint8_t bits[] = {10, 23, 52};

    return bits[f];
}

static inline uint64_t fpu_sign(SfFormat f, uint64_t v)
{
    static const uint8_t top[] = {15, 31, 63};

    return v & UINT64_C(1) << top[f];
}

static inline uint64_t fpu_magnitude(SfFormat f, uint64_t v)
{
    return v ^ fpu_sign(f, v);
}

/* The infinity without sign. */
static inline uint64_t fpu_infinity(SfFormat f)
{
    static const uint64_t inf[] = {0x7c00, 0x7f800000,
                                   UINT64_C(0x7ff0000000000000)};

    return inf[f];
}

#endif
