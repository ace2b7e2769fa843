/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/spec.c - the names of config.json's members, and what a
 * configuration must fulfil before anything is made of it. */
#include "container/spec.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>
#include <unistd.h>

#include "util/json.h"

enum {
    MAX_DOCUMENT = 16 << 20, /* bytes; a large real one has 60 kB */
};

/* clang-format off */

static const JsonField console_size_fields[] = {
    JSON_UINT32(SpecConsoleSize, height, "height"),
    JSON_UINT32(SpecConsoleSize, width, "width"),
};
static const JsonStruct console_size_json = JSON_STRUCT(SpecConsoleSize, console_size_fields);

static const JsonField user_fields[] = {
    JSON_UINT32(SpecUser, uid, "uid"),
    JSON_UINT32(SpecUser, gid, "gid"),
    JSON_UINT32(SpecUser, umask, "umask", .has = JSON_HAS(SpecUser, has_umask)),
    JSON_UINTS(SpecUser, additional_gids, "additionalGids"),
};
static const JsonStruct user_json = JSON_STRUCT(SpecUser, user_fields);

static const JsonField capabilities_fields[] = {
    JSON_STRINGS(SpecCapabilities, bounding, "bounding"),
    JSON_STRINGS(SpecCapabilities, effective, "effective"),
    JSON_STRINGS(SpecCapabilities, inheritable, "inheritable"),
    JSON_STRINGS(SpecCapabilities, permitted, "permitted"),
    JSON_STRINGS(SpecCapabilities, ambient, "ambient"),
};
static const JsonStruct capabilities_json = JSON_STRUCT(SpecCapabilities, capabilities_fields);

static const JsonField rlimit_fields[] = {
    JSON_STRING(SpecRlimit, type, "type", .required = true),
    JSON_INT(SpecRlimit, soft, "soft", .required = true),
    JSON_INT(SpecRlimit, hard, "hard", .required = true),
};
static const JsonStruct rlimit_json = JSON_STRUCT(SpecRlimit, rlimit_fields);

static const JsonField scheduler_fields[] = {
    JSON_STRING(SpecScheduler, policy, "policy", .required = true),
    JSON_INT(SpecScheduler, nice, "nice"),
    JSON_INT(SpecScheduler, priority, "priority"),
    JSON_STRINGS(SpecScheduler, flags, "flags"),
    JSON_INT(SpecScheduler, runtime, "runtime"),
    JSON_INT(SpecScheduler, deadline, "deadline"),
    JSON_INT(SpecScheduler, period, "period"),
};
static const JsonStruct scheduler_json = JSON_STRUCT(SpecScheduler, scheduler_fields);

static const JsonField io_priority_fields[] = {
    JSON_STRING(SpecIoPriority, class_, "class", .required = true),
    JSON_INT(SpecIoPriority, priority, "priority"),
};
static const JsonStruct io_priority_json = JSON_STRUCT(SpecIoPriority, io_priority_fields);

static const JsonField process_fields[] = {
    JSON_BOOL(SpecProcess, terminal, "terminal"),
    JSON_OBJECT(SpecProcess, console_size, "consoleSize", console_size_json),
    JSON_OBJECT(SpecProcess, user, "user", user_json),
    JSON_STRING(SpecProcess, cwd, "cwd", .required = true),
    JSON_STRINGS(SpecProcess, args, "args"),
    JSON_STRINGS(SpecProcess, env, "env"),
    JSON_POINTER(SpecProcess, capabilities, "capabilities", capabilities_json),
    JSON_LIST(SpecProcess, rlimits, "rlimits", rlimit_json),
    JSON_BOOL(SpecProcess, no_new_privileges, "noNewPrivileges"),
    JSON_STRING(SpecProcess, apparmor_profile, "apparmorProfile"),
    JSON_STRING(SpecProcess, selinux_label, "selinuxLabel"),
    JSON_INT(SpecProcess, oom_score_adj, "oomScoreAdj", .has = JSON_HAS(SpecProcess, has_oom_score_adj)),
    JSON_POINTER(SpecProcess, scheduler, "scheduler", scheduler_json),
    JSON_POINTER(SpecProcess, io_priority, "ioPriority", io_priority_json),
};
static const JsonStruct process_json = JSON_STRUCT(SpecProcess, process_fields);

