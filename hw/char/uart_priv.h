/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/char/uart_priv.h - what serial ports share: sixteen bytes each way, and
 * a host that is read as fast as the guest reads, and written as fast as it
 * takes bytes. A port adds registers and interrupts.
 * Threads: functions under the port's lock, which events of the host and
 * timers take before they call a port back.
 * Lifetime: embedded in the port, uart_start to uart_stop. */
#ifndef CUTTLE_HW_CHAR_UART_PRIV_H
#define CUTTLE_HW_CHAR_UART_PRIV_H

#include "core/chardev.h"
#include "core/clock.h"
#include "core/device.h"

enum { FIFO_SIZE = 16 };

typedef struct {
    uint8_t bytes[FIFO_SIZE];
    uint8_t first, n;
} Fifo;

typedef struct {
    /* Bytes each FIFO holds now: one while they are off. */
    unsigned (*depth)(const Device *dev);
    /* Output goes to input: the host is cut off. */
    bool (*loops)(const Device *dev);
    /* A byte of the host, or a break; there may be no room for a break. */
    void (*put)(Device *dev, uint8_t byte, bool is_break);
    /* All bytes that came together are in. */
    void (*received)(Device *dev);
    /* The timeout that the port armed has passed. */
    void (*silent)(Device *dev);
    /* The last byte went, or was given up. update follows. */
    void (*sent)(Device *dev);
    /* Drives the interrupt line. */
    void (*update)(Device *dev);
} UartOps;

typedef struct {
    Fifo rx, tx;
    uint32_t retries; /* of the byte at the front of tx */

    CharDev *chardev; /* a property of the port; may be NULL */
    bool starved;     /* the host was told there is no room */
    Timer timeout;    /* of receiving, armed by the port */
    Timer retry;      /* of sending */
    Device *dev;
    const UartOps *ops;
} Uart;

extern const StateField uart_state[];

/* clang-format off */
#define STATE_UART(Type, member) \
 { #member, STATE_STRUCT, offsetof(Type, member), sizeof(Uart), 1, uart_state, NULL }
#define PROP_UART(Type, member) \
 { "chardev", PROP_CHAR, offsetof(Type, member.chardev), NULL, "the host's side" }
/* clang-format on */

bool uart_start(Uart *u, Device *dev, const UartOps *ops, GError **error);
void uart_stop(Uart *u);
void uart_reset(Uart *u);
/* After a state was loaded, perhaps from an edited file: indices stay inside
 * the arrays, sending goes on. */
void uart_loaded(Uart *u);

/* To the host; the oldest byte is lost if there is no room. */
void uart_send(Uart *u, uint8_t byte);
/* Forgets what was not sent yet. */
void uart_drop_tx(Uart *u);
/* After a read, and whatever else may make room: the host goes on. */
void uart_take_more(Uart *u);

static inline void fifo_clear(Fifo *f)
{
    f->first = 0;
    f->n = 0;
}

static inline void fifo_push(Fifo *f, uint8_t byte)
{
    f->bytes[(f->first + f->n++) % FIFO_SIZE] = byte;
}

static inline uint8_t fifo_pop(Fifo *f)
{
    uint8_t byte = f->bytes[f->first];

    f->first = (f->first + 1) % FIFO_SIZE;
    f->n--;
    return byte;
}

#endif
