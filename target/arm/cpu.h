/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/cpu.h - state of one A-profile CPU and the words of AArch64.
 * Spec: Arm ARM, DDI 0487 (K.a): part D for state, exceptions, translation.
 * Threads: the vCPU's own, but the timers' deadlines (timer_lock).
 * Lifetime: vcpu_new / vcpu_free of the Target; the machine owns it as a Vcpu.
 */
#ifndef CUTTLE_TARGET_ARM_CPU_H
#define CUTTLE_TARGET_ARM_CPU_H

#include "core/state.h"
#include "core/vcpu.h"
#include "tcg/ir/ir.h"

/* Features as -cpu NAME,feature=on|off and the ID registers have them. */
enum {
#define FEAT(id, ...) FEAT_##id,
#include "target/arm/isa.def"
    N_FEATS
};

G_STATIC_ASSERT(N_FEATS <= 128);

/* PSTATE in SPSR's bits (C5.2.19). pstate in the struct holds all of them but
 * N, Z, C, V, BTYPE; EL and SP are PSTATE_M. */
#define PSTATE_SP    (UINT64_C(1) << 0)
#define PSTATE_EL    (UINT64_C(3) << 2)
#define PSTATE_M     (UINT64_C(0x1f)) /* bit 4: AArch32 */
#define PSTATE_F     (UINT64_C(1) << 6)
#define PSTATE_I     (UINT64_C(1) << 7)
#define PSTATE_A     (UINT64_C(1) << 8)
#define PSTATE_D     (UINT64_C(1) << 9)
#define PSTATE_DAIF  (UINT64_C(0xf) << 6)
#define PSTATE_BTYPE (UINT64_C(3) << 10)
#define PSTATE_SSBS  (UINT64_C(1) << 12)
#define PSTATE_IL    (UINT64_C(1) << 20)
#define PSTATE_SS    (UINT64_C(1) << 21)
#define PSTATE_PAN   (UINT64_C(1) << 22)
#define PSTATE_UAO   (UINT64_C(1) << 23)
#define PSTATE_DIT   (UINT64_C(1) << 24)
#define PSTATE_TCO   (UINT64_C(1) << 25)
#define PSTATE_V     (UINT64_C(1) << 28)
#define PSTATE_C     (UINT64_C(1) << 29)
#define PSTATE_Z     (UINT64_C(1) << 30)
#define PSTATE_N     (UINT64_C(1) << 31)
#define PSTATE_NZCV  (UINT64_C(0xf) << 28)
enum { PSTATE_EL_SHIFT = 2, PSTATE_BTYPE_SHIFT = 10 };

/* Input pins of Vcpu.irq_lines. */
enum { PIN_IRQ, PIN_FIQ, PIN_VIRQ, PIN_VFIQ, PIN_SERROR };

/* Output lines, for the board to wire to PPIs (Target.connect_output). */
enum {
    LINE_CNTP,  /* physical timer */
    LINE_CNTV,  /* virtual timer */
    LINE_CNTHP, /* hypervisor physical timer */
    LINE_CNTPS, /* secure physical timer */
    LINE_CNTHV, /* hypervisor virtual timer */
    LINE_PMU,   /* counter overflow */
    N_LINES
};

