/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/a64-simd-mem.c - loads and stores of vector registers.
 * Everything is loaded before the first register changes, so a fault finds
 * them as they were.
 * Spec: DDI 0487 C4.1.94, C7.2. */
#include "target/arm/simd.h"
#include "util/bits.h"

enum { SCALE_Q = 4 }; /* log2 of an access' bytes */

static IrRef load(Trans *t, unsigned scale, IrRef addr, int64_t offset)
{
    static const uint8_t types[] = {IR_I64, IR_I64, IR_F32, IR_F64, IR_V128};

    return ir_load(t->ir, (IrType)types[scale], mem_op(t, scale), addr, offset);
}

static void store(Trans *t, unsigned scale, IrRef addr, int64_t offset,
                  unsigned reg)
{
    IrRef v;

    switch (scale) {
    case SCALE_Q:
        v = get_v(t, reg);
        break;
    case 3:
        v = get_d(t, reg);
        break;
    case 2:
        v = get_s(t, reg);
        break;
    default:
        v = ir_vget(t->ir, IR_I64, scale, 0, get_v(t, reg));
    }
    ir_store(t->ir, mem_op(t, scale), addr, offset, v);
}

/* ---- one register ---- */

/* size, and 4 for Q, whose size is 0; above: unallocated. */
static unsigned scale_of(unsigned size, unsigned opc)
{
    return (opc & 2) << 1 | size;
}

typedef enum { OFFSET, PRE, POST } Index;

static bool one(Trans *t, const ArgsLoadStore *a, Index index, int64_t imm)
{
    unsigned scale = scale_of(a->size, a->opc);
    int64_t offset = index == POST ? 0 : imm;
    IrRef base;

    if (scale > SCALE_Q) {
        return false;
    }
    if (!fp_check(t)) {
        return true;
    }
    base = get_base(t, a->rn);
    if (a->opc & 1) {
        put_v(t, a->rt, load(t, scale, base, offset));
    } else {
        store(t, scale, base, offset, a->rt);
    }
    if (index != OFFSET) {
        put_x_sp(t, a->rn, ir_binary_imm(t->ir, IR_ADD, base, (uint64_t)imm));
    }
    return true;
}

bool a64_ldr_v_imm(Trans *t, const ArgsLoadStore *a)
{
    return one(t, a, OFFSET, (int64_t)a->imm << scale_of(a->size, a->opc));
}

bool a64_str_v_imm(Trans *t, const ArgsLoadStore *a)
{
    return a64_ldr_v_imm(t, a);
}

bool a64_ldur_v(Trans *t, const ArgsLoadStore *a)
{
    return one(t, a, OFFSET, a->imm);
}

bool a64_stur_v(Trans *t, const ArgsLoadStore *a)
{
    return one(t, a, OFFSET, a->imm);
}

bool a64_ldr_v_post(Trans *t, const ArgsLoadStore *a)
{
    return one(t, a, POST, a->imm);
}

bool a64_str_v_post(Trans *t, const ArgsLoadStore *a)
{
    return one(t, a, POST, a->imm);
}

bool a64_ldr_v_pre(Trans *t, const ArgsLoadStore *a)
{
    return one(t, a, PRE, a->imm);
}

bool a64_str_v_pre(Trans *t, const ArgsLoadStore *a)
{
    return one(t, a, PRE, a->imm);
}

bool a64_ldr_v_reg(Trans *t, const ArgsLoadReg *a)
{
    unsigned scale = scale_of(a->size, a->opc);
    IrRef addr;

    if (scale > SCALE_Q || !(a->option & 2)) {
        return false;
    }
    if (!fp_check(t)) {
        return true;
    }
    addr = ir_binary(t->ir, IR_ADD, get_base(t, a->rn),
                     extend(t, a->rm, a->option, a->s ? scale : 0));
    if (a->opc & 1) {
        put_v(t, a->rt, load(t, scale, addr, 0));
    } else {
        store(t, scale, addr, 0, a->rt);
    }
    return true;
}

bool a64_str_v_reg(Trans *t, const ArgsLoadReg *a)
{
    return a64_ldr_v_reg(t, a);
}

bool a64_ldr_v_lit(Trans *t, const ArgsLiteral *a)
{
    IrRef addr;

    if (a->opc == 3) {
        return false;
    }
    if (!fp_check(t)) {
        return true;
    }
    addr = ir_pc(t->ir, IR_I64, (int64_t)t->offset + a->off);
    put_v(t, a->rt, load(t, (unsigned)a->opc + 2, addr, 0));
    return true;
}

