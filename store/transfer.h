/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/transfer.h - images in and out as files: oci-archive, docker-archive,
 * an OCI layout folder, a plain root file system.
 * Threads: one per call.
 * Errors: STORE_ERROR, DOC_ERROR. What was read before an error has no name
 *   and is removed by the next collection. */
#ifndef CUTTLE_STORE_TRANSFER_H
#define CUTTLE_STORE_TRANSFER_H

#include "store/store.h"

/* What one image of an archive became. */
typedef struct {
    char *name; /* NULL: it has none */
    Digest id;  /* configuration; of an index, its own digest */
} Loaded;
void loaded_free(Loaded *l);

/* Takes in all images of the archive that fd has, of any format and
 * compression; what names it in errors. Loaded *, owned. */
GPtrArray *store_load_archive(Store *s, int fd, const char *what,
                              GError **error);
/* The same of a folder that is an OCI layout, or holds an unpacked
 * docker-archive. */
GPtrArray *store_load_folder(Store *s, const char *path, GError **error);

typedef enum { SAVE_DOCKER_ARCHIVE, SAVE_OCI_ARCHIVE, SAVE_OCI_DIR } SaveFormat;
bool save_format_parse(const char *text, SaveFormat *out, GError **error);

/* Writes images to fd, names (char *) as typed; for SAVE_OCI_DIR path is the
 * folder, else it names the output in errors. oci formats take indexes whole.
 */
bool store_save(Store *s, GPtrArray *names, const Platform *platform,
                SaveFormat format, int fd, const char *path, GError **error);

typedef struct {
    const char *name;         /* NULL: none */
    const char *message;      /* history's comment; NULL: none */
    const Platform *platform; /* NULL: the host's */
    char **changes;           /* Containerfile instructions; NULL: none */
    /* NULL, or asked when the archive was read to its end and nothing is
     * visible yet; false with an error: nothing will be. */
    bool (*ended)(void *opaque, GError **error);
    void *opaque;
} ImportOptions;

/* A tar (or compressed tar) of a root file system becomes an image of one
 * layer. *id: its configuration. */
bool store_import(Store *s, int fd, const char *what, const ImportOptions *o,
                  Digest *id, GError **error);

/* Changes a configuration by an instruction as `--change` has them: ENV, CMD,
 * ENTRYPOINT, WORKDIR, USER, EXPOSE, VOLUME, LABEL, STOPSIGNAL, ONBUILD. */
bool config_apply_change(JsonObject *config, const char *instruction,
                         GError **error);

/* Writes a manifest for the configuration and layers (Descriptor *), with the
 * platform of the configuration, under the lease. */
Descriptor *store_put_manifest(Lease *l, const Descriptor *config,
                               GPtrArray *layers, const Platform *platform,
                               GError **error);

#endif
