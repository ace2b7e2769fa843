/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/core-device.c - register tables, access sizes, properties and the
 * life of a device. */
#include <glib.h>
#include <string.h>

#include "core/chardev.h"
#include "core/device.h"

enum { CTRL = 0, STATUS = 4, HOOK = 8, LAST = 0x10 };

typedef struct {
    Device dev;
    uint32_t ctrl, status, last;
    uint64_t hooked;
    unsigned n_wrote;
    bool flag;
    uint32_t number;
    uint64_t size;
    char *text;
    uint8_t mac[6];
    int tristate;
    CharDev *chardev;
    bool fail_start, stopped;
} Chip;

static uint64_t read_hook(Device *dev)
{
    return 0x55667788;
}

static void wrote_hook(Device *dev, uint64_t value)
{
    Chip *c = (Chip *)dev;

    c->hooked = value;
    c->n_wrote++;
}

#define FIELD(m) offsetof(Chip, m)

/* clang-format off */
static const RegDesc regs[] = {
    { CTRL,   "ctrl",   FIELD(ctrl),   0x12, 0x00ff00ff, 0,    NULL,      NULL },
    { STATUS, "status", FIELD(status), 0xf0, 0x0f,       0xf0, NULL,      NULL },
    { HOOK,   "hook",   NO_FIELD,      0,    0,          0,    read_hook, wrote_hook },
    { LAST,   "last",   FIELD(last),   0,    UINT32_MAX, 0,    NULL,      NULL },
};

static const PropDesc props[] = {
    { "flag",   PROP_BOOL,        FIELD(flag),     "on", "a flag" },
    { "number", PROP_U32,         FIELD(number),   "7",  NULL },
    { "size",   PROP_U64,         FIELD(size),     "4K", NULL },
    { "text",   PROP_STRING,      FIELD(text),     "hi", NULL },
    { "mac",    PROP_MAC,         FIELD(mac),      NULL, NULL },
    { "tri",    PROP_ON_OFF_AUTO, FIELD(tristate), "auto", NULL },
    { "chardev", PROP_CHAR,       FIELD(chardev),  NULL, NULL },
};
/* clang-format on */

static bool chip_start(Device *dev, GError **error)
{
    if (((Chip *)dev)->fail_start) {
        g_set_error(error, g_quark_from_static_string("test"), 1, "refused");
        return false;
    }
    return true;
}

static bool *stopped_out;

static void chip_stop(Device *dev)
{
    *stopped_out = true;
}

#define CHIP                                         \
 .name = "chip", .size = sizeof(Chip), .regs = regs, \
 .n_regs = G_N_ELEMENTS(regs), .props = props, .n_props = G_N_ELEMENTS(props)

static const DeviceClass any_class = {CHIP, .access = ACCESS_ANY};
static const DeviceClass words_class = {CHIP, .access = ACCESS_32};
static const DeviceClass life_class = {CHIP, .start = chip_start,
                                       .stop = chip_stop};

static uint64_t get(Device *dev, uint64_t offset, unsigned size)
{
    uint64_t v;

    g_assert_cmpint(device_read(dev, 0, offset, size, &v), ==, MEM_OK);
    return v;
}

static void put(Device *dev, uint64_t offset, unsigned size, uint64_t v)
{
    g_assert_cmpint(device_write(dev, 0, offset, size, v), ==, MEM_OK);
}

static void test_table(void)
{
    Device *dev = device_new(&any_class, "x");
    Chip *c = (Chip *)dev;

    device_reset(dev);
    g_assert_cmphex(get(dev, CTRL, 4), ==, 0x12);
    put(dev, CTRL, 4, 0xffffffff);
    g_assert_cmphex(get(dev, CTRL, 4), ==, 0x00ff00ff);
    put(dev, CTRL, 4, 0);
    g_assert_cmphex(c->ctrl, ==, 0);
    g_assert_cmphex(get(dev, STATUS, 4), ==, 0xf0);
    put(dev, STATUS, 4, 0x35);
    g_assert_cmphex(get(dev, STATUS, 4), ==, 0xc5);
    g_assert_cmphex(get(dev, HOOK, 4), ==, 0x55667788);
    put(dev, HOOK, 4, 0x99);
    g_assert_cmphex(c->hooked, ==, 0x99);
    g_assert_cmpuint(c->n_wrote, ==, 1);
    g_assert_cmphex(get(dev, 0xc, 4), ==, 0);
    put(dev, 0xc, 4, 1);
    device_reset(dev);
    g_assert_cmphex(get(dev, STATUS, 4), ==, 0xf0);
    device_free(dev);
}

