/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/riscv/hart.c - the plain engine of RISC-V tests. */
#include "tests/riscv/hart.h"

#include <elf.h>
#include <string.h>

#include "tcg/ir/interp.h"
#include "util/bits.h"

static Hart *hart_of(Vcpu *v)
{
    return v->engine_data;
}

static void context_changed(Vcpu *v)
{
    hart_of(v)->n_contexts++;
}

static void tlb_flush(Vcpu *v, bool all_pages, Gva va, int asid)
{
    hart_of(v)->n_flushes++;
}

static void tlb_flush_all(Vcpu *v)
{
    hart_of(v)->n_flush_alls++;
}

static uint32_t fp_flags(Vcpu *v)
{
    return hart_of(v)->fp.flags | v->fp_flags;
}

static void fp_set(Vcpu *v, uint32_t flags, unsigned round)
{
    v->fp_flags = flags;
    v->fp_round = round;
    hart_of(v)->fp = (SfStatus){.round = round};
}

static const Target *target_of(const Hart *h)
{
    return h->cpu->config.rv64 ? &target_riscv64 : &target_riscv32;
}

/* Host bytes of one access in one page; NULL: fault recorded, or (*finisher)
 * it is the finisher's. */
static uint8_t *find(Hart *h, Gva va, unsigned size, MemAccess access,
                     bool *finisher)
{
    const Target *target = target_of(h);
    PageInfo page;
    RamSpan span;

    *finisher = false;
    if (!target->find_page(&h->cpu->vcpu, va, access, false, &page)) {
        return NULL;
    }
    if (bus_find_ram(h->bus, page.gpa, &span) && span.len >= size) {
        return span.host;
    }
    *finisher = page.gpa == HART_FINISHER && access == MEM_WRITE;
    if (!*finisher) {
        target->raise_bus_fault(&h->cpu->vcpu, va, access);
    }
    return NULL;
}

static void finish(Hart *h, uint32_t word)
{
    h->result = (word & 0xffff) == 0x5555 ? 0 : (int)(word >> 16);
}

static bool is_crossing(Gva va, unsigned size)
{
    return (va & (TARGET_PAGE_SIZE - 1)) + size > TARGET_PAGE_SIZE;
}

static bool read_bytes(Hart *h, Gva va, unsigned size, uint64_t *value)
{
    unsigned step = is_crossing(va, size) ? 1 : size;

    *value = 0;
    for (unsigned i = 0; i < size; i += step) {
        bool finisher;
        const uint8_t *host = find(h, va + i, step, MEM_READ, &finisher);

        if (!host) {
            return false;
        }
        *value |= bytes_load_le(host, step) << (8 * i);
    }
    return true;
}

static bool write_bytes(Hart *h, Gva va, unsigned size, uint64_t value)
{
    unsigned step = is_crossing(va, size) ? 1 : size;
    bool finisher;

    /* Both pages are looked at before the first byte changes. */
    if (step != size && !find(h, va + size - 1, 1, MEM_WRITE, &finisher)) {
        return false;
    }
    for (unsigned i = 0; i < size; i += step) {
        uint8_t *host = find(h, va + i, step, MEM_WRITE, &finisher);

        if (finisher) {
            finish(h, (uint32_t)value);
            return true;
        }
        if (!host) {
            return false;
        }
        bytes_store_le(host, step, value >> (8 * i));
    }
    return true;
}

/* VcpuEngine's memory, for helpers. */

static bool engine_load(Vcpu *v, Gva va, unsigned size, uint64_t *value)
{
    return read_bytes(hart_of(v), va, size, value);
}

static bool engine_store(Vcpu *v, Gva va, unsigned size, uint64_t value)
{
    return write_bytes(hart_of(v), va, size, value);
}

static void code_barrier(Vcpu *v)
{
}

static void wrote(Vcpu *v, Gva va, void *host, unsigned size)
{
}

static void *host_address(Vcpu *v, Gva va, unsigned size, MemAccess access,
                          bool *fault)
{
    bool finisher;
    uint8_t *host = find(hart_of(v), va, size, access, &finisher);

    *fault = !host && !finisher;
    return host;
}

static const VcpuEngine engine = {
    .context_changed = context_changed,
    .tlb_flush = tlb_flush,
    .tlb_flush_all = tlb_flush_all,
    .code_barrier = code_barrier,
    .fp_flags = fp_flags,
    .fp_set = fp_set,
    .load = engine_load,
    .store = engine_store,
    .host_address = host_address,
    .wrote = wrote,
};

/* IrMachine's memory, for blocks. */