static const JsonField root_fields[] = {
    JSON_STRING(SpecRoot, path, "path", .required = true),
    JSON_BOOL(SpecRoot, readonly, "readonly"),
};
static const JsonStruct root_json = JSON_STRUCT(SpecRoot, root_fields);

static const JsonField id_map_fields[] = {
    JSON_UINT32(SpecIdMap, container_id, "containerID", .required = true),
    JSON_UINT32(SpecIdMap, host_id, "hostID", .required = true),
    JSON_UINT32(SpecIdMap, size, "size", .required = true),
};
static const JsonStruct id_map_json = JSON_STRUCT(SpecIdMap, id_map_fields);

static const JsonField mount_fields[] = {
    JSON_STRING(SpecMount, destination, "destination", .required = true),
    JSON_STRING(SpecMount, type, "type"),
    JSON_STRING(SpecMount, source, "source"),
    JSON_STRINGS(SpecMount, options, "options"),
    JSON_LIST(SpecMount, uid_mappings, "uidMappings", id_map_json),
    JSON_LIST(SpecMount, gid_mappings, "gidMappings", id_map_json),
};
static const JsonStruct mount_json = JSON_STRUCT(SpecMount, mount_fields);

static const JsonField hook_fields[] = {
    JSON_STRING(SpecHook, path, "path", .required = true),
    JSON_STRINGS(SpecHook, args, "args"),
    JSON_STRINGS(SpecHook, env, "env"),
    JSON_INT(SpecHook, timeout, "timeout", .has = JSON_HAS(SpecHook, has_timeout)),
};
static const JsonStruct hook_json = JSON_STRUCT(SpecHook, hook_fields);

static const JsonField hooks_fields[] = {
    JSON_LIST(SpecHooks, prestart, "prestart", hook_json),
    JSON_LIST(SpecHooks, create_runtime, "createRuntime", hook_json),
    JSON_LIST(SpecHooks, create_container, "createContainer", hook_json),
    JSON_LIST(SpecHooks, start_container, "startContainer", hook_json),
    JSON_LIST(SpecHooks, poststart, "poststart", hook_json),
    JSON_LIST(SpecHooks, poststop, "poststop", hook_json),
};
static const JsonStruct hooks_json = JSON_STRUCT(SpecHooks, hooks_fields);

static const JsonField namespace_fields[] = {
    JSON_STRING(SpecNamespace, type, "type", .required = true),
    JSON_STRING(SpecNamespace, path, "path"),
};
static const JsonStruct namespace_json = JSON_STRUCT(SpecNamespace, namespace_fields);

static const JsonField device_fields[] = {
    JSON_STRING(SpecDevice, type, "type", .required = true),
    JSON_STRING(SpecDevice, path, "path", .required = true),
    JSON_INT(SpecDevice, major, "major"),
    JSON_INT(SpecDevice, minor, "minor"),
    JSON_UINT32(SpecDevice, file_mode, "fileMode", .has = JSON_HAS(SpecDevice, has_file_mode)),
    JSON_UINT32(SpecDevice, uid, "uid", .has = JSON_HAS(SpecDevice, has_uid)),
    JSON_UINT32(SpecDevice, gid, "gid", .has = JSON_HAS(SpecDevice, has_gid)),
};
static const JsonStruct device_json = JSON_STRUCT(SpecDevice, device_fields);

