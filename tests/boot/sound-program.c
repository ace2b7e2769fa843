/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/boot/sound-program.c - a Linux program that plays a tone of 1000 Hz for
 * SECONDS on ALSA's first device, by system calls of its own: it is small
 * enough to come on a disk, into a guest without sound libraries. Prints how
 * long it took. */
#include <fcntl.h>
#include <limits.h>
#include <sound/asound.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { RATE = 48000, TONE = 1000, PERIOD = 1024, CHANNELS = 2 };

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static void set_range(struct snd_pcm_hw_params *p, int what, unsigned value)
{
    struct snd_interval *i =
        &p->intervals[what - SNDRV_PCM_HW_PARAM_FIRST_INTERVAL];

    i->min = i->max = value;
    i->integer = 1;
}

static void set_mask(struct snd_pcm_hw_params *p, int what, unsigned value)
{
    struct snd_mask *m = &p->masks[what - SNDRV_PCM_HW_PARAM_FIRST_MASK];

    memset(m, 0, sizeof(*m));
    m->bits[value / 32] = 1u << value % 32;
}

static void set_up(int fd)
{
    struct snd_pcm_hw_params p;

    memset(&p, 0, sizeof(p));
    memset(p.masks, 0xff, sizeof(p.masks));
    for (unsigned i = 0; i < sizeof(p.intervals) / sizeof(p.intervals[0]);
         i++) {
        p.intervals[i].max = UINT_MAX;
    }
    p.rmask = ~0u;
    set_mask(&p, SNDRV_PCM_HW_PARAM_ACCESS, SNDRV_PCM_ACCESS_RW_INTERLEAVED);
    set_mask(&p, SNDRV_PCM_HW_PARAM_FORMAT, SNDRV_PCM_FORMAT_S16_LE);
    set_mask(&p, SNDRV_PCM_HW_PARAM_SUBFORMAT, SNDRV_PCM_SUBFORMAT_STD);
    set_range(&p, SNDRV_PCM_HW_PARAM_CHANNELS, CHANNELS);
    set_range(&p, SNDRV_PCM_HW_PARAM_RATE, RATE);
    set_range(&p, SNDRV_PCM_HW_PARAM_PERIOD_SIZE, PERIOD);
    set_range(&p, SNDRV_PCM_HW_PARAM_PERIODS, 8);
    if (ioctl(fd, SNDRV_PCM_IOCTL_HW_PARAMS, &p) < 0) {
        die("HW_PARAMS");
    }
    if (ioctl(fd, SNDRV_PCM_IOCTL_PREPARE) < 0) {
        die("PREPARE");
    }
}

/* A sine by rotating a point: no mathematics library. cos and sin of
 * 2 pi TONE / RATE, which is 7.5 degrees. */
static void fill(short *frames, unsigned n)
{
    static double x = 12000, y;
    const double c = 0.99144486137381041, s = 0.13052619222005157;

    for (unsigned i = 0; i < n; i++) {
        double next = x * c - y * s;

        y = x * s + y * c;
        x = next;
        frames[2 * i] = frames[2 * i + 1] = (short)y;
    }
}

static void play(int fd, unsigned frames)
{
    short samples[PERIOD * CHANNELS];

    for (unsigned done = 0; done < frames; done += PERIOD) {
        struct snd_xferi x = {.buf = samples, .frames = PERIOD};

        fill(samples, PERIOD);
        if (ioctl(fd, SNDRV_PCM_IOCTL_WRITEI_FRAMES, &x) < 0) {
            die("WRITEI_FRAMES");
        }
    }
    if (ioctl(fd, SNDRV_PCM_IOCTL_DRAIN) < 0) {
        die("DRAIN");
    }
}

int main(int argc, char **argv)
{
    struct timespec from, to;
    int fd = open("/dev/snd/pcmC0D0p", O_RDWR);

    if (fd < 0) {
        die("/dev/snd/pcmC0D0p");
    }
    set_up(fd);
    clock_gettime(CLOCK_MONOTONIC, &from);
    play(fd, RATE * (argc > 1 ? (unsigned)atoi(argv[1]) : 1));
    clock_gettime(CLOCK_MONOTONIC, &to);
    printf("played in %ld ms\n", (long)(to.tv_sec - from.tv_sec) * 1000 +
                                     (to.tv_nsec - from.tv_nsec) / 1000000);
    return 0;
}
