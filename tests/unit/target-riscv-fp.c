/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/target-riscv-fp.c - every floating-point instruction of RISC-V,
 * decoded, translated and run by the IR interpreter, against what
 * tests/isa/riscv/fp-ref.h says.
 * The decode tables say which instructions exist, so a new one without a
 * reference here fails. Registers are drawn at random, equal ones too; after
 * the instruction every register and flag must be as expected. */
#include <string.h>

#include "target/riscv/cpu.h"
#include "target/riscv/helper.h"
#include "target/riscv/translate.h"
#include "tcg/ir/interp.h"
#include "tests/isa/riscv/fp-ref.h"
#include "util/bits.h"
#include "util/softfloat.h"

enum { ROUNDS = 1500, MEM_SIZE = 64, RESERVED_RM = 5 };

/* ---- a hart, and a machine around it ---- */

typedef struct {
    Riscv cpu;
    SfStatus fp; /* what the engine would have in the host's FPU */
    uint8_t mem[MEM_SIZE];
    uint64_t mem_base;
} Hart;

static uint64_t offset_in(const Hart *h, uint64_t addr)
{
    uint64_t at = addr - h->mem_base;

    return h->cpu.config.rv64 ? at : (uint32_t)at;
}

static bool mem_load(void *ctx, uint64_t pc, uint64_t addr, unsigned mo,
                     uint64_t *value)
{
    Hart *h = ctx;
    uint64_t at = offset_in(h, addr);

    g_assert_cmpuint(at, <=, MEM_SIZE - ir_mo_bytes(mo));
    *value = bytes_load_le(h->mem + at, ir_mo_bytes(mo));
    return true;
}

static bool mem_store(void *ctx, uint64_t pc, uint64_t addr, unsigned mo,
                      uint64_t value)
{
    Hart *h = ctx;
    uint64_t at = offset_in(h, addr);

    g_assert_cmpuint(at, <=, MEM_SIZE - ir_mo_bytes(mo));
    bytes_store_le(h->mem + at, ir_mo_bytes(mo), value);
    return true;
}

static void set_pc(void *ctx, uint64_t pc)
{
    ((Hart *)ctx)->cpu.vcpu.pc = pc;
}

static bool faulted(void *ctx)
{
    return ((Hart *)ctx)->cpu.vcpu.exception >= 0;
}

static SfStatus *fp_status(void *ctx)
{
    return &((Hart *)ctx)->fp;
}

/* In place of taking the trap and of mstatus: only that it was asked for. */
static uint64_t note_raise(void *state, uint64_t a, uint64_t b, uint64_t c,
                           uint64_t imm)
{
    ((Riscv *)state)->vcpu.exception = (int64_t)a;
    return 0;
}

static uint64_t note_dirty(void *state, uint64_t a, uint64_t b, uint64_t c,
                           uint64_t imm)
{
    ((Riscv *)state)->mstatus |= STATUS_FS;
    return 0;
}

static IrGuest guest;
static IrHelper helpers[N_HELPERS];

static void make_guest(void)
{
    memcpy(helpers, riscv_ir.helpers, sizeof(helpers));
    helpers[HELPER_raise].fn = note_raise;
    helpers[HELPER_fs_dirty].fn = note_dirty;
    guest = riscv_ir;
    guest.helpers = helpers;
}

static IrLeft run(Hart *h, uint32_t insn, unsigned flags)
{
    static const IrMachine functions = {
        .load = mem_load,
        .store = mem_store,
        .set_pc = set_pc,
        .faulted = faulted,
        .fp = fp_status,
    };
    uint8_t page[TARGET_PAGE_SIZE] = {0};
    IrMachine machine = functions;
    IrBlock block;
    IrBuilder ir;
    TransJob job = {
        .ir = &ir,
        .vcpu = &h->cpu.vcpu,
        .flags = flags,
        .page = page,
        .max_insns = 1,
    };
    g_autofree char *wrong = NULL;
    uint64_t pc;
    IrLeft left;

    bytes_store_le(page, 4, insn);
    ir_block_init(&block, &guest);
    ir_begin(&ir, &block, 0);
    g_assert_true(riscv_translate(&job));
    wrong = ir_verify(&block);
    g_assert_cmpstr(wrong, ==, NULL);
    machine.ctx = h;
    left = ir_interp(&block, &h->cpu, 0x1000, &machine, &pc);
    ir_block_finish(&block);
    return left;
}

