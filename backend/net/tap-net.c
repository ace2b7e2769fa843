/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/net/tap-net.c - a tap interface of the host, or a descriptor of one.
 * Left out: vhost, multiple queues, offloads.
 * Threads: a vCPU's frame is one write system call on its own thread. */
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "backend/fd.h"
#include "backend/net/host-net_priv.h"

enum { FRAMES_AT_ONCE = 64 }; /* before the loop looks after others */

typedef struct {
    HostNet h;
    int fd;
    Watch *watch;
    char *name; /* of the interface; NULL if we were given the descriptor */
    char *down_script;
} TapNet;

static void tap_send(NetDev *n, const uint8_t *frame, size_t len)
{
    TapNet *t = (TapNet *)n;
    ssize_t done;

    /* A full interface queue drops frames, as wires do. */
    do {
        done = write(t->fd, frame, len);
    } while (done < 0 && errno == EINTR);
}

static void readable(void *opaque, GIOCondition ready)
{
    TapNet *t = opaque;
    uint8_t frame[NET_FRAME_MAX];

    for (int i = 0; i < FRAMES_AT_ONCE; i++) {
        ssize_t n = read(t->fd, frame, sizeof(frame));

        if (n <= 0) {
            /* A descriptor whose other side is gone has nothing to say. */
            if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
                watch_set(t->watch, 0);
            }
            return;
        }
        if (!host_net_deliver(&t->h, frame, (size_t)n)) {
            watch_set(t->watch, 0);
            return;
        }
    }
}

static void tap_resumed(HostNet *h)
{
    watch_set(((TapNet *)h)->watch, G_IO_IN);
}

static bool run_script(const char *script, const char *name, GError **error)
{
    const char *argv[] = {script, name, NULL};
    int status;

    return g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_CHILD_INHERITS_STDIN,
                        NULL, NULL, NULL, NULL, &status, error) &&
           g_spawn_check_wait_status(status, error);
}

static void tap_free(NetDev *n)
{
    TapNet *t = (TapNet *)n;

    watch_free(t->watch);
    if (t->name && t->down_script) {
        run_script(t->down_script, t->name, NULL);
    }
    fd_close(&t->fd);
    g_free(t->name);
    g_free(t->down_script);
    host_net_free(&t->h);
}

static const NetClass tap_class = {
    .name = "tap",
    .send = tap_send,
    .accept_input = host_net_accept_input,
    .free = tap_free,
};

static int open_interface(const char *wanted, char **name, GError **error)
{
    struct ifreq req = {.ifr_flags = IFF_TAP | IFF_NO_PI};
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

    g_strlcpy(req.ifr_name, wanted, sizeof(req.ifr_name));
    if (fd < 0 || ioctl(fd, TUNSETIFF, &req) < 0) {
        int err = errno;

        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(err),
                    "cannot open tap interface '%s': %s", wanted,
                    g_strerror(err));
        fd_close(&fd);
    } else {
        *name = g_strdup(req.ifr_name);
    }
    return fd;
}

typedef struct {
    const char *ifname, *up, *down;
    uint64_t fd;
    bool have_fd;
} TapOptions;

/* "no" is what people write to switch a script off; there is no default one. */
static const char *get_script(Opts *o, const char *key)
{
    const char *v = opts_get(o, key);

    return v && strcmp(v, "no") != 0 ? v : NULL;
}

static bool read_options(TapOptions *t, Opts *o, GError **error)
{
    bool vhost = false;

    t->have_fd = opts_has(o, "fd");
    t->ifname = opts_get(o, "ifname");
    t->up = get_script(o, "script");
    t->down = get_script(o, "downscript");
    if (!opts_get_uint(o, "fd", 0, G_MAXINT, &t->fd, error) ||
        !opts_get_bool(o, "vhost", &vhost, error)) {
        return false;
    }
    if (vhost) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                    "vhost=on is not available");
        return false;
    }
    if (t->have_fd && (t->ifname || t->up || t->down)) {
        g_set_error(error, OPTS_ERROR, OPTS_ERROR_INVALID,
                    "'fd' excludes 'ifname', 'script' and 'downscript'");
        return false;
    }
    if (t->ifname && (!*t->ifname || strlen(t->ifname) >= IFNAMSIZ)) {
        g_set_error(error, OPTS_ERROR, OPTS_ERROR_INVALID,
                    "invalid value '%s' for 'ifname': expected 1 to %d "
                    "characters",
                    t->ifname, IFNAMSIZ - 1);
        return false;
    }
    return opts_check_unused(o, error);
}

static bool use_descriptor(TapNet *t, int fd, GError **error)
{
    if (!fd_set_nonblocking(fd, true)) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "file descriptor %d: %s", fd, g_strerror(errno));
        return false;
    }
    t->fd = fd;
    return true;
}

static bool start(TapNet *t, const TapOptions *o, GError **error)
{
    if (o->have_fd) {
        return use_descriptor(t, (int)o->fd, error);
    }
    t->fd = open_interface(o->ifname ? o->ifname : "tap%d", &t->name, error);
    if (t->fd < 0) {
        return false;
    }
    if (o->up && !run_script(o->up, t->name, error)) {
        g_prefix_error(error, "script '%s': ", o->up);
        return false;
    }
    t->down_script = g_strdup(o->down);
    return true;
}

NetDev *tap_net_new(const char *id, Opts *opts, GError **error)
{
    TapOptions o = {0};
    TapNet *t;

    if (!read_options(&o, opts, error)) {
        return NULL;
    }
    t = host_net_new(sizeof(*t), &tap_class, id);
    t->fd = -1;
    t->h.resumed = tap_resumed;
    if (!start(t, &o, error)) {
        tap_free(&t->h.dev);
        return NULL;
    }
    t->watch = watch_new(t->fd, readable, t);
    watch_set(t->watch, G_IO_IN);
    return &t->h.dev;
}
