/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/cgroup.h - the control groups of one container, in whatever layout
 * the host has: v2, v1, or both, each controller where it is found
 * (cgroups(7), Documentation/admin-guide/cgroup-v1 and -v2).
 * A container has one directory of the same relative path in every hierarchy.
 * What the host lacks is a warning when something asks for it, never a reason
 * to refuse the container.
 * Threads: one at a time per Cgroup; the kernel sorts out processes. */
#ifndef CUTTLE_CONTAINER_CGROUP_H
#define CUTTLE_CONTAINER_CGROUP_H

#include <gio/gio.h>
#include <stdbool.h>
#include <sys/types.h>

#include "container/spec.h"

typedef struct Cgroup Cgroup;

/* Tells somebody what is not there; may be called by any cgroup function. */
typedef void CgroupWarn(const char *text);

/* path: of the container, below each hierarchy's mount point. optional: errors
 * of permission mean "without" (rootless). NULL with an error when the path is
 * none. */
Cgroup *cgroup_new(const char *path, bool optional, CgroupWarn *warn,
                   GError **error);
void cgroup_free(Cgroup *c); /* NULL-safe; the directories stay */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Cgroup, cgroup_free)

bool cgroup_make(Cgroup *c, GError **error);
bool cgroup_exists(const Cgroup *c);
/* Ends what is left in it and removes the directories. */
bool cgroup_remove(Cgroup *c, GError **error);
bool cgroup_enter(Cgroup *c, pid_t pid, GError **error);

/* Limits; before the container's program runs or while it does. devices:
 * also the device rules, which replace those before. */
bool cgroup_limit(Cgroup *c, const SpecResources *r, bool devices,
                  GError **error);

bool cgroup_freeze(Cgroup *c, bool freeze, GError **error);
bool cgroup_is_frozen(Cgroup *c);

/* All processes, also of groups below. */
GArray *cgroup_pids(Cgroup *c, GError **error); /* pid_t */
/* Sends signal to all, again until none appears any more (SIGKILL). */
bool cgroup_signal(Cgroup *c, int signal, GError **error);

/* How often the kernel killed for memory; the text of a controller's file. */
unsigned cgroup_oom_kills(Cgroup *c);
char *cgroup_file(Cgroup *c, const char *controller, const char *name);
bool cgroup_is_unified(const Cgroup *c);

/* Hierarchies for the container's own /sys/fs/cgroup: name of the directory
 * there, mount options (NULL: cgroup2), and where it is mounted outside. */
typedef struct {
    const char *name, *options, *mount_point;
    char *directory; /* of the container, absolute */
} CgroupView;
GArray *cgroup_views(Cgroup *c); /* borrowed from c */

#endif
