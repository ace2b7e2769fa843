/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/arm/cpu.c - a CPU for tests of target/arm. */
#include "tests/arm/cpu.h"

#include "target/arm/excp.h"
#include "util/bits.h"

static Bench *bench_of(Vcpu *v)
{
    return v->engine_data;
}

static void context_changed(Vcpu *v)
{
    bench_of(v)->n_contexts++;
}

static void tlb_flush(Vcpu *v, bool all_pages, Gva va, int asid)
{
    Bench *b = bench_of(v);

    if (asid == FLUSH_GLOBAL) {
        return;
    }
    b->n_flushes++;
    b->last_all = all_pages;
    b->last_va = va;
    b->last_asid = asid;
}

static void tlb_flush_all(Vcpu *v)
{
}

static void tlb_flush_others(Vcpu *v, bool all_pages, Gva va, int asid)
{
    bench_of(v)->n_posts++;
}

static void nothing(Vcpu *v)
{
}

static uint32_t fp_flags(Vcpu *v)
{
    return v->fp_flags;
}

static void fp_set(Vcpu *v, uint32_t flags, unsigned round)
{
    v->fp_flags = flags;
    v->fp_round = round;
}

static void *host_address(Vcpu *v, Gva va, unsigned size, MemAccess access,
                          bool *fault)
{
    PageInfo page;
    RamSpan span;

    *fault = !v->target->find_page(v, va, access, false, &page);
    return !*fault && bus_find_ram(v->bus, page.gpa, &span) ? span.host : NULL;
}

static const VcpuEngine engine = {
    .context_changed = context_changed,
    .tlb_flush = tlb_flush,
    .tlb_flush_all = tlb_flush_all,
    .tlb_flush_others = tlb_flush_others,
    .tlb_sync = nothing,
    .code_barrier = nothing,
    .forget_link = nothing,
    .fp_flags = fp_flags,
    .fp_set = fp_set,
    .host_address = host_address,
};

Bench *bench_new(const char *cpu)
{
    Bench *b = g_new0(Bench, 1);
    Vcpu *v;

    b->bus = bus_new();
    b->ram = ram_new("ram", BENCH_RAM_SIZE, NULL);
    bus_add_ram(b->bus, BENCH_RAM, b->ram, false);
    v = target_aarch64.vcpu_new(cpu, 0, b->bus, NULL);
    g_assert_nonnull(v);
    v->engine = &engine;
    v->engine_data = b;
    b->cpu = (Arm *)v;
    target_aarch64.reset(v, BENCH_RAM);
    return b;
}

void bench_free(Bench *b)
{
    target_aarch64.vcpu_free(&b->cpu->vcpu);
    bus_free(b->bus);
    ram_free(b->ram);
    g_free(b);
}

void bench_write(Bench *b, Gpa addr, uint64_t value)
{
    le64_store(b->ram->host + (addr - BENCH_RAM), value);
}

uint64_t bench_read(const Bench *b, Gpa addr)
{
    return le64_load(b->ram->host + (addr - BENCH_RAM));
}

void bench_set_level(Bench *b, unsigned el)
{
    arm_set_mode(b->cpu, el, el > 0);
}