static bool aligned(Hart *h, uint64_t pc, Gva va, unsigned mo, MemAccess access)
{
    h->cpu->vcpu.pc = pc;
    if ((mo & IR_MO_ALIGN) && va % ir_mo_bytes(mo)) {
        target_of(h)->raise_misaligned(&h->cpu->vcpu, va, access);
        return false;
    }
    return true;
}

static bool ir_mem_load(void *ctx, uint64_t pc, uint64_t va, unsigned mo,
                        uint64_t *value)
{
    return aligned(ctx, pc, va, mo, MEM_READ) &&
           read_bytes(ctx, va, ir_mo_bytes(mo), value);
}

static bool ir_mem_store(void *ctx, uint64_t pc, uint64_t va, unsigned mo,
                         uint64_t value)
{
    return aligned(ctx, pc, va, mo, MEM_WRITE) &&
           write_bytes(ctx, va, ir_mo_bytes(mo), value);
}

static bool load_linked(void *ctx, uint64_t pc, uint64_t va, unsigned mo,
                        uint64_t *value)
{
    Hart *h = ctx;

    h->linked = ir_mem_load(h, pc, va, mo, value);
    h->link_addr = va;
    h->link_value = *value;
    return h->linked;
}

/* Reads for a store's sake: faults are a store's. */
static bool load_to_store(Hart *h, uint64_t pc, Gva va, unsigned mo,
                          uint64_t *value)
{
    bool finisher;

    return aligned(h, pc, va, mo, MEM_WRITE) &&
           find(h, va, ir_mo_bytes(mo), MEM_WRITE, &finisher) &&
           read_bytes(h, va, ir_mo_bytes(mo), value);
}

static bool store_cond(void *ctx, uint64_t pc, uint64_t va, unsigned mo,
                       uint64_t value, uint64_t *failed)
{
    Hart *h = ctx;
    uint64_t now;

    if (!load_to_store(h, pc, va, mo, &now)) {
        return false;
    }
    *failed = !h->linked || h->link_addr != va || h->link_value != now;
    h->linked = false;
    return *failed || write_bytes(h, va, ir_mo_bytes(mo), value);
}

