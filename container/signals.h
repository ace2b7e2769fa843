/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/signals.h - signals by name.
 * Threads: pure. */
#ifndef CUTTLE_CONTAINER_SIGNALS_H
#define CUTTLE_CONTAINER_SIGNALS_H

/* Of "KILL", "SIGKILL", "9" or "RTMIN+3"; -1: none of that name. */
int signal_number(const char *text);

#endif
