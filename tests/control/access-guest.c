/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/control/access-guest.c - a bare program, behind an MMU, that makes
 * every kind of access over and over. What an access is, and which bytes it
 * touches, is in the symbol of its instruction: access_NAME_KINDS_FIRST_LENGTH,
 * from area on, in decimal; the address register holds area + FIRST. The RAM is
 * also at ALIAS above its own address. */
#define TEXT_(x) #x
#define TEXT(x)  TEXT_(x)
#define ACCESS(name, kinds, first, length, insn)                              \
 __asm__ volatile(ADDRESS(first) ".globl access_" #name "_" #kinds "_" #first \
                                 "_" #length "\naccess_" #name "_" #kinds     \
                                 "_" #first "_" #length ": " insn ::          \
                                     : CLOBBERS)

enum { PAGE = 4096 };

char area[4 * PAGE] __attribute__((aligned(4096)));
char stack[4096] __attribute__((aligned(16)));
unsigned long tables[512] __attribute__((aligned(4096)));

#ifdef __riscv
# define ADDRESS(first) "la a0, area + " # first "\n"
# define CLOBBERS       "a0", "a1", "a2", "a3", "a4", "a5", "fa0", "memory"

/* Sv39 with pages of 1 GiB: RAM at its place and one behind it. */
__asm__(".section .text.unlikely,\"ax\"\n"
        ".option norvc\n"
        ".globl _start\n"
        "_start: csrr a0, mhartid\n"
        "1: bnez a0, 1b\n"
        "  la sp, stack + 4096\n"
        "  li t0, -1\n"
        "  csrw pmpaddr0, t0\n"
        "  li t0, 0x1f\n"
        "  csrw pmpcfg0, t0\n"
        "  li t0, 0xf0\n" /* cache block instructions */
        "  csrw menvcfg, t0\n"
        "  la t1, tables\n"
        "  li t0, 0x200000cf\n"
        "  sd t0, 16(t1)\n"
        "  sd t0, 24(t1)\n"
        "  srli t1, t1, 12\n"
        "  li t0, 8\n"
        "  slli t0, t0, 60\n"
        "  or t0, t0, t1\n"
        "  csrw satp, t0\n"
        "  sfence.vma\n"
        "  li t0, 0x2800\n" /* FPU on, to S mode */
        "  csrw mstatus, t0\n"
        "  la t0, run\n"
        "  csrw mepc, t0\n"
        "  mret\n");

static void accesses(void)
{
    ACCESS(byte, w, 100, 1, "sb a1, (a0)");
    ACCESS(byte, r, 100, 1, "lbu a1, (a0)");
    ACCESS(wide, w, 104, 8, "sd a1, (a0)");
    ACCESS(wide, r, 104, 8, "ld a1, (a0)");
    ACCESS(unaligned, w, 203, 8, "sd a1, (a0)");
    ACCESS(unaligned, r, 203, 8, "ld a1, (a0)");
    ACCESS(crossing, w, 4093, 8, "sd a1, (a0)");
    ACCESS(crossing, r, 4093, 8, "ld a1, (a0)");
    ACCESS(float, w, 304, 8, "fsd fa0, (a0)");
    ACCESS(float, r, 304, 8, "fld fa0, (a0)");
    ACCESS(single, w, 312, 4, "fsw fa0, (a0)");
    ACCESS(amo, rw, 400, 8, "amoadd.d a1, a2, (a0)");
    ACCESS(swap, rw, 408, 4, "amoswap.w.aqrl a1, a2, (a0)");
    ACCESS(cas, rw, 416, 8, ".insn r 0x2f, 3, 0x14, a1, a0, a2");
    ACCESS(casquad, rw, 448, 16, ".insn r 0x2f, 4, 0x14, a4, a0, a2");
    ACCESS(linked, r, 424, 8, "lr.d a1, (a0)");
    ACCESS(linkedfirst, r, 432, 8, "lr.d a1, (a0)");
    ACCESS(conditional, w, 432, 8, "sc.d a1, a2, (a0)");
    ACCESS(zero, w, 8192, 64, ".insn i 0x0f, 2, x0, a0, 4");
}
#else
# define ADDRESS(first) \
  "adrp x0, area + " #first "\n add x0, x0, :lo12:area + " #first "\n"
