/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/audio/virtio-snd-stream.c - see virtio-snd_priv.h. Spec: virtio 1.2,
 * 5.14.6.6 and 5.14.6.8.
 * Samples stay in the guest's buffers until they are played: pull and push
 * move them straight from and to there, and a message is answered when its
 * last byte was. That is what tells a driver the time. */
#include "core/audio.h"
#include "hw/audio/virtio-snd_priv.h"
#include "hw/virtio/iov.h"

enum { XFER_BYTES = 4, STATUS_BYTES = 8 };

/* clang-format off */
const StateField snd_stream_state[] = {
    STATE_U(SndStream, state), STATE_U(SndStream, channels),
    STATE_U(SndStream, format), STATE_U(SndStream, rate),
    STATE_U(SndStream, moved), STATE_U(SndStream, n),
    STATE_U_ARRAY(SndStream, heads), STATE_LAST,
};

/* What the driver's numbers mean; a number without a row is not offered. */
static const struct { bool there; AudioFormat format; } formats[SND_N_FORMATS] = {
    [4] = {true, AUDIO_FORMAT_U8}, [5] = {true, AUDIO_FORMAT_S16},
    [17] = {true, AUDIO_FORMAT_S32}, [19] = {true, AUDIO_FORMAT_F32},
};
static const unsigned rates[SND_N_RATES] = {
    0, 8000, 11025, 16000, 22050, 32000, 44100, 48000, 64000, 88200, 96000,
    176400, 192000, 0,
};
/* clang-format on */

uint64_t snd_formats(void)
{
    uint64_t mask = 0;

    for (unsigned i = 0; i < SND_N_FORMATS; i++) {
        mask |= formats[i].there ? BIT(i) : 0;
    }
    return mask;
}

uint64_t snd_rates(void)
{
    uint64_t mask = 0;

    for (unsigned i = 0; i < SND_N_RATES; i++) {
        mask |= rates[i] != 0 ? BIT(i) : 0;
    }
    return mask;
}

static bool is_offered(uint8_t channels, uint8_t format, uint8_t rate)
{
    return channels >= 1 && channels <= AUDIO_MAX_CHANNELS &&
           format < SND_N_FORMATS && formats[format].there &&
           rate < SND_N_RATES && rates[rate] != 0;
}

static AudioSpec spec_of(const SndStream *s)
{
    return (AudioSpec){formats[s->format].format, rates[s->rate], s->channels};
}

/* ---- messages ----------------------------------------------------------- */

static unsigned queue_of(const SndStream *s)
{
    return s->direction == AUDIO_OUT ? QUEUE_TX : QUEUE_RX;
}

/* Bytes of samples in a message, or of room for them. */
static uint64_t capacity(const SndStream *s, const VirtqElem *e)
{
    return s->direction == AUDIO_OUT ? e->out_len - XFER_BYTES
                                     : e->in_len - STATUS_BYTES;
}

/* The status follows the samples that were recorded, if any: at the end of a
 * message that is full, and so of every one that plays. */
static void answer(VirtioDevice *card, unsigned queue, VirtqElem *e,
                   uint32_t code, uint32_t recorded)
{
    uint8_t status[STATUS_BYTES] = {0};
    size_t len;

    le32_store(status, code); /* and no latency_bytes: it was played */
    len = iov_scatter(e->in, e->n_in, recorded, status, STATUS_BYTES);
    virtio_push(card, queue, e, recorded + (uint32_t)len);
}

void snd_refuse(VirtioDevice *card, unsigned queue, VirtqElem *e)
{
    answer(card, queue, e, S_BAD_MSG, 0);
}

static VirtqElem *take_first(SndStream *s)
{
    VirtqElem *e = s->elems[0];

    s->n--;
    s->moved = 0;
    memmove(s->heads, s->heads + 1, s->n * sizeof(s->heads[0]));
    memmove(s->elems, s->elems + 1, s->n * sizeof(s->elems[0]));
    return e;
}

static void finish_first(SndStream *s)
{
    uint32_t recorded = s->direction == AUDIO_IN ? s->moved : 0;

    answer(s->card, queue_of(s), take_first(s), S_OK, recorded);
}

static void finish_all(SndStream *s)
{
    if (s->n == 0) {
        return;
    }
    while (s->n > 0) {
        finish_first(s);
    }
    virtio_interrupt(s->card, queue_of(s));
}

void snd_stream_queue(SndStream *s, VirtqElem *e)
{
    bool fits = s->direction == AUDIO_OUT
                    ? e->in_len >= STATUS_BYTES && e->out_len >= XFER_BYTES
                    : e->in_len >= STATUS_BYTES;

    if (!fits || capacity(s, e) > UINT32_MAX - STATUS_BYTES ||
        s->state < SND_PREPARED || s->n == VIRTQ_MAX_SIZE) {
        snd_refuse(s->card, queue_of(s), e);
        return;
    }
    s->heads[s->n] = e->head;
    s->elems[s->n++] = e;
}

void snd_stream_drop(SndStream *s)
{
    while (s->n > 0) {
        virtq_drop(&s->card->queues[queue_of(s)], take_first(s));
    }
}

/* ---- the host's side ---------------------------------------------------- */

