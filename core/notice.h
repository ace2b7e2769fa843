/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/notice.h - what a device tells those who look at the machine from
 * outside: news, not requests (core/loop.h).
 * Threads: notice_post from any thread, under any lock; the listener runs on
 * the event loop's thread with no lock held.
 * Lifetime: one listener a process, as there is one machine. */
#ifndef CUTTLE_CORE_NOTICE_H
#define CUTTLE_CORE_NOTICE_H

#include <stdint.h>

typedef struct Device Device;

typedef enum {
    NOTICE_BALLOON,      /* the guest has given back so many bytes of RAM */
    NOTICE_PANIC,        /* the guest's kernel has crashed */
    NOTICE_CRASH_LOADED, /* the same, and it will look after itself */
    NOTICE_WATCHDOG,     /* the guest has hung */
    NOTICE_RX_FILTER,    /* the guest set a network card's filter */
    NOTICE_RTC,          /* the guest set its clock: int64_t seconds ahead */
    NOTICE_N_KINDS,
} NoticeKind;

typedef void NoticeFn(void *opaque, NoticeKind kind, const Device *dev,
                      uint64_t value);

/* NULL: nobody listens. Main thread. */
void notice_listen(NoticeFn *fn, void *opaque);
/* Nobody hears of it any more once dev is freed. */
void notice_post(NoticeKind kind, const Device *dev, uint64_t value);
/* What is under way of dev is not delivered. Main thread. */
void notice_forget(const Device *dev);

#endif
