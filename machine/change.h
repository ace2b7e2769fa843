/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/change.h - what comes and goes while a machine runs: devices in
 * hot-plug slots, and host sides that -chardev, -netdev, -blockdev and -object
 * make, which can be taken away again once nobody uses them.
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
bool machine_add_audiodev(Machine *m, const char *id, Opts *opts,
                          GError **error);
bool machine_add_object(Machine *m, const char *id, Opts *opts, GError **error);
bool machine_add_blockdev(Machine *m, const char *name, Opts *opts,
                          GError **error);
/* opts as of -drive; no device comes of it. */
bool machine_add_drive(Machine *m, Opts *opts, GError **error);
/* Takes the drive away from its device, if it has one: it can do nothing with
 * it any more. */
bool machine_remove_drive(Machine *m, const char *id, GError **error);
bool machine_resize_disk(Machine *m, const char *name, uint64_t size,
                         GError **error);

/* Adds or, without the guest's part of text, removes a forwarded port of a
 * -netdev user; id NULL: of the only one. */
bool machine_set_hostfwd(Machine *m, const char *id, const char *text, bool add,
                         GError **error);

/* opts as of -device. False with an error for a bus that is fixed once the
 * machine is built. */
bool machine_add_device(Machine *m, Opts *opts, GError **error);
/* Asks the guest to let the device go; MACHINE_DEVICE_DELETED or
 * MACHINE_DEVICE_KEPT tell its answer, at once or much later. False with an
 * error if it cannot be asked. */
bool machine_remove_device(Machine *m, Device *dev, GError **error);

/* Asks the guest to give back RAM until it has so much left. False with an
 * error if there is no balloon. machine_balloon: what it has now. */
bool machine_set_balloon(Machine *m, uint64_t left, GError **error);
bool machine_balloon(Machine *m, uint64_t *left, GError **error);

typedef enum { REMOVE_DONE, REMOVE_ABSENT, REMOVE_IN_USE } RemoveResult;
RemoveResult machine_remove_blockdev(Machine *m, const char *name);
RemoveResult machine_remove_netdev(Machine *m, const char *id);
RemoveResult machine_remove_object(Machine *m, const char *id);

#endif
