/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/dev/virtio-snd.c - sound card: what it says it has, the life of a
 * stream, samples both ways at their pace, what a driver gets wrong, saved
 * state. */
#include "core/audio.h"
#include "core/clock.h"
#include "hw/devices.h"
#include "hw/virtio/virtio.h"
#include "tests/dev/virtio-guest.h"
#include "util/bits.h"

enum { CONTROL, EVENT, TX, RX };
enum { OK = 0x8000, BAD_MSG, NOT_SUPP, IO_ERR };
enum { S16 = 5, FLOAT64 = 20, HZ_44100 = 6, HZ_5512 = 0 };
enum {
    REQUEST = BUFFERS,
    ANSWER = BUFFERS + 0x1000,
    STATUS = BUFFERS + 0x2000, /* of messages, 8 bytes each */
    HEADERS = BUFFERS + 0x3000,
    DATA = BUFFERS + 0x10000, /* 4096 bytes each */
    CHUNK = 4096,
};

/* ---- a host side in memory ---------------------------------------------- */

typedef struct {
    AudioDev dev;
    GByteArray *played;
    uint16_t next; /* recorded: 0, 1, 2, ... */
} Host;

static void host_play(AudioDev *a, const void *frames, size_t n)
{
    g_byte_array_append(((Host *)a)->played, frames, (guint)n * 4);
}

static size_t host_record(AudioDev *a, void *frames, size_t n)
{
    for (size_t i = 0; i < 2 * n; i++) {
        le16_store((uint8_t *)frames + 2 * i, ((Host *)a)->next++);
    }
    return n;
}

static void host_free(AudioDev *a)
{
    g_byte_array_unref(((Host *)a)->played);
    audio_finish(a);
    g_free(a);
}

static const AudioClass host_class = {.name = "test",
                                      .play = host_play,
                                      .record = host_record,
                                      .free = host_free};

typedef struct {
    Guest g;
    Host *host;
    Ring control, tx, rx;
    unsigned n_sent;
} Fixture;

static void set_up(Fixture *f, Kind kind, const char *props)
{
    memset(f, 0, sizeof(*f));
    guest_init(&f->g, kind);
    f->host = g_new0(Host, 1);
    f->host->played = g_byte_array_new();
    audio_init(&f->host->dev, &host_class);
    backends_add_audio(&f->g.backends, "a", &f->host->dev, NULL);
    guest_plug(&f->g, "virtio-sound", props);
    g_assert_true(guest_negotiate(&f->g, 0));
    ring_init(&f->control, &f->g, CONTROL, 16);
    ring_init(&f->tx, &f->g, TX, 64);
    ring_init(&f->rx, &f->g, RX, 64);
    guest_driver_ok(&f->g);
}

/* ---- the driver --------------------------------------------------------- */

/* Returns the status; the rest of the answer is at ANSWER. */
static uint32_t request(Fixture *f, const uint32_t *words, unsigned bytes,
                        uint32_t room)
{
    Seg segs[2] = {{REQUEST, bytes, false}, {ANSWER, room, true}};

    ram_put(&f->g, REQUEST, words, bytes);
    guest_write(&f->g, ANSWER, 4, 0);
    ring_add(&f->control, segs, 2);
    ring_kick(&f->control);
    g_assert_cmpuint(ring_wait(&f->control), <=, room);
    return (uint32_t)guest_read(&f->g, ANSWER, 4);
}

static uint32_t query(Fixture *f, uint32_t code, uint32_t first, uint32_t n,
                      uint32_t size)
{
    uint32_t words[] = {code, first, n, size};

    return request(f, words, sizeof(words), 4 + 4 * 32);
}

static uint32_t command(Fixture *f, uint32_t code, uint32_t stream)
{
    uint32_t words[] = {code, stream};

    return request(f, words, sizeof(words), 4);
}

static uint32_t set_params(Fixture *f, uint32_t stream, unsigned channels,
                           unsigned format, unsigned rate)
{
    uint32_t words[] = {0x0101, stream, 4 * CHUNK,
                        CHUNK,  0,      channels | format << 8 | rate << 16};

    return request(f, words, sizeof(words), 4);
}

