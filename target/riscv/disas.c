/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/riscv/disas.c - fills the assembly text of a decode line with the
 * instruction's fields. Only for eyes: it looks through the whole table. */
#include "target/riscv/disas.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "target/riscv/translate.h"
#include "util/bits.h"

static const RiscvInsn *find(uint32_t insn, bool rv64)
{
    unsigned width = (insn & 3) == 3 ? 32 : 16;

    if (width == 16) {
        insn &= 0xffff;
    }
    /* Sorted by the number of fixed bits: the first match is the best. */
    for (unsigned i = 0; i < riscv_n_insns; i++) {
        const RiscvInsn *r = &riscv_insns[i];
        bool in_xlen = !r->xlen || r->xlen == (rv64 ? 64 : 32);

        if (r->width == width && in_xlen && (insn & r->mask) == r->match) {
            return r;
        }
    }
    return NULL;
}

/* Index of a field; -1: the word is not one. */
static int field_index(const char *name)
{
    for (int i = 0; i < RISCV_N_FIELDS; i++) {
        if (strcmp(riscv_field_names[i], name) == 0) {
            return i;
        }
    }
    return -1;
}

/* rd, rs1 ... name x registers; fd, fs1 ... f registers in the same fields. */
static bool append_register(GString *out, const char *word,
                            const int32_t *fields)
{
    static const char *const words[] = {"rd", "rs1", "rs2", "rs3",
                                        "fd", "fs1", "fs2", "fs3"};

    for (unsigned i = 0; i < G_N_ELEMENTS(words); i++) {
        if (strcmp(word, words[i]) == 0) {
            unsigned file = i < 4 ? FIELD_X0 : FIELD_F0;
            unsigned reg = fields[field_index(words[i % 4])] & 31;

            g_string_append(out, riscv_ir.fields[file + reg].name);
            return true;
        }
    }
    return false;
}

static void append_word(GString *out, const char *word, const int32_t *fields,
                        uint64_t pc)
{
    int index = field_index(word);

    if (append_register(out, word, fields)) {
        return;
    }
    if (strcmp(word, "off") == 0) {
        g_string_append_printf(out, "0x%" PRIx64,
                               pc + (int64_t)fields[field_index("imm")]);
    } else if (strcmp(word, "csr") == 0) {
        g_string_append_printf(out, "0x%x", (unsigned)fields[index]);
    } else if (index >= 0) {
        g_string_append_printf(out, "%d", fields[index]);
    } else {
        g_string_append(out, word);
    }
}

char *riscv_disassemble(uint32_t insn, bool rv64, uint64_t pc)
{
    const RiscvInsn *r = find(insn, rv64);
    int32_t fields[RISCV_N_FIELDS] = {0};
    GString *out;

    if (!r) {
        return NULL;
    }
    r->fields(insn, fields);
    out = g_string_new(NULL);
    g_string_append_printf(out, *r->assembly ? "%-11s " : "%s", r->name);
    for (const char *p = r->assembly; *p;) {
        char word[16];
        size_t n = 0;

        while (isalnum((unsigned char)p[n]) && n + 1 < sizeof(word)) {
            n++;
        }
        if (n == 0) {
            g_string_append_c(out, *p++);
            continue;
        }
        memcpy(word, p, n);
        word[n] = 0;
        append_word(out, word, fields, pc);
        p += n;
    }
    return g_string_free(out, FALSE);
}

size_t riscv_disassemble_at(const Vcpu *v, const uint8_t *code, size_t len,
                            Gva pc, GString *out)
{
    size_t size = (code[0] & 3) == 3 ? 4 : 2; /* the length bits of C */
    g_autofree char *text = NULL;
    uint32_t insn;

    if (size > len) {
        g_string_append_printf(out, ".byte 0x%02x", code[0]);
        return 1;
    }
    insn = (uint32_t)bytes_load_le(code, (unsigned)size);
    text = riscv_disassemble(insn, ((const Riscv *)v)->config.rv64, pc);
    g_string_append_printf(out, "%0*x  %s", (int)(2 * size), insn,
                           text ? text : "(illegal)");
    return size;
}
