/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/char/ns16550.c - a 16550A serial port.
 * Spec: National Semiconductor PC16550D (1995), 8.
 * The line has no speed: a byte is out as soon as the host takes it. Only the
 * receive timeout, four characters long, follows the divisor.
 * Left out: parity and framing errors (the host's stream has none), sending a
 * break (it cannot carry one), OUT2 as a gate of the interrupt (a board's
 * wire, absent on the boards we model).
 * Threads: bus-locked; input and timers take the same lock. */
#include "hw/char/ns16550.h"

#include <string.h>

#include "hw/char/uart_priv.h"
#include "util/bits.h"

enum {
    RBR_THR_DLL = 0,
    IER_DLM = 1,
    IIR_FCR = 2,
    LCR = 3,
    MCR = 4,
    LSR = 5,
    MSR = 6,
    SCR = 7,
};

#define IER_RDI  0x01
#define IER_THRI 0x02
#define IER_RLSI 0x04
#define IER_MSI  0x08

#define IIR_NONE 0x01
#define IIR_MSI  0x00
#define IIR_THRI 0x02
#define IIR_RDI  0x04
#define IIR_RLSI 0x06
#define IIR_CTI  0x0c
#define IIR_ID   0x0f
#define IIR_FIFO 0xc0

#define FCR_ENABLE   0x01
#define FCR_CLEAR_RX 0x02
#define FCR_CLEAR_TX 0x04

#define LCR_BITS 0x03
#define LCR_STOP 0x04
#define LCR_PAR  0x08
#define LCR_DLAB 0x80

#define MCR_DTR  0x01
#define MCR_RTS  0x02
#define MCR_OUT1 0x04
#define MCR_OUT2 0x08
#define MCR_LOOP 0x10

#define LSR_DR    0x01
#define LSR_OE    0x02
#define LSR_BI    0x10
#define LSR_ERROR 0x1e /* what reading clears */
#define LSR_THRE  0x20
#define LSR_TEMT  0x40

#define MSR_TERI  0x04
#define MSR_DELTA 0x0f
#define MSR_CTS   0x10
#define MSR_DSR   0x20
#define MSR_RI    0x40
#define MSR_DCD   0x80

typedef struct {
    Device dev;
    uint8_t ier, fcr, lcr, mcr, lsr, msr, scr;
    uint16_t divisor;
    Uart uart;
    uint8_t last_rx;       /* what RBR reads when nothing new is there */
    uint8_t thr_interrupt; /* THRE interrupt not yet seen */
    uint8_t timeout;       /* receive timeout not yet served */

    uint32_t baudbase; /* bits per second at divisor 1 */
    IrqLine irq;
} Ns16550;

/* --- FIFOs --- */

static bool fifo_on(const Ns16550 *u)
{
    return u->fcr & FCR_ENABLE;
}

static unsigned depth(const Device *dev)
{
    return fifo_on((const Ns16550 *)dev) ? FIFO_SIZE : 1;
}

static bool loops(const Device *dev)
{
    return ((const Ns16550 *)dev)->mcr & MCR_LOOP;
}

static unsigned trigger_level(const Ns16550 *u)
{
    static const uint8_t levels[] = {1, 4, 8, 14};

    return fifo_on(u) ? levels[u->fcr >> 6] : 1;
}

/* --- interrupts --- */

/* The identification of the most urgent enabled interrupt (table 4). */
static uint8_t interrupt_id(const Ns16550 *u)
{
    if ((u->ier & IER_RLSI) && (u->lsr & LSR_ERROR)) {
        return IIR_RLSI;
    }
    if ((u->ier & IER_RDI) && u->uart.rx.n >= trigger_level(u)) {
        return IIR_RDI;
    }
    if ((u->ier & IER_RDI) && u->timeout) {
        return IIR_CTI;
    }
    if ((u->ier & IER_THRI) && u->thr_interrupt) {
        return IIR_THRI;
    }
    if ((u->ier & IER_MSI) && (u->msr & MSR_DELTA)) {
        return IIR_MSI;
    }
    return IIR_NONE;
}

/* The only place that drives the line. */
static void update(Device *dev)
{
    Ns16550 *u = (Ns16550 *)dev;

    irq_set(&u->irq, interrupt_id(u) != IIR_NONE);
}

/* --- receiving --- */

/* The time of one character, in ns. */
static int64_t character_ns(const Ns16550 *u)
{
    unsigned bits = 1 + 5 + (u->lcr & LCR_BITS) + ((u->lcr & LCR_PAR) != 0) +
                    ((u->lcr & LCR_STOP) ? 2 : 1);

    return NS_PER_SECOND * MAX(u->divisor, 1) * bits / u->baudbase;
}

/* Four characters of silence with bytes below the trigger level (8.6). */
static void restart_timeout(Ns16550 *u)
{
    u->timeout = 0;
    if (fifo_on(u) && u->uart.rx.n > 0) {
        timer_arm(&u->uart.timeout, clock_now_ns() + 4 * character_ns(u));
    } else {
        timer_cancel(&u->uart.timeout);
    }
}

static void silent(Device *dev)
{
    Ns16550 *u = (Ns16550 *)dev;

    u->timeout = fifo_on(u) && u->uart.rx.n > 0;
    update(dev);
}

static void put(Device *dev, uint8_t byte, bool is_break)
{
    Ns16550 *u = (Ns16550 *)dev;

    if (u->uart.rx.n < depth(dev)) {
        fifo_push(&u->uart.rx, byte);
    } else {
        u->lsr |= LSR_OE;
        if (!fifo_on(u)) {
            /* the old byte is lost (8.4) */
            u->uart.rx.bytes[u->uart.rx.first] = byte;
        }
    }
    u->lsr |= is_break ? LSR_DR | LSR_BI : LSR_DR;
}

static void received(Device *dev)
{
    restart_timeout((Ns16550 *)dev);
    update(dev);
}

static uint8_t read_rbr(Ns16550 *u)
{
    if (u->uart.rx.n > 0) {
        u->last_rx = fifo_pop(&u->uart.rx);
    }
    if (u->uart.rx.n == 0) {
        u->lsr &= (uint8_t)~LSR_DR;
    }
    restart_timeout(u);
    update(&u->dev);
    uart_take_more(&u->uart);
    return u->last_rx;
}

static void clear_rx(Ns16550 *u)
{
    fifo_clear(&u->uart.rx);
    u->lsr &= (uint8_t) ~(LSR_DR | LSR_BI);
    restart_timeout(u);
}

/* --- sending --- */

static void sent(Device *dev)
{
    Ns16550 *u = (Ns16550 *)dev;

    u->lsr |= LSR_THRE | LSR_TEMT;
    u->thr_interrupt = 1;
}

static void write_thr(Ns16550 *u, uint8_t byte)
{
    u->thr_interrupt = 0;
    u->lsr &= (uint8_t) ~(LSR_THRE | LSR_TEMT);
    if (u->mcr & MCR_LOOP) {
        put(&u->dev, byte, false);
        restart_timeout(u);
        uart_drop_tx(&u->uart);
        sent(&u->dev);
    } else {
        uart_send(&u->uart, byte);
    }
    update(&u->dev);
}

/* --- the other registers --- */

/* The modem lines: a terminal that is always there, or our own outputs. */
static uint8_t modem_lines(const Ns16550 *u)
{
    uint8_t lines = 0;

    if (!(u->mcr & MCR_LOOP)) {
        return MSR_CTS | MSR_DSR | MSR_DCD;
    }
    lines |= u->mcr & MCR_RTS ? MSR_CTS : 0;
    lines |= u->mcr & MCR_DTR ? MSR_DSR : 0;
    lines |= u->mcr & MCR_OUT1 ? MSR_RI : 0;
    lines |= u->mcr & MCR_OUT2 ? MSR_DCD : 0;
    return lines;
}

/* Notes what changed; the ring line's change counts when it falls (8.9). */
static void update_modem(Ns16550 *u)
{
    uint8_t lines = modem_lines(u);
    uint8_t changed = (u->msr ^ lines) & (uint8_t)~MSR_DELTA;
    uint8_t delta = changed >> 4;

    if (lines & MSR_RI) {
        delta &= (uint8_t)~MSR_TERI;
    }
    u->msr = (uint8_t)(lines | (u->msr & MSR_DELTA) | delta);
}

static void write_ier(Ns16550 *u, uint8_t value)
{
    uint8_t rose = value & (uint8_t)~u->ier;

    u->ier = value & 0x0f;
    /* Enabling the interrupt of an empty transmitter raises it: drivers
     * start sending that way. */
    if ((rose & IER_THRI) && (u->lsr & LSR_THRE)) {
        u->thr_interrupt = 1;
    }
    update(&u->dev);
}

static uint8_t read_iir(Ns16550 *u)
{
    uint8_t id = interrupt_id(u);

    if (id == IIR_THRI) {
        u->thr_interrupt = 0; /* reading is enough (table 4) */
        update(&u->dev);
    }
    return id | (fifo_on(u) ? IIR_FIFO : 0);
}

static void write_fcr(Ns16550 *u, uint8_t value)
{
    bool toggled = (value ^ u->fcr) & FCR_ENABLE;

    if (toggled || (value & FCR_CLEAR_RX)) {
        clear_rx(u);
    }
    if ((toggled || (value & FCR_CLEAR_TX)) && u->uart.tx.n > 0) {
        uart_drop_tx(&u->uart);
        sent(&u->dev);
    }
    /* The other bits are written only together with the enable bit (8.5). */
    u->fcr = value & FCR_ENABLE ? value & 0xc9 : 0;
    update(&u->dev);
    uart_take_more(&u->uart);
}

static void write_mcr(Ns16550 *u, uint8_t value)
{
    u->mcr = value & 0x1f;
    update_modem(u);
    update(&u->dev);
    uart_take_more(&u->uart);
}

static uint8_t read_lsr(Ns16550 *u)
{
    uint8_t v = u->lsr;

    if (v & LSR_ERROR) {
        u->lsr &= (uint8_t)~LSR_ERROR;
        update(&u->dev);
    }
    return v;
}

static uint8_t read_msr(Ns16550 *u)
{
    uint8_t v = u->msr;

    if (v & MSR_DELTA) {
        u->msr &= (uint8_t)~MSR_DELTA;
        update(&u->dev);
    }
    return v;
}

static MemResult ns16550_read(Device *dev, unsigned region, uint64_t offset,
                              unsigned size, uint64_t *value)
{
    Ns16550 *u = (Ns16550 *)dev;
    bool dlab = u->lcr & LCR_DLAB;

    switch (offset) {
    case RBR_THR_DLL:
        *value = dlab ? u->divisor & 0xff : read_rbr(u);
        break;
    case IER_DLM:
        *value = dlab ? u->divisor >> 8 : u->ier;
        break;
    case IIR_FCR:
        *value = read_iir(u);
        break;
    case LCR:
        *value = u->lcr;
        break;
    case MCR:
        *value = u->mcr;
        break;
    case LSR:
        *value = read_lsr(u);
        break;
    case MSR:
        *value = read_msr(u);
        break;
    case SCR:
        *value = u->scr;
        break;
    default:
        break;
    }
    return MEM_OK;
}

static MemResult ns16550_write(Device *dev, unsigned region, uint64_t offset,
                               unsigned size, uint64_t value)
{
    Ns16550 *u = (Ns16550 *)dev;
    uint8_t byte = (uint8_t)value;
    bool dlab = u->lcr & LCR_DLAB;

    switch (offset) {
    case RBR_THR_DLL:
        if (dlab) {
            u->divisor = (uint16_t)bits_set(u->divisor, 0, 8, byte);
        } else {
            write_thr(u, byte);
        }
        break;
    case IER_DLM:
        if (dlab) {
            u->divisor = (uint16_t)bits_set(u->divisor, 8, 8, byte);
        } else {
            write_ier(u, byte);
        }
        break;
    case IIR_FCR:
        write_fcr(u, byte);
        break;
    case LCR:
        u->lcr = byte;
        break;
    case MCR:
        write_mcr(u, byte);
        break;
    case SCR:
        u->scr = byte;
        break;
    default:
        break; /* LSR and MSR are not for writing */
    }
    return MEM_OK;
}

/* --- life --- */

void ns16550_connect(Device *dev, IrqLine irq)
{
    ((Ns16550 *)dev)->irq = irq;
}

static const UartOps ops = {
    .depth = depth,
    .loops = loops,
    .put = put,
    .received = received,
    .silent = silent,
    .sent = sent,
    .update = update,
};

static bool start(Device *dev, GError **error)
{
    Ns16550 *u = (Ns16550 *)dev;

    u->baudbase = MAX(u->baudbase, 1);
    return uart_start(&u->uart, dev, &ops, error);
}

static void reset(Device *dev)
{
    Ns16550 *u = (Ns16550 *)dev;

    uart_reset(&u->uart);
    u->ier = u->fcr = u->lcr = u->scr = 0;
    u->mcr = MCR_OUT2;
    u->lsr = LSR_THRE | LSR_TEMT;
    u->msr = modem_lines(u);
    u->divisor = 12; /* 9600 baud at the usual clock */
    u->last_rx = u->thr_interrupt = u->timeout = 0;
    update(&u->dev);
    uart_take_more(&u->uart);
}

static bool loaded(Device *dev, GError **error)
{
    Ns16550 *u = (Ns16550 *)dev;

    uart_loaded(&u->uart);
    if (!u->timeout) {
        restart_timeout(u);
    }
    update(&u->dev);
    uart_take_more(&u->uart);
    return true;
}

static void stop(Device *dev)
{
    uart_stop(&((Ns16550 *)dev)->uart);
}

static const StateField state[] = {
    STATE_U(Ns16550, ier),
    STATE_U(Ns16550, fcr),
    STATE_U(Ns16550, lcr),
    STATE_U(Ns16550, mcr),
    STATE_U(Ns16550, lsr),
    STATE_U(Ns16550, msr),
    STATE_U(Ns16550, scr),
    STATE_U(Ns16550, divisor),
    STATE_UART(Ns16550, uart),
    STATE_U(Ns16550, last_rx),
    STATE_U(Ns16550, thr_interrupt),
    STATE_U(Ns16550, timeout),
    STATE_LAST,
};

static const PropDesc props[] = {
    PROP_UART(Ns16550, uart),
    {"baudbase", PROP_U32, offsetof(Ns16550, baudbase), "230400",
     "bits per second at divisor 1"},
};

const DeviceClass ns16550_class = {
    .name = "serial-mm",
    .help = "16550A serial port",
    .compatible = "ns16550a",
    .size = sizeof(Ns16550),
    .access = ACCESS_8,
    .read = ns16550_read,
    .write = ns16550_write,
    .state = state,
    .props = props,
    .n_props = G_N_ELEMENTS(props),
    .start = start,
    .reset = reset,
    .loaded = loaded,
    .stop = stop,
};
