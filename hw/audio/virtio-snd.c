/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/audio/virtio-snd.c - virtio sound card: what it has, and control.
 * Spec: virtio 1.2, 5.14.
 * Left out: the legacy interface (there is none, 5.14.3); shared memory, polled
 * messages, events of underruns and elapsed periods, remapping of jacks: none
 * is offered. Jacks stay plugged, so there is nothing to say in the event
 * queue.
 * Threads: the device's lock; samples move on the event loop and take it. */
#include "hw/audio/virtio-snd.h"

#include "hw/audio/virtio-snd_priv.h"
#include "hw/virtio/iov.h"
#include "util/log.h"

/* Configuration space (5.14.4). */
enum { CONFIG_JACKS = 0, CONFIG_STREAMS = 4, CONFIG_CHMAPS = 8 };
enum { CONFIG_BYTES = 12 };

/* Requests (5.14.6). */
enum {
    JACK_INFO = 0x0001,
    JACK_REMAP = 0x0002,
    PCM_INFO = 0x0100,
    PCM_SET_PARAMS = 0x0101,
    PCM_PREPARE = 0x0102,
    PCM_RELEASE = 0x0103,
    PCM_START = 0x0104,
    PCM_STOP = 0x0105,
    CHMAP_INFO = 0x0200,
};

enum { D_OUTPUT, D_INPUT };

enum {
    HEADER_BYTES = 4,
    QUERY_BYTES = 16,
    PCM_HEADER_BYTES = 8,
    PARAMS_BYTES = 24,
    MAX_REQUEST = PARAMS_BYTES,
    JACK_INFO_BYTES = 24,
    PCM_INFO_BYTES = 32,
    CHMAP_INFO_BYTES = 24,
    MAX_INFO = PCM_INFO_BYTES,
};

/* A line-out and a microphone at the back, green and pink (High Definition
 * Audio 1.0a, 7.3.3.31). */
static const uint32_t jack_defaults[2] = {0x01014010, 0x01a19020};

enum { MAX_JACKS = 8, MAX_CHMAPS = 18 };

typedef struct {
    VirtioDevice v;

    SndStream streams[SND_MAX_STREAMS];

    AudioDev silence; /* what is played on without an audiodev */
    bool has_silence;

    /* properties */
    AudioDev *audiodev;
    uint32_t n_jacks;
    uint32_t n_streams;
    uint32_t n_chmaps;
} VirtioSound;

/* The first half plays, and the odd one too. */
static AudioDirection direction_of(uint32_t i, uint32_t n)
{
    return i < (n + 1) / 2 ? AUDIO_OUT : AUDIO_IN;
}

/* ---- what there is ------------------------------------------------------ */

/* One entry of an answer, for the i-th of its kind. */
typedef void InfoFn(const VirtioSound *s, uint32_t i, uint8_t *info);

static void jack_info(const VirtioSound *s, uint32_t i, uint8_t *info)
{
    le32_store(info + 8, jack_defaults[direction_of(i, s->n_jacks)]);
    info[16] = 1; /* connected */
}

static void pcm_info(const VirtioSound *s, uint32_t i, uint8_t *info)
{
    le64_store(info + 8, snd_formats());
    le64_store(info + 16, snd_rates());
    info[24] = direction_of(i, s->n_streams) == AUDIO_OUT ? D_OUTPUT : D_INPUT;
    info[25] = 1;
    info[26] = AUDIO_MAX_CHANNELS;
}

/* The i-th map of a direction has 2, 1, 4, 6, 8 channels (5.14.6.9.1). */
static void chmap_info(const VirtioSound *s, uint32_t i, uint8_t *info)
{
    static const uint8_t counts[] = {2, 1, 4, 6, 8};
    static const uint8_t mono[] = {2};
    /* front left and right, rear left and right, centre, LFE, sides */
    static const uint8_t positions[] = {3, 4, 5, 6, 7, 8, 9, 10};
    AudioDirection direction = direction_of(i, s->n_chmaps);
    uint32_t nth = direction == AUDIO_OUT ? i : i - (s->n_chmaps + 1) / 2;
    uint8_t n = counts[nth % G_N_ELEMENTS(counts)];

    info[4] = direction == AUDIO_OUT ? D_OUTPUT : D_INPUT;
    info[5] = n;
    memcpy(info + 6, n == 1 ? mono : positions, n);
}

