/* SPDX-License-Identifier: GPL-2.0-or-later */
/* accel/tcg/tcg_priv.h - the translating accelerator's parts.
 * Threads and locks: a TcgVcpu belongs to its vCPU's thread. The code cache
 * (pages, blocks, links, the generator) is under cache->lock. A vCPU sets
 * in_code around generated code; eviction waits until nobody is in code.
 * Lock order: cache->lock, then cache->rams_lock. */
#ifndef CUTTLE_ACCEL_TCG_TCG_PRIV_H
#define CUTTLE_ACCEL_TCG_TCG_PRIV_H

#include <stdatomic.h>

#include "accel/accel.h"
#include "target/target.h"
#include "tcg/host/host.h"
#include "tcg/ir/interp.h"

enum {
    TLB_INDEX_BITS = 10,
    TLB_ENTRIES = 1 << TLB_INDEX_BITS,
    JUMP_INDEX_BITS = 13,
    JUMP_ENTRIES = 1 << JUMP_INDEX_BITS,
    RING_ENTRIES = 16,
    RELINK_AFTER = 64, /* failed guards */
    N_CONTEXTS = 32,
    N_JUMP_TABLES = 32,
    N_RECENT = 32,    /* a hint per hash of what was selected lately */
    FILTER_BITS = 12, /* log2 of a jump table's page filter */
    ASID_SLOTS = 64,  /* address-space ids share these */
    WALK_SETS = 1024,
    WALK_WAYS = 4,
    N_REGIONS = 8, /* of the code cache; the unit of eviction */
    MAX_BLOCK_INSNS = 64,
    MAX_RAMS = 16,
    MAX_POSTED = 16, /* flushes; more become one of everything */
    MAX_LATE = 32,   /* pages that a store may be under way to */
    MAX_LATE_PER_BLOCK = 4,
    LINE_SHIFT = 6, /* 64 lines of 64 bytes a page: one word says which */
};

/* Block.flags beside the target's. */
#define BLOCK_POINTS (1u << 31) /* the page has breakpoints: see debug.c */
#define BLOCK_STEP   (1u << 30) /* one instruction, never linked */

#define NO_TAG  UINT64_MAX /* equals no page's address; a pc it may be */
#define NO_LINK UINT64_MAX /* no load-linked under way */

/* Generated code knows this layout through HostModel. */
typedef struct {
    uint64_t read_tag;  /* page address, or NO_TAG: take the slow path */
    uint64_t write_tag; /* NO_TAG also while the page holds code */
    uint64_t addend;    /* host address = guest address + addend */
    uint64_t code_tag;  /* page address if a write need only look for code */
} TlbEntry;

typedef struct {
    uint64_t pc;
    uint64_t code; /* host address, or a Block * for the interpreter */
} JumpEntry;

/* Where fetches of one address space go. As long as everything in it is in
 * global pages it serves every space: a kernel's outlives its processes. */
typedef struct {
    JumpEntry *entries; /* JUMP_ENTRIES */
    unsigned shift;     /* Target.insn_shift */
    uint64_t space;     /* of what is not global */
    uint32_t domain;    /* of what is */
    int32_t asid;       /* -1: untranslated */
    uint32_t flags;     /* the block flags it is for */
    bool used;
    bool has_local; /* has entries of pages that are not global */
    Gva global_first, global_last; /* hull of those of pages that are */
    uint64_t last_used;            /* time */
    uint64_t n_inserted;           /* 0: nothing to clear */
    uint64_t generation; /* changes when an entry may have become wrong */
    uint64_t filter[(1 << FILTER_BITS) / 64]; /* pages it may have entries of */
} JumpTable;

/* Hull of the superpages that were walked, for both halves: a flush of one
 * address in it flushes what the largest covers, since entries are per small
 * page. */
typedef struct {
    struct {
        Gva first, last;
        unsigned bits; /* of the largest; 0: none */
    } half[2];
} LargePages;

/* Translations of one address space in one mode. */
typedef struct {
    TlbEntry *tlb; /* TLB_ENTRIES */
    uint64_t space;
    uint32_t mode;
    int32_t asid;
    bool valid;
    uint64_t last_used;
    uint64_t local[TLB_ENTRIES / 64]; /* entries of pages that are not global */
} Context;

typedef struct RamPages RamPages;

