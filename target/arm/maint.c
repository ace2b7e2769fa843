/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/maint.c - maintenance of TLBs and caches, address translation by
 * instruction. Translated code follows stores and memory has one copy, so cache
 * maintenance only finds out whether its address is there.
 * Spec: DDI 0487 K.a, C5.4, C5.5, D8.14. */
#include <string.h>

#include "target/arm/bits.h"
#include "target/arm/excp.h"
#include "target/arm/helper.h"
#include "target/arm/mmu.h"
#include "target/arm/sysreg.h"
#include "target/arm/walk.h"
#include "util/bits.h"

enum { MAX_RANGE_PAGES = 256 }; /* flushed one by one */

static unsigned op1_of(uint64_t number)
{
    return number >> 11 & 7;
}

static unsigned crm_of(uint64_t number)
{
    return number >> 3 & 15;
}

static unsigned op2_of(uint64_t number)
{
    return number & 7;
}

static void undefined(Arm *cpu)
{
    arm_record(cpu, SYNDROME_UNKNOWN, 0);
}

static void trap_to(Arm *cpu, unsigned el, uint64_t iss)
{
    arm_record_to(cpu, el, SYNDROME(EC_SYSREG, (uint32_t)iss), 0);
}

/* Operations with this op1 are there at the present level. */
static bool is_allowed(const Arm *cpu, unsigned op1)
{
    static const uint8_t least[8] = {1, 1, 1, 0, 2, 9, 3, 9};

    return arm_el(cpu) >= least[op1] && (op1 != 4 || cpu->config.has_el2);
}

/* ---- TLB ---------------------------------------------------------------- */

typedef enum { SHARE_NONE, SHARE_INNER, SHARE_OUTER } Share;

static void flush(Arm *cpu, Share share, bool all_pages, Gva va, int asid)
{
    Vcpu *v = &cpu->vcpu;

    v->engine->tlb_flush(v, all_pages, va, asid);
    if (share != SHARE_NONE) {
        v->engine->tlb_flush_others(v, all_pages, va, asid);
        cpu->must_sync = true;
    }
}

/* Pages of one address space, and global ones. */
static void flush_page(Arm *cpu, Share share, Gva va, int asid)
{
    flush(cpu, share, false, va, asid);
    if (asid >= 0) {
        flush(cpu, share, false, va, FLUSH_GLOBAL);
    }
}

/* The regime that operations with this op1 are about (D8.14.5). */
static ArmRegime regime_of(const Arm *cpu, unsigned op1)
{
    switch (op1) {
    case 0:
        return arm_el(cpu) == 2 && arm_is_host(cpu) ? REGIME_E20 : REGIME_E10;
    case 4:
        return cpu->sr[SR_HCR_EL2] & HCR_E2H ? REGIME_E20 : REGIME_E2;
    default:
        return REGIME_E3;
    }
}

/* An all-space form: op2 3 and 7. */
static int asid_of(const Arm *cpu, ArmRegime r, unsigned op2, uint64_t value)
{
    return op2 == 3 || op2 == 7 ? FLUSH_ALL : arm_asid(cpu, r, value);
}

static void flush_by_range(Arm *cpu, Share share, ArmRegime r, unsigned op2,
                           uint64_t value)
{
    static const uint8_t granules[] = {0, 12, 14, 16};
    unsigned granule = granules[bits_get(value, 46, 2)];
    uint64_t pages = (bits_get(value, 39, 5) + 1)
                     << (5 * bits_get(value, 44, 2) + 1);
    bool ds = (r == REGIME_E10 || r == REGIME_E20) &&
              (arm_tcr(cpu, r) & TCR_DS) && arm_has(cpu, FEAT_LPA2);
    Gva va = (Gva)bits_sext(value, 37) << (ds ? 16 : granule);

    if (granule == 0) {
        return; /* reserved: nothing happens */
    }
    if (pages > MAX_RANGE_PAGES) {
        flush(cpu, share, true, 0, FLUSH_ALL);
        return;
    }
    for (uint64_t i = 0; i < pages; i++) {
        flush_page(cpu, share, va + (i << granule),
                   asid_of(cpu, r, op2, value));
    }
}

