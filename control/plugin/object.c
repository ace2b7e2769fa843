/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/plugin/object.c - see object.h. The linker maps what the program
 * headers say and touches it: behind the file's end that is a bus error. */
#include "control/plugin/object.h"

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <gio/gio.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

static bool refuse(GError **error, const char *why)
{
    g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, why);
    return false;
}

/* A FIFO would block, a folder has a strange message. */
static bool is_file(const char *path, GError **error)
{
    struct stat st;

    if (stat(path, &st) < 0) {
        return refuse(error, g_strerror(errno));
    }
    return S_ISREG(st.st_mode) || refuse(error, "is not a regular file");
}

static bool is_shared_object(const Elf64_Ehdr *e)
{
    static const uint8_t ident[] = {ELFMAG0,    ELFMAG1,     ELFMAG2,   ELFMAG3,
                                    ELFCLASS64, ELFDATA2LSB, EV_CURRENT};

    return memcmp(e->e_ident, ident, sizeof(ident)) == 0 &&
           e->e_type == ET_DYN && e->e_phentsize == sizeof(Elf64_Phdr) &&
           e->e_phnum > 0;
}

static bool segments_fit(const char *data, size_t len, const Elf64_Ehdr *e)
{
    if (e->e_phoff > len ||
        e->e_phnum > (len - e->e_phoff) / sizeof(Elf64_Phdr)) {
        return false;
    }
    for (unsigned i = 0; i < e->e_phnum; i++) {
        Elf64_Phdr p;

        memcpy(&p, data + e->e_phoff + i * sizeof(p), sizeof(p));
        if (p.p_offset > len || p.p_filesz > len - p.p_offset) {
            return false;
        }
    }
    return true;
}

static bool check(const char *data, size_t len, GError **error)
{
    Elf64_Ehdr e;

    if (len < sizeof(e)) {
        return refuse(error, "is not a shared object");
    }
    memcpy(&e, data, sizeof(e));
    if (!is_shared_object(&e)) {
        return refuse(error, "is not a shared object");
    }
    return segments_fit(data, len, &e) || refuse(error, "ends too early");
}

/* The dynamic linker's message without the path that it begins with. */
static const char *linker_error(const char *path)
{
    const char *why = dlerror();

    return g_str_has_prefix(why, path) && why[strlen(path)] == ':'
               ? why + strlen(path) + 2
               : why;
}

void *object_open(const char *path, GError **error)
{
    g_autoptr(GMappedFile) file = NULL;
    void *object;

    if (!is_file(path, error)) {
        return NULL;
    }
    file = g_mapped_file_new(path, FALSE, error);
    if (file == NULL || !check(g_mapped_file_get_contents(file),
                               g_mapped_file_get_length(file), error)) {
        return NULL;
    }
    object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (object == NULL) {
        refuse(error, linker_error(path));
    }
    return object;
}
