/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/intc/plic.c - RISC-V platform-level interrupt controller.
 * Spec: RISC-V PLIC 1.0.0. All gateways are level-triggered: a source that is
 * high asks once; it asks again after completion if it still is (5, 9).
 * Threads: registers bus-locked; inputs take the same lock, from any thread
 * and under the lock of the device that drives them. */
#include "hw/intc/plic.h"

#include <gio/gio.h>

#include "hw/intc/trace.h"
#include "util/bits.h"
#include "util/log.h"

enum {
    PRIORITY = 0x0,   /* a word per source */
    PENDING = 0x1000, /* a bit per source */
    ENABLE = 0x2000,  /* a bit per source, ENABLE_STRIDE per context */
    ENABLE_STRIDE = 0x80,
    CONTEXT = 0x200000, /* CONTEXT_STRIDE per context: */
    CONTEXT_STRIDE = 0x1000,
    THRESHOLD = 0x0,
    CLAIM = 0x4,
};

enum { WORDS = PLIC_MAX_SOURCES / 32 };

typedef struct {
    Device dev;
    uint32_t priority[PLIC_MAX_SOURCES];
    uint32_t pending[WORDS];
    uint32_t claimed[WORDS]; /* between claim and completion */
    uint32_t level[WORDS];   /* of the inputs */
    uint32_t enable[PLIC_MAX_CONTEXTS * WORDS];
    uint32_t threshold[PLIC_MAX_CONTEXTS];

    uint32_t n_sources, n_contexts, max_priority;
    IrqLine out[PLIC_MAX_CONTEXTS];
} Plic;

static bool bit_test(const uint32_t *words, unsigned n)
{
    return words[n / 32] >> (n % 32) & 1;
}

static void bit_put(uint32_t *words, unsigned n, bool v)
{
    uint32_t bit = UINT32_C(1) << (n % 32);

    words[n / 32] = v ? words[n / 32] | bit : words[n / 32] & ~bit;
}

/* The pending source a context would claim: highest priority, then lowest
 * number; 0 if none. Priority 0 never interrupts (4). */
static unsigned best_source(const Plic *p, unsigned context)
{
    const uint32_t *enable = &p->enable[context * WORDS];
    unsigned best = 0;

    for (unsigned w = 0; w < WORDS; w++) {
        uint32_t asking = p->pending[w] & enable[w];

        for (; asking != 0; asking &= asking - 1) {
            unsigned source = 32 * w + (unsigned)__builtin_ctz(asking);

            if (p->priority[source] > (best ? p->priority[best] : 0)) {
                best = source;
            }
        }
    }
    return best;
}

/* The only places that drive the outputs. */
static void update_context(Plic *p, unsigned context)
{
    unsigned best = best_source(p, context);

    irq_set(&p->out[context],
            best != 0 && p->priority[best] > p->threshold[context]);
}

static void update(Plic *p)
{
    for (unsigned i = 0; i < p->n_contexts; i++) {
        update_context(p, i);
    }
}

/* The gateway: a request goes through unless one is under way. */
static bool gateway(Plic *p, unsigned source)
{
    if (!bit_test(p->level, source) || bit_test(p->claimed, source) ||
        bit_test(p->pending, source)) {
        return false;
    }
    bit_put(p->pending, source, true);
    return true;
}

static void on_input(void *opaque, unsigned source, bool level)
{
    Plic *p = opaque;

    device_lock(&p->dev);
    if (bit_test(p->level, source) != level) {
        trace(plic_set_irq, source, level);
    }
    bit_put(p->level, source, level);
    if (gateway(p, source)) {
        update(p);
    }
    device_unlock(&p->dev);
}

/* Claiming ignores the threshold (8). */
static uint32_t claim(Plic *p, unsigned context)
{
    unsigned source = best_source(p, context);

    trace(plic_claim, context, source);
    if (source != 0) {
        bit_put(p->pending, source, false);
        bit_put(p->claimed, source, true);
        update(p);
    }
    return source;
}

/* Of a source that is not enabled for the context it is ignored (9). */
static void complete(Plic *p, unsigned context, uint32_t source)
{
    trace(plic_complete, context, source);
    if (source == 0 || source >= p->n_sources ||
        !bit_test(&p->enable[context * WORDS], source) ||
        !bit_test(p->claimed, source)) {
        guest_log(LOG_GUEST_ERRORS,
                  "plic: context %u completes source %u it did not claim",
                  context, source);
        return;
    }
    bit_put(p->claimed, source, false);
    if (gateway(p, source)) {
        update(p);
    }
}

/* The bits of a bitmap word that stand for sources. Bit 0 is one of them:
 * source 0 can be enabled, but nothing drives it. */
static uint32_t word_mask(const Plic *p, unsigned word)
{
    return p->n_sources <= 32 * word
               ? 0
               : (uint32_t)bits_mask(MIN(32, p->n_sources - 32 * word));
}

/* --- registers --- */

static void log_unknown(uint64_t offset)
{
    guest_log(LOG_GUEST_ERRORS, "plic: no register at 0x%x", (unsigned)offset);
}

/* The enable word an offset means; NULL if there is none. */
static uint32_t *enable_word(Plic *p, uint64_t offset, unsigned *word)
{
    uint64_t context = (offset - ENABLE) / ENABLE_STRIDE;

    *word = (unsigned)(offset % ENABLE_STRIDE / 4);
    if (context >= p->n_contexts || *word >= WORDS) {
        return NULL;
    }
    return &p->enable[context * WORDS + *word];
}

static uint64_t enable_read(Plic *p, uint64_t offset)
{
    unsigned word;
    uint32_t *at = enable_word(p, offset, &word);

    return at == NULL ? 0 : *at;
}

