/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/clock.c - guest time over the host's monotonic clock, and its alarms:
 * a binary heap of timers and one timerfd on the event loop.
 * The timerfd may be set to an earlier time than the first deadline (a timer
 * was moved back): it then fires for nothing and is set again. That is what
 * makes re-arming cheap.
 * Threads: lock guards the heap and the timerfd; the time itself is read
 * without it, under a sequence lock. */
#include "core/clock.h"

#include <errno.h>
#include <glib-unix.h>
#include <stdatomic.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "core/trace.h"

static GMutex lock;

/* Guest time is host time - shift while it runs, else frozen. Written under
 * lock; sequence is odd meanwhile. */
static _Atomic unsigned sequence;
static _Atomic bool running;
static _Atomic int64_t shift;
static _Atomic int64_t frozen;

static _Atomic int64_t wall_shift; /* added to the host's time of day */

/* Under lock. */
static GPtrArray *heap; /* of Timer; [0] stays empty */
static int timer_fd = -1;
static int64_t programmed = INT64_MAX; /* guest time the fd is set to */

static int64_t host_ns(clockid_t id)
{
    struct timespec t;

    clock_gettime(id, &t);
    return t.tv_sec * NS_PER_SECOND + t.tv_nsec;
}

#define GET(v)    atomic_load_explicit(&(v), memory_order_acquire)
#define PUT(v, x) atomic_store_explicit(&(v), x, memory_order_release)

int64_t clock_now_ns(void)
{
    for (;;) {
        unsigned before = GET(sequence);
        int64_t now =
            GET(running) ? host_ns(CLOCK_MONOTONIC) - GET(shift) : GET(frozen);

        if ((before & 1) == 0 &&
            atomic_load_explicit(&sequence, memory_order_relaxed) == before) {
            return now;
        }
    }
}

int64_t clock_wall_ns(void)
{
    return host_ns(CLOCK_REALTIME) + atomic_load(&wall_shift);
}

void clock_set_wall_base(int64_t ns_since_1970)
{
    atomic_store(&wall_shift, ns_since_1970 - host_ns(CLOCK_REALTIME));
}

/* --- the timerfd --- */

/* When the host's clock reads what the guest's does at deadline; 0, which
 * disarms the fd, when that is three hundred years away. */
static int64_t host_deadline(int64_t deadline)
{
    int64_t at;

    if (__builtin_add_overflow(deadline, shift, &at)) {
        return deadline > 0 ? 0 : 1;
    }
    return deadline == INT64_MAX ? 0 : MAX(at, 1);
}

static void set_fd_locked(int64_t deadline)
{
    int64_t at = host_deadline(deadline);
    struct itimerspec spec = {.it_value = {.tv_sec = at / NS_PER_SECOND,
                                           .tv_nsec = at % NS_PER_SECOND}};

    programmed = deadline;
    timerfd_settime(timer_fd, TFD_TIMER_ABSTIME, &spec, NULL);
}

static int64_t first_deadline_locked(void)
{
    Timer *first;

    if (heap->len < 2) {
        return INT64_MAX;
    }
    first = g_ptr_array_index(heap, 1);
    return first->deadline_ns;
}

/* Makes the fd fire in time for the first deadline. */
static void program_locked(bool always)
{
    int64_t first = first_deadline_locked();

    if (running && (always || first < programmed)) {
        set_fd_locked(first);
    }
}

/* --- the heap --- */

static Timer *at(unsigned i)
{
    return g_ptr_array_index(heap, i);
}

static void place(unsigned i, Timer *t)
{
    g_ptr_array_index(heap, i) = t;
    t->heap_index = i;
}

static void sift_up(unsigned i, Timer *t)
{
    while (i > 1 && at(i / 2)->deadline_ns > t->deadline_ns) {
        place(i, at(i / 2));
        i /= 2;
    }
    place(i, t);
}

static void sift_down(unsigned i, Timer *t)
{
    for (;;) {
        unsigned child = 2 * i;

        if (child >= heap->len) {
            break;
        }
        if (child + 1 < heap->len &&
            at(child + 1)->deadline_ns < at(child)->deadline_ns) {
            child++;
        }
        if (at(child)->deadline_ns >= t->deadline_ns) {
            break;
        }
        place(i, at(child));
        i = child;
    }
    place(i, t);
}