static void flush_by_kind(Arm *cpu, Share share, ArmRegime r, unsigned op2,
                          uint64_t value)
{
    switch (op2) {
    case 1:
    case 3:
    case 5:
    case 7:
        flush_page(cpu, share, (Gva)bits_sext(value, 44) << 12,
                   asid_of(cpu, r, op2, value));
        break;
    case 2:
        flush(cpu, share, true, 0, arm_asid(cpu, r, value));
        break;
    default: /* a whole regime or machine */
        flush(cpu, share, true, 0, FLUSH_ALL);
        break;
    }
}

/* How the forms are arranged over CRm: an entry or a range, heard where.
 * CRm 0 and 4 are about stage 2, which is not kept apart from stage 1. */
static const struct {
    bool known, range;
    uint8_t share;
} tlb_forms[16] = {
    [0] = {true, false, SHARE_INNER}, [1] = {true, false, SHARE_OUTER},
    [2] = {true, true, SHARE_INNER},  [3] = {true, false, SHARE_INNER},
    [4] = {true, false, SHARE_OUTER}, [5] = {true, true, SHARE_OUTER},
    [6] = {true, true, SHARE_NONE},   [7] = {true, false, SHARE_NONE},
};

static bool tlbi_exists(const Arm *cpu, uint64_t number)
{
    unsigned crm = crm_of(number), op1 = op1_of(number), op2 = op2_of(number);
    bool stage2 = crm == 0 || crm == 4;
    bool range = tlb_forms[crm].range ||
                 (stage2 && (op2 == 2 || op2 == 6 || op2 == 3 || op2 == 7));
    bool outer = tlb_forms[crm].share == SHARE_OUTER && !stage2;

    if (!tlb_forms[crm].known || (op1 != 0 && op1 != 4 && op1 != 6) ||
        (stage2 && op1 != 4)) {
        return false;
    }
    return (!range || arm_has(cpu, FEAT_TLBIRANGE)) &&
           (!outer || arm_has(cpu, FEAT_TLBIOS));
}

static bool tlbi_is_trapped(const Arm *cpu, Share share)
{
    uint64_t bits = HCR_TTLB;

    bits |= share == SHARE_INNER ? HCR_TTLBIS : 0;
    bits |= share == SHARE_OUTER ? HCR_TTLBOS : 0;
    return arm_el(cpu) == 1 && (arm_hcr(cpu) & bits);
}

uint64_t arm_helper_tlbi(void *state, uint64_t a, uint64_t b, uint64_t c,
                         uint64_t imm)
{
    Arm *cpu = state;
    unsigned crm = crm_of(imm), op1 = op1_of(imm);
    Share share = tlb_forms[crm].share;
    ArmRegime r = regime_of(cpu, op1);

    if (!is_allowed(cpu, op1) || !tlbi_exists(cpu, imm)) {
        undefined(cpu);
        return 0;
    }
    if (tlbi_is_trapped(cpu, share)) {
        trap_to(cpu, 2, b);
        return 0;
    }
    if (arm_el(cpu) == 1 && (arm_hcr(cpu) & HCR_FB)) {
        share = SHARE_INNER;
    }
    if (crm == 0 || crm == 4) {
        flush(cpu, share, true, 0, FLUSH_ALL);
    } else if (tlb_forms[crm].range) {
        flush_by_range(cpu, share, r, op2_of(imm), a);
    } else {
        flush_by_kind(cpu, share, r, op2_of(imm), a);
    }
    return 0;
}

/* ---- address translation ------------------------------------------------ */

uint64_t arm_helper_at(void *state, uint64_t a, uint64_t b, uint64_t c,
                       uint64_t imm)
{
    Arm *cpu = state;
    unsigned op1 = op1_of(imm), op2 = op2_of(imm);
    bool pan = crm_of(imm) == 9;
    ArmAsk ask = {
        .regime = regime_of(cpu, op1),
        .write = op2 & 1,
        .el0 = op2 & 2,
        .only_stage1 = true,
    };

    if (!is_allowed(cpu, op1) || (op1 != 0 && op1 != 4 && op1 != 6) ||
        (op2 > 3 && op1 != 4) || (op1 != 0 && op2 < 4 && (op2 & 2)) ||
        (pan && (op1 != 0 || op2 > 1 || !arm_has(cpu, FEAT_PAN2)))) {
        undefined(cpu);
        return 0;
    }
    if (op1 == 4 && op2 > 3) { /* S12E1R ... */
        ask.regime = REGIME_E10;
        ask.only_stage1 = false;
    }
    ask.pan = pan && (cpu->pstate & PSTATE_PAN);
    arm_translate_at(cpu, &ask, a);
    return 0;
}

