/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/crypto/tls.h - encrypted connections: credentials made out of options
 * and a pipe that does TLS on a socket for others, who read and write a plain
 * one.
 * Threads: credentials are made on the event loop's and used by any; a pipe has
 * a thread of its own, and is its owner's otherwise.
 * Lifetime: a pipe keeps its credentials. */
#ifndef CUTTLE_BACKEND_CRYPTO_TLS_H
#define CUTTLE_BACKEND_CRYPTO_TLS_H

#include "core/tls.h"
#include "util/opts.h"

/* The n-th kind of credentials, "tls-creds-anon"; NULL behind the last. */
const char *tls_creds_kind(unsigned n);

/* -object tls-creds-*,endpoint=client|server,dir=D: its files are read now. b
 * has the secret that decrypts a key. The caller owns a reference. */
TlsCreds *tls_creds_new(const char *id, const Backends *b, Opts *opts,
                        GError **error);
TlsCreds *tls_creds_ref(TlsCreds *c);
void tls_creds_unref(TlsCreds *c); /* NULL-safe */
/* Finds those for an end of connections; a reference. */
TlsCreds *tls_creds_find(const Backends *b, const char *id, bool server,
                         GError **error);
/* Whether the server proves who it is. */
bool tls_creds_have_certificates(const TlsCreds *c);

typedef struct TlsPipe TlsPipe;

/* Begins with the handshake on fd, a connected socket that the pipe takes. What
 * is written to *plain, the caller's, goes out encrypted. It ends when either
 * side does or when the handshake fails. host: a client's name for the server,
 * which must be in its certificate. NULL: no descriptors are left. */
TlsPipe *tls_pipe_new(TlsCreds *c, int fd, const char *host, int *plain,
                      GError **error);
/* Waits for the end of the handshake: at most for 10 seconds. */
bool tls_pipe_wait(TlsPipe *p, GError **error);
/* Whom the peer's certificate names; NULL: it has none. After the handshake. */
const char *tls_pipe_peer(const TlsPipe *p);
/* What was written is sent first, if the peer takes it at once. NULL-safe. */
void tls_pipe_free(TlsPipe *p);

#endif
