/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/channel.h - what the runtime and the process that becomes the
 * container say to each other: short messages, each with a descriptor or none,
 * over a SOCK_SEQPACKET pair. The other side's end reads as an error, so
 * neither outlives the other in a wait.
 * Threads: one side, one thread. */
#ifndef CUTTLE_CONTAINER_CHANNEL_H
#define CUTTLE_CONTAINER_CHANNEL_H

#include <gio/gio.h>
#include <stdbool.h>

typedef enum {
    MESSAGE_PID,     /* number: the container's process, seen from outside */
    MESSAGE_MAPS,    /* the user namespace is there: write its maps */
    MESSAGE_GO,      /* the answer to MAPS and HOOKS */
    MESSAGE_MOUNT,   /* number: make this mount's tree outside; the answer
                        carries it */
    MESSAGE_HOOKS,   /* before pivot_root: run createRuntime */
    MESSAGE_CONSOLE, /* carries the terminal's master */
    MESSAGE_SECCOMP, /* carries the notification descriptor */
    MESSAGE_READY,   /* all is set up */
    MESSAGE_WARNING, /* text */
    MESSAGE_ERROR,   /* text; the sender ends */
    N_MESSAGES,
} MessageKind;

typedef struct {
    MessageKind kind;
    int64_t number;
    int fd; /* -1: none; the receiver owns it */
    char text[2048];
} Message;

bool channel_pair(int out[2], GError **error);
/* text may be NULL; fd -1. */
bool channel_send(int channel, MessageKind kind, int64_t number,
                  const char *text, int fd, GError **error);
/* False with G_IO_ERROR_CLOSED at the other side's end. An ERROR message is an
 * error with its text. */
bool channel_receive(int channel, Message *out, GError **error);
/* Receives, and any kind but the one that is wanted is an error. */
bool channel_expect(int channel, MessageKind kind, Message *out,
                    GError **error);

#endif
