/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/plugin/covered.c - a bare program of which run.py knows how often each
 * line runs: as its comment says. */

static volatile unsigned sink;

static __attribute__((noinline)) void often(unsigned n)
{
    if (n == 7) {
        sink += 1; /* runs 1 */
    } else if (n > 100) {
        sink += 2; /* runs 0 */
    } else {
        sink += 3; /* runs 9 */
    }
}

__attribute__((noinline)) void never(void)
{
    sink = 0; /* runs 0 */
}

static __attribute__((noinline)) void power_off(void)
{
#ifdef __riscv
    *(volatile unsigned *)0x100000 = 0x5555;
#else
    register unsigned long call __asm__("x0") = 0x84000008;

    __asm__ volatile("hvc #0" : "+r"(call));
#endif
}

void program(void)
{
    for (unsigned i = 0; i < 10; i++) {
        often(i); /* runs 10 */
    }
    if (sink == 0) {
        never(); /* runs 0 */
    }
    power_off(); /* runs 1 */
    for (;;) {
    }
}

__asm__(".globl _start\n"
        "_start:\n"
#ifdef __riscv
        "la sp, stack_top\n"
        "call program\n"
#else
        "ldr x0, =stack_top\n"
        "mov sp, x0\n"
        "bl program\n"
        ".ltorg\n"
#endif
        ".bss\n"
        ".balign 16\n"
        ".skip 4096\n"
        "stack_top:\n"
        ".text\n");
