/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/control/poke-guest.c - a bare RISC-V program that reads and writes
 * words of memory and devices for who sits at its serial port: tests play
 * drivers with it, while the machine runs. A line "r ADDRESS" is answered with
 * the word, "w ADDRESS WORD" with "ok"; numbers are hexadecimal. */
typedef unsigned int Word;
typedef unsigned long Address;

enum { UART = 0x10000000, STATUS = 5, HAS_INPUT = 1, CAN_SEND = 0x20 };

__asm__(".section .text.unlikely,\"ax\"\n"
        ".globl _start\n"
        "_start: csrr a0, mhartid\n"
        "1: bnez a0, 1b\n"
        "  la sp, stack + 4096\n"
        "  tail serve\n");

char stack[4096] __attribute__((aligned(16)));

static volatile unsigned char *const uart = (void *)(Address)UART;

static char take(void)
{
    while (!(uart[STATUS] & HAS_INPUT)) {
    }
    return (char)uart[0];
}

static void put(char c)
{
    while (!(uart[STATUS] & CAN_SEND)) {
    }
    uart[0] = (unsigned char)c;
}

/* Up to the first character that is no digit. */
static Address take_number(void)
{
    Address n = 0;

    for (;;) {
        char c = take();

        if (c >= '0' && c <= '9') {
            n = n << 4 | (Address)(c - '0');
        } else if (c >= 'a' && c <= 'f') {
            n = n << 4 | (Address)(c - 'a' + 10);
        } else {
            return n;
        }
    }
}

static void put_word(Word w)
{
    for (int shift = 28; shift >= 0; shift -= 4) {
        put("0123456789abcdef"[w >> shift & 15]);
    }
    put('\n');
}

void serve(void)
{
    for (;;) {
        char what = take();
        volatile Word *at;

        take();
        at = (volatile Word *)take_number();
        if (what == 'r') {
            put_word(*at);
        } else {
            *at = (Word)take_number();
            put('o');
            put('k');
            put('\n');
        }
    }
}
