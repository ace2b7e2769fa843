/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/syscall-filter.h - the filter of system calls (config-linux.md,
 * "Seccomp"). The only place that knows libseccomp.
 * Threads: one. */
#ifndef CUTTLE_CONTAINER_SYSCALL_FILTER_H
#define CUTTLE_CONTAINER_SYSCALL_FILTER_H

#include "container/spec.h"

typedef struct SeccompFilter SeccompFilter;

/* Names of system calls that nobody knows are passed over. */
SeccompFilter *seccomp_filter_new(const SpecSeccomp *s, GError **error);
void seccomp_filter_free(SeccompFilter *f); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SeccompFilter, seccomp_filter_free)

/* Puts it on this process, for good. Needs no_new_privs or CAP_SYS_ADMIN. */
bool seccomp_filter_load(SeccompFilter *f, GError **error);
bool seccomp_is_loaded(const SeccompFilter *f);

/* Whether somebody else is asked about calls, and, once it is loaded, the
 * descriptor on which he answers. */
bool seccomp_wants_listener(const SpecSeccomp *s);
int seccomp_filter_listener(const SeccompFilter *f);

/* Names for `features`; lists end with NULL. */
extern const char *const seccomp_action_names[];
extern const char *const seccomp_operator_names[];
extern const char *const seccomp_arch_names[];
extern const char *const seccomp_flag_names[];

#endif
