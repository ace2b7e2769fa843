/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/container_priv.h - shared by create.c, exec.c and state.c. */
#ifndef CUTTLE_CONTAINER_CONTAINER_PRIV_H
#define CUTTLE_CONTAINER_CONTAINER_PRIV_H

#include "container/container.h"
#include "container/files.h"
#include "container/setup_priv.h"

/* What of it is kept, in state.json. */
typedef struct {
    char *version, *id, *bundle, *rootfs, *created, *cgroup;
    int64_t pid;        /* as the host sees it */
    int64_t start_time; /* field 22 of /proc/PID/stat: tells a reused pid */
    int64_t owner;
    JsonPair *annotations;
} ContainerRecord;

struct Container {
    ContainerRecord record;
    char *directory;
    Fd dir;
    Cgroup *groups; /* made when asked for */
    Spec *spec;     /* the same */
    ContainerWarn *warn;
};

#define START_SOCKET "start"
#define CONFIG_FILE  "config.json"

/* Makes the directory; EEXIST when the id is taken. */
Container *container_new(const char *root, const char *id, ContainerWarn *warn,
                         GError **error);
bool container_save(Container *c, GError **error);
/* Takes the directory and what is in it away. */
void container_remove_directory(Container *c);

/* 0: no such process any more. */
int64_t process_start_time(pid_t pid);

/* What `state` says, as text for hooks. */
char *container_state_text(Container *c);

/* ---- create.c and init.c ---- */

/* What the process that becomes the container is told by memory. */
typedef struct {
    Setup setup;
    int start;   /* the listening socket of START_SOCKET */
    int outside; /* the runtime's end of the channel: to close */
    const Container *container;
    const ContainerCreate *options;
    bool new_user; /* wait for maps, then become their root */
    bool new_network;
    bool new_cgroup_view;
    GArray *late; /* int: namespaces to join from inside */
} Launch;

/* Never returns. */
G_NORETURN void container_init(Launch *l);

#endif
