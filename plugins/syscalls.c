/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plugins/syscalls.c - the system calls that a guest's programs make.
 *   -plugin syscalls.so[,print=on]
 * At the end a line a number: how many calls, how many came back, how many of
 * those with an error. print=on also prints each call as it comes back. Names
 * are Linux', whose numbers are the same on RISC-V and AArch64. */
#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>

#include "plugins/cuttle-plugin.h"

const int cuttle_plugin_version = CUTTLE_PLUGIN_VERSION;

enum { MAX_NUMBER = 512, OTHER = MAX_NUMBER, MAX_ERRNO = 4095 };

static struct {
    bool print;
    bool wide; /* registers have 64 bits */
    atomic_ullong made[MAX_NUMBER + 1], returned[MAX_NUMBER + 1];
    atomic_ullong failed[MAX_NUMBER + 1];
} calls;

static const char *const names[MAX_NUMBER] = {
#include "syscall-names.h"
};

static unsigned slot(const CuttleSyscall *c)
{
    return c->number < MAX_NUMBER ? (unsigned)c->number : OTHER;
}

static const char *name_of(unsigned n)
{
    return n < MAX_NUMBER && names[n] != NULL ? names[n] : "?";
}

static void made(unsigned vcpu, const CuttleSyscall *c, void *data)
{
    atomic_fetch_add(&calls.made[slot(c)], 1);
}

static int64_t as_signed(uint64_t value)
{
    return calls.wide ? (int64_t)value : (int32_t)value;
}

static void returned(unsigned vcpu, const CuttleSyscall *c, uint64_t result,
                     void *data)
{
    int64_t r = as_signed(result);

    atomic_fetch_add(&calls.returned[slot(c)], 1);
    if (r < 0 && r >= -MAX_ERRNO) {
        atomic_fetch_add(&calls.failed[slot(c)], 1);
    }
    if (calls.print) {
        cuttle_log("cpu %u: %s/%" PRIu64 "(0x%" PRIx64 ", 0x%" PRIx64
                   ", 0x%" PRIx64 ") = %" PRId64 "\n",
                   vcpu, name_of(slot(c)), c->number, c->args[0], c->args[1],
                   c->args[2], r);
    }
}

static void finish(void *data)
{
    cuttle_log("%6s %-24s %12s %12s %12s\n", "number", "name", "calls",
               "returns", "errors");
    for (unsigned n = 0; n <= MAX_NUMBER; n++) {
        if (calls.made[n] > 0) {
            cuttle_log("%6u %-24s %12llu %12llu %12llu\n", n,
                       n == OTHER ? "(others)" : name_of(n), calls.made[n],
                       calls.returned[n], calls.failed[n]);
        }
    }
}

int cuttle_plugin_install(CuttlePlugin *self, const CuttlePluginInfo *info,
                          int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "print=on") == 0) {
            calls.print = true;
        } else if (strcmp(argv[i], "print=off") != 0) {
            cuttle_error(self, "there is no argument '%s'", argv[i]);
            return 1;
        }
    }
    calls.wide = strstr(info->guest, "64") != NULL;
    cuttle_on_syscall(self, made, NULL);
    cuttle_on_syscall_return(self, returned, NULL);
    cuttle_on_finish(self, finish, NULL);
    return 0;
}
