/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/debug.h - where and why a vCPU stops: the words that a debugger outside,
 * an architecture's own breakpoints and the accelerator share.
 * A point is a range of virtual addresses, in whichever address space is
 * current. Points cost nothing while they are not met, but that accesses to a
 * page with a watched range take the slow path.
 * Threads: see VcpuEngine in core/vcpu.h.
 * Lifetime: points are copied; a VcpuDebugger outlives the vCPU or is taken
 * away while the vCPU is held. */
#ifndef CUTTLE_CORE_DEBUG_H
#define CUTTLE_CORE_DEBUG_H

#include "core/types.h"

struct Vcpu;

/* Whose points: each owner has a list of its own per vCPU. */
typedef enum {
    DEBUG_OUTSIDE, /* a debugger's: the vCPU stops */
    DEBUG_GUEST,   /* the guest's: Target.debug_hit decides */
    DEBUG_N_OWNERS,
} DebugOwner;

/* What meets a point; kinds are or-ed. */
enum { DEBUG_EXEC = 1, DEBUG_READ = 2, DEBUG_WRITE = 4 };

typedef struct {
    Gva first, last; /* DEBUG_EXEC: first byte of an instruction only */
    unsigned kinds;
} DebugPoint;

/* How a held vCPU goes on. */
enum {
    DEBUG_STEP = 1,        /* stop after one instruction */
    DEBUG_STEP_NO_IRQ = 2, /* and take no interrupt before it */
};

/* All are reported before the instruction at pc has done anything. */
typedef enum {
    DEBUG_STOP_POINT, /* an instruction at a point of kind DEBUG_EXEC */
    DEBUG_STOP_WATCH, /* an access would meet a point */
    DEBUG_STOP_STEP,  /* a step is over */
} DebugStopKind;

typedef struct {
    DebugStopKind kind;
    Gva va;         /* WATCH: the first watched byte of the access */
    unsigned kinds; /* WATCH: the point's */
} DebugStop;

/* A call of the host that a debugger makes for the program on a vCPU (gdb's
 * "File-I/O"). Who asks sets text and bytes, and new. */
enum {
    DEBUG_CALL_BASE = 0x1000, /* where the debugger finds bytes */
    DEBUG_CALL_BYTES = 8192,
    DEBUG_CALL_TEXT = 64,
};

typedef enum {
    DEBUG_CALL_NEW,
    DEBUG_CALL_ASKED, /* on the way: the debugger's */
    DEBUG_CALL_SENT,  /* likewise, and it knows */
    DEBUG_CALL_DONE,
} DebugCallState;

typedef struct {
    char text[DEBUG_CALL_TEXT];      /* "close,3": numbers are hexadecimal */
    uint8_t bytes[DEBUG_CALL_BYTES]; /* strings, what is written or read */
    int64_t result;                  /* DONE */
    int error;                       /* DONE, result is -1: the protocol's */
    _Atomic DebugCallState state;
} DebugCall;

typedef struct {
    /* v has stopped and is held. On its own thread, with no lock held. */
    void (*stopped)(void *opaque, struct Vcpu *v, const DebugStop *stop);
    /* Whether v is to stop for the DEBUG_OUTSIDE point at pc. On its own
     * thread, before it has stopped. NULL: always. */
    bool (*wants)(void *opaque, struct Vcpu *v, Gva pc);
    /* Whether somebody makes calls now. On v's thread, as the next. */
    bool (*takes_calls)(void *opaque);
    /* One step on with the call: nothing from NEW to DONE, unless the
     * debugger was quick. Until then v is held; when it is let go, call again
     * with the same. False: NEW, and nobody takes it. */
    bool (*call)(void *opaque, struct Vcpu *v, DebugCall *call);
    void *opaque;
} VcpuDebugger;

#endif
