/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/layer-tree.h - members of a layer put into a folder, one by one. The
 * members are hostile: nothing outside the folder is touched, whatever links,
 * names and orders they come with.
 * Threads: one. Nobody else changes the folder meanwhile.
 * Lifetime: tree_new to tree_free. */
#ifndef CUTTLE_STORE_LAYER_TREE_H
#define CUTTLE_STORE_LAYER_TREE_H

#include <archive.h>
#include <archive_entry.h>

#include "store/layer.h"

typedef struct LayerTree LayerTree;

/* root stays the caller's. */
LayerTree *tree_new(int root, const LayerOptions *o, bool whiteouts,
                    const char *what);
void tree_free(LayerTree *t);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LayerTree, tree_free)
/* The member whose header was just read; its data come from a. */
bool tree_add(LayerTree *t, struct archive *a, struct archive_entry *e,
              GError **error);
/* Times and modes of folders, which later members would have changed. */
bool tree_finish(LayerTree *t, GError **error);
const LayerStats *tree_stats(const LayerTree *t);

#endif
