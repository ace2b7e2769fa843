/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/vcpu.h - what a virtual CPU is to everybody who is not its target.
 * A target's CPU state struct starts with a Vcpu; the accelerator runs it and
 * the board wires it. Requests from outside are bits in kick: the owner looks
 * at them between blocks.
 * Threads: a vCPU's state belongs to its thread; the functions marked [any]
 * may be called from any thread.
 * Lifetime: the machine owns the vCPU; engine is the accelerator's. */
#ifndef CUTTLE_CORE_VCPU_H
#define CUTTLE_CORE_VCPU_H

#include <glib.h>
#include <stdatomic.h>

#include "core/bus.h"
#include "core/clock.h"
#include "core/cpu-regs.h"
#include "core/debug.h"
#include "core/instrument.h"
#include "core/irq.h"
#include "core/types.h"

typedef struct Vcpu Vcpu;

/* Reasons to leave generated code; any non-zero kick does. */
enum {
    KICK_IRQ = 1 << 0,   /* irq_lines changed: the target looks */
    KICK_PAUSE = 1 << 1, /* stop running until resumed */
    KICK_RESET = 1 << 2, /* reset before the next instruction */
    KICK_WORK = 1 << 3,  /* the engine has posted work (remote flush) */
    KICK_EXIT = 1 << 4,  /* the thread ends */
};

/* The ALT ones are made in the target's alternate mode
 * (TargetContext.alt_mode). LOOK is for probes from outside: where the tables
 * lead, whatever the rights, and nothing is marked as used. */
typedef enum {
    MEM_READ,
    MEM_WRITE,
    MEM_EXEC,
    MEM_READ_ALT,
    MEM_WRITE_ALT,
    MEM_LOOK,
} MemAccess;

/* The accelerator's own value of Vcpu.exception: v stops for a debugger. No
 * target sees it. */
#define VCPU_EXCEPTION_STOP INT64_MAX

/* Access rights of a translated page. */
enum { PROT_R = 1, PROT_W = 2, PROT_X = 4 };

/* What the accelerator gives to targets. Called on the vCPU's own thread
 * except where noted. */
/* For tlb_flush, instead of an address-space id: every space; pages that are
 * global, of one address only. */
enum { FLUSH_ALL = -1, FLUSH_GLOBAL = -2 };

typedef struct VcpuEngine {
    /* Privilege, address space or block flags changed: ask the target for the
     * new context before the next instruction. */
    void (*context_changed)(Vcpu *v);
    /* Forget translations of this vCPU: of one page (va) or all; of one
     * address space (asid) or all (FLUSH_ALL). */
    void (*tlb_flush)(Vcpu *v, bool all_pages, Gva va, int asid);
    /* Something wider changed (PMP, bus): forget everything. [any] */
    void (*tlb_flush_all)(Vcpu *v);
    /* tlb_flush for every other vCPU of the machine, which does it soon;
     * tlb_sync returns when all that this vCPU asked for is done. */
    void (*tlb_flush_others)(Vcpu *v, bool all_pages, Gva va, int asid);
    void (*tlb_sync)(Vcpu *v);
    /* What is fetched from now on is what was stored before: by this vCPU,
     * or seen by it. */
    void (*code_barrier)(Vcpu *v);
    /* The next store-conditional fails. */
    void (*forget_link)(Vcpu *v);
    /* Accrued flags and rounding mode, in util/softfloat.h's encoding. */
    uint32_t (*fp_flags)(Vcpu *v);
    void (*fp_set)(Vcpu *v, uint32_t flags, unsigned round);
    /* Guest virtual memory for helpers. True on success; false: the fault was
     * raised through the target and the helper returns at once. size 1 to 8.*/
    bool (*load)(Vcpu *v, Gva va, unsigned size, uint64_t *value);
    bool (*store)(Vcpu *v, Gva va, unsigned size, uint64_t value);
    /* Host address for an access that stays in the page, or NULL when it
     * raised a fault (*fault true) or reached a device (*fault false). After
     * a store there, say so with wrote. */
    void *(*host_address)(Vcpu *v, Gva va, unsigned size, MemAccess access,
                          bool *fault);
    void (*wrote)(Vcpu *v, Gva va, void *host, unsigned size);
    /* Replaces the owner's points. On the vCPU's own thread they hold from the
     * next block on; else soon, and before it runs again if it is held or
     * the machine stands. [any] */
    void (*set_points)(Vcpu *v, DebugOwner owner, const DebugPoint *points,
                       unsigned n);
    /* Keeps v between two blocks until it is released, whatever the rest of the
     * machine does; true returns when it stands there, or will before its
     * next block: v's own thread. Else main thread. */
    void (*hold)(Vcpu *v, bool held);
    bool (*is_held)(Vcpu *v); /* main thread */
    /* DEBUG_STEP_*: how it goes on once; while it is held or the machine
     * stands. */
    void (*set_step)(Vcpu *v, unsigned how);
} VcpuEngine;

