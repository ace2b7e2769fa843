/* SPDX-License-Identifier: GPL-2.0-or-later */
/* accel/tcg/instrument.c - hangs counters and calls on a block that the target
 * has translated. The block is built again with them in it, so neither targets
 * nor back ends know of this.
 * An instruction's steps stand right behind its marker. What is counted is put
 * off until somebody could look or the block could be left: up to an op that
 * may fault, a call, an exit. Then every way out has counted exactly the
 * instructions that started.
 * Accesses are told of behind the op that makes them; those of the target's
 * helpers by the functions that helpers call.
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

/* a: an InstrumentAccess or NULL, b: the address, c: the value's lower half;
 * imm: info. */
static uint64_t help_access(void *state, uint64_t a, uint64_t b, uint64_t c,
                            uint64_t imm)
{
    Vcpu *v = state;
    TcgVcpu *t = tcg_of(v);
    const InstrumentAccess *to = (const InstrumentAccess *)(uintptr_t)a;
    unsigned bits = 8u << (imm & INSTRUMENT_SIZE);
    uint64_t value[2] = {bits < 64 ? c & bits_mask(bits) : c, t->access_high};
    uint32_t word;

    t->access_high = 0;
    if (to != NULL) {
        word = fp_leave(t);
        to->call(v->index, (uint32_t)imm, b, value, to->data);
        fp_return(t, word);
    }
    return 0;
}

/* a: the upper half of the next access' value. */
static uint64_t help_high(void *state, uint64_t a, uint64_t b, uint64_t c,
                          uint64_t imm)
{
    tcg_of(state)->access_high = a;
    return 0;
}

/* a: what an atomic operation found, b: its operand; imm: memory op, kind. */
static uint64_t help_amo(void *state, uint64_t a, uint64_t b, uint64_t c,
                         uint64_t imm)
{
    return memory_amo(imm >> 8, a, b, ir_mo_bytes(imm & 0xff));
}

/* a: a counter, b: what to add if c is not 0. */
static uint64_t help_count_if(void *state, uint64_t a, uint64_t b, uint64_t c,
                              uint64_t imm)
{
    ((Vcpu *)state)->counters[a] += c ? b : 0;
    return 0;
}

/* a: a GBytes of InstrumentAccess: of what the instruction's helpers access
 * until the next call. */
static uint64_t help_watch(void *state, uint64_t a, uint64_t b, uint64_t c,
                           uint64_t imm)
{
    tcg_of(state)->watch = (GBytes *)(uintptr_t)a;
    return 0;
}

enum { EXACT = IR_MEMORY | IR_READS_STATE | IR_MAY_FAULT };

static const IrHelper helpers[] = {
    {"instrument_call", help_call, IR_MEMORY},
    {"instrument_call_exact", help_call, EXACT},
    {"instrument_access", help_access, IR_MEMORY},
    {"instrument_access_exact", help_access, EXACT},
    {"instrument_high", help_high, IR_MEMORY},
    {"instrument_amo", help_amo, IR_PURE},
    {"instrument_count_if", help_count_if, IR_MEMORY},
    {"instrument_watch", help_watch, IR_MEMORY},
};

/* In that order; an exact one is behind its plain one. */
enum { CALL, CALL_EXACT, ACCESS, ACCESS_EXACT, HIGH, AMO, COUNT_IF, WATCH };

/* What helpers access: engine_load and so on. */
void instrument_accessed(TcgVcpu *t, Gva va, uint32_t info,
                         const uint64_t value[2])
{
    unsigned kind =
        info & INSTRUMENT_STORE ? INSTRUMENT_STORES : INSTRUMENT_LOADS;
    gsize size;
    const InstrumentAccess *all = g_bytes_get_data(t->watch, &size);

    for (unsigned i = 0; i < size / sizeof(*all); i++) {
        if ((all[i].kinds & kind) == 0) {
            continue;
        }
        if (all[i].call != NULL) {
            uint32_t word = fp_leave(t);

            all[i].call(t->v->index, info, va, value, all[i].data);
            fp_return(t, word);
        } else {
            t->v->counters[all[i].counter] += all[i].n;
        }
    }
}

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
    unsigned insn;   /* of info the current one; counts from 1 */
    unsigned step;   /* in info->steps: the next */
    unsigned access; /* in info->accesses: the current instruction's */
    unsigned n_accesses;
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

/* --- accesses ------------------------------------------------------------ */

static const InstrumentAccess *accesses(const Builder *b)
{
    return &g_array_index(b->info->accesses, InstrumentAccess, b->access);
}

static void find_accesses(Builder *b)
{
    b->access += b->n_accesses;
    b->n_accesses = 0;
    while (b->access + b->n_accesses < b->info->accesses->len &&
           accesses(b)[b->n_accesses].insn < b->insn) {
        b->n_accesses++;
    }
}

/* The same bytes at an address that stays. */
static GBytes *intern(const Accel *a, const void *data, size_t size)
{
    GBytes *bytes = g_bytes_new(data, size), *found;

    found = g_hash_table_lookup(a->interned, bytes);
    if (found == NULL) {
        g_hash_table_add(a->interned, bytes);
        return bytes;
    }
    g_bytes_unref(bytes);
    return found;
}

/* One access: value, its upper half (0: none), what says whether it was made
 * (0: it was). */
typedef struct {
    unsigned kind, info;
    IrRef va, value, high, made;
} Made;