/* ---- caches ------------------------------------------------------------- */

typedef enum { CACHE_ALL, CACHE_READ, CACHE_WRITE } CacheKind;

typedef struct {
    uint16_t number; /* op1, CRm, op2 */
    uint8_t kind;
    uint8_t needs;
    uint64_t user; /* SCTLR bit that lets EL0 do it */
    uint64_t hcr;  /* traps EL0 and EL1 */
    bool code;     /* of instructions */
} CacheOp;

#define CACHE_NUMBER(op1, crm, op2) SYSREG_NUMBER(1, op1, 7, crm, op2)

enum { FEAT_ANY = N_FEATS };

/* clang-format off */
static const CacheOp cache_ops[] = {
    /* IC IALLUIS, IALLU, IVAU */
    {CACHE_NUMBER(0, 1, 0), CACHE_ALL, FEAT_ANY, 0, HCR_TPU | HCR_TICAB, true},
    {CACHE_NUMBER(0, 5, 0), CACHE_ALL, FEAT_ANY, 0, HCR_TPU | HCR_TOCU, true},
    {CACHE_NUMBER(3, 5, 1), CACHE_READ, FEAT_ANY, SCTLR_UCI, HCR_TPU | HCR_TOCU, true},
    /* DC IVAC, ISW, CSW, CISW */
    {CACHE_NUMBER(0, 6, 1), CACHE_WRITE, FEAT_ANY, 0, HCR_TPCP},
    {CACHE_NUMBER(0, 6, 2), CACHE_ALL, FEAT_ANY, 0, HCR_TSW},
    {CACHE_NUMBER(0, 10, 2), CACHE_ALL, FEAT_ANY, 0, HCR_TSW},
    {CACHE_NUMBER(0, 14, 2), CACHE_ALL, FEAT_ANY, 0, HCR_TSW},
    /* DC CVAC, CVAU, CVAP, CVADP, CIVAC */
    {CACHE_NUMBER(3, 10, 1), CACHE_READ, FEAT_ANY, SCTLR_UCI, HCR_TPCP},
    {CACHE_NUMBER(3, 11, 1), CACHE_READ, FEAT_ANY, SCTLR_UCI, HCR_TPU | HCR_TOCU},
    {CACHE_NUMBER(3, 12, 1), CACHE_READ, FEAT_DPB, SCTLR_UCI, HCR_TPCP},
    {CACHE_NUMBER(3, 13, 1), CACHE_READ, FEAT_DPB2, SCTLR_UCI, HCR_TPCP},
    {CACHE_NUMBER(3, 14, 1), CACHE_READ, FEAT_ANY, SCTLR_UCI, HCR_TPCP},
    /* DC CGVAC, CGDVAC, CGVAP, CGDVAP, CGVADP, CGDVADP, CIGVAC, CIGDVAC */
    {CACHE_NUMBER(3, 10, 3), CACHE_READ, FEAT_MTE, SCTLR_UCI, HCR_TPCP},
    {CACHE_NUMBER(3, 10, 5), CACHE_READ, FEAT_MTE, SCTLR_UCI, HCR_TPCP},
    {CACHE_NUMBER(3, 12, 3), CACHE_READ, FEAT_MTE, SCTLR_UCI, HCR_TPCP},
    {CACHE_NUMBER(3, 12, 5), CACHE_READ, FEAT_MTE, SCTLR_UCI, HCR_TPCP},
    {CACHE_NUMBER(3, 13, 3), CACHE_READ, FEAT_MTE, SCTLR_UCI, HCR_TPCP},
    {CACHE_NUMBER(3, 13, 5), CACHE_READ, FEAT_MTE, SCTLR_UCI, HCR_TPCP},
    {CACHE_NUMBER(3, 14, 3), CACHE_READ, FEAT_MTE, SCTLR_UCI, HCR_TPCP},
    {CACHE_NUMBER(3, 14, 5), CACHE_READ, FEAT_MTE, SCTLR_UCI, HCR_TPCP},
    /* CFP, DVP, CPP RCTX: there is no speculation to restrict */
    {CACHE_NUMBER(3, 3, 4), CACHE_ALL, FEAT_SPECRES, SCTLR_ENRCTX, 0},
    {CACHE_NUMBER(3, 3, 5), CACHE_ALL, FEAT_SPECRES, SCTLR_ENRCTX, 0},
    {CACHE_NUMBER(3, 3, 7), CACHE_ALL, FEAT_SPECRES, SCTLR_ENRCTX, 0},
};
/* clang-format on */

