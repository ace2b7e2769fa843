/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/riscv-mmu.c - page walks over tables in RAM, rights, A and D
 * bits, large pages, and physical memory protection on top. */
#include "target/riscv/csr.h"
#include "target/riscv/mmu.h"
#include "tests/riscv/hart.h"
#include "util/bits.h"

enum { V = 1, R = 2, W = 4, X = 8, U = 16, GLOBAL = 32, A = 64, D = 128 };
enum { OK = -1 };

#define ROOT (HART_RAM + 0x100000)

/* Tables at ROOT, ROOT + 4 KiB ...: level n's entry for va points to the next
 * one; the last is leaf. */
static void map(Hart *h, unsigned mode, unsigned depth, Gva va, uint64_t leaf)
{
    unsigned levels = mode - VM_SV39 + 3;

    for (unsigned i = 0; i < depth; i++) {
        unsigned shift = 12 + 9 * (levels - 1 - i);
        uint64_t at = ROOT + i * 4096 + bits_get(va, shift, 9) * 8;
        uint64_t pte =
            i + 1 == depth ? leaf : (ROOT + (i + 1) * 4096) >> 12 << 10 | V;
        uint8_t bytes[8];

        le64_store(bytes, pte);
        hart_write(h, at - HART_RAM, bytes, 8);
    }
    riscv_csr_set(h->cpu, CSR_SATP, (uint64_t)mode << 60 | ROOT >> 12);
}

static uint64_t page(Gpa gpa, uint64_t bits)
{
    return gpa >> 12 << 10 | bits | V;
}

static uint64_t leaf_at(Hart *h, unsigned table, Gva va, unsigned shift)
{
    return le64_load(h->ram->host + (ROOT - HART_RAM) + table * 4096 +
                     bits_get(va, shift, 9) * 8);
}

/* The exception a look-up records, or OK. */
static int look(Hart *h, Gva va, MemAccess access, PageInfo *out)
{
    h->cpu->vcpu.exception = -1;
    if (riscv_find_page(&h->cpu->vcpu, va, access, false, out)) {
        g_assert_cmpint(h->cpu->vcpu.exception, ==, -1);
        return OK;
    }
    g_assert_cmphex(h->cpu->vcpu.exception_value, ==, va);
    return (int)h->cpu->vcpu.exception;
}

static Hart *s_mode(const char *cpu)
{
    Hart *h = hart_new(cpu, true);

    riscv_csr_set(h->cpu, CSR_PMPADDR0, ~UINT64_C(0));
    riscv_csr_set(h->cpu, CSR_PMPCFG0, 0x1f);
    h->cpu->priv = PRIV_S;
    return h;
}

static void test_sizes(void)
{
    static const unsigned modes[] = {VM_SV39, VM_SV48, VM_SV57};

    for (unsigned m = 0; m < G_N_ELEMENTS(modes); m++) {
        unsigned levels = modes[m] - VM_SV39 + 3;
        Gva va = UINT64_C(0x123456789);

        for (unsigned depth = 1; depth <= levels; depth++) {
            Hart *h = s_mode("max");
            unsigned bits = 12 + 9 * (levels - depth);
            PageInfo out;

            map(h, modes[m], depth, va, page(0, R | W | X | A | D));
            g_assert_cmpint(look(h, va, MEM_READ, &out), ==, OK);
            g_assert_cmphex(out.gpa, ==, va & bits_mask(bits));
            g_assert_cmpuint(out.page_bits, ==, bits);
            g_assert_cmpuint(out.prot, ==, PROT_R | PROT_W | PROT_X);
            if (bits > 12) { /* misaligned large page */
                map(h, modes[m], depth, va, page(4096, R | A));
                g_assert_cmpint(look(h, va, MEM_READ, &out), ==, EXC_LOAD_PAGE);
            }
            g_assert_cmpint(look(h, BIT(levels * 9 + 11), MEM_READ, &out), ==,
                            EXC_LOAD_PAGE); /* not canonical */
            hart_free(h);
        }
    }
}