/* ---- control ------------------------------------------------------------ */

typedef struct {
    uint8_t bytes[MAX_REQUEST];
    size_t len;
    uint64_t room; /* for the answer */
} Request;

static void write_info(const VirtioSound *s, const Request *r, VirtqElem *e,
                       InfoFn *fn)
{
    uint32_t first = le32_load(r->bytes + 4), n = le32_load(r->bytes + 8);
    uint32_t size = le32_load(r->bytes + 12);

    for (uint32_t i = 0; i < n; i++) {
        uint8_t info[MAX_INFO] = {0};

        fn(s, first + i, info);
        iov_scatter(e->in, e->n_in, HEADER_BYTES + (uint64_t)i * size, info,
                    MIN(size, MAX_INFO));
    }
}

/* Entries are as far apart as the driver's struct is long; total of them
 * exist. *written is what the answer takes beyond the status. */
static uint32_t query(const VirtioSound *s, const Request *r, VirtqElem *e,
                      uint32_t total, uint32_t bytes, InfoFn *fn,
                      uint32_t *written)
{
    uint32_t first = le32_load(r->bytes + 4), n = le32_load(r->bytes + 8);
    uint32_t size = le32_load(r->bytes + 12);

    if (r->len < QUERY_BYTES || size != bytes || first > total ||
        n > total - first || HEADER_BYTES + (uint64_t)n * size > r->room) {
        return S_BAD_MSG;
    }
    write_info(s, r, e, fn);
    *written = n * size;
    return S_OK;
}

/* NULL if the request names no stream. */
static SndStream *named_stream(VirtioSound *s, const Request *r)
{
    uint32_t id = le32_load(r->bytes + 4);

    return r->len >= PCM_HEADER_BYTES && id < s->n_streams ? &s->streams[id]
                                                           : NULL;
}

static uint32_t set_params(SndStream *stream, const Request *r)
{
    if (stream == NULL || r->len < PARAMS_BYTES) {
        return S_BAD_MSG;
    }
    return le32_load(r->bytes + 16) != 0 /* features */
               ? S_NOT_SUPP
               : snd_stream_set(stream, r->bytes[20], r->bytes[21],
                                r->bytes[22]);
}

static uint32_t change_stream(VirtioSound *s, const Request *r,
                              uint32_t (*fn)(SndStream *stream))
{
    SndStream *stream = named_stream(s, r);

    return stream != NULL ? fn(stream) : S_BAD_MSG;
}

static uint32_t perform(VirtioSound *s, const Request *r, VirtqElem *e,
                        uint32_t *written)
{
    uint32_t code = le32_load(r->bytes);

    switch (code) {
    case JACK_INFO:
        return query(s, r, e, s->n_jacks, JACK_INFO_BYTES, jack_info, written);
    case PCM_INFO:
        return query(s, r, e, s->n_streams, PCM_INFO_BYTES, pcm_info, written);
    case CHMAP_INFO:
        return query(s, r, e, s->n_chmaps, CHMAP_INFO_BYTES, chmap_info,
                     written);
    case PCM_SET_PARAMS:
        return set_params(named_stream(s, r), r);
    case PCM_PREPARE:
        return change_stream(s, r, snd_stream_prepare);
    case PCM_RELEASE:
        return change_stream(s, r, snd_stream_release);
    case PCM_START:
        return change_stream(s, r, snd_stream_start);
    case PCM_STOP:
        return change_stream(s, r, snd_stream_stop);
    default:
        guest_log(LOG_UNIMP, "%s: request 0x%04x", s->v.dev.cls->name, code);
        return S_NOT_SUPP;
    }
}

