/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/util-image.c - picture files, read back. */
#include <glib.h>
#include <glib/gstdio.h>
#include <png.h>
#include <string.h>

#include "util/image.h"

/* Three by two, in lines of four words. */
static const uint32_t pixels[] = {
    0xff112233, 0x00445566, 0x12ffffff, 0xdeadbeef,
    0x00000000, 0x000000ff, 0xffff0000, 0xdeadbeef,
};
static const Image image = {pixels, 3, 2, 4};
static const uint8_t rgb[] = {0x11, 0x22, 0x33, 0x44, 0x55, 0x66,
                              0xff, 0xff, 0xff, 0,    0,    0,
                              0,    0,    0xff, 0xff, 0,    0};

static char *path_of(const char *name)
{
    return g_build_filename(g_get_tmp_dir(), name, NULL);
}

static void write_image(const char *path, ImageFormat format)
{
    g_autoptr(GError) error = NULL;

    image_write(path, format, &image, &error);
    g_assert_no_error(error);
}

static void test_ppm(void)
{
    g_autofree char *path = path_of("cuttle-image.ppm");
    g_autofree char *bytes = NULL;
    gsize len;

    write_image(path, IMAGE_PPM);
    g_assert_true(g_file_get_contents(path, &bytes, &len, NULL));
    g_assert_cmpmem(bytes, 11, "P6\n3 2\n255\n", 11);
    g_assert_cmpmem(bytes + 11, len - 11, rgb, sizeof(rgb));
    g_unlink(path);
}

static void test_png(void)
{
    g_autofree char *path = path_of("cuttle-image.png");
    png_image png = {.version = PNG_IMAGE_VERSION};
    uint8_t bytes[sizeof(rgb)];

    write_image(path, IMAGE_PNG);
    g_assert_true(png_image_begin_read_from_file(&png, path));
    g_assert_cmpint(png.width, ==, 3);
    g_assert_cmpint(png.height, ==, 2);
    g_assert_cmpint(png.format, ==, PNG_FORMAT_RGB);
    g_assert_true(png_image_finish_read(&png, NULL, bytes, 0, NULL));
    g_assert_cmpmem(bytes, sizeof(bytes), rgb, sizeof(rgb));
    g_unlink(path);
}

static void expect(const char *path, ImageFormat format, const char *want)
{
    g_autoptr(GError) error = NULL;

    g_assert_false(image_write(path, format, &image, &error));
    g_assert_cmpstr(error->message, ==, want);
}

static void test_errors(void)
{
    static const ImageFormat both[] = {IMAGE_PPM, IMAGE_PNG};

    for (unsigned i = 0; i < G_N_ELEMENTS(both); i++) {
        expect("no/where", both[i],
               "Could not create 'no/where': No such file or directory");
        expect("/dev/full", both[i],
               "Could not write '/dev/full': No space left on device");
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/image/ppm", test_ppm);
    g_test_add_func("/image/png", test_png);
    g_test_add_func("/image/errors", test_errors);
    return g_test_run();
}
