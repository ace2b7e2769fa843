/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/riscv/csr.c - control and status registers: one table, and the hooks
 * of those that are not plain storage.
 * A write comes as value and mask: bits to change and what to change them to,
 * so that set and clear never write back bits that only read as they do.
 * Spec: privileged architecture 2 to 4; WARL fields keep their old value when
 * an unsupported one is written.
 * Left out: mseccfg, Smstateen, debug triggers (one that is never there). */
#include "target/riscv/csr.h"

#include <string.h>

#include "target/riscv/counter.h"
#include "target/riscv/excp.h"
#include "target/riscv/helper.h"
#include "target/riscv/mmu.h"
#include "util/bits.h"
#include "util/log.h"

typedef bool CsrAllowed(Riscv *cpu, unsigned csr, bool write);
typedef uint64_t CsrRead(Riscv *cpu, unsigned csr);
typedef void CsrWrite(Riscv *cpu, unsigned csr, uint64_t value, uint64_t mask);

typedef struct {
    const char *name;    /* NULL: no such CSR */
    CsrAllowed *allowed; /* beyond the privilege in the number; NULL: yes */
    CsrRead *read;       /* NULL: the field, 0 without one */
    CsrWrite *write;     /* NULL: the field's writable bits */
    uint16_t offset;     /* of a uint64_t in Riscv; 0: no field */
    uint16_t high_by;    /* RV32: upper half of the CSR this much below */
    uint64_t writable;
} Csr;

static const Csr csrs[4096];

static uint64_t merge(uint64_t old, uint64_t value, uint64_t mask)
{
    return (old & ~mask) | (value & mask);
}

/* Who may. */

static bool has_s(Riscv *cpu, unsigned csr, bool write)
{
    return riscv_has(cpu, EXT_S);
}

static bool has_u(Riscv *cpu, unsigned csr, bool write)
{
    return riscv_has(cpu, EXT_U);
}

static bool has_pmp(Riscv *cpu, unsigned csr, bool write)
{
    /* RV64 has the even configuration registers only. */
    bool odd = csr < CSR_PMPADDR0 && (csr & 1);

    return cpu->config.pmp && !(cpu->config.rv64 && odd);
}

static bool fp_on(Riscv *cpu, unsigned csr, bool write)
{
    return riscv_has(cpu, EXT_F) && (cpu->mstatus & STATUS_FS);
}

static bool satp_allowed(Riscv *cpu, unsigned csr, bool write)
{
    return riscv_has(cpu, EXT_S) &&
           !(cpu->priv == PRIV_S && (cpu->mstatus & STATUS_TVM));
}

static bool counter_enabled(Riscv *cpu, unsigned n)
{
    if (cpu->priv < PRIV_M && !(cpu->mcounteren >> n & 1)) {
        return false;
    }
    return cpu->priv > PRIV_U || !riscv_has(cpu, EXT_S) ||
           (cpu->scounteren >> n & 1);
}

static bool user_counter(Riscv *cpu, unsigned csr, bool write)
{
    unsigned n = csr & 31;

    return riscv_has(cpu, n < HPM_FIRST ? EXT_ZICNTR : EXT_ZIHPM) &&
           counter_enabled(cpu, n);
}

static bool stimecmp_allowed(Riscv *cpu, unsigned csr, bool write)
{
    enum { TM = 1 };

    return riscv_has(cpu, EXT_SSTC) &&
           (cpu->priv == PRIV_M ||
            ((cpu->menvcfg & ENVCFG_STCE) && (cpu->mcounteren >> TM & 1)));
}

static bool has_sscofpmf(Riscv *cpu, unsigned csr, bool write)
{
    return riscv_has(cpu, EXT_SSCOFPMF);
}

/* Floating point. */

static uint64_t fcsr_read(Riscv *cpu, unsigned csr)
{
    uint64_t flags = cpu->vcpu.engine->fp_flags(&cpu->vcpu);

    return csr == CSR_FFLAGS ? flags
           : csr == CSR_FRM  ? cpu->frm
                             : flags | (uint64_t)cpu->frm << 5;
}

/* What makes blocks differ: 0 a mode of the host's, 1 RMM, 2 reserved. */
static unsigned frm_class(unsigned frm)
{
    return frm < 4 ? 0 : frm == 4 ? 1 : 2;
}