static void serve_control(VirtioSound *s)
{
    VirtqElem *e;

    while ((e = virtio_pop(&s->v, QUEUE_CONTROL, sizeof(*e))) != NULL) {
        Request r = {.room = e->in_len};
        uint8_t status[HEADER_BYTES];
        uint32_t written = 0, code = S_BAD_MSG;

        r.len = iov_gather(e->out, e->n_out, 0, r.bytes, sizeof(r.bytes));
        if (e->in_len < HEADER_BYTES) {
            virtq_drop(&s->v.queues[QUEUE_CONTROL], e);
            virtio_fail(&s->v, "control request without room for a status");
            return;
        }
        if (r.len >= HEADER_BYTES) {
            code = perform(s, &r, e, &written);
        }
        le32_store(status, code);
        iov_scatter(e->in, e->n_in, 0, status, sizeof(status));
        virtio_push(&s->v, QUEUE_CONTROL, e, HEADER_BYTES + written);
    }
    virtio_interrupt(&s->v, QUEUE_CONTROL);
}

/* ---- messages ----------------------------------------------------------- */

static SndStream *stream_of(VirtioSound *s, unsigned queue, const VirtqElem *e)
{
    AudioDirection wanted = queue == QUEUE_TX ? AUDIO_OUT : AUDIO_IN;
    uint8_t header[4];
    uint32_t id;

    if (iov_gather(e->out, e->n_out, 0, header, sizeof(header)) !=
        sizeof(header)) {
        return NULL;
    }
    id = le32_load(header);
    return id < s->n_streams && s->streams[id].direction == wanted
               ? &s->streams[id]
               : NULL;
}

static void accept_messages(VirtioSound *s, unsigned queue)
{
    VirtqElem *e;

    while ((e = virtio_pop(&s->v, queue, sizeof(*e))) != NULL) {
        SndStream *stream = stream_of(s, queue, e);

        if (stream != NULL) {
            snd_stream_queue(stream, e);
        } else {
            snd_refuse(&s->v, queue, e);
        }
    }
    virtio_interrupt(&s->v, queue); /* of those that were refused */
}

static void snd_notify(VirtioDevice *v, unsigned queue)
{
    VirtioSound *s = (VirtioSound *)v;

    switch (queue) {
    case QUEUE_CONTROL:
        serve_control(s);
        break;
    case QUEUE_TX:
    case QUEUE_RX:
        accept_messages(s, queue);
        break;
    }
}

/* ---- life --------------------------------------------------------------- */

static void snd_queue_reset(VirtioDevice *v, unsigned queue)
{
    VirtioSound *s = (VirtioSound *)v;
    AudioDirection direction = queue == QUEUE_TX ? AUDIO_OUT : AUDIO_IN;

    if (queue != QUEUE_TX && queue != QUEUE_RX) {
        return;
    }
    for (uint32_t i = 0; i < s->n_streams; i++) {
        if (s->streams[i].direction == direction) {
            snd_stream_drop(&s->streams[i]);
        }
    }
}

static void snd_dev_reset(VirtioDevice *v)
{
    VirtioSound *s = (VirtioSound *)v;

    for (uint32_t i = 0; i < s->n_streams; i++) {
        snd_stream_reset(&s->streams[i]);
    }
}

static bool check_count(const VirtioSound *s, const char *prop, uint32_t n,
                        uint32_t min, uint32_t max, GError **error)
{
    if (n < min || n > max) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "device '%s': %s must be %u to %u", s->v.dev.cls->name,
                    prop, min, max);
        return false;
    }
    return true;
}

