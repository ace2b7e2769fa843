/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/control/timer-guest.c - a bare program with a timer interrupt, that
 * counts, sleeps or spins as a debugger tells it. */
typedef unsigned long Word;

enum { COUNT, SLEEP, SPIN };
enum { PERIOD = 1000, STACK = 4096 };

volatile Word mode;
volatile Word rounds;
volatile Word interrupts;
volatile Word now; /* of the counter that the timer compares with */
volatile Word frequency;
char stack[STACK] __attribute__((aligned(16)));

void run(void);

#ifdef __riscv
enum { MTIMECMP = 0x02004000, MTIME = 0x0200bff8, VIRT_HZ = 10000000 };

__asm__(".section .text.unlikely,\"ax\"\n"
        ".globl _start\n"
        "_start: csrr a0, mhartid\n"
        "1: bnez a0, 1b\n"
        "  la sp, stack + 4096\n"
        "  j run\n");

static Word counter(void)
{
    return *(volatile Word *)MTIME;
}

static void rearm(void)
{
    *(volatile Word *)MTIMECMP = counter() + PERIOD;
}

__attribute__((interrupt("machine"), aligned(4))) void handler(void)
{
    interrupts++;
    rearm();
}

static void allow_interrupts(void)
{
    frequency = VIRT_HZ;
    __asm__ volatile(
        "csrw mtvec, %0\n csrw mie, %1\n csrsi mstatus, 8" ::"r"(handler),
        "r"(1 << 7));
}

static void forbid_interrupts(void)
{
    __asm__ volatile("csrw mie, zero");
}

# define WFI  "wfi"
# define JUMP "j"
#else
enum { GICD = 0x08000000, GICC = 0x08010000, TIMER = 27 };

__asm__(".section .text.unlikely,\"ax\"\n"
        ".globl _start\n"
        "_start: adrp x1, stack + 4096\n"
        "  add x1, x1, :lo12:stack + 4096\n"
        "  mov sp, x1\n"
        "  adrp x1, vectors\n"
        "  add x1, x1, :lo12:vectors\n"
        "  msr vbar_el1, x1\n"
        "  isb\n"
        "  b run\n"
        ".text\n"
        ".balign 2048\n"
        "vectors: .fill 160, 4, 0x14000000\n" /* b . */
        ".globl handler\n"
        "handler: stp x0, x1, [sp, #-16]!\n" /* IRQ, current level */
        "  stp x2, x30, [sp, #-16]!\n"
        "  mov x0, #0x08010000\n"
        "  ldr w1, [x0, #12]\n" /* whose it is */
        "  mov x2, #1000\n"
        "  msr cntv_tval_el0, x2\n"
        "  isb\n"
        "  str w1, [x0, #16]\n"
        "  adrp x0, interrupts\n"
        "  add x0, x0, :lo12:interrupts\n"
        "  ldr x1, [x0]\n"
        "  add x1, x1, #1\n"
        "  str x1, [x0]\n"
        "  ldp x2, x30, [sp], #16\n"
        "  ldp x0, x1, [sp], #16\n"
        "  eret\n");

static volatile unsigned *word(Word at)
{
    return (volatile unsigned *)at;
}

static Word counter(void)
{
    Word value;

    __asm__ volatile("isb\n mrs %0, cntvct_el0" : "=r"(value));
    return value;
}

static void rearm(void)
{
    __asm__ volatile("msr cntv_tval_el0, %0\n msr cntv_ctl_el0, %1\n isb" ::"r"(
                         (Word)PERIOD),
                     "r"((Word)1));
}

static void allow_interrupts(void)
{
    Word hz;

    __asm__ volatile("mrs %0, cntfrq_el0" : "=r"(hz));
    frequency = hz;
    *word(GICD) = 1;
    *word(GICD + 0x100) = 1u << TIMER;
    *word(GICC + 4) = 0xff;
    *word(GICC) = 1;
    __asm__ volatile("msr daifclr, #2");
}

static void forbid_interrupts(void)
{
    __asm__ volatile("msr cntv_ctl_el0, xzr\n msr daifset, #2");
}

# define WFI  "wfi"
# define JUMP "b"
#endif

__attribute__((noinline)) void count(void)
{
    rounds++;
    now = counter();
}

void run(void)
{
    rearm();
    allow_interrupts();
    for (;;) {
        if (mode == SLEEP) {
            forbid_interrupts();
            __asm__ volatile(".globl sleep_here\nsleep_here: " WFI);
        } else if (mode == SPIN) {
            forbid_interrupts();
            __asm__ volatile(".globl spin_here\nspin_here: " JUMP " spin_here");
        } else {
            count();
        }
    }
}
