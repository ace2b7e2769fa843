/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/device-prop.c - properties of devices: text to fields of the struct.
 * Threads: main thread, before the device starts. */
#include <errno.h>
#include <gio/gio.h>
#include <stdio.h>
#include <string.h>

#include "core/block.h"
#include "core/device-prop_priv.h"

static const PropDesc *find_prop(const DeviceClass *cls, const char *name)
{
    for (unsigned i = 0; i < cls->n_props; i++) {
        if (strcmp(cls->props[i].name, name) == 0) {
            return &cls->props[i];
        }
    }
    return NULL;
}

bool device_has_prop(const DeviceClass *cls, const char *name)
{
    return find_prop(cls, name) != NULL;
}

/* Decimal, 0x hexadecimal or 0 octal, and with sizes one of the suffixes. */
static bool parse_number(const char *text, bool sizes, uint64_t *out)
{
    static const char suffixes[] = "KMGT";
    const char *suffix;
    char *end;
    uint64_t v;

    if (!g_ascii_isdigit(text[0])) {
        return false;
    }
    errno = 0;
    v = g_ascii_strtoull(text, &end, 0);
    if (errno != 0) {
        return false;
    }
    if (sizes && *end != '\0' && end[1] == '\0' &&
        (suffix = strchr(suffixes, g_ascii_toupper(*end))) != NULL) {
        unsigned shift = 10 * (unsigned)(suffix - suffixes + 1);

        if (v > UINT64_MAX >> shift) {
            return false;
        }
        v <<= shift;
        end++;
    }
    *out = v;
    return *end == '\0';
}

static bool parse_bool(const char *text, bool *out)
{
    static const char *const yes[] = {"on", "yes", "true", "y", NULL};
    static const char *const no[] = {"off", "no", "false", "n", NULL};

    *out = g_strv_contains(yes, text);
    return *out || g_strv_contains(no, text);
}

static bool parse_on_off_auto(const char *text, int *out)
{
    bool on;

    if (strcmp(text, "auto") == 0) {
        *out = 2;
        return true;
    }
    if (!parse_bool(text, &on)) {
        return false;
    }
    *out = on;
    return true;
}

static bool parse_on_error(const char *text, BlockErrorPolicy *out)
{
    for (int i = 0; i < BLOCK_N_ERROR_POLICIES; i++) {
        if (strcmp(text, block_error_names[i]) == 0) {
            *out = (BlockErrorPolicy)i;
            return true;
        }
    }
    return false;
}

/* Six hexadecimal pairs between colons or dashes. */
static bool parse_mac(const char *text, uint8_t mac[6])
{
    if (strlen(text) != 17) {
        return false;
    }
    for (unsigned i = 0; i < 6; i++) {
        int hi = g_ascii_xdigit_value(text[3 * i]);
        int lo = g_ascii_xdigit_value(text[3 * i + 1]);
        char after = text[3 * i + 2];

        if (hi < 0 || lo < 0 ||
            (after != ':' && after != '-' && after != '\0')) {
            return false;
        }
        mac[i] = (uint8_t)(hi << 4 | lo);
    }
    return true;
}

/* The back end of the property's kind, or NULL. */
static void *find_backend(const Backends *b, PropKind kind, const char *id)
{
    if (b == NULL) {
        return NULL;
    }
    switch (kind) {
    case PROP_CHAR:
        return backends_char(b, id);
    case PROP_BLOCK:
        return backends_block(b, id);
    case PROP_NET:
        return backends_net(b, id);
    case PROP_AUDIO:
        return backends_audio(b, id);
    default:
        return backends_rng(b, id);
    }
}

static const char *const kind_words[] = {
    [PROP_BOOL] = "on/off",
    [PROP_U32] = "number",
    [PROP_U64] = "size",
    [PROP_STRING] = "str",
    [PROP_MAC] = "MAC address",
    [PROP_CHAR] = "ID of a character device",
    [PROP_BLOCK] = "ID of a drive",
    [PROP_NET] = "ID of a network back end",
    [PROP_RNG] = "ID of an entropy source",
    [PROP_AUDIO] = "ID of an audiodev",
    [PROP_ON_OFF_AUTO] = "on/off/auto",
    [PROP_ON_ERROR] = "report/ignore/stop/enospc/auto",
};

static bool set_field(Device *dev, const PropDesc *p, const char *text)
{
    uint8_t *at = (uint8_t *)dev + p->offset;
    uint64_t number;
    void *backend;

    switch (p->kind) {
    case PROP_BOOL:
        return parse_bool(text, (bool *)at);
    case PROP_U32:
        if (!parse_number(text, false, &number) || number > UINT32_MAX) {
            return false;
        }
        *(uint32_t *)at = (uint32_t)number;
        return true;
    case PROP_U64:
        return parse_number(text, true, (uint64_t *)at);
    case PROP_STRING:
        g_free(*(char **)at);
        *(char **)at = g_strdup(text);
        return true;
    case PROP_MAC:
        return parse_mac(text, at);
    case PROP_ON_OFF_AUTO:
        return parse_on_off_auto(text, (int *)at);
    case PROP_ON_ERROR:
        return parse_on_error(text, (BlockErrorPolicy *)at);
    default:
        backend = find_backend(dev->backends, p->kind, text);
        if (backend == NULL) {
            return false;
        }
        *(void **)at = backend;
        return true;
    }
}

bool device_set_prop(Device *dev, const char *name, const char *value,
                     GError **error)
{
    const PropDesc *p = find_prop(dev->cls, name);

    if (p == NULL) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "device '%s': has no property '%s'", dev->cls->name, name);
        return false;
    }
    if (!set_field(dev, p, value)) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "device '%s': property '%s': '%s' is no %s", dev->cls->name,
                    name, value, kind_words[p->kind]);
        return false;
    }
    return true;
}

void device_props_init(Device *dev)
{
    const DeviceClass *cls = dev->cls;

    for (unsigned i = 0; i < cls->n_props; i++) {
        const PropDesc *p = &cls->props[i];

        if (p->default_value != NULL) {
            bool ok = set_field(dev, p, p->default_value);

            g_assert(ok); /* the class's table is wrong */
        }
    }
}

void device_props_finish(Device *dev)
{
    const DeviceClass *cls = dev->cls;

    for (unsigned i = 0; i < cls->n_props; i++) {
        if (cls->props[i].kind == PROP_STRING) {
            g_free(*(char **)((uint8_t *)dev + cls->props[i].offset));
        }
    }
}

void device_print_props(const DeviceClass *cls)
{
    printf("%s options:\n", cls->name);
    for (unsigned i = 0; i < cls->n_props; i++) {
        const PropDesc *p = &cls->props[i];

        printf("  %s=<%s>", p->name, kind_words[p->kind]);
        if (p->help != NULL) {
            printf(" - %s", p->help);
        }
        if (p->default_value != NULL) {
            printf(" (default: %s)", p->default_value);
        }
        printf("\n");
    }
}
