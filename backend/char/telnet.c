/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/char/telnet.c - see telnet_priv.h. */
#include <glib.h>

#include "backend/char/telnet_priv.h"

enum {
    OPT_BINARY = 0,
    OPT_ECHO = 1,
    OPT_NO_GO_AHEAD = 3,
    SE = 240,
    BRK = 243,
    SB = 250,
    WILL = 251,
    DO = 253,
    DONT = 254,
};

/* We echo, send and take 8 bits, and want a character at a time. */
const uint8_t telnet_greeting[12] = {
    TELNET_IAC, WILL, OPT_ECHO,   TELNET_IAC, WILL, OPT_NO_GO_AHEAD,
    TELNET_IAC, WILL, OPT_BINARY, TELNET_IAC, DO,   OPT_BINARY,
};

/* The byte behind IAC; true if it stands for itself. */
static bool command(Telnet *t, uint8_t b, bool *brk)
{
    t->state = TELNET_DATA;
    if (b == TELNET_IAC) {
        return true;
    }
    if (b >= WILL && b <= DONT) {
        t->state = TELNET_OPTION;
    } else if (b == SB) {
        t->state = TELNET_SUB;
    } else if (b == BRK) {
        *brk = true;
    }
    return false;
}

/* One byte from the peer; true if it is data. */
static bool step(Telnet *t, uint8_t b, bool *brk)
{
    switch (t->state) {
    case TELNET_AFTER_CR:
        t->state = TELNET_DATA;
        if (b == 0) {
            return false; /* CR NUL is a lone carriage return (RFC 854) */
        }
        G_GNUC_FALLTHROUGH;
    case TELNET_DATA:
        if (b == TELNET_IAC) {
            t->state = TELNET_COMMAND;
            return false;
        }
        if (b == '\r') {
            t->state = TELNET_AFTER_CR;
        }
        return true;
    case TELNET_COMMAND:
        return command(t, b, brk);
    case TELNET_OPTION:
        t->state = TELNET_DATA;
        return false;
    case TELNET_SUB:
        if (b == TELNET_IAC) {
            t->state = TELNET_SUB_COMMAND;
        }
        return false;
    case TELNET_SUB_COMMAND:
        t->state = b == SE ? TELNET_DATA : TELNET_SUB;
        return false;
    }
    return false;
}

size_t telnet_decode(Telnet *t, uint8_t *bytes, size_t len, bool *brk)
{
    size_t kept = 0;

    for (size_t i = 0; i < len; i++) {
        if (step(t, bytes[i], brk)) {
            bytes[kept++] = bytes[i];
        }
    }
    return kept;
}