static void tell_access(Builder *b, IrBuilder *ir, const Made *m)
{
    for (unsigned i = 0; i < b->n_accesses; i++) {
        InstrumentAccess one = accesses(b)[i];
        IrRef to;

        if ((one.kinds & m->kind) == 0) {
            continue;
        }
        one.insn = 0;
        if (one.call == NULL && m->made == 0) {
            count(b, ir, one.counter, one.n);
        } else if (one.call == NULL) {
            call(b, ir, COUNT_IF, 0, ir_const(ir, IR_I64, one.counter),
                 ir_const(ir, IR_I64, one.n), m->made);
        } else {
            to = pointer(ir, g_bytes_get_data(
                                 intern(b->accel, &one, sizeof(one)), NULL));
            if (m->made != 0) {
                to = ir_select(ir, m->made, to, pointer(ir, NULL));
            }
            if (m->high != 0) {
                call(b, ir, HIGH, 0, m->high, 0, 0);
            }
            call(b, ir, one.exact ? ACCESS_EXACT : ACCESS, m->info, to, m->va,
                 m->value);
        }
    }
}

/* A value as integers, for a helper. */
static void set_value(IrBuilder *ir, Made *m, IrRef value)
{
    switch (ir_type(ir, value)) {
    case IR_V128:
        m->value = ir_vget(ir, IR_I64, IR_LANE_64, 0, value);
        m->high = ir_vget(ir, IR_I64, IR_LANE_64, 1, value);
        break;
    case IR_F32:
        m->value = ir_bitcast(ir, IR_I32, value);
        break;
    case IR_F64:
        m->value = ir_bitcast(ir, IR_I64, value);
        break;
    default:
        m->value = value;
        break;
    }
}

static void tell_load(Builder *b, IrBuilder *ir, const IrOp *op, IrRef va,
                      IrRef value)
{
    Made m = {.kind = INSTRUMENT_LOADS,
              .info = (unsigned)__builtin_ctz(ir_mo_bytes(op->aux)),
              .va = va};

    set_value(ir, &m, value);
    tell_access(b, ir, &m);
}

static void tell_store(Builder *b, IrBuilder *ir, const IrOp *op, IrRef va,
                       IrRef value, IrRef made)
{
    Made m = {.kind = INSTRUMENT_STORES,
              .info = (unsigned)__builtin_ctz(ir_mo_bytes(op->aux)) |
                      INSTRUMENT_STORE,
              .va = va,
              .made = made};

    set_value(ir, &m, value);
    tell_access(b, ir, &m);
}

/* The bytes of r that a memory op of this size moves. */
static IrRef low_bytes(IrBuilder *ir, const IrOp *op, IrRef r)
{
    unsigned bits = 8 * ir_mo_bytes(op->aux);

    return bits < ir_type_bits(ir_type(ir, r))
               ? ir_zext(ir, ir_type(ir, r), r, bits)
               : r;
}

static void after_memory(Builder *b, IrBuilder *ir, const IrOp *op,
                         const IrRef args[3], IrRef result)
{
    IrRef va = args[0], made;

    if (op->code == IR_LD || op->code == IR_ST) {
        va = ir_binary_imm(ir, IR_ADD, va, op->imm);
    }
    switch (op->code) {
    case IR_LD:
    case IR_LL:
        tell_load(b, ir, op, va, result);
        break;
    case IR_ST:
        tell_store(b, ir, op, va, args[1], 0);
        break;
    case IR_SC:
        made = ir_set(ir, IR_I64, IR_EQ, result,
                      ir_const(ir, ir_type(ir, result), 0));
        tell_store(b, ir, op, va, args[1], made);
        break;
    case IR_AMO:
        tell_load(b, ir, op, va, result);
        tell_store(b, ir, op, va,
                   ir_call(ir, IR_I64, b->accel->target->ir->n_helpers + AMO,
                           (unsigned)op->imm << 8 | op->aux, result, args[1],
                           0),
                   0);
        break;
    default: /* IR_CAS */
        tell_load(b, ir, op, va, result);
        made = ir_set(ir, IR_I64, IR_EQ, low_bytes(ir, op, result),
                      low_bytes(ir, op, args[1]));
        tell_store(b, ir, op, va, args[2], made);
        break;
    }
}

/* --- the new block ------------------------------------------------------- */

/* Whether op is a helper of the target that may access memory. */
static bool may_access(const Builder *b, const IrOp *op)
{
    return op->code == IR_CALL &&
           (b->accel->target->ir->helpers[op->imm].effects & IR_MAY_FAULT) &&
           b->n_accesses > 0;
}

static void watch(Builder *b, IrBuilder *ir, GBytes *what)
{
    call(b, ir, WATCH, 0, pointer(ir, what), 0, 0);
}

static void before_op(void *opaque, IrBuilder *ir, const IrOp *op)
{
    Builder *b = opaque;

    if (ir_op_info[op->code].effects & LEAVES) {
        flush_counts(b, ir);
    }
    if (may_access(b, op)) {
        watch(b, ir,
              intern(b->accel, accesses(b),
                     b->n_accesses * sizeof(InstrumentAccess)));
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

    if (is_insn(op)) {
        if (b->insn < b->info->n_insns) {
            b->insn++;
            do_steps(b, ir);
        }
        find_accesses(b);
    } else if (may_access(b, op)) {
        watch(b, ir, NULL);
    } else if (b->n_accesses > 0 && op->code != IR_FENCE &&
               (ir_op_info[op->code].effects & IR_MEMORY)) {
        after_memory(b, ir, op, args, result);
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
    a->interned = g_hash_table_new_full(g_bytes_hash, g_bytes_equal,
                                        (GDestroyNotify)g_bytes_unref, NULL);
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

void instrument_finish(Accel *a)
{
    g_clear_pointer(&a->interned, g_hash_table_unref);
    g_free(a->helpers);
}

void instrument_finish_vcpu(TcgVcpu *t)
{
    if (t->v->counters != NULL) {
        munmap(t->v->counters, INSTRUMENT_COUNTERS * sizeof(uint64_t));
        t->v->counters = NULL;
    }
}
