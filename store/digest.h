/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/digest.h - the name of bytes: sha256:<64 hex digits>.
 * Spec: OCI image-spec 1.1, descriptor.md "Digests". sha256 only, the one
 * algorithm that clients write; sha512 is refused by name.
 * Threads: values, any; a DigestHash belongs to one thread.
 * Lifetime: plain values. */
#ifndef CUTTLE_STORE_DIGEST_H
#define CUTTLE_STORE_DIGEST_H

#include <glib.h>
#include <nettle/sha2.h>
#include <stdbool.h>
#include <stddef.h>

enum { DIGEST_HEX = 64, DIGEST_SHORT = 12 };

typedef struct {
    char text[sizeof("sha256:") + DIGEST_HEX]; /* "" is no digest */
} Digest;

/* The 64 hex digits; a file's name in blobs/sha256. */
static inline const char *digest_hex(const Digest *d)
{
    return d->text + sizeof("sha256:") - 1;
}

/* Fails with what is wrong with the text, without naming the object. */
bool digest_parse(const char *text, Digest *out, GError **error);
/* The same without "sha256:". */
bool digest_parse_hex(const char *hex, Digest *out);
bool digest_equal(const Digest *a, const Digest *b);

/* For GHashTable with Digest keys. */
guint digest_hash_func(gconstpointer d);
gboolean digest_equal_func(gconstpointer a, gconstpointer b);
Digest *digest_dup(const Digest *d);

typedef struct {
    struct sha256_ctx state;
} DigestHash;

void digest_hash_init(DigestHash *h);
void digest_hash_update(DigestHash *h, const void *data, size_t len);
void digest_hash_final(DigestHash *h, Digest *out);
void digest_of(const void *data, size_t len, Digest *out);

#endif
