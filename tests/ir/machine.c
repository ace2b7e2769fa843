/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/ir/machine.c - the guest and machine IR tests run on. */
#include "tests/ir/machine.h"

#include <string.h>

#define FIELD(name, member, type)               \
 {                                              \
  name, offsetof(MachineState, member), type, 0 \
 }

static const IrField fields[] = {
    FIELD("x0", x[0], IR_I64),  FIELD("x1", x[1], IR_I64),
    FIELD("x2", x[2], IR_I64),  FIELD("x3", x[3], IR_I64),
    FIELD("x4", x[4], IR_I64),  FIELD("x5", x[5], IR_I64),
    FIELD("w0", w[0], IR_I32),  FIELD("w1", w[1], IR_I32),
    FIELD("f0", f[0], IR_F64),  FIELD("f1", f[1], IR_F64),
    FIELD("f2", f[2], IR_F64),  FIELD("f3", f[3], IR_F64),
    FIELD("mem", mem, IR_I64),  FIELD("v0", v[0], IR_V128),
    FIELD("v1", v[1], IR_V128), FIELD("v2", v[2], IR_V128),
};
G_STATIC_ASSERT(G_N_ELEMENTS(fields) == MACHINE_N_FIELDS);

static uint64_t help_mix(void *state, uint64_t a, uint64_t b, uint64_t c,
                         uint64_t imm)
{
    return a * 3 + (b ^ (c >> 1)) + imm;
}

static uint64_t help_bump(void *state, uint64_t a, uint64_t b, uint64_t c,
                          uint64_t imm)
{
    MachineState *s = state;

    s->x[0] += a + imm;
    return s->x[0];
}

static uint64_t help_peek(void *state, uint64_t a, uint64_t b, uint64_t c,
                          uint64_t imm)
{
    return ((MachineState *)state)->x[1] ^ a;
}

static uint64_t help_check(void *state, uint64_t a, uint64_t b, uint64_t c,
                           uint64_t imm)
{
    ((MachineState *)state)->faulted = a % 8 == 7;
    return a;
}

static const IrHelper helpers[] = {
    {"mix", help_mix, 0},
    {"bump", help_bump, IR_READS_STATE | IR_WRITES_STATE},
    {"peek", help_peek, IR_READS_STATE},
    {"check", help_check, IR_MAY_FAULT},
};

const IrGuest machine_guest = {
    .fields = fields,
    .n_fields = G_N_ELEMENTS(fields),
    .helpers = helpers,
    .n_helpers = G_N_ELEMENTS(helpers),
};

/* Memory: an arena; everything else, and a misaligned access that may not be,
 * faults. */

static uint8_t *find(Machine *m, uint64_t pc, uint64_t addr, unsigned mo)
{
    unsigned size = ir_mo_bytes(mo);

    if (addr < MACHINE_BASE || addr - MACHINE_BASE > MACHINE_ARENA - size ||
        ir_mo_misaligned(mo, addr)) {
        m->state.faulted = 1;
        m->state.pc = pc;
        return NULL;
    }
    return &m->arena[addr - MACHINE_BASE];
}

static bool load(void *ctx, uint64_t pc, uint64_t addr, unsigned mo,
                 uint64_t *value)
{
    const uint8_t *at = find(ctx, pc, addr, mo);

    *value = 0;
    if (at) {
        memcpy(value, at, ir_mo_bytes(mo));
    }
    return at;
}

static bool store(void *ctx, uint64_t pc, uint64_t addr, unsigned mo,
                  uint64_t value)
{
    uint8_t *at = find(ctx, pc, addr, mo);

    if (at) {
        memcpy(at, &value, ir_mo_bytes(mo));
    }
    return at;
}

static bool load16(void *ctx, uint64_t pc, uint64_t addr, unsigned mo,
                   IrVector *value)
{
    const uint8_t *at = find(ctx, pc, addr, mo);

    if (at) {
        memcpy(value, at, sizeof(*value));
    }
    return at;
}

static bool store16(void *ctx, uint64_t pc, uint64_t addr, unsigned mo,
                    const IrVector *value)
{
    uint8_t *at = find(ctx, pc, addr, mo);

    if (at) {
        memcpy(at, value, sizeof(*value));
    }
    return at;
}

static bool load_linked(void *ctx, uint64_t pc, uint64_t addr, unsigned mo,
                        uint64_t *value)
{
    Machine *m = ctx;

    m->linked = load(m, pc, addr, mo, value);
    m->link_addr = addr;
    m->link_value = *value;
    return m->linked;
}