static void fcsr_write(Riscv *cpu, unsigned csr, uint64_t value, uint64_t mask)
{
    unsigned shift = csr == CSR_FRM ? 5 : 0;
    uint64_t field = csr == CSR_FFLAGS ? 0x1f : csr == CSR_FRM ? 0x7 : 0xff;
    uint64_t fcsr = merge(fcsr_read(cpu, CSR_FCSR), (value & field) << shift,
                          (mask & field) << shift);
    unsigned frm = fcsr >> 5;
    bool class_changed = frm_class(frm) != frm_class(cpu->frm);

    cpu->frm = frm;
    cpu->vcpu.engine->fp_set(&cpu->vcpu, fcsr & 0x1f, frm > 4 ? 0 : frm);
    riscv_set_mstatus(cpu, cpu->mstatus | STATUS_FS);
    if (class_changed) {
        cpu->vcpu.engine->context_changed(&cpu->vcpu);
    }
}

/* Status. */

static uint64_t status_writable(const Riscv *cpu)
{
    uint64_t w = STATUS_MIE | STATUS_MPIE | STATUS_MPP;

    if (riscv_has(cpu, EXT_U)) {
        w |= STATUS_MPRV | STATUS_TW;
    }
    if (riscv_has(cpu, EXT_S)) {
        w |= STATUS_SIE | STATUS_SPIE | STATUS_SPP | STATUS_SUM | STATUS_MXR |
             STATUS_TVM | STATUS_TSR;
    }
    return w | (riscv_has(cpu, EXT_F) ? STATUS_FS : 0);
}

static uint64_t mstatus_read(Riscv *cpu, unsigned csr)
{
    bool dirty = (cpu->mstatus & STATUS_FS) == STATUS_FS;
    uint64_t s = cpu->mstatus;

    if (!cpu->config.rv64) {
        return s | (dirty ? BIT(31) : 0);
    }
    s |= riscv_has(cpu, EXT_U) ? UINT64_C(2) << 32 : 0;
    s |= riscv_has(cpu, EXT_S) ? UINT64_C(2) << 34 : 0;
    return s | (dirty ? BIT(63) : 0);
}

static bool mpp_exists(const Riscv *cpu, unsigned mpp)
{
    return mpp == PRIV_M || (mpp == PRIV_S && riscv_has(cpu, EXT_S)) ||
           (mpp == PRIV_U && riscv_has(cpu, EXT_U));
}

static void mstatus_write(Riscv *cpu, unsigned csr, uint64_t value,
                          uint64_t mask)
{
    uint64_t s = merge(cpu->mstatus, value, mask & status_writable(cpu));

    if (!mpp_exists(cpu, (s & STATUS_MPP) >> STATUS_MPP_SHIFT)) {
        s = merge(s, cpu->mstatus, STATUS_MPP);
    }
    riscv_set_mstatus(cpu, s);
}

static uint64_t sstatus_read(Riscv *cpu, unsigned csr)
{
    return mstatus_read(cpu, csr) & (SSTATUS_WRITABLE | STATUS_UXL |
                                     (cpu->config.rv64 ? BIT(63) : BIT(31)));
}

static void sstatus_write(Riscv *cpu, unsigned csr, uint64_t value,
                          uint64_t mask)
{
    mstatus_write(cpu, csr, value, mask & SSTATUS_WRITABLE);
}

static uint64_t misa_read(Riscv *cpu, unsigned csr)
{
    static const uint8_t letters[][2] = {
        {EXT_I, 'i'}, {EXT_M, 'm'}, {EXT_A, 'a'}, {EXT_F, 'f'},
        {EXT_D, 'd'}, {EXT_C, 'c'}, {EXT_S, 's'}, {EXT_U, 'u'},
    };
    uint64_t misa = cpu->config.rv64 ? UINT64_C(2) << 62 : UINT64_C(1) << 30;

    for (unsigned i = 0; i < G_N_ELEMENTS(letters); i++) {
        if (riscv_has(cpu, letters[i][0])) {
            misa |= BIT(letters[i][1] - 'a');
        }
    }
    return misa;
}

static void ignore_write(Riscv *cpu, unsigned csr, uint64_t value,
                         uint64_t mask)
{
}

static uint64_t mhartid_read(Riscv *cpu, unsigned csr)
{
    return cpu->vcpu.index;
}

