/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/rng.c - random bytes: a back end's, or the host kernel's. */
#include "core/rng.h"

#include <errno.h>
#include <stdint.h>
#include <sys/random.h>

static bool fill_from_host(uint8_t *to, size_t len)
{
    while (len > 0) {
        ssize_t n = getrandom(to, len, 0);

        if (n < 0) {
            if (errno == EINTR) {
                continue;
            }
            return false;
        }
        to += n;
        len -= (size_t)n;
    }
    return true;
}

bool rng_fill(RngDev *r, void *to, size_t len)
{
    return r == NULL ? fill_from_host(to, len) : r->cls->fill(r, to, len);
}
