/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/change.h - host sides that come and go while a machine runs.
 * What -chardev, -netdev and -object make, and what can be taken away again
 * once nobody uses it.
 * Threads: main thread.
 * Lifetime: the machine owns what is added; opts are the caller's. */
#ifndef CUTTLE_MACHINE_CHANGE_H
#define CUTTLE_MACHINE_CHANGE_H

#include "machine/machine.h"

bool machine_add_chardev(Machine *m, const char *id, Opts *opts,
                         GError **error);
bool machine_remove_chardev(Machine *m, const char *id, GError **error);
/* Devices that use it keep it; others that do (monitors) refuse. On an error
 * all is as it was. */
bool machine_change_chardev(Machine *m, const char *id, Opts *opts,
                            GError **error);

bool machine_add_netdev(Machine *m, const char *id, Opts *opts, GError **error);
bool machine_add_object(Machine *m, const char *id, Opts *opts, GError **error);

/* Adds or, without the guest's part of text, removes a forwarded port of a
 * -netdev user; id NULL: of the only one. */
bool machine_set_hostfwd(Machine *m, const char *id, const char *text, bool add,
                         GError **error);

typedef enum { REMOVE_DONE, REMOVE_ABSENT, REMOVE_IN_USE } RemoveResult;
RemoveResult machine_remove_netdev(Machine *m, const char *id);
RemoveResult machine_remove_object(Machine *m, const char *id);

#endif