static void test_rights(void)
{
    static const struct {
        unsigned bits, priv;
        uint64_t status;
        int read, write, exec;
    } cases[] = {
        {R, PRIV_S, 0, OK, EXC_STORE_PAGE, EXC_FETCH_PAGE},
        {R | W, PRIV_S, 0, OK, OK, EXC_FETCH_PAGE},
        {W, PRIV_S, 0, EXC_LOAD_PAGE, EXC_STORE_PAGE, EXC_FETCH_PAGE},
        {X, PRIV_S, 0, EXC_LOAD_PAGE, EXC_STORE_PAGE, OK},
        {X, PRIV_S, STATUS_MXR, OK, EXC_STORE_PAGE, OK},
        {R | W | X, PRIV_U, 0, EXC_LOAD_PAGE, EXC_STORE_PAGE, EXC_FETCH_PAGE},
        {R | W | X | U, PRIV_U, 0, OK, OK, OK},
        {R | W | X | U, PRIV_S, 0, EXC_LOAD_PAGE, EXC_STORE_PAGE,
         EXC_FETCH_PAGE},
        {R | W | X | U, PRIV_S, STATUS_SUM, OK, OK, EXC_FETCH_PAGE},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        Hart *h = s_mode("max");
        PageInfo out;

        map(h, VM_SV39, 3, 0x5000, page(HART_RAM, cases[i].bits | A | D));
        h->cpu->priv = cases[i].priv;
        h->cpu->mstatus = cases[i].status;
        g_assert_cmpint(look(h, 0x5678, MEM_READ, &out), ==, cases[i].read);
        g_assert_cmpint(look(h, 0x5678, MEM_WRITE, &out), ==, cases[i].write);
        g_assert_cmpint(look(h, 0x5678, MEM_EXEC, &out), ==, cases[i].exec);
        hart_free(h);
    }
}

static void test_accessed_dirty(void)
{
    Hart *h = s_mode("max");
    uint64_t pte = page(HART_RAM, R | W);
    PageInfo out;

    map(h, VM_SV39, 3, 0x5000, pte);
    riscv_csr_set(h->cpu, CSR_MENVCFG, 0); /* Svade: software does it */
    g_assert_cmpint(look(h, 0x5000, MEM_READ, &out), ==, EXC_LOAD_PAGE);
    riscv_csr_set(h->cpu, CSR_MENVCFG, ENVCFG_ADUE);
    g_assert_cmpint(look(h, 0x5000, MEM_READ, &out), ==, OK);
    g_assert_cmpuint(out.prot, ==, PROT_R); /* until it is dirty */
    g_assert_cmphex(leaf_at(h, 2, 0x5000, 12), ==, pte | A);
    g_assert_cmpint(look(h, 0x5000, MEM_WRITE, &out), ==, OK);
    g_assert_cmpuint(out.prot, ==, PROT_R | PROT_W);
    g_assert_cmphex(leaf_at(h, 2, 0x5000, 12), ==, pte | A | D);
    hart_free(h);
}

static void test_odd_entries(void)
{
    Hart *h = s_mode("max");
    PageInfo out;

    map(h, VM_SV39, 3, 0x5000, page(HART_RAM, R | A | D) & ~(uint64_t)V);
    g_assert_cmpint(look(h, 0x5000, MEM_READ, &out), ==, EXC_LOAD_PAGE);
    map(h, VM_SV39, 3, 0x5000, page(HART_RAM, R | A) | BIT(54));
    g_assert_cmpint(look(h, 0x5000, MEM_READ, &out), ==, EXC_LOAD_PAGE);
    map(h, VM_SV39, 3, 0x5000, page(HART_RAM, R | A) | BIT(61)); /* Svpbmt */
    g_assert_cmpint(look(h, 0x5000, MEM_READ, &out), ==, EXC_LOAD_PAGE);
    riscv_csr_set(h->cpu, CSR_MENVCFG, ENVCFG_PBMTE);
    g_assert_cmpint(look(h, 0x5000, MEM_READ, &out), ==, OK);
    /* Svnapot: 64 KiB with the mark, nothing else. */
    map(h, VM_SV39, 3, 0x25000, page(HART_RAM | 0x8000, R | A) | BIT(63));
    g_assert_cmpint(look(h, 0x25123, MEM_READ, &out), ==, OK);
    g_assert_cmphex(out.gpa, ==, HART_RAM + 0x5123);
    g_assert_cmpuint(out.page_bits, ==, 16);
    map(h, VM_SV39, 3, 0x25000, page(HART_RAM | 0x4000, R | A) | BIT(63));
    g_assert_cmpint(look(h, 0x25123, MEM_READ, &out), ==, EXC_LOAD_PAGE);
    /* A pointer with leaf bits; a table outside RAM. */
    map(h, VM_SV39, 2, 0x5000, page(ROOT + 8192, A));
    g_assert_cmpint(look(h, 0x5000, MEM_READ, &out), ==, EXC_LOAD_PAGE);
    map(h, VM_SV39, 2, 0x5000, page(0x10000000, 0));
    g_assert_cmpint(look(h, 0x5000, MEM_READ, &out), ==, EXC_LOAD_ACCESS);
    hart_free(h);
}

