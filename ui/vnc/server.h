/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/vnc/server.h - one server: its sockets, its clients, who may stay.
 * Threads: main thread.
 * Lifetime: new; fields set; listen; start; free. */
#ifndef CUTTLE_UI_VNC_SERVER_H
#define CUTTLE_UI_VNC_SERVER_H

#include "ui/vnc/vnc_priv.h"

VncServer *vnc_server_new(Remotes *remotes, Inputs *inputs,
                          Clipboard *clipboard, const char *id,
                          const char *title);
void vnc_server_free(VncServer *s);

/* Takes fd. path: of a Unix socket, removed at the end. True always. */
bool vnc_server_listen(VncServer *s, int fd, bool websocket, const char *path);
/* Clients are let in from now on. */
void vnc_server_start(VncServer *s);

void vnc_server_set_inputs(VncServer *s, unsigned leds, bool absolute);

#endif