/* Trap vectors and return addresses. */

static void tvec_write(Riscv *cpu, unsigned csr, uint64_t value, uint64_t mask)
{
    uint64_t *tvec = csr == CSR_STVEC ? &cpu->stvec : &cpu->mtvec;
    uint64_t new = merge(*tvec, value, mask);

    /* Modes above vectored are reserved. */
    *tvec = new & 2 ? merge(new, *tvec, 3) : new;
}

static void epc_write(Riscv *cpu, unsigned csr, uint64_t value, uint64_t mask)
{
    uint64_t *epc = csr == CSR_SEPC ? &cpu->sepc : &cpu->mepc;
    uint64_t low = riscv_has(cpu, EXT_ZCA) ? 1 : 3;

    *epc = merge(*epc, value, mask) & ~low;
}

/* Interrupts. */

static const uint64_t m_bits = BIT(IRQ_MSI) | BIT(IRQ_MTI) | BIT(IRQ_MEI);

static uint64_t s_bits(const Riscv *cpu)
{
    uint64_t bits = 0;

    if (riscv_has(cpu, EXT_S)) {
        bits |= BIT(IRQ_SSI) | BIT(IRQ_STI) | BIT(IRQ_SEI);
    }
    return bits | (riscv_has(cpu, EXT_SSCOFPMF) ? BIT(IRQ_LCOF) : 0);
}

static void mideleg_write(Riscv *cpu, unsigned csr, uint64_t value,
                          uint64_t mask)
{
    cpu->mideleg = merge(cpu->mideleg, value, mask & s_bits(cpu));
    riscv_look_at_interrupts(cpu);
}

static void mie_write(Riscv *cpu, unsigned csr, uint64_t value, uint64_t mask)
{
    cpu->mie = merge(cpu->mie, value, mask & (m_bits | s_bits(cpu)));
    riscv_look_at_interrupts(cpu);
}

static uint64_t sie_read(Riscv *cpu, unsigned csr)
{
    return cpu->mie & cpu->mideleg;
}

static void sie_write(Riscv *cpu, unsigned csr, uint64_t value, uint64_t mask)
{
    mie_write(cpu, csr, value, mask & cpu->mideleg);
}

static uint64_t mip_read(Riscv *cpu, unsigned csr)
{
    return riscv_mip(cpu) & (m_bits | s_bits(cpu));
}

/* The overflow and the S-mode software interrupt are wholly in their pins, so
 * that a timer and an ACLINT's SSWI can set them from other threads. */
static void mip_write(Riscv *cpu, unsigned csr, uint64_t value, uint64_t mask)
{
    uint64_t in_pins = BIT(IRQ_LCOF) | BIT(IRQ_SSI);

    mask &= s_bits(cpu);
    if (cpu->menvcfg & ENVCFG_STCE) {
        mask &= ~BIT(IRQ_STI);
    }
    atomic_fetch_or(&cpu->vcpu.irq_lines, value & mask & in_pins);
    atomic_fetch_and(&cpu->vcpu.irq_lines, ~(~value & mask & in_pins));
    cpu->mip = merge(cpu->mip, value, mask & ~in_pins);
    riscv_look_at_interrupts(cpu);
}

static uint64_t sip_read(Riscv *cpu, unsigned csr)
{
    return mip_read(cpu, csr) & cpu->mideleg;
}

static void sip_write(Riscv *cpu, unsigned csr, uint64_t value, uint64_t mask)
{
    mip_write(cpu, csr, value,
              mask & cpu->mideleg & (BIT(IRQ_SSI) | BIT(IRQ_LCOF)));
}

/* Environment. */

static uint64_t envcfg_writable(const Riscv *cpu)
{
    uint64_t w = ENVCFG_FIOM;

    w |= riscv_has(cpu, EXT_ZICBOM) ? ENVCFG_CBIE | ENVCFG_CBCFE : 0;
    return w | (riscv_has(cpu, EXT_ZICBOZ) ? ENVCFG_CBZE : 0);
}

/* CBIE 2 is reserved. */
static uint64_t envcfg_merge(const Riscv *cpu, uint64_t old, uint64_t value,
                             uint64_t mask)
{
    uint64_t new = merge(old, value, mask);

    return bits_get(new, 4, 2) == 2 ? merge(new, old, ENVCFG_CBIE) : new;
}

