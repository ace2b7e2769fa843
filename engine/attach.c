/* SPDX-License-Identifier: GPL-2.0-or-later */
/* engine/attach.c - the client's side. */
#include "engine/attach.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "container/files.h"
#include "container/sockets.h"

/* Typed one after the other they leave the container running (docker's). */
static const char detach_keys[] = {'P' & 0x1f, 'Q' & 0x1f};

typedef struct {
    int socket, signals;
    bool terminal, input, detached;
    unsigned keys; /* of detach_keys typed so far */
    int status;
    AttachSignal *pass;
    void *opaque;
} Attach;

int attach_connect(Engine *e, const Record *r, GError **error)
{
    g_autofree char *path = engine_path(e, r, "attach");

    return socket_connect_packets(AT_FDCWD, path, error);
}

static void send_text(Attach *a, char kind, const char *bytes, size_t len)
{
    char message[1 + 4096];

    message[0] = kind;
    memcpy(message + 1, bytes, len);
    socket_send(a->socket, message, len + 1, -1);
}

static void send_size(Attach *a)
{
    struct winsize size;
    char text[32];

    if (a->terminal && ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0) {
        int n =
            g_snprintf(text, sizeof(text), "%u %u", size.ws_row, size.ws_col);

        send_text(a, ATTACH_SIZE, text, (size_t)n);
    }
}

/* Whether the keys that detach were typed. */
static bool watch_keys(Attach *a, const char *bytes, size_t len)
{
    for (size_t i = 0; a->terminal && i < len; i++) {
        a->keys = bytes[i] == detach_keys[a->keys] ? a->keys + 1
                  : bytes[i] == detach_keys[0]     ? 1
                                                   : 0;
        if (a->keys == sizeof(detach_keys)) {
            return true;
        }
    }
    return false;
}

static void take_input(Attach *a)
{
    char bytes[4096];
    ssize_t n = TEMP_FAILURE_RETRY(read(STDIN_FILENO, bytes, sizeof(bytes)));

    if (n <= 0) {
        send_text(a, ATTACH_END, "", 0);
        a->input = false;
    } else if (watch_keys(a, bytes, (size_t)n)) {
        a->detached = true;
    } else {
        send_text(a, ATTACH_IN, bytes, (size_t)n);
    }
}

static void take_message(Attach *a)
{
    static char message[ATTACH_MAX + 1];
    int fd;
    ssize_t n = socket_receive(a->socket, message, ATTACH_MAX, &fd);

    fd_clear(&fd);
    if (n <= 0) {
        a->detached = true;
        return;
    }
    message[n] = '\0';
    switch (message[0]) {
    case ATTACH_OUT:
        fd_write_all(STDOUT_FILENO, message + 1, (size_t)n - 1);
        break;
    case ATTACH_ERR:
        fd_write_all(STDERR_FILENO, message + 1, (size_t)n - 1);
        break;
    case ATTACH_EXIT:
        a->status = atoi(message + 1);
        break;
    default:
        break;
    }
}

static void take_signal(Attach *a)
{
    struct signalfd_siginfo info;

    while (read(a->signals, &info, sizeof(info)) == sizeof(info)) {
        if (info.ssi_signo == SIGWINCH) {
            send_size(a);
        } else if (info.ssi_signo != SIGCHLD && info.ssi_signo != SIGPIPE &&
                   info.ssi_signo != SIGURG) {
            a->pass(a->opaque, (int)info.ssi_signo);
        }
    }
}

static int open_signals(const Attach *a, sigset_t *old)
{
    sigset_t set;

    if (a->pass != NULL) {
        sigfillset(&set);
        /* Of the shell's job control: ^Z stops us, not the container. */
        sigdelset(&set, SIGTSTP);
        sigdelset(&set, SIGTTIN);
        sigdelset(&set, SIGTTOU);
        sigdelset(&set, SIGCONT);
    } else {
        sigemptyset(&set);
        sigaddset(&set, SIGWINCH);
    }
    sigprocmask(SIG_BLOCK, &set, old);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void turn(Attach *a)
{
    struct pollfd events[] = {
        {a->socket, POLLIN, 0},
        {a->signals, POLLIN, 0},
        {a->input ? STDIN_FILENO : -1, POLLIN, 0},
    };

    if (poll(events, G_N_ELEMENTS(events), -1) < 0) {
        return;
    }
    if (events[2].revents != 0) {
        take_input(a);
    }
    if (events[1].revents != 0) {
        take_signal(a);
    }
    if (events[0].revents != 0) {
        take_message(a);
    }
}

int attach_run(int socket, const Record *r, bool input, AttachSignal *pass,
               void *opaque)
{
    Attach a = {
        .socket = socket,
        .input = input,
        .status = -1,
        .pass = pass,
        .opaque = opaque,
    };
    struct termios saved, raw;
    sigset_t old;

    a.terminal = r->terminal && input && tcgetattr(STDIN_FILENO, &saved) == 0;
    a.signals = open_signals(&a, &old);
    if (a.terminal) {
        raw = saved;
        cfmakeraw(&raw);
        tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
        send_size(&a);
    }
    while (a.status < 0 && !a.detached) {
        turn(&a);
    }
    if (a.terminal) {
        tcsetattr(STDIN_FILENO, TCSADRAIN, &saved);
    }
    close(a.signals);
    sigprocmask(SIG_SETMASK, &old, NULL);
    return a.status;
}
