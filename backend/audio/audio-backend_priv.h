/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/audio/audio-backend_priv.h - what the kinds share. */
#ifndef CUTTLE_BACKEND_AUDIO_AUDIO_BACKEND_PRIV_H
#define CUTTLE_BACKEND_AUDIO_AUDIO_BACKEND_PRIV_H

#include "core/audio.h"
#include "util/opts.h"

/* What every kind may be told. */
typedef struct {
    AudioSpec spec[2];
    int64_t period_ns;
} AudioOptions;

/* Reads its own keys, then opts_check_unused, then opens what it needs; the
 * caller applies the options. */
typedef AudioDev *AudioCreateFn(Opts *opts, const AudioOptions *common,
                                GError **error);

AudioCreateFn none_audio_new;
AudioCreateFn sdl_audio_new; /* HAVE_SDL */
AudioCreateFn wav_audio_new;

#endif
