/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/backends.h - the host sides a machine was given, found by their ids, and
 * where its screens, input devices and clipboard meet those who show and feed
 * them.
 * Threads: filled and emptied on the main thread while nothing runs.
 * Lifetime: owns the back ends added to it. */
#ifndef CUTTLE_CORE_BACKENDS_H
#define CUTTLE_CORE_BACKENDS_H

#include <glib.h>
#include <stdbool.h>

typedef struct CharDev CharDev;
typedef struct BlockDev BlockDev;
typedef struct NetDev NetDev;
typedef struct RngDev RngDev;
typedef struct AudioDev AudioDev;
typedef struct Clipboard Clipboard;
typedef struct TlsCreds TlsCreds;
typedef struct Displays Displays;
typedef struct Inputs Inputs;
typedef struct Remotes Remotes;

typedef struct Backends {
    GHashTable *chars;   /* id -> CharDev */
    GHashTable *blocks;  /* id -> BlockDev */
    GHashTable *nets;    /* id -> NetDev */
    GHashTable *rngs;    /* id -> RngDev */
    GHashTable *audios;  /* id -> AudioDev */
    GHashTable *tls;     /* id -> TlsCreds */
    GHashTable *secrets; /* id -> GBytes */
    Clipboard *clipboard;
    Displays *displays;
    Inputs *inputs;
    Remotes *remotes;
} Backends;

void backends_init(Backends *b);
void backends_finish(Backends *b); /* frees what was added */

/* Take ownership; false with an error if the id is taken, and the object stays
 * the caller's. An object without an id gets a copy of this one; its class's
 * free frees all of it, id included. */
bool backends_add_char(Backends *b, const char *id, CharDev *c, GError **error);
bool backends_add_block(Backends *b, const char *id, BlockDev *d,
                        GError **error);
bool backends_add_net(Backends *b, const char *id, NetDev *n, GError **error);
bool backends_add_rng(Backends *b, const char *id, RngDev *r, GError **error);
bool backends_add_audio(Backends *b, const char *id, AudioDev *a,
                        GError **error);
bool backends_add_tls(Backends *b, const char *id, TlsCreds *c, GError **error);
bool backends_add_secret(Backends *b, const char *id, GBytes *secret,
                         GError **error);

/* NULL if there is none. */
CharDev *backends_char(const Backends *b, const char *id);
BlockDev *backends_block(const Backends *b, const char *id);
NetDev *backends_net(const Backends *b, const char *id);
RngDev *backends_rng(const Backends *b, const char *id);
AudioDev *backends_audio(const Backends *b, const char *id);
TlsCreds *backends_tls(const Backends *b, const char *id);
GBytes *backends_secret(const Backends *b, const char *id);

#endif
