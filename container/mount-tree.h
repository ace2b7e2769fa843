/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/mount-tree.h - copies of directories or files as mounts that are
 * nowhere yet (open_tree(2)): made by whoever may see the source, then moved
 * into place by the container's process.
 * Threads: one. */
#ifndef CUTTLE_CONTAINER_MOUNT_TREE_H
#define CUTTLE_CONTAINER_MOUNT_TREE_H

#include "container/mount-options.h"
#include "container/spec.h"

/* Whether this is a bind mount: by option or by type. */
bool mount_is_bind(const SpecMount *m, const MountOptions *o);

/* The tree of a bind mount; a relative source is the bundle's. user_ns: whose
 * ids the files get where the options ask for idmap; -1: none. -1 with an
 * error. */
int mount_tree_new(const SpecMount *m, const MountOptions *o,
                   const char *bundle, int user_ns, GError **error);

/* Sets MS_RDONLY, MS_NOSUID ... and the recursive attributes of a mount. */
bool mount_tree_set(int tree, const MountOptions *o, const char *what,
                    GError **error);

/* Puts a tree over the file or directory target. */
bool mount_tree_move(int tree, int target, const char *what, GError **error);

#endif
