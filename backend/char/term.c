/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/char/term.c - see term.h. State is static because signal handlers
 * have no argument; `taken` is written last when taking and first when giving
 * back, so a handler never sees half of it. */
#include "backend/char/term.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static int term_fd = -1;
static volatile sig_atomic_t taken; /* term_fd and found are valid */
static bool signals_kept;
static struct termios found; /* the modes to go back to */

/* Changing modes from the background would stop us by SIGTTOU; the shell has
 * its own modes set there anyway. No group: job control is not in play. */
static bool in_foreground(void)
{
    pid_t group = tcgetpgrp(term_fd);

    return group < 0 || group == getpgrp();
}

void term_restore(void)
{
    int saved_errno = errno;

    if (taken && in_foreground()) {
        tcsetattr(term_fd, TCSANOW, &found);
    }
    errno = saved_errno;
}

/* Bytes in come at once and unchanged; output keeps its newline translation,
 * or our own messages would run down a staircase. */
static void set_raw(void)
{
    struct termios t = found;

    t.c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR |
                             ICRNL | IXON);
    t.c_oflag |= OPOST;
    t.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | IEXTEN);
    if (!signals_kept) {
        t.c_lflag &= ~(tcflag_t)ISIG;
    }
    t.c_cflag = (t.c_cflag & ~(tcflag_t)(CSIZE | PARENB)) | CS8;
    t.c_cc[VMIN] = 1;
    t.c_cc[VTIME] = 0;
    tcsetattr(term_fd, TCSANOW, &t);
}

/* Gives the terminal back, then lets the signal do what it does by default. */
static void on_deadly(int sig)
{
    term_restore();
    signal(sig, SIG_DFL);
    raise(sig);
}

static void on_stop(int sig)
{
    int saved_errno = errno;

    term_restore();
    raise(SIGSTOP);
    errno = saved_errno;
}

/* After `fg` the shell may have changed the modes: those are the ones to go
 * back to now. After `bg` the terminal is not ours to touch. */
static void on_continue(int sig)
{
    int saved_errno = errno;

    if (taken && in_foreground()) {
        struct termios now;

        if (tcgetattr(term_fd, &now) == 0 && (now.c_lflag & ICANON)) {
            found = now;
        }
        set_raw();
    }
    errno = saved_errno;
}

/* Only where nobody else did: theirs knows better what the signal means. */
static void handle_default(int sig, void (*handler)(int), int flags)
{
    struct sigaction sa;

    if (sigaction(sig, NULL, &sa) < 0 || (sa.sa_flags & SA_SIGINFO) ||
        sa.sa_handler != SIG_DFL) {
        return;
    }
    memset(&sa, 0, sizeof(sa));
    sa.sa_handler = handler;
    sa.sa_flags = flags | SA_ONSTACK | SA_RESTART;
    sigfillset(&sa.sa_mask);
    sigaction(sig, &sa, NULL);
}

static void install_handlers(void)
{
    static const int deadly[] = {SIGSEGV, SIGBUS,  SIGILL,  SIGFPE,  SIGABRT,
                                 SIGTRAP, SIGSYS,  SIGINT,  SIGTERM, SIGHUP,
                                 SIGQUIT, SIGALRM, SIGUSR1, SIGUSR2};
    static bool installed;

    if (installed) {
        return;
    }
    installed = true;
    atexit(term_restore);
    for (unsigned i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++) {
        handle_default(deadly[i], on_deadly, 0);
    }
    handle_default(SIGTSTP, on_stop, 0);
    handle_default(SIGCONT, on_continue, 0);
}

void term_make_raw(int fd, bool keep_signals)
{
    if (!isatty(fd) || tcgetattr(fd, &found) < 0) {
        return;
    }
    term_fd = fd;
    signals_kept = keep_signals;
    taken = 1;
    install_handlers();
    if (in_foreground()) {
        set_raw();
    }
}

void term_release(void)
{
    term_restore();
    taken = 0;
    term_fd = -1;
}
