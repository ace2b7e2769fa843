/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/walk.c - page-table walks. Both stages are one descent through
 * tables of one format; what differs is where they start, what a leaf's
 * attributes mean, and that stage 1's tables may lie behind stage 2.
 * Spec: DDI 0487 K.a, D8.2 (process), D8.3 (descriptors), D8.4 (permissions),
 * D8.5 (access flag, dirty state).
 * Left out: memory types and shareability, which no host cache needs. */
#include "target/arm/walk.h"

#include <stdatomic.h>

#include "target/arm/bits.h"
#include "util/bits.h"

#define DESC_VALID     BIT_(0)
#define DESC_TABLE     BIT_(1) /* at level 3: a page */
#define DESC_AP1       BIT_(6)
#define DESC_AP2       BIT_(7)
#define DESC_S2AP_R    BIT_(6)
#define DESC_S2AP_W    BIT_(7)
#define DESC_AF        BIT_(10)
#define DESC_NG        BIT_(11)
#define DESC_GP        BIT_(50)
#define DESC_DBM       BIT_(51)
#define DESC_PXN       BIT_(53)
#define DESC_UXN       BIT_(54)
#define DESC_PXN_TABLE BIT_(59)
#define DESC_UXN_TABLE BIT_(60)
#define DESC_AP0_TABLE BIT_(61)
#define DESC_AP1_TABLE BIT_(62)

/* One stage's tables and rules. */
typedef struct {
    uint64_t base;     /* of the first table */
    uint64_t input;    /* the address to translate */
    unsigned in_bits;  /* of it that count */
    unsigned granule;  /* log2 of the smallest page */
    unsigned out_bits; /* of output addresses */
    int level;         /* of the first table */
    bool wide;         /* 52-bit descriptors: DS, or 64 KiB granule with LPA */
    bool ds;           /* ... in the format of DS */
    bool af, dirty;    /* hardware updates flags */
    bool hpd;          /* table attributes do not count */
    bool big_endian;
} Stage;

typedef struct {
    Arm *cpu;
    const ArmAsk *ask;
    ArmFault *fault;
    uint64_t desc;
    Gpa at;         /* where it was read */
    uint64_t table; /* attributes collected on the way */
    bool nested;    /* tables are behind stage 2 ... */
    uint64_t ipa;   /* ... and at is this there */
} Walk;

static bool fail(Walk *w, ArmFaultKind kind, int level)
{
    *w->fault = (ArmFault){.kind = kind, .level = level};
    return false;
}

/* ---- parameters --------------------------------------------------------- */

static unsigned pa_bits(unsigned field)
{
    static const uint8_t bits[8] = {32, 36, 40, 42, 44, 48, 52, 52};

    return bits[field & 7];
}

static unsigned cpu_pa_bits(const Arm *cpu)
{
    return cpu->config.pa_bits;
}

static unsigned granule_0(uint64_t tcr)
{
    switch (bits_get(tcr, 14, 2)) {
    case 1:
        return 16;
    case 2:
        return 14;
    default:
        return 12;
    }
}

static unsigned granule_1(uint64_t tcr)
{
    switch (bits_get(tcr, 30, 2)) {
    case 1:
        return 14;
    case 3:
        return 16;
    default:
        return 12;
    }
}

static bool two_ranges(ArmRegime r)
{
    return r == REGIME_E10 || r == REGIME_E20;
}

static unsigned limit_size(const Arm *cpu, unsigned tsz, unsigned granule,
                           bool ds)
{
    unsigned most = arm_has(cpu, FEAT_TTST) ? 48 - (granule == 16) : 39;
    bool large = ds || (granule == 16 && arm_has(cpu, FEAT_LVA));
    unsigned least = large ? 12 : 16;

    return CLAMP(tsz, least, most);
}

static void set_first_level(Stage *s)
{
    unsigned stride = s->granule - 3;

    s->level = 3 - (int)((s->in_bits - s->granule - 1) / stride);
}

static uint64_t table_base(const Stage *s, uint64_t ttbr)
{
    unsigned stride = s->granule - 3;
    unsigned index_bits =
        s->in_bits - (s->granule + (unsigned)(3 - s->level) * stride);
    unsigned low = MAX(index_bits + 3, s->wide ? 6u : 4u);
    uint64_t base = bits_get(ttbr, 0, 48) & ~bits_mask(low);

    if (s->wide && s->out_bits > 48) {
        base |= bits_get(ttbr, 2, 4) << 48;
    }
    return base;
}

