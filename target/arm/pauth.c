/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/pauth.c - pointer authentication codes.
 * Spec: DDI 0487 D8.10, J1.3 (AddPAC, Auth, Strip).
 * The algorithm is implementation defined (ID_AA64ISAR1_EL1.API): a hash of
 * pointer, modifier and key that is quick and has no cryptographic worth. */
#include "target/arm/pauth.h"

#include "target/arm/bits.h"
#include "target/arm/excp.h"
#include "target/arm/helper.h"
#include "target/arm/mmu.h"
#include "util/bits.h"

/* Where a pointer has its code: from bottom to bit 54, and in the top byte
 * unless that is a tag. Bit 55 says which half of the address space. */
typedef struct {
    bool tagged;
    unsigned bottom;
    uint64_t mask;
} Layout;

static bool has_halves(ArmRegime r)
{
    return r == REGIME_E10 || r == REGIME_E20;
}

static bool is_tagged(uint64_t tcr, bool halves, bool high, bool data)
{
    uint64_t tbi = !halves ? TCR1_TBI : high ? TCR_TBI1 : TCR_TBI0;
    uint64_t tbid = !halves ? TCR1_TBID : high ? TCR_TBID1 : TCR_TBID0;

    return (tcr & tbi) && (data || !(tcr & tbid));
}

static unsigned bottom_bit(const Arm *cpu, uint64_t tcr, bool upper)
{
    unsigned least = arm_has(cpu, FEAT_LVA) ? 12 : 16;
    unsigned most = arm_has(cpu, FEAT_TTST) ? 48 : 39;
    unsigned size = tcr >> (upper ? 16 : 0) & 0x3f;

    return 64 - CLAMP(size, least, most);
}

/* high: bit 55, which decides about the tag; upper: the half whose size
 * counts. */
static Layout layout(const Arm *cpu, bool high, bool upper, bool data)
{
    ArmRegime r = arm_regime(cpu, arm_el(cpu));
    uint64_t tcr = arm_tcr(cpu, r);
    bool halves = has_halves(r);
    Layout l = {.tagged = is_tagged(tcr, halves, high, data)};

    l.bottom = bottom_bit(cpu, tcr, halves && upper);
    l.mask = bits_mask(55) & ~bits_mask(l.bottom);
    l.mask |= l.tagged ? 0 : ~bits_mask(56);
    return l;
}

uint64_t arm_pauth_mask(const Arm *cpu, bool code, bool high)
{
    return layout(cpu, high, high, !code).mask;
}

/* The pointer without code: bit select in its place. */
static uint64_t plain(const Layout *l, uint64_t ptr, bool select)
{
    uint64_t field = l->mask | BIT(55);

    return (ptr & ~field) | (select ? field : 0);
}

static uint64_t hash(const Arm *cpu, uint64_t ptr, uint64_t modifier,
                     unsigned key)
{
    const uint64_t *k = &cpu->sr[SR_APIAKEYLO_EL1 + 2 * key];
    uint64_t x = (ptr ^ k[0]) * UINT64_C(0xd6e8feb86659fd93);

    x = (x ^ x >> 32 ^ modifier ^ k[1]) * UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
    return x ^ x >> 32;
}

static bool is_data(unsigned key)
{
    return key == PAUTH_DA || key == PAUTH_DB;
}

/* Which half a pointer means that is to be signed: bit 55 where tags are in
 * use at all. */
static bool half_of(const Arm *cpu, uint64_t ptr, bool data)
{
    ArmRegime r = arm_regime(cpu, arm_el(cpu));
    uint64_t tcr = arm_tcr(cpu, r);
    bool any = is_tagged(tcr, has_halves(r), false, data) ||
               (has_halves(r) && is_tagged(tcr, true, true, data));

    return ptr >> (any ? 55 : 63) & 1;
}

static uint64_t add_code(const Arm *cpu, uint64_t ptr, uint64_t modifier,
                         unsigned key)
{
    bool data = is_data(key), select = half_of(cpu, ptr, data);
    Layout l = layout(cpu, ptr >> 55 & 1, select, data);
    uint64_t base = plain(&l, ptr, select);
    uint64_t code = hash(cpu, base, modifier, key);
    uint64_t field = l.mask | BIT(55), present = ptr & field;

    if (present != 0 && present != field) { /* not an address: never valid */
        code ^= BIT(l.tagged ? 54 : 62);
    }
    return (base & ~l.mask) | (code & l.mask);
}

static uint64_t check_code(const Arm *cpu, uint64_t ptr, uint64_t modifier,
                           unsigned key)
{
    bool select = ptr >> 55 & 1;
    Layout l = layout(cpu, select, select, is_data(key));
    uint64_t base = plain(&l, ptr, select);
    unsigned error_bit = l.tagged ? 53 : 61;
    uint64_t error = key & 1 ? 2 : 1;

    if (((hash(cpu, base, modifier, key) ^ ptr) & l.mask) == 0) {
        return base;
    }
    return bits_set(base, error_bit, 2, error);
}

uint64_t arm_helper_pac(void *state, uint64_t a, uint64_t b, uint64_t c,
                        uint64_t imm)
{
    if (imm == PAUTH_GA) {
        return hash(state, a, b, PAUTH_GA) & ~bits_mask(32);
    }
    return add_code(state, a, b, (unsigned)imm);
}

uint64_t arm_helper_aut(void *state, uint64_t a, uint64_t b, uint64_t c,
                        uint64_t imm)
{
    return check_code(state, a, b, (unsigned)imm);
}

uint64_t arm_helper_xpac(void *state, uint64_t a, uint64_t b, uint64_t c,
                         uint64_t imm)
{
    bool select = a >> 55 & 1;
    Layout l = layout(state, select, select, imm);

    return plain(&l, a, select);
}

/* HCR_EL2.API and SCR_EL3.API let the instructions of lower levels through. */
uint64_t arm_helper_pauth_trap(void *state, uint64_t a, uint64_t b, uint64_t c,
                               uint64_t imm)
{
    Arm *cpu = state;
    bool below = arm_el(cpu) < 2 && arm_el2_enabled(cpu) && !arm_is_host(cpu);
    bool to_el2 = below && !(cpu->sr[SR_HCR_EL2] & HCR_API);
    bool to_el3 = cpu->config.has_el3 && arm_el(cpu) < 3 &&
                  !(cpu->sr[SR_SCR_EL3] & SCR_API);

    if (to_el2 || to_el3) {
        arm_record(cpu, SYNDROME(EC_PAUTH, 0), 0);
    }
    return 0;
}
