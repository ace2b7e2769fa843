/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/fs.h - file system steps that a crash may fall between.
 * Threads: any.
 * Lifetime: no state, but a step counter for tests: with
 *   CUTTLE_TEST_KILL_AT=N in the environment the Nth step kills the process
 *   first, as a power cut would. */
#ifndef CUTTLE_STORE_FS_H
#define CUTTLE_STORE_FS_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "util/fd.h"

/* Marks a step; every function below that changes something does. */
void fs_step(void);

/* Error text is "`what`: reason of errno"; return false or -1. */
bool fs_fail(GError **error, const char *what);

/* The whole file, NUL-terminated; NULL with errno. EFBIG: more than max. */
char *fs_read_at(int dirfd, const char *name, size_t max, size_t *len);
char *fs_read_fd(int fd, size_t max, size_t *len);
/* openat2 that never leaves dirfd: absolute paths, .. and links that climb out
 * are errors (EXDEV). */
int fs_open_beneath(int dirfd, const char *path, int flags);
/* Temporary file, fsync, rename over name, fsync of the folder. */
bool fs_replace_at(int dirfd, const char *name, const void *data, size_t len);
bool fs_sync_dir(int dirfd);
bool fs_mkdir_at(int dirfd, const char *name, unsigned mode);
bool fs_rename_at(int from_dir, const char *from, int to_dir, const char *to);
bool fs_unlink_at(int dirfd, const char *name);
/* Everything below and name itself; symbolic links are not followed. Goes on
 * after an error and tells of it. A name that is not there is success. */
bool fs_remove_tree_at(int dirfd, const char *name);
int fs_open_dir_at(int dirfd, const char *name);
/* Names in a folder, sorted, without . and ..; empty where it is not there. */
GPtrArray *fs_list_at(int dirfd, const char *name);

/* flock on a file of the folder, made if need be; -1 with errno (EWOULDBLOCK).
 * Closing the descriptor lets go. */
int fs_lock_at(int dirfd, const char *name, int operation);

/* "prefix-" and 16 random hex digits; caller frees. */
char *fs_random_name(const char *prefix);

#endif
