/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/audio-convert.c - see audio-convert_priv.h. */
#include <string.h>

#include "core/audio-convert_priv.h"
#include "util/bits.h"

static const uint64_t ONE = UINT64_C(1) << 32;

/* ---- formats ------------------------------------------------------------ */

static float float_of(const uint8_t *p)
{
    uint32_t bits = le32_load(p);
    float f;

    memcpy(&f, &bits, sizeof(f));
    return f;
}

/* A comparison with NaN is false, so it becomes silence. */
static int32_t sample_of_float(float f)
{
    if (f >= 1.0f) {
        return INT32_MAX;
    }
    if (f <= -1.0f) {
        return INT32_MIN;
    }
    return f > -1.0f ? (int32_t)(f * 2147483648.0f) : 0;
}

static int32_t decode_one(AudioFormat format, const uint8_t *p)
{
    switch (format) {
    case AUDIO_FORMAT_U8:
        return (int32_t)((uint32_t)(p[0] ^ 0x80) << 24);
    case AUDIO_FORMAT_S16:
        return (int32_t)((uint32_t)le16_load(p) << 16);
    case AUDIO_FORMAT_S32:
        return (int32_t)le32_load(p);
    default:
        return sample_of_float(float_of(p));
    }
}

static void encode_one(AudioFormat format, int32_t sample, uint8_t *p)
{
    float f = (float)sample / 2147483648.0f;
    uint32_t bits;

    switch (format) {
    case AUDIO_FORMAT_U8:
        p[0] = (uint8_t)(sample >> 24) ^ 0x80;
        break;
    case AUDIO_FORMAT_S16:
        le16_store(p, (uint16_t)(sample >> 16));
        break;
    case AUDIO_FORMAT_S32:
        le32_store(p, (uint32_t)sample);
        break;
    default:
        memcpy(&bits, &f, sizeof(bits));
        le32_store(p, bits);
        break;
    }
}

static size_t sample_bytes(AudioFormat format)
{
    static const uint8_t bytes[AUDIO_N_FORMATS] = {[AUDIO_FORMAT_U8] = 1,
                                                   [AUDIO_FORMAT_S16] = 2,
                                                   [AUDIO_FORMAT_S32] = 4,
                                                   [AUDIO_FORMAT_F32] = 4};

    return bytes[format];
}

bool audio_spec_is_valid(const AudioSpec *spec)
{
    return spec->format < AUDIO_N_FORMATS && spec->rate >= AUDIO_MIN_RATE &&
           spec->rate <= AUDIO_MAX_RATE && spec->channels >= 1 &&
           spec->channels <= AUDIO_MAX_CHANNELS;
}

size_t audio_frame_bytes(const AudioSpec *spec)
{
    return sample_bytes(spec->format) * spec->channels;
}

void audio_decode(AudioFormat format, const void *from, int32_t *to, size_t n)
{
    const uint8_t *p = from;

    for (size_t i = 0; i < n; i++, p += sample_bytes(format)) {
        to[i] = decode_one(format, p);
    }
}

void audio_encode(AudioFormat format, const int64_t *from, void *to, size_t n)
{
    uint8_t *p = to;

    for (size_t i = 0; i < n; i++, p += sample_bytes(format)) {
        encode_one(format, (int32_t)CLAMP(from[i], INT32_MIN, INT32_MAX), p);
    }
}

/* ---- channels ----------------------------------------------------------- */

static void remap_frame(const int32_t *from, unsigned n_from, int32_t *to,
                        unsigned n_to)
{
    for (unsigned c = 0; c < n_to; c++) {
        int64_t sum = 0;
        unsigned n = 0;

        for (unsigned f = c; f < n_from; f += n_to, n++) {
            sum += from[f];
        }
        to[c] = n > 0 ? (int32_t)(sum / n) : n_from == 1 ? from[0] : 0;
    }
}

void audio_remap(const int32_t *from, unsigned n_from, int32_t *to,
                 unsigned n_to, size_t frames)
{
    for (size_t i = 0; i < frames; i++) {
        remap_frame(&from[i * n_from], n_from, &to[i * n_to], n_to);
    }
}

/* ---- rates -------------------------------------------------------------- */

void audio_rate_init(AudioRate *r, unsigned from, unsigned to,
                     unsigned channels)
{
    memset(r, 0, sizeof(*r));
    r->step = from * ONE / to;
    r->channels = channels;
}

size_t audio_rate_needed(const AudioRate *r, size_t n)
{
    int64_t end = r->phase + (int64_t)(n * r->step);

    return r->step == ONE ? n : (size_t)(MAX(end, 0) >> 32);
}

size_t audio_rate_available(const AudioRate *r, size_t n)
{
    return r->step == ONE
               ? n
               : (size_t)((int64_t)((n + 1) * ONE - 1) - r->phase) / r->step;
}

/* Frame i of history and source: 0 is the last one taken before. */
static const int32_t *frame_at(const AudioRate *r, const int32_t *from,
                               int64_t i)
{
    return i <= 0 ? r->history[i + 1] : &from[(size_t)(i - 1) * r->channels];
}

static void interpolate(const AudioRate *r, const int32_t *from,
                        int64_t position, int32_t *to)
{
    const int32_t *a = frame_at(r, from, (position >> 32) - 1);
    const int32_t *b = frame_at(r, from, position >> 32);
    int64_t weight = (position & (int64_t)(ONE - 1)) >> 2; /* of 2^30 */

    for (unsigned c = 0; c < r->channels; c++) {
        int64_t delta = (int64_t)b[c] - a[c];

        to[c] = (int32_t)(a[c] + (delta * weight) / (1 << 30));
    }
}

static void remember(AudioRate *r, const int32_t *from, size_t n)
{
    size_t bytes = r->channels * sizeof(*from);

    if (n >= 2) {
        memcpy(r->history[0], &from[(n - 2) * r->channels], bytes);
    } else if (n == 1) {
        memcpy(r->history[0], r->history[1], bytes);
    }
    if (n >= 1) {
        memcpy(r->history[1], &from[(n - 1) * r->channels], bytes);
    }
}

/* A result lies between the two frames before its position. What is left of
 * the position may be negative: frames were taken that no result needed yet. */
void audio_rate_convert(AudioRate *r, const int32_t *from, size_t n_from,
                        int32_t *to, size_t n_to)
{
    if (r->step == ONE) {
        memcpy(to, from, n_to * r->channels * sizeof(*to));
        return;
    }
    for (size_t i = 0; i < n_to; i++) {
        interpolate(r, from, r->phase + (int64_t)((i + 1) * r->step),
                    &to[i * r->channels]);
    }
    r->phase += (int64_t)(n_to * r->step) - (int64_t)(n_from * ONE);
    remember(r, from, n_from);
}
