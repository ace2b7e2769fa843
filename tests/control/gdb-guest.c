/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/control/gdb-guest.c - a bare program to debug: every CPU counts in a
 * word of its own; the first one also nests calls and takes an exception a
 * round. */
typedef unsigned long Word;

enum { MAX_CPUS = 8, STACK = 4096 };

volatile Word counters[MAX_CPUS];
volatile Word watched;
volatile Word exceptions;
char stacks[MAX_CPUS][STACK] __attribute__((aligned(16)));

void main_loop(Word cpu);

#ifdef __riscv
__asm__(".section .text.unlikely,\"ax\"\n"
        ".globl _start\n"
        "_start: csrr a0, mhartid\n"
        "  la sp, stacks\n"
        "  slli t0, a0, 12\n"
        "  add sp, sp, t0\n"
        "  li t0, 4096\n"
        "  add sp, sp, t0\n"
        "  la t0, handler\n"
        "  csrw mtvec, t0\n"
        "  tail main_loop\n"
        ".text\n"
        ".balign 4\n"
        ".globl handler\n"
        "handler: la t0, exceptions\n"
        "  lw t1, 0(t0)\n"
        "  addi t1, t1, 1\n"
        "  sw t1, 0(t0)\n"
        "  csrr t0, mepc\n"
        "  addi t0, t0, 4\n"
        "  csrw mepc, t0\n"
        "  mret\n");

static void start_others(void)
{
}

__attribute__((noinline)) void trap(void)
{
    __asm__ volatile(".option push\n.option norvc\n"
                     ".globl trap_here\ntrap_here: ecall\n"
                     ".globl trap_done\ntrap_done: nop\n.option pop" ::
                         : "t0", "t1", "memory");
}
#else
__asm__(".section .text.unlikely,\"ax\"\n"
        ".globl _start\n"
        "_start: mrs x0, mpidr_el1\n"
        "  and x0, x0, #0xff\n"
        "  adrp x1, stacks\n"
        "  add x1, x1, :lo12:stacks\n"
        "  add x2, x0, #1\n"
        "  add x1, x1, x2, lsl #12\n"
        "  mov sp, x1\n"
        "  adrp x1, vectors\n"
        "  add x1, x1, :lo12:vectors\n"
        "  msr vbar_el1, x1\n"
        "  isb\n"
        "  b main_loop\n"
        ".text\n"
        ".balign 2048\n"
        "vectors: .fill 128, 4, 0xd503201f\n" /* nop */
        ".globl handler\n"
        "handler: adrp x9, exceptions\n" /* current level, SPx */
        "  ldr x10, [x9, :lo12:exceptions]\n"
        "  add x10, x10, #1\n"
        "  str x10, [x9, :lo12:exceptions]\n"
        "  eret\n");

static void start_others(void)
{
    extern char _start[];

    for (Word cpu = 1; cpu < MAX_CPUS; cpu++) {
        register Word x0 __asm__("x0") = 0xc4000003; /* PSCI CPU_ON */
        register Word x1 __asm__("x1") = cpu;
        register Word x2 __asm__("x2") = (Word)_start;
        register Word x3 __asm__("x3") = 0;

        __asm__ volatile("hvc #0"
                         : "+r"(x0)
                         : "r"(x1), "r"(x2), "r"(x3)
                         : "memory");
    }
}

__attribute__((noinline)) void trap(void)
{
    __asm__ volatile(".globl trap_here\ntrap_here: svc #0\n"
                     ".globl trap_done\ntrap_done: nop" ::
                         : "x9", "x10", "memory");
}
#endif

__attribute__((noinline)) void leaf(Word depth)
{
    watched = watched + depth;
}

__attribute__((noinline)) void nest(Word depth)
{
    if (depth == 3) {
        leaf(depth);
    } else {
        nest(depth + 1);
    }
    counters[0]++;
}

void main_loop(Word cpu)
{
    if (cpu == 0) {
        start_others();
    }
    for (;;) {
        counters[cpu]++;
        if (cpu == 0) {
            nest(0);
            trap();
        }
    }
}