static void prepare(Fixture *f, uint32_t stream)
{
    g_assert_cmphex(set_params(f, stream, 2, S16, HZ_44100), ==, OK);
    g_assert_cmphex(command(f, 0x0102, stream), ==, OK);
}

static void start(Fixture *f, uint32_t stream)
{
    g_assert_cmphex(command(f, 0x0104, stream), ==, OK);
}

/* The n-th message: header, CHUNK bytes at DATA, status. */
static void send(Fixture *f, Ring *ring, uint32_t stream)
{
    unsigned i = f->n_sent++;
    Seg segs[3] = {{HEADERS + 4 * i, 4, false},
                   {DATA + CHUNK * i, CHUNK, ring == &f->rx},
                   {STATUS + 8 * i, 8, true}};

    guest_write(&f->g, HEADERS + 4 * i, 4, stream);
    guest_write(&f->g, STATUS + 8 * i, 8, ~UINT64_C(0));
    ring_add(ring, segs, 3);
    ring_kick(ring);
}

static uint32_t status(Fixture *f, unsigned i)
{
    return (uint32_t)guest_read(&f->g, STATUS + 8 * i, 4);
}

static void put_ramp(Fixture *f, unsigned first, unsigned n)
{
    for (unsigned i = 0; i < n * CHUNK / 2; i++) {
        uint8_t sample[2];

        le16_store(sample, (uint16_t)(3 * i));
        ram_put(&f->g, DATA + CHUNK * first + 2 * i, sample, 2);
    }
}

static void turn(void)
{
    g_main_context_iteration(NULL, TRUE);
}

/* ---- what it has -------------------------------------------------------- */

static void test_info(gconstpointer data)
{
    Fixture f;

    set_up(&f, (Kind)GPOINTER_TO_UINT(data),
           "audiodev=a,streams=3,jacks=2,chmaps=4");
    g_assert_cmpuint(guest_read(&f.g, f.g.config, 4), ==, 2);
    g_assert_cmpuint(guest_read(&f.g, f.g.config + 4, 4), ==, 3);
    g_assert_cmpuint(guest_read(&f.g, f.g.config + 8, 4), ==, 4);

    g_assert_cmphex(query(&f, 0x0100, 0, 3, 32), ==, OK);
    for (unsigned i = 0; i < 3; i++) {
        Gpa at = ANSWER + 4 + 32 * i;

        g_assert_cmphex(guest_read(&f.g, at + 8, 8), ==, 0xa0030);
        g_assert_cmphex(guest_read(&f.g, at + 16, 8), ==, 0x1ffe);
        g_assert_cmpuint(guest_read(&f.g, at + 24, 1), ==, i == 2);
        g_assert_cmpuint(guest_read(&f.g, at + 25, 1), ==, 1);
        g_assert_cmpuint(guest_read(&f.g, at + 26, 1), ==, 8);
    }
    g_assert_cmphex(query(&f, 0x0001, 1, 1, 24), ==, OK);
    g_assert_cmphex(guest_read(&f.g, ANSWER + 4 + 8, 4), ==, 0x01a19020);
    g_assert_cmpuint(guest_read(&f.g, ANSWER + 4 + 16, 1), ==, 1);
    g_assert_cmphex(query(&f, 0x0200, 0, 4, 24), ==, OK);
    g_assert_cmphex(guest_read(&f.g, ANSWER + 4 + 4, 4), ==, 0x04030200);
    g_assert_cmphex(guest_read(&f.g, ANSWER + 4 + 24 + 4, 4), ==, 0x00020100);
    g_assert_cmphex(guest_read(&f.g, ANSWER + 4 + 48 + 4, 4), ==, 0x04030201);
    guest_finish(&f.g);
}

