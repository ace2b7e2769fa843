/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/rng.h - random bytes from the host.
 * Threads: rng_fill from any thread; may block shortly. */
#ifndef CUTTLE_CORE_RNG_H
#define CUTTLE_CORE_RNG_H

#include <stddef.h>

#include "core/backends.h"

typedef struct {
    const char *name; /* "rng-builtin", "rng-random" */
    bool (*fill)(RngDev *r, void *to, size_t len);
    void (*free)(RngDev *r);
} RngClass;

struct RngDev {
    const RngClass *cls;
    char *id;
};

/* False if the source ran dry or failed; NULL means the host's getrandom. */
bool rng_fill(RngDev *r, void *to, size_t len);

#endif
