/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/vnc/trace.c - the trace events of trace.h. */
#include "ui/vnc/trace.h"

TRACE_DEFINE_TABLE(vnc_trace, VNC_EVENTS);
