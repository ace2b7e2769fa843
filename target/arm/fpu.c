/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/fpu.c - floating point by softfloat, lane by lane.
 * Spec: DDI 0487 J1.3.3 shared/functions/float. */
#include "target/arm/fpu.h"

#include "target/arm/fpu_priv.h"
#include "target/arm/helper.h"
#include "util/bits.h"

unsigned fpu_bits(SfFormat f)
{
    return 16u << f;
}

FpuEnv fpu_begin(const Arm *cpu, unsigned round)
{
    return (FpuEnv){
        .st = {.round =
                   (SfRound)(round == IR_RM_DYN ? cpu->vcpu.fp_round : round),
               .nan = cpu->fpcr & FPCR_DN ? SF_NAN_DEFAULT : SF_NAN_PROPAGATE},
        .fpcr = cpu->fpcr,
    };
}

void fpu_finish(Arm *cpu, const FpuEnv *env)
{
    cpu->vcpu.fp_flags |= env->st.flags;
}

bool fpu_flushes(const FpuEnv *env, SfFormat f)
{
    return env->fpcr & (f == SF_F16 ? FPCR_FZ16 : FPCR_FZ);
}

static bool is_subnormal(SfFormat f, uint64_t v)
{
    uint64_t m = fpu_magnitude(f, v);

    return m && m >> fpu_fraction_bits(f) == 0;
}

uint64_t fpu_input(FpuEnv *env, SfFormat f, uint64_t v)
{
    if (!fpu_flushes(env, f) || !is_subnormal(f, v)) {
        return v;
    }
    if (f != SF_F16) {
        env->st.flags |= FPU_INPUT_DENORMAL;
    }
    return fpu_sign(f, v);
}

static uint64_t negate(SfFormat f, uint64_t v)
{
    return v ^ BIT(fpu_bits(f) - 1);
}

/* ---- what rounds ---- */

static bool inf_times_zero(SfFormat f, uint64_t n, uint64_t m)
{
    uint64_t inf = fpu_infinity(f);

    n = fpu_magnitude(f, n);
    m = fpu_magnitude(f, m);
    return (n == inf && m == 0) || (n == 0 && m == inf);
}

static uint64_t two(SfFormat f)
{
    return fp_expand_imm(f, 0x00);
}

/* (3 + n * m) / 2: the larger factor is halved. What it may lose by that is
 * below the rounding; a subnormal could lose all it has, and is not halved: its
 * product makes the sum inexact and nothing else. */
static uint64_t rsqrt_step(SfFormat f, uint64_t n, uint64_t m, SfStatus *st)
{
    uint64_t half = fp_expand_imm(f, 0x60), one_half = fp_expand_imm(f, 0x78);
    SfStatus quiet = {.round = SF_ROUND_TO_ZERO, .nan = st->nan};
    uint64_t *larger = fpu_magnitude(f, n) > fpu_magnitude(f, m) ? &n : &m;

    if (!sf_is_nan(f, n) && !sf_is_nan(f, m) && !is_subnormal(f, *larger)) {
        *larger = sf_mul(f, *larger, half, &quiet);
    }
    return sf_fma(f, n, m, one_half, st);
}

static uint64_t round_op(FpuOp op, SfFormat f, uint64_t n, uint64_t m,
                         uint64_t a, SfStatus *st)
{
    switch (op) {
    case FPU_ADD:
        return sf_add(f, n, m, st);
    case FPU_SUB:
        return sf_sub(f, n, m, st);
    case FPU_ABD:
        return fpu_magnitude(f, sf_sub(f, n, m, st));
    case FPU_MULX:
        if (inf_times_zero(f, n, m)) {
            return two(f) | fpu_sign(f, n ^ m);
        }
        return sf_mul(f, n, m, st);
    case FPU_MUL:
        return sf_mul(f, n, m, st);
    case FPU_NMUL:
        return negate(f, sf_mul(f, n, m, st));
    case FPU_DIV:
        return sf_div(f, n, m, st);
    case FPU_SQRT:
        return sf_sqrt(f, n, st);
    case FPU_RECPS:
        if (inf_times_zero(f, n, m)) {
            return two(f);
        }
        return sf_fma(f, negate(f, n), m, two(f), st);
    case FPU_RSQRTS:
        if (inf_times_zero(f, n, m)) {
            return fp_expand_imm(f, 0x78);
        }
        return rsqrt_step(f, negate(f, n), m, st);
    case FPU_MSUB:
        return sf_fma(f, negate(f, n), m, a, st);
    case FPU_NMADD:
        return sf_fma(f, negate(f, n), m, negate(f, a), st);
    case FPU_NMSUB:
        return sf_fma(f, n, m, negate(f, a), st);
    default:
        return sf_fma(f, n, m, a, st);
    }
}

