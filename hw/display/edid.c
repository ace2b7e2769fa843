/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/display/edid.c - makes the EDID of a monitor that exists only in a window.
 * Spec: VESA E-EDID, release A revision 2: 3 (base block), 3.10 (descriptors).
 * Left out: extension blocks; so no size above 4095 and no pixel clock above
 * 655 MHz: larger pictures get fewer frames a second. */
#include "hw/display/edid.h"

#include <glib.h>
#include <string.h>

#include "util/bits.h"

enum {
    MAKER = 0x08,
    PRODUCT = 0x0a,
    SERIAL = 0x0c,
    YEAR = 0x11,
    VERSION = 0x12,
    INPUT = 0x14,
    SIZE_CM = 0x15,
    GAMMA = 0x17,
    FEATURES = 0x18,
    COLOURS = 0x19,
    ESTABLISHED = 0x23,
    STANDARD = 0x26,
    DESCRIPTORS = 0x36,
    CHECKSUM = 0x7f,
};

enum { DESCRIPTOR_BYTES = 18, TEXT_BYTES = 13 };
enum { TEXT_NAME = 0xfc, RANGES = 0xfd, TEXT_SERIAL = 0xff };

enum {
    INPUT_DIGITAL_8_BITS = 0xa5, /* by DisplayPort, says everybody */
    GAMMA_2_2 = 120,
    FEATURES_SRGB_NATIVE = 0x06,
    DPI = 100,
};

/* The blanking of CVT's reduced timings: what a picture without a tube needs.
 */
enum {
    H_BLANK = 160,
    H_FRONT = 48,
    H_SYNC = 32,
    V_BLANK = 35,
    V_FRONT = 3,
    V_SYNC = 5,
    REFRESH = 60,
    MAX_CLOCK = 65535, /* in units of 10 kHz */
    SEPARATE_SYNC = 0x1e,
};

/* sRGB's primaries and white point, as 3.7 packs them. */
static const uint8_t srgb[] = {0xee, 0x91, 0xa3, 0x54, 0x4c,
                               0x99, 0x26, 0x0f, 0x50, 0x54};

/* 640x480, 800x600 and 1024x768, all at 60 Hz. */
static const uint8_t established[] = {0x21, 0x08, 0x00};

/* Aspect ratios as standard timings code them; 60 Hz each. */
enum { ASPECT_16_10, ASPECT_4_3, ASPECT_5_4, ASPECT_16_9 };

static const struct {
    uint16_t width;
    uint8_t aspect;
} standard[8] = {
    {1280, ASPECT_16_9},  {1280, ASPECT_16_10}, {1280, ASPECT_5_4},
    {1440, ASPECT_16_10}, {1600, ASPECT_4_3},   {1680, ASPECT_16_10},
    {1920, ASPECT_16_9},  {1920, ASPECT_16_10},
};

static void put_standard(uint8_t *at)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(standard); i++) {
        at[2 * i] = (uint8_t)(standard[i].width / 8 - 31);
        at[2 * i + 1] = (uint8_t)(standard[i].aspect << 6 | (REFRESH - 60));
    }
}

static uint32_t millimetres(uint32_t pixels)
{
    return pixels * 254 / (DPI * 10);
}

/* The preferred mode (3.10.2). */
static void put_timing(uint8_t *at, uint32_t width, uint32_t height)
{
    uint32_t mm_x = millimetres(width), mm_y = millimetres(height);
    uint32_t frame = (width + H_BLANK) * (height + V_BLANK);
    uint32_t clock = MIN((uint64_t)frame * REFRESH / 10000, MAX_CLOCK);

    le16_store(at, (uint16_t)clock);
    at[2] = (uint8_t)width;
    at[3] = H_BLANK;
    at[4] = (uint8_t)(width >> 8 << 4 | H_BLANK >> 8);
    at[5] = (uint8_t)height;
    at[6] = V_BLANK;
    at[7] = (uint8_t)(height >> 8 << 4 | V_BLANK >> 8);
    at[8] = H_FRONT;
    at[9] = H_SYNC;
    at[10] = V_FRONT << 4 | V_SYNC;
    at[12] = (uint8_t)mm_x;
    at[13] = (uint8_t)mm_y;
    at[14] = (uint8_t)(mm_x >> 8 << 4 | mm_y >> 8);
    at[17] = SEPARATE_SYNC;
}

/* What the monitor can follow (3.10.3.3.1). */
static void put_ranges(uint8_t *at)
{
    static const uint8_t limits[] = {
        REFRESH / 2, 125, /* Hz vertically */
        30,          255, /* kHz horizontally */
        255,              /* 10 MHz of pixel clock */
        0x01,             /* and no formula for timings */
        '\n',        ' ', ' ', ' ', ' ', ' ', ' ',
    };

    at[3] = RANGES;
    memcpy(at + 5, limits, sizeof(limits));
}

/* Padded as 3.10.3.4 wants it: a line feed, then spaces. */
static void put_text(uint8_t *at, uint8_t kind, const char *text)
{
    size_t len = MIN(strlen(text), TEXT_BYTES);

    at[3] = kind;
    memset(at + 5, ' ', TEXT_BYTES);
    memcpy(at + 5, text, len);
    if (len < TEXT_BYTES) {
        at[5 + len] = '\n';
    }
}

static uint8_t checksum(const uint8_t *bytes)
{
    uint8_t sum = 0;

    for (unsigned i = 0; i < CHECKSUM; i++) {
        sum += bytes[i];
    }
    return (uint8_t)-sum;
}

void edid_make(uint8_t out[EDID_BYTES], const EdidMonitor *monitor)
{
    static const uint8_t magic[] = {0, 255, 255, 255, 255, 255, 255, 0};
    /* Three letters of five bits each: "CTL". */
    static const uint16_t maker = 3 << 10 | 20 << 5 | 12;
    uint32_t width = CLAMP(monitor->width, 1, EDID_MAX_SIZE);
    uint32_t height = CLAMP(monitor->height, 1, EDID_MAX_SIZE);
    uint8_t *descriptor = out + DESCRIPTORS;
    char serial[12];

    memset(out, 0, EDID_BYTES);
    memcpy(out, magic, sizeof(magic));
    be16_store(out + MAKER, maker);
    le16_store(out + PRODUCT, 1);
    le32_store(out + SERIAL, monitor->serial);
    out[YEAR] = 2026 - 1990;
    out[VERSION] = 1;
    out[VERSION + 1] = 4;
    out[INPUT] = INPUT_DIGITAL_8_BITS;
    out[SIZE_CM] = (uint8_t)MIN(millimetres(width) / 10, 255);
    out[SIZE_CM + 1] = (uint8_t)MIN(millimetres(height) / 10, 255);
    out[GAMMA] = GAMMA_2_2;
    out[FEATURES] = FEATURES_SRGB_NATIVE;
    memcpy(out + COLOURS, srgb, sizeof(srgb));
    memcpy(out + ESTABLISHED, established, sizeof(established));
    put_standard(out + STANDARD);
    put_timing(descriptor, width, height);
    put_ranges(descriptor + DESCRIPTOR_BYTES);
    put_text(descriptor + 2 * DESCRIPTOR_BYTES, TEXT_NAME, monitor->name);
    g_snprintf(serial, sizeof(serial), "%u", monitor->serial);
    put_text(descriptor + 3 * DESCRIPTOR_BYTES, TEXT_SERIAL, serial);
    out[CHECKSUM] = checksum(out);
}
