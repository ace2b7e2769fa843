/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/backend-audio.c - -audiodev: options, and what is in a WAV file.
 */
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "backend/audio/audio-backend.h"
#include "util/bits.h"
#include "util/opts-json.h"

enum { HEADER_BYTES = 44, N_FRAMES = 3000 };

static AudioDev *make(const char *text, GError **error)
{
    g_autoptr(Opts) o = opts_parse_any(text, "driver", NULL);

    g_assert_nonnull(o);
    return audio_backend_new("a0", o, error);
}

static void refused(const char *text, const char *want)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(make(text, &error));
    g_assert_cmpstr(error->message, ==, want);
}

static void test_refusals(void)
{
    refused("id=a0", "audiodev 'a0': parameter 'driver' is missing");
    refused("none,id=a0,path=x", "audiodev 'a0': invalid parameter 'path'");
    refused("wav,out.fixed-settings=off",
            "audiodev 'a0': out.fixed-settings=off not supported yet");
    refused("wav,path=/nonexistent/x",
            "audiodev 'a0': cannot write to '/nonexistent/x': No such file or "
            "directory");
    refused("wav,path=/dev/full",
            "audiodev 'a0': cannot write to '/dev/full': No space left on "
            "device");
}

static void test_options(void)
{
    AudioDev *a = make("{\"driver\":\"none\",\"id\":\"a0\",\"timer-period\":"
                       "5000,\"out\":{\"frequency\":48000,\"format\":\"f32\"},"
                       "\"in\":{\"channels\":1,\"mixing-engine\":true}}",
                       NULL);

    g_assert_cmpint(a->period_ns, ==, 5000000);
    g_assert_cmpuint(a->spec[AUDIO_OUT].rate, ==, 48000);
    g_assert_cmpint(a->spec[AUDIO_OUT].format, ==, AUDIO_FORMAT_F32);
    g_assert_cmpuint(a->spec[AUDIO_OUT].channels, ==, 2);
    g_assert_cmpuint(a->spec[AUDIO_IN].channels, ==, 1);
    g_assert_cmpuint(a->spec[AUDIO_IN].rate, ==, 44100);
    a->cls->free(a);
    g_assert_cmpstr(audio_backend_kind(0), ==, "none");
}

/* ---- files -------------------------------------------------------------- */

static int sample_at(size_t i)
{
    return (int16_t)(31 * i);
}

static size_t pull_samples(void *opaque, void *to, size_t len)
{
    size_t *at = opaque;
    size_t n = MIN(len / 2, 2 * N_FRAMES - *at);

    for (size_t i = 0; i < n; i++) {
        le16_store((uint8_t *)to + 2 * i, (uint16_t)sample_at((*at)++));
    }
    return 2 * n;
}

static const AudioFrontEnd front = {pull_samples, NULL};

/* All of it, whatever more the file will get. */
static char *read_wav(const char *path, size_t want)
{
    gint64 end = g_get_monotonic_time() + 5 * G_USEC_PER_SEC;
    char *bytes = NULL;
    gsize len = 0;

    while (len < want) {
        g_assert_cmpint(g_get_monotonic_time(), <, end);
        g_main_context_iteration(NULL, TRUE);
        g_clear_pointer(&bytes, g_free);
        g_assert_true(g_file_get_contents(path, &bytes, &len, NULL));
    }
    g_assert_cmpuint(len, ==, want);
    return bytes;
}

static void check_header(const char *bytes, unsigned tag, const AudioSpec *spec,
                         size_t data)
{
    unsigned frame = (unsigned)audio_frame_bytes(spec);

    g_assert_cmpmem(bytes, 4, "RIFF", 4);
    g_assert_cmpuint(le32_load(bytes + 4), ==, data + HEADER_BYTES - 8);
    g_assert_cmpmem(bytes + 8, 8, "WAVEfmt ", 8);
    g_assert_cmpuint(le32_load(bytes + 16), ==, 16);
    g_assert_cmpuint(le16_load(bytes + 20), ==, tag);
    g_assert_cmpuint(le16_load(bytes + 22), ==, spec->channels);
    g_assert_cmpuint(le32_load(bytes + 24), ==, spec->rate);
    g_assert_cmpuint(le32_load(bytes + 28), ==, spec->rate * frame);
    g_assert_cmpuint(le16_load(bytes + 32), ==, frame);
    g_assert_cmpuint(le16_load(bytes + 34), ==, frame / spec->channels * 8);
    g_assert_cmpmem(bytes + 36, 4, "data", 4);
    g_assert_cmpuint(le32_load(bytes + 40), ==, data);
}

