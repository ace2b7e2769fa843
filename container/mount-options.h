/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/mount-options.h - the words of a mount's options (config.md,
 * "Linux mount options") as what mount(2) and mount_setattr(2) take.
 * Threads: pure. */
#ifndef CUTTLE_CONTAINER_MOUNT_OPTIONS_H
#define CUTTLE_CONTAINER_MOUNT_OPTIONS_H

#include <gio/gio.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct {
    unsigned long flags;       /* MS_*; MS_BIND and MS_REC among them */
    unsigned long propagation; /* MS_PRIVATE ..., with MS_REC; 0: none */
    uint64_t recursive_set, recursive_clear; /* MOUNT_ATTR_* for all below */
    bool idmap, idmap_recursive;
    bool copy_up; /* tmpfs: start with what the directory holds */
    char *data;   /* what the file system itself gets; NULL: nothing */
} MountOptions;

void mount_options_parse(MountOptions *o, char **options);
void mount_options_clear(MountOptions *o);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(MountOptions, mount_options_clear)

/* All words, for `features`; ends with NULL. g_free the list. */
const char **mount_options_names(void);

/* MS_SLAVE ... of "rslave" ...; 0 with an error for another word. */
unsigned long mount_propagation(const char *word, GError **error);

#endif
