/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/host/x86_64/encode.c - see encode.h. */
#include "tcg/host/x86_64/encode.h"

#include <string.h>

void x_bytes(Code *c, const void *bytes, unsigned n)
{
    if (c->p + n > c->limit) {
        c->full = true;
        return;
    }
    memcpy(c->p, bytes, n);
    c->p += n;
}

/* The parts of an instruction are short: up to eight bytes are put together
 * in a word and stored at once; what is behind the n is written over next. */
typedef struct {
    uint64_t word;
    unsigned n;
} Bytes;

static inline void add(Bytes *b, uint8_t byte)
{
    b->word |= (uint64_t)byte << (8 * b->n++);
}

static inline void put(Code *c, Bytes b)
{
    if (c->p + 8 > c->limit) {
        c->full = true;
        return;
    }
    memcpy(c->p, &b.word, 8);
    c->p += b.n;
}

void x_byte(Code *c, uint8_t b)
{
    put(c, (Bytes){b, 1});
}

void x_u32(Code *c, uint32_t v)
{
    put(c, (Bytes){v, 4});
}

static unsigned op_map(uint32_t op)
{
    return (op >> 8) & 3;
}

static unsigned op_prefix(uint32_t op)
{
    return (op >> 10) & 3;
}

/* Legacy prefixes, REX and opcode. x and b are the index's and base's
 * numbers (or the r/m register in b). */
static void put_legacy(Code *c, uint32_t op, unsigned reg, unsigned x,
                       unsigned b)
{
    static const uint8_t prefix_byte[] = {0, 0x66, 0xf3, 0xf2};
    Bytes out = {0};
    unsigned rex =
        (op & OP_W ? 8 : 0) | (reg >> 3 << 2) | (x >> 3 << 1) | (b >> 3);
    bool need_rex = rex != 0 || ((op & OP_BYTE) && reg >= RSP) ||
                    ((op & OP_BYTE_RM) && b >= RSP);

    if (op_prefix(op)) {
        add(&out, prefix_byte[op_prefix(op)]);
    }
    if (need_rex) {
        add(&out, 0x40 | rex);
    }
    if (op_map(op)) {
        add(&out, 0x0f);
        if (op_map(op) == 2) {
            add(&out, 0x38);
        } else if (op_map(op) == 3) {
            add(&out, 0x3a);
        }
    }
    add(&out, op & 0xff);
    put(c, out);
}

static void put_vex(Code *c, uint32_t op, unsigned reg, unsigned v, unsigned x,
                    unsigned b)
{
    static const uint8_t pp[] = {0, 1, 2, 3}; /* none, 66, F3, F2 */
    unsigned last = ((~v & 15) << 3) | pp[op_prefix(op)];
    Bytes out = {0};

    if (!(x & 8) && !(b & 8) && op_map(op) == 1 && !(op & OP_W)) {
        add(&out, 0xc5);
        add(&out, (reg & 8 ? 0 : 0x80) | last);
    } else {
        add(&out, 0xc4);
        add(&out, (reg & 8 ? 0 : 0x80) | (x & 8 ? 0 : 0x40) |
                      (b & 8 ? 0 : 0x20) | op_map(op));
        add(&out, (op & OP_W ? 0x80 : 0) | last);
    }
    add(&out, op & 0xff);
    put(c, out);
}

static void put_modrm_mem(Code *c, unsigned reg, unsigned base, int index,
                          int32_t disp)
{
    unsigned mod = disp == 0 && (base & 7) != RBP ? 0
                   : disp >= -128 && disp <= 127  ? 1
                                                  : 2;
    Bytes out = {0};

    if (index >= 0 || (base & 7) == RSP) {
        unsigned sib_index = index >= 0 ? (unsigned)index & 7 : 4;

        add(&out, mod << 6 | (reg & 7) << 3 | 4);
        add(&out, sib_index << 3 | (base & 7));
    } else {
        add(&out, mod << 6 | (reg & 7) << 3 | (base & 7));
    }
    if (mod == 1) {
        add(&out, (uint8_t)disp);
    } else if (mod == 2) {
        out.word |= (uint64_t)(uint32_t)disp << (8 * out.n);
        out.n += 4;
    }
    put(c, out);
}

static void put_modrm_reg(Code *c, unsigned reg, unsigned rm)
{
    x_byte(c, 0xc0 | (reg & 7) << 3 | (rm & 7));
}

/* after: immediate bytes behind the displacement. */
static void put_modrm_rip(Code *c, unsigned reg, const void *rx_address,
                          unsigned after)
{
    int64_t next;

    x_byte(c, (reg & 7) << 3 | 5);
    next = (int64_t)(intptr_t)c->p + c->to_rx + 4 + after;
    x_u32(c, (uint32_t)((int64_t)(intptr_t)rx_address - next));
}

void x_rr(Code *c, uint32_t op, unsigned reg, unsigned rm)
{
    put_legacy(c, op, reg, 0, rm);
    put_modrm_reg(c, reg, rm);
}

void x_rm(Code *c, uint32_t op, unsigned reg, unsigned base, int32_t disp)
{
    put_legacy(c, op, reg, 0, base);
    put_modrm_mem(c, reg, base, -1, disp);
}

void x_rmx(Code *c, uint32_t op, unsigned reg, unsigned base, unsigned index,
           int32_t disp)
{
    put_legacy(c, op, reg, index, base);
    put_modrm_mem(c, reg, base, (int)index, disp);
}