static void test_bad_requests(void)
{
    uint32_t words[6] = {0x0100, 0, 2, 32};
    Fixture f;

    set_up(&f, PCI_MODERN, "audiodev=a");
    g_assert_cmphex(query(&f, 0x0100, 0, 3, 32), ==, BAD_MSG);
    g_assert_cmphex(query(&f, 0x0100, 1, UINT32_MAX, 32), ==, BAD_MSG);
    g_assert_cmphex(query(&f, 0x0100, UINT32_MAX, 1, 32), ==, BAD_MSG);
    g_assert_cmphex(query(&f, 0x0100, 0, 2, 31), ==, BAD_MSG);
    g_assert_cmphex(query(&f, 0x0100, 0, 2, UINT32_MAX), ==, BAD_MSG);
    g_assert_cmphex(query(&f, 0x0001, 0, 1, 24), ==, BAD_MSG); /* no jacks */
    g_assert_cmphex(request(&f, words, 12, 100), ==, BAD_MSG);
    g_assert_cmphex(request(&f, words, 16, 67), ==, BAD_MSG); /* no room */
    g_assert_cmphex(request(&f, words, 16, 68), ==, OK);
    g_assert_cmphex(request(&f, words, 3, 4), ==, BAD_MSG);
    g_assert_cmphex(command(&f, 0x0002, 0), ==, NOT_SUPP);
    g_assert_cmphex(command(&f, 0x0102, 2), ==, BAD_MSG); /* no such stream */
    g_assert_cmphex(set_params(&f, 9, 2, S16, HZ_44100), ==, BAD_MSG);
    g_assert_cmphex(set_params(&f, 0, 0, S16, HZ_44100), ==, NOT_SUPP);
    g_assert_cmphex(set_params(&f, 0, 9, S16, HZ_44100), ==, NOT_SUPP);
    g_assert_cmphex(set_params(&f, 0, 2, FLOAT64, HZ_44100), ==, NOT_SUPP);
    g_assert_cmphex(set_params(&f, 0, 2, S16, HZ_5512), ==, NOT_SUPP);
    g_assert_cmphex(set_params(&f, 0, 2, 255, 255), ==, NOT_SUPP);
    guest_finish(&f.g);
}

/* ---- streams ------------------------------------------------------------ */

static void test_life(void)
{
    static const struct {
        uint32_t code, status;
    } steps[] = {
        {0x0104, BAD_MSG}, {0x0102, BAD_MSG}, {0x0103, BAD_MSG},
        {0x0101, OK},      {0x0104, BAD_MSG}, {0x0102, OK},
        {0x0102, OK},      {0x0105, BAD_MSG}, {0x0104, OK},
        {0x0104, BAD_MSG}, {0x0101, BAD_MSG}, {0x0103, BAD_MSG},
        {0x0105, OK},      {0x0104, OK},      {0x0105, OK},
        {0x0103, OK},      {0x0103, BAD_MSG}, {0x0102, OK},
        {0x0103, OK},      {0x0101, OK},
    };
    Fixture f;

    set_up(&f, MMIO_MODERN, "audiodev=a");
    for (unsigned i = 0; i < G_N_ELEMENTS(steps); i++) {
        uint32_t code = steps[i].code;

        g_assert_cmphex(code == 0x0101 ? set_params(&f, 1, 2, S16, HZ_44100)
                                       : command(&f, code, 1),
                        ==, steps[i].status);
    }
    guest_finish(&f.g);
}

/* Messages wait until the stream starts; then each is answered when it was
 * played, and the host gets every sample. */
static void test_play(gconstpointer data)
{
    int64_t from;
    Fixture f;

    set_up(&f, (Kind)GPOINTER_TO_UINT(data), "audiodev=a");
    put_ramp(&f, 0, 4);
    prepare(&f, 0);
    for (unsigned i = 0; i < 4; i++) {
        send(&f, &f.tx, 0);
    }
    g_assert_cmphex(status(&f, 0), ==, UINT32_MAX);
    guest_ack_isr(&f.g);
    from = clock_now_ns();
    start(&f, 0);
    for (unsigned i = 0; i < 4; i++) {
        g_assert_cmpuint(ring_wait(&f.tx), ==, 8);
        g_assert_cmphex(status(&f, i), ==, OK);
    }
    /* 4096 frames at 44100 Hz: 92.9 ms, less the look it began in */
    g_assert_cmpint(clock_now_ns() - from, >=, 92 * 1000000);
    g_assert_true(f.g.irq);
    while (f.host->played->len < 4 * CHUNK) {
        turn();
    }
    g_assert_cmpuint(f.host->played->len, ==, 4 * CHUNK);
    for (unsigned i = 0; i < 2 * CHUNK; i++) {
        g_assert_cmphex(le16_load(f.host->played->data + 2 * i), ==,
                        (uint16_t)(3 * i));
    }
    guest_finish(&f.g);
}

