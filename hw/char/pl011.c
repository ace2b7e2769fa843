/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/char/pl011.c - Arm's PrimeCell UART.
 * Spec: ARM DDI 0183G.
 * The line has no speed: a byte is out as soon as the host takes it, and both
 * directions work whether CR enables them or not, for the early output of
 * kernels that count on firmware to have done that. Only the receive timeout,
 * 32 bits long, follows the divisor.
 * Left out: modem lines (they read as 0), DMA, IrDA, parity and framing
 * errors (the host's stream has none), sending a break.
 * Threads: bus-locked; input and timers take the same lock. */
#include "hw/char/pl011.h"

#include "hw/char/uart_priv.h"
#include "util/bits.h"
#include "util/log.h"

enum {
    DR = 0x00,
    RSR_ECR = 0x04,
    FR = 0x18,
    ILPR = 0x20,
    IBRD = 0x24,
    FBRD = 0x28,
    LCR_H = 0x2c,
    CR = 0x30,
    IFLS = 0x34,
    IMSC = 0x38,
    RIS = 0x3c,
    MIS = 0x40,
    ICR = 0x44,
    DMACR = 0x48,
};

/* With a byte in DR; RSR has them four bits lower. */
#define DR_BREAK   0x400
#define DR_OVERRUN 0x800

#define FR_BUSY 0x08
#define FR_RXFE 0x10
#define FR_TXFF 0x20
#define FR_RXFF 0x40
#define FR_TXFE 0x80

#define LCR_FIFO 0x10

#define CR_ENABLE 0x001
#define CR_LOOP   0x080
#define CR_TX     0x100

#define INT_RX      0x010
#define INT_TX      0x020
#define INT_TIMEOUT 0x040
#define INT_BREAK   0x200
#define INT_OVERRUN 0x400
#define INT_ALL     0x7ff

enum { CLOCK_HZ = 24000000, USUAL_BAUD = 115200, TIMEOUT_BITS = 32 };

typedef struct {
    Device dev;
    uint32_t rsr, ilpr, ibrd, fbrd, lcr, cr, ifls, imsc, ris, dmacr;
    uint32_t ids[PRIMECELL_N_IDS];
    Uart uart;
    uint16_t breaks; /* bit per place in rx.bytes: it is a break */
    uint8_t overrun; /* a byte was lost since the last one read */
    bool scolded;    /* since CR was written: sending while off is in the log */
    IrqLine irq;
} Pl011;

static unsigned depth(const Device *dev)
{
    return ((const Pl011 *)dev)->lcr & LCR_FIFO ? FIFO_SIZE : 1;
}

static bool loops(const Device *dev)
{
    return ((const Pl011 *)dev)->cr & CR_LOOP;
}

/* Bytes at which the receive interrupt is raised (3.3.9). */
static unsigned trigger_level(const Pl011 *u)
{
    static const uint8_t levels[8] = {2, 4, 8, 12, 14, 14, 14, 14};

    return u->lcr & LCR_FIFO ? levels[bits_get(u->ifls, 3, 3)] : 1;
}

/* The only place that drives the line. */
static void update(Device *dev)
{
    Pl011 *u = (Pl011 *)dev;

    irq_set(&u->irq, (u->ris & u->imsc) != 0);
}

/* --- receiving --- */

static int64_t timeout_ns(const Pl011 *u)
{
    /* 64ths of sixteen clocks make a bit. */
    int64_t divisor = (int64_t)u->ibrd * 64 + u->fbrd;

    if (divisor < 64) {
        return NS_PER_SECOND * TIMEOUT_BITS / USUAL_BAUD;
    }
    return NS_PER_SECOND * TIMEOUT_BITS * divisor / (CLOCK_HZ * INT64_C(4));
}

static void restart_timeout(Pl011 *u)
{
    if (u->uart.rx.n > 0) {
        timer_arm(&u->uart.timeout, clock_now_ns() + timeout_ns(u));
    } else {
        u->ris &= ~(uint32_t)INT_TIMEOUT;
        timer_cancel(&u->uart.timeout);
    }
}

static void silent(Device *dev)
{
    Pl011 *u = (Pl011 *)dev;

    if (u->uart.rx.n > 0) {
        u->ris |= INT_TIMEOUT;
    }
    update(dev);
}

static void put(Device *dev, uint8_t byte, bool is_break)
{
    Pl011 *u = (Pl011 *)dev;
    unsigned at = (u->uart.rx.first + u->uart.rx.n) % FIFO_SIZE;

    if (u->uart.rx.n >= depth(dev)) {
        u->overrun = 1;
        u->ris |= INT_OVERRUN;
        return;
    }
    u->breaks =
        (uint16_t)((u->breaks & ~(1u << at)) | (unsigned)is_break << at);
    fifo_push(&u->uart.rx, byte);
    if (is_break) {
        u->ris |= INT_BREAK;
    }
    if (u->uart.rx.n >= trigger_level(u)) {
        u->ris |= INT_RX;
    }
}

static void received(Device *dev)
{
    restart_timeout((Pl011 *)dev);
    update(dev);
}

static uint64_t read_dr(Device *dev)
{
    Pl011 *u = (Pl011 *)dev;
    uint32_t value = 0;

    if (u->uart.rx.n > 0) {
        value = u->breaks >> u->uart.rx.first & 1 ? DR_BREAK : 0;
        value |= u->overrun ? DR_OVERRUN : 0;
        value |= fifo_pop(&u->uart.rx);
        u->overrun = 0;
    }
    u->rsr = value >> 8;
    if (u->uart.rx.n < trigger_level(u)) {
        u->ris &= ~(uint32_t)INT_RX;
    }
    restart_timeout(u);
    update(dev);
    uart_take_more(&u->uart);
    return value;
}

/* --- sending --- */

static void sent(Device *dev)
{
    ((Pl011 *)dev)->ris |= INT_TX;
}

static void wrote_dr(Device *dev, uint64_t value)
{
    Pl011 *u = (Pl011 *)dev;

    if ((u->cr & (CR_ENABLE | CR_TX)) != (CR_ENABLE | CR_TX) && !u->scolded) {
        u->scolded = true;
        guest_log(LOG_GUEST_ERRORS, "pl011: byte sent while not enabled");
    }
    u->ris &= ~(uint32_t)INT_TX;
    if (u->cr & CR_LOOP) {
        put(dev, (uint8_t)value, false);
        restart_timeout(u);
        sent(dev);
    } else {
        uart_send(&u->uart, (uint8_t)value);
    }
    update(dev);
}

/* --- the other registers --- */

static uint64_t read_fr(Device *dev)
{
    const Pl011 *u = (const Pl011 *)dev;

    return (u->uart.rx.n == 0 ? FR_RXFE : 0) |
           (u->uart.rx.n >= depth(&u->dev) ? FR_RXFF : 0) |
           (u->uart.tx.n == 0 ? FR_TXFE : FR_BUSY) |
           (u->uart.tx.n >= depth(&u->dev) ? FR_TXFF : 0);
}

static void wrote_ecr(Device *dev, uint64_t value)
{
    ((Pl011 *)dev)->rsr = 0;
}

/* Turning the FIFOs on or off empties them (3.3.7). */
static void wrote_lcr(Device *dev, uint64_t value)
{
    Pl011 *u = (Pl011 *)dev;

    if (u->uart.rx.n > depth(&u->dev)) {
        fifo_clear(&u->uart.rx);
        u->ris &= ~(uint32_t)INT_RX;
        restart_timeout(u);
    }
    if (u->uart.tx.n > depth(&u->dev)) {
        uart_drop_tx(&u->uart);
    }
    update(dev);
    uart_take_more(&u->uart);
}

static void wrote_cr(Device *dev, uint64_t value)
{
    Pl011 *u = (Pl011 *)dev;

    u->scolded = false;
    uart_take_more(&u->uart);
}

static void wrote_imsc(Device *dev, uint64_t value)
{
    update(dev);
}

static uint64_t read_mis(Device *dev)
{
    const Pl011 *u = (const Pl011 *)dev;

    return u->ris & u->imsc;
}

static void wrote_icr(Device *dev, uint64_t value)
{
    Pl011 *u = (Pl011 *)dev;

    u->ris &= ~(uint32_t)value;
    update(dev);
}

static void wrote_dmacr(Device *dev, uint64_t value)
{
    if (value & 3) {
        guest_log(LOG_UNIMP, "pl011: DMA");
    }
}

#define FIELD(member) offsetof(Pl011, member)

/* clang-format off */
static const RegDesc regs[] = {
    /* offset  name     field         reset  write    w1c hooks */
    { DR,      "dr",    NO_FIELD,     0,     0,       0, .read = read_dr, .wrote = wrote_dr },
    { RSR_ECR, "rsr",   FIELD(rsr),   0,     0,       0, .wrote = wrote_ecr },
    { FR,      "fr",    NO_FIELD,     0,     0,       0, .read = read_fr },
    { ILPR,    "ilpr",  FIELD(ilpr),  0,     0xff,    0 },
    { IBRD,    "ibrd",  FIELD(ibrd),  0,     0xffff,  0 },
    { FBRD,    "fbrd",  FIELD(fbrd),  0,     0x3f,    0 },
    { LCR_H,   "lcr_h", FIELD(lcr),   0,     0xff,    0, .wrote = wrote_lcr },
    { CR,      "cr",    FIELD(cr),    0x300, 0xff87,  0, .wrote = wrote_cr },
    { IFLS,    "ifls",  FIELD(ifls),  0x12,  0x3f,    0 },
    { IMSC,    "imsc",  FIELD(imsc),  0,     INT_ALL, 0, .wrote = wrote_imsc },
    { RIS,     "ris",   FIELD(ris),   0,     0,       0 },
    { MIS,     "mis",   NO_FIELD,     0,     0,       0, .read = read_mis },
    { ICR,     "icr",   NO_FIELD,     0,     0,       0, .wrote = wrote_icr },
    { DMACR,   "dmacr", FIELD(dmacr), 0,     0x7,     0, .wrote = wrote_dmacr },
    PRIMECELL_REGS(Pl011, ids, 0x011, 1),
};
/* clang-format on */

/* --- life --- */

void pl011_connect(Device *dev, IrqLine irq)
{
    ((Pl011 *)dev)->irq = irq;
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
    return uart_start(&((Pl011 *)dev)->uart, dev, &ops, error);
}

static void reset(Device *dev)
{
    Pl011 *u = (Pl011 *)dev;

    uart_reset(&u->uart);
    u->breaks = 0;
    u->overrun = 0;
    u->scolded = false;
    update(dev);
    uart_take_more(&u->uart);
}

static bool loaded(Device *dev, GError **error)
{
    Pl011 *u = (Pl011 *)dev;

    uart_loaded(&u->uart);
    if (!(u->ris & INT_TIMEOUT)) {
        restart_timeout(u);
    }
    update(dev);
    uart_take_more(&u->uart);
    return true;
}

static void stop(Device *dev)
{
    uart_stop(&((Pl011 *)dev)->uart);
}

static const StateField state[] = {
    STATE_UART(Pl011, uart),
    STATE_U(Pl011, breaks),
    STATE_U(Pl011, overrun),
    STATE_LAST,
};

static const PropDesc props[] = {
    PROP_UART(Pl011, uart),
};

const DeviceClass pl011_class = {
    .name = "pl011",
    .help = "PrimeCell serial port",
    .compatible = "arm,pl011",
    .size = sizeof(Pl011),
    .access = ACCESS_ANY,
    .regs = regs,
    .n_regs = G_N_ELEMENTS(regs),
    .state = state,
    .props = props,
    .n_props = G_N_ELEMENTS(props),
    .start = start,
    .reset = reset,
    .loaded = loaded,
    .stop = stop,
};
