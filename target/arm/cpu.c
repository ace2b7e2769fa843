/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/cpu.c - a CPU as the engine and the machine see it: the Target
 * table, reset, what is saved, what is printed. */
#include "target/arm/cpu.h"

#include <elf.h>
#include <inttypes.h>
#include <string.h>

#include "target/arm/config.h"
#include "target/arm/debug-regs.h"
#include "target/arm/debug.h"
#include "target/arm/excp.h"
#include "target/arm/mmu.h"
#include "target/arm/pmu.h"
#include "target/arm/power.h"
#include "target/arm/sysreg.h"
#include "target/arm/timer.h"
#include "target/arm/translate.h"
#include "target/target.h"
#include "util/bits.h"

static Vcpu *cpu_new(const char *text, unsigned index, Bus *bus, GError **error)
{
    ArmConfig config;
    Arm *cpu;

    if (!arm_config_parse(&config, text, index, error)) {
        return NULL;
    }
    cpu = g_new0(Arm, 1);
    cpu->config = config;
    vcpu_init(&cpu->vcpu, &target_aarch64, index, bus);
    cpu->vcpu.model = g_strdup(text);
    cpu->vcpu.exception = -1;
    g_mutex_init(&cpu->timer_lock);
    arm_timer_init(cpu);
    arm_pmu_init(cpu);
    arm_sysreg_reset(cpu);
    return &cpu->vcpu;
}

static void cpu_free(Vcpu *v)
{
    if (v) {
        arm_timer_finish((Arm *)v);
        arm_pmu_finish((Arm *)v);
        g_mutex_clear(&((Arm *)v)->timer_lock);
        vcpu_finish(v);
        g_free(v);
    }
}

static void cpu_reset(Vcpu *v, Gva pc)
{
    Arm *cpu = (Arm *)v;

    memset(cpu->x, 0, sizeof(cpu->x));
    memset(cpu->v, 0, sizeof(cpu->v));
    arm_sysreg_reset(cpu);
    memset(cpu->sp_el, 0, sizeof(cpu->sp_el));
    memset(cpu->elr, 0, sizeof(cpu->elr));
    memset(cpu->spsr, 0, sizeof(cpu->spsr));
    cpu->nf = cpu->cf = cpu->vf = 0;
    cpu->zf = 1;
    cpu->btype = 0;
    cpu->fpcr = cpu->fpsr_qc = 0;
    cpu->excl_addr = UINT64_MAX;
    cpu->pstate = PSTATE_DAIF | PSTATE_SP |
                  (uint64_t)arm_highest_level(cpu) << PSTATE_EL_SHIFT;
    cpu->event = cpu->powered_off = cpu->cache_op = false;
    arm_timer_update(cpu);
    arm_pmu_update(cpu);
    arm_debug_update(cpu);
    arm_world_changed(cpu);
    v->pc = pc;
    v->halted = 0;
    v->exception = -1;
    v->exception_value = 0;
    if (v->engine) {
        v->engine->fp_set(v, 0, 0);
        v->engine->tlb_flush_all(v);
        arm_mmu_changed(cpu);
    }
}

/* Guest time was set before this, and what counters have counted with it. */
static void cpu_loaded(Vcpu *v)
{
    Arm *cpu = (Arm *)v;

    memset(cpu->regime_domain, 0, sizeof(cpu->regime_domain));
    memset(cpu->regime_space, 0, sizeof(cpu->regime_space));
    arm_timer_update(cpu);
    arm_pmu_update(cpu);
    arm_debug_update(cpu);
    arm_world_changed(cpu);
    if (v->engine) {
        v->engine->fp_set(v, v->fp_flags, v->fp_round);
    }
}

static const StateField vec_state[] = {
    STATE_U_ARRAY(ArmVec, d),
    STATE_LAST,
};

/* What the board or command line sets is not saved. */
static const StateField cpu_state[] = {
    STATE_U(Arm, vcpu.pc),
    STATE_U(Arm, vcpu.halted),
    STATE_U(Arm, vcpu.fp_flags),
    STATE_U(Arm, vcpu.fp_round),
    STATE_U(Arm, vcpu.irq_lines),
    STATE_U(Arm, vcpu.exception),
    STATE_U(Arm, vcpu.exception_value),
    STATE_U_ARRAY(Arm, x),
    STATE_U(Arm, nf),
    STATE_U(Arm, zf),
    STATE_U(Arm, cf),
    STATE_U(Arm, vf),
    STATE_U(Arm, pstate),
    STATE_U(Arm, btype),
    STATE_S_ARRAY(Arm, v, vec_state),
    STATE_U_ARRAY(Arm, sp_el),
    STATE_U_ARRAY(Arm, elr),
    STATE_U_ARRAY(Arm, spsr),
    STATE_U(Arm, fpcr),
    STATE_U(Arm, fpsr_qc),
    STATE_U_ARRAY(Arm, sr),
    STATE_U(Arm, excl_addr),
    STATE_U(Arm, excl_low),
    STATE_U(Arm, excl_high),
    STATE_U(Arm, powered_off),
    STATE_U(Arm, start.wanted),
    STATE_U(Arm, start.entry),
    STATE_U(Arm, start.context),
    STATE_U(Arm, event),
    STATE_U(Arm, pending.esr),
    STATE_U(Arm, pending.el),
    STATE_U(Arm, pending.has_ipa),
    STATE_U(Arm, pending.far),
    STATE_U(Arm, pending.ipa),
    STATE_U(Arm, pmu_synced),
    STATE_LAST,
};

