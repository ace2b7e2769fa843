/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/id-map.h - user and group ids of user namespaces
 * (user_namespaces(7)). Written directly where we may, otherwise through
 * newuidmap(1) and newgidmap(1).
 * Threads: one. Lists are of SpecIdMap. */
#ifndef CUTTLE_CONTAINER_ID_MAP_H
#define CUTTLE_CONTAINER_ID_MAP_H

#include <sys/types.h>

#include "container/spec.h"

/* Gives the user namespace of that process its maps. */
bool id_map_write(pid_t pid, const GPtrArray *uids, const GPtrArray *gids,
                  GError **error);

/* A descriptor of a new user namespace with those maps; -1 with an error. */
int id_map_namespace(const GPtrArray *uids, const GPtrArray *gids,
                     GError **error);

#endif
