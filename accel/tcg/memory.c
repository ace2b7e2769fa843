/* SPDX-License-Identifier: GPL-2.0-or-later */
/* accel/tcg/memory.c - what generated code calls when the fast path misses:
 * memory through the TLB or the bus, atomics, and the FPU's odd cases. The
 * interpreter comes in by the same functions. */
#include <string.h>

#include "accel/tcg/tcg_priv.h"
#include "tcg/ir/eval.h"
#include "util/bits.h"

enum { MAX_YIELDS = 16 };

static MemAccess read_of(unsigned mo)
{
    return mo & IR_MO_ALT ? MEM_READ_ALT : MEM_READ;
}

static MemAccess write_of(unsigned mo)
{
    return mo & IR_MO_ALT ? MEM_WRITE_ALT : MEM_WRITE;
}

static unsigned info_mo(uint64_t info)
{
    return info & 0xff;
}

static IrAmo info_amo(uint64_t info)
{
    return (info >> 8) & 0xff;
}

/* Generated code keeps no pc: its page and the instruction's offset do. */
static TcgVcpu *enter_slow(Vcpu *v, uint64_t info)
{
    v->pc = hot_of(v)->page + ((info >> 16) & 0xffff);
    return tcg_of(v);
}

static uint64_t extend(uint64_t value, unsigned mo)
{
    unsigned bits = 8 * ir_mo_bytes(mo);

    return mo & IR_MO_SIGN ? (uint64_t)bits_sext(value, bits)
                           : value & bits_mask(bits);
}

static bool bus_access_failed(TcgVcpu *t, Gva va, MemAccess access)
{
    t->v->target->raise_bus_fault(t->v, va, access);
    return false;
}

static bool place_load(TcgVcpu *t, Gva va, const Place *p, unsigned size,
                       MemAccess access, uint64_t *value)
{
    if (p->host != NULL) {
        *value = host_load(p->host, size);
        return true;
    }
    t->stats.device_accesses++;
    return bus_read(t->v->bus, p->gpa, size, value) == MEM_OK ||
           bus_access_failed(t, va, access);
}

/* A store to a device may have interrupted another vCPU, and guests mostly
 * spin until that has answered. Where vCPUs share host processors it cannot
 * while this thread keeps one. */
static void let_interrupted_run(TcgVcpu *t)
{
    Vcpu *other = vcpu_take_interrupted();

    if (other == NULL || other == t->v || !t->accel->crowded) {
        return;
    }
    for (unsigned i = 0;
         i < MAX_YIELDS && (atomic_load(&other->kick) & KICK_IRQ); i++) {
        g_thread_yield();
    }
}

/* Only now: who translates meanwhile may have seen the old bytes. */
static void wrote(TcgVcpu *t, Gva va, const Place *p, unsigned size)
{
    if (p->code != NULL) {
        tlb_wrote_code(t, va, p, size);
    }
}

static bool place_store(TcgVcpu *t, Gva va, const Place *p, unsigned size,
                        MemAccess access, uint64_t value)
{
    if (p->host != NULL) {
        host_store(p->host, size, value);
        wrote(t, va, p, size);
        return true;
    }
    t->stats.device_accesses++;
    if (bus_write(t->v->bus, p->gpa, size, value) != MEM_OK) {
        return bus_access_failed(t, va, access);
    }
    let_interrupted_run(t);
    return true;
}

/* Bytes of the access in its first page. */
static unsigned first_part(Gva va, unsigned size)
{
    unsigned left = TARGET_PAGE_SIZE - (va & (TARGET_PAGE_SIZE - 1));

    return MIN(left, size);
}

/* Both pages are looked up before a byte moves. */
static bool load_crossing(TcgVcpu *t, Gva va, unsigned size, MemAccess access,
                          uint64_t *value)
{
    unsigned first = first_part(va, size);
    Place p;

    *value = 0;
    for (unsigned i = 0; i < size; i++) {
        uint64_t byte;

        if ((i == 0 || i == first) && !tlb_find(t, va + i, access, &p)) {
            return false;
        }
        if (!place_load(t, va + i, &p, 1, access, &byte)) {
            return false;
        }
        *value |= byte << (8 * i);
        p.host = p.host != NULL ? p.host + 1 : NULL;
        p.gpa++;
    }
    return true;
}

