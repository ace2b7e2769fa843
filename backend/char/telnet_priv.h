/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/char/telnet_priv.h - the telnet protocol on a character device's
 * socket. Spec: RFC 854, 856 (binary), 857 (echo), 858 (no go-ahead).
 * Left out: answering the peer's offers; what we state up front is all we do.
 */
#ifndef CUTTLE_BACKEND_CHAR_TELNET_PRIV_H
#define CUTTLE_BACKEND_CHAR_TELNET_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    enum {
        TELNET_DATA,
        TELNET_COMMAND, /* behind IAC */
        TELNET_OPTION,  /* behind WILL, WONT, DO, DONT */
        TELNET_SUB,     /* between SB and IAC SE */
        TELNET_SUB_COMMAND,
        TELNET_AFTER_CR,
    } state;
} Telnet;

enum { TELNET_IAC = 255 };

/* What to send to a new peer. */
extern const uint8_t telnet_greeting[12];

/* Takes commands out of bytes, in place; the new length. *brk becomes true if
 * a break was among them. */
size_t telnet_decode(Telnet *t, uint8_t *bytes, size_t len, bool *brk);

#endif
