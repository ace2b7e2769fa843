/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/block/image_priv.h - opens a raw image file or block device and keeps
 * other processes from writing to it meanwhile.
 * Threads: any. */
#ifndef CUTTLE_BACKEND_BLOCK_IMAGE_PRIV_H
#define CUTTLE_BACKEND_BLOCK_IMAGE_PRIV_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct {
    const char *path;
    bool read_only;
    bool fall_back_read_only; /* if we may not write */
    bool direct;              /* around the host's cache */
    bool lock;
    bool probe; /* refuse what looks like another format */
} ImageRequest;

typedef struct {
    int fd;
    int direct_fd;      /* -1 unless direct */
    uint64_t file_size; /* bytes there are */
    uint64_t size;      /* whole sectors: the last may hang over */
    bool read_only;
} Image;

enum { IMAGE_SECTOR = 512 };

/* False with `disk 'path': reason`. */
bool image_open(Image *image, const ImageRequest *request, GError **error);
void image_close(Image *image);

#endif
