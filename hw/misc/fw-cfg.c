/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/misc/fw-cfg.c - configuration items for firmware.
 * Spec: docs/specs/fw_cfg of QEMU. A selector names an item and rewinds to
 * its start; the data port and DMA read on from there.
 * An item by key and a file are the same thing, files get keys by the order
 * of their names.
 * Left out: writes through the data port, which version 2.4 of the interface
 * took away.
 * Threads: bus-locked; DMA runs inside the access that starts it. */
#include "hw/misc/fw-cfg.h"

#include <gio/gio.h>
#include <string.h>

#include "util/bits.h"
#include "util/log.h"

enum {
    DATA = 0x0,     /* 1 to 8 bytes, in the order of memory */
    SELECTOR = 0x8, /* 16 bits, big-endian */
    DMA_HIGH = 0x10,
    DMA_LOW = 0x14, /* the write that starts */
};

/* Bits of a DMA descriptor's control word. */
enum {
    CTL_ERROR = 1,
    CTL_READ = 2,
    CTL_SKIP = 4,
    CTL_SELECT = 8,
    CTL_WRITE = 16,
};

enum {
    KEY_ARCH = 0x8000,
    KEY_WRITE = 0x4000, /* of the old data port; means nothing now */
    MAX_FILES = 1024,
    NAME_SIZE = 56,
};

typedef struct {
    char name[NAME_SIZE]; /* of a file, else empty */
    uint16_t key;         /* of a file: from start on */
    bool writable;
    uint8_t *data; /* from start on writable ones are in written */
    size_t len;
    Device *user; /* hears of writes; or NULL */
} Item;

typedef struct {
    Device dev;
    uint16_t key;     /* selected */
    uint32_t offset;  /* in the selected item, at most its length */
    uint64_t dma;     /* address, as far as it was written */
    uint8_t *written; /* contents of the writable items, one after the other */
    size_t n_written;
    GPtrArray *items; /* of Item */
} FwCfg;

/* --- items --- */

static void item_free(void *opaque)
{
    Item *item = opaque;

    g_free(item->data);
    g_free(item);
}

/* Writable contents lie together, so that they are one field of the state. */
static void join_writable(FwCfg *f)
{
    g_autoptr(GByteArray) all = g_byte_array_new();
    uint8_t *at;

    for (guint i = 0; i < f->items->len; i++) {
        Item *item = g_ptr_array_index(f->items, i);

        if (item->writable && item->len > 0) {
            g_byte_array_append(all, item->data, (guint)item->len);
        }
    }
    f->n_written = all->len;
    f->written = g_byte_array_free(g_steal_pointer(&all), FALSE);
    at = f->written;
    for (guint i = 0; i < f->items->len; i++) {
        Item *item = g_ptr_array_index(f->items, i);

        if (item->writable) {
            g_free(item->data);
            item->data = at;
            at += item->len;
        }
    }
}

static void split_writable(FwCfg *f)
{
    for (guint i = 0; i < f->items->len; i++) {
        Item *item = g_ptr_array_index(f->items, i);

        if (item->writable) {
            item->data = NULL;
        }
    }
    g_clear_pointer(&f->written, g_free);
}

/* Made at first use, because items are added before the device starts. */
static GPtrArray *items_of(Device *dev)
{
    FwCfg *f = (FwCfg *)dev;

    if (f->items == NULL) {
        f->items = g_ptr_array_new_with_free_func(item_free);
        fw_cfg_add_bytes(dev, FW_CFG_SIGNATURE, "QEMU", 4);
        fw_cfg_add_u32(dev, FW_CFG_ID, 3); /* data port and DMA */
    }
    return f->items;
}

static Item *item_new(Device *dev, const void *data, size_t len)
{
    Item *item = g_new0(Item, 1);

    item->data = g_memdup2(data, len);
    item->len = len;
    g_ptr_array_add(items_of(dev), item);
    return item;
}

