/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/cgroup_priv.h - shared by cgroup*.c. */
#ifndef CUTTLE_CONTAINER_CGROUP_PRIV_H
#define CUTTLE_CONTAINER_CGROUP_PRIV_H

#include "container/cgroup.h"
#include "container/files.h"

typedef struct {
    char *mount_point;
    char *name;         /* last part of the mount point */
    char **controllers; /* v1; v2: those of cgroup.controllers at the root */
    char *options;      /* v1: those, as a mount takes them; v2: NULL */
    bool v2;
    char *directory; /* of the container */
    Fd fd;           /* of it; -1 before cgroup_make or where it cannot be */
} Hierarchy;

struct Cgroup {
    char *path; /* relative, no slash at either end */
    bool optional;
    CgroupWarn *warn;
    GPtrArray *hierarchies; /* Hierarchy */
};

void cgroup_warn(const Cgroup *c, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Where a controller is, its directory open; NULL: nowhere. */
Hierarchy *cgroup_find(const Cgroup *c, const char *controller);
/* The v2 hierarchy, also one without controllers; NULL: none. */
Hierarchy *cgroup_unified(const Cgroup *c);

/* cgroup-devices.c */
bool cgroup_limit_devices(Cgroup *c, const GPtrArray *rules, GError **error);

#endif
