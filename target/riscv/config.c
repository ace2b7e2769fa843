/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/riscv/config.c - CPU models, their properties, and what the device
 * tree says of them.
 * A model is a set of extensions; properties change it; then extensions bring
 * in what they need. One that was turned off takes those along that need it,
 * unless they were asked for: then the two contradict each other. */
#include "target/riscv/config.h"

#include <gio/gio.h>
#include <stdio.h>
#include <string.h>

enum { G = 1, P = 2, X = 4, B = 8 }; /* models, as in isa.def */

typedef struct {
    const char *name;
    uint8_t models;
    const char *brings;
} Extension;

static const Extension extensions[N_EXTS] = {
#define EXT(id, name, models, brings) {name, models, brings},
#include "target/riscv/isa.def"
#undef EXT
};

typedef struct {
    const char *name, *about;
    uint8_t model;
    bool has_mmu;
    bool rv64, rv32;
    uint8_t max_vm; /* of 64-bit guests */
} Model;

static const Model models[] = {
    {"rv64", "general purpose", G, true, true, false, VM_SV57},
    {"rv32", "general purpose", G, true, false, true, VM_SV32},
    {"max", "everything there is", X, true, true, true, VM_SV57},
    {"rva22s64", "profile RVA22S64", P, true, true, false, VM_SV39},
    {"rv64i", "bare base, to add to", B, false, true, false, VM_BARE},
    {"rv32i", "bare base, to add to", B, false, false, true, VM_BARE},
};

/* What the text asks for. */
typedef struct {
    uint64_t on, off;
    bool mmu, pmp;
    bool sv39, sv48, sv57;
} Wishes;

static const Model *find_model(const char *name, bool rv64)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(models); i++) {
        const Model *m = &models[i];

        if ((rv64 ? m->rv64 : m->rv32) && strcmp(m->name, name) == 0) {
            return m;
        }
    }
    return NULL;
}

static int find_extension(const char *name)
{
    for (int i = 0; i < N_EXTS; i++) {
        if (strcmp(extensions[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

static uint64_t brought_by(unsigned ext)
{
    g_auto(GStrv) names = g_strsplit(extensions[ext].brings, " ", -1);
    uint64_t set = 0;

    for (unsigned i = 0; names[i]; i++) {
        if (*names[i]) {
            set |= UINT64_C(1) << find_extension(names[i]);
        }
    }
    return set;
}

static bool parse_bool(const char *text, bool *out)
{
    static const char *const yes[] = {"on", "true", "yes", NULL};
    static const char *const no[] = {"off", "false", "no", NULL};

    *out = g_strv_contains(yes, text);
    return *out || g_strv_contains(no, text);
}

/* Properties that say how big a cache block is: one answer is right. */
static bool is_block_size(const char *name)
{
    static const char *const names[] = {"cbom_blocksize", "cbop_blocksize",
                                        "cboz_blocksize", NULL};

    return g_strv_contains(names, name);
}

static bool *find_switch(Wishes *w, const char *name)
{
    return strcmp(name, "mmu") == 0    ? &w->mmu
           : strcmp(name, "pmp") == 0  ? &w->pmp
           : strcmp(name, "sv39") == 0 ? &w->sv39
           : strcmp(name, "sv48") == 0 ? &w->sv48
           : strcmp(name, "sv57") == 0 ? &w->sv57
                                       : NULL;
}

static bool wish(Wishes *w, const char *name, const char *text, GError **error)
{
    int ext = find_extension(name);
    bool *other = find_switch(w, name);
    bool value;

    if (is_block_size(name)) {
        if (strcmp(text, "64") != 0) {
            g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                        "cpu property '%s': only 64 is implemented", name);
            return false;
        }
        return true;
    }
    if (ext < 0 && !other) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "cpu property '%s': unknown", name);
        return false;
    }
    if (!parse_bool(text, &value)) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "cpu property '%s': '%s' is neither on nor off", name,
                    text);
        return false;
    }
    if (value && (ext == EXT_V || ext == EXT_H)) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                    "cpu property '%s': not implemented yet", name);
        return false;
    }
    if (other) {
        *other = value;
    } else {
        uint64_t bit = UINT64_C(1) << ext;

        w->on = value ? w->on | bit : w->on & ~bit;
        w->off = value ? w->off & ~bit : w->off | bit;
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
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "cpu property '%s': no value, expected =on or =off", text);
        return false;
    }
    return wish(w, pair[0], pair[1], error);
}