static const CacheOp *find_cache_op(const Arm *cpu, uint64_t number)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(cache_ops); i++) {
        const CacheOp *op = &cache_ops[i];

        if (op->number == number &&
            (op->needs == FEAT_ANY || arm_has(cpu, op->needs))) {
            return op;
        }
    }
    return NULL;
}

/* The level that keeps the operation to itself; 0: none. */
static unsigned keeper(const Arm *cpu, uint64_t user, uint64_t hcr)
{
    unsigned el = arm_el(cpu);
    bool host = arm_is_host(cpu);

    if (el == 0 && !(cpu->sr[host ? SR_SCTLR_EL2 : SR_SCTLR_EL1] & user)) {
        return arm_default_level(cpu);
    }
    return el < 2 && !host && (arm_hcr(cpu) & hcr) ? 2 : 0;
}

uint64_t arm_helper_cache(void *state, uint64_t a, uint64_t b, uint64_t c,
                          uint64_t imm)
{
    Arm *cpu = state;
    Vcpu *v = &cpu->vcpu;
    const CacheOp *op = find_cache_op(cpu, imm);
    bool fault = false;
    unsigned el;

    if (op == NULL || !is_allowed(cpu, op1_of(imm))) {
        undefined(cpu);
        return 0;
    }
    el = keeper(cpu, op->user, op->hcr);
    if (el != 0) {
        trap_to(cpu, el, b);
        return 0;
    }
    if (op->code) {
        v->engine->code_barrier(v);
    }
    if (op->kind != CACHE_ALL) {
        cpu->cache_op = true;
        v->engine->host_address(
            v, a, 1, op->kind == CACHE_WRITE ? MEM_WRITE : MEM_READ, &fault);
        cpu->cache_op = false;
    }
    return 0;
}

unsigned arm_may_zero(const Arm *cpu)
{
    return keeper(cpu, SCTLR_DZE, HCR_TDZ);
}

enum { DCZ_BYTES = 1 << DCZ_BITS };

/* op2: zeros, tags, both. There are no tags, but there may be faults. */
enum { DC_ZVA = 1, DC_GVA = 3, DC_GZVA = 4 };

uint64_t arm_helper_zero(void *state, uint64_t a, uint64_t b, uint64_t c,
                         uint64_t imm)
{
    Arm *cpu = state;
    Vcpu *v = &cpu->vcpu;
    unsigned el = arm_may_zero(cpu);
    bool fault = false;
    void *host;

    if (op1_of(imm) != 3 ||
        (op2_of(imm) != DC_ZVA && !arm_has(cpu, FEAT_MTE))) {
        undefined(cpu);
        return 0;
    }
    if (el != 0) {
        trap_to(cpu, el, b);
        return 0;
    }
    if (arm_data_is_device(cpu, arm_regime(cpu, arm_el(cpu)))) {
        arm_raise_misaligned(v, a, MEM_WRITE);
        return 0;
    }
    host = v->engine->host_address(v, a & -(Gva)DCZ_BYTES, DCZ_BYTES, MEM_WRITE,
                                   &fault);
    if (host != NULL) {
        if (op2_of(imm) != DC_GVA) {
            memset(host, 0, DCZ_BYTES);
            v->engine->wrote(v, a & -(Gva)DCZ_BYTES, host, DCZ_BYTES);
        }
    } else if (!fault) {
        arm_raise_misaligned(v, a, MEM_WRITE); /* of a device */
    }
    return 0;
}

uint64_t arm_helper_tag(void *state, uint64_t a, uint64_t b, uint64_t c,
                        uint64_t imm)
{
    enum { GRANULE = 16 };
    Vcpu *v = state;
    MemAccess access = imm == TAG_LOAD ? MEM_READ : MEM_WRITE;
    bool fault = false;

    if (imm != TAG_LOAD && a % GRANULE != 0) {
        arm_raise_misaligned(v, a, access);
        return 0;
    }
    a &= -(Gva)GRANULE;
    v->engine->host_address(v, a, GRANULE, access, &fault);
    if (imm == TAG_STORE_TWO && !fault) {
        v->engine->host_address(v, a + GRANULE, GRANULE, access, &fault);
    }
    return 0;
}
