/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/riscv-csr.c - CSRs keep what they may and nothing else; who may
 * touch them; traps and interrupts; saving and loading. */
#include <string.h>

#include "target/riscv/counter.h"
#include "target/riscv/csr.h"
#include "target/riscv/excp.h"
#include "target/riscv/helper.h"
#include "tests/riscv/hart.h"
#include "util/bits.h"

static uint64_t get(Hart *h, unsigned csr)
{
    uint64_t value = 0;

    g_assert_true(riscv_csr_get(h->cpu, csr, &value));
    return value;
}

static uint64_t set(Hart *h, unsigned csr, uint64_t value)
{
    g_assert_true(riscv_csr_set(h->cpu, csr, value));
    return get(h, csr);
}

static void test_warl(void)
{
    Hart *h = hart_new("max", true);
    const uint64_t all = ~UINT64_C(0);

    g_assert_cmphex(get(h, CSR_MISA), ==, UINT64_C(0x800000000014112d));
    g_assert_cmphex(set(h, CSR_MISA, 0), ==, get(h, CSR_MISA));
    g_assert_cmphex(set(h, CSR_MSTATUS, 0), ==, UINT64_C(0xa00000000));
    g_assert_cmphex(set(h, CSR_MSTATUS, all), ==, UINT64_C(0x8000000a007e79aa));
    /* MPP 2 does not exist: the old value stays. */
    g_assert_cmphex(set(h, CSR_MSTATUS, 2 << 11) & STATUS_MPP, ==, 3 << 11);
    g_assert_cmphex(set(h, CSR_SSTATUS, all), ==, UINT64_C(0x80000002000c6122));
    g_assert_cmphex(set(h, CSR_MTVEC, 0x80000001), ==, 0x80000001);
    g_assert_cmphex(set(h, CSR_MTVEC, 0x90000002), ==, 0x90000001);
    g_assert_cmphex(set(h, CSR_SEPC, 0x1003), ==, 0x1002);
    g_assert_cmphex(set(h, CSR_MEDELEG, all), ==, 0xb3ff);
    g_assert_cmphex(set(h, CSR_MIDELEG, all), ==, 0x2222);
    g_assert_cmphex(set(h, CSR_MIE, all), ==, 0x2aaa);
    g_assert_cmphex(get(h, CSR_SIE), ==, 0x2222);
    g_assert_cmphex(set(h, CSR_MCOUNTEREN, all), ==, 0x7ffff);
    g_assert_cmphex(set(h, CSR_MCOUNTINHIBIT, all), ==, 0x7fffd);
    g_assert_cmphex(set(h, CSR_MENVCFG, all), ==, UINT64_C(0xe0000000000000f1));
    g_assert_cmphex(set(h, CSR_SENVCFG, all), ==, 0xf1);
    g_assert_cmphex(set(h, CSR_SENVCFG, 0x20), ==, 0x30);
    g_assert_cmphex(set(h, CSR_TSELECT, 3), ==, 0);
    g_assert_cmphex(set(h, CSR_SATP, UINT64_C(7) << 60 | 1), ==, 0);
    g_assert_cmphex(set(h, CSR_SATP, UINT64_C(8) << 60 | 1), ==,
                    UINT64_C(8) << 60 | 1);
    g_assert_false(riscv_csr_set(h->cpu, 0x747, 0)); /* mseccfg */
    g_assert_false(riscv_csr_set(h->cpu, CSR_CYCLEH, 0));
    hart_free(h);
}

static void test_rv32(void)
{
    Hart *h = hart_new("rv32,zicond=on", false);

    g_assert_cmphex(get(h, CSR_MISA), ==, 0x4014112d);
    g_assert_cmphex(set(h, CSR_MSTATUS, ~UINT64_C(0)), ==, 0x807e79aa);
    g_assert_cmphex(set(h, CSR_MENVCFGH, ~UINT64_C(0)), ==, 0xa0000000);
    g_assert_cmphex(set(h, CSR_MENVCFG, 0), ==, 0);
    g_assert_cmphex(get(h, CSR_MENVCFGH), ==, 0xa0000000);
    g_assert_cmphex(set(h, CSR_STIMECMPH, 5), ==, 5);
    g_assert_cmphex(set(h, CSR_STIMECMP, 6), ==, 6);
    g_assert_cmphex(h->cpu->stimecmp, ==, UINT64_C(0x500000006));
    set(h, CSR_MCOUNTINHIBIT, ~UINT64_C(0));
    g_assert_cmphex(set(h, CSR_MCYCLEH, 7), ==, 7);
    g_assert_cmphex(set(h, CSR_MHPMCOUNTER3H + 2, 9), ==, 9);
    g_assert_cmphex(h->cpu->counter[5] >> 32, ==, 9);
    hart_free(h);
}

