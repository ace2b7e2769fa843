/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/riscv/cpu.h - state of one hart, its configuration, and the words of
 * the privileged architecture.
 * Spec: unprivileged ISA 20240411, privileged architecture 1.13.
 * Threads: the vCPU's own, but stimecmp and what hangs on it (timer_lock).
 * Lifetime: riscv_cpu_new / riscv_cpu_free; the machine owns it as a Vcpu. */
#ifndef CUTTLE_TARGET_RISCV_CPU_H
#define CUTTLE_TARGET_RISCV_CPU_H

#include "core/state.h"
#include "core/vcpu.h"
#include "tcg/ir/ir.h"

enum {
#define EXT(id, name, models, brings) EXT_##id,
#include "target/riscv/isa.def"
#undef EXT
    N_EXTS
};

G_STATIC_ASSERT(N_EXTS <= 64);

enum { PRIV_U = 0, PRIV_S = 1, PRIV_M = 3 };

/* mstatus; sstatus has a subset. SD is never stored. */
#define STATUS_SIE  (UINT64_C(1) << 1)
#define STATUS_MIE  (UINT64_C(1) << 3)
#define STATUS_SPIE (UINT64_C(1) << 5)
#define STATUS_MPIE (UINT64_C(1) << 7)
#define STATUS_SPP  (UINT64_C(1) << 8)
#define STATUS_MPP  (UINT64_C(3) << 11)
#define STATUS_FS   (UINT64_C(3) << 13)
#define STATUS_MPRV (UINT64_C(1) << 17)
#define STATUS_SUM  (UINT64_C(1) << 18)
#define STATUS_MXR  (UINT64_C(1) << 19)
#define STATUS_TVM  (UINT64_C(1) << 20)
#define STATUS_TW   (UINT64_C(1) << 21)
#define STATUS_TSR  (UINT64_C(1) << 22)
#define STATUS_UXL  (UINT64_C(3) << 32)
#define STATUS_SXL  (UINT64_C(3) << 34)
#define SSTATUS_WRITABLE \
 (STATUS_SIE | STATUS_SPIE | STATUS_SPP | STATUS_FS | STATUS_SUM | STATUS_MXR)
enum { STATUS_MPP_SHIFT = 11, STATUS_FS_SHIFT = 13, STATUS_SD_SHIFT = 63 };

/* Interrupts: bits of mip and mie, and the pins of Vcpu.irq_lines. */
enum {
    IRQ_SSI = 1,
    IRQ_MSI = 3,
    IRQ_STI = 5,
    IRQ_MTI = 7,
    IRQ_SEI = 9,
    IRQ_MEI = 11,
    IRQ_LCOF = 13, /* Sscofpmf: counter overflow */
};

/* Exceptions, as mcause numbers them: Vcpu.exception. */
enum {
    EXC_FETCH_MISALIGNED = 0,
    EXC_FETCH_ACCESS = 1,
    EXC_ILLEGAL = 2,
    EXC_BREAKPOINT = 3,
    EXC_LOAD_MISALIGNED = 4,
    EXC_LOAD_ACCESS = 5,
    EXC_STORE_MISALIGNED = 6,
    EXC_STORE_ACCESS = 7,
    EXC_ECALL_U = 8,
    EXC_ECALL_S = 9,
    EXC_ECALL_M = 11,
    EXC_FETCH_PAGE = 12,
    EXC_LOAD_PAGE = 13,
    EXC_STORE_PAGE = 15,
};

/* menvcfg and senvcfg */
#define ENVCFG_FIOM  (UINT64_C(1) << 0)
#define ENVCFG_CBIE  (UINT64_C(3) << 4)
#define ENVCFG_CBCFE (UINT64_C(1) << 6)
#define ENVCFG_CBZE  (UINT64_C(1) << 7)
#define ENVCFG_ADUE  (UINT64_C(1) << 61)
#define ENVCFG_PBMTE (UINT64_C(1) << 62)
#define ENVCFG_STCE  (UINT64_C(1) << 63)

/* satp.MODE */
enum { VM_BARE = 0, VM_SV32 = 1, VM_SV39 = 8, VM_SV48 = 9, VM_SV57 = 10 };

