/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/trace.h - trace events of what every machine has: registers, vCPUs,
 * timers, requests to disks, bytes, frames. */
#ifndef CUTTLE_CORE_TRACE_H
#define CUTTLE_CORE_TRACE_H

#include "util/trace.h"

/* clang-format off */
#define CORE_EVENTS(X) \
    X(device_read, (STR, device), (UINT, region), (HEX, offset), (UINT, size), (HEX, value)) \
    X(device_write, (STR, device), (UINT, region), (HEX, offset), (UINT, size), (HEX, value)) \
    X(device_reset, (STR, device)) \
    X(reg_read, (STR, device), (STR, reg), (HEX, value)) \
    X(reg_write, (STR, device), (STR, reg), (HEX, value)) \
    X(vcpu_reset, (UINT, cpu), (HEX, pc)) \
    X(vcpu_irq, (UINT, cpu), (UINT, line), (UINT, level)) \
    X(vcpu_kick, (UINT, cpu), (HEX, reasons)) \
    X(vcpu_halt, (UINT, cpu)) \
    X(vcpu_wake, (UINT, cpu), (HEX, reasons)) \
    X(timer_arm, (HEX, timer), (INT, deadline_ns)) \
    X(timer_cancel, (HEX, timer)) \
    X(timer_fire, (HEX, timer), (INT, late_ns)) \
    X(block_submit, (STR, disk), (STR, op), (UINT, offset), (UINT, bytes)) \
    X(block_complete, (STR, disk), (STR, op), (UINT, offset), (UINT, bytes), (INT, result), (UINT, us)) \
    X(char_write, (STR, chardev), (UINT, bytes), (UINT, taken)) \
    X(char_receive, (STR, chardev), (UINT, bytes)) \
    X(char_event, (STR, chardev), (UINT, event)) \
    X(net_send, (STR, net), (UINT, bytes)) \
    X(net_receive, (STR, net), (UINT, bytes), (UINT, taken))
/* clang-format on */

TRACE_DECLARE_TABLE(core_trace, CORE_EVENTS);

#endif