static void menvcfg_write(Riscv *cpu, unsigned csr, uint64_t value,
                          uint64_t mask)
{
    uint64_t old = cpu->menvcfg;
    uint64_t writable = envcfg_writable(cpu);

    writable |= riscv_has(cpu, EXT_SSTC) ? ENVCFG_STCE : 0;
    writable |= riscv_has(cpu, EXT_SVPBMT) ? ENVCFG_PBMTE : 0;
    writable |= riscv_has(cpu, EXT_SVADU) ? ENVCFG_ADUE : 0;
    cpu->menvcfg = envcfg_merge(cpu, old, value, mask & writable);
    if ((old ^ cpu->menvcfg) & (ENVCFG_PBMTE | ENVCFG_ADUE)) {
        cpu->vcpu.engine->tlb_flush_all(&cpu->vcpu);
    }
    if ((old ^ cpu->menvcfg) & ENVCFG_STCE) {
        riscv_look_at_interrupts(cpu);
    }
}

static void senvcfg_write(Riscv *cpu, unsigned csr, uint64_t value,
                          uint64_t mask)
{
    cpu->senvcfg =
        envcfg_merge(cpu, cpu->senvcfg, value, mask & envcfg_writable(cpu));
}

/* Address translation. */

static bool vm_exists(const Riscv *cpu, unsigned mode)
{
    unsigned least = cpu->config.rv64 ? VM_SV39 : VM_SV32;

    return mode == VM_BARE || (mode >= least && mode <= cpu->config.max_vm);
}

/* A write with an unsupported mode does nothing (4.1.11). Translations are
 * kept by satp value, so a new one flushes nothing. */
static void satp_write(Riscv *cpu, unsigned csr, uint64_t value, uint64_t mask)
{
    uint64_t old = cpu->satp;

    cpu->satp = merge(old, value, mask);
    if (!vm_exists(cpu, riscv_vm_mode(cpu))) {
        cpu->satp = old;
    }
    if (cpu->satp != old) {
        cpu->vcpu.engine->context_changed(&cpu->vcpu);
    }
}

/* Physical memory protection. */

enum { PMP_L = 0x80, PMP_A_TOR = 1, PMP_WRITABLE = 0x9f };

static uint64_t pmpcfg_read(Riscv *cpu, unsigned csr)
{
    unsigned first = (csr - CSR_PMPCFG0) * 4;
    unsigned count = cpu->config.rv64 ? 8 : 4;

    return first + count <= PMP_ENTRIES
               ? bytes_load_le(&cpu->pmpcfg[first], count)
               : 0;
}

static void pmp_changed(Riscv *cpu)
{
    riscv_pmp_update(cpu);
    cpu->vcpu.engine->tlb_flush_all(&cpu->vcpu);
}

static void pmpcfg_write(Riscv *cpu, unsigned csr, uint64_t value,
                         uint64_t mask)
{
    unsigned first = (csr - CSR_PMPCFG0) * 4;
    unsigned count = cpu->config.rv64 ? 8 : 4;

    for (unsigned i = 0; i < count && first + i < PMP_ENTRIES; i++) {
        uint8_t *cfg = &cpu->pmpcfg[first + i];
        uint8_t new =
            merge(*cfg, value >> (8 * i), mask >> (8 * i)) & PMP_WRITABLE;

        /* Writable but not readable is reserved (3.7.1). */
        if (!(*cfg & PMP_L) && (new &(PROT_R | PROT_W)) != PROT_W) {
            *cfg = new;
        }
    }
    pmp_changed(cpu);
}

static uint64_t pmpaddr_read(Riscv *cpu, unsigned csr)
{
    unsigned i = csr - CSR_PMPADDR0;

    return i < PMP_ENTRIES ? cpu->pmpaddr[i] : 0;
}

/* The top of a locked range holds its bottom too. */
static bool pmpaddr_locked(const Riscv *cpu, unsigned i)
{
    uint8_t above = i + 1 < PMP_ENTRIES ? cpu->pmpcfg[i + 1] : 0;

    return (cpu->pmpcfg[i] & PMP_L) ||
           ((above & PMP_L) && (above >> 3 & 3) == PMP_A_TOR);
}

