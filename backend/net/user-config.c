/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/net/user-config.c - see user-config_priv.h. */
#include <arpa/inet.h>
#include <gio/gio.h>
#include <string.h>

#include "backend/net/hostfwd_priv.h"
#include "backend/net/user-config_priv.h"
#include "util/bits.h"

static bool invalid(GError **error, const char *key, const char *value,
                    const char *expected)
{
    g_set_error(error, OPTS_ERROR, OPTS_ERROR_INVALID,
                "invalid value '%s' for '%s': expected %s", value, key,
                expected);
    return false;
}

/* --- IPv4 --- */

/* What a network without a mask means. */
static uint32_t class_mask(uint32_t net)
{
    return !(net & 0x80000000u)   ? 0xff000000u
           : !(net & 0x40000000u) ? 0xffff0000u
                                  : 0xffffff00u;
}

/* "a.b.c.d", "a.b.c.d/24" or "a.b.c.d/255.255.255.0", in host order. */
static bool parse_net(const char *text, uint32_t *net, uint32_t *mask)
{
    g_auto(GStrv) parts = g_strsplit(text, "/", 2);
    struct in_addr a, m;
    uint64_t bits;

    if (!parts[0] || inet_pton(AF_INET, parts[0], &a) != 1) {
        return false;
    }
    *net = ntohl(a.s_addr);
    if (!parts[1]) {
        *mask = class_mask(*net);
    } else if (opts_parse_uint(parts[1], &bits) && bits >= 4 && bits <= 30) {
        *mask = ~(uint32_t)0 << (32 - bits);
    } else if (inet_pton(AF_INET, parts[1], &m) == 1) {
        *mask = ntohl(m.s_addr);
    } else {
        return false;
    }
    *net &= *mask;
    return (~*mask & (~*mask + 1)) == 0 && *mask != ~(uint32_t)0;
}

/* An address of the network; the default is its host number `number`. */
static bool read_address(Opts *o, const char *key, const SlirpConfig *c,
                         uint32_t number, struct in_addr *out, GError **error)
{
    const char *text = opts_get(o, key);
    uint32_t mask = ntohl(c->vnetmask.s_addr);

    if (!text) {
        out->s_addr = c->vnetwork.s_addr | htonl(number & ~mask);
        return true;
    }
    if (inet_pton(AF_INET, text, out) != 1 ||
        (out->s_addr & c->vnetmask.s_addr) != c->vnetwork.s_addr) {
        return invalid(error, key, text, "an address inside 'net'");
    }
    return true;
}

static bool read_v4(Opts *o, SlirpConfig *c, GError **error)
{
    const char *text = opts_get(o, "net");
    uint32_t net = 0x0a000200, mask = 0xffffff00;

    if (text && !parse_net(text, &net, &mask)) {
        return invalid(error, "net", text,
                       "an IPv4 network such as 10.0.2.0/24");
    }
    c->vnetwork.s_addr = htonl(net);
    c->vnetmask.s_addr = htonl(mask);
    if (!read_address(o, "host", c, 0x0202, &c->vhost, error) ||
        !read_address(o, "dns", c, 0x0203, &c->vnameserver, error) ||
        !read_address(o, "dhcpstart", c, 0x020f, &c->vdhcp_start, error)) {
        return false;
    }
    if (c->vhost.s_addr == c->vnameserver.s_addr) {
        g_set_error(error, OPTS_ERROR, OPTS_ERROR_INVALID,
                    "'host' and 'dns' must differ");
        return false;
    }
    return true;
}

/* --- IPv6 --- */

static bool read_v6_address(Opts *o, const char *key, const SlirpConfig *c,
                            uint8_t last, struct in6_addr *out, GError **error)
{
    const char *text = opts_get(o, key);

    if (!text) {
        *out = c->vprefix_addr6;
        out->s6_addr[15] |= last;
        return true;
    }
    return inet_pton(AF_INET6, text, out) == 1 ||
           invalid(error, key, text, "an IPv6 address");
}

static bool read_v6(Opts *o, SlirpConfig *c, GError **error)
{
    const char *text = opts_get(o, "ipv6-net");
    g_auto(GStrv) parts = g_strsplit(text ? text : "fec0::/64", "/", 2);
    uint64_t bits = 64;

    if (inet_pton(AF_INET6, parts[0], &c->vprefix_addr6) != 1 ||
        (parts[1] && (!opts_parse_uint(parts[1], &bits) || bits > 126))) {
        return invalid(error, "ipv6-net", text,
                       "an IPv6 network such as fec0::/64");
    }
    c->vprefix_len = (uint8_t)bits;
    return read_v6_address(o, "ipv6-host", c, 2, &c->vhost6, error) &&
           read_v6_address(o, "ipv6-dns", c, 3, &c->vnameserver6, error);
}

