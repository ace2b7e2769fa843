/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/core-file.c - see core-file.h. Words of 64 bits only. */
#include "control/core-file.h"

#include <elf.h>
#include <errno.h>
#include <gio/gio.h>
#include <string.h>
#include <unistd.h>

#include "core/bus-view.h"

enum { MAX_PIECES = 64, PAGE = 4096, COPY = 1 << 20 };

typedef struct {
    Gpa start;
    uint64_t size;
} Piece;

typedef struct {
    Machine *m;
    int fd;
    Gpa first, last;
    Piece pieces[MAX_PIECES];
    unsigned n;
} Core;

/* Linux's struct elf_prstatus up to the registers, on 64-bit machines. */
typedef struct {
    int32_t signo, code, error;
    int16_t cursig, pad;
    uint64_t pending, held;
    int32_t pid, ppid, pgrp, sid;
    uint64_t times[8];
} StatusHead;

G_STATIC_ASSERT(sizeof(StatusHead) == 112);

static bool fail(GError **error, const char *what)
{
    int err = errno;

    g_set_error(error, G_IO_ERROR, g_io_error_from_errno(err), "dump: %s: %s",
                what, g_strerror(err));
    return false;
}

static bool put(const Core *c, const void *bytes, size_t len, uint64_t at,
                GError **error)
{
    const uint8_t *p = bytes;

    while (len > 0) {
        ssize_t n = pwrite(c->fd, p, len, (off_t)at);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return fail(error, "failed to save memory");
        }
        p += n;
        at += (uint64_t)n;
        len -= (size_t)n;
    }
    return true;
}

static void add_piece(void *opaque, const BusRegionView *r)
{
    Core *c = opaque;
    Gpa start = MAX(r->base, c->first), last = MIN(r->last, c->last);

    if (strcmp(r->kind, "ram") == 0 && start <= last && c->n < MAX_PIECES) {
        c->pieces[c->n++] = (Piece){start, last - start + 1};
    }
}

/* ---- notes ---- */

static void append_status(GByteArray *to, Vcpu *v)
{
    static const char owner[8] = "CORE";
    uint64_t regs[TARGET_CORE_REGS], tail = 0;
    unsigned n = v->target->core_regs(v, regs);
    StatusHead head = {.pid = (int32_t)v->index + 1};
    Elf64_Nhdr note = {
        .n_namesz = 5,
        .n_descsz = (uint32_t)(sizeof(head) + n * 8 + sizeof(tail)),
        .n_type = NT_PRSTATUS,
    };

    g_byte_array_append(to, (const uint8_t *)&note, sizeof(note));
    g_byte_array_append(to, (const uint8_t *)owner, sizeof(owner));
    g_byte_array_append(to, (const uint8_t *)&head, sizeof(head));
    g_byte_array_append(to, (const uint8_t *)regs, n * 8);
    g_byte_array_append(to, (const uint8_t *)&tail, sizeof(tail));
}

/* ---- headers ---- */

static Elf64_Ehdr file_header(const Core *c)
{
    Elf64_Ehdr h = {
        .e_type = ET_CORE,
        .e_machine = machine_target(c->m)->elf_machine,
        .e_version = EV_CURRENT,
        .e_phoff = sizeof(h),
        .e_ehsize = sizeof(h),
        .e_phentsize = sizeof(Elf64_Phdr),
        .e_phnum = (uint16_t)(c->n + 1),
    };

    memcpy(h.e_ident, ELFMAG, SELFMAG);
    h.e_ident[EI_CLASS] = ELFCLASS64;
    h.e_ident[EI_DATA] = ELFDATA2LSB;
    h.e_ident[EI_VERSION] = EV_CURRENT;
    return h;
}

static bool put_headers(const Core *c, const GByteArray *notes, uint64_t data,
                        GError **error)
{
    Elf64_Ehdr h = file_header(c);
    uint64_t at = sizeof(h);
    Elf64_Phdr p = {
        .p_type = PT_NOTE,
        .p_offset = sizeof(h) + (c->n + 1) * sizeof(p),
        .p_filesz = notes->len,
        .p_memsz = notes->len,
    };

    if (!put(c, &h, sizeof(h), 0, error) || !put(c, &p, sizeof(p), at, error) ||
        !put(c, notes->data, notes->len, p.p_offset, error)) {
        return false;
    }
    for (unsigned i = 0; i < c->n; i++) {
        at += sizeof(p);
        p = (Elf64_Phdr){
            .p_type = PT_LOAD,
            .p_offset = data,
            .p_paddr = c->pieces[i].start,
            .p_filesz = c->pieces[i].size,
            .p_memsz = c->pieces[i].size,
        };
        if (!put(c, &p, sizeof(p), at, error)) {
            return false;
        }
        data += c->pieces[i].size;
    }
    return true;
}

/* ---- memory ---- */

/* len bytes of a RAM from offset on, less chunks of zeros: most of a guest's
 * memory was never touched, and a core is a file with holes. */
static bool put_ram(const Core *c, const Ram *ram, uint64_t offset,
                    uint64_t len, uint64_t at, GError **error)
{
    enum { CHUNK = 64 << 10 };
    static const uint8_t zeros[CHUNK];

    for (uint64_t done = 0; done < len;) {
        const uint8_t *p = ram->host + offset + done;
        size_t n = MIN(len - done, CHUNK);

        if (memcmp(p, zeros, n) != 0 && !put(c, p, n, at + done, error)) {
            return false;
        }
        done += n;
    }
    return true;
}

static bool put_piece(const Core *c, const Piece *p, uint64_t at,
                      GError **error)
{
    Gpa from = p->start;
    uint64_t left = p->size;

    while (left > 0) {
        RamSpan s;
        uint64_t n;

        if (!bus_find_ram(machine_bus(c->m), from, &s)) {
            return true; /* unmapped since */
        }
        n = MIN(left, s.len);
        if (!put_ram(c, s.ram, s.offset, n, at, error)) {
            return false;
        }
        from += n;
        at += n;
        left -= n;
    }
    return true;
}

bool core_file_write(Machine *m, int fd, Gpa first, Gpa last, uint64_t *written,
                     GError **error)
{
    g_autoptr(GByteArray) notes = g_byte_array_new();
    Core c = {m, fd, first, last};
    uint64_t data, at;

    bus_for_each(machine_bus(m), add_piece, &c);
    for (unsigned i = 0; i < machine_n_vcpus(m); i++) {
        append_status(notes, machine_vcpu(m, i));
    }
    data = sizeof(Elf64_Ehdr) + (c.n + 1) * sizeof(Elf64_Phdr) + notes->len;
    data = (data + PAGE - 1) & ~(uint64_t)(PAGE - 1);
    if (!put_headers(&c, notes, data, error)) {
        return false;
    }
    at = data;
    for (unsigned i = 0; i < c.n; i++) {
        if (!put_piece(&c, &c.pieces[i], at, error)) {
            return false;
        }
        at += c.pieces[i].size;
    }
    *written = at;
    return ftruncate(fd, (off_t)at) == 0 ||
           fail(error, "failed to save memory");
}
