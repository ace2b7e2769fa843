/* SPDX-License-Identifier: GPL-2.0-or-later */
/* engine/bundle.h - a record as the bundle that the runtime runs: the root out
 * of the image's layers, and config.json.
 * Threads: one. */
#ifndef CUTTLE_ENGINE_BUNDLE_H
#define CUTTLE_ENGINE_BUNDLE_H

#include "engine/record.h"

/* Mounts the layers and the container's own changes at its folder "merged";
 * in the caller's mount namespace. */
bool bundle_mount(Engine *e, const Record *r, GError **error);

/* Writes bundle/config.json; the root is mounted. */
bool bundle_write(Engine *e, const Record *r, GError **error);

/* "NAME|UID[:NAME|GID]" by the users and groups of a root directory. */
typedef struct {
    uint32_t uid, gid;
    GArray *gids; /* uint32_t: others that have the user as a member */
} BundleUser;
bool bundle_user(int root, const char *text, BundleUser *out, GError **error);
void bundle_user_clear(BundleUser *u);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(BundleUser, bundle_user_clear)

#endif