/* What blocks depend on: TargetContext.flags. */
enum {
    FLAG_EL_SHIFT = 0,
    FLAG_EL_MASK = 3 << FLAG_EL_SHIFT,
    FLAG_FP_TRAP = 1 << 2,  /* FP and SIMD trap: ask arm_fp_trap where to */
    FLAG_TBI_LOW = 1 << 3,  /* branches drop the top byte: low half of VAs */
    FLAG_TBI_HIGH = 1 << 4, /* ... and the high half */
    FLAG_ALIGN = 1 << 5,    /* SCTLR.A, or memory is Device: the MMU is off */
    FLAG_SP_ALIGN = 1 << 6, /* SCTLR.SA or SA0 */
    FLAG_STEP = 1 << 7,     /* software step is active and not pending */
    FLAG_FP_ODD = 1 << 8,   /* FPCR.FZ, AH or the like: arithmetic by helper */
    FLAG_FP_DN = 1 << 9,    /* FPCR.DN: default NaNs */
    FLAG_FP_FZ16 = 1 << 10, /* FPCR.FZ16 */
    FLAG_IL = 1 << 11,      /* PSTATE.IL: every instruction is illegal */
    FLAG_BT = 1 << 12,      /* SCTLR.BT0 or BT1: PACIASP is no BTI JC */
    FLAG_UNPRIV = 1 << 13,  /* LDTR and STTR act as EL0 */
    FLAG_SECURE = 1 << 14,
    FLAG_E2H = 1 << 15,      /* EL1 names in EL2 go to EL2's registers */
    FLAG_TRAPS = 1 << 16,    /* HCR, SCTLR, ... trap some of what EL0/EL1 does
                              * inline else (WFI, DC ZVA, MRS of fields) */
    FLAG_PAUTH_SHIFT = 17,   /* SCTLR.EnIA, EnIB, EnDA, EnDB */
    FLAG_STEP_NOW = 1 << 22, /* ... and pending: it comes first */
    FLAG_SP0 = 1 << 21,      /* above EL0 with PSTATE.SP 0: SP is SP_EL0 */
    FLAG_GUARDED = 1 << 23,  /* PageInfo.block_flags: a guarded page */
    FLAG_NAA = 1 << 24,      /* SCTLR.nAA */
};

/* A vector register: lanes little-endian, so d[0] is Dn. */
typedef struct {
    uint64_t d[2];
} ArmVec;

enum { TIMER_PHYS, TIMER_VIRT, TIMER_HYP, TIMER_SEC, TIMER_HYPVIRT, N_TIMERS };

/* System registers with storage: one word each, SR_NAME indexes sr[]. The
 * table says number, rights, traps and hooks. */
enum {
#define SYSREG(name, ...) SR_##name,
#include "target/arm/sysregs.def"
    N_SYSREGS
};

/* Translation regimes (D8.1.2): of EL1 and EL0, of EL2 and EL0 (VHE), of EL2,
 * of EL3. */
typedef enum { REGIME_E10, REGIME_E20, REGIME_E2, REGIME_E3 } ArmRegime;
enum { N_REGIMES = 4, N_SPACES = 256, N_DOMAINS = 32 };

/* What translations of a regime depend on, and the number it goes by. Pages
 * that are global are the same wherever the domain is: it lacks table bases
 * and the ASID. */
typedef struct {
    uint64_t rules[5]; /* see mmu.c */
    uint32_t id;       /* 0: unused */
} ArmDomain;

typedef struct {
    uint64_t ttbr[2]; /* with the ASID where it counts */
    uint64_t domain;
    uint64_t id; /* 0: unused */
} ArmSpace;

/* The exception that is recorded until the engine has it taken. */
typedef struct {
    uint32_t esr;
    uint8_t el;   /* that takes it */
    bool has_ipa; /* ipa goes to HPFAR_EL2 */
    uint64_t far, ipa;
} ArmPending;

enum {
    DCZ_BITS = 6, /* log2 of DC ZVA's block */
    N_BREAKPOINTS = 6,
    N_CONTEXT_BREAKPOINTS = 2, /* the last ones */
    N_WATCHPOINTS = 4,
    PMU_COUNTERS = 6, /* beside the cycle counter */
};

typedef struct ArmConfig {
    uint64_t feats[2]; /* bit per FEAT_* */
    const struct ArmModel *model;
    bool has_el2, has_el3;
    bool like_a57, like_n1; /* whose implementation-defined registers */
    uint64_t mpidr;         /* without the uniprocessor and RES1 bits */
    uint32_t cntfrq;
    uint8_t pa_bits; /* of physical addresses */
} ArmConfig;

