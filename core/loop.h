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

/* Called by devices and user interfaces. The first shutdown wins; quit beats
 * everything. guest says whether the guest itself asked. */
void run_request_shutdown(int exit_code, bool guest);
void run_request_reset(bool guest);
void run_request_quit(int exit_code);

/* Whether the request that loop_run returned last was the guest's own. */
bool run_request_was_guest(void);

/* Runs the loop until a request arrives, returns and clears it. Main thread
 * only. */
RunRequest loop_run(int *exit_code);

#endif
