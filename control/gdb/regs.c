/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/gdb/regs.c - registers: the description for the debugger, made of the
 * target's list, and access by number and all at once. */
#include <string.h>

#include "control/gdb/gdb_priv.h"

enum { MAX_BYTES = 16 };

static const TargetReg *reg_at(const GdbStub *s, unsigned n)
{
    return &g_array_index(s->regs, TargetReg, n);
}

/* ---- target.xml --------------------------------------------------------- */

static void put_reg(GString *to, const TargetReg *r, unsigned number)
{
    g_string_append_printf(
        to,
        "<reg name=\"%s\" bitsize=\"%u\" type=\"%s\" regnum=\"%u\" group=\"%s\""
        "%s",
        r->name, r->bits, r->type, number, r->group,
        r->in_g ? "" : " save-restore=\"no\"");
    if (r->role != NULL) {
        g_string_append_printf(to, " generic=\"%s\"", r->role);
    }
    g_string_append(to, "/>\n");
}

static void begin_feature(const GdbStub *s, GString *to, const char *feature)
{
    const char *types = s->target->debug->types(feature);

    g_string_append_printf(to, "<feature name=\"%s\">\n%s", feature,
                           types != NULL ? types : "");
}

void gdb_describe(GdbStub *s)
{
    const TargetDebug *d = s->target->debug;
    GString *to = g_string_new("<?xml version=\"1.0\"?>\n"
                               "<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n"
                               "<target version=\"1.0\">\n");
    const char *feature = NULL;

    d->list(s->threads[0].v, s->regs);
    g_string_append_printf(to, "<architecture>%s</architecture>\n", d->arch);
    for (unsigned i = 0; i < s->regs->len; i++) {
        const TargetReg *r = reg_at(s, i);

        if (r->feature != feature) {
            g_string_append(to, feature != NULL ? "</feature>\n" : "");
            begin_feature(s, to, r->feature);
            feature = r->feature;
        }
        put_reg(to, r, i);
    }
    g_string_append(to, "</feature>\n</target>\n");
    s->description = g_string_free(to, FALSE);
}

/* ---- access ------------------------------------------------------------- */

/* The thread whose registers they are; NULL, with an error: it runs. */
static GdbThread *stopped_thread(GdbStub *s)
{
    GdbThread *t = &s->threads[s->g_thread];

    if (t->running) {
        gdb_error_text(s, "thread is running");
        return NULL;
    }
    return t;
}

static void put_value(GdbStub *s, GdbThread *t, const TargetReg *r)
{
    uint8_t bytes[MAX_BYTES];

    if (s->target->debug->read(t->v, r, bytes)) {
        gdb_put_hex(s->reply, bytes, r->bits / 8);
    } else {
        for (unsigned i = 0; i < r->bits / 8; i++) {
            g_string_append(s->reply, "xx"); /* not available */
        }
    }
}

void gdb_read_all(GdbStub *s, const char *args, size_t len)
{
    GdbThread *t = stopped_thread(s);

    for (unsigned i = 0; t != NULL && i < s->regs->len; i++) {
        if (reg_at(s, i)->in_g) {
            put_value(s, t, reg_at(s, i));
        }
    }
}

/* Registers behind the packet's end stay. */
void gdb_write_all(GdbStub *s, const char *args, size_t len)
{
    GdbThread *t = stopped_thread(s);

    if (t == NULL) {
        return;
    }
    for (unsigned i = 0; i < s->regs->len && reg_at(s, i)->in_g; i++) {
        const TargetReg *r = reg_at(s, i);
        uint8_t bytes[MAX_BYTES];

        if (*args == '\0') {
            break;
        }
        if (g_str_has_prefix(args, "xx") &&
            strlen(args) >= r->bits / 4) { /* leave it */
            args += r->bits / 4;
            continue;
        }
        if (!gdb_take_bytes(&args, bytes, r->bits / 8)) {
            gdb_error(s, GDB_EINVAL);
            return;
        }
        s->target->debug->write(t->v, r, bytes);
    }
    gdb_ok(s);
}

static const TargetReg *take_reg(const GdbStub *s, const char **at)
{
    uint64_t number;

    return gdb_take_number(at, &number) && number < s->regs->len
               ? reg_at(s, (unsigned)number)
               : NULL;
}

void gdb_read_one(GdbStub *s, const char *args, size_t len)
{
    const TargetReg *r = take_reg(s, &args);
    GdbThread *t;

    if (r == NULL || (*args != '\0' && *args != ';')) {
        gdb_error(s, GDB_EINVAL);
    } else if ((t = stopped_thread(s)) != NULL) {
        put_value(s, t, r);
    }
}

void gdb_write_one(GdbStub *s, const char *args, size_t len)
{
    const TargetReg *r = take_reg(s, &args);
    uint8_t bytes[MAX_BYTES];
    GdbThread *t;

    if (r == NULL || !gdb_take(&args, '=') ||
        !gdb_take_bytes(&args, bytes, r->bits / 8) ||
        (*args != '\0' && *args != ';')) {
        gdb_error(s, GDB_EINVAL);
    } else if ((t = stopped_thread(s)) != NULL) {
        if (s->target->debug->write(t->v, r, bytes)) {
            gdb_ok(s);
        } else {
            gdb_error(s, GDB_EPERM);
        }
    }
}
