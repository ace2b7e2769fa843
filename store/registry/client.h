/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/registry/client.h - requests to one repository of a registry: scheme,
 * certificates, tokens, redirects, timeouts.
 * Spec: distribution-spec 1.1; token authentication as docker's registries
 * have it; certs.d as containers-certs.d(5).
 * Threads: a client belongs to the thread that made it; client_new_like makes
 *   one for another thread.
 * Lifetime: client_free; it borrows its options.
 * Errors: STORE_ERROR naming the registry and path; NOT_FOUND for 404, DENIED
 *   for 401 and 403. */
#ifndef CUTTLE_STORE_REGISTRY_CLIENT_H
#define CUTTLE_STORE_REGISTRY_CLIENT_H

#include <gio/gio.h>
#include <stdint.h>

#include "store/registry/auth.h"
#include "store/registry/registry.h"

typedef struct RegistryClient RegistryClient;

/* host: where to ask ("host[:port][/prefix]"), path: the repository. push asks
 * for rights to write. */
RegistryClient *client_new(const RegistryOptions *o, const char *domain,
                           const char *path, bool push, GError **error);
RegistryClient *client_new_like(const RegistryClient *c);
void client_free(RegistryClient *c);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RegistryClient, client_free)

typedef struct {
    unsigned status;
    char *content_type;
    char *content_digest; /* Docker-Content-Digest */
    char *location;       /* absolute */
    GInputStream *body;   /* NULL where none was kept */
} Reply;
void reply_clear(Reply *r);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Reply, reply_clear)

typedef struct {
    const char *method;
    const char *place; /* "manifests/x", or an absolute URL */
    const char *accept;
    uint64_t from; /* Range: bytes=FROM- where not 0 */
    const char *content_type;
    const void *text; /* body in memory */
    int fd;           /* body from a file, when text is NULL and size > 0 */
    uint64_t size;
} Request;

/* Sends it, follows redirects, asks for a token when told to. Any status below
 * 400 is success. */
bool client_send(RegistryClient *c, const Request *q, Reply *r, GError **error);
/* The rest of a reply's body, at most max bytes; NUL-terminated. */
char *client_read(RegistryClient *c, Reply *r, size_t max, size_t *len,
                  GError **error);
/* Is the error one that going on later may cure? */
bool client_may_retry(const GError *error);

#endif