/* Narrow and wide accesses of a table that takes them as they come. */
static void test_sizes_any(void)
{
    Device *dev = device_new(&any_class, NULL);
    Chip *c = (Chip *)dev;

    device_reset(dev);
    put(dev, CTRL + 2, 1, 0xab);
    g_assert_cmphex(c->ctrl, ==, 0x00ab0012);
    g_assert_cmphex(get(dev, CTRL + 2, 1), ==, 0xab);
    g_assert_cmphex(get(dev, CTRL, 8), ==, 0xf000ab0012);
    put(dev, STATUS, 1, 0xf0);
    g_assert_cmphex(c->status, ==, 0);
    put(dev, STATUS + 1, 1, 0xff);
    g_assert_cmphex(c->status, ==, 0);
    put(dev, LAST + 2, 4, 0x11223344);
    g_assert_cmphex(c->last, ==, 0x33440000);
    device_free(dev);
}

static void test_sizes_words(void)
{
    Device *dev = device_new(&words_class, NULL);
    uint64_t v;

    device_reset(dev);
    g_assert_cmphex(get(dev, HOOK + 1, 2), ==, 0x6677);
    g_assert_cmphex(get(dev, CTRL, 8), ==, 0xf000000012);
    g_assert_cmpint(device_read(dev, 0, HOOK + 3, 2, &v), ==, MEM_DENIED);
    g_assert_cmpint(device_write(dev, 0, CTRL, 2, 1), ==, MEM_DENIED);
    g_assert_cmpint(device_write(dev, 0, CTRL + 2, 4, 1), ==, MEM_DENIED);
    put(dev, CTRL, 8, 0x0f00000034);
    g_assert_cmphex(get(dev, CTRL, 4), ==, 0x34);
    g_assert_cmphex(get(dev, STATUS, 4), ==, 0xff);
    device_free(dev);
}

static void test_props(void)
{
    Device *dev = device_new(&any_class, NULL);
    Chip *c = (Chip *)dev;

    g_assert_true(c->flag);
    g_assert_cmpuint(c->number, ==, 7);
    g_assert_cmpuint(c->size, ==, 4096);
    g_assert_cmpstr(c->text, ==, "hi");
    g_assert_cmpint(c->tristate, ==, 2);
    g_assert_true(device_set_prop(dev, "flag", "off", NULL));
    g_assert_true(device_set_prop(dev, "number", "0x20", NULL));
    g_assert_true(device_set_prop(dev, "size", "3g", NULL));
    g_assert_true(device_set_prop(dev, "text", "ho", NULL));
    g_assert_true(device_set_prop(dev, "mac", "52:54:00:12:34:5F", NULL));
    g_assert_true(device_set_prop(dev, "tri", "on", NULL));
    g_assert_false(c->flag);
    g_assert_cmpuint(c->number, ==, 32);
    g_assert_cmpuint(c->size, ==, UINT64_C(3) << 30);
    g_assert_cmpstr(c->text, ==, "ho");
    g_assert_cmphex(c->mac[5], ==, 0x5f);
    g_assert_cmpint(c->tristate, ==, 1);
    device_free(dev);
}

