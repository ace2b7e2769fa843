/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/sysreg.c - the table of system registers, rights and traps.
 * Spec: DDI 0487 K.a, D19 (accessibility of each register). */
#include "target/arm/sysreg.h"

#include <inttypes.h>
#include <stdlib.h>

#include "target/arm/bits.h"
#include "target/arm/config.h"
#include "target/arm/excp.h"
#include "target/arm/helper.h"
#include "target/arm/mmu.h"
#include "util/bits.h"
#include "util/log.h"

/* ---- traps -------------------------------------------------------------- */

enum {
    TRAP_NONE,
    TRAP_TID1,
    TRAP_TID2,
    TRAP_TID3,
    TRAP_TIDCP,
    TRAP_CTR,
    TRAP_TVM,
    TRAP_TACR,
    TRAP_TCPAC,
    TRAP_TLOR,
    TRAP_APK,
    TRAP_UMA,
    TRAP_FP,
    TRAP_TDA,
    TRAP_TDOSA,
    TRAP_TDRA,
    TRAP_TPM,
    TRAP_TPMCR,
    TRAP_TPMCY,
    TRAP_TPMER,
    TRAP_TPMSW,
    TRAP_CNTPCT,
    TRAP_CNTVCT,
    TRAP_CNTP,
    TRAP_CNTV,
    TRAP_CNTPS,
};

/* Where the bits that let EL0 through stand. */
typedef enum { BY_NONE, BY_SCTLR, BY_PMUSERENR, BY_CNTKCTL } UserControl;

typedef struct {
    /* EL0 needs one of these. */
    UserControl user;
    uint32_t user_read, user_write;
    /* EL2 traps EL1, and EL0, by one of these bits of HCR_EL2, ... */
    uint64_t hcr_read, hcr_write;
    /* ... and of this register; so does EL3, EL2 too. */
    uint16_t el2_reg, el3_reg;
    uint32_t el2_bits, el3_bits;
    bool when_clear; /* the bits are enables */
} Trap;

#define USER(by, read, write) \
 .user = BY_##by, .user_read = (read), .user_write = (write)
#define HCR(read, write) .hcr_read = (read), .hcr_write = (write)
#define EL2(reg, bits)   .el2_reg = SR_##reg, .el2_bits = (bits)
#define EL3(reg, bits)   .el3_reg = SR_##reg, .el3_bits = (bits)

enum { PMU_EN = 1, PMU_SW = 2, PMU_CR = 4, PMU_ER = 8 };
enum { CNT_PCT = 1, CNT_VCT = 2, CNT_V = 0x100, CNT_P = 0x200 };

