/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/block/block-backend.h - makes disks out of options.
 * Threads: the event loop's. */
#ifndef CUTTLE_BACKEND_BLOCK_BLOCK_BACKEND_H
#define CUTTLE_BACKEND_BLOCK_BLOCK_BACKEND_H

#include "core/block.h"
#include "util/opts.h"

/* -drive and -blockdev keys: file (filename), format (driver), read-only,
 * auto-read-only, cache, cache.direct, cache.no-flush, aio, discard, snapshot,
 * locking, werror, rerror; id and node-name are ignored. Refuses keys nobody
 * knows before touching the file. The caller owns the result
 * (backends_add_block). */
BlockDev *block_backend_new(const char *id, Opts *opts, GError **error);

/* -blockdev's nodes that stand on another one, which opts name: driver=raw,
 * file=NODE and driver=blkdebug,image=NODE, the latter with rules
 * inject-error.N.{event,iotype,errno,sector,once}. NULL: another driver. */
const char *block_filter_below(Opts *opts);
/* Claims below, which outlives it while requests are made. The caller owns the
 * result and releases below when it frees it. */
BlockDev *block_filter_new(const char *id, BlockDev *below, Opts *opts,
                           GError **error);

#endif
