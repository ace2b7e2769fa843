/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/fuzz/boot.h - parses bytes as a boot file, touches every byte it
 * promises and copies it to a small memory. */
#ifndef CUTTLE_TESTS_FUZZ_BOOT_H
#define CUTTLE_TESTS_FUZZ_BOOT_H

#include <stdlib.h>

#include "machine/boot/symbols.h"

enum { BOOT_RAM_BYTES = 1 << 16 };

static inline void boot_check_segments(const BootImage *image)
{
    size_t len;
    const uint8_t *bytes = g_bytes_get_data(image->bytes, &len);

    for (unsigned i = 0; i < image->n_segments; i++) {
        const BootSegment *s = &image->segments[i];

        if (s->bytes < bytes || s->len > len ||
            (size_t)(s->bytes - bytes) > len - s->len || s->memory < s->len) {
            abort();
        }
    }
}

static inline void boot_check_symbols(const BootImage *image,
                                      const BootGuest *guest)
{
    Symbols *symbols = symbols_new();

    symbols_add(symbols, image, guest);
    g_free(symbols_name(symbols, image->entry));
    symbols_free(symbols);
}

static inline void boot_check(const uint8_t *data, size_t size,
                              const BootGuest *guest)
{
    static const Gpa bases[] = {0, 0x80000000};
    g_autoptr(GBytes) file = g_bytes_new(data, size);
    BootImage image;

    if (boot_image_parse(&image, file, guest, BOOT_RAM_BYTES, NULL)) {
        Bus *bus = bus_new();
        Ram *low = ram_new("low", BOOT_RAM_BYTES, NULL);
        Ram *high = ram_new("high", BOOT_RAM_BYTES, NULL);

        bus_add_ram(bus, bases[0], low, false);
        bus_add_ram(bus, bases[1], high, false);
        boot_check_segments(&image);
        boot_image_place(&image, bases[1]);
        boot_image_load(&image, bus, NULL);
        boot_check_symbols(&image, guest);
        bus_free(bus);
        ram_free(low);
        ram_free(high);
    }
    boot_image_finish(&image);
}

#endif
