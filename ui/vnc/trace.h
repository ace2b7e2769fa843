/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/vnc/trace.h - trace events of VNC clients. */
#ifndef CUTTLE_UI_VNC_TRACE_H
#define CUTTLE_UI_VNC_TRACE_H

#include "util/trace.h"

/* clang-format off */
#define VNC_EVENTS(X) \
    X(vnc_client_connect, (STR, host), (STR, service), (UINT, websocket)) \
    X(vnc_auth_check, (UINT, right), (UINT, wrong_so_far)) \
    X(vnc_client_start, (STR, host), (STR, service), (UINT, shared)) \
    X(vnc_client_refused, (STR, host), (STR, service)) \
    X(vnc_client_disconnect, (STR, host), (STR, service))
/* clang-format on */

TRACE_DECLARE_TABLE(vnc_trace, VNC_EVENTS);

#endif
