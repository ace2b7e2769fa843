/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/hmp/hmp.h - the human monitor, to the rest of control/.
 * Threads: main thread.
 * Lifetime: the caller owns what is returned. */
#ifndef CUTTLE_CONTROL_HMP_HMP_H
#define CUTTLE_CONTROL_HMP_HMP_H

#include "control/control.h"
#include "core/chardev.h"

/* What the monitor answers to one line; lines end with '\n'. cpu is the
 * current one and may change. */
char *hmp_run(Control *c, const char *line, unsigned *cpu);

/* What the word that ends a line may become: whole words, sorted. */
GPtrArray *hmp_complete(const Control *c, const char *line);

/* A session with a person: prompt, line editing, history, completion. quiet:
 * nothing is said before the person turns to it (a mux's port). */
typedef struct HmpSession HmpSession;
HmpSession *hmp_session_new(Control *c, CharDev *chr, bool quiet,
                            GError **error);
void hmp_session_free(HmpSession *s);

#endif
