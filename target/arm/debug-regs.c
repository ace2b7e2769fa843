/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/debug-regs.c - registers as debuggers see them: general, floating
 * point and vectors, masks of pointer authentication, every system register
 * that the CPU has, those of the GIC's CPU interface among them.
 * Spec: GDB manual, "AArch64 Features". */
#include "target/arm/debug-regs.h"

#include <string.h>

#include "target/arm/excp.h"
#include "target/arm/mmu.h"
#include "target/arm/pauth.h"
#include "target/arm/sysreg.h"
#include "util/bits.h"

enum {
    ID_X0 = 0, /* x31 is sp */
    ID_PC = 32,
    ID_CPSR,
    ID_FPSR,
    ID_FPCR,
    ID_PAUTH, /* four: data, code, and the same of the high half */
    ID_V0 = 0x100,
    ID_SYSREG0 = 0x1000,
    ID_GIC0 = 0x10000, /* and the register's number */
};
enum { FP = 29, LR = 30, SP = 31 };

static const char core_feature[] = "org.gnu.gdb.aarch64.core";
static const char fpu_feature[] = "org.gnu.gdb.aarch64.fpu";
static const char pauth_feature[] = "org.gnu.gdb.aarch64.pauth_v2";
/* The name that scripts for other emulators look for. */
static const char system_feature[] = "org.qemu.gdb.arm.sys.regs";

/* Those of the GIC's that can be read without an effect. */
static const struct {
    const char *name;
    uint16_t number;
} gic_registers[] = {
    {"ICC_PMR_EL1", SYSREG_NUMBER(3, 0, 4, 6, 0)},
    {"ICC_AP0R0_EL1", SYSREG_NUMBER(3, 0, 12, 8, 4)},
    {"ICC_AP1R0_EL1", SYSREG_NUMBER(3, 0, 12, 9, 0)},
    {"ICC_RPR_EL1", SYSREG_NUMBER(3, 0, 12, 11, 3)},
    {"ICC_HPPIR0_EL1", SYSREG_NUMBER(3, 0, 12, 8, 2)},
    {"ICC_BPR0_EL1", SYSREG_NUMBER(3, 0, 12, 8, 3)},
    {"ICC_HPPIR1_EL1", SYSREG_NUMBER(3, 0, 12, 12, 2)},
    {"ICC_BPR1_EL1", SYSREG_NUMBER(3, 0, 12, 12, 3)},
    {"ICC_CTLR_EL1", SYSREG_NUMBER(3, 0, 12, 12, 4)},
    {"ICC_SRE_EL1", SYSREG_NUMBER(3, 0, 12, 12, 5)},
    {"ICC_IGRPEN0_EL1", SYSREG_NUMBER(3, 0, 12, 12, 6)},
    {"ICC_IGRPEN1_EL1", SYSREG_NUMBER(3, 0, 12, 12, 7)},
};

/* ---- the list ----------------------------------------------------------- */

static void put(GArray *to, TargetReg r, const char *name)
{
    g_strlcpy(r.name, name, sizeof(r.name));
    g_array_append_val(to, r);
}

static void put_core(GArray *to, const char *name, const char *type,
                     const char *role, unsigned bits, unsigned id)
{
    put(to,
        (TargetReg){.feature = core_feature,
                    .type = type,
                    .group = "general",
                    .role = role,
                    .bits = (uint16_t)bits,
                    .in_g = true,
                    .id = id},
        name);
}

static void list_core(GArray *to)
{
    static const char *const arguments[] = {"arg1", "arg2", "arg3", "arg4",
                                            "arg5", "arg6", "arg7", "arg8"};

    for (unsigned i = 0; i <= LR; i++) {
        g_autofree char *name = g_strdup_printf("x%u", i);

        put_core(to, name, "int",
                 i < 8     ? arguments[i]
                 : i == FP ? "fp"
                 : i == LR ? "ra"
                           : NULL,
                 64, ID_X0 + i);
    }
    put_core(to, "sp", "data_ptr", "sp", 64, ID_X0 + SP);
    put_core(to, "pc", "code_ptr", "pc", 64, ID_PC);
    put_core(to, "cpsr", "cpsr_flags", "flags", 32, ID_CPSR);
}

static void list_fpu(GArray *to)
{
    TargetReg r = {.feature = fpu_feature,
                   .type = "aarch64v",
                   .group = "vector",
                   .bits = 128,
                   .in_g = true};

    for (unsigned i = 0; i < 32; i++) {
        g_autofree char *name = g_strdup_printf("v%u", i);

        r.id = ID_V0 + i;
        put(to, r, name);
    }
    r = (TargetReg){.feature = fpu_feature,
                    .type = "int",
                    .group = "float",
                    .bits = 32,
                    .in_g = true};
    r.id = ID_FPSR;
    put(to, r, "fpsr");
    r.id = ID_FPCR;
    put(to, r, "fpcr");
}

