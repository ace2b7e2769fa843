/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plugins/insn.c - counts the instructions that each vCPU starts.
 *   -plugin insn.so[,inline=off]
 * inline=off counts with a call each time instead of code in line: slower, and
 * the same number. */
#include <inttypes.h>
#include <string.h>

#include "plugins/cuttle-plugin.h"

const int cuttle_plugin_version = CUTTLE_PLUGIN_VERSION;

static struct {
    const CuttlePluginInfo *info;
    CuttleCounter insns;
    bool calls;
} insn;

static void one_more(unsigned vcpu, void *data)
{
    cuttle_counter_add(insn.insns, vcpu, 1);
}

static void translated(CuttleBlock *b, void *data)
{
    for (size_t n = 0; n < cuttle_block_size(b); n++) {
        CuttleInsn *i = cuttle_block_insn(b, n);

        if (insn.calls) {
            cuttle_insn_call(i, one_more, CUTTLE_NOTHING, NULL);
        } else {
            cuttle_insn_count(i, insn.insns, 1);
        }
    }
}

static void finish(void *data)
{
    for (unsigned v = 0; v < insn.info->n_vcpus; v++) {
        cuttle_log("cpu %u insns: %" PRIu64 "\n", v,
                   cuttle_counter_get(insn.insns, v));
    }
    cuttle_log("total insns: %" PRIu64 "\n", cuttle_counter_sum(insn.insns));
}

int cuttle_plugin_install(CuttlePlugin *self, const CuttlePluginInfo *info,
                          int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "inline=off") == 0) {
            insn.calls = true;
        } else if (strcmp(argv[i], "inline=on") != 0) {
            cuttle_error(self, "there is no argument '%s'", argv[i]);
            return 1;
        }
    }
    insn.info = info;
    insn.insns = cuttle_counter_new(self);
    cuttle_on_block(self, translated, NULL);
    cuttle_on_finish(self, finish, NULL);
    return 0;
}
