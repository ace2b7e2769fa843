/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/opt/opt.c - runs the pipeline of passes.def. */
#include "tcg/opt/opt.h"

#include <gio/gio.h>

typedef struct {
    const char *name;
    void (*run)(IrBlock *b);
    unsigned level;
} Pass;

static const Pass passes[] = {
#define PASS(name, function, level, purpose) {#name, function, level},
#include "tcg/opt/passes.def"
#undef PASS
};

/* Written by opt_configure before any vCPU runs, read by all after. */
static bool disabled[G_N_ELEMENTS(passes)];

static int find(const char *name)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(passes); i++) {
        if (!strcmp(passes[i].name, name)) {
            return (int)i;
        }
    }
    return -1;
}

#ifndef NDEBUG
static void check(const IrBlock *b, const char *after)
{
    g_autofree char *wrong = ir_verify(b);

    if (G_UNLIKELY(wrong)) {
        g_autofree char *text = ir_print(b);

        g_error("after pass %s: %s\n%s", after, wrong, text);
    }
}
#else
static void check(const IrBlock *b, const char *after)
{
}
#endif

void opt_run(IrBlock *b, unsigned level)
{
    check(b, "none");
    for (unsigned i = 0; i < G_N_ELEMENTS(passes); i++) {
        if (passes[i].level <= level && !disabled[i]) {
            passes[i].run(b);
            check(b, passes[i].name);
        }
    }
}

bool opt_configure(const char *spec, GError **error)
{
    bool off = *spec == '-';
    int i = find(spec + off);

    if (i < 0) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "pass '%s': there is none of that name", spec + off);
        return false;
    }
    disabled[i] = off;
    return true;
}

bool opt_run_list(IrBlock *b, const char *list, GError **error)
{
    g_auto(GStrv) names = g_strsplit(list, ",", -1);

    for (char **name = names; *name; name++) {
        int i = find(*name);

        if (i < 0) {
            g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                        "pass '%s': there is none of that name", *name);
            return false;
        }
        passes[i].run(b);
        check(b, passes[i].name);
    }
    return true;
}
