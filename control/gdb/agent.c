/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/gdb/agent.c - a stack machine with 64-bit values. Its operations are
 * a table: what each takes and leaves is checked before it is done.
 * Left out: floating point, which gdb does not use, and tracing. */
#include "control/gdb/agent.h"

#include <glib.h>

#include "util/bits.h"

enum { MAX_DEPTH = 64, MAX_STEPS = 10000 };

typedef struct {
    const uint8_t *code;
    size_t len, at;
    const AgentView *view;
    uint64_t stack[MAX_DEPTH];
    unsigned depth;
} Agent;

/* operand: the bytes behind the operation, big-endian. args: what was popped,
 * the topmost last; out: what is pushed, likewise. */
typedef bool Operation(Agent *a, uint64_t operand, const uint64_t *args,
                       uint64_t *out);

typedef struct {
    Operation *fn;         /* NULL: there is no such operation */
    uint8_t operand_bytes; /* 0, 1, 2, 4 or 8 */
    uint8_t pops, pushes;
} OperationRow;

enum { MAX_ARGS = 3 };

#define BINARY(name, condition, value)                              \
 static bool name(Agent *a, uint64_t operand, const uint64_t *args, \
                  uint64_t *out)                                    \
 {                                                                  \
  uint64_t l = args[0], r = args[1];                                \
                                                                    \
  if (!(condition)) {                                               \
   return false;                                                    \
  }                                                                 \
  *out = (uint64_t)(value);                                         \
  return true;                                                      \
 }

BINARY(op_add, true, l + r)
BINARY(op_sub, true, l - r)
BINARY(op_mul, true, l *r)
BINARY(op_div_unsigned, r != 0, l / r)
BINARY(op_rem_unsigned, r != 0, l % r)
/* The one quotient that does not fit wraps. */
BINARY(op_div_signed, r != 0,
       r == UINT64_MAX ? 0 - l : (uint64_t)((int64_t)l / (int64_t)r))
BINARY(op_rem_signed, r != 0,
       r == UINT64_MAX ? 0 : (uint64_t)((int64_t)l % (int64_t)r))
BINARY(op_lsh, true, r < 64 ? l << r : 0)
BINARY(op_rsh_signed, true, (int64_t)l >> MIN(r, 63))
BINARY(op_rsh_unsigned, true, r < 64 ? l >> r : 0)
BINARY(op_bit_and, true, l &r)
BINARY(op_bit_or, true, l | r)
BINARY(op_bit_xor, true, l ^ r)
BINARY(op_equal, true, l == r)
BINARY(op_less_signed, true, (int64_t)l < (int64_t)r)
BINARY(op_less_unsigned, true, l < r)

static bool op_log_not(Agent *a, uint64_t operand, const uint64_t *args,
                       uint64_t *out)
{
    *out = args[0] == 0;
    return true;
}

static bool op_bit_not(Agent *a, uint64_t operand, const uint64_t *args,
                       uint64_t *out)
{
    *out = ~args[0];
    return true;
}

static bool op_ext(Agent *a, uint64_t operand, const uint64_t *args,
                   uint64_t *out)
{
    if (operand == 0) {
        return false;
    }
    *out = (uint64_t)bits_sext(args[0], (unsigned)MIN(operand, 64));
    return true;
}

static bool op_zero_ext(Agent *a, uint64_t operand, const uint64_t *args,
                        uint64_t *out)
{
    *out = args[0] & bits_mask((unsigned)operand);
    return true;
}

static bool load(Agent *a, uint64_t addr, unsigned size, uint64_t *out)
{
    uint8_t bytes[8];

    if (!a->view->memory(a->view->opaque, addr, bytes, size)) {
        return false;
    }
    *out = bytes_load_le(bytes, size);
    return true;
}

#define REF(name, size)                                             \
 static bool name(Agent *a, uint64_t operand, const uint64_t *args, \
                  uint64_t *out)                                    \
 {                                                                  \
  return load(a, args[0], size, out);                               \
 }

REF(op_ref8, 1)
REF(op_ref16, 2)
REF(op_ref32, 4)
REF(op_ref64, 8)

static bool op_const(Agent *a, uint64_t operand, const uint64_t *args,
                     uint64_t *out)
{
    *out = operand;
    return true;
}

static bool op_reg(Agent *a, uint64_t operand, const uint64_t *args,
                   uint64_t *out)
{
    return a->view->reg(a->view->opaque, (unsigned)operand, out);
}

static bool op_goto(Agent *a, uint64_t operand, const uint64_t *args,
                    uint64_t *out)
{
    a->at = operand;
    return true;
}

static bool op_if_goto(Agent *a, uint64_t operand, const uint64_t *args,
                       uint64_t *out)
{
    a->at = args[0] != 0 ? operand : a->at;
    return true;
}

