/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/bench/film/film.c - a bare RISC-V program that shows a film through
 * ramfb: 1280x800, 30 pictures a second, soft edges that move, so that every
 * pixel is another each time. With -DSTILL only its first picture.
 * Spec: QEMU's fw_cfg (docs/specs) and ramfb; the virt board's addresses. */
#include <stddef.h>
#include <stdint.h>

#define FW_DATA     (*(volatile uint8_t *)0x10100000)
#define FW_SELECTOR (*(volatile uint16_t *)0x10100008)
#define FW_DMA      (*(volatile uint64_t *)0x10100010)
#define MTIME       (*(volatile uint64_t *)0x0200bff8)
#define MTIMECMP    (*(volatile uint64_t *)0x02004000)
#define SCREEN      ((uint64_t *)0x84000000)
#define PICTURE(n)  ((uint64_t *)(0x81000000 + (n)*0x400000ul))
#define SWAP16(x)   __builtin_bswap16(x)
#define SWAP32(x)   __builtin_bswap32(x)
#define SWAP64(x)   __builtin_bswap64(x)

enum {
    WIDTH = 1280,
    HEIGHT = 800,
    PICTURES = 8,
    TICKS = 10000000 / 30, /* of MTIME, between two pictures */
    DIRECTORY = 0x19,
    DMA_SELECT = 8,
    DMA_WRITE = 16,
    MTIE = 1 << 7,
};

typedef struct {
    uint32_t control, length;
    uint64_t address;
} Dma;

typedef struct __attribute__((packed)) {
    uint64_t address;
    uint32_t fourcc, flags, width, height, stride;
} RamFb;

static uint32_t read32(void)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < 4; i++) {
        value = value << 8 | FW_DATA;
    }
    return value;
}

/* The selector of etc/ramfb; 0: there is none. */
static uint16_t find_ramfb(void)
{
    static const char wanted[] = "etc/ramfb";

    FW_SELECTOR = SWAP16(DIRECTORY);
    for (uint32_t n = read32(); n > 0; n--) {
        uint32_t size = read32();
        uint16_t selector = (uint16_t)(read32() >> 16);
        int same = size != 0;

        for (unsigned i = 0; i < 56; i++) {
            char c = (char)FW_DATA;

            same &= i >= sizeof(wanted) || c == wanted[i];
        }
        if (same) {
            return selector;
        }
    }
    return 0;
}

static void start_screen(uint16_t selector)
{
    static RamFb fb;
    static Dma dma;

    fb.address = SWAP64((uint64_t)SCREEN);
    fb.fourcc = SWAP32(0x34325258); /* XR24 */
    fb.width = SWAP32(WIDTH);
    fb.height = SWAP32(HEIGHT);
    fb.stride = SWAP32(WIDTH * 4);
    dma.length = SWAP32(sizeof(fb));
    dma.address = SWAP64((uint64_t)&fb);
    dma.control = SWAP32((uint32_t)selector << 16 | DMA_SELECT | DMA_WRITE);
    __asm__ volatile("fence" ::: "memory");
    FW_DMA = SWAP64((uint64_t)&dma);
}

static void draw(uint32_t *to, uint32_t frame)
{
    for (uint32_t y = 0; y < HEIGHT; y++) {
        for (uint32_t x = 0; x < WIDTH; x++) {
            uint32_t shade = x / 3 + y / 2 + frame * 5;

            *to++ = (shade & 0xff) << 16 | (shade / 2 & 0xff) << 8 |
                    ((shade / 5 + x) & 0xff);
        }
    }
}

static void show(const uint64_t *picture)
{
    for (size_t i = 0; i < WIDTH * HEIGHT / 2; i++) {
        SCREEN[i] = picture[i];
    }
}

static void sleep_until(uint64_t when)
{
    MTIMECMP = when;
    while (MTIME < when) {
        __asm__ volatile("wfi");
    }
}

void film(void)
{
    uint16_t selector = find_ramfb();
    uint64_t next;

    __asm__ volatile("csrs mie, %0" ::"r"(MTIE));
    for (uint32_t i = 0; i < PICTURES; i++) {
        draw((uint32_t *)PICTURE(i), i);
    }
    show(PICTURE(0));
    if (selector != 0) {
        start_screen(selector);
    }
#ifdef STILL
    sleep_until(UINT64_MAX);
#endif
    next = MTIME;
    for (uint32_t i = 0;; i++) {
        show(PICTURE(i % PICTURES));
        next += TICKS;
        sleep_until(next);
    }
}

/* Linkers put this section first: at the start of RAM, where CPUs begin. */
__asm__(".pushsection .text.unlikely, \"ax\", @progbits\n"
        ".globl _start\n"
        "_start: csrr t0, mhartid\n"
        "1: bnez t0, 1b\n"
        "la sp, stack_end\n"
        "j film\n"
        ".popsection\n"
        ".pushsection .bss, \"aw\", @nobits\n"
        ".balign 16\n"
        ".skip 4096\n"
        "stack_end:\n"
        ".popsection\n");
