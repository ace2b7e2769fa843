/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/machine.h - a whole machine: built from a configuration, run until
 * somebody ends it, stopped and continued from outside, saved and loaded.
 * Threads: main thread only, except where noted. One machine a process.
 * Lifetime: the configuration outlives the machine. */
#ifndef CUTTLE_MACHINE_MACHINE_H
#define CUTTLE_MACHINE_MACHINE_H

#include "core/block.h"
#include "core/device.h"
#include "core/loop.h"
#include "machine/config.h"

typedef struct Machine Machine;

/* Builds everything, loads what is to boot and resets; nothing runs yet. The
 * configuration's option lists are consumed. */
Machine *machine_new(MachineConfig *config, GError **error);
void machine_free(Machine *m); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Machine, machine_free)

/* The -machine dumpdtb=FILE was given: writes the tree instead of running. */
bool machine_wants_dump(const Machine *m);
bool machine_dump_tree(Machine *m, GError **error);

/* Hangs what on all guest code; before machine_run. It is borrowed. */
bool machine_instrument(Machine *m, const Instrumentation *what,
                        GError **error);

/* Runs until power-off, quit or a signal: the program's exit code. False only
 * if a reset could not load its files again. */
bool machine_run(Machine *m, int *exit_code, GError **error);

/* The state of every device and vCPU, without RAM. While nothing runs. */
void machine_save(Machine *m, GByteArray *out);
bool machine_load(Machine *m, const uint8_t *data, size_t len, GError **error);

/* ---- run control: run.c ------------------------------------------------- */

/* In every state but RUNNING each vCPU is parked between two blocks, with exact
 * state, and guest time stands still; back ends may still complete. */
typedef enum {
    RUN_STATE_PRELAUNCH, /* has not run since it was built or reset */
    RUN_STATE_RUNNING,
    RUN_STATE_PAUSED, /* by the user */
    RUN_STATE_DEBUG,  /* by a debugger */
    RUN_STATE_IO_ERROR,
    RUN_STATE_INTERNAL_ERROR,
    RUN_STATE_GUEST_PANICKED,
    RUN_STATE_WATCHDOG,
    RUN_STATE_SHUTDOWN, /* is off, but -no-shutdown keeps the program */
    RUN_N_STATES,
} RunState;

const char *run_state_name(RunState state); /* as in query-status */
RunState machine_run_state(const Machine *m);
bool machine_is_running(const Machine *m);

/* Returns when everything stands; why becomes the state. Without effect while
 * it is stopped already. */
void machine_stop(Machine *m, RunState why);
/* The same soon, for a vCPU's own thread or a device: on the event loop, which
 * then waits for every vCPU to park. [any] */
void machine_request_stop(Machine *m, RunState why);
/* Requests that disks hold since an error are tried again. False: it must be
 * reset first. */
bool machine_cont(Machine *m, GError **error);

/* Everything stands until the release that belongs to it, and nobody hears of
 * it: for a look at state that must be exact. May nest; nothing else of run
 * control between the two. */
void machine_hold(Machine *m);
void machine_release(Machine *m);

/* Guest time stands, also while the machine runs. */
void machine_hold_time(Machine *m, bool held);

/* Soon, on the event loop; observers hear of it when it happens. A machine that
 * is stopped stays so and becomes PRELAUNCH. [any] */
void machine_reset(Machine *m, RunCause cause);
/* Presses the power button, if the board has one. What follows is the guest's
 * decision. */
void machine_powerdown(Machine *m);
/* Soon: machine_run returns. [any] */
void machine_quit(Machine *m, RunCause cause, int exit_code);

typedef enum {
    MACHINE_STOPPED, /* vCPUs are parked already */
    MACHINE_RESUMED, /* vCPUs are about to go on, or have */
    MACHINE_WAS_RESET,
    MACHINE_SHUT_DOWN, /* it ends, or stops and stays as SHUTDOWN */
    MACHINE_POWERDOWN,
    MACHINE_DEVICE_DELETED, /* the device is about to be freed */
    MACHINE_DEVICE_KEPT,    /* the guest does not let it go */
    MACHINE_PANICKED,       /* value: the PANIC_... that follows */
    MACHINE_WATCHDOG,       /* the guest hung; value: the WATCHDOG_... */
    MACHINE_CRASH_LOADED,   /* the guest's kernel crashed and looks after it */
    MACHINE_BLOCK_ERROR,    /* a disk failed a request: error */
    MACHINE_RX_FILTER,      /* the guest set what device lets through */
    MACHINE_RTC_SET,        /* the guest set device: value's seconds ahead */
    MACHINE_BALLOON, /* it gave back RAM or took some: value has it left */
} MachineEventKind;

typedef struct {
    MachineEventKind kind;
    RunState state;       /* that it has now */
    RunCause cause;       /* of reset and shut-down */
    const Device *device; /* the one in question, or NULL */
    uint64_t value;       /* bytes of the balloon, seconds, or an action */
    const BlockError *error;
} MachineEvent;

/* Called on the event loop's thread with no lock held; it may stop and continue
 * the machine, but not unobserve. */
typedef void MachineObserver(void *opaque, const MachineEvent *event);
void machine_observe(Machine *m, MachineObserver *fn, void *opaque);
void machine_unobserve(Machine *m, MachineObserver *fn, void *opaque);

#endif
