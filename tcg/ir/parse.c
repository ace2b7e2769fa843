/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/ir/parse.c - reads the text form that print.c writes.
 * Line by line, one op a line; `#` starts a comment. The text may be anything:
 * what is not an op is an error with its line number, and a block that parses
 * is a block that verifies. */
#include <errno.h>
#include <gio/gio.h>
#include <stdlib.h>
#include <string.h>

#include "tcg/ir/forms_priv.h"

enum { MAX_OPS = 1 << 16, MAX_OPERANDS = 5 };

typedef struct {
    IrBlock *block;
    GHashTable *labels; /* number after `%` -> IrRef */
    unsigned line;
} Parser;

static G_GNUC_PRINTF(3, 4) bool fail(const Parser *p, GError **error,
                                     const char *format, ...)
{
    g_autofree char *what = NULL;
    va_list args;

    va_start(args, format);
    what = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "line %u: %s",
                p->line, what);
    return false;
}

/* Decimal, or hexadecimal after 0x; a minus sign negates. */
static bool parse_number(const char *text, uint64_t *out)
{
    bool negative = *text == '-';
    const char *digits = text + negative;
    bool hex = g_str_has_prefix(digits, "0x");
    char *end;

    digits += hex ? 2 : 0;
    if (!g_ascii_isxdigit(*digits)) {
        return false;
    }
    errno = 0;
    *out = g_ascii_strtoull(digits, &end, hex ? 16 : 10);
    if (errno || *end) {
        return false;
    }
    if (negative) {
        *out = -*out;
    }
    return true;
}

static bool parse_word(const char *const *words, const char *text,
                       uint64_t *out)
{
    for (unsigned i = 0; i < IR_MAX_WORDS; i++) {
        if (words[i] && !strcmp(words[i], text)) {
            *out = i;
            return true;
        }
    }
    return false;
}

static bool parse_field(const IrGuest *guest, const char *text, uint64_t *out)
{
    for (unsigned i = 0; i < guest->n_fields; i++) {
        if (!strcmp(guest->fields[i].name, text)) {
            *out = i;
            return true;
        }
    }
    return false;
}

static bool parse_helper(const IrGuest *guest, const char *text, uint64_t *out)
{
    for (unsigned i = 0; i < guest->n_helpers; i++) {
        if (!strcmp(guest->helpers[i].name, text)) {
            *out = i;
            return true;
        }
    }
    return false;
}

static bool parse_constant(const Parser *p, IrForm form, const char *text,
                           uint64_t *out, GError **error)
{
    const char *const *words = ir_form_words(form);
    bool ok;

    if (form == FORM_FIELD) {
        ok = parse_field(p->block->guest, text, out);
    } else if (form == FORM_HELPER) {
        ok = parse_helper(p->block->guest, text, out);
    } else if (words) {
        ok = parse_word(words, text, out);
    } else {
        ok = parse_number(text, out);
    }
    return ok || fail(p, error, "'%s' is not understood", text);
}

static bool parse_label(const char *text, uint32_t *out)
{
    uint64_t v;

    if (*text != '%' || text[1] == '-' || !parse_number(text + 1, &v) ||
        v > G_MAXINT32) {
        return false;
    }
    *out = (uint32_t)v;
    return true;
}

static bool parse_ref(const Parser *p, const char *text, IrRef *out,
                      GError **error)
{
    uint32_t label;

    if (!strcmp(text, "-")) {
        *out = 0;
        return true;
    }
    if (!parse_label(text, &label)) {
        return fail(p, error, "'%s' is not a value", text);
    }
    *out = GPOINTER_TO_UINT(
        g_hash_table_lookup(p->labels, GUINT_TO_POINTER(label)));
    return *out || fail(p, error, "%s is not defined", text);
}

/* `name[.type][.word]`: the code, type and, if it is a word, aux; the word may
 * be missing where aux 0 has an empty one. */
static bool parse_mnemonic(const Parser *p, char *text, IrOp *op,
                           GError **error)
{
    g_auto(GStrv) parts = g_strsplit(text, ".", 3);
    const char *const *words;
    unsigned n = 1, code = 0;
    uint64_t aux = 0;

    if (!parts[0]) {
        return fail(p, error, "there is no op");
    }
    while (code < IR_N_OPS && strcmp(ir_op_info[code].name, parts[0])) {
        code++;
    }
    if (code == IR_N_OPS || code == IR_NOP) {
        return fail(p, error, "op '%s' is unknown", parts[0]);
    }
    op->code = code;
    for (unsigned t = IR_I32; parts[n] && t < IR_N_TYPES; t++) {
        if (!strcmp(parts[n], ir_type_names[t])) {
            op->type = t;
            n++;
            break;
        }
    }
    words = ir_form_words((IrForm)ir_op_forms[code].aux);
    if (words && (parts[n] || !words[0] || *words[0])) {
        if (!parts[n]) {
            return fail(p, error, "'%s' lacks a suffix", text);
        }
        if (!parse_constant(p, (IrForm)ir_op_forms[code].aux, parts[n], &aux,
                            error)) {
            return false;
        }
        op->aux = aux;
        n++;
    }
    return !parts[n] || fail(p, error, "'%s' has a suffix too many", text);
}

