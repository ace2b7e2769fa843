/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/boot/debug-program.c - a Linux program to debug from outside: it nests
 * three calls and makes a system call a round. No library: it is small enough
 * to come on a disk of its own. */
typedef unsigned long Word;

volatile Word rounds;

#ifdef __riscv
static void yield_cpu(void)
{
    register Word number __asm__("a7") = 124;
    register Word result __asm__("a0");

    __asm__ volatile(".option push\n.option norvc\n"
                     ".globl call_here\ncall_here: ecall\n"
                     ".globl call_done\ncall_done: nop\n.option pop"
                     : "=r"(result)
                     : "r"(number)
                     : "memory");
}
#else
static void yield_cpu(void)
{
    register Word number __asm__("x8") = 124;
    register Word result __asm__("x0");

    __asm__ volatile(".globl call_here\ncall_here: svc #0\n"
                     ".globl call_done\ncall_done: nop"
                     : "=r"(result)
                     : "r"(number)
                     : "memory");
}
#endif

__attribute__((noinline)) void inner(Word depth)
{
    rounds += depth;
    yield_cpu();
}

__attribute__((noinline)) void middle(Word depth)
{
    inner(depth + 1);
    rounds++;
}

__attribute__((noinline)) void outer(Word depth)
{
    middle(depth + 1);
    rounds++;
}

void _start(void)
{
    for (;;) {
        outer(1);
    }
}
