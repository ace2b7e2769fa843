/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/audio/sdl-audio.c - the host's speakers and microphone by SDL2.
 * SDL plays and records on threads of its own, out of and into queues. What is
 * missing in the queue of the speakers is what we ask the guest for, so the
 * sound card's clock sets the pace. The microphone is opened when a guest
 * listens for the first time.
 * Threads: the event loop's. */
#include <gio/gio.h>
#include <string.h>

#include "backend/audio/audio-backend_priv.h"
#include "util/sdl.h"

enum {
    QUEUE_MS = 40,         /* of sound ahead of the speakers */
    MAX_RECORDED_MS = 200, /* older than this it is not worth hearing */
    CARD_FRAMES = 512,     /* what the card takes at a time */
};

typedef struct {
    AudioDev dev;
    SDL_AudioDeviceID speakers;
    SDL_AudioDeviceID microphone; /* 0: not open */
    bool deaf;                    /* it could not be opened: silence */
} SdlAudio;

static SDL_AudioDeviceID open_card(const AudioSpec *spec, bool record)
{
    static const SDL_AudioFormat formats[AUDIO_N_FORMATS] = {
        [AUDIO_FORMAT_U8] = AUDIO_U8,
        [AUDIO_FORMAT_S16] = AUDIO_S16LSB,
        [AUDIO_FORMAT_S32] = AUDIO_S32LSB,
        [AUDIO_FORMAT_F32] = AUDIO_F32LSB,
    };
    SDL_AudioSpec want = {
        .freq = (int)spec->rate,
        .format = formats[spec->format],
        .channels = (uint8_t)spec->channels,
        .samples = CARD_FRAMES,
    };
    SDL_AudioDeviceID id = sdl.OpenAudioDevice(NULL, record, &want, NULL, 0);

    if (id != 0) {
        sdl.PauseAudioDevice(id, 0);
    }
    return id;
}

static size_t frames_of(const AudioSpec *spec, unsigned ms)
{
    return (size_t)spec->rate * ms / 1000;
}

static size_t sdl_room(AudioDev *a, size_t due)
{
    const AudioSpec *spec = &a->spec[AUDIO_OUT];
    size_t queued = sdl.GetQueuedAudioSize(((SdlAudio *)a)->speakers) /
                    audio_frame_bytes(spec);
    size_t want = frames_of(spec, QUEUE_MS);

    return queued < want ? want - queued : 0;
}

static void sdl_play(AudioDev *a, const void *frames, size_t n)
{
    sdl.QueueAudio(((SdlAudio *)a)->speakers, frames,
                   (uint32_t)(n * audio_frame_bytes(&a->spec[AUDIO_OUT])));
}

static bool open_microphone(SdlAudio *s)
{
    if (s->microphone == 0 && !s->deaf) {
        s->microphone = open_card(&s->dev.spec[AUDIO_IN], true);
        s->deaf = s->microphone == 0;
        if (s->deaf) {
            g_printerr("%s: audiodev '%s': cannot record: %s\n",
                       g_get_prgname(), s->dev.id, sdl.GetError());
        }
    }
    return !s->deaf;
}

static size_t sdl_record(AudioDev *a, void *frames, size_t n)
{
    SdlAudio *s = (SdlAudio *)a;
    const AudioSpec *spec = &a->spec[AUDIO_IN];
    size_t frame = audio_frame_bytes(spec);

    if (!open_microphone(s)) {
        memset(frames, spec->format == AUDIO_FORMAT_U8 ? 0x80 : 0, n * frame);
        return n;
    }
    if (sdl.GetQueuedAudioSize(s->microphone) / frame >
        frames_of(spec, MAX_RECORDED_MS)) {
        sdl.ClearQueuedAudio(s->microphone);
    }
    return sdl.DequeueAudio(s->microphone, frames, (uint32_t)(n * frame)) /
           frame;
}

static void sdl_free(AudioDev *a)
{
    SdlAudio *s = (SdlAudio *)a;

    audio_finish(a);
    if (s->microphone != 0) {
        sdl.CloseAudioDevice(s->microphone);
    }
    sdl.CloseAudioDevice(s->speakers);
    sdl.QuitSubSystem(SDL_INIT_AUDIO);
    g_free(s);
}

static void fail(GError **error)
{
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED,
                "cannot open the sound card: %s", sdl.GetError());
}

AudioDev *sdl_audio_new(Opts *opts, const AudioOptions *common, GError **error)
{
    static const AudioClass cls = {
        .name = "sdl",
        .room = sdl_room,
        .play = sdl_play,
        .record = sdl_record,
        .free = sdl_free,
    };
    SDL_AudioDeviceID speakers;
    SdlAudio *s;

    if (!opts_check_unused(opts, error) || !sdl_load(error)) {
        return NULL;
    }
    sdl.SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1");
    if (sdl.InitSubSystem(SDL_INIT_AUDIO) != 0) {
        fail(error);
        return NULL;
    }
    speakers = open_card(&common->spec[AUDIO_OUT], false);
    if (speakers == 0) {
        fail(error);
        sdl.QuitSubSystem(SDL_INIT_AUDIO);
        return NULL;
    }
    s = g_new0(SdlAudio, 1);
    audio_init(&s->dev, &cls);
    s->speakers = speakers;
    return &s->dev;
}
