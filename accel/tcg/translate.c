/* SPDX-License-Identifier: GPL-2.0-or-later */
/* accel/tcg/translate.c - guest bytes to a block: front end, optimiser, host
 * code, and what -d shows of each. Under cache->lock. */
#include <inttypes.h>
#include <string.h>

#include "accel/tcg/tcg_priv.h"
#include "accel/tcg/trace.h"
#include "tcg/opt/opt.h"
#include "util/disas.h"
#include "util/log.h"

enum { MIN_ROOM = 64 * 1024, MAX_INSN_BYTES = 16 };

typedef struct {
    TcgVcpu *t;
    Gva pc;
    CodePage *page; /* NULL: not asked for */
    bool global;
    uint8_t bytes[2]; /* its first */
} NextPage;

static bool next_page(void *opaque, uint16_t *bytes)
{
    NextPage *n = opaque;
    const uint8_t *code;

    n->page = cache_second_page(n->t, n->pc, &code, &n->global);
    if (n->page == NULL) {
        return false;
    }
    memcpy(n->bytes, code, 2);
    memcpy(bytes, n->bytes, 2);
    return true;
}

/* By capstone, or by the target's own tables. */
static char *guest_text(TcgVcpu *t, const uint8_t *code, size_t len)
{
    const Target *target = t->v->target;
    GString *out = g_string_new(NULL);
    int arch, mode;

    target->disassembly(t->v, &arch, &mode);
    if (disas_knows(arch)) {
        g_string_free(out, TRUE);
        return disas_text(arch, mode, code, len, t->v->pc);
    }
    for (size_t i = 0; i < len;) {
        g_string_append_printf(out, "  0x%" PRIx64 ":  ", t->v->pc + i);
        i += target->disassemble(t->v, code + i, len - i, t->v->pc + i, out);
        g_string_append_c(out, '\n');
    }
    return g_string_free(out, FALSE);
}

static void log_guest(TcgVcpu *t, const CodePage *page, uint32_t flags,
                      const uint8_t *bytes, const IrBlock *ir)
{
    unsigned end = MIN(ir->end, (unsigned)TARGET_PAGE_SIZE);
    g_autofree char *text = guest_text(t, bytes + ir->start, end - ir->start);
    g_autofree char *all =
        g_strdup_printf("IN: pc 0x%" PRIx64 " gpa 0x%" PRIx64 " flags 0x%x\n%s",
                        t->v->pc, page->gpa + ir->start, flags, text);

    log_text(LOG_IN_ASM, all);
}

static void log_ir(uint32_t topic, const char *title, const IrBlock *ir)
{
    g_autofree char *text = ir_print(ir);
    g_autofree char *all = g_strdup_printf("%s\n%s", title, text);

    log_text(topic, all);
}

static void log_host(const Cache *c, const HostBlock *h)
{
    g_autofree char *text =
        disas_host(c->buffer.rx + h->start, h->size,
                   (uint64_t)(uintptr_t)(c->buffer.rx + h->start));
    g_autofree char *all = g_strdup_printf("OUT: %u bytes\n%s", h->size, text);

    log_text(LOG_OUT_ASM, all);
}

/* Where a block with breakpoints in its page ends at the latest; 0: there is
 * none behind start. */
static uint32_t next_end(const Cache *c, uint32_t start)
{
    for (uint32_t i = start + 1; i < TARGET_PAGE_SIZE; i++) {
        if (c->ends[i / 64] >> i % 64 & 1) {
            return i;
        }
    }
    return 0;
}

/* Guest bytes to optimised IR in cache->ir. */
static bool build_ir(TcgVcpu *t, const Block *b, const uint8_t *bytes,
                     unsigned max_insns, NextPage *next)
{
    Cache *c = &t->accel->cache;
    TransJob job = {
        .ir = &c->builder,
        .vcpu = t->v,
        .flags = b->flags,
        .start = b->start,
        .page = bytes,
        .next_page = next_page,
        .opaque = next,
        .max_insns =
            t->accel->one_insn || (b->flags & BLOCK_STEP) ? 1 : max_insns,
        .limit = b->flags & BLOCK_POINTS ? next_end(c, b->start) : 0,
        .exact = (b->flags & (BLOCK_POINTS | BLOCK_STEP)) ||
                 (t->accel->instrument != NULL && t->accel->instrument->exact),
    };

    *next = (NextPage){t, t->v->pc, NULL, true, {0}};
    ir_block_clear(&c->ir);
    ir_begin(&c->builder, &c->ir, b->start);
    if (!t->v->target->translate(&job)) {
        return false;
    }
    if (log_enabled(LOG_IN_ASM)) {
        log_guest(t, b->page, b->flags, bytes, &c->ir);
    }
    if (t->accel->instrument != NULL) {
        instrument_block(t, b->page->gpa + b->start, bytes, next->bytes);
    }
    if (log_enabled(LOG_IR)) {
        log_ir(LOG_IR, "IR:", &c->ir);
    }
    opt_run(&c->ir, c->gen != NULL ? 1 : 2);
    if (t->accel->crowded) {
        c->ir.counts = IR_COUNT_ATOMICS;
        c->ir.counts |= ir_block_waits(&c->ir) ? IR_COUNT_TURNS : 0;
    }
    if (log_enabled(LOG_IR_OPT)) {
        log_ir(LOG_IR_OPT, "IR after the optimiser:", &c->ir);
    }
    return true;
}

void translate_ask_memory(Cache *c, Region *r)
{
    fresh_used(c->populate, &r->code, r->used);
    fresh_used(c->populate, &r->block_memory, r->n_blocks * sizeof(Block));
    fresh_used(c->populate, &r->link_memory, r->n_links * sizeof(Link));
}