static void pmpaddr_write(Riscv *cpu, unsigned csr, uint64_t value,
                          uint64_t mask)
{
    unsigned i = csr - CSR_PMPADDR0;
    uint64_t bits = cpu->config.rv64 ? bits_mask(54) : bits_mask(32);

    if (i < PMP_ENTRIES && !pmpaddr_locked(cpu, i)) {
        cpu->pmpaddr[i] = merge(cpu->pmpaddr[i], value, mask & bits);
        pmp_changed(cpu);
    }
}

/* Counters. */

enum { COUNTERS = 0x7ffff, TIME_BIT = 2 };

static bool counter_exists(unsigned n)
{
    return n < HPM_FIRST + HPM_COUNTERS;
}

static uint64_t counter_read(Riscv *cpu, unsigned csr)
{
    unsigned n = csr & 31;

    if (n == COUNTER_INSTRET) {
        riscv_count_insns(cpu);
    }
    return counter_exists(n) ? riscv_counter_get(cpu, n) : 0;
}

static void counter_write(Riscv *cpu, unsigned csr, uint64_t value,
                          uint64_t mask)
{
    unsigned n = csr & 31;

    if (n == COUNTER_INSTRET) {
        riscv_count_insns(cpu);
    }
    if (counter_exists(n)) {
        riscv_counter_set(cpu, n,
                          merge(riscv_counter_get(cpu, n), value, mask));
    }
}

static uint64_t time_read(Riscv *cpu, unsigned csr)
{
    return riscv_time(cpu);
}

static uint64_t mcounteren_read(Riscv *cpu, unsigned csr)
{
    return cpu->mcounteren;
}

static void mcounteren_write(Riscv *cpu, unsigned csr, uint64_t value,
                             uint64_t mask)
{
    cpu->mcounteren = merge(cpu->mcounteren, value, mask & COUNTERS);
}

static uint64_t scounteren_read(Riscv *cpu, unsigned csr)
{
    return cpu->scounteren;
}

static void scounteren_write(Riscv *cpu, unsigned csr, uint64_t value,
                             uint64_t mask)
{
    cpu->scounteren = merge(cpu->scounteren, value, mask & COUNTERS);
}

static uint64_t mcountinhibit_read(Riscv *cpu, unsigned csr)
{
    return cpu->mcountinhibit;
}

static void mcountinhibit_write(Riscv *cpu, unsigned csr, uint64_t value,
                                uint64_t mask)
{
    riscv_set_inhibit(
        cpu, merge(cpu->mcountinhibit, value, mask & (COUNTERS & ~TIME_BIT)));
}

static uint64_t hpmevent_read(Riscv *cpu, unsigned csr)
{
    return riscv_event(cpu, csr & 31);
}

static void hpmevent_write(Riscv *cpu, unsigned csr, uint64_t value,
                           uint64_t mask)
{
    uint64_t writable = bits_mask(20);
    unsigned n = csr & 31;

    if (riscv_has(cpu, EXT_SSCOFPMF)) {
        writable |= UINT64_C(15) << 60; /* OF MINH SINH UINH */
    }
    if (counter_exists(n)) {
        riscv_set_event(cpu, n,
                        merge(riscv_event(cpu, n), value, mask & writable));
    }
}

static uint64_t scountovf_read(Riscv *cpu, unsigned csr)
{
    uint64_t overflowed = 0;

    for (unsigned n = HPM_FIRST; n < HPM_FIRST + HPM_COUNTERS; n++) {
        overflowed |= riscv_event(cpu, n) >> 63 << n;
    }
    return cpu->priv == PRIV_M ? overflowed : overflowed & cpu->mcounteren;
}

static uint64_t stimecmp_read(Riscv *cpu, unsigned csr)
{
    return cpu->stimecmp;
}

static void stimecmp_write(Riscv *cpu, unsigned csr, uint64_t value,
                           uint64_t mask)
{
    riscv_set_stimecmp(cpu, merge(cpu->stimecmp, value, mask));
}

/* tinfo of a trigger that does not exist (Debug 1.0, 5.7.3). */
static uint64_t tinfo_read(Riscv *cpu, unsigned csr)
{
    return 1;
}

#define FIELD(member) .offset = offsetof(Riscv, member)
#define ALL           .writable = ~UINT64_C(0)
#define HIGH(by)      .high_by = (by)