static bool stage1(const Arm *cpu, const ArmAsk *ask, Gva va, Stage *s)
{
    uint64_t tcr = arm_tcr(cpu, ask->regime);
    uint64_t sctlr = arm_sctlr(cpu, ask->regime);
    bool high = two_ranges(ask->regime) && (va >> 55 & 1);
    unsigned tsz = bits_get(tcr, high ? 16 : 0, 6);
    uint64_t ttbr;
    bool tbi, disabled = false;

    *s = (Stage){.big_endian = sctlr & SCTLR_EE};
    s->granule = high ? granule_1(tcr) : granule_0(tcr);
    if (two_ranges(ask->regime)) {
        ttbr = cpu->sr[ask->regime == REGIME_E20
                           ? (high ? SR_TTBR1_EL2 : SR_TTBR0_EL2)
                           : (high ? SR_TTBR1_EL1 : SR_TTBR0_EL1)];
        s->ds = tcr & TCR_DS;
        s->out_bits = pa_bits(bits_get(tcr, 32, 3));
        s->af = tcr & TCR_HA;
        s->dirty = tcr & TCR_HD;
        s->hpd = tcr & (high ? TCR_HPD1 : TCR_HPD0);
        tbi = tcr & (high ? TCR_TBI1 : TCR_TBI0);
        tbi &= !(ask->exec && (tcr & (high ? TCR_TBID1 : TCR_TBID0)));
        disabled = tcr & (high ? TCR_EPD1 : TCR_EPD0);
        disabled |= ask->el0 && (tcr & (high ? TCR_E0PD1 : TCR_E0PD0)) &&
                    arm_has(cpu, FEAT_E0PD);
    } else {
        ttbr = cpu->sr[ask->regime == REGIME_E3 ? SR_TTBR0_EL3 : SR_TTBR0_EL2];
        s->ds = tcr & TCR1_DS;
        s->out_bits = pa_bits(bits_get(tcr, 16, 3));
        s->af = tcr & TCR1_HA;
        s->dirty = tcr & TCR1_HD;
        s->hpd = tcr & TCR1_HPD;
        tbi = (tcr & TCR1_TBI) && !(ask->exec && (tcr & TCR1_TBID));
    }
    s->ds &= arm_has(cpu, FEAT_LPA2) && s->granule != 16;
    s->wide = s->ds || (s->granule == 16 && arm_has(cpu, FEAT_LPA));
    s->out_bits = MIN(s->out_bits, cpu_pa_bits(cpu));
    s->out_bits = s->wide ? s->out_bits : MIN(s->out_bits, 48);
    s->af &= arm_has(cpu, FEAT_HAFDBS);
    s->dirty &= s->af;
    s->hpd &= arm_has(cpu, FEAT_HPDS);
    s->in_bits = 64 - limit_size(cpu, tsz, s->granule, s->ds);
    s->input = va & bits_mask(s->in_bits);
    set_first_level(s);
    s->base = table_base(s, ttbr);
    /* The bits above must be copies of bit 55, but for an ignored top byte. */
    va = tbi ? (uint64_t)bits_sext(va, 56) : va;
    return !disabled &&
           va >> s->in_bits == (high ? UINT64_MAX >> s->in_bits : 0);
}

static bool stage2(const Arm *cpu, uint64_t ipa, Stage *s)
{
    static const int8_t first[3][4] = {
        {2, 1, 0, 3}, {3, 2, 1, 0}, {3, 2, 1, 0}};
    uint64_t vtcr = cpu->sr[SR_VTCR_EL2];
    unsigned stride;

    *s = (Stage){
        .granule = granule_0(vtcr),
        .out_bits = pa_bits(bits_get(vtcr, 16, 3)),
        .af = (vtcr & VTCR_HA) && arm_has(cpu, FEAT_HAFDBS),
        .big_endian = cpu->sr[SR_SCTLR_EL2] & SCTLR_EE,
        .input = ipa,
    };
    s->dirty = s->af && (vtcr & VTCR_HD);
    s->ds = (vtcr & VTCR_DS) && arm_has(cpu, FEAT_LPA2) && s->granule != 16;
    s->wide = s->ds || (s->granule == 16 && arm_has(cpu, FEAT_LPA));
    s->out_bits = MIN(s->out_bits, cpu_pa_bits(cpu));
    s->out_bits = s->wide ? s->out_bits : MIN(s->out_bits, 48);
    s->in_bits = 64 - limit_size(cpu, bits_get(vtcr, 0, 6), s->granule, s->ds);
    s->level = first[(s->granule - 12) / 2][bits_get(vtcr, 6, 2)];
    if (s->ds && s->granule == 12 && (vtcr & BIT_(33))) {
        s->level = -1; /* SL2 */
    }
    stride = s->granule - 3;
    /* Up to 16 first tables may stand side by side (D8.2.2). */
    if (s->in_bits <= s->granule + (unsigned)(3 - s->level) * stride ||
        s->in_bits > s->granule + (unsigned)(4 - s->level) * stride + 4) {
        return false;
    }
    s->base = table_base(s, cpu->sr[SR_VTTBR_EL2]);
    return ipa >> s->in_bits == 0;
}

