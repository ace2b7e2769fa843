/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/registry/progress.h - how far transfers are: bars on a terminal, a line
 * per blob elsewhere, nothing if quiet.
 * Threads: progress_advance from any; the rest from the thread that made it.
 * Lifetime: progress_free ends the drawing. */
#ifndef CUTTLE_STORE_REGISTRY_PROGRESS_H
#define CUTTLE_STORE_REGISTRY_PROGRESS_H

#include "store/document.h"

typedef struct Progress Progress;
typedef struct ProgressBar ProgressBar;

Progress *progress_new(bool quiet);
void progress_free(Progress *p);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Progress, progress_free)
/* Bars stay with the Progress. word: "blob", "config". */
ProgressBar *progress_add(Progress *p, const char *word, const Descriptor *d);
/* So many bytes in all now. */
void progress_advance(ProgressBar *b, uint64_t done);
/* Draws bars anew. */
void progress_draw(Progress *p);

#endif
