/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/files.h - small files of the kernel, and paths that stay inside a
 * root directory whatever links the image put there (openat2(2)).
 * Threads: pure but for the file system. Errors name the path. */
#ifndef CUTTLE_CONTAINER_FILES_H
#define CUTTLE_CONTAINER_FILES_H

#include <gio/gio.h>
#include <stdbool.h>
#include <sys/types.h>

#include "util/fd.h"

/* Sets *error from errno: "<what>: <reason>". Always false. */
bool fail_errno(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* The same from a number; and with a reason of one's own. */
bool fail_with(GError **error, int number, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
bool fail(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* The errno that fail_errno kept in it; 0 for other errors. */
int error_number(const GError *error);

/* One write(2) to a file that exists, as kernel interfaces want it. */
bool file_write(int dir, const char *path, const char *text, GError **error);
/* The text of a small file (1 MiB at most), without its last line feed. */
char *file_read(int dir, const char *path, GError **error);
/* Replaces a file by rename, so that readers see the old or the new one. */
bool file_replace(int dir, const char *path, const char *text, mode_t mode,
                  GError **error);
/* A directory and all below it, without following links; true where there is
 * none. */
bool tree_remove(const char *path);

/* "/proc/self/fd/N", for calls that take only paths. */
typedef struct {
    char text[32];
} FdPath;
FdPath fd_path(int fd);

/* ---- inside a root ---- */

/* Opens path as if root were "/"; magic links are refused. */
int root_open(int root, const char *path, int flags, GError **error);
/* Makes what is missing of the directories, or of the directories and an empty
 * file, and opens it O_PATH. */
int root_make_directory(int root, const char *path, mode_t mode,
                        GError **error);
int root_make_file(int root, const char *path, GError **error);
/* The O_PATH descriptor of path's directory, made if missing; *name is the
 * last part, in path. */
int root_make_parent(int root, const char *path, const char **name,
                     GError **error);

#endif
