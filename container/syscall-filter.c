/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/syscall-filter.c */
#include "container/syscall-filter.h"

#include <errno.h>
#include <seccomp.h>
#include <string.h>

#include "container/files.h"

struct SeccompFilter {
    scmp_filter_ctx context;
    bool loaded;
};

const char *const seccomp_action_names[] = {
    "SCMP_ACT_KILL",        "SCMP_ACT_KILL_PROCESS",
    "SCMP_ACT_KILL_THREAD", "SCMP_ACT_TRAP",
    "SCMP_ACT_ERRNO",       "SCMP_ACT_TRACE",
    "SCMP_ACT_ALLOW",       "SCMP_ACT_LOG",
    "SCMP_ACT_NOTIFY",      NULL,
};

const char *const seccomp_operator_names[] = {
    "SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE",        "SCMP_CMP_EQ",
    "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_MASKED_EQ", NULL,
};
static const enum scmp_compare operators[] = {
    SCMP_CMP_NE, SCMP_CMP_LT, SCMP_CMP_LE,        SCMP_CMP_EQ,
    SCMP_CMP_GE, SCMP_CMP_GT, SCMP_CMP_MASKED_EQ,
};

const char *const seccomp_arch_names[] = {
    "SCMP_ARCH_X86",      "SCMP_ARCH_X86_64",      "SCMP_ARCH_X32",
    "SCMP_ARCH_ARM",      "SCMP_ARCH_AARCH64",     "SCMP_ARCH_MIPS",
    "SCMP_ARCH_MIPS64",   "SCMP_ARCH_MIPS64N32",   "SCMP_ARCH_MIPSEL",
    "SCMP_ARCH_MIPSEL64", "SCMP_ARCH_MIPSEL64N32", "SCMP_ARCH_PPC",
    "SCMP_ARCH_PPC64",    "SCMP_ARCH_PPC64LE",     "SCMP_ARCH_S390",
    "SCMP_ARCH_S390X",    "SCMP_ARCH_RISCV64",     NULL,
};

const char *const seccomp_flag_names[] = {
    "SECCOMP_FILTER_FLAG_TSYNC",
    "SECCOMP_FILTER_FLAG_LOG",
    "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
    NULL,
};
static const enum scmp_filter_attr flag_attrs[] = {
    SCMP_FLTATR_CTL_TSYNC,
    SCMP_FLTATR_CTL_LOG,
    SCMP_FLTATR_CTL_SSB,
};

static int find(const char *const *names, const char *name)
{
    for (int i = 0; name != NULL && names[i] != NULL; i++) {
        if (strcmp(names[i], name) == 0) {
            return i;
        }
    }
    return -1;
}

static bool action_of(const char *name, bool has_errno, uint32_t number,
                      uint32_t *out, GError **error)
{
    uint32_t value = has_errno ? number : EPERM;
    const uint32_t actions[] = {
        SCMP_ACT_KILL_THREAD,
        SCMP_ACT_KILL_PROCESS,
        SCMP_ACT_KILL_THREAD,
        SCMP_ACT_TRAP,
        SCMP_ACT_ERRNO(value & 0xffff),
        SCMP_ACT_TRACE(value & 0xffff),
        SCMP_ACT_ALLOW,
        SCMP_ACT_LOG,
        SCMP_ACT_NOTIFY,
    };
    int i = find(seccomp_action_names, name);

    if (i < 0) {
        return fail(error, "linux.seccomp: unknown action '%s'", name);
    }
    *out = actions[i];
    return true;
}

static bool fail_code(GError **error, int code, const char *what)
{
    return fail_with(error, -code, "linux.seccomp: %s", what);
}

static bool add_archs(scmp_filter_ctx context, char **names, GError **error)
{
    for (; names != NULL && *names != NULL; names++) {
        g_autofree char *lower = NULL;
        uint32_t token;
        int code;

        if (!g_str_has_prefix(*names, "SCMP_ARCH_")) {
            return fail(error, "linux.seccomp: unknown architecture '%s'",
                        *names);
        }
        lower = g_ascii_strdown(*names + strlen("SCMP_ARCH_"), -1);
        token = seccomp_arch_resolve_name(lower);
        if (token == 0) {
            continue; /* of a newer libseccomp */
        }
        code = seccomp_arch_add(context, token);
        if (code != 0 && code != -EEXIST) {
            return fail_code(error, code, *names);
        }
    }
    return true;
}

static bool set_flags(scmp_filter_ctx context, char **names, GError **error)
{
    for (; names != NULL && *names != NULL; names++) {
        int i = find(seccomp_flag_names, *names);
        int code;

        if (i < 0) {
            return fail(error, "linux.seccomp: unknown flag '%s'", *names);
        }
        code = seccomp_attr_set(context, flag_attrs[i], 1);
        if (code != 0) {
            return fail_code(error, code, *names);
        }
    }
    return true;
}

