/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/spec.h - what a bundle asks for: config.json of the OCI runtime
 * specification 1.2 as C structs. spec.c has the names as tables.
 * A member that the document leaves out is zero or NULL, and lists are empty;
 * `has_` members tell zero from absent where that matters.
 * Threads: pure. Ownership: spec_free frees everything below. */
#ifndef CUTTLE_CONTAINER_SPEC_H
#define CUTTLE_CONTAINER_SPEC_H

#include "util/json-struct.h"

/* ---- process (config.md, "Process") ---- */

typedef struct {
    uint32_t height, width;
} SpecConsoleSize;

typedef struct {
    uint32_t uid, gid, umask;
    bool has_umask;
    GArray *additional_gids; /* uint32_t */
} SpecUser;

typedef struct {
    char **bounding, **effective, **inheritable, **permitted, **ambient;
} SpecCapabilities;

typedef struct {
    char *type;
    int64_t soft, hard; /* rlim_t; -1: RLIM_INFINITY */
} SpecRlimit;

typedef struct {
    char *policy;
    int64_t nice, priority;
    char **flags;
    int64_t runtime, deadline, period; /* ns */
} SpecScheduler;

typedef struct {
    char *class_;
    int64_t priority;
} SpecIoPriority;

typedef struct {
    bool terminal;
    SpecConsoleSize console_size;
    SpecUser user;
    char *cwd;
    char **args, **env;
    SpecCapabilities *capabilities;
    GPtrArray *rlimits; /* SpecRlimit */
    bool no_new_privileges;
    char *apparmor_profile, *selinux_label;
    int64_t oom_score_adj;
    bool has_oom_score_adj;
    SpecScheduler *scheduler;
    SpecIoPriority *io_priority;
} SpecProcess;

/* ---- mounts and hooks ---- */

typedef struct {
    char *path;
    bool readonly;
} SpecRoot;

typedef struct {
    uint32_t container_id, host_id, size;
} SpecIdMap;

typedef struct {
    char *destination, *type, *source;
    char **options;
    GPtrArray *uid_mappings, *gid_mappings; /* SpecIdMap */
} SpecMount;

typedef struct {
    char *path;
    char **args, **env;
    int64_t timeout; /* s */
    bool has_timeout;
} SpecHook;

typedef struct {
    GPtrArray *prestart, *create_runtime, *create_container; /* SpecHook */
    GPtrArray *start_container, *poststart, *poststop;
} SpecHooks;

/* ---- linux (config-linux.md) ---- */

typedef struct {
    char *type, *path;
} SpecNamespace;

typedef struct {
    char *type, *path;
    int64_t major, minor;
    uint32_t file_mode, uid, gid;
    bool has_file_mode, has_uid, has_gid;
} SpecDevice;

typedef struct {
    bool allow;
    char *type, *access;
    int64_t major, minor;
    bool has_major, has_minor;
} SpecDeviceRule;

typedef struct {
    int64_t limit, reservation, swap, kernel, kernel_tcp, swappiness;
    bool has_limit, has_reservation, has_swap, has_kernel, has_kernel_tcp;
    bool has_swappiness, disable_oom_killer, has_disable_oom_killer;
    bool check_before_update;
} SpecMemory;

typedef struct {
    int64_t shares, quota, burst, period, rt_runtime, rt_period, idle;
    bool has_shares, has_quota, has_burst, has_period, has_rt_runtime;
    bool has_rt_period, has_idle;
    char *cpus, *mems;
} SpecCpu;

typedef struct {
    int64_t limit;
    bool has_limit;
} SpecPids;

typedef struct {
    int64_t major, minor, rate, weight, leaf_weight;
    bool has_weight, has_leaf_weight;
} SpecBlockDevice;

typedef struct {
    int64_t weight, leaf_weight;
    bool has_weight, has_leaf_weight;
    GPtrArray *weight_device; /* SpecBlockDevice, as the four below */
    GPtrArray *read_bps, *write_bps, *read_iops, *write_iops;
} SpecBlockIo;

typedef struct {
    char *page_size;
    int64_t limit;
} SpecHugepageLimit;

typedef struct {
    char *name;
    int64_t priority;
} SpecNetworkPriority;

typedef struct {
    int64_t class_id;
    bool has_class_id;
    GPtrArray *priorities; /* SpecNetworkPriority */
} SpecNetworkClass;

typedef struct {
    GPtrArray *devices; /* SpecDeviceRule */
    SpecMemory memory;
    SpecCpu cpu;
    SpecPids pids;
    SpecBlockIo block_io;
    GPtrArray *hugepage_limits; /* SpecHugepageLimit */
    SpecNetworkClass network;
    JsonPair *unified;
} SpecResources;

typedef struct {
    int64_t index, value, value_two;
    char *op;
} SpecSyscallArg;

typedef struct {
    char **names;
    char *action;
    uint32_t errno_ret;
    bool has_errno_ret;
    GPtrArray *args; /* SpecSyscallArg */
} SpecSyscall;

typedef struct {
    char *default_action;
    uint32_t default_errno_ret;
    bool has_default_errno_ret;
    char **architectures, **flags;
    char *listener_path, *listener_metadata;
    GPtrArray *syscalls; /* SpecSyscall */
} SpecSeccomp;

typedef struct {
    char *domain;
    char **flags;
} SpecPersonality;

typedef struct {
    int64_t secs, nanosecs;
} SpecTimeOffset;

typedef struct {
    SpecTimeOffset *monotonic, *boottime;
} SpecTimeOffsets;

typedef struct {
    GPtrArray *uid_mappings, *gid_mappings; /* SpecIdMap */
    JsonPair *sysctl;
    SpecResources resources;
    char *cgroups_path;
    GPtrArray *namespaces; /* SpecNamespace */
    GPtrArray *devices;    /* SpecDevice */
    SpecSeccomp *seccomp;
    char *rootfs_propagation, *mount_label;
    char **masked_paths, **readonly_paths;
    SpecPersonality *personality;
    SpecTimeOffsets time_offsets;
} SpecLinux;

typedef struct {
    char *version, *hostname, *domainname;
    SpecProcess *process; /* may be NULL: a container without a program */
    SpecRoot root;
    GPtrArray *mounts; /* SpecMount */
    SpecHooks hooks;
    SpecLinux linux_;
    JsonPair *annotations;
} Spec;

/* Reads and checks config.json (its size is bounded); NULL with an error that
 * names the member. */
Spec *spec_load(const char *path, GError **error);
Spec *spec_parse(const char *text, size_t len, GError **error);
void spec_free(Spec *s); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Spec, spec_free)

/* The document of exec's --process. */
SpecProcess *spec_load_process(const char *path, GError **error);
void spec_process_free(SpecProcess *p); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SpecProcess, spec_process_free)

/* The document of update's --resources; path "-" is standard input. */
SpecResources *spec_load_resources(const char *path, GError **error);
SpecResources *spec_no_resources(void);     /* nothing is set */
void spec_resources_free(SpecResources *r); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SpecResources, spec_resources_free)

/* The path of the first namespace of that type; *wanted says whether there is
 * an entry. NULL: a new one (or none). */
const char *spec_namespace(const Spec *s, const char *type, bool *wanted);
bool spec_has_namespace(const Spec *s, const char *type);

/* Elements of a list of structs; an empty one has no array. */
#define SPEC_EACH(Type, at, list)                                          \
 for (Type **at##_p = (Type **)(list)->pdata,                              \
           **at##_end = at##_p != NULL ? at##_p + (list)->len : NULL, *at; \
      at##_p != at##_end && (at = *at##_p, true); at##_p++)

#endif
