/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/timer/pl031.c - seconds since 1970 and one alarm.
 * Spec: ARM DDI 0224C.
 * Time is the host's plus what the guest set; the alarm is a timer on guest
 * time, so it waits while the machine is paused.
 * Threads: bus-locked; the alarm takes the same lock. */
#include "hw/timer/pl031.h"

#include "core/clock.h"
#include "core/notice.h"

enum {
    DR = 0x00,
    MR = 0x04,
    LR = 0x08,
    CR = 0x0c,
    IMSC = 0x10,
    RIS = 0x14,
    MIS = 0x18,
    ICR = 0x1c,
};

typedef struct {
    Device dev;
    uint32_t mr, lr, cr, imsc, ris;
    uint32_t ids[PRIMECELL_N_IDS];
    uint32_t offset; /* guest's time of day minus the host's, seconds */
    IrqLine irq;
    Timer alarm;
} Pl031;

static uint32_t now(const Pl031 *rtc)
{
    return (uint32_t)(clock_wall_ns() / NS_PER_SECOND) + rtc->offset;
}

/* The only place that drives the line. */
static void update(Pl031 *rtc)
{
    irq_set(&rtc->irq, rtc->ris & rtc->imsc & 1);
}

/* When the count, which wraps, next equals the match register. */
static void arm(Pl031 *rtc)
{
    uint32_t wait = rtc->mr - now(rtc);
    int64_t part = clock_wall_ns() % NS_PER_SECOND;

    timer_cancel(&rtc->alarm);
    if (wait == 0) {
        rtc->ris = 1;
        update(rtc);
        return;
    }
    timer_arm(&rtc->alarm, clock_now_ns() + wait * NS_PER_SECOND - part);
}

static void on_alarm(void *opaque)
{
    Pl031 *rtc = opaque;

    device_lock(&rtc->dev);
    /* The host's time of day may have been set: late is as good as on time,
     * early means to wait again. */
    if ((int32_t)(now(rtc) - rtc->mr) >= 0) {
        rtc->ris = 1;
        update(rtc);
    } else {
        arm(rtc);
    }
    device_unlock(&rtc->dev);
}

static uint64_t read_dr(Device *dev)
{
    return now((Pl031 *)dev);
}

static void wrote_mr(Device *dev, uint64_t value)
{
    arm((Pl031 *)dev);
}

static void wrote_lr(Device *dev, uint64_t value)
{
    Pl031 *rtc = (Pl031 *)dev;

    rtc->offset += rtc->lr - now(rtc);
    notice_post(NOTICE_RTC, dev, (uint64_t)(int32_t)rtc->offset);
    arm(rtc);
}

static void wrote_imsc(Device *dev, uint64_t value)
{
    update((Pl031 *)dev);
}

static uint64_t read_mis(Device *dev)
{
    const Pl031 *rtc = (const Pl031 *)dev;

    return rtc->ris & rtc->imsc;
}

static void wrote_icr(Device *dev, uint64_t value)
{
    Pl031 *rtc = (Pl031 *)dev;

    if (value & 1) {
        rtc->ris = 0;
        update(rtc);
    }
}

#define FIELD(member) offsetof(Pl031, member)
#define ALL           UINT32_MAX

/* clang-format off */
static const RegDesc regs[] = {
    /* offset name    field        reset write w1c hooks */
    { DR,     "dr",   NO_FIELD,    0, 0,   0, .read = read_dr },
    { MR,     "mr",   FIELD(mr),   0, ALL, 0, .wrote = wrote_mr },
    { LR,     "lr",   FIELD(lr),   0, ALL, 0, .wrote = wrote_lr },
    { CR,     "cr",   FIELD(cr),   1, 0,   0 }, /* it never stops */
    { IMSC,   "imsc", FIELD(imsc), 0, 1,   0, .wrote = wrote_imsc },
    { RIS,    "ris",  FIELD(ris),  0, 0,   0 },
    { MIS,    "mis",  NO_FIELD,    0, 0,   0, .read = read_mis },
    { ICR,    "icr",  NO_FIELD,    0, 0,   0, .wrote = wrote_icr },
    PRIMECELL_REGS(Pl031, ids, 0x031, 1),
};
/* clang-format on */

static const StateField state[] = {
    STATE_U(Pl031, offset),
    STATE_LAST,
};

void pl031_connect(Device *dev, IrqLine irq)
{
    ((Pl031 *)dev)->irq = irq;
}

static bool start(Device *dev, GError **error)
{
    Pl031 *rtc = (Pl031 *)dev;

    timer_init(&rtc->alarm, on_alarm, rtc);
    return true;
}

/* The time goes on over a reset: a battery keeps it. */
static void reset(Device *dev)
{
    Pl031 *rtc = (Pl031 *)dev;

    timer_cancel(&rtc->alarm);
    update(rtc);
}

static bool loaded(Device *dev, GError **error)
{
    Pl031 *rtc = (Pl031 *)dev;

    if (rtc->mr != 0 && rtc->ris == 0) {
        arm(rtc);
    }
    update(rtc);
    return true;
}

static void stop(Device *dev)
{
    timer_cancel(&((Pl031 *)dev)->alarm);
}

const DeviceClass pl031_class = {
    .name = "pl031",
    .help = "PrimeCell real-time clock",
    .compatible = "arm,pl031",
    .size = sizeof(Pl031),
    .access = ACCESS_32,
    .regs = regs,
    .n_regs = G_N_ELEMENTS(regs),
    .state = state,
    .start = start,
    .reset = reset,
    .loaded = loaded,
    .stop = stop,
};