static Item *find_key(FwCfg *f, uint16_t key)
{
    for (guint i = 0; i < f->items->len; i++) {
        Item *item = g_ptr_array_index(f->items, i);

        if (item->key == key && (item->name[0] == '\0' || f->dev.started)) {
            return item;
        }
    }
    return NULL;
}

static Item *find_file(Device *dev, const char *name)
{
    GPtrArray *items = items_of(dev);

    for (guint i = 0; i < items->len; i++) {
        Item *item = g_ptr_array_index(items, i);

        if (strcmp(item->name, name) == 0) {
            return item;
        }
    }
    return NULL;
}

void fw_cfg_add_bytes(Device *dev, uint16_t key, const void *data, size_t len)
{
    Item *old;

    items_of(dev);
    old = find_key((FwCfg *)dev, key);
    if (old != NULL) {
        g_ptr_array_remove(((FwCfg *)dev)->items, old);
    }
    item_new(dev, data, len)->key = key;
}

void fw_cfg_add_u16(Device *dev, uint16_t key, uint16_t v)
{
    Le16 le = le16_make(v);

    fw_cfg_add_bytes(dev, key, &le, sizeof(le));
}

void fw_cfg_add_u32(Device *dev, uint16_t key, uint32_t v)
{
    Le32 le = le32_make(v);

    fw_cfg_add_bytes(dev, key, &le, sizeof(le));
}

void fw_cfg_add_u64(Device *dev, uint16_t key, uint64_t v)
{
    Le64 le = le64_make(v);

    fw_cfg_add_bytes(dev, key, &le, sizeof(le));
}

static unsigned count_files(Device *dev)
{
    GPtrArray *items = items_of(dev);
    unsigned n = 0;

    for (guint i = 0; i < items->len; i++) {
        n += ((Item *)g_ptr_array_index(items, i))->name[0] != '\0';
    }
    return n;
}

bool fw_cfg_add_file(Device *dev, const char *name, const void *data,
                     size_t len, bool writable, GError **error)
{
    const char *why = NULL;
    Item *item;

    if (name[0] == '\0') {
        why = "name is empty";
    } else if (strlen(name) >= NAME_SIZE) {
        why = "name is longer than 55 bytes";
    } else if (find_file(dev, name) != NULL) {
        why = "name is taken";
    } else if (count_files(dev) == MAX_FILES) {
        why = "too many files";
    } else if (len > UINT32_MAX) {
        why = "too large";
    }
    if (why != NULL) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "fw_cfg file '%s': %s", name, why);
        return false;
    }
    item = item_new(dev, data, len);
    g_strlcpy(item->name, name, NAME_SIZE);
    item->writable = writable;
    return true;
}

const void *fw_cfg_file(Device *dev, const char *name, size_t *len)
{
    Item *item = find_file(dev, name);

    if (item == NULL || name[0] == '\0') {
        return NULL;
    }
    *len = item->len;
    return item->data;
}

bool fw_cfg_is_user(const DeviceClass *cls)
{
    const FwCfgUserClass *kind = cls->kind;

    return kind != NULL && strcmp(kind->bus, FW_CFG_BUS_NAME) == 0;
}

bool fw_cfg_plug(Device *dev, Device *user, GError **error)
{
    const FwCfgUserClass *kind = user->cls->kind;
    g_autofree uint8_t *zeroes = g_malloc0(kind->size);

    if (dev->started) { /* the directory is made */
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_BUSY,
                    "Device '%s' does not support hotplugging",
                    user->cls->name);
        return false;
    }
    if (!fw_cfg_add_file(dev, kind->file, zeroes, kind->size, true, error)) {
        return false;
    }
    find_file(dev, kind->file)->user = user;
    return true;
}

static void tell_user(const Item *item)
{
    const FwCfgUserClass *kind;

    if (item->user != NULL && item->user->started) {
        kind = item->user->cls->kind;
        kind->written(item->user, item->data);
    }
}

static int compare_names(const void *a, const void *b)
{
    return strcmp((*(Item *const *)a)->name, (*(Item *const *)b)->name);
}

