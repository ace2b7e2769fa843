/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/personality.c - execution domain, scheduler and I/O priority:
 * words of the configuration into one system call each. */
#include <errno.h>
#include <linux/ioprio.h>
#include <linux/sched.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "container/files.h"
#include "container/process.h"

typedef struct {
    const char *name;
    uint64_t value;
} Word;

static const Word *find(const Word *words, unsigned n, const char *name)
{
    for (unsigned i = 0; i < n; i++) {
        if (strcmp(words[i].name, name) == 0) {
            return &words[i];
        }
    }
    return NULL;
}

#define FIND(words, name) find(words, G_N_ELEMENTS(words), name)

bool personality_set(const SpecPersonality *p, GError **error)
{
    static const Word domains[] = {
        {"LINUX", PER_LINUX},
        {"LINUX32", PER_LINUX32},
    };
    const Word *domain = FIND(domains, p->domain);

    if (domain == NULL) {
        return fail(error, "linux.personality.domain: unknown '%s'", p->domain);
    }
    if (p->flags != NULL && p->flags[0] != NULL) {
        return fail(error, "linux.personality.flags: unknown '%s'",
                    p->flags[0]);
    }
    return personality(domain->value) >= 0 ||
           fail_errno(error, "set personality '%s'", p->domain);
}

/* linux/sched/types.h, which glibc's sched.h may not stand beside. */
typedef struct {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period; /* ns */
} SchedAttr;

bool scheduler_set(const SpecScheduler *s, GError **error)
{
    static const Word policies[] = {
        {"SCHED_OTHER", SCHED_NORMAL}, {"SCHED_BATCH", SCHED_BATCH},
        {"SCHED_IDLE", SCHED_IDLE},    {"SCHED_FIFO", SCHED_FIFO},
        {"SCHED_RR", SCHED_RR},        {"SCHED_DEADLINE", SCHED_DEADLINE},
    };
    static const Word flags[] = {
        {"SCHED_FLAG_RESET_ON_FORK", SCHED_FLAG_RESET_ON_FORK},
        {"SCHED_FLAG_RECLAIM", SCHED_FLAG_RECLAIM},
        {"SCHED_FLAG_DL_OVERRUN", SCHED_FLAG_DL_OVERRUN},
        {"SCHED_FLAG_KEEP_POLICY", SCHED_FLAG_KEEP_POLICY},
        {"SCHED_FLAG_KEEP_PARAMS", SCHED_FLAG_KEEP_PARAMS},
        {"SCHED_FLAG_UTIL_CLAMP_MIN", SCHED_FLAG_UTIL_CLAMP_MIN},
        {"SCHED_FLAG_UTIL_CLAMP_MAX", SCHED_FLAG_UTIL_CLAMP_MAX},
    };
    const Word *policy = FIND(policies, s->policy);
    SchedAttr attr = {
        .size = sizeof(attr),
        .nice = (int32_t)s->nice,
        .priority = (uint32_t)s->priority,
        .runtime = (uint64_t)s->runtime,
        .deadline = (uint64_t)s->deadline,
        .period = (uint64_t)s->period,
    };

    if (policy == NULL) {
        return fail(error, "process.scheduler.policy: unknown '%s'", s->policy);
    }
    attr.policy = (uint32_t)policy->value;
    for (char **at = s->flags; at != NULL && *at != NULL; at++) {
        const Word *flag = FIND(flags, *at);

        if (flag == NULL) {
            return fail(error, "process.scheduler.flags: unknown '%s'", *at);
        }
        attr.flags |= flag->value;
    }
    return syscall(SYS_sched_setattr, 0, &attr, 0u) == 0 ||
           fail_errno(error, "set scheduler '%s'", s->policy);
}

bool io_priority_set(const SpecIoPriority *p, GError **error)
{
    static const Word classes[] = {
        {"IOPRIO_CLASS_RT", IOPRIO_CLASS_RT},
        {"IOPRIO_CLASS_BE", IOPRIO_CLASS_BE},
        {"IOPRIO_CLASS_IDLE", IOPRIO_CLASS_IDLE},
    };
    const Word *class_ = FIND(classes, p->class_);

    if (class_ == NULL) {
        return fail(error, "process.ioPriority.class: unknown '%s'", p->class_);
    }
    if (p->priority < 0 || p->priority > 7) {
        return fail(error, "process.ioPriority.priority: not from 0 to 7");
    }
    return syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0,
                   IOPRIO_PRIO_VALUE(class_->value, (uint64_t)p->priority)) ==
               0 ||
           fail_errno(error, "set I/O priority '%s'", p->class_);
}