static void enable_write(Plic *p, uint64_t offset, uint64_t value)
{
    unsigned word;
    uint32_t *at = enable_word(p, offset, &word);

    if (at == NULL) {
        log_unknown(offset);
        return;
    }
    *at = (uint32_t)value & word_mask(p, word);
    update_context(p, (unsigned)((offset - ENABLE) / ENABLE_STRIDE));
}

static uint64_t context_read(Plic *p, uint64_t offset)
{
    uint64_t context = (offset - CONTEXT) / CONTEXT_STRIDE;
    uint64_t reg = offset % CONTEXT_STRIDE;

    if (context < p->n_contexts && reg == THRESHOLD) {
        return p->threshold[context];
    }
    if (context < p->n_contexts && reg == CLAIM) {
        return claim(p, (unsigned)context);
    }
    log_unknown(offset);
    return 0;
}

static void context_write(Plic *p, uint64_t offset, uint64_t value)
{
    uint64_t context = (offset - CONTEXT) / CONTEXT_STRIDE;
    uint64_t reg = offset % CONTEXT_STRIDE;

    if (context < p->n_contexts && reg == THRESHOLD) {
        p->threshold[context] = (uint32_t)value & p->max_priority;
        update_context(p, (unsigned)context);
    } else if (context < p->n_contexts && reg == CLAIM) {
        complete(p, (unsigned)context, (uint32_t)value);
    } else {
        log_unknown(offset);
    }
}

static MemResult plic_read(Device *dev, unsigned region, uint64_t offset,
                           unsigned size, uint64_t *value)
{
    Plic *p = (Plic *)dev;

    if (offset >= CONTEXT) {
        *value = context_read(p, offset);
    } else if (offset >= ENABLE) {
        *value = enable_read(p, offset);
    } else if (offset >= PENDING) {
        uint64_t word = (offset - PENDING) / 4;

        *value = word < WORDS ? p->pending[word] : 0;
    } else {
        *value = offset / 4 < p->n_sources ? p->priority[offset / 4] : 0;
    }
    return MEM_OK;
}

static MemResult plic_write(Device *dev, unsigned region, uint64_t offset,
                            unsigned size, uint64_t value)
{
    Plic *p = (Plic *)dev;

    if (offset >= CONTEXT) {
        context_write(p, offset, value);
    } else if (offset >= ENABLE) {
        enable_write(p, offset, value);
    } else if (offset >= PENDING) {
        log_unknown(offset); /* read-only (5) */
    } else if (offset != 0 && offset / 4 < p->n_sources) {
        p->priority[offset / 4] = (uint32_t)value & p->max_priority;
        update(p);
    }
    return MEM_OK;
}

/* --- life --- */

IrqLine plic_input(Device *plic, unsigned source)
{
    g_assert(source > 0 && source < ((Plic *)plic)->n_sources);
    return (IrqLine){on_input, plic, source};
}

void plic_connect(Device *plic, unsigned context, IrqLine out)
{
    Plic *p = (Plic *)plic;

    g_assert(context < p->n_contexts);
    p->out[context] = out;
}

static bool check(Device *dev, const char *prop, uint32_t v, uint32_t max,
                  GError **error)
{
    if (v == 0 || v > max) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "device '%s': %s %u is not in 1 to %u", dev->cls->name,
                    prop, v, max);
        return false;
    }
    return true;
}

static bool start(Device *dev, GError **error)
{
    Plic *p = (Plic *)dev;

    if (!check(dev, "num-sources", p->n_sources, PLIC_MAX_SOURCES, error) ||
        !check(dev, "num-contexts", p->n_contexts, PLIC_MAX_CONTEXTS, error)) {
        return false;
    }
    if (((uint64_t)p->max_priority & ((uint64_t)p->max_priority + 1)) != 0) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "device '%s': num-priorities %u is no power of two less 1",
                    dev->cls->name, p->max_priority);
        return false;
    }
    return true;
}

/* The inputs keep their levels: they belong to the devices that drive them.
 * Nothing is pending, whichever of us is reset first. */
static void reset(Device *dev)
{
    Plic *p = (Plic *)dev;

    memset(p->priority, 0, sizeof(p->priority));
    memset(p->claimed, 0, sizeof(p->claimed));
    memset(p->enable, 0, sizeof(p->enable));
    memset(p->threshold, 0, sizeof(p->threshold));
    memset(p->pending, 0, sizeof(p->pending));
    update(p);
}

static bool loaded(Device *dev, GError **error)
{
    update((Plic *)dev);
    return true;
}

static const StateField state[] = {
    STATE_U_ARRAY(Plic, priority),
    STATE_U_ARRAY(Plic, pending),
    STATE_U_ARRAY(Plic, claimed),
    STATE_U_ARRAY(Plic, level),
    STATE_U_ARRAY(Plic, enable),
    STATE_U_ARRAY(Plic, threshold),
    STATE_LAST,
};

static const PropDesc props[] = {
    {"num-sources", PROP_U32, offsetof(Plic, n_sources), "96",
     "sources, the absent source 0 included"},
    {"num-priorities", PROP_U32, offsetof(Plic, max_priority), "7",
     "highest priority, a power of two less 1"},
    {"num-contexts", PROP_U32, offsetof(Plic, n_contexts), "2",
     "interrupt targets"},
};

const DeviceClass plic_class = {
    .name = "riscv.sifive.plic",
    .help = "RISC-V platform-level interrupt controller",
    .compatible = "sifive,plic-1.0.0",
    .size = sizeof(Plic),
    .access = ACCESS_32,
    .read = plic_read,
    .write = plic_write,
    .state = state,
    .props = props,
    .n_props = G_N_ELEMENTS(props),
    .start = start,
    .reset = reset,
    .loaded = loaded,
};