/* A page walk's result, for when the soft TLB has forgotten it. */
typedef struct {
    uint64_t page; /* virtual, NO_TAG: empty */
    uint64_t space;
    uint64_t epoch;  /* older than the space's or the globals': forgotten */
    uint32_t domain; /* of a global one */
    Gpa gpa;
    uint8_t *host;   /* NULL: a device or nothing */
    RamPages *pages; /* of host, from ram_offset on */
    uint64_t ram_offset;
    uint32_t mode;
    uint32_t block_flags; /* PageInfo's */
    uint8_t prot;
    bool global;
    bool writable_memory;
} Walk;

/* The accelerator's words in Vcpu.hot. */
typedef struct {
    uint64_t page;
    TlbEntry *tlb, *alt_tlb;
    JumpEntry *jumps;
    uint64_t jumps_gen;
    uint32_t ring_top;
    int32_t relink;
    int32_t patience; /* where vCPUs outnumber the host's processors */
    uint32_t mxcsr, host_mxcsr;
    uint64_t link_addr, link_value;
    uint64_t args[5];
    IrVector vectors[4];
    struct {
        uint64_t pc, code;
    } ring[RING_ENTRIES];
} Hot;

G_STATIC_ASSERT(sizeof(Hot) <= VCPU_HOT_WORDS * 8);

static inline Hot *hot_of(Vcpu *v)
{
    return (Hot *)v->hot;
}

/* Counters; each is written by one thread. */
typedef struct {
    uint64_t entries, lookups, links, plain_exits, faults, interrupts;
    uint64_t tlb_misses, walks, device_accesses, code_writes;
    uint64_t context_switches, context_misses, page_flushes, full_flushes;
    uint64_t asid_flushes, range_flushes, waits;
} VcpuStats;

/* What tlb_flush is asked for, by another vCPU. */
typedef struct {
    Gva va;
    int asid;
    bool all_pages;
} PostedFlush;

typedef struct {
    DebugPoint *at;
    unsigned n;
} DebugPoints;

typedef struct {
    bool any;
    DebugPoints list;
} DebugPosted;

/* debug.c */
typedef struct {
    DebugPoints points[DEBUG_N_OWNERS];
    DebugPosted posted[DEBUG_N_OWNERS]; /* posted_lock */
    unsigned breaks, watches;           /* kinds that points has */
    unsigned stepping;                  /* DEBUG_STEP_* */
    unsigned want_step;                 /* the next, and STEP_IS_SET */
    DebugStop stop;                     /* of VCPU_EXCEPTION_STOP */
} VcpuDebug;

typedef struct TcgVcpu {
    Vcpu *v;
    struct Accel *accel;
    Context *contexts;      /* N_CONTEXTS */
    JumpTable *jump_tables; /* N_JUMP_TABLES */
    TlbEntry *tlbs;         /* of all contexts */
    JumpEntry *jumps;       /* of all jump tables */
    unsigned current;       /* context */
    unsigned alternate;     /* context of accesses in the alternate mode */
    unsigned current_jumps; /* jump table */
    TargetContext context;
    uint8_t recent_contexts[N_RECENT], recent_jumps[N_RECENT];
    uint64_t tick; /* for least-recently-used choices */
    Walk *walks;   /* WALK_SETS * WALK_WAYS */
    /* A flush takes a new number, and what has an older one is forgotten. */
    uint64_t epoch, global_epoch, local_epoch[ASID_SLOTS];
    LargePages global_large, local_large[ASID_SLOTS];
    atomic_bool in_code;
    atomic_bool flush_posted;
    /* remote.c: flushes that others ask for, numbered; posted_lock */
    GMutex posted_lock;
    PostedFlush posts[MAX_POSTED];
    unsigned n_posts;
    _Atomic uint64_t posted, posted_done;
    bool sync_wanted;    /* own thread: has posted since its last tlb_sync */
    bool inside;         /* own thread: between host_enter and its return */
    unsigned idle_spins; /* waits that ended at once, without an interrupt */
    bool parked;         /* accel->lock */
    bool held;           /* accel->lock: parks while the rest runs, too */
    VcpuDebug debug;
    IrMachine machine;
    GBytes
        *watch; /* instrument.c: whom a helper's accesses are told; or NULL */
    uint64_t access_high; /* likewise: of the next value */
    SfStatus soft_fp;     /* of the interpreter */
    VcpuStats stats;
} TcgVcpu;

typedef struct Block Block;
typedef struct LatePage LatePage;
typedef struct Perf Perf;

