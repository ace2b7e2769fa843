/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/host/x86_64/encode.c - see encode.h. */
#include "tcg/host/x86_64/encode.h"

#include <string.h>

void x_bytes(Code *c, const void *bytes, unsigned n)
{
    memcpy(c->p, bytes, n);
    c->p += n;
}

/* The parts of an instruction are short: each is put together in a word and
 * stored as eight bytes; what is behind its n is written over next. */
static inline void put(Code *c, uint64_t word, unsigned n)
{
    memcpy(c->p, &word, 8);
    c->p += n;
}

void x_byte(Code *c, uint8_t b)
{
    put(c, b, 1);
}

void x_u32(Code *c, uint32_t v)
{
    put(c, v, 4);
}

static unsigned op_map(uint32_t op)
{
    return (op >> 8) & 3;
}

static unsigned op_prefix(uint32_t op)
{
    return (op >> 10) & 3;
}

/* What follows the opcode: modrm, sib, displacement, small immediates. */
typedef struct {
    uint64_t word;
    unsigned n;
} Tail;

static __attribute__((noinline)) void
put_odd(Code *c, uint32_t op, unsigned rex, bool byte_rex, Tail tail)
{
    static const uint8_t prefix_byte[] = {0, 0x66, 0xf3, 0xf2};
    uint64_t word = op & 0xff;
    unsigned n = 1;

    if (op_map(op) > 1) {
        word = word << 8 | (op_map(op) == 2 ? 0x38 : 0x3a);
        n++;
    }
    if (op_map(op) != 0) {
        word = word << 8 | 0x0f;
        n++;
    }
    if (rex != 0 || byte_rex) {
        word = word << 8 | 0x40 | rex;
        n++;
    }
    if (op_prefix(op)) {
        word = word << 8 | prefix_byte[op_prefix(op)];
        n++;
    }
    put(c, word, n);
    put(c, tail.word, tail.n);
}

/* Legacy prefixes, REX, opcode and up to six more bytes. x and b are the
 * numbers of the index and the base (or the r/m register in b). */
static inline void put_legacy(Code *c, uint32_t op, unsigned reg, unsigned x,
                              unsigned b, Tail tail)
{
    unsigned rex =
        (op & OP_W ? 8 : 0) | (reg >> 3 << 2) | (x >> 3 << 1) | (b >> 3);
    unsigned has_rex = rex != 0;
    uint64_t word = (op & 0xff) | tail.word << 8;

    if (op & ~(uint32_t)(0xff | OP_W)) { /* spl ... dil, not ah ... bh */
        bool byte_rex =
            (op & OP_BYTE && reg >= RSP) || (op & OP_BYTE_RM && b >= RSP);

        put_odd(c, op, rex, byte_rex, tail);
    } else { /* no branch on rex: nobody can guess which registers come next */
        word = word << (8 * has_rex) | ((0x40 | rex) & -has_rex);
        put(c, word, 1 + tail.n + has_rex);
    }
}

/* VEX numbers prefixes as ours: none, 66, F3, F2. */
static inline void put_vex(Code *c, uint32_t op, unsigned reg, unsigned v,
                           unsigned x, unsigned b)
{
    unsigned last = ((~v & 15) << 3) | op_prefix(op);
    unsigned r = reg & 8 ? 0 : 0x80;
    uint64_t opcode = op & 0xff;

    if (!((x | b) & 8) && op_map(op) == 1 && !(op & OP_W)) {
        put(c, 0xc5 | (r | last) << 8 | opcode << 16, 3);
    } else {
        unsigned map = r | (x & 8 ? 0 : 0x40) | (b & 8 ? 0 : 0x20) | op_map(op);

        last |= op & OP_W ? 0x80 : 0;
        put(c, 0xc4 | map << 8 | last << 16 | opcode << 24, 4);
    }
}

