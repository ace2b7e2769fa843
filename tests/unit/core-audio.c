/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/core-audio.c - streams and the host side: pace, mixing, formats,
 * channels and rates, in both directions. */
#include <glib.h>
#include <math.h>
#include <string.h>

#include "core/audio.h"
#include "util/bits.h"

enum { MS = 1000000, PLAIN_RATE = 44100 };

static const AudioSpec plain = {AUDIO_FORMAT_S16, PLAIN_RATE, 2};

/* ---- a host side in memory, and what devices have ---------------------- */

typedef struct {
    AudioDev dev;
    GByteArray *played;
    uint16_t next; /* what it records: 0, 1, 2, ... in every channel */
    size_t room;
} Host;

typedef struct {
    GByteArray *bytes; /* to play, or recorded */
    size_t at;
    bool endless;
    size_t n_pulled;
} Source;

static void host_play(AudioDev *a, const void *frames, size_t n)
{
    g_byte_array_append(((Host *)a)->played, frames,
                        (guint)(n * audio_frame_bytes(&a->spec[AUDIO_OUT])));
}

static size_t host_record(AudioDev *a, void *frames, size_t n)
{
    unsigned channels = a->spec[AUDIO_IN].channels;

    for (size_t i = 0; i < n * channels; i++) {
        le16_store((uint8_t *)frames + 2 * i,
                   (uint16_t)(((Host *)a)->next + i / channels));
    }
    ((Host *)a)->next += (uint16_t)n;
    return n;
}

static size_t host_room(AudioDev *a, size_t due)
{
    return ((Host *)a)->room;
}

static const AudioClass host_class = {
    .name = "test", .play = host_play, .record = host_record};
static const AudioClass greedy_class = {
    .name = "greedy", .room = host_room, .play = host_play};

static void host_init(Host *h, const AudioClass *cls)
{
    memset(h, 0, sizeof(*h));
    audio_init(&h->dev, cls);
    h->played = g_byte_array_new();
}

static void host_finish(Host *h)
{
    audio_finish(&h->dev);
    g_byte_array_unref(h->played);
}

static size_t source_pull(void *opaque, void *to, size_t len)
{
    Source *s = opaque;
    size_t n = s->endless ? len : MIN(len, s->bytes->len - s->at);

    if (s->endless) {
        memset(to, 0, n);
    } else {
        memcpy(to, s->bytes->data + s->at, n);
        s->at += n;
    }
    s->n_pulled += n;
    return n;
}

static void source_push(void *opaque, const void *from, size_t len)
{
    g_byte_array_append(((Source *)opaque)->bytes, from, (guint)len);
}

static const AudioFrontEnd front = {source_pull, source_push};

static void source_init(Source *s)
{
    memset(s, 0, sizeof(*s));
    s->bytes = g_byte_array_new();
}

static void add16(Source *s, int value)
{
    uint8_t b[2];

    le16_store(b, (uint16_t)value);
    g_byte_array_append(s->bytes, b, 2);
}

static int get16(const GByteArray *bytes, size_t i)
{
    return (int16_t)le16_load(bytes->data + 2 * i);
}

static void run_until_len(const GByteArray *bytes, size_t len)
{
    gint64 end = g_get_monotonic_time() + 5 * G_USEC_PER_SEC;

    while (bytes->len < len) {
        g_assert_cmpint(g_get_monotonic_time(), <, end);
        g_main_context_iteration(NULL, TRUE);
    }
}

/* Runs it to the end of the source and a little longer. */
static void play_out(Host *h, Source *s, const AudioSpec *spec, size_t want)
{
    AudioStream *stream = audio_open(&h->dev, AUDIO_OUT, &front, s);

    audio_start(stream, spec);
    run_until_len(h->played, want);
    for (unsigned i = 0; i < 3; i++) {
        g_main_context_iteration(NULL, TRUE);
    }
    audio_stop(stream);
    audio_close(stream);
}

/* ---- pace --------------------------------------------------------------- */

/* Frames are exactly the time that passed between looks, and looks keep up. */
static void check_pace(unsigned rate, const AudioClass *cls)
{
    AudioSpec spec = {AUDIO_FORMAT_S16, rate, 1};
    int64_t from, end;
    AudioStream *stream;
    uint64_t due;
    Source s;
    Host h;

    source_init(&s);
    s.endless = true;
    host_init(&h, cls);
    h.dev.spec[AUDIO_OUT] = spec;
    stream = audio_open(&h.dev, AUDIO_OUT, &front, &s);
    audio_start(stream, &spec);
    from = h.dev.last_ns;
    end = from + 200 * MS;
    due = 0;
    while (clock_now_ns() < end) {
        int64_t last = h.dev.last_ns;

        g_main_context_iteration(NULL, TRUE);
        due += (uint64_t)MIN(h.dev.last_ns - last, 250 * MS) * rate;
    }
    g_assert_cmpuint(s.n_pulled / 2, ==, due / 1000000000);
    g_assert_cmpuint(due / 1000000000, >=, rate / 1000 * 150);
    audio_close(stream);
    host_finish(&h);
    g_byte_array_unref(s.bytes);
}

