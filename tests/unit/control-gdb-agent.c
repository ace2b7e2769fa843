/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/control-gdb-agent.c - expressions of the debugger: every
 * operation, and every way in which one can be wrong. */
#include <glib.h>

#include "control/gdb/agent.h"
#include "util/bits.h"

#define SMALLEST UINT64_C(0x8000000000000000)
#define C8(v)    0x22, v
#define MINUS    0x22, 0xff, 0x16, 8 /* -1 */
#define MIN64    0x25, 0x80, 0, 0, 0, 0, 0, 0, 0
#define END      0x27

typedef struct {
    uint8_t code[32];
    unsigned len;
    uint64_t value;
    bool wrong;
} Case;

#define IS(v, ...)                                                   \
 {                                                                   \
  {__VA_ARGS__, END}, sizeof((uint8_t[]){__VA_ARGS__}) + 1, v, false \
 }
#define WRONG(...)                                         \
 {                                                         \
  {__VA_ARGS__}, sizeof((uint8_t[]){__VA_ARGS__}), 0, true \
 }

static const Case cases[] = {
    IS(12, C8(5), C8(7), 0x02),
    IS(UINT64_MAX - 1, C8(5), C8(7), 0x03),
    IS(35, C8(5), C8(7), 0x04),
    IS(UINT64_C(0) - 3, MINUS, C8(3), 0x04),
    IS(UINT64_C(0) - 3, C8(9), MINUS, C8(3), 0x04, 0x05),
    IS(SMALLEST, MIN64, MINUS, 0x05),
    IS(0, MIN64, MINUS, 0x07),
    IS(UINT64_C(0) - 1, MINUS, C8(2), 0x07),
    IS(UINT64_MAX / 2, MINUS, C8(2), 0x06),
    IS(1, MINUS, C8(2), 0x08),
    IS(20, C8(5), C8(2), 0x09),
    IS(0, C8(5), C8(64), 0x09),
    IS(UINT64_MAX, MINUS, C8(200), 0x0a),
    IS(1, MINUS, C8(63), 0x0b),
    IS(0, MINUS, C8(64), 0x0b),
    IS(1, C8(0), 0x0e),
    IS(0, C8(9), 0x0e),
    IS(4, C8(6), C8(12), 0x0f),
    IS(14, C8(6), C8(12), 0x10),
    IS(10, C8(6), C8(12), 0x11),
    IS(UINT64_C(0) - 7, C8(6), 0x12),
    IS(1, C8(6), C8(6), 0x13),
    IS(0, C8(6), C8(7), 0x13),
    IS(1, MINUS, C8(7), 0x14),
    IS(0, MINUS, C8(7), 0x15),
    IS(UINT64_MAX - 127, C8(0x80), 0x16, 8),
    IS(0x80, C8(0x80), 0x16, 64),
    IS(0xff, MINUS, 0x2a, 8),
    IS(UINT64_MAX, MINUS, 0x2a, 200),
    /* Memory: each byte is its address. */
    IS(0x10, C8(0x10), 0x17),
    IS(0x1110, C8(0x10), 0x18),
    IS(0x13121110, C8(0x10), 0x19),
    IS(UINT64_C(0x1716151413121110), C8(0x10), 0x1a),
    IS(0x1234, 0x23, 0x12, 0x34),
    IS(0x12345678, 0x24, 0x12, 0x34, 0x56, 0x78),
    IS(0x1003, 0x26, 0, 3), /* a register */
    IS(10, C8(5), 0x28, 0x02),
    IS(5, C8(5), C8(7), 0x29),
    IS(2, C8(5), C8(7), 0x2b, 0x03),
    IS(5, C8(5), C8(6), C8(7), 0x32, 2),
    IS(2, C8(1), C8(2), C8(3), 0x33),             /* 3 1 2 */
    IS(1, C8(1), C8(2), C8(3), 0x33, 0x29),       /* 3 1 */
    IS(3, C8(1), C8(2), C8(3), 0x33, 0x29, 0x29), /* 3 */
    IS(9, C8(1), 0x20, 0, 8, C8(8), END, C8(9)),
    IS(8, C8(0), 0x20, 0, 8, C8(8), END, C8(9)),
    IS(9, 0x21, 0, 6, C8(8), END, C8(9)),

    WRONG(END),       /* nothing there */
    WRONG(C8(1)),     /* no end */
    WRONG(0x02, END), /* nothing to add */
    WRONG(C8(1), 0x02, END),
    WRONG(0x29, END),
    WRONG(C8(1), C8(0), 0x05, END), /* divisions by 0 */
    WRONG(C8(1), C8(0), 0x06, END),
    WRONG(C8(1), C8(0), 0x07, END),
    WRONG(C8(1), C8(0), 0x08, END),
    WRONG(C8(1), 0x16, 0, END),
    WRONG(0x22), /* cut off */
    WRONG(0x23, 1),
    WRONG(0x25, 1, 2, 3, 4, 5, 6, 7),
    WRONG(0x26, 0),
    WRONG(0x21, 0),
    WRONG(0x21, 0, 0),            /* for ever */
    WRONG(0x21, 0xff, 0xff, END), /* behind the end */
    WRONG(C8(1), 0x21, 0, 0),     /* too deep */
    WRONG(0x26, 1, 0, END),       /* no such register */
    WRONG(C8(0xf0), 0x17, END),   /* no memory */
    WRONG(C8(1), 0x32, 1, END),   /* not so deep */
    WRONG(C8(1), C8(2), 0x33, END),
    WRONG(0x00, END), /* no such operation, or not here */
    WRONG(C8(1), 0x01, END),
    WRONG(C8(1), C8(1), 0x0c, END),
    WRONG(0x2c, 0, 0, END),
    WRONG(0x34, 0, 0, END),
    WRONG(0xff, END),
};

static bool reg(void *opaque, unsigned number, uint64_t *value)
{
    *value = 0x1000 + number;
    return number < 256;
}

static bool memory(void *opaque, uint64_t addr, void *to, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        ((uint8_t *)to)[i] = (uint8_t)(addr + i);
    }
    return addr < 0xf0;
}

static void test_cases(void)
{
    static const AgentView view = {reg, memory, NULL};

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        const Case *c = &cases[i];
        /* To the byte, so that a sanitizer sees who reads behind it. */
        g_autofree uint8_t *code = g_memdup2(c->code, c->len);
        uint64_t value = 0;
        bool done = agent_eval(code, c->len, &view, &value);

        if (done == c->wrong || (done && value != c->value)) {
            g_error("case %u: %d, 0x%" G_GINT64_MODIFIER "x", i, done, value);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/control/gdb/agent", test_cases);
    return g_test_run();
}
