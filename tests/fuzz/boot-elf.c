/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/fuzz/boot-elf.c - the same for ELF files: what says so is put in, so
 * that the fuzzer need not guess it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "machine/boot/image.h"
#include "tests/fuzz/boot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { EM_RISCV_LOW = 0xf3 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree uint8_t *copy = g_memdup2(data, size);

    if (size >= 20) {
        memcpy(copy, "\177ELF", 4);
        copy[5] = 1; /* little-endian */
        copy[18] = EM_RISCV_LOW;
        copy[19] = 0;
    }
    boot_check(copy, size, &boot_guest_riscv64);
    boot_check(copy, size, &boot_guest_riscv32);
    return 0;
}