/* Software that the machine plays itself for a guest that calls it. The board
 * sets what it has; a NULL call is absent. Called on the vCPU's thread, with
 * exact state. True: handled, and args or *result hold the answer; the vCPU
 * may have been halted or asked to reset. */
typedef struct VcpuCalls {
    /* A firmware call: args are its first argument registers, args[0] also
     * takes the result. level: the privilege level that was called (the
     * conduit). */
    bool (*firmware)(void *opaque, Vcpu *v, unsigned level, uint64_t args[4]);
    /* A semihosting call: operation and parameter; words are of width bytes
     * in guest memory. False: a fault was recorded, or else the answer is not
     * there yet; either way the instruction runs again. */
    bool (*semihost)(void *opaque, Vcpu *v, uint64_t op, uint64_t param,
                     unsigned width, uint64_t *result);
    bool semihost_user; /* also from the least privileged level */
    void *opaque;
} VcpuCalls;

enum { VCPU_HOT_WORDS = 64 };

struct Vcpu {
    /* First: generated code reaches these with short displacements. */
    _Atomic uint32_t kick;
    uint32_t halted;              /* waits for interrupts (WFI) */
    uint64_t pc;                  /* valid outside generated code */
    uint64_t hot[VCPU_HOT_WORDS]; /* the accelerator's, laid out by it */

    /* Guest FPU state in util/softfloat.h's encoding. While generated code
     * runs, part of the flags lives in the host's FPU: use engine->fp_flags. */
    uint32_t fp_flags;
    uint32_t fp_round;

    /* A fault or trap that is to be taken before the next instruction;
     * meaning and numbers are the target's. exception < 0: none. */
    int64_t exception;
    uint64_t exception_value;

    _Atomic uint64_t irq_lines; /* input pins, bit per number */
    unsigned index;             /* 0 .. smp - 1 */
    const struct Target *target;
    const VcpuEngine *engine;
    void *engine_data;
    const VcpuCalls *calls; /* the board's, before start; NULL: none */
    Bus *bus;
    const CpuRegBank *regs; /* registers in a chip outside; NULL: none */
    /* Somebody looks at what it does (core/instrument.h), or NULL. */
    const Instrumentation *hooks;
    uint64_t *counters;           /* INSTRUMENT_COUNTERS */
    const VcpuDebugger *debugger; /* hears of stops; set while it is held */
    /* The instruction at call_pc waits for a debugger's answer (DebugCall): it
     * runs again, and no interrupt is taken before. */
    bool in_call;
    uint64_t call_pc;
    GThread *thread;
    _Atomic int host_thread; /* its number on the host; 0: not started */
    GMutex wake_lock;
    GCond wake;  /* signalled after every kick; the thread waits when halted */
    char *model; /* -cpu model, for messages */
};

/* Base of every target's vcpu_new. */
void vcpu_init(Vcpu *v, const struct Target *target, unsigned index, Bus *bus);
void vcpu_finish(Vcpu *v);

/* Tells the hooks, for targets; its own thread. */
static inline void vcpu_moved(Vcpu *v, VcpuMove how, Gva from)
{
    if (G_UNLIKELY(v->hooks != NULL) && v->hooks->hooks.moved != NULL) {
        v->hooks->hooks.moved(v->hooks->opaque, v, how, from);
    }
}

/* Requests and wakes. [any] */
void vcpu_kick(Vcpu *v, uint32_t reasons);

/* Waits until kick is non-zero; the vCPU's own thread. */
void vcpu_wait(Vcpu *v);

/* The vCPU whose pin the calling thread raised last, since it asked last; NULL:
 * none. [any] */
Vcpu *vcpu_take_interrupted(void);

/* An IrqLine that drives input pin number. */
IrqLine vcpu_irq_line(Vcpu *v, unsigned number);

/* Sets a pin and kicks if it rose or fell. [any] */
void vcpu_set_irq(Vcpu *v, unsigned number, bool level);

#endif
