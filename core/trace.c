/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/trace.c - the trace events of trace.h. */
#include "core/trace.h"

TRACE_DEFINE_TABLE(core_trace, CORE_EVENTS);
