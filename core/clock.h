/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/clock.h - guest time and alarms on it.
 * Guest time is nanoseconds since the machine first ran; it stands still
 * while the machine is paused, and at 0 before the first clock_resume. Real
 * time of day is for RTC devices only. Threads: every function may be called
 * from any thread. Callbacks run on the event loop's thread with no lock held;
 * a device's callback takes the device's lock first (device_lock). Lifetime: a
 * Timer lives in its owner, which cancels it before it dies. */
#ifndef CUTTLE_CORE_CLOCK_H
#define CUTTLE_CORE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define NS_PER_SECOND INT64_C(1000000000)

int64_t clock_now_ns(void);

/* Time of day in ns since 1970 UTC, moved by the -rtc base. */
int64_t clock_wall_ns(void);
void clock_set_wall_base(int64_t ns_since_1970);

/* Stop and start guest time; nested calls do not count. */
void clock_pause(void);
void clock_resume(void);

/* For restoring a saved machine: makes clock_now_ns return ns now. */
void clock_set_now(int64_t ns);

typedef void TimerFn(void *opaque);

typedef struct {
    TimerFn *fn;
    void *opaque;
    int64_t deadline_ns; /* guest time; under the clock's lock */
    unsigned heap_index; /* 0: not armed */
} Timer;

void timer_init(Timer *t, TimerFn *fn, void *opaque);

/* Runs fn once when guest time reaches deadline_ns (at once if it has).
 * Re-arming replaces the deadline. Cheap enough for a guest's every tick: it
 * costs a system call only when the deadline becomes the earliest one. */
void timer_arm(Timer *t, int64_t deadline_ns);

/* After this returns fn is not started any more; a run under way on the event
 * loop may still finish. */
void timer_cancel(Timer *t);

bool timer_is_armed(const Timer *t);

#endif
