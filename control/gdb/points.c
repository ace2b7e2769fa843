/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/gdb/points.c - breakpoints and watchpoints: every vCPU has all of
 * them. Software and hardware breakpoints are the same here; guest memory is
 * never changed. */
#include <string.h>

#include "control/gdb/gdb_priv.h"

enum { SOFTWARE, HARDWARE, N_KINDS = 5, MAX_POINTS = 4096 };

static const uint8_t kinds[N_KINDS] = {
    DEBUG_EXEC, DEBUG_EXEC, DEBUG_WRITE, DEBUG_READ, DEBUG_READ | DEBUG_WRITE,
};

static void tell_vcpus(GdbStub *s)
{
    g_autofree DebugPoint *list = g_new(DebugPoint, s->points->len);

    for (unsigned i = 0; i < s->points->len; i++) {
        list[i] = g_array_index(s->points, GdbPoint, i).point;
    }
    for (unsigned i = 0; i < s->n_threads; i++) {
        Vcpu *v = s->threads[i].v;

        v->engine->set_points(v, DEBUG_OUTSIDE, list, s->points->len);
    }
}

/* type,addr,kind: the length of a watched range; ';' and more is left out. */
static bool take_point(const char *at, GdbPoint *out)
{
    uint64_t type, addr, kind;

    if (!gdb_take_number(&at, &type) || type >= N_KINDS ||
        !gdb_take(&at, ',') || !gdb_take_number(&at, &addr) ||
        !gdb_take(&at, ',') || !gdb_take_number(&at, &kind) ||
        (*at != '\0' && *at != ';')) {
        return false;
    }
    *out = (GdbPoint){(unsigned)type, {addr, addr, kinds[type]}};
    if (type > HARDWARE) {
        if (kind == 0 || addr + (kind - 1) < addr) {
            return false;
        }
        out->point.last = addr + (kind - 1);
    }
    return true;
}

static int find(const GdbStub *s, const GdbPoint *p)
{
    for (unsigned i = 0; i < s->points->len; i++) {
        const GdbPoint *o = &g_array_index(s->points, GdbPoint, i);

        if (o->type == p->type && o->point.first == p->point.first &&
            o->point.last == p->point.last) {
            return (int)i;
        }
    }
    return -1;
}

static bool type_is_known(const char *args)
{
    return *args >= '0' && *args < '0' + N_KINDS;
}

/* To set one twice is no mistake. */
void gdb_add_point(GdbStub *s, const char *args, size_t len)
{
    GdbPoint p;

    if (!type_is_known(args)) {
        return;
    }
    if (!take_point(args, &p)) {
        gdb_error(s, GDB_EINVAL);
        return;
    }
    if (find(s, &p) < 0) {
        if (s->points->len == MAX_POINTS) {
            gdb_error_text(s, "too many breakpoints");
            return;
        }
        g_array_append_val(s->points, p);
        tell_vcpus(s);
    }
    gdb_ok(s);
}

void gdb_remove_point(GdbStub *s, const char *args, size_t len)
{
    GdbPoint p;
    int i;

    if (!type_is_known(args)) {
        return;
    }
    if (!take_point(args, &p) || (i = find(s, &p)) < 0) {
        gdb_error(s, GDB_ENOENT);
        return;
    }
    g_array_remove_index(s->points, (guint)i);
    tell_vcpus(s);
    gdb_ok(s);
}

void gdb_forget_points(GdbStub *s)
{
    if (s->points->len > 0) {
        g_array_set_size(s->points, 0);
        tell_vcpus(s);
    }
}

bool gdb_point_is_hardware(const GdbStub *s, Gva va)
{
    for (unsigned i = 0; i < s->points->len; i++) {
        const GdbPoint *p = &g_array_index(s->points, GdbPoint, i);

        if (p->point.first == va && p->type == SOFTWARE) {
            return false;
        }
    }
    return true;
}
