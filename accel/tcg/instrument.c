/* SPDX-License-Identifier: GPL-2.0-or-later */
/* accel/tcg/instrument.c - hangs counters and calls on a block that the target
 * has translated. The block is built again with them in it, so neither targets
 * nor back ends know of this.
 * An instruction's steps stand right behind its marker. What is counted is put
 * off until somebody could look or the block could be left: up to an op that
 * may fault, a call, an exit. Then every way out has counted exactly the
 * instructions that started.
 * Calls go through helpers of the engine, whose numbers are those behind the
 * target's. */
#include <gio/gio.h>
#include <string.h>
#include <sys/mman.h>

#include "accel/tcg/tcg_priv.h"
#include "tcg/ir/rebuild.h"
#include "util/bits.h"

enum { LEAVES = IR_MAY_FAULT | IR_SIDE_EXIT | IR_END | IR_CALLS };
enum { MAX_PENDING = 4, MAX_COUNT = UINT16_MAX, MAX_INSN_BYTES = 16 };

/* --- helpers ------------------------------------------------------------- */

/* C that somebody else wrote does not run with the guest's rounding mode, nor
 * raise the guest's flags. */
static uint32_t fp_leave(TcgVcpu *t)
{
    uint32_t word = 0;

    if (!t->accel->interp) {
        word = host_fp_read();
        host_fp_write(hot_of(t->v)->host_mxcsr);
    }
    return word;
}

static void fp_return(const TcgVcpu *t, uint32_t word)
{
    if (!t->accel->interp) {
        host_fp_write(word);
    }
}

/* a: the function, b: its data. */
static uint64_t help_call(void *state, uint64_t a, uint64_t b, uint64_t c,
                          uint64_t imm)
{
    Vcpu *v = state;
    void (*call)(unsigned vcpu, void *data) =
        (void (*)(unsigned, void *))(uintptr_t)a;
    uint32_t word = fp_leave(tcg_of(v));

    call(v->index, (void *)(uintptr_t)b);
    fp_return(tcg_of(v), word);
    return 0;
}

static const IrHelper helpers[] = {
    {"instrument_call", help_call, IR_MEMORY},
    {"instrument_call_exact", help_call,
     IR_MEMORY | IR_READS_STATE | IR_MAY_FAULT},
};

enum { CALL, CALL_EXACT };

void instrument_init_guest(Accel *a)
{
    const IrGuest *target = a->target->ir;
    unsigned n = target->n_helpers + G_N_ELEMENTS(helpers);
    IrHelper *all = g_new(IrHelper, n);

    memcpy(all, target->helpers, target->n_helpers * sizeof(*all));
    memcpy(all + target->n_helpers, helpers, sizeof(helpers));
    a->guest = *target;
    a->guest.helpers = a->helpers = all;
    a->guest.n_helpers = n;
}

/* --- a block ------------------------------------------------------------- */

typedef struct {
    uint32_t counter;
    uint32_t n;
} Pending;

typedef struct {
    const Accel *accel;
    const InstrumentBlock *info;
    unsigned insn; /* of info the current one; counts from 1 */
    unsigned step; /* in info->steps: the next */
    Pending pending[MAX_PENDING];
    unsigned n_pending;
} Builder;

static void flush_counts(Builder *b, IrBuilder *ir)
{
    for (unsigned i = 0; i < b->n_pending; i++) {
        ir_count(ir, b->pending[i].counter, b->pending[i].n);
    }
    b->n_pending = 0;
}

static void count(Builder *b, IrBuilder *ir, uint32_t counter, unsigned n)
{
    for (unsigned i = 0; i < b->n_pending; i++) {
        if (b->pending[i].counter == counter &&
            b->pending[i].n + n <= MAX_COUNT) {
            b->pending[i].n += n;
            return;
        }
    }
    if (b->n_pending == MAX_PENDING) {
        flush_counts(b, ir);
    }
    b->pending[b->n_pending++] = (Pending){counter, n};
}

static IrRef pointer(IrBuilder *ir, const void *p)
{
    return ir_const(ir, IR_I64, (uint64_t)(uintptr_t)p);
}

static void call(Builder *b, IrBuilder *ir, unsigned helper, unsigned aux,
                 IrRef x, IrRef y, IrRef z)
{
    flush_counts(b, ir);
    ir_call(ir, IR_VOID, b->accel->target->ir->n_helpers + helper, aux, x, y,
            z);
}