/* ---- descent ------------------------------------------------------------ */

/* The output address of a descriptor, whose low bits are shift many. */
static uint64_t desc_address(const Stage *s, uint64_t desc, unsigned shift)
{
    uint64_t pa = desc & bits_mask(48) & ~bits_mask(shift);

    if (s->ds) {
        pa = desc & bits_mask(50) & ~bits_mask(shift);
        pa |= bits_get(desc, 8, 2) << 50;
    } else if (s->wide) {
        pa |= bits_get(desc, 12, 4) << 48;
    }
    return pa;
}

static bool may_be_block(const Stage *s)
{
    switch (s->granule) {
    case 12:
        return s->level == 1 || s->level == 2 || (s->level == 0 && s->ds);
    case 14:
        return s->level == 2 || (s->level == 1 && s->ds);
    default:
        return s->level == 2 || (s->level == 1 && s->wide);
    }
}

static bool read_desc(Walk *w, const Stage *s)
{
    uint64_t value;

    if (bus_read(w->cpu->vcpu.bus, w->at, 8, &value) != MEM_OK) {
        return fail(w, FAULT_WALK_EXTERNAL, s->level);
    }
    w->desc = s->big_endian ? GUINT64_SWAP_LE_BE(value) : value;
    return true;
}

/* Through stage 2 if table addresses are behind it. */
static bool translate_table(Walk *w, uint64_t ipa, uint8_t needed);

/* To the leaf: w->desc, and s->level is its level. */
static bool descend(Walk *w, Stage *s, unsigned *page_bits)
{
    unsigned stride = s->granule - 3;
    uint64_t table = s->base;

    for (bool first = true;; first = false, s->level++) {
        unsigned shift = s->granule + (unsigned)(3 - s->level) * stride;
        uint64_t index = s->input >> shift;

        index &= bits_mask(first ? s->in_bits - shift : stride);
        w->at = table + index * 8;
        if (w->nested && !translate_table(w, w->at, PROT_R)) {
            return false;
        }
        if (!read_desc(w, s)) {
            return false;
        }
        if (!(w->desc & DESC_VALID)) {
            return fail(w, FAULT_TRANSLATION, s->level);
        }
        if (s->level == 3 || !(w->desc & DESC_TABLE)) {
            if (s->level == 3 ? !(w->desc & DESC_TABLE) : !may_be_block(s)) {
                return fail(w, FAULT_TRANSLATION, s->level);
            }
            *page_bits = shift;
            return desc_address(s, w->desc, shift) >> s->out_bits == 0 ||
                   fail(w, FAULT_SIZE, s->level);
        }
        table = desc_address(s, w->desc, s->granule);
        if (table >> s->out_bits != 0) {
            return fail(w, FAULT_SIZE, s->level);
        }
        w->table |= s->hpd ? 0 : w->desc;
    }
}

/* ---- leaves ------------------------------------------------------------- */

/* Sets bits in the leaf where it stands; 1 done, 0 it has changed: again, -1
 * a fault. */
static int update_desc(Walk *w, const Stage *s, uint64_t clear, uint64_t set)
{
    uint64_t old = w->desc, want = (old & ~clear) | set;
    RamSpan span;
    bool done;

    if (want == old) {
        return 1;
    }
    if (w->nested && !translate_table(w, w->ipa, PROT_W)) {
        return -1;
    }
    if (!bus_find_ram(w->cpu->vcpu.bus, w->at, &span) || !span.writable ||
        span.len < 8) {
        fail(w, FAULT_WALK_EXTERNAL, s->level);
        return -1;
    }
    w->desc = want;
    if (s->big_endian) {
        old = GUINT64_SWAP_LE_BE(old);
        want = GUINT64_SWAP_LE_BE(want);
    }
    done = atomic_compare_exchange_strong((_Atomic uint64_t *)span.host, &old,
                                          want);
    return done;
}

