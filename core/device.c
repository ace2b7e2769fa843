/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/device.c - the life of a device, and accesses to its registers.
 * An access passes three stages: the lock, the sizes the class takes, then
 * the class's hooks or its register table. */
#include "core/device.h"

#include "core/device-prop_priv.h"
#include "core/notice.h"
#include "core/trace.h"
#include "util/bits.h"
#include "util/log.h"

static unsigned reg_width(const DeviceClass *cls)
{
    return cls->reg_width == 0 ? 4 : cls->reg_width;
}

static uint64_t reg_load(Device *dev, const RegDesc *reg)
{
    const uint8_t *at = (const uint8_t *)dev + reg->field;

    switch (reg_width(dev->cls)) {
    case 1:
        return *at;
    case 2:
        return *(const uint16_t *)at;
    case 4:
        return *(const uint32_t *)at;
    default:
        return *(const uint64_t *)at;
    }
}

static void reg_store(Device *dev, const RegDesc *reg, uint64_t v)
{
    uint8_t *at = (uint8_t *)dev + reg->field;

    switch (reg_width(dev->cls)) {
    case 1:
        *at = (uint8_t)v;
        break;
    case 2:
        *(uint16_t *)at = (uint16_t)v;
        break;
    case 4:
        *(uint32_t *)at = (uint32_t)v;
        break;
    default:
        *(uint64_t *)at = v;
    }
}

/* --- life --- */

Device *device_new(const DeviceClass *cls, const char *id)
{
    Device *dev = g_malloc0(cls->size);

    g_assert(cls->size >= sizeof(Device));
    dev->cls = cls;
    dev->id = g_strdup(id);
    g_rec_mutex_init(&dev->lock);
    device_props_init(dev);
    return dev;
}

bool device_start(Device *dev, Bus *bus, GError **error)
{
    const DeviceClass *cls = dev->cls;

    dev->bus = bus;
    if (cls->start != NULL && !cls->start(dev, error)) {
        if (cls->stop != NULL) {
            cls->stop(dev);
        }
        return false;
    }
    dev->started = true;
    return true;
}

void device_reset(Device *dev)
{
    const DeviceClass *cls = dev->cls;

    trace(device_reset, device_label(dev));
    device_lock(dev);
    for (unsigned i = 0; i < cls->n_regs; i++) {
        if (cls->regs[i].field != NO_FIELD) {
            reg_store(dev, &cls->regs[i], cls->regs[i].reset);
        }
    }
    if (cls->reset != NULL) {
        cls->reset(dev);
    }
    device_unlock(dev);
}

void device_free(Device *dev)
{
    if (dev == NULL) {
        return;
    }
    if (dev->started && dev->cls->stop != NULL) {
        dev->cls->stop(dev);
    }
    notice_forget(dev);
    device_props_finish(dev);
    g_rec_mutex_clear(&dev->lock);
    g_free(dev->id);
    g_free(dev);
}

void device_lock(Device *dev)
{
    g_rec_mutex_lock(&dev->lock);
}

void device_unlock(Device *dev)
{
    g_rec_mutex_unlock(&dev->lock);
}

/* --- the register table --- */

static const RegDesc *find_reg(const DeviceClass *cls, uint64_t offset)
{
    for (unsigned i = 0; i < cls->n_regs; i++) {
        if (cls->regs[i].offset == offset) {
            return &cls->regs[i];
        }
    }
    return NULL;
}

static void log_unknown(Device *dev, unsigned region, uint64_t offset,
                        const char *what)
{
    guest_log(LOG_GUEST_ERRORS,
              "%s: %s of unknown register 0x%" G_GINT64_MODIFIER
              "x in region %u",
              dev->cls->name, what, offset, region);
}

static uint64_t reg_read(Device *dev, unsigned region, uint64_t offset)
{
    const RegDesc *reg = region == 0 ? find_reg(dev->cls, offset) : NULL;
    uint64_t value = 0;

    if (reg == NULL) {
        log_unknown(dev, region, offset, "read");
        return 0;
    }
    if (reg->read != NULL) {
        value = reg->read(dev);
    } else if (reg->field != NO_FIELD) {
        value = reg_load(dev, reg);
    }
    trace(reg_read, device_label(dev), reg->name, value);
    return value;
}

