/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/hmp/block-commands.c - disks that come, go, and change their size. */
#include "control/hmp/hmp_priv.h"
#include "machine/change.h"

/* NULL: all went well. */
static void report(HmpCall *call, GError *take)
{
    if (take != NULL) {
        hmp_print_error(call, take);
    }
}

/* Mebibytes, unless the size has a suffix. */
void hmp_block_resize(HmpCall *call)
{
    GError *error = NULL;
    uint64_t size;

    if (!opts_parse_size(call->words[1], 1 << 20, &size)) {
        hmp_print(call, "invalid size\n");
        return;
    }
    machine_resize_disk(call->control->m, call->words[0], size, &error);
    report(call, error);
}

/* The PCI address that its device once took means nothing any more. */
void hmp_drive_add(HmpCall *call)
{
    Machine *m = call->control->m;
    bool node = strcmp(call->words[0], "-n") == 0;
    const char *text = call->words[node ? 2 : 1];
    GError *error = NULL;
    g_autoptr(Opts) opts = NULL;
    const char *name;

    if (text == NULL) {
        hmp_print(call, "drive_add: needs an address and options\n");
        return;
    }
    opts = opts_parse(text, NULL, &error);
    if (opts == NULL) {
        hmp_print_error(call, error);
        return;
    }
    if (!node) {
        if (machine_add_drive(m, opts, &error)) {
            hmp_print(call, "OK\n");
        }
        report(call, error);
        return;
    }
    name = opts_require(opts, "node-name", &error);
    if (name != NULL) {
        machine_add_blockdev(m, name, opts, &error);
    }
    report(call, error);
}

void hmp_drive_del(HmpCall *call)
{
    GError *error = NULL;

    machine_remove_drive(call->control->m, call->words[0], &error);
    report(call, error);
}

void hmp_complete_drive(const Control *c, const char *word, GPtrArray *list)
{
    GHashTableIter iter;
    void *id, *disk;

    g_hash_table_iter_init(&iter, machine_backends(c->m)->blocks);
    while (g_hash_table_iter_next(&iter, &id, &disk)) {
        if (!((const BlockDev *)disk)->gone) {
            g_ptr_array_add(list, g_strdup(id));
        }
    }
}