static uint8_t stage1_rights(const Walk *w, const Stage *s, bool dirty_too)
{
    const ArmAsk *ask = w->ask;
    const Arm *cpu = w->cpu;
    bool write = !(w->desc & DESC_AP2) ||
                 (dirty_too && s->dirty && (w->desc & DESC_DBM));
    bool user = w->desc & DESC_AP1;
    bool xn = w->desc & DESC_UXN, pxn = w->desc & DESC_PXN;
    bool wxn = arm_sctlr(cpu, ask->regime) & SCTLR_WXN;
    uint8_t rights;

    write &= !(w->table & DESC_AP1_TABLE);
    if (!two_ranges(ask->regime)) {
        xn |= w->table & DESC_UXN_TABLE;
        rights = PROT_R | (write ? PROT_W : 0);
        return rights | (xn || (wxn && write) ? 0 : PROT_X);
    }
    user &= !(w->table & DESC_AP0_TABLE);
    xn |= !!(w->table & DESC_UXN_TABLE);
    pxn |= !!(w->table & DESC_PXN_TABLE);
    if (ask->el0) {
        rights = user ? PROT_R | (write ? PROT_W : 0) : 0;
        return rights | (xn || (wxn && user && write) ? 0 : PROT_X);
    }
    rights = ask->pan && user ? 0 : PROT_R | (write ? PROT_W : 0);
    pxn |= (user && write) || (wxn && write);
    return rights | (pxn ? 0 : PROT_X);
}

static uint8_t stage2_rights(const Walk *w, const Stage *s, bool dirty_too)
{
    bool write = (w->desc & DESC_S2AP_W) ||
                 (dirty_too && s->dirty && (w->desc & DESC_DBM));
    unsigned xn = bits_get(w->desc, 53, 2);
    bool exec;

    if (!arm_has(w->cpu, FEAT_XNX)) {
        exec = !(xn & 2);
    } else {
        exec = xn == 0 || (w->ask->el0 ? xn == 1 : xn == 3);
    }
    return (w->desc & DESC_S2AP_R ? PROT_R : 0) | (write ? PROT_W : 0) |
           (exec ? PROT_X : 0);
}

static uint8_t need(const ArmAsk *ask)
{
    return ask->exec ? PROT_X : ask->write ? PROT_W : PROT_R;
}

typedef uint8_t RightsFn(const Walk *w, const Stage *s, bool dirty_too);

/* Access flag, permission, dirty state; rights as they are afterwards. 0: the
 * tables changed meanwhile, walk again. */
static int check_leaf(Walk *w, const Stage *s, RightsFn *rights, uint8_t needed,
                      uint64_t clean_clear, uint64_t clean_set, uint8_t *prot)
{
    uint64_t clear = 0, set = 0;
    int done;

    if (w->ask->look) {
        *prot = rights(w, s, false);
        return 1;
    }
    if (!(w->desc & DESC_AF)) {
        if (!s->af) {
            fail(w, FAULT_ACCESS_FLAG, s->level);
            return -1;
        }
        set = DESC_AF;
    }
    if (!(rights(w, s, true) & needed)) {
        fail(w, FAULT_PERMISSION, s->level);
        return -1;
    }
    if ((needed & PROT_W) && !(rights(w, s, false) & PROT_W)) {
        clear = clean_clear;
        set |= clean_set;
    }
    done = update_desc(w, s, clear, set);
    *prot = rights(w, s, false);
    return done;
}

/* ---- stages ------------------------------------------------------------- */

static bool walk_stage2(Walk *from, uint64_t ipa, uint8_t needed,
                        bool is_device_fault, ArmPage *out)
{
    int done;

    do {
        Walk w = {.cpu = from->cpu, .ask = from->ask, .fault = from->fault};
        unsigned bits;
        Stage s;

        if (!stage2(w.cpu, ipa, &s)) {
            fail(&w, FAULT_TRANSLATION, 0);
            done = -1;
        } else if (!descend(&w, &s, &bits)) {
            done = -1;
        } else {
            done = check_leaf(&w, &s, stage2_rights, needed, 0, DESC_S2AP_W,
                              &out->prot);
        }
        if (done > 0 && is_device_fault && bits_get(w.desc, 4, 2) == 0) {
            fail(&w, FAULT_PERMISSION, s.level); /* HCR_EL2.PTW */
            done = -1;
        }
        if (done > 0) {
            out->pa = desc_address(&s, w.desc, bits) | (ipa & bits_mask(bits));
            out->page_bits = (uint8_t)bits;
        }
    } while (done == 0);
    if (done < 0) {
        from->fault->stage2 = true;
        from->fault->ipa = ipa;
    }
    return done > 0;
}

