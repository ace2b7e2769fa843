/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/riscv/system.c - translation of system instructions: CSR access,
 * traps and returns, fences, cache blocks.
 * The trap CSRs that a kernel's entry code uses (sscratch, sepc ...) are IR
 * fields and cost what a register move costs; the rest go to helper_csr, which
 * also finds what is illegal. */
#include "target/riscv/csr.h"
#include "target/riscv/translate.h"

/* CSRs that are plain fields. Those that are not writable here are WARL in a
 * way only the helper knows. */
typedef struct {
    uint16_t csr;
    uint8_t field;
    bool writable;
    bool is_pc; /* bit 0 (and 1 without 2-byte instructions) reads 0 */
} PlainCsr;

static const PlainCsr plain_csrs[] = {
    {CSR_SSCRATCH, FIELD_SSCRATCH, true, false},
    {CSR_SEPC, FIELD_SEPC, true, true},
    {CSR_SCAUSE, FIELD_SCAUSE, true, false},
    {CSR_STVAL, FIELD_STVAL, true, false},
    {CSR_STVEC, FIELD_STVEC, false, false},
    {CSR_MSCRATCH, FIELD_MSCRATCH, true, false},
    {CSR_MEPC, FIELD_MEPC, true, true},
    {CSR_MCAUSE, FIELD_MCAUSE, true, false},
    {CSR_MTVAL, FIELD_MTVAL, true, false},
    {CSR_MTVEC, FIELD_MTVEC, false, false},
};

static const PlainCsr *plain_csr(const Trans *t, unsigned csr, bool writes)
{
    if ((csr >> 8 & 3) > t->priv) {
        return NULL;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(plain_csrs); i++) {
        const PlainCsr *p = &plain_csrs[i];

        if (p->csr == csr) {
            bool s_mode = (csr >> 8 & 3) == PRIV_S;

            return (writes && !p->writable) || (s_mode && !has(t, EXT_S)) ? NULL
                                                                          : p;
        }
    }
    return NULL;
}

static IrRef combine(Trans *t, unsigned op, IrRef old, IrRef operand)
{
    switch (op) {
    case CSR_OP_SET:
        return ir_binary(t->ir, IR_OR, old, operand);
    case CSR_OP_CLEAR:
        return ir_binary(t->ir, IR_ANDN, old, operand);
    default:
        return operand;
    }
}

static void access_plain(Trans *t, const PlainCsr *p, unsigned op, unsigned rd,
                         IrRef operand)
{
    IrRef old = ir_get(t->ir, t->xt, p->field);

    if (op != CSR_OP_READ) {
        IrRef value = combine(t, op, old, operand);

        if (p->is_pc) {
            value = ir_binary_imm(t->ir, IR_AND, value,
                                  targets_checked(t) ? -4 : -2);
        }
        ir_put(t->ir, p->field, value);
    }
    put_x(t, rd, old);
}

/* The first look at instret: blocks count from here. */
static bool starts_counting(const Trans *t, unsigned csr)
{
    unsigned low = csr & ~0x80u;

    return (low == CSR_INSTRET || low == CSR_MINSTRET) &&
           !(t->flags & FLAG_INSTRET);
}

/* sstatus as S mode of RV64 reads it. */
static IrRef read_sstatus(Trans *t)
{
    IrRef m = ir_get(t->ir, IR_I64, FIELD_MSTATUS);
    IrRef fs = ir_binary_imm(t->ir, IR_AND, m, STATUS_FS);
    IrRef dirty =
        ir_set(t->ir, IR_I64, IR_EQ, fs, ir_const(t->ir, IR_I64, STATUS_FS));
    IrRef bits = ir_binary_imm(t->ir, IR_AND, m, SSTATUS_WRITABLE);

    bits = ir_binary_imm(t->ir, IR_OR, bits, UINT64_C(2) << 32 /* UXL */);
    return ir_binary(t->ir, IR_OR, bits,
                     ir_binary_imm(t->ir, IR_SHL, dirty, STATUS_SD_SHIFT));
}

