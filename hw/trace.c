/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/trace.c - the trace events of the folders here. */
#include "hw/intc/trace.h"

#include "hw/pci/trace.h"
#include "hw/usb/trace.h"
#include "hw/virtio/trace.h"

TRACE_DEFINE_TABLE(intc_trace, INTC_EVENTS);
TRACE_DEFINE_TABLE(pci_trace, PCI_EVENTS);
TRACE_DEFINE_TABLE(usb_trace, USB_EVENTS);
TRACE_DEFINE_TABLE(virtio_trace, VIRTIO_EVENTS);
