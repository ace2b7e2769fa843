/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/instrument.h - what somebody outside hangs on guest code while it is
 * translated, and what vCPUs tell of their lives. Without any, translated code
 * is what it is without this header.
 * A counter is a 64-bit number of each vCPU; code adds to it in line. A call is
 * made on the vCPU's own thread.
 * Threads: translated under the translator's lock, on any vCPU's thread.
 * Lifetime: set before vCPUs start; all of it outlives them. */
#ifndef CUTTLE_CORE_INSTRUMENT_H
#define CUTTLE_CORE_INSTRUMENT_H

#include <glib.h>
#include <stdbool.h>

#include "core/types.h"

struct Vcpu;

enum { INSTRUMENT_COUNTERS = 1 << 22 }; /* what a vCPU has */

/* What is done each time: call, or if that is NULL, n is added to a counter. A
 * list's entries are in order of insn; of one insn, in the order done. */
typedef struct {
    unsigned insn; /* before which of the block's; the first: at its start */
    void (*call)(unsigned vcpu, void *data);
    void *data;
    uint32_t counter;
    uint16_t n;
    bool exact; /* call may look at registers */
} InstrumentStep;

/* Bits of an access' info, beside the log2 of its size. */
enum {
    INSTRUMENT_SIZE = 7,
    INSTRUMENT_STORE = 8,
    INSTRUMENT_NO_VALUE = 16, /* what was moved is not told */
};

enum { INSTRUMENT_LOADS = 1, INSTRUMENT_STORES = 2 };

/* The same after each access that the instruction has made. value: what was
 * moved, lowest half first; zero above. */
typedef struct {
    unsigned insn;
    unsigned kinds; /* INSTRUMENT_LOADS | INSTRUMENT_STORES */
    void (*call)(unsigned vcpu, uint32_t info, Gva va, const uint64_t value[2],
                 void *data);
    void *data;
    uint32_t counter;
    uint16_t n;
    bool exact;
} InstrumentAccess;

typedef struct {
    Gva pc;
    const uint8_t *bytes;
    unsigned length;
} InstrumentInsn;

/* A block that was translated and is about to run, maybe often; it may also be
 * translated again. Each instruction may leave it. */
typedef struct {
    struct Vcpu *vcpu; /* that comes to it first: for what the guest is */
    Gpa gpa;
    const InstrumentInsn *insns;
    unsigned n_insns;
    GArray *steps;    /* of InstrumentStep: to be filled */
    GArray *accesses; /* of InstrumentAccess: to be filled */
} InstrumentBlock;

/* How control moves, other than by an instruction's own doing. */
typedef enum {
    VCPU_INTERRUPT,
    VCPU_EXCEPTION,
    VCPU_SYSTEM_CALL,    /* an exception: from the least privileged level */
    VCPU_RETURN_TO_USER, /* to that */
} VcpuMove;

/* The vCPU's own thread, with exact state; NULL: not asked for. */
typedef struct {
    void (*started)(void *opaque, struct Vcpu *v); /* its thread has */
    void (*ended)(void *opaque, struct Vcpu *v);
    void (*idle)(void *opaque, struct Vcpu *v); /* it waits for an interrupt */
    void (*resumed)(void *opaque, struct Vcpu *v);
    /* Right before a system call, and right after everything else; from: where
     * control was. */
    void (*moved)(void *opaque, struct Vcpu *v, VcpuMove how, Gva from);
} VcpuHooks;

typedef struct Instrumentation {
    void (*translated)(void *opaque, InstrumentBlock *b);
    VcpuHooks hooks;
    bool exact; /* somebody may look at registers */
    void *opaque;
} Instrumentation;

#endif