/* Under FZ a result is flushed that is tiny before it is rounded: truncated it
 * is subnormal, or lost all its bits. */
static uint64_t flushing_op(FpuEnv *env, FpuOp op, SfFormat f, uint64_t n,
                            uint64_t m, uint64_t a)
{
    SfStatus probe = {.round = SF_ROUND_TO_ZERO, .nan = env->st.nan};
    uint64_t r;

    if (!fpu_flushes(env, f)) {
        return round_op(op, f, n, m, a, &env->st);
    }
    r = round_op(op, f, n, m, a, &probe);
    if (is_subnormal(f, r) ||
        (fpu_magnitude(f, r) == 0 && probe.flags & SF_UNDERFLOW)) {
        env->st.flags |= SF_UNDERFLOW;
        return fpu_sign(f, r);
    }
    return round_op(op, f, n, m, a, &env->st);
}

uint64_t fpu_fma(FpuEnv *env, SfFormat f, uint64_t n, uint64_t m, uint64_t a)
{
    return flushing_op(env, FPU_MADD, f, fpu_input(env, f, n),
                       fpu_input(env, f, m), fpu_input(env, f, a));
}

/* ---- comparison ---- */

static bool compare(FpuOp op, SfFormat f, uint64_t n, uint64_t m, SfStatus *st)
{
    switch (op) {
    case FPU_CMEQ:
        return sf_eq_quiet(f, n, m, st);
    case FPU_CMGE:
        return sf_le(f, m, n, st);
    case FPU_CMGT:
        return sf_lt(f, m, n, st);
    case FPU_CMLE:
        return sf_le(f, n, m, st);
    case FPU_CMLT:
        return sf_lt(f, n, m, st);
    case FPU_ACGE:
        return sf_le(f, fpu_magnitude(f, m), fpu_magnitude(f, n), st);
    default: /* FPU_ACGT */
        return sf_lt(f, fpu_magnitude(f, m), fpu_magnitude(f, n), st);
    }
}

/* ---- any lane ---- */

static uint64_t min_max(FpuOp op, SfFormat f, uint64_t n, uint64_t m,
                        SfStatus *st)
{
    bool max = op == FPU_MAX || op == FPU_MAXNM;
    bool number = op == FPU_MAXNM || op == FPU_MINNM;

    return sf_min_max(f, n, m, max, number ? SF_MINMAX_2008 : SF_MINMAX_STRICT,
                      st);
}

static uint64_t to_or_from_int(FpuEnv *env, const FpuJob *j, uint64_t n)
{
    unsigned bits = fpu_bits(j->format);

    if (j->op == FPU_FROM_INT || j->op == FPU_FROM_UINT) {
        return fpu_from_int(env, j->format, n, bits, j->op == FPU_FROM_INT,
                            j->fraction);
    }
    return fpu_to_int(env, j->format, n, bits, j->op == FPU_TO_INT,
                      j->fraction) &
           bits_mask(bits);
}

uint64_t fpu_lane(FpuEnv *env, const FpuJob *j, uint64_t n, uint64_t m,
                  uint64_t a)
{
    SfFormat f = j->format;

    switch (j->op) {
    case FPU_ABS:
        return fpu_magnitude(f, n);
    case FPU_NEG:
        return negate(f, n);
    case FPU_FROM_INT:
    case FPU_FROM_UINT:
    case FPU_TO_INT:
    case FPU_TO_UINT:
        return to_or_from_int(env, j, n);
    case FPU_URECPE:
        return fpu_urecpe((uint32_t)n);
    case FPU_URSQRTE:
        return fpu_ursqrte((uint32_t)n);
    default:
        break;
    }
    n = fpu_input(env, f, n);
    m = fpu_input(env, f, m);
    switch (j->op) {
    case FPU_MAX:
    case FPU_MIN:
    case FPU_MAXNM:
    case FPU_MINNM:
        return min_max(j->op, f, n, m, &env->st);
    case FPU_CMEQ ... FPU_ACGT:
        return compare(j->op, f, n, m, &env->st) ? bits_mask(fpu_bits(f)) : 0;
    case FPU_RECPE:
        return fpu_recip_estimate(env, f, n);
    case FPU_RSQRTE:
        return fpu_rsqrt_estimate(env, f, n);
    case FPU_RECPX:
        return fpu_recip_exponent(env, f, n);
    case FPU_RINT:
    case FPU_RINTX:
        return sf_round_to_integral(f, n, j->op == FPU_RINTX, &env->st);
    case FPU_RINT32:
        return fpu_rint_sized(env, f, n, 32);
    case FPU_RINT64:
        return fpu_rint_sized(env, f, n, 64);
    case FPU_MADD ... FPU_NMSUB:
        a = fpu_input(env, f, a);
        break;
    default:
        break;
    }
    return flushing_op(env, j->op, f, n, m, a);
}