/* Of the register's bits, only those in lanes are written. */
static void reg_write(Device *dev, unsigned region, uint64_t offset,
                      uint64_t lanes, uint64_t value)
{
    const RegDesc *reg = region == 0 ? find_reg(dev->cls, offset) : NULL;

    if (reg == NULL) {
        log_unknown(dev, region, offset, "write");
        return;
    }
    trace(reg_write, device_label(dev), reg->name, value);
    if (reg->field != NO_FIELD) {
        uint64_t old = reg_load(dev, reg);
        uint64_t mask = reg->write & lanes;

        reg_store(dev, reg,
                  ((old & ~mask) | (value & mask)) &
                      ~(value & reg->w1c & lanes));
    }
    if (reg->wrote != NULL) {
        reg->wrote(dev, value);
    }
}

/* The part of an access that falls into one register. */
typedef struct {
    uint64_t offset; /* of the register */
    unsigned shift;  /* of the part in the register, in bits */
    unsigned bits;
} Part;

static Part part_at(Device *dev, uint64_t offset, unsigned size)
{
    unsigned width = reg_width(dev->cls);
    Part p = {.offset = align_down(offset, width)};
    unsigned skip = (unsigned)(offset - p.offset);

    p.shift = 8 * skip;
    p.bits = 8 * MIN(width - skip, size);
    return p;
}

static uint64_t table_read(Device *dev, unsigned region, uint64_t offset,
                           unsigned size)
{
    uint64_t value = 0;
    unsigned done = 0;

    while (done < size) {
        Part p = part_at(dev, offset + done, size - done);
        uint64_t reg = reg_read(dev, region, p.offset);

        value |= bits_get(reg, p.shift, p.bits) << (8 * done);
        done += p.bits / 8;
    }
    return value;
}

static void table_write(Device *dev, unsigned region, uint64_t offset,
                        unsigned size, uint64_t value)
{
    unsigned done = 0;

    while (done < size) {
        Part p = part_at(dev, offset + done, size - done);
        uint64_t part = bits_get(value, 8 * done, p.bits);

        reg_write(dev, region, p.offset, bits_mask(p.bits) << p.shift,
                  part << p.shift);
        done += p.bits / 8;
    }
}

/* --- accesses of sizes the class takes --- */

static MemResult raw_read(Device *dev, unsigned region, uint64_t offset,
                          unsigned size, uint64_t *value)
{
    MemResult result = MEM_OK;

    *value = 0;
    if (dev->cls->read != NULL) {
        result = dev->cls->read(dev, region, offset, size, value);
    } else {
        *value = table_read(dev, region, offset, size);
    }
    *value &= bits_mask(8 * size);
    return result;
}

static MemResult raw_write(Device *dev, unsigned region, uint64_t offset,
                           unsigned size, uint64_t value)
{
    value &= bits_mask(8 * size);
    if (dev->cls->write != NULL) {
        return dev->cls->write(dev, region, offset, size, value);
    }
    table_write(dev, region, offset, size, value);
    return MEM_OK;
}

/* In units of unit bytes; the first failure ends it. */
static MemResult read_units(Device *dev, unsigned region, uint64_t offset,
                            unsigned size, unsigned unit, uint64_t *value)
{
    *value = 0;
    for (unsigned i = 0; i < size; i += unit) {
        uint64_t v;
        MemResult result = raw_read(dev, region, offset + i, unit, &v);

        if (result != MEM_OK) {
            return result;
        }
        *value |= v << (8 * i);
    }
    return MEM_OK;
}

static MemResult write_units(Device *dev, unsigned region, uint64_t offset,
                             unsigned size, unsigned unit, uint64_t value)
{
    for (unsigned i = 0; i < size; i += unit) {
        MemResult result =
            raw_write(dev, region, offset + i, unit, value >> (8 * i));

        if (result != MEM_OK) {
            return result;
        }
    }
    return MEM_OK;
}

/* The unit in which a class takes an access; 0: it does not. */
static unsigned unit_of(AccessSize access, uint64_t offset, unsigned size)
{
    switch (access) {
    case ACCESS_ANY:
        return size;
    case ACCESS_8:
        return 1;
    case ACCESS_32_64:
        if (size == 8 && offset % 8 == 0) {
            return 8;
        }
        G_GNUC_FALLTHROUGH;
    default:
        return size >= 4 && offset % 4 == 0 ? 4 : 0;
    }
}

