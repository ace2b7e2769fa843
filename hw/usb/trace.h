/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/usb/trace.h - trace events of the xHCI controller and what is plugged into
 * it. */
#ifndef CUTTLE_HW_USB_TRACE_H
#define CUTTLE_HW_USB_TRACE_H

#include "util/trace.h"

/* clang-format off */
#define USB_EVENTS(X) \
    X(usb_setup, (STR, device), (HEX, request), (HEX, value), (HEX, index), (UINT, length)) \
    X(usb_xhci_reset, (STR, device)) \
    X(usb_xhci_run, (STR, device), (UINT, on)) \
    X(usb_xhci_fail, (STR, device), (STR, why)) \
    X(usb_xhci_doorbell_write, (STR, device), (UINT, slot), (UINT, endpoint)) \
    X(usb_xhci_fetch_trb, (STR, device), (HEX, address), (STR, type), (HEX, param), (HEX, status), (HEX, control)) \
    X(usb_xhci_command, (STR, device), (STR, type), (UINT, slot), (UINT, code)) \
    X(usb_xhci_queue_event, (STR, device), (UINT, interrupter), (STR, type), (HEX, param), (HEX, status), (HEX, control)) \
    X(usb_xhci_ep_halt, (STR, device), (UINT, slot), (UINT, endpoint), (UINT, state), (UINT, code)) \
    X(usb_xhci_port_reset, (STR, device), (UINT, port), (UINT, warm)) \
    X(usb_xhci_port_link, (STR, device), (UINT, port), (UINT, link)) \
    X(usb_xhci_port_notify, (STR, device), (UINT, port), (HEX, changes))
/* clang-format on */

TRACE_DECLARE_TABLE(usb_trace, USB_EVENTS);

#endif
