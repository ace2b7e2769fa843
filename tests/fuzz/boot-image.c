/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/fuzz/boot-image.c - any file is refused or becomes pieces that lie
 * inside it: Image, gzip, uImage, EFI zboot, raw. */
#include <stdint.h>
#include <stdlib.h>

#include "machine/boot/image.h"
#include "tests/fuzz/boot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const BootGuest *const guests[] = {
        &boot_guest_riscv32, &boot_guest_riscv64, &boot_guest_aarch64};

    if (size > 0) {
        boot_check(data + 1, size - 1, guests[data[0] % 3]);
    }
    return 0;
}