static void test_pace(void)
{
    check_pace(48000, &audio_silent_class);
    check_pace(11025, &audio_silent_class);
    check_pace(192000, &host_class);
}

/* The pace does not depend on the host's rate. */
static void test_pace_converted(void)
{
    AudioSpec spec = {AUDIO_FORMAT_U8, 8000, 1};
    AudioStream *stream;
    Source s;
    Host h;

    source_init(&s);
    s.endless = true;
    host_init(&h, &host_class);
    stream = audio_open(&h.dev, AUDIO_OUT, &front, &s);
    audio_start(stream, &spec);
    run_until_len(h.played, 4 * PLAIN_RATE / 10);
    g_assert_cmpint(
        llabs((int64_t)s.n_pulled - (int64_t)h.played->len / 4 * 80 / 441), <=,
        2);
    audio_close(stream);
    host_finish(&h);
    g_byte_array_unref(s.bytes);
}

/* A sound card's own clock decides. */
static void test_room(void)
{
    AudioStream *stream;
    Source s;
    Host h;

    source_init(&s);
    s.endless = true;
    host_init(&h, &greedy_class);
    h.room = 100;
    stream = audio_open(&h.dev, AUDIO_OUT, &front, &s);
    audio_start(stream, &plain);
    run_until_len(h.played, 400);
    h.room = 0;
    for (unsigned i = 0; i < 3; i++) {
        g_main_context_iteration(NULL, TRUE);
    }
    g_assert_cmpuint(h.played->len % 400, ==, 0);
    g_assert_cmpuint(h.played->len, ==, s.n_pulled);
    audio_close(stream);
    host_finish(&h);
    g_byte_array_unref(s.bytes);
}

/* Time stands still while the machine does. */
static void test_pause(void)
{
    AudioStream *stream;
    size_t n;
    Source s;
    Host h;

    source_init(&s);
    s.endless = true;
    host_init(&h, &host_class);
    stream = audio_open(&h.dev, AUDIO_OUT, &front, &s);
    audio_start(stream, &plain);
    run_until_len(h.played, 1);
    clock_pause();
    n = s.n_pulled;
    g_usleep(50000);
    while (g_main_context_iteration(NULL, FALSE)) {
    }
    g_assert_cmpuint(s.n_pulled, <=, n + 4 * PLAIN_RATE / 50);
    n = s.n_pulled;
    g_usleep(50000);
    while (g_main_context_iteration(NULL, FALSE)) {
    }
    g_assert_cmpuint(s.n_pulled, ==, n);
    clock_resume();
    run_until_len(h.played, h.played->len + 1);
    audio_close(stream);
    host_finish(&h);
    g_byte_array_unref(s.bytes);
}

/* ---- samples ------------------------------------------------------------ */

static void test_exact(void)
{
    Source s;
    Host h;

    source_init(&s);
    host_init(&h, &host_class);
    for (int i = 0; i < 5000; i++) {
        add16(&s, 7 * i);
        add16(&s, -7 * i);
    }
    play_out(&h, &s, &plain, s.bytes->len);
    g_assert_cmpmem(h.played->data, h.played->len, s.bytes->data, s.bytes->len);
    host_finish(&h);
    g_byte_array_unref(s.bytes);
}

static void check_format(AudioFormat format, const void *sample, size_t size,
                         int want)
{
    AudioSpec spec = {format, PLAIN_RATE, 1};
    Source s;
    Host h;

    source_init(&s);
    host_init(&h, &host_class);
    for (unsigned i = 0; i < 100; i++) {
        g_byte_array_append(s.bytes, sample, (guint)size);
    }
    play_out(&h, &s, &spec, 400);
    g_assert_cmpuint(h.played->len, ==, 400);
    for (unsigned i = 0; i < 200; i++) {
        g_assert_cmpint(get16(h.played, i), ==, want);
    }
    host_finish(&h);
    g_byte_array_unref(s.bytes);
}

static void test_formats(void)
{
    static const uint8_t low[] = {0x00}, middle[] = {0x80}, high[] = {0xff};
    static const uint8_t s32[] = {0xff, 0xff, 0x34, 0x12};
    static const float floats[] = {0.5f, -1.0f, 2.0f, -INFINITY, NAN};
    static const int from_float[] = {16384, -32768, 32767, -32768, 0};

    check_format(AUDIO_FORMAT_U8, low, 1, -32768);
    check_format(AUDIO_FORMAT_U8, middle, 1, 0);
    check_format(AUDIO_FORMAT_U8, high, 1, 127 * 256);
    check_format(AUDIO_FORMAT_S32, s32, 4, 0x1234);
    for (unsigned i = 0; i < G_N_ELEMENTS(floats); i++) {
        check_format(AUDIO_FORMAT_F32, &floats[i], 4, from_float[i]);
    }
}

