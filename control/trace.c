/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/trace.c - the trace events of trace.h. */
#include "control/trace.h"

TRACE_DEFINE_TABLE(control_trace, CONTROL_EVENTS);
