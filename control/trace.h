/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/trace.h - trace events of the monitors. */
#ifndef CUTTLE_CONTROL_TRACE_H
#define CUTTLE_CONTROL_TRACE_H

#include "util/trace.h"

/* clang-format off */
#define CONTROL_EVENTS(X) \
    X(handle_qmp_command, (STR, name), (UINT, out_of_band)) \
    X(monitor_qmp_respond, (STR, error)) \
    X(monitor_protocol_event_emit, (STR, event)) \
    X(handle_hmp_command, (STR, name))
/* clang-format on */

TRACE_DECLARE_TABLE(control_trace, CONTROL_EVENTS);

#endif
