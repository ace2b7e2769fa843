/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/dev/classes.c - what holds for every class of device: its register
 * table does what it says, a saved device loads into the same device, and no
 * access and no damaged state crashes it. */
#include <glib.h>
#include <string.h>

#include "hw/devices.h"
#include "tests/dev/rig.h"
#include "util/bits.h"

static void rig_of(Rig *rig, const DeviceClass *cls)
{
    rig_init(rig);
    rig_add(rig, cls, true);
    if (rig->dev != NULL && device_has_prop(cls, "size")) {
        device_set_prop(rig->dev, "size", "1M", NULL); /* as the disk */
    }
    rig_start(rig);
}

/* --- register tables --- */

static unsigned width(const DeviceClass *cls)
{
    return cls->reg_width == 0 ? 4 : cls->reg_width;
}

static uint64_t reg_get(Device *dev, const RegDesc *reg)
{
    uint64_t v;

    g_assert_cmpint(device_read(dev, 0, reg->offset, width(dev->cls), &v), ==,
                    MEM_OK);
    return v;
}

static void check_write(Device *dev, const RegDesc *reg, uint64_t value)
{
    uint64_t mask = bits_mask(8 * width(dev->cls));
    uint64_t old = reg_get(dev, reg);
    uint64_t want = ((old & ~reg->write) | (value & reg->write)) &
                    ~(value & reg->w1c) & mask;

    device_write(dev, 0, reg->offset, width(dev->cls), value & mask);
    g_assert_cmphex(reg_get(dev, reg), ==, want);
}

static void check_reg(Device *dev, const RegDesc *reg)
{
    if (reg->field == NO_FIELD || reg->read != NULL) {
        return;
    }
    g_assert_cmphex(reg_get(dev, reg), ==, reg->reset);
    g_assert_cmphex(reg->write & reg->w1c, ==, 0);
    if (reg->wrote != NULL) {
        return; /* the hook may change it further */
    }
    check_write(dev, reg, ~UINT64_C(0));
    check_write(dev, reg, 0);
    check_write(dev, reg, 0x5a5a5a5a5a5a5a5a);
}

static void test_table(gconstpointer data)
{
    const DeviceClass *cls = data;
    Rig rig;

    rig_of(&rig, cls);
    for (unsigned i = 0; rig.dev != NULL && i < cls->n_regs; i++) {
        for (unsigned j = 0; j < i; j++) {
            g_assert_cmphex(cls->regs[i].offset, !=, cls->regs[j].offset);
        }
        device_reset(rig.dev);
        check_reg(rig.dev, &cls->regs[i]);
    }
    rig_finish(&rig);
}

/* --- saving and loading --- */

static uint64_t random64(GRand *r)
{
    return (uint64_t)g_rand_int(r) << 32 | g_rand_int(r);
}

/* Small numbers, masks and addresses of RAM reach more than noise does. */
static uint64_t random_value(GRand *r)
{
    switch (g_rand_int(r) % 5) {
    case 0:
        return g_rand_int(r) % 16;
    case 1:
        return BIT(g_rand_int(r) % 64);
    case 2:
        return RIG_RAM + (g_rand_int(r) & (RIG_RAM_SIZE - 1) & ~0xfu);
    case 3:
        return ~UINT64_C(0) >> (g_rand_int(r) % 64);
    default:
        return random64(r);
    }
}

static void random_access(Device *dev, GRand *r)
{
    unsigned size = 1u << g_rand_int(r) % 4;
    unsigned region = g_rand_int(r) % 16 == 0 ? g_rand_int(r) % 6 : 0;
    uint64_t offset = g_rand_int(r) & bits_mask(4 + g_rand_int(r) % 20);
    uint64_t v;

    if (g_rand_int(r) % 8 != 0) {
        offset &= ~(uint64_t)(size - 1);
    }
    if (g_rand_boolean(r)) {
        device_read(dev, region, offset, size, &v);
    } else {
        device_write(dev, region, offset, size, random_value(r));
    }
}

static void scribble(Rig *rig, GRand *r, unsigned n)
{
    Device *devs[4];
    unsigned n_devs = rig_devices(rig, devs);

    for (unsigned i = 0; i < n; i++) {
        Device *dev = devs[g_rand_int(r) % n_devs];

        /* A device in a slot or behind a port is reached through that. */
        if (dev->cls->read != NULL || dev->cls->regs != NULL) {
            random_access(dev, r);
        }
        if (i % 64 == 0) {
            rig_settle();
        }
    }
    rig_settle();
}

static void fill_ram(Rig *rig, GRand *r)
{
    for (unsigned i = 0; i < RIG_RAM_SIZE; i += 8) {
        le64_store(rig->ram->host + i, random_value(r));
    }
}

