/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/mmu.c - translation as the engine asks for it: which context a
 * CPU is in, what a page is, what an access that fails raises.
 * A space is everything that decides about a regime's translations; equal
 * spaces have equal numbers, so that going back to one finds its soft TLB.
 * Spec: DDI 0487 K.a, D8. */
#include "target/arm/mmu.h"

#include <inttypes.h>
#include <string.h>

#include "target/arm/bits.h"
#include "target/arm/debug.h"
#include "target/arm/excp.h"
#include "target/arm/syndrome.h"
#include "target/arm/walk.h"
#include "util/bits.h"
#include "util/log.h"

static bool is_secure_below(const Arm *cpu)
{
    return cpu->config.has_el3 && !(cpu->sr[SR_SCR_EL3] & SCR_NS);
}

bool arm_is_secure(const Arm *cpu)
{
    return cpu->config.has_el3 && (arm_el(cpu) == 3 || is_secure_below(cpu));
}

/* There is no FEAT_SEL2: EL2 is absent in secure state. */
bool arm_el2_below(const Arm *cpu)
{
    return cpu->config.has_el2 && !is_secure_below(cpu);
}

bool arm_el2_enabled(const Arm *cpu)
{
    return arm_el2_below(cpu);
}

uint64_t arm_hcr(const Arm *cpu)
{
    return arm_el2_enabled(cpu) ? cpu->sr[SR_HCR_EL2] : 0;
}

bool arm_is_host(const Arm *cpu)
{
    uint64_t host = HCR_E2H | HCR_TGE;

    return (arm_hcr(cpu) & host) == host;
}

bool arm_stage2_on(const Arm *cpu)
{
    return (arm_hcr(cpu) & (HCR_VM | HCR_DC)) && !arm_is_host(cpu);
}

ArmRegime arm_regime(const Arm *cpu, unsigned el)
{
    uint64_t hcr = arm_hcr(cpu);

    switch (el) {
    case 0:
        return arm_is_host(cpu) ? REGIME_E20 : REGIME_E10;
    case 1:
        return REGIME_E10;
    case 2:
        return hcr & HCR_E2H ? REGIME_E20 : REGIME_E2;
    default:
        return REGIME_E3;
    }
}

uint64_t arm_sctlr(const Arm *cpu, ArmRegime regime)
{
    return cpu->sr[regime == REGIME_E10  ? SR_SCTLR_EL1
                   : regime == REGIME_E3 ? SR_SCTLR_EL3
                                         : SR_SCTLR_EL2];
}

uint64_t arm_tcr(const Arm *cpu, ArmRegime regime)
{
    return cpu->sr[regime == REGIME_E10  ? SR_TCR_EL1
                   : regime == REGIME_E3 ? SR_TCR_EL3
                                         : SR_TCR_EL2];
}

/* ---- contexts ----------------------------------------------------------- */

enum { RULE_TCR, RULE_SCTLR, RULE_HCR, RULE_VTTBR, RULE_VTCR };

static void describe_domain(const Arm *cpu, ArmRegime r, uint64_t *rules)
{
    rules[RULE_TCR] = arm_tcr(cpu, r);
    rules[RULE_SCTLR] = (arm_sctlr(cpu, r) & (SCTLR_M | SCTLR_WXN)) |
                        (uint64_t)r << 60 | (uint64_t)arm_is_secure(cpu) << 62;
    if (r == REGIME_E10 && arm_stage2_on(cpu)) {
        rules[RULE_HCR] = arm_hcr(cpu) & (HCR_VM | HCR_DC | HCR_PTW);
        rules[RULE_VTTBR] = cpu->sr[SR_VTTBR_EL2];
        rules[RULE_VTCR] = cpu->sr[SR_VTCR_EL2];
    }
    if (r == REGIME_E10) {
        rules[RULE_HCR] |= arm_hcr(cpu) & HCR_TGE;
    }
}

static unsigned mix(uint64_t h)
{
    h ^= h >> 48 ^ h >> 24 ^ h >> 12;
    return (unsigned)(h ^ h >> 6);
}

/* A number that is given anew is one that the engine has nothing under, so
 * whatever a slot named before is forgotten in time. */
static uint32_t domain_number(Arm *cpu, ArmRegime r)
{
    uint64_t rules[5] = {0};
    ArmDomain *d;

    if (cpu->regime_domain[r] == 0) {
        describe_domain(cpu, r, rules);
        d = &cpu->domains[mix(rules[RULE_TCR] ^ rules[RULE_SCTLR] * 3 ^
                              rules[RULE_VTTBR] * 5 ^ rules[RULE_HCR] * 7) %
                          N_DOMAINS];
        if (d->id == 0 || memcmp(rules, d->rules, sizeof(rules)) != 0) {
            memcpy(d->rules, rules, sizeof(rules));
            d->id = ++cpu->last_domain;
        }
        cpu->regime_domain[r] = d->id;
    }
    return cpu->regime_domain[r];
}