/* ---- one instruction ---- */

static void fill(Hart *h, SfFormat f, bool rv64)
{
    memset(h, 0, sizeof(*h));
    h->cpu.vcpu.exception = -1;
    h->cpu.config.rv64 = rv64;
    h->cpu.config.exts = ~UINT64_C(0);
    for (unsigned i = 0; i < 32; i++) {
        h->cpu.f[i] = fp_random_f(f);
        h->cpu.x[i] = i ? fp_random_x(rv64) : 0;
    }
    for (unsigned i = 0; i < MEM_SIZE; i++) {
        h->mem[i] = (uint8_t)fp_random();
    }
}

static bool has_rm(const RiscvInsn *insn)
{
    return !(insn->mask & 0x7000);
}

static void prepare(Hart *h, FpRef *r, uint32_t insn, unsigned frm)
{
    unsigned rs1 = insn >> 15 & 31, rs2 = insn >> 20 & 31, rs3 = insn >> 27;
    unsigned rm = insn >> 12 & 7;

    h->cpu.vcpu.fp_round = frm;
    /* The host's FPU has no ties away. */
    h->fp.round =
        frm == SF_ROUND_NEAREST_MAX ? SF_ROUND_NEAREST_EVEN : (SfRound)frm;
    r->raw[0] = h->cpu.f[rs1];
    r->raw[1] = h->cpu.f[rs2];
    r->raw[2] = h->cpu.f[rs3];
    r->x[0] = h->cpu.x[rs1];
    r->x[1] = h->cpu.x[rs2];
    r->rs1 = rs1;
    r->st.round = (SfRound)(rm == IR_RM_DYN ? frm : rm);
}

static unsigned block_flags(bool rv64, unsigned fs, unsigned frm)
{
    return (rv64 ? FLAG_RV64 : 0) | fs << FLAG_FS_SHIFT |
           (frm == IR_RM_RMM ? FLAG_FRM_RMM : 0) |
           (frm > IR_RM_RMM ? FLAG_FRM_INVALID : 0);
}

static void expect_state(const Hart *h, const FpRef *r, const uint64_t *f,
                         const uint64_t *x, const RiscvInsn *insn,
                         uint32_t word)
{
    uint32_t flags = h->fp.flags | h->cpu.vcpu.fp_flags;

    if (memcmp(h->cpu.f, f, sizeof(h->cpu.f)) ||
        memcmp(h->cpu.x, x, sizeof(h->cpu.x)) || flags != r->st.flags) {
        unsigned rd = word >> 7 & 31;

        g_error("%s %#x rv%d rm %d: f[rd] %#" G_GINT64_MODIFIER
                "x, want %#" G_GINT64_MODIFIER "x; x[rd] %#" G_GINT64_MODIFIER
                "x, want %#" G_GINT64_MODIFIER "x; flags %#x, want %#x",
                insn->name, word, r->rv64 ? 64 : 32, (int)r->st.round,
                h->cpu.f[rd], f[rd], h->cpu.x[rd], x[rd], flags, r->st.flags);
    }
}

static uint32_t random_word(const RiscvInsn *insn)
{
    uint32_t word = (uint32_t)fp_random();

    if (has_rm(insn)) {
        unsigned rm = (unsigned)(fp_random() % (2 * RESERVED_RM));
        word = (uint32_t)bits_set(word, 12, 3, rm < RESERVED_RM ? rm : 7);
    }
    return (word & ~insn->mask) | insn->match;
}

static void check_insn(const RiscvInsn *insn, bool rv64)
{
    Hart h;
    uint32_t word = random_word(insn);
    unsigned rd = word >> 7 & 31, frm = (unsigned)(fp_random() % RESERVED_RM);
    FpRef r = {.f = fp_operand_format(insn->name), .rv64 = rv64};
    uint64_t f[32], x[32];

    fill(&h, r.f, rv64);
    prepare(&h, &r, word, frm);
    memcpy(f, h.cpu.f, sizeof(f));
    memcpy(x, h.cpu.x, sizeof(x));
    if (!fp_reference(&r, insn->name)) {
        g_error("%s has no reference", insn->name);
    }
    if (r.writes_f) {
        f[rd] = r.f_rd;
    } else if (rd != 0) {
        x[rd] = r.x_rd;
    }
    g_assert_cmpint(run(&h, word, block_flags(rv64, 2, frm)), ==, IR_LEFT_GOTO);
    expect_state(&h, &r, f, x, insn, word);
}

