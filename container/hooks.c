/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/hooks.c */
#include "container/hooks.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "container/files.h"

G_NORETURN static void become(const SpecHook *h, int input)
{
    char *no_args[] = {h->path, NULL}, *no_env[] = {NULL};

    dup2(input, STDIN_FILENO);
    execve(h->path, h->args != NULL ? h->args : no_args,
           h->env != NULL ? h->env : no_env);
    _exit(errno == ENOENT ? 127 : 126);
}

/* Writes what the pipe takes; a hook that reads nothing is no failure, nor may
 * it keep us. */
static void give_state(int fd, const char *state)
{
    (void)!send(fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Waits; false when the time is up. */
static bool wait_for(pid_t pid, const SpecHook *h, int *status)
{
    g_auto(Fd) fd = (int)syscall(SYS_pidfd_open, pid, 0);
    struct pollfd event = {fd, POLLIN, 0};
    int64_t ms = h->has_timeout ? MIN(h->timeout, G_MAXINT / 1000) * 1000 : -1;
    bool ended = TEMP_FAILURE_RETRY(poll(&event, 1, (int)ms)) != 0;

    if (!ended) {
        kill(pid, SIGKILL);
    }
    TEMP_FAILURE_RETRY(waitpid(pid, status, 0));
    return ended;
}

static bool run(const SpecHook *h, const char *stage, const char *state,
                GError **error)
{
    int pair[2], status;
    pid_t pid;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        return fail_errno(error, "%s hook '%s'", stage, h->path);
    }
    pid = fork();
    if (pid == 0) {
        become(h, pair[1]);
    }
    close(pair[1]);
    if (pid < 0) {
        close(pair[0]);
        return fail_errno(error, "%s hook '%s'", stage, h->path);
    }
    give_state(pair[0], state);
    close(pair[0]);
    if (!wait_for(pid, h, &status)) {
        return fail(error,
                    "%s hook '%s': timed out after %" G_GINT64_FORMAT " s",
                    stage, h->path, h->timeout);
    }
    if (WIFSIGNALED(status)) {
        return fail(error, "%s hook '%s': killed by signal %d", stage, h->path,
                    WTERMSIG(status));
    }
    if (WEXITSTATUS(status) != 0) {
        return fail(error, "%s hook '%s': exit status %d", stage, h->path,
                    WEXITSTATUS(status));
    }
    return true;
}

bool hooks_run(const GPtrArray *hooks, const char *stage, const char *state,
               GError **error)
{
    SPEC_EACH(SpecHook, h, hooks)
    {
        if (!run(h, stage, state, error)) {
            return false;
        }
    }
    return true;
}
