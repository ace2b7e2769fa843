/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/riscv/rvi.c - base integer instructions, Zicond, hints.
 * Spec: unprivileged ISA, chapters 2, 4, 6; Zicond 1.0. */
#include "target/riscv/translate.h"

bool tr_lui(Trans *t, const ArgsU *a)
{
    put_x(t, a->rd, const_x(t, a->imm));
    return true;
}

bool tr_auipc(Trans *t, const ArgsU *a)
{
    put_x(t, a->rd, ir_pc(t->ir, t->xt, (int64_t)t->offset + a->imm));
    return true;
}

/* x1 and x5 hold return addresses (2.5.1, the table of RAS hints). */
static bool is_link(unsigned reg)
{
    return reg == 1 || reg == 5;
}

static void put_link(Trans *t, unsigned rd)
{
    put_x(t, rd, ir_pc(t->ir, t->xt, next_offset(t)));
    if (is_link(rd)) {
        ir_push_return(t->ir, next_offset(t));
    }
}

bool tr_jal(Trans *t, const ArgsJ *a)
{
    int64_t target = (int64_t)t->offset + a->imm;

    if (targets_checked(t) && (target & 2)) {
        end_raise(t, EXC_FETCH_MISALIGNED, ir_pc(t->ir, IR_I64, target));
        return true;
    }
    put_link(t, a->rd);
    end_goto(t, target);
    return true;
}

bool tr_jalr(Trans *t, const ArgsI *a)
{
    IrRef sum = ir_binary_imm(t->ir, IR_ADD, get_x(t, a->rs1), a->imm);
    IrRef target = ir_binary_imm(t->ir, IR_AND, sum, ~UINT64_C(1));
    /* rd and rs1 both links and different: a return, then a call; the same:
     * a call only. */
    bool is_return = is_link(a->rs1) && a->rs1 != a->rd;

    if (!t->rv64) {
        target = ir_zext(t->ir, IR_I64, target, 32);
    }
    if (targets_checked(t)) {
        ir_call(t->ir, IR_VOID, HELPER_check_target, 0, target,
                ir_const(t->ir, IR_I64, 1), 0);
    }
    put_link(t, a->rd);
    ir_jump(t->ir, target, is_return && !is_link(a->rd));
    t->done = true;
    return true;
}

static bool branch(Trans *t, const ArgsB *a, IrCond cond)
{
    int64_t target = (int64_t)t->offset + a->imm;
    IrRef x = get_x(t, a->rs1);
    IrRef y = get_x(t, a->rs2);

    if (targets_checked(t) && (target & 2)) {
        ir_call(t->ir, IR_VOID, HELPER_check_target, 0,
                ir_pc(t->ir, IR_I64, target), ir_set(t->ir, IR_I64, cond, x, y),
                0);
        return true;
    }
    ir_branch(t->ir, cond, x, y, target);
    return true;
}

bool tr_beq(Trans *t, const ArgsB *a)
{
    return branch(t, a, IR_EQ);
}

bool tr_bne(Trans *t, const ArgsB *a)
{
    return branch(t, a, IR_NE);
}

bool tr_blt(Trans *t, const ArgsB *a)
{
    return branch(t, a, IR_LTS);
}

bool tr_bge(Trans *t, const ArgsB *a)
{
    return branch(t, a, IR_GES);
}

bool tr_bltu(Trans *t, const ArgsB *a)
{
    return branch(t, a, IR_LTU);
}

bool tr_bgeu(Trans *t, const ArgsB *a)
{
    return branch(t, a, IR_GEU);
}

static bool load(Trans *t, const ArgsI *a, unsigned mo)
{
    int64_t offset;
    IrRef addr = get_address(t, a->rs1, a->imm, &offset);

    put_x(t, a->rd, ir_load(t->ir, t->xt, mo, addr, offset));
    return true;
}

bool tr_lb(Trans *t, const ArgsI *a)
{
    return load(t, a, IR_MO_8 | IR_MO_SIGN);
}

bool tr_lh(Trans *t, const ArgsI *a)
{
    return load(t, a, IR_MO_16 | IR_MO_SIGN);
}

bool tr_lw(Trans *t, const ArgsI *a)
{
    return load(t, a, IR_MO_32 | IR_MO_SIGN);
}

bool tr_lbu(Trans *t, const ArgsI *a)
{
    return load(t, a, IR_MO_8);
}

bool tr_lhu(Trans *t, const ArgsI *a)
{
    return load(t, a, IR_MO_16);
}

bool tr_lwu(Trans *t, const ArgsI *a)
{
    return load(t, a, IR_MO_32);
}

bool tr_ld(Trans *t, const ArgsI *a)
{
    return load(t, a, IR_MO_64);
}

static bool store(Trans *t, const ArgsS *a, unsigned mo)
{
    int64_t offset;
    IrRef addr = get_address(t, a->rs1, a->imm, &offset);

    ir_store(t->ir, mo, addr, offset, get_x(t, a->rs2));
    return true;
}

bool tr_sb(Trans *t, const ArgsS *a)
{
    return store(t, a, IR_MO_8);
}

bool tr_sh(Trans *t, const ArgsS *a)
{
    return store(t, a, IR_MO_16);
}

bool tr_sw(Trans *t, const ArgsS *a)
{
    return store(t, a, IR_MO_32);
}

bool tr_sd(Trans *t, const ArgsS *a)
{
    return store(t, a, IR_MO_64);
}

/* The four shapes of arithmetic: with an immediate or two registers, on whole
 * registers or their low words. */
static bool op_imm(Trans *t, const ArgsI *a, IrCode code)
{
    put_x(t, a->rd,
          ir_binary_imm(t->ir, code, get_x(t, a->rs1), (int64_t)a->imm));
    return true;
}

