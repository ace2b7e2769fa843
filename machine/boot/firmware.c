/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/boot/firmware.c - the search for firmware: -L folders, then
 * $CUTTLE_FIRMWARE (a folder or a file), then where distributions put it. */
#include "machine/boot/firmware.h"

#include <stdio.h>
#include <string.h>

/* Debian's opensbi package, then the names firmware has beside QEMU. */
static const char *const system_dirs[] = {
    "/usr/lib/riscv%u-linux-gnu/opensbi/generic",
    "/usr/share/opensbi/generic",
    "/usr/share/qemu",
    "/usr/local/share/qemu",
};

static char *if_file(char *path)
{
    if (g_file_test(path, G_FILE_TEST_IS_REGULAR)) {
        return path;
    }
    g_free(path);
    return NULL;
}

static char *find_in(const char *dir, const char *const *names)
{
    for (unsigned i = 0; names[i] != NULL; i++) {
        char *path = if_file(g_build_filename(dir, names[i], NULL));

        if (path != NULL) {
            return path;
        }
    }
    return NULL;
}

static char *find_in_environment(const char *const *names)
{
    const char *place = g_getenv("CUTTLE_FIRMWARE");

    if (place == NULL || *place == '\0') {
        return NULL;
    }
    if (g_file_test(place, G_FILE_TEST_IS_DIR)) {
        return find_in(place, names);
    }
    return if_file(g_strdup(place));
}

static char *find_in_system(unsigned xlen, const char *const *names)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(system_dirs); i++) {
        g_autofree char *width = g_strdup_printf("%u", xlen);
        g_auto(GStrv) parts = g_strsplit(system_dirs[i], "%u", 2);
        g_autofree char *dir = g_strjoinv(width, parts);
        char *path = find_in(dir, names);

        if (path != NULL) {
            return path;
        }
    }
    return NULL;
}

static char *find(unsigned xlen, GPtrArray *dirs, const char *const *names,
                  bool environment_file)
{
    char *path = NULL;

    for (unsigned i = 0; i < dirs->len && path == NULL; i++) {
        path = find_in(g_ptr_array_index(dirs, i), names);
    }
    if (path == NULL && environment_file) {
        path = find_in_environment(names);
    }
    return path != NULL ? path : find_in_system(xlen, names);
}

BootFile *firmware_open(const char *name, GPtrArray *dirs, uint64_t max,
                        GError **error)
{
    const char *const names[] = {name, NULL};
    g_autofree char *path = NULL;

    if (strchr(name, '/') == NULL && !g_file_test(name, G_FILE_TEST_EXISTS)) {
        path = find(64, dirs, names, false);
    }
    return boot_file_open("firmware", path != NULL ? path : name, max, error);
}

BootFile *firmware_open_opensbi(unsigned xlen, GPtrArray *dirs, uint64_t max,
                                GError **error)
{
    g_autofree char *name =
        g_strdup_printf("opensbi-riscv%u-generic-fw_dynamic.bin", xlen);
    /* The short name says nothing of the width, so 64 bits only, but for the
     * folder named after it. */
    const char *const names[] = {name, xlen == 64 ? "fw_dynamic.bin" : NULL,
                                 NULL};
    const char *const any[] = {"fw_dynamic.bin", NULL};
    g_autofree char *path = find(xlen, dirs, names, true);

    if (path == NULL) {
        g_autofree char *dir =
            g_strdup_printf("/usr/lib/riscv%u-linux-gnu/opensbi/generic", xlen);

        path = find_in(dir, any);
    }
    if (path == NULL) {
        machine_fail(error,
                     "firmware '%s': not found; install OpenSBI (Debian: "
                     "opensbi), name its folder with -L, or use -bios FILE "
                     "or -bios none",
                     name);
        return NULL;
    }
    return boot_file_open("firmware", path, max, error);
}

void firmware_print_dirs(GPtrArray *dirs)
{
    const char *place = g_getenv("CUTTLE_FIRMWARE");

    for (unsigned i = 0; i < dirs->len; i++) {
        printf("%s\n", (const char *)g_ptr_array_index(dirs, i));
    }
    if (place != NULL) {
        printf("%s\n", place);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(system_dirs); i++) {
        g_auto(GStrv) parts = g_strsplit(system_dirs[i], "%u", 2);
        g_autofree char *dir = g_strjoinv("64", parts);

        printf("%s\n", dir);
    }
}
