/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/plugin/block.c - a translated block as plugins see it, what they hang
 * on it, and counters. */
#include "control/plugin/plugin_priv.h"
#include "util/disas.h"

typedef void BlockFn(CuttleBlock *b, void *data);

struct CuttleInsn {
    CuttleBlock *block;
    const InstrumentInsn *insn;
    unsigned index;
    char *text, *symbol; /* once somebody has asked */
};

struct CuttleBlock {
    const Plugins *all;
    InstrumentBlock *b;
    CuttleInsn *insns;
    unsigned n_first; /* of b->steps: those of the block as a whole */
};

/* ---- the callback ---- */

/* Plugins add by block and instruction in any order; the engine wants them in
 * that of instructions, whose number comes first in steps and accesses. The
 * sort is stable. */
static gint by_insn(gconstpointer a, gconstpointer b)
{
    unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

    return (x > y) - (x < y);
}
G_STATIC_ASSERT(offsetof(InstrumentStep, insn) == 0 &&
                offsetof(InstrumentAccess, insn) == 0);

void plugin_translated(void *opaque, InstrumentBlock *b)
{
    const Plugins *p = opaque;
    g_autofree CuttleInsn *insns = g_new0(CuttleInsn, b->n_insns);
    CuttleBlock block = {.all = p, .b = b, .insns = insns};

    for (unsigned i = 0; i < b->n_insns; i++) {
        insns[i] =
            (CuttleInsn){.block = &block, .insn = &b->insns[i], .index = i};
    }
    PLUGIN_TELL(p, PLUGIN_BLOCK, BlockFn, &block);
    g_array_sort(b->steps, by_insn);
    g_array_sort(b->accesses, by_insn);
    for (unsigned i = 0; i < b->n_insns; i++) {
        g_free(insns[i].text);
        g_free(insns[i].symbol);
    }
}

/* ---- a block ---- */

uint64_t cuttle_block_pc(const CuttleBlock *b)
{
    return b->b->insns[0].pc;
}

uint64_t cuttle_block_physical(const CuttleBlock *b)
{
    return b->b->gpa;
}

size_t cuttle_block_size(const CuttleBlock *b)
{
    return b->b->n_insns;
}

CuttleInsn *cuttle_block_insn(CuttleBlock *b, size_t n)
{
    return n < b->b->n_insns ? &b->insns[n] : NULL;
}

static void add_step(CuttleBlock *b, InstrumentStep step)
{
    g_array_append_val(b->b->steps, step);
}

/* What a block does stands before what its first instruction does. */
static void add_first(CuttleBlock *b, InstrumentStep step)
{
    g_array_insert_val(b->b->steps, b->n_first, step);
    b->n_first++;
}

void cuttle_block_call(CuttleBlock *b, CuttleRun *fn, CuttleNeeds needs,
                       void *data)
{
    add_first(b, (InstrumentStep){.call = fn,
                                  .data = data,
                                  .exact = needs == CUTTLE_REGISTERS});
}

void cuttle_block_count(CuttleBlock *b, CuttleCounter c, uint16_t n)
{
    add_first(b, (InstrumentStep){.counter = c, .n = n});
}

/* ---- an instruction ---- */

uint64_t cuttle_insn_pc(const CuttleInsn *i)
{
    return i->insn->pc;
}

const uint8_t *cuttle_insn_bytes(const CuttleInsn *i, size_t *size)
{
    *size = i->insn->length;
    return i->insn->bytes;
}

/* What the log shows, without the address and the bytes before it. */
static char *text_of(const Vcpu *v, const InstrumentInsn *i)
{
    g_autoptr(GString) out = g_string_new(NULL);
    g_autofree char *line = NULL;
    int arch, mode;

    v->target->disassembly(v, &arch, &mode);
    if (disas_knows(arch)) {
        line = disas_text(arch, mode, i->bytes, i->length, i->pc);
        return g_strdup(g_strstrip(strchr(line, ':') + 1));
    }
    v->target->disassemble(v, i->bytes, i->length, i->pc, out);
    return g_strdup(out->str + strcspn(out->str, " ") + 1);
}

/* Columns are for lists. */
static char *one_space(char *text)
{
    char *to = text;

    for (const char *p = g_strstrip(text); *p != 0; p++) {
        if (!g_ascii_isspace(*p)) {
            *to++ = *p;
        } else if (!g_ascii_isspace(p[1])) {
            *to++ = ' ';
        }
    }
    *to = 0;
    return text;
}

const char *cuttle_insn_text(CuttleInsn *i)
{
    if (i->text == NULL) {
        i->text = one_space(text_of(i->block->b->vcpu, i->insn));
    }
    return i->text;
}

const char *cuttle_insn_symbol(CuttleInsn *i)
{
    if (i->symbol == NULL) {
        i->symbol = machine_symbol(i->block->all->m, i->insn->pc);
    }
    return i->symbol;
}

void cuttle_insn_call(CuttleInsn *i, CuttleRun *fn, CuttleNeeds needs,
                      void *data)
{
    add_step(i->block, (InstrumentStep){.insn = i->index,
                                        .call = fn,
                                        .data = data,
                                        .exact = needs == CUTTLE_REGISTERS});
}

void cuttle_insn_count(CuttleInsn *i, CuttleCounter c, uint16_t n)
{
    add_step(i->block,
             (InstrumentStep){.insn = i->index, .counter = c, .n = n});
}

static void add_access(CuttleInsn *i, InstrumentAccess access)
{
    access.insn = i->index;
    g_array_append_val(i->block->b->accesses, access);
}

/* Their info and kinds are the engine's. */
G_STATIC_ASSERT((int)CUTTLE_LOADS == (int)INSTRUMENT_LOADS &&
                (int)CUTTLE_STORES == (int)INSTRUMENT_STORES &&
                INSTRUMENT_SIZE == 7 && INSTRUMENT_STORE == 8 &&
                INSTRUMENT_NO_VALUE == 16);

void cuttle_insn_call_access(CuttleInsn *i, unsigned kinds, CuttleAccess *fn,
                             CuttleNeeds needs, void *data)
{
    add_access(i, (InstrumentAccess){.kinds = kinds,
                                     .call = fn,
                                     .data = data,
                                     .exact = needs == CUTTLE_REGISTERS});
}

void cuttle_insn_count_access(CuttleInsn *i, unsigned kinds, CuttleCounter c,
                              uint16_t n)
{
    add_access(i, (InstrumentAccess){.kinds = kinds, .counter = c, .n = n});
}

/* ---- counters ---- */

CuttleCounter cuttle_counter_new(CuttlePlugin *self)
{
    Plugins *p = self->all;

    return p->n_counters < INSTRUMENT_COUNTERS ? p->n_counters++
                                               : CUTTLE_NO_COUNTER;
}

static uint64_t *counter(CuttleCounter c, unsigned vcpu)
{
    static uint64_t nowhere;
    const Vcpu *v = machine_vcpu(plugins_here->m, vcpu);

    return v != NULL && c < INSTRUMENT_COUNTERS ? &v->counters[c] : &nowhere;
}

uint64_t cuttle_counter_get(CuttleCounter c, unsigned vcpu)
{
    return __atomic_load_n(counter(c, vcpu), __ATOMIC_RELAXED);
}

uint64_t cuttle_counter_sum(CuttleCounter c)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < plugins_here->info.n_vcpus; i++) {
        sum += cuttle_counter_get(c, i);
    }
    return sum;
}

void cuttle_counter_add(CuttleCounter c, unsigned vcpu, uint64_t n)
{
    *counter(c, vcpu) += n;
}
