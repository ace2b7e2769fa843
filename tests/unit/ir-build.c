/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/ir-build.c - what the builder promises besides folding (that is
 * tests/ir), what pure operations compute, and that docs/ir.md is current.
 * With -m perf: nanoseconds per guest instruction. */
#include <string.h>
#include <time.h>

#include "tcg/ir/build.h"
#include "tcg/opt/opt.h"
#include "tests/ir/machine.h"

enum { X0, X1, X2, X3, X4, X5, W0, W1, F0 };

static void check_valid(const IrBlock *b)
{
    g_autofree char *wrong = ir_verify(b);

    g_assert_cmpstr(wrong, ==, NULL);
}

/* A front end that goes on after the block has ended changes nothing, and
 * everything it is given back has the right type. */
static void test_ended(void)
{
    g_autofree char *before = NULL, *after = NULL;
    IrBuilder ir;
    IrBlock b;
    IrRef x, y;

    ir_block_init(&b, &machine_guest);
    ir_begin(&ir, &b, 8);
    ir_insn(&ir, 8, 4);
    x = ir_get(&ir, IR_I64, X0);
    g_assert_false(ir_ended(&ir));
    ir_branch(&ir, IR_GEU, x, x, 64);
    g_assert_true(ir_ended(&ir));
    before = ir_print(&b);
    for (unsigned i = 0; i < 1000; i++) {
        uint64_t c;

        ir_insn(&ir, 12 + i, 4);
        y = ir_binary_imm(&ir, IR_ADD, ir_const(&ir, IR_I64, i), 5);
        g_assert_cmpint(ir_type(&ir, y), ==, IR_I64);
        g_assert_false(ir_is_const(&ir, y, &c));
        ir_put(&ir, X1, y);
        y = ir_get(&ir, IR_I32, X1);
        g_assert_cmpint(ir_type(&ir, y), ==, IR_I32);
        y = ir_load(&ir, IR_F32, IR_MO_32, x, 8);
        g_assert_cmpint(ir_type(&ir, ir_nanbox(&ir, y)), ==, IR_F64);
        ir_put(&ir, F0, ir_nanbox(&ir, y));
        ir_store(&ir, IR_MO_32, x, 8, ir_bitcast(&ir, IR_I32, y));
        ir_branch(&ir, IR_EQ, x, ir_get(&ir, IR_I64, X2), 4);
        ir_call(&ir, IR_VOID, 1, 0, x, 0, 0);
        ir_jump(&ir, x, false);
        ir_exit(&ir);
    }
    after = ir_print(&b);
    g_assert_cmpstr(before, ==, after);
    g_assert_cmpuint(b.end, ==, 12);
    g_assert_cmpuint(b.n_insns, ==, 1);
    check_valid(&b);
    ir_begin(&ir, &b, 0); /* and it can be used again */
    g_assert_false(ir_ended(&ir));
    ir_exit(&ir);
    check_valid(&b);
    ir_block_finish(&b);
}

/* Blocks keep their memory: the second one of a size allocates nothing. */
static void test_reuse(void)
{
    IrBuilder ir;
    IrBlock b;
    const IrOp *ops = NULL;

    ir_block_init(&b, &machine_guest);
    for (unsigned round = 0; round < 3; round++) {
        ir_begin(&ir, &b, 0);
        for (unsigned i = 0; i < 5000; i++) {
            ir_put(&ir, X0,
                   ir_binary(&ir, IR_MUL, ir_get(&ir, IR_I64, X0),
                             ir_get(&ir, IR_I64, X1)));
        }
        ir_exit(&ir);
        check_valid(&b);
        g_assert_true(round == 0 || ops == b.ops);
        ops = b.ops;
    }
    ir_block_finish(&b);
}

static uint64_t fold(IrBuilder *ir, IrCode code, IrType t, uint64_t a,
                     uint64_t b)
{
    IrRef x = ir_const(ir, t, a), y = ir_const(ir, t, b);
    uint64_t result = 0;

    g_assert_true(ir_is_const(ir,
                              ir_op_info[code].n_args == 1
                                  ? ir_unary(ir, code, x)
                                  : ir_binary(ir, code, x, y),
                              &result));
    return result;
}

