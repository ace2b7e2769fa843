/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/fuzz/store-json.c - index, manifest, configuration and descriptors as
 * a stranger wrote them; what is read is written and read again. */
#include <string.h>

#include "store/document.h"
#include "util/json-doc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void again(const ImageManifest *m)
{
    g_autofree char *text = manifest_build(&m->config, m->layers);
    g_autoptr(ImageManifest) other =
        manifest_parse(text, strlen(text), "again", NULL);

    g_assert_nonnull(other);
    g_assert_true(digest_equal(&other->config.digest, &m->config.digest));
    g_assert_cmpuint(other->layers->len, ==, m->layers->len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    g_autoptr(ImageManifest) m = manifest_parse(text, size, "m", NULL);
    g_autoptr(ImageIndex) i G_GNUC_UNUSED = index_parse(text, size, "i", NULL);
    g_autoptr(ImageConfig) c G_GNUC_UNUSED =
        config_parse(text, size, "c", NULL);

    if (m != NULL) {
        again(m);
    }
    return 0;
}
