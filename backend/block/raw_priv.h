/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/block/raw_priv.h - the disk over an opened raw image. */
#ifndef CUTTLE_BACKEND_BLOCK_RAW_PRIV_H
#define CUTTLE_BACKEND_BLOCK_RAW_PRIV_H

#include "backend/block/image_priv.h"
#include "core/block.h"

typedef struct {
    bool write_cache; /* the guest must flush; else every write is durable */
    bool ignore_flush;
    bool discard;   /* give freed space back to the host */
    bool temporary; /* snapshot=on */
    bool use_uring; /* if there is one */
    bool must_uring;
} RawPolicy;

/* Takes the image, on failure too. */
BlockDev *raw_disk_new(const char *id, const char *path, Image *image,
                       const RawPolicy *policy, GError **error);

#endif