/* clang-format off */
static const Trap traps[] = {
    [TRAP_NONE]   = { 0 },
    [TRAP_TID1]   = { HCR(HCR_TID1, 0) },
    [TRAP_TID2]   = { HCR(HCR_TID2 | HCR_TID4, HCR_TID2 | HCR_TID4) },
    [TRAP_TID3]   = { HCR(HCR_TID3, 0) },
    [TRAP_TIDCP]  = { HCR(HCR_TIDCP, HCR_TIDCP) },
    [TRAP_CTR]    = { USER(SCTLR, SCTLR_UCT, 0), HCR(HCR_TID2, 0) },
    [TRAP_TVM]    = { HCR(HCR_TRVM, HCR_TVM) },
    [TRAP_TACR]   = { HCR(HCR_TACR, HCR_TACR) },
    [TRAP_TCPAC]  = { EL2(CPTR_EL2, CPTR_TCPAC), EL3(CPTR_EL3, CPTR_TCPAC) },
    [TRAP_TLOR]   = { HCR(HCR_TLOR, HCR_TLOR), EL3(SCR_EL3, SCR_TLOR) },
    [TRAP_APK]    = { HCR(HCR_APK, HCR_APK), EL3(SCR_EL3, SCR_APK),
                      .when_clear = true },
    [TRAP_UMA]    = { USER(SCTLR, SCTLR_UMA, SCTLR_UMA) },
    [TRAP_FP]     = { 0 }, /* the translator asks for FP */
    [TRAP_TDA]    = { EL2(MDCR_EL2, MDCR_TDA), EL3(MDCR_EL3, MDCR_TDA) },
    [TRAP_TDOSA]  = { EL2(MDCR_EL2, MDCR_TDOSA), EL3(MDCR_EL3, MDCR_TDOSA) },
    [TRAP_TDRA]   = { EL2(MDCR_EL2, MDCR_TDRA), EL3(MDCR_EL3, MDCR_TDA) },
    [TRAP_TPM]    = { USER(PMUSERENR, PMU_EN, PMU_EN),
                      EL2(MDCR_EL2, MDCR_TPM), EL3(MDCR_EL3, MDCR_TPM) },
    [TRAP_TPMCR]  = { USER(PMUSERENR, PMU_EN, PMU_EN),
                      EL2(MDCR_EL2, MDCR_TPM | MDCR_TPMCR),
                      EL3(MDCR_EL3, MDCR_TPM) },
    [TRAP_TPMCY]  = { USER(PMUSERENR, PMU_EN | PMU_CR, PMU_EN),
                      EL2(MDCR_EL2, MDCR_TPM), EL3(MDCR_EL3, MDCR_TPM) },
    [TRAP_TPMER]  = { USER(PMUSERENR, PMU_EN | PMU_ER, PMU_EN),
                      EL2(MDCR_EL2, MDCR_TPM), EL3(MDCR_EL3, MDCR_TPM) },
    [TRAP_TPMSW]  = { USER(PMUSERENR, PMU_EN | PMU_SW, PMU_EN | PMU_SW),
                      EL2(MDCR_EL2, MDCR_TPM), EL3(MDCR_EL3, MDCR_TPM) },
    [TRAP_CNTPCT] = { USER(CNTKCTL, CNT_PCT, 0) },
    [TRAP_CNTVCT] = { USER(CNTKCTL, CNT_VCT, 0) },
    [TRAP_CNTP]   = { USER(CNTKCTL, CNT_P, CNT_P) },
    [TRAP_CNTV]   = { USER(CNTKCTL, CNT_V, CNT_V) },
    [TRAP_CNTPS]  = { EL3(SCR_EL3, SCR_ST), .when_clear = true },
};
/* clang-format on */

static uint64_t user_control(const Arm *cpu, UserControl by)
{
    bool host = arm_is_host(cpu);

    switch (by) {
    case BY_SCTLR:
        return cpu->sr[host ? SR_SCTLR_EL2 : SR_SCTLR_EL1];
    case BY_PMUSERENR:
        return cpu->sr[SR_PMUSERENR_EL0];
    default:
        return cpu->sr[host ? SR_CNTHCTL_EL2 : SR_CNTKCTL_EL1];
    }
}

/* CNTHCTL_EL2's enables of the physical timer for EL1: where they are depends
 * on E2H (D19.12.2). */
static bool hypervisor_keeps_timer(const Arm *cpu, unsigned reg)
{
    unsigned trap = arm_sysregs[reg].trap;
    uint64_t control = cpu->sr[SR_CNTHCTL_EL2];
    bool e2h = arm_hcr(cpu) & HCR_E2H;

    if (arm_is_host(cpu)) {
        return false;
    }
    if (arm_has(cpu, FEAT_ECV)) { /* EL1TVT, EL1TVCT */
        if ((trap == TRAP_CNTV && (control & BIT(13))) ||
            (trap == TRAP_CNTVCT && reg != SR_CNTFRQ_EL0 &&
             (control & BIT(14)))) {
            return true;
        }
    }
    if (trap == TRAP_CNTPCT) {
        return !(control & BIT(e2h ? 10 : 0));
    }
    return trap == TRAP_CNTP && !(control & BIT(e2h ? 11 : 1));
}

static bool applies(const Trap *t, uint64_t word, uint64_t bits)
{
    return bits != 0 && (t->when_clear ? !(word & bits) : !!(word & bits));
}

unsigned arm_sysreg_trap(const Arm *cpu, unsigned reg, bool write)
{
    const Trap *t = &traps[arm_sysregs[reg].trap];
    unsigned el = arm_el(cpu);

    if (el == 0 && t->user != BY_NONE &&
        !(user_control(cpu, t->user) &
          (write ? t->user_write : t->user_read))) {
        return arm_default_level(cpu);
    }
    if (el < 2 && arm_el2_enabled(cpu)) {
        uint64_t hcr = arm_hcr(cpu);

        if ((applies(t, hcr, write ? t->hcr_write : t->hcr_read) &&
             !(el == 0 && (hcr & HCR_TGE))) ||
            applies(t, cpu->sr[t->el2_reg], t->el2_bits) ||
            hypervisor_keeps_timer(cpu, reg)) {
            return 2;
        }
    }
    if (el < 3 && cpu->config.has_el3 &&
        applies(t, cpu->sr[t->el3_reg], t->el3_bits)) {
        return 3;
    }
    return 0;
}

