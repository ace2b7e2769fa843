/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/riscv/mmu.c - Sv32, Sv39, Sv48 and Sv57 page walks.
 * Spec: privileged architecture 4.3 to 4.6; Svnapot, Svpbmt, Svadu, Svade. */
#include "target/riscv/mmu.h"

#include <inttypes.h>
#include <stdatomic.h>

#include "target/riscv/excp.h"
#include "util/bits.h"
#include "util/log.h"

#define PTE_V        BIT(0)
#define PTE_R        BIT(1)
#define PTE_W        BIT(2)
#define PTE_X        BIT(3)
#define PTE_U        BIT(4)
#define PTE_G        BIT(5)
#define PTE_A        BIT(6)
#define PTE_D        BIT(7)
#define PTE_PBMT     (UINT64_C(3) << 61)
#define PTE_N        BIT(63)
#define PTE_RESERVED (UINT64_C(0x7f) << 54)

enum { NAPOT_BITS = 16, NAPOT_PPN = 8 /* ppn[3:0] of a 64 KiB page */ };

typedef struct {
    unsigned levels;
    unsigned index_bits; /* of one level's index */
    unsigned pte_size;
} PageFormat;

typedef enum { WALK_OK, WALK_PAGE_FAULT, WALK_ACCESS_FAULT, WALK_AGAIN } Walk;

/* One look at the tables. */
typedef struct {
    Riscv *cpu;
    Gva va;
    MemAccess access;
    unsigned priv;
    PageFormat format;
    uint64_t pte;
    void *host;     /* of the leaf */
    bool writable;  /* the leaf may be updated in place */
    unsigned level; /* of the leaf */
    bool global;
} Walker;

unsigned riscv_data_priv(const Riscv *cpu)
{
    return cpu->mstatus & STATUS_MPRV
               ? (cpu->mstatus & STATUS_MPP) >> STATUS_MPP_SHIFT
               : cpu->priv;
}

unsigned riscv_vm_mode(const Riscv *cpu)
{
    return cpu->config.rv64 ? cpu->satp >> 60 : cpu->satp >> 31 & 1;
}

uint64_t riscv_vm_root(const Riscv *cpu)
{
    unsigned bits = cpu->config.rv64 ? 44 : 22;

    return bits_get(cpu->satp, 0, bits) << TARGET_PAGE_BITS;
}

unsigned riscv_asid(const Riscv *cpu)
{
    return cpu->config.rv64 ? bits_get(cpu->satp, 44, 16)
                            : bits_get(cpu->satp, 22, 9);
}

static PageFormat page_format(unsigned mode)
{
    return mode == VM_SV32 ? (PageFormat){2, 10, 4}
                           : (PageFormat){mode - VM_SV39 + 3, 9, 8};
}

/* The bits above the translated ones repeat the highest of those. */
static bool is_canonical(const Walker *w)
{
    unsigned bits = TARGET_PAGE_BITS + w->format.levels * w->format.index_bits;

    return w->format.pte_size == 4 || (uint64_t)bits_sext(w->va, bits) == w->va;
}

/* The tables are read as S mode reads memory. */
static Walk read_pte(Walker *w, Gpa addr)
{
    uint8_t page_bits = TARGET_PAGE_BITS;
    uint8_t rights = riscv_pmp_rights(w->cpu, addr, PRIV_S, &page_bits);
    RamSpan span;

    if (!(rights & PROT_R) || !bus_find_ram(w->cpu->vcpu.bus, addr, &span) ||
        span.len < w->format.pte_size) {
        return WALK_ACCESS_FAULT;
    }
    w->host = span.host;
    w->writable = span.writable && (rights & PROT_W);
    w->pte = w->format.pte_size == 4
                 ? GUINT32_FROM_LE(atomic_load((_Atomic uint32_t *)w->host))
                 : GUINT64_FROM_LE(atomic_load((_Atomic uint64_t *)w->host));
    return WALK_OK;
}

static bool is_reserved(const Walker *w)
{
    const Riscv *cpu = w->cpu;
    bool pbmt = cpu->menvcfg & ENVCFG_PBMTE;
    uint64_t pte = w->pte;

    if (w->format.pte_size == 4) {
        return false;
    }
    return (pte & PTE_RESERVED) ||
           ((pte & PTE_N) && !riscv_has(cpu, EXT_SVNAPOT)) ||
           ((pte & PTE_PBMT) && (!pbmt || (pte & PTE_PBMT) == PTE_PBMT));
}

static uint64_t pte_ppn(const Walker *w)
{
    return w->format.pte_size == 4 ? w->pte >> 10 : bits_get(w->pte, 10, 44);
}

