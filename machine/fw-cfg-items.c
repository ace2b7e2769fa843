/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/fw-cfg-items.c - what the user puts into the firmware configuration
 * device: -fw_cfg files, -uuid, -boot menu, the number of CPUs; kernel, initrd
 * and command line where firmware loads them. */
#include <stdio.h>
#include <string.h>

#include "hw/misc/fw-cfg.h"
#include "machine/boot/file.h"
#include "machine/machine_priv.h"

enum { MAX_ITEM_BYTES = 64 << 20, UUID_BYTES = 16, KEY_BOOT_MENU = 0x0e };

static bool add_from_file(Device *dev, const char *name, const char *path,
                          GError **error)
{
    g_autoptr(BootFile) file =
        boot_file_open("fw_cfg file", path, MAX_ITEM_BYTES, error);
    g_autoptr(GBytes) bytes = NULL;
    size_t len;
    const void *p;

    bytes = file != NULL ? boot_file_read(file, error) : NULL;
    if (bytes == NULL) {
        return false;
    }
    p = g_bytes_get_data(bytes, &len);
    return fw_cfg_add_file(dev, name, p, len, false, error);
}

static bool add_item(Device *dev, Opts *opts, GError **error)
{
    const char *name = opts_require(opts, "name", error);
    const char *path = opts_get(opts, "file");
    const char *text = opts_get(opts, "string");

    if (name == NULL || !opts_check_unused(opts, error)) {
        return false;
    }
    if ((path == NULL) == (text == NULL)) {
        return machine_fail(error, "give either file or string");
    }
    if (!g_str_has_prefix(name, "opt/")) {
        g_printerr("%s: warning: -fw_cfg name '%s' should begin with opt/\n",
                   g_get_prgname(), name);
    }
    if (path != NULL) {
        return add_from_file(dev, name, path, error);
    }
    return fw_cfg_add_file(dev, name, text, strlen(text), false, error);
}

static void add_uuid(Device *dev, const char *uuid)
{
    uint8_t bytes[UUID_BYTES];
    unsigned n = 0;

    for (const char *p = uuid; *p != '\0' && n < UUID_BYTES; p++) {
        if (*p != '-') {
            bytes[n++] = (uint8_t)(g_ascii_xdigit_value(p[0]) << 4 |
                                   g_ascii_xdigit_value(p[1]));
            p++;
        }
    }
    fw_cfg_add_bytes(dev, FW_CFG_UUID, bytes, sizeof(bytes));
}

static bool add_boot_file(Device *fw_cfg, BootFile *file, uint16_t size_key,
                          uint16_t data_key, GError **error)
{
    g_autoptr(GBytes) bytes = NULL;
    size_t len;
    const void *p;

    if (file == NULL) {
        return true;
    }
    bytes = boot_file_read(file, error);
    if (bytes == NULL) {
        return false;
    }
    p = g_bytes_get_data(bytes, &len);
    fw_cfg_add_u32(fw_cfg, size_key, (uint32_t)len);
    fw_cfg_add_bytes(fw_cfg, data_key, p, len);
    return true;
}

static bool add_boot_files(Device *dev, const BootPlan *plan, GError **error)
{
    if (plan->kernel != NULL && plan->append != NULL) {
        size_t len = strlen(plan->append) + 1;

        fw_cfg_add_u32(dev, FW_CFG_CMDLINE_SIZE, (uint32_t)len);
        fw_cfg_add_bytes(dev, FW_CFG_CMDLINE_DATA, plan->append, len);
    }
    return add_boot_file(dev, plan->kernel, FW_CFG_KERNEL_SIZE,
                         FW_CFG_KERNEL_DATA, error) &&
           add_boot_file(dev, plan->initrd, FW_CFG_INITRD_SIZE,
                         FW_CFG_INITRD_DATA, error);
}

bool machine_add_fw_cfg(Machine *m, Device *fw_cfg, const BootPlan *plan,
                        GError **error)
{
    static const char no_uuid[] = "00000000-0000-0000-0000-000000000000";
    const MachineConfig *c = m->config;

    add_uuid(fw_cfg, c->uuid != NULL ? c->uuid : no_uuid);
    fw_cfg_add_u16(fw_cfg, FW_CFG_NOGRAPHIC, c->nographic);
    fw_cfg_add_u16(fw_cfg, FW_CFG_NB_CPUS, (uint16_t)c->cpus);
    fw_cfg_add_u16(fw_cfg, FW_CFG_MAX_CPUS, (uint16_t)c->cpus);
    fw_cfg_add_u16(fw_cfg, KEY_BOOT_MENU, c->boot_menu);
    if (!machine_add_boot_order(m, fw_cfg, error) ||
        (plan != NULL && !add_boot_files(fw_cfg, plan, error))) {
        return false;
    }
    for (unsigned i = 0; i < c->lists[CONFIG_FW_CFG]->len; i++) {
        ConfigItem *item = g_ptr_array_index(c->lists[CONFIG_FW_CFG], i);

        if (!add_item(fw_cfg, item->opts, error)) {
            config_prefix(item, error);
            return false;
        }
    }
    return true;
}
