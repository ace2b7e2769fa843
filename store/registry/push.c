/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/registry/push.c - blobs that the registry has not, then manifests, then
 * the index: nothing there ever names what is not there yet. */
#include <string.h>

#include "store/error.h"
#include "store/fs.h"
#include "store/registry/client.h"
#include "store/registry/mirrors.h"
#include "store/registry/progress.h"

typedef struct {
    Store *store;
    RegistryClient *client;
    Progress *progress;
} Push;

static bool has_blob(Push *p, const Descriptor *d, bool *has, GError **error)
{
    g_autofree char *place = g_strconcat("blobs/", d->digest.text, NULL);
    Request q = {.method = "HEAD", .place = place, .fd = -1};
    g_autoptr(GError) why = NULL;
    g_auto(Reply) r = {0};

    *has = client_send(p->client, &q, &r, &why);
    if (!*has && !g_error_matches(why, STORE_ERROR, STORE_ERROR_NOT_FOUND)) {
        g_propagate_error(error, g_steal_pointer(&why));
        return false;
    }
    return true;
}

static bool send_blob(Push *p, const Descriptor *d, GError **error)
{
    Request begin = {.method = "POST", .place = "blobs/uploads/", .fd = -1};
    g_autofree char *place = NULL;
    g_auto(Reply) started = {0};
    g_auto(Reply) done = {0};
    ProgressBar *bar;
    Request put;
    g_auto(Fd) fd = store_blob_open(p->store, &d->digest, &d->size, error);
    bool has;

    if (fd < 0 || !has_blob(p, d, &has, error)) {
        return false;
    }
    if (has) {
        return true;
    }
    bar = progress_add(p->progress, "blob", d);
    progress_draw(p->progress);
    if (!client_send(p->client, &begin, &started, error)) {
        return false;
    }
    if (started.location == NULL) {
        return store_fail(error,
                          "blob %s: the registry names no place to "
                          "send it to",
                          d->digest.text);
    }
    place = g_strconcat(started.location,
                        strchr(started.location, '?') != NULL ? "&" : "?",
                        "digest=", d->digest.text, NULL);
    put = (Request){.method = "PUT",
                    .place = place,
                    .content_type = "application/octet-stream",
                    .text = d->size == 0 ? "" : NULL,
                    .fd = fd,
                    .size = d->size};
    if (!client_send(p->client, &put, &done, error)) {
        g_prefix_error(error, "blob %s: ", d->digest.text);
        return false;
    }
    progress_advance(bar, d->size);
    progress_draw(p->progress);
    return true;
}

static bool send_manifest(Push *p, const Descriptor *d, const char *reference,
                          GError **error)
{
    g_autofree char *place = g_strconcat("manifests/", reference, NULL);
    g_autofree char *text = NULL;
    g_auto(Reply) r = {0};
    Request q;
    size_t len;

    text =
        store_blob_read(p->store, &d->digest, MAX_MANIFEST_BYTES, &len, error);
    if (text == NULL) {
        return false;
    }
    q = (Request){.method = "PUT",
                  .place = place,
                  .content_type = d->media_type,
                  .text = text,
                  .fd = -1,
                  .size = len};
    return client_send(p->client, &q, &r, error);
}

static bool send_image(Push *p, const Descriptor *d, const char *reference,
                       GError **error)
{
    g_autoptr(Image) image = store_load_image(p->store, NULL, d, error);

    if (image == NULL) {
        return false;
    }
    for (guint i = 0; i < image->manifest->layers->len; i++) {
        if (!send_blob(p, image->manifest->layers->pdata[i], error)) {
            return false;
        }
    }
    return send_blob(p, &image->manifest->config, error) &&
           send_manifest(p, d, reference, error);
}

bool registry_push(Store *s, const Descriptor *d, const Reference *name,
                   const RegistryOptions *o, Digest *digest, GError **error)
{
    const char *reference = name->tag != NULL ? name->tag : d->digest.text;
    g_autoptr(RegistryClient) client =
        client_new(o, name->domain, name->path, true, error);
    g_autoptr(Progress) progress = progress_new(o->quiet);
    Push p = {s, client, progress};
    g_autoptr(GPtrArray) manifests = NULL;

    if (client == NULL) {
        return false;
    }
    *digest = d->digest;
    if (!media_is_index(d->media_type)) {
        return send_image(&p, d, reference, error);
    }
    manifests = store_expand(s, d, error);
    for (guint i = 0; manifests != NULL && i < manifests->len; i++) {
        const Descriptor *child = manifests->pdata[i];

        if (!send_image(&p, child, child->digest.text, error)) {
            return false;
        }
    }
    return manifests != NULL && send_manifest(&p, d, reference, error);
}

bool registry_login(const char *domain, const RegistryOptions *o,
                    GError **error)
{
    g_autoptr(RegistryClient) client = client_new(o, domain, "", false, error);
    Request q = {.method = "GET", .place = "", .fd = -1};
    g_auto(Reply) r = {0};

    return client != NULL && client_send(client, &q, &r, error);
}
