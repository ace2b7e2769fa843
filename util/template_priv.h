/* SPDX-License-Identifier: GPL-2.0-or-later */
/* util/template_priv.h - a parsed template. */
#ifndef CUTTLE_UTIL_TEMPLATE_PRIV_H
#define CUTTLE_UTIL_TEMPLATE_PRIV_H

#include "util/template.h"

typedef struct TemplatePipe TemplatePipe;

typedef enum {
    OPERAND_DOT,      /* . and .A.B: path from the current value */
    OPERAND_VARIABLE, /* $, $x, $x.A */
    OPERAND_LITERAL,
    OPERAND_FUNCTION,
    OPERAND_PIPE, /* ( ... ), with a path behind it */
} OperandKind;

typedef struct {
    OperandKind kind;
    char *name;         /* variable or function */
    GPtrArray *path;    /* char *: members to follow */
    JsonNode *literal;  /* OPERAND_LITERAL */
    TemplatePipe *pipe; /* OPERAND_PIPE */
} TemplateOperand;

typedef struct {
    GPtrArray *operands; /* TemplateOperand *; the first may be a function */
} TemplateCommand;

struct TemplatePipe {
    char *variables[2];  /* assigned; range may have two */
    GPtrArray *commands; /* TemplateCommand * */
};

typedef enum { NODE_TEXT, NODE_PIPE, NODE_IF, NODE_RANGE, NODE_WITH } NodeKind;

typedef struct {
    NodeKind kind;
    char *text;
    TemplatePipe *pipe;
    GPtrArray *body;      /* TemplateNode * */
    GPtrArray *otherwise; /* NULL: no else */
} TemplateNode;

struct Template {
    GPtrArray *nodes;
};

/* args are n values; NULL with an error. */
typedef JsonNode *(*TemplateCall)(JsonNode **args, unsigned n, GError **error);
typedef struct {
    const char *name;
    unsigned min, max;
    TemplateCall call;
} TemplateFunction;
const TemplateFunction *template_function(const char *name);

void template_fail(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);
bool template_truth(JsonNode *value);
/* As Go's %v. */
void template_print_value(JsonNode *value, GString *out);

#endif
