/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/riscv/control.c - helpers of fences, cache blocks, hints and the
 * 128-bit compare and swap.
 * Spec: privileged architecture 4.2.1; CMO 1.0; Zacas 1.0. */
#include <string.h>

#include "target/riscv/excp.h"
#include "target/riscv/helper.h"
#include "target/riscv/mmu.h"
#include "util/bits.h"

uint64_t helper_sfence_vma(void *state, uint64_t a, uint64_t b, uint64_t c,
                           uint64_t imm)
{
    Riscv *cpu = state;
    Vcpu *v = &cpu->vcpu;
    int asid = imm & 2 ? (int)(b & 0xffff) : -1;

    if (cpu->priv == PRIV_S && (cpu->mstatus & STATUS_TVM)) {
        riscv_record(cpu, EXC_ILLEGAL, c);
        return 0;
    }
    v->engine->tlb_flush(v, !(imm & 1), a, asid);
    return 0;
}

uint64_t helper_fence_i(void *state, uint64_t a, uint64_t b, uint64_t c,
                        uint64_t imm)
{
    Vcpu *v = state;

    v->engine->code_barrier(v);
    return 0;
}

uint64_t helper_pause(void *state, uint64_t a, uint64_t b, uint64_t c,
                      uint64_t imm)
{
    g_thread_yield();
    return 0;
}

/* Whether the environment lets this privilege do the operation (CMO 4). */
static bool cbo_allowed(const Riscv *cpu, unsigned which)
{
    static const uint64_t enables[] = {
        [CBO_INVAL] = ENVCFG_CBIE,
        [CBO_CLEAN] = ENVCFG_CBCFE,
        [CBO_FLUSH] = ENVCFG_CBCFE,
        [CBO_ZERO] = ENVCFG_CBZE,
    };
    uint64_t enable = enables[which];

    if (cpu->priv < PRIV_M && !(cpu->menvcfg & enable)) {
        return false;
    }
    return cpu->priv > PRIV_U || !riscv_has(cpu, EXT_S) ||
           (cpu->senvcfg & enable);
}

static void zero_block(Riscv *cpu, Gva block)
{
    Vcpu *v = &cpu->vcpu;
    bool fault = false;
    void *host =
        v->engine->host_address(v, block, CBO_BLOCK, MEM_WRITE, &fault);

    if (host) {
        memset(host, 0, CBO_BLOCK);
        v->engine->wrote(v, block, host, CBO_BLOCK);
    }
    for (unsigned i = 0; !host && !fault && i < CBO_BLOCK; i += 8) {
        fault = !v->engine->store(v, block + i, 8, 0);
    }
}

/* Memory is coherent, so the other operations only have to fault where a load
 * and a store would; they report as stores. */
uint64_t helper_cbo(void *state, uint64_t a, uint64_t b, uint64_t c,
                    uint64_t imm)
{
    Riscv *cpu = state;
    PageInfo page;

    if (!cbo_allowed(cpu, imm)) {
        riscv_record(cpu, EXC_ILLEGAL, b);
    } else if (imm == CBO_ZERO) {
        zero_block(cpu, align_down(a, CBO_BLOCK));
    } else if (!riscv_find_page(&cpu->vcpu, a, MEM_READ, true, &page)) {
        riscv_find_page(&cpu->vcpu, a, MEM_WRITE, false, &page);
    }
    return 0;
}

static unsigned __int128 pair(const Riscv *cpu, unsigned reg)
{
    return reg ? (unsigned __int128)cpu->x[reg + 1] << 64 | cpu->x[reg] : 0;
}

/* Device memory has no 128-bit accesses. */
uint64_t helper_amocas_q(void *state, uint64_t a, uint64_t b, uint64_t c,
                         uint64_t imm)
{
    Riscv *cpu = state;
    Vcpu *v = &cpu->vcpu;
    unsigned __int128 expected = pair(cpu, imm);
    unsigned __int128 *host;
    bool fault = false;

    if (a & 15) {
        riscv_raise_misaligned(v, a, MEM_WRITE);
        return 0;
    }
    host = v->engine->host_address(v, a, 16, MEM_WRITE, &fault);
    if (host) { /* who watches what is read is asked, too */
        host = v->engine->host_address(v, a, 16, MEM_READ, &fault);
    }
    if (!host) {
        if (!fault) {
            riscv_raise_bus_fault(v, a, MEM_WRITE);
        }
        return 0;
    }
    if (__atomic_compare_exchange_n(host, &expected, pair(cpu, b), false,
                                    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
        v->engine->wrote(v, a, host, 16);
    }
    if (imm) {
        cpu->x[imm] = (uint64_t)expected;
        cpu->x[imm + 1] = (uint64_t)(expected >> 64);
    }
    return 0;
}
