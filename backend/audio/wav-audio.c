/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/audio/wav-audio.c - what the guest plays, in a RIFF WAVE file.
 * The header is right after every write, so the file can be read at any
 * moment, also of a process that was killed. There is only silence to record.
 * Spec: Multimedia Programming Interface and Data Specifications 1.0, RIFF. */
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>
#include <unistd.h>

#include "backend/audio/audio-backend_priv.h"
#include "backend/fd.h"
#include "util/bits.h"

enum { HEADER_BYTES = 44, TAG_PCM = 1, TAG_FLOAT = 3 };

/* What the sizes in the header can count, in whole frames of any kind. */
static const uint64_t MAX_DATA = UINT32_MAX - 4096;

typedef struct {
    AudioDev dev;
    char *path;
    int fd;
    uint64_t n_bytes; /* of samples in the file */
    bool full;        /* or the disk is: said once */
} WavAudio;

static void make_header(uint8_t h[HEADER_BYTES], const AudioSpec *spec,
                        uint32_t data)
{
    uint32_t frame = (uint32_t)audio_frame_bytes(spec);

    memcpy(h, "RIFF", 4);
    le32_store(h + 4, HEADER_BYTES - 8 + data);
    memcpy(h + 8, "WAVEfmt ", 8);
    le32_store(h + 16, 16);
    le16_store(h + 20, spec->format == AUDIO_FORMAT_F32 ? TAG_FLOAT : TAG_PCM);
    le16_store(h + 22, (uint16_t)spec->channels);
    le32_store(h + 24, spec->rate);
    le32_store(h + 28, spec->rate * frame);
    le16_store(h + 32, (uint16_t)frame);
    le16_store(h + 34, (uint16_t)(frame / spec->channels * 8));
    memcpy(h + 36, "data", 4);
    le32_store(h + 40, data);
}

static bool write_at(int fd, const void *from, size_t len, uint64_t at)
{
    const uint8_t *p = from;

    while (len > 0) {
        ssize_t n = pwrite(fd, p, len, (off_t)at);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        p += n;
        at += (uint64_t)n;
        len -= (size_t)n;
    }
    return true;
}

static bool write_header(const WavAudio *w, const AudioSpec *spec)
{
    uint8_t header[HEADER_BYTES];

    make_header(header, spec, (uint32_t)w->n_bytes);
    return write_at(w->fd, header, sizeof(header), 0);
}

static void wav_play(AudioDev *a, const void *frames, size_t n)
{
    WavAudio *w = (WavAudio *)a;
    const AudioSpec *spec = &a->spec[AUDIO_OUT];
    size_t len = n * audio_frame_bytes(spec);

    if (w->full) {
        return;
    }
    errno = EFBIG;
    if (w->n_bytes + len <= MAX_DATA &&
        write_at(w->fd, frames, len, HEADER_BYTES + w->n_bytes)) {
        w->n_bytes += len;
        w->full = !write_header(w, spec);
    } else {
        w->full = true;
    }
    if (w->full) {
        g_printerr("%s: audiodev '%s': '%s': %s; the rest is not recorded\n",
                   g_get_prgname(), a->id, w->path, g_strerror(errno));
    }
}

static void wav_free(AudioDev *a)
{
    WavAudio *w = (WavAudio *)a;

    audio_finish(a);
    fd_close(&w->fd);
    g_free(w->path);
    g_free(w);
}

static bool open_file(WavAudio *w, const AudioSpec *spec, GError **error)
{
    int err;

    w->fd = open(w->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY,
                 0666);
    if (w->fd >= 0 && write_header(w, spec)) {
        return true;
    }
    err = errno;
    g_set_error(error, G_IO_ERROR, g_io_error_from_errno(err),
                "cannot write to '%s': %s", w->path, g_strerror(err));
    return false;
}

AudioDev *wav_audio_new(Opts *opts, const AudioOptions *common, GError **error)
{
    static const AudioClass cls = {
        .name = "wav", .play = wav_play, .free = wav_free};
    const char *path = opts_get(opts, "path");
    WavAudio *w;

    if (!opts_check_unused(opts, error)) {
        return NULL;
    }
    w = g_new0(WavAudio, 1);
    audio_init(&w->dev, &cls);
    w->path = g_strdup(path != NULL ? path : "cuttle.wav");
    w->fd = -1;
    if (!open_file(w, &common->spec[AUDIO_OUT], error)) {
        wav_free(&w->dev);
        return NULL;
    }
    return &w->dev;
}
