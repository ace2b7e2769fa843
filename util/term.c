/* SPDX-License-Identifier: GPL-2.0-or-later */
/* util/term.c - see term.h. State is static because signal handlers
 * have no argument; `taken` is written last when taking and first when giving
 * back, so a handler never sees half of it. */
#include "util/term.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

enum { KEPT_BYTES = 1 << 20 };

static bool claimed;
static int term_fd = -1;
static volatile sig_atomic_t taken; /* term_fd and found are valid */
static bool signals_kept;
static struct termios found; /* the modes to go back to */

static const char *volatile leave_screen; /* NULL: there is none */
static int resumed_fd = -1;
static volatile int kept_fd = -1; /* what came on standard error */
static int own_stderr = -1;       /* which is kept_fd meanwhile */

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
        if (leave_screen != NULL) {
            (void)!write(term_fd, leave_screen, strlen(leave_screen));
        }
        tcsetattr(term_fd, TCSANOW, &found);
    }
    errno = saved_errno;
}

/* ---- standard error, while there is a screen ---------------------------- */

/* Async-signal-safe. */
static void show_kept(void)
{
    off_t at = 0, end;
    char bytes[4096];
    ssize_t n = 1;

    if (kept_fd < 0) {
        return;
    }
    dup2(own_stderr, STDERR_FILENO);
    end = lseek(kept_fd, 0, SEEK_CUR);
    while (at < end && n > 0) {
        n = pread(kept_fd, bytes, MIN(sizeof(bytes), (size_t)(end - at)), at);
        n = n > 0 ? write(STDERR_FILENO, bytes, (size_t)n) : n;
        at += n;
    }
    close(kept_fd);
    close(own_stderr);
    kept_fd = -1;
}

/* A file of fixed size: who writes more is told so and goes on. */
static void keep_stderr(void)
{
    int fd = isatty(STDERR_FILENO)
                 ? memfd_create("stderr", MFD_CLOEXEC | MFD_ALLOW_SEALING)
                 : -1;

    own_stderr = fd < 0 ? -1 : fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    if (own_stderr < 0 || ftruncate(fd, KEPT_BYTES) < 0 ||
        fcntl(fd, F_ADD_SEALS, F_SEAL_GROW) < 0) {
        close(fd);
        return;
    }
    dup2(fd, STDERR_FILENO);
    kept_fd = fd;
}

void term_begin_screen(const char *leave, int resumed)
{
    resumed_fd = resumed;
    leave_screen = leave;
    keep_stderr();
}

void term_end_screen(void)
{
    leave_screen = NULL;
    resumed_fd = -1;
    show_kept();
}

/* ---- modes -------------------------------------------------------------- */

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
    show_kept();
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
        if (resumed_fd >= 0) {
            (void)!write(resumed_fd, &(uint64_t){1}, sizeof(uint64_t));
        }
    }
    errno = saved_errno;
}

static void at_exit(void)
{
    term_restore();
    show_kept();
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
    atexit(at_exit);
    for (unsigned i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++) {
        handle_default(deadly[i], on_deadly, 0);
    }
    handle_default(SIGTSTP, on_stop, 0);
    handle_default(SIGCONT, on_continue, 0);
}

bool term_claim(void)
{
    return !claimed && (claimed = true);
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
    claimed = false;
}