/* ---- pairs ---- */

static bool pair(Trans *t, const ArgsPair *a, bool is_load, Index index)
{
    unsigned scale = (unsigned)a->opc + 2;
    int64_t imm = a->imm * (INT64_C(1) << scale);
    int64_t offset = index == POST ? 0 : imm;
    int64_t second = offset + (INT64_C(1) << scale);
    IrRef base, low, high;

    if (scale > SCALE_Q) {
        return false;
    }
    if (!fp_check(t)) {
        return true;
    }
    base = get_base(t, a->rn);
    if (is_load) {
        low = load(t, scale, base, offset);
        high = load(t, scale, base, second);
        put_v(t, a->rt, low);
        put_v(t, a->rt2, high);
    } else {
        store(t, scale, base, offset, a->rt);
        store(t, scale, base, second, a->rt2);
    }
    if (index != OFFSET) {
        put_x_sp(t, a->rn, ir_binary_imm(t->ir, IR_ADD, base, (uint64_t)imm));
    }
    return true;
}

bool a64_ldp_v(Trans *t, const ArgsPair *a)
{
    return pair(t, a, true, OFFSET);
}

bool a64_stp_v(Trans *t, const ArgsPair *a)
{
    return pair(t, a, false, OFFSET);
}

bool a64_ldp_v_post(Trans *t, const ArgsPair *a)
{
    return pair(t, a, true, POST);
}

bool a64_stp_v_post(Trans *t, const ArgsPair *a)
{
    return pair(t, a, false, POST);
}

bool a64_ldp_v_pre(Trans *t, const ArgsPair *a)
{
    return pair(t, a, true, PRE);
}

bool a64_stp_v_pre(Trans *t, const ArgsPair *a)
{
    return pair(t, a, false, PRE);
}

/* ---- several structures ---- */

/* Registers travel between memory, taken in chunks of 16 bytes, and lanes. */
typedef struct {
    Trans *t;
    unsigned lane, n; /* registers */
    Shape shape;
    IrRef v[4]; /* chunks or registers */
} Structs;

static unsigned bytes_of(const Structs *s)
{
    return s->n * (s->shape == SHAPE_FULL ? 16 : 8);
}

static IrRef op2(const Structs *s, IrCode code, unsigned imm, IrRef a, IrRef b)
{
    return simd_op_imm(s->t, code, s->lane, imm, a, b);
}

/* len bytes at offset. Alignment is looked at lane by lane. */
static IrRef load_chunk(const Structs *s, IrRef addr, unsigned offset,
                        unsigned len)
{
    Trans *t = s->t;
    unsigned step = 1u << s->lane;
    IrRef v;

    if (!(t->flags & FLAG_ALIGN)) {
        v = load(t, len == 16 ? SCALE_Q : 3, addr, offset);
        return len == 16 ? v : ir_vfrom(t->ir, v);
    }
    v = ir_vconst(t->ir, 0);
    for (unsigned i = 0; i < len / step; i++) {
        IrRef x =
            ir_load(t->ir, IR_I64, mem_op(t, s->lane), addr, offset + i * step);

        v = simd_op_imm(t, IR_VSET, s->lane, i, v, x);
    }
    return v;
}

static void store_chunk(const Structs *s, IrRef addr, unsigned offset,
                        unsigned len, IrRef v)
{
    Trans *t = s->t;
    unsigned step = 1u << s->lane;

    if (!(t->flags & FLAG_ALIGN)) {
        if (len < 16) {
            v = ir_vget(t->ir, IR_F64, IR_LANE_64, 0, v);
        }
        ir_store(t->ir, mem_op(t, len == 16 ? SCALE_Q : 3), addr, offset, v);
        return;
    }
    for (unsigned i = 0; i < len / step; i++) {
        ir_store(t->ir, mem_op(t, s->lane), addr, offset + i * step,
                 ir_vget(t->ir, IR_I64, s->lane, i, v));
    }
}

/* Which bytes of one part another one consists of: parts are chunks and
 * registers, or the other way round. */