static void test_bad_props(void)
{
    static const char *const bad[][2] = {
        {"flag", "maybe"},
        {"flag", ""},
        {"number", "-1"},
        {"number", "4294967296"},
        {"number", "1K"},
        {"number", ""},
        {"number", "12x"},
        {"size", "20000000000G"},
        {"size", "1Q"},
        {"size", "99999999999999999999"},
        {"mac", "1:2:3:4:5:6"},
        {"mac", "52:54:00:12:34:5g"},
        {"mac", ""},
        {"tri", "2"},
        {"chardev", "none"},
    };
    Device *dev = device_new(&any_class, NULL);
    g_autoptr(GError) error = NULL;

    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_assert_false(device_set_prop(dev, bad[i][0], bad[i][1], NULL));
    }
    g_assert_false(device_set_prop(dev, "number", "x", &error));
    g_assert_cmpstr(error->message, ==,
                    "device 'chip': property 'number': 'x' is no number");
    g_clear_error(&error);
    g_assert_false(device_set_prop(dev, "nope", "x", &error));
    g_assert_cmpstr(error->message, ==,
                    "device 'chip': has no property 'nope'");
    g_assert_false(device_has_prop(&any_class, "nope"));
    g_assert_true(device_has_prop(&any_class, "mac"));
    device_free(dev);
}

static void char_free(CharDev *c)
{
    g_free(c->id);
    g_free(c);
}

static void test_backends(void)
{
    static const CharClass cls = {.name = "test", .free = char_free};
    CharDev *one = g_new0(CharDev, 1), *two = g_new0(CharDev, 1);
    Device *dev = device_new(&any_class, NULL);
    g_autoptr(GError) error = NULL;
    Backends b;

    one->cls = two->cls = &cls;
    backends_init(&b);
    g_assert_true(backends_add_char(&b, "c0", one, &error));
    g_assert_cmpstr(one->id, ==, "c0");
    g_assert_false(backends_add_char(&b, "c0", two, &error));
    g_assert_cmpstr(error->message, ==, "character device 'c0': id is taken");
    char_free(two);
    dev->backends = &b;
    g_assert_true(device_set_prop(dev, "chardev", "c0", NULL));
    g_assert_true(((Chip *)dev)->chardev == one);
    g_assert_null(backends_net(&b, "c0"));
    device_free(dev);
    backends_finish(&b);
}

static void test_life(void)
{
    Device *dev = device_new(&life_class, NULL);
    g_autoptr(GError) error = NULL;
    bool stopped = false;

    stopped_out = &stopped;
    ((Chip *)dev)->fail_start = true;
    g_assert_false(device_start(dev, NULL, &error));
    g_assert_cmpstr(error->message, ==, "refused");
    g_assert_true(stopped);
    ((Chip *)dev)->fail_start = false;
    stopped = false;
    g_assert_true(device_start(dev, NULL, NULL));
    g_assert_false(stopped);
    device_free(dev);
    g_assert_true(stopped);
    device_free(NULL);
}

static void test_save(void)
{
    Device *a = device_new(&any_class, NULL), *b = device_new(&any_class, NULL);
    g_autoptr(GByteArray) out = g_byte_array_new();
    g_autoptr(GError) error = NULL;
    size_t pos = 0;

    device_reset(a);
    put(a, LAST, 4, 0x1234);
    device_save(a, out);
    g_assert_true(device_load(b, out->data, out->len, &pos, &error));
    g_assert_cmphex(get(b, LAST, 4), ==, 0x1234);
    g_assert_cmphex(get(b, CTRL, 4), ==, 0x12);
    b->instance = 1;
    pos = 0;
    g_assert_false(device_load(b, out->data, out->len, &pos, &error));
    g_assert_nonnull(error);
    device_free(a);
    device_free(b);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/core/device/table", test_table);
    g_test_add_func("/core/device/sizes-any", test_sizes_any);
    g_test_add_func("/core/device/sizes-words", test_sizes_words);
    g_test_add_func("/core/device/props", test_props);
    g_test_add_func("/core/device/bad-props", test_bad_props);
    g_test_add_func("/core/device/backends", test_backends);
    g_test_add_func("/core/device/life", test_life);
    g_test_add_func("/core/device/save", test_save);
    return g_test_run();
}
