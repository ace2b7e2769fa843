/* SPDX-License-Identifier: GPL-2.0-or-later */
/* util/image.c - writes PNG and PPM (netpbm's P6). This is the only file that
 * knows libpng. */
#include "util/image.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <png.h>
#include <stdio.h>
#include <unistd.h>

/* A screen is mostly flat: more effort makes it hardly smaller. */
enum { PNG_EFFORT = 3 };

static void unpack_line(uint8_t *to, const uint32_t *from, uint32_t width)
{
    for (uint32_t i = 0; i < width; i++) {
        *to++ = (uint8_t)(from[i] >> 16);
        *to++ = (uint8_t)(from[i] >> 8);
        *to++ = (uint8_t)from[i];
    }
}

static bool write_ppm(FILE *f, const Image *image, uint8_t *line)
{
    if (fprintf(f, "P6\n%u %u\n255\n", image->width, image->height) < 0) {
        return false;
    }
    for (uint32_t y = 0; y < image->height; y++) {
        unpack_line(line, image->pixels + (size_t)y * image->stride,
                    image->width);
        if (fwrite(line, 3, image->width, f) != image->width) {
            return false;
        }
    }
    return true;
}

/* libpng leaves by longjmp when a write fails; nothing is allocated here that
 * its own structs do not hold. */
static bool png_lines(png_structp png, png_infop info, FILE *f,
                      const Image *image, uint8_t *line)
{
    if (setjmp(png_jmpbuf(png))) {
        return false;
    }
    png_init_io(png, f);
    png_set_compression_level(png, PNG_EFFORT);
    png_set_IHDR(png, info, image->width, image->height, 8, PNG_COLOR_TYPE_RGB,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    for (uint32_t y = 0; y < image->height; y++) {
        unpack_line(line, image->pixels + (size_t)y * image->stride,
                    image->width);
        png_write_row(png, line);
    }
    png_write_end(png, info);
    return true;
}

static bool write_png(FILE *f, const Image *image, uint8_t *line)
{
    png_structp png =
        png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png != NULL ? png_create_info_struct(png) : NULL;
    bool good = info != NULL && png_lines(png, info, f, image, line);

    png_destroy_write_struct(&png, &info);
    return good;
}

static bool fail(GError **error, int code, const char *what, const char *path)
{
    g_set_error(error, G_IO_ERROR, g_io_error_from_errno(code),
                "Could not %s '%s': %s", what, path, g_strerror(code));
    return false;
}

bool image_write(const char *path, ImageFormat format, const Image *image,
                 GError **error)
{
    g_autofree uint8_t *line = g_malloc((size_t)image->width * 3);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    FILE *f;
    bool good;
    int code;

    if (fd < 0) {
        return fail(error, errno, "create", path);
    }
    f = fdopen(fd, "wb");
    if (f == NULL) {
        code = errno;
        close(fd);
        return fail(error, code, "create", path);
    }
    errno = 0;
    good = format == IMAGE_PNG ? write_png(f, image, line)
                               : write_ppm(f, image, line);
    code = errno != 0 ? errno : EIO;
    if (fclose(f) != 0 && good) {
        code = errno;
        good = false;
    }
    return good || fail(error, code, "write", path);
}