/* A release gives back what was not played, a stop does not. */
static void test_release(void)
{
    uint32_t id, len;
    Fixture f;

    set_up(&f, PCI_MODERN, "audiodev=a");
    prepare(&f, 0);
    send(&f, &f.tx, 0);
    send(&f, &f.tx, 0);
    start(&f, 0);
    g_assert_cmphex(command(&f, 0x0105, 0), ==, OK);
    g_assert_false(ring_used(&f.tx, &id, &len));
    g_assert_cmphex(command(&f, 0x0103, 0), ==, OK);
    g_assert_cmpuint(ring_wait(&f.tx), ==, 8);
    g_assert_cmpuint(ring_wait(&f.tx), ==, 8);
    g_assert_cmphex(status(&f, 1), ==, OK);
    for (unsigned i = 0; i < 4; i++) {
        g_main_context_iteration(NULL, FALSE);
    }
    g_assert_cmpuint(f.host->played->len, <=, CHUNK);
    guest_finish(&f.g);
}

static void test_record(void)
{
    uint16_t last = 0;
    Fixture f;

    set_up(&f, PCI_MODERN, "audiodev=a");
    prepare(&f, 1);
    send(&f, &f.rx, 1);
    send(&f, &f.rx, 1);
    start(&f, 1);
    g_assert_cmpuint(ring_wait(&f.rx), ==, CHUNK + 8);
    g_assert_cmpuint(ring_wait(&f.rx), ==, CHUNK + 8);
    g_assert_cmphex(status(&f, 0), ==, OK);
    g_assert_cmphex(status(&f, 1), ==, OK);
    for (unsigned i = 0; i < CHUNK; i++) {
        uint16_t sample = (uint16_t)guest_read(&f.g, DATA + 2 * i, 2);

        g_assert_cmpuint(sample, ==, i == 0 ? sample : (uint16_t)(last + 1));
        last = sample;
    }
    guest_finish(&f.g);
}

/* Without an audiodev time passes all the same. */
static void test_silent(void)
{
    Fixture f;

    set_up(&f, MMIO_MODERN, "streams=1");
    prepare(&f, 0);
    send(&f, &f.tx, 0);
    start(&f, 0);
    g_assert_cmpuint(ring_wait(&f.tx), ==, 8);
    g_assert_cmphex(status(&f, 0), ==, OK);
    guest_finish(&f.g);
}

static void test_bad_messages(void)
{
    Seg segs[] = {{HEADERS, 4, false}, {STATUS, 4, true}};
    Fixture f;

    set_up(&f, PCI_MODERN, "audiodev=a");
    send(&f, &f.tx, 0); /* not prepared */
    g_assert_cmpuint(ring_wait(&f.tx), ==, 8);
    g_assert_cmphex(status(&f, 0), ==, BAD_MSG);
    prepare(&f, 0);
    prepare(&f, 1);
    send(&f, &f.tx, 1); /* that one records */
    g_assert_cmpuint(ring_wait(&f.tx), ==, 8);
    send(&f, &f.rx, 0);
    g_assert_cmpuint(ring_wait(&f.rx), ==, 8);
    send(&f, &f.tx, 77);
    g_assert_cmpuint(ring_wait(&f.tx), ==, 8);
    g_assert_cmphex(status(&f, 3), ==, BAD_MSG);
    segs[0].len = 3; /* no whole header */
    ring_add(&f.tx, segs, 2);
    ring_kick(&f.tx);
    g_assert_cmpuint(ring_wait(&f.tx), ==, 4);
    segs[0].len = 4; /* no room for a status */
    guest_write(&f.g, HEADERS, 4, 0);
    ring_add(&f.tx, segs, 2);
    ring_kick(&f.tx);
    g_assert_cmpuint(ring_wait(&f.tx), ==, 4);
    guest_write(&f.g, HEADERS, 4, 1);
    ring_add(&f.rx, segs, 2);
    ring_kick(&f.rx);
    g_assert_cmpuint(ring_wait(&f.rx), ==, 4);
    guest_finish(&f.g);
}

