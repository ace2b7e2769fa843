/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/char/char-backend.c - see char-backend.h. */
#include "backend/char/char-backend.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>

#include "backend/address.h"
#include "backend/char/host-char_priv.h"
#include "backend/kind.h"

typedef struct {
    const char *name;
    CharCreateFn *create;
} Kind;

static const Kind kinds[] = {
    {"file", file_char_new},
    {"null", null_char_new},
    {"pipe", pipe_char_new},
    {"pty", pty_char_new},
    {"qemu-vdagent", vdagent_char_new},
    {"socket", socket_char_new},
    {"stdio", stdio_char_new},
    {"vc", vc_char_new},
};

const char *char_backend_kind(unsigned n)
{
    return n < G_N_ELEMENTS(kinds) ? kinds[n].name : NULL;
}

/* What every kind takes. */
typedef struct {
    bool mux;
    const char *log;
    bool log_append;
} Common;

static bool read_common(Common *c, Opts *opts, GError **error)
{
    opts_get(opts, "id");
    c->log = opts_get(opts, "logfile");
    return opts_get_bool(opts, "mux", &c->mux, error) &&
           opts_get_bool(opts, "logappend", &c->log_append, error);
}

static int open_log(const Common *common, GError **error)
{
    int fd = open(common->log,
                  O_WRONLY | O_CREAT | O_CLOEXEC | O_APPEND |
                      (common->log_append ? 0 : O_TRUNC),
                  0666);

    if (fd < 0) {
        int err = errno;

        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(err),
                    "cannot open log file '%s': %s", common->log,
                    g_strerror(err));
    }
    return fd;
}

static CharDev *create(const Backends *b, const char *id, Opts *opts,
                       GError **error)
{
    const char *name = opts_require(opts, "backend", error);
    const Kind *kind = name ? KIND_FIND(kinds, "back end", name, error) : NULL;
    Common common = {0};
    CharDev *c;
    int log;

    if (!kind || !read_common(&common, opts, error)) {
        return NULL;
    }
    c = kind->create(id, b, opts, error);
    if (c && common.log) {
        log = open_log(&common, error);
        if (log < 0) {
            c->cls->free(c);
            return NULL;
        }
        ((HostChar *)c)->log_fd = log;
    }
    return c && common.mux ? mux_char_new(id, c) : c;
}

CharDev *char_backend_new(const Backends *b, const char *id, Opts *opts,
                          GError **error)
{
    CharDev *c = create(b, id, opts, error);

    if (!c) {
        g_prefix_error(error, "chardev '%s': ", id);
    }
    return c;
}

/* --- -serial and friends --- */

/* "tcp:host:port,key=value": the address becomes keys, the rest is parsed. */
static Opts *parse_tcp(const char *rest, GError **error)
{
    Opts *o = opts_parse(rest, "address", error);
    g_autofree char *host = NULL;
    g_autofree char *port = NULL;
    const char *address = o ? opts_get(o, "address") : NULL;

    if (!o) {
        return NULL;
    }
    if (!address_split(address ? address : "", &host, &port, error)) {
        opts_free(o);
        return NULL;
    }
    opts_set(o, "host", host);
    opts_set(o, "port", port);
    return o;
}

/* "vc:WxH" in pixels or, with C behind each number, in characters. */
static Opts *parse_vc(const char *size, GError **error)
{
    Opts *o = opts_new();
    g_auto(GStrv) sides = g_strsplit(size, "x", 2);
    bool in_cells = g_str_has_suffix(size, "C");

    for (unsigned i = 0; i < 2; i++) {
        static const char *const keys[2][2] = {{"width", "cols"},
                                               {"height", "rows"}};
        char *side = sides[0] != NULL ? sides[i] : NULL;

        if (side == NULL || *side == '\0' ||
            (in_cells && !g_str_has_suffix(side, "C"))) {
            g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                        "size '%s' is not WxH or COLSCxROWSC", size);
            opts_free(o);
            return NULL;
        }
        side[strlen(side) - in_cells] = '\0';
        opts_set(o, keys[i][in_cells], side);
    }
    return o;
}

/* The options a legacy specification stands for; NULL with an error. */
static Opts *parse_legacy(const char *spec, GError **error)
{
    static const struct {
        const char *prefix, *backend, *first;
    } with_path[] = {
        {"file:", "file", "path"},
        {"pipe:", "pipe", "path"},
        {"unix:", "socket", "path"},
    };
    const char *backend = NULL;
    Opts *o = NULL;

    for (unsigned i = 0; i < G_N_ELEMENTS(with_path) && !backend; i++) {
        if (g_str_has_prefix(spec, with_path[i].prefix)) {
            backend = with_path[i].backend;
            o = opts_parse(spec + strlen(with_path[i].prefix),
                           with_path[i].first, error);
        }
    }
    if (g_str_has_prefix(spec, "tcp:")) {
        backend = "socket";
        o = parse_tcp(spec + 4, error);
    } else if (g_str_has_prefix(spec, "telnet:")) {
        backend = "socket";
        o = parse_tcp(spec + 7, error);
        if (o) {
            opts_set(o, "telnet", "on");
        }
    } else if (g_str_has_prefix(spec, "vc:")) {
        backend = "vc";
        o = parse_vc(spec + 3, error);
    } else if (!backend) {
        /* "stdio", "vc", "pty", "null", and what is no kind */
        o = opts_parse(spec, "backend", error);
    }
    if (o && backend) {
        opts_set(o, "backend", backend);
    }
    return o;
}

static CharDev *find_named(Backends *b, const char *id, GError **error)
{
    CharDev *c = backends_char(b, id);

    if (!c) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                    "chardev '%s': no such character device", id);
    }
    return c;
}

static CharDev *create_legacy(Backends *b, const char *id, const char *spec,
                              bool with_monitor, GError **error)
{
    g_autoptr(Opts) opts = parse_legacy(spec, error);
    CharDev *c;

    if (!opts) {
        g_prefix_error(error, "'%s': ", spec);
        return NULL;
    }
    if (with_monitor) {
        opts_set_default(opts, "mux", "on");
        /* Ctrl-C is the guest's where Ctrl-A x can end us. */
        if (strcmp(spec, "stdio") == 0) {
            opts_set_default(opts, "signal", "off");
        }
    }
    c = char_backend_new(b, id, opts, error);
    if (c && !backends_add_char(b, id, c, error)) {
        c->cls->free(c);
        c = NULL;
    }
    return c;
}

bool char_backend_from_legacy(Backends *b, const char *id, const char *spec,
                              CharDev **out, bool *monitor, GError **error)
{
    *out = NULL;
    *monitor = g_str_has_prefix(spec, "mon:");
    if (*monitor) {
        spec += strlen("mon:");
    }
    if (strcmp(spec, "none") == 0) {
        return true;
    }
    if (g_str_has_prefix(spec, "chardev:")) {
        *out = find_named(b, spec + strlen("chardev:"), error);
    } else {
        *out = create_legacy(b, id, spec, *monitor, error);
    }
    return *out != NULL;
}