/* Table bases with the ASID in use: the other register's, and CnP, say
 * nothing. */
static void read_ttbrs(const Arm *cpu, ArmRegime r, uint64_t *ttbr)
{
    uint64_t base = bits_mask(48) & ~UINT64_C(1);
    unsigned used = arm_tcr(cpu, r) & TCR_A1 ? 1 : 0;

    ttbr[1] = 0;
    switch (r) {
    case REGIME_E10:
        ttbr[0] = cpu->sr[SR_TTBR0_EL1];
        ttbr[1] = cpu->sr[SR_TTBR1_EL1];
        break;
    case REGIME_E20:
        ttbr[0] = cpu->sr[SR_TTBR0_EL2];
        ttbr[1] = cpu->sr[SR_TTBR1_EL2];
        break;
    case REGIME_E2:
        ttbr[0] = cpu->sr[SR_TTBR0_EL2] & base;
        return;
    case REGIME_E3:
        ttbr[0] = cpu->sr[SR_TTBR0_EL3] & base;
        return;
    }
    ttbr[used] &= ~UINT64_C(1);
    ttbr[!used] &= base;
}

static uint64_t space_number(Arm *cpu, ArmRegime r)
{
    ArmSpace s = {0}, *known;

    if (cpu->regime_space[r] == 0) {
        s.domain = domain_number(cpu, r);
        if (arm_sctlr(cpu, r) & SCTLR_M) {
            read_ttbrs(cpu, r, s.ttbr);
        }
        known = &cpu->spaces[mix(s.ttbr[0] ^ s.ttbr[1] * 3 ^ s.domain << 20) %
                             N_SPACES];
        if (known->id == 0 || known->domain != s.domain ||
            known->ttbr[0] != s.ttbr[0] || known->ttbr[1] != s.ttbr[1]) {
            s.id = ++cpu->last_space;
            *known = s;
        }
        cpu->regime_space[r] = known->id;
    }
    return cpu->regime_space[r];
}

void arm_mmu_changed(Arm *cpu)
{
    memset(cpu->regime_domain, 0, sizeof(cpu->regime_domain));
    arm_ttbr_changed(cpu);
}

void arm_ttbr_changed(Arm *cpu)
{
    memset(cpu->regime_space, 0, sizeof(cpu->regime_space));
    if (cpu->vcpu.engine) {
        cpu->vcpu.engine->context_changed(&cpu->vcpu);
    }
}

/* Two that go by one number are flushed together, which does no harm. */
enum { ASID_E2 = 0x7ffffffe, ASID_E3 = 0x7fffffff, ASID_E20 = 0x40000000 };

int32_t arm_asid(const Arm *cpu, ArmRegime r, uint64_t ttbr)
{
    uint64_t tcr = arm_tcr(cpu, r);
    int32_t asid = (int32_t)bits_get(ttbr, 48, tcr & TCR_AS ? 16 : 8);

    switch (r) {
    case REGIME_E10:
        if (arm_el2_enabled(cpu)) {
            asid |= (int32_t)bits_get(cpu->sr[SR_VTTBR_EL2], 48, 13) << 16;
        }
        return asid;
    case REGIME_E20:
        return asid | ASID_E20;
    case REGIME_E2:
        return ASID_E2;
    default:
        return ASID_E3;
    }
}

static int32_t current_asid(const Arm *cpu, ArmRegime r)
{
    uint64_t ttbr[2];

    read_ttbrs(cpu, r, ttbr);
    return arm_asid(cpu, r, ttbr[arm_tcr(cpu, r) & TCR_A1 ? 1 : 0]);
}

/* What else changes an access's rights. */
static uint32_t mode_of(const Arm *cpu, ArmRegime r, bool el0, bool pan)
{
    return (uint32_t)r | (el0 ? 1u << 2 : 0) | (pan && !el0 ? 1u << 3 : 0) |
           (arm_is_secure(cpu) ? 1u << 4 : 0);
}

uint32_t arm_tbi_flags(const Arm *cpu, ArmRegime r)
{
    uint64_t tcr = arm_tcr(cpu, r);

    if (r == REGIME_E10 || r == REGIME_E20) {
        return ((tcr & TCR_TBI0) && !(tcr & TCR_TBID0) ? FLAG_TBI_LOW : 0) |
               ((tcr & TCR_TBI1) && !(tcr & TCR_TBID1) ? FLAG_TBI_HIGH : 0);
    }
    return (tcr & TCR1_TBI) && !(tcr & TCR1_TBID) ? FLAG_TBI_LOW | FLAG_TBI_HIGH
                                                  : 0;
}