/* ---- table -------------------------------------------------------------- */

/* Needs that are no feature. */
enum { FEAT_ALWAYS = N_FEATS, FEAT_SECURE, FEAT_LIKE_A57, FEAT_LIKE_N1 };
enum { END = 1, HIGHEST = 8 };

#define R0W0 0, 0
#define R0WH 0, HIGHEST
#define R0W1 0, 1
#define R0W9 0, 9
#define R9W0 9, 0
#define R1W1 1, 1
#define R1W9 1, 9
#define R9W1 9, 1
#define R2W2 2, 2
#define R2W9 2, 9
#define R3W3 3, 3
#define R3W9 3, 9

#define SYSREG_ROW(name, op0, op1, crn, crm, op2, needs, rd, wr, trap, hook, \
                   ends, mask)                                               \
 {#name,        SYSREG_NUMBER(op0, op1, crn, crm, op2),                      \
  FEAT_##needs, rd,                                                          \
  wr,           TRAP_##trap,                                                 \
  HOOK_##hook,  ends,                                                        \
  mask},
#define SYSREG_ARGS(...) SYSREG_ROW(__VA_ARGS__)

const ArmSysreg arm_sysregs[N_SYSREGS] = {
#define SYSREG(name, op0, op1, crn, crm, op2, needs, rights, trap, hook, ends, \
               mask)                                                           \
 SYSREG_ARGS(name, op0, op1, crn, crm, op2, needs, rights, trap, hook, ends,   \
             mask)
#include "target/arm/sysregs.def"
};

static const struct {
    uint16_t reg, other;
} aliases[] = {
#define ALIAS(name, other) {SR_##name, SR_##other},
#include "target/arm/sysregs.def"
};

/* Registers by number: one more than SR_*; 0: none. */
static uint16_t by_number[1 << 16];

static gpointer fill_by_number(gpointer data)
{
    for (unsigned i = 0; i < N_SYSREGS; i++) {
        by_number[arm_sysregs[i].number] = (uint16_t)(i + 1);
    }
    return NULL;
}

static int look_up(unsigned number)
{
    static GOnce once = G_ONCE_INIT;

    g_once(&once, fill_by_number, NULL);
    return (int)by_number[number & 0xffff] - 1;
}

static unsigned op1_of(unsigned number)
{
    return number >> 11 & 7;
}

/* ID registers of all kinds: op0 3, op1 0, CRn 0, CRm 1 to 7. */
static bool is_id_space(unsigned number)
{
    return number >> 14 == 3 && op1_of(number) == 0 &&
           (number >> 7 & 15) == 0 && (number >> 3 & 15) >= 1 &&
           (number >> 3 & 15) <= 7;
}

/* ICC_*, ICV_*, ICH_*: CRn 12, CRm 8 to 15, and ICC_PMR_EL1. */
static bool is_gic(unsigned number)
{
    return number == SYSREG_NUMBER(3, 0, 4, 6, 0) ||
           (number >> 14 == 3 && (number >> 7 & 15) == 12 &&
            (number >> 3 & 15) >= 8 && op1_of(number) % 2 == 0);
}

static int alias_of(int reg)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(aliases); i++) {
        if (aliases[i].reg == reg) {
            return aliases[i].other;
        }
    }
    return reg;
}

static bool has_alias(int reg)
{
    return reg >= 0 && alias_of(reg) != reg;
}

/* NAME_EL12 has NAME_EL1's number with op1 5 for 0, NAME_EL02 has that of
 * NAME_EL0 with 5 for 3. */
static int without_host(unsigned number)
{
    unsigned rest = number & ~(7u << 11);
    int reg = look_up(rest);

    if (!has_alias(reg)) {
        reg = look_up(rest | 3u << 11);
    }
    return has_alias(reg) ? reg : SYSREG_UNKNOWN;
}

int arm_sysreg_find(const Arm *cpu, unsigned number, unsigned el, bool e2h,
                    bool write)
{
    int reg;

    if (number >> 14 == 3 && op1_of(number) == 5) {
        return el >= 2 && e2h ? without_host(number) : SYSREG_UNKNOWN;
    }
    reg = look_up(number);
    if (reg >= 0) {
        return el == 2 && e2h ? alias_of(reg) : reg;
    }
    if (is_gic(number) && el > 0) {
        return SYSREG_GIC;
    }
    return is_id_space(number) && el > 0 && !write ? SYSREG_ID_ZERO
                                                   : SYSREG_UNKNOWN;
}