/* libseccomp's own limit on arguments of one rule. */
enum {
    MAX_ARGS = 6,
};

/* Two conditions on one argument are two rules of which either suffices
 * (config-linux.md leaves it open; this is what profiles rely on). */
static bool args_repeat(const GPtrArray *args)
{
    unsigned seen = 0;

    SPEC_EACH(SpecSyscallArg, a, args)
    {
        if (a->index >= 0 && a->index < 6) {
            if (seen & 1u << a->index) {
                return true;
            }
            seen |= 1u << a->index;
        }
    }
    return false;
}

static bool read_arg(const SpecSyscallArg *a, struct scmp_arg_cmp *out,
                     GError **error)
{
    int op = find(seccomp_operator_names, a->op);

    if (op < 0) {
        return fail(error, "linux.seccomp: unknown operator '%s'", a->op);
    }
    if (a->index < 0 || a->index >= MAX_ARGS) {
        return fail(error, "linux.seccomp: no argument %" G_GINT64_FORMAT,
                    a->index);
    }
    *out = (struct scmp_arg_cmp){
        .arg = (unsigned)a->index,
        .op = operators[op],
        .datum_a = (scmp_datum_t)a->value,
        .datum_b = (scmp_datum_t)a->value_two,
    };
    return true;
}

static bool add_rule(scmp_filter_ctx context, uint32_t action, int number,
                     const struct scmp_arg_cmp *args, unsigned n,
                     const char *name, GError **error)
{
    int code = seccomp_rule_add_array(context, action, number, n, args);

    /* Exact twins, and calls that an architecture does not have. */
    return code == 0 || code == -EEXIST || code == -EDOM ||
           fail_code(error, code, name);
}

static bool add_call(scmp_filter_ctx context, const SpecSyscall *s,
                     uint32_t action, const char *name, GError **error)
{
    struct scmp_arg_cmp args[MAX_ARGS];
    int number = seccomp_syscall_resolve_name(name);
    bool apart = args_repeat(s->args);
    unsigned n = 0;

    if (number == __NR_SCMP_ERROR) {
        return true;
    }
    SPEC_EACH(SpecSyscallArg, a, s->args)
    {
        if (!read_arg(a, &args[apart ? 0 : n], error)) {
            return false;
        }
        n++;
        if (apart && !add_rule(context, action, number, args, 1, name, error)) {
            return false;
        }
    }
    return apart || add_rule(context, action, number, args, n, name, error);
}

static bool add_calls(scmp_filter_ctx context, const SpecSeccomp *spec,
                      uint32_t default_action, GError **error)
{
    SPEC_EACH(SpecSyscall, s, spec->syscalls)
    {
        uint32_t action;

        if (!action_of(s->action, s->has_errno_ret, s->errno_ret, &action,
                       error)) {
            return false;
        }
        for (char **name = s->names; action != default_action && *name != NULL;
             name++) {
            if (!add_call(context, s, action, *name, error)) {
                return false;
            }
        }
    }
    return true;
}

SeccompFilter *seccomp_filter_new(const SpecSeccomp *s, GError **error)
{
    g_autoptr(SeccompFilter) f = g_new0(SeccompFilter, 1);
    uint32_t action;

    if (!action_of(s->default_action, s->has_default_errno_ret,
                   s->default_errno_ret, &action, error)) {
        return NULL;
    }
    f->context = seccomp_init(action);
    if (f->context == NULL) {
        fail(error, "linux.seccomp: no filter with default '%s'",
             s->default_action);
        return NULL;
    }
    /* no_new_privs is the configuration's to say. */
    seccomp_attr_set(f->context, SCMP_FLTATR_CTL_NNP, 0);
    seccomp_attr_set(f->context, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    if (!add_archs(f->context, s->architectures, error) ||
        !set_flags(f->context, s->flags, error) ||
        !add_calls(f->context, s, action, error)) {
        return NULL;
    }
    return g_steal_pointer(&f);
}

void seccomp_filter_free(SeccompFilter *f)
{
    if (f != NULL) {
        if (f->context != NULL) {
            seccomp_release(f->context);
        }
        g_free(f);
    }
}

bool seccomp_filter_load(SeccompFilter *f, GError **error)
{
    int code = seccomp_load(f->context);

    f->loaded = code == 0;
    return f->loaded || fail_code(error, code, "load the filter");
}

bool seccomp_is_loaded(const SeccompFilter *f)
{
    return f->loaded;
}

bool seccomp_wants_listener(const SpecSeccomp *s)
{
    if (strcmp(s->default_action, "SCMP_ACT_NOTIFY") == 0) {
        return true;
    }
    SPEC_EACH(SpecSyscall, call, s->syscalls)
    {
        if (strcmp(call->action, "SCMP_ACT_NOTIFY") == 0) {
            return true;
        }
    }
    return false;
}

int seccomp_filter_listener(const SeccompFilter *f)
{
    return seccomp_notify_fd(f->context);
}