/* Host code for cache->ir into region r; false: does not fit there. */
static bool emit(TcgVcpu *t, Block *b, Region *r)
{
    Cache *c = &t->accel->cache;
    HostLink links[HOST_MAX_LINKS];
    HostBlock h;

    if (!host_compile(c->gen, &c->ir, b->check != NULL ? b->check->part : NULL,
                      r->start + r->used, r->size - r->used,
                      (uint32_t)b->region << 24 | r->n_links, links, &h)) {
        return false;
    }
    if (b->check != NULL) {
        b->check->body = h.body;
    }
    b->code = h.start;
    b->resolve = h.resolve;
    for (unsigned i = 0; i < h.n_links; i++) {
        r->links[r->n_links++] = (Link){.link = links[i]};
    }
    r->used = h.start + h.size - r->start;
    c->stats.host_bytes += h.size;
    if (log_enabled(LOG_OUT_ASM)) {
        log_host(c, &h);
    }
    if (c->perf != NULL) {
        perf_tell_block(c->perf, c->buffer.rx + h.start, h.size, t->v->pc);
    }
    return true;
}

/* The interpreter's blocks count for eviction as if IR were code. */
static void keep_ir(Cache *c, Block *b, Region *r)
{
    b->ir = g_new(IrBlock, 1);
    ir_block_init(b->ir, c->ir.guest);
    for (uint32_t i = 1; i < c->ir.n_ops; i++) {
        ir_append(b->ir, c->ir.ops[i]);
    }
    b->ir->start = c->ir.start;
    b->ir->end = c->ir.end;
    b->ir->n_insns = c->ir.n_insns;
    b->ir->counts = c->ir.counts;
    r->used += (uint32_t)(c->ir.n_ops * sizeof(IrOp));
}

bool translate_has_room(const Cache *c)
{
    const Region *r = &c->regions[c->current];

    return r->size - r->used >= MIN_ROOM && r->n_blocks < r->max_blocks &&
           r->max_links - r->n_links >= HOST_MAX_LINKS;
}

/* What the block was made of, and whether it has to look for changes there. */
static void note_extent(Cache *c, Block *b, const uint8_t *bytes,
                        const NextPage *next)
{
    unsigned end = c->ir.end;
    bool crosses = end > TARGET_PAGE_SIZE;

    b->end = (uint16_t)end;
    b->second = crosses ? next->page : NULL;
    if (b->page->compares || (crosses && next->page->compares)) {
        b->check = check_new(b, end, bytes, next->bytes);
        atomic_store(&b->check->now, b);
    }
}

/* A block too complex for the back end is tried again with fewer
 * instructions; one instruction always fits. */
static bool compile(TcgVcpu *t, Block *b, const uint8_t *bytes, NextPage *next)
{
    Cache *c = &t->accel->cache;
    Region *r = &c->regions[b->region];

    for (unsigned max = MAX_BLOCK_INSNS; max > 0; max /= 4) {
        g_clear_pointer(&b->check, g_free);
        if (!build_ir(t, b, bytes, max, next)) {
            return false;
        }
        note_extent(c, b, bytes, next);
        if (c->gen == NULL) {
            keep_ir(c, b, r);
            return true;
        }
        if (emit(t, b, r)) {
            return true;
        }
    }
    g_error("block at gpa 0x%" PRIx64 " does not compile",
            b->page->gpa + b->start);
}

/* The page's bytes, or a copy if it matters what they were: bytes that may
 * change meanwhile are read once. */
static const uint8_t *still_bytes(Cache *c, const CodePage *page,
                                  uint32_t start, const uint8_t *bytes)
{
    unsigned left = TARGET_PAGE_SIZE - start;

    if (!page->compares && page->late == NULL && left >= MAX_INSN_BYTES) {
        return bytes;
    }
    memcpy(c->copy + start, bytes + start,
           MIN(left, (unsigned)(MAX_BLOCK_INSNS * MAX_INSN_BYTES)));
    return c->copy;
}

static void note_made(Accel *a, const Block *b, const NextPage *next)
{
    unsigned here = MIN(a->cache.ir.end, (unsigned)TARGET_PAGE_SIZE) - b->start;

    late_made(a, b->page, b->start, a->cache.copy + b->start, here);
    if (b->second != NULL) {
        late_made(a, b->second, 0, next->bytes,
                  a->cache.ir.end - TARGET_PAGE_SIZE);
    }
}

Block *translate_block(TcgVcpu *t, CodePage *page, uint32_t start,
                       uint32_t flags, const uint8_t *bytes,
                       bool *second_global)
{
    Cache *c = &t->accel->cache;
    Region *r = &c->regions[c->current];
    gint64 began = g_get_monotonic_time();
    NextPage next;
    Block *b = &r->blocks[r->n_blocks];

    translate_ask_memory(c, r);
    *b = (Block){.page = page,
                 .flags = flags,
                 .start = (uint16_t)start,
                 .region = (uint8_t)c->current,
                 .born = (uint32_t)c->stats.blocks};
    if (!compile(t, b, still_bytes(c, page, start, bytes), &next)) {
        return NULL;
    }
    if (b->check == NULL) {
        note_made(t->accel, b, &next);
    }
    r->n_blocks++;
    c->stats.comparing += b->check != NULL;
    *second_global = next.global;
    b->n_insns = (uint16_t)c->ir.n_insns;
    trace(translate_block, t->v->index, t->v->pc, page->gpa + start, flags,
          b->n_insns, c->ir.end - start);
    c->stats.blocks++;
    c->stats.insns += b->n_insns;
    c->stats.ns += (uint64_t)(g_get_monotonic_time() - began) * 1000;
    return b;
}