static IrRef gather(const Structs *s, unsigned to, unsigned from, bool load)
{
    unsigned width = 1u << s->lane, size = bytes_of(s) / s->n;
    uint64_t half[2] = {0, 0};
    bool any = false;

    for (unsigned k = 0; k < 16; k++) {
        unsigned reg, at, in_reg, in_memory, byte = 0xff;

        in_memory = to * 16 + k;
        reg = in_memory / width % s->n;
        in_reg = in_memory / width / s->n * width + k % width;
        if (load) {
            in_memory = (k / width * s->n + to) * width + k % width;
            at = k < size ? in_memory : 64;
        } else {
            at = in_memory < bytes_of(s) ? reg * 16 + in_reg : 64;
        }
        if (at / 16 == from) {
            byte = at % 16;
            any = true;
        }
        half[k / 8] |= (uint64_t)byte << (k % 8 * 8);
    }
    if (!any) {
        return 0;
    }
    return simd_op(s->t, IR_VTBL, 0, s->v[from],
                   simd_op(s->t, IR_VPAIR, 0,
                           ir_const(s->t->ir, IR_I64, half[0]),
                           ir_const(s->t->ir, IR_I64, half[1])));
}

static void shuffle_three(Structs *s, bool load)
{
    IrRef to[3] = {0, 0, 0};

    for (unsigned i = 0; i < 3; i++) {
        for (unsigned j = 0; j < 3; j++) {
            IrRef part = gather(s, i, j, load);

            if (part) {
                to[i] = to[i] ? simd_op(s->t, IR_VOR, 0, to[i], part) : part;
            }
        }
    }
    memcpy(s->v, to, sizeof(to));
}

/* Even and odd lanes of a and b; of a alone for halves. */
static void split(const Structs *s, IrRef a, IrRef b, IrRef *even, IrRef *odd)
{
    *even = op2(s, IR_VUZP, 0, a, b);
    *odd = op2(s, IR_VUZP, 1, a, b);
}

static void weave(const Structs *s, IrRef a, IrRef b, IrRef *low, IrRef *high)
{
    *low = op2(s, IR_VZIP, 0, a, b);
    *high = op2(s, IR_VZIP, 1, a, b);
}

/* Chunks to registers. */
static void deinterleave(Structs *s)
{
    IrRef *v = s->v, even[2], odd[2];
    bool full = s->shape == SHAPE_FULL;

    switch (s->n) {
    case 2:
        split(s, v[0], full ? v[1] : v[0], &v[0], &v[1]);
        break;
    case 3:
        shuffle_three(s, true);
        break;
    case 4:
        split(s, v[0], v[1], &even[0], &odd[0]);
        even[1] = even[0];
        odd[1] = odd[0];
        if (full) {
            split(s, v[2], v[3], &even[1], &odd[1]);
        }
        split(s, even[0], even[1], &v[0], &v[2]);
        split(s, odd[0], odd[1], &v[1], &v[3]);
    }
}

/* Registers to chunks. */
static void interleave(Structs *s)
{
    IrRef *v = s->v, a[2], b[2];

    switch (s->n) {
    case 2:
        weave(s, v[0], v[1], &v[0], &v[1]);
        break;
    case 3:
        shuffle_three(s, false);
        break;
    case 4:
        weave(s, v[0], v[2], &a[0], &a[1]);
        weave(s, v[1], v[3], &b[0], &b[1]);
        weave(s, a[0], b[0], &v[0], &v[1]);
        weave(s, a[1], b[1], &v[2], &v[3]);
    }
}

static void step_base(Trans *t, const ArgsStruct *a, IrRef base, unsigned bytes)
{
    if (a->post) {
        IrRef by =
            a->rm == 31 ? ir_const(t->ir, IR_I64, bytes) : get_x(t, a->rm);

        put_x_sp(t, a->rn, ir_binary(t->ir, IR_ADD, base, by));
    }
}

static void load_structs(Structs *s, IrRef base, unsigned rt)
{
    for (unsigned i = 0, at = 0; at < bytes_of(s); i++, at += 16) {
        s->v[i] = load_chunk(s, base, at, MIN(16, bytes_of(s) - at));
    }
    deinterleave(s);
    for (unsigned i = 0; i < s->n; i++) {
        simd_put(s->t, (rt + i) % 32, s->shape, s->lane, s->v[i]);
    }
}

static void store_structs(Structs *s, IrRef base, unsigned rt)
{
    for (unsigned i = 0; i < s->n; i++) {
        s->v[i] = get_v(s->t, (rt + i) % 32);
    }
    interleave(s);
    for (unsigned i = 0, at = 0; at < bytes_of(s); i++, at += 16) {
        store_chunk(s, base, at, MIN(16, bytes_of(s) - at), s->v[i]);
    }
}

