/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/setup_priv.h - what the steps between clone and exec share. They
 * run in the new process, inside its namespaces; each is a page of its own. */
#ifndef CUTTLE_CONTAINER_SETUP_PRIV_H
#define CUTTLE_CONTAINER_SETUP_PRIV_H

#include "container/cgroup.h"
#include "container/files.h"
#include "container/spec.h"

typedef struct {
    const Spec *spec;
    const char *bundle;   /* absolute */
    char *rootfs;         /* absolute */
    int channel;          /* to the runtime outside */
    Fd root;              /* O_PATH of the root, once it is mounted */
    bool own_user;        /* in a user namespace that is not the host's */
    bool own_mounts;      /* in a mount namespace of its own */
    bool own_cgroup_view; /* in a cgroup namespace of its own */
    bool no_pivot;
    Cgroup *cgroup;
} Setup;

/* Sends a warning outside. */
void setup_warn(const Setup *s, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* The tree of mount number i, made outside with the host's rights and not yet
 * anywhere; -1 with an error. */
int setup_outside_mount(const Setup *s, unsigned i, GError **error);

/* mount.c */
bool setup_root(Setup *s, GError **error);
bool setup_mounts(Setup *s, GError **error);
bool setup_pivot(Setup *s, GError **error);
bool setup_root_flags(Setup *s, GError **error);

/* mount-cgroup.c */
bool setup_cgroup_mount(Setup *s, const SpecMount *m, GError **error);

/* paths.c: after pivot_root */
bool setup_masks(Setup *s, GError **error);

/* devices.c: before pivot_root */
bool setup_devices(Setup *s, GError **error);

/* sysctl.c */
bool setup_sysctl(const Setup *s, GError **error);

#endif
