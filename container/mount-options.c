/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/mount-options.c */
#include "container/mount-options.h"

#include <linux/mount.h>
#include <string.h>
#include <sys/mount.h>

#include "container/files.h"

typedef struct {
    const char *name;
    unsigned long set, clear;
} FlagWord;

static const FlagWord flag_words[] = {
    {"acl", MS_POSIXACL, 0},
    {"async", 0, MS_SYNCHRONOUS},
    {"atime", 0, MS_NOATIME},
    {"bind", MS_BIND, 0},
    {"defaults", 0, 0},
    {"dev", 0, MS_NODEV},
    {"diratime", 0, MS_NODIRATIME},
    {"dirsync", MS_DIRSYNC, 0},
    {"exec", 0, MS_NOEXEC},
    {"iversion", MS_I_VERSION, 0},
    {"lazytime", MS_LAZYTIME, 0},
    {"loud", 0, MS_SILENT},
    {"mand", MS_MANDLOCK, 0},
    {"noacl", 0, MS_POSIXACL},
    {"noatime", MS_NOATIME, 0},
    {"nodev", MS_NODEV, 0},
    {"nodiratime", MS_NODIRATIME, 0},
    {"noexec", MS_NOEXEC, 0},
    {"noiversion", 0, MS_I_VERSION},
    {"nolazytime", 0, MS_LAZYTIME},
    {"nomand", 0, MS_MANDLOCK},
    {"norelatime", 0, MS_RELATIME},
    {"nostrictatime", 0, MS_STRICTATIME},
    {"nosuid", MS_NOSUID, 0},
    {"nosymfollow", MS_NOSYMFOLLOW, 0},
    {"rbind", MS_BIND | MS_REC, 0},
    {"relatime", MS_RELATIME, 0},
    {"remount", MS_REMOUNT, 0},
    {"ro", MS_RDONLY, 0},
    {"rw", 0, MS_RDONLY},
    {"silent", MS_SILENT, 0},
    {"strictatime", MS_STRICTATIME, 0},
    {"suid", 0, MS_NOSUID},
    {"symfollow", 0, MS_NOSYMFOLLOW},
    {"sync", MS_SYNCHRONOUS, 0},
};

static const FlagWord propagation_words[] = {
    {"private", MS_PRIVATE, 0},
    {"rprivate", MS_PRIVATE | MS_REC, 0},
    {"rshared", MS_SHARED | MS_REC, 0},
    {"rslave", MS_SLAVE | MS_REC, 0},
    {"runbindable", MS_UNBINDABLE | MS_REC, 0},
    {"shared", MS_SHARED, 0},
    {"slave", MS_SLAVE, 0},
    {"unbindable", MS_UNBINDABLE, 0},
};

/* For a mount and all that are below it. */
typedef struct {
    const char *name;
    uint64_t set, clear;
} RecursiveWord;

static const RecursiveWord recursive_words[] = {
    {"ratime", 0, MOUNT_ATTR__ATIME},
    {"rdev", 0, MOUNT_ATTR_NODEV},
    {"rdiratime", 0, MOUNT_ATTR_NODIRATIME},
    {"rexec", 0, MOUNT_ATTR_NOEXEC},
    {"rnoatime", MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME},
    {"rnodev", MOUNT_ATTR_NODEV, 0},
    {"rnodiratime", MOUNT_ATTR_NODIRATIME, 0},
    {"rnoexec", MOUNT_ATTR_NOEXEC, 0},
    {"rnorelatime", 0, MOUNT_ATTR__ATIME},
    {"rnostrictatime", 0, MOUNT_ATTR__ATIME},
    {"rnosuid", MOUNT_ATTR_NOSUID, 0},
    {"rnosymfollow", MOUNT_ATTR_NOSYMFOLLOW, 0},
    {"rrelatime", MOUNT_ATTR_RELATIME, MOUNT_ATTR__ATIME},
    {"rro", MOUNT_ATTR_RDONLY, 0},
    {"rrw", 0, MOUNT_ATTR_RDONLY},
    {"rstrictatime", MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME},
    {"rsuid", 0, MOUNT_ATTR_NOSUID},
    {"rsymfollow", 0, MOUNT_ATTR_NOSYMFOLLOW},
};

/* Words for the runtime itself. */
typedef struct {
    const char *name;
    size_t member; /* a bool of MountOptions */
} OwnWord;

static const OwnWord own_words[] = {
    {"idmap", offsetof(MountOptions, idmap)},
    {"ridmap", offsetof(MountOptions, idmap_recursive)},
    {"tmpcopyup", offsetof(MountOptions, copy_up)},
};

static bool take_word(MountOptions *o, const char *word)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(flag_words); i++) {
        if (strcmp(flag_words[i].name, word) == 0) {
            o->flags = (o->flags & ~flag_words[i].clear) | flag_words[i].set;
            return true;
        }
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(propagation_words); i++) {
        if (strcmp(propagation_words[i].name, word) == 0) {
            o->propagation = propagation_words[i].set;
            return true;
        }
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(recursive_words); i++) {
        const RecursiveWord *w = &recursive_words[i];

        if (strcmp(w->name, word) == 0) {
            o->recursive_set = (o->recursive_set & ~w->clear) | w->set;
            o->recursive_clear = (o->recursive_clear & ~w->set) | w->clear;
            return true;
        }
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(own_words); i++) {
        if (strcmp(own_words[i].name, word) == 0) {
            *(bool *)((char *)o + own_words[i].member) = true;
            return true;
        }
    }
    return false;
}

void mount_options_parse(MountOptions *o, char **options)
{
    GString *data = g_string_new(NULL);

    memset(o, 0, sizeof(*o));
    for (; options != NULL && *options != NULL; options++) {
        if (!take_word(o, *options)) {
            g_string_append_printf(data, "%s%s", data->len != 0 ? "," : "",
                                   *options);
        }
    }
    o->data = g_string_free(data, data->len == 0);
}

void mount_options_clear(MountOptions *o)
{
    g_clear_pointer(&o->data, g_free);
}

static void add_names(GPtrArray *to, const void *table, size_t size, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        const char *row = (const char *)table + i * size;

        g_ptr_array_add(to, (void *)*(const char *const *)row);
    }
}

#define ADD_NAMES(to, table) \
 add_names(to, table, sizeof(table[0]), G_N_ELEMENTS(table))

const char **mount_options_names(void)
{
    GPtrArray *all = g_ptr_array_new();

    ADD_NAMES(all, flag_words);
    ADD_NAMES(all, propagation_words);
    ADD_NAMES(all, recursive_words);
    ADD_NAMES(all, own_words);
    g_ptr_array_add(all, NULL);
    return (const char **)g_ptr_array_free(all, FALSE);
}

unsigned long mount_propagation(const char *word, GError **error)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(propagation_words); i++) {
        if (strcmp(propagation_words[i].name, word) == 0) {
            return propagation_words[i].set;
        }
    }
    fail(error, "rootfsPropagation: unknown word '%s'", word);
    return 0;
}
