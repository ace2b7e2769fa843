/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/isa/riscv/fp-program.c - writes an assembly program for the bare virt
 * machine that tries every floating-point instruction and checks itself
 * against fp-ref.h.
 *     fp-program 64|32 >fp.S
 * Per instruction and rounding mode there is a loop over a table of cases:
 * operands, result, flags. The program ends through the test finisher; a
 * failure prints the instruction and how many cases were left.
 * The assembler, not our decode table, encodes what it knows; Zfa is too young
 * for it. */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "target/riscv/translate.h"
#include "tests/isa/riscv/fp-ref.h"

enum { CASES = 8, CASES_NO_RM = 24, N_MODES = 5, DYN = 7 };

static const char *const mode_name[] = {"rne", "rtz", "rdn", "rup",
                                        "rmm", NULL,  NULL,  "dyn"};

/* Registers: s0 the next case, s1 cases left, s2 scratch memory, s3 what to
 * print. Operands are f1 f2 f3 a1 a2, results f4 or a4, flags a5. */
static const char prologue[] = "    .globl _start\n"
                               "_start:\n"
                               "    la t0, fail\n"
                               "    csrw mtvec, t0\n"
                               "    li t0, 0x6000\n"
                               "    csrs mstatus, t0\n"
                               "    la s2, scratch\n";

static const char epilogue[] =
    "    li t1, 0x5555\n"
    "finish:\n"
    "    li t0, 0x100000\n"
    "    sw t1, 0(t0)\n"
    "1:  j 1b\n"
    "check:\n"
    "    lw t0, 0(s2)\n"
    "    lw t1, 40(s0)\n"
    "    bne t0, t1, fail\n"
    "    lw t0, 4(s2)\n"
    "    lw t1, 44(s0)\n"
    "    bne t0, t1, fail\n"
    "    lw t1, 48(s0)\n"
    "    bne a5, t1, fail\n"
    "    addi s0, s0, 56\n"
    "    addi s1, s1, -1\n"
    "    ret\n"
    "    .align 2\n"
    "fail:\n"
    "    li t0, 0x10000000\n"
    "1:  lbu t1, 0(s3)\n"
    "    addi s3, s3, 1\n"
    "    beqz t1, 2f\n"
    "    sb t1, 0(t0)\n"
    "    j 1b\n"
    "2:  addi s1, s1, 64\n" /* '@' is none left, 'A' one ... */
    "    sb s1, 0(t0)\n"
    "    li t1, 10\n"
    "    sb t1, 0(t0)\n"
    "    li t1, 0x13333\n"
    "    j finish\n"
    "    .data\n"
    "    .align 3\n"
    "scratch: .dword 0\n";

/* The registers of an operand in the decode table's assembly text. */
static const struct {
    const char *operand, *name;
    unsigned number, shift;
} registers[] = {
    {"fd", "f4", 4, 7},    {"fs1", "f1", 1, 15}, {"fs2", "f2", 2, 20},
    {"fs3", "f3", 3, 27},  {"rd", "a4", 14, 7},  {"rs1", "a1", 11, 15},
    {"rs2", "a2", 12, 20},
};

static bool has_rm(const RiscvInsn *insn)
{
    return !(insn->mask & 0x7000);
}

static bool is_fli(const RiscvInsn *insn)
{
    return g_str_has_prefix(insn->name, "fli.");
}

/* Exact conversions, to which the assembler gives no rounding mode. */
static bool is_widening(const char *name)
{
    return (g_str_has_prefix(name, "fcvt.d.") && !strchr(name, 'l')) ||
           !strcmp(name, "fcvt.s.h");
}

static void print_mnemonic(const RiscvInsn *insn, unsigned rm)
{
    g_auto(GStrv) words = g_strsplit(insn->assembly, ", ", -1);

    printf("    %s ", insn->name);
    for (unsigned i = 0; words[i]; i++) {
        for (unsigned j = 0; j < G_N_ELEMENTS(registers); j++) {
            if (!strcmp(words[i], registers[j].operand)) {
                printf("%s%s", i ? ", " : "", registers[j].name);
            }
        }
    }
    printf(has_rm(insn) && !is_widening(insn->name) ? ", %s\n" : "\n",
           mode_name[rm]);
}

