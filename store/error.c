/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/error.c - one line per failure. */
#include "store/error.h"

G_DEFINE_QUARK(cuttle - store - error - quark, store_error)

G_GNUC_PRINTF(3, 0)
static void set(GError **error, StoreError code, const char *format, va_list ap)
{
    g_autofree char *text = g_strdup_vprintf(format, ap);

    /* Text of strangers may hold line breaks; a message is one line. */
    for (char *p = text; *p != '\0'; p++) {
        if ((unsigned char)*p < 0x20 || *p == 0x7f) {
            *p = '?';
        }
    }
    g_set_error_literal(error, STORE_ERROR, code, text);
}

bool store_fail(GError **error, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    set(error, STORE_ERROR_FAILED, format, ap);
    va_end(ap);
    return false;
}

bool store_fail_code(GError **error, StoreError code, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    set(error, code, format, ap);
    va_end(ap);
    return false;
}
