/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/platform.h - what an image is built for: os/architecture[/variant].
 * Spec: image-spec 1.1, image-index.md "platform"; names are Go's.
 * Threads: values, any.
 * Lifetime: platform_clear frees what the members own. */
#ifndef CUTTLE_STORE_PLATFORM_H
#define CUTTLE_STORE_PLATFORM_H

#include <glib.h>
#include <stdbool.h>

typedef struct {
    char *os;           /* NULL: not known */
    char *architecture; /* NULL: not known */
    char *variant;      /* NULL: none */
    char *os_version;   /* NULL: none */
} Platform;

/* "linux/arm64/v8", "arm64", "linux/x86_64": common other names are understood.
 */
bool platform_parse(const char *text, Platform *out, GError **error);
void platform_clear(Platform *p);
void platform_copy(const Platform *from, Platform *to);
/* This machine; borrowed, for ever. */
const Platform *platform_host(void);
/* "linux/arm64/v8"; caller frees. */
char *platform_text(const Platform *p);

/* How well an image of platform `have` serves who wants `want`: 0 not at all,
 * more is better. A 32-bit Arm core runs older variants. */
unsigned platform_match(const Platform *want, const Platform *have);

#endif