/* What blocks depend on: TargetContext.flags. */
enum {
    FLAG_RV64 = 1 << 0,
    /* 0 off, 1 on and clean, 2 dirty; 3 (S mode) ask when it matters, because
     * kernels turn FS off and on around every system call */
    FLAG_FS_SHIFT = 1,
    FLAG_FS_ASK = 3 << FLAG_FS_SHIFT,
    FLAG_FS_MASK = 3 << FLAG_FS_SHIFT,
    FLAG_FRM_RMM = 1 << 3,     /* the dynamic rounding mode is RMM ... */
    FLAG_FRM_INVALID = 1 << 4, /* ... or reserved */
    FLAG_PRIV_SHIFT = 5,
    FLAG_PRIV_MASK = 3 << FLAG_PRIV_SHIFT,
    FLAG_INSTRET = 1 << 7, /* count instructions */
};

enum {
    PMP_ENTRIES = 16,
    COUNTER_INSTRET = 2,
    HPM_FIRST = 3, /* mhpmcounter3 ... 18 exist */
    HPM_COUNTERS = 16,
    N_COUNTERS = 32,
    CBO_BLOCK = 64,
    TIMEBASE_HZ = 10000000, /* of the time CSR */
};

/* One PMP entry, made from pmpcfg and pmpaddr: [first, last] with rights. */
typedef struct {
    Gpa first, last;
    uint8_t prot;
    bool locked;
} PmpRange;

typedef struct {
    uint64_t exts; /* bit per EXT_* */
    bool rv64;
    uint8_t max_vm; /* largest satp.MODE; VM_BARE: no MMU */
    bool pmp;
} RiscvConfig;

typedef struct Riscv {
    Vcpu vcpu;
    uint64_t x[32]; /* RV32: the upper halves are zero */
    uint64_t f[32]; /* NaN-boxed */

    /* The plain trap CSRs, which blocks access as fields. */
    uint64_t sscratch, sepc, scause, stval, stvec;
    uint64_t mscratch, mepc, mcause, mtval, mtvec;

    RiscvConfig config;
    uint8_t priv;
    uint8_t frm; /* as written; vcpu.fp_round has what arithmetic uses */
    uint64_t mstatus, medeleg, mideleg, mie;
    uint64_t mip; /* bits software has set; the pins are vcpu.irq_lines */
    uint64_t menvcfg, senvcfg, satp;
    uint32_t mcounteren, scounteren, mcountinhibit;

    uint8_t pmpcfg[PMP_ENTRIES];
    uint64_t pmpaddr[PMP_ENTRIES];
    PmpRange pmp[PMP_ENTRIES]; /* derived: the active ones */
    unsigned n_pmp;

    /* Counters 0 (cycle), 2 (instret) and 3 ... 18: while one runs its value
     * is counter[i] + now, while it is stopped counter[i]. */
    uint64_t counter[N_COUNTERS];
    uint64_t hpmevent[N_COUNTERS];
    /* Blocks count instructions in counter[2], each before it does its work,
     * from the guest's first look at instret on. */
    bool instret_exact;

    GMutex timer_lock; /* stimecmp, its timer and pin */
    uint64_t stimecmp;
    Timer stimer;
    Timer hpm_timer;                /* next counter overflow */
    uint32_t hpm_armed;             /* counters whose wrap it waits for */
    bool hpm_filters;               /* some counter leaves out a privilege */
    uint64_t (*time)(void *opaque); /* the board's mtime; NULL: guest time */
    void *time_opaque;
} Riscv;

static inline bool riscv_has(const Riscv *cpu, unsigned ext)
{
    return cpu->config.exts >> ext & 1;
}

/* IR field numbers. */
enum {
    FIELD_X0 = 0,
    FIELD_F0 = 32,
    FIELD_PC = 64,
    FIELD_SSCRATCH,
    FIELD_SEPC,
    FIELD_SCAUSE,
    FIELD_STVAL,
    FIELD_STVEC,
    FIELD_MSCRATCH,
    FIELD_MEPC,
    FIELD_MCAUSE,
    FIELD_MTVAL,
    FIELD_MTVEC,
    FIELD_INSTRET,
    FIELD_MSTATUS,
    N_FIELDS
};

extern const IrGuest riscv_ir; /* ir.c: fields and helpers */

#endif
