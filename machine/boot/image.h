/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/boot/image.h - what a kernel or firmware file holds, as pieces of
 * memory: ELF, Linux Image, uImage, EFI zboot, any of them gzipped, or raw
 * bytes. The parsers read bytes only, so they can be fuzzed.
 * Spec: TIS ELF 1.2 and the RISC-V psABI; Linux Documentation/arch/riscv/
 * boot-image-header; U-Boot include/image.h; RFC 1952.
 * Threads: pure functions.
 * Lifetime: segments point into bytes, which the image holds. */
#ifndef CUTTLE_MACHINE_BOOT_IMAGE_H
#define CUTTLE_MACHINE_BOOT_IMAGE_H

#include <glib.h>

#include "core/bus.h"

typedef struct {
    Gpa addr; /* where it goes; with !placed counted from the image's base */
    const uint8_t *bytes;
    uint64_t len;
    uint64_t memory; /* >= len; what is over is zero */
} BootSegment;

enum { BOOT_MAX_SEGMENTS = 64 };

typedef struct {
    const char *format; /* "ELF", "Image", "uImage", "raw" */
    GBytes *bytes;      /* unpacked */
    bool placed;        /* segments know their addresses */
    Gpa low, high;      /* lowest address, end of the highest */
    Gpa entry;
    unsigned n_segments;
    BootSegment segments[BOOT_MAX_SEGMENTS];
} BootImage;

/* xlen: 32 or 64, the guest's. max: the most bytes it may unpack to. The
 * error says what is wrong, without the file's name. */
bool boot_image_parse(BootImage *out, GBytes *file, unsigned xlen, uint64_t max,
                      GError **error);
void boot_image_finish(BootImage *image);

/* Gives an image that has no addresses of its own one. */
void boot_image_place(BootImage *image, Gpa base);

/* Copies it to memory; false, with the address in the error, when part of it
 * is outside RAM, ROM and flash. */
bool boot_image_load(const BootImage *image, Bus *bus, GError **error);

/* Whether all of [addr, addr + len) is RAM, ROM or flash. */
bool boot_is_memory(Bus *bus, Gpa addr, uint64_t len);

/* For boot_image_parse (elf.c): image->bytes starts with the ELF magic. */
bool boot_elf_parse(BootImage *image, unsigned xlen, GError **error);

#endif
