/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/gdb/threads.c - vCPUs as threads: their numbers, lists, and the
 * choice of one. */
#include <string.h>

#include "control/gdb/gdb_priv.h"

enum { ALL = -1, ANY = 0, PROCESS = 1, PER_PACKET = 64 };

/* "-1" or a number. */
static bool take_id(const char **at, int *id)
{
    uint64_t value;

    if (gdb_take(at, '-')) {
        *id = ALL;
        return gdb_take(at, '1');
    }
    if (!gdb_take_number(at, &value) || value > G_MAXINT) {
        return false;
    }
    *id = (int)value;
    return true;
}

bool gdb_take_thread(const GdbStub *s, const char **at, int *number)
{
    int process;

    *number = ALL;
    if (!gdb_take(at, 'p')) {
        return take_id(at, number) && *number <= (int)s->n_threads;
    }
    if (!take_id(at, &process) || process > PROCESS) {
        return false;
    }
    if (!gdb_take(at, '.')) {
        return true; /* all of the process */
    }
    return take_id(at, number) && *number <= (int)s->n_threads;
}

void gdb_put_thread(const GdbStub *s, GString *to, const GdbThread *t)
{
    g_string_append_printf(to, "%s%02x", s->multiprocess ? "p01." : "",
                           t->v->index + 1);
}

GdbThread *gdb_thread(GdbStub *s, int number)
{
    return number >= 1 && number <= (int)s->n_threads ? &s->threads[number - 1]
                                                      : NULL;
}

/* Hg: of whom registers and memory are. Hc: who goes on by c and s. */
void gdb_set_thread(GdbStub *s, const char *args, size_t len)
{
    char what = *args;
    int number;

    if (what != 'g' && what != 'c') {
        return;
    }
    args++;
    if (!gdb_take_thread(s, &args, &number) || *args != '\0') {
        gdb_error(s, GDB_EINVAL);
        return;
    }
    if (what == 'c') {
        s->c_thread = number == ANY ? (int)s->g_thread + 1 : number;
    } else if (number > 0) {
        s->g_thread = (unsigned)number - 1;
    }
    gdb_ok(s);
}

void gdb_thread_alive(GdbStub *s, const char *args, size_t len)
{
    int number;

    if (gdb_take_thread(s, &args, &number) && gdb_thread(s, number) != NULL) {
        gdb_ok(s);
    } else {
        gdb_error(s, GDB_EINVAL);
    }
}

void gdb_current_thread(GdbStub *s, const char *args, size_t len)
{
    if (len > 0) { /* qCRC and others */
        return;
    }
    g_string_assign(s->reply, "QC");
    gdb_put_thread(s, s->reply, &s->threads[s->g_thread]);
}

void gdb_next_threads(GdbStub *s, const char *args, size_t len)
{
    unsigned end = MIN(s->next_listed + PER_PACKET, s->n_threads);

    if (s->next_listed == end) {
        g_string_assign(s->reply, "l");
        return;
    }
    for (unsigned i = s->next_listed; i < end; i++) {
        g_string_append_c(s->reply, i == s->next_listed ? 'm' : ',');
        gdb_put_thread(s, s->reply, &s->threads[i]);
    }
    s->next_listed = end;
}

void gdb_first_threads(GdbStub *s, const char *args, size_t len)
{
    s->next_listed = 0;
    gdb_next_threads(s, args, len);
}

static const char *state_of(const GdbThread *t)
{
    const Target *target = t->stub->target;

    if (target->is_on != NULL && !target->is_on(t->v)) {
        return "off";
    }
    return t->running ? "running" : t->v->halted ? "halted" : "stopped";
}

static void describe(const GdbThread *t, GString *to)
{
    g_string_append_printf(to, "CPU#%u [%s]", t->v->index, state_of(t));
}

void gdb_thread_info(GdbStub *s, const char *args, size_t len)
{
    g_autoptr(GString) text = g_string_new(NULL);
    const GdbThread *t;
    int number;

    if (!gdb_take_thread(s, &args, &number) ||
        (t = gdb_thread(s, number)) == NULL) {
        gdb_error(s, GDB_EINVAL);
        return;
    }
    describe(t, text);
    gdb_put_hex(s->reply, text->str, text->len);
}

void gdb_put_thread_list(GdbStub *s, GString *to)
{
    g_string_append(to, "<?xml version=\"1.0\"?>\n<threads>\n");
    for (unsigned i = 0; i < s->n_threads; i++) {
        const GdbThread *t = &s->threads[i];

        g_string_append(to, "<thread id=\"");
        gdb_put_thread(s, to, t);
        g_string_append_printf(to, "\" core=\"%u\" name=\"vcpu %u\">", i, i);
        describe(t, to);
        g_string_append(to, "</thread>\n");
    }
    g_string_append(to, "</threads>\n");
}
