/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd/runtime/features.c - features: what this runtime knows, as JSON
 * (runtime specification, features.md). From the tables that do the work. */
#include <stdlib.h>

#include "cmd/runtime/runtime.h"
#include "container/mount-options.h"
#include "container/namespaces.h"
#include "container/process.h"
#include "container/syscall-filter.h"

static void add_list(JsonObject *to, const char *name,
                     const char *const *strings)
{
    JsonArray *array = json_array_new();

    for (; *strings != NULL; strings++) {
        json_array_add_string_element(array, *strings);
    }
    json_object_set_array_member(to, name, array);
}

static JsonObject *add_object(JsonObject *to, const char *name)
{
    JsonObject *o = json_object_new();

    json_object_set_object_member(to, name, o);
    return o;
}

static void add_namespaces(JsonObject *to)
{
    JsonArray *array = json_array_new();

    for (const NamespaceKind *k = namespace_kinds; k->name != NULL; k++) {
        json_array_add_string_element(array, k->name);
    }
    json_object_set_array_member(to, "namespaces", array);
}

static void add_bools(JsonObject *to, const char *const *names)
{
    for (; *names != NULL; names++) {
        json_object_set_boolean_member(to, *names, TRUE);
    }
}

static void add_linux(JsonObject *to)
{
    static const char *const groups[] = {"v1", "v2", "systemd", NULL};
    JsonObject *seccomp, *cgroup;
    g_auto(GStrv) caps = capabilities_names();

    add_namespaces(to);
    add_list(to, "capabilities", (const char *const *)caps);
    cgroup = add_object(to, "cgroup");
    add_bools(cgroup, groups);
    json_object_set_boolean_member(cgroup, "systemdUser", FALSE);
    json_object_set_boolean_member(cgroup, "rdma", FALSE);
    seccomp = add_object(to, "seccomp");
    json_object_set_boolean_member(seccomp, "enabled", TRUE);
    add_list(seccomp, "actions", seccomp_action_names);
    add_list(seccomp, "operators", seccomp_operator_names);
    add_list(seccomp, "archs", seccomp_arch_names);
    add_list(seccomp, "knownFlags", seccomp_flag_names);
    add_list(seccomp, "supportedFlags", seccomp_flag_names);
    json_object_set_boolean_member(add_object(to, "apparmor"), "enabled",
                                   FALSE);
    json_object_set_boolean_member(add_object(to, "selinux"), "enabled", FALSE);
    json_object_set_boolean_member(add_object(to, "intelRdt"), "enabled",
                                   FALSE);
    json_object_set_boolean_member(
        add_object(add_object(to, "mountExtensions"), "idmap"), "enabled",
        TRUE);
}

int verb_features(const RuntimeOptions *o, int argc, char **argv,
                  GError **error)
{
    static const char *const hooks[] = {
        "prestart",
        "createRuntime",
        "createContainer",
        "startContainer",
        "poststart",
        "poststop",
        NULL,
    };
    const GOptionEntry entries[] = {{NULL}};
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);
    g_autofree const char **options = mount_options_names();
    JsonObject *all = json_object_new();

    if (!runtime_parse(entries, &argc, &argv, 0, 0, error)) {
        json_object_unref(all);
        return -1;
    }
    json_object_set_string_member(all, "ociVersionMin", "1.0.0");
    json_object_set_string_member(all, "ociVersionMax", "1.2.0");
    add_list(all, "hooks", hooks);
    add_list(all, "mountOptions", options);
    add_linux(add_object(all, "linux"));
    json_node_take_object(node, all);
    runtime_print_json(node, true);
    return EXIT_SUCCESS;
}