static void test_pmp(void)
{
    Hart *h = hart_new("max", true);

    set(h, CSR_PMPADDR0, 0x20000000);
    g_assert_cmphex(set(h, CSR_PMPCFG0, 0x8f02), ==, 0x8f00); /* W alone */
    g_assert_cmphex(set(h, CSR_PMPCFG0, 0x0f1f), ==, 0x8f1f); /* locked */
    g_assert_cmphex(set(h, CSR_PMPADDR0 + 1, 1), ==, 0);
    g_assert_cmphex(set(h, CSR_PMPADDR0, 1), ==, 0x20000000); /* TOR above */
    g_assert_cmphex(set(h, CSR_PMPADDR0 + 20, 1), ==, 0);
    g_assert_cmphex(set(h, CSR_PMPCFG0 + 14, ~UINT64_C(0)), ==, 0);
    hart_free(h);
}

/* The csr helper as a block of privilege priv would call it. */
static bool allowed(Hart *h, unsigned priv, unsigned csr, unsigned op)
{
    h->cpu->priv = priv;
    h->cpu->vcpu.exception = -1;
    helper_csr(h->cpu, 0, 0x1234, 0, op << 12 | csr);
    if (h->cpu->vcpu.exception >= 0) {
        g_assert_cmpint(h->cpu->vcpu.exception, ==, EXC_ILLEGAL);
        g_assert_cmphex(h->cpu->vcpu.exception_value, ==, 0x1234);
    }
    return h->cpu->vcpu.exception < 0;
}

static void test_rights(void)
{
    Hart *h = hart_new("max", true);

    g_assert_true(allowed(h, PRIV_M, CSR_MSTATUS, CSR_OP_READ));
    g_assert_false(allowed(h, PRIV_S, CSR_MSTATUS, CSR_OP_READ));
    g_assert_false(allowed(h, PRIV_U, CSR_SSTATUS, CSR_OP_READ));
    g_assert_true(allowed(h, PRIV_M, CSR_MHARTID, CSR_OP_READ));
    g_assert_false(allowed(h, PRIV_M, CSR_MHARTID, CSR_OP_SET));
    g_assert_false(allowed(h, PRIV_M, 0x5c0, CSR_OP_READ));
    g_assert_false(allowed(h, PRIV_U, CSR_FCSR, CSR_OP_READ));
    set(h, CSR_MSTATUS, STATUS_FS);
    g_assert_true(allowed(h, PRIV_U, CSR_FCSR, CSR_OP_READ));
    g_assert_false(allowed(h, PRIV_U, CSR_TIME, CSR_OP_READ));
    set(h, CSR_MCOUNTEREN, 7);
    g_assert_true(allowed(h, PRIV_S, CSR_TIME, CSR_OP_READ));
    g_assert_false(allowed(h, PRIV_U, CSR_TIME, CSR_OP_READ));
    set(h, CSR_SCOUNTEREN, 7);
    g_assert_true(allowed(h, PRIV_U, CSR_TIME, CSR_OP_READ));
    g_assert_false(allowed(h, PRIV_S, CSR_STIMECMP, CSR_OP_READ));
    set(h, CSR_MENVCFG, ENVCFG_STCE);
    g_assert_true(allowed(h, PRIV_S, CSR_STIMECMP, CSR_OP_READ));
    g_assert_true(allowed(h, PRIV_S, CSR_SATP, CSR_OP_READ));
    set(h, CSR_MSTATUS, STATUS_TVM);
    g_assert_false(allowed(h, PRIV_S, CSR_SATP, CSR_OP_READ));
    hart_free(h);
}

static void test_interrupts(void)
{
    Hart *h = hart_new("max", true);
    Riscv *cpu = h->cpu;
    Vcpu *v = &cpu->vcpu;

    set(h, CSR_MIE, BIT(IRQ_MTI) | BIT(IRQ_SEI) | BIT(IRQ_SSI));
    set(h, CSR_MIDELEG, BIT(IRQ_SEI) | BIT(IRQ_SSI));
    set(h, CSR_MTVEC, 0x80001001);
    set(h, CSR_STVEC, 0x80002000);
    vcpu_set_irq(v, IRQ_SEI, true);
    set(h, CSR_MIP, BIT(IRQ_SSI));
    g_assert_true(riscv_has_work(v));
    g_assert_cmpint(riscv_pending(cpu), ==, -1); /* M mode, not for it */
    cpu->priv = PRIV_U;
    g_assert_cmpint(riscv_pending(cpu), ==, IRQ_SEI);
    vcpu_set_irq(v, IRQ_MTI, true);
    v->pc = 0x1234;
    g_assert_true(riscv_take_interrupt(v));
    g_assert_cmphex(v->pc, ==, 0x80001000 + 4 * IRQ_MTI);
    g_assert_cmphex(get(h, CSR_MCAUSE), ==, BIT(63) | IRQ_MTI);
    g_assert_cmphex(get(h, CSR_MEPC), ==, 0x1234);
    g_assert_cmpuint(cpu->priv, ==, PRIV_M);
    g_assert_false(riscv_take_interrupt(v)); /* MIE was cleared */
    vcpu_set_irq(v, IRQ_MTI, false);
    cpu->priv = PRIV_U;
    g_assert_true(riscv_take_interrupt(v));
    g_assert_cmphex(v->pc, ==, 0x80002000);
    g_assert_cmpuint(cpu->priv, ==, PRIV_S);
    /* The pin shows in sip; clearing software's bit does not clear it. */
    g_assert_cmphex(get(h, CSR_SIP), ==, BIT(IRQ_SEI) | BIT(IRQ_SSI));
    g_assert_cmphex(set(h, CSR_SIP, 0), ==, BIT(IRQ_SEI));
    hart_free(h);
}

