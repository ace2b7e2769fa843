/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/crypto/secret.h - passwords that others name by an id.
 * Threads: the event loop's. */
#ifndef CUTTLE_BACKEND_CRYPTO_SECRET_H
#define CUTTLE_BACKEND_CRYPTO_SECRET_H

#include "core/backends.h"
#include "util/opts.h"

/* -object secret,data=TEXT|file=PATH[,format=raw|base64]: what it says now.
 * The caller owns the result (backends_add_secret). */
GBytes *secret_new(const char *id, Opts *opts, GError **error);

/* A copy of one that is text in UTF-8. */
char *secret_text(const Backends *b, const char *id, GError **error);

#endif
