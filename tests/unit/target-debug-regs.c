/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/target-debug-regs.c - registers as debuggers see them: the lists
 * are sound, everything in them can be read, what is written is read back. */
#include <string.h>

#include "accel/accel.h"
#include "target/target.h"

typedef struct {
    const Target *target;
    const char *cpu;
    const char *wanted; /* names, separated by spaces */
} Case;

static const Case cases[] = {
    {&target_riscv64, "max",
     "zero ra sp fp a0 t6 pc ft0 fs11 fcsr priv mstatus satp mhpmcounter3 "
     "mhpmevent18 pmpcfg2 pmpaddr15 hpmcounter18 stimecmp"},
    {&target_riscv64, "rv64,f=off,d=off", "zero pc priv mepc"},
    {&target_riscv32, "rv32", "pc mcycleh mhpmcounter18h pmpcfg3 mstatush"},
    {&target_aarch64, "cortex-a57",
     "x0 x30 sp pc cpsr v0 v31 fpsr fpcr "
     "TTBR0_EL1 ESR_EL1 MPIDR_EL1"},
    {&target_aarch64, "max", "pauth_dmask pauth_cmask_high SCTLR_EL1"},
};

typedef struct {
    const Target *target;
    Bus *bus;
    Vcpu *v;
    Accel *accel;
    GArray *regs;
} Fix;

static void set_up(Fix *f, gconstpointer data)
{
    const Case *c = data;
    g_autoptr(GError) error = NULL;

    f->target = c->target;
    f->bus = bus_new();
    f->v = f->target->vcpu_new(c->cpu, 0, f->bus, &error);
    g_assert_no_error(error);
    f->accel = accel_new(f->target, NULL, f->bus, &error);
    g_assert_no_error(error);
    g_assert_true(accel_add_vcpu(f->accel, f->v, &error));
    f->target->reset(f->v, 0x1000);
    f->regs = g_array_new(FALSE, TRUE, sizeof(TargetReg));
    f->target->debug->list(f->v, f->regs);
}

static void tear_down(Fix *f, gconstpointer data)
{
    accel_free(f->accel);
    f->v->engine = NULL;
    f->target->vcpu_free(f->v);
    bus_free(f->bus);
    g_array_unref(f->regs);
}

static const TargetReg *find(const Fix *f, const char *name)
{
    for (unsigned i = 0; i < f->regs->len; i++) {
        const TargetReg *r = &g_array_index(f->regs, TargetReg, i);

        if (g_str_equal(r->name, name)) {
            return r;
        }
    }
    return NULL;
}

/* Names are unique, sets are in one piece, what is in the packet of general
 * registers comes first. */
static void test_list(Fix *f, gconstpointer data)
{
    g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) sets = g_hash_table_new(g_str_hash, g_str_equal);
    g_auto(GStrv) wanted = g_strsplit(((const Case *)data)->wanted, " ", -1);
    const char *last = "";
    bool in_g = true;

    for (unsigned i = 0; i < f->regs->len; i++) {
        const TargetReg *r = &g_array_index(f->regs, TargetReg, i);

        g_assert_true(g_hash_table_add(names, (char *)r->name));
        if (!g_str_equal(last, r->feature)) {
            g_assert_true(g_hash_table_add(sets, (char *)r->feature));
            last = r->feature;
        }
        g_assert_true(r->bits == 32 || r->bits == 64 || r->bits == 128);
        g_assert_true(in_g || !r->in_g);
        in_g = r->in_g;
    }
    for (unsigned i = 0; wanted[i] != NULL; i++) {
        if (find(f, wanted[i]) == NULL) {
            g_error("no register %s", wanted[i]);
        }
    }
}

static void test_read(Fix *f, gconstpointer data)
{
    for (unsigned i = 0; i < f->regs->len; i++) {
        const TargetReg *r = &g_array_index(f->regs, TargetReg, i);
        uint8_t bytes[16];

        if (!f->target->debug->read(f->v, r, bytes)) {
            g_error("%s is not readable", r->name);
        }
    }
}

/* What was read goes back without a change; general registers take anything. */
static void test_write(Fix *f, gconstpointer data)
{
    const TargetDebug *d = f->target->debug;

    for (unsigned i = 0; i < f->regs->len; i++) {
        const TargetReg *r = &g_array_index(f->regs, TargetReg, i);
        uint8_t old[16], new[16], now[16];
        bool free_form = r->in_g && r->bits > 32;

        g_assert_true(d->read(f->v, r, old));
        memcpy(new, old, sizeof(new));
        for (unsigned b = 0; free_form && b < r->bits / 8u; b++) {
            new[b] = (uint8_t)(0x10 * (b + 1));
        }
        if (!d->write(f->v, r, new)) {
            g_assert_false(free_form);
            continue; /* read only */
        }
        g_assert_true(d->read(f->v, r, now));
        if (free_form && !g_str_equal(r->name, "zero")) {
            g_assert_cmpmem(now, r->bits / 8, new, r->bits / 8);
        }
        d->write(f->v, r, old);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *base = g_strdup_printf(
            "/target/debug-regs/%s/%s", cases[i].target->name, cases[i].cpu);
        g_autofree char *list = g_strconcat(base, "/list", NULL);
        g_autofree char *read = g_strconcat(base, "/read", NULL);
        g_autofree char *write = g_strconcat(base, "/write", NULL);

        g_test_add(list, Fix, &cases[i], set_up, test_list, tear_down);
        g_test_add(read, Fix, &cases[i], set_up, test_read, tear_down);
        g_test_add(write, Fix, &cases[i], set_up, test_write, tear_down);
    }
    return g_test_run();
}