static uint64_t modify(IrAmo kind, unsigned bits, uint64_t old, uint64_t v)
{
    int64_t s_old = bits_sext(old, bits), s_v = bits_sext(v, bits);

    v &= bits_mask(bits);
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

static bool amo(void *ctx, uint64_t pc, uint64_t va, unsigned mo, IrAmo kind,
                uint64_t value, uint64_t *old)
{
    unsigned size = ir_mo_bytes(mo);

    return load_to_store(ctx, pc, va, mo, old) &&
           write_bytes(ctx, va, size, modify(kind, size * 8, *old, value));
}

static bool cas(void *ctx, uint64_t pc, uint64_t va, unsigned mo,
                uint64_t expected, uint64_t desired, uint64_t *old)
{
    unsigned size = ir_mo_bytes(mo);

    return load_to_store(ctx, pc, va, mo, old) &&
           (*old != (expected & bits_mask(size * 8)) ||
            write_bytes(ctx, va, size, desired));
}

static void set_pc(void *ctx, uint64_t pc)
{
    ((Hart *)ctx)->cpu->vcpu.pc = pc;
}

static bool faulted(void *ctx)
{
    return ((Hart *)ctx)->cpu->vcpu.exception >= 0;
}

static SfStatus *fp(void *ctx)
{
    return &((Hart *)ctx)->fp;
}

static bool next_page(void *opaque, uint16_t *bytes)
{
    Hart *h = opaque;
    Gva va = align_down(h->cpu->vcpu.pc, TARGET_PAGE_SIZE) + TARGET_PAGE_SIZE;
    bool finisher;
    const uint8_t *host = find(h, va, 2, MEM_EXEC, &finisher);

    *bytes = host ? le16_load(host) : 0;
    return host;
}

static void run_block(Hart *h, const uint8_t *page, uint32_t flags,
                      unsigned max_insns)
{
    Vcpu *v = &h->cpu->vcpu;
    const IrMachine machine = {
        .load = ir_mem_load,
        .store = ir_mem_store,
        .load_linked = load_linked,
        .store_cond = store_cond,
        .amo = amo,
        .cas = cas,
        .set_pc = set_pc,
        .faulted = faulted,
        .fp = fp,
        .ctx = h,
    };
    TransJob job = {
        .ir = &h->builder,
        .vcpu = v,
        .flags = flags,
        .start = v->pc & (TARGET_PAGE_SIZE - 1),
        .page = page,
        .next_page = next_page,
        .opaque = h,
        .max_insns = max_insns,
    };
    g_autofree char *wrong = NULL;
    IrLeft left;
    uint64_t pc;

    ir_block_clear(&h->block);
    ir_begin(&h->builder, &h->block, job.start);
    if (!target_of(h)->translate(&job)) {
        return;
    }
    wrong = ir_verify(&h->block);
    if (wrong) {
        g_autofree char *text = ir_print(&h->block);

        g_error("%s\n%s", wrong, text);
    }
    left = ir_interp(&h->block, h->cpu, align_down(v->pc, TARGET_PAGE_SIZE),
                     &machine, &pc);
    if (left == IR_LEFT_GOTO || left == IR_LEFT_JUMP) {
        v->pc = h->cpu->config.rv64 ? pc : (uint32_t)pc;
    }
}

void hart_step(Hart *h, unsigned max_insns)
{
    const Target *target = target_of(h);
    Vcpu *v = &h->cpu->vcpu;
    TargetContext context;
    bool finisher;
    const uint8_t *host;

    atomic_store(&v->kick, 0);
    if (v->exception < 0) {
        target->take_interrupt(v);
    }
    target->context(v, &context);
    host = find(h, v->pc, 2, MEM_EXEC, &finisher);
    if (host) {
        run_block(h, host - (v->pc & (TARGET_PAGE_SIZE - 1)), context.flags,
                  max_insns);
    }
    if (v->exception >= 0) {
        target->take_exception(v);
    }
}

void hart_run(Hart *h, unsigned n_blocks)
{
    for (unsigned i = 0; i < n_blocks && h->result == HART_RUNNING; i++) {
        hart_step(h, 64);
    }
}

Hart *hart_new(const char *cpu, bool rv64)
{
    const Target *target = rv64 ? &target_riscv64 : &target_riscv32;
    Hart *h = g_new0(Hart, 1);
    g_autoptr(GError) error = NULL;
    Vcpu *v;

    h->bus = bus_new();
    h->ram = ram_new("ram", HART_RAM_SIZE, &error);
    g_assert_no_error(error);
    bus_add_ram(h->bus, HART_RAM, h->ram, false);
    v = target->vcpu_new(cpu, 0, h->bus, &error);
    g_assert_no_error(error);
    v->engine = &engine;
    v->engine_data = h;
    h->cpu = (Riscv *)v;
    h->result = HART_RUNNING;
    ir_block_init(&h->block, target->ir);
    target->reset(v, HART_RAM);
    return h;
}

void hart_free(Hart *h)
{
    target_of(h)->vcpu_free(&h->cpu->vcpu);
    ir_block_finish(&h->block);
    bus_free(h->bus);
    ram_free(h->ram);
    g_free(h);
}

void hart_write(Hart *h, uint64_t offset, const void *bytes, size_t len)
{
    g_assert(offset + len <= HART_RAM_SIZE);
    memcpy(h->ram->host + offset, bytes, len);
}

void hart_write_word(Hart *h, uint64_t offset, uint32_t word)
{
    uint8_t bytes[4];

    le32_store(bytes, word);
    hart_write(h, offset, bytes, sizeof(bytes));
}

static bool load_segment(Hart *h, const char *file, gsize len, Gpa addr,
                         uint64_t offset, uint64_t size)
{
    if (addr < HART_RAM || addr - HART_RAM + size > HART_RAM_SIZE ||
        offset > len || size > len - offset) {
        return false;
    }
    hart_write(h, addr - HART_RAM, file + offset, size);
    return true;
}

bool hart_load_elf(Hart *h, const char *path)
{
    g_autofree char *file = NULL;
    gsize len;
    bool ok = g_file_get_contents(path, &file, &len, NULL) &&
              len >= sizeof(Elf64_Ehdr) && memcmp(file, ELFMAG, SELFMAG) == 0;

    if (ok && file[EI_CLASS] == ELFCLASS64) {
        const Elf64_Ehdr *eh = (const void *)file;
        const Elf64_Phdr *ph = (const void *)(file + eh->e_phoff);

        for (unsigned i = 0; ok && i < eh->e_phnum; i++) {
            ok = ph[i].p_type != PT_LOAD ||
                 load_segment(h, file, len, ph[i].p_paddr, ph[i].p_offset,
                              ph[i].p_filesz);
        }
    } else if (ok) {
        const Elf32_Ehdr *eh = (const void *)file;
        const Elf32_Phdr *ph = (const void *)(file + eh->e_phoff);

        for (unsigned i = 0; ok && i < eh->e_phnum; i++) {
            ok = ph[i].p_type != PT_LOAD ||
                 load_segment(h, file, len, ph[i].p_paddr, ph[i].p_offset,
                              ph[i].p_filesz);
        }
    }
    return ok;
}