/* ---- registers ---- */

typedef struct {
    Arm *cpu;
    FpuJob job;
    FpuEnv env;
    ArmVec out;
} Run;

static FpuJob unpack(uint64_t v)
{
    return (FpuJob){
        .rd = bits_get(v, 0, 5),
        .rn = bits_get(v, 5, 5),
        .rm = bits_get(v, 10, 6),
        .ra = bits_get(v, 16, 5),
        .op = (FpuOp)bits_get(v, 21, 6),
        .format = (SfFormat)bits_get(v, 27, 2),
        .form = (FpuForm)bits_get(v, 29, 2),
        .lanes = (unsigned)bits_get(v, 31, 5),
        .index = (unsigned)bits_get(v, 36, 4),
        .rotation = (unsigned)bits_get(v, 40, 2),
        .round = (unsigned)bits_get(v, 42, 3),
        .fraction = (unsigned)bits_get(v, 45, 7),
    };
}

static uint64_t get(const Run *r, unsigned reg, SfFormat f, unsigned lane)
{
    unsigned bits = fpu_bits(f), at = lane * bits;

    return reg == FPU_ZERO ? 0
                           : bits_get(r->cpu->v[reg].d[at / 64], at % 64, bits);
}

static void set(Run *r, SfFormat f, unsigned lane, uint64_t v)
{
    unsigned bits = fpu_bits(f), at = lane * bits;
    uint64_t *d = &r->out.d[at / 64];

    *d = bits_set(*d, at % 64, bits, v);
}

static uint64_t get_m(const Run *r, unsigned lane)
{
    const FpuJob *j = &r->job;

    return get(r, j->rm, j->format, j->index == FPU_NO_INDEX ? lane : j->index);
}

static void lanes(Run *r)
{
    const FpuJob *j = &r->job;

    for (unsigned i = 0; i < j->lanes; i++) {
        uint64_t n = get(r, j->rn, j->format, i), m = get_m(r, i);

        set(r, j->format, i,
            fpu_lane(&r->env, j, n, m, get(r, j->ra, j->format, i)));
    }
}

static void pairs(Run *r)
{
    const FpuJob *j = &r->job;

    for (unsigned i = 0; i < j->lanes; i++) {
        unsigned half = j->lanes / 2;
        unsigned reg = i < half ? j->rn : j->rm, at = i % half * 2;

        set(r, j->format, i,
            fpu_lane(&r->env, j, get(r, reg, j->format, at),
                     get(r, reg, j->format, at + 1), 0));
    }
}

/* Halves first, as a tree. */
static uint64_t across(Run *r, unsigned first, unsigned n)
{
    const FpuJob *j = &r->job;
    uint64_t low, high;

    if (n == 1) {
        return get(r, j->rn, j->format, first);
    }
    low = across(r, first, n / 2);
    high = across(r, first + n / 2, n / 2);
    return fpu_lane(&r->env, j, low, high, 0);
}

/* ---- complex numbers ---- */

static void complex_add(Run *r)
{
    const FpuJob *j = &r->job;
    SfFormat f = j->format;
    FpuJob add = {.op = FPU_ADD, .format = f};

    for (unsigned i = 0; i < j->lanes; i += 2) {
        uint64_t re = get(r, j->rm, f, i + 1), im = get(r, j->rm, f, i);

        if (j->rotation == 1) {
            re = negate(f, re);
        } else {
            im = negate(f, im);
        }
        set(r, f, i, fpu_lane(&r->env, &add, get(r, j->rn, f, i), re, 0));
        set(r, f, i + 1,
            fpu_lane(&r->env, &add, get(r, j->rn, f, i + 1), im, 0));
    }
}