/* A narrow read is cut out of the word around it. */
static MemResult read_narrow(Device *dev, unsigned region, uint64_t offset,
                             unsigned size, uint64_t *value)
{
    uint64_t word = align_down(offset, 4);
    unsigned skip = (unsigned)(offset - word);
    MemResult result;

    *value = 0;
    if (skip + size > 4) {
        return MEM_DENIED;
    }
    result = raw_read(dev, region, word, 4, value);
    *value = bits_get(*value, 8 * skip, 8 * size);
    return result;
}

static void log_denied(Device *dev, uint64_t offset, unsigned size)
{
    guest_log(LOG_GUEST_ERRORS,
              "%s: access of %u bytes at 0x%" G_GINT64_MODIFIER "x refused",
              dev->cls->name, size, offset);
}

static MemResult fit_read(Device *dev, unsigned region, uint64_t offset,
                          unsigned size, uint64_t *value)
{
    unsigned unit = unit_of(dev->cls->access, offset, size);
    MemResult result;

    if (unit == size) {
        return raw_read(dev, region, offset, size, value);
    }
    if (unit != 0) {
        return read_units(dev, region, offset, size, unit, value);
    }
    result = read_narrow(dev, region, offset, size, value);
    if (result == MEM_DENIED) {
        log_denied(dev, offset, size);
    }
    return result;
}

static MemResult fit_write(Device *dev, unsigned region, uint64_t offset,
                           unsigned size, uint64_t value)
{
    unsigned unit = unit_of(dev->cls->access, offset, size);

    if (unit == 0) {
        log_denied(dev, offset, size);
        return MEM_DENIED;
    }
    if (unit == size) {
        return raw_write(dev, region, offset, size, value);
    }
    return write_units(dev, region, offset, size, unit, value);
}

MemResult device_read(Device *dev, unsigned region, uint64_t offset,
                      unsigned size, uint64_t *value)
{
    MemResult result;

    if (dev->cls->locking == LOCK_SELF) {
        result = fit_read(dev, region, offset, size, value);
    } else {
        device_lock(dev);
        result = fit_read(dev, region, offset, size, value);
        device_unlock(dev);
    }
    trace(device_read, device_label(dev), region, offset, size, *value);
    return result;
}

MemResult device_write(Device *dev, unsigned region, uint64_t offset,
                       unsigned size, uint64_t value)
{
    MemResult result;

    trace(device_write, device_label(dev), region, offset, size, value);
    if (dev->cls->locking == LOCK_SELF) {
        return fit_write(dev, region, offset, size, value);
    }
    device_lock(dev);
    result = fit_write(dev, region, offset, size, value);
    device_unlock(dev);
    return result;
}

/* --- saved state --- */

/* The class's registers, then its other state, as one table. */
static StateField *all_fields(const DeviceClass *cls)
{
    static const StateField last = STATE_LAST;
    GArray *all = g_array_new(FALSE, FALSE, sizeof(StateField));

    for (unsigned i = 0; i < cls->n_regs; i++) {
        StateField f = {.name = cls->regs[i].name,
                        .kind = STATE_UINT,
                        .offset = cls->regs[i].field,
                        .size = reg_width(cls),
                        .count = 1};

        if (f.offset != NO_FIELD) {
            g_array_append_val(all, f);
        }
    }
    for (const StateField *f = cls->state; f != NULL && f->kind != STATE_END;
         f++) {
        g_array_append_val(all, *f);
    }
    g_array_append_val(all, last);
    return (StateField *)(void *)g_array_free(all, FALSE);
}

void device_save(Device *dev, GByteArray *out)
{
    g_autofree StateField *fields = all_fields(dev->cls);

    device_lock(dev);
    state_save(out, dev->cls->name, dev->instance, fields, dev);
    if (dev->cls->save_more != NULL) {
        dev->cls->save_more(dev, out);
    }
    device_unlock(dev);
}

bool device_load(Device *dev, const uint8_t *data, size_t len, size_t *pos,
                 GError **error)
{
    g_autofree StateField *fields = all_fields(dev->cls);
    bool ok;

    device_lock(dev);
    ok = state_load(data, len, pos, dev->cls->name, dev->instance, fields, dev,
                    error);
    if (ok && dev->cls->load_more != NULL) {
        ok = dev->cls->load_more(dev, data, len, pos, error);
    }
    if (ok && dev->cls->loaded != NULL) {
        ok = dev->cls->loaded(dev, error);
    }
    device_unlock(dev);
    return ok;
}