static void list_pauth(GArray *to)
{
    static const char *const names[] = {"pauth_dmask", "pauth_cmask",
                                        "pauth_dmask_high", "pauth_cmask_high"};
    TargetReg r = {
        .feature = pauth_feature, .type = "int", .group = "system", .bits = 64};

    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        r.id = ID_PAUTH + i;
        put(to, r, names[i]);
    }
}

static void list_system(const Arm *cpu, GArray *to)
{
    TargetReg r = {.feature = system_feature,
                   .type = "int",
                   .group = "system",
                   .bits = 64};

    for (unsigned i = 0; i < N_SYSREGS; i++) {
        if (arm_sysreg_allows(cpu, i, 3, false)) {
            r.id = ID_SYSREG0 + i;
            put(to, r, arm_sysregs[i].name);
        }
    }
    for (unsigned i = 0; cpu->vcpu.regs && i < G_N_ELEMENTS(gic_registers);
         i++) {
        r.id = ID_GIC0 + gic_registers[i].number;
        put(to, r, gic_registers[i].name);
    }
}

static void list(const Vcpu *v, GArray *to)
{
    const Arm *cpu = (const Arm *)v;

    list_core(to);
    list_fpu(to);
    if (arm_has(cpu, FEAT_PAUTH)) {
        list_pauth(to);
    }
    list_system(cpu, to);
}

static const char core_types[] =
    "<flags id=\"cpsr_flags\" size=\"4\">"
    "<field name=\"SP\" start=\"0\" end=\"0\"/>"
    "<field name=\"EL\" start=\"2\" end=\"3\" type=\"uint8\"/>"
    "<field name=\"nRW\" start=\"4\" end=\"4\"/>"
    "<field name=\"F\" start=\"6\" end=\"6\"/>"
    "<field name=\"I\" start=\"7\" end=\"7\"/>"
    "<field name=\"A\" start=\"8\" end=\"8\"/>"
    "<field name=\"D\" start=\"9\" end=\"9\"/>"
    "<field name=\"BTYPE\" start=\"10\" end=\"11\" type=\"uint8\"/>"
    "<field name=\"SSBS\" start=\"12\" end=\"12\"/>"
    "<field name=\"IL\" start=\"20\" end=\"20\"/>"
    "<field name=\"SS\" start=\"21\" end=\"21\"/>"
    "<field name=\"PAN\" start=\"22\" end=\"22\"/>"
    "<field name=\"UAO\" start=\"23\" end=\"23\"/>"
    "<field name=\"DIT\" start=\"24\" end=\"24\"/>"
    "<field name=\"TCO\" start=\"25\" end=\"25\"/>"
    "<field name=\"V\" start=\"28\" end=\"28\"/>"
    "<field name=\"C\" start=\"29\" end=\"29\"/>"
    "<field name=\"Z\" start=\"30\" end=\"30\"/>"
    "<field name=\"N\" start=\"31\" end=\"31\"/></flags>";

#define LANES(id, type, n) \
 "<vector id=\"" id "\" type=\"" type "\" count=\"" n "\"/>"
#define MEMBER(name, type) "<field name=\"" name "\" type=\"" type "\"/>"

static const char fpu_types[] = LANES("v2d", "ieee_double", "2") LANES(
    "v2u", "uint64", "2") LANES("v2i", "int64",
                                "2") LANES("v4f", "ieee_single",
                                           "4") LANES("v4u", "uint32", "4")
    LANES("v4i", "int32", "4") LANES("v8f", "ieee_half", "8") LANES(
        "v8u", "uint16", "8") LANES("v8i", "int16", "8") LANES("v16u", "uint8",
                                                               "16")
        LANES("v16i", "int8", "16") LANES("v1u", "uint128", "1") LANES(
            "v1i", "int128",
            "1") "<union id=\"vnd\">" MEMBER("f", "v2d") MEMBER("u", "v2u")
            MEMBER(
                "s",
                "v2i") "</union>"
                       "<union id=\"vns\">" MEMBER("f", "v4f") MEMBER("u", "v4u") MEMBER(
                           "s",
                           "v4i") "</union>"
                                  "<union id=\"vnh\">" MEMBER("f", "v8f") MEMBER("u", "v8u") MEMBER(
                                      "s",
                                      "v8i") "</union>"
                                             "<union id=\"vnb\">" MEMBER("u", "v16u") MEMBER(
                                                 "s",
                                                 "v16i") "</union>"
                                                         "<union id=\"vnq\">" MEMBER("u", "v1u") MEMBER(
                                                             "s",
                                                             "v1i") "</union>"
                                                                    "<union id=\"aarch64v\">" MEMBER(
                                                                        "d",
                                                                        "vnd")
                                                                        MEMBER("s", "vns") MEMBER(
                                                                            "h",
                                                                            "vnh")
                                                                            MEMBER(
                                                                                "b",
                                                                                "vnb")
                                                                                MEMBER(
                                                                                    "q",
                                                                                    "vnq") "</union>";

static const char *types(const char *feature)
{
    return feature == core_feature  ? core_types
           : feature == fpu_feature ? fpu_types
                                    : NULL;
}

