/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/net/user-config_priv.h - the options of user networking as the values
 * libslirp wants.
 * Lifetime: strings in `slirp` belong to the Opts they came from. */
#ifndef CUTTLE_BACKEND_NET_USER_CONFIG_PRIV_H
#define CUTTLE_BACKEND_NET_USER_CONFIG_PRIV_H

#include <glib.h>
#include <slirp/libslirp.h>
#include <stdbool.h>

#include "util/opts.h"

typedef struct {
    SlirpConfig slirp;
    GArray *forwards;          /* of HostFwd */
    GPtrArray *search;         /* DNS suffixes, NULL at the end */
    GPtrArray *guest_commands; /* "[tcp]:server:port-cmd:command" as given */
} UserConfig;

bool user_config_read(UserConfig *c, Opts *opts, GError **error);
void user_config_finish(UserConfig *c);

/* Splits one of guest_commands. */
bool user_config_parse_command(const char *text, struct in_addr *server,
                               int *port, const char **command, GError **error);

#endif