static bool store_crossing(TcgVcpu *t, Gva va, unsigned size, MemAccess access,
                           uint64_t value)
{
    unsigned first = first_part(va, size);
    Place p[2];

    if (!tlb_find(t, va + first, access, &p[1]) ||
        !tlb_find(t, va, access, &p[0])) {
        return false;
    }
    for (unsigned i = 0; i < size; i++) {
        Place *at = &p[i >= first];

        if (!place_store(t, va + i, at, 1, access, value >> (8 * i))) {
            return false;
        }
        at->host = at->host != NULL ? at->host + 1 : NULL;
        at->gpa++;
    }
    return true;
}

/* A watched range that the access meets: something was recorded. */
static bool is_watched(TcgVcpu *t, Gva va, unsigned size, MemAccess access)
{
    return G_UNLIKELY(t->debug.watches) && debug_access(t, va, size, access);
}

static bool load_any(TcgVcpu *t, Gva va, unsigned size, MemAccess access,
                     uint64_t *value)
{
    Place p;

    if (is_watched(t, va, size, access)) {
        return false;
    }
    if (first_part(va, size) != size) {
        return load_crossing(t, va, size, access, value);
    }
    return tlb_find(t, va, access, &p) &&
           place_load(t, va, &p, size, access, value);
}

static bool store_any(TcgVcpu *t, Gva va, unsigned size, MemAccess access,
                      uint64_t value)
{
    Place p;

    if (is_watched(t, va, size, access)) {
        return false;
    }
    if (first_part(va, size) != size) {
        return store_crossing(t, va, size, access, value);
    }
    return tlb_find(t, va, access, &p) &&
           place_store(t, va, &p, size, access, value);
}

/* Sixteen aligned bytes of memory are one access, which other vCPUs see as a
 * whole. Else they are two; neither is made before both pages are known to take
 * it. */

typedef uint64_t Sixteen __attribute__((vector_size(16)));

static bool load_16(TcgVcpu *t, Gva va, IrVector *value)
{
    Sixteen bytes;
    Place p;

    if (va % 16 == 0) {
        if (is_watched(t, va, 16, MEM_READ) || !tlb_find(t, va, MEM_READ, &p)) {
            return false;
        }
        if (p.host != NULL) {
            bytes = *(const volatile Sixteen *)p.host;
            *value = (IrVector){{bytes[0], bytes[1]}};
            return true;
        }
    }
    return load_any(t, va, 8, MEM_READ, &value->u64[0]) &&
           load_any(t, va + 8, 8, MEM_READ, &value->u64[1]);
}

static bool store_16(TcgVcpu *t, Gva va, const IrVector *value)
{
    unsigned first = first_part(va, 16);
    Place p;

    if (is_watched(t, va, 16, MEM_WRITE) || !tlb_find(t, va, MEM_WRITE, &p) ||
        (first != 16 && !tlb_find(t, va + first, MEM_WRITE, &p))) {
        return false;
    }
    if (va % 16 == 0 && p.host != NULL) {
        *(volatile Sixteen *)p.host = (Sixteen){value->u64[0], value->u64[1]};
        wrote(t, va, &p, 16);
        return true;
    }
    return store_any(t, va, 8, MEM_WRITE, value->u64[0]) &&
           store_any(t, va + 8, 8, MEM_WRITE, value->u64[1]);
}

/* False: a fault was recorded, because mo asks for aligned addresses. */
static bool is_aligned(TcgVcpu *t, Gva va, unsigned mo, MemAccess access)
{
    if (ir_mo_misaligned(mo, va)) {
        t->v->target->raise_misaligned(t->v, va, access);
        return false;
    }
    return true;
}