static const JsonField device_rule_fields[] = {
    JSON_BOOL(SpecDeviceRule, allow, "allow", .required = true),
    JSON_STRING(SpecDeviceRule, type, "type"),
    JSON_STRING(SpecDeviceRule, access, "access"),
    JSON_INT(SpecDeviceRule, major, "major", .has = JSON_HAS(SpecDeviceRule, has_major)),
    JSON_INT(SpecDeviceRule, minor, "minor", .has = JSON_HAS(SpecDeviceRule, has_minor)),
};
static const JsonStruct device_rule_json = JSON_STRUCT(SpecDeviceRule, device_rule_fields);

static const JsonField memory_fields[] = {
    JSON_INT(SpecMemory, limit, "limit", .has = JSON_HAS(SpecMemory, has_limit)),
    JSON_INT(SpecMemory, reservation, "reservation", .has = JSON_HAS(SpecMemory, has_reservation)),
    JSON_INT(SpecMemory, swap, "swap", .has = JSON_HAS(SpecMemory, has_swap)),
    JSON_INT(SpecMemory, kernel, "kernel", .has = JSON_HAS(SpecMemory, has_kernel)),
    JSON_INT(SpecMemory, kernel_tcp, "kernelTCP", .has = JSON_HAS(SpecMemory, has_kernel_tcp)),
    JSON_INT(SpecMemory, swappiness, "swappiness", .has = JSON_HAS(SpecMemory, has_swappiness)),
    JSON_BOOL(SpecMemory, disable_oom_killer, "disableOOMKiller", .has = JSON_HAS(SpecMemory, has_disable_oom_killer)),
    JSON_BOOL(SpecMemory, check_before_update, "checkBeforeUpdate"),
};
static const JsonStruct memory_json = JSON_STRUCT(SpecMemory, memory_fields);

static const JsonField cpu_fields[] = {
    JSON_INT(SpecCpu, shares, "shares", .has = JSON_HAS(SpecCpu, has_shares)),
    JSON_INT(SpecCpu, quota, "quota", .has = JSON_HAS(SpecCpu, has_quota)),
    JSON_INT(SpecCpu, burst, "burst", .has = JSON_HAS(SpecCpu, has_burst)),
    JSON_INT(SpecCpu, period, "period", .has = JSON_HAS(SpecCpu, has_period)),
    JSON_INT(SpecCpu, rt_runtime, "realtimeRuntime", .has = JSON_HAS(SpecCpu, has_rt_runtime)),
    JSON_INT(SpecCpu, rt_period, "realtimePeriod", .has = JSON_HAS(SpecCpu, has_rt_period)),
    JSON_INT(SpecCpu, idle, "idle", .has = JSON_HAS(SpecCpu, has_idle)),
    JSON_STRING(SpecCpu, cpus, "cpus"),
    JSON_STRING(SpecCpu, mems, "mems"),
};
static const JsonStruct cpu_json = JSON_STRUCT(SpecCpu, cpu_fields);

static const JsonField pids_fields[] = {
    JSON_INT(SpecPids, limit, "limit", .has = JSON_HAS(SpecPids, has_limit)),
};
static const JsonStruct pids_json = JSON_STRUCT(SpecPids, pids_fields);

static const JsonField block_device_fields[] = {
    JSON_INT(SpecBlockDevice, major, "major", .required = true),
    JSON_INT(SpecBlockDevice, minor, "minor", .required = true),
    JSON_INT(SpecBlockDevice, rate, "rate"),
    JSON_INT(SpecBlockDevice, weight, "weight", .has = JSON_HAS(SpecBlockDevice, has_weight)),
    JSON_INT(SpecBlockDevice, leaf_weight, "leafWeight", .has = JSON_HAS(SpecBlockDevice, has_leaf_weight)),
};
static const JsonStruct block_device_json = JSON_STRUCT(SpecBlockDevice, block_device_fields);

