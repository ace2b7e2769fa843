/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/control.c - a monitor at every place the machine has for one, and
 * the gdb stub at its. */
#include "control/control_priv.h"
#include "control/hmp/hmp.h"
#include "control/qmp/qmp_priv.h"

static void session_free(void *session)
{
    qmp_session_free(session);
}

static void person_free(void *session)
{
    hmp_session_free(session);
}

static bool add_monitor(Control *c, const MachineMonitor *place, GError **error)
{
    void *session =
        place->control
            ? (void *)qmp_session_new(c, place->chr, place->pretty, error)
            : (void *)hmp_session_new(c, place->chr, place->shared, error);

    if (session == NULL) {
        g_prefix_error(error, "monitor '%s': ", place->id);
        return false;
    }
    g_ptr_array_add(place->control ? c->sessions : c->people, session);
    return true;
}

/* gdb's monitor command, about the vCPU that it looks at. */
static char *monitor_line(void *opaque, const char *line, unsigned cpu)
{
    return hmp_run(opaque, line, &cpu);
}

Control *control_new(Machine *m, const char *version, GError **error)
{
    g_autoptr(Control) c = g_new0(Control, 1);
    const GPtrArray *places = machine_monitors(m);

    c->m = m;
    c->version = version;
    c->sessions = g_ptr_array_new_with_free_func(session_free);
    c->people = g_ptr_array_new_with_free_func(person_free);
    c->typist = typist_new(machine_backends(m)->inputs);
    qmp_events_start(c);
    qmp_remotes_start(c);
    for (unsigned i = 0; i < places->len; i++) {
        if (!add_monitor(c, g_ptr_array_index(places, i), error)) {
            return NULL;
        }
    }
    if (machine_debugger(m) != NULL) {
        c->gdb = gdb_stub_new(m, machine_debugger(m), error);
        if (c->gdb == NULL) {
            g_prefix_error(error, "-gdb: ");
            return NULL;
        }
        gdb_stub_set_monitor(c->gdb, monitor_line, c);
    }
    return g_steal_pointer(&c);
}

void control_exited(Control *c, int exit_code)
{
    gdb_stub_exited(c->gdb, exit_code);
}

void control_free(Control *c)
{
    if (c != NULL) {
        gdb_stub_free(c->gdb);
        qmp_remotes_stop(c);
        qmp_events_stop(c);
        g_ptr_array_unref(c->sessions);
        g_ptr_array_unref(c->people);
        typist_free(c->typist);
        g_free(c);
    }
}