static void complex_mla(Run *r)
{
    const FpuJob *j = &r->job;
    SfFormat f = j->format;

    for (unsigned i = 0; i < j->lanes; i += 2) {
        unsigned at = j->index == FPU_NO_INDEX ? i : j->index * 2;
        uint64_t m[2] = {get(r, j->rm, f, at), get(r, j->rm, f, at + 1)};
        bool turned = j->rotation & 1;
        uint64_t n = get(r, j->rn, f, i + turned);
        uint64_t re = m[turned], im = m[!turned];

        if (j->rotation == 1 || j->rotation == 2) {
            re = negate(f, re);
        }
        if (j->rotation >= 2) {
            im = negate(f, im);
        }
        set(r, f, i, fpu_fma(&r->env, f, n, re, get(r, j->ra, f, i)));
        set(r, f, i + 1, fpu_fma(&r->env, f, n, im, get(r, j->ra, f, i + 1)));
    }
}

/* ---- products of halves as singles ---- */

/* Exact; a NaN stays signalling. */
static uint64_t widen_half(FpuEnv *env, uint64_t v)
{
    SfStatus st = {0};

    v = fpu_input(env, SF_F16, v);
    if (sf_is_nan(SF_F16, v)) {
        return fpu_sign(SF_F16, v) << 16 | fpu_infinity(SF_F32) |
               bits_get(v, 0, 10) << 13;
    }
    return sf_convert(SF_F16, SF_F32, v, &st);
}

static void halves(Run *r)
{
    const FpuJob *j = &r->job;
    unsigned first = j->rotation ? j->lanes : 0;

    for (unsigned i = 0; i < j->lanes; i++) {
        unsigned at = j->index == FPU_NO_INDEX ? first + i : j->index;
        uint64_t n = get(r, j->rn, SF_F16, first + i);
        uint64_t m = get(r, j->rm, SF_F16, at);

        if (j->op == FPU_MLSL) {
            n = negate(SF_F16, n);
        }
        set(r, SF_F32, i,
            fpu_fma(&r->env, SF_F32, widen_half(&r->env, n),
                    widen_half(&r->env, m), get(r, j->ra, SF_F32, i)));
    }
}

uint64_t arm_helper_fpu(void *state, uint64_t a, uint64_t b, uint64_t c,
                        uint64_t imm)
{
    Run r = {.cpu = state, .job = unpack(a)};

    r.env = fpu_begin(r.cpu, r.job.round);
    if (r.job.op == FPU_CADD) {
        complex_add(&r);
    } else if (r.job.op == FPU_CMLA) {
        complex_mla(&r);
    } else if (r.job.op == FPU_MLAL || r.job.op == FPU_MLSL) {
        halves(&r);
    } else if (r.job.form == FPU_PAIRS) {
        pairs(&r);
    } else if (r.job.form == FPU_ACROSS) {
        set(&r, r.job.format, 0, across(&r, 0, r.job.lanes));
    } else {
        lanes(&r);
    }
    r.cpu->v[r.job.rd] = r.out;
    fpu_finish(r.cpu, &r.env);
    return 0;
}

/* NZCV of a compare; imm: format, 4: signalling. */
uint64_t arm_helper_fpu_compare(void *state, uint64_t a, uint64_t b, uint64_t c,
                                uint64_t imm)
{
    enum { LESS = 8, EQUAL = 6, GREATER = 2, UNORDERED = 3 };
    SfFormat f = (SfFormat)(imm & 3);
    FpuEnv env = fpu_begin(state, IR_RM_DYN);
    bool le, ge;

    a = fpu_input(&env, f, a & bits_mask(fpu_bits(f)));
    b = fpu_input(&env, f, b & bits_mask(fpu_bits(f)));
    if (imm & 4) {
        le = sf_le(f, a, b, &env.st);
        ge = sf_le(f, b, a, &env.st);
    } else {
        le = sf_le_quiet(f, a, b, &env.st);
        ge = sf_le_quiet(f, b, a, &env.st);
    }
    fpu_finish(state, &env);
    return le && ge ? EQUAL : le ? LESS : ge ? GREATER : UNORDERED;
}