/* A reset in the middle of a sound ends it. */
static void test_reset(void)
{
    Fixture f;

    set_up(&f, MMIO_MODERN, "audiodev=a");
    prepare(&f, 0);
    send(&f, &f.tx, 0);
    start(&f, 0);
    guest_set_status(&f.g, 0);
    for (unsigned i = 0; i < 4; i++) {
        g_usleep(5000);
        g_main_context_iteration(NULL, FALSE);
    }
    g_assert_cmpuint(f.host->played->len, ==, 0);
    g_assert_cmphex(status(&f, 0), ==, UINT32_MAX);
    guest_finish(&f.g);
}

static void test_counts(void)
{
    static const char *const props[] = {"streams=0", "streams=17", "jacks=9",
                                        "chmaps=19"};

    for (unsigned i = 0; i < G_N_ELEMENTS(props); i++) {
        g_auto(GStrv) pair = g_strsplit(props[i], "=", 2);
        g_autoptr(GError) error = NULL;
        Device *dev =
            device_new(device_class_find("virtio-sound-device"), NULL);

        g_assert_true(device_set_prop(dev, pair[0], pair[1], NULL));
        g_assert_false(device_start(dev, NULL, &error));
        g_assert_nonnull(strstr(error->message, pair[0]));
        device_free(dev);
    }
}

/* The rest of the sound comes out of the other machine, in order. */
static void test_save(void)
{
    size_t before, n = 4 * CHUNK;
    uint32_t id, len;
    Fixture a, b;

    set_up(&a, PCI_MODERN, "audiodev=a");
    set_up(&b, PCI_MODERN, "audiodev=a");
    put_ramp(&a, 0, 4);
    prepare(&a, 0);
    for (unsigned i = 0; i < 4; i++) {
        send(&a, &a.tx, 0);
    }
    start(&a, 0);
    while (a.host->played->len == 0) {
        turn();
    }
    before = a.host->played->len;
    guest_copy_state(&b.g, &a.g);
    b.tx = a.tx;
    b.tx.g = &b.g;
    while (b.host->played->len < n - before) {
        turn();
    }
    g_assert_cmpuint(b.host->played->len, ==, n - before);
    for (size_t i = 0; i < b.host->played->len / 2; i++) {
        g_assert_cmphex(le16_load(b.host->played->data + 2 * i), ==,
                        (uint16_t)(3 * (i + before / 2)));
    }
    for (unsigned i = 0; i < 4; i++) {
        g_assert_true(ring_used(&b.tx, &id, &len));
        g_assert_cmphex(status(&b, i), ==, OK);
    }
    guest_finish(&b.g);
    guest_finish(&a.g);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    clock_resume();
    g_test_add_data_func("/virtio-snd/info/mmio", GUINT_TO_POINTER(MMIO_MODERN),
                         test_info);
    g_test_add_data_func("/virtio-snd/info/pci", GUINT_TO_POINTER(PCI_MODERN),
                         test_info);
    g_test_add_func("/virtio-snd/bad-requests", test_bad_requests);
    g_test_add_func("/virtio-snd/life", test_life);
    g_test_add_data_func("/virtio-snd/play/mmio", GUINT_TO_POINTER(MMIO_MODERN),
                         test_play);
    g_test_add_data_func("/virtio-snd/play/pci", GUINT_TO_POINTER(PCI_MODERN),
                         test_play);
    g_test_add_func("/virtio-snd/release", test_release);
    g_test_add_func("/virtio-snd/record", test_record);
    g_test_add_func("/virtio-snd/silent", test_silent);
    g_test_add_func("/virtio-snd/bad-messages", test_bad_messages);
    g_test_add_func("/virtio-snd/reset", test_reset);
    g_test_add_func("/virtio-snd/counts", test_counts);
    g_test_add_func("/virtio-snd/save", test_save);
    return g_test_run();
}
