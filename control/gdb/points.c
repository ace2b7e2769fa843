/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/gdb/points.c - breakpoints and watchpoints: every vCPU has all of
 * them. Software and hardware breakpoints are the same here; guest memory is
 * never changed. Conditions are evaluated on the vCPU's own thread, so that a
 * breakpoint that does not act stops nobody. */
#include <string.h>

#include "control/gdb/agent.h"
#include "control/gdb/gdb_priv.h"
#include "control/memory.h"
#include "util/bits.h"

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

/* ---- conditions --------------------------------------------------------- */

static bool condition_reg(void *opaque, unsigned number, uint64_t *value)
{
    GdbThread *t = opaque;
    const TargetReg *r;
    uint8_t bytes[8];

    if (number >= t->stub->regs->len) {
        return false;
    }
    r = &g_array_index(t->stub->regs, TargetReg, number);
    if (r->bits > 64 || !t->stub->target->debug->read(t->v, r, bytes)) {
        return false;
    }
    *value = bytes_load_le(bytes, r->bits / 8);
    return true;
}

static bool condition_memory(void *opaque, uint64_t addr, void *to, size_t len)
{
    GdbThread *t = opaque;
    unsigned bits = g_array_index(t->stub->regs, TargetReg, 0).bits;

    return memory_read_virtual(t->v, addr & bits_mask(bits), to, len);
}

/* Who has none acts; so does who has one that cannot be evaluated. */
static bool acts(GdbThread *t, const GdbPoint *p)
{
    const AgentView view = {condition_reg, condition_memory, t};
    bool any = p->conditions == NULL;

    for (unsigned i = 0; !any && i < p->conditions->len; i++) {
        gsize len;
        const uint8_t *code =
            g_bytes_get_data(g_ptr_array_index(p->conditions, i), &len);
        uint64_t value;

        any = !agent_eval(code, len, &view, &value) || value != 0;
    }
    return any;
}

bool gdb_wants_stop(void *opaque, Vcpu *v, Gva pc)
{
    GdbThread *t = opaque;
    GdbStub *s = t->stub;
    bool any = false;

    v->fp_flags = v->engine->fp_flags(v);
    g_rw_lock_reader_lock(&s->points_lock);
    for (unsigned i = 0; !any && i < s->points->len; i++) {
        const GdbPoint *p = &g_array_index(s->points, GdbPoint, i);

        any =
            p->point.kinds == DEBUG_EXEC && p->point.first == pc && acts(t, p);
    }
    g_rw_lock_reader_unlock(&s->points_lock);
    return any;
}

/* ;Xlength,code ... : *list is NULL if there are none. False: malformed. */
static bool take_conditions(const char *at, GPtrArray **list)
{
    g_autoptr(GPtrArray) all =
        g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);

    while (gdb_take(&at, ';')) {
        g_autofree uint8_t *code = NULL;
        uint64_t len;

        if (!gdb_take(&at, 'X') || !gdb_take_number(&at, &len) ||
            !gdb_take(&at, ',') || len > GDB_PACKET_MAX) {
            return false;
        }
        code = g_malloc(len);
        if (!gdb_take_bytes(&at, code, len)) {
            return false;
        }
        g_ptr_array_add(all, g_bytes_new(code, len));
    }
    *list = all->len > 0 ? g_steal_pointer(&all) : NULL;
    return *at == '\0';
}

/* ---- packets ------------------------------------------------------------ */

/* type,addr,kind, which is the length of a watched range. Moves *at. */
static bool take_point(const char **at, GdbPoint *out)
{
    uint64_t type, addr, kind;

    if (!gdb_take_number(at, &type) || type >= N_KINDS || !gdb_take(at, ',') ||
        !gdb_take_number(at, &addr) || !gdb_take(at, ',') ||
        !gdb_take_number(at, &kind)) {
        return false;
    }
    *out = (GdbPoint){(unsigned)type, {addr, addr, kinds[type]}, NULL};
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

static void clear_point(gpointer point)
{
    g_clear_pointer(&((GdbPoint *)point)->conditions, g_ptr_array_unref);
}

/* False: there are too many. */
static bool add(GdbStub *s, const GdbPoint *p)
{
    int i = find(s, p);

    if (i < 0 && s->points->len == MAX_POINTS) {
        return false;
    }
    g_rw_lock_writer_lock(&s->points_lock);
    if (i < 0) {
        g_array_append_val(s->points, *p);
    } else {
        clear_point(&g_array_index(s->points, GdbPoint, i));
        g_array_index(s->points, GdbPoint, i) = *p;
    }
    g_rw_lock_writer_unlock(&s->points_lock);
    if (i < 0) {
        tell_vcpus(s);
    }
    return true;
}

/* One that is there gets the new conditions. */
void gdb_add_point(GdbStub *s, const char *args, size_t len)
{
    GdbPoint p;

    if (!type_is_known(args)) {
        return;
    }
    if (!take_point(&args, &p) || !take_conditions(args, &p.conditions)) {
        gdb_error(s, GDB_EINVAL);
    } else if (!add(s, &p)) {
        clear_point(&p);
        gdb_error_text(s, "too many breakpoints");
    } else {
        gdb_ok(s);
    }
}

static void remove_points(GdbStub *s, guint first, guint n)
{
    g_rw_lock_writer_lock(&s->points_lock);
    g_array_remove_range(s->points, first, n);
    g_rw_lock_writer_unlock(&s->points_lock);
    tell_vcpus(s);
}

void gdb_remove_point(GdbStub *s, const char *args, size_t len)
{
    GdbPoint p;
    int i;

    if (!type_is_known(args)) {
        return;
    }
    if (!take_point(&args, &p) || *args != '\0' || (i = find(s, &p)) < 0) {
        gdb_error(s, GDB_ENOENT);
        return;
    }
    remove_points(s, (guint)i, 1);
    gdb_ok(s);
}

void gdb_forget_points(GdbStub *s)
{
    if (s->points->len > 0) {
        remove_points(s, 0, s->points->len);
    }
}

void gdb_points_init(GdbStub *s)
{
    g_rw_lock_init(&s->points_lock);
    s->points = g_array_new(FALSE, TRUE, sizeof(GdbPoint));
    g_array_set_clear_func(s->points, clear_point);
}

void gdb_points_finish(GdbStub *s)
{
    g_array_unref(s->points);
    g_rw_lock_clear(&s->points_lock);
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
