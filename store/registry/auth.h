/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/registry/auth.h - who we are to a registry: auth.json as podman,
 * skopeo and docker share it.
 * Spec: containers-auth.json(5).
 * Left out: credential helper programs (credHelpers, credsStore).
 * Threads: values, any.
 * Lifetime: credentials_clear. */
#ifndef CUTTLE_STORE_REGISTRY_AUTH_H
#define CUTTLE_STORE_REGISTRY_AUTH_H

#include <glib.h>
#include <stdbool.h>

typedef struct {
    char *user, *password; /* NULL: nobody in particular */
    char *identity_token;  /* NULL: none; else instead of a password */
} Credentials;

void credentials_clear(Credentials *c);
/* What is known for domain/path, the longest fitting key first. file NULL: the
 * usual places ($REGISTRY_AUTH_FILE, $XDG_RUNTIME_DIR/containers/auth.json,
 * ~/.config/containers/auth.json, ~/.docker/config.json), the first that knows
 * it. Nothing known is success. */
bool credentials_find(const char *file, const char *domain, const char *path,
                      Credentials *out, GError **error);
/* "user:password" as --creds has it. */
bool credentials_parse(const char *text, Credentials *out, GError **error);
/* Writes or (c NULL) takes away the entry of a domain. */
bool credentials_save(const char *file, const char *domain,
                      const Credentials *c, GError **error);

#endif
