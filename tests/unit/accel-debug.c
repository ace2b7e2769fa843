/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/accel-debug.c - points, steps and holds of accel/tcg on running
 * vCPUs, with host code and with the interpreter: a stop is where and when it
 * should be, and nothing is missed however hot the code was before. */
#include "accel/accel.h"
#include "target/riscv/csr.h"
#include "tests/riscv/hart.h"
#include "util/bits.h"

enum {
    LOOP = 0x08,
    STORE = 0x0c,
    LOAD = 0x10,
    ECALL = 0x14,
    BACK = 0x18,
    HANDLER = 0x100,
    MANY = 100000,
    TIMEOUT_US = 5000000,
};

#define DATA (HART_RAM + 0x2004)

static const uint32_t program[] = {
    0x00000513, /*       li a0, 0 */
    0x00002297, /*       auipc t0, 2 */
    0x00150513, /* loop: addi a0, a0, 1 */
    0x00a2a023, /*       sw a0, 0(t0) */
    0x0002a583, /*       lw a1, 0(t0) */
    0x00000073, /*       ecall */
    0xff1ff06f, /*       j loop */
};

static const uint32_t handler[] = {
    0x34102373, /* csrr t1, mepc */
    0x00430313, /* addi t1, t1, 4 */
    0x34131073, /* csrw mepc, t1 */
    0x30200073, /* mret */
};

typedef struct {
    Hart *h;
    Accel *accel;
    Vcpu *v;
    Target target;
    VcpuDebugger debugger;
    GAsyncQueue *stops; /* of DebugStop */
} Fix;

static gint n_hits;

static bool guest_hit(Vcpu *v, unsigned kind, Gva va, unsigned size,
                      MemAccess access)
{
    g_assert_cmpuint(kind, ==, DEBUG_EXEC);
    g_assert_cmphex(va, ==, v->pc);
    g_atomic_int_inc(&n_hits);
    return false;
}

static void stopped(void *opaque, Vcpu *v, const DebugStop *stop)
{
    g_async_queue_push(((Fix *)opaque)->stops, g_memdup2(stop, sizeof(*stop)));
}

static void set_up(Fix *f, gconstpointer backend)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text =
        g_strdup_printf("tcg,backend=%s", (const char *)backend);
    Opts *opts = opts_parse(text, "accel", &error);

    f->h = hart_new("max", true);
    f->v = &f->h->cpu->vcpu;
    f->target = target_riscv64;
    f->target.debug_hit = guest_hit;
    f->v->target = &f->target;
    for (unsigned i = 0; i < G_N_ELEMENTS(program); i++) {
        hart_write_word(f->h, 4 * i, program[i]);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(handler); i++) {
        hart_write_word(f->h, HANDLER + 4 * i, handler[i]);
    }
    f->h->cpu->mtvec = HART_RAM + HANDLER;
    f->stops = g_async_queue_new_full(g_free);
    f->debugger = (VcpuDebugger){.stopped = stopped, .opaque = f};
    f->accel = accel_new(f->v->target, opts, f->h->bus, &error);
    g_assert_no_error(error);
    opts_free(opts);
    g_assert_true(accel_add_vcpu(f->accel, f->v, &error));
    f->v->debugger = &f->debugger;
    f->v->engine->hold(f->v, true);
    accel_start(f->accel);
}

static void tear_down(Fix *f, gconstpointer backend)
{
    accel_stop(f->accel);
    accel_free(f->accel);
    f->v->engine = NULL;
    hart_free(f->h);
    g_async_queue_unref(f->stops);
}

static void points(Fix *f, DebugOwner owner, Gva at, unsigned kinds)
{
    DebugPoint p = {at, at, kinds};

    f->v->engine->set_points(f->v, owner, &p, 1);
}

static void no_points(Fix *f)
{
    f->v->engine->set_points(f->v, DEBUG_OUTSIDE, NULL, 0);
}

static void release(Fix *f, unsigned how)
{
    f->v->engine->hold(f->v, true);
    f->v->engine->set_step(f->v, how);
    f->v->engine->hold(f->v, false);
}