static void do_steps(Builder *b, IrBuilder *ir)
{
    for (; b->step < b->info->steps->len; b->step++) {
        const InstrumentStep *s =
            &g_array_index(b->info->steps, InstrumentStep, b->step);

        if (s->insn >= b->insn) {
            break;
        }
        if (s->call == NULL) {
            count(b, ir, s->counter, s->n);
        } else {
            call(b, ir, s->exact ? CALL_EXACT : CALL, 0,
                 pointer(ir, (const void *)(uintptr_t)s->call),
                 pointer(ir, s->data), 0);
        }
    }
}

static void before_op(void *opaque, IrBuilder *ir, const IrOp *op)
{
    if (ir_op_info[op->code].effects & LEAVES) {
        flush_counts(opaque, ir);
    }
}

/* Behind an address that no instruction can be at the marker has length 1. */
static bool is_insn(const IrOp *op)
{
    return op->code == IR_INSN && op->aux > 1;
}

static void after_op(void *opaque, IrBuilder *ir, const IrOp *op,
                     const IrRef args[3], IrRef result)
{
    Builder *b = opaque;

    if (is_insn(op) && b->insn < b->info->n_insns) {
        b->insn++;
        do_steps(b, ir);
    }
}

/* The bytes of an instruction that crosses into the next page. */
typedef struct {
    uint8_t bytes[MAX_INSN_BYTES];
} Crossing;

/* What the target translated. The last one is none if the block leaves to it
 * again. */
static unsigned list_insns(const IrBlock *ir, Gva page, const uint8_t *bytes,
                           const uint8_t *next, Crossing *crossing,
                           InstrumentInsn *to)
{
    unsigned n = 0;

    IR_FOR_EACH_OP(ir, i) {
        const IrOp *op = ir_op(ir, i);
        InstrumentInsn *insn = &to[n];
        unsigned here;

        if (!is_insn(op)) {
            continue;
        }
        *insn = (InstrumentInsn){page + op->imm, bytes + op->imm, op->aux};
        here = MIN(op->aux, TARGET_PAGE_SIZE - (unsigned)op->imm);
        if (here < op->aux) {
            memcpy(crossing->bytes, insn->bytes, here);
            memcpy(crossing->bytes + here, next, op->aux - here);
            insn->bytes = crossing->bytes;
        }
        n++;
    }
    if (n > 0 && ir->ops[ir->n_ops - 1].code == IR_RESUME &&
        ir->ops[ir->n_ops - 1].aux) {
        n--;
    }
    return n;
}

static void rebuild(Cache *c, Builder *b)
{
    const IrVisitor visitor = {before_op, after_op, b};
    IrBlock plain = c->ir;

    c->ir = c->other_ir;
    ir_rebuild(&c->ir, &plain, &visitor);
    c->other_ir = plain;
}

void instrument_block(TcgVcpu *t, Gpa gpa, const uint8_t *bytes,
                      const uint8_t *next)
{
    Accel *a = t->accel;
    InstrumentInsn insns[MAX_BLOCK_INSNS];
    Crossing crossing;
    InstrumentBlock info = {
        .vcpu = t->v,
        .gpa = gpa,
        .insns = insns,
        .n_insns = list_insns(&a->cache.ir, page_of(t->v->pc), bytes, next,
                              &crossing, insns),
        .steps = g_array_new(FALSE, FALSE, sizeof(InstrumentStep)),
        .accesses = g_array_new(FALSE, FALSE, sizeof(InstrumentAccess)),
    };
    Builder b = {.accel = a, .info = &info};

    if (info.n_insns > 0) {
        a->instrument->translated(a->instrument->opaque, &info);
    }
    if (info.steps->len + info.accesses->len > 0) {
        rebuild(&a->cache, &b);
    }
    g_array_unref(info.steps);
    g_array_unref(info.accesses);
}

/* --- life ---------------------------------------------------------------- */

bool accel_instrument(Accel *a, const Instrumentation *what, GError **error)
{
    a->instrument = what;
    for (unsigned i = 0; i < a->vcpus->len; i++) {
        TcgVcpu *t = g_ptr_array_index(a->vcpus, i);
        void *p = mmap(NULL, INSTRUMENT_COUNTERS * sizeof(uint64_t),
                       PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

        if (p == MAP_FAILED) {
            g_set_error(error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
                        "no memory for the counters of a vCPU");
            return false;
        }
        t->v->counters = t->machine.counters = p;
        t->v->hooks = what;
    }
    return true;
}

void instrument_finish_vcpu(TcgVcpu *t)
{
    if (t->v->counters != NULL) {
        munmap(t->v->counters, INSTRUMENT_COUNTERS * sizeof(uint64_t));
        t->v->counters = NULL;
    }
}
