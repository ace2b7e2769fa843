/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/namespaces.h - the kinds of namespaces(7), as the configuration
 * and as the kernel name them.
 * Threads: pure. */
#ifndef CUTTLE_CONTAINER_NAMESPACES_H
#define CUTTLE_CONTAINER_NAMESPACES_H

#include <stdbool.h>

typedef struct {
    const char *name, *file; /* "network", "net" in /proc/PID/ns */
    int flag;                /* CLONE_NEW* */
} NamespaceKind;

/* In the order to join them: the user namespace first gives the rights over
 * those that belong to it. Ends with a NULL name. */
extern const NamespaceKind namespace_kinds[];

/* Brings up the loopback device of the network namespace we are in. */
bool namespace_loopback_up(void);

#endif