# define CLOBBERS "x0", "x1", "x2", "x3", "x4", "x5", "memory"

/* Blocks of 1 GiB: what is no RAM, RAM, and RAM again. */
__asm__(".section .text.unlikely,\"ax\"\n"
        ".arch armv8.5-a\n"
        ".globl _start\n"
        "_start: adrp x0, stack + 4096\n"
        "  add x0, x0, :lo12:stack + 4096\n"
        "  mov sp, x0\n"
        "  mov x0, #(3 << 20)\n" /* SIMD */
        "  msr cpacr_el1, x0\n"
        "  adrp x1, tables\n"
        "  add x1, x1, :lo12:tables\n"
        "  mov x0, #0x705\n" /* normal, shared, used */
        "  movk x0, #0x4000, lsl #16\n"
        "  str x0, [x1, #8]\n"
        "  str x0, [x1, #16]\n"
        "  msr ttbr0_el1, x1\n"
        "  mov x0, #0xff00\n" /* attribute 1: write-back */
        "  msr mair_el1, x0\n"
        "  mov x0, #0x3519\n" /* 39 bits, write-back, shared */
        "  movk x0, #0x80, lsl #16\n"
        "  msr tcr_el1, x0\n"
        "  isb\n"
        "  mrs x0, sctlr_el1\n"
        "  orr x0, x0, #1\n"
        "  orr x0, x0, #4\n"
        "  bic x0, x0, #2\n"
        "  msr sctlr_el1, x0\n"
        "  isb\n"
        "  b run\n");

static void accesses(void)
{
    ACCESS(byte, w, 100, 1, "strb w1, [x0]");
    ACCESS(byte, r, 100, 1, "ldrb w1, [x0]");
    ACCESS(wide, w, 104, 8, "str x1, [x0]");
    ACCESS(wide, r, 104, 8, "ldr x1, [x0]");
    ACCESS(pair, w, 112, 16, "stp x1, x2, [x0]");
    ACCESS(pair, r, 112, 16, "ldp x1, x2, [x0]");
    ACCESS(unaligned, w, 203, 8, "str x1, [x0]");
    ACCESS(unaligned, r, 203, 8, "ldr x1, [x0]");
    ACCESS(crossing, w, 4093, 8, "str x1, [x0]");
    ACCESS(crossing, r, 4093, 8, "ldr x1, [x0]");
    ACCESS(quad, w, 304, 16, "str q0, [x0]");
    ACCESS(quad, r, 304, 16, "ldr q0, [x0]");
    ACCESS(quads, w, 320, 32, "stp q0, q1, [x0]");
    ACCESS(quads, r, 320, 32, "ldp q0, q1, [x0]");
    ACCESS(quadcrossing, w, 8185, 16, "str q0, [x0]");
    ACCESS(quadcrossing, r, 8185, 16, "ldr q0, [x0]");
    ACCESS(vectors, w, 512, 64, "st4 {v0.16b-v3.16b}, [x0]");
    ACCESS(vectors, r, 512, 64, "ld4 {v0.16b-v3.16b}, [x0]");
    ACCESS(lane, w, 600, 4, "st1 {v0.s}[2], [x0]");
    ACCESS(lane, r, 600, 4, "ld1r {v0.4s}, [x0]");
    ACCESS(linked, r, 640, 8, "ldxr x1, [x0]");
    ACCESS(linkedfirst, r, 648, 8, "ldxr x1, [x0]");
    ACCESS(conditional, w, 648, 8, "stxr w3, x2, [x0]");
    ACCESS(linkedpair, r, 656, 16, "ldaxp x1, x2, [x0]");
    ACCESS(amo, rw, 704, 8, "ldadd x1, x2, [x0]");
    ACCESS(swap, rw, 712, 4, "swpal w1, w2, [x0]");
    ACCESS(cas, rw, 720, 8, "cas x1, x2, [x0]");
    ACCESS(caspair, rw, 736, 16, "casp x2, x3, x4, x5, [x0]");
    ACCESS(zero, w, 12288, 64, "dc zva, x0");
}
#endif

void run(void)
{
    for (;;) {
        accesses();
    }
}
