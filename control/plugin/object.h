/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/plugin/object.h - shared objects, opened with more care than the
 * dynamic linker takes: what it is given runs or crashes in this process, so
 * files that are no shared objects, or half of one, are refused before.
 * Threads: main thread. */
#ifndef CUTTLE_CONTROL_PLUGIN_OBJECT_H
#define CUTTLE_CONTROL_PLUGIN_OBJECT_H

#include <glib.h>

/* For dlsym and dlclose; NULL with what is wrong, without the path. */
void *object_open(const char *path, GError **error);

#endif
