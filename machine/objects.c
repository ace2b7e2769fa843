/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/objects.c - what -object makes: all kinds share their ids. */
#include "backend/crypto/secret.h"
#include "backend/crypto/tls.h"
#include "backend/kind.h"
#include "backend/rng/rng-backend.h"
#include "core/rng.h"
#include "core/tls.h"
#include "machine/change.h"
#include "machine/machine_priv.h"

static bool add_rng(Backends *b, const char *id, Opts *opts, GError **error)
{
    RngDev *r = rng_backend_new(id, opts, error);

    return r != NULL && backends_add_rng(b, id, r, error);
}

static bool add_secret(Backends *b, const char *id, Opts *opts, GError **error)
{
    GBytes *secret = secret_new(id, opts, error);

    return secret != NULL && backends_add_secret(b, id, secret, error);
}

static bool add_tls(Backends *b, const char *id, Opts *opts, GError **error)
{
    TlsCreds *c = tls_creds_new(id, b, opts, error);

    return c != NULL && backends_add_tls(b, id, c, error);
}

typedef struct {
    const char *name, *parent; /* as tools see the types */
    bool (*add)(Backends *b, const char *id, Opts *opts, GError **error);
} Kind;

static const Kind kinds[] = {
    {"rng-builtin", "rng-backend", add_rng},
    {"rng-random", "rng-backend", add_rng},
    {"secret", "secret_common", add_secret},
    {"tls-creds-anon", "tls-creds", add_tls},
    {"tls-creds-psk", "tls-creds", add_tls},
    {"tls-creds-x509", "tls-creds", add_tls},
};

const char *machine_object_kind(unsigned n, const char **parent)
{
    if (n >= G_N_ELEMENTS(kinds)) {
        return NULL;
    }
    if (parent != NULL) {
        *parent = kinds[n].parent;
    }
    return kinds[n].name;
}

GHashTable *machine_objects(const Machine *m, unsigned n)
{
    const Backends *b = &m->backends;
    GHashTable *const tables[] = {b->rngs, b->tls, b->secrets};

    return n < G_N_ELEMENTS(tables) ? tables[n] : NULL;
}

const char *machine_object_type(const Machine *m, const char *id)
{
    const RngDev *r = backends_rng(&m->backends, id);
    const TlsCreds *c = backends_tls(&m->backends, id);

    return r != NULL                                   ? r->cls->name
           : c != NULL                                 ? c->cls->name
           : backends_secret(&m->backends, id) != NULL ? "secret"
                                                       : NULL;
}

bool machine_add_object(Machine *m, const char *id, Opts *opts, GError **error)
{
    const char *name = opts_require(opts, "qom-type", error);
    const Kind *kind;

    if (name == NULL) {
        return false;
    }
    if (machine_object_type(m, id) != NULL) {
        return machine_fail(error,
                            "attempt to add duplicate property '%s' to object "
                            "(type 'container')",
                            id);
    }
    kind = KIND_FIND(kinds, "kind", name, error);
    return kind != NULL && kind->add(&m->backends, id, opts, error);
}
