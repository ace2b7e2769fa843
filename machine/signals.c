/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/signals.c - ending signals arrive through a descriptor on the event
 * loop, so nothing runs in a signal handler and the sender is known. */
#include "machine/signals.h"

#include <glib-unix.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "core/loop.h"

static int fd = -1;
static guint source;

static void ending_signals(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGHUP);
}

void signals_block(void)
{
    sigset_t set;

    ending_signals(&set);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static void announce(const struct signalfd_siginfo *info)
{
    g_autofree char *path = g_strdup_printf("/proc/%u/comm", info->ssi_pid);
    g_autofree char *name = NULL;

    if (info->ssi_pid == 0) { /* the terminal's Ctrl-C, or a hang-up */
        g_printerr("%s: terminating on signal %u\n", g_get_prgname(),
                   info->ssi_signo);
        return;
    }
    if (g_file_get_contents(path, &name, NULL, NULL)) {
        g_strchomp(name);
    }
    g_printerr("%s: terminating on signal %u from pid %u (%s)\n",
               g_get_prgname(), info->ssi_signo, info->ssi_pid,
               name != NULL ? name : "<unknown process>");
}

static gboolean arrived(int from, GIOCondition condition, void *opaque)
{
    struct signalfd_siginfo info;

    if (read(from, &info, sizeof(info)) == sizeof(info)) {
        announce(&info);
        run_request(RUN_REQUEST_QUIT, RUN_CAUSE_HOST_SIGNAL, 0);
    }
    return G_SOURCE_CONTINUE;
}

void signals_watch(void)
{
    sigset_t set;

    ending_signals(&set);
    fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd >= 0) {
        source = g_unix_fd_add(fd, G_IO_IN, arrived, NULL);
    }
}

void signals_unwatch(void)
{
    if (fd >= 0) {
        g_source_remove(source);
        close(fd);
        fd = -1;
    }
}
