/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/signals.h - SIGINT, SIGTERM and SIGHUP end a run in good order.
 * Threads: signals_block before the first thread is made, so that all have
 * them blocked; the rest on the main thread. */
#ifndef CUTTLE_MACHINE_SIGNALS_H
#define CUTTLE_MACHINE_SIGNALS_H

void signals_block(void);

/* From now on such a signal prints who sent it and requests the end. */
void signals_watch(void);
void signals_unwatch(void);

#endif