typedef struct Arm {
    Vcpu vcpu;
    uint64_t x[32]; /* x[31] is the current stack pointer */
    /* Flags as what they were made of: N is bit 63 of nf, Z is zf == 0, C is
     * cf (0 or 1), V is bit 63 of vf. */
    uint64_t nf, zf, cf, vf;
    uint64_t pstate; /* see PSTATE_* */
    uint64_t btype;  /* PSTATE.BTYPE, and where it counts: see arm_btype */
    ArmVec v[32] __attribute__((aligned(16)));

    uint64_t sp_el[4];        /* all stack pointers but the current one */
    uint64_t elr[4], spsr[4]; /* of EL1 to EL3; [0] is not used */
    uint64_t fpcr;
    uint64_t fpsr_qc; /* FPSR.QC: non-zero is set; the rest is in vcpu */
    uint64_t sr[N_SYSREGS];

    /* 128-bit exclusives; the 64-bit ones are the engine's. */
    uint64_t excl_addr, excl_low, excl_high;

    ArmConfig config;
    bool powered_off; /* by PSCI: waits for CPU_ON; under timer_lock */

    bool event; /* WFE's register */
    struct {
        bool wanted;
        uint64_t entry, context;
    } start; /* what CPU_ON asked for; under timer_lock */

    ArmPending pending; /* meaning of vcpu.exception, which is its EC */
    bool cache_op;      /* the access is a cache maintenance instruction's */
    bool must_sync;     /* TLB flushes of others are under way */

    /* What the engine watches for the guest; derived. */
    DebugPoint points[N_BREAKPOINTS + N_WATCHPOINTS];
    unsigned n_points;

    /* Names of address spaces (mmu.c); derived. */
    ArmSpace spaces[N_SPACES];
    ArmDomain domains[N_DOMAINS];
    uint64_t last_space;
    uint32_t last_domain;
    uint32_t regime_domain[N_REGIMES]; /* 0: look it up */
    uint64_t regime_space[N_REGIMES];

    uint64_t ns_per_tick;
    GMutex timer_lock; /* CTL, CVAL, CNTVOFF, the PMU's counters, their lines */
    Timer timers[N_TIMERS];
    Timer pmu_timer;
    IrqLine lines[N_LINES];
    uint64_t pmu_synced; /* guest time up to which counters are right */
    bool pmu_by_level;   /* some count at some levels only */
} Arm;

static inline bool arm_has(const Arm *cpu, unsigned feat)
{
    return cpu->config.feats[feat / 64] >> feat % 64 & 1;
}

static inline unsigned arm_el(const Arm *cpu)
{
    return (cpu->pstate & PSTATE_EL) >> PSTATE_EL_SHIFT;
}

static inline unsigned arm_highest_level(const Arm *cpu)
{
    return cpu->config.has_el3 ? 3 : cpu->config.has_el2 ? 2 : 1;
}

/* IR field numbers. */
enum {
    FIELD_X0 = 0,
    FIELD_SP = 31,
    FIELD_V0 = 32,
    FIELD_PC = 64,
    FIELD_NF,
    FIELD_ZF,
    FIELD_CF,
    FIELD_VF,
    FIELD_PSTATE,
    FIELD_BTYPE,
    FIELD_QC,
    FIELD_TPIDR_EL0,
    FIELD_TPIDRRO_EL0,
    FIELD_TPIDR_EL1,
    FIELD_TPIDR_EL2,
    FIELD_SP_EL0, /* sp_el[0]: what it is while SP is another */
    FIELD_SP_EL1,
    FIELD_ELR_EL1,
    FIELD_SPSR_EL1,
    FIELD_ESR_EL1,
    FIELD_FAR_EL1,
    FIELD_ELR_EL2,
    FIELD_SPSR_EL2,
    FIELD_ESR_EL2,
    FIELD_FAR_EL2,
    N_FIELDS
};

extern const IrGuest arm_ir; /* ir.c: fields and helpers */

#endif
