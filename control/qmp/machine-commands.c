/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/qmp/machine-commands.c - what the machine is: board, CPUs, memory. */
#include <string.h>

#include "control/qmp/qmp_priv.h"
#include "qmp-handlers.h"

static JsonNode *one_string(const char *name, const char *value)
{
    JsonObject *o = json_object_new();

    set_string(o, name, value);
    return node_of(o);
}

JsonNode *qmp_query_name(QmpCall *call, JsonObject *args, GError **error)
{
    return one_string("name", machine_config(call->control->m)->name);
}

JsonNode *qmp_query_uuid(QmpCall *call, JsonObject *args, GError **error)
{
    const char *uuid = machine_config(call->control->m)->uuid;

    return one_string(
        "UUID", uuid != NULL ? uuid : "00000000-0000-0000-0000-000000000000");
}

JsonNode *qmp_query_target(QmpCall *call, JsonObject *args, GError **error)
{
    return one_string("arch", machine_target(call->control->m)->name);
}

static JsonNode *flags(const char *first, const char *second)
{
    JsonObject *o = json_object_new();

    json_object_set_boolean_member(o, first, FALSE);
    if (second != NULL) {
        json_object_set_boolean_member(o, second, FALSE);
    }
    return node_of(o);
}

JsonNode *qmp_query_kvm(QmpCall *call, JsonObject *args, GError **error)
{
    return flags("enabled", "present");
}

JsonNode *qmp_query_current_machine(QmpCall *call, JsonObject *args,
                                    GError **error)
{
    return flags("wakeup-suspend-support", NULL);
}

JsonNode *qmp_query_iothreads(QmpCall *call, JsonObject *args, GError **error)
{
    return node_of_array(json_array_new());
}

JsonNode *qmp_query_memory_devices(QmpCall *call, JsonObject *args,
                                   GError **error)
{
    return node_of_array(json_array_new());
}

JsonNode *qmp_query_memory_size_summary(QmpCall *call, JsonObject *args,
                                        GError **error)
{
    JsonObject *o = json_object_new();

    json_object_set_int_member(
        o, "base-memory", (int64_t)machine_config(call->control->m)->ram_bytes);
    json_object_set_int_member(o, "plugged-memory", 0);
    return node_of(o);
}

JsonNode *qmp_query_machines(QmpCall *call, JsonObject *args, GError **error)
{
    JsonArray *list = json_array_new();
    BoardInfo b;

    for (unsigned i = 0; machine_board_info(call->control->m, i, &b); i++) {
        JsonObject *o = json_object_new();

        json_object_set_string_member(o, "name", b.name);
        json_object_set_int_member(o, "cpu-max", b.max_cpus);
        json_object_set_boolean_member(o, "hotpluggable-cpus", FALSE);
        json_object_set_boolean_member(o, "numa-mem-supported", FALSE);
        json_object_set_boolean_member(o, "deprecated", FALSE);
        json_object_set_boolean_member(o, "acpi", b.acpi);
        if (i == 0) {
            json_object_set_boolean_member(o, "is-default", TRUE);
        }
        set_string(o, "default-cpu-type", b.default_cpu);
        json_array_add_object_element(list, o);
    }
    return node_of_array(list);
}

/* Arm's boards group CPUs; others number cores. */
static JsonObject *cpu_place(const Machine *m, unsigned n)
{
    CpuTopology t = config_topology(machine_config(m));
    JsonObject *o = json_object_new();

    if (strcmp(machine_target(m)->name, "aarch64") != 0) {
        json_object_set_int_member(o, "core-id", n);
        return o;
    }
    json_object_set_int_member(o, "thread-id", n % t.threads);
    json_object_set_int_member(o, "core-id", n / t.threads % t.cores);
    json_object_set_int_member(o, "cluster-id",
                               n / (t.threads * t.cores) % t.clusters);
    json_object_set_int_member(o, "socket-id",
                               n / (t.threads * t.cores * t.clusters));
    return o;
}

static JsonObject *cpu_info(const Machine *m, const Vcpu *v)
{
    JsonObject *o = json_object_new();
    g_autofree char *path =
        g_strdup_printf("/machine/unattached/device[%u]", v->index);

    json_object_set_int_member(o, "cpu-index", v->index);
    json_object_set_string_member(o, "qom-path", path);
    json_object_set_int_member(o, "thread-id", atomic_load(&v->host_thread));
    json_object_set_object_member(o, "props", cpu_place(m, v->index));
    json_object_set_string_member(o, "target", machine_target(m)->name);
    return o;
}

JsonNode *qmp_query_cpus_fast(QmpCall *call, JsonObject *args, GError **error)
{
    const Machine *m = call->control->m;
    JsonArray *list = json_array_new();

    for (unsigned i = 0; i < machine_n_vcpus(m); i++) {
        json_array_add_object_element(list, cpu_info(m, machine_vcpu(m, i)));
    }
    return node_of_array(list);
}

JsonNode *qmp_query_gic_capabilities(QmpCall *call, JsonObject *args,
                                     GError **error)
{
    JsonArray *list = json_array_new();

    for (int version = 3; version >= 2; version--) {
        JsonObject *o = json_object_new();

        json_object_set_int_member(o, "version", version);
        json_object_set_boolean_member(o, "emulated", TRUE);
        json_object_set_boolean_member(o, "kernel", FALSE);
        json_array_add_object_element(list, o);
    }
    return node_of_array(list);
}
