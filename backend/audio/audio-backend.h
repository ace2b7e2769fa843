/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/audio/audio-backend.h - makes the host's side of sound out of
 * options.
 * Threads: the event loop's. */
#ifndef CUTTLE_BACKEND_AUDIO_AUDIO_BACKEND_H
#define CUTTLE_BACKEND_AUDIO_AUDIO_BACKEND_H

#include "core/audio.h"
#include "util/opts.h"

/* -audiodev: the kind in key "driver" (none, sdl, wav), `id` ignored. Refuses
 * keys nobody knows before touching anything. The caller owns the result
 * (backends_add_audio). */
AudioDev *audio_backend_new(const char *id, Opts *opts, GError **error);

/* The n-th kind's name; NULL behind the last. */
const char *audio_backend_kind(unsigned n);

#endif