static uint32_t control_flags(const Arm *cpu, unsigned el, ArmRegime r)
{
    uint64_t sctlr = arm_sctlr(cpu, r);
    bool sp = el == 0 ? sctlr & SCTLR_SA0 : sctlr & SCTLR_SA;
    bool bt = el == 0 ? sctlr & SCTLR_BT0 : sctlr & SCTLR_BT1;
    uint32_t pauth =
        (sctlr & SCTLR_ENIA ? 1u : 0) | (sctlr & SCTLR_ENIB ? 2u : 0) |
        (sctlr & SCTLR_ENDA ? 4u : 0) | (sctlr & SCTLR_ENDB ? 8u : 0);

    return (sctlr & SCTLR_A || arm_data_is_device(cpu, r) ? FLAG_ALIGN : 0) |
           (sctlr & SCTLR_NAA && arm_has(cpu, FEAT_LSE2) ? FLAG_NAA : 0) |
           (sp ? FLAG_SP_ALIGN : 0) |
           (bt && arm_has(cpu, FEAT_BTI) ? FLAG_BT : 0) |
           pauth << FLAG_PAUTH_SHIFT;
}

#define FPCR_ODD (BIT_(24) | BIT_(1) | BIT_(0)) /* FZ, AH, FIZ */

static uint32_t block_flags(const Arm *cpu, unsigned el, ArmRegime r)
{
    uint64_t hcr = arm_hcr(cpu);
    uint32_t flags = (uint32_t)el << FLAG_EL_SHIFT | arm_tbi_flags(cpu, r) |
                     control_flags(cpu, el, r);

    flags |= arm_fp_trap(cpu) ? FLAG_FP_TRAP : 0;
    flags |= cpu->fpcr & FPCR_ODD ? FLAG_FP_ODD : 0;
    flags |= cpu->fpcr & BIT_(25) ? FLAG_FP_DN : 0;
    flags |= cpu->fpcr & BIT_(19) ? FLAG_FP_FZ16 : 0;
    flags |= cpu->pstate & PSTATE_IL ? FLAG_IL : 0;
    flags |= arm_is_secure(cpu) ? FLAG_SECURE : 0;
    flags |= el >= 2 && (hcr & HCR_E2H) ? FLAG_E2H : 0;
    flags |= el > 0 && !(cpu->pstate & PSTATE_SP) ? FLAG_SP0 : 0;
    if (arm_step_active(cpu)) {
        flags |= cpu->pstate & PSTATE_SS ? FLAG_STEP : FLAG_STEP_NOW;
    }
    if (!(cpu->pstate & PSTATE_UAO) &&
        (el == 1 || (el == 2 && arm_is_host(cpu)))) {
        flags |= FLAG_UNPRIV;
    }
    if (el == 1 && (hcr & (HCR_TVM | HCR_TRVM))) {
        flags |= FLAG_TRAPS;
    }
    return flags;
}

/* The bus is told of the security state here, because only this is sure to be
 * on the CPU's thread when it runs. */
static void tell_bus(const Arm *cpu)
{
    if (cpu->config.has_el3 && cpu->vcpu.thread == g_thread_self()) {
        bus_set_requester(
            (BusRequester){cpu->vcpu.index, BUS_NOBODY, arm_is_secure(cpu)});
    }
}

void arm_context(Vcpu *v, TargetContext *out)
{
    Arm *cpu = (Arm *)v;
    unsigned el = arm_el(cpu);
    ArmRegime r = arm_regime(cpu, el);

    tell_bus(cpu);
    out->space = space_number(cpu, r);
    out->domain = domain_number(cpu, r);
    out->mode = mode_of(cpu, r, el == 0, cpu->pstate & PSTATE_PAN);
    out->asid = current_asid(cpu, r);
    out->flags = block_flags(cpu, el, r);
    out->alt_mode =
        out->flags & FLAG_UNPRIV ? mode_of(cpu, r, true, false) : out->mode;
}

/* ---- pages -------------------------------------------------------------- */

static ArmAsk ask_now(const Arm *cpu, MemAccess access)
{
    unsigned el = arm_el(cpu);
    bool alt = access == MEM_READ_ALT || access == MEM_WRITE_ALT;

    return (ArmAsk){
        .regime = arm_regime(cpu, el),
        .el0 = el == 0 || (alt && !(cpu->pstate & PSTATE_UAO)),
        .pan = cpu->pstate & PSTATE_PAN,
        .write = access == MEM_WRITE || access == MEM_WRITE_ALT,
        .exec = access == MEM_EXEC,
        .look = access == MEM_LOOK,
    };
}

