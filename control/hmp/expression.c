/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/hmp/expression.c - numbers as a person writes them: C's operators
 * without comparisons, by precedence climbing. */
#include <string.h>

#include "control/hmp/hmp_priv.h"

enum { MAX_DEPTH = 64 };

typedef struct {
    HmpCall *call;
    const char *at;
    unsigned depth;
    bool failed;
} Parser;

static uint64_t parse_binary(Parser *p, unsigned level);

static uint64_t fail(Parser *p, const char *why)
{
    if (!p->failed) {
        hmp_print(p->call, "%s\n", why);
    }
    p->failed = true;
    return 0;
}

static void skip(Parser *p)
{
    while (g_ascii_isspace(*p->at)) {
        p->at++;
    }
}

static uint64_t parse_number(Parser *p)
{
    char *end;
    guint64 v = g_ascii_strtoull(p->at, &end, 0);

    if (end == p->at) {
        return fail(p, *p->at == '\0' ? "unexpected end of expression"
                                      : "invalid char in expression");
    }
    p->at = end;
    return v;
}

/* Only the program counter is known by name. */
static uint64_t parse_register(Parser *p)
{
    const char *start = ++p->at;

    while (g_ascii_isalnum(*p->at) || *p->at == '_') {
        p->at++;
    }
    if (p->at - start == 2 && strncmp(start, "pc", 2) == 0) {
        return hmp_cpu(p->call)->pc;
    }
    return fail(p, "unknown register");
}

static uint64_t parse_unary(Parser *p)
{
    uint64_t v;

    skip(p);
    if (++p->depth > MAX_DEPTH) {
        return fail(p, "expression is nested too deep");
    }
    switch (*p->at) {
    case '-':
        p->at++;
        v = -parse_unary(p);
        break;
    case '~':
        p->at++;
        v = ~parse_unary(p);
        break;
    case '+':
        p->at++;
        v = parse_unary(p);
        break;
    case '(':
        p->at++;
        v = parse_binary(p, 0);
        skip(p);
        if (*p->at != ')') {
            return fail(p, "')' expected");
        }
        p->at++;
        break;
    case '$':
        v = parse_register(p);
        break;
    default:
        v = parse_number(p);
        break;
    }
    p->depth--;
    return v;
}

static const struct {
    const char *text;
    unsigned level;
} operators[] = {
    {"|", 1}, {"^", 2}, {"&", 3}, {"<<", 4}, {">>", 4},
    {"+", 5}, {"-", 5}, {"*", 6}, {"/", 6},  {"%", 6},
};

static int find_operator(const Parser *p)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(operators); i++) {
        if (g_str_has_prefix(p->at, operators[i].text)) {
            return (int)i;
        }
    }
    return -1;
}

static uint64_t apply(Parser *p, char op, uint64_t a, uint64_t b)
{
    switch (op) {
    case '|':
        return a | b;
    case '^':
        return a ^ b;
    case '&':
        return a & b;
    case '<':
        return b < 64 ? a << b : 0;
    case '>':
        return b < 64 ? a >> b : 0;
    case '+':
        return a + b;
    case '-':
        return a - b;
    case '*':
        return a * b;
    case '/':
        return b != 0 ? a / b : fail(p, "division by zero");
    default:
        return b != 0 ? a % b : fail(p, "division by zero");
    }
}

static uint64_t parse_binary(Parser *p, unsigned level)
{
    uint64_t v = parse_unary(p);

    while (!p->failed) {
        int op;

        skip(p);
        op = find_operator(p);
        if (op < 0 || operators[op].level <= level) {
            break;
        }
        p->at += strlen(operators[op].text);
        v = apply(p, *operators[op].text, v,
                  parse_binary(p, operators[op].level));
    }
    return v;
}

bool hmp_expression(HmpCall *call, const char *text, uint64_t *out)
{
    Parser p = {call, text, 0, false};

    *out = parse_binary(&p, 0);
    skip(&p);
    if (!p.failed && *p.at != '\0') {
        fail(&p, "invalid char in expression");
    }
    return !p.failed;
}
