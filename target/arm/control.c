/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/control.c - helpers of 128-bit atomics and of misaligned pc and
 * SP, and of branches to what is no landing pad.
 * Spec: DDI 0487 B2.12 (exclusives), D1.3.5 (SP alignment), D1.3.6 (pc),
 * D8.4.6 (guarded pages).
 * An exclusive pair remembers address and value, as the engine's smaller ones
 * do. Device memory has no 128-bit atomics. */
#include "target/arm/excp.h"
#include "target/arm/helper.h"
#include "target/arm/mmu.h"

typedef unsigned __int128 Pair;

static Pair pair(uint64_t low, uint64_t high)
{
    return (Pair)high << 64 | low;
}

static uint64_t reg(const Arm *cpu, unsigned n)
{
    return n == 31 ? 0 : cpu->x[n];
}

static void set_reg(Arm *cpu, unsigned n, uint64_t value)
{
    if (n != 31) {
        cpu->x[n] = value;
    }
}

/* NULL: a fault was raised. */
static Pair *place(Arm *cpu, Gva va, MemAccess access)
{
    Vcpu *v = &cpu->vcpu;
    bool fault = false;
    Pair *host = NULL;

    if (va & 15) {
        arm_raise_misaligned(v, va, access);
        return NULL;
    }
    host = v->engine->host_address(v, va, 16, access, &fault);
    if (!host && !fault) {
        arm_raise_bus_fault(v, va, access);
    }
    return host;
}

/* For an instruction that reads, too: whoever watches that is asked. */
static Pair *place_to_swap(Arm *cpu, Gva va)
{
    return place(cpu, va, MEM_WRITE) ? place(cpu, va, MEM_READ) : NULL;
}

/* Stores desired if *old is there, and gives what was; true if it did. */
static bool swap_pair(Arm *cpu, Gva va, Pair *host, Pair *old, Pair desired)
{
    Vcpu *v = &cpu->vcpu;

    if (!__atomic_compare_exchange_n(host, old, desired, false,
                                     __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
        return false;
    }
    v->engine->wrote(v, va, host, sizeof(*host));
    return true;
}

uint64_t arm_helper_ldxp(void *state, uint64_t a, uint64_t b, uint64_t c,
                         uint64_t imm)
{
    Arm *cpu = state;
    const Pair *host = place(cpu, a, MEM_READ);
    Pair value;

    if (!host) {
        return 0;
    }
    value = __atomic_load_n(host, __ATOMIC_SEQ_CST);
    cpu->excl_addr = a;
    cpu->excl_low = (uint64_t)value;
    cpu->excl_high = (uint64_t)(value >> 64);
    set_reg(cpu, imm & 31, cpu->excl_low);
    set_reg(cpu, imm >> 5 & 31, cpu->excl_high);
    return 0;
}

uint64_t arm_helper_stxp(void *state, uint64_t a, uint64_t b, uint64_t c,
                         uint64_t imm)
{
    Arm *cpu = state;
    Pair *host = place(cpu, a, MEM_WRITE);
    Pair expected = pair(cpu->excl_low, cpu->excl_high);
    bool linked = cpu->excl_addr == a;

    cpu->excl_addr = UINT64_MAX;
    if (!host || !linked) {
        return 1;
    }
    return !swap_pair(cpu, a, host, &expected, pair(b, c));
}

uint64_t arm_helper_casp(void *state, uint64_t a, uint64_t b, uint64_t c,
                         uint64_t imm)
{
    Arm *cpu = state;
    Pair *host = place_to_swap(cpu, a);
    unsigned rs = imm & 31, rt = imm >> 5 & 31;
    Pair old = pair(reg(cpu, rs), reg(cpu, rs + 1));

    if (host) {
        swap_pair(cpu, a, host, &old, pair(reg(cpu, rt), reg(cpu, rt + 1)));
        set_reg(cpu, rs, (uint64_t)old);
        set_reg(cpu, rs + 1, (uint64_t)(old >> 64));
    }
    return 0;
}

/* A guarded block may not be entered so, unless the type is left from a branch
 * to a page that was not guarded. */
static void check_landing(Arm *cpu)
{
    unsigned type = arm_btype(cpu);

    if (type != 0) {
        arm_raise(cpu, SYNDROME(EC_BTI, type), 0);
    } else {
        cpu->btype = 0;
    }
}

/* A branch to such an address with SP misaligned too is taken for the other
 * reason; only the saved pc then differs, by one. */
uint64_t arm_helper_misaligned(void *state, uint64_t a, uint64_t b, uint64_t c,
                               uint64_t imm)
{
    Arm *cpu = state;
    Gva pc = cpu->vcpu.pc;

    if ((pc & 3) == MISALIGNED_SP && (cpu->x[31] & 15)) {
        cpu->vcpu.pc -= MISALIGNED_SP;
        arm_raise(cpu, SYNDROME(EC_SP_ALIGNMENT, 0), 0);
    } else if ((pc & 3) == MISALIGNED_BTI && cpu->btype != 0) {
        cpu->vcpu.pc -= MISALIGNED_BTI;
        check_landing(cpu);
    } else {
        arm_raise(cpu, SYNDROME(EC_PC_ALIGNMENT, 0), pc);
    }
    return 0;
}
