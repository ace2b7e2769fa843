/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/virtio/trace.h - trace events of virtio devices, queues and transports. */
#ifndef CUTTLE_HW_VIRTIO_TRACE_H
#define CUTTLE_HW_VIRTIO_TRACE_H

#include "util/trace.h"

/* clang-format off */
#define VIRTIO_EVENTS(X) \
    X(virtio_set_status, (STR, device), (HEX, status)) \
    X(virtio_set_features, (STR, device), (HEX, features)) \
    X(virtio_config_write, (STR, device), (UINT, offset), (UINT, size), (HEX, value)) \
    X(virtio_queue_notify, (STR, device), (UINT, queue)) \
    X(virtio_queue_reset, (STR, device), (UINT, queue)) \
    X(virtio_notify, (STR, device), (UINT, queue)) \
    X(virtio_notify_config, (STR, device), (UINT, generation)) \
    X(virtio_fail, (STR, device), (STR, why)) \
    X(virtqueue_pop, (STR, device), (UINT, queue), (UINT, head), (UINT, out_bytes), (UINT, in_bytes)) \
    X(virtqueue_push, (STR, device), (UINT, queue), (UINT, head), (UINT, written))
/* clang-format on */

TRACE_DECLARE_TABLE(virtio_trace, VIRTIO_EVENTS);

#endif
