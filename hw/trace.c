/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/trace.c - the trace events of the folders here. */
#include "hw/virtio/trace.h"

TRACE_DEFINE_TABLE(virtio_trace, VIRTIO_EVENTS);
