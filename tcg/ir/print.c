/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/ir/print.c - a block as text, and the table of operations as a page.
 * Values are numbered in order of definition, so equal blocks print equally
 * whatever was removed from them. Any block with names in range prints, a
 * malformed one too: this is what shows the malformation. */
#include "tcg/ir/forms_priv.h"

typedef struct {
    const IrBlock *block;
    GString *out;
    uint32_t *number; /* of each op's value; 0: none */
} Printer;

static void print_ref(Printer *p, IrRef r)
{
    if (!r) {
        g_string_append_c(p->out, '-');
    } else if (r < p->block->n_ops && p->number[r]) {
        g_string_append_printf(p->out, "%%%u", p->number[r]);
    } else {
        g_string_append_printf(p->out, "%%?%u", r);
    }
}

static void print_constant(Printer *p, IrForm form, uint64_t v)
{
    const IrGuest *guest = p->block->guest;
    const char *const *words = ir_form_words(form);
    const char *name = NULL;

    if (form == FORM_FIELD) {
        name = v < guest->n_fields ? guest->fields[v].name : "?";
    } else if (form == FORM_HELPER) {
        name = v < guest->n_helpers ? guest->helpers[v].name : "?";
    } else if (words) {
        name = v < IR_MAX_WORDS && words[v] ? words[v] : "?";
    }
    if (name) {
        g_string_append(p->out, name);
    } else if (form == FORM_VALUE) {
        g_string_append_printf(p->out, "0x%" G_GINT64_MODIFIER "x", v);
    } else {
        g_string_append_printf(p->out, "%" G_GINT64_FORMAT, (gint64)v);
    }
}

static void print_op(Printer *p, uint32_t i)
{
    const IrOp *op = &p->block->ops[i];
    const IrOpForm *form = &ir_op_forms[op->code];
    const IrOpInfo *info = &ir_op_info[op->code];
    const char *const *words = ir_form_words((IrForm)form->aux);
    const char *comma = " ";

    g_string_append(p->out, "  ");
    if (op->type) {
        g_string_append_printf(p->out, "%%%u = ", p->number[i]);
    }
    g_string_append(p->out, info->name);
    if (op->type) {
        g_string_append_printf(p->out, ".%s",
                               op->type < IR_N_TYPES ? ir_type_names[op->type]
                                                     : "?");
    }
    if (words && !(words[0] && !*words[0] && !op->aux)) {
        g_string_append_c(p->out, '.');
        print_constant(p, (IrForm)form->aux, op->aux);
    }
    for (unsigned n = 0; n < info->n_args; n++, comma = ", ") {
        g_string_append(p->out, comma);
        print_ref(p, op->arg[n]);
    }
    if (form->imm) {
        g_string_append(p->out, comma);
        print_constant(p, (IrForm)form->imm, op->imm);
    }
    if (form->aux == FORM_NUMBER) {
        g_string_append_printf(p->out, ", %u", op->aux);
    }
    g_string_append_c(p->out, '\n');
}

char *ir_print(const IrBlock *b)
{
    g_autofree uint32_t *number = g_new0(uint32_t, b->n_ops);
    Printer p = {.block = b, .out = g_string_new(NULL), .number = number};
    uint32_t n_values = 0;

    g_string_append_printf(p.out, "block %u %u %u\n", b->start, b->end,
                           b->n_insns);
    IR_FOR_EACH_OP(b, i) {
        if (b->ops[i].code == IR_NOP) {
            continue;
        }
        if (b->ops[i].code >= IR_N_OPS) {
            g_string_append_printf(p.out, "  ?%u\n", b->ops[i].code);
            continue;
        }
        if (b->ops[i].type) {
            number[i] = ++n_values;
        }
        print_op(&p, i);
    }
    return g_string_free(p.out, FALSE);
}

/* The reference. */

static const struct {
    unsigned effect;
    const char *name;
} effect_names[] = {
    {IR_READS_STATE, "reads state"}, {IR_WRITES_STATE, "writes state"},
    {IR_MEMORY, "memory"},           {IR_MAY_FAULT, "may fault"},
    {IR_FP, "float mode and flags"}, {IR_CALLS, "the helper's"},
    {IR_SIDE_EXIT, "may leave"},     {IR_END, "leaves"},
    {IR_MARK, "stays in place"},
};

static void print_effects(GString *out, unsigned effects)
{
    const char *comma = "";

    if (effects == IR_PURE) {
        g_string_append(out, "pure");
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(effect_names); i++) {
        if (effects & effect_names[i].effect) {
            g_string_append_printf(out, "%s%s", comma, effect_names[i].name);
            comma = ", ";
        }
    }
}

static const char *type_words(char letter)
{
    switch (letter) {
    case '-':
        return "-";
    case 'i':
        return "i32, i64";
    case 'f':
        return "f32, f64";
    case 'a':
        return "any";
    case 'n':
        return "i32, i64, f32, f64";
    case 'V':
        return "v128";
    case 'o':
        return "a number's or none";
    case 'w':
        return "i32";
    case 'F':
        return "f32";
    default:
        return "f64";
    }
}

/* Escapes the one character a table cell cannot hold. */
static void print_cell(GString *out, const char *text)
{
    for (; *text; text++) {
        g_string_append(out, *text == '|' ? "\\|" : (char[]){*text, 0});
    }
}

char *ir_reference(void)
{
    GString *out = g_string_new("| op | arguments | type | effects | meaning "
                                "|\n|---|---|---|---|---|\n");

    for (unsigned code = 0; code < IR_N_OPS; code++) {
        const IrOpInfo *info = &ir_op_info[code];

        g_string_append_printf(out, "| `%s` | %u | %s | ", info->name,
                               info->n_args,
                               type_words(ir_op_forms[code].type));
        print_effects(out, info->effects);
        g_string_append(out, " | ");
        print_cell(out, info->meaning);
        g_string_append(out, " |\n");
    }
    return g_string_free(out, FALSE);
}