/* Items by key have empty names, so they sort to the front. */
static void make_directory(Device *dev)
{
    FwCfg *f = (FwCfg *)dev;
    g_autoptr(GByteArray) dir = g_byte_array_new();
    Be32 count = be32_make(count_files(dev));
    uint16_t key = FW_CFG_FILE_FIRST;

    g_ptr_array_sort(f->items, compare_names);
    g_byte_array_append(dir, (const uint8_t *)&count, sizeof(count));
    for (guint i = 0; i < f->items->len; i++) {
        Item *item = g_ptr_array_index(f->items, i);
        uint8_t entry[8 + NAME_SIZE] = {0};

        if (item->name[0] == '\0') {
            continue;
        }
        item->key = key++;
        be32_store(entry, (uint32_t)item->len);
        be16_store(entry + 4, item->key);
        memcpy(entry + 8, item->name, NAME_SIZE);
        g_byte_array_append(dir, entry, sizeof(entry));
    }
    fw_cfg_add_bytes(dev, FW_CFG_FILE_DIR, dir->data, dir->len);
}

/* --- the guest's side --- */

static void select_item(FwCfg *f, uint16_t key)
{
    f->key = (uint16_t)(key & ~KEY_WRITE);
    f->offset = 0;
}

/* The rest of the selected item; NULL and 0 past its end. */
static uint8_t *rest(FwCfg *f, size_t *len)
{
    Item *item = find_key(f, f->key);

    *len = 0;
    if (item == NULL || f->offset >= item->len) {
        return NULL;
    }
    *len = item->len - f->offset;
    return item->data + f->offset;
}

static void advance(FwCfg *f, uint32_t n)
{
    Item *item = find_key(f, f->key);
    size_t len = item == NULL ? 0 : item->len;

    f->offset = (uint32_t)MIN((uint64_t)f->offset + n, len);
}

/* Past the end everything reads as zero. */
static uint64_t read_data(FwCfg *f, unsigned size)
{
    uint8_t bytes[8] = {0};
    size_t len;
    uint8_t *from = rest(f, &len);

    if (from != NULL) {
        memcpy(bytes, from, MIN(len, size));
    }
    advance(f, size);
    return bytes_load_le(bytes, size);
}

static bool dma_zero(FwCfg *f, Gpa to, uint32_t len)
{
    static const uint8_t zeroes[4096];

    while (len > 0) {
        uint32_t n = MIN(len, sizeof(zeroes));

        if (!bus_dma_write(f->dev.bus, to, zeroes, n)) {
            return false;
        }
        to += n;
        len -= n;
    }
    return true;
}

static bool dma_read_item(FwCfg *f, Gpa to, uint32_t len)
{
    size_t have;
    uint8_t *from = rest(f, &have);
    uint32_t n = (uint32_t)MIN(have, len);

    return (n == 0 || bus_dma_write(f->dev.bus, to, from, n)) &&
           dma_zero(f, to + n, len - n);
}

/* The whole length must fit, or nothing is written. */
static bool dma_write_item(FwCfg *f, Gpa from, uint32_t len)
{
    Item *item = find_key(f, f->key);
    size_t have;
    uint8_t *to = rest(f, &have);

    if (item == NULL || !item->writable || len > have) {
        return false;
    }
    if (len != 0 && !bus_dma_read(f->dev.bus, from, to, len)) {
        return false;
    }
    tell_user(item);
    return true;
}

static bool dma_transfer(FwCfg *f, uint32_t control, uint32_t len, Gpa addr)
{
    bool ok = true;

    if (control & CTL_SELECT) {
        select_item(f, (uint16_t)(control >> 16));
    }
    if (control & CTL_READ) {
        ok = dma_read_item(f, addr, len);
    } else if (control & CTL_WRITE) {
        ok = dma_write_item(f, addr, len);
    } else if (!(control & CTL_SKIP)) {
        return true;
    }
    advance(f, len);
    return ok;
}

