/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd/verbs/image-files.c - load, save, import, image unpack. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/verbs.h"
#include "store/error.h"
#include "store/fs.h"
#include "store/layer.h"
#include "store/reference.h"
#include "store/transfer.h"

/* ---- load ---- */

static GPtrArray *load_from(Store *s, const char *path, GError **error)
{
    g_auto(Fd) fd = -1;
    struct stat st;

    if (path == NULL || strcmp(path, "-") == 0) {
        if (isatty(STDIN_FILENO)) {
            store_fail_code(error, STORE_ERROR_INVALID,
                            "cannot read from terminal, use command-line "
                            "redirection or the --input flag");
            return NULL;
        }
        return store_load_archive(s, STDIN_FILENO, "standard input", error);
    }
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0) {
        fs_fail(error, path);
        return NULL;
    }
    return S_ISDIR(st.st_mode) ? store_load_folder(s, path, error)
                               : store_load_archive(s, fd, path, error);
}

int verb_load(Cuttle *c, const VerbArgs *a, GError **error)
{
    Store *s = cuttle_store(c, error);
    g_autoptr(GPtrArray) loaded =
        s != NULL ? load_from(s, args_value(a, "input"), error) : NULL;

    if (loaded == NULL) {
        return -1;
    }
    for (guint i = 0; i < loaded->len && !args_flag(a, "quiet"); i++) {
        const Loaded *l = loaded->pdata[i];

        printf("Loaded image: %s\n", l->name != NULL ? l->name : l->id.text);
    }
    return EXIT_SUCCESS;
}

/* ---- save ---- */

/* A file takes its name when it is whole; a pipe or device is written as it
 * is. */
typedef struct {
    const char *path;
    char *temporary; /* NULL: path itself is open */
    int fd;
} Output;

static bool output_open(Output *o, const char *path, GError **error)
{
    struct stat st;

    *o = (Output){.path = path, .fd = -1};
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
        o->fd = open(path, O_WRONLY | O_CLOEXEC);
    } else {
        o->temporary = g_strconcat(path, ".XXXXXX", NULL);
        o->fd = g_mkstemp_full(o->temporary, O_WRONLY | O_CLOEXEC, 0644);
    }
    return o->fd >= 0 || fs_fail(error, path);
}

static bool output_close(Output *o, bool good, GError **error)
{
    if (o->fd >= 0 && close(o->fd) < 0 && good) {
        good = fs_fail(error, o->path);
    }
    if (o->temporary != NULL) {
        if (good && rename(o->temporary, o->path) < 0) {
            good = fs_fail(error, o->path);
        }
        if (!good) {
            unlink(o->temporary);
        }
        g_free(o->temporary);
    }
    return good;
}

static bool save_to(Store *s, GPtrArray *names, const Platform *platform,
                    SaveFormat format, const char *path, GError **error)
{
    Output out;
    bool good;

    if (path == NULL) {
        if (isatty(STDOUT_FILENO)) {
            return store_fail_code(error, STORE_ERROR_INVALID,
                                   "refusing to save to terminal. Use -o flag "
                                   "or redirect");
        }
        return store_save(s, names, platform, format, STDOUT_FILENO,
                          "standard output", error);
    }
    if (format == SAVE_OCI_DIR) {
        return store_save(s, names, platform, format, -1, path, error);
    }
    if (!output_open(&out, path, error)) {
        g_free(out.temporary);
        return false;
    }
    good = store_save(s, names, platform, format, out.fd, path, error);
    return output_close(&out, good, error);
}

int verb_save(Cuttle *c, const VerbArgs *a, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    const char *path = args_value(a, "output");
    const char *text = args_value(a, "format");
    SaveFormat format = SAVE_DOCKER_ARCHIVE;
    Store *s = cuttle_store(c, error);
    Platform *platform = NULL;

    if (s == NULL || !args_platform(a, &platform, error) ||
        (text != NULL && !save_format_parse(text, &format, error))) {
        return -1;
    }
    if (format == SAVE_OCI_DIR && path == NULL) {
        store_fail_code(error, STORE_ERROR_INVALID,
                        "format oci-dir needs --output");
        return -1;
    }
    for (unsigned i = 0; i < args_count(a); i++) {
        g_autoptr(GPtrArray) entries = store_lookup(s, args_at(a, i), error);

        if (entries == NULL) {
            return -1; /* before a byte is written */
        }
        g_ptr_array_add(names, (char *)args_at(a, i));
    }
    return save_to(s, names, platform, format, path, error) ? EXIT_SUCCESS : -1;
}

/* ---- import ---- */

static bool import_platform(const VerbArgs *a, Platform **out, GError **error)
{
    const char *os = args_value(a, "os");
    const char *arch = args_value(a, "arch");
    const char *variant = args_value(a, "variant");
    g_autofree char *text = NULL;

    if (!args_platform(a, out, error)) {
        return false;
    }
    if (*out != NULL || (os == NULL && arch == NULL && variant == NULL)) {
        return true;
    }
    text = g_strconcat(os != NULL ? os : "linux", "/",
                       arch != NULL ? arch : platform_host()->architecture,
                       variant != NULL ? "/" : NULL, variant, NULL);
    *out = g_new0(Platform, 1);
    return platform_parse(text, *out, error);
}

int verb_import(Cuttle *c, const VerbArgs *a, GError **error)
{
    const char *path = args_at(a, 0);
    bool from_stdin = strcmp(path, "-") == 0;
    Store *s = cuttle_store(c, error);
    g_autofree char *name = NULL;
    Platform *platform = NULL;
    ImportOptions o = {0};
    g_auto(Fd) fd = -1;
    Digest id;

    if (s == NULL || !import_platform(a, &platform, error)) {
        return -1;
    }
    if (args_count(a) > 1) {
        g_autoptr(Reference) r = reference_parse_local(args_at(a, 1), error);

        if (r == NULL) {
            return -1;
        }
        name = reference_name(r);
    }
    fd = from_stdin ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        fs_fail(error, path);
        return -1;
    }
    o = (ImportOptions){.name = name,
                        .message = args_value(a, "message"),
                        .platform = platform,
                        .changes = (char **)args_values(a, "change")};
    if (!store_import(s, fd, from_stdin ? "standard input" : path, &o, &id,
                      error)) {
        return -1;
    }
    printf("%s\n", id.text);
    return EXIT_SUCCESS;
}

/* ---- unpack ---- */

int verb_image_unpack(Cuttle *c, const VerbArgs *a, GError **error)
{
    Store *s = cuttle_store(c, error);
    g_autoptr(Lease) lease = NULL;
    g_autoptr(Image) image = NULL;
    g_auto(GStrv) paths = NULL;
    Platform *platform = NULL;

    if (s == NULL || !args_platform(a, &platform, error)) {
        return -1;
    }
    lease = lease_new(s, error);
    image = lease != NULL ? store_find_image(s, args_at(a, 0), platform, error)
                          : NULL;
    if (image == NULL ||
        !store_unpack_image(lease, image, NULL, &paths, error)) {
        return -1;
    }
    for (unsigned i = 0; paths[i] != NULL; i++) {
        printf("%s\n", paths[i]);
    }
    return EXIT_SUCCESS;
}
