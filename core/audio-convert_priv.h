/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/audio-convert_priv.h - samples from one kind to another. In between
 * they are signed 32-bit numbers, so all but F32 come out as they went in.
 * Threads: pure functions on the caller's memory. */
#ifndef CUTTLE_CORE_AUDIO_CONVERT_PRIV_H
#define CUTTLE_CORE_AUDIO_CONVERT_PRIV_H

#include "core/audio.h"

void audio_decode(AudioFormat format, const void *from, int32_t *to, size_t n);
/* Values beyond 32 bits are clipped. */
void audio_encode(AudioFormat format, const int64_t *from, void *to, size_t n);

/* One channel goes to all; of more than there is room for, several share one
 * and are averaged; others stay where they are. */
void audio_remap(const int32_t *from, unsigned n_from, int32_t *to,
                 unsigned n_to, size_t frames);

/* Linear interpolation between frames; equal rates copy. */
typedef struct {
    uint64_t step; /* source frames a result, times 2^32 */
    int64_t phase; /* position behind the last frame taken, times 2^32 */
    unsigned channels;
    int32_t history[2][AUDIO_MAX_CHANNELS]; /* the last two frames taken */
} AudioRate;

void audio_rate_init(AudioRate *r, unsigned from, unsigned to,
                     unsigned channels);
/* How many source frames n results take, and how many results n frames give.*/
size_t audio_rate_needed(const AudioRate *r, size_t n);
size_t audio_rate_available(const AudioRate *r, size_t n);
/* Takes all n_from frames; n_to is what audio_rate_available says or less. */
void audio_rate_convert(AudioRate *r, const int32_t *from, size_t n_from,
                        int32_t *to, size_t n_to);

#endif
