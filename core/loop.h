/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/loop.h - the event loop (GLib's default main context) and the requests
 * that end or restart a run.
 * Threads: the loop runs on the main thread; loop_post and the run_request_*
 * functions may be called from any thread, under any lock. */
#ifndef CUTTLE_CORE_LOOP_H
#define CUTTLE_CORE_LOOP_H

#include <stdbool.h>

/* Runs fn(opaque) soon on the event loop's thread. */
void loop_post(void (*fn)(void *opaque), void *opaque);

typedef enum {
    RUN_REQUEST_NONE,
    RUN_REQUEST_SHUTDOWN, /* power off; carries an exit code */
    RUN_REQUEST_RESET,    /* reset every device and vCPU, go on */
    RUN_REQUEST_QUIT,     /* the user or a signal ends the program */
} RunRequest;

/* Why; the names are what management tools know (run_cause_name). */
typedef enum {
    RUN_CAUSE_NONE,
    RUN_CAUSE_HOST_ERROR,
    RUN_CAUSE_HOST_QUIT,  /* the control socket's quit */
    RUN_CAUSE_HOST_RESET, /* ... and system_reset */
    RUN_CAUSE_HOST_SIGNAL,
    RUN_CAUSE_HOST_UI, /* the terminal's keys, a window */
    RUN_CAUSE_GUEST_SHUTDOWN,
    RUN_CAUSE_GUEST_RESET,
    RUN_CAUSE_GUEST_PANIC,
    RUN_N_CAUSES,
} RunCause;

const char *run_cause_name(RunCause cause);
bool run_cause_is_guest(RunCause cause);

/* The first shutdown wins; quit beats everything. exit_code is ignored for a
 * reset. */
void run_request(RunRequest request, RunCause cause, int exit_code);

/* The same for devices: guest says whether the guest itself asked. */
void run_request_shutdown(int exit_code, bool guest);
void run_request_reset(bool guest);

/* Of the request that loop_run returned last. */
RunCause run_request_cause(void);

/* Runs the loop until a request arrives, returns and clears it. Main thread
 * only. */
RunRequest loop_run(int *exit_code);

#endif
