/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/namespaces.c */
#include "container/namespaces.h"

#include <linux/sched.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "container/files.h"

const NamespaceKind namespace_kinds[] = {
    {"user", "user", CLONE_NEWUSER},
    {"pid", "pid", CLONE_NEWPID},
    {"network", "net", CLONE_NEWNET},
    {"ipc", "ipc", CLONE_NEWIPC},
    {"uts", "uts", CLONE_NEWUTS},
    {"time", "time", CLONE_NEWTIME},
    {"cgroup", "cgroup", CLONE_NEWCGROUP},
    {"mount", "mnt", CLONE_NEWNS},
    {0},
};

bool namespace_loopback_up(void)
{
    g_auto(Fd) fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};

    return fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &request) == 0;
}