static bool is_there(const Arm *cpu, unsigned needs, unsigned el)
{
    switch (needs) {
    case FEAT_ALWAYS:
        return true;
    case FEAT_SECURE:
        return el == 3 || (el == 1 && arm_is_secure(cpu));
    case FEAT_LIKE_A57:
        return cpu->config.like_a57;
    case FEAT_LIKE_N1:
        return cpu->config.like_n1;
    default:
        return arm_has(cpu, needs);
    }
}

bool arm_sysreg_allows(const Arm *cpu, unsigned reg, unsigned el, bool write)
{
    const ArmSysreg *r = &arm_sysregs[reg];
    unsigned op1 = op1_of(r->number);
    unsigned least = write ? r->write_el : r->read_el;

    if (!is_there(cpu, r->needs, el)) {
        return false;
    }
    /* EL3 has EL2's registers even where there is no EL2. */
    if ((op1 == 4 && !cpu->config.has_el2 && el < 3) ||
        (op1 == 6 && !cpu->config.has_el3)) {
        return false;
    }
    return el >= (least == HIGHEST ? arm_highest_level(cpu) : least);
}

/* ---- accesses ----------------------------------------------------------- */

/* Without an EL2 its registers are RES0, but SP_EL1 and SPSRs of modes, which
 * have CRn 4, too. */
static bool is_res0(const Arm *cpu, unsigned reg)
{
    unsigned number = arm_sysregs[reg].number;

    return op1_of(number) == 4 && !cpu->config.has_el2 &&
           (number >> 7 & 15) != 4;
}

static uint64_t read_res0(const Arm *cpu, unsigned reg)
{
    return reg == SR_VPIDR_EL2    ? cpu->sr[SR_MIDR_EL1]
           : reg == SR_VMPIDR_EL2 ? cpu->sr[SR_MPIDR_EL1]
                                  : 0;
}

uint64_t arm_sysreg_read(Arm *cpu, unsigned reg)
{
    ArmSysregRead *read = arm_sysreg_hooks[arm_sysregs[reg].hook].read;

    if (is_res0(cpu, reg)) {
        return read_res0(cpu, reg);
    }
    return read != NULL ? read(cpu, reg) : cpu->sr[reg];
}

void arm_sysreg_write(Arm *cpu, unsigned reg, uint64_t value)
{
    const ArmSysreg *r = &arm_sysregs[reg];
    ArmSysregWrite *write = arm_sysreg_hooks[r->hook].write;

    if (is_res0(cpu, reg)) {
        return;
    }
    if (write != NULL) {
        write(cpu, reg, value);
    } else {
        cpu->sr[reg] = (cpu->sr[reg] & ~r->mask) | (value & r->mask);
        if (r->ends) {
            cpu->vcpu.engine->context_changed(&cpu->vcpu);
        }
    }
}

static bool is_trapped(Arm *cpu, unsigned reg, bool write, uint32_t iss)
{
    unsigned el = arm_sysreg_trap(cpu, reg, write);

    if (el == 0) {
        return false;
    }
    arm_record_to(cpu, el, SYNDROME(EC_SYSREG, iss), 0);
    return true;
}

uint64_t arm_helper_sysreg_read(void *state, uint64_t a, uint64_t b, uint64_t c,
                                uint64_t imm)
{
    Arm *cpu = state;

    if (is_trapped(cpu, (unsigned)imm, false, (uint32_t)a)) {
        return 0;
    }
    return arm_sysreg_read(cpu, (unsigned)imm);
}

uint64_t arm_helper_sysreg_write(void *state, uint64_t a, uint64_t b,
                                 uint64_t c, uint64_t imm)
{
    Arm *cpu = state;

    if (!is_trapped(cpu, (unsigned)imm, true, (uint32_t)a)) {
        arm_sysreg_write(cpu, (unsigned)imm, b);
    }
    return 0;
}

/* TID3 goes for what is not allocated, too. */
uint64_t arm_helper_id_zero(void *state, uint64_t a, uint64_t b, uint64_t c,
                            uint64_t imm)
{
    is_trapped(state, SR_ID_AA64PFR1_EL1, false, (uint32_t)a);
    return 0;
}