/* Compressed floats come with C and F or D, in this width. */
static uint64_t compressed_floats(uint64_t set, bool rv64)
{
    uint64_t c = UINT64_C(1) << EXT_C;
    uint64_t f = UINT64_C(1) << EXT_F, d = UINT64_C(1) << EXT_D;
    uint64_t more = 0;

    if (set & c) {
        more |= set & d ? UINT64_C(1) << EXT_ZCD : 0;
        more |= (set & f) && !rv64 ? UINT64_C(1) << EXT_ZCF : 0;
    }
    return more;
}

/* What ext needs, and what that needs. */
static uint64_t needed_by(unsigned ext)
{
    uint64_t set = brought_by(ext), before = 0;

    while (set != before) {
        before = set;
        for (unsigned i = 0; i < N_EXTS; i++) {
            set |= before >> i & 1 ? brought_by(i) : 0;
        }
    }
    return set;
}

/* Drops who needs what is off, then adds what the others need. */
static bool close_set(uint64_t *set, const Wishes *w, bool rv64, GError **error)
{
    for (unsigned i = 0; i < N_EXTS; i++) {
        uint64_t bit = UINT64_C(1) << i;
        uint64_t missing = *set & bit ? needed_by(i) & w->off : 0;

        if (missing && (w->on & bit)) {
            g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                        "cpu property '%s': needs '%s', which is off",
                        extensions[i].name,
                        extensions[__builtin_ctzll(missing)].name);
            return false;
        }
        *set &= missing ? ~bit : ~UINT64_C(0);
    }
    for (unsigned i = 0; i < N_EXTS; i++) {
        *set |= *set >> i & 1 ? needed_by(i) : 0;
    }
    *set |= compressed_floats(*set, rv64) & ~w->off;
    return true;
}

static uint8_t largest_vm(const Wishes *w, bool rv64, uint64_t set)
{
    if (!w->mmu || !(set >> EXT_S & 1)) {
        return VM_BARE;
    }
    return !rv64     ? VM_SV32
           : w->sv57 ? VM_SV57
           : w->sv48 ? VM_SV48
           : w->sv39 ? VM_SV39
                     : VM_BARE;
}

static uint64_t model_set(const Model *m)
{
    uint64_t set = 0;

    for (unsigned i = 0; i < N_EXTS; i++) {
        set |= extensions[i].models & m->model ? UINT64_C(1) << i : 0;
    }
    return set;
}

bool riscv_config_parse(RiscvConfig *config, const char *cpu, bool rv64,
                        GError **error)
{
    g_auto(GStrv) parts = g_strsplit(cpu, ",", -1);
    const Model *m = find_model(parts[0] ? parts[0] : "", rv64);
    Wishes w = {0};
    uint64_t set;

    if (!m) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "cpu '%s': unknown model", parts[0] ? parts[0] : "");
        return false;
    }
    w.mmu = w.pmp = m->has_mmu;
    w.sv39 = m->max_vm >= VM_SV39;
    w.sv48 = m->max_vm >= VM_SV48;
    w.sv57 = m->max_vm >= VM_SV57;
    for (unsigned i = 1; parts[i]; i++) {
        if (!parse_property(&w, parts[i], error)) {
            return false;
        }
    }
    set = (model_set(m) | w.on) & ~w.off;
    if (!rv64) {
        set &= ~(UINT64_C(1) << EXT_SSU64XL | UINT64_C(1) << EXT_SVNAPOT |
                 UINT64_C(1) << EXT_SVPBMT);
    }
    if (!close_set(&set, &w, rv64, error)) {
        return false;
    }
    *config = (RiscvConfig){
        .exts = set,
        .rv64 = rv64,
        .max_vm = largest_vm(&w, rv64, set),
        .pmp = w.pmp,
    };
    return true;
}