static bool store_cond(void *ctx, uint64_t pc, uint64_t addr, unsigned mo,
                       uint64_t value, uint64_t *failed)
{
    Machine *m = ctx;
    uint64_t now;

    if (!load(m, pc, addr, mo, &now)) {
        return false;
    }
    *failed = !m->linked || m->link_addr != addr || m->link_value != now;
    m->linked = false;
    return *failed || store(m, pc, addr, mo, value);
}

static uint64_t modify(IrAmo kind, unsigned bits, uint64_t old, uint64_t v)
{
    int64_t s_old = (int64_t)(old << (64 - bits)) >> (64 - bits);
    int64_t s_v = (int64_t)(v << (64 - bits)) >> (64 - bits);

    switch (kind) {
    case IR_AMO_SWAP:
        return v;
    case IR_AMO_ADD:
        return old + v;
    case IR_AMO_XOR:
        return old ^ v;
    case IR_AMO_AND:
        return old & v;
    case IR_AMO_OR:
        return old | v;
    case IR_AMO_SMIN:
        return s_old < s_v ? old : v;
    case IR_AMO_SMAX:
        return s_old > s_v ? old : v;
    case IR_AMO_UMIN:
        return MIN(old, v);
    default:
        return MAX(old, v);
    }
}

static bool amo(void *ctx, uint64_t pc, uint64_t addr, unsigned mo, IrAmo kind,
                uint64_t value, uint64_t *old)
{
    return load(ctx, pc, addr, mo, old) &&
           store(ctx, pc, addr, mo,
                 modify(kind, ir_mo_bytes(mo) * 8, *old, value));
}

static bool cas(void *ctx, uint64_t pc, uint64_t addr, unsigned mo,
                uint64_t expected, uint64_t desired, uint64_t *old)
{
    return load(ctx, pc, addr, mo, old) &&
           (*old != expected || store(ctx, pc, addr, mo, desired));
}

static void set_pc(void *ctx, uint64_t pc)
{
    ((Machine *)ctx)->state.pc = pc;
}

static bool faulted(void *ctx)
{
    return ((Machine *)ctx)->state.faulted;
}

static SfStatus *fp(void *ctx)
{
    return &((Machine *)ctx)->fp;
}

void machine_init(Machine *m, uint64_t seed)
{
    memset(m, 0, sizeof(*m));
    ir_random_state(&machine_guest, &m->state, seed, MACHINE_MEM);
    m->state.mem = MACHINE_BASE;
    for (unsigned i = 0; i < MACHINE_ARENA; i++) {
        m->arena[i] = (uint8_t)ir_random_next(&seed);
    }
    m->fp.round = (SfRound)(ir_random_next(&seed) % 5);
}

void machine_run(Machine *m, const IrBlock *b)
{
    const IrMachine calls = {
        .load = load,
        .store = store,
        .load_linked = load_linked,
        .store_cond = store_cond,
        .amo = amo,
        .cas = cas,
        .set_pc = set_pc,
        .faulted = faulted,
        .fp = fp,
        .ctx = m,
        .load16 = load16,
        .store16 = store16,
        .counters = m->counters,
    };

    m->left = ir_interp(b, &m->state, MACHINE_PAGE, &calls, &m->pc);
}

static char *differ(const char *name, uint64_t a, uint64_t b)
{
    return g_strdup_printf("%s is 0x%" G_GINT64_MODIFIER
                           "x and 0x%" G_GINT64_MODIFIER "x",
                           name, a, b);
}

char *machine_compare(const Machine *a, const Machine *b)
{
    for (unsigned i = 0; i < machine_guest.n_fields; i++) {
        IrVector va = {{0}}, vb = {{0}};
        unsigned size = ir_type_bits((IrType)fields[i].type) / 8;

        memcpy(&va, (const char *)&a->state + fields[i].offset, size);
        memcpy(&vb, (const char *)&b->state + fields[i].offset, size);
        for (unsigned half = 0; half < 2; half++) {
            if (va.u64[half] != vb.u64[half]) {
                return differ(fields[i].name, va.u64[half], vb.u64[half]);
            }
        }
    }
    for (unsigned i = 0; i < MACHINE_ARENA; i++) {
        if (a->arena[i] != b->arena[i]) {
            return differ("memory", a->arena[i], b->arena[i]);
        }
    }
    for (unsigned i = 0; i < IR_RANDOM_COUNTERS; i++) {
        if (a->counters[i] != b->counters[i]) {
            return differ("counter", a->counters[i], b->counters[i]);
        }
    }
    return a->left != b->left ? differ("exit", a->left, b->left)
           : a->pc != b->pc   ? differ("pc", a->pc, b->pc)
           : a->state.pc != b->state.pc
               ? differ("fault pc", a->state.pc, b->state.pc)
           : a->fp.flags != b->fp.flags
               ? differ("float flags", a->fp.flags, b->fp.flags)
               : NULL;
}
