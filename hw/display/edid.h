/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/display/edid.h - what a monitor says of itself to the display device.
 * Spec: VESA E-EDID, release A revision 2 (EDID 1.4), base block only.
 * Threads: any; nothing is kept. */
#ifndef CUTTLE_HW_DISPLAY_EDID_H
#define CUTTLE_HW_DISPLAY_EDID_H

#include <stdint.h>

enum {
    EDID_BYTES = 128,
    EDID_MAX_SIZE = 4095, /* of a timing, in pixels: 12 bits */
};

typedef struct {
    const char *name;       /* the monitor's; 13 characters are used */
    uint32_t width, height; /* preferred; larger ones are cut to the limit */
    uint32_t serial;        /* tells the heads of a device apart */
} EdidMonitor;

void edid_make(uint8_t out[EDID_BYTES], const EdidMonitor *monitor);

#endif
