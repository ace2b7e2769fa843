/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd/runtime/foreground.c - run and exec without --detach: signals go to the
 * process, bytes between its terminal and ours, its status becomes ours. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "cmd/runtime/runtime.h"
#include "container/files.h"

typedef struct {
    pid_t pid;
    int master;  /* -1: none */
    int signals; /* a signalfd of all but those that are our own */
    bool input;  /* ours has not ended */
    int status;  /* as waitpid gives it; -1: it runs */
} Foreground;

/* ---- the terminal ---- */

static void copy_size(int master)
{
    struct winsize size;

    if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0) {
        ioctl(master, TIOCSWINSZ, &size);
    }
}

static bool make_raw(struct termios *saved)
{
    struct termios raw;

    if (tcgetattr(STDIN_FILENO, saved) != 0) {
        return false;
    }
    raw = *saved;
    cfmakeraw(&raw);
    return tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
}

/* False at the end of from. */
static bool copy_some(int from, int to)
{
    char part[4096];
    ssize_t n = TEMP_FAILURE_RETRY(read(from, part, sizeof(part)));

    return n > 0 && fd_write_all(to, part, (size_t)n);
}

/* ---- signals ---- */

static int take_signals(sigset_t *old)
{
    sigset_t all;

    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, old);
    return signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void reap(Foreground *f)
{
    int status;
    pid_t pid;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (pid == f->pid) {
            f->status = status;
        }
    }
}

static void pass_signal(Foreground *f)
{
    struct signalfd_siginfo info;

    while (read(f->signals, &info, sizeof(info)) == sizeof(info)) {
        int signal = (int)info.ssi_signo;

        if (signal == SIGCHLD) {
            reap(f);
        } else if (signal == SIGWINCH) {
            copy_size(f->master);
        } else if (signal != SIGPIPE && signal != SIGURG) {
            kill(f->pid, signal);
        }
    }
}

/* ---- the loop ---- */

static void turn(Foreground *f)
{
    struct pollfd events[] = {
        {f->signals, POLLIN, 0},
        {f->master, POLLIN, 0},
        {f->input ? STDIN_FILENO : -1, POLLIN, 0},
    };

    if (poll(events, G_N_ELEMENTS(events), -1) < 0) {
        return;
    }
    if (events[1].revents != 0 && !copy_some(f->master, STDOUT_FILENO)) {
        f->master = -1;
    }
    if (events[2].revents != 0 && !copy_some(STDIN_FILENO, f->master)) {
        f->input = false;
    }
    if (events[0].revents != 0) {
        pass_signal(f);
    }
}

/* What it wrote last is still in the terminal. */
static void drain(const Foreground *f)
{
    struct pollfd event = {f->master, POLLIN, 0};

    while (f->master >= 0 && poll(&event, 1, 0) > 0 &&
           copy_some(f->master, STDOUT_FILENO)) {
    }
}

int runtime_foreground(pid_t pid, int master)
{
    Foreground f = {pid, master, -1, master >= 0, -1};
    struct termios saved;
    bool raw = master >= 0 && make_raw(&saved);
    sigset_t old;

    f.signals = take_signals(&old);
    if (master >= 0) {
        copy_size(master);
    }
    reap(&f); /* it may have been quicker */
    while (f.status < 0) {
        turn(&f);
    }
    drain(&f);
    close(f.signals);
    sigprocmask(SIG_SETMASK, &old, NULL);
    if (raw) {
        tcsetattr(STDIN_FILENO, TCSANOW, &saved);
    }
    return WIFSIGNALED(f.status) ? 128 + WTERMSIG(f.status)
                                 : WEXITSTATUS(f.status);
}

unsigned runtime_preserved_fds(unsigned asked)
{
    const char *text = g_getenv("LISTEN_FDS");
    guint64 n = 0;

    if (text != NULL) {
        g_ascii_string_to_unsigned(text, 10, 0, 1024, &n, NULL);
    }
    return asked + (unsigned)n;
}
