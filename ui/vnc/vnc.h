/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/vnc/vnc.h - the VNC servers of a machine: -vnc and -display vnc=.
 * Threads: main thread. Clients have threads of their own inside.
 * Lifetime: vnc_new once there are devices, vnc_free before they go. */
#ifndef CUTTLE_UI_VNC_VNC_H
#define CUTTLE_UI_VNC_VNC_H

#include "core/backends.h"

typedef struct Vnc Vnc;

/* One server for each ConfigItem of items (CONFIG_VNC); they listen when this
 * returns. name: the machine's, for titles; may be NULL. */
Vnc *vnc_new(const Backends *b, const GPtrArray *items, const char *name,
             GError **error);
void vnc_free(Vnc *v); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Vnc, vnc_free)

#endif
