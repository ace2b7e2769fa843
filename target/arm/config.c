/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/config.c - CPU models, their features, their ID registers.
 * A model is a set of features and the numbers that no feature gives: who made
 * it, its caches, its physical addresses. ID registers are made from both, so
 * that a feature that is off is reported absent.
 * Spec: DDI 0487 D19.2; technical reference manuals of the models. */
#include "target/arm/config.h"

#include <gio/gio.h>
#include <stdio.h>
#include <string.h>

#include "util/bits.h"

enum { A = 1, B = 2, C = 4, D = 8, N = 16, X = 32 }; /* models, as isa.def */

typedef struct {
    const char *name;
    uint8_t models;
    const char *needs;
} Feature;

static const Feature features[N_FEATS] = {
#define FEAT(id, name, models, needs) {name, models, needs},
#include "target/arm/isa.def"
};

enum { CACHE_L1D, CACHE_L1I, CACHE_L2, N_CACHES };

typedef struct ArmModel {
    const char *name, *about, *compatible;
    uint8_t bit;
    uint32_t midr;
    uint64_t ctr, clidr;
    uint32_t ccsidr[N_CACHES];
    uint8_t pa_range; /* ID_AA64MMFR0_EL1.PARange */
    bool granule_16k;
    uint8_t debug, pmu; /* ID_AA64DFR0_EL1.DebugVer, PMUVer */
    uint32_t cntfrq;
} ArmModel;

static const ArmModel models[] = {
    {"cortex-a53",
     "Armv8.0, small",
     "arm,cortex-a53",
     A,
     0x410fd034,
     0x84448004,
     0x0a200023,
     {0x700fe01a, 0x201fe00a, 0x707fe07a},
     2,
     false,
     6,
     1,
     62500000},
    {"cortex-a57",
     "Armv8.0",
     "arm,cortex-a57",
     B,
     0x411fd070,
     0x8444c004,
     0x0a200023,
     {0x701fe00a, 0x201fe012, 0x70ffe07a},
     4,
     false,
     6,
     1,
     62500000},
    {"cortex-a72",
     "Armv8.0",
     "arm,cortex-a72",
     C,
     0x410fd083,
     0x8444c004,
     0x0a200023,
     {0x701fe00a, 0x201fe012, 0x707fe07a},
     4,
     false,
     6,
     1,
     62500000},
    {"cortex-a76",
     "Armv8.2",
     "arm,cortex-a76",
     D,
     0x414fd0b1,
     0x8444c004,
     0x82000023,
     {0x701fe01a, 0x201fe01a, 0x707fe03a},
     2,
     true,
     8,
     4,
     62500000},
    {"neoverse-n1",
     "Armv8.2, servers",
     "arm,neoverse-n1",
     N,
     0x414fd0c1,
     0x8444c004,
     0x82000023,
     {0x701fe01a, 0x201fe01a, 0x70ffe03a},
     5,
     true,
     8,
     4,
     62500000},
    /* IDC and DIC: caches are coherent with instruction fetches. */
    {"max",
     "everything there is",
     "arm,armv8",
     X,
     0x000f0510,
     0xb444c004,
     0x0a200023,
     {0x701fe00a, 0x201fe012, 0x70ffe07a},
     6,
     true,
     8,
     4,
     1000000000},
};

/* What the text asks for. */
typedef struct {
    uint64_t on[2], off[2];
    bool el2, el3;
    uint64_t affinity;
} Wishes;

static const ArmModel *find_model(const char *name)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(models); i++) {
        if (strcmp(models[i].name, name) == 0) {
            return &models[i];
        }
    }
    return NULL;
}

