/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/boot/loader.h - -device loader: puts a file or a number into guest
 * memory at every reset, or starts a CPU elsewhere. -device guest-loader: does
 * so with a guest's kernel or initrd, and tells the hypervisor in the tree.
 * Threads: main thread.
 * Lifetime: the machine owns its loaders. */
#ifndef CUTTLE_MACHINE_BOOT_LOADER_H
#define CUTTLE_MACHINE_BOOT_LOADER_H

#include "machine/boot/file.h"
#include "machine/boot/image.h"
#include "machine/tree.h"
#include "util/opts.h"

typedef struct Loader Loader;

/* A guest for a hypervisor to start, of -device guest-loader: addr, kernel and
 * bootargs, or addr and initrd. */
Loader *guest_loader_new(Opts *opts, uint64_t max_bytes, GError **error);

/* What the open /chosen node says of all guests among the loaders. */
void loader_put_modules(GPtrArray *loaders, Tree *t);

/* From the device's keys: file, addr, cpu-num, force-raw; or data, data-len,
 * addr, data-be; or addr, cpu-num. */
Loader *loader_new(Opts *opts, unsigned n_cpus, uint64_t max_bytes,
                   GError **error);
void loader_free(Loader *l);

bool loader_load(Loader *l, Bus *bus, const BootGuest *guest, GError **error);

/* Whether it says where this CPU starts; after loader_load. */
bool loader_start(const Loader *l, unsigned cpu, Gpa *pc);

/* The file if it may be a program, else NULL; the loader's. */
BootFile *loader_program(const Loader *l);

void loader_print_help(void);
void guest_loader_print_help(void);

#endif