/* LD1 and ST1: n registers one after the other. */
static void plain(Structs *s, const ArgsStruct *a, IrRef base)
{
    unsigned each = bytes_of(s) / s->n;

    for (unsigned i = 0; a->l && i < s->n; i++) {
        s->v[i] = load_chunk(s, base, i * each, each);
    }
    for (unsigned i = 0; i < s->n; i++) {
        unsigned reg = ((unsigned)a->rt + i) % 32;

        if (a->l) {
            put_v(s->t, reg, s->v[i]);
        } else {
            store_chunk(s, base, i * each, each, get_v(s->t, reg));
        }
    }
}

bool a64_structs(Trans *t, const ArgsStruct *a)
{
    static const uint8_t counts[16] = {
        [0] = 4, [2] = 4, [4] = 3, [6] = 3, [7] = 1, [8] = 2, [10] = 2};
    bool consecutive = a->op & 2;
    Structs s = {.t = t,
                 .lane = (unsigned)a->size,
                 .n = counts[a->op],
                 .shape = a->q ? SHAPE_FULL : SHAPE_HALF};
    IrRef base;

    if (!consecutive && s.lane == IR_LANE_64 && !a->q) {
        return false;
    }
    if (!fp_check(t)) {
        return true;
    }
    base = get_base(t, a->rn);
    if (consecutive) {
        plain(&s, a, base);
    } else if (a->l) {
        load_structs(&s, base, a->rt);
    } else {
        store_structs(&s, base, a->rt);
    }
    step_base(t, a, base, bytes_of(&s));
    return true;
}

/* ---- one structure ---- */

/* Registers: opcode bit 0, R. */
static unsigned count_of(const ArgsStruct *a)
{
    return ((unsigned)a->op & 3) + 1;
}

/* Width and number of the lane; false: unallocated. */
static bool lane_of(const ArgsStruct *a, unsigned *lane, unsigned *index)
{
    unsigned bits = (unsigned)(a->q << 3 | a->s << 2 | a->size);

    *lane = (unsigned)a->op >> 2;
    *index = bits >> *lane;
    if (*lane == IR_LANE_32 && a->size == 1 && !a->s) {
        *lane = IR_LANE_64;
        *index = (unsigned)a->q;
        return true;
    }
    return *lane < 3 && !(bits & bits_mask(*lane));
}

bool a64_struct_lane(Trans *t, const ArgsStruct *a)
{
    unsigned n = count_of(a), lane, index;
    IrRef base, v[4];

    if (!lane_of(a, &lane, &index)) {
        return false;
    }
    if (!fp_check(t)) {
        return true;
    }
    base = get_base(t, a->rn);
    for (unsigned i = 0; i < n; i++) {
        int64_t offset = (int64_t)i << lane;

        if (a->l) {
            v[i] = ir_load(t->ir, IR_I64, mem_op(t, lane), base, offset);
        } else {
            v[i] = ir_vget(t->ir, IR_I64, lane, index,
                           get_v(t, ((unsigned)a->rt + i) % 32));
            ir_store(t->ir, mem_op(t, lane), base, offset, v[i]);
        }
    }
    for (unsigned i = 0; a->l && i < n; i++) {
        unsigned reg = ((unsigned)a->rt + i) % 32;

        put_v(t, reg,
              simd_op_imm(t, IR_VSET, lane, index, get_v(t, reg), v[i]));
    }
    step_base(t, a, base, n << lane);
    return true;
}

bool a64_struct_all(Trans *t, const ArgsStruct *a)
{
    unsigned n = count_of(a), lane = (unsigned)a->size;
    Shape shape = a->q ? SHAPE_FULL : SHAPE_HALF;
    IrRef base, v[4];

    if (!fp_check(t)) {
        return true;
    }
    base = get_base(t, a->rn);
    for (unsigned i = 0; i < n; i++) {
        v[i] =
            ir_load(t->ir, IR_I64, mem_op(t, lane), base, (int64_t)i << lane);
    }
    for (unsigned i = 0; i < n; i++) {
        simd_put(t, ((unsigned)a->rt + i) % 32, shape, lane,
                 simd_op(t, IR_VDUP, lane, v[i], 0));
    }
    step_base(t, a, base, n << lane);
    return true;
}