/* medeleg: all but calls from M and what does not exist. */
#define DELEGABLE 0xb3ff

/* clang-format off */
static const Csr csrs[4096] = {
    [CSR_FFLAGS]        = { "fflags", fp_on, fcsr_read, fcsr_write },
    [CSR_FRM]           = { "frm", fp_on, fcsr_read, fcsr_write },
    [CSR_FCSR]          = { "fcsr", fp_on, fcsr_read, fcsr_write },
    [CSR_CYCLE]         = { "cycle", user_counter, counter_read },
    [CSR_TIME]          = { "time", user_counter, time_read },
    [CSR_INSTRET]       = { "instret", user_counter, counter_read },
    [CSR_HPMCOUNTER3 ... CSR_HPMCOUNTER3 + 28] = { "hpmcounter", user_counter, counter_read },
    [CSR_CYCLEH]        = { "cycleh", user_counter, HIGH(0x80) },
    [CSR_TIMEH]         = { "timeh", user_counter, HIGH(0x80) },
    [CSR_INSTRETH]      = { "instreth", user_counter, HIGH(0x80) },
    [CSR_HPMCOUNTER3H ... CSR_HPMCOUNTER3H + 28] = { "hpmcounterh", user_counter, HIGH(0x80) },

    [CSR_SSTATUS]       = { "sstatus", has_s, sstatus_read, sstatus_write },
    [CSR_SIE]           = { "sie", has_s, sie_read, sie_write },
    [CSR_STVEC]         = { "stvec", has_s, .write = tvec_write, FIELD(stvec) },
    [CSR_SCOUNTEREN]    = { "scounteren", has_s, scounteren_read, scounteren_write },
    [CSR_SENVCFG]       = { "senvcfg", has_s, .write = senvcfg_write, FIELD(senvcfg) },
    [CSR_SSCRATCH]      = { "sscratch", has_s, FIELD(sscratch), ALL },
    [CSR_SEPC]          = { "sepc", has_s, .write = epc_write, FIELD(sepc) },
    [CSR_SCAUSE]        = { "scause", has_s, FIELD(scause), ALL },
    [CSR_STVAL]         = { "stval", has_s, FIELD(stval), ALL },
    [CSR_SIP]           = { "sip", has_s, sip_read, sip_write },
    [CSR_STIMECMP]      = { "stimecmp", stimecmp_allowed, stimecmp_read, stimecmp_write },
    [CSR_STIMECMPH]     = { "stimecmph", stimecmp_allowed, HIGH(0x10) },
    [CSR_SATP]          = { "satp", satp_allowed, .write = satp_write, FIELD(satp) },
    [CSR_SCOUNTOVF]     = { "scountovf", has_sscofpmf, scountovf_read },

    [CSR_MVENDORID]     = { "mvendorid" },
    [CSR_MARCHID]       = { "marchid" },
    [CSR_MIMPID]        = { "mimpid" },
    [CSR_MHARTID]       = { "mhartid", .read = mhartid_read },
    [CSR_MCONFIGPTR]    = { "mconfigptr" },
    [CSR_MSTATUS]       = { "mstatus", .read = mstatus_read, .write = mstatus_write },
    [CSR_MISA]          = { "misa", .read = misa_read, .write = ignore_write },
    [CSR_MEDELEG]       = { "medeleg", has_s, FIELD(medeleg), .writable = DELEGABLE },
    [CSR_MIDELEG]       = { "mideleg", has_s, .write = mideleg_write, FIELD(mideleg) },
    [CSR_MIE]           = { "mie", .write = mie_write, FIELD(mie) },
    [CSR_MTVEC]         = { "mtvec", .write = tvec_write, FIELD(mtvec) },
    [CSR_MCOUNTEREN]    = { "mcounteren", has_u, mcounteren_read, mcounteren_write },
    [CSR_MENVCFG]       = { "menvcfg", has_u, .write = menvcfg_write, FIELD(menvcfg) },
    [CSR_MSTATUSH]      = { "mstatush", HIGH(0x10) },
    [CSR_MEDELEGH]      = { "medelegh", has_s, HIGH(0x10) },
    [CSR_MENVCFGH]      = { "menvcfgh", has_u, HIGH(0x10) },
    [CSR_MCOUNTINHIBIT] = { "mcountinhibit", .read = mcountinhibit_read, .write = mcountinhibit_write },
    [CSR_MHPMEVENT3 ... CSR_MHPMEVENT3 + 28] = { "mhpmevent", .read = hpmevent_read, .write = hpmevent_write },
    [CSR_MHPMEVENT3H ... CSR_MHPMEVENT3H + 28] = { "mhpmeventh", has_sscofpmf, HIGH(0x400) },
    [CSR_MSCRATCH]      = { "mscratch", FIELD(mscratch), ALL },
    [CSR_MEPC]          = { "mepc", .write = epc_write, FIELD(mepc) },
    [CSR_MCAUSE]        = { "mcause", FIELD(mcause), ALL },
    [CSR_MTVAL]         = { "mtval", FIELD(mtval), ALL },
    [CSR_MIP]           = { "mip", .read = mip_read, .write = mip_write },
    [CSR_PMPCFG0 ... CSR_PMPCFG0 + 15] = { "pmpcfg", has_pmp, pmpcfg_read, pmpcfg_write },
    [CSR_PMPADDR0 ... CSR_PMPADDR0 + 63] = { "pmpaddr", has_pmp, pmpaddr_read, pmpaddr_write },
    [CSR_TSELECT]       = { "tselect", .write = ignore_write },
    [CSR_TDATA1]        = { "tdata1", .write = ignore_write },
    [CSR_TDATA2]        = { "tdata2", .write = ignore_write },
    [CSR_TDATA3]        = { "tdata3", .write = ignore_write },
    [CSR_TINFO]         = { "tinfo", .read = tinfo_read, .write = ignore_write },
    [CSR_TCONTROL]      = { "tcontrol", .write = ignore_write },
    [CSR_MCYCLE]        = { "mcycle", .read = counter_read, .write = counter_write },
    [CSR_MINSTRET]      = { "minstret", .read = counter_read, .write = counter_write },
    [CSR_MHPMCOUNTER3 ... CSR_MHPMCOUNTER3 + 28] = { "mhpmcounter", .read = counter_read, .write = counter_write },
    [CSR_MCYCLEH]       = { "mcycleh", HIGH(0x80) },
    [CSR_MINSTRETH]     = { "minstreth", HIGH(0x80) },
    [CSR_MHPMCOUNTER3H ... CSR_MHPMCOUNTER3H + 28] = { "mhpmcounterh", HIGH(0x80) },
};
/* clang-format on */

