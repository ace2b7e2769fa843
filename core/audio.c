/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/audio.c - the clock that moves streams, and the mixer between them and
 * the host side. */
#include "core/audio.h"

#include "core/audio-convert_priv.h"

/* A look that comes later than this does not make up for what was missed. */
static const int64_t MAX_LATE_NS = NS_PER_SECOND / 4;

struct AudioStream {
    AudioDev *dev;
    AudioDirection direction;
    const AudioFrontEnd *front;
    void *opaque;

    /* What the device wants; under dev->lock. */
    bool wanted;
    bool changed; /* since the last look */
    AudioSpec wanted_spec;

    /* As it was at the last look; event loop. */
    bool running;
    AudioSpec spec;
    AudioRate rate;
};

const AudioClass audio_silent_class = {.name = "none"};

static void look(void *opaque);

const char *const audio_format_names[] = {"u8", "s16", "s32", "f32", NULL};

void audio_init(AudioDev *a, const AudioClass *cls)
{
    static const AudioSpec usual = {AUDIO_FORMAT_S16, 44100, 2};

    *a = (AudioDev){
        .cls = cls,
        .spec = {usual, usual},
        .period_ns = NS_PER_SECOND / 100,
        .streams = g_ptr_array_new(),
    };
    g_mutex_init(&a->lock);
    timer_init(&a->timer, look, a);
}

void audio_finish(AudioDev *a)
{
    timer_cancel(&a->timer);
    g_clear_pointer(&a->streams, g_ptr_array_unref);
    g_clear_pointer(&a->id, g_free);
    g_mutex_clear(&a->lock);
}

/* ---- streams ------------------------------------------------------------ */

AudioStream *audio_open(AudioDev *a, AudioDirection direction,
                        const AudioFrontEnd *front, void *opaque)
{
    AudioStream *s = g_new0(AudioStream, 1);

    s->dev = a;
    s->direction = direction;
    s->front = front;
    s->opaque = opaque;
    g_ptr_array_add(a->streams, s);
    return s;
}

void audio_close(AudioStream *s)
{
    if (s != NULL) {
        g_ptr_array_remove(s->dev->streams, s);
        g_free(s);
    }
}

void audio_start(AudioStream *s, const AudioSpec *spec)
{
    AudioDev *a = s->dev;

    g_mutex_lock(&a->lock);
    s->wanted = s->changed = true;
    s->wanted_spec = *spec;
    if (!a->ticking) {
        a->ticking = true;
        a->last_ns = clock_now_ns();
        a->rest[AUDIO_OUT] = a->rest[AUDIO_IN] = 0;
        timer_arm(&a->timer, a->last_ns + a->period_ns);
    }
    g_mutex_unlock(&a->lock);
}

void audio_stop(AudioStream *s)
{
    g_mutex_lock(&s->dev->lock);
    s->wanted = false;
    g_mutex_unlock(&s->dev->lock);
}

static void adopt(AudioStream *s)
{
    const AudioSpec *host = &s->dev->spec[s->direction];

    s->running = s->wanted;
    if (!s->wanted || !s->changed) {
        return;
    }
    s->changed = false;
    s->spec = s->wanted_spec;
    if (s->direction == AUDIO_OUT) {
        audio_rate_init(&s->rate, s->spec.rate, host->rate, host->channels);
    } else {
        audio_rate_init(&s->rate, host->rate, s->spec.rate, s->spec.channels);
    }
}

/* ---- playing ------------------------------------------------------------ */

/* Pulls what n frames of the host take and adds it to them; returns how many
 * frames it was enough for. */
static size_t mix_in(AudioStream *s, int64_t *mix, size_t n)
{
    const AudioSpec *host = &s->dev->spec[AUDIO_OUT];
    size_t frame = audio_frame_bytes(&s->spec);
    size_t need = audio_rate_needed(&s->rate, n), got;
    g_autofree uint8_t *bytes = g_malloc(need * frame);
    g_autofree int32_t *samples = g_new(int32_t, need * s->spec.channels);
    g_autofree int32_t *mapped = g_new(int32_t, need * host->channels);
    g_autofree int32_t *result = g_new(int32_t, n * host->channels);

    got =
        need == 0 ? 0 : s->front->pull(s->opaque, bytes, need * frame) / frame;
    n = MIN(n, audio_rate_available(&s->rate, got));
    audio_decode(s->spec.format, bytes, samples, got * s->spec.channels);
    audio_remap(samples, s->spec.channels, mapped, host->channels, got);
    audio_rate_convert(&s->rate, mapped, got, result, n);
    for (size_t i = 0; i < n * host->channels; i++) {
        mix[i] += result[i];
    }
    return n;
}

