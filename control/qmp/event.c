/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/qmp/event.c - events to every client. Kinds that a guest could make
 * as fast as it likes are limited, some for each device: the first goes out at
 * once, of those that follow within the interval the last, at its end. */
#include <string.h>

#include "control/qmp/qmp_priv.h"
#include "control/trace.h"

typedef struct {
    Control *control;
    guint timer;       /* runs during the interval; 0: none does */
    JsonNode *pending; /* the last of the interval */
} Throttle;

static void throttle_free(void *opaque)
{
    Throttle *t = opaque;

    if (t->timer != 0) {
        g_source_remove(t->timer);
    }
    g_clear_pointer(&t->pending, json_node_unref);
    g_free(t);
}

static JsonNode *event_new(const char *name, JsonObject *data)
{
    JsonObject *o = json_object_new(), *stamp = json_object_new();
    int64_t us = g_get_real_time();

    json_object_set_int_member(stamp, "seconds", us / G_USEC_PER_SEC);
    json_object_set_int_member(stamp, "microseconds", us % G_USEC_PER_SEC);
    json_object_set_object_member(o, "timestamp", stamp);
    json_object_set_string_member(o, "event", name);
    if (data != NULL) {
        json_object_set_object_member(o, "data", data);
    }
    return node_of(o);
}

static void broadcast(Control *c, JsonNode *event)
{
    for (unsigned i = 0; i < c->sessions->len; i++) {
        qmp_session_event(g_ptr_array_index(c->sessions, i), event);
    }
}

static gboolean interval_over(void *opaque)
{
    Throttle *t = opaque;
    g_autoptr(JsonNode) event = g_steal_pointer(&t->pending);

    if (event == NULL) {
        t->timer = 0;
        return G_SOURCE_REMOVE;
    }
    broadcast(t->control, event);
    return G_SOURCE_CONTINUE;
}

/* What is limited together. */
static char *throttle_key(const QmpEvent *e, JsonObject *data)
{
    return e->each != NULL
               ? g_strconcat(e->name, " ", arg_string(data, e->each), NULL)
               : g_strdup(e->name);
}

static void emit_limited(Control *c, const char *key, unsigned interval_ms,
                         JsonNode *event)
{
    Throttle *t = g_hash_table_lookup(c->throttled, key);

    if (t == NULL) {
        t = g_new0(Throttle, 1);
        t->control = c;
        g_hash_table_insert(c->throttled, g_strdup(key), t);
    }
    if (t->timer != 0) {
        g_clear_pointer(&t->pending, json_node_unref);
        t->pending = json_node_ref(event);
        return;
    }
    broadcast(c, event);
    t->timer = g_timeout_add(interval_ms, interval_over, t);
}

void qmp_emit(Control *c, const char *name, JsonObject *data)
{
    g_autoptr(JsonNode) event = event_new(name, data);

    trace(monitor_protocol_event_emit, name);
    for (const QmpEvent *e = qmp_events; e->name != NULL; e++) {
        if (strcmp(e->name, name) != 0) {
            continue;
        }
        if (e->interval_ms != 0) {
            g_autofree char *key = throttle_key(e, data);

            emit_limited(c, key, e->interval_ms, event);
        } else {
            broadcast(c, event);
        }
        return;
    }
    g_error("event '%s' is not in the schema", name);
}

/* ---- the machine's run ---- */

static JsonObject *cause_data(RunCause cause)
{
    JsonObject *data = json_object_new();

    json_object_set_boolean_member(data, "guest", run_cause_is_guest(cause));
    json_object_set_string_member(data, "reason", run_cause_name(cause));
    return data;
}

/* Tools wait for the part of a virtio device that is not its transport, too. */
static void emit_device(Control *c, const char *name, const Device *dev)
{
    g_autofree char *path = qmp_device_path(c->m, dev);
    g_autofree char *inner = qmp_inner_path(c->m, dev);
    JsonObject *data = json_object_new();

    if (strcmp(inner, path) != 0 && strcmp(name, "DEVICE_DELETED") == 0) {
        JsonObject *before = json_object_new();

        json_object_set_string_member(before, "path", inner);
        qmp_emit(c, name, before);
    }
    set_string(data, "device", dev->id);
    json_object_set_string_member(data, "path", path);
    qmp_emit(c, name, data);
}

static JsonObject *event_data(const Machine *m, const MachineEvent *e)
{
    static const char *const panic_actions[] = {
        [PANIC_SHUTDOWN] = "poweroff",
        [PANIC_PAUSE] = "pause",
        [PANIC_EXIT_FAILURE] = "poweroff",
        [PANIC_NONE] = "run",
    };
    g_autofree char *path = NULL;
    JsonObject *data;

    switch (e->kind) {
    case MACHINE_WAS_RESET:
    case MACHINE_SHUT_DOWN:
        return cause_data(e->cause);
    case MACHINE_PANICKED:
    case MACHINE_CRASH_LOADED:
        data = json_object_new();
        json_object_set_string_member(data, "action", panic_actions[e->value]);
        return data;
    case MACHINE_WATCHDOG:
        data = json_object_new();
        json_object_set_string_member(
            data, "action", action_descs[ACTION_WATCHDOG].actions[e->value]);
        return data;
    case MACHINE_BALLOON:
        data = json_object_new();
        json_object_set_int_member(data, "actual", (int64_t)e->value);
        return data;
    case MACHINE_RTC_SET:
        data = json_object_new();
        path = qmp_device_path(m, e->device);
        json_object_set_int_member(data, "offset", (int64_t)e->value);
        json_object_set_string_member(data, "qom-path", path);
        return data;
    case MACHINE_RX_FILTER:
        data = json_object_new();
        path = qmp_inner_path(m, e->device);
        set_string(data, "name", e->device->id);
        json_object_set_string_member(data, "path", path);
        return data;
    case MACHINE_BLOCK_ERROR:
        return qmp_block_error(m, e->error);
    default:
        return NULL;
    }
}

static void observed(void *opaque, const MachineEvent *e)
{
    static const char *const names[] = {
        [MACHINE_STOPPED] = "STOP",
        [MACHINE_RESUMED] = "RESUME",
        [MACHINE_WAS_RESET] = "RESET",
        [MACHINE_SHUT_DOWN] = "SHUTDOWN",
        [MACHINE_POWERDOWN] = "POWERDOWN",
        [MACHINE_DEVICE_DELETED] = "DEVICE_DELETED",
        [MACHINE_DEVICE_KEPT] = "DEVICE_UNPLUG_GUEST_ERROR",
        [MACHINE_PANICKED] = "GUEST_PANICKED",
        [MACHINE_CRASH_LOADED] = "GUEST_CRASHLOADED",
        [MACHINE_WATCHDOG] = "WATCHDOG",
        [MACHINE_RX_FILTER] = "NIC_RX_FILTER_CHANGED",
        [MACHINE_RTC_SET] = "RTC_CHANGE",
        [MACHINE_BLOCK_ERROR] = "BLOCK_IO_ERROR",
        [MACHINE_BALLOON] = "BALLOON_CHANGE",
    };
    Control *c = opaque;

    if (e->kind == MACHINE_DEVICE_DELETED || e->kind == MACHINE_DEVICE_KEPT) {
        emit_device(c, names[e->kind], e->device);
    } else {
        qmp_emit(c, names[e->kind], event_data(c->m, e));
    }
}

void qmp_events_start(Control *c)
{
    c->throttled =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, throttle_free);
    machine_observe(c->m, observed, c);
}

void qmp_events_stop(Control *c)
{
    machine_unobserve(c->m, observed, c);
    g_hash_table_unref(c->throttled);
}
