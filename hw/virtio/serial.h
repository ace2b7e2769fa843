/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/virtio/serial.h - virtio console device and its ports.
 * A "virtio-serial-*" device carries ports: "virtconsole" (a terminal, hvc0
 * and on) and "virtserialport" (a named byte stream). */
#ifndef CUTTLE_HW_VIRTIO_SERIAL_H
#define CUTTLE_HW_VIRTIO_SERIAL_H

#include "core/device.h"

#define VIRTIO_SERIAL_BUS_NAME "virtio-serial-bus"

extern const DeviceClass virtio_serial_device_class;
extern const DeviceClass virtio_serial_pci_class;
extern const DeviceClass virtconsole_class;
extern const DeviceClass virtserialport_class;

bool virtio_serial_is_class(const DeviceClass *cls); /* carries ports */
bool virtio_serial_is_port(const DeviceClass *cls);

/* Gives the port a number; after its properties are set and serial is started,
 * before the port is started. The port must be freed before serial. */
bool virtio_serial_plug(Device *serial, Device *port, GError **error);
/* Tells a driver that is there already that the port came, once it is started,
 * or will go, before it is freed. */
void virtio_serial_announce(Device *port, bool here);
/* The device a port is plugged into; NULL: none. */
const Device *virtio_serial_of_port(const Device *port);

#endif
