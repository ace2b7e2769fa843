/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/net/hostfwd.c - see hostfwd_priv.h. */
#include <arpa/inet.h>
#include <gio/gio.h>
#include <string.h>

#include "backend/net/hostfwd_priv.h"
#include "util/opts.h"

/* "[addr]:port" */
static bool parse_end(const char *text, int min_port, struct in_addr *addr,
                      int *port)
{
    const char *colon = strchr(text, ':');
    g_autofree char *host = NULL;
    uint64_t number;

    if (!colon || !opts_parse_uint(colon + 1, &number) || number > 65535 ||
        (int)number < min_port) {
        return false;
    }
    host = g_strndup(text, (size_t)(colon - text));
    *port = (int)number;
    addr->s_addr = 0;
    return !*host || inet_pton(AF_INET, host, addr) == 1;
}

static bool parse(const char *text, HostFwd *f)
{
    g_autofree char *copy = g_strdup(text);
    char *colon = strchr(copy, ':'), *dash = strchr(copy, '-');

    if (!colon || !dash || dash < colon) {
        return false;
    }
    *colon = *dash = '\0';
    f->udp = strcmp(copy, "udp") == 0;
    return (f->udp || !*copy || strcmp(copy, "tcp") == 0) &&
           parse_end(colon + 1, 0, &f->host, &f->host_port) &&
           parse_end(dash + 1, 1, &f->guest, &f->guest_port);
}

bool hostfwd_parse(const char *text, HostFwd *out, GError **error)
{
    if (!parse(text, out)) {
        g_set_error(error, OPTS_ERROR, OPTS_ERROR_INVALID,
                    "invalid value '%s' for 'hostfwd': expected "
                    "[tcp|udp]:[host]:port-[guest]:port",
                    text);
        return false;
    }
    return true;
}

bool hostfwd_parse_host(const char *text, HostFwd *out, GError **error)
{
    g_autofree char *whole = g_strconcat(text, "-:1", NULL);

    if (strchr(text, '-') != NULL || !parse(whole, out)) {
        g_set_error(error, OPTS_ERROR, OPTS_ERROR_INVALID,
                    "invalid value '%s': expected [tcp|udp]:[host]:port", text);
        return false;
    }
    return true;
}

char *hostfwd_describe(const HostFwd *f)
{
    char host[INET_ADDRSTRLEN];

    inet_ntop(AF_INET, &f->host, host, sizeof(host));
    return g_strdup_printf("%s %s:%d", f->udp ? "udp" : "tcp", host,
                           f->host_port);
}
