/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/gdb/packet.h - bytes of a connection to packets and back.
 * Spec: "GDB Remote Serial Protocol", Overview, Packet Acknowledgment,
 * Notification Packets, of the GDB manual.
 * Threads: none of its own; one user at a time.
 * Lifetime: init to finish. */
#ifndef CUTTLE_CONTROL_GDB_PACKET_H
#define CUTTLE_CONTROL_GDB_PACKET_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum { GDB_PACKET_MAX = 0x4000 }; /* bytes of a body that are taken */

typedef enum {
    GDB_IN_NONE,      /* all bytes were used, nothing is complete */
    GDB_IN_PACKET,    /* body has it, unescaped */
    GDB_IN_DAMAGED,   /* a packet with a wrong checksum */
    GDB_IN_TOO_LONG,  /* one longer than GDB_PACKET_MAX; body is empty */
    GDB_IN_ACK,       /* '+' */
    GDB_IN_NAK,       /* '-' */
    GDB_IN_INTERRUPT, /* Ctrl-C between packets */
} GdbIn;

typedef struct {
    GByteArray *body; /* always followed by a 0 that is not counted */
    unsigned state;
    uint8_t sum, said; /* checksum: of the bytes, as sent */
    bool escaped, overflow;
} GdbFramer;

void gdb_framer_init(GdbFramer *f);
void gdb_framer_finish(GdbFramer *f);
/* A new connection. */
void gdb_framer_reset(GdbFramer *f);

/* Takes bytes up to the first thing that is complete. Returns how many; what
 * is done with *what before the next call. */
size_t gdb_framer_feed(GdbFramer *f, const uint8_t *bytes, size_t len,
                       GdbIn *what);

/* Appends a packet with this body: '$', or '%' for a notification. Escapes, run
 * lengths and checksum are added. */
void gdb_packet_put(GByteArray *out, char lead, const void *body, size_t len);

/* Appends to a body: hexadecimal digits of bytes. */
void gdb_put_hex(GString *to, const void *bytes, size_t len);

/* Digits up to the first other character; moves *at. False: there are none, or
 * more than 64 bits. */
bool gdb_take_number(const char **at, uint64_t *value);
/* n bytes of two digits each; false: there are not so many. Moves *at. */
bool gdb_take_bytes(const char **at, uint8_t *to, size_t n);
/* The character; moves *at. */
bool gdb_take(const char **at, char c);

#endif