static bool snd_start(VirtioDevice *v, GError **error)
{
    VirtioSound *s = (VirtioSound *)v;

    if (!check_count(s, "jacks", s->n_jacks, 0, MAX_JACKS, error) ||
        !check_count(s, "streams", s->n_streams, 1, SND_MAX_STREAMS, error) ||
        !check_count(s, "chmaps", s->n_chmaps, 0, MAX_CHMAPS, error)) {
        return false;
    }
    if (s->audiodev == NULL) {
        audio_init(&s->silence, &audio_silent_class);
        s->has_silence = true;
    }
    for (uint32_t i = 0; i < s->n_streams; i++) {
        snd_stream_open(&s->streams[i], v,
                        s->audiodev != NULL ? s->audiodev : &s->silence,
                        direction_of(i, s->n_streams));
    }
    le32_store(&v->config[CONFIG_JACKS], s->n_jacks);
    le32_store(&v->config[CONFIG_STREAMS], s->n_streams);
    le32_store(&v->config[CONFIG_CHMAPS], s->n_chmaps);
    return true;
}

static void snd_stop(VirtioDevice *v)
{
    VirtioSound *s = (VirtioSound *)v;

    for (unsigned i = 0; i < SND_MAX_STREAMS; i++) {
        snd_stream_close(&s->streams[i]);
    }
    if (s->has_silence) {
        audio_finish(&s->silence);
        s->has_silence = false;
    }
}

static void snd_loaded(VirtioDevice *v)
{
    VirtioSound *s = (VirtioSound *)v;

    for (uint32_t i = 0; i < s->n_streams; i++) {
        snd_stream_loaded(&s->streams[i]);
    }
}

/* ---- classes ------------------------------------------------------------ */

static const VirtioClass snd_virtio = {
    .bus = VIRTIO_BUS_NAME,
    .id = 25,
    .pci_class = 0x040100,
    .n_queues = N_QUEUES,
    .config_len = CONFIG_BYTES,
    .notify = snd_notify,
    .start = snd_start,
    .stop = snd_stop,
    .queue_reset = snd_queue_reset,
    .reset = snd_dev_reset,
    .loaded = snd_loaded,
};

static const PciClass snd_pci = VIRTIO_PCI_KIND(&snd_virtio);

/* clang-format off */
#define SND_PROPS                                                                                 \
    { "audiodev", PROP_AUDIO, offsetof(VirtioSound, audiodev), NULL, "id of the host side; default: silence" }, \
    { "jacks", PROP_U32, offsetof(VirtioSound, n_jacks), "0", "number of jacks" },                \
    { "streams", PROP_U32, offsetof(VirtioSound, n_streams), "2", "number of streams; half of them record" }, \
    { "chmaps", PROP_U32, offsetof(VirtioSound, n_chmaps), "0", "number of channel maps" }

#define SND_STATE STATE_S_ARRAY(VirtioSound, streams, snd_stream_state)

static const PropDesc snd_props[] = { SND_PROPS, VIRTIO_PROPS };
static const PropDesc snd_pci_props[] = { SND_PROPS, VIRTIO_PCI_PROPS };
static const StateField snd_state[] = { VIRTIO_STATE, SND_STATE, STATE_LAST };
static const StateField snd_pci_state[] = { VIRTIO_PCI_STATE, SND_STATE, STATE_LAST };
/* clang-format on */

const DeviceClass virtio_sound_device_class = {
    .name = "virtio-sound-device",
    .help = "virtio sound card for a virtio-mmio slot",
    .size = sizeof(VirtioSound),
    .state = snd_state,
    .props = snd_props,
    .n_props = G_N_ELEMENTS(snd_props),
    .kind = &snd_virtio,
    VIRTIO_MMIO_CLASS,
};

const DeviceClass virtio_sound_pci_class = {
    .name = "virtio-sound-pci",
    .help = "virtio sound card on PCI",
    .size = sizeof(VirtioSound),
    .state = snd_pci_state,
    .props = snd_pci_props,
    .n_props = G_N_ELEMENTS(snd_pci_props),
    .kind = &snd_pci,
    VIRTIO_PCI_CLASS,
};
