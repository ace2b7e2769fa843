/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/timer/goldfish-rtc.c - nanoseconds since 1970 and one alarm.
 * Spec: the Android emulator's goldfish virtual hardware, "RTC".
 * Time is the host's plus what the guest set; the alarm is a timer on guest
 * time, so it waits while the machine is paused and then is late, as a real
 * one would be after a suspend.
 * Threads: bus-locked; the alarm takes the same lock. */
#include "hw/timer/goldfish-rtc.h"

#include "core/clock.h"
#include "core/notice.h"
#include "util/bits.h"

enum {
    TIME_LOW = 0x00, /* reading it latches TIME_HIGH */
    TIME_HIGH = 0x04,
    ALARM_LOW = 0x08, /* writing it arms */
    ALARM_HIGH = 0x0c,
    IRQ_ENABLED = 0x10,
    CLEAR_ALARM = 0x14,
    ALARM_STATUS = 0x18,
    CLEAR_INTERRUPT = 0x1c,
};

typedef struct {
    Device dev;
    uint32_t time_high; /* as latched by the last read of TIME_LOW */
    uint32_t alarm_low, alarm_high;
    uint32_t irq_enabled;
    uint32_t alarm_running;
    uint32_t irq_pending;
    uint64_t deadline; /* time of day of the running alarm, ns */
    uint64_t offset;   /* guest's time of day minus the host's, ns */
    IrqLine irq;
    Timer alarm;
} GoldfishRtc;

static uint64_t now(const GoldfishRtc *rtc)
{
    return (uint64_t)clock_wall_ns() + rtc->offset;
}

/* The only place that drives the line. */
static void update(GoldfishRtc *rtc)
{
    irq_set(&rtc->irq, rtc->irq_pending && rtc->irq_enabled);
}

/* Lets the alarm ring now or later, if it runs. */
static void rearm(GoldfishRtc *rtc)
{
    int64_t wait = (int64_t)(rtc->deadline - now(rtc));
    int64_t at;

    timer_cancel(&rtc->alarm);
    if (!rtc->alarm_running) {
        return;
    }
    if (rtc->deadline <= now(rtc)) {
        rtc->alarm_running = 0;
        rtc->irq_pending = 1;
        update(rtc);
    } else if (wait > 0 && !__builtin_add_overflow(clock_now_ns(), wait, &at)) {
        timer_arm(&rtc->alarm, at);
    }
}

static void on_alarm(void *opaque)
{
    GoldfishRtc *rtc = opaque;

    device_lock(&rtc->dev);
    rearm(rtc); /* the host's time of day may have been set back */
    device_unlock(&rtc->dev);
}

static uint64_t read_time_low(Device *dev)
{
    GoldfishRtc *rtc = (GoldfishRtc *)dev;
    uint64_t t = now(rtc);

    rtc->time_high = (uint32_t)(t >> 32);
    return (uint32_t)t;
}

static void set_time(GoldfishRtc *rtc, unsigned lo, uint64_t half)
{
    uint64_t t = now(rtc);

    rtc->offset += bits_set(t, lo, 32, half) - t;
    rearm(rtc);
}

/* The half that drivers write last. */
static void wrote_time_low(Device *dev, uint64_t value)
{
    GoldfishRtc *rtc = (GoldfishRtc *)dev;

    set_time(rtc, 0, value);
    notice_post(NOTICE_RTC, dev,
                now(rtc) / NS_PER_SECOND -
                    (uint64_t)(clock_wall_ns() / NS_PER_SECOND));
}

static void wrote_time_high(Device *dev, uint64_t value)
{
    set_time((GoldfishRtc *)dev, 32, value);
}

static void wrote_alarm_low(Device *dev, uint64_t value)
{
    GoldfishRtc *rtc = (GoldfishRtc *)dev;

    rtc->deadline = (uint64_t)rtc->alarm_high << 32 | rtc->alarm_low;
    rtc->alarm_running = 1;
    rearm(rtc);
}

static void wrote_irq_enabled(Device *dev, uint64_t value)
{
    update((GoldfishRtc *)dev);
}

static void wrote_clear_alarm(Device *dev, uint64_t value)
{
    GoldfishRtc *rtc = (GoldfishRtc *)dev;

    rtc->alarm_running = 0;
    timer_cancel(&rtc->alarm);
}

static void wrote_clear_interrupt(Device *dev, uint64_t value)
{
    GoldfishRtc *rtc = (GoldfishRtc *)dev;

    rtc->irq_pending = 0;
    update(rtc);
}

#define FIELD(member) offsetof(GoldfishRtc, member)
#define ALL           UINT32_MAX

/* clang-format off */
static const RegDesc regs[] = {
    /* offset         name             field                reset write w1c hooks */
    { TIME_LOW,        "time_low",        NO_FIELD,             0, 0,   0, .read = read_time_low, .wrote = wrote_time_low },
    { TIME_HIGH,       "time_high",       FIELD(time_high),     0, 0,   0, .wrote = wrote_time_high },
    { ALARM_LOW,       "alarm_low",       FIELD(alarm_low),     0, ALL, 0, .wrote = wrote_alarm_low },
    { ALARM_HIGH,      "alarm_high",      FIELD(alarm_high),    0, ALL, 0 },
    { IRQ_ENABLED,     "irq_enabled",     FIELD(irq_enabled),   0, 1,   0, .wrote = wrote_irq_enabled },
    { CLEAR_ALARM,     "clear_alarm",     NO_FIELD,             0, 0,   0, .wrote = wrote_clear_alarm },
    { ALARM_STATUS,    "alarm_status",    FIELD(alarm_running), 0, 0,   0 },
    { CLEAR_INTERRUPT, "clear_interrupt", NO_FIELD,             0, 0,   0, .wrote = wrote_clear_interrupt },
};
/* clang-format on */

static const StateField state[] = {
    STATE_U(GoldfishRtc, irq_pending),
    STATE_U(GoldfishRtc, deadline),
    STATE_U(GoldfishRtc, offset),
    STATE_LAST,
};

void goldfish_rtc_connect(Device *dev, IrqLine irq)
{
    ((GoldfishRtc *)dev)->irq = irq;
}

static bool start(Device *dev, GError **error)
{
    GoldfishRtc *rtc = (GoldfishRtc *)dev;

    timer_init(&rtc->alarm, on_alarm, rtc);
    return true;
}

/* The time goes on over a reset: a battery keeps it. */
static void reset(Device *dev)
{
    GoldfishRtc *rtc = (GoldfishRtc *)dev;

    rtc->irq_pending = 0;
    timer_cancel(&rtc->alarm);
    update(rtc);
}

static bool loaded(Device *dev, GError **error)
{
    GoldfishRtc *rtc = (GoldfishRtc *)dev;

    rearm(rtc);
    update(rtc);
    return true;
}

static void stop(Device *dev)
{
    timer_cancel(&((GoldfishRtc *)dev)->alarm);
}

const DeviceClass goldfish_rtc_class = {
    .name = "goldfish_rtc",
    .help = "Goldfish real-time clock",
    .compatible = "google,goldfish-rtc",
    .size = sizeof(GoldfishRtc),
    .access = ACCESS_32,
    .regs = regs,
    .n_regs = G_N_ELEMENTS(regs),
    .state = state,
    .start = start,
    .reset = reset,
    .loaded = loaded,
    .stop = stop,
};
