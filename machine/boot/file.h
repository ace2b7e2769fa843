/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/boot/file.h - a file a machine boots from: opened once, read again
 * at every reset, so nothing of it stays in memory.
 * Threads: main thread.
 * Lifetime: the Boot that opened it owns it. */
#ifndef CUTTLE_MACHINE_BOOT_FILE_H
#define CUTTLE_MACHINE_BOOT_FILE_H

#include <glib.h>
#include <inttypes.h>
#include <stdbool.h>

/* Errors of machine/ as a whole. */
#define MACHINE_ERROR (machine_error_quark())
GQuark machine_error_quark(void);
typedef enum { MACHINE_ERROR_FAILED } MachineError;

/* Sets an error of this domain; always false. */
bool machine_fail(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

typedef struct BootFile {
    char *what; /* "kernel", for messages */
    char *path;
    int fd;
    uint64_t size;
} BootFile;

/* Refuses what is no regular file, is empty or has more than max bytes. */
BootFile *boot_file_open(const char *what, const char *path, uint64_t max,
                         GError **error);
void boot_file_free(BootFile *f);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(BootFile, boot_file_free)

/* All of it, as it is now. */
GBytes *boot_file_read(BootFile *f, GError **error);

#endif
