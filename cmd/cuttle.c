/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd/cuttle.c - the front end: verbs.def against argv, then one function.
 * An error is one line on standard error and exit code 125, unless the verb's
 * model has another for it. */
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/args.h"
#include "cmd/verbs.h"
#include "store/error.h"

/* A broken pipe ends us as it ends podman; output that cannot be written is an
 * error, not a success. */
static int finish(int code)
{
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "Error: standard output: %s\n", g_strerror(errno));
        return EXIT_CODE_ERROR;
    }
    return code;
}

void print_error(const GError *error)
{
    fprintf(stderr, "Error: %s\n", error->message);
}

Store *cuttle_store(Cuttle *c, GError **error)
{
    if (c->store == NULL) {
        c->store = store_open(c->root, error);
    }
    return c->store;
}

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VerbArgs) args = NULL;
    Cuttle cuttle = {.argv = argv};
    int code;

    setlocale(LC_CTYPE, "C.UTF-8");
    args = args_parse(argc, argv, &error);
    if (args == NULL) {
        print_error(error);
        return EXIT_CODE_ERROR;
    }
    if (args_help(args)) {
        return finish(EXIT_SUCCESS);
    }
    cuttle.root = args_global(args, "root");
    code = args_function(args)(&cuttle, args, &error);
    if (code < 0) {
        fflush(stdout);
        print_error(error);
        code = EXIT_CODE_ERROR;
    }
    store_close(cuttle.store);
    return finish(code);
}
