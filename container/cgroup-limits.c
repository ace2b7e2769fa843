/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/cgroup-limits.c - linux.resources into files, by a table: which
 * controller, its file in v1 and in v2, and how the number is written there. */
#include <errno.h>
#include <string.h>

#include "container/cgroup.h"
#include "container/cgroup_priv.h"

/* Writes value as v1 or v2 wants it. */
typedef char *FormatFn(int64_t value, bool v2);

static char *format_number(int64_t value, bool v2)
{
    return g_strdup_printf("%" G_GINT64_FORMAT, value);
}

/* -1, and for some 0, mean no limit. */
static char *format_limit(int64_t value, bool v2)
{
    return value < 0 && v2 ? g_strdup("max") : format_number(value, v2);
}

static char *format_pids(int64_t value, bool v2)
{
    return value <= 0 ? g_strdup("max") : format_number(value, v2);
}

/* 2..262144 of v1 onto 1..10000 of v2. */
static char *format_shares(int64_t shares, bool v2)
{
    int64_t bounded = CLAMP(shares, 2, 262144);

    return format_number(
        !v2 || shares == 0 ? shares : 1 + (bounded - 2) * 9999 / 262142, v2);
}

/* 10..1000 of v1 onto 1..10000 of v2. */
static char *format_weight(int64_t weight, bool v2)
{
    int64_t bounded = CLAMP(weight, 10, 1000);

    return format_number(v2 ? 1 + (bounded - 10) * 9999 / 990 : weight, v2);
}

typedef struct {
    const char *controller, *v1, *v2; /* NULL: not there in that version */
    size_t value, has;                /* in SpecResources */
    FormatFn *format;
} Limit;

