/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/plugin/probe.c - a plugin that tells everything it hears of the test
 * programs, by function, in a form that does not depend on how blocks are cut.
 *   insns NAME COUNTED CALLED   instructions, counted in line and by calls
 *   vcpu N EVENT
 * It leaves out what is behind the symbol "done". */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/cuttle-plugin.h"

const int cuttle_plugin_version = CUTTLE_PLUGIN_VERSION;

enum { MAX_FUNCTIONS = 64 };

typedef struct {
    char *name;
    CuttleCounter counted, called;
} Function;

static CuttlePlugin *me;
static Function functions[MAX_FUNCTIONS];
static unsigned n_functions;

static Function *function_of(CuttleInsn *i)
{
    const char *symbol = cuttle_insn_symbol(i);
    size_t len = symbol != NULL ? strcspn(symbol, "+") : 0;

    if (len == 0 || strncmp(symbol, "done", len) == 0 ||
        strncmp(symbol, "idle", len) == 0) {
        return NULL;
    }
    for (unsigned n = 0; n < n_functions; n++) {
        if (strlen(functions[n].name) == len &&
            memcmp(functions[n].name, symbol, len) == 0) {
            return &functions[n];
        }
    }
    if (n_functions == MAX_FUNCTIONS) {
        abort();
    }
    functions[n_functions] = (Function){
        strndup(symbol, len), cuttle_counter_new(me), cuttle_counter_new(me)};
    return &functions[n_functions++];
}

static void called(unsigned vcpu, void *data)
{
    const Function *f = data;

    cuttle_counter_add(f->called, vcpu, 1);
}

static void translated(CuttleBlock *b, void *data)
{
    for (size_t n = 0; n < cuttle_block_size(b); n++) {
        CuttleInsn *i = cuttle_block_insn(b, n);
        Function *f = function_of(i);

        if (f == NULL) {
            continue;
        }
        cuttle_insn_count(i, f->counted, 1);
        cuttle_insn_call(i, called,
                         data != NULL ? CUTTLE_REGISTERS : CUTTLE_NOTHING, f);
    }
}

static void finish(void *data)
{
    for (unsigned n = 0; n < n_functions; n++) {
        const Function *f = &functions[n];

        cuttle_log("insns %s %" PRIu64 " %" PRIu64 "\n", f->name,
                   cuttle_counter_sum(f->counted),
                   cuttle_counter_sum(f->called));
        free(f->name);
    }
}

int cuttle_plugin_install(CuttlePlugin *self, const CuttlePluginInfo *info,
                          int argc, char **argv)
{
    bool registers = argc > 0 && strcmp(argv[0], "registers=on") == 0;

    me = self;
    cuttle_on_block(self, translated, registers ? self : NULL);
    cuttle_on_finish(self, finish, NULL);
    return 0;
}