/* The cases manuals disagree about, as ops.def has them. */
static void test_arithmetic(void)
{
    const uint64_t min64 = UINT64_C(1) << 63, min32 = UINT64_C(1) << 31;
    const uint64_t all64 = UINT64_MAX, all32 = UINT32_MAX;
    /* clang-format off */
    const struct {
        IrCode code;
        IrType t;
        uint64_t a, b, result;
    } cases[] = {
        {IR_ADD, IR_I32, all32, 1, 0},
        {IR_SUB, IR_I32, 0, 1, all32},
        {IR_MULHU, IR_I64, all64, all64, all64 - 1},
        {IR_MULHS, IR_I64, min64, min64, min64 >> 1},
        {IR_MULHSU, IR_I64, all64, all64, all64},
        {IR_MULHSU, IR_I64, min64, all64, min64},
        {IR_MULHU, IR_I32, all32, all32, all32 - 1},
        {IR_MULHS, IR_I32, min32, min32, min32 >> 1},
        {IR_MULHSU, IR_I32, all32, all32, all32},
        {IR_DIVU, IR_I64, 7, 0, all64},
        {IR_DIVU, IR_I32, 7, 0, all32},
        {IR_DIVS, IR_I64, 7, 0, all64},
        {IR_DIVS, IR_I64, min64, all64, min64},
        {IR_DIVS, IR_I32, min32, all32, min32},
        {IR_DIVS, IR_I32, (uint32_t)-7, 2, (uint32_t)-3},
        {IR_REMU, IR_I64, 7, 0, 7},
        {IR_REMS, IR_I64, min64, all64, 0},
        {IR_REMS, IR_I32, min32, all32, 0},
        {IR_REMS, IR_I64, -UINT64_C(7), 2, all64},
        {IR_REMS, IR_I32, min32, 0, min32},
        {IR_SHL, IR_I32, 1, 33, 2},
        {IR_SHR, IR_I32, min32, 31, 1},
        {IR_SAR, IR_I32, min32, 63, all32},
        {IR_ROTL, IR_I64, min64, 65, 1},
        {IR_ROTR, IR_I32, 1, 1, min32},
        {IR_ROTL, IR_I32, 5, 0, 5},
        {IR_ANDN, IR_I32, all32, 1, all32 - 1},
        {IR_CLZ, IR_I64, 0, 0, 64},
        {IR_CLZ, IR_I32, 0, 0, 32},
        {IR_CLZ, IR_I32, 1, 0, 31},
        {IR_CTZ, IR_I32, 0, 0, 32},
        {IR_CTZ, IR_I64, min64, 0, 63},
        {IR_POPCNT, IR_I64, all64, 0, 64},
        {IR_BSWAP, IR_I32, 0x11223344, 0, 0x44332211},
        {IR_BSWAP, IR_I64, 0x1122334455667788, 0, 0x8877665544332211},
        {IR_SMIN, IR_I32, min32, 1, min32},
        {IR_UMIN, IR_I32, min32, 1, 1},
        {IR_SMAX, IR_I64, min64, 1, 1},
        {IR_UMAX, IR_I64, min64, 1, min64},
        {IR_FNEG, IR_F32, 0x7fc00000, 0, 0xffc00000},
        {IR_FABS, IR_F64, min64 | 1, 0, 1},
        {IR_FCOPYSIGN, IR_F32, 0x3f800000, min32, 0xbf800000},
    };
    /* clang-format on */
    IrBuilder ir;
    IrBlock b;

    ir_block_init(&b, &machine_guest);
    ir_begin(&ir, &b, 0);
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%u: %s", i, ir_op_info[cases[i].code].name);
        g_assert_cmphex(
            fold(&ir, cases[i].code, cases[i].t, cases[i].a, cases[i].b), ==,
            cases[i].result);
    }
    ir_block_finish(&b);
}

static void test_reference(void)
{
    g_autofree char *path =
        g_test_build_filename(G_TEST_DIST, "../../docs/ir.md", NULL);
    g_autofree char *page = NULL, *reference = ir_reference();

    g_assert_true(g_file_get_contents(path, &page, NULL, NULL));
    if (!strstr(page, reference)) {
        g_error("docs/ir.md: the table of operations should be\n%s", reference);
    }
}

/* A loop body of a compiled program, 12 instructions. */
static void build_typical(IrBuilder *ir, IrBlock *b)
{
    IrRef r;

    ir_begin(ir, b, 0);
    for (unsigned i = 0; i < 12; i++) {
        ir_insn(ir, i * 4, 4);
        switch (i % 6) {
        case 0: /* ld x1, 8(x2) */
            r = ir_load(ir, IR_I64, IR_MO_64, ir_get(ir, IR_I64, X2), 8);
            ir_put(ir, X1, r);
            break;
        case 1: /* addw x3, x1, x4 */
            r = ir_binary(ir, IR_ADD, ir_get(ir, IR_I64, X1),
                          ir_get(ir, IR_I64, X4));
            ir_put(ir, X3, ir_sext(ir, IR_I64, r, 32));
            break;
        case 2: /* slli x3, x3, 3 */
            r = ir_binary_imm(ir, IR_SHL, ir_get(ir, IR_I64, X3), 3);
            ir_put(ir, X3, r);
            break;
        case 3: /* sd x3, 16(x2) */
            ir_store(ir, IR_MO_64, ir_get(ir, IR_I64, X2), 16,
                     ir_get(ir, IR_I64, X3));
            break;
        case 4: /* addi x2, x2, 16 */
            r = ir_binary_imm(ir, IR_ADD, ir_get(ir, IR_I64, X2), 16);
            ir_put(ir, X2, r);
            break;
        default: /* bltu x2, x5, +64 */
            ir_branch(ir, IR_LTU, ir_get(ir, IR_I64, X2),
                      ir_get(ir, IR_I64, X5), 64);
            break;
        }
    }
    ir_goto(ir, 48);
}