/* Six channels on two: each hears the average of three. */
static void test_channels(void)
{
    AudioSpec spec = {AUDIO_FORMAT_S16, PLAIN_RATE, 6};
    Source s;
    Host h;

    source_init(&s);
    host_init(&h, &host_class);
    for (int i = 0; i < 600; i++) {
        add16(&s, 100 * (i % 6 + 1));
    }
    play_out(&h, &s, &spec, 400);
    g_assert_cmpint(get16(h.played, 0), ==, (100 + 300 + 500) / 3);
    g_assert_cmpint(get16(h.played, 199), ==, (200 + 400 + 600) / 3);
    host_finish(&h);
    g_byte_array_unref(s.bytes);
}

/* Sums are clipped, not wrapped. */
static void test_mix(void)
{
    AudioStream *streams[2];
    Source s[2];
    Host h;

    host_init(&h, &host_class);
    for (unsigned i = 0; i < 2; i++) {
        source_init(&s[i]);
        for (unsigned n = 0; n < 2000; n++) {
            add16(&s[i], n < 1000 ? 1000 : 20000);
        }
        streams[i] = audio_open(&h.dev, AUDIO_OUT, &front, &s[i]);
        audio_start(streams[i], &plain);
    }
    run_until_len(h.played, 4000);
    for (unsigned n = 0; n < 2000; n++) {
        g_assert_cmpint(get16(h.played, n), ==, n < 1000 ? 2000 : 32767);
    }
    for (unsigned i = 0; i < 2; i++) {
        audio_close(streams[i]);
        g_byte_array_unref(s[i].bytes);
    }
    host_finish(&h);
}

/* A straight line stays one at any rate, in pieces of any size. */
static void check_line(unsigned from, unsigned to)
{
    AudioSpec spec = {AUDIO_FORMAT_S16, from, 1};
    size_t n = MIN(from / 5, 8000), want = n * to / from - 2 * (to / from + 1);
    Source s;
    Host h;

    source_init(&s);
    host_init(&h, &host_class);
    h.dev.spec[AUDIO_OUT] = (AudioSpec){AUDIO_FORMAT_S16, to, 1};
    for (size_t i = 0; i < n; i++) {
        add16(&s, (int)(4 * i));
    }
    play_out(&h, &s, &spec, 2 * want);
    g_assert_cmpuint(h.played->len / 2, <=, n * to / from + to / from + 1);
    for (size_t i = 2 * (to / from) + 2; i < want; i++) {
        double x = ((double)i + 1) * from / to - 2; /* see audio-convert.c */

        g_assert_cmpfloat(fabs(get16(h.played, i) - 4 * x), <, 1.5);
    }
    host_finish(&h);
    g_byte_array_unref(s.bytes);
}

static void test_rates(void)
{
    check_line(22050, 44100);
    check_line(48000, 44100);
    check_line(8000, 192000);
    check_line(192000, 8000);
}

/* ---- recording ---------------------------------------------------------- */

static void check_record(unsigned rate, unsigned channels)
{
    AudioSpec spec = {AUDIO_FORMAT_S16, rate, channels};
    AudioStream *stream;
    unsigned ratio = PLAIN_RATE / rate;
    Source s;
    Host h;

    source_init(&s);
    host_init(&h, &host_class);
    stream = audio_open(&h.dev, AUDIO_IN, &front, &s);
    audio_start(stream, &spec);
    run_until_len(s.bytes, 2000 * channels);
    for (unsigned i = 4; i < 1000; i++) {
        int delta = get16(s.bytes, (i + 1) * channels - 1) -
                    get16(s.bytes, i * channels - 1);

        g_assert_cmpint(delta, ==, ratio);
    }
    audio_close(stream);
    host_finish(&h);
    g_byte_array_unref(s.bytes);
}

static void test_record(void)
{
    check_record(44100, 2);
    check_record(44100, 1);
    check_record(22050, 2);
    check_record(11025, 2);
}

static void test_record_silence(void)
{
    AudioStream *stream;
    Source s;
    Host h;

    source_init(&s);
    host_init(&h, &audio_silent_class);
    stream = audio_open(&h.dev, AUDIO_IN, &front, &s);
    audio_start(stream, &plain);
    run_until_len(s.bytes, 2000);
    for (unsigned i = 0; i < 1000; i++) {
        g_assert_cmpint(get16(s.bytes, i), ==, 0);
    }
    audio_close(stream);
    host_finish(&h);
    g_byte_array_unref(s.bytes);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    clock_resume();
    g_test_add_func("/audio/pace", test_pace);
    g_test_add_func("/audio/pace-converted", test_pace_converted);
    g_test_add_func("/audio/room", test_room);
    g_test_add_func("/audio/pause", test_pause);
    g_test_add_func("/audio/exact", test_exact);
    g_test_add_func("/audio/formats", test_formats);
    g_test_add_func("/audio/channels", test_channels);
    g_test_add_func("/audio/mix", test_mix);
    g_test_add_func("/audio/rates", test_rates);
    g_test_add_func("/audio/record", test_record);
    g_test_add_func("/audio/record-silence", test_record_silence);
    return g_test_run();
}
