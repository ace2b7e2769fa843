/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/document.h - the JSON documents of an image: descriptor, index,
 * manifest, configuration.
 * Spec: image-spec 1.1; Docker's schema 2 documents (same members, other media
 * types) are understood. Schema 1 is refused by name.
 * Threads: values; one at a time per document.
 * Lifetime: a document owns what it points to; *_free / *_clear. */
#ifndef CUTTLE_STORE_DOCUMENT_H
#define CUTTLE_STORE_DOCUMENT_H

#include <json-glib/json-glib.h>
#include <stdint.h>

#include "store/digest.h"
#include "store/platform.h"

#define MEDIA_INDEX    "application/vnd.oci.image.index.v1+json"
#define MEDIA_MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define MEDIA_CONFIG   "application/vnd.oci.image.config.v1+json"
#define MEDIA_LAYER    "application/vnd.oci.image.layer.v1.tar"
#define MEDIA_EMPTY    "application/vnd.oci.empty.v1+json"
#define MEDIA_D_INDEX \
 "application/vnd.docker.distribution.manifest.list.v2+json"
#define MEDIA_D_IMAGE  "application/vnd.docker.distribution.manifest.v2+json"
#define MEDIA_D_CONFIG "application/vnd.docker.container.image.v1+json"
#define MEDIA_D_LAYER  "application/vnd.docker.image.rootfs.diff.tar.gzip"
#define MEDIA_D_FOREIGN \
 "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"

#define ANNOTATION_REF_NAME "org.opencontainers.image.ref.name"
/* Digest that a registry knows an image by, where it is not the manifest's:
 * of an index we keep one platform of, of a Docker manifest we translated. */
#define ANNOTATION_SOURCE_DIGEST "io.cuttle.source.digest"

enum {
    MAX_MANIFEST_BYTES = 4 << 20, /* as registries have it */
    MAX_INDEX_ENTRIES = 100000,
    MAX_LAYERS = 1000,
};

typedef struct {
    char *media_type;
    Digest digest;
    uint64_t size;
    Platform platform;
    char *artifact_type;     /* NULL: none */
    GHashTable *annotations; /* char * -> char *; NULL: none */
} Descriptor;

void descriptor_clear(Descriptor *d);
void descriptor_free(Descriptor *d);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Descriptor, descriptor_free)
Descriptor *descriptor_new(const char *media_type, const Digest *digest,
                           uint64_t size);
Descriptor *descriptor_dup(const Descriptor *d);
bool descriptor_parse(JsonObject *o, const char *where, Descriptor *out,
                      GError **error);
JsonObject *descriptor_to_json(const Descriptor *d);
/* NULL where there is none. */
const char *descriptor_annotation(const Descriptor *d, const char *key);
void descriptor_annotate(Descriptor *d, const char *key, const char *value);

bool media_is_index(const char *media_type);
bool media_is_manifest(const char *media_type);
/* OCI's name for Docker's types; others as they are. */
const char *media_oci(const char *media_type);

typedef struct {
    JsonNode *json;       /* as it was read; keeps unknown members */
    GPtrArray *manifests; /* Descriptor * */
} ImageIndex;

ImageIndex *index_parse(const char *data, size_t len, const char *where,
                        GError **error);
void index_free(ImageIndex *i);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ImageIndex, index_free)

typedef struct {
    JsonNode *json;
    char *media_type;    /* of the document; never NULL */
    char *artifact_type; /* NULL: an image */
    Descriptor config;
    GPtrArray *layers; /* Descriptor *, lowest first */
} ImageManifest;

ImageManifest *manifest_parse(const char *data, size_t len, const char *where,
                              GError **error);
void manifest_free(ImageManifest *m);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ImageManifest, manifest_free)
/* A manifest of an image, as text. */
char *manifest_build(const Descriptor *config, GPtrArray *layers);

typedef struct {
    char *created, *created_by, *author, *comment; /* NULL: none */
    bool empty_layer;
} HistoryEntry;

typedef struct {
    JsonNode *json;
    Platform platform;
    char *created, *author; /* NULL: none */
    JsonObject *config;     /* the container defaults; borrowed; NULL: none */
    GArray *diff_ids;       /* Digest, lowest first */
    GPtrArray *history;     /* HistoryEntry * */
} ImageConfig;

ImageConfig *config_parse(const char *data, size_t len, const char *where,
                          GError **error);
void config_free(ImageConfig *c);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ImageConfig, config_free)

#endif