/* Goes down to a leaf. */
static Walk descend(Walker *w)
{
    Gpa table = riscv_vm_root(w->cpu);
    const uint64_t only_leaf = PTE_A | PTE_D | PTE_U | PTE_PBMT | PTE_N;

    for (w->level = w->format.levels; w->level-- > 0;) {
        unsigned shift = TARGET_PAGE_BITS + w->level * w->format.index_bits;
        uint64_t index = bits_get(w->va, shift, w->format.index_bits);
        Walk result = read_pte(w, table + index * w->format.pte_size);

        if (result != WALK_OK) {
            return result;
        }
        if (!(w->pte & PTE_V) || is_reserved(w)) {
            return WALK_PAGE_FAULT;
        }
        w->global |= w->pte & PTE_G;
        if (w->pte & (PTE_R | PTE_W | PTE_X)) {
            return WALK_OK;
        }
        if (w->pte &
            (w->format.pte_size == 4 ? PTE_A | PTE_D | PTE_U : only_leaf)) {
            return WALK_PAGE_FAULT;
        }
        table = pte_ppn(w) << TARGET_PAGE_BITS;
    }
    return WALK_PAGE_FAULT;
}

/* What the leaf allows this privilege, dirty or not. */
static uint8_t leaf_rights(const Walker *w)
{
    uint64_t status = w->cpu->mstatus;
    uint8_t rights = 0;

    if (w->priv == PRIV_U && !(w->pte & PTE_U)) {
        return 0;
    }
    if (w->pte & PTE_R || (w->pte & PTE_X && status & STATUS_MXR)) {
        rights |= PROT_R;
    }
    rights |= w->pte & PTE_W ? PROT_W : 0;
    rights |= w->pte & PTE_X ? PROT_X : 0;
    if (w->priv == PRIV_S && (w->pte & PTE_U)) {
        rights &= status & STATUS_SUM ? PROT_R | PROT_W : 0;
    }
    return rights;
}

static uint8_t needed(MemAccess access)
{
    if (access == MEM_LOOK) {
        return 0;
    }
    return access == MEM_READ ? PROT_R : access == MEM_WRITE ? PROT_W : PROT_X;
}

/* A superpage's low address bits, and a 64 KiB page's mark, must be right. */
static bool is_aligned(const Walker *w)
{
    uint64_t ppn = pte_ppn(w);

    if (w->format.pte_size == 8 && (w->pte & PTE_N)) {
        return w->level == 0 && (ppn & 15) == NAPOT_PPN;
    }
    return !(ppn & bits_mask(w->level * w->format.index_bits));
}

static bool may_update(const Riscv *cpu)
{
    if (!riscv_has(cpu, EXT_SVADU)) {
        return !riscv_has(cpu, EXT_SVADE);
    }
    return cpu->menvcfg & ENVCFG_ADUE;
}

/* Sets A and D where this access needs them. */
static Walk mark_used(Walker *w)
{
    uint64_t old = w->pte;
    uint64_t new = old | PTE_A | (w->access == MEM_WRITE ? PTE_D : 0);
    bool done;

    if (new == old || w->access == MEM_LOOK) {
        return WALK_OK;
    }
    if (!may_update(w->cpu)) {
        return WALK_PAGE_FAULT;
    }
    if (!w->writable) {
        return WALK_ACCESS_FAULT;
    }
    if (w->format.pte_size == 4) {
        uint32_t expected = GUINT32_TO_LE((uint32_t)old);

        done = atomic_compare_exchange_strong((_Atomic uint32_t *)w->host,
                                              &expected, GUINT32_TO_LE(new));
    } else {
        uint64_t expected = GUINT64_TO_LE(old);

        done = atomic_compare_exchange_strong((_Atomic uint64_t *)w->host,
                                              &expected, GUINT64_TO_LE(new));
    }
    w->pte = new;
    return done ? WALK_OK : WALK_AGAIN;
}

static void describe_leaf(const Walker *w, PageInfo *out)
{
    uint64_t ppn = pte_ppn(w);

    out->page_bits = TARGET_PAGE_BITS + w->level * w->format.index_bits;
    if (w->format.pte_size == 8 && (w->pte & PTE_N)) {
        out->page_bits = NAPOT_BITS;
        ppn &= ~UINT64_C(15);
    }
    out->gpa = ppn << TARGET_PAGE_BITS | (w->va & bits_mask(out->page_bits));
    out->prot = leaf_rights(w);
    if (!(w->pte & PTE_D)) {
        out->prot &= ~PROT_W;
    }
    out->global = w->global;
}

static Walk walk_once(Walker *w, PageInfo *out)
{
    Walk result;

    if (!is_canonical(w)) {
        return WALK_PAGE_FAULT;
    }
    result = descend(w);
    if (result != WALK_OK) {
        return result;
    }
    /* Writable but not readable is reserved. */
    if ((w->pte & (PTE_R | PTE_W)) == PTE_W || !is_aligned(w) ||
        (leaf_rights(w) & needed(w->access)) != needed(w->access)) {
        return WALK_PAGE_FAULT;
    }
    result = mark_used(w);
    if (result == WALK_OK) {
        describe_leaf(w, out);
    }
    return result;
}