/* Seconds of this thread, so that a busy machine does not count. */
static double cpu_time(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void test_speed(void)
{
    const unsigned rounds = 200000;
    IrBuilder ir;
    IrBlock b;
    double build, both;

    ir_block_init(&b, &machine_guest);
    build = -cpu_time();
    for (unsigned i = 0; i < rounds; i++) {
        build_typical(&ir, &b);
    }
    build += cpu_time();
    both = -cpu_time();
    for (unsigned i = 0; i < rounds; i++) {
        build_typical(&ir, &b);
        opt_run(&b, 2);
    }
    both += cpu_time();
    g_test_minimized_result(build * 1e9 / rounds / b.n_insns,
                            "build: %.1f ns per guest instruction",
                            build * 1e9 / rounds / b.n_insns);
    g_test_minimized_result(both * 1e9 / rounds / b.n_insns,
                            "build and optimise: %.1f ns",
                            both * 1e9 / rounds / b.n_insns);
    ir_block_finish(&b);
}

/* The same block, interpreted. */
static void test_interp_speed(void)
{
    const unsigned rounds = 200000;
    IrBuilder ir;
    IrBlock b;
    Machine m;
    double time;

    ir_block_init(&b, &machine_guest);
    build_typical(&ir, &b);
    opt_run(&b, 2);
    machine_init(&m, 1);
    time = -cpu_time();
    for (unsigned i = 0; i < rounds; i++) {
        m.state.x[2] = MACHINE_BASE;
        m.state.x[5] = 0;
        machine_run(&m, &b);
    }
    time += cpu_time();
    g_test_minimized_result(time * 1e9 / rounds / b.n_insns,
                            "interpret: %.1f ns per guest instruction",
                            time * 1e9 / rounds / b.n_insns);
    ir_block_finish(&b);
}

/* A loop that waits reads memory at addresses that stay as they are. */
static void test_waits(void)
{
    static const struct {
        bool waits;
        const char *text;
    } cases[] = {
        {true, "  %1 = get.i64 x1\n"
               "  %2 = ld.i64.32 %1, 8\n"
               "  put %2, x2\n"
               "  %4 = get.i64 x3\n"
               "  br.ne %2, %4, 8\n"
               "  exit\n"},
        {true, "  %1 = get.i64 x1\n" /* through a pointer */
               "  %2 = ld.i64.64 %1, 0\n"
               "  %3 = ld.i64.64 %2, 0\n"
               "  put %3, x2\n"
               "  br.eq %3, %2, 64\n"
               "  goto 8\n"},
        {false, "  %1 = get.i64 x1\n" /* a list */
                "  %2 = ld.i64.64 %1, 0\n"
                "  put %2, x1\n"
                "  br.ne %2, %1, 8\n"
                "  exit\n"},
        {false, "  %1 = get.i64 x1\n" /* a string */
                "  %2 = ld.i64.8 %1, 0\n"
                "  %3 = const.i64 1\n"
                "  %4 = add.i64 %1, %3\n"
                "  put %4, x1\n"
                "  br.ne %2, %3, 8\n"
                "  exit\n"},
        {false, "  %1 = get.i64 x1\n" /* stores */
                "  %2 = ld.i64.64 %1, 0\n"
                "  st.64 %1, %2, 8\n"
                "  br.ne %2, %1, 8\n"
                "  exit\n"},
        {false, "  %1 = get.i64 x1\n" /* goes elsewhere */
                "  %2 = ld.i64.64 %1, 0\n"
                "  br.ne %2, %1, 12\n"
                "  goto 4\n"},
        {false, "  %1 = get.i64 x1\n" /* reads nothing */
                "  %2 = get.i64 x2\n"
                "  br.ne %1, %2, 8\n"
                "  exit\n"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text =
            g_strconcat("block 8 20 3\n", cases[i].text, NULL);
        GError *error = NULL;
        IrBlock b;

        ir_block_init(&b, &machine_guest);
        ir_parse(&b, text, &error);
        g_assert_no_error(error);
        g_assert_cmpint(ir_block_waits(&b), ==, cases[i].waits);
        ir_block_finish(&b);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ir/build/ended", test_ended);
    g_test_add_func("/ir/build/reuse", test_reuse);
    g_test_add_func("/ir/build/arithmetic", test_arithmetic);
    g_test_add_func("/ir/build/reference", test_reference);
    g_test_add_func("/ir/waits", test_waits);
    if (g_test_perf()) {
        g_test_add_func("/ir/build/speed", test_speed);
        g_test_add_func("/ir/interp/speed", test_interp_speed);
    }
    return g_test_run();
}