static bool translate_table(Walk *w, uint64_t ipa, uint8_t needed)
{
    bool ptw = arm_hcr(w->cpu) & HCR_PTW;
    ArmPage page;

    if (!walk_stage2(w, ipa, needed, ptw, &page)) {
        w->fault->on_walk = true;
        return false;
    }
    w->ipa = ipa;
    w->at = page.pa;
    return true;
}

/* The MMU is off: addresses are physical, everything is allowed. */
static bool flat(Walk *w, Gva va, ArmPage *out)
{
    uint64_t tcr = arm_tcr(w->cpu, w->ask->regime);
    bool high = two_ranges(w->ask->regime) && (va >> 55 & 1);
    bool tbi = two_ranges(w->ask->regime) ? tcr & (high ? TCR_TBI1 : TCR_TBI0)
                                          : tcr & TCR1_TBI;

    va = tbi ? va & bits_mask(56) : va;
    *out = (ArmPage){
        .pa = va,
        .prot = PROT_R | PROT_W | PROT_X,
        .page_bits = TARGET_PAGE_BITS,
        .global = true,
    };
    return va >> cpu_pa_bits(w->cpu) == 0 || fail(w, FAULT_SIZE, 0);
}

/* Stage 1 of the regime is off. */
static bool is_flat(const Arm *cpu, ArmRegime regime)
{
    uint64_t hcr = arm_hcr(cpu);

    if (regime == REGIME_E10 && (hcr & (HCR_DC | HCR_TGE))) {
        return true;
    }
    return !(arm_sctlr(cpu, regime) & SCTLR_M);
}

bool arm_data_is_device(const Arm *cpu, ArmRegime regime)
{
    bool is_normal = regime == REGIME_E10 && (arm_hcr(cpu) & HCR_DC);

    return is_flat(cpu, regime) && !is_normal;
}

static int walk_stage1(Walk *w, Gva va, ArmPage *out)
{
    unsigned bits;
    int done;
    Stage s;

    if (is_flat(w->cpu, w->ask->regime)) {
        return flat(w, va, out) ? 1 : -1;
    }
    if (!stage1(w->cpu, w->ask, va, &s)) {
        fail(w, FAULT_TRANSLATION, 0);
        return -1;
    }
    w->nested = w->ask->regime == REGIME_E10 && arm_stage2_on(w->cpu);
    if (!descend(w, &s, &bits)) {
        return -1;
    }
    *out = (ArmPage){
        .pa = desc_address(&s, w->desc, bits) | (va & bits_mask(bits)),
        .page_bits = (uint8_t)bits,
        .guarded = w->desc & DESC_GP,
        .global = two_ranges(w->ask->regime) && !(w->desc & DESC_NG),
    };
    out->attr =
        bits_get(w->cpu->sr[w->ask->regime == REGIME_E10  ? SR_MAIR_EL1
                            : w->ask->regime == REGIME_E3 ? SR_MAIR_EL3
                                                          : SR_MAIR_EL2],
                 bits_get(w->desc, 2, 3) * 8, 8);
    done =
        check_leaf(w, &s, stage1_rights, need(w->ask), DESC_AP2, 0, &out->prot);
    return done;
}

bool arm_walk(Arm *cpu, const ArmAsk *ask, Gva va, ArmPage *out,
              ArmFault *fault)
{
    ArmPage second;
    int done;
    Walk w;

    do {
        w = (Walk){.cpu = cpu, .ask = ask, .fault = fault};
        done = walk_stage1(&w, va, out);
    } while (done == 0);
    if (done < 0) {
        return false;
    }
    if (ask->regime != REGIME_E10 || ask->only_stage1 || !arm_stage2_on(cpu)) {
        return true;
    }
    if (!walk_stage2(&w, out->pa, need(ask), false, &second)) {
        return false;
    }
    out->pa = second.pa;
    out->prot &= second.prot;
    return true;
}

uint32_t arm_fault_status(const ArmFault *f)
{
    bool above = f->level < 0;

    switch (f->kind) {
    case FAULT_SIZE:
        return above ? 0x29 : (uint32_t)f->level;
    case FAULT_TRANSLATION:
        return above ? 0x2b : 0x04 + (uint32_t)f->level;
    case FAULT_ACCESS_FLAG:
        return 0x08 + (uint32_t)f->level;
    case FAULT_PERMISSION:
        return 0x0c + (uint32_t)f->level;
    case FAULT_WALK_EXTERNAL:
        return above ? 0x13 : 0x14 + (uint32_t)f->level;
    case FAULT_ALIGNMENT:
        return 0x21;
    case FAULT_NONE:
    case FAULT_EXTERNAL:
        break;
    }
    return 0x10;
}
