/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/semihosting_priv.h - semihosting's parts: a call under way, the hosts
 * that files and commands may be of, and the console, which is a character
 * device, or this process's own streams.
 * Threads: a vCPU's, under semihosting's lock, except semihost_console_wait; a
 * device's input arrives on the event loop.
 * Lifetime: semihosting owns all; the console's device outlives it. */
#ifndef CUTTLE_MACHINE_SEMIHOSTING_PRIV_H
#define CUTTLE_MACHINE_SEMIHOSTING_PRIV_H

#include <sys/types.h>

#include "machine/semihosting.h"

typedef struct SemihostConsole SemihostConsole;

/* ---- calls and hosts ---- */

enum { SEMIHOST_MAX_PATH = 4096, SEMIHOST_N_MODES = 12 };

/* Why a call has no answer: it is made again. */
typedef enum {
    SEMIHOST_NO_WAIT,
    SEMIHOST_WAIT_CONSOLE, /* nothing was typed */
    SEMIHOST_WAIT_DEBUGGER,
} SemihostWait;

/* What a vCPU's call keeps from one attempt to the next. */
typedef struct {
    uint64_t op, param;
    uint64_t done; /* bytes of it that were read or written */
    bool stale;    /* call is of another, that nobody will make again */
    DebugCall call;
} SemihostPending;

/* One attempt. */
typedef struct {
    Semihosting *s;
    Vcpu *v;
    SemihostPending *pending;
    const struct SemihostHost *host;
    SemihostConsole *console;
    uint64_t op, param;
    unsigned width;
    uint64_t result;
    SemihostWait waits;
} SemihostCall;

typedef struct {
    const struct SemihostFileOps *ops; /* NULL: not open */
    int fd;                            /* the host's; of a console: a stream */
    uint64_t pos;                      /* in :semihosting-features */
} SemihostFile;

/* Like the host's calls of these names: -1 with errno; or with waits set. At
 * most DEBUG_CALL_BYTES are read or written. */
typedef struct SemihostFileOps {
    int64_t (*read)(SemihostCall *c, SemihostFile *f, uint8_t *bytes,
                    size_t len);
    int64_t (*write)(SemihostCall *c, SemihostFile *f, const uint8_t *bytes,
                     size_t len);
    int64_t (*seek)(SemihostCall *c, SemihostFile *f, uint64_t pos);
    int64_t (*size)(SemihostCall *c, SemihostFile *f);
    int64_t (*is_tty)(SemihostCall *c, SemihostFile *f);
    int64_t (*close)(SemihostCall *c, SemihostFile *f);
    bool first_is_enough; /* read: do not wait for the rest */
} SemihostFileOps;

/* mode: fopen's r, rb, r+, r+b, w ... a+b. */
typedef struct SemihostHost {
    const SemihostFileOps *file, *console;
    int64_t (*open)(SemihostCall *c, const char *name, unsigned mode);
    int64_t (*remove)(SemihostCall *c, const char *name);
    int64_t (*rename)(SemihostCall *c, const char *from, const char *to);
    int64_t (*system)(SemihostCall *c, const char *command);
    int64_t (*time)(SemihostCall *c); /* seconds since 1970 */
} SemihostHost;

extern const SemihostHost semihost_native, semihost_debugger;

/* Forgets what a debugger still has to say about another call; false: waits. */
bool semihost_debugger_settle(SemihostCall *c);

/* ---- console ---- */

/* c: NULL for the process's streams. */
SemihostConsole *semihost_console_new(CharDev *c, GError **error);
void semihost_console_free(SemihostConsole *s); /* NULL-safe */

/* How many bytes went; -1 with errno. fd: which of the process's streams. */
ssize_t semihost_console_write(SemihostConsole *s, int fd, const uint8_t *bytes,
                               size_t len);

/* Never blocks: -1 with errno EAGAIN when nothing was typed yet; 0: the end. */
ssize_t semihost_console_read(SemihostConsole *s, uint8_t *bytes, size_t len);

/* For some milliseconds, until there may be something to read. */
void semihost_console_wait(SemihostConsole *s);

#endif
