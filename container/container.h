/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/container.h - a container from create to delete (OCI runtime
 * specification 1.2, runtime.md, "Lifecycle"). Nothing of it keeps running but
 * the container: what is known lies in <root>/<id>/ and in the kernel.
 * Threads: one per process; processes exclude each other by a lock on the
 * container's directory. Errors name the container. */
#ifndef CUTTLE_CONTAINER_CONTAINER_H
#define CUTTLE_CONTAINER_CONTAINER_H

#include <sys/types.h>

#include "container/cgroup.h"
#include "container/spec.h"

typedef struct Container Container;

typedef enum {
    CONTAINER_CREATING,
    CONTAINER_CREATED,
    CONTAINER_RUNNING,
    CONTAINER_PAUSED,
    CONTAINER_STOPPED,
} ContainerStatus;
const char *container_status_name(ContainerStatus s);

/* Told what is less than asked for. */
typedef CgroupWarn ContainerWarn;

typedef struct {
    const char *id, *bundle;
    const char *console_socket; /* NULL: none */
    int *console;               /* not NULL: the master goes here instead */
    unsigned preserve_fds;      /* descriptors from 3 on that it inherits */
    bool no_pivot, no_new_keyring;
    bool systemd_cgroup; /* cgroupsPath is SLICE:PREFIX:NAME */
    ContainerWarn *warn;
} ContainerCreate;

/* A new one, waiting for container_start; nothing is left after an error. */
Container *container_create(const char *root, const ContainerCreate *o,
                            GError **error);

/* One that exists; ENOENT (error_number) when there is none. Locked until it
 * is freed. */
Container *container_open(const char *root, const char *id, ContainerWarn *warn,
                          GError **error);
void container_free(Container *c); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Container, container_free)

/* Ids, sorted; never NULL. g_strfreev it. */
char **container_list(const char *root);

/* ---- looking ---- */
const char *container_id(const Container *c);
const char *container_bundle(const Container *c);
const char *container_created(const Container *c); /* RFC 3339 */
uid_t container_owner(const Container *c);
pid_t container_pid(const Container *c); /* 0: it has ended */
ContainerStatus container_status(Container *c);
Cgroup *container_cgroup(Container *c);
/* Its config.json as it was at create; NULL with an error. */
const Spec *container_spec(Container *c, GError **error);
/* Its process, for a caller that changes it into another; the spec has none
 * any more. */
SpecProcess *container_steal_process(Container *c);
/* The document of `state` and of hooks; all: with what others add. */
JsonNode *container_state(Container *c, bool all);

/* ---- acting ---- */
bool container_start(Container *c, GError **error);
bool container_kill(Container *c, int signal, bool all, GError **error);
bool container_pause(Container *c, bool pause, GError **error);
/* force: also one that runs. Frees nothing: call container_free. */
bool container_delete(Container *c, bool force, GError **error);
/* Removes what a create that was killed has left. */
bool container_delete_leftover(const char *root, const char *id,
                               GError **error);

/* ---- exec ---- */
typedef struct {
    const SpecProcess *process;
    const char *console_socket; /* NULL: none */
    int *console;
    const char *cgroup; /* below the container's; NULL: that itself */
    unsigned preserve_fds;
    bool ignore_paused;
} ContainerExec;

/* The new process, which runs; its parent is the caller. 0 with an error. */
pid_t container_exec(Container *c, const ContainerExec *o, GError **error);

#endif