#define LIMIT(controller, v1, v2, part, member, format)     \
 {                                                          \
  controller, v1, v2, offsetof(SpecResources, part.member), \
      offsetof(SpecResources, part.has_##member), format    \
 }

/* In the order that the kernel wants: a memory limit stays below memory and
 * swap together, so that one is handled by limit_memory. */
/* clang-format off */
static const Limit limits[] = {
    LIMIT("memory", "memory.soft_limit_in_bytes", "memory.low", memory, reservation, format_limit),
    LIMIT("memory", "memory.kmem.tcp.limit_in_bytes", NULL, memory, kernel_tcp, format_limit),
    LIMIT("memory", "memory.swappiness", NULL, memory, swappiness, format_number),
    LIMIT("cpu", "cpu.shares", "cpu.weight", cpu, shares, format_shares),
    LIMIT("cpu", "cpu.cfs_burst_us", "cpu.max.burst", cpu, burst, format_number),
    LIMIT("cpu", "cpu.rt_period_us", NULL, cpu, rt_period, format_number),
    LIMIT("cpu", "cpu.rt_runtime_us", NULL, cpu, rt_runtime, format_number),
    LIMIT("cpu", "cpu.idle", "cpu.idle", cpu, idle, format_number),
    LIMIT("pids", "pids.max", "pids.max", pids, limit, format_pids),
    LIMIT("net_cls", "net_cls.classid", NULL, network, class_id, format_number),
};
/* clang-format on */

static bool write_to(const Hierarchy *h, const char *file, const char *text,
                     GError **error)
{
    if (!file_write(h->fd, file, text, error)) {
        g_prefix_error(error, "cgroup '%s': ", h->directory);
        return false;
    }
    return true;
}

/* A controller's directory, or a word that the limit has no effect. */
static Hierarchy *controller(Cgroup *c, const char *name, const char *what)
{
    Hierarchy *h = cgroup_find(c, name);

    if (h == NULL && !c->optional) {
        cgroup_warn(c, "no cgroup controller '%s' here: %s has no effect", name,
                    what);
    }
    return h;
}

static bool apply(Cgroup *c, const Limit *l, const SpecResources *r,
                  GError **error)
{
    int64_t value = *(const int64_t *)((const char *)r + l->value);
    Hierarchy *h = controller(c, l->controller, l->v1);
    const char *file;
    g_autofree char *text = NULL;

    if (h == NULL) {
        return true;
    }
    file = h->v2 ? l->v2 : l->v1;
    /* A share of 0 is docker's word for the default. */
    if (file == NULL || (l->format == format_shares && value == 0)) {
        return true;
    }
    text = l->format(value, h->v2);
    return write_to(h, file, text, error);
}

/* ---- memory ---- */

static bool memory_v1(const Hierarchy *h, const SpecMemory *m, GError **error)
{
    g_autofree char *limit = format_limit(m->limit, false);
    g_autofree char *swap = format_limit(m->swap, false);

    /* Whichever order does not put memory above memory and swap. */
    if (m->has_limit && m->has_swap) {
        if (write_to(h, "memory.limit_in_bytes", limit, NULL)) {
            return write_to(h, "memory.memsw.limit_in_bytes", swap, error);
        }
        return write_to(h, "memory.memsw.limit_in_bytes", swap, error) &&
               write_to(h, "memory.limit_in_bytes", limit, error);
    }
    return (!m->has_limit ||
            write_to(h, "memory.limit_in_bytes", limit, error)) &&
           (!m->has_swap ||
            write_to(h, "memory.memsw.limit_in_bytes", swap, error));
}

/* v2 counts swap alone, OCI memory and swap together. */
static bool memory_v2(const Hierarchy *h, const SpecMemory *m, GError **error)
{
    g_autofree char *limit = format_limit(m->limit, true);
    g_autofree char *swap = NULL;

    if (m->has_swap) {
        if (m->swap > 0 && m->swap < m->limit) {
            return fail(error, "memory.swap: below memory.limit");
        }
        swap = format_limit(m->swap < 0 ? -1 : m->swap - m->limit, true);
        if (!write_to(h, "memory.swap.max", swap, error)) {
            return false;
        }
    }
    return !m->has_limit || write_to(h, "memory.max", limit, error);
}

/* Set to less than is used now, a limit would make the kernel kill. */
static bool check_usage(const Hierarchy *h, const SpecMemory *m, GError **error)
{
    g_autofree char *used = file_read(
        h->fd, h->v2 ? "memory.current" : "memory.usage_in_bytes", NULL);

    return !m->check_before_update || !m->has_limit || m->limit < 0 ||
           used == NULL || g_ascii_strtoll(used, NULL, 10) <= m->limit ||
           fail(error,
                "memory.limit: %" G_GINT64_FORMAT " is less than the "
                "%s bytes in use",
                m->limit, used);
}

static bool limit_memory(Cgroup *c, const SpecMemory *m, GError **error)
{
    Hierarchy *h;

    if (!m->has_limit && !m->has_swap && !m->has_disable_oom_killer) {
        return true;
    }
    h = controller(c, "memory", "memory.limit");
    if (h == NULL) {
        return true;
    }
    if (!check_usage(h, m, error)) {
        return false;
    }
    if (h->v2) {
        return memory_v2(h, m, error);
    }
    return memory_v1(h, m, error) &&
           (!m->disable_oom_killer ||
            write_to(h, "memory.oom_control", "1", error));
}

/* ---- CPU time ---- */

static bool quota_v1(const Hierarchy *h, const SpecCpu *cpu, GError **error)
{
    g_autofree char *quota = format_number(cpu->quota, false);
    g_autofree char *period = format_number(cpu->period, false);

    /* A longer period first may hold the new quota; a shorter one last. */
    if (cpu->has_period && cpu->period != 0 &&
        !write_to(h, "cpu.cfs_period_us", period, NULL)) {
        return (!cpu->has_quota ||
                write_to(h, "cpu.cfs_quota_us", quota, error)) &&
               write_to(h, "cpu.cfs_period_us", period, error);
    }
    return !cpu->has_quota || cpu->quota == 0 ||
           write_to(h, "cpu.cfs_quota_us", quota, error);
}

static bool quota_v2(const Hierarchy *h, const SpecCpu *cpu, GError **error)
{
    g_autofree char *old = file_read(h->fd, "cpu.max", NULL);
    g_auto(GStrv) was = g_strsplit(old != NULL ? old : "max 100000", " ", 2);
    g_autofree char *quota = cpu->has_quota && cpu->quota != 0
                                 ? format_limit(cpu->quota, true)
                                 : g_strdup(was[0]);
    g_autofree char *period =
        cpu->has_period && cpu->period != 0
            ? format_number(cpu->period, true)
            : g_strdup(was[1] != NULL ? was[1] : "100000");
    g_autofree char *text = g_strdup_printf("%s %s", quota, period);

    return write_to(h, "cpu.max", text, error);
}

static bool limit_quota(Cgroup *c, const SpecCpu *cpu, GError **error)
{
    Hierarchy *h;

    if (!cpu->has_quota && !cpu->has_period) {
        return true;
    }
    h = controller(c, "cpu", "cpu.quota");
    if (h == NULL) {
        return true;
    }
    return h->v2 ? quota_v2(h, cpu, error) : quota_v1(h, cpu, error);
}

static bool limit_cpuset(Cgroup *c, const SpecCpu *cpu, GError **error)
{
    bool cpus = cpu->cpus != NULL && *cpu->cpus != '\0';
    bool mems = cpu->mems != NULL && *cpu->mems != '\0';
    Hierarchy *h = cpus || mems ? controller(c, "cpuset", "cpu.cpus") : NULL;

    return h == NULL ||
           ((!cpus || write_to(h, "cpuset.cpus", cpu->cpus, error)) &&
            (!mems || write_to(h, "cpuset.mems", cpu->mems, error)));
}

/* ---- block devices ---- */

typedef struct {
    size_t list; /* in SpecBlockIo */
    const char *v1, *v2;
} Throttle;

static const Throttle throttles[] = {
    {offsetof(SpecBlockIo, read_bps), "blkio.throttle.read_bps_device", "rbps"},
    {offsetof(SpecBlockIo, write_bps), "blkio.throttle.write_bps_device",
     "wbps"},
    {offsetof(SpecBlockIo, read_iops), "blkio.throttle.read_iops_device",
     "riops"},
    {offsetof(SpecBlockIo, write_iops), "blkio.throttle.write_iops_device",
     "wiops"},
};

/* v1 has a controller of another name. */
static Hierarchy *io_controller(Cgroup *c)
{
    Hierarchy *h = cgroup_find(c, "io");

    return h != NULL ? h : controller(c, "blkio", "blockIO");
}

static bool throttle(const Hierarchy *h, const Throttle *t,
                     const GPtrArray *list, GError **error)
{
    SPEC_EACH(SpecBlockDevice, d, list)
    {
        g_autofree char *text =
            h->v2 ? g_strdup_printf("%" G_GINT64_FORMAT ":%" G_GINT64_FORMAT
                                    " %s=%" G_GINT64_FORMAT,
                                    d->major, d->minor, t->v2, d->rate)
                  : g_strdup_printf("%" G_GINT64_FORMAT ":%" G_GINT64_FORMAT
                                    " %" G_GINT64_FORMAT,
                                    d->major, d->minor, d->rate);

        if (!write_to(h, h->v2 ? "io.max" : t->v1, text, error)) {
            return false;
        }
    }
    return true;
}

/* Weights belong to a scheduler, and hosts differ in which one they have. */
static bool write_weight(const Hierarchy *h, const char *text, GError **error)
{
    static const char *const v1[] = {"blkio.weight", "blkio.bfq.weight"};
    static const char *const v2[] = {"io.weight", "io.bfq.weight"};

    return write_to(h, h->v2 ? v2[0] : v1[0], text, NULL) ||
           write_to(h, h->v2 ? v2[1] : v1[1], text, error);
}

static bool limit_block_io(Cgroup *c, const SpecBlockIo *io, GError **error)
{
    bool any = io->has_weight && io->weight != 0;
    Hierarchy *h;

    for (unsigned i = 0; i < G_N_ELEMENTS(throttles); i++) {
        any |= (*(GPtrArray *const *)((const char *)io + throttles[i].list))
                   ->len != 0;
    }
    h = any ? io_controller(c) : NULL;
    if (h == NULL) {
        return true;
    }
    if (io->has_weight && io->weight != 0) {
        g_autofree char *text = format_weight(io->weight, h->v2);
        GError *why = NULL;

        if (!write_weight(h, text, &why)) {
            cgroup_warn(c, "%s: blockIO.weight has no effect", why->message);
            g_error_free(why);
        }
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(throttles); i++) {
        const Throttle *t = &throttles[i];

        if (!throttle(h, t, *(GPtrArray *const *)((const char *)io + t->list),
                      error)) {
            return false;
        }
    }
    return true;
}

/* ---- the rest ---- */

static bool limit_hugepages(Cgroup *c, const GPtrArray *list, GError **error)
{
    Hierarchy *h =
        list->len != 0 ? controller(c, "hugetlb", "hugepageLimits") : NULL;

    if (h == NULL) {
        return true;
    }
    SPEC_EACH(SpecHugepageLimit, l, list)
    {
        g_autofree char *file = g_strdup_printf(
            h->v2 ? "hugetlb.%s.max" : "hugetlb.%s.limit_in_bytes",
            l->page_size);
        g_autofree char *text = format_limit(l->limit, h->v2);

        if (strchr(l->page_size, '/') != NULL) {
            return fail(error, "hugepageLimits: no page size '%s'",
                        l->page_size);
        }
        if (!write_to(h, file, text, error)) {
            return false;
        }
    }
    return true;
}

static bool limit_priorities(Cgroup *c, const GPtrArray *list, GError **error)
{
    Hierarchy *h =
        list->len != 0 ? controller(c, "net_prio", "network.priorities") : NULL;

    if (h == NULL) {
        return true;
    }
    SPEC_EACH(SpecNetworkPriority, p, list)
    {
        g_autofree char *text =
            g_strdup_printf("%s %" G_GINT64_FORMAT, p->name, p->priority);

        if (!write_to(h, "net_prio.ifpriomap", text, error)) {
            return false;
        }
    }
    return true;
}

/* Files of v2, named by whoever wrote the configuration. */
static bool limit_unified(Cgroup *c, const JsonPair *unified, GError **error)
{
    Hierarchy *h = cgroup_unified(c);

    if (unified == NULL || unified->name == NULL) {
        return true;
    }
    if (h == NULL) {
        return fail(error, "linux.resources.unified: the host has no cgroup "
                           "v2");
    }
    for (; unified->name != NULL; unified++) {
        if (strchr(unified->name, '/') != NULL ||
            strchr(unified->name, '.') == NULL) {
            return fail(error,
                        "linux.resources.unified: '%s' is not a file of "
                        "a cgroup",
                        unified->name);
        }
        if (!write_to(h, unified->name, unified->value, error)) {
            return false;
        }
    }
    return true;
}

static bool limit_all(Cgroup *c, const SpecResources *r, GError **error)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(limits); i++) {
        const Limit *l = &limits[i];

        if (*(const bool *)((const char *)r + l->has) &&
            !apply(c, l, r, error)) {
            return false;
        }
    }
    return limit_memory(c, &r->memory, error) &&
           limit_quota(c, &r->cpu, error) && limit_cpuset(c, &r->cpu, error) &&
           limit_block_io(c, &r->block_io, error) &&
           limit_hugepages(c, r->hugepage_limits, error) &&
           limit_priorities(c, r->network.priorities, error) &&
           limit_unified(c, r->unified, error);
}

bool cgroup_limit(Cgroup *c, const SpecResources *r, bool devices,
                  GError **error)
{
    GError *why = NULL;

    if (!limit_all(c, r, &why) ||
        (devices && !cgroup_limit_devices(c, r->devices, &why))) {
        int number = error_number(why);

        if (!c->optional || (number != EACCES && number != EPERM)) {
            g_propagate_error(error, why);
            return false;
        }
        cgroup_warn(c, "%s: without that limit", why->message);
        g_error_free(why);
    }
    return true;
}
