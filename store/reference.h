/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/reference.h - image names: [HOST[:PORT]/]PATH[:TAG][@DIGEST].
 * Spec: distribution-spec 1.1 (names and tags); what a short name means is as
 * docker and podman have it.
 * Threads: values, any.
 * Lifetime: reference_free. */
#ifndef CUTTLE_STORE_REFERENCE_H
#define CUTTLE_STORE_REFERENCE_H

#include "store/digest.h"

typedef struct {
    char *domain; /* "host[:port]", "localhost"; never NULL */
    char *path;   /* "library/debian" */
    char *tag;    /* NULL where only a digest was given */
    Digest digest;
    bool short_name; /* the text named no domain */
} Reference;

/* The domain of short names that are to be fetched. */
extern const char reference_default_domain[];

/* Reads a name as typed. `debian` is short: domain is the default one, path
 * library/debian, tag latest (none where a digest is given). */
Reference *reference_parse(const char *text, GError **error);
/* A short name in the place of names made here: localhost/NAME. */
Reference *reference_parse_local(const char *text, GError **error);
void reference_free(Reference *r);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Reference, reference_free)

/* domain/path, domain/path:tag (with @digest where there is no tag). */
char *reference_repository(const Reference *r);
char *reference_name(const Reference *r);

/* Splits a full name into repository and tag at the last colon after the last
 * slash. tag is NULL where there is none; both belong to the caller. */
void reference_split(const char *name, char **repository, char **tag);

/* What a full name is looked up as, in order: itself, or for a short one
 * localhost/NAME, then the default domain. NULL-terminated, never empty. */
char **reference_candidates(const char *text, GError **error);

#endif
