/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/backends.c - one table of back ends per kind, by id. */
#include "core/backends.h"

#include <gio/gio.h>

#include "core/audio.h"
#include "core/block.h"
#include "core/chardev.h"
#include "core/clipboard.h"
#include "core/display.h"
#include "core/input.h"
#include "core/net.h"
#include "core/remote.h"
#include "core/rng.h"
#include "core/tls.h"

static void free_char(void *c)
{
    ((CharDev *)c)->cls->free(c);
}

static void free_block(void *d)
{
    ((BlockDev *)d)->cls->free(d);
}

static void free_net(void *n)
{
    ((NetDev *)n)->cls->free(n);
}

static void free_rng(void *r)
{
    ((RngDev *)r)->cls->free(r);
}

static void free_audio(void *a)
{
    ((AudioDev *)a)->cls->free(a);
}

static void free_tls(void *c)
{
    ((TlsCreds *)c)->cls->unref(c);
}

static void free_secret(void *secret)
{
    g_bytes_unref(secret);
}

void backends_init(Backends *b)
{
    b->chars =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_char);
    b->blocks =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_block);
    b->nets = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_net);
    b->rngs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_rng);
    b->audios =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_audio);
    b->clipboard = clipboard_new();
    b->tls = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_tls);
    b->secrets =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_secret);
    b->displays = displays_new();
    b->inputs = inputs_new();
    b->remotes = remotes_new();
}

void backends_finish(Backends *b)
{
    g_clear_pointer(&b->chars, g_hash_table_unref);
    g_clear_pointer(&b->blocks, g_hash_table_unref);
    g_clear_pointer(&b->nets, g_hash_table_unref);
    g_clear_pointer(&b->rngs, g_hash_table_unref);
    g_clear_pointer(&b->audios, g_hash_table_unref);
    g_clear_pointer(&b->clipboard, clipboard_free);
    g_clear_pointer(&b->tls, g_hash_table_unref);
    g_clear_pointer(&b->secrets, g_hash_table_unref);
    g_clear_pointer(&b->displays, displays_free);
    g_clear_pointer(&b->inputs, inputs_free);
    g_clear_pointer(&b->remotes, remotes_free);
}

/* On failure the object stays the caller's. name is the object's own copy of
 * its id; NULL: it has none. */
static bool add(GHashTable *table, const char *kind, const char *id,
                void *object, char **name, GError **error)
{
    if (g_hash_table_contains(table, id)) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_EXISTS,
                    "%s '%s': id is taken", kind, id);
        return false;
    }
    if (name != NULL && *name == NULL) {
        *name = g_strdup(id);
    }
    g_hash_table_insert(table, g_strdup(id), object);
    return true;
}

bool backends_add_char(Backends *b, const char *id, CharDev *c, GError **error)
{
    return add(b->chars, "character device", id, c, &c->id, error);
}

bool backends_add_block(Backends *b, const char *id, BlockDev *d,
                        GError **error)
{
    return add(b->blocks, "drive", id, d, &d->id, error);
}

bool backends_add_net(Backends *b, const char *id, NetDev *n, GError **error)
{
    return add(b->nets, "network back end", id, n, &n->id, error);
}

bool backends_add_rng(Backends *b, const char *id, RngDev *r, GError **error)
{
    return add(b->rngs, "entropy source", id, r, &r->id, error);
}

bool backends_add_audio(Backends *b, const char *id, AudioDev *a,
                        GError **error)
{
    return add(b->audios, "audiodev", id, a, &a->id, error);
}

bool backends_add_tls(Backends *b, const char *id, TlsCreds *c, GError **error)
{
    return add(b->tls, "TLS credentials", id, c, &c->id, error);
}

bool backends_add_secret(Backends *b, const char *id, GBytes *secret,
                         GError **error)
{
    return add(b->secrets, "secret", id, secret, NULL, error);
}

CharDev *backends_char(const Backends *b, const char *id)
{
    return g_hash_table_lookup(b->chars, id);
}

BlockDev *backends_block(const Backends *b, const char *id)
{
    return g_hash_table_lookup(b->blocks, id);
}

NetDev *backends_net(const Backends *b, const char *id)
{
    return g_hash_table_lookup(b->nets, id);
}

RngDev *backends_rng(const Backends *b, const char *id)
{
    return g_hash_table_lookup(b->rngs, id);
}

AudioDev *backends_audio(const Backends *b, const char *id)
{
    return g_hash_table_lookup(b->audios, id);
}

TlsCreds *backends_tls(const Backends *b, const char *id)
{
    return g_hash_table_lookup(b->tls, id);
}

GBytes *backends_secret(const Backends *b, const char *id)
{
    return g_hash_table_lookup(b->secrets, id);
}
