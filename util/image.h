/* SPDX-License-Identifier: GPL-2.0-or-later */
/* util/image.h - pictures as files.
 * Threads: any. Blocks on the file system. */
#ifndef CUTTLE_UTIL_IMAGE_H
#define CUTTLE_UTIL_IMAGE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum { IMAGE_PPM, IMAGE_PNG } ImageFormat;

typedef struct {
    const uint32_t *pixels; /* XRGB8888 words of the host, x ignored */
    uint32_t width, height;
    uint32_t stride; /* words */
} Image;

/* Replaces what the file holds. The error names the file. */
bool image_write(const char *path, ImageFormat format, const Image *image,
                 GError **error);

#endif