/* The next stop; the vCPU stands after it. */
static DebugStop wait_stop(Fix *f)
{
    DebugStop *stop = g_async_queue_timeout_pop(f->stops, TIMEOUT_US);
    DebugStop copy;

    g_assert_nonnull(stop);
    copy = *stop;
    g_free(stop);
    g_assert_true(f->v->engine->is_held(f->v));
    f->v->engine->hold(f->v, true);
    return copy;
}

static void expect(Fix *f, DebugStopKind kind, uint64_t offset)
{
    DebugStop stop = wait_stop(f);

    g_assert_cmpuint(stop.kind, ==, kind);
    g_assert_cmphex(f->v->pc, ==, HART_RAM + offset);
}

static uint64_t count(const Fix *f)
{
    return f->h->cpu->x[10];
}

static uint32_t data(const Fix *f)
{
    return le32_load(f->h->ram->host + (DATA - HART_RAM));
}

/* Lets the loop get hot. */
static void warm_up(Fix *f)
{
    release(f, 0);
    while (__atomic_load_n((uint32_t *)(f->h->ram->host + (DATA - HART_RAM)),
                           __ATOMIC_RELAXED) < MANY) {
        g_usleep(100);
    }
    f->v->engine->hold(f->v, true);
}

static void test_break(Fix *f, gconstpointer backend)
{
    uint64_t n;

    warm_up(f);
    for (unsigned at = LOOP; at <= BACK; at += 4) {
        points(f, DEBUG_OUTSIDE, HART_RAM + at, DEBUG_EXEC);
        release(f, 0);
        expect(f, DEBUG_STOP_POINT, at);
        n = count(f);
        for (unsigned i = 0; i < 3; i++) {
            release(f, 0); /* it is still there */
            expect(f, DEBUG_STOP_POINT, at);
            g_assert_cmpuint(count(f), ==, n);
            no_points(f);
            release(f, DEBUG_STEP);
            expect(f, DEBUG_STOP_STEP,
                   at == BACK    ? LOOP
                   : at == ECALL ? HANDLER
                                 : at + 4);
            points(f, DEBUG_OUTSIDE, HART_RAM + at, DEBUG_EXEC);
            release(f, 0);
            expect(f, DEBUG_STOP_POINT, at);
            g_assert_cmpuint(count(f), ==, ++n);
        }
    }
}

/* Set while the loop runs. */
static void test_break_running(Fix *f, gconstpointer backend)
{
    warm_up(f);
    release(f, 0);
    points(f, DEBUG_OUTSIDE, HART_RAM + LOAD, DEBUG_EXEC);
    expect(f, DEBUG_STOP_POINT, LOAD);
    g_assert_cmpuint(count(f), ==, data(f));
}

/* Every pass is seen by the guest's owner, and goes on. */
static void test_guest_point(Fix *f, gconstpointer backend)
{
    uint64_t n;

    warm_up(f);
    points(f, DEBUG_OUTSIDE, HART_RAM + LOOP, DEBUG_EXEC);
    release(f, 0);
    expect(f, DEBUG_STOP_POINT, LOOP);
    n = count(f);
    g_atomic_int_set(&n_hits, 0);
    points(f, DEBUG_GUEST, HART_RAM + LOAD, DEBUG_EXEC);
    no_points(f);
    release(f, 0);
    while (g_atomic_int_get(&n_hits) < 1000) {
        g_usleep(100);
    }
    points(f, DEBUG_OUTSIDE, HART_RAM + LOOP, DEBUG_EXEC);
    expect(f, DEBUG_STOP_POINT, LOOP);
    g_assert_cmpuint(count(f) - n, ==, g_atomic_int_get(&n_hits));
}

