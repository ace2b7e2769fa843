/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/tls.h - what an -object says about encrypted connections; how they are
 * made is backend/crypto/tls.h's.
 * Threads: what is here never changes.
 * Lifetime: Backends has a reference, connections and servers have others. */
#ifndef CUTTLE_CORE_TLS_H
#define CUTTLE_CORE_TLS_H

#include "core/backends.h"

typedef struct {
    const char *name; /* "tls-creds-x509" */
    void (*unref)(TlsCreds *c);
} TlsCredsClass;

struct TlsCreds {
    const TlsCredsClass *cls;
    char *id;
    bool server; /* which end of connections they are for */
};

#endif