/* CRn 11 and 15 of registers and instructions are the implementation's. */
static bool is_own(unsigned number)
{
    unsigned crn = number >> 7 & 15;

    return (number & 1 << 14) && (crn == 11 || crn == 15);
}

uint64_t arm_helper_sysreg_unknown(void *state, uint64_t a, uint64_t b,
                                   uint64_t c, uint64_t imm)
{
    Arm *cpu = state;

    if (is_own((unsigned)imm) && arm_el(cpu) == 1 &&
        (arm_hcr(cpu) & HCR_TIDCP)) {
        arm_raise_to(cpu, 2, SYNDROME(EC_SYSREG, (uint32_t)b), 0);
        return 0;
    }
    if (arm_el(cpu) == 0 &&
        (look_up((unsigned)imm) >= 0 || is_id_space((unsigned)imm))) {
        arm_raise(cpu, SYNDROME_UNKNOWN, 0); /* kernels answer for them */
        return 0;
    }
    guest_log(LOG_UNIMP,
              "cpu %u: system register %u_%u_c%u_c%u_%u %s at pc 0x%" PRIx64
              " EL%u: not there\n",
              cpu->vcpu.index, (unsigned)(imm >> 14), op1_of((unsigned)imm),
              (unsigned)(imm >> 7 & 15), (unsigned)(imm >> 3 & 15),
              (unsigned)(imm & 7), a ? "read" : "written", cpu->vcpu.pc,
              arm_el(cpu));
    arm_raise(cpu, SYNDROME_UNKNOWN, 0);
    return 0;
}

/* The GIC's answer to an access. */
static bool gic_result(Arm *cpu, CpuRegResult result, uint32_t iss)
{
    if (result == CPU_REG_UNDEFINED) {
        arm_record(cpu, SYNDROME_UNKNOWN, 0);
    } else if (result != CPU_REG_OK) {
        arm_record_to(cpu, (unsigned)(result - CPU_REG_TRAP_1) + 1,
                      SYNDROME(EC_SYSREG, iss), 0);
    }
    return result == CPU_REG_OK;
}

uint64_t arm_helper_gic_read(void *state, uint64_t a, uint64_t b, uint64_t c,
                             uint64_t imm)
{
    Arm *cpu = state;
    const CpuRegBank *bank = cpu->vcpu.regs;
    CpuRegResult result = CPU_REG_UNDEFINED;
    uint64_t value = 0;

    if (bank != NULL) {
        result = bank->read(bank->opaque, cpu->vcpu.index, (uint32_t)imm,
                            arm_gic_mode(cpu), &value);
    }
    return gic_result(cpu, result, (uint32_t)a) ? value : 0;
}

uint64_t arm_helper_gic_write(void *state, uint64_t a, uint64_t b, uint64_t c,
                              uint64_t imm)
{
    Arm *cpu = state;
    const CpuRegBank *bank = cpu->vcpu.regs;
    CpuRegResult result = CPU_REG_UNDEFINED;

    if (bank != NULL) {
        result = bank->write(bank->opaque, cpu->vcpu.index, (uint32_t)imm,
                             arm_gic_mode(cpu), b);
    }
    gic_result(cpu, result, (uint32_t)a);
    return 0;
}

/* ---- reset -------------------------------------------------------------- */

enum {
    SCTLR_EL1_RESET = 0x30d00800, /* RES1, and what is so without features */
    SCTLR_EL23_RESET = 0x30c50830,
    CPTR_EL2_RESET = 0x33ff,
    SCR_RESET = 0x430, /* RES1, RW */
};

void arm_sysreg_reset(Arm *cpu)
{
    memset(cpu->sr, 0, sizeof(cpu->sr));
    arm_config_put_ids(cpu);
    cpu->sr[SR_CNTFRQ_EL0] = cpu->config.cntfrq;
    cpu->sr[SR_SCTLR_EL1] = SCTLR_EL1_RESET;
    cpu->sr[SR_SCTLR_EL2] = SCTLR_EL23_RESET;
    cpu->sr[SR_SCTLR_EL3] = SCTLR_EL23_RESET;
    cpu->sr[SR_CPTR_EL2] = CPTR_EL2_RESET;
    cpu->sr[SR_HCR_EL2] = HCR_RW;
    cpu->sr[SR_SCR_EL3] = SCR_RESET;
    cpu->sr[SR_OSLSR_EL1] = OSLSR_OSLM | OSLSR_OSLK;
    cpu->sr[SR_MDCR_EL2] = PMU_COUNTERS; /* HPMN */
}
