/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/layer-attr.c - order matters: owner (clears setuid and capabilities),
 * mode, attributes, ACLs (which set the mode's group bits), times. */
#include "store/layer-attr.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

static uint32_t map_id(const IdRange *ranges, unsigned n, int64_t id)
{
    for (unsigned i = 0; i < n; i++) {
        if (id >= ranges[i].inside && id - ranges[i].inside < ranges[i].count) {
            return ranges[i].outside + (id - ranges[i].inside);
        }
    }
    return n > 0 ? 65534 : id;
}

static bool set_owner(const char *path, struct archive_entry *e,
                      const LayerOptions *o)
{
    uid_t uid;
    gid_t gid;

    if (o->one_owner) {
        return true;
    }
    uid = map_id(o->uids, o->n_uids, archive_entry_uid(e));
    gid = map_id(o->gids, o->n_gids, archive_entry_gid(e));
    if (uid == geteuid() && gid == getegid()) {
        return true; /* it was made so */
    }
    return lchown(path, uid, gid) == 0;
}

bool attr_wanted(const char *name)
{
    static const char *const prefixes[] = {"user.", "trusted.", NULL};

    if (strstr(name, ".overlay.") != NULL) {
        return false; /* redirects and the like are the host's to set */
    }
    if (strcmp(name, "security.capability") == 0) {
        return true;
    }
    for (unsigned i = 0; prefixes[i] != NULL; i++) {
        if (g_str_has_prefix(name, prefixes[i])) {
            return true;
        }
    }
    return false;
}

/* What the file system or our privileges do not allow is left out, as tar
 * does. */
static bool set_attribute(const char *path, const char *name, const void *value,
                          size_t size)
{
    return lsetxattr(path, name, value, size, 0) == 0 || errno == EPERM ||
           errno == EOPNOTSUPP;
}

static bool set_attributes(const char *path, struct archive_entry *e)
{
    const char *name;
    const void *value;
    size_t size;

    archive_entry_xattr_reset(e);
    while (archive_entry_xattr_next(e, &name, &value, &size) == ARCHIVE_OK) {
        if (attr_wanted(name) && !set_attribute(path, name, value, size)) {
            return false;
        }
    }
    return true;
}

/* ---- ACLs, in the kernel's form: linux/posix_acl_xattr.h ---- */

enum { ACL_VERSION = 2 };

typedef struct {
    uint16_t tag, perm;
    uint32_t id;
} AclEntry;

/* Also the order that the kernel wants. */
static const struct {
    int archive;
    uint16_t kernel;
} acl_tags[] = {
    {ARCHIVE_ENTRY_ACL_USER_OBJ, 0x01},  {ARCHIVE_ENTRY_ACL_USER, 0x02},
    {ARCHIVE_ENTRY_ACL_GROUP_OBJ, 0x04}, {ARCHIVE_ENTRY_ACL_GROUP, 0x08},
    {ARCHIVE_ENTRY_ACL_MASK, 0x10},      {ARCHIVE_ENTRY_ACL_OTHER, 0x20},
};

static int compare_acl(gconstpointer a, gconstpointer b)
{
    const AclEntry *x = a, *y = b;

    return x->tag != y->tag ? (int)x->tag - (int)y->tag
                            : (x->id > y->id) - (x->id < y->id);
}

static bool read_acl(struct archive_entry *e, int type, const LayerOptions *o,
                     GArray *out)
{
    int kind, permset, tag, id;
    const char *name;

    archive_entry_acl_reset(e, type);
    while (archive_entry_acl_next(e, type, &kind, &permset, &tag, &id, &name) ==
           ARCHIVE_OK) {
        AclEntry entry = {.perm = permset & 7, .id = UINT32_MAX};

        for (unsigned i = 0; i < G_N_ELEMENTS(acl_tags); i++) {
            if (acl_tags[i].archive == tag) {
                entry.tag = acl_tags[i].kernel;
            }
        }
        if (entry.tag == 0x02) {
            entry.id = map_id(o->uids, o->n_uids, id);
        } else if (entry.tag == 0x08) {
            entry.id = map_id(o->gids, o->n_gids, id);
        }
        if (entry.tag != 0) {
            g_array_append_val(out, entry);
        }
    }
    g_array_sort(out, compare_acl);
    return out->len > 0;
}

static bool set_acl(const char *path, struct archive_entry *e, int type,
                    const char *name, const LayerOptions *o)
{
    g_autoptr(GArray) entries = g_array_new(false, false, sizeof(AclEntry));
    g_autoptr(GByteArray) value = g_byte_array_new();
    uint32_t version = GUINT32_TO_LE(ACL_VERSION);

    if (archive_entry_acl_count(e, type) == 0 ||
        !read_acl(e, type, o, entries)) {
        return true;
    }
    g_byte_array_append(value, (guint8 *)&version, sizeof(version));
    for (guint i = 0; i < entries->len; i++) {
        AclEntry entry = g_array_index(entries, AclEntry, i);

        entry.tag = GUINT16_TO_LE(entry.tag);
        entry.perm = GUINT16_TO_LE(entry.perm);
        entry.id = GUINT32_TO_LE(entry.id);
        g_byte_array_append(value, (guint8 *)&entry, sizeof(entry));
    }
    return set_attribute(path, name, value->data, value->len) ||
           errno == EINVAL; /* an ACL that says nothing sensible */
}

bool attr_apply(const char *path, struct archive_entry *e,
                const LayerOptions *o)
{
    mode_t type = archive_entry_filetype(e);
    bool folder = type == AE_IFDIR;
    struct timespec times[2];

    if (!set_owner(path, e, o)) {
        return false;
    }
    if (type != AE_IFLNK && !folder && chmod(path, archive_entry_perm(e)) < 0) {
        return false;
    }
    if (!set_attributes(path, e)) {
        return false;
    }
    if (type != AE_IFLNK && !set_acl(path, e, ARCHIVE_ENTRY_ACL_TYPE_ACCESS,
                                     "system.posix_acl_access", o)) {
        return false;
    }
    if (folder) {
        return set_acl(path, e, ARCHIVE_ENTRY_ACL_TYPE_DEFAULT,
                       "system.posix_acl_default", o);
    }
    times[1].tv_sec = archive_entry_mtime(e);
    times[1].tv_nsec = archive_entry_mtime_nsec(e);
    times[0] = times[1];
    return utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW) == 0 ||
           errno == EINVAL || errno == EOVERFLOW;
}

bool attr_set_opaque(const char *path)
{
    return lsetxattr(path, "trusted.overlay.opaque", "y", 1, 0) == 0 ||
           lsetxattr(path, "user.overlay.opaque", "y", 1, 0) == 0;
}
