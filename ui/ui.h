/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/ui.h - the machine's screens and keyboard for the user who started it:
 * what -display names.
 * Threads: main thread.
 * Lifetime: ui_new after machine_new, ui_free before machine_free. */
#ifndef CUTTLE_UI_UI_H
#define CUTTLE_UI_UI_H

#include "machine/machine.h"
#include "util/opts.h"

/* The n-th kind that this program was built with; NULL behind the last. */
const char *ui_kind(unsigned n);
bool ui_check_kind(const char *name, GError **error);

typedef struct Ui Ui;

/* The kind in key "type" of opts. opts NULL: a window if the machine has a
 * screen and the host seems to have a desktop, else none. NULL without an error
 * if there is nothing to show or nobody to show it to. */
Ui *ui_new(Machine *m, Opts *opts, bool full_screen, GError **error);
void ui_free(Ui *ui); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Ui, ui_free)

#endif