static const JsonField block_io_fields[] = {
    JSON_INT(SpecBlockIo, weight, "weight", .has = JSON_HAS(SpecBlockIo, has_weight)),
    JSON_INT(SpecBlockIo, leaf_weight, "leafWeight", .has = JSON_HAS(SpecBlockIo, has_leaf_weight)),
    JSON_LIST(SpecBlockIo, weight_device, "weightDevice", block_device_json),
    JSON_LIST(SpecBlockIo, read_bps, "throttleReadBpsDevice", block_device_json),
    JSON_LIST(SpecBlockIo, write_bps, "throttleWriteBpsDevice", block_device_json),
    JSON_LIST(SpecBlockIo, read_iops, "throttleReadIOPSDevice", block_device_json),
    JSON_LIST(SpecBlockIo, write_iops, "throttleWriteIOPSDevice", block_device_json),
};
static const JsonStruct block_io_json = JSON_STRUCT(SpecBlockIo, block_io_fields);

static const JsonField hugepage_limit_fields[] = {
    JSON_STRING(SpecHugepageLimit, page_size, "pageSize", .required = true),
    JSON_INT(SpecHugepageLimit, limit, "limit", .required = true),
};
static const JsonStruct hugepage_limit_json = JSON_STRUCT(SpecHugepageLimit, hugepage_limit_fields);

static const JsonField network_priority_fields[] = {
    JSON_STRING(SpecNetworkPriority, name, "name", .required = true),
    JSON_INT(SpecNetworkPriority, priority, "priority", .required = true),
};
static const JsonStruct network_priority_json = JSON_STRUCT(SpecNetworkPriority, network_priority_fields);

static const JsonField network_class_fields[] = {
    JSON_INT(SpecNetworkClass, class_id, "classID", .has = JSON_HAS(SpecNetworkClass, has_class_id)),
    JSON_LIST(SpecNetworkClass, priorities, "priorities", network_priority_json),
};
static const JsonStruct network_class_json = JSON_STRUCT(SpecNetworkClass, network_class_fields);

static const JsonField resources_fields[] = {
    JSON_LIST(SpecResources, devices, "devices", device_rule_json),
    JSON_OBJECT(SpecResources, memory, "memory", memory_json),
    JSON_OBJECT(SpecResources, cpu, "cpu", cpu_json),
    JSON_OBJECT(SpecResources, pids, "pids", pids_json),
    JSON_OBJECT(SpecResources, block_io, "blockIO", block_io_json),
    JSON_LIST(SpecResources, hugepage_limits, "hugepageLimits", hugepage_limit_json),
    JSON_OBJECT(SpecResources, network, "network", network_class_json),
    JSON_MAP(SpecResources, unified, "unified"),
};
static const JsonStruct resources_json = JSON_STRUCT(SpecResources, resources_fields);

static const JsonField syscall_arg_fields[] = {
    JSON_INT(SpecSyscallArg, index, "index", .required = true),
    JSON_INT(SpecSyscallArg, value, "value", .required = true),
    JSON_INT(SpecSyscallArg, value_two, "valueTwo"),
    JSON_STRING(SpecSyscallArg, op, "op", .required = true),
};
static const JsonStruct syscall_arg_json = JSON_STRUCT(SpecSyscallArg, syscall_arg_fields);

static const JsonField syscall_fields[] = {
    JSON_STRINGS(SpecSyscall, names, "names", .required = true),
    JSON_STRING(SpecSyscall, action, "action", .required = true),
    JSON_UINT32(SpecSyscall, errno_ret, "errnoRet", .has = JSON_HAS(SpecSyscall, has_errno_ret)),
    JSON_LIST(SpecSyscall, args, "args", syscall_arg_json),
};
static const JsonStruct syscall_json = JSON_STRUCT(SpecSyscall, syscall_fields);