bool arm_find_page(Vcpu *v, Gva va, MemAccess access, bool probe, PageInfo *out)
{
    Arm *cpu = (Arm *)v;
    ArmAsk ask = ask_now(cpu, access);
    ArmFault fault = {0};
    ArmPage page;
    bool found = arm_walk(cpu, &ask, va, &page, &fault);

    if (log_enabled(LOG_MMU)) {
        log_printf(LOG_MMU,
                   "cpu %u: va 0x%" PRIx64 " access %d EL%u: %s 0x%" PRIx64
                   " prot %x bits %u\n",
                   v->index, va, access, arm_el(cpu), found ? "pa" : "fault",
                   found ? page.pa : arm_fault_status(&fault),
                   found ? page.prot : 0, found ? page.page_bits : 0);
    }
    if (!found) {
        if (!probe) {
            arm_record_abort(cpu, va, access, &fault);
        }
        return false;
    }
    *out = (PageInfo){
        .gpa = page.pa,
        .prot = page.prot,
        .page_bits = page.page_bits,
        .global = page.global,
        .block_flags =
            page.guarded && arm_has(cpu, FEAT_BTI) ? FLAG_GUARDED : 0,
    };
    return true;
}

/* ---- aborts ------------------------------------------------------------- */

enum {
    ISS_WNR = 1 << 6,
    ISS_S1PTW = 1 << 7,
    ISS_CM = 1 << 8,
};

static unsigned abort_level(const Arm *cpu, const ArmFault *f)
{
    bool external = f->kind == FAULT_EXTERNAL || f->kind == FAULT_WALK_EXTERNAL;

    if (external && cpu->config.has_el3 && (cpu->sr[SR_SCR_EL3] & SCR_EA)) {
        return 3;
    }
    return f->stage2 ? 2 : arm_default_level(cpu);
}

void arm_record_abort(Arm *cpu, Gva va, MemAccess access, const ArmFault *f)
{
    unsigned el = abort_level(cpu, f);
    bool is_write = access == MEM_WRITE || access == MEM_WRITE_ALT;
    unsigned ec = access == MEM_EXEC ? EC_INSN_ABORT : EC_DATA_ABORT;
    uint32_t iss = arm_fault_status(f) | (f->on_walk ? ISS_S1PTW : 0);

    if (access != MEM_EXEC) {
        iss |= is_write || cpu->cache_op ? ISS_WNR : 0;
        iss |= cpu->cache_op ? ISS_CM : 0;
        if (f->stage2 && !f->on_walk && !cpu->cache_op) {
            iss |= arm_access_syndrome(cpu);
        }
    }
    arm_record_to(cpu, el, SYNDROME(ec + (arm_el(cpu) == el), iss), va);
    cpu->pending.has_ipa = f->stage2;
    cpu->pending.ipa = f->ipa;
}

void arm_raise_bus_fault(Vcpu *v, Gva va, MemAccess access)
{
    arm_record_abort((Arm *)v, va, access, &(ArmFault){.kind = FAULT_EXTERNAL});
}

void arm_raise_misaligned(Vcpu *v, Gva va, MemAccess access)
{
    if (access == MEM_EXEC) {
        arm_record((Arm *)v, SYNDROME(EC_PC_ALIGNMENT, 0), va);
    } else {
        arm_record_abort((Arm *)v, va, access,
                         &(ArmFault){.kind = FAULT_ALIGNMENT});
    }
}

/* ---- AT ----------------------------------------------------------------- */

#define PAR_F    BIT(0)
#define PAR_PTW  BIT(8)
#define PAR_S    BIT(9)
#define PAR_RES1 BIT(11)
#define PAR_SH   (UINT64_C(3) << 7)

void arm_translate_at(Arm *cpu, const ArmAsk *ask, Gva va)
{
    ArmFault fault = {0};
    ArmPage page;
    uint64_t par;

    if (arm_walk(cpu, ask, va, &page, &fault)) {
        par = (page.pa & bits_mask(52) & ~bits_mask(12)) | PAR_RES1 | PAR_SH |
              (uint64_t)page.attr << 56;
    } else if (fault.stage2 && arm_el(cpu) < 2) {
        cpu->cache_op = true;
        arm_record_abort(cpu, va, MEM_READ, &fault);
        cpu->cache_op = false;
        return;
    } else {
        par = PAR_F | arm_fault_status(&fault) << 1 |
              (fault.on_walk ? PAR_PTW : 0) | (fault.stage2 ? PAR_S : 0) |
              PAR_RES1;
    }
    cpu->sr[SR_PAR_EL1] = par;
}