static void test_watch(Fix *f, gconstpointer backend)
{
    static const struct {
        unsigned kinds, at;
    } cases[] = {
        {DEBUG_WRITE, STORE},
        {DEBUG_READ, LOAD},
        {DEBUG_READ | DEBUG_WRITE, STORE},
    };

    warm_up(f);
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        DebugStop stop;

        points(f, DEBUG_OUTSIDE, HART_RAM + LOOP, DEBUG_EXEC);
        release(f, 0);
        expect(f, DEBUG_STOP_POINT, LOOP);
        points(f, DEBUG_OUTSIDE, DATA + 3, cases[i].kinds);
        release(f, 0);
        stop = wait_stop(f);
        g_assert_cmpuint(stop.kind, ==, DEBUG_STOP_WATCH);
        g_assert_cmphex(stop.va, ==, DATA + 3);
        g_assert_cmpuint(stop.kinds, ==, cases[i].kinds);
        g_assert_cmphex(f->v->pc, ==, HART_RAM + cases[i].at);
        g_assert_cmpuint(data(f), ==, count(f) - (cases[i].at == STORE));
        no_points(f);
        release(f, DEBUG_STEP);
        expect(f, DEBUG_STOP_STEP, cases[i].at + 4);
        g_assert_cmpuint(data(f), ==, count(f));
    }
    /* Its neighbours are not it. */
    points(f, DEBUG_OUTSIDE, DATA + 4, DEBUG_READ | DEBUG_WRITE);
    release(f, 0);
    g_usleep(20000);
    g_assert_false(f->v->engine->is_held(f->v));
}

/* A whole round, the handler too; a jump to itself ends, too. */
static void test_step(Fix *f, gconstpointer backend)
{
    static const unsigned round[] = {
        STORE,       LOAD,         ECALL, HANDLER, HANDLER + 4,
        HANDLER + 8, HANDLER + 12, BACK,  LOOP,
    };

    warm_up(f);
    points(f, DEBUG_OUTSIDE, HART_RAM + LOOP, DEBUG_EXEC);
    release(f, 0);
    expect(f, DEBUG_STOP_POINT, LOOP);
    no_points(f);
    for (unsigned n = 0; n < 3; n++) {
        for (unsigned i = 0; i < G_N_ELEMENTS(round); i++) {
            release(f, DEBUG_STEP | DEBUG_STEP_NO_IRQ);
            expect(f, DEBUG_STOP_STEP, round[i]);
        }
    }
    hart_write_word(f->h, 0x200, 0x0000006f); /* j . */
    f->v->pc = HART_RAM + 0x200;
    release(f, DEBUG_STEP);
    expect(f, DEBUG_STOP_STEP, 0x200);
}

/* A pending interrupt is taken by a step, or put off by one that says so. */
static void test_step_interrupt(Fix *f, gconstpointer backend)
{
    Riscv *cpu = f->h->cpu;

    f->v->engine->hold(f->v, true);
    riscv_csr_set(cpu, CSR_MIE, 1 << IRQ_MSI);
    riscv_csr_set(cpu, CSR_MSTATUS, STATUS_MIE);
    vcpu_set_irq(f->v, IRQ_MSI, true);
    release(f, DEBUG_STEP | DEBUG_STEP_NO_IRQ);
    expect(f, DEBUG_STOP_STEP, 4);
    release(f, DEBUG_STEP | DEBUG_STEP_NO_IRQ);
    expect(f, DEBUG_STOP_STEP, LOOP);
    release(f, DEBUG_STEP);
    expect(f, DEBUG_STOP_STEP, HANDLER);
    g_assert_cmphex(cpu->mepc, ==, HART_RAM + LOOP);
}

/* An instruction that first has to make the FPU's state dirty is one step. */
static void test_step_fp(Fix *f, gconstpointer backend)
{
    f->v->engine->hold(f->v, true);
    hart_write_word(f->h, 0, 0xf2000053); /* fmv.d.x fa0.. : ft0 */
    riscv_csr_set(f->h->cpu, CSR_MSTATUS, 1 << STATUS_FS_SHIFT);
    f->h->cpu->f[0] = 1;
    release(f, DEBUG_STEP);
    expect(f, DEBUG_STOP_STEP, 4);
    g_assert_cmphex(f->h->cpu->f[0], ==, 0);
}

static gint n_calls;

