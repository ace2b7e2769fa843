/* SPDX-License-Identifier: GPL-2.0-or-later */
/* engine/attach.h - a container's terminal or streams, joined with ours over
 * its attach socket (SOCK_SEQPACKET): one byte says what a message is.
 * Threads: one; blocks until it is over. */
#ifndef CUTTLE_ENGINE_ATTACH_H
#define CUTTLE_ENGINE_ATTACH_H

#include "engine/record.h"

enum {
    ATTACH_MAX = 32768, /* bytes of a message */
    /* from the monitor */
    ATTACH_OUT = 'o',
    ATTACH_ERR = 'e',
    ATTACH_EXIT = 'x', /* the status as decimal digits; the last message */
    /* to the monitor */
    ATTACH_IN = 'i',
    ATTACH_END = 'c',  /* no more input */
    ATTACH_SIZE = 'w', /* "ROWS COLUMNS" */
};

/* Connects; -1 with an error. */
int attach_connect(Engine *e, const Record *r, GError **error);
/* Sends what is typed if input is set, prints what comes. Signals are passed
 * on by pass (NULL: they are ours). Its exit status; -1: detached, or the
 * monitor ended without one. */
typedef void AttachSignal(void *opaque, int signal);
int attach_run(int socket, const Record *r, bool input, AttachSignal *pass,
               void *opaque);

#endif