static bool runs(const AudioDev *a, AudioDirection direction)
{
    for (unsigned i = 0; i < a->streams->len; i++) {
        const AudioStream *s = g_ptr_array_index(a->streams, i);

        if (s->running && s->direction == direction) {
            return true;
        }
    }
    return false;
}

static void play(AudioDev *a, size_t due)
{
    const AudioSpec *host = &a->spec[AUDIO_OUT];
    size_t n = a->cls->room != NULL ? a->cls->room(a, due) : due, longest = 0;
    g_autofree int64_t *mix = g_new0(int64_t, n * host->channels);

    for (unsigned i = 0; n > 0 && i < a->streams->len; i++) {
        AudioStream *s = g_ptr_array_index(a->streams, i);

        if (s->running && s->direction == AUDIO_OUT) {
            size_t supplied = mix_in(s, mix, n);

            longest = MAX(longest, supplied);
        }
    }
    if (longest > 0 && a->cls->play != NULL) {
        g_autofree uint8_t *bytes = g_malloc(longest * audio_frame_bytes(host));

        audio_encode(host->format, mix, bytes, longest * host->channels);
        a->cls->play(a, bytes, longest);
    }
}

/* ---- recording ---------------------------------------------------------- */

static void push_out(AudioStream *s, const int32_t *recorded, size_t n)
{
    unsigned channels = s->spec.channels;
    size_t frame = audio_frame_bytes(&s->spec);
    size_t n_to = audio_rate_available(&s->rate, n);
    g_autofree int32_t *mapped = g_new(int32_t, n * channels);
    g_autofree int32_t *result = g_new(int32_t, n_to * channels);
    g_autofree int64_t *wide = g_new(int64_t, n_to * channels);
    g_autofree uint8_t *bytes = g_malloc(n_to * frame);

    audio_remap(recorded, s->dev->spec[AUDIO_IN].channels, mapped, channels, n);
    audio_rate_convert(&s->rate, mapped, n, result, n_to);
    for (size_t i = 0; i < n_to * channels; i++) {
        wide[i] = result[i];
    }
    audio_encode(s->spec.format, wide, bytes, n_to * channels);
    s->front->push(s->opaque, bytes, n_to * frame);
}

static void record(AudioDev *a, size_t n)
{
    const AudioSpec *host = &a->spec[AUDIO_IN];
    g_autofree uint8_t *bytes = g_malloc(n * audio_frame_bytes(host));
    g_autofree int32_t *samples = g_new0(int32_t, n * host->channels);

    if (a->cls->record != NULL) {
        n = a->cls->record(a, bytes, n);
        audio_decode(host->format, bytes, samples, n * host->channels);
    }
    for (unsigned i = 0; n > 0 && i < a->streams->len; i++) {
        AudioStream *s = g_ptr_array_index(a->streams, i);

        if (s->running && s->direction == AUDIO_IN) {
            push_out(s, samples, n);
        }
    }
}

/* ---- the clock ---------------------------------------------------------- */

/* Frames that passed, exactly: what makes no whole frame counts next time. */
static size_t frames_due(AudioDev *a, AudioDirection direction, int64_t ns)
{
    uint64_t *rest = &a->rest[direction];
    size_t n;

    *rest += (uint64_t)ns * a->spec[direction].rate;
    n = *rest / (uint64_t)NS_PER_SECOND;
    *rest %= (uint64_t)NS_PER_SECOND;
    return n;
}

/* Takes over what devices asked for; false if nothing runs any more. */
static bool adopt_all(AudioDev *a)
{
    bool any = false;

    g_mutex_lock(&a->lock);
    for (unsigned i = 0; i < a->streams->len; i++) {
        AudioStream *s = g_ptr_array_index(a->streams, i);

        adopt(s);
        any = any || s->running;
    }
    a->ticking = any;
    g_mutex_unlock(&a->lock);
    return any;
}

static void look(void *opaque)
{
    AudioDev *a = opaque;
    int64_t now = clock_now_ns();
    int64_t passed = CLAMP(now - a->last_ns, 0, MAX_LATE_NS);
    size_t to_play, recorded;

    if (!adopt_all(a)) {
        return;
    }
    to_play = frames_due(a, AUDIO_OUT, passed);
    recorded = frames_due(a, AUDIO_IN, passed);
    a->last_ns = now;
    if (runs(a, AUDIO_OUT)) {
        play(a, to_play);
    }
    if (runs(a, AUDIO_IN)) {
        record(a, recorded);
    }
    timer_arm(&a->timer, now + a->period_ns);
}
