/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/crypto/secret.c - see secret.h.
 * Left out: secrets that another one decrypts (keyid=). */
#include "backend/crypto/secret.h"

#include <string.h>

static bool fail(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

static bool fail(GError **error, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    if (error != NULL) {
        *error =
            g_error_new_valist(OPTS_ERROR, OPTS_ERROR_INVALID, format, args);
    }
    va_end(args);
    return false;
}

/* g_base64_decode takes everything. */
static bool is_base64(const char *text, size_t len)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "abcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t n = strspn(text, letters), padding = strspn(text + n, "=");

    return n + padding == len && len % 4 == 0 && padding <= 2;
}

static GBytes *decode(char *text, size_t len, GError **error)
{
    g_autofree char *stripped = g_strndup(text, len);
    uint8_t *bytes;
    gsize n;

    g_strchomp(stripped);
    if (!is_base64(stripped, strlen(stripped))) {
        fail(error, "it is not valid base64");
        return NULL;
    }
    bytes = g_base64_decode(stripped, &n);
    return g_bytes_new_take(bytes, n);
}

static bool read_source(Opts *opts, char **bytes, gsize *len, GError **error)
{
    const char *data = opts_get(opts, "data");
    const char *file = opts_get(opts, "file");

    if (data != NULL && file != NULL) {
        return fail(error, "'file' and 'data' are mutually exclusive");
    }
    if (data == NULL && file == NULL) {
        return fail(error, "either 'file' or 'data' must be provided");
    }
    if (file != NULL) {
        return g_file_get_contents(file, bytes, len, error);
    }
    *bytes = g_strdup(data);
    *len = strlen(data);
    return true;
}

static GBytes *create(Opts *opts, GError **error)
{
    static const char *const formats[] = {"raw", "base64", NULL};
    g_autofree char *bytes = NULL;
    int format = 0;
    gsize len;

    opts_get(opts, "qom-type");
    opts_get(opts, "id");
    if (opts_has(opts, "keyid") || opts_has(opts, "iv")) {
        fail(error, "keyid= and iv= (a secret that another one decrypts) are "
                    "not supported");
        return NULL;
    }
    if (!opts_get_choice(opts, "format", formats, &format, error) ||
        !read_source(opts, &bytes, &len, error) ||
        !opts_check_unused(opts, error)) {
        return NULL;
    }
    return format == 1 ? decode(bytes, len, error)
                       : g_bytes_new_take(g_steal_pointer(&bytes), len);
}

GBytes *secret_new(const char *id, Opts *opts, GError **error)
{
    GBytes *secret = create(opts, error);

    if (secret == NULL) {
        g_prefix_error(error, "secret '%s': ", id);
    }
    return secret;
}

char *secret_text(const Backends *b, const char *id, GError **error)
{
    GBytes *secret = backends_secret(b, id);
    const char *bytes;
    gsize len;

    if (secret == NULL) {
        fail(error, "no secret with id '%s'", id);
        return NULL;
    }
    bytes = g_bytes_get_data(secret, &len);
    if (!g_utf8_validate_len(bytes, len, NULL)) {
        fail(error, "secret '%s' is no text in UTF-8", id);
        return NULL;
    }
    return g_strndup(bytes, len);
}