/* modrm and sib (n bytes of them), and the displacement. */
static inline Tail with_disp(uint64_t word, unsigned n, unsigned base,
                             int32_t disp)
{
    word |= (uint64_t)(uint32_t)disp << (8 * n);
    if (disp == (int8_t)disp) {
        bool none = disp == 0 && (base & 7) != RBP;

        return (Tail){word | (none ? 0 : 0x40), n + !none};
    }
    return (Tail){word | 0x80, n + 4};
}

static inline Tail rm_base(unsigned reg, unsigned base, int32_t disp)
{
    uint64_t word = (reg & 7) << 3 | (base & 7);

    return (base & 7) == RSP ? with_disp(word | 0x2400, 2, base, disp)
                             : with_disp(word, 1, base, disp);
}

static inline Tail rm_index(unsigned reg, unsigned base, unsigned index,
                            int32_t disp)
{
    unsigned sib = (index & 7) << 3 | (base & 7);

    return with_disp(4 | (reg & 7) << 3 | sib << 8, 2, base, disp);
}

static inline Tail rm_reg(unsigned reg, unsigned rm)
{
    return (Tail){0xc0 | (reg & 7) << 3 | (rm & 7), 1};
}

static inline void put_tail(Code *c, Tail tail)
{
    put(c, tail.word, tail.n);
}

static inline void put_modrm_rip(Code *c, unsigned reg, const void *rx_address)
{
    int64_t next = (int64_t)(intptr_t)c->p + c->to_rx + 5;
    uint32_t disp = (uint32_t)((int64_t)(intptr_t)rx_address - next);

    put(c, ((reg & 7) << 3 | 5) | (uint64_t)disp << 8, 5);
}

void x_rr(Code *c, uint32_t op, unsigned reg, unsigned rm)
{
    put_legacy(c, op, reg, 0, rm, rm_reg(reg, rm));
}

void x_rm(Code *c, uint32_t op, unsigned reg, unsigned base, int32_t disp)
{
    put_legacy(c, op, reg, 0, base, rm_base(reg, base, disp));
}

void x_rmx(Code *c, uint32_t op, unsigned reg, unsigned base, unsigned index,
           int32_t disp)
{
    put_legacy(c, op, reg, index, base, rm_index(reg, base, index, disp));
}

void x_rip(Code *c, uint32_t op, unsigned reg, const void *rx_address)
{
    put_legacy(c, op, reg, 0, 0, (Tail){0, 0});
    put_modrm_rip(c, reg, rx_address);
}

void x_vrr(Code *c, uint32_t op, unsigned reg, unsigned v, unsigned rm)
{
    put_vex(c, op, reg, v, 0, rm);
    put_tail(c, rm_reg(reg, rm));
}

void x_vrm(Code *c, uint32_t op, unsigned reg, unsigned v, unsigned base,
           int32_t disp)
{
    put_vex(c, op, reg, v, 0, base);
    put_tail(c, rm_base(reg, base, disp));
}

void x_vrmx(Code *c, uint32_t op, unsigned reg, unsigned v, unsigned base,
            unsigned index, int32_t disp)
{
    put_vex(c, op, reg, v, index, base);
    put_tail(c, rm_index(reg, base, index, disp));
}

void x_vrip(Code *c, uint32_t op, unsigned reg, unsigned v,
            const void *rx_address)
{
    put_vex(c, op, reg, v, 0, 0);
    put_modrm_rip(c, reg, rx_address);
}

static bool fits_i8(int32_t imm)
{
    return imm == (int8_t)imm;
}

static uint32_t group1(int32_t imm, bool wide)
{
    return (fits_i8(imm) ? X_GROUP1_I8 : X_GROUP1) | (wide ? OP_W : 0);
}

void x_ri(Code *c, unsigned g1, bool wide, unsigned rm, int32_t imm)
{
    Tail tail = rm_reg(g1, rm);

    tail.word |= (uint64_t)(uint32_t)imm << 8;
    tail.n += fits_i8(imm) ? 1 : 4;
    put_legacy(c, group1(imm, wide), g1, 0, rm, tail);
}

void x_mi(Code *c, unsigned g1, bool wide, unsigned base, int32_t disp,
          int32_t imm)
{
    put_legacy(c, group1(imm, wide), g1, 0, base, rm_base(g1, base, disp));
    put(c, (uint32_t)imm, fits_i8(imm) ? 1 : 4);
}