/* A counter stands still in a mode that its event leaves out. */
static void test_event_filters(void)
{
    const uint64_t cycles = 1, not_in_m = BIT(62), not_in_s = BIT(61);
    Hart *h = hart_new("max", true);
    uint64_t in_m;

    clock_resume();
    set(h, CSR_MHPMEVENT3, cycles | not_in_s);
    set(h, CSR_MHPMEVENT3 + 1, cycles | not_in_m);
    set(h, CSR_MHPMCOUNTER3, 0);
    set(h, CSR_MHPMCOUNTER3 + 1, 0);
    g_usleep(2);
    in_m = get(h, CSR_MHPMCOUNTER3);
    g_assert_cmpuint(in_m, >=, 2000);
    g_assert_cmpuint(get(h, CSR_MHPMCOUNTER3 + 1), ==, 0);

    riscv_set_priv(h->cpu, PRIV_S);
    in_m = get(h, CSR_MHPMCOUNTER3);
    g_usleep(2);
    g_assert_cmpuint(get(h, CSR_MHPMCOUNTER3), ==, in_m);
    g_assert_cmpuint(get(h, CSR_MHPMCOUNTER3 + 1), >=, 2000);

    riscv_set_priv(h->cpu, PRIV_M);
    g_usleep(2);
    g_assert_cmpuint(get(h, CSR_MHPMCOUNTER3), >=, in_m + 2000);
    clock_pause();
    hart_free(h);
}

/* An ACLINT's SSWI raises the pin for ever; software lowers it. */
static void test_ssip(void)
{
    Hart *h = hart_new("max", true);

    set(h, CSR_MIDELEG, BIT(IRQ_SSI));
    vcpu_set_irq(&h->cpu->vcpu, IRQ_SSI, true);
    g_assert_cmphex(get(h, CSR_SIP), ==, BIT(IRQ_SSI));
    set(h, CSR_SIP, 0);
    g_assert_cmphex(get(h, CSR_SIP), ==, 0);
    vcpu_set_irq(&h->cpu->vcpu, IRQ_SSI, true);
    g_assert_cmphex(get(h, CSR_MIP), ==, BIT(IRQ_SSI));
    set(h, CSR_MIP, 0);
    set(h, CSR_SIP, BIT(IRQ_SSI));
    g_assert_cmphex(get(h, CSR_SIP), ==, BIT(IRQ_SSI));
    hart_free(h);
}

static uint64_t fixed_time(void *opaque)
{
    return *(uint64_t *)opaque;
}

static void test_stimecmp(void)
{
    Hart *h = hart_new("max", true);
    uint64_t now = 1000;

    target_riscv64.set_time_source(&h->cpu->vcpu, fixed_time, &now);
    set(h, CSR_MENVCFG, ENVCFG_STCE);
    set(h, CSR_STIMECMP, 1001);
    g_assert_cmphex(get(h, CSR_MIP), ==, 0);
    g_assert_true(timer_is_armed(&h->cpu->stimer));
    set(h, CSR_STIMECMP, 1000);
    g_assert_cmphex(get(h, CSR_MIP), ==, BIT(IRQ_STI));
    g_assert_false(timer_is_armed(&h->cpu->stimer));
    set(h, CSR_STIMECMP, 2000);
    g_assert_cmphex(get(h, CSR_MIP), ==, 0);
    now = 3000; /* the board's counter was written */
    target_riscv64.set_time_source(&h->cpu->vcpu, fixed_time, &now);
    g_assert_cmphex(get(h, CSR_MIP), ==, BIT(IRQ_STI));
    g_assert_cmpuint(get(h, CSR_TIME), ==, 3000);
    set(h, CSR_MENVCFG, 0); /* now STIP is software's */
    g_assert_cmphex(get(h, CSR_MIP), ==, 0);
    g_assert_cmphex(set(h, CSR_MIP, BIT(IRQ_STI)), ==, BIT(IRQ_STI));
    hart_free(h);
}