/* FS off, FS clean, reserved rounding modes. */
static void check_refusals(const RiscvInsn *insn, bool rv64)
{
    Hart h;
    uint32_t word = random_word(insn);

    fill(&h, SF_F64, rv64);
    g_assert_cmpint(run(&h, word, block_flags(rv64, 0, 0)), ==, IR_LEFT_RESUME);
    g_assert_cmpint(h.cpu.vcpu.exception, ==, EXC_ILLEGAL);
    fill(&h, SF_F64, rv64);
    if (run(&h, word, block_flags(rv64, 1, 0)) == IR_LEFT_RESUME) {
        g_assert_cmphex(h.cpu.mstatus, ==, STATUS_FS);
        g_assert_cmphex(h.cpu.vcpu.pc, ==, 0x1000);
        g_assert_cmpint(h.cpu.vcpu.exception, ==, -1);
    } else { /* only what reads f registers without setting flags */
        g_assert_true(g_str_has_prefix(insn->name, "fmv") ||
                      g_str_has_prefix(insn->name, "fclass"));
    }
    if (!has_rm(insn)) {
        return;
    }
    fill(&h, SF_F64, rv64);
    word = (uint32_t)bits_set(word, 12, 3, RESERVED_RM + (fp_random() & 1));
    run(&h, word, block_flags(rv64, 2, 0));
    g_assert_cmpint(h.cpu.vcpu.exception, ==, EXC_ILLEGAL);
    fill(&h, SF_F64, rv64);
    run(&h, word | 0x7000, block_flags(rv64, 2, RESERVED_RM));
    g_assert_cmpint(h.cpu.vcpu.exception, ==, EXC_ILLEGAL);
}

static bool is_op_fp(const RiscvInsn *insn)
{
    unsigned opcode = insn->match & 0x7f;

    return insn->width == 32 && !insn->todo && opcode >= 0x43 &&
           opcode <= 0x53 && (opcode & 3) == 3;
}

static void test_insns(gconstpointer data)
{
    bool rv64 = GPOINTER_TO_INT(data) == 64;
    unsigned n = 0;

    for (unsigned i = 0; i < riscv_n_insns; i++) {
        const RiscvInsn *insn = &riscv_insns[i];

        if (!is_op_fp(insn) || (insn->xlen && (insn->xlen == 64) != rv64)) {
            continue;
        }
        for (int j = 0; j < ROUNDS; j++) {
            check_insn(insn, rv64);
        }
        check_refusals(insn, rv64);
        n++;
    }
    g_assert_cmpuint(n, ==, rv64 ? 112 : 100);
}

/* ---- loads and stores ---- */

static void check_memory(unsigned bytes, bool rv64)
{
    unsigned log2 = (unsigned)__builtin_ctz(bytes);
    uint64_t mask = bits_mask(8 * bytes), loaded;
    Hart h;

    /* f6 is loaded from x5 - 2040, f7 stored at x5 - 2032. */
    fill(&h, SF_F64, rv64);
    h.mem_base = h.cpu.x[5] - 2048;
    loaded = bytes_load_le(h.mem + 8, bytes);
    g_assert_cmpint(run(&h, (0x808u << 20) | 5 << 15 | log2 << 12 | 6 << 7 | 7,
                        block_flags(rv64, 2, 0)),
                    ==, IR_LEFT_GOTO);
    g_assert_cmphex(h.cpu.f[6], ==, loaded | ~mask);
    g_assert_cmpint(
        run(&h, 0x80u << 24 | 7 << 20 | 5 << 15 | log2 << 12 | 16 << 7 | 0x27,
            block_flags(rv64, 1, 0)),
        ==, IR_LEFT_GOTO);
    g_assert_cmphex(bytes_load_le(h.mem + 16, bytes), ==, h.cpu.f[7] & mask);
    g_assert_cmphex(h.cpu.mstatus, ==, 0); /* a store leaves FS clean */
}

static void test_memory(void)
{
    for (int i = 0; i < 500; i++) {
        check_memory(2 << i % 3, i & 1);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    make_guest();
    g_test_add_data_func("/riscv/fp/rv64", GINT_TO_POINTER(64), test_insns);
    g_test_add_data_func("/riscv/fp/rv32", GINT_TO_POINTER(32), test_insns);
    g_test_add_func("/riscv/fp/memory", test_memory);
    return g_test_run();
}