static bool load_mo(TcgVcpu *t, Gva va, unsigned mo, uint64_t *value)
{
    return is_aligned(t, va, mo, read_of(mo)) &&
           load_any(t, va, ir_mo_bytes(mo), read_of(mo), value);
}

static bool store_mo(TcgVcpu *t, Gva va, unsigned mo, uint64_t value)
{
    return is_aligned(t, va, mo, write_of(mo)) &&
           store_any(t, va, ir_mo_bytes(mo), write_of(mo), value);
}

static bool load_mo_16(TcgVcpu *t, Gva va, unsigned mo, IrVector *value)
{
    return is_aligned(t, va, mo, MEM_READ) && load_16(t, va, value);
}

static bool store_mo_16(TcgVcpu *t, Gva va, unsigned mo, const IrVector *value)
{
    return is_aligned(t, va, mo, MEM_WRITE) && store_16(t, va, value);
}

static uint64_t slow_load(void *state, uint64_t va, uint64_t b, uint64_t c,
                          uint64_t info)
{
    TcgVcpu *t = enter_slow(state, info);
    uint64_t value = 0;

    load_mo(t, va, info_mo(info), &value);
    return extend(value, info_mo(info));
}

static uint64_t slow_store(void *state, uint64_t va, uint64_t value, uint64_t c,
                           uint64_t info)
{
    TcgVcpu *t = enter_slow(state, info);

    store_mo(t, va, info_mo(info), value);
    return 0;
}

static uint64_t slow_load_16(void *state, uint64_t va, uint64_t b, uint64_t c,
                             uint64_t info)
{
    load_mo_16(enter_slow(state, info), va, info_mo(info),
               &hot_of(state)->vectors[3]);
    return 0;
}

static uint64_t slow_store_16(void *state, uint64_t va, uint64_t low,
                              uint64_t high, uint64_t info)
{
    store_mo_16(enter_slow(state, info), va, info_mo(info),
                &(IrVector){{low, high}});
    return 0;
}

/* --- atomics ------------------------------------------------------------ */

/* The place of an atomic access; false after a fault. Atomics on devices are
 * a load and a store, which no driver minds, and always aligned. */
static bool atomic_place(TcgVcpu *t, Gva va, unsigned mo, MemAccess access,
                         Place *p)
{
    bool odd = va % ir_mo_bytes(mo) != 0;

    if (ir_mo_misaligned(mo | IR_MO_ALIGN, va)) {
        t->v->target->raise_misaligned(t->v, va, access);
        return false;
    }
    if (is_watched(t, va, ir_mo_bytes(mo), access) ||
        !tlb_find(t, va, access, p)) {
        return false;
    }
    if (odd && p->host == NULL) {
        t->v->target->raise_misaligned(t->v, va, access);
    }
    return !odd || p->host != NULL;
}

/* As generated code does. */
static void count_atomic(TcgVcpu *t)
{
    hot_of(t->v)->patience--;
    lose_patience(t);
}

uint64_t memory_amo(IrAmo kind, uint64_t old, uint64_t value, unsigned size)
{
    int64_t a = bits_sext(old, 8 * size), b = bits_sext(value, 8 * size);
    uint64_t ua = old & bits_mask(8 * size), ub = value & bits_mask(8 * size);

    switch (kind) {
    case IR_AMO_SWAP:
        return value;
    case IR_AMO_ADD:
        return old + value;
    case IR_AMO_XOR:
        return old ^ value;
    case IR_AMO_AND:
        return old & value;
    case IR_AMO_OR:
        return old | value;
    case IR_AMO_SMIN:
        return a < b ? old : value;
    case IR_AMO_SMAX:
        return a > b ? old : value;
    case IR_AMO_UMIN:
        return ua < ub ? old : value;
    case IR_AMO_UMAX:
        return ua > ub ? old : value;
    }
    return old;
}

