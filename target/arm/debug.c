/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/debug.c - self-hosted debug. The engine watches addresses for the
 * guest (core/debug.h); whether one that is met counts is decided here: level,
 * security state, linked context.
 * Spec: DDI 0487 K.a, D2.3 (enabling), D2.4 (routing), D2.8 (breakpoints),
 * D2.10 (watchpoints), D2.12 (software step). Left out: breakpoints that match
 * a context alone, at whatever address. */
#include "target/arm/debug.h"

#include "target/arm/bits.h"
#include "target/arm/excp.h"
#include "target/arm/helper.h"
#include "target/arm/mmu.h"
#include "util/bits.h"
#include "util/log.h"

static const uint16_t bvr[] = {
    SR_DBGBVR0_EL1, SR_DBGBVR1_EL1, SR_DBGBVR2_EL1,
    SR_DBGBVR3_EL1, SR_DBGBVR4_EL1, SR_DBGBVR5_EL1,
};
static const uint16_t bcr[] = {
    SR_DBGBCR0_EL1, SR_DBGBCR1_EL1, SR_DBGBCR2_EL1,
    SR_DBGBCR3_EL1, SR_DBGBCR4_EL1, SR_DBGBCR5_EL1,
};
static const uint16_t wvr[] = {
    SR_DBGWVR0_EL1,
    SR_DBGWVR1_EL1,
    SR_DBGWVR2_EL1,
    SR_DBGWVR3_EL1,
};
static const uint16_t wcr[] = {
    SR_DBGWCR0_EL1,
    SR_DBGWCR1_EL1,
    SR_DBGWCR2_EL1,
    SR_DBGWCR3_EL1,
};

G_STATIC_ASSERT(G_N_ELEMENTS(bvr) == N_BREAKPOINTS);
G_STATIC_ASSERT(G_N_ELEMENTS(wvr) == N_WATCHPOINTS);

/* ---- enabling, routing -------------------------------------------------- */

unsigned arm_debug_level(const Arm *cpu)
{
    bool el2 = arm_el2_enabled(cpu) &&
               ((arm_hcr(cpu) & HCR_TGE) || (cpu->sr[SR_MDCR_EL2] & MDCR_TDE));

    return el2 ? 2 : 1;
}

static bool is_locked(const Arm *cpu)
{
    return (cpu->sr[SR_OSLSR_EL1] & OSLSR_OSLK) ||
           (cpu->sr[SR_OSDLR_EL1] & OSDLR_DLK);
}

bool arm_debug_is_on(const Arm *cpu)
{
    unsigned el = arm_el(cpu), to = arm_debug_level(cpu);

    if (is_locked(cpu) ||
        (arm_is_secure(cpu) && (cpu->sr[SR_MDCR_EL3] & MDCR_SDD))) {
        return false;
    }
    return el < to || (el == to && (cpu->sr[SR_MDSCR_EL1] & MDSCR_KDE) &&
                       !(cpu->pstate & PSTATE_D));
}

/* ---- matching ----------------------------------------------------------- */

/* Fields that DBGBCR and DBGWCR have at the same places. */
typedef struct {
    unsigned privileged, hmc, security, link;
} Control;

static Control control_of(uint64_t word)
{
    return (Control){
        .privileged = bits_get(word, 1, 2),
        .hmc = bits_get(word, 13, 1),
        .security = bits_get(word, 14, 2),
        .link = bits_get(word, 16, 4),
    };
}

/* DBGBCR.BT, without the bit that says linked. */
enum {
    BT_LINKED = 1,
    BT_ADDRESS = 0,
    BT_CONTEXT = 2,
    BT_CONTEXT_EL1 = 6,
    BT_VMID = 8,
    BT_VMID_CONTEXT = 10,
    BT_CONTEXT_EL2 = 12,
    BT_BOTH_CONTEXTS = 14,
};

static unsigned type_of(const Arm *cpu, unsigned n)
{
    return bits_get(cpu->sr[bcr[n]], 20, 4);
}

static bool vmid_matches(const Arm *cpu, uint64_t value)
{
    bool wide = (cpu->sr[SR_VTCR_EL2] & VTCR_VS) && arm_has(cpu, FEAT_VMID16);
    unsigned bits = wide ? 16 : 8;

    return arm_el2_enabled(cpu) && !arm_is_host(cpu) &&
           bits_get(cpu->sr[SR_VTTBR_EL2], 48, bits) ==
               bits_get(value, 32, bits);
}