static Walk walk(Riscv *cpu, Gva va, MemAccess access, unsigned priv,
                 PageInfo *out)
{
    Walk result;

    do {
        Walker w = {
            .cpu = cpu,
            .va = va,
            .access = access,
            .priv = priv,
            .format = page_format(riscv_vm_mode(cpu)),
        };

        result = walk_once(&w, out);
    } while (result == WALK_AGAIN);
    return result;
}

static void record_fault(Riscv *cpu, Walk why, Gva va, MemAccess access)
{
    static const uint8_t page[] = {EXC_LOAD_PAGE, EXC_STORE_PAGE,
                                   EXC_FETCH_PAGE};
    static const uint8_t bus[] = {EXC_LOAD_ACCESS, EXC_STORE_ACCESS,
                                  EXC_FETCH_ACCESS};

    riscv_record(cpu, why == WALK_PAGE_FAULT ? page[access] : bus[access], va);
}

static bool is_translated(const Riscv *cpu, unsigned priv)
{
    return priv != PRIV_M && riscv_vm_mode(cpu) != VM_BARE;
}

bool riscv_find_page(Vcpu *v, Gva va, MemAccess access, bool probe,
                     PageInfo *out)
{
    Riscv *cpu = (Riscv *)v;
    unsigned data_priv = riscv_data_priv(cpu);
    unsigned priv = access == MEM_EXEC ? cpu->priv : data_priv;
    Walk result = WALK_OK;

    if (!cpu->config.rv64) {
        va = (uint32_t)va;
    }
    *out = (PageInfo){
        .gpa = va,
        .prot = PROT_R | PROT_W | PROT_X,
        .page_bits = TARGET_PAGE_BITS,
        .global = true,
    };
    if (is_translated(cpu, priv)) {
        result = walk(cpu, va, access, priv, out);
    }
    if (result == WALK_OK) {
        out->prot &= riscv_pmp_rights(cpu, out->gpa, priv, &out->page_bits);
        if ((out->prot & needed(access)) != needed(access)) {
            result = WALK_ACCESS_FAULT;
        }
    }
    if (data_priv != cpu->priv) {
        /* Fetches and data see different tables. */
        out->prot &= access == MEM_EXEC ? PROT_X : PROT_R | PROT_W;
    }
    if (log_enabled(LOG_MMU)) {
        log_printf(LOG_MMU,
                   "hart %u: va 0x%" PRIx64 " access %d priv %u: %s 0x%" PRIx64
                   " prot %x bits %u\n",
                   v->index, va, access, priv,
                   result == WALK_OK ? "gpa" : "fault", out->gpa, out->prot,
                   out->page_bits);
    }
    if (result != WALK_OK && !probe) {
        record_fault(cpu, result, va, access);
    }
    return result == WALK_OK;
}

void riscv_raise_bus_fault(Vcpu *v, Gva va, MemAccess access)
{
    record_fault((Riscv *)v, WALK_ACCESS_FAULT, va, access);
}

void riscv_raise_misaligned(Vcpu *v, Gva va, MemAccess access)
{
    static const uint8_t causes[] = {EXC_LOAD_MISALIGNED, EXC_STORE_MISALIGNED,
                                     EXC_FETCH_MISALIGNED};

    riscv_record((Riscv *)v, causes[access], va);
}

static uint32_t block_flags(const Riscv *cpu)
{
    unsigned fs = (cpu->mstatus & STATUS_FS) >> STATUS_FS_SHIFT;
    uint32_t flags = (uint32_t)cpu->priv << FLAG_PRIV_SHIFT;

    flags |= cpu->config.rv64 ? FLAG_RV64 : 0;
    if (cpu->instret_exact && !(cpu->mcountinhibit >> COUNTER_INSTRET & 1)) {
        flags |= FLAG_INSTRET;
    }
    if (!riscv_flags_have_fs(cpu)) {
        flags |= FLAG_FS_ASK;
    } else if (fs) {
        flags |= (fs == 3 ? 2u : 1u) << FLAG_FS_SHIFT;
    }
    flags |= cpu->frm == 4 ? FLAG_FRM_RMM : 0;
    flags |= cpu->frm > 4 ? FLAG_FRM_INVALID : 0;
    return flags;
}

void riscv_context(Vcpu *v, TargetContext *out)
{
    Riscv *cpu = (Riscv *)v;
    unsigned data_priv = riscv_data_priv(cpu);
    bool data = is_translated(cpu, data_priv);
    bool any = data || is_translated(cpu, cpu->priv);

    out->domain = 0;
    out->space = any ? cpu->satp : 0;
    out->asid = any ? (int32_t)riscv_asid(cpu) : -1;
    out->mode = cpu->priv | data_priv << 2;
    if (data) {
        out->mode |= cpu->mstatus & STATUS_SUM ? 1u << 4 : 0;
        out->mode |= cpu->mstatus & STATUS_MXR ? 1u << 5 : 0;
    }
    out->alt_mode = out->mode;
    out->flags = block_flags(cpu);
}
