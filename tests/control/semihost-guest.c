/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/control/semihost-guest.c - a bare program that uses a file, the console
 * and commands through semihosting, says what it got, and ends with code 7. */
typedef unsigned long Word;
typedef long Answer;

enum {
    SYS_OPEN = 0x01,
    SYS_CLOSE = 0x02,
    SYS_WRITEC = 0x03,
    SYS_WRITE0 = 0x04,
    SYS_WRITE = 0x05,
    SYS_READ = 0x06,
    SYS_READC = 0x07,
    SYS_ISTTY = 0x09,
    SYS_SEEK = 0x0a,
    SYS_FLEN = 0x0c,
    SYS_REMOVE = 0x0e,
    SYS_RENAME = 0x0f,
    SYS_TIME = 0x11,
    SYS_SYSTEM = 0x12,
    SYS_ERRNO = 0x13,
    SYS_EXIT_EXTENDED = 0x20,
};
enum { MODE_R = 0, MODE_W = 4, MODE_WP_B = 7, MODE_A = 8 };
enum { BIG = 20000, APPLICATION_EXIT = 0x20026, EXIT_CODE = 7 };

volatile Word ticks; /* counted by the second CPU */
volatile Word rounds;
char big[BIG];
char stack[16384] __attribute__((aligned(16)));

void run(Word cpu);

#ifdef __riscv
__asm__(".section .text.unlikely,\"ax\"\n"
        ".globl _start\n"
        "_start: csrr a0, mhartid\n"
        "  la sp, stack\n"
        "  li t0, 16384\n"
        "  add sp, sp, t0\n"
        "  tail run\n");

__attribute__((noinline, aligned(16))) static Answer call(Word op, Word param)
{
    register Word a0 __asm__("a0") = op;
    register Word a1 __asm__("a1") = param;

    __asm__ volatile(".option push\n.option norvc\n"
                     ".balign 16\n"
                     "slli zero, zero, 0x1f\n"
                     ".globl call_here\ncall_here: ebreak\n"
                     "srai zero, zero, 7\n.option pop"
                     : "+r"(a0)
                     : "r"(a1)
                     : "memory");
    return (Answer)a0;
}
#else
__asm__(".section .text.unlikely,\"ax\"\n"
        ".globl _start\n"
        "_start: adrp x1, stack + 16384\n"
        "  add x1, x1, :lo12:stack + 16384\n"
        "  mov sp, x1\n"
        "  mov x0, #0\n"
        "  b run\n");

__attribute__((noinline)) static Answer call(Word op, Word param)
{
    register Word x0 __asm__("x0") = op;
    register Word x1 __asm__("x1") = param;

    __asm__ volatile(".globl call_here\ncall_here: hlt #0xf000"
                     : "+r"(x0)
                     : "r"(x1)
                     : "memory");
    return (Answer)x0;
}
#endif

static Word length(const char *text)
{
    Word n = 0;

    while (text[n] != 0) {
        n++;
    }
    return n;
}

static Answer call_with(Word op, Word a, Word b, Word c, Word d)
{
    volatile Word block[4] = {a, b, c, d};

    return call(op, (Word)block);
}

static Answer open_file(const char *name, Word mode)
{
    return call_with(SYS_OPEN, (Word)name, mode, length(name), 0);
}

static void say(const char *text)
{
    call(SYS_WRITE0, (Word)text);
}

/* "name value" */
static void tell(const char *name, Answer value)
{
    char text[24];
    unsigned at = sizeof(text) - 1;
    Word left = value < 0 ? -(Word)value : (Word)value;

    text[at] = 0;
    text[--at] = '\n';
    do {
        text[--at] = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (value < 0) {
        text[--at] = '-';
    }
    text[--at] = ' ';
    say(name);
    say(text + at);
}

static int big_is(char first)
{
    for (unsigned i = 0; i < BIG; i++) {
        if (big[i] != (char)(first + i % 7)) {
            return 0;
        }
    }
    return 1;
}

static void use_file(void)
{
    Answer f = open_file("one", MODE_WP_B);

    tell("opened", f > 0);
    for (unsigned i = 0; i < BIG; i++) {
        big[i] = (char)('a' + i % 7);
    }
    tell("write", call_with(SYS_WRITE, (Word)f, (Word)big, BIG, 0));
    tell("flen", call_with(SYS_FLEN, (Word)f, 0, 0, 0));
    tell("istty", call_with(SYS_ISTTY, (Word)f, 0, 0, 0));
    tell("seek", call_with(SYS_SEEK, (Word)f, 7, 0, 0));
    big[0] = big[BIG - 8] = 0;
    tell("read", call_with(SYS_READ, (Word)f, (Word)big, BIG, 0));
    tell("end", call_with(SYS_READ, (Word)f, (Word)big, 5, 0));
    for (unsigned i = BIG - 7; i < BIG; i++) {
        big[i] = (char)('a' + i % 7);
    }
    tell("same", big_is('a'));
    tell("close", call_with(SYS_CLOSE, (Word)f, 0, 0, 0));
    tell("closed", call_with(SYS_CLOSE, (Word)f, 0, 0, 0));
    tell("errno", call(SYS_ERRNO, 0));
}

static void use_names(void)
{
    tell("rename", call_with(SYS_RENAME, (Word) "one", 3, (Word) "two", 3));
    tell("old name", open_file("one", MODE_R));
    tell("errno", call(SYS_ERRNO, 0));
    tell("system", call_with(SYS_SYSTEM, (Word) "test -s two", 11, 0, 0));
    tell("remove", call_with(SYS_REMOVE, (Word) "two", 3, 0, 0));
    tell("again", call_with(SYS_REMOVE, (Word) "two", 3, 0, 0));
}

static void use_console(void)
{
    Answer out = open_file(":tt", MODE_W), err = open_file(":tt", MODE_A);
    char line[16] = "";
    char dot = '.';

    tell("tty", call_with(SYS_ISTTY, (Word)out, 0, 0, 0));
    tell("out", call_with(SYS_WRITE, (Word)out, (Word) "hello\n", 6, 0));
    tell("err", call_with(SYS_WRITE, (Word)err, (Word) "world\n", 6, 0));
    call(SYS_WRITEC, (Word)&dot);
    tell("time", call(SYS_TIME, 0) > 1000000000);
    tell("readc", call(SYS_READC, 0));
    tell("line", 16 - call_with(SYS_READ, (Word)open_file(":tt", MODE_R),
                                (Word)line, 16, 0));
    say(line);
}

__attribute__((noinline)) void finished(void)
{
    say("finished\n");
}

void run(Word cpu)
{
    while (cpu != 0) {
        ticks++;
    }
    use_file();
    use_names();
    use_console();
    finished();
    while (rounds > 0) { /* set by a debugger */
        rounds--;
        call(SYS_WRITEC, (Word) "x");
    }
    call_with(SYS_EXIT_EXTENDED, APPLICATION_EXIT, EXIT_CODE, 0, 0);
    for (;;) {
    }
}