/* Whether the block may go on: interrupts cannot have become enabled. */
static bool sstatus_goes_on(const Trans *t, unsigned op, IrRef operand)
{
    const IrOp *o = ir_op(t->ir->block, operand);

    return op == CSR_OP_CLEAR ||
           (op == CSR_OP_SET && o->code == IR_CONST && !(o->imm & STATUS_SIE));
}

/* Kernels open and close user memory and interrupts by this all the time. A
 * block goes on after a change of SUM, in the new context. */
static bool access_sstatus(Trans *t, const ArgsCsr *a, unsigned op,
                           IrRef operand)
{
    const IrOp *o = ir_op(t->ir->block, operand);
    IrRef old = op != CSR_OP_WRITE && a->rd != 0 ? read_sstatus(t) : 0;
    bool goes_on = sstatus_goes_on(t, op, operand);

    if (op == CSR_OP_CLEAR && o->code == IR_CONST &&
        (o->imm & SSTATUS_WRITABLE & ~STATUS_SIE) == 0) {
        uint64_t keep = ~(o->imm & STATUS_SIE);
        IrRef m = ir_get(t->ir, IR_I64, FIELD_MSTATUS);

        ir_put(t->ir, FIELD_MSTATUS, ir_binary_imm(t->ir, IR_AND, m, keep));
    } else if (op != CSR_OP_READ) {
        ir_call(t->ir, IR_VOID, HELPER_sstatus, op, operand, 0, 0);
        t->fs_on = t->fs_dirty = false;
    }
    if (old != 0) {
        put_x(t, a->rd, old);
    }
    if (op != CSR_OP_READ && !goes_on) {
        end_resume_next(t);
    }
    return true;
}

static bool access_csr(Trans *t, const ArgsCsr *a, unsigned op, IrRef operand)
{
    const PlainCsr *p = plain_csr(t, a->csr, op != CSR_OP_READ);
    IrRef old;

    if (p) {
        access_plain(t, p, op, a->rd, operand);
        return true;
    }
    if (a->csr == CSR_SSTATUS && t->priv == PRIV_S && t->rv64) {
        return access_sstatus(t, a, op, operand);
    }
    if (!t->rv64) {
        operand = ir_zext(t->ir, IR_I64, operand, 32);
    }
    old = ir_call(t->ir, IR_I64, HELPER_csr, op << 12 | a->csr, operand,
                  insn_const(t), 0);
    if (op != CSR_OP_WRITE) {
        put_x(t, a->rd, old);
    }
    if (op != CSR_OP_READ ? csr_write_ends_block(a->csr)
                          : starts_counting(t, a->csr)) {
        end_resume_next(t);
    }
    return true;
}

bool tr_csrrw(Trans *t, const ArgsCsr *a)
{
    return access_csr(t, a, a->rd ? CSR_OP_SWAP : CSR_OP_WRITE,
                      get_x(t, a->rs1));
}

bool tr_csrrs(Trans *t, const ArgsCsr *a)
{
    return access_csr(t, a, a->rs1 ? CSR_OP_SET : CSR_OP_READ,
                      get_x(t, a->rs1));
}

bool tr_csrrc(Trans *t, const ArgsCsr *a)
{
    return access_csr(t, a, a->rs1 ? CSR_OP_CLEAR : CSR_OP_READ,
                      get_x(t, a->rs1));
}

bool tr_csrrwi(Trans *t, const ArgsCsr *a)
{
    return access_csr(t, a, a->rd ? CSR_OP_SWAP : CSR_OP_WRITE,
                      const_x(t, a->rs1));
}

bool tr_csrrsi(Trans *t, const ArgsCsr *a)
{
    return access_csr(t, a, a->rs1 ? CSR_OP_SET : CSR_OP_READ,
                      const_x(t, a->rs1));
}

