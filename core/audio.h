/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/audio.h - sound between devices of the machine and the host side.
 * A device opens streams on an AudioDev, each with samples of its own kind.
 * Every few milliseconds the AudioDev pulls from those that play what guest
 * time (or the host's sound card) has room for, mixes and converts it, and
 * pushes what the host recorded into those that listen. So a stream moves at
 * its rate whatever the host side is; what a device does not have in time is
 * silence, what it does not take is lost.
 * Threads: streams open and close on the main thread; audio_start and
 * audio_stop from any thread, under any lock; pull and push run on the event
 * loop with no lock held, perhaps once more after audio_stop.
 * Lifetime: Backends owns the AudioDev; the device closes its streams before
 * it dies. */
#ifndef CUTTLE_CORE_AUDIO_H
#define CUTTLE_CORE_AUDIO_H

#include <stddef.h>
#include <stdint.h>

#include "core/backends.h"
#include "core/clock.h"

typedef enum {
    AUDIO_FORMAT_U8,
    AUDIO_FORMAT_S16, /* this and the others little-endian */
    AUDIO_FORMAT_S32,
    AUDIO_FORMAT_F32, /* full scale is 1 */
    AUDIO_N_FORMATS,
} AudioFormat;

/* "u8", "s16", ..., in the order of the enum; NULL ends. */
extern const char *const audio_format_names[AUDIO_N_FORMATS + 1];

enum { AUDIO_MIN_RATE = 8000, AUDIO_MAX_RATE = 192000, AUDIO_MAX_CHANNELS = 8 };

typedef struct {
    AudioFormat format;
    unsigned rate; /* frames a second */
    unsigned channels;
} AudioSpec;

typedef enum { AUDIO_OUT, AUDIO_IN } AudioDirection;

typedef struct AudioStream AudioStream;

typedef struct {
    /* Of a stream that plays: the next bytes, at most len (whole frames).
     * Returns how many there were. */
    size_t (*pull)(void *opaque, void *to, size_t len);
    /* Of one that records: takes what it has room for. */
    void (*push)(void *opaque, const void *from, size_t len);
} AudioFrontEnd;

/* What the host side does, on the event loop. Any of these may be NULL: the
 * clock says how much, nobody hears it, there is silence to record. */
typedef struct {
    const char *name; /* "none", "wav", "sdl" */
    /* Frames it would take now, when guest time says due. */
    size_t (*room)(AudioDev *a, size_t due);
    void (*play)(AudioDev *a, const void *frames, size_t n);
    /* At most n frames; returns how many there were. */
    size_t (*record)(AudioDev *a, void *frames, size_t n);
    void (*free)(AudioDev *a); /* calls audio_finish */
} AudioClass;

struct AudioDev {
    const AudioClass *cls;
    char *id;
    AudioSpec spec[2]; /* what the host side takes and gives */
    int64_t period_ns; /* between two looks at the streams */

    GPtrArray *streams; /* main thread */
    GMutex lock;        /* guards ticking and what streams ask for */
    bool ticking;
    int64_t last_ns;  /* guest time of the last look */
    uint64_t rest[2]; /* of the clock, in frames times nanoseconds */
    Timer timer;
};

/* An AudioDev in the caller's memory, with usual specs for the caller to
 * change. Streams must be closed before audio_finish, which frees the id. */
void audio_init(AudioDev *a, const AudioClass *cls);
void audio_finish(AudioDev *a);

/* Plays to nobody and hears nothing, at the right rate. */
extern const AudioClass audio_silent_class;

bool audio_spec_is_valid(const AudioSpec *spec);
size_t audio_frame_bytes(const AudioSpec *spec);

AudioStream *audio_open(AudioDev *a, AudioDirection direction,
                        const AudioFrontEnd *front, void *opaque);
void audio_close(AudioStream *s); /* NULL-safe */

/* spec is valid; starting a stream that runs changes what its samples are. */
void audio_start(AudioStream *s, const AudioSpec *spec);
void audio_stop(AudioStream *s);

#endif
