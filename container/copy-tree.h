/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/copy-tree.h - a directory's contents into another one: files,
 * links, owners, modes, times and extended attributes. Links are copied, never
 * followed.
 * Threads: pure but for the file system. */
#ifndef CUTTLE_CONTAINER_COPY_TREE_H
#define CUTTLE_CONTAINER_COPY_TREE_H

#include <gio/gio.h>
#include <stdbool.h>

/* from and to: directories, O_PATH suffices. */
bool copy_tree(int from, int to, GError **error);

#endif
