/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/pci/root-port.h - a PCI Express root port: a slot for one device that may
 * come and go while the machine runs.
 * What comes is there once the guest has given the slot power, which it does
 * when it hears of it; what is to go is gone once the guest took power away,
 * which it does when somebody presses the attention button.
 * Threads: main thread, while no vCPU runs, except where noted.
 * Lifetime: the port owns the bus behind it; devices on it are freed first. */
#ifndef CUTTLE_HW_PCI_ROOT_PORT_H
#define CUTTLE_HW_PCI_ROOT_PORT_H

#include "hw/pci/pci.h"

extern const DeviceClass root_port_class;

PciBus *root_port_bus(Device *port);
/* Whether the user lets devices come and go here. */
bool root_port_has_hotplug(const Device *port);

/* The guest changed something that root_port_follow is about, or is done with
 * a request: on the event loop, with no lock held and vCPUs running. */
typedef void RootPortChanged(void *opaque, Device *port);
void root_port_on_change(Device *port, RootPortChanged *fn, void *opaque);

/* A device that is started and reset is on the bus now. */
void root_port_plugged(Device *port);

/* Asks the guest to let go what is in the slot. False with an error if it is
 * busy with an earlier request. */
bool root_port_press_button(Device *port, GError **error);

typedef enum {
    ROOT_PORT_IDLE,
    ROOT_PORT_ASKED,
    ROOT_PORT_CONSIDERED, /* the guest is about to answer */
    ROOT_PORT_LET_GO,     /* free what is in the slot */
    ROOT_PORT_REFUSED,    /* the guest keeps it; said once, then IDLE */
} RootPortRequest;
RootPortRequest root_port_request(Device *port);

/* Without power the guest has no hold on what is in the slot. */
bool root_port_has_power(const Device *port);

/* What was in the slot is freed. */
void root_port_emptied(Device *port);

/* Does what the guest asked for: resets what is in the slot, connects it or
 * cuts it off. */
void root_port_follow(Device *port);

#endif