static const JsonField seccomp_fields[] = {
    JSON_STRING(SpecSeccomp, default_action, "defaultAction", .required = true),
    JSON_UINT32(SpecSeccomp, default_errno_ret, "defaultErrnoRet", .has = JSON_HAS(SpecSeccomp, has_default_errno_ret)),
    JSON_STRINGS(SpecSeccomp, architectures, "architectures"),
    JSON_STRINGS(SpecSeccomp, flags, "flags"),
    JSON_STRING(SpecSeccomp, listener_path, "listenerPath"),
    JSON_STRING(SpecSeccomp, listener_metadata, "listenerMetadata"),
    JSON_LIST(SpecSeccomp, syscalls, "syscalls", syscall_json),
};
static const JsonStruct seccomp_json = JSON_STRUCT(SpecSeccomp, seccomp_fields);

static const JsonField personality_fields[] = {
    JSON_STRING(SpecPersonality, domain, "domain", .required = true),
    JSON_STRINGS(SpecPersonality, flags, "flags"),
};
static const JsonStruct personality_json = JSON_STRUCT(SpecPersonality, personality_fields);

static const JsonField time_offset_fields[] = {
    JSON_INT(SpecTimeOffset, secs, "secs"),
    JSON_INT(SpecTimeOffset, nanosecs, "nanosecs"),
};
static const JsonStruct time_offset_json = JSON_STRUCT(SpecTimeOffset, time_offset_fields);

static const JsonField time_offsets_fields[] = {
    JSON_POINTER(SpecTimeOffsets, monotonic, "monotonic", time_offset_json),
    JSON_POINTER(SpecTimeOffsets, boottime, "boottime", time_offset_json),
};
static const JsonStruct time_offsets_json = JSON_STRUCT(SpecTimeOffsets, time_offsets_fields);

static const JsonField linux_fields[] = {
    JSON_LIST(SpecLinux, uid_mappings, "uidMappings", id_map_json),
    JSON_LIST(SpecLinux, gid_mappings, "gidMappings", id_map_json),
    JSON_MAP(SpecLinux, sysctl, "sysctl"),
    JSON_OBJECT(SpecLinux, resources, "resources", resources_json),
    JSON_STRING(SpecLinux, cgroups_path, "cgroupsPath"),
    JSON_LIST(SpecLinux, namespaces, "namespaces", namespace_json),
    JSON_LIST(SpecLinux, devices, "devices", device_json),
    JSON_POINTER(SpecLinux, seccomp, "seccomp", seccomp_json),
    JSON_STRING(SpecLinux, rootfs_propagation, "rootfsPropagation"),
    JSON_STRING(SpecLinux, mount_label, "mountLabel"),
    JSON_STRINGS(SpecLinux, masked_paths, "maskedPaths"),
    JSON_STRINGS(SpecLinux, readonly_paths, "readonlyPaths"),
    JSON_POINTER(SpecLinux, personality, "personality", personality_json),
    JSON_OBJECT(SpecLinux, time_offsets, "timeOffsets", time_offsets_json),
};
static const JsonStruct linux_json = JSON_STRUCT(SpecLinux, linux_fields);

static const JsonField spec_fields[] = {
    JSON_STRING(Spec, version, "ociVersion", .required = true),
    JSON_STRING(Spec, hostname, "hostname"),
    JSON_STRING(Spec, domainname, "domainname"),
    JSON_POINTER(Spec, process, "process", process_json),
    JSON_OBJECT(Spec, root, "root", root_json, .required = true),
    JSON_LIST(Spec, mounts, "mounts", mount_json),
    JSON_OBJECT(Spec, hooks, "hooks", hooks_json),
    JSON_OBJECT(Spec, linux_, "linux", linux_json),
    JSON_MAP(Spec, annotations, "annotations"),
};
static const JsonStruct spec_json = JSON_STRUCT(Spec, spec_fields);

/* clang-format on */

G_GNUC_PRINTF(2, 3)
static bool invalid(GError **error, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    if (error != NULL) {
        *error = g_error_new_valist(G_IO_ERROR, G_IO_ERROR_INVALID_DATA, format,
                                    args);
    }
    va_end(args);
    return false;
}

/* ---- checks ---- */