/* What the file holds is looked at while it is still open: a killed emulator
 * leaves it like that. */
static void check_wav(const char *options, unsigned tag)
{
    static const AudioSpec spec = {AUDIO_FORMAT_S16, 44100, 2};
    g_autofree char *path = NULL;
    int fd = g_file_open_tmp("cuttle-wav-XXXXXX", &path, NULL);
    g_autofree char *text = g_strdup_printf("wav,path=%s%s", path, options);
    g_autofree char *bytes = NULL;
    AudioStream *stream;
    const AudioSpec *out;
    size_t at = 0, data;
    AudioDev *a;

    g_close(fd, NULL);
    a = make(text, NULL);
    g_assert_nonnull(a);
    out = &a->spec[AUDIO_OUT];
    data = N_FRAMES * audio_frame_bytes(out);
    bytes = read_wav(path, HEADER_BYTES);
    check_header(bytes, tag, out, 0);
    g_free(bytes);
    stream = audio_open(a, AUDIO_OUT, &front, &at);
    audio_start(stream, &spec);
    bytes = read_wav(path, HEADER_BYTES + data);
    check_header(bytes, tag, out, data);
    for (size_t i = 0; i < 2 * N_FRAMES; i++) {
        const char *p = bytes + HEADER_BYTES;

        if (tag == 3) {
            float f;

            memcpy(&f, p + 4 * i, sizeof(f));
            g_assert_cmpfloat(f * 32768, ==, sample_at(i));
        } else {
            g_assert_cmpint((int16_t)le16_load(p + 2 * i), ==, sample_at(i));
        }
    }
    audio_close(stream);
    a->cls->free(a);
    g_unlink(path);
}

static void test_wav(void)
{
    check_wav("", 1);
    check_wav(",out.format=f32,timer-period=3000", 3);
}

#ifdef HAVE_SDL
static size_t pull_silence(void *opaque, void *to, size_t len)
{
    memset(to, 0, len);
    *(size_t *)opaque += len / 4;
    return len;
}

static void count_recorded(void *opaque, const void *from, size_t len)
{
    *(size_t *)opaque += len / 4;
}

/* SDL's dummy driver plays and records at the right rate, like a card. */
static void test_sdl(void)
{
    static const AudioFrontEnd silence = {pull_silence, count_recorded};
    static const AudioSpec spec = {AUDIO_FORMAT_S16, 44100, 2};
    g_autoptr(GError) error = NULL;
    size_t played = 0, recorded = 0;
    AudioStream *out, *in;
    gint64 from, us;
    AudioDev *a;

    g_setenv("SDL_AUDIODRIVER", "dummy", TRUE);
    a = make("sdl,id=a0", &error);
    if (a == NULL) {
        g_test_skip(error->message); /* the library is not installed */
        return;
    }
    out = audio_open(a, AUDIO_OUT, &silence, &played);
    in = audio_open(a, AUDIO_IN, &silence, &recorded);
    audio_start(out, &spec);
    audio_start(in, &spec);
    from = g_get_monotonic_time();
    while ((us = g_get_monotonic_time() - from) < G_USEC_PER_SEC) {
        g_main_context_iteration(NULL, TRUE);
    }
    g_assert_cmpfloat((double)played / (double)us, >, 0.0441 * 0.8);
    g_assert_cmpfloat((double)played / (double)us, <, 0.0441 * 1.2);
    g_assert_cmpfloat((double)recorded / (double)us, >, 0.0441 * 0.5);
    g_assert_cmpfloat((double)recorded / (double)us, <, 0.0441 * 1.2);
    audio_close(out);
    audio_close(in);
    a->cls->free(a);
}
#endif

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    clock_resume();
    g_test_add_func("/audiodev/refusals", test_refusals);
    g_test_add_func("/audiodev/options", test_options);
    g_test_add_func("/audiodev/wav", test_wav);
#ifdef HAVE_SDL
    g_test_add_func("/audiodev/sdl", test_sdl);
#endif
    return g_test_run();
}