static int find_feature(const char *name)
{
    for (int i = 0; i < N_FEATS; i++) {
        if (strcmp(features[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

static bool in_set(const uint64_t *set, unsigned feat)
{
    return set[feat / 64] >> feat % 64 & 1;
}

static void put_in_set(uint64_t *set, unsigned feat, bool value)
{
    set[feat / 64] = bits_set(set[feat / 64], feat % 64, 1, value);
}

static bool refuse(GError **error, const char *name, const char *why)
{
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                "cpu property '%s': %s", name, why);
    return false;
}

static bool parse_bool(const char *text, bool *out)
{
    static const char *const yes[] = {"on", "true", "yes", NULL};
    static const char *const no[] = {"off", "false", "no", NULL};

    *out = g_strv_contains(yes, text);
    return *out || g_strv_contains(no, text);
}

/* What other emulators' users switch off, or to what it is. */
static bool is_settled(const char *name, bool *value)
{
    static const char *const absent[] = {"sve",          "sve2",    "sme",
                                         "cfgend",       "pmuv3p5", "aarch32",
                                         "pauth-qarma3", "nv2",     NULL};

    *value = strcmp(name, "aarch64") == 0;
    return *value || g_strv_contains(absent, name);
}

static const char *real_name(const char *name)
{
    return strcmp(name, "vfp") == 0    ? "fp"
           : strcmp(name, "neon") == 0 ? "asimd"
                                       : name;
}

static bool wish_affinity(Wishes *w, const char *name, const char *text,
                          GError **error)
{
    char *end;

    w->affinity = g_ascii_strtoull(text, &end, 0);
    if (end == text || *end || (w->affinity & ~UINT64_C(0xff00ffffff))) {
        return refuse(error, name, "not four fields of 8 bits");
    }
    return true;
}

static bool wish(Wishes *w, const char *name, const char *text, GError **error)
{
    int feat = find_feature(real_name(name));
    bool value, settled;

    if (strcmp(name, "mp-affinity") == 0) {
        return wish_affinity(w, name, text, error);
    }
    if (!parse_bool(text, &value)) {
        return refuse(error, name, "expected on or off");
    }
    if (strcmp(name, "has_el2") == 0) {
        w->el2 = value;
    } else if (strcmp(name, "has_el3") == 0) {
        w->el3 = value;
    } else if (feat >= 0) {
        put_in_set(w->on, (unsigned)feat, value);
        put_in_set(w->off, (unsigned)feat, !value);
    } else if (!is_settled(name, &settled)) {
        return refuse(error, name, "unknown");
    } else if (value != settled) {
        return refuse(error, name,
                      settled ? "cannot be off" : "not implemented");
    }
    return true;
}

static bool parse_property(Wishes *w, const char *text, GError **error)
{
    g_auto(GStrv) pair = g_strsplit(text, "=", 2);

    if (text[0] == '+' || text[0] == '-') {
        return wish(w, text + 1, text[0] == '+' ? "on" : "off", error);
    }
    if (!pair[0] || !pair[1]) {
        return refuse(error, text, "no value, expected =on or =off");
    }
    return wish(w, pair[0], pair[1], error);
}

/* The feature that feat needs and that is missing; NULL: none. */
static const char *missing(const uint64_t *set, unsigned feat)
{
    g_auto(GStrv) names = g_strsplit(features[feat].needs, " ", -1);

    for (unsigned i = 0; names[i] && *names[i]; i++) {
        int other = find_feature(names[i]);

        if (!in_set(set, (unsigned)other)) {
            return features[other].name;
        }
    }
    return NULL;
}

/* Adds what is asked for needs, unless that is off; then drops what needs
 * something that is off. A feature's needs stand before it in the table. */
static bool close_set(uint64_t *set, const Wishes *w, GError **error)
{
    for (unsigned i = N_FEATS; i-- > 0;) {
        g_auto(GStrv) names = g_strsplit(features[i].needs, " ", -1);

        for (unsigned n = 0; in_set(w->on, i) && names[n] && *names[n]; n++) {
            unsigned other = (unsigned)find_feature(names[n]);

            if (in_set(w->off, other)) {
                g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                            "cpu property '%s': needs '%s', which is off",
                            features[i].name, features[other].name);
                return false;
            }
            put_in_set(set, other, true);
        }
    }
    for (unsigned i = 0; i < N_FEATS; i++) {
        if (in_set(set, i) && missing(set, i)) {
            put_in_set(set, i, false);
        }
    }
    return true;
}

bool arm_config_parse(ArmConfig *config, const char *cpu, unsigned index,
                      GError **error)
{
    static const uint8_t pa_bits[] = {32, 36, 40, 42, 44, 48, 52};
    g_auto(GStrv) parts = g_strsplit(cpu, ",", -1);
    const ArmModel *m = find_model(parts[0] ? parts[0] : "");
    Wishes w = {.affinity = (index & 15) | (uint64_t)(index >> 4) << 8};

    if (!m) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "cpu '%s': unknown model", parts[0] ? parts[0] : "");
        return false;
    }
    for (unsigned i = 1; parts[i]; i++) {
        if (!parse_property(&w, parts[i], error)) {
            return false;
        }
    }
    *config = (ArmConfig){
        .model = m,
        .has_el2 = w.el2,
        .has_el3 = w.el3,
        .like_a57 = m->bit & (A | B | C | X),
        .like_n1 = m->bit & (D | N),
        .mpidr = w.affinity,
        .cntfrq = m->cntfrq,
    };
    for (unsigned i = 0; i < N_FEATS; i++) {
        put_in_set(config->feats, i,
                   ((features[i].models & m->bit) || in_set(w.on, i)) &&
                       !in_set(w.off, i));
    }
    if (!close_set(config->feats, &w, error)) {
        return false;
    }
    if (in_set(config->feats, FEAT_PAUTH) &&
        !in_set(config->feats, FEAT_PAUTH_IMPDEF)) {
        return refuse(error, "pauth-impdef",
                      "cannot be off while 'pauth' is on: QARMA is not there");
    }
    config->pa_bits = pa_bits[m->pa_range];
    if (!in_set(config->feats, FEAT_LPA)) {
        config->pa_bits = MIN(config->pa_bits, 48);
    }
    return true;
}

const char *arm_cpu_model(unsigned n)
{
    return n < G_N_ELEMENTS(models) ? models[n].name : NULL;
}

void arm_print_cpus(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(models); i++) {
        printf("  %-12s %s\n", models[i].name, models[i].about);
    }
    printf("Properties (NAME=on|off, +NAME, -NAME):");
    for (unsigned i = 0; i < N_FEATS; i++) {
        printf(" %s", features[i].name);
    }
    printf("\n");
}