static void test_state(void)
{
    Hart *a = hart_new("max", true), *b = hart_new("max", true);
    g_autoptr(GByteArray) first = g_byte_array_new();
    g_autoptr(GByteArray) second = g_byte_array_new();
    g_autoptr(GError) error = NULL;
    size_t pos = 0;

    for (unsigned i = 1; i < 32; i++) {
        a->cpu->x[i] = i * 3;
        a->cpu->f[i] = ~(uint64_t)i;
    }
    set(a, CSR_PMPADDR0, 0x1000);
    set(a, CSR_PMPCFG0, 0x0f);
    set(a, CSR_SATP, UINT64_C(9) << 60 | 5);
    a->cpu->vcpu.pc = 0x80001234;
    state_save(first, "cpu", 0, target_riscv64.state, a->cpu);
    g_assert_true(state_load(first->data, first->len, &pos, "cpu", 0,
                             target_riscv64.state, b->cpu, &error));
    g_assert_no_error(error);
    target_riscv64.loaded(&b->cpu->vcpu);
    g_assert_cmpuint(b->cpu->n_pmp, ==, 1);
    g_assert_cmphex(b->cpu->pmp[0].last, ==, 0x3fff);
    state_save(second, "cpu", 0, target_riscv64.state, b->cpu);
    g_assert_cmpmem(first->data, first->len, second->data, second->len);
    hart_free(a);
    hart_free(b);
}

/* Blocks of S mode do sstatus by themselves: as the table of CSRs has it. */
static void test_sstatus_in_blocks(void)
{
    enum { A0 = 10, A1 = 11, IMM = 5 };
    Hart *h = hart_new("max", true);
    GRand *rand = g_rand_new_with_seed(1);

    set(h, CSR_PMPADDR0, ~UINT64_C(0));
    set(h, CSR_PMPCFG0, 0x1f);
    for (unsigned i = 0; i < 2000; i++) {
        unsigned funct3 = 1 + i % 7;
        unsigned source = (unsigned)g_rand_int_range(rand, 0, 32);
        uint64_t a1 = (uint64_t)g_rand_int(rand) << 32 | g_rand_int(rand);
        uint64_t old, operand, expected;

        if (funct3 == 4) {
            continue;
        }
        if (funct3 < IMM) {
            source = source % 2 ? A1 : 0;
        }
        h->cpu->priv = PRIV_S;
        h->cpu->vcpu.pc = HART_RAM;
        h->cpu->mie = 0;
        old = set(h, CSR_SSTATUS, g_rand_int(rand));
        h->cpu->x[A0] = 1;
        h->cpu->x[A1] = a1;
        operand = funct3 >= IMM ? source : source ? a1 : 0;
        expected = funct3 % 4 == 1   ? operand
                   : funct3 % 4 == 2 ? old | operand
                                     : old & ~operand;
        expected = set(h, CSR_SSTATUS, expected);
        set(h, CSR_SSTATUS, old);
        hart_write_word(h, 0,
                        (uint32_t)CSR_SSTATUS << 20 | source << 15 |
                            funct3 << 12 | A0 << 7 | 0x73);
        hart_write_word(h, 4, 0x100025f3); /* csrr a1, sstatus */
        hart_step(h, 2);
        if (h->cpu->vcpu.pc == HART_RAM + 4) {
            hart_step(h, 1);
        }
        g_assert_cmphex(h->cpu->vcpu.pc, ==, HART_RAM + 8);
        g_assert_cmphex(h->cpu->x[A0], ==, old);
        g_assert_cmphex(h->cpu->x[A1], ==, expected);
        g_assert_cmphex(get(h, CSR_SSTATUS), ==, expected);
    }
    g_rand_free(rand);
    hart_free(h);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/riscv/csr/warl", test_warl);
    g_test_add_func("/riscv/csr/rv32", test_rv32);
    g_test_add_func("/riscv/csr/pmp", test_pmp);
    g_test_add_func("/riscv/csr/rights", test_rights);
    g_test_add_func("/riscv/csr/interrupts", test_interrupts);
    g_test_add_func("/riscv/csr/stimecmp", test_stimecmp);
    g_test_add_func("/riscv/csr/event-filters", test_event_filters);
    g_test_add_func("/riscv/csr/ssip", test_ssip);
    g_test_add_func("/riscv/csr/state", test_state);
    g_test_add_func("/riscv/csr/sstatus-in-blocks", test_sstatus_in_blocks);
    return g_test_run();
}
