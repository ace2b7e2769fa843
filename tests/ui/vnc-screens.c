/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/ui/vnc-screens.c - screens that lines play, for VNC clients.
 * vnc-screens N [-object VALUE | -vnc's value]...; a line more:
 *   password TEXT             of the first server */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/remote.h"
#include "machine/change.h"
#include "tests/ui/screens.h"
#include "tests/unit/boot-bench.h"
#include "ui/vnc/vnc.h"

/* Clients come and go, as the event loop hears of it. */
static void heard(void *opaque, RemoteEvent event, const RemoteServer *server,
                  const RemoteAddress *client)
{
    static const char *const names[] = {
        [REMOTE_CONNECTED] = "connected",
        [REMOTE_INITIALIZED] = "initialized",
        [REMOTE_DISCONNECTED] = "disconnected",
    };

    printf("client %s %s %s %u\n", names[event], server->id, client->family,
           server->wrong_passwords);
}

static void *open_servers(Machine *m, void *arguments, GError **error)
{
    const MachineConfig *config = arguments;
    const Backends *b = machine_backends(m);

    remotes_observe(b->remotes, heard, NULL);
    return vnc_new(b, config->lists[CONFIG_VNC], config->name, error);
}

static void close_servers(Machine *m, void *vnc)
{
    remotes_observe(machine_backends(m)->remotes, NULL, NULL);
    vnc_free(vnc);
}

static bool obey(Machine *m, const char *line)
{
    RemoteServer *server;
    char text[16];

    if (sscanf(line, "password %15s", text) != 1) {
        return false;
    }
    server = remotes_get(machine_backends(m)->remotes, 0);
    server->cls->set_password(server, text, NULL);
    printf("password set\n");
    return true;
}

static void add_object(Machine *m, const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Opts) opts = opts_parse(text, "qom-type", &error);

    if (opts == NULL ||
        !machine_add_object(m, opts_get(opts, "id"), opts, &error)) {
        printf("error: -object: %s\n", error->message);
        exit(EXIT_FAILURE);
    }
}

int main(int argc, char **argv)
{
    static const ScreensFront front = {open_servers, close_servers, obey};
    MachineConfig config;
    Machine *m;

    if (argc < 2) {
        fprintf(stderr, "usage: vnc-screens N [-object VALUE | -vnc's value]"
                        "...\n");
        return EXIT_FAILURE;
    }
    g_set_prgname("vnc-screens");
    m = bench_bare(&config, 1);
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "-object") == 0 && i + 1 < argc) {
            add_object(m, argv[++i]);
        } else {
            config_add(&config, CONFIG_VNC, "-vnc", argv[i], "vnc", NULL);
        }
    }
    return screens_run(m, &config, argv[1], &front, &config);
}
