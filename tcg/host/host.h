/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/host/host.h - turns a block of IR into code for this host.
 * What the code needs to know of the soft TLB, the jump table and the vCPU's
 * layout comes in as values (HostModel), helpers as descriptors; nothing is
 * looked up here.
 *
 * Contract of a block's code: the state pointer and the pinned guest
 * registers are in their host registers at entry and at every exit, every
 * other field of the state is in memory, and the word at off.page holds the
 * virtual page the block runs at. Jumps between blocks keep that, so they
 * cost one instruction.
 * Threads: a HostGen belongs to one thread at a time (the translator's lock);
 * the code it makes is read-only and runs anywhere.
 * Lifetime: code lives in the caller's CodeBuffer. */
#ifndef CUTTLE_TCG_HOST_HOST_H
#define CUTTLE_TCG_HOST_HOST_H

#include "tcg/ir/ir.h"

/* Why code came back to host_enter's caller. */
enum {
    HOST_LEFT_PLAIN = 0,  /* look at exception, kick and pc */
    HOST_LEFT_LOOKUP = 1, /* the jump table has no entry for pc */
    HOST_LEFT_LINK = 2,   /* plus link number: it goes to the running page plus
                           * the link's target; pc does not say so yet */
};

/* C functions behind the fast paths. info packs the memory op (bits 0-7), the
 * AMO kind (8-15) and the page offset of the instruction (16-31). A fault is
 * recorded in the state's exception; the result is then ignored. */
typedef uint64_t HostSlowFn(void *state, uint64_t a, uint64_t b, uint64_t c,
                            uint64_t info);

typedef enum {
    HOST_SLOW_LOAD,  /* a = address; extended as the memory op says */
    HOST_SLOW_STORE, /* a = address, b = value */
    HOST_SLOW_LL,
    HOST_SLOW_SC,       /* a = address, b = value; 0 or 1 */
    HOST_SLOW_AMO,      /* a = address, b = value */
    HOST_SLOW_CAS,      /* a = address, b = expected, c = desired */
    HOST_SLOW_LOAD_16,  /* a = address; the result goes to off.vectors */
    HOST_SLOW_STORE_16, /* a = address, b = low half, c = high half */
    /* Arithmetic of the odd cases; flags go to the state's soft flags. info is
     * an op as tcg/ir/eval.h packs it. */
    HOST_SLOW_FLOAT,  /* a, b, c as bits */
    HOST_SLOW_VECTOR, /* arguments and result are in off.vectors */
    HOST_N_SLOW
} HostSlow;

typedef struct {
    /* Byte offsets in the state struct. */
    struct {
        uint32_t kick;       /* u32: non-zero leaves at the next check */
        uint32_t pc;         /* u64 */
        uint32_t exception;  /* i64: >= 0 is a recorded fault */
        uint32_t page;       /* u64: virtual page of the running block */
        uint32_t tlb;        /* pointer to the current context's entries */
        uint32_t alt_tlb;    /* likewise, for IR_MO_ALT */
        uint32_t jumps;      /* pointer to the current jump table */
        uint32_t jumps_gen;  /* u64: what a guarded link must have seen */
        uint32_t relink;     /* i32: misses until one is linked again */
        uint32_t patience;   /* i32: atomics, and turns of waiting loops, until
                              * C is called or the code leaves with PLAIN */
        uint32_t ring;       /* return ring: {u64 pc, u64 code}[] */
        uint32_t ring_top;   /* u32: byte offset of the newest entry */
        uint32_t link_addr;  /* u64: address of the load-linked; ~0 none */
        uint32_t link_value; /* u64 */
        uint32_t mxcsr;      /* u32: the guest's FPU control word */
        uint32_t host_mxcsr; /* u32 */
        uint32_t args;       /* u64[4] and then u64 result: call scratch */
        uint32_t counters;   /* pointer to COUNT's u64[] */
        uint32_t vectors;    /* IrVector[3] and then IrVector result */
    } off;
    /* Soft TLB: n entries (power of two) of 1 << entry_bits bytes; an entry
     * hits when its tag is the page's address. */
    struct {
        unsigned page_bits, entry_bits, index_bits;
        unsigned read_tag, write_tag, addend; /* offsets in an entry */
    } tlb;
    /* Jump table: 1 << index_bits entries {u64 pc, u64 code}, indexed by
     * pc >> jump_shift (1 to 4). */
    unsigned jump_index_bits, jump_shift;
    unsigned ring_entries; /* power of two */
    HostSlowFn *slow[HOST_N_SLOW];
} HostModel;

/* Memory mapped twice: rw to write, rx to run. */
typedef struct {
    uint8_t *rw;
    uint8_t *rx;
    size_t size;
} CodeBuffer;

/* Maps size bytes; NULL-ed and false with an error on failure. */
bool code_buffer_init(CodeBuffer *c, size_t size, GError **error);
void code_buffer_finish(CodeBuffer *c);

/* A jump that can be made to go straight to another block. Within a page it
 * always may. One to another page has a guard, two words {virtual page,
 * generation of the jump table}: it goes straight only where and while the
 * mapping is the one it was linked under, and looks the target up else. */
typedef struct {
    uint32_t patch; /* offset in the buffer of the 4-byte displacement */
    uint32_t stub;  /* where it goes while it is not linked */
    uint32_t guard; /* offset of the guard's words; 0: none */
    int32_t target; /* page offset it goes to */
} HostLink;

typedef struct {
    uint32_t start; /* offset in the buffer */
    uint32_t size;
    uint32_t resolve; /* code that leaves with LOOKUP for this block's start */
    uint32_t body;    /* behind the entry and the comparison */
    unsigned n_links;
} HostBlock;

typedef struct HostGen HostGen;

/* Whether this host has what the code uses (x86-64-v3); NULL or the reason. */
const char *host_missing(void);

/* Writes entry, exits and thunks at the start of code; they stay for good.
 * *used is how much of the buffer they take. */
HostGen *host_new(const HostModel *model, const IrGuest *guest,
                  CodeBuffer *code, size_t *used);
void host_free(HostGen *g);

/* e_machine of its code. */
uint16_t host_elf_machine(void);

/* A piece of what host_new wrote; start is an offset in the buffer. */
typedef struct {
    const char *name;
    uint32_t start, size;
} HostThunk;

/* *n of them, in order; the generator's. */
const HostThunk *host_thunks(const HostGen *g, unsigned *n);

enum {
    HOST_MAX_LINKS = 256,
    /* Bytes at the start of a block's code that host_redirect replaces. */
    HOST_ENTRY = 5,
};

/* Memory that a block was made of, and what it held then. */
typedef struct {
    const uint8_t *at;
    const uint8_t *copy;
    unsigned len; /* 0: none */
} HostBytes;

/* Compiles b at offset at of the buffer, using at most limit bytes. links has
 * room for HOST_MAX_LINKS; link number k of the block leaves as HOST_LEFT_LINK
 * + first_link + k. With check (of two, in any case) the code compares before
 * anything else, and leaves as one that was redirected to out->resolve if
 * memory no longer holds what it did. False: it did not fit or is too complex;
 * nothing was published. */
bool host_compile(HostGen *g, const IrBlock *b, const HostBytes *check,
                  uint32_t at, uint32_t limit, uint32_t first_link,
                  HostLink *links, HostBlock *out);

/* Runs code at offset start. The state's page and pc must be set. */
uint64_t host_enter(const HostGen *g, void *state, uint64_t code_address);

/* Where entries of jump tables and rings go that are empty, so have the pc
 * UINT64_MAX, when the guest goes there: leaves with HOST_LEFT_LOOKUP. */
uint64_t host_nowhere(const HostGen *g);

/* Makes a link go to offset start, or back to its stub. Safe while other
 * threads run the code. */
void host_link(const HostGen *g, const HostLink *l, uint32_t start);

/* Likewise for a guarded link, that is not linked or is linked to start. */
void host_link_guarded(const HostGen *g, const HostLink *l, uint32_t start,
                       uint64_t page, uint64_t generation);

/* Back to the stub; nobody may be in code. */
void host_unlink(const HostGen *g, const HostLink *l);

/* Makes everybody who enters the block at from go on at to, which may be
 * behind its own entry. Safe likewise. */
void host_redirect(const HostGen *g, uint32_t from, uint32_t to);

/* Guest FPU flags and rounding mode, in util/softfloat.h's encoding, from and
 * to the host's control word. */
uint32_t host_fp_flags(uint32_t mxcsr);
uint32_t host_fp_word(uint32_t flags, unsigned round);
uint32_t host_fp_read(void); /* the control word now in the FPU */
void host_fp_write(uint32_t word);

#endif
