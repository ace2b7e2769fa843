/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/devices.c - the list of device classes. A new device adds its header
 * and its line in the list, both in order. */
#include "hw/devices.h"

#include <string.h>

#include "hw/audio/virtio-snd.h"
#include "hw/block/cfi-flash.h"
#include "hw/char/ns16550.h"
#include "hw/char/pl011.h"
#include "hw/display/bochs-display.h"
#include "hw/display/ramfb.h"
#include "hw/display/virtio-gpu.h"
#include "hw/gpio/pl061.h"
#include "hw/input/virtio-input.h"
#include "hw/intc/aclint.h"
#include "hw/intc/gicv2.h"
#include "hw/intc/gicv2m.h"
#include "hw/intc/gicv3-its.h"
#include "hw/intc/gicv3.h"
#include "hw/intc/plic.h"
#include "hw/misc/fw-cfg.h"
#include "hw/misc/pvpanic.h"
#include "hw/misc/sifive-test.h"
#include "hw/pci/ecam-host.h"
#include "hw/pci/root-port.h"
#include "hw/timer/goldfish-rtc.h"
#include "hw/timer/pl031.h"
#include "hw/usb/hid.h"
#include "hw/usb/hub.h"
#include "hw/usb/storage.h"
#include "hw/usb/xhci.h"
#include "hw/virtio/balloon.h"
#include "hw/virtio/blk.h"
#include "hw/virtio/mmio.h"
#include "hw/virtio/net.h"
#include "hw/virtio/rng.h"
#include "hw/virtio/serial.h"
#include "hw/watchdog/i6300esb.h"

const DeviceClass *const device_classes[] = {
    &gicv2m_class,    /* arm-gicv2m */
    &gicv3_class,     /* arm-gicv3 */
    &gicv3_its_class, /* arm-gicv3-its */
    &gicv2_class,     /* arm_gic */
    &bochs_display_class,
    &cfi_flash_class,    /* cfi.pflash01 */
    &fw_cfg_class,       /* fw_cfg_mem */
    &goldfish_rtc_class, /* goldfish_rtc */
    &ecam_host_class,    /* gpex-pcihost */
    &i6300esb_class,
    &root_port_class,   /* pcie-root-port */
    &pl011_class,       /* pl011 */
    &pl031_class,       /* pl031 */
    &pl061_class,       /* pl061 */
    &pvpanic_pci_class, /* pvpanic-pci */
    &qemu_xhci_class,   /* qemu-xhci */
    &ramfb_class,
    &aclint_mtimer_class, /* riscv.aclint.mtimer */
    &aclint_swi_class,    /* riscv.aclint.swi */
    &plic_class,          /* riscv.sifive.plic */
    &sifive_test_class,   /* riscv.sifive.test */
    &ns16550_class,       /* serial-mm */
    &usb_hub_class,
    &usb_kbd_class,
    &usb_mouse_class,
    &usb_storage_class,
    &usb_tablet_class,
    &virtconsole_class,
    &virtio_balloon_device_class,
    &virtio_balloon_pci_class,
    &virtio_blk_device_class,
    &virtio_blk_pci_class,
    &virtio_gpu_device_class,
    &virtio_gpu_pci_class,
    &virtio_keyboard_device_class,
    &virtio_keyboard_pci_class,
    &virtio_mmio_class,
    &virtio_mouse_device_class,
    &virtio_mouse_pci_class,
    &virtio_multitouch_device_class,
    &virtio_multitouch_pci_class,
    &virtio_net_device_class,
    &virtio_net_pci_class,
    &virtio_rng_device_class,
    &virtio_rng_pci_class,
    &virtio_serial_device_class,
    &virtio_serial_pci_class,
    &virtio_sound_device_class,
    &virtio_sound_pci_class,
    &virtio_tablet_device_class,
    &virtio_tablet_pci_class,
    &virtserialport_class,
    NULL,
};

const DeviceClass *device_class_find(const char *name)
{
    for (unsigned i = 0; device_classes[i] != NULL; i++) {
        if (strcmp(device_classes[i]->name, name) == 0) {
            return device_classes[i];
        }
    }
    return NULL;
}