static bool exists(const Riscv *cpu, unsigned csr)
{
    return csrs[csr].name && !(csrs[csr].high_by && cpu->config.rv64);
}

static uint64_t read_storage(Riscv *cpu, unsigned csr)
{
    const Csr *c = &csrs[csr];

    if (c->read) {
        return c->read(cpu, csr);
    }
    return c->offset ? *(uint64_t *)((char *)cpu + c->offset) : 0;
}

static uint64_t csr_read(Riscv *cpu, unsigned csr)
{
    uint64_t value = read_storage(cpu, csr - csrs[csr].high_by);

    if (csrs[csr].high_by) {
        return value >> 32;
    }
    return cpu->config.rv64 ? value : (uint32_t)value;
}

static void csr_write(Riscv *cpu, unsigned csr, uint64_t value, uint64_t mask)
{
    unsigned storage = csr - csrs[csr].high_by;
    const Csr *c = &csrs[storage];

    if (!cpu->config.rv64) {
        mask = (uint32_t)mask;
    }
    if (csrs[csr].high_by) {
        value <<= 32;
        mask <<= 32;
    }
    if (c->write) {
        c->write(cpu, storage, value, mask);
    } else if (c->offset) {
        uint64_t *field = (uint64_t *)((char *)cpu + c->offset);

        *field = merge(*field, value, mask & c->writable);
    }
}

static bool is_allowed(Riscv *cpu, unsigned csr, bool write)
{
    const Csr *c = &csrs[csr];

    return exists(cpu, csr) && (csr >> 8 & 3) <= cpu->priv &&
           !(write && csr >> 10 == 3) &&
           (!c->allowed || c->allowed(cpu, csr, write));
}

