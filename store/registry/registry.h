/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/registry/registry.h - images from and to registries.
 * Threads: the caller's, and up to four for downloads.
 * Lifetime: options are borrowed for the call.
 * Errors: STORE_ERROR, DOC_ERROR, naming the image, blob or registry. What was
 *   fetched of a blob stays in partial/ for the next try. */
#ifndef CUTTLE_STORE_REGISTRY_REGISTRY_H
#define CUTTLE_STORE_REGISTRY_REGISTRY_H

#include "store/reference.h"
#include "store/store.h"

typedef enum {
    TLS_STANDARD, /* plain HTTP for loopback addresses only */
    TLS_VERIFY,   /* never */
    TLS_ANYHOW,   /* --tls-verify=false: any certificate, or plain HTTP */
} TlsPolicy;

typedef struct {
    TlsPolicy tls;
    const char *auth_file; /* NULL: the usual places */
    const char *creds;     /* NULL: of auth_file */
    const char *cert_dir;  /* NULL: /etc/containers/certs.d/DOMAIN */
    unsigned timeout_s;    /* without a byte; 0: 30 */
    bool quiet;            /* no progress on standard error */
} RegistryOptions;

/* Fetches what the platform (NULL: the host's) has under the name, or all
 * platforms as one index, and names it. *id: of the last image. */
bool registry_pull(Store *s, const Reference *name, const Platform *platform,
                   bool all, const RegistryOptions *o, Digest *id,
                   GError **error);
/* Sends an entry of the store: an image, or an index with all it has. */
bool registry_push(Store *s, const Descriptor *d, const Reference *name,
                   const RegistryOptions *o, Digest *digest, GError **error);
/* Does the registry take these credentials? */
bool registry_login(const char *domain, const RegistryOptions *o,
                    GError **error);

#endif
