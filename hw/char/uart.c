/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/char/uart.c - see uart_priv.h. */
#include "hw/char/uart_priv.h"

/* A host that takes no bytes is asked again so often, then they are lost:
 * a guest that waits for its console must not wait for ever. */
enum { RETRIES = 250 };
#define RETRY_NS (4 * NS_PER_SECOND / 1000)

static const StateField fifo_state[] = {
    STATE_B(Fifo, bytes),
    STATE_U(Fifo, first),
    STATE_U(Fifo, n),
    STATE_LAST,
};

/* clang-format off */
const StateField uart_state[] = {
    { "rx", STATE_STRUCT, offsetof(Uart, rx), sizeof(Fifo), 1, fifo_state, NULL },
    { "tx", STATE_STRUCT, offsetof(Uart, tx), sizeof(Fifo), 1, fifo_state, NULL },
    STATE_U(Uart, retries),
    STATE_LAST,
};
/* clang-format on */

/* --- receiving --- */

static size_t room(const Uart *u)
{
    unsigned depth = u->ops->depth(u->dev);

    return u->ops->loops(u->dev) || u->rx.n >= depth ? 0 : depth - u->rx.n;
}

static size_t can_receive(void *opaque)
{
    Uart *u = opaque;
    size_t n;

    device_lock(u->dev);
    n = room(u);
    u->starved = n == 0;
    device_unlock(u->dev);
    return n;
}

static void receive(void *opaque, const uint8_t *bytes, size_t len)
{
    Uart *u = opaque;

    device_lock(u->dev);
    for (size_t i = 0; i < len; i++) {
        u->ops->put(u->dev, bytes[i], false);
    }
    u->ops->received(u->dev);
    device_unlock(u->dev);
}

static void on_event(void *opaque, CharEvent event)
{
    Uart *u = opaque;

    if (event != CHAR_BREAK) {
        return;
    }
    device_lock(u->dev);
    u->ops->put(u->dev, 0, true);
    u->ops->received(u->dev);
    device_unlock(u->dev);
}

static const CharFrontEnd front_end = {can_receive, receive, on_event};

static void on_timeout(void *opaque)
{
    Uart *u = opaque;

    device_lock(u->dev);
    u->ops->silent(u->dev);
    device_unlock(u->dev);
}

void uart_take_more(Uart *u)
{
    if (u->starved && room(u) > 0) {
        u->starved = false;
        char_accept_input(u->chardev);
    }
}

/* --- sending --- */

/* Writes what the host takes, in at most two pieces; whether any. */
static bool write_some(Fifo *f, CharDev *c)
{
    bool any = false;

    while (f->n > 0) {
        size_t n = MIN(f->n, FIFO_SIZE - f->first);
        size_t taken = char_write(c, &f->bytes[f->first], n);

        f->first = (uint8_t)((f->first + taken) % FIFO_SIZE);
        f->n -= (uint8_t)taken;
        any |= taken > 0;
        if (taken < n) {
            break;
        }
    }
    return any;
}

static void drain(Uart *u)
{
    if (write_some(&u->tx, u->chardev)) {
        u->retries = 0;
    }
    if (u->tx.n == 0 || u->retries >= RETRIES) {
        uart_drop_tx(u);
        u->ops->sent(u->dev);
    } else {
        u->retries++;
        timer_arm(&u->retry, clock_now_ns() + RETRY_NS);
    }
}

static void on_retry(void *opaque)
{
    Uart *u = opaque;

    device_lock(u->dev);
    if (u->tx.n > 0) {
        drain(u);
        u->ops->update(u->dev);
    }
    device_unlock(u->dev);
}

void uart_send(Uart *u, uint8_t byte)
{
    if (u->tx.n >= u->ops->depth(u->dev)) {
        fifo_pop(&u->tx);
    }
    fifo_push(&u->tx, byte);
    if (!timer_is_armed(&u->retry)) {
        drain(u);
    }
}

void uart_drop_tx(Uart *u)
{
    fifo_clear(&u->tx);
    u->retries = 0;
    timer_cancel(&u->retry);
}

/* --- life --- */

bool uart_start(Uart *u, Device *dev, const UartOps *ops, GError **error)
{
    u->dev = dev;
    u->ops = ops;
    timer_init(&u->timeout, on_timeout, u);
    timer_init(&u->retry, on_retry, u);
    if (u->chardev != NULL && !char_attach(u->chardev, &front_end, u, error)) {
        u->chardev = NULL; /* somebody else's */
        return false;
    }
    return true;
}

void uart_stop(Uart *u)
{
    timer_cancel(&u->timeout);
    timer_cancel(&u->retry);
    char_detach(u->chardev);
}

void uart_reset(Uart *u)
{
    timer_cancel(&u->timeout);
    fifo_clear(&u->rx);
    uart_drop_tx(u);
}

static void keep_inside(Fifo *f)
{
    f->first %= FIFO_SIZE;
    f->n = MIN(f->n, FIFO_SIZE);
}

void uart_loaded(Uart *u)
{
    keep_inside(&u->rx);
    keep_inside(&u->tx);
    if (u->tx.n > 0) {
        timer_arm(&u->retry, clock_now_ns() + RETRY_NS);
    }
}