static bool op_dup(Agent *a, uint64_t operand, const uint64_t *args,
                   uint64_t *out)
{
    out[0] = out[1] = args[0];
    return true;
}

static bool op_pop(Agent *a, uint64_t operand, const uint64_t *args,
                   uint64_t *out)
{
    return true;
}

static bool op_swap(Agent *a, uint64_t operand, const uint64_t *args,
                    uint64_t *out)
{
    out[0] = args[1];
    out[1] = args[0];
    return true;
}

/* The topmost becomes the third. */
static bool op_rot(Agent *a, uint64_t operand, const uint64_t *args,
                   uint64_t *out)
{
    out[0] = args[2];
    out[1] = args[0];
    out[2] = args[1];
    return true;
}

static bool op_pick(Agent *a, uint64_t operand, const uint64_t *args,
                    uint64_t *out)
{
    if (operand >= a->depth) {
        return false;
    }
    *out = a->stack[a->depth - 1 - operand];
    return true;
}

enum { OP_END = 0x27 };

static const OperationRow rows[] = {
    /*       operation, bytes behind it, pops, pushes */
    [0x02] = {op_add, 0, 2, 1},          [0x03] = {op_sub, 0, 2, 1},
    [0x04] = {op_mul, 0, 2, 1},          [0x05] = {op_div_signed, 0, 2, 1},
    [0x06] = {op_div_unsigned, 0, 2, 1}, [0x07] = {op_rem_signed, 0, 2, 1},
    [0x08] = {op_rem_unsigned, 0, 2, 1}, [0x09] = {op_lsh, 0, 2, 1},
    [0x0a] = {op_rsh_signed, 0, 2, 1},   [0x0b] = {op_rsh_unsigned, 0, 2, 1},
    [0x0e] = {op_log_not, 0, 1, 1},      [0x0f] = {op_bit_and, 0, 2, 1},
    [0x10] = {op_bit_or, 0, 2, 1},       [0x11] = {op_bit_xor, 0, 2, 1},
    [0x12] = {op_bit_not, 0, 1, 1},      [0x13] = {op_equal, 0, 2, 1},
    [0x14] = {op_less_signed, 0, 2, 1},  [0x15] = {op_less_unsigned, 0, 2, 1},
    [0x16] = {op_ext, 1, 1, 1},          [0x17] = {op_ref8, 0, 1, 1},
    [0x18] = {op_ref16, 0, 1, 1},        [0x19] = {op_ref32, 0, 1, 1},
    [0x1a] = {op_ref64, 0, 1, 1},        [0x20] = {op_if_goto, 2, 1, 0},
    [0x21] = {op_goto, 2, 0, 0},         [0x22] = {op_const, 1, 0, 1},
    [0x23] = {op_const, 2, 0, 1},        [0x24] = {op_const, 4, 0, 1},
    [0x25] = {op_const, 8, 0, 1},        [0x26] = {op_reg, 2, 0, 1},
    [0x28] = {op_dup, 0, 1, 2},          [0x29] = {op_pop, 0, 1, 0},
    [0x2a] = {op_zero_ext, 1, 1, 1},     [0x2b] = {op_swap, 0, 2, 2},
    [0x32] = {op_pick, 1, 0, 1},         [0x33] = {op_rot, 0, 3, 3},
};

static bool take_operand(Agent *a, unsigned bytes, uint64_t *operand)
{
    if (a->len - a->at < bytes) {
        return false;
    }
    *operand = 0;
    while (bytes-- > 0) {
        *operand = *operand << 8 | a->code[a->at++];
    }
    return true;
}

static bool step(Agent *a, unsigned op)
{
    const OperationRow *row = op < G_N_ELEMENTS(rows) ? &rows[op] : NULL;
    uint64_t operand, out[MAX_ARGS];
    const uint64_t *args;

    if (row == NULL || row->fn == NULL || a->depth < row->pops ||
        a->depth - row->pops + row->pushes > MAX_DEPTH ||
        !take_operand(a, row->operand_bytes, &operand)) {
        return false;
    }
    args = a->stack + (a->depth - row->pops);
    if (!row->fn(a, operand, args, out)) {
        return false;
    }
    a->depth -= row->pops;
    for (unsigned i = 0; i < row->pushes; i++) {
        a->stack[a->depth++] = out[i];
    }
    return true;
}

bool agent_eval(const uint8_t *code, size_t len, const AgentView *view,
                uint64_t *value)
{
    Agent a = {.code = code, .len = len, .view = view};

    for (unsigned n = 0; n < MAX_STEPS && a.at < len; n++) {
        unsigned op = code[a.at++];

        if (op == OP_END) {
            *value = a.depth > 0 ? a.stack[a.depth - 1] : 0;
            return a.depth > 0;
        }
        if (!step(&a, op)) {
            return false;
        }
    }
    return false;
}
