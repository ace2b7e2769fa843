/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/riscv/cpu.c - a hart as the engine and the machine see it: the two
 * Target tables, reset, what is saved, what is printed. */
#include "target/riscv/cpu.h"

#include <elf.h>
#include <inttypes.h>
#include <string.h>

#include "target/riscv/config.h"
#include "target/riscv/counter.h"
#include "target/riscv/debug-regs.h"
#include "target/riscv/disas.h"
#include "target/riscv/excp.h"
#include "target/riscv/mmu.h"
#include "target/riscv/translate.h"
#include "target/target.h"
#include "util/bits.h"

static Vcpu *cpu_new(const Target *target, bool rv64, const char *text,
                     unsigned index, Bus *bus, GError **error)
{
    RiscvConfig config;
    Riscv *cpu;

    if (!riscv_config_parse(&config, text, rv64, error)) {
        return NULL;
    }
    cpu = g_new0(Riscv, 1);
    cpu->config = config;
    vcpu_init(&cpu->vcpu, target, index, bus);
    cpu->vcpu.model = g_strdup(text);
    riscv_counter_init(cpu);
    cpu->vcpu.exception = -1;
    return &cpu->vcpu;
}

static Vcpu *cpu_new_64(const char *text, unsigned index, Bus *bus,
                        GError **error)
{
    return cpu_new(&target_riscv64, true, text, index, bus, error);
}

static Vcpu *cpu_new_32(const char *text, unsigned index, Bus *bus,
                        GError **error)
{
    return cpu_new(&target_riscv32, false, text, index, bus, error);
}

static void cpu_free(Vcpu *v)
{
    if (v) {
        riscv_counter_finish((Riscv *)v);
        vcpu_finish(v);
        g_free(v);
    }
}

/* Without Svade the platform's page tables are written as Svadu wants it; a
 * firmware that knows neither expects it so. */
static uint64_t reset_menvcfg(const Riscv *cpu)
{
    return riscv_has(cpu, EXT_SVADU) && !riscv_has(cpu, EXT_SVADE) ? ENVCFG_ADUE
                                                                   : 0;
}

static void reset_csrs(Riscv *cpu)
{
    cpu->sscratch = cpu->sepc = cpu->scause = cpu->stval = cpu->stvec = 0;
    cpu->mscratch = cpu->mepc = cpu->mcause = cpu->mtval = cpu->mtvec = 0;
    cpu->priv = PRIV_M;
    cpu->frm = 0;
    cpu->mstatus = riscv_has(cpu, EXT_U) ? 0 : STATUS_MPP;
    cpu->medeleg = cpu->mideleg = cpu->mie = cpu->mip = 0;
    cpu->menvcfg = reset_menvcfg(cpu);
    cpu->senvcfg = cpu->satp = 0;
    cpu->mcounteren = cpu->scounteren = cpu->mcountinhibit = 0;
    memset(cpu->pmpcfg, 0, sizeof(cpu->pmpcfg));
    memset(cpu->pmpaddr, 0, sizeof(cpu->pmpaddr));
    memset(cpu->counter, 0, sizeof(cpu->counter));
    cpu->instret_exact = false;
    memset(cpu->hpmevent, 0, sizeof(cpu->hpmevent));
    cpu->hpm_filters = false;
}

static void cpu_reset(Vcpu *v, Gva pc)
{
    Riscv *cpu = (Riscv *)v;

    memset(cpu->x, 0, sizeof(cpu->x));
    memset(cpu->f, 0, sizeof(cpu->f));
    reset_csrs(cpu);
    riscv_pmp_update(cpu);
    v->pc = pc;
    v->halted = 0;
    v->exception = -1;
    v->exception_value = 0;
    vcpu_set_irq(v, IRQ_LCOF, false);
    vcpu_set_irq(v, IRQ_SSI, false);
    riscv_set_stimecmp(cpu, UINT64_MAX);
    if (v->engine) {
        v->engine->fp_set(v, 0, 0);
        v->engine->tlb_flush_all(v);
        v->engine->context_changed(v);
    }
}

static void cpu_loaded(Vcpu *v)
{
    Riscv *cpu = (Riscv *)v;

    riscv_pmp_update(cpu);
    if (riscv_has(cpu, EXT_SSTC)) {
        riscv_set_stimecmp(cpu, cpu->stimecmp);
    }
    riscv_set_inhibit(cpu, cpu->mcountinhibit);
    if (v->engine) {
        v->engine->fp_set(v, v->fp_flags, v->fp_round);
    }
}

/* Derived fields, and what the board or command line sets, are not saved. */
static const StateField cpu_state[] = {
    STATE_U(Riscv, vcpu.pc),
    STATE_U(Riscv, vcpu.halted),
    STATE_U(Riscv, vcpu.fp_flags),
    STATE_U(Riscv, vcpu.fp_round),
    STATE_U(Riscv, vcpu.irq_lines),
    STATE_U(Riscv, vcpu.exception),
    STATE_U(Riscv, vcpu.exception_value),
    STATE_U_ARRAY(Riscv, x),
    STATE_U_ARRAY(Riscv, f),
    STATE_U(Riscv, sscratch),
    STATE_U(Riscv, sepc),
    STATE_U(Riscv, scause),
    STATE_U(Riscv, stval),
    STATE_U(Riscv, stvec),
    STATE_U(Riscv, mscratch),
    STATE_U(Riscv, mepc),
    STATE_U(Riscv, mcause),
    STATE_U(Riscv, mtval),
    STATE_U(Riscv, mtvec),
    STATE_U(Riscv, priv),
    STATE_U(Riscv, frm),
    STATE_U(Riscv, mstatus),
    STATE_U(Riscv, medeleg),
    STATE_U(Riscv, mideleg),
    STATE_U(Riscv, mie),
    STATE_U(Riscv, mip),
    STATE_U(Riscv, menvcfg),
    STATE_U(Riscv, senvcfg),
    STATE_U(Riscv, satp),
    STATE_U(Riscv, mcounteren),
    STATE_U(Riscv, scounteren),
    STATE_U(Riscv, mcountinhibit),
    STATE_U_ARRAY(Riscv, pmpcfg),
    STATE_U_ARRAY(Riscv, pmpaddr),
    STATE_U_ARRAY(Riscv, counter),
    STATE_U_ARRAY(Riscv, hpmevent),
    STATE_U(Riscv, instret_exact),
    STATE_U(Riscv, stimecmp),
    STATE_LAST,
};

