/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/out-queue.h - bytes on their way to a descriptor that may be slow.
 * What the descriptor takes now is written by the caller's thread; the rest
 * waits here and the event loop sends it on. A full queue makes the writer
 * wait a moment, once: a slow peer loses nothing, a stuck one stops no vCPU.
 * Threads: out_queue_write from any thread; the others on the event loop's.
 * Lifetime: lives in its owner; borrows the descriptor. */
#ifndef CUTTLE_BACKEND_OUT_QUEUE_H
#define CUTTLE_BACKEND_OUT_QUEUE_H

#include <stddef.h>
#include <stdint.h>

#include "backend/watch.h"

typedef struct {
    GMutex lock;
    int fd;             /* -1: nobody there, bytes are dropped; lock */
    GByteArray *queued; /* lock */
    size_t sent;        /* bytes of queued that are gone; lock */
    size_t limit;
    bool gathers; /* by out_queue_gather */
    bool stuck;   /* waited in vain since bytes last moved; lock */
    bool regular; /* a plain file: always takes bytes, poll is no use; lock */
    Watch *watch; /* of fd, for G_IO_OUT; lock */
} OutQueue;

void out_queue_init(OutQueue *q, size_t limit);
void out_queue_finish(OutQueue *q); /* zero-safe */

/* Whereto from now on; what the old descriptor did not take is dropped. */
void out_queue_set_fd(OutQueue *q, int fd);

/* From now on nothing is sent on the caller's thread: for writers of single
 * bytes to a reader in this process, where each would be a system call and a
 * wake-up. Before the first write. */
void out_queue_gather(OutQueue *q);

/* Returns how many bytes were taken: fewer than len only if the queue is full.
 * All are taken (and lost) if nobody is there. */
size_t out_queue_write(OutQueue *q, const uint8_t *bytes, size_t len);

/* Takes all of it or, if that does not fit, nothing. Never waits. */
bool out_queue_write_whole(OutQueue *q, const uint8_t *bytes, size_t len);

/* Waits up to ms until the queue is empty; for shutting down. */
void out_queue_drain(OutQueue *q, int ms);

#endif