void x_rip(Code *c, uint32_t op, unsigned reg, const void *rx_address)
{
    put_legacy(c, op, reg, 0, 0);
    put_modrm_rip(c, reg, rx_address, 0);
}

void x_vrr(Code *c, uint32_t op, unsigned reg, unsigned v, unsigned rm)
{
    put_vex(c, op, reg, v, 0, rm);
    put_modrm_reg(c, reg, rm);
}

void x_vrm(Code *c, uint32_t op, unsigned reg, unsigned v, unsigned base,
           int32_t disp)
{
    put_vex(c, op, reg, v, 0, base);
    put_modrm_mem(c, reg, base, -1, disp);
}

void x_vrmx(Code *c, uint32_t op, unsigned reg, unsigned v, unsigned base,
            unsigned index, int32_t disp)
{
    put_vex(c, op, reg, v, index, base);
    put_modrm_mem(c, reg, base, (int)index, disp);
}

void x_vrip(Code *c, uint32_t op, unsigned reg, unsigned v,
            const void *rx_address)
{
    put_vex(c, op, reg, v, 0, 0);
    put_modrm_rip(c, reg, rx_address, 0);
}

static bool fits_i8(int32_t imm)
{
    return imm >= -128 && imm <= 127;
}

static void put_imm(Code *c, int32_t imm)
{
    if (fits_i8(imm)) {
        x_byte(c, (uint8_t)imm);
    } else {
        x_u32(c, (uint32_t)imm);
    }
}

void x_ri(Code *c, unsigned g1, bool wide, unsigned rm, int32_t imm)
{
    uint32_t op = (fits_i8(imm) ? X_GROUP1_I8 : X_GROUP1) | (wide ? OP_W : 0);

    x_rr(c, op, g1, rm);
    put_imm(c, imm);
}

void x_mi(Code *c, unsigned g1, bool wide, unsigned base, int32_t disp,
          int32_t imm)
{
    uint32_t op = (fits_i8(imm) ? X_GROUP1_I8 : X_GROUP1) | (wide ? OP_W : 0);

    x_rm(c, op, g1, base, disp);
    put_imm(c, imm);
}

void x_shift(Code *c, unsigned kind, bool wide, unsigned rm, unsigned count)
{
    x_rr(c, X_SHIFT_I | (wide ? OP_W : 0), kind, rm);
    x_byte(c, (uint8_t)count);
}

void x_mov(Code *c, bool wide, unsigned to, unsigned from)
{
    x_rr(c, X_MOV | (wide ? OP_W : 0), to, from);
}

void x_mov_imm(Code *c, unsigned to, uint64_t imm)
{
    if (imm <= UINT32_MAX) {
        uint8_t bytes[2] = {0x41, 0xb8 | (to & 7)};

        x_bytes(c, to & 8 ? bytes : bytes + 1, to & 8 ? 2 : 1);
        x_u32(c, (uint32_t)imm);
    } else if ((int64_t)imm == (int32_t)imm) {
        x_rr(c, X_MOV_I | OP_W, 0, to);
        x_u32(c, (uint32_t)imm);
    } else {
        uint8_t bytes[2] = {0x48 | (to >> 3), 0xb8 | (to & 7)};

        x_bytes(c, bytes, 2);
        x_bytes(c, &imm, 8);
    }
}

void x_store_imm(Code *c, bool wide, unsigned base, int32_t disp, int32_t imm)
{
    x_rm(c, X_MOV_I | (wide ? OP_W : 0), 0, base, disp);
    x_u32(c, (uint32_t)imm);
}

uint8_t *x_jcc(Code *c, Cc cc)
{
    put(c, (Bytes){0x800f | (uint64_t)cc << 8, 6});
    return c->p - 4;
}

uint8_t *x_jmp(Code *c)
{
    put(c, (Bytes){0xe9, 5});
    return c->p - 4;
}

uint8_t *x_call(Code *c)
{
    put(c, (Bytes){0xe8, 5});
    return c->p - 4;
}

void x_set_rel(uint8_t *place, const uint8_t *target)
{
    int32_t rel = (int32_t)(target - (place + 4));

    memcpy(place, &rel, 4);
}

void x_jmp_to(Code *c, const uint8_t *target)
{
    uint8_t *place = x_jmp(c);

    if (!c->full) {
        x_set_rel(place, target);
    }
}

void x_jcc_to(Code *c, Cc cc, const uint8_t *target)
{
    uint8_t *place = x_jcc(c, cc);

    if (!c->full) {
        x_set_rel(place, target);
    }
}

void x_call_to(Code *c, const uint8_t *target)
{
    uint8_t *place = x_call(c);

    if (!c->full) {
        x_set_rel(place, target);
    }
}

void x_align_patch(Code *c, unsigned n)
{
    static const uint8_t nops[8][7] = {
        {0},
        {0x90},
        {0x66, 0x90},
        {0x0f, 0x1f, 0x00},
        {0x0f, 0x1f, 0x40, 0x00},
        {0x0f, 0x1f, 0x44, 0x00, 0x00},
        {0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00},
        {0x0f, 0x1f, 0x80, 0x00, 0x00, 0x00, 0x00},
    };
    unsigned at = ((uintptr_t)c->p + n) & 7;

    if (at > 4) {
        x_bytes(c, nops[8 - at], 8 - at);
    }
}