static void dma_run(FwCfg *f)
{
    Gpa at = f->dma;
    uint8_t desc[16];
    Be32 result;
    bool ok;

    f->dma = 0;
    if (!bus_dma_read(f->dev.bus, at, desc, sizeof(desc))) {
        guest_log(LOG_GUEST_ERRORS,
                  "fw_cfg: no DMA descriptor at 0x%" G_GINT64_MODIFIER "x", at);
        return;
    }
    ok = dma_transfer(f, be32_load(desc), be32_load(desc + 4),
                      be64_load(desc + 8));
    result = be32_make(ok ? 0 : CTL_ERROR);
    bus_dma_write(f->dev.bus, at, &result, sizeof(result));
}

static MemResult fw_cfg_read(Device *dev, unsigned region, uint64_t offset,
                             unsigned size, uint64_t *value)
{
    static const char at_rest[] = "QEMU CFG";
    uint64_t skip = offset - DMA_HIGH;

    if (offset < SELECTOR) {
        *value = read_data((FwCfg *)dev, size);
    } else if (offset >= DMA_HIGH && skip + size <= 8) {
        *value = bytes_load_le(at_rest + skip, size);
    }
    return MEM_OK;
}

static MemResult fw_cfg_write(Device *dev, unsigned region, uint64_t offset,
                              unsigned size, uint64_t value)
{
    FwCfg *f = (FwCfg *)dev;
    uint64_t swapped = __builtin_bswap64(value) >> (64 - 8 * size);

    if (offset == SELECTOR && size == 2) {
        select_item(f, (uint16_t)swapped);
    } else if (offset == DMA_HIGH && size == 8) {
        f->dma = swapped;
        dma_run(f);
    } else if (offset == DMA_HIGH && size == 4) {
        f->dma = swapped << 32;
    } else if (offset == DMA_LOW && size == 4) {
        f->dma |= swapped;
        dma_run(f);
    } else {
        guest_log(LOG_GUEST_ERRORS, "fw_cfg: write of %u bytes at 0x%x ignored",
                  size, (unsigned)offset);
    }
    return MEM_OK;
}

/* --- life --- */

static bool start(Device *dev, GError **error)
{
    FwCfg *f = (FwCfg *)dev;

    items_of(dev);
    make_directory(dev);
    join_writable(f);
    return true;
}

static void reset(Device *dev)
{
    FwCfg *f = (FwCfg *)dev;

    select_item(f, 0);
    f->dma = 0;
    for (guint i = 0; i < f->items->len; i++) {
        const Item *item = g_ptr_array_index(f->items, i);

        if (item->user != NULL) {
            memset(item->data, 0, item->len);
            tell_user(item);
        }
    }
}

static void stop(Device *dev)
{
    FwCfg *f = (FwCfg *)dev;

    split_writable(f);
    g_clear_pointer(&f->items, g_ptr_array_unref);
}

static bool loaded(Device *dev, GError **error)
{
    FwCfg *f = (FwCfg *)dev;

    advance(f, 0); /* not past the end of what is selected */
    for (guint i = 0; i < f->items->len; i++) {
        tell_user(g_ptr_array_index(f->items, i));
    }
    return true;
}

static size_t written_size(const void *owner)
{
    return ((const FwCfg *)owner)->n_written;
}

static const StateField state[] = {
    STATE_U(FwCfg, key), STATE_U(FwCfg, offset),
    STATE_U(FwCfg, dma), STATE_BUF(FwCfg, written, written_size),
    STATE_LAST,
};

const DeviceClass fw_cfg_class = {
    .name = "fw_cfg_mem",
    .help = "configuration items for firmware",
    .compatible = "qemu,fw-cfg-mmio",
    .size = sizeof(FwCfg),
    .access = ACCESS_ANY,
    .read = fw_cfg_read,
    .write = fw_cfg_write,
    .state = state,
    .start = start,
    .reset = reset,
    .loaded = loaded,
    .stop = stop,
};
