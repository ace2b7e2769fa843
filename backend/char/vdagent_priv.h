/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/char/vdagent_priv.h - what the host says to SPICE's agent in the
 * guest, and makes of its answers: bytes in, bytes out.
 * Threads: event loop. Lifetime: the machine's clipboard, input devices and
 * screens outlive it. */
#ifndef CUTTLE_BACKEND_CHAR_VDAGENT_PRIV_H
#define CUTTLE_BACKEND_CHAR_VDAGENT_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/backends.h"

typedef struct Vdagent Vdagent;

/* mouse, clipboard: what the agent is used for. ready(opaque): there is
 * something to peek at; it must not call back. */
Vdagent *vdagent_new(const Backends *b, bool mouse, bool clipboard,
                     void (*ready)(void *opaque), void *opaque);
void vdagent_free(Vdagent *a);

/* The agent came, or went. */
void vdagent_open(Vdagent *a, bool open);
/* Bytes of the guest. */
void vdagent_take(Vdagent *a, const uint8_t *bytes, size_t len);
/* Bytes for the guest, made when they are asked for; NULL: there are none. */
const uint8_t *vdagent_peek(Vdagent *a, size_t *len);
/* The first n are gone. */
void vdagent_skip(Vdagent *a, size_t n);

#endif
