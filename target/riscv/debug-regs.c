/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/riscv/debug-regs.c - registers as debuggers see them: general,
 * floating point, privilege level, every CSR that the CPU has.
 * Spec: GDB manual, "RISC-V Features"; names are those of the assembler. */
#include "target/riscv/debug-regs.h"

#include <string.h>

#include "target/riscv/csr.h"
#include "target/riscv/excp.h"
#include "target/riscv/mmu.h"
#include "target/riscv/translate.h"
#include "util/bits.h"

enum { ID_PRIV = 1, ID_PC, ID_X0 = 0x100, ID_F0 = 0x200, ID_CSR0 = 0x1000 };
enum { SP = 2, FP = 8, RA = 1, A0 = 10, A7 = 17 };

static const char cpu_feature[] = "org.gnu.gdb.riscv.cpu";
static const char fpu_feature[] = "org.gnu.gdb.riscv.fpu";
static const char virtual_feature[] = "org.gnu.gdb.riscv.virtual";
static const char csr_feature[] = "org.gnu.gdb.riscv.csr";

static void put(GArray *to, TargetReg r, const char *name)
{
    g_strlcpy(r.name, name, sizeof(r.name));
    g_array_append_val(to, r);
}

static const char *role_of(unsigned x)
{
    static const char *const arguments[] = {"arg1", "arg2", "arg3", "arg4",
                                            "arg5", "arg6", "arg7", "arg8"};

    return x == RA              ? "ra"
           : x == SP            ? "sp"
           : x == FP            ? "fp"
           : x >= A0 && x <= A7 ? arguments[x - A0]
                                : NULL;
}

static void list_general(GArray *to, unsigned bits)
{
    for (unsigned i = 0; i < 32; i++) {
        bool address = i >= 1 && i <= 4;

        put(to,
            (TargetReg){.feature = cpu_feature,
                        .type = i == RA   ? "code_ptr"
                                : address ? "data_ptr"
                                          : "int",
                        .group = "general",
                        .role = role_of(i),
                        .bits = (uint16_t)bits,
                        .in_g = true,
                        .id = ID_X0 + i},
            i == FP ? "fp" : riscv_ir.fields[FIELD_X0 + i].name);
    }
    put(to,
        (TargetReg){.feature = cpu_feature,
                    .type = "code_ptr",
                    .group = "general",
                    .role = "pc",
                    .bits = (uint16_t)bits,
                    .in_g = true,
                    .id = ID_PC},
        "pc");
}

static void list_floating(GArray *to, const Riscv *cpu)
{
    static const struct {
        const char *name;
        uint16_t csr;
    } words[] = {{"fflags", CSR_FFLAGS}, {"frm", CSR_FRM}, {"fcsr", CSR_FCSR}};
    bool d = riscv_has(cpu, EXT_D);

    for (unsigned i = 0; i < 32; i++) {
        put(to,
            (TargetReg){.feature = fpu_feature,
                        .type = d ? "riscv_double" : "ieee_single",
                        .group = "float",
                        .bits = d ? 64 : 32,
                        .in_g = true,
                        .id = ID_F0 + i},
            riscv_ir.fields[FIELD_F0 + i].name);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(words); i++) {
        put(to,
            (TargetReg){.feature = fpu_feature,
                        .type = "int",
                        .group = "float",
                        .bits = 32,
                        .id = ID_CSR0 + words[i].csr},
            words[i].name);
    }
}

static void list_csrs(GArray *to, const Riscv *cpu, unsigned bits)
{
    TargetReg r = {.feature = csr_feature,
                   .type = "int",
                   .group = "csr",
                   .bits = (uint16_t)bits};

    for (unsigned csr = CSR_FCSR + 1; csr < 4096; csr++) {
        if (riscv_csr_name(cpu, csr, r.name, sizeof(r.name))) {
            r.id = ID_CSR0 + csr;
            g_array_append_val(to, r);
        }
    }
}

static void list(const Vcpu *v, GArray *to)
{
    const Riscv *cpu = (const Riscv *)v;
    unsigned bits = cpu->config.rv64 ? 64 : 32;

    list_general(to, bits);
    if (riscv_has(cpu, EXT_F)) {
        list_floating(to, cpu);
    }
    put(to,
        (TargetReg){.feature = virtual_feature,
                    .type = "int",
                    .group = "general",
                    .bits = (uint16_t)bits,
                    .id = ID_PRIV},
        "priv");
    list_csrs(to, cpu, bits);
}

static const char *types(const char *feature)
{
    return feature == fpu_feature
               ? "<union id=\"riscv_double\">"
                 "<field name=\"float\" type=\"ieee_single\"/>"
                 "<field name=\"double\" type=\"ieee_double\"/></union>"
               : NULL;
}

static bool read_reg(Vcpu *v, const TargetReg *reg, uint8_t *to)
{
    Riscv *cpu = (Riscv *)v;
    uint64_t value;

    if (reg->id >= ID_CSR0) {
        if (!riscv_csr_get(cpu, reg->id - ID_CSR0, &value)) {
            return false;
        }
    } else if (reg->id >= ID_F0) {
        value = cpu->f[reg->id - ID_F0];
    } else if (reg->id >= ID_X0) {
        value = cpu->x[reg->id - ID_X0];
    } else {
        value = reg->id == ID_PC ? v->pc : cpu->priv;
    }
    bytes_store_le(to, reg->bits / 8, value);
    return true;
}

static bool write_priv(Riscv *cpu, uint64_t value)
{
    if (value > PRIV_M || value == 2 ||
        (value == PRIV_S && !riscv_has(cpu, EXT_S)) ||
        (value == PRIV_U && !riscv_has(cpu, EXT_U))) {
        return false;
    }
    cpu->priv = (uint8_t)value;
    cpu->vcpu.engine->context_changed(&cpu->vcpu);
    return true;
}

static bool write_reg(Vcpu *v, const TargetReg *reg, const uint8_t *from)
{
    uint64_t value = bytes_load_le(from, reg->bits / 8);
    Riscv *cpu = (Riscv *)v;

    if (reg->id >= ID_CSR0) {
        return riscv_csr_set(cpu, reg->id - ID_CSR0, value);
    }
    if (reg->id >= ID_F0) {
        cpu->f[reg->id - ID_F0] =
            value | (reg->bits == 32 ? ~bits_mask(32) : 0);
    } else if (reg->id > ID_X0) {
        cpu->x[reg->id - ID_X0] = value;
    } else if (reg->id == ID_PC) {
        v->pc = value & ~UINT64_C(1);
    } else if (reg->id == ID_PRIV) {
        return write_priv(cpu, value);
    }
    return true;
}

const TargetDebug riscv_debug_64 = {
    .arch = "riscv:rv64",
    .triple = "riscv64-unknown-unknown-elf",
    .list = list,
    .types = types,
    .read = read_reg,
    .write = write_reg,
};

const TargetDebug riscv_debug_32 = {
    .arch = "riscv:rv32",
    .triple = "riscv32-unknown-unknown-elf",
    .list = list,
    .types = types,
    .read = read_reg,
    .write = write_reg,
};
