/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd/verbs/image-view.h - images as the JSON that --format and inspect show,
 * members named as podman's.
 * Threads: main thread. */
#ifndef CUTTLE_CMD_VERBS_IMAGE_VIEW_H
#define CUTTLE_CMD_VERBS_IMAGE_VIEW_H

#include "cmd/verbs.h"

/* Every image of the store once for each name and platform (Image *, owned);
 * what cannot be read is left out and told on standard error. */
GPtrArray *view_images(Store *s, GError **error);
/* Names and NAME@DIGEST of all entries that are this manifest. */
JsonArray *view_names(GPtrArray *images, const Image *image, bool digests);
/* The container that uses an image of the entry; NULL: none. Caller frees. */
char *view_user(Store *s, const Descriptor *d);
int64_t view_created(const Image *image);

void put_string(JsonObject *o, const char *name, const char *value);
/* Takes the object. */
JsonNode *view_node(JsonObject *o);
/* First 12 digits, or all. */
char *view_id(const Digest *d, bool whole);

#endif