void x_shift(Code *c, unsigned kind, bool wide, unsigned rm, unsigned count)
{
    Tail tail = rm_reg(kind, rm);

    tail.word |= (count & 0xff) << 8;
    tail.n = 2;
    put_legacy(c, X_SHIFT_I | (wide ? OP_W : 0), kind, 0, rm, tail);
}

void x_mov(Code *c, bool wide, unsigned to, unsigned from)
{
    put_legacy(c, X_MOV | (wide ? OP_W : 0), to, 0, from, rm_reg(to, from));
}

void x_mov_imm(Code *c, unsigned to, uint64_t imm)
{
    uint64_t opcode = 0xb8 | (to & 7);

    if (imm <= UINT32_MAX) {
        if (to & 8) {
            put(c, 0x41, 1);
        }
        put(c, opcode | imm << 8, 5);
    } else if ((int64_t)imm == (int32_t)imm) {
        put_legacy(c, X_MOV_I | OP_W, 0, 0, to, rm_reg(0, to));
        put(c, (uint32_t)imm, 4);
    } else {
        put(c, 0x48 | to >> 3 | opcode << 8, 2);
        put(c, imm, 8);
    }
}

void x_store_imm(Code *c, bool wide, unsigned base, int32_t disp, int32_t imm)
{
    put_legacy(c, X_MOV_I | (wide ? OP_W : 0), 0, 0, base,
               rm_base(0, base, disp));
    put(c, (uint32_t)imm, 4);
}

uint8_t *x_jcc(Code *c, Cc cc)
{
    put(c, 0x800f | cc << 8, 6);
    return c->p - 4;
}

uint8_t *x_jmp(Code *c)
{
    put(c, 0xe9, 5);
    return c->p - 4;
}

static uint64_t rel(const Code *c, const uint8_t *target, unsigned length)
{
    return (uint32_t)(int32_t)(target - (c->p + length));
}

void x_set_rel(uint8_t *place, const uint8_t *target)
{
    int32_t rel = (int32_t)(target - (place + 4));

    memcpy(place, &rel, 4);
}

void x_jmp_to(Code *c, const uint8_t *target)
{
    put(c, 0xe9 | rel(c, target, 5) << 8, 5);
}

void x_jcc_to(Code *c, Cc cc, const uint8_t *target)
{
    put(c, 0x800f | cc << 8 | rel(c, target, 6) << 16, 6);
}

void x_call_to(Code *c, const uint8_t *target)
{
    put(c, 0xe8 | rel(c, target, 5) << 8, 5);
}

void x_tlb_key(Code *c, unsigned index, unsigned shift, uint32_t mask,
               unsigned tag, uint32_t keep)
{
    put(c, 0xe8c1 | index << 8 | shift << 16, 3);
    if (index == RAX) {
        put(c, 0x25 | (uint64_t)mask << 8, 5);
    } else {
        put(c, 0xe081 | index << 8 | (uint64_t)mask << 16, 6);
    }
    put(c, 0xe08148 | tag << 16 | (uint64_t)keep << 24, 7);
}

/* op reg, [r15 + index + disp] of 64 bits. */
static inline void put_r15(Code *c, unsigned op, unsigned reg, unsigned index,
                           unsigned disp)
{
    unsigned mod = disp != 0 ? 0x44 : 0x04;
    uint64_t sib = index << 3 | (R15 & 7);

    put(c,
        0x49 | op << 8 | (mod | reg << 3) << 16 | sib << 24 |
            (uint64_t)disp << 32,
        4 + (disp != 0));
}

uint8_t *x_tlb_entry(Code *c, unsigned index, unsigned tag, unsigned tag_at,
                     unsigned addend_at)
{
    uint8_t *miss;

    put_r15(c, X_CMP, tag, index, tag_at);
    miss = x_jcc(c, CC_NE);
    put_r15(c, X_MOV, tag, index, addend_at);
    return miss;
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