static bool parse_operands(const Parser *p, char *text, IrOp *op,
                           GError **error)
{
    g_auto(GStrv) words = g_strsplit(text, ",", MAX_OPERANDS + 1);
    const IrOpForm *form = &ir_op_forms[op->code];
    unsigned n_args = ir_op_info[op->code].n_args, n = 0;
    unsigned want = n_args + !!form->imm + (form->aux == FORM_NUMBER);
    unsigned have = g_strv_length(words);
    uint64_t aux = op->aux;

    if (have != want) {
        return fail(p, error, "%s takes %u operands", ir_op_info[op->code].name,
                    want);
    }
    for (; n < n_args; n++) {
        if (!parse_ref(p, g_strstrip(words[n]), &op->arg[n], error)) {
            return false;
        }
    }
    if (form->imm && !parse_constant(p, (IrForm)form->imm,
                                     g_strstrip(words[n++]), &op->imm, error)) {
        return false;
    }
    if (form->aux == FORM_NUMBER &&
        !parse_constant(p, FORM_NUMBER, g_strstrip(words[n]), &aux, error)) {
        return false;
    }
    op->aux = (uint16_t)aux;
    return aux <= G_MAXUINT16 || fail(p, error, "a number is too large");
}

/* `%label =` before an op: its label, or 0, and the text after it. */
static bool parse_result(const Parser *p, char **text, uint32_t *label,
                         bool *has_label, GError **error)
{
    char *equals = strchr(*text, '=');

    *has_label = equals;
    if (!equals) {
        return true;
    }
    *equals = '\0';
    if (!parse_label(g_strstrip(*text), label)) {
        return fail(p, error, "'%s' is not a value", *text);
    }
    *text = g_strchug(equals + 1);
    return true;
}

static bool parse_op(Parser *p, char *text, GError **error)
{
    IrOp op = {0};
    uint32_t label = 0;
    bool has_label;
    char *operands;
    IrRef r;

    if (!parse_result(p, &text, &label, &has_label, error)) {
        return false;
    }
    operands = text + strcspn(text, " \t");
    if (*operands) {
        *operands++ = '\0';
    }
    if (!parse_mnemonic(p, text, &op, error) ||
        !parse_operands(p, g_strstrip(operands), &op, error)) {
        return false;
    }
    if (has_label != (op.type != IR_VOID)) {
        return fail(p, error, "a value needs both a name and a type");
    }
    if (p->block->n_ops >= MAX_OPS) {
        return fail(p, error, "block is too large");
    }
    r = ir_append(p->block, op);
    if (has_label && !g_hash_table_insert(p->labels, GUINT_TO_POINTER(label),
                                          GUINT_TO_POINTER(r))) {
        return fail(p, error, "%%%u is defined twice", label);
    }
    return true;
}

/* `block <start> <end> <instructions>` */
static bool parse_header(const Parser *p, char *text, GError **error)
{
    g_auto(GStrv) words = g_strsplit(text, " ", 5);
    uint64_t n[3] = {0};

    if (g_strv_length(words) != 4 || strcmp(words[0], "block")) {
        return fail(p, error, "expected 'block start end instructions'");
    }
    for (unsigned i = 0; i < 3; i++) {
        if (!parse_number(words[i + 1], &n[i]) || n[i] > G_MAXUINT32) {
            return fail(p, error, "'%s' is not understood", words[i + 1]);
        }
    }
    p->block->start = (uint32_t)n[0];
    p->block->end = (uint32_t)n[1];
    p->block->n_insns = (uint32_t)n[2];
    return true;
}

static bool parse_line(Parser *p, char *line, bool *begun, GError **error)
{
    line[strcspn(line, "#")] = '\0';
    g_strstrip(line);
    if (!*line) {
        return true;
    }
    if (*begun) {
        return parse_op(p, line, error);
    }
    *begun = true;
    return parse_header(p, line, error);
}

bool ir_parse(IrBlock *b, const char *text, GError **error)
{
    g_autoptr(GHashTable) labels = g_hash_table_new(NULL, NULL);
    Parser p = {.block = b, .labels = labels};
    g_autofree char *wrong = NULL;
    bool begun = false;

    ir_block_clear(b);
    while (*text) {
        size_t length = strcspn(text, "\n");
        g_autofree char *line = g_strndup(text, length);

        p.line++;
        if (!parse_line(&p, line, &begun, error)) {
            return false;
        }
        text += length + (text[length] == '\n');
    }
    wrong = ir_verify(b);
    if (wrong) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s", wrong);
        return false;
    }
    return true;
}
