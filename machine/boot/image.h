/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/boot/image.h - what a kernel or firmware file holds, as pieces of
 * memory: ELF, Linux Image, uImage, EFI zboot, any of them gzipped, or raw
 * bytes. The parsers read bytes only, so they can be fuzzed.
 * Spec: TIS ELF 1.2 and psABIs; Linux Documentation/arch/riscv/
 * boot-image-header.rst and arch/arm64/booting.rst; U-Boot include/image.h;
 * RFC 1952 (gzip), RFC 8878 (zstd).
 * Threads: pure functions.
 * Lifetime: segments point into bytes, which the image holds. */
#ifndef CUTTLE_MACHINE_BOOT_IMAGE_H
#define CUTTLE_MACHINE_BOOT_IMAGE_H

#include <glib.h>

#include "core/bus.h"

/* What files name the guest by. */
typedef struct {
    const char *name;     /* "RISC-V", for messages */
    unsigned bits;        /* 32 or 64 */
    uint16_t elf_machine; /* e_machine */
    uint16_t pe_machine;
    uint8_t uimage_arch;
} BootGuest;

extern const BootGuest boot_guest_riscv64, boot_guest_riscv32;
extern const BootGuest boot_guest_aarch64;

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
    uint64_t text_offset;  /* of an Image: from a multiple of 2 MiB */
    bool image_size_known; /* of an Image: its header is not too old for it */
    unsigned n_segments;
    BootSegment segments[BOOT_MAX_SEGMENTS];
} BootImage;

/* max: the most bytes it may unpack to. The error says what is wrong, without
 * the file's name. */
bool boot_image_parse(BootImage *out, GBytes *file, const BootGuest *guest,
                      uint64_t max, GError **error);
void boot_image_finish(BootImage *image);

/* Gives an image that has no addresses of its own one. */
void boot_image_place(BootImage *image, Gpa base);

/* Copies it to memory; false, with the address in the error, when part of it
 * is outside RAM, ROM and flash. */
bool boot_image_load(const BootImage *image, Bus *bus, GError **error);

/* For boot_image_parse (elf.c): image->bytes starts with the ELF magic. */
bool boot_elf_parse(BootImage *image, const BootGuest *guest, GError **error);

#endif