static void connect_output(Vcpu *v, unsigned number, IrqLine line)
{
    if (number < N_LINES) {
        ((Arm *)v)->lines[number] = line;
    }
}

/* Capstone's numbers, written out because only util/ knows capstone. */
static void cpu_disassembly(const Vcpu *v, int *cs_arch, int *cs_mode)
{
    enum { ARCH_ARM64 = 1, MODE_LITTLE = 0 };

    *cs_arch = ARCH_ARM64;
    *cs_mode = MODE_LITTLE;
}

static void print_vectors(const Arm *cpu, GString *s)
{
    for (unsigned i = 0; i < 32; i++) {
        g_string_append_printf(s, "v%-3u%016" PRIx64 "%016" PRIx64 "%s", i,
                               cpu->v[i].d[1], cpu->v[i].d[0],
                               i % 2 ? "\n" : " ");
    }
}

static char *cpu_print_state(const Vcpu *v)
{
    const Arm *cpu = (const Arm *)v;
    GString *s = g_string_new(NULL);

    g_string_append_printf(
        s, "pc  %016" PRIx64 " el %u pstate %08" PRIx64 " %c%c%c%c\n", v->pc,
        arm_el(cpu), cpu->pstate, cpu->nf >> 63 ? 'N' : '-',
        cpu->zf ? '-' : 'Z', cpu->cf ? 'C' : '-', cpu->vf >> 63 ? 'V' : '-');
    for (unsigned i = 0; i < 32; i++) {
        g_string_append_printf(s, "%-4s%016" PRIx64 "%s",
                               arm_ir.fields[FIELD_X0 + i].name, cpu->x[i],
                               i % 4 == 3 ? "\n" : " ");
    }
    print_vectors(cpu, s);
    return g_string_free(s, FALSE);
}

/* x0 to x30, sp, pc, pstate. */
static unsigned core_regs(const Vcpu *v, uint64_t *to)
{
    const Arm *cpu = (const Arm *)v;

    memcpy(to, cpu->x, sizeof(cpu->x));
    to[32] = v->pc;
    to[33] = arm_pstate(cpu);
    return 34;
}

/* Linux': x8, x0 to x5. The pc is behind the instruction already. */
static void system_call(const Vcpu *v, TargetCall *out)
{
    const Arm *cpu = (const Arm *)v;

    *out = (TargetCall){
        .number = cpu->x[8],
        .result = cpu->x[0],
        .return_pc = v->pc,
        .stack = cpu->x[31],
        .thread = cpu->sr[SR_TPIDR_EL0],
        .space = cpu->sr[SR_TTBR0_EL1] & bits_mask(48) & ~UINT64_C(1),
    };
    memcpy(out->args, cpu->x, sizeof(out->args));
}

const Target target_aarch64 = {
    .name = "aarch64",
    .ir = &arm_ir,
    .state_size = sizeof(Arm),
    .tag_bits = 8,
    .insn_shift = 2,
    .state = cpu_state,
    .default_cpu = "max",
    .print_cpus = arm_print_cpus,
    .cpu_model = arm_cpu_model,
    .elf_machine = EM_AARCH64,
    .elf_wide = true,
    .core_regs = core_regs,
    .system_call = system_call,
    .vcpu_new = cpu_new,
    .vcpu_free = cpu_free,
    .reset = cpu_reset,
    .context = arm_context,
    .translate = arm_translate,
    .find_page = arm_find_page,
    .raise_bus_fault = arm_raise_bus_fault,
    .raise_misaligned = arm_raise_misaligned,
    .debug_hit = arm_debug_hit,
    .take_exception = arm_take_exception,
    .take_interrupt = arm_take_interrupt,
    .has_work = arm_has_work,
    .cpu_number = arm_cpu_number,
    .has_feature = arm_has_feature,
    .fdt_cpu = arm_fdt_cpu,
    .connect_output = connect_output,
    .reset_for_kernel = arm_reset_for_kernel,
    .power_on = arm_power_on,
    .power_off = arm_power_off,
    .is_on = arm_is_on,
    .loaded = cpu_loaded,
    .debug = &arm_debug,
    .disassembly = cpu_disassembly,
    .print_state = cpu_print_state,
};
