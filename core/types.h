/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/types.h - addresses and access results, the words of every folder. */
#ifndef CUTTLE_CORE_TYPES_H
#define CUTTLE_CORE_TYPES_H

#include <stdbool.h>
#include <stdint.h>

typedef uint64_t Gva; /* guest virtual address */
typedef uint64_t Gpa; /* guest physical address */

/* What a physical access came to; the vCPU turns anything but OK into the
 * architecture's fault. */
typedef enum {
    MEM_OK,
    MEM_UNMAPPED, /* nothing decodes this address */
    MEM_DENIED,   /* something does, and refuses the access */
} MemResult;

#endif
