/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/screenshot.c - copies a screen's picture, then writes it: the copy is
 * what keeps the guest from waiting for the file system. */
#include "core/screenshot.h"

#include <gio/gio.h>
#include <string.h>

/* Its own copy of what the screen shows; NULL when that is nothing. */
static uint32_t *copy_picture(Display *d, Image *image)
{
    DisplaySink *sink = display_attach(d, NULL, NULL);
    DisplayChange change;
    DisplayPicture p;
    uint32_t *copy = NULL;

    display_look(sink, &change);
    display_picture(d, &p);
    if (p.width != 0) {
        copy = g_memdup2(p.pixels, sizeof(*copy) * p.stride * p.height);
        *image = (Image){copy, p.width, p.height, p.stride};
    }
    display_done(d);
    display_detach(sink);
    return copy;
}

bool screenshot_write(Display *d, const char *path, ImageFormat format,
                      GError **error)
{
    Image image;
    g_autofree uint32_t *copy = copy_picture(d, &image);

    if (copy == NULL) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "no surface");
        return false;
    }
    return image_write(path, format, &image, error);
}
