/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/fuzz/device-tree.c - any blob is refused, or takes a command line, an
 * initrd and a seed and is a sound tree again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "machine/tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void seed(void *opaque, void *to, size_t len)
{
    memset(to, 1, len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const TreeChosen chosen = {"console=ttyS0", 0x80000000, 0x80001000, seed,
                               NULL};
    g_autoptr(GBytes) blob = tree_check(data, size, NULL);
    g_autoptr(GBytes) changed = NULL, again = NULL;

    if (blob == NULL) {
        return 0;
    }
    changed = tree_set_chosen(blob, &chosen, NULL);
    if (changed != NULL) {
        size_t len;
        const uint8_t *bytes = g_bytes_get_data(changed, &len);

        again = tree_check(bytes, len, NULL);
        if (again == NULL && len <= TREE_MAX_BYTES) {
            abort();
        }
    }
    return 0;
}
