/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/audio/virtio-snd_priv.h - one stream of a virtio sound card: the messages
 * its driver has queued, moved at the stream's pace.
 * Threads: under the card's lock, but for what says otherwise.
 * Lifetime: streams are part of the card. */
#ifndef CUTTLE_HW_AUDIO_VIRTIO_SND_PRIV_H
#define CUTTLE_HW_AUDIO_VIRTIO_SND_PRIV_H

#include "core/audio.h"
#include "hw/virtio/virtio.h"

enum { QUEUE_CONTROL, QUEUE_EVENT, QUEUE_TX, QUEUE_RX, N_QUEUES };

/* Status codes (5.14.6). */
enum { S_OK = 0x8000, S_BAD_MSG, S_NOT_SUPP, S_IO_ERR };

/* Formats and rates by their numbers in masks (5.14.6.6.2). */
enum { SND_N_FORMATS = 20, SND_N_RATES = 14 };

enum { SND_MAX_STREAMS = 16 };

/* Where a stream is in its life (5.14.6.6.1). */
typedef enum {
    SND_NONE,
    SND_SET, /* has parameters, or was released */
    SND_PREPARED,
    SND_RUNNING,
    SND_STOPPED,
    SND_N_STATES,
} SndState;

typedef struct {
    uint8_t state;
    uint8_t channels;
    uint8_t format; /* as the driver counts them */
    uint8_t rate;
    uint32_t moved; /* bytes of the first message */
    uint32_t n;     /* messages, the oldest first */
    uint16_t heads[VIRTQ_MAX_SIZE];

    VirtqElem *elems[VIRTQ_MAX_SIZE]; /* of heads */
    VirtioDevice *card;
    AudioDirection direction;
    AudioStream *stream;
} SndStream;

extern const StateField snd_stream_state[];

void snd_stream_open(SndStream *s, VirtioDevice *card, AudioDev *audio,
                     AudioDirection direction); /* main thread */
void snd_stream_close(SndStream *s);            /* main thread; zero-safe */

/* Masks of what streams take. */
uint64_t snd_formats(void);
uint64_t snd_rates(void);

/* Control requests; return a status code. */
uint32_t snd_stream_set(SndStream *s, uint8_t channels, uint8_t format,
                        uint8_t rate);
uint32_t snd_stream_prepare(SndStream *s);
uint32_t snd_stream_start(SndStream *s);
uint32_t snd_stream_stop(SndStream *s);
uint32_t snd_stream_release(SndStream *s);

/* A message from the driver, header and all; it is answered now or later. */
void snd_stream_queue(SndStream *s, VirtqElem *e);
/* Answers a message that belongs to no stream. */
void snd_refuse(VirtioDevice *card, unsigned queue, VirtqElem *e);

/* Forgets its messages without an answer. */
void snd_stream_drop(SndStream *s);
void snd_stream_reset(SndStream *s);
void snd_stream_loaded(SndStream *s);

#endif
