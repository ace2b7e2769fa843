/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/block/overlay_priv.h - snapshot=on: writes go to a nameless temporary
 * file and are gone at the end; the image below is only read.
 * Threads: any; calls block. Readers run side by side, a writer alone. */
#ifndef CUTTLE_BACKEND_BLOCK_OVERLAY_PRIV_H
#define CUTTLE_BACKEND_BLOCK_OVERLAY_PRIV_H

#include <glib.h>

#include "backend/block/iov_priv.h"

typedef struct Overlay Overlay;

/* Borrows base, which has size bytes and really base_end of them. */
Overlay *overlay_new(int base, uint64_t base_end, uint64_t size,
                     GError **error);
void overlay_free(Overlay *o); /* NULL-safe */

/* 0 or -errno. */
int overlay_read(Overlay *o, uint64_t offset, IovRun r);
int overlay_write(Overlay *o, uint64_t offset, IovRun r);
int overlay_zero(Overlay *o, uint64_t offset, uint64_t len);

#endif