uint64_t helper_csr(void *state, uint64_t a, uint64_t b, uint64_t c,
                    uint64_t imm)
{
    Riscv *cpu = state;
    unsigned csr = imm & 0xfff;
    unsigned op = imm >> 12;
    uint64_t old = 0;

    if (!is_allowed(cpu, csr, op != CSR_OP_READ)) {
        if (!exists(cpu, csr)) {
            guest_log(LOG_UNIMP, "hart %u: no CSR 0x%x\n", cpu->vcpu.index,
                      csr);
        }
        riscv_record(cpu, EXC_ILLEGAL, b);
        return 0;
    }
    if (op != CSR_OP_WRITE) {
        old = csr_read(cpu, csr);
    }
    switch (op) {
    case CSR_OP_WRITE:
    case CSR_OP_SWAP:
        csr_write(cpu, csr, a, ~UINT64_C(0));
        break;
    case CSR_OP_SET:
        csr_write(cpu, csr, ~UINT64_C(0), a);
        break;
    case CSR_OP_CLEAR:
        csr_write(cpu, csr, 0, a);
        break;
    }
    return old;
}

/* The CSR that kernels write most, for every access to user memory. */
uint64_t helper_sstatus(void *state, uint64_t a, uint64_t b, uint64_t c,
                        uint64_t imm)
{
    Riscv *cpu = state;
    uint64_t writable =
        SSTATUS_WRITABLE & ~(riscv_has(cpu, EXT_F) ? 0 : STATUS_FS);
    uint64_t old = cpu->mstatus;
    uint64_t new;

    switch (imm) {
    case CSR_OP_SET:
        new = old | (a & writable);
        break;
    case CSR_OP_CLEAR:
        new = old & ~(a & writable);
        break;
    default:
        new = merge(old, a, writable);
    }
    if (new != old) {
        riscv_set_mstatus(cpu, new);
    }
    return 0;
}

bool csr_write_ends_block(unsigned csr)
{
    switch (csr) {
    case CSR_SCOUNTEREN:
    case CSR_MCOUNTEREN:
    case CSR_SENVCFG:
    case CSR_STVEC:
    case CSR_MTVEC:
    case CSR_MEDELEG:
    case CSR_SCAUSE:
    case CSR_STVAL:
    case CSR_SSCRATCH:
    case CSR_SEPC:
    case CSR_MSCRATCH:
    case CSR_MCAUSE:
    case CSR_MTVAL:
    case CSR_MEPC:
        return false;
    default:
        return true;
    }
}

bool riscv_csr_get(Riscv *cpu, unsigned csr, uint64_t *value)
{
    if (csr >= G_N_ELEMENTS(csrs) || !exists(cpu, csr)) {
        return false;
    }
    *value = csr_read(cpu, csr);
    return true;
}

bool riscv_csr_set(Riscv *cpu, unsigned csr, uint64_t value)
{
    if (csr >= G_N_ELEMENTS(csrs) || !exists(cpu, csr)) {
        return false;
    }
    csr_write(cpu, csr, value, ~UINT64_C(0));
    return true;
}

/* Rows of one name are an array; its number goes before the h of high
 * halves. */
bool riscv_csr_name(const Riscv *cpu, unsigned csr, char *to, size_t size)
{
    Riscv in_m = *cpu; /* asked for its rights only */
    const char *name = csrs[csr].name;
    unsigned first = csr;
    bool high;

    in_m.priv = PRIV_M;
    in_m.mstatus |= STATUS_FS;
    if (!exists(cpu, csr) ||
        (csrs[csr].allowed && !csrs[csr].allowed(&in_m, csr, false))) {
        return false;
    }
    while (first > 0 && g_strcmp0(csrs[first - 1].name, name) == 0) {
        first--;
    }
    if (first == csr && g_strcmp0(csrs[csr + 1].name, name) != 0) {
        return g_strlcpy(to, name, size) < size;
    }
    first =
        first >= CSR_PMPCFG0 && first <= CSR_PMPADDR0 ? first : first & ~31u;
    high = g_str_has_suffix(name, "h");
    g_snprintf(to, (gulong)size, "%.*s%u%s", (int)(strlen(name) - high), name,
               csr - first, high ? "h" : "");
    return csr - first < (first == CSR_PMPCFG0    ? PMP_ENTRIES / 4
                          : first == CSR_PMPADDR0 ? PMP_ENTRIES
                                                  : HPM_FIRST + HPM_COUNTERS);
}
