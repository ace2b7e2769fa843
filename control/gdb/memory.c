/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/gdb/memory.c - guest memory, by virtual address as the chosen vCPU
 * translates it now, whatever the rights, or by physical address.
 * RAM and ROM are copied; devices are accessed, with whatever effect that
 * has. */
#include "control/memory.h"

#include <string.h>

#include "control/gdb/gdb_priv.h"
#include "util/bits.h"

enum { MAX_READ = GDB_PACKET_MAX / 2, DEVICE_UNIT = 4 };

/* ---- pieces in one page ------------------------------------------------- */

/* The largest natural access at addr. */
static unsigned device_unit(Gpa addr, size_t len)
{
    unsigned unit = DEVICE_UNIT;

    while (unit > 1 && (addr % unit != 0 || unit > len)) {
        unit /= 2;
    }
    return unit;
}

static bool copy_device(Bus *bus, Gpa addr, uint8_t *bytes, size_t len,
                        bool write)
{
    while (len > 0) {
        unsigned unit = device_unit(addr, len);
        uint64_t value = write ? bytes_load_le(bytes, unit) : 0;
        MemResult result = write ? bus_write(bus, addr, unit, value)
                                 : bus_read(bus, addr, unit, &value);

        if (result != MEM_OK) {
            return false;
        }
        if (!write) {
            bytes_store_le(bytes, unit, value);
        }
        addr += unit;
        bytes += unit;
        len -= unit;
    }
    return true;
}

static bool copy_physical(Bus *bus, Gpa addr, uint8_t *bytes, size_t len,
                          bool write)
{
    RamSpan span;

    if (!bus_find_ram(bus, addr, &span) || span.len < len) {
        return copy_device(bus, addr, bytes, len, write);
    }
    if (write) {
        return bus_load_image(bus, addr, bytes, len);
    }
    memcpy(bytes, span.host, len);
    return true;
}

static bool translate(GdbStub *s, GdbThread *t, uint64_t addr, Gpa *out)
{
    *out = addr;
    return s->physical || memory_translate(t->v, addr, out);
}

/* How much was copied. */
static size_t copy_some(GdbStub *s, GdbThread *t, uint64_t addr, uint8_t *bytes,
                        size_t len, bool write)
{
    size_t done = 0;

    while (done < len) {
        size_t left = TARGET_PAGE_SIZE - (addr & (TARGET_PAGE_SIZE - 1));
        size_t part = MIN(left, len - done);
        Gpa gpa;

        if (!translate(s, t, addr, &gpa) ||
            !copy_physical(machine_bus(s->m), gpa, bytes + done, part, write)) {
            break;
        }
        addr += part;
        done += part;
    }
    return done;
}

/* A vCPU that runs has no address space to speak of: everything stands while we
 * look. */
static size_t copy_held(GdbStub *s, uint64_t addr, uint8_t *bytes, size_t len,
                        bool write)
{
    GdbThread *t = &s->threads[s->g_thread];
    bool hold = t->running;
    size_t done;

    if (hold) {
        machine_hold(s->m);
    }
    done = copy_some(s, t, addr, bytes, len, write);
    if (hold) {
        machine_release(s->m);
    }
    return done;
}

/* ---- commands ----------------------------------------------------------- */

static bool take_range(const char **at, uint64_t *addr, uint64_t *len)
{
    return gdb_take_number(at, addr) && gdb_take(at, ',') &&
           gdb_take_number(at, len);
}

/* Fewer bytes than asked for, if the rest is not there. */
void gdb_read_memory(GdbStub *s, const char *args, size_t n)
{
    g_autofree uint8_t *bytes = g_malloc(MAX_READ);
    uint64_t addr, len;
    const uint8_t *of_call;
    size_t done;

    if (!take_range(&args, &addr, &len) || *args != '\0') {
        gdb_error(s, GDB_EINVAL);
        return;
    }
    len = MIN(len, MAX_READ);
    of_call = gdb_call_bytes(s, addr, len);
    if (of_call != NULL) {
        gdb_put_hex(s->reply, of_call, len);
        return;
    }
    done = copy_held(s, addr, bytes, len, false);
    if (done == 0 && len > 0) {
        gdb_error(s, GDB_EFAULT);
        return;
    }
    gdb_put_hex(s->reply, bytes, done);
}

static void write_memory(GdbStub *s, uint64_t addr, uint8_t *bytes,
                         uint64_t len)
{
    uint8_t *of_call = gdb_call_bytes(s, addr, len);

    if (of_call != NULL) {
        memcpy(of_call, bytes, len);
        gdb_ok(s);
    } else if (copy_held(s, addr, bytes, len, true) == len) {
        gdb_ok(s);
    } else {
        gdb_error(s, GDB_EFAULT);
    }
}

void gdb_write_memory(GdbStub *s, const char *args, size_t n)
{
    g_autofree uint8_t *bytes = g_malloc(MAX_READ);
    uint64_t addr, len;

    if (!take_range(&args, &addr, &len) || !gdb_take(&args, ':') ||
        len > MAX_READ || !gdb_take_bytes(&args, bytes, len) || *args != '\0') {
        gdb_error(s, GDB_EINVAL);
        return;
    }
    write_memory(s, addr, bytes, len);
}

void gdb_write_binary(GdbStub *s, const char *args, size_t n)
{
    const char *end = args + n;
    uint64_t addr, len;

    if (!take_range(&args, &addr, &len) || !gdb_take(&args, ':') ||
        len != (size_t)(end - args)) {
        gdb_error(s, GDB_EINVAL);
        return;
    }
    write_memory(s, addr, (uint8_t *)args, len);
}
