/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/simd-helper.c - integer vector operations that blocks leave to C.
 * Spec: DDI 0487 C7.2. */
#include "target/arm/cpu.h"
#include "target/arm/helper.h"
#include "util/bits.h"

static int64_t get(const Arm *cpu, unsigned reg, unsigned bits, unsigned lane)
{
    unsigned at = lane * bits;

    return bits_sext(cpu->v[reg].d[at / 64] >> at % 64, bits);
}

/* (d << W +- 2 n m + half) >> W, saturating to W bits. */
static int64_t step(Arm *cpu, unsigned bits, bool subtract, int64_t d,
                    int64_t n, int64_t m)
{
    __int128 most = ((__int128)1 << (bits - 1)) - 1;
    __int128 product = (__int128)2 * n * m, r = (__int128)d << bits;

    r += subtract ? -product : product;
    r = (r + ((__int128)1 << (bits - 1))) >> bits;
    if (r > most || r < -most - 1) {
        cpu->fpsr_qc = 1;
        r = r > 0 ? most : -most - 1;
    }
    return (int64_t)r;
}

uint64_t arm_helper_simd_rdm(void *state, uint64_t a, uint64_t b, uint64_t c,
                             uint64_t imm)
{
    Arm *cpu = state;
    unsigned lanes = b & 0xff, bits = 8u << (b >> 9);
    unsigned rd = a & 31, rn = a >> 8 & 31, rm = a >> 16 & 31;
    bool subtract = b >> 8 & 1;
    ArmVec out = {{0, 0}};

    for (unsigned i = 0; i < lanes; i++) {
        unsigned at = i * bits;
        int64_t m = get(cpu, rm, bits, c < 8 ? (unsigned)c : i);
        int64_t r = step(cpu, bits, subtract, get(cpu, rd, bits, i),
                         get(cpu, rn, bits, i), m);

        out.d[at / 64] = bits_set(out.d[at / 64], at % 64, bits,
                                  (uint64_t)r & bits_mask(bits));
    }
    cpu->v[rd] = out;
    return 0;
}