/* Says where, with the name of the field in sight. */
static void check_same(const GByteArray *a, const GByteArray *b)
{
    g_assert_cmpuint(a->len, ==, b->len);
    for (guint i = 0; i < a->len; i++) {
        if (a->data[i] != b->data[i]) {
            guint from = i < 64 ? 0 : i - 64;
            g_autofree char *text =
                g_strndup((const char *)a->data + from, i - from);

            for (guint k = 0; k < i - from; k++) {
                text[k] = g_ascii_isprint(a->data[from + k])
                              ? (char)a->data[from + k]
                              : '.';
            }
            g_error("byte %u: %02x became %02x after '%s'", i, a->data[i],
                    b->data[i], text);
        }
    }
}

/* What the rig saves, into itself: a device that finds work waiting when it
 * is loaded does it, and then is as a loaded device is. */
static void reload(Rig *rig)
{
    g_autoptr(GByteArray) bytes = rig_save(rig);
    g_autoptr(GError) error = NULL;

    rig_load(rig, bytes->data, bytes->len, &error);
    g_assert_no_error(error);
    rig_settle();
}

/* True if time changed a meanwhile: an alarm went off. */
static bool save_once(Rig *a, Rig *b)
{
    g_autoptr(GByteArray) first = rig_save(a);
    g_autoptr(GByteArray) loaded = NULL;
    g_autoptr(GByteArray) after = NULL;
    g_autoptr(GError) error = NULL;

    rig_load(b, first->data, first->len, &error);
    g_assert_no_error(error);
    loaded = rig_save(b);
    rig_settle();
    after = rig_save(a);
    if (memcmp(first->data, after->data, first->len) != 0) {
        return true;
    }
    check_same(first, loaded);
    return false;
}

static void save_round(const DeviceClass *cls, GRand *r, unsigned n_accesses)
{
    Rig a, b;

    rig_of(&a, cls);
    rig_of(&b, cls);
    fill_ram(&a, r);
    scribble(&a, r, n_accesses);
    reload(&a);
    memcpy(b.ram->host, a.ram->host, RIG_RAM_SIZE);
    while (save_once(&a, &b)) {
    }
    rig_finish(&a);
    rig_finish(&b);
}

static void test_save(gconstpointer data)
{
    GRand *r = g_rand_new_with_seed(1);

    for (unsigned round = 0; round < 4; round++) {
        save_round(data, r, 500 * round);
    }
    g_rand_free(r);
}

/* Cut short, and with bytes changed: an error or a value, never a crash. */
static void test_damaged(gconstpointer data)
{
    GRand *r = g_rand_new_with_seed(2);
    g_autoptr(GByteArray) good = NULL;
    Rig rig;

    rig_of(&rig, data);
    scribble(&rig, r, 500);
    good = rig_save(&rig);
    for (unsigned i = 0; i < 20; i++) {
        guint len = g_rand_int(r) % good->len;

        g_assert_false(rig_load(&rig, good->data, len, NULL));
    }
    for (unsigned i = 0; i < 60; i++) {
        g_autofree uint8_t *bad = g_memdup2(good->data, good->len);

        for (unsigned n = g_rand_int(r) % 8; n-- > 0;) {
            bad[g_rand_int(r) % MIN(good->len, 4096)] = (uint8_t)g_rand_int(r);
        }
        rig_load(&rig, bad, good->len, NULL);
        scribble(&rig, r, 50);
    }
    rig_finish(&rig);
    g_rand_free(r);
}

/* Without anything connected. */
static void test_bare(gconstpointer data)
{
    GRand *r = g_rand_new_with_seed(3);
    g_autoptr(GError) error = NULL;
    const DeviceClass *cls = data;
    Device *dev = device_new(cls, NULL);

    /* Some need a back end or a bus: they must say so, not crash. */
    if (device_start(dev, NULL, &error)) {
        device_reset(dev);
    } else {
        g_assert_nonnull(error);
        g_assert_false(strchr(error->message, '\n') != NULL);
    }
    device_free(dev);
    g_rand_free(r);
}

/* --- the list --- */

static void test_list(void)
{
    for (unsigned i = 0; device_classes[i] != NULL; i++) {
        const DeviceClass *cls = device_classes[i];

        g_assert_true(device_class_find(cls->name) == cls);
        g_assert_nonnull(cls->help);
        if (i > 0) {
            g_assert_cmpstr(device_classes[i - 1]->name, <, cls->name);
        }
    }
    g_assert_null(device_class_find("nothing"));
}

static void add(const char *what, const DeviceClass *cls,
                void (*fn)(gconstpointer data))
{
    g_autofree char *path = g_strdup_printf("/dev/%s/%s", cls->name, what);

    g_test_add_data_func(path, cls, fn);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/dev/list", test_list);
    for (unsigned i = 0; device_classes[i] != NULL; i++) {
        add("table", device_classes[i], test_table);
        add("bare", device_classes[i], test_bare);
        add("save", device_classes[i], test_save);
        add("damaged", device_classes[i], test_damaged);
    }
    return g_test_run();
}
