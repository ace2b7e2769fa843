/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/rng/rng-backend.h - makes entropy sources out of options.
 * Threads: the event loop's. */
#ifndef CUTTLE_BACKEND_RNG_RNG_BACKEND_H
#define CUTTLE_BACKEND_RNG_RNG_BACKEND_H

#include "core/rng.h"
#include "util/opts.h"

/* -object rng-builtin and rng-random[,filename=F]: the kind in key "qom-type",
 * `id` ignored. The caller owns the result (backends_add_rng). */
RngDev *rng_backend_new(const char *id, Opts *opts, GError **error);

#endif
