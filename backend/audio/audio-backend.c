/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/audio/audio-backend.c - see audio-backend.h. */
#include "backend/audio/audio-backend.h"

#include <gio/gio.h>
#include <string.h>

#include "backend/audio/audio-backend_priv.h"
#include "backend/kind.h"

enum { MIN_PERIOD_US = 1000, MAX_PERIOD_US = 100000 };

typedef struct {
    const char *name;
    AudioCreateFn *create;
} Kind;

static const Kind kinds[] = {
    {"none", none_audio_new},
#ifdef HAVE_SDL
    {"sdl", sdl_audio_new},
#endif
    {"wav", wav_audio_new},
};

static void none_free(AudioDev *a)
{
    audio_finish(a);
    g_free(a);
}

AudioDev *none_audio_new(Opts *opts, const AudioOptions *common, GError **error)
{
    static const AudioClass cls = {.name = "none", .free = none_free};
    AudioDev *a;

    if (!opts_check_unused(opts, error)) {
        return NULL;
    }
    a = g_new(AudioDev, 1);
    audio_init(a, &cls);
    return a;
}

const char *audio_backend_kind(unsigned n)
{
    return n < G_N_ELEMENTS(kinds) ? kinds[n].name : NULL;
}

/* Samples are always converted to what the host side was told, as with
 * fixed-settings=on; the only other way of saying so is refused. */
static bool read_fixed(Opts *opts, const char *key, GError **error)
{
    bool fixed = true;

    if (!opts_get_bool(opts, key, &fixed, error)) {
        return false;
    }
    if (!fixed) {
        g_set_error(error, OPTS_ERROR, OPTS_ERROR_INVALID,
                    "%s=off not supported yet", key);
    }
    return fixed;
}

static bool read_spec(Opts *opts, const char *side, AudioSpec *spec,
                      GError **error)
{
    g_autofree char *frequency = g_strconcat(side, ".frequency", NULL);
    g_autofree char *channels = g_strconcat(side, ".channels", NULL);
    g_autofree char *format = g_strconcat(side, ".format", NULL);
    g_autofree char *fixed = g_strconcat(side, ".fixed-settings", NULL);
    g_autofree char *mixing = g_strconcat(side, ".mixing-engine", NULL);
    uint64_t rate = spec->rate, n = spec->channels;
    int index = (int)spec->format;

    if (!read_fixed(opts, fixed, error) || !read_fixed(opts, mixing, error) ||
        !opts_get_choice(opts, format, audio_format_names, &index, error) ||
        !opts_get_uint(opts, frequency, AUDIO_MIN_RATE, AUDIO_MAX_RATE, &rate,
                       error) ||
        !opts_get_uint(opts, channels, 1, AUDIO_MAX_CHANNELS, &n, error)) {
        return false;
    }
    *spec = (AudioSpec){(AudioFormat)index, (unsigned)rate, (unsigned)n};
    return true;
}

static bool read_options(Opts *opts, AudioOptions *common, GError **error)
{
    uint64_t us = 10000;

    if (!opts_get_uint(opts, "timer-period", MIN_PERIOD_US, MAX_PERIOD_US, &us,
                       error)) {
        return false;
    }
    common->period_ns = (int64_t)us * (NS_PER_SECOND / 1000000);
    common->spec[AUDIO_OUT] = common->spec[AUDIO_IN] =
        (AudioSpec){AUDIO_FORMAT_S16, 44100, 2};
    return read_spec(opts, "out", &common->spec[AUDIO_OUT], error) &&
           read_spec(opts, "in", &common->spec[AUDIO_IN], error);
}

static AudioDev *create(const char *id, Opts *opts, GError **error)
{
    const char *name = opts_require(opts, "driver", error);
    const Kind *kind =
        name != NULL ? KIND_FIND(kinds, "driver", name, error) : NULL;
    AudioOptions common;
    AudioDev *a;

    opts_get(opts, "id");
    if (kind == NULL || !read_options(opts, &common, error)) {
        return NULL;
    }
    a = kind->create(opts, &common, error);
    if (a != NULL) {
        a->id = g_strdup(id);
        a->period_ns = common.period_ns;
        a->spec[AUDIO_OUT] = common.spec[AUDIO_OUT];
        a->spec[AUDIO_IN] = common.spec[AUDIO_IN];
    }
    return a;
}

AudioDev *audio_backend_new(const char *id, Opts *opts, GError **error)
{
    AudioDev *a = create(id, opts, error);

    if (a == NULL) {
        g_prefix_error(error, "audiodev '%s': ", id);
    }
    return a;
}