/* A page of guest memory with translated code. */
typedef struct CodePage {
    Ram *ram;
    uint64_t offset; /* in ram */
    Gpa gpa;
    uint64_t lines; /* which 64-byte lines blocks were made of */
    Block *blocks[1 << (TARGET_PAGE_BITS - LINE_SHIFT)]; /* by start line */
    /* Invalid, but jumps to them may remain; by start line. */
    Block *ghosts[1 << (TARGET_PAGE_BITS - LINE_SHIFT)];
    Block *crossing; /* of the page before, whose instruction ends here */
    unsigned n_blocks;
    /* changing.c. Ages are counts of translated blocks. */
    bool compares; /* its blocks do; lines and crossing have none of them */
    uint8_t drops[1 << (TARGET_PAGE_BITS - LINE_SHIFT)]; /* early ones */
    uint32_t misses;       /* stores beside all code */
    uint64_t missed_since; /* when they began to be counted */
    uint64_t changed;      /* when it last did */
    bool has_points;       /* is in Cache.point_pages */
    LatePage *late;        /* a store may be under way (late.c) */
} CodePage;

/* What a block that compares was made of. */
typedef struct {
    HostBytes part[2];  /* the second: of the next page */
    uint32_t body;      /* of the code: offset in the buffer */
    Block *_Atomic now; /* of a place's first block: the one that runs */
    Block *other;       /* of the same place, latest first */
    uint8_t bytes[];    /* copies */
} Check;

/* A cache line each. */
struct Block {
    CodePage *page;
    CodePage *second; /* of an instruction that crosses, or NULL */
    Block *next, *next_crossing;
    uint32_t flags;
    uint16_t start, end; /* offsets in page; end at most the page's size */
    uint16_t n_insns;
    uint8_t region;
    bool valid;
    uint32_t born; /* low bits of the count of blocks then */
    union {
        struct {
            uint32_t code, resolve; /* offsets in the buffer */
        };
        IrBlock *ir; /* the interpreter's */
    };
    Check *check; /* of one that compares, else NULL */
};

G_STATIC_ASSERT(sizeof(Block) <= 64);

typedef struct {
    HostLink link;
    Block *to; /* NULL: unlinked */
} Link;

/* Memory that is filled from its front (fresh.c). */
typedef struct {
    uint8_t *rw, *rx; /* rx: NULL, or the same memory mapped again */
    size_t size;
    size_t populated; /* the host has given memory up to here, or soon will */
    size_t ask_at;    /* how far it is used when more is asked for */
} Fresh;

typedef struct {
    uint32_t start, used, size; /* in the buffer */
    Fresh code, block_memory, link_memory;
    Block *blocks; /* in block_memory */
    uint32_t n_blocks, max_blocks;
    Link *links; /* in link_memory */
    uint32_t n_links, max_links;
} Region;

/* Per page of each RAM: what stores must know. */
enum { WRITTEN_NEVER = 0, WRITTEN_AT = 1, WRITTEN_MANY = 0xffff };
G_STATIC_ASSERT(WRITTEN_AT + TLB_ENTRIES < WRITTEN_MANY);

struct RamPages {
    Ram *ram;
    CodePage **pages;      /* by page number; NULL: no code */
    _Atomic uint8_t *code; /* 1: has code, stores take the slow path */
    /* Where in soft TLBs a write tag may be: WRITTEN_AT + the index, or
     * WRITTEN_MANY. */
    _Atomic uint16_t *written;
};

typedef struct {
    uint64_t blocks, insns, ns, host_bytes;
    uint64_t invalidations, evictions;
    uint64_t changing_pages, comparing, changed, rechosen;
} CacheStats;

typedef struct Cache {
    GMutex lock;
    CodeBuffer buffer;
    GThreadPool *populate; /* gives fresh memory */
    HostGen *gen;          /* NULL: interpreter */
    Region regions[N_REGIONS];
    unsigned current; /* region */
    GMutex rams_lock;
    RamPages *rams[MAX_RAMS]; /* only ever grows */
    atomic_uint n_rams;
    const CodePage *kept[2]; /* of a look-up under way: they stay marked */
    IrBlock ir, other_ir;    /* scratch of the translator */
    uint8_t copy[TARGET_PAGE_SIZE]; /* likewise: bytes that may change */
    IrBuilder builder;
    LatePage *late[MAX_LATE]; /* those after n_late wait to be used */
    atomic_uint n_late;
    CacheStats stats;
    GPtrArray *point_pages; /* CodePages that have had BLOCK_POINTS */
    Perf *perf;             /* NULL: perf is told nothing */
    uint64_t ends[TARGET_PAGE_SIZE / 64]; /* offsets where those end */
} Cache;

