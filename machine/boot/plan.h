/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/boot/plan.h - what the boot protocols of all boards have in common:
 * the files, the tree, and memory in which nothing silently replaces
 * something else.
 * Threads: main thread.
 * Lifetime: embedded in a board's boot; boot_plan_init to boot_plan_finish. */
#ifndef CUTTLE_MACHINE_BOOT_PLAN_H
#define CUTTLE_MACHINE_BOOT_PLAN_H

#include "machine/boot/file.h"
#include "machine/boot/image.h"
#include "machine/config.h"
#include "machine/tree.h"

enum { BOOT_MAX_RANGES = BOOT_MAX_SEGMENTS * 2 + 4 };

typedef struct {
    const char *what;
    Gpa start, end;
} BootRange;

typedef struct {
    const BootGuest *guest;
    Gpa ram_base;
    uint64_t ram_bytes;
    BootFile *firmware, *kernel, *initrd; /* NULL: not given */
    char *append;
    GBytes *template; /* the tree without what this reset adds */
    GBytes *tree;     /* as the guest gets it */
    void (*random)(void *opaque, void *to, size_t len);
    void *opaque; /* of random */
    BootRange ranges[BOOT_MAX_RANGES];
    unsigned n_ranges;
} BootPlan;

/* The caller set guest, RAM, template (owned from now on) and random; opens
 * kernel, initrd and -dtb, which takes the template's place. On false finish
 * it as well. */
bool boot_plan_open(BootPlan *p, const MachineConfig *c, GError **error);
void boot_plan_finish(BootPlan *p);

/* A new reset begins: no memory is taken. */
void boot_plan_restart(BootPlan *p);

/* Takes [start, end); false if somebody else has some of it. */
bool boot_plan_claim(BootPlan *p, const char *what, Gpa start, Gpa end,
                     GError **error);

/* Reads, unpacks and parses; errors name the file. The image is to be finished
 * also after false. */
bool boot_plan_parse(BootPlan *p, BootFile *file, BootImage *image,
                     GError **error);
/* Puts it at base, unless it knows its place, and loads it. */
bool boot_plan_load(BootPlan *p, Bus *bus, const BootFile *file, Gpa base,
                    BootImage *image, GError **error);
/* Copies a whole file to memory; *len is its size. */
bool boot_plan_copy(BootPlan *p, Bus *bus, BootFile *file, Gpa start,
                    uint64_t *len, GError **error);

/* Makes plan->tree. */
bool boot_plan_make_tree(BootPlan *p, TreeChosen *chosen, GError **error);

#endif
