/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/registry/mirrors.h - where to ask for a domain's images.
 * Spec: containers-registries.conf(5), version 2: [[registry]] with prefix,
 * location, insecure, blocked and [[registry.mirror]] with location, insecure.
 * The file is $CONTAINERS_REGISTRIES_CONF or /etc/containers/registries.conf.
 * Left out: wildcards in prefix, short-name tables, mirror-by-digest-only.
 * Threads: values, any. */
#ifndef CUTTLE_STORE_REGISTRY_MIRRORS_H
#define CUTTLE_STORE_REGISTRY_MIRRORS_H

#include <glib.h>
#include <stdbool.h>

/* The host that serves a domain where its name is another: docker.io's.
 * Caller frees. */
char *mirror_host(const char *domain);

/* One place to try. */
typedef struct {
    char *domain; /* host[:port] */
    char *path;   /* repository there */
    bool insecure;
} MirrorPlace;
void mirror_place_free(MirrorPlace *p);

/* Mirrors first, then the place itself (MirrorPlace *). An error names the
 * file and line, or that the registry is blocked. */
GPtrArray *mirror_places(const char *domain, const char *path, GError **error);

#endif
