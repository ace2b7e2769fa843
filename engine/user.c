/* SPDX-License-Identifier: GPL-2.0-or-later */
/* engine/user.c - users and groups of an image: its own lists, read in its own
 * root, since the host's say nothing about it. */
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "container/files.h"
#include "engine/bundle.h"

void bundle_user_clear(BundleUser *u)
{
    g_clear_pointer(&u->gids, g_array_unref);
}

static FILE *open_list(int root, const char *path)
{
    int fd = root_open(root, path, O_RDONLY, NULL);

    return fd >= 0 ? fdopen(fd, "r") : NULL;
}

static bool number(const char *text, uint32_t *out)
{
    guint64 value;

    if (!g_ascii_string_to_unsigned(text, 10, 0, UINT32_MAX - 1, &value,
                                    NULL)) {
        return false;
    }
    *out = (uint32_t)value;
    return true;
}

/* Fills uid, gid and *name; a number that is not listed is a user, too. */
static bool find_user(int root, const char *text, BundleUser *out, char **name)
{
    FILE *list = open_list(root, "/etc/passwd");
    bool is_number = number(text, &out->uid), found = false;
    struct passwd *p;

    while (!found && list != NULL && (p = fgetpwent(list)) != NULL) {
        found = is_number ? p->pw_uid == out->uid : !strcmp(p->pw_name, text);
        if (found) {
            out->uid = p->pw_uid;
            out->gid = p->pw_gid;
            *name = g_strdup(p->pw_name);
        }
    }
    if (list != NULL) {
        fclose(list);
    }
    return found || is_number;
}

static bool find_group(int root, const char *text, uint32_t *gid)
{
    FILE *list = open_list(root, "/etc/group");
    bool found = number(text, gid);
    struct group *g;

    while (!found && list != NULL && (g = fgetgrent(list)) != NULL) {
        found = strcmp(g->gr_name, text) == 0;
        *gid = found ? g->gr_gid : *gid;
    }
    if (list != NULL) {
        fclose(list);
    }
    return found;
}

static void add_memberships(int root, const char *name, BundleUser *out)
{
    FILE *list = open_list(root, "/etc/group");
    struct group *g;

    while (list != NULL && (g = fgetgrent(list)) != NULL) {
        if (g_strv_contains((const char *const *)g->gr_mem, name)) {
            uint32_t gid = g->gr_gid;

            g_array_append_val(out->gids, gid);
        }
    }
    if (list != NULL) {
        fclose(list);
    }
}

bool bundle_user(int root, const char *text, BundleUser *out, GError **error)
{
    g_auto(GStrv) parts =
        g_strsplit(text != NULL && *text != '\0' ? text : "0", ":", 2);
    g_autofree char *name = NULL;

    *out = (BundleUser){0};
    out->gids = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    if (!find_user(root, parts[0], out, &name)) {
        return fail(error,
                    "unable to find user %s: no matching entries in "
                    "passwd file",
                    parts[0]);
    }
    if (parts[1] != NULL) {
        return find_group(root, parts[1], &out->gid) ||
               fail(error,
                    "unable to find group %s: no matching entries in "
                    "group file",
                    parts[1]);
    }
    if (name != NULL) {
        add_memberships(root, name, out);
    }
    return true;
}
