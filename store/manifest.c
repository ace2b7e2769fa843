/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/manifest.c - manifests that are made here. */
#include <string.h>

#include "store/store_priv.h"
#include "store/transfer.h"

Descriptor *store_put_manifest(Lease *l, const Descriptor *config,
                               GPtrArray *layers, const Platform *platform,
                               GError **error)
{
    g_autofree char *text = manifest_build(config, layers);
    Descriptor *d;
    Digest digest;

    if (!blob_put(l, text, strlen(text), &digest, error)) {
        return NULL;
    }
    d = descriptor_new(MEDIA_MANIFEST, &digest, strlen(text));
    platform_copy(platform, &d->platform);
    return d;
}

static Descriptor *translated(const Descriptor *d)
{
    return descriptor_new(media_oci(d->media_type), &d->digest, d->size);
}

Descriptor *store_put_docker_manifest(Lease *l, const ImageManifest *m,
                                      const Digest *source, GError **error)
{
    g_autoptr(GPtrArray) layers =
        g_ptr_array_new_with_free_func((GDestroyNotify)descriptor_free);
    g_autoptr(Descriptor) config = translated(&m->config);
    Descriptor *d;

    for (guint i = 0; i < m->layers->len; i++) {
        g_ptr_array_add(layers, translated(m->layers->pdata[i]));
    }
    d = store_put_manifest(l, config, layers, &(Platform){0}, error);
    if (d != NULL) {
        descriptor_annotate(d, ANNOTATION_SOURCE_DIGEST, source->text);
    }
    return d;
}
