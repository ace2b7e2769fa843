/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/ir/run.c - runs the text cases of .ir files: `ir-run [--update] FILE`.
 * A file is cases of this form:
 *     case: what it shows
 *     steps: fold,dead_put
 *     in:
 *     <block>
 *     out:
 *     <block>
 * Steps are passes, or fold: through the builder again. Instead of out, error
 * says how the block is refused. --update writes what came out into the file,
 * for a person to look at; --reference prints the table for docs/ir.md. */
#include <stdio.h>
#include <string.h>

#include "tcg/ir/rebuild.h"
#include "tcg/opt/opt.h"
#include "tests/ir/machine.h"

typedef struct {
    char *title, *steps, *in, *want; /* want starts with out: or error: */
} Case;

static void case_clear(Case *c)
{
    g_free(c->title);
    g_free(c->steps);
    g_free(c->in);
    g_free(c->want);
    *c = (Case){0};
}

/* Cuts text at the first line that starts with mark; g_free the first part.
 * *text moves to the mark. */
static char *cut(const char **text, const char *mark)
{
    g_autofree char *line = g_strconcat("\n", mark, NULL);
    const char *at = strstr(*text, line);
    char *part =
        at ? g_strndup(*text, (size_t)(at + 1 - *text)) : g_strdup(*text);

    *text = at ? at + 1 : *text + strlen(*text);
    return part;
}

/* Reads the case *text starts with. */
static bool case_read(Case *c, const char **text)
{
    c->title = cut(text, "steps:");
    c->steps = cut(text, "in:");
    if (!g_str_has_prefix(*text, "in:\n")) {
        return false;
    }
    *text += strlen("in:\n");
    if (strstr(*text, "\nerror:") &&
        (!strstr(*text, "\nout:") ||
         strstr(*text, "\nerror:") < strstr(*text, "\nout:"))) {
        c->in = cut(text, "error:");
    } else {
        c->in = cut(text, "out:");
    }
    c->want = cut(text, "case:");
    return true;
}

static bool run_steps(IrBlock *b, char *steps, GError **error)
{
    g_auto(GStrv) names = g_strsplit(g_strstrip(steps), ",", -1);

    for (char **name = names; *name; name++) {
        if (!strcmp(*name, "fold")) {
            IrBlock built;

            ir_block_init(&built, b->guest);
            ir_rebuild(&built, b, NULL);
            ir_block_finish(b);
            *b = built;
        } else if (**name && !opt_run_list(b, *name, error)) {
            return false;
        }
    }
    return true;
}

/* What the case comes to, in the form of want. */
static char *case_run(const Case *c)
{
    g_autofree char *steps = g_strdup(c->steps + strlen("steps:"));
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    char *result;
    IrBlock b;

    ir_block_init(&b, &machine_guest);
    if (ir_parse(&b, c->in, &error) && run_steps(&b, steps, &error)) {
        g_autofree char *wrong = ir_verify(&b);

        text = ir_print(&b);
        result = wrong ? g_strdup_printf("error: %s\n", wrong)
                       : g_strdup_printf("out:\n%s", text);
    } else {
        result = g_strdup_printf("error: %s\n", error->message);
    }
    ir_block_finish(&b);
    return result;
}

/* Runs a file's cases; the number that failed. new_text gets the file as it
 * should be. */
static unsigned run_file(const char *text, GString *new_text)
{
    unsigned n_failed = 0;
    g_autofree char *head =
        g_str_has_prefix(text, "case:") ? g_strdup("") : cut(&text, "case:");

    g_string_append(new_text, head);
    while (*text) {
        Case c = {0};
        g_autofree char *got = NULL;

        if (!case_read(&c, &text)) {
            fprintf(stderr, "not a case: %s\n", c.title);
            case_clear(&c);
            return n_failed + 1;
        }
        got = case_run(&c);
        g_string_append_printf(new_text, "%s%sin:\n%s%s%s", c.title, c.steps,
                               c.in, got, *text ? "\n" : "");
        if (strcmp(g_strchomp(c.want), g_strchomp(got))) {
            fprintf(stderr, "%s--- want\n%s\n+++ got\n%s\n", c.title, c.want,
                    got);
            n_failed++;
        }
        case_clear(&c);
    }
    return n_failed;
}

int main(int argc, char **argv)
{
    bool update = argc == 3 && !strcmp(argv[1], "--update");
    g_autoptr(GString) new_text = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;
    unsigned n_failed;

    if (argc == 2 && !strcmp(argv[1], "--reference")) {
        text = ir_reference();
        fputs(text, stdout);
        return 0;
    }
    if (argc != 2 + update ||
        !g_file_get_contents(argv[1 + update], &text, NULL, &error)) {
        fprintf(stderr, "%s\n",
                error ? error->message : "usage: ir-run [--update] FILE");
        return 2;
    }
    n_failed = run_file(text, new_text);
    if (update && !g_file_set_contents(argv[2], new_text->str, -1, &error)) {
        fprintf(stderr, "%s\n", error->message);
        return 2;
    }
    return n_failed && !update;
}
