/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/qmp/pci-commands.c - PCI functions as firmware and guest left them.
 * Spec: PCI Local Bus 3.0, 6.1 and 6.2.5. */
#include "control/qmp/qmp_priv.h"
#include "qmp-handlers.h"
#include "util/bits.h"

/* Spec of bridges: PCI-to-PCI Bridge 1.2, 3.2. */
enum {
    VENDOR = 0x00,
    COMMAND = 0x04,
    CLASS = 0x0a,
    BAR0 = 0x10,
    SUBORDINATE = 0x1a,
    IO_BASE = 0x1c,
    MEMORY_BASE = 0x20,
    PREFETCH_BASE = 0x24,
    PREFETCH_BASE_HIGH = 0x28,
    PREFETCH_LIMIT_HIGH = 0x2c,
    SUBSYS_VENDOR = 0x2c,
    LINE = 0x3c,
    N_BARS = 6,
};

static uint16_t word(const PciView *f, unsigned at)
{
    return (uint16_t)(f->config[at] | f->config[at + 1] << 8);
}

static uint32_t dword(const PciView *f, unsigned at)
{
    return word(f, at) | (uint32_t)word(f, at + 2) << 16;
}

static const char *class_text(unsigned class)
{
    static const struct {
        unsigned class;
        const char *text;
    } rows[] = {
        {0x0100, "SCSI controller"},     {0x0180, "Storage controller"},
        {0x0200, "Ethernet controller"}, {0x0300, "VGA controller"},
        {0x0380, "Display controller"},  {0x0600, "Host bridge"},
        {0x0604, "PCI bridge"},          {0x0780, "Communication controller"},
        {0x0c03, "USB controller"},      {0x00ff, "Unclassified device"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (rows[i].class == class) {
            return rows[i].text;
        }
    }
    return NULL;
}

/* -1: decodes nothing now. */
static int64_t bar_address(const PciView *f, unsigned i)
{
    bool io = f->bars[i].io, enabled = word(f, COMMAND) & (io ? 1 : 2);
    uint64_t mask = ~(f->bars[i].size - 1);
    uint64_t at = dword(f, BAR0 + 4 * i);

    if (f->bars[i].wide && i + 1 < N_BARS) {
        at |= (uint64_t)dword(f, BAR0 + 4 * (i + 1)) << 32;
    }
    at &= mask;
    return enabled && at != 0 ? (int64_t)at : -1;
}

static JsonObject *region(const PciView *f, unsigned i)
{
    JsonObject *o = json_object_new();

    json_object_set_int_member(o, "bar", i);
    json_object_set_string_member(o, "type", f->bars[i].io ? "io" : "memory");
    json_object_set_int_member(o, "address", bar_address(f, i));
    json_object_set_int_member(o, "size", (int64_t)f->bars[i].size);
    if (!f->bars[i].io) {
        json_object_set_boolean_member(o, "prefetch",
                                       f->config[BAR0 + 4 * i] & 8);
        json_object_set_boolean_member(o, "mem_type_64", f->bars[i].wide);
    }
    return o;
}

static JsonArray *regions(const PciView *f)
{
    JsonArray *list = json_array_new();

    for (unsigned i = 0; i < N_BARS; i++) {
        if (f->bars[i].size != 0) {
            json_array_add_object_element(list, region(f, i));
        }
    }
    return list;
}

static JsonObject *identity(const PciView *f)
{
    JsonObject *o = json_object_new();

    json_object_set_int_member(o, "vendor", word(f, VENDOR));
    json_object_set_int_member(o, "device", word(f, VENDOR + 2));
    json_object_set_int_member(o, "subsystem-vendor", word(f, SUBSYS_VENDOR));
    json_object_set_int_member(o, "subsystem", word(f, SUBSYS_VENDOR + 2));
    return o;
}

static JsonObject *range(uint64_t base, uint64_t limit)
{
    JsonObject *o = json_object_new();

    json_object_set_int_member(o, "base", (int64_t)base);
    json_object_set_int_member(o, "limit", (int64_t)limit);
    return o;
}

static uint64_t memory_bits(const PciView *f, unsigned at)
{
    return (uint64_t)(word(f, at) & 0xfff0u) << 16;
}

static JsonObject *bridge_bus(const PciView *f)
{
    JsonObject *o = json_object_new();
    uint64_t base = (uint64_t)dword(f, PREFETCH_BASE_HIGH) << 32;
    uint64_t limit = (uint64_t)dword(f, PREFETCH_LIMIT_HIGH) << 32;

    json_object_set_int_member(o, "number", f->config[SUBORDINATE - 2]);
    json_object_set_int_member(o, "secondary", f->config[SUBORDINATE - 1]);
    json_object_set_int_member(o, "subordinate", f->config[SUBORDINATE]);
    json_object_set_object_member(
        o, "io_range",
        range((f->config[IO_BASE] & 0xf0u) << 8,
              (f->config[IO_BASE + 1] & 0xf0u) << 8 | 0xfff));
    json_object_set_object_member(
        o, "memory_range",
        range(memory_bits(f, MEMORY_BASE),
              memory_bits(f, MEMORY_BASE + 2) | 0xfffff));
    json_object_set_object_member(
        o, "prefetchable_range",
        range(base | memory_bits(f, PREFETCH_BASE),
              limit | memory_bits(f, PREFETCH_BASE + 2) | 0xfffff));
    return o;
}

static JsonArray *functions(const Machine *m, const Device *bridge);

static JsonObject *bridge_info(const Machine *m, const PciView *f)
{
    JsonObject *o = json_object_new();

    json_object_set_object_member(o, "bus", bridge_bus(f));
    json_object_set_array_member(o, "devices", functions(m, f->dev));
    return o;
}

static JsonObject *function(const Machine *m, const PciView *f)
{
    JsonObject *o = json_object_new(), *class = json_object_new();
    unsigned pin = f->config[LINE + 1];

    json_object_set_int_member(o, "bus", f->bus);
    json_object_set_int_member(o, "slot", f->slot);
    json_object_set_int_member(o, "function", f->function);
    json_object_set_int_member(class, "class", word(f, CLASS));
    set_string(class, "desc", class_text(word(f, CLASS)));
    json_object_set_object_member(o, "class_info", class);
    json_object_set_object_member(o, "id", identity(f));
    if (pin != 0) {
        json_object_set_int_member(o, "irq", f->config[LINE]);
    }
    json_object_set_int_member(o, "irq_pin", pin);
    json_object_set_string_member(o, "qdev_id",
                                  f->dev->id != NULL ? f->dev->id : "");
    json_object_set_array_member(o, "regions", regions(f));
    if (f->is_bridge) {
        json_object_set_object_member(o, "pci_bridge", bridge_info(m, f));
    }
    return o;
}

/* Those on the bus behind a bridge; NULL: the host's bus. */
static JsonArray *functions(const Machine *m, const Device *bridge)
{
    JsonArray *list = json_array_new();
    PciView f;

    for (unsigned i = 0; machine_pci_view(m, i, &f); i++) {
        if (f.bridge == bridge) {
            json_array_add_object_element(list, function(m, &f));
        }
    }
    return list;
}

JsonNode *qmp_query_pci(QmpCall *call, JsonObject *args, GError **error)
{
    JsonArray *buses = json_array_new();
    JsonObject *bus = json_object_new();

    json_object_set_int_member(bus, "bus", 0);
    json_object_set_array_member(bus, "devices",
                                 functions(call->control->m, NULL));
    json_array_add_object_element(buses, bus);
    return node_of_array(buses);
}