bool tr_csrrci(Trans *t, const ArgsCsr *a)
{
    return access_csr(t, a, a->rs1 ? CSR_OP_CLEAR : CSR_OP_READ,
                      const_x(t, a->rs1));
}

/* Calls a helper that sets state and pc; the block ends there, without
 * leaving generated code. */
static bool end_call(Trans *t, HelperNumber helper)
{
    put_pc(t, t->offset);
    ir_call(t->ir, IR_VOID, helper, 0, insn_const(t), 0, 0);
    ir_resume(t->ir, false);
    t->done = true;
    return true;
}

bool tr_ecall(Trans *t, const ArgsNone *a)
{
    return end_call(t, HELPER_ecall);
}

bool tr_mret(Trans *t, const ArgsNone *a)
{
    return t->priv == PRIV_M && end_call(t, HELPER_mret);
}

bool tr_sret(Trans *t, const ArgsNone *a)
{
    return t->priv >= PRIV_S && end_call(t, HELPER_sret);
}

/* Only the long form can be a semihosting call. */
bool tr_ebreak(Trans *t, const ArgsNone *a)
{
    if (t->length == 2) {
        end_raise(t, EXC_BREAKPOINT, ir_pc(t->ir, IR_I64, t->offset));
        return true;
    }
    put_pc(t, t->offset);
    ir_call(t->ir, IR_VOID, HELPER_ebreak, 0, 0, 0, 0);
    ir_exit(t->ir); /* the program may have ended the run */
    t->done = true;
    return true;
}

bool tr_wfi(Trans *t, const ArgsNone *a)
{
    put_pc(t, t->offset);
    ir_call(t->ir, IR_VOID, HELPER_wfi, 0, insn_const(t),
            ir_pc(t->ir, IR_I64, next_offset(t)), 0);
    ir_exit(t->ir);
    t->done = true;
    return true;
}

bool tr_sfence_vma(Trans *t, const ArgsR *a)
{
    IrRef addr = get_x(t, a->rs1);
    IrRef asid = get_x(t, a->rs2);

    if (t->priv == PRIV_U) {
        return false;
    }
    if (!t->rv64) {
        addr = ir_zext(t->ir, IR_I64, addr, 32);
        asid = ir_zext(t->ir, IR_I64, asid, 32);
    }
    ir_call(t->ir, IR_VOID, HELPER_sfence_vma,
            (a->rs1 ? 1 : 0) | (a->rs2 ? 2 : 0), addr, asid, insn_const(t));
    end_resume_next(t);
    return true;
}

/* The next block is looked up. */
bool tr_fence_i(Trans *t, const ArgsNone *a)
{
    ir_call(t->ir, IR_VOID, HELPER_fence_i, 0, 0, 0, 0);
    end_goto(t, next_offset(t));
    return true;
}

/* sinval.vma did the work already. */
bool tr_sfence_inval(Trans *t, const ArgsNone *a)
{
    return t->priv != PRIV_U;
}

bool tr_pause(Trans *t, const ArgsNone *a)
{
    ir_call(t->ir, IR_VOID, HELPER_pause, 0, 0, 0, 0);
    return true;
}

static bool cbo(Trans *t, const ArgsS *a, unsigned which)
{
    int64_t offset;
    IrRef addr = get_address(t, a->rs1, 0, &offset);

    ir_call(t->ir, IR_VOID, HELPER_cbo, which, addr, insn_const(t), 0);
    return true;
}

bool tr_cbo_inval(Trans *t, const ArgsS *a)
{
    return cbo(t, a, CBO_INVAL);
}

bool tr_cbo_clean(Trans *t, const ArgsS *a)
{
    return cbo(t, a, CBO_CLEAN);
}

bool tr_cbo_flush(Trans *t, const ArgsS *a)
{
    return cbo(t, a, CBO_FLUSH);
}

bool tr_cbo_zero(Trans *t, const ArgsS *a)
{
    return cbo(t, a, CBO_ZERO);
}