static bool check_version(const char *version, GError **error)
{
    return g_str_has_prefix(version, "1.") ||
           invalid(error, "ociVersion: unknown version specified: %s", version);
}

static bool check_process(const SpecProcess *p, GError **error)
{
    if (p->args == NULL || p->args[0] == NULL || p->args[0][0] == '\0') {
        return invalid(error, "process.args: must not be empty");
    }
    if (p->cwd[0] != '/') {
        return invalid(error, "process.cwd: '%s' is not an absolute path",
                       p->cwd);
    }
    for (char *const *at = p->env; at != NULL && *at != NULL; at++) {
        if (strchr(*at, '=') == NULL || **at == '=') {
            return invalid(error, "process.env: '%s' is not NAME=VALUE", *at);
        }
    }
    return true;
}

static const char *const namespace_types[] = {
    "pid", "network", "mount", "ipc", "uts", "user", "cgroup", "time", NULL,
};

static bool check_namespaces(const GPtrArray *list, GError **error)
{
    guint seen = 0;

    SPEC_EACH(SpecNamespace, ns, list)
    {
        unsigned i = 0;

        while (namespace_types[i] != NULL &&
               strcmp(namespace_types[i], ns->type) != 0) {
            i++;
        }
        if (namespace_types[i] == NULL) {
            return invalid(error, "linux.namespaces: unknown type '%s'",
                           ns->type);
        }
        if (seen & 1u << i) {
            return invalid(error, "linux.namespaces: '%s' comes twice",
                           ns->type);
        }
        if (ns->path != NULL && ns->path[0] == '\0') {
            g_clear_pointer(&ns->path, g_free);
        }
        seen |= 1u << i;
    }
    return true;
}

/* What only makes sense in a namespace of the container's own. */
static bool check_needs(const Spec *s, GError **error)
{
    if (s->hostname != NULL && !spec_has_namespace(s, "uts")) {
        return invalid(error, "hostname: needs a uts namespace");
    }
    if (s->domainname != NULL && !spec_has_namespace(s, "uts")) {
        return invalid(error, "domainname: needs a uts namespace");
    }
    if (s->linux_.uid_mappings->len != 0 && !spec_has_namespace(s, "user")) {
        return invalid(error, "linux.uidMappings: need a user namespace");
    }
    if ((s->linux_.time_offsets.boottime != NULL ||
         s->linux_.time_offsets.monotonic != NULL) &&
        !spec_has_namespace(s, "time")) {
        return invalid(error, "linux.timeOffsets: need a time namespace");
    }
    return true;
}

static bool check_mounts(const GPtrArray *mounts, GError **error)
{
    SPEC_EACH(SpecMount, m, mounts)
    {
        if (m->destination[0] == '\0') {
            return invalid(error, "mounts: a destination is empty");
        }
        if ((m->uid_mappings->len == 0) != (m->gid_mappings->len == 0)) {
            return invalid(error,
                           "mount '%s': needs both uidMappings and "
                           "gidMappings",
                           m->destination);
        }
    }
    return true;
}

static bool check_hooks(const GPtrArray *hooks, GError **error)
{
    SPEC_EACH(SpecHook, h, hooks)
    {
        if (h->path[0] != '/') {
            return invalid(error, "hook '%s': not an absolute path", h->path);
        }
        if (h->has_timeout && h->timeout <= 0) {
            return invalid(error, "hook '%s': timeout must be above 0",
                           h->path);
        }
    }
    return true;
}

static bool check(const Spec *s, GError **error)
{
    const SpecHooks *h = &s->hooks;

    if (s->root.path[0] == '\0') {
        return invalid(error, "root.path: must not be empty");
    }
    return check_version(s->version, error) &&
           (s->process == NULL || check_process(s->process, error)) &&
           check_namespaces(s->linux_.namespaces, error) &&
           check_needs(s, error) && check_mounts(s->mounts, error) &&
           check_hooks(h->prestart, error) &&
           check_hooks(h->create_runtime, error) &&
           check_hooks(h->create_container, error) &&
           check_hooks(h->start_container, error) &&
           check_hooks(h->poststart, error) && check_hooks(h->poststop, error);
}