const char *riscv_cpu_model(bool rv64, unsigned n)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(models); i++) {
        if ((rv64 ? models[i].rv64 : models[i].rv32) && n-- == 0) {
            return models[i].name;
        }
    }
    return NULL;
}

void riscv_print_cpus(bool rv64)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(models); i++) {
        if (rv64 ? models[i].rv64 : models[i].rv32) {
            printf("  %-12s %s\n", models[i].name, models[i].about);
        }
    }
    printf("Properties (NAME=on|off, +NAME, -NAME): mmu pmp sv39 sv48 sv57");
    for (unsigned i = 0; i < N_EXTS; i++) {
        if (i != EXT_V && i != EXT_H) {
            printf(" %s", extensions[i].name);
        }
    }
    printf("\n");
}

/* Privilege levels are no part of the ISA string. */
static bool is_named(const RiscvConfig *config, unsigned ext)
{
    return (config->exts >> ext & 1) && ext != EXT_S && ext != EXT_U;
}

char *riscv_isa_string(const RiscvConfig *config)
{
    GString *s = g_string_new(config->rv64 ? "rv64" : "rv32");

    for (unsigned i = 0; i < N_EXTS; i++) {
        if (is_named(config, i)) {
            g_string_append_printf(s, "%s%s", extensions[i].name[1] ? "_" : "",
                                   extensions[i].name);
        }
    }
    return g_string_free(s, FALSE);
}

static void put_string(TargetPutProp *put, void *opaque, const char *name,
                       const char *value)
{
    put(opaque, name, value, strlen(value) + 1);
}

static void put_extensions(const RiscvConfig *config, TargetPutProp *put,
                           void *opaque)
{
    GString *list = g_string_new(NULL);

    for (unsigned i = 0; i < N_EXTS; i++) {
        if (is_named(config, i)) {
            g_string_append_len(list, extensions[i].name,
                                strlen(extensions[i].name) + 1);
        }
    }
    put(opaque, "riscv,isa-extensions", list->str, list->len);
    g_string_free(list, TRUE);
}

static void put_block_size(const RiscvConfig *config, unsigned ext,
                           TargetPutProp *put, void *opaque, const char *name)
{
    uint32_t size = GUINT32_TO_BE(CBO_BLOCK);

    if (config->exts >> ext & 1) {
        put(opaque, name, &size, sizeof(size));
    }
}

static const char *mmu_type(const RiscvConfig *config)
{
    switch (config->max_vm) {
    case VM_SV32:
        return "riscv,sv32";
    case VM_SV39:
        return "riscv,sv39";
    case VM_SV48:
        return "riscv,sv48";
    case VM_SV57:
        return "riscv,sv57";
    default:
        return "riscv,none";
    }
}

void riscv_fdt_cpu(const Vcpu *v, TargetPutProp *put, void *opaque)
{
    const RiscvConfig *config = &((const Riscv *)v)->config;
    g_autofree char *isa = riscv_isa_string(config);

    put_string(put, opaque, "compatible", "riscv");
    put_string(put, opaque, "mmu-type", mmu_type(config));
    put_string(put, opaque, "riscv,isa", isa);
    put_string(put, opaque, "riscv,isa-base", config->rv64 ? "rv64i" : "rv32i");
    put_extensions(config, put, opaque);
    put_block_size(config, EXT_ZICBOM, put, opaque, "riscv,cbom-block-size");
    put_block_size(config, EXT_ZICBOZ, put, opaque, "riscv,cboz-block-size");
    put_block_size(config, EXT_ZICBOP, put, opaque, "riscv,cbop-block-size");
}
