/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/boot/loader.h - -device loader: puts a file or a number into guest
 * memory at every reset, or starts a CPU elsewhere.
 * Threads: main thread.
 * Lifetime: the machine owns its loaders. */
#ifndef CUTTLE_MACHINE_BOOT_LOADER_H
#define CUTTLE_MACHINE_BOOT_LOADER_H

#include "machine/boot/image.h"
#include "util/opts.h"

typedef struct Loader Loader;

/* From the device's keys: file, addr, cpu-num, force-raw; or data, data-len,
 * addr, data-be; or addr, cpu-num. */
Loader *loader_new(Opts *opts, unsigned n_cpus, uint64_t max_bytes,
                   GError **error);
void loader_free(Loader *l);

bool loader_load(Loader *l, Bus *bus, const BootGuest *guest, GError **error);

/* Whether it says where this CPU starts; after loader_load. */
bool loader_start(const Loader *l, unsigned cpu, Gpa *pc);

void loader_print_help(void);

#endif
