/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/error.h - the store's error domain. A message is one line, names the
 * object first, has no capital and no full stop.
 * Threads: any. */
#ifndef CUTTLE_STORE_ERROR_H
#define CUTTLE_STORE_ERROR_H

#include <glib.h>
#include <stdbool.h>

#define STORE_ERROR (store_error_quark())
GQuark store_error_quark(void);

typedef enum {
    STORE_ERROR_FAILED,    /* the host, or bytes that are not what they say */
    STORE_ERROR_NOT_FOUND, /* no such image, blob or layer here */
    STORE_ERROR_INVALID,   /* what the user typed */
    STORE_ERROR_IN_USE,
    STORE_ERROR_DENIED, /* a registry wants other credentials */
} StoreError;

/* STORE_ERROR_FAILED; returns false. */
bool store_fail(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);
bool store_fail_code(GError **error, StoreError code, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

#endif