/* As semihosting does when a debugger is to answer: first not. */
static bool call_later(void *opaque, Vcpu *v, uint64_t op, uint64_t param,
                       unsigned width, uint64_t *result)
{
    bool done = g_atomic_int_add(&n_calls, 1) > 0;

    v->in_call = !done;
    v->call_pc = v->pc;
    if (done) {
        vcpu_kick(v, KICK_IRQ);
    } else {
        v->engine->hold(v, true);
        vcpu_set_irq(v, IRQ_MSI, true);
    }
    return done;
}

/* A call that waits is one step, and no interrupt gets in between; unless
 * somebody moves the CPU away from it. */
static void test_call(Fix *f, gconstpointer backend)
{
    static const VcpuCalls calls = {.semihost = call_later};
    static const uint32_t call[] = {0x01f01013, 0x00100073, 0x40705013};
    enum { CALL = 0x200, EBREAK = CALL + 4 };

    f->v->engine->hold(f->v, true);
    f->v->calls = &calls;
    for (unsigned i = 0; i < G_N_ELEMENTS(call); i++) {
        hart_write_word(f->h, CALL + 4 * i, call[i]);
    }
    riscv_csr_set(f->h->cpu, CSR_MIE, 1 << IRQ_MSI);
    riscv_csr_set(f->h->cpu, CSR_MSTATUS, STATUS_MIE);
    for (unsigned moved = 0; moved < 2; moved++) {
        f->v->pc = HART_RAM + EBREAK;
        g_atomic_int_set(&n_calls, 0);
        points(f, DEBUG_OUTSIDE, HART_RAM + HANDLER, DEBUG_EXEC);
        release(f, 0);
        while (g_atomic_int_get(&n_calls) == 0) {
            g_usleep(100);
        }
        f->v->engine->hold(f->v, true);
        f->v->pc = moved ? HART_RAM + LOOP : f->v->pc;
        f->v->engine->hold(f->v, false);
        expect(f, DEBUG_STOP_POINT, HANDLER);
        g_assert_cmphex(f->h->cpu->mepc, ==,
                        HART_RAM + (moved ? LOOP : EBREAK + 4));
        g_assert_cmpint(g_atomic_int_get(&n_calls), ==, moved ? 1 : 2);
        vcpu_set_irq(f->v, IRQ_MSI, false);
        riscv_csr_set(f->h->cpu, CSR_MSTATUS, STATUS_MIE);
    }
}

/* One that is held stays so while the machine goes on. */
static void test_hold(Fix *f, gconstpointer backend)
{
    uint32_t n;

    warm_up(f);
    n = data(f);
    accel_pause(f->accel);
    accel_resume(f->accel);
    g_usleep(10000);
    g_assert_cmpuint(data(f), ==, n);
    f->v->engine->hold(f->v, false);
    while (data(f) == n) {
        g_usleep(100);
    }
    accel_pause(f->accel);
    f->v->engine->hold(f->v, true);
    f->v->engine->hold(f->v, false);
    n = data(f);
    g_usleep(10000);
    g_assert_cmpuint(data(f), ==, n);
    accel_resume(f->accel);
}

int main(int argc, char **argv)
{
    static const char *const backends[] = {"jit", "interp"};
    static const struct {
        const char *name;
        void (*test)(Fix *f, gconstpointer backend);
    } tests[] = {
        {"break", test_break},
        {"break-running", test_break_running},
        {"guest-point", test_guest_point},
        {"watch", test_watch},
        {"step", test_step},
        {"step-interrupt", test_step_interrupt},
        {"step-fp", test_step_fp},
        {"call", test_call},
        {"hold", test_hold},
    };

    g_test_init(&argc, &argv, NULL);
    for (unsigned b = 0; b < G_N_ELEMENTS(backends); b++) {
        for (unsigned i = 0; i < G_N_ELEMENTS(tests); i++) {
            g_autofree char *path = g_strdup_printf("/accel/debug/%s/%s",
                                                    backends[b], tests[i].name);

            g_test_add(path, Fix, backends[b], set_up, tests[i].test,
                       tear_down);
        }
    }
    return g_test_run();
}