/* ---- reading ------------------------------------------------------------ */

/* As EL1 at least: EL0 has none of them. */
static uint32_t gic_mode(const Arm *cpu)
{
    return arm_gic_mode(cpu) | (arm_el(cpu) == 0 ? 1 : 0);
}

static bool read_gic(Arm *cpu, uint32_t number, uint64_t *value)
{
    const CpuRegBank *bank = cpu->vcpu.regs;

    return bank->read(bank->opaque, cpu->vcpu.index, number, gic_mode(cpu),
                      value) == CPU_REG_OK;
}

static bool read_word(Arm *cpu, uint32_t id, uint64_t *value)
{
    *value = 0;
    if (id >= ID_GIC0) {
        return read_gic(cpu, id - ID_GIC0, value);
    }
    if (id >= ID_SYSREG0) {
        *value = arm_sysreg_read(cpu, id - ID_SYSREG0);
        return true;
    }
    switch (id) {
    case ID_PC:
        *value = cpu->vcpu.pc;
        break;
    case ID_CPSR:
        *value = arm_pstate(cpu);
        break;
    case ID_FPSR:
        *value = arm_sysreg_read(cpu, SR_FPSR);
        break;
    case ID_FPCR:
        *value = arm_sysreg_read(cpu, SR_FPCR);
        break;
    default:
        *value = id < ID_PC ? cpu->x[id]
                            : arm_pauth_mask(cpu, (id - ID_PAUTH) & 1,
                                             (id - ID_PAUTH) & 2);
    }
    return true;
}

static bool read_reg(Vcpu *v, const TargetReg *reg, uint8_t *to)
{
    Arm *cpu = (Arm *)v;
    uint64_t value;

    if (reg->id >= ID_V0 && reg->id < ID_SYSREG0) {
        le64_store(to, cpu->v[reg->id - ID_V0].d[0]);
        le64_store(to + 8, cpu->v[reg->id - ID_V0].d[1]);
        return true;
    }
    if (!read_word(cpu, reg->id, &value)) {
        return false;
    }
    bytes_store_le(to, reg->bits / 8, value);
    return true;
}

/* ---- writing ------------------------------------------------------------ */

/* Level and stack pointer change with what belongs to them; what this CPU does
 * not have stays as it is. */
static bool write_cpsr(Arm *cpu, uint64_t value)
{
    const uint64_t plain = PSTATE_DAIF | PSTATE_SS | PSTATE_IL;
    unsigned el = (value & PSTATE_EL) >> PSTATE_EL_SHIFT;

    if ((value & 0x12) || (el == 0 && (value & PSTATE_SP)) ||
        (el == 2 && !arm_el2_enabled(cpu)) ||
        (el == 3 && !cpu->config.has_el3)) {
        return false;
    }
    arm_set_nzcv(cpu, value);
    arm_set_mode(cpu, el, value & PSTATE_SP);
    cpu->pstate = (cpu->pstate & ~plain) | (value & plain);
    cpu->vcpu.engine->context_changed(&cpu->vcpu);
    arm_look_at_interrupts(cpu);
    return true;
}

static bool write_gic(Arm *cpu, uint32_t number, uint64_t value)
{
    const CpuRegBank *bank = cpu->vcpu.regs;

    return bank->write(bank->opaque, cpu->vcpu.index, number, gic_mode(cpu),
                       value) == CPU_REG_OK;
}

static bool write_sysreg(Arm *cpu, unsigned reg, uint64_t value)
{
    if (!arm_sysreg_allows(cpu, reg, 3, true)) {
        return false;
    }
    arm_sysreg_write(cpu, reg, value);
    return true;
}

static bool write_reg(Vcpu *v, const TargetReg *reg, const uint8_t *from)
{
    Arm *cpu = (Arm *)v;
    uint64_t value;

    if (reg->id >= ID_V0 && reg->id < ID_SYSREG0) {
        cpu->v[reg->id - ID_V0].d[0] = le64_load(from);
        cpu->v[reg->id - ID_V0].d[1] = le64_load(from + 8);
        return true;
    }
    value = bytes_load_le(from, reg->bits / 8);
    if (reg->id >= ID_GIC0) {
        return write_gic(cpu, reg->id - ID_GIC0, value);
    }
    if (reg->id >= ID_SYSREG0) {
        return write_sysreg(cpu, reg->id - ID_SYSREG0, value);
    }
    switch (reg->id) {
    case ID_PC:
        v->pc = value;
        return true;
    case ID_CPSR:
        return write_cpsr(cpu, value);
    case ID_FPSR:
        return write_sysreg(cpu, SR_FPSR, value);
    case ID_FPCR:
        return write_sysreg(cpu, SR_FPCR, value);
    default:
        if (reg->id >= ID_PC) {
            return false;
        }
        cpu->x[reg->id] = value;
        return true;
    }
}

const TargetDebug arm_debug = {
    .arch = "aarch64",
    .triple = "aarch64-unknown-unknown-elf",
    .list = list,
    .types = types,
    .read = read_reg,
    .write = write_reg,
};