/* --- ID registers -------------------------------------------------------- */

typedef struct {
    uint8_t reg, shift, value, feat;
} IdField;

static const IdField id_fields[] = {
#define IDF(reg, shift, value, feat) {SR_##reg, shift, value, FEAT_##feat},
#include "target/arm/isa.def"
};

static void put_field(Arm *cpu, unsigned reg, unsigned shift, uint64_t value)
{
    cpu->sr[reg] = bits_set(cpu->sr[reg], shift, 4, value);
}

/* What is neither present nor absent by one feature. */
static void put_pfr0(Arm *cpu)
{
    bool fp = arm_has(cpu, FEAT_FP), half = arm_has(cpu, FEAT_FP16);

    /* EL0 and EL1 are AArch64 only. */
    cpu->sr[SR_ID_AA64PFR0_EL1] |= 0x11;
    put_field(cpu, SR_ID_AA64PFR0_EL1, 8, cpu->config.has_el2);
    put_field(cpu, SR_ID_AA64PFR0_EL1, 12, cpu->config.has_el3);
    put_field(cpu, SR_ID_AA64PFR0_EL1, 16, !fp ? 15 : half);
    put_field(cpu, SR_ID_AA64PFR0_EL1, 20,
              !arm_has(cpu, FEAT_ASIMD) ? 15 : half);
}

static void put_mmfr0(Arm *cpu)
{
    const ArmModel *m = cpu->config.model;
    bool lpa2 = arm_has(cpu, FEAT_LPA2);
    unsigned range = arm_has(cpu, FEAT_LPA) ? m->pa_range : MIN(m->pa_range, 5);

    put_field(cpu, SR_ID_AA64MMFR0_EL1, 0, range);
    put_field(cpu, SR_ID_AA64MMFR0_EL1, 4, 2); /* 16 bits of ASID */
    put_field(cpu, SR_ID_AA64MMFR0_EL1, 12, cpu->config.has_el3); /* SNSMem */
    put_field(cpu, SR_ID_AA64MMFR0_EL1, 20, m->granule_16k ? 1 + lpa2 : 0);
    put_field(cpu, SR_ID_AA64MMFR0_EL1, 28, lpa2);
}

static void put_dfr0(Arm *cpu)
{
    const ArmModel *m = cpu->config.model;

    put_field(cpu, SR_ID_AA64DFR0_EL1, 0, m->debug);
    put_field(cpu, SR_ID_AA64DFR0_EL1, 8, arm_has(cpu, FEAT_PMU) ? m->pmu : 0);
    put_field(cpu, SR_ID_AA64DFR0_EL1, 12, N_BREAKPOINTS - 1);
    put_field(cpu, SR_ID_AA64DFR0_EL1, 20, N_WATCHPOINTS - 1);
    put_field(cpu, SR_ID_AA64DFR0_EL1, 28, N_CONTEXT_BREAKPOINTS - 1);
}

void arm_config_put_ids(Arm *cpu)
{
    const ArmModel *m = cpu->config.model;

    for (unsigned i = 0; i < G_N_ELEMENTS(id_fields); i++) {
        const IdField *f = &id_fields[i];

        if (arm_has(cpu, f->feat) &&
            bits_get(cpu->sr[f->reg], f->shift, 4) < f->value) {
            put_field(cpu, f->reg, f->shift, f->value);
        }
    }
    put_pfr0(cpu);
    put_mmfr0(cpu);
    put_dfr0(cpu);
    cpu->sr[SR_MIDR_EL1] = m->midr;
    cpu->sr[SR_VPIDR_EL2] = m->midr;
    /* RES1; more CPUs may be there, so not U. */
    cpu->sr[SR_MPIDR_EL1] = cpu->config.mpidr | BIT(31);
    cpu->sr[SR_VMPIDR_EL2] = cpu->sr[SR_MPIDR_EL1];
    cpu->sr[SR_CTR_EL0] = m->ctr;
    cpu->sr[SR_CLIDR_EL1] = m->clidr;
    cpu->sr[SR_DCZID_EL0] = DCZ_BITS - 2;
}

uint64_t arm_config_ccsidr(const Arm *cpu, unsigned csselr)
{
    const ArmModel *m = cpu->config.model;

    switch (csselr) {
    case 0:
        return m->ccsidr[CACHE_L1D];
    case 1:
        return m->ccsidr[CACHE_L1I];
    case 2:
        return m->ccsidr[CACHE_L2];
    default:
        return 0;
    }
}

uint64_t arm_cpu_number(const Vcpu *v)
{
    return ((const Arm *)v)->config.mpidr;
}

bool arm_has_feature(const Vcpu *v, const char *name)
{
    int feat = find_feature(name);

    return feat >= 0 && arm_has((const Arm *)v, (unsigned)feat);
}

void arm_fdt_cpu(const Vcpu *v, TargetPutProp *put, void *opaque)
{
    const char *name = ((const Arm *)v)->config.model->compatible;

    put(opaque, "compatible", name, strlen(name) + 1);
}
