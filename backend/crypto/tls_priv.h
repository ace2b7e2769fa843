/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/crypto/tls_priv.h - credentials as GnuTLS has them.
 * Threads: any; nothing changes once they are made. */
#ifndef CUTTLE_BACKEND_CRYPTO_TLS_PRIV_H
#define CUTTLE_BACKEND_CRYPTO_TLS_PRIV_H

#include <gnutls/gnutls.h>

#include "backend/crypto/tls.h"

/* Sets an error with GnuTLS's words for code behind ours. Returns false. */
bool tls_fail(GError **error, int code, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/* A session of one connection; host as in tls_pipe_new. */
gnutls_session_t tls_session_new(const TlsCreds *c, const char *host,
                                 GError **error);

/* Whom a certificate (DER) names; NULL: it cannot be read. */
char *tls_name_of(const gnutls_datum_t *certificate);

#endif