/* --- the rest --- */

/* Asking for one protocol alone turns the other off. */
static bool read_protocols(Opts *o, SlirpConfig *c, GError **error)
{
    bool v4 = true, v6 = true;

    if (!opts_get_bool(o, "ipv4", &v4, error) ||
        !opts_get_bool(o, "ipv6", &v6, error)) {
        return false;
    }
    c->in_enabled = v4 && (opts_has(o, "ipv4") || !opts_has(o, "ipv6") || !v6);
    c->in6_enabled = v6 && (opts_has(o, "ipv6") || !opts_has(o, "ipv4") || !v4);
    if (!c->in_enabled && !c->in6_enabled) {
        g_set_error(error, OPTS_ERROR, OPTS_ERROR_INVALID,
                    "'ipv4' and 'ipv6' are both off");
        return false;
    }
    return true;
}

static bool read_names(UserConfig *u, Opts *o, GError **error)
{
    SlirpConfig *c = &u->slirp;
    unsigned pos = 0;
    const char *suffix;

    c->vhostname = opts_get(o, "hostname");
    c->vdomainname = opts_get(o, "domainname");
    c->bootfile = opts_get(o, "bootfile");
    c->tftp_path = opts_get(o, "tftp");
    c->tftp_server_name = opts_get(o, "tftp-server-name");
    while ((suffix = opts_next(o, "dnssearch", &pos))) {
        g_ptr_array_add(u->search, (char *)suffix);
    }
    g_ptr_array_add(u->search, NULL);
    c->vdnssearch = (const char **)u->search->pdata;
    if (c->vhostname && strlen(c->vhostname) > 32) {
        return invalid(error, "hostname", c->vhostname,
                       "at most 32 characters");
    }
    return true;
}

static bool read_forwards(UserConfig *u, Opts *o, GError **error)
{
    unsigned pos = 0;
    const char *text;
    HostFwd f;

    while ((text = opts_next(o, "hostfwd", &pos))) {
        if (!hostfwd_parse(text, &f, error)) {
            return false;
        }
        g_array_append_val(u->forwards, f);
    }
    pos = 0;
    while ((text = opts_next(o, "guestfwd", &pos))) {
        struct in_addr server;
        const char *command;
        int port;

        if (!user_config_parse_command(text, &server, &port, &command, error)) {
            return false;
        }
        g_ptr_array_add(u->guest_commands, (char *)text);
    }
    return true;
}

bool user_config_parse_command(const char *text, struct in_addr *server,
                               int *port, const char **command, GError **error)
{
    const char *start = g_str_has_prefix(text, "tcp:") ? text + 4 : text + 1;
    const char *dash = strstr(text, "-cmd:");
    g_autofree char *address = NULL;
    g_auto(GStrv) parts = NULL;
    uint64_t number = 0;

    if ((start == text + 1 && text[0] != ':') || !dash || dash < start) {
        return invalid(error, "guestfwd", text,
                       "[tcp]:server:port-cmd:command");
    }
    address = g_strndup(start, (size_t)(dash - start));
    parts = g_strsplit(address, ":", 2);
    if (!parts[0] || !parts[1] || inet_pton(AF_INET, parts[0], server) != 1 ||
        !opts_parse_uint(parts[1], &number) || number < 1 || number > 65535) {
        return invalid(error, "guestfwd", text,
                       "[tcp]:server:port-cmd:command");
    }
    *port = (int)number;
    *command = dash + strlen("-cmd:");
    return true;
}

bool user_config_read(UserConfig *u, Opts *o, GError **error)
{
    SlirpConfig *c = &u->slirp;
    bool restricted = false;

    memset(u, 0, sizeof(*u));
    u->forwards = g_array_new(FALSE, FALSE, sizeof(HostFwd));
    u->search = g_ptr_array_new();
    u->guest_commands = g_ptr_array_new();
    c->version = 4;
    if (!opts_get_bool(o, "restrict", &restricted, error)) {
        return false;
    }
    c->restricted = restricted;
    return read_protocols(o, c, error) && read_v4(o, c, error) &&
           read_v6(o, c, error) && read_names(u, o, error) &&
           read_forwards(u, o, error) && opts_check_unused(o, error);
}

void user_config_finish(UserConfig *u)
{
    g_array_unref(u->forwards);
    g_ptr_array_unref(u->search);
    g_ptr_array_unref(u->guest_commands);
}
