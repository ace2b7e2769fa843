/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/riscv/semihost.c - the long ebreak: a breakpoint, or a call of the
 * machine's semihosting when the instructions around it say so.
 * They are looked at when it runs, because a block depends on its own bytes
 * only. Operation and result are in a0, the parameter is in a1.
 * Spec: RISC-V semihosting 0.4, 2. */
#include "target/riscv/excp.h"
#include "target/riscv/helper.h"
#include "target/riscv/mmu.h"
#include "util/bits.h"

enum { INSN_BYTES = 4, A0 = 10, A1 = 11 };

/* All in one page, as the specification asks for. */
static const uint32_t sequence[] = {
    0x01f01013, /* slli x0, x0, 0x1f */
    0x00100073, /* ebreak */
    0x40705013, /* srai x0, x0, 7 */
};

static bool is_sequence(Riscv *cpu)
{
    Vcpu *v = &cpu->vcpu;
    unsigned offset = v->pc % TARGET_PAGE_SIZE;
    PageInfo page;
    RamSpan span;

    if (offset < INSN_BYTES ||
        offset - INSN_BYTES > TARGET_PAGE_SIZE - sizeof(sequence) ||
        !riscv_find_page(v, v->pc - INSN_BYTES, MEM_EXEC, true, &page) ||
        !bus_find_ram(v->bus, page.gpa, &span) || span.len < sizeof(sequence)) {
        return false;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(sequence); i++) {
        if (le32_load((uint8_t *)span.host + INSN_BYTES * i) != sequence[i]) {
            return false;
        }
    }
    return true;
}

static bool may_call(Riscv *cpu, const VcpuCalls *calls)
{
    return calls != NULL && calls->semihost != NULL &&
           (cpu->priv > PRIV_U || calls->semihost_user) && is_sequence(cpu);
}

uint64_t helper_ebreak(void *state, uint64_t a, uint64_t b, uint64_t c,
                       uint64_t imm)
{
    Riscv *cpu = state;
    Vcpu *v = &cpu->vcpu;
    const VcpuCalls *calls = v->calls;
    uint64_t result = 0;

    if (!may_call(cpu, calls)) {
        riscv_trap(cpu, EXC_BREAKPOINT, false, v->pc);
    } else if (calls->semihost(calls->opaque, v, (uint32_t)cpu->x[A0],
                               cpu->x[A1], cpu->config.rv64 ? 8 : 4, &result)) {
        cpu->x[A0] = cpu->config.rv64 ? result : (uint32_t)result;
        v->pc += INSN_BYTES;
    }
    return 0;
}