struct Accel {
    const Target *target;
    IrGuest guest;     /* the target's, with the engine's helpers behind */
    IrHelper *helpers; /* guest.helpers */
    const Instrumentation *instrument; /* NULL: none */
    GHashTable *interned;              /* of GBytes; cache->lock */
    Bus *bus;
    Cache cache;
    GPtrArray *vcpus; /* TcgVcpu */
    bool interp;
    bool one_insn;
    bool crowded; /* more vCPUs than host processors */
    GMutex lock;
    GCond changed;
    bool paused; /* lock */
    bool stopping;
    GMutex exclusive_lock; /* held by who runs alone */
    atomic_int exclusive;  /* somebody waits for nobody to be in code */
};

static inline TcgVcpu *tcg_of(Vcpu *v)
{
    return v->engine_data;
}

/* context.c */
void contexts_init(TcgVcpu *t);
void contexts_finish(TcgVcpu *t);
void tlb_select_context(Vcpu *v);
static inline Context *current_context(TcgVcpu *t)
{
    return &t->contexts[t->current];
}
/* global: pc is in a page that every address space has. */
void jump_insert(TcgVcpu *t, Gva pc, uint64_t code, bool global);
const JumpEntry *jump_entry(TcgVcpu *t, Gva pc);
void jump_forget_all(TcgVcpu *t);
/* Empty tables of JUMP_ENTRIES each, behind one another; memory that nobody
 * jumps through is not touched. g_free. */
JumpEntry *jumps_new(unsigned n_tables);
void ring_clear(TcgVcpu *t);
/* Forgets what a flush of one address-space id (all: -1) is about; in the
 * second, one page; in the third, what lies in [first, last]. */
void jumps_flush_asid(TcgVcpu *t, int asid);
void jumps_flush_page(TcgVcpu *t, Gva va, int asid);
void jumps_flush_range(TcgVcpu *t, Gva first, Gva last, int asid);

/* tlb.c */
void tlb_init(TcgVcpu *t);
void tlb_finish(TcgVcpu *t);
void tlb_flush(Vcpu *v, bool all_pages, Gva va, int asid);
void tlb_flush_all_now(TcgVcpu *t);
void tlb_flush_all(Vcpu *v);
void context_clear(Context *c);
/* The address without what translation may ignore. */
Gva tlb_untagged(const TcgVcpu *t, Gva va);
/* Where an access that stays within a page goes. False: a fault was recorded
 * at v->pc. host NULL: use the bus at gpa. */
typedef struct {
    uint8_t *host;
    Gpa gpa;        /* if host is NULL */
    TlbEntry *code; /* not NULL: a store is followed by tlb_wrote_code */
} Place;
bool tlb_find_slow(TcgVcpu *t, Gva va, MemAccess access, Place *out);
/* After a store of size bytes that stays in a page which may hold code: drops
 * blocks made of what was there. When that was the last of the page's code,
 * stores to it are fast again. */
void tlb_wrote_code(TcgVcpu *t, Gva va, const Place *p, unsigned size);
/* The page va is fetched from: the walk, or NULL if a fault was recorded.
 * *scratch is the walk's place if it must not be kept. */
const Walk *tlb_find_code(TcgVcpu *t, Gva va, Walk *scratch);
/* Takes write permission for a page of memory out of this vCPU's TLB, where
 * written says that it may be. */
void tlb_protect_page(TcgVcpu *t, const uint8_t *host_page, uint16_t written);

static inline Gva page_of(Gva va)
{
    return va & ~(Gva)(TARGET_PAGE_SIZE - 1);
}

static inline unsigned tlb_index(Gva va)
{
    return (va >> TARGET_PAGE_BITS) & (TLB_ENTRIES - 1);
}

static inline bool tlb_find(TcgVcpu *t, Gva va, MemAccess access, Place *out)
{
    const TlbEntry *e = &hot_of(t->v)->tlb[tlb_index(va)];
    Gva page = page_of(va);

    if ((access == MEM_READ && e->read_tag == page) ||
        (access == MEM_WRITE &&
         __atomic_load_n(&e->write_tag, __ATOMIC_RELAXED) == page)) {
        out->host = (uint8_t *)(uintptr_t)(va + e->addend);
        out->code = NULL;
        return true;
    }
    return tlb_find_slow(t, va, access, out);
}

