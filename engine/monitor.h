/* SPDX-License-Identifier: GPL-2.0-or-later */
/* engine/monitor.h - the small process beside each running container: it holds
 * its root's mount, keeps its output in the log, serves who attaches, learns
 * its exit status, starts it again if it is to. Nothing else stays running.
 * Threads: forks; call with one thread only. */
#ifndef CUTTLE_ENGINE_MONITOR_H
#define CUTTLE_ENGINE_MONITOR_H

#include "engine/record.h"

/* Makes the container's process and waits until it could start. *go: write a
 * byte to it to let the program run, after attaching. False with an error when
 * it cannot run; its message is the runtime's. */
bool monitor_start(Engine *e, const Record *r, int *go, GError **error);
/* Lets it run; false with the runtime's error (a program that cannot be
 * executed). Closes go. */
bool monitor_go(Engine *e, const Record *r, int go, GError **error);

/* 125, 126 or 127 for an error of monitor_start, as docker counts them. */
int monitor_exit_code(const GError *error);

/* Calls the runtime with these arguments behind --root (ends with NULL); false
 * with its error. */
bool runtime_call(Engine *e, GError **error, ...) G_GNUC_NULL_TERMINATED;

#endif
