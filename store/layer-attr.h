/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/layer-attr.h - owner, mode, times, extended attributes and ACLs of a
 * member put on a file.
 * Threads: any. */
#ifndef CUTTLE_STORE_LAYER_ATTR_H
#define CUTTLE_STORE_LAYER_ATTR_H

#include <archive.h>
#include <archive_entry.h>

#include "store/layer.h"

/* path is one that the process may use, "/proc/self/fd/N/name": its last
 * component is not followed. Modes and times of folders are left for later.
 * False with errno. */
bool attr_apply(const char *path, struct archive_entry *e,
                const LayerOptions *o);
/* Attributes that another overlay would believe, and those of other systems,
 * are left out. */
bool attr_wanted(const char *name);
/* Marks a folder as hiding all below it. */
bool attr_set_opaque(const char *path);

#endif