/* remote.c */
void tlb_flush_others(Vcpu *v, bool all_pages, Gva va, int asid);
void tlb_sync(Vcpu *v);
/* Does what others have posted; own thread. */
void remote_flush(TcgVcpu *t);

/* memory.c */
extern HostSlowFn *const memory_slow[HOST_N_SLOW];
bool engine_load(Vcpu *v, Gva va, unsigned size, uint64_t *value);
bool engine_store(Vcpu *v, Gva va, unsigned size, uint64_t value);
void *engine_host_address(Vcpu *v, Gva va, unsigned size, MemAccess access,
                          bool *fault);
void engine_wrote(Vcpu *v, Gva va, void *host, unsigned size);
void memory_init_machine(TcgVcpu *t);
/* What an atomic operation on size bytes stores. */
uint64_t memory_amo(IrAmo kind, uint64_t old, uint64_t value, unsigned size);
uint32_t fp_flags(Vcpu *v);
void fp_set(Vcpu *v, uint32_t flags, unsigned round);

/* debug.c. Own thread, but for what VcpuEngine says. */
void debug_finish(TcgVcpu *t);
void debug_set_points(Vcpu *v, DebugOwner owner, const DebugPoint *points,
                      unsigned n);
void debug_set_step(Vcpu *v, unsigned how);
void debug_hold(Vcpu *v, bool held);
bool debug_is_held(Vcpu *v);
/* After a kick: what others have set; behind a pause: the step they want, and
 * whether they took v away from a call that it waited for. */
void debug_take_posted(TcgVcpu *t);
void debug_resumed(TcgVcpu *t);
/* Whether v->pc is a point that acts: an exception was recorded. */
bool debug_at_pc(TcgVcpu *t);
/* The same for an access that is about to be made. */
bool debug_access(TcgVcpu *t, Gva va, unsigned size, MemAccess access);
bool debug_watches_page(const TcgVcpu *t, Gva page);
/* BLOCK_* of the block at pc. */
uint32_t debug_block_flags(const TcgVcpu *t, Gva pc);
/* Nothing may lead to pc but cache_find. */
bool debug_keeps_out(const TcgVcpu *t, Gva pc);
/* While stepping, generated code finds no other. */
void debug_select_jumps(TcgVcpu *t);
bool debug_takes_interrupts(const TcgVcpu *t);
/* An instruction, an exception or an interrupt is done. */
void debug_stepped(TcgVcpu *t);
/* VCPU_EXCEPTION_STOP: tells the debugger; the next kick parks. */
void debug_stopped(TcgVcpu *t);

static inline bool debug_is_on(const TcgVcpu *t)
{
    return G_UNLIKELY(t->debug.breaks | t->debug.stepping);
}

/* cache.c */
/* Blocks with BLOCK_POINTS end before this offset from now on. */
void cache_end_blocks_at(Accel *a, unsigned offset);
bool cache_init(Accel *a, size_t size, GError **error);
void cache_finish(Cache *c);
/* The block at v->pc, translated if need be; NULL: a fault was recorded.
 * *global: all of it is in pages that every address space has. */
Block *cache_find(TcgVcpu *t, bool *global);
/* The page behind pc's as it is mapped now, marked as code before its bytes
 * are looked at; NULL: a fault was recorded. *global is left or made false. */
CodePage *cache_second_page(TcgVcpu *t, Gva pc, const uint8_t **bytes,
                            bool *global);
/* Links link number id to block b, where the running page and the current
 * jump table say that it goes. */
void cache_link(TcgVcpu *t, uint32_t id, Block *b);
/* A store of len bytes at offset has happened. */
void cache_written(Accel *a, Ram *ram, uint64_t offset, uint64_t len);
/* True if a page of RAM may be stored to without looking for code. Notes that
 * soft TLBs have a write tag at this index. */
bool cache_may_write_fast(RamPages *pages, uint64_t offset, unsigned index);
RamPages *cache_know_ram(Accel *a, Ram *ram);
RamPages *cache_pages_of(Accel *a, const uint8_t *host, uint64_t *offset);

void block_invalidate(Cache *c, Block *b);
/* Drops what was made of bytes [start, end); under the lock. */
void page_written(Accel *a, CodePage *page, unsigned start, unsigned end);