static void test_mprv(void)
{
    Hart *h = s_mode("max");
    PageInfo out;

    map(h, VM_SV39, 3, 0x5000, page(HART_RAM, R | W | A | D | U | GLOBAL));
    h->cpu->priv = PRIV_M;
    g_assert_cmpint(look(h, 0x5000, MEM_READ, &out), ==, OK);
    g_assert_cmphex(out.gpa, ==, 0x5000);
    h->cpu->mstatus = STATUS_MPRV; /* as U */
    g_assert_cmpint(look(h, 0x5000, MEM_READ, &out), ==, OK);
    g_assert_cmphex(out.gpa, ==, HART_RAM);
    g_assert_true(out.global);
    g_assert_cmpint(look(h, 0x5000, MEM_EXEC, &out), ==, OK);
    g_assert_cmphex(out.gpa, ==, 0x5000);
    g_assert_cmpuint(out.prot, ==, PROT_X);
    hart_free(h);
}

static void test_pmp(void)
{
    Hart *h = hart_new("max", true);
    PageInfo out;

    h->cpu->priv = PRIV_S; /* nothing matches: nothing goes */
    g_assert_cmpint(look(h, HART_RAM, MEM_READ, &out), ==, EXC_LOAD_ACCESS);
    h->cpu->priv = PRIV_M;
    g_assert_cmpint(look(h, HART_RAM, MEM_READ, &out), ==, OK);
    /* 0: no access to 64 bytes; 1: read all. */
    riscv_csr_set(h->cpu, CSR_PMPADDR0, (HART_RAM + 0x40) >> 2 | 7);
    riscv_csr_set(h->cpu, CSR_PMPADDR0 + 1, ~UINT64_C(0));
    riscv_csr_set(h->cpu, CSR_PMPCFG0, 0x1918);
    h->cpu->priv = PRIV_S;
    g_assert_cmpint(look(h, HART_RAM, MEM_READ, &out), ==, OK);
    g_assert_cmpuint(out.page_bits, <, 12);
    g_assert_cmpint(look(h, HART_RAM + 0x40, MEM_READ, &out), ==,
                    EXC_LOAD_ACCESS);
    g_assert_cmpint(look(h, HART_RAM + 0x1000, MEM_READ, &out), ==, OK);
    g_assert_cmpuint(out.page_bits, ==, 12);
    g_assert_cmpint(look(h, HART_RAM + 0x1000, MEM_WRITE, &out), ==,
                    EXC_STORE_ACCESS);
    h->cpu->priv = PRIV_M; /* not locked */
    g_assert_cmpint(look(h, HART_RAM + 0x40, MEM_WRITE, &out), ==, OK);
    riscv_csr_set(h->cpu, CSR_PMPCFG0, 0x1998);
    g_assert_cmpint(look(h, HART_RAM + 0x40, MEM_WRITE, &out), ==,
                    EXC_STORE_ACCESS);
    hart_free(h);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/riscv/mmu/sizes", test_sizes);
    g_test_add_func("/riscv/mmu/rights", test_rights);
    g_test_add_func("/riscv/mmu/accessed-dirty", test_accessed_dirty);
    g_test_add_func("/riscv/mmu/odd-entries", test_odd_entries);
    g_test_add_func("/riscv/mmu/mprv", test_mprv);
    g_test_add_func("/riscv/mmu/pmp", test_pmp);
    return g_test_run();
}
