/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/bus-view.h - the address map, for those who show it.
 * Threads: any; the map may change meanwhile, but a region is shown whole.
 * Lifetime: a view's strings belong to RAM and devices. */
#ifndef CUTTLE_CORE_BUS_VIEW_H
#define CUTTLE_CORE_BUS_VIEW_H

#include "core/bus.h"

typedef struct {
    Gpa base, last;
    const char *kind; /* "ram", "rom", "flash", "i/o" */
    const char *name; /* the RAM's, or the device's class */
    const char *id;   /* the device's, or NULL */
} BusRegionView;

/* In order of addresses. */
void bus_for_each(Bus *bus, void (*fn)(void *opaque, const BusRegionView *r),
                  void *opaque);

#endif