/* ---- documents ---- */

/* The whole of a file or of standard input, bounded. */
static GString *read_document(const char *path, GError **error)
{
    bool is_stdin = strcmp(path, "-") == 0;
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    g_autoptr(GString) text = g_string_new(NULL);
    char part[16384];
    ssize_t n = -1;

    if (fd >= 0) {
        while ((n = read(fd, part, sizeof(part))) > 0 &&
               text->len <= MAX_DOCUMENT) {
            g_string_append_len(text, part, n);
        }
    }
    if (n < 0) {
        invalid(error, "%s", g_strerror(errno));
    }
    if (fd >= 0 && !is_stdin) {
        close(fd);
    }
    if (n > 0) {
        invalid(error, "larger than %d MiB", MAX_DOCUMENT >> 20);
    }
    return n == 0 ? g_steal_pointer(&text) : NULL;
}

/* A new struct of what text holds. */
static void *parse_struct(const JsonStruct *type, const char *text, size_t len,
                          GError **error)
{
    g_autoptr(JsonNode) node = json_read(text, len, false, error);
    g_autofree void *to = g_malloc0(type->size);

    if (node == NULL || !json_struct_read(type, node, to, error)) {
        return NULL;
    }
    return g_steal_pointer(&to);
}

static void *load_struct(const JsonStruct *type, const char *path,
                         GError **error)
{
    g_autoptr(GString) text = read_document(path, error);
    void *to = NULL;

    if (text != NULL) {
        to = parse_struct(type, text->str, text->len, error);
    }
    if (to == NULL) {
        g_prefix_error(error, "'%s': ", path);
    }
    return to;
}

static void free_struct(const JsonStruct *type, void *s)
{
    if (s != NULL) {
        json_struct_clear(type, s);
        g_free(s);
    }
}

Spec *spec_parse(const char *text, size_t len, GError **error)
{
    g_autoptr(Spec) s = parse_struct(&spec_json, text, len, error);

    return s != NULL && check(s, error) ? g_steal_pointer(&s) : NULL;
}

Spec *spec_load(const char *path, GError **error)
{
    g_autoptr(GString) text = read_document(path, error);
    Spec *s = text != NULL ? spec_parse(text->str, text->len, error) : NULL;

    if (s == NULL) {
        g_prefix_error(error, "'%s': ", path);
    }
    return s;
}

void spec_free(Spec *s)
{
    free_struct(&spec_json, s);
}

SpecProcess *spec_load_process(const char *path, GError **error)
{
    g_autoptr(SpecProcess) p = load_struct(&process_json, path, error);

    if (p != NULL && !check_process(p, error)) {
        g_prefix_error(error, "'%s': ", path);
        return NULL;
    }
    return g_steal_pointer(&p);
}

void spec_process_free(SpecProcess *p)
{
    free_struct(&process_json, p);
}

SpecResources *spec_load_resources(const char *path, GError **error)
{
    return load_struct(&resources_json, path, error);
}

SpecResources *spec_no_resources(void)
{
    return parse_struct(&resources_json, "{}", 2, NULL);
}

void spec_resources_free(SpecResources *r)
{
    free_struct(&resources_json, r);
}

/* ---- queries ---- */

const char *spec_namespace(const Spec *s, const char *type, bool *wanted)
{
    SPEC_EACH(SpecNamespace, ns, s->linux_.namespaces)
    {
        if (strcmp(ns->type, type) == 0) {
            *wanted = true;
            return ns->path;
        }
    }
    *wanted = false;
    return NULL;
}

bool spec_has_namespace(const Spec *s, const char *type)
{
    bool wanted;

    spec_namespace(s, type, &wanted);
    return wanted;
}