static void print_word(const RiscvInsn *insn, unsigned rm, unsigned constant)
{
    g_auto(GStrv) words = g_strsplit(insn->assembly, ", ", -1);
    uint32_t word = rm << 12;

    for (unsigned i = 0; words[i]; i++) {
        for (unsigned j = 0; j < G_N_ELEMENTS(registers); j++) {
            if (!strcmp(words[i], registers[j].operand)) {
                word |= registers[j].number << registers[j].shift;
            }
        }
    }
    if (is_fli(insn)) {
        word = (word & ~(31u << 15)) | constant << 15;
    }
    printf("    .word %#x\n", (word & ~insn->mask) | insn->match);
}

static void print_case(const RiscvInsn *insn, FpRef *r, SfRound round)
{
    for (unsigned i = 0; i < 3; i++) {
        r->raw[i] = fp_random_f(r->f);
        printf("    .dword %#" G_GINT64_MODIFIER "x\n", r->raw[i]);
    }
    for (unsigned i = 0; i < 2; i++) {
        r->x[i] = fp_random_x(r->rv64);
        printf("    .dword %#" G_GINT64_MODIFIER "x\n", r->x[i]);
    }
    r->st = (SfStatus){.round = round};
    if (!fp_reference(r, insn->name)) {
        g_error("%s has no reference", insn->name);
    }
    printf("    .dword %#" G_GINT64_MODIFIER "x, %#x\n",
           r->writes_f ? r->f_rd : r->x_rd, r->st.flags);
}

static void print_store(const FpRef *r)
{
    if (r->writes_f) {
        puts("    fsd f4, 0(s2)");
    } else if (r->rv64) {
        puts("    sd a4, 0(s2)");
    } else {
        puts("    sw a4, 0(s2)\n    sw zero, 4(s2)");
    }
}

/* One loop. constant is what fli has in place of a register. */
static void print_loop(const RiscvInsn *insn, bool rv64, unsigned rm,
                       unsigned frm, unsigned constant, unsigned n_cases)
{
    static unsigned number;
    FpRef r = {
        .f = fp_operand_format(insn->name), .rv64 = rv64, .rs1 = constant};
    const char *load = rv64 ? "ld" : "lw";

    number++;
    printf("    .data\ncases%u:\n", number);
    for (unsigned i = 0; i < n_cases; i++) {
        print_case(insn, &r, (SfRound)(rm == DYN ? frm : rm));
    }
    printf("name%u: .asciz \"%s %s %s \"\n    .align 3\n    .text\n", number,
           insn->name, mode_name[rm], mode_name[frm]);
    printf("    la s0, cases%u\n    li s1, %u\n    la s3, name%u\n"
           "    csrwi frm, %u\n1:\n    fld f1, 0(s0)\n    fld f2, 8(s0)\n"
           "    fld f3, 16(s0)\n    %s a1, 24(s0)\n    %s a2, 32(s0)\n"
           "    csrwi fflags, 0\n",
           number, n_cases, number, frm, load, load);
    if (g_str_has_prefix(insn->extension, "zfa")) {
        print_word(insn, rm, constant);
    } else {
        print_mnemonic(insn, rm);
    }
    puts("    csrr a5, fflags");
    print_store(&r);
    puts("    jal ra, check\n    bnez s1, 1b");
}

static void print_insn(const RiscvInsn *insn, bool rv64)
{
    if (is_fli(insn)) {
        for (unsigned i = 0; i < 32; i++) {
            print_loop(insn, rv64, DYN, 0, i, 1);
        }
        return;
    }
    if (!has_rm(insn)) {
        print_loop(insn, rv64, DYN, 0, 0, CASES_NO_RM);
        return;
    }
    for (unsigned mode = 0; mode < N_MODES; mode++) {
        print_loop(insn, rv64, DYN, mode, 0, CASES);
        if (!is_widening(insn->name)) {
            print_loop(insn, rv64, mode, (mode + 1) % N_MODES, 0, CASES);
        }
    }
}

static bool is_op_fp(const RiscvInsn *insn)
{
    unsigned opcode = insn->match & 0x7f;

    return insn->width == 32 && !insn->todo && opcode >= 0x43 &&
           opcode <= 0x53 && (opcode & 3) == 3;
}

int main(int argc, char **argv)
{
    unsigned width = argc == 2 ? (unsigned)atoi(argv[1]) : 0;

    if (width != 64 && width != 32) {
        fputs("usage: fp-program 64|32\n", stderr);
        return 1;
    }
    fputs(prologue, stdout);
    for (unsigned i = 0; i < riscv_n_insns; i++) {
        const RiscvInsn *insn = &riscv_insns[i];

        if (is_op_fp(insn) && (!insn->xlen || insn->xlen == width)) {
            print_insn(insn, width == 64);
        }
    }
    fputs(epilogue, stdout);
    return 0;
}
