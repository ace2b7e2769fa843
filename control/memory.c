/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/memory.c - see memory.h. */
#include "control/memory.h"

#include <string.h>

bool memory_read_physical(Bus *bus, Gpa addr, void *to, size_t len)
{
    uint8_t *bytes = to;
    RamSpan span;

    while (len > 0) {
        size_t n;

        if (!bus_find_ram(bus, addr, &span)) {
            return false;
        }
        n = MIN(len, span.len);
        memcpy(bytes, span.host, n);
        bytes += n;
        addr += n;
        len -= n;
    }
    return true;
}

bool memory_translate(Vcpu *v, Gva va, Gpa *out)
{
    PageInfo page;

    if (!v->target->find_page(v, va, MEM_LOOK, true, &page)) {
        return false;
    }
    *out = page.gpa;
    return true;
}

bool memory_read_virtual(Vcpu *v, Gva va, void *to, size_t len)
{
    uint8_t *bytes = to;
    Gpa gpa;

    while (len > 0) {
        size_t n = MIN(len, TARGET_PAGE_SIZE - (va & (TARGET_PAGE_SIZE - 1)));

        if (!memory_translate(v, va, &gpa) ||
            !memory_read_physical(v->bus, gpa, bytes, n)) {
            return false;
        }
        bytes += n;
        va += n;
        len -= n;
    }
    return true;
}
