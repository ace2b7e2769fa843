/* SPDX-License-Identifier: GPL-2.0-or-later */
/* accel/tcg/trace.c - the trace events of trace.h. */
#include "accel/tcg/trace.h"

TRACE_DEFINE_TABLE(tcg_trace, TCG_EVENTS);