static inline const uint8_t *code_page_host(const CodePage *page)
{
    return page->ram->host + page->offset;
}

/* changing.c. The block at a place that is to run. */
static inline Block *block_now(Block *place)
{
    return place->check != NULL ? atomic_load(&place->check->now) : place;
}
/* Whether memory at a place is not what block_now was made of. */
bool block_is_stale(Block *place);
/* Of a block that ends at end: copies in a page's places, and of the second. */
Check *check_new(Block *b, unsigned end, const uint8_t *copy,
                 const uint8_t *second);
/* Makes that one of a place's blocks run which was made of what is in memory;
 * false: there is none. */
bool place_choose(Cache *c, Block *place);
/* Adds a block that was just made for the place; it runs. */
void place_add(const Cache *c, Block *place, Block *b);
/* Whether any of its blocks has the byte at this offset of the page. */
bool place_covers(const Block *place, unsigned offset);
void place_forget_region(const Cache *c, Block *place, unsigned region);
/* A store drops b; a store was beside all code of the page: whether it has
 * happened too often. */
bool page_note_drop(Cache *c, const Block *b);
bool page_note_miss(Cache *c, CodePage *page);
/* From now on the page's blocks compare; it has none yet. */
void page_keeps_changing(Cache *c, CodePage *page);
/* Ends that when the page has not changed for long. */
void page_settle(Cache *c, CodePage *page);

/* late.c: under cache->lock. self has taken the write tags of a page away. */
void late_add(Accel *a, const TcgVcpu *self, CodePage *page);
/* A block was made of these bytes of the page, which were copied. */
void late_made(Accel *a, CodePage *page, unsigned start, const uint8_t *bytes,
               unsigned len);
/* Drops blocks that were made before a store landed. */
void late_look(Accel *a);
/* False: nobody may add before all vCPUs have come out of code. */
bool late_has_room(const Cache *c);
void late_finish(Cache *c);
/* The engine's code_barrier; not under the lock. */
void code_barrier(Vcpu *v);

/* fresh.c */
GThreadPool *fresh_start(void);
void fresh_stop(GThreadPool *pool);
bool fresh_map(Fresh *f, size_t size, GError **error);
void fresh_unmap(Fresh *f);
void fresh_push(GThreadPool *pool, Fresh *f);
/* used bytes of f are in use: asks for the next in time. */
static inline void fresh_used(GThreadPool *pool, Fresh *f, size_t used)
{
    if (G_UNLIKELY(used >= f->ask_at)) {
        fresh_push(pool, f);
    }
}

/* evict.c */
void cache_make_room(TcgVcpu *t, Cache *c);
void region_forget_blocks(const Cache *c, Region *r);
void exclusive_begin(Accel *a, TcgVcpu *self);
void exclusive_end(Accel *a, TcgVcpu *self);
/* run.c: marks the vCPU as in code, when nobody runs alone. */
void enter_code(TcgVcpu *t);

/* run.c: lets other vCPUs have the processor if the patience is used up. */
void lose_patience(TcgVcpu *t);

/* perf.c: under cache->lock. A block's code, where it runs. */
void perf_tell_block(Perf *p, const uint8_t *code, uint32_t size, Gva pc);
void perf_free(Perf *p);

/* instrument.c. Fills guest. */
void instrument_init_guest(Accel *a);
/* cache->ir was translated for v->pc of these bytes of its page, and next, of
 * the page behind it: hangs on it what is wanted. Under cache->lock. */
void instrument_block(TcgVcpu *t, Gpa gpa, const uint8_t *bytes,
                      const uint8_t *next);
void instrument_finish_vcpu(TcgVcpu *t);
void instrument_finish(Accel *a);
/* A helper has made an access, and t->watch is not NULL. info: INSTRUMENT_*.*/
void instrument_accessed(TcgVcpu *t, Gva va, uint32_t info,
                         const uint64_t value[2]);

/* translate.c. Room for one more block, whatever it is. */
bool translate_has_room(const Cache *c);
/* Asks for the memory that the next blocks of r are going to take. */
void translate_ask_memory(Cache *c, Region *r);
/* The block at start for these flags; ->second is the page its last instruction
 * ends in, not yet entered there, and *second_global false if that is not
 * global. */
Block *translate_block(TcgVcpu *t, CodePage *page, uint32_t start,
                       uint32_t flags, const uint8_t *bytes,
                       bool *second_global);

#endif
