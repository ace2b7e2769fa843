/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/misc/fw-cfg.h - items of configuration that firmware reads by key or by
 * file name, "fw_cfg_mem" (data at 0, selector at 8, DMA at 0x10).
 * Threads: items are added on the main thread before device_start, which
 * gives the files their keys.
 * Lifetime: contents are copied. */
#ifndef CUTTLE_HW_MISC_FW_CFG_H
#define CUTTLE_HW_MISC_FW_CFG_H

#include "core/device.h"

enum { FW_CFG_SIZE = 0x18 };

/* Keys of items every machine may have. */
enum {
    FW_CFG_SIGNATURE = 0x00, /* this and the next are there from the start */
    FW_CFG_ID = 0x01,
    FW_CFG_UUID = 0x02,
    FW_CFG_RAM_SIZE = 0x03,
    FW_CFG_NOGRAPHIC = 0x04,
    FW_CFG_NB_CPUS = 0x05,
    FW_CFG_KERNEL_SIZE = 0x08,
    FW_CFG_INITRD_SIZE = 0x0b,
    FW_CFG_MAX_CPUS = 0x0f,
    FW_CFG_KERNEL_DATA = 0x11,
    FW_CFG_INITRD_DATA = 0x12,
    FW_CFG_CMDLINE_SIZE = 0x14,
    FW_CFG_CMDLINE_DATA = 0x15,
    FW_CFG_FILE_DIR = 0x19, /* made by device_start */
    FW_CFG_FILE_FIRST = 0x20,
};

extern const DeviceClass fw_cfg_class;

#define FW_CFG_BUS_NAME "fw_cfg"

/* What DeviceClass.kind is for a device that firmware sets up by a file: its
 * contents are the device's state and all zero after a reset. */
typedef struct {
    const char *bus; /* FW_CFG_BUS_NAME */
    const char *file;
    size_t size;
    /* The file holds this now. Under the fw_cfg's lock. */
    void (*written)(Device *dev, const uint8_t *contents);
} FwCfgUserClass;

bool fw_cfg_is_user(const DeviceClass *cls);
/* Before the fw_cfg starts, which borrows user. */
bool fw_cfg_plug(Device *dev, Device *user, GError **error);

/* An item by key below FW_CFG_FILE_DIR; replaces an earlier one. */
void fw_cfg_add_bytes(Device *dev, uint16_t key, const void *data, size_t len);
void fw_cfg_add_u16(Device *dev, uint16_t key, uint16_t v);
void fw_cfg_add_u32(Device *dev, uint16_t key, uint32_t v);
void fw_cfg_add_u64(Device *dev, uint16_t key, uint64_t v);

/* A file. False with an error naming it if the name is empty, taken or longer
 * than 55 bytes, or there are too many. writable: the guest may change the
 * contents, not the length, by DMA. */
bool fw_cfg_add_file(Device *dev, const char *name, const void *data,
                     size_t len, bool writable, GError **error);

/* What the file holds now; NULL if there is none. The device owns it. */
const void *fw_cfg_file(Device *dev, const char *name, size_t *len);

#endif