/* Capstone's numbers, written out because only util/ knows capstone. */
static void cpu_disassembly(const Vcpu *v, int *cs_arch, int *cs_mode)
{
    enum { ARCH_RISCV = 15, MODE_32 = 1, MODE_64 = 2, MODE_C = 4 };

    *cs_arch = ARCH_RISCV;
    *cs_mode = (((const Riscv *)v)->config.rv64 ? MODE_64 : MODE_32) | MODE_C;
}

static char *cpu_print_state(const Vcpu *v)
{
    const Riscv *cpu = (const Riscv *)v;
    GString *s = g_string_new(NULL);

    g_string_append_printf(s, "pc  %016" PRIx64 " priv %u\n", v->pc, cpu->priv);
    for (unsigned i = 0; i < 32; i++) {
        g_string_append_printf(s, "%-4s%016" PRIx64 "%s",
                               riscv_ir.fields[FIELD_X0 + i].name, cpu->x[i],
                               i % 4 == 3 ? "\n" : " ");
    }
    for (unsigned i = 0; i < 32 && (cpu->mstatus & STATUS_FS); i++) {
        g_string_append_printf(s, "%-4s%016" PRIx64 "%s",
                               riscv_ir.fields[FIELD_F0 + i].name, cpu->f[i],
                               i % 4 == 3 ? "\n" : " ");
    }
    g_string_append_printf(s,
                           "mstatus %016" PRIx64 " mcause %" PRIx64
                           " mepc %" PRIx64 " mtval %" PRIx64 "\n"
                           "satp    %016" PRIx64 " scause %" PRIx64
                           " sepc %" PRIx64 " stval %" PRIx64 "\n",
                           cpu->mstatus, cpu->mcause, cpu->mepc, cpu->mtval,
                           cpu->satp, cpu->scause, cpu->sepc, cpu->stval);
    return g_string_free(s, FALSE);
}

static void print_cpus_64(void)
{
    riscv_print_cpus(true);
}

static void print_cpus_32(void)
{
    riscv_print_cpus(false);
}

/* pc, x1 to x31. */
static unsigned core_regs(const Vcpu *v, uint64_t *to)
{
    const Riscv *cpu = (const Riscv *)v;

    memcpy(to, cpu->x, sizeof(cpu->x));
    to[0] = v->pc;
    return 32;
}

/* Linux': a7, a0 to a5; SBI's callers do the same. */
static void system_call(const Vcpu *v, TargetCall *out)
{
    const Riscv *cpu = (const Riscv *)v;
    uint64_t root = cpu->config.rv64 ? bits_mask(44) : bits_mask(22);

    *out = (TargetCall){
        .number = cpu->x[17],
        .result = cpu->x[10],
        .return_pc = v->pc + 4,
        .stack = cpu->x[2],
        .thread = cpu->x[4],
        .space = cpu->satp & root,
    };
    memcpy(out->args, &cpu->x[10], sizeof(out->args));
}

static const char *cpu_model_64(unsigned n)
{
    return riscv_cpu_model(true, n);
}

static const char *cpu_model_32(unsigned n)
{
    return riscv_cpu_model(false, n);
}

#define COMMON                                                           \
 .ir = &riscv_ir, .state_size = sizeof(Riscv), .state = cpu_state,       \
 .insn_shift = 1, .vcpu_free = cpu_free, .reset = cpu_reset,             \
 .context = riscv_context, .translate = riscv_translate,                 \
 .find_page = riscv_find_page, .raise_bus_fault = riscv_raise_bus_fault, \
 .raise_misaligned = riscv_raise_misaligned,                             \
 .take_exception = riscv_take_exception,                                 \
 .take_interrupt = riscv_take_interrupt, .has_work = riscv_has_work,     \
 .fdt_cpu = riscv_fdt_cpu, .set_time_source = riscv_set_time_source,     \
 .loaded = cpu_loaded, .disassembly = cpu_disassembly,                   \
 .disassemble = riscv_disassemble_at, .print_state = cpu_print_state,    \
 .elf_machine = EM_RISCV, .core_regs = core_regs, .system_call = system_call

const Target target_riscv64 = {
    .name = "riscv64",
    .default_cpu = "rv64",
    .print_cpus = print_cpus_64,
    .cpu_model = cpu_model_64,
    .elf_wide = true,
    .vcpu_new = cpu_new_64,
    .debug = &riscv_debug_64,
    COMMON,
};

const Target target_riscv32 = {
    .name = "riscv32",
    .default_cpu = "rv32",
    .print_cpus = print_cpus_32,
    .cpu_model = cpu_model_32,
    .vcpu_new = cpu_new_32,
    .debug = &riscv_debug_32,
    COMMON,
};