/* Compare and exchange of size bytes; *expected becomes what was there. */
static bool host_cas(uint8_t *p, unsigned size, uint64_t *expected,
                     uint64_t desired)
{
    bool done;

#define CAS_(n)                                                                \
 do {                                                                          \
  uint##n##_t e_ = (uint##n##_t) * expected;                                   \
  done =                                                                       \
      __atomic_compare_exchange_n((uint##n##_t *)p, &e_, (uint##n##_t)desired, \
                                  false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);  \
  *expected = e_;                                                              \
 } while (0)
    switch (size) {
    case 1:
        CAS_(8);
        break;
    case 2:
        CAS_(16);
        break;
    case 4:
        CAS_(32);
        break;
    default:
        CAS_(64);
    }
#undef CAS_
    return done;
}

static bool amo_any(TcgVcpu *t, Gva va, unsigned mo, IrAmo kind, uint64_t value,
                    uint64_t *old)
{
    unsigned size = ir_mo_bytes(mo);
    Place p;

    *old = 0;
    count_atomic(t);
    if (!atomic_place(t, va, mo, MEM_WRITE, &p) ||
        is_watched(t, va, size, MEM_READ)) {
        return false;
    }
    if (p.host == NULL) {
        return place_load(t, va, &p, size, MEM_READ, old) &&
               place_store(t, va, &p, size, MEM_WRITE,
                           memory_amo(kind, *old, value, size));
    }
    *old = host_load(p.host, size);
    while (!host_cas(p.host, size, old, memory_amo(kind, *old, value, size))) {
    }
    wrote(t, va, &p, size);
    return true;
}

static bool cas_any(TcgVcpu *t, Gva va, unsigned mo, uint64_t expected,
                    uint64_t desired, uint64_t *old)
{
    unsigned size = ir_mo_bytes(mo);
    Place p;

    *old = 0;
    count_atomic(t);
    if (!atomic_place(t, va, mo, MEM_WRITE, &p) ||
        is_watched(t, va, size, MEM_READ)) {
        return false;
    }
    if (p.host == NULL) {
        if (!place_load(t, va, &p, size, MEM_READ, old)) {
            return false;
        }
        return *old != (expected & bits_mask(8 * size)) ||
               place_store(t, va, &p, size, MEM_WRITE, desired);
    }
    *old = expected;
    if (host_cas(p.host, size, old, desired)) {
        wrote(t, va, &p, size);
    }
    return true;
}

static bool load_linked_any(TcgVcpu *t, Gva va, unsigned mo, uint64_t *value)
{
    Hot *hot = hot_of(t->v);
    Place p;

    *value = 0;
    count_atomic(t);
    if (!atomic_place(t, va, mo, MEM_READ, &p) ||
        !place_load(t, va, &p, ir_mo_bytes(mo), MEM_READ, value)) {
        return false;
    }
    *value = extend(*value, mo);
    hot->link_addr = va;
    hot->link_value = *value;
    return true;
}

static bool store_cond_any(TcgVcpu *t, Gva va, unsigned mo, uint64_t value,
                           uint64_t *failed)
{
    Hot *hot = hot_of(t->v);
    uint64_t expected = hot->link_value, old;
    bool linked = hot->link_addr == va;
    Place p;

    *failed = 1;
    hot->link_addr = NO_LINK;
    if (!linked) { /* still faults where a store would */
        return atomic_place(t, va, mo, MEM_WRITE, &p);
    }
    if (!cas_any(t, va, mo, expected, value, &old)) {
        return false;
    }
    *failed = extend(old, mo) != extend(expected, mo);
    return true;
}

static uint64_t slow_ll(void *state, uint64_t va, uint64_t b, uint64_t c,
                        uint64_t info)
{
    uint64_t value = 0;

    load_linked_any(enter_slow(state, info), va, info_mo(info), &value);
    return value;
}

static uint64_t slow_sc(void *state, uint64_t va, uint64_t value, uint64_t c,
                        uint64_t info)
{
    uint64_t failed = 1;

    store_cond_any(enter_slow(state, info), va, info_mo(info), value, &failed);
    return failed;
}

static uint64_t slow_amo(void *state, uint64_t va, uint64_t value, uint64_t c,
                         uint64_t info)
{
    uint64_t old = 0;

    amo_any(enter_slow(state, info), va, info_mo(info), info_amo(info), value,
            &old);
    return extend(old, info_mo(info));
}

static uint64_t slow_cas(void *state, uint64_t va, uint64_t expected,
                         uint64_t desired, uint64_t info)
{
    uint64_t old = 0;

    cas_any(enter_slow(state, info), va, info_mo(info), expected, desired,
            &old);
    return extend(old, info_mo(info));
}

/* --- floating point ----------------------------------------------------- */

/* The soft flags join the sticky ones that wait in the vCPU; fp_flags adds
 * those in the FPU. */
static SfStatus soft_status(const Vcpu *v)
{
    return (SfStatus){.round = v->fp_round};
}

static uint64_t slow_float(void *state, uint64_t a, uint64_t b, uint64_t c,
                           uint64_t info)
{
    Vcpu *v = state;
    SfStatus st = soft_status(v);
    IrOp op = ir_unpack_op(info);
    uint64_t r = ir_eval_float(&op, ir_unpack_from(info),
                               (const uint64_t[3]){a, b, c}, &st);

    v->fp_flags |= st.flags;
    return r;
}

static uint64_t slow_vector(void *state, uint64_t a, uint64_t b, uint64_t c,
                            uint64_t info)
{
    Vcpu *v = state;
    IrVector *vectors = hot_of(v)->vectors;
    SfStatus st = soft_status(v);
    IrOp op = ir_unpack_op(info);

    vectors[3] = ir_eval_vector(&op, vectors, &st);
    v->fp_flags |= st.flags;
    return 0;
}

HostSlowFn *const memory_slow[HOST_N_SLOW] = {
    [HOST_SLOW_LOAD] = slow_load,       [HOST_SLOW_STORE] = slow_store,
    [HOST_SLOW_LL] = slow_ll,           [HOST_SLOW_SC] = slow_sc,
    [HOST_SLOW_AMO] = slow_amo,         [HOST_SLOW_CAS] = slow_cas,
    [HOST_SLOW_LOAD_16] = slow_load_16, [HOST_SLOW_STORE_16] = slow_store_16,
    [HOST_SLOW_FLOAT] = slow_float,     [HOST_SLOW_VECTOR] = slow_vector,
};

uint32_t fp_flags(Vcpu *v)
{
    TcgVcpu *t = tcg_of(v);

    if (t->accel->interp) {
        return v->fp_flags | t->soft_fp.flags;
    }
    return v->fp_flags |
           host_fp_flags(t->inside ? host_fp_read() : hot_of(v)->mxcsr);
}

void fp_set(Vcpu *v, uint32_t flags, unsigned round)
{
    TcgVcpu *t = tcg_of(v);
    uint32_t word = host_fp_word(0, round);

    v->fp_flags = flags;
    v->fp_round = round;
    t->soft_fp = (SfStatus){.round = round};
    hot_of(v)->mxcsr = word;
    if (t->inside && !t->accel->interp) {
        host_fp_write(word);
    }
}

/* --- for helpers -------------------------------------------------------- */

/* For instrument.c: size is a power of two. */
static void accessed(TcgVcpu *t, Gva va, unsigned size, uint32_t info,
                     uint64_t low, uint64_t high)
{
    if (G_UNLIKELY(t->watch != NULL)) {
        instrument_accessed(t, va, info | (unsigned)__builtin_ctz(size),
                            (const uint64_t[]){low, high});
    }
}

static void accessed_host(TcgVcpu *t, Gva va, unsigned size, uint32_t info,
                          const void *host)
{
    uint64_t value[2] = {0};

    if (G_LIKELY(t->watch == NULL)) {
        return;
    }
    if (size <= sizeof(value)) {
        memcpy(value, host, size);
    } else {
        info |= INSTRUMENT_NO_VALUE;
    }
    accessed(t, va, size, info, value[0], value[1]);
}

bool engine_load(Vcpu *v, Gva va, unsigned size, uint64_t *value)
{
    if (!load_any(tcg_of(v), va, size, MEM_READ, value)) {
        return false;
    }
    accessed(tcg_of(v), va, size, 0, *value, 0);
    return true;
}

bool engine_store(Vcpu *v, Gva va, unsigned size, uint64_t value)
{
    if (!store_any(tcg_of(v), va, size, MEM_WRITE, value)) {
        return false;
    }
    accessed(tcg_of(v), va, size, INSTRUMENT_STORE, value, 0);
    return true;
}

void *engine_host_address(Vcpu *v, Gva va, unsigned size, MemAccess access,
                          bool *fault)
{
    Place p;

    *fault = false;
    if (first_part(va, size) != size) {
        return NULL;
    }
    if (is_watched(tcg_of(v), va, size, access) ||
        !tlb_find(tcg_of(v), va, access, &p)) {
        *fault = true;
        return NULL;
    }
    if (access == MEM_READ && p.host != NULL && size > 1) {
        accessed_host(tcg_of(v), va, size, 0, p.host);
    }
    return p.host;
}

void engine_wrote(Vcpu *v, Gva va, void *host, unsigned size)
{
    TcgVcpu *t = tcg_of(v);
    Place p = {.host = host, .code = &current_context(t)->tlb[tlb_index(va)]};

    if (p.code->write_tag != page_of(va)) {
        tlb_wrote_code(t, va, &p, size);
    }
    accessed_host(t, va, size, INSTRUMENT_STORE, host);
}

/* --- for the interpreter ------------------------------------------------ */

static TcgVcpu *at(void *ctx, uint64_t pc)
{
    TcgVcpu *t = ctx;

    t->v->pc = pc;
    return t;
}

static bool m_load(void *ctx, uint64_t pc, uint64_t va, unsigned mo,
                   uint64_t *value)
{
    return load_mo(at(ctx, pc), va, mo, value);
}

static bool m_store(void *ctx, uint64_t pc, uint64_t va, unsigned mo,
                    uint64_t value)
{
    return store_mo(at(ctx, pc), va, mo, value);
}

static bool m_load_16(void *ctx, uint64_t pc, uint64_t va, unsigned mo,
                      IrVector *value)
{
    return load_mo_16(at(ctx, pc), va, mo, value);
}

static bool m_store_16(void *ctx, uint64_t pc, uint64_t va, unsigned mo,
                       const IrVector *value)
{
    return store_mo_16(at(ctx, pc), va, mo, value);
}

static bool m_load_linked(void *ctx, uint64_t pc, uint64_t va, unsigned mo,
                          uint64_t *value)
{
    return load_linked_any(at(ctx, pc), va, mo, value);
}

static bool m_store_cond(void *ctx, uint64_t pc, uint64_t va, unsigned mo,
                         uint64_t value, uint64_t *failed)
{
    return store_cond_any(at(ctx, pc), va, mo, value, failed);
}

static bool m_amo(void *ctx, uint64_t pc, uint64_t va, unsigned mo, IrAmo kind,
                  uint64_t value, uint64_t *old)
{
    return amo_any(at(ctx, pc), va, mo, kind, value, old);
}

static bool m_cas(void *ctx, uint64_t pc, uint64_t va, unsigned mo,
                  uint64_t expected, uint64_t desired, uint64_t *old)
{
    return cas_any(at(ctx, pc), va, mo, expected, desired, old);
}

static void m_set_pc(void *ctx, uint64_t pc)
{
    at(ctx, pc);
}

static bool m_faulted(void *ctx)
{
    return ((TcgVcpu *)ctx)->v->exception >= 0;
}

static SfStatus *m_fp(void *ctx)
{
    return &((TcgVcpu *)ctx)->soft_fp;
}

void memory_init_machine(TcgVcpu *t)
{
    t->machine = (IrMachine){
        .load = m_load,
        .store = m_store,
        .load_linked = m_load_linked,
        .store_cond = m_store_cond,
        .amo = m_amo,
        .cas = m_cas,
        .set_pc = m_set_pc,
        .faulted = m_faulted,
        .fp = m_fp,
        .ctx = t,
        .load16 = m_load_16,
        .store16 = m_store_16,
    };
}
