/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/semihosting-console.c - see semihosting_priv.h. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "machine/semihosting_priv.h"

enum { WAIT_MS = 10, FIFO_BYTES = 256 };

struct SemihostConsole {
    CharDev *dev; /* NULL: the process's streams */
    GMutex lock;  /* what follows */
    GCond typed;
    uint8_t fifo[FIFO_BYTES];
    size_t n;
};

static size_t can_receive(void *opaque)
{
    SemihostConsole *s = opaque;
    size_t room;

    g_mutex_lock(&s->lock);
    room = FIFO_BYTES - s->n;
    g_mutex_unlock(&s->lock);
    return room;
}

static void receive(void *opaque, const uint8_t *bytes, size_t len)
{
    SemihostConsole *s = opaque;

    g_mutex_lock(&s->lock);
    len = MIN(len, FIFO_BYTES - s->n);
    memcpy(s->fifo + s->n, bytes, len);
    s->n += len;
    g_cond_signal(&s->typed);
    g_mutex_unlock(&s->lock);
}

static const CharFrontEnd front = {can_receive, receive, NULL};

SemihostConsole *semihost_console_new(CharDev *c, GError **error)
{
    SemihostConsole *s = g_new0(SemihostConsole, 1);

    g_mutex_init(&s->lock);
    g_cond_init(&s->typed);
    if (c != NULL && !char_attach(c, &front, s, error)) {
        semihost_console_free(s);
        return NULL;
    }
    s->dev = c;
    return s;
}

void semihost_console_free(SemihostConsole *s)
{
    if (s == NULL) {
        return;
    }
    if (s->dev != NULL) {
        char_detach(s->dev);
    }
    g_mutex_clear(&s->lock);
    g_cond_clear(&s->typed);
    g_free(s);
}

ssize_t semihost_console_write(SemihostConsole *s, int fd, const uint8_t *bytes,
                               size_t len)
{
    return s->dev != NULL ? (ssize_t)char_write(s->dev, bytes, len)
                          : write(fd, bytes, len);
}

static bool stdin_is_ready(int ms)
{
    struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};

    return poll(&p, 1, ms) > 0;
}

static size_t take(SemihostConsole *s, uint8_t *bytes, size_t len)
{
    g_mutex_lock(&s->lock);
    len = MIN(len, s->n);
    memcpy(bytes, s->fifo, len);
    s->n -= len;
    memmove(s->fifo, s->fifo + len, s->n);
    g_mutex_unlock(&s->lock);
    return len;
}

ssize_t semihost_console_read(SemihostConsole *s, uint8_t *bytes, size_t len)
{
    size_t n;

    if (s->dev == NULL && stdin_is_ready(0)) {
        return read(STDIN_FILENO, bytes, len);
    }
    n = s->dev != NULL ? take(s, bytes, len) : 0;
    if (n == 0) {
        errno = EAGAIN;
        return -1;
    }
    char_accept_input(s->dev);
    return (ssize_t)n;
}

void semihost_console_wait(SemihostConsole *s)
{
    gint64 end = g_get_monotonic_time() + WAIT_MS * 1000;

    if (s->dev == NULL) {
        stdin_is_ready(WAIT_MS);
        return;
    }
    g_mutex_lock(&s->lock);
    while (s->n == 0 && g_cond_wait_until(&s->typed, &s->lock, end)) {
    }
    g_mutex_unlock(&s->lock);
}
