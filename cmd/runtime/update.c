/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd/runtime/update.c - update: new limits from a document or from options.
 */
#include <stdlib.h>
#include <string.h>

#include "cmd/runtime/runtime.h"
#include "container/files.h"

/* Options that are numbers, and where they belong. */
#define NUMBERS(X)                                                        \
 X("memory", memory, limit, "bytes")                                      \
 X("memory-reservation", memory, reservation, "bytes")                    \
 X("memory-swap", memory, swap, "bytes of memory and swap; -1: no limit") \
 X("cpu-share", cpu, shares, "weight")                                    \
 X("cpu-quota", cpu, quota, "microseconds a period")                      \
 X("cpu-period", cpu, period, "microseconds")                             \
 X("cpu-burst", cpu, burst, "microseconds")                               \
 X("cpu-rt-runtime", cpu, rt_runtime, "microseconds")                     \
 X("cpu-rt-period", cpu, rt_period, "microseconds")                       \
 X("cpu-idle", cpu, idle, "0 or 1")                                       \
 X("pids-limit", pids, limit, "processes; -1: no limit")                  \
 X("blkio-weight", block_io, weight, "10 to 1000")

enum {
#define INDEX_(name, part, member, help) NUMBER_##part##_##member,
    NUMBERS(INDEX_)
#undef INDEX_
        N_NUMBERS
};

typedef struct {
    char *resources, *cpus, *mems;
    char *numbers[N_NUMBERS];
} UpdateOptions;

static void clear(UpdateOptions *u)
{
    g_free(u->resources);
    g_free(u->cpus);
    g_free(u->mems);
    for (unsigned i = 0; i < N_NUMBERS; i++) {
        g_free(u->numbers[i]);
    }
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(UpdateOptions, clear)

static bool parse(UpdateOptions *u, int *argc, char ***argv, GError **error)
{
    const GOptionEntry entries[] = {
        {"resources", 'r', 0, G_OPTION_ARG_FILENAME, &u->resources,
         "linux.resources as JSON; '-': standard input", "FILE"},
        {"cpuset-cpus", 0, 0, G_OPTION_ARG_STRING, &u->cpus, "processors",
         "LIST"},
        {"cpuset-mems", 0, 0, G_OPTION_ARG_STRING, &u->mems, "memory nodes",
         "LIST"},
#define ENTRY_(name, part, member, help)                                   \
 {name, 0,  0, G_OPTION_ARG_STRING, &u->numbers[NUMBER_##part##_##member], \
  help, "N"},
        NUMBERS(ENTRY_)
#undef ENTRY_
            {NULL},
    };

    return runtime_parse(entries, argc, argv, 1, 1, error);
}

static bool take_number(const char *text, const char *name, int64_t *to,
                        bool *has, GError **error)
{
    if (text == NULL) {
        return true;
    }
    *has = g_ascii_string_to_signed(text, 10, G_MININT64, G_MAXINT64, to, NULL);
    return *has || fail(error, "--%s: '%s' is not a number", name, text);
}

static bool take_numbers(const UpdateOptions *u, SpecResources *r,
                         GError **error)
{
#define TAKE_(name, part, member, help)                                        \
 if (!take_number(u->numbers[NUMBER_##part##_##member], name, &r->part.member, \
                  &r->part.has_##member, error)) {                             \
  return false;                                                                \
 }
    NUMBERS(TAKE_)
#undef TAKE_
    return true;
}

static SpecResources *resources(UpdateOptions *u, GError **error)
{
    g_autoptr(SpecResources) r = u->resources != NULL
                                     ? spec_load_resources(u->resources, error)
                                     : spec_no_resources();

    if (r == NULL || !take_numbers(u, r, error)) {
        return NULL;
    }
    if (u->cpus != NULL) {
        g_free(r->cpu.cpus);
        r->cpu.cpus = g_steal_pointer(&u->cpus);
    }
    if (u->mems != NULL) {
        g_free(r->cpu.mems);
        r->cpu.mems = g_steal_pointer(&u->mems);
    }
    return g_steal_pointer(&r);
}

int verb_update(const RuntimeOptions *o, int argc, char **argv, GError **error)
{
    g_auto(UpdateOptions) u = {0};
    g_autoptr(SpecResources) r = NULL;
    g_autoptr(Container) c = NULL;

    if (!parse(&u, &argc, &argv, error)) {
        return -1;
    }
    r = resources(&u, error);
    c = r != NULL ? runtime_open(o, argv[1], error) : NULL;
    if (c == NULL) {
        return -1;
    }
    if (container_pid(c) == 0) {
        fail(error, "container not running: '%s'", argv[1]);
        return -1;
    }
    return cgroup_limit(container_cgroup(c), r, r->devices->len != 0, error)
               ? EXIT_SUCCESS
               : -1;
}