/* Puts t where it belongs, starting at position i. */
static void settle(unsigned i, Timer *t)
{
    sift_up(i, t);
    sift_down(t->heap_index, t);
}

static void heap_add(Timer *t)
{
    g_ptr_array_add(heap, t);
    sift_up(heap->len - 1, t);
}

static void heap_remove(Timer *t)
{
    unsigned i = t->heap_index;
    Timer *last = at(heap->len - 1);

    g_ptr_array_set_size(heap, (int)heap->len - 1);
    t->heap_index = 0;
    if (last != t) {
        settle(i, last);
    }
}

/* --- running what is due --- */

/* Takes the first timer if it is due; its function and argument are copied,
 * for the owner may free it once the lock is gone. */
static bool take_due(int64_t now, Timer *copy)
{
    Timer *t = NULL;
    bool due;

    g_mutex_lock(&lock);
    due = running && first_deadline_locked() <= now;
    if (due) {
        t = at(1);
        *copy = *t;
        heap_remove(t);
    }
    g_mutex_unlock(&lock);
    if (due) {
        trace(timer_fire, (uintptr_t)t, now - copy->deadline_ns);
    }
    return due;
}

/* Timers that re-arm themselves in the past get their turn in the next round
 * of the loop, so the rest of it is not starved. */
static gboolean on_timer_fd(int fd, GIOCondition condition, void *opaque)
{
    int64_t now = clock_now_ns();
    uint64_t expirations;
    unsigned budget;
    Timer t;

    while (read(fd, &expirations, sizeof(expirations)) < 0 && errno == EINTR) {
    }
    g_mutex_lock(&lock);
    programmed = INT64_MAX;
    budget = heap->len;
    g_mutex_unlock(&lock);
    while (budget-- > 0 && take_due(now, &t)) {
        t.fn(t.opaque);
    }
    g_mutex_lock(&lock);
    program_locked(true);
    g_mutex_unlock(&lock);
    return G_SOURCE_CONTINUE;
}

static void init_locked(void)
{
    if (heap != NULL) {
        return;
    }
    heap = g_ptr_array_new();
    g_ptr_array_add(heap, NULL);
    timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (timer_fd < 0) {
        g_error("timerfd: %s", g_strerror(errno));
    }
    g_unix_fd_add(timer_fd, G_IO_IN, on_timer_fd, NULL);
}

/* --- stopping and starting --- */

static void change_begin(void)
{
    g_mutex_lock(&lock);
    init_locked();
    atomic_fetch_add(&sequence, 1);
}

static void change_end(void)
{
    atomic_fetch_add(&sequence, 1);
    program_locked(true);
    g_mutex_unlock(&lock);
}

void clock_pause(void)
{
    change_begin();
    if (running) {
        PUT(frozen, host_ns(CLOCK_MONOTONIC) - shift);
        PUT(running, false);
        set_fd_locked(INT64_MAX);
    }
    change_end();
}

void clock_resume(void)
{
    change_begin();
    if (!running) {
        PUT(shift, host_ns(CLOCK_MONOTONIC) - frozen);
        PUT(running, true);
    }
    change_end();
}

void clock_set_now(int64_t ns)
{
    change_begin();
    PUT(frozen, ns);
    PUT(shift, host_ns(CLOCK_MONOTONIC) - ns);
    change_end();
}

/* --- timers --- */

void timer_init(Timer *t, TimerFn *fn, void *opaque)
{
    *t = (Timer){.fn = fn, .opaque = opaque};
}

void timer_arm(Timer *t, int64_t deadline_ns)
{
    trace(timer_arm, (uintptr_t)t, deadline_ns);
    g_mutex_lock(&lock);
    init_locked();
    t->deadline_ns = deadline_ns;
    if (t->heap_index != 0) {
        settle(t->heap_index, t);
    } else {
        heap_add(t);
    }
    program_locked(false);
    g_mutex_unlock(&lock);
}

void timer_cancel(Timer *t)
{
    bool armed;

    g_mutex_lock(&lock);
    armed = t->heap_index != 0;
    if (armed) {
        heap_remove(t);
    }
    g_mutex_unlock(&lock);
    if (armed) {
        trace(timer_cancel, (uintptr_t)t);
    }
}

bool timer_is_armed(const Timer *t)
{
    bool armed;

    g_mutex_lock(&lock);
    armed = t->heap_index != 0;
    g_mutex_unlock(&lock);
    return armed;
}