/* What breakpoint n says of the context. */
static bool context_matches(const Arm *cpu, unsigned n)
{
    uint64_t value = cpu->sr[bvr[n]];
    uint32_t low = (uint32_t)value;
    bool below = arm_el(cpu) < 2, host = arm_is_host(cpu);
    bool el1 = low == (uint32_t)cpu->sr[SR_CONTEXTIDR_EL1];
    bool el2 = arm_el2_enabled(cpu) &&
               value >> 32 == (uint32_t)cpu->sr[SR_CONTEXTIDR_EL2];

    switch (type_of(cpu, n) & ~(unsigned)BT_LINKED) {
    case BT_CONTEXT:
        return host ? low == (uint32_t)cpu->sr[SR_CONTEXTIDR_EL2]
                    : below && el1;
    case BT_CONTEXT_EL1:
        return below && !host && el1;
    case BT_VMID:
        return below && vmid_matches(cpu, value);
    case BT_VMID_CONTEXT:
        return below && el1 && vmid_matches(cpu, value);
    case BT_CONTEXT_EL2:
        return el2;
    case BT_BOTH_CONTEXTS:
        return below && !host && el1 && el2;
    default:
        return false;
    }
}

static bool link_matches(const Arm *cpu, unsigned n)
{
    return n >= N_BREAKPOINTS - N_CONTEXT_BREAKPOINTS && n < N_BREAKPOINTS &&
           (cpu->sr[bcr[n]] & 1) && (type_of(cpu, n) & BT_LINKED) &&
           context_matches(cpu, n);
}

static bool level_matches(const Arm *cpu, const Control *c, unsigned el)
{
    switch (el) {
    case 0:
    case 1:
        return c->privileged >> (el == 0 ? 1 : 0) & 1;
    case 2:
        return c->security == 3 ||
               (c->hmc && !(c->security == 2 && c->privileged == 0));
    default:
        return c->hmc && !(c->security & 1);
    }
}

static bool security_matches(const Arm *cpu, const Control *c)
{
    switch (c->security) {
    case 0:
        return true;
    case 1:
        return !arm_is_secure(cpu);
    case 2:
        return arm_is_secure(cpu);
    default:
        return c->hmc || arm_is_secure(cpu);
    }
}

/* A linked one has the number of the other, too. */
static bool state_matches(const Arm *cpu, uint64_t word, bool linked,
                          unsigned el)
{
    Control c = control_of(word);

    return level_matches(cpu, &c, el) && security_matches(cpu, &c) &&
           (!linked || link_matches(cpu, c.link));
}

/* ---- addresses ---------------------------------------------------------- */

/* The bits above an address are copies of its highest (RESS). */
static Gva address_of(const Arm *cpu, uint64_t value)
{
    unsigned bits = arm_has(cpu, FEAT_LVA) ? 53 : 49;

    return (Gva)bits_sext(value, bits) & ~UINT64_C(3);
}

static bool is_breakpoint(const Arm *cpu, unsigned n)
{
    return (cpu->sr[bcr[n]] & 1) && type_of(cpu, n) <= BT_LINKED;
}

static bool has_address(const Arm *cpu, unsigned n, Gva va)
{
    return is_breakpoint(cpu, n) && address_of(cpu, cpu->sr[bvr[n]]) == va;
}

/* The bytes watchpoint n is about: a power of two of them, or some of a
 * doubleword. False: none. */
static bool watched_range(const Arm *cpu, unsigned n, DebugPoint *out)
{
    uint64_t word = cpu->sr[wcr[n]];
    unsigned mask = bits_get(word, 24, 5), bytes = bits_get(word, 5, 8);
    unsigned kind = bits_get(word, 3, 2);
    Gva base = address_of(cpu, cpu->sr[wvr[n]]);

    if (base & 4) { /* a word: the upper half does not count */
        bytes &= 15;
    }
    if (!(word & 1) || bytes == 0 || kind == 0) {
        return false;
    }
    if (mask > 2) {
        out->first = base & ~bits_mask(mask);
        out->last = base | bits_mask(mask);
    } else {
        out->first = base + (unsigned)__builtin_ctz(bytes);
        out->last = base + 31 - (unsigned)__builtin_clz(bytes);
    }
    out->kinds = (kind & 1 ? DEBUG_READ : 0) | (kind & 2 ? DEBUG_WRITE : 0);
    return true;
}