/* Moves up to len bytes between the messages and the host's; event loop. */
static size_t move(SndStream *s, uint8_t *bytes, size_t len)
{
    size_t done = 0;
    bool finished = false;

    while (s->n > 0 && s->state == SND_RUNNING && !s->card->broken) {
        VirtqElem *e = s->elems[0];
        uint64_t room = capacity(s, e) - s->moved;
        size_t part = MIN(room, len - done);

        if (s->direction == AUDIO_OUT) {
            iov_gather(e->out, e->n_out, XFER_BYTES + s->moved, bytes + done,
                       part);
        } else {
            iov_scatter(e->in, e->n_in, s->moved, bytes + done, part);
        }
        done += part;
        s->moved += (uint32_t)part;
        if (part < room) {
            break;
        }
        finish_first(s);
        finished = true;
    }
    if (finished) {
        virtio_interrupt(s->card, queue_of(s));
    }
    return done;
}

static size_t stream_pull(void *opaque, void *to, size_t len)
{
    SndStream *s = opaque;
    size_t done;

    device_lock(&s->card->dev);
    done = move(s, to, len);
    device_unlock(&s->card->dev);
    return done;
}

static void stream_push(void *opaque, const void *from, size_t len)
{
    SndStream *s = opaque;

    device_lock(&s->card->dev);
    move(s, (uint8_t *)from, len);
    device_unlock(&s->card->dev);
}

static const AudioFrontEnd stream_front = {stream_pull, stream_push};

/* ---- control ------------------------------------------------------------ */

/* Which requests fit which state (5.14.6.6.1); a release of what was never
 * prepared does nothing. */
uint32_t snd_stream_set(SndStream *s, uint8_t channels, uint8_t format,
                        uint8_t rate)
{
    if (s->state > SND_PREPARED) {
        return S_BAD_MSG;
    }
    if (!is_offered(channels, format, rate)) {
        return S_NOT_SUPP;
    }
    finish_all(s);
    s->channels = channels;
    s->format = format;
    s->rate = rate;
    s->state = SND_SET;
    return S_OK;
}

uint32_t snd_stream_prepare(SndStream *s)
{
    if (s->state != SND_SET && s->state != SND_PREPARED) {
        return S_BAD_MSG;
    }
    s->state = SND_PREPARED;
    return S_OK;
}

static void run(SndStream *s)
{
    AudioSpec spec = spec_of(s);

    audio_start(s->stream, &spec);
}

uint32_t snd_stream_start(SndStream *s)
{
    if (s->state != SND_PREPARED && s->state != SND_STOPPED) {
        return S_BAD_MSG;
    }
    s->state = SND_RUNNING;
    run(s);
    return S_OK;
}

uint32_t snd_stream_stop(SndStream *s)
{
    if (s->state != SND_RUNNING) {
        return S_BAD_MSG;
    }
    s->state = SND_STOPPED;
    audio_stop(s->stream);
    return S_OK;
}

/* All messages are answered before the request is (5.14.6.6.5.1). */
uint32_t snd_stream_release(SndStream *s)
{
    if (s->state != SND_PREPARED && s->state != SND_STOPPED) {
        return S_BAD_MSG;
    }
    finish_all(s);
    s->state = SND_SET;
    return S_OK;
}

/* ---- life --------------------------------------------------------------- */

void snd_stream_open(SndStream *s, VirtioDevice *card, AudioDev *audio,
                     AudioDirection direction)
{
    s->card = card;
    s->direction = direction;
    s->stream = audio_open(audio, direction, &stream_front, s);
}

void snd_stream_close(SndStream *s)
{
    if (s->stream != NULL) {
        g_clear_pointer(&s->stream, audio_close);
        snd_stream_drop(s);
    }
}

void snd_stream_reset(SndStream *s)
{
    snd_stream_drop(s);
    audio_stop(s->stream);
    s->state = SND_NONE;
    s->channels = s->format = s->rate = 0;
    s->moved = 0;
}

/* The messages once more, in their order; what a damaged state claims twice or
 * without having it is left out. */
static void find_messages(SndStream *s)
{
    Virtqueue *q = &s->card->queues[queue_of(s)];
    uint8_t seen[VIRTQ_MAX_SIZE / 8] = {0};
    unsigned n = MIN(s->n, VIRTQ_MAX_SIZE);

    s->n = 0;
    for (unsigned i = 0; i < n; i++) {
        unsigned head = s->heads[i] % VIRTQ_MAX_SIZE;
        VirtqElem *e = NULL;

        if (!(seen[head / 8] >> (head % 8) & 1)) {
            seen[head / 8] |= (uint8_t)BIT(head % 8);
            e = virtq_pop_in_flight(q, head, sizeof(*e));
        }
        if (e != NULL) {
            snd_stream_queue(s, e);
        }
    }
}

void snd_stream_loaded(SndStream *s)
{
    bool sane =
        s->state < SND_N_STATES &&
        (s->state == SND_NONE || is_offered(s->channels, s->format, s->rate));

    audio_stop(s->stream);
    if (!sane) {
        s->state = SND_NONE;
    }
    find_messages(s);
    if (s->n == 0 || s->moved > capacity(s, s->elems[0])) {
        s->moved = 0;
    }
    if (s->state == SND_RUNNING) {
        run(s);
    }
}