static bool op(Trans *t, const ArgsR *a, IrCode code)
{
    put_x(t, a->rd, ir_binary(t->ir, code, get_x(t, a->rs1), get_x(t, a->rs2)));
    return true;
}

static bool op_imm_w(Trans *t, const ArgsI *a, IrCode code)
{
    put_x(t, a->rd,
          ir_binary_imm(t->ir, code, get_w(t, a->rs1), (int64_t)a->imm));
    return true;
}

static bool op_w(Trans *t, const ArgsR *a, IrCode code)
{
    put_x(t, a->rd, ir_binary(t->ir, code, get_w(t, a->rs1), get_w(t, a->rs2)));
    return true;
}

static bool shift_imm(Trans *t, const ArgsI *a, IrCode code)
{
    return a->imm < (int)xlen(t) && op_imm(t, a, code);
}

bool tr_addi(Trans *t, const ArgsI *a)
{
    return op_imm(t, a, IR_ADD);
}

bool tr_slti(Trans *t, const ArgsI *a)
{
    put_x(t, a->rd,
          ir_set(t->ir, t->xt, IR_LTS, get_x(t, a->rs1), const_x(t, a->imm)));
    return true;
}

bool tr_sltiu(Trans *t, const ArgsI *a)
{
    put_x(t, a->rd,
          ir_set(t->ir, t->xt, IR_LTU, get_x(t, a->rs1), const_x(t, a->imm)));
    return true;
}

bool tr_xori(Trans *t, const ArgsI *a)
{
    return op_imm(t, a, IR_XOR);
}

bool tr_ori(Trans *t, const ArgsI *a)
{
    return op_imm(t, a, IR_OR);
}

bool tr_andi(Trans *t, const ArgsI *a)
{
    return op_imm(t, a, IR_AND);
}

bool tr_slli(Trans *t, const ArgsI *a)
{
    return shift_imm(t, a, IR_SHL);
}

bool tr_srli(Trans *t, const ArgsI *a)
{
    return shift_imm(t, a, IR_SHR);
}

bool tr_srai(Trans *t, const ArgsI *a)
{
    return shift_imm(t, a, IR_SAR);
}

bool tr_add(Trans *t, const ArgsR *a)
{
    return op(t, a, IR_ADD);
}

bool tr_sub(Trans *t, const ArgsR *a)
{
    return op(t, a, IR_SUB);
}

bool tr_sll(Trans *t, const ArgsR *a)
{
    return op(t, a, IR_SHL);
}

bool tr_slt(Trans *t, const ArgsR *a)
{
    put_x(t, a->rd,
          ir_set(t->ir, t->xt, IR_LTS, get_x(t, a->rs1), get_x(t, a->rs2)));
    return true;
}

bool tr_sltu(Trans *t, const ArgsR *a)
{
    put_x(t, a->rd,
          ir_set(t->ir, t->xt, IR_LTU, get_x(t, a->rs1), get_x(t, a->rs2)));
    return true;
}

bool tr_xor(Trans *t, const ArgsR *a)
{
    return op(t, a, IR_XOR);
}

bool tr_srl(Trans *t, const ArgsR *a)
{
    return op(t, a, IR_SHR);
}

bool tr_sra(Trans *t, const ArgsR *a)
{
    return op(t, a, IR_SAR);
}

bool tr_or(Trans *t, const ArgsR *a)
{
    return op(t, a, IR_OR);
}

bool tr_and(Trans *t, const ArgsR *a)
{
    return op(t, a, IR_AND);
}

bool tr_addiw(Trans *t, const ArgsI *a)
{
    return op_imm_w(t, a, IR_ADD);
}

bool tr_slliw(Trans *t, const ArgsI *a)
{
    return op_imm_w(t, a, IR_SHL);
}

bool tr_srliw(Trans *t, const ArgsI *a)
{
    return op_imm_w(t, a, IR_SHR);
}

bool tr_sraiw(Trans *t, const ArgsI *a)
{
    return op_imm_w(t, a, IR_SAR);
}

bool tr_addw(Trans *t, const ArgsR *a)
{
    return op_w(t, a, IR_ADD);
}

bool tr_subw(Trans *t, const ArgsR *a)
{
    return op_w(t, a, IR_SUB);
}

bool tr_sllw(Trans *t, const ArgsR *a)
{
    return op_w(t, a, IR_SHL);
}

bool tr_srlw(Trans *t, const ArgsR *a)
{
    return op_w(t, a, IR_SHR);
}

bool tr_sraw(Trans *t, const ArgsR *a)
{
    return op_w(t, a, IR_SAR);
}

/* Only a store followed by a load can be seen out of order on a TSO host;
 * device input and output are ordered like memory. */
bool tr_fence(Trans *t, const ArgsFence *a)
{
    enum { WRITES = 1 | 4, READS = 2 | 8, TSO = 8 };
    bool tso = a->fm == TSO && a->pred == 3 && a->succ == 3;

    ir_fence(t->ir, !tso && (a->pred & WRITES) && (a->succ & READS));
    return true;
}

bool tr_czero_eqz(Trans *t, const ArgsR *a)
{
    put_x(t, a->rd,
          ir_select(t->ir, get_x(t, a->rs2), get_x(t, a->rs1), const_x(t, 0)));
    return true;
}

bool tr_czero_nez(Trans *t, const ArgsR *a)
{
    put_x(t, a->rd,
          ir_select(t->ir, get_x(t, a->rs2), const_x(t, 0), get_x(t, a->rs1)));
    return true;
}

/* Prefetches never fault and may be ignored (Zicbop 2.4). */
bool tr_prefetch(Trans *t, const ArgsS *a)
{
    return true;
}