void arm_debug_update(Arm *cpu)
{
    bool on = (cpu->sr[SR_MDSCR_EL1] & MDSCR_MDE) && !is_locked(cpu);
    DebugPoint points[N_BREAKPOINTS + N_WATCHPOINTS];
    unsigned n = 0;

    memset(points, 0, sizeof(points));
    for (unsigned i = 0; on && i < N_BREAKPOINTS; i++) {
        if (is_breakpoint(cpu, i)) {
            Gva va = address_of(cpu, cpu->sr[bvr[i]]);

            points[n++] = (DebugPoint){va, va, DEBUG_EXEC};
        } else if (cpu->sr[bcr[i]] & 1 && !(type_of(cpu, i) & BT_LINKED)) {
            guest_log(LOG_UNIMP,
                      "cpu %u: breakpoint %u on a context alone: not there\n",
                      cpu->vcpu.index, i);
        }
    }
    for (unsigned i = 0; on && i < N_WATCHPOINTS; i++) {
        n += watched_range(cpu, i, &points[n]);
    }
    if (cpu->vcpu.engine == NULL || cpu->vcpu.engine->set_points == NULL ||
        (n == cpu->n_points &&
         memcmp(points, cpu->points, n * sizeof(*points)) == 0)) {
        return;
    }
    memcpy(cpu->points, points, sizeof(points));
    cpu->n_points = n;
    cpu->vcpu.engine->set_points(&cpu->vcpu, DEBUG_GUEST, points, n);
}

/* ---- hits --------------------------------------------------------------- */

enum {
    STATUS_DEBUG = 0x22,
    ISS_WNR = 1 << 6,
    ISS_CM = 1 << 8,
    STEP_ISV = 1 << 24,
    STEP_EX = 1 << 6,
};

static bool breakpoint_hit(Arm *cpu, Gva va)
{
    if (arm_step_active(cpu) && !(cpu->pstate & PSTATE_SS)) {
        return false; /* the step comes first */
    }
    for (unsigned n = 0; n < N_BREAKPOINTS; n++) {
        if (has_address(cpu, n, va) &&
            state_matches(cpu, cpu->sr[bcr[n]], type_of(cpu, n) & BT_LINKED,
                          arm_el(cpu))) {
            arm_record(cpu, SYNDROME(EC_BREAKPOINT, STATUS_DEBUG), 0);
            return true;
        }
    }
    return false;
}

static bool watchpoint_hit(Arm *cpu, unsigned kind, Gva va, unsigned size,
                           MemAccess access)
{
    bool write = kind == DEBUG_WRITE;
    bool alt = access == MEM_READ_ALT || access == MEM_WRITE_ALT;
    unsigned el = alt && !(cpu->pstate & PSTATE_UAO) ? 0 : arm_el(cpu);
    Gva first = (Gva)bits_sext(va, 56), last = first + size - 1;
    uint32_t iss = STATUS_DEBUG | (write ? ISS_WNR : 0);

    if (cpu->cache_op && !write) {
        return false;
    }
    for (unsigned n = 0; n < N_WATCHPOINTS; n++) {
        uint64_t word = cpu->sr[wcr[n]];
        DebugPoint p;

        if (watched_range(cpu, n, &p) && (p.kinds & kind) && p.first <= last &&
            first <= p.last && state_matches(cpu, word, word >> 20 & 1, el)) {
            arm_record(
                cpu,
                SYNDROME(EC_WATCHPOINT, iss | (cpu->cache_op ? ISS_CM : 0)),
                p.first > first ? va + (p.first - first) : va);
            return true;
        }
    }
    return false;
}

/* What aborts does not get as far. */
bool arm_debug_hit(Vcpu *v, unsigned kind, Gva va, unsigned size,
                   MemAccess access)
{
    Arm *cpu = (Arm *)v;
    PageInfo page;

    if (!(cpu->sr[SR_MDSCR_EL1] & MDSCR_MDE) || !arm_debug_is_on(cpu) ||
        !arm_find_page(v, va, access, true, &page)) {
        return false;
    }
    return kind == DEBUG_EXEC ? breakpoint_hit(cpu, va)
                              : watchpoint_hit(cpu, kind, va, size, access);
}

/* ---- software step ------------------------------------------------------ */

bool arm_step_active(const Arm *cpu)
{
    return (cpu->sr[SR_MDSCR_EL1] & MDSCR_SS) && arm_debug_is_on(cpu);
}

void arm_stepped(Arm *cpu)
{
    if (arm_step_active(cpu) && (cpu->pstate & PSTATE_SS)) {
        cpu->pstate &= ~PSTATE_SS;
        cpu->vcpu.engine->context_changed(&cpu->vcpu);
    }
}

uint64_t arm_helper_step(void *state, uint64_t a, uint64_t b, uint64_t c,
                         uint64_t imm)
{
    Arm *cpu = state;
    uint32_t iss = STATUS_DEBUG;

    if (imm != STEP_NOW) {
        iss |= STEP_ISV | (imm == STEP_EXCLUSIVE ? STEP_EX : 0);
    }
    cpu->pstate &= ~PSTATE_SS;
    arm_raise(cpu, SYNDROME(EC_STEP, iss), 0);
    return 0;
}
