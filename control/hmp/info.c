/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/hmp/info.c - what "info" shows. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/hmp/hmp_priv.h"
#include "control/qmp/qmp_priv.h"
#include "core/bus-view.h"
#include "core/net.h"
#include "core/remote.h"
#include "util/opts.h"

/* ---- members of QMP's answers ---- */

static const char *text_of(JsonObject *o, const char *name)
{
    const char *s = json_object_get_string_member_with_default(o, name, NULL);

    return s != NULL ? s : "";
}

static bool is_true(JsonObject *o, const char *name)
{
    return json_object_get_boolean_member_with_default(o, name, FALSE);
}

typedef void EachFn(HmpCall *call, JsonObject *o);

/* Calls fn for each object of a query's list. */
static void for_each(HmpCall *call, const char *query, EachFn *fn)
{
    g_autoptr(JsonNode) n = hmp_qmp(call, query, NULL);
    JsonArray *list = n != NULL ? json_node_get_array(n) : NULL;

    for (unsigned i = 0; list != NULL && i < json_array_get_length(list); i++) {
        fn(call, json_array_get_object_element(list, i));
    }
}

/* ---- the machine ---- */

static void info_status(HmpCall *call)
{
    const Machine *m = call->control->m;
    RunState state = machine_run_state(m);

    hmp_print(call, "VM status: %s",
              machine_is_running(m) ? "running" : "paused");
    if (state != RUN_STATE_RUNNING && state != RUN_STATE_PAUSED) {
        hmp_print(call, " (%s)", run_state_name(state));
    }
    hmp_print(call, "\n");
}

static void info_version(HmpCall *call)
{
    hmp_print(call, "10.0.0 (Cuttle %s)\n", call->control->version);
}

static void print_mouse(HmpCall *call, JsonObject *o)
{
    hmp_print(call, "%c Mouse #%" PRId64 ": %s%s\n",
              is_true(o, "current") ? '*' : ' ',
              json_object_get_int_member(o, "index"), text_of(o, "name"),
              is_true(o, "absolute") ? " (absolute)" : "");
}

static void info_mice(HmpCall *call)
{
    for_each(call, "query-mice", print_mouse);
}

static void info_name(HmpCall *call)
{
    const char *name = machine_config(call->control->m)->name;

    if (name != NULL) {
        hmp_print(call, "%s\n", name);
    }
}

static void info_uuid(HmpCall *call)
{
    g_autoptr(JsonNode) n = hmp_qmp(call, "query-uuid", NULL);

    hmp_print(call, "%s\n", text_of(json_node_get_object(n), "UUID"));
}

static void print_cpu(HmpCall *call, JsonObject *o)
{
    int64_t index = json_object_get_int_member(o, "cpu-index");

    hmp_print(call, "%c CPU #%" PRId64 ": thread_id=%" PRId64 "\n",
              index == *call->cpu ? '*' : ' ', index,
              json_object_get_int_member(o, "thread-id"));
}

static void info_cpus(HmpCall *call)
{
    for_each(call, "query-cpus-fast", print_cpu);
}

static void print_registers(HmpCall *call, unsigned i)
{
    Vcpu *v = machine_vcpu(call->control->m, i);
    g_autofree char *text = v->target->print_state(v);

    hmp_print(call, "\nCPU#%u\n pc 0x%016" PRIx64 "%s\n%s\n", i, v->pc,
              v->halted ? " (halted)" : "", text);
}

/* [-a|CPU] */
static void info_registers(HmpCall *call)
{
    Machine *m = call->control->m;
    bool all = call->n_words > 1 && strcmp(call->words[1], "-a") == 0;
    uint64_t n = *call->cpu;

    if (!all && call->n_words > 1 &&
        (!opts_parse_uint(call->words[1], &n) || n >= machine_n_vcpus(m))) {
        hmp_print(call, "CPU#%s not available\n", call->words[1]);
        return;
    }
    machine_hold(m);
    for (unsigned i = 0; i < machine_n_vcpus(m); i++) {
        if (all || i == n) {
            print_registers(call, i);
        }
    }
    machine_release(m);
}

static void info_irq(HmpCall *call)
{
    Machine *m = call->control->m;

    for (unsigned i = 0; i < machine_n_vcpus(m); i++) {
        Vcpu *v = machine_vcpu(m, i);

        hmp_print(call, "CPU#%u: input lines 0x%" PRIx64 ", %s\n", i,
                  (uint64_t)atomic_load(&v->irq_lines),
                  v->halted ? "halted" : "not halted");
    }
}

/* What a function prints into a file. */
typedef void PrintFn(const Machine *m, unsigned cpu, FILE *out);

static void print_file(HmpCall *call, PrintFn *fn)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    if (out != NULL) {
        machine_hold(call->control->m);
        fn(call->control->m, *call->cpu, out);
        machine_release(call->control->m);
        fclose(out);
        g_string_append_len(call->out, text, (gssize)len);
        free(text);
    }
}

static void print_stats(const Machine *m, unsigned cpu, FILE *out)
{
    machine_print_stats(m, out);
}

static void info_jit(HmpCall *call)
{
    print_file(call, print_stats);
}

static void info_tlb(HmpCall *call)
{
    print_file(call, machine_print_tlb);
}

/* ---- memory ---- */

static void info_memory_size(HmpCall *call)
{
    hmp_print(call, "base memory: %" PRIu64 "\nplugged memory: 0\n",
              machine_config(call->control->m)->ram_bytes);
}

static void print_region(void *opaque, const BusRegionView *r)
{
    HmpCall *call = opaque;

    hmp_print(call, "  %016" PRIx64 "-%016" PRIx64 " (%s): %s", r->base,
              r->last, r->kind, r->name);
    if (r->id != NULL) {
        hmp_print(call, " (%s)", r->id);
    }
    hmp_print(call, "\n");
}

static void info_mtree(HmpCall *call)
{
    hmp_print(call, "address-space: memory\n");
    bus_for_each(machine_bus(call->control->m), print_region, call);
}

static void info_ramblock(HmpCall *call)
{
    const GPtrArray *rams = machine_rams(call->control->m);

    hmp_print(call, "%-30s %18s\n", "Block Name", "Size");
    for (unsigned i = 0; i < rams->len; i++) {
        const Ram *r = g_ptr_array_index(rams, i);

        hmp_print(call, "%-30s 0x%016" PRIx64 "\n", r->name, r->size);
    }
}

static void info_roms(HmpCall *call)
{
    MachineRom rom;

    for (unsigned i = 0; machine_rom(call->control->m, i, &rom); i++) {
        hmp_print(call,
                  "addr=%016" PRIx64 " size=0x%06" PRIx64
                  " mem=ram name=\"%s\"\n",
                  rom.start, rom.end - rom.start, rom.name);
    }
}

/* ---- devices ---- */

static void print_prop(HmpCall *call, const char *path, const PropDesc *p)
{
    JsonObject *args = json_object_new();
    g_autoptr(JsonNode) n = NULL;

    json_object_set_string_member(args, "path", path);
    json_object_set_string_member(args, "property", p->name);
    n = hmp_qmp(call, "qom-get", args);
    if (n == NULL) {
        return;
    }
    if (json_node_get_value_type(n) == G_TYPE_STRING) {
        hmp_print(call, "    %s = \"%s\"\n", p->name, json_node_get_string(n));
    } else if (json_node_get_value_type(n) == G_TYPE_BOOLEAN) {
        hmp_print(call, "    %s = %s\n", p->name,
                  json_node_get_boolean(n) ? "true" : "false");
    } else {
        hmp_print(call, "    %s = %" PRIu64 " (0x%" PRIx64 ")\n", p->name,
                  (uint64_t)json_node_get_int(n),
                  (uint64_t)json_node_get_int(n));
    }
}

static void info_qtree(HmpCall *call)
{
    const Machine *m = call->control->m;
    const GPtrArray *devices = machine_devices(m);

    hmp_print(call, "bus: main-system-bus\n");
    for (unsigned i = 0; i < devices->len; i++) {
        const Device *dev = g_ptr_array_index(devices, i);
        const DeviceClass *cls = dev->cls;
        g_autofree char *path = qmp_device_path(m, dev);

        hmp_print(call, "  dev: %s, id \"%s\"\n", cls->name,
                  dev->id != NULL ? dev->id : "");
        for (unsigned p = 0; p < cls->n_props; p++) {
            print_prop(call, path, &cls->props[p]);
        }
    }
}

static void print_regions(HmpCall *call, JsonArray *regions)
{
    for (unsigned i = 0; i < json_array_get_length(regions); i++) {
        JsonObject *r = json_array_get_object_element(regions, i);
        bool io = strcmp(text_of(r, "type"), "io") == 0;
        uint64_t at = (uint64_t)json_object_get_int_member(r, "address");
        uint64_t last =
            at + (uint64_t)json_object_get_int_member(r, "size") - 1;

        hmp_print(call,
                  "      BAR%" PRId64 ": %s at 0x%0*" PRIx64 " [0x%0*" PRIx64
                  "].\n",
                  json_object_get_int_member(r, "bar"),
                  io                          ? "I/O"
                  : is_true(r, "mem_type_64") ? "64 bit memory"
                                              : "32 bit memory",
                  io ? 4 : 8, at, io ? 4 : 8, at == UINT64_MAX ? at : last);
    }
}

static void print_range(HmpCall *call, JsonObject *bus, const char *name,
                        const char *what, int digits)
{
    JsonObject *r = json_object_get_object_member(bus, name);

    hmp_print(call, "      %s range [0x%0*" PRIx64 ", 0x%0*" PRIx64 "]\n", what,
              digits, (uint64_t)json_object_get_int_member(r, "base"), digits,
              (uint64_t)json_object_get_int_member(r, "limit"));
}

static void print_bus(HmpCall *call, JsonObject *bus);

static void print_bridge(HmpCall *call, JsonObject *bridge)
{
    JsonObject *bus = json_object_get_object_member(bridge, "bus");

    hmp_print(call, "      BUS %" PRId64 ".\n",
              json_object_get_int_member(bus, "number"));
    hmp_print(call, "      secondary bus %" PRId64 ".\n",
              json_object_get_int_member(bus, "secondary"));
    hmp_print(call, "      subordinate bus %" PRId64 ".\n",
              json_object_get_int_member(bus, "subordinate"));
    print_range(call, bus, "io_range", "IO", 4);
    print_range(call, bus, "memory_range", "memory", 8);
    print_range(call, bus, "prefetchable_range", "prefetchable memory", 8);
    print_bus(call, bridge);
}

static void print_function(HmpCall *call, JsonObject *f)
{
    JsonObject *class = json_object_get_object_member(f, "class_info");
    JsonObject *id = json_object_get_object_member(f, "id");

    hmp_print(call,
              "  Bus %2" PRId64 ", device %3" PRId64 ", function %" PRId64
              ":\n",
              json_object_get_int_member(f, "bus"),
              json_object_get_int_member(f, "slot"),
              json_object_get_int_member(f, "function"));
    hmp_print(call, "    %s: PCI device %04x:%04x\n", text_of(class, "desc"),
              (unsigned)json_object_get_int_member(id, "vendor"),
              (unsigned)json_object_get_int_member(id, "device"));
    if (json_object_get_int_member(f, "irq_pin") != 0) {
        hmp_print(call, "      IRQ %" PRId64 ", pin %c\n",
                  json_object_get_int_member(f, "irq"),
                  'A' - 1 + (char)json_object_get_int_member(f, "irq_pin"));
    }
    print_regions(call, json_object_get_array_member(f, "regions"));
    hmp_print(call, "      id \"%s\"\n", text_of(f, "qdev_id"));
    if (json_object_has_member(f, "pci_bridge")) {
        print_bridge(call, json_object_get_object_member(f, "pci_bridge"));
    }
}

static void print_bus(HmpCall *call, JsonObject *bus)
{
    JsonArray *devices = json_object_get_array_member(bus, "devices");

    for (unsigned i = 0; i < json_array_get_length(devices); i++) {
        print_function(call, json_array_get_object_element(devices, i));
    }
}

static void info_pci(HmpCall *call)
{
    for_each(call, "query-pci", print_bus);
}

static void info_usb(HmpCall *call)
{
    UsbView u;

    for (unsigned i = 0; machine_usb_view(call->control->m, i, &u); i++) {
        hmp_print(call,
                  "  Device %u.%u, Port %s, Speed %s Mb/s, Product %s%s%s\n",
                  u.bus, u.address, u.port, u.speed, u.product,
                  u.dev->id != NULL ? ", ID: " : "",
                  u.dev->id != NULL ? u.dev->id : "");
    }
}

static void info_balloon(HmpCall *call)
{
    g_autoptr(JsonNode) n = hmp_qmp(call, "query-balloon", NULL);

    if (n != NULL) {
        hmp_print(
            call, "balloon: actual=%" PRId64 "\n",
            json_object_get_int_member(json_node_get_object(n), "actual") >>
                20);
    }
}

/* ---- the host's side ---- */

static void print_block(HmpCall *call, JsonObject *b)
{
    JsonObject *in = json_object_get_object_member(b, "inserted");
    JsonObject *cache = json_object_get_object_member(in, "cache");
    const char *device = text_of(b, "device"), *state = text_of(b, "io-status");

    hmp_print(call, "%s: %s (%s%s)\n",
              *device != '\0' ? device : text_of(in, "node-name"),
              text_of(in, "file"), text_of(in, "drv"),
              is_true(in, "ro") ? ", read-only" : "");
    if (*text_of(b, "qdev") != '\0') {
        hmp_print(call, "    Attached to:      %s\n", text_of(b, "qdev"));
    }
    hmp_print(call, "    Cache mode:       %s\n",
              is_true(cache, "writeback") ? "writeback" : "writethrough");
    if (*state != '\0' && strcmp(state, "ok") != 0) {
        hmp_print(call, "    I/O status:       %s\n", state);
    }
}

static void info_block(HmpCall *call)
{
    for_each(call, "query-block", print_block);
}

static void print_blockstats(HmpCall *call, JsonObject *b)
{
    static const char *const names[] = {
        "rd_bytes",         "wr_bytes",
        "rd_operations",    "wr_operations",
        "flush_operations", "wr_total_time_ns",
        "rd_total_time_ns", "flush_total_time_ns",
        "rd_merged",        "wr_merged",
        "idle_time_ns"};
    JsonObject *stats = json_object_get_object_member(b, "stats");

    hmp_print(call, "%s:",
              *text_of(b, "device") != '\0' ? text_of(b, "device")
                                            : text_of(b, "node-name"));
    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        hmp_print(call, " %s=%" PRId64, names[i],
                  json_object_get_int_member_with_default(stats, names[i], 0));
    }
    hmp_print(call, "\n");
}

static void info_blockstats(HmpCall *call)
{
    for_each(call, "query-blockstats", print_blockstats);
}

static void print_chardev(HmpCall *call, JsonObject *c)
{
    hmp_print(call, "%s: filename=%s\n", text_of(c, "label"),
              text_of(c, "filename"));
}

static void info_chardev(HmpCall *call)
{
    for_each(call, "query-chardev", print_chardev);
}

static void print_card(HmpCall *call, const Device *dev, const NetDev *n)
{
    g_autofree char *name = qmp_card_name(call->control->m, dev);

    hmp_print(call, "%s: index=0,type=nic,model=%s", name, dev->cls->name);
    for (unsigned p = 0; p < dev->cls->n_props; p++) {
        const PropDesc *prop = &dev->cls->props[p];
        const uint8_t *mac = (const uint8_t *)dev + prop->offset;

        if (prop->kind == PROP_MAC) {
            hmp_print(call, ",macaddr=%02x:%02x:%02x:%02x:%02x:%02x", mac[0],
                      mac[1], mac[2], mac[3], mac[4], mac[5]);
        }
    }
    hmp_print(call, "\n \\ %s: index=0,type=%s\n", n->id, n->cls->name);
}

static void info_network(HmpCall *call)
{
    const GPtrArray *devices = machine_devices(call->control->m);
    GHashTableIter iter;
    void *net;

    for (unsigned i = 0; i < devices->len; i++) {
        const Device *dev = g_ptr_array_index(devices, i);

        for (unsigned p = 0; p < dev->cls->n_props; p++) {
            const PropDesc *prop = &dev->cls->props[p];
            const NetDev *n =
                prop->kind == PROP_NET
                    ? *(NetDev *const *)((const char *)dev + prop->offset)
                    : NULL;

            if (n != NULL) {
                print_card(call, dev, n);
            }
        }
    }
    g_hash_table_iter_init(&iter, machine_backends(call->control->m)->nets);
    while (g_hash_table_iter_next(&iter, NULL, &net)) {
        const NetDev *n = net;

        if (n->front == NULL) {
            hmp_print(call, "%s: index=0,type=%s\n", n->id, n->cls->name);
        }
    }
}

static void print_remote(HmpCall *call, const char *what, JsonObject *a)
{
    hmp_print(call, "  %s: %s:%s (%s)%s\n", what, text_of(a, "host"),
              text_of(a, "service"), text_of(a, "family"),
              is_true(a, "websocket") ? " (Websocket)" : "");
}

static void print_auth(HmpCall *call, const char *indent, JsonObject *s)
{
    const char *sub = text_of(s, "vencrypt");

    hmp_print(call, "%sAuth: %s (Sub: %s)\n", indent, text_of(s, "auth"),
              *sub != '\0' ? sub : "none");
}

static void print_vnc_server(HmpCall *call, JsonObject *s)
{
    JsonArray *at = json_object_get_array_member(s, "server");
    JsonArray *clients = json_object_get_array_member(s, "clients");

    hmp_print(call, "%s:\n", text_of(s, "id"));
    for (unsigned i = 0; i < json_array_get_length(at); i++) {
        JsonObject *server = json_array_get_object_element(at, i);

        print_remote(call, "Server", server);
        print_auth(call, "    ", server);
    }
    for (unsigned i = 0; i < json_array_get_length(clients); i++) {
        print_remote(call, "Client", json_array_get_object_element(clients, i));
    }
    print_auth(call, "  ", s);
}

static void info_vnc(HmpCall *call)
{
    const Remotes *all = machine_backends(call->control->m)->remotes;
    const RemoteServer *s;

    if (remotes_get(all, 0) == NULL) {
        hmp_print(call, "None\n");
    }
    for_each(call, "query-vnc-servers", print_vnc_server);
    for (unsigned i = 0; (s = remotes_get(all, i)) != NULL; i++) {
        if (s->wrong_passwords > 0) {
            hmp_print(call, "%s: %u wrong passwords\n", s->id,
                      s->wrong_passwords);
        }
    }
}

/* clang-format off */
const HmpCommand hmp_infos[] = {
    { "balloon", "", "the RAM that the guest has left", 0, 0, info_balloon },
    { "block", "", "the disks", 0, 0, info_block },
    { "blockstats", "", "what went to and from the disks", 0, 0, info_blockstats },
    { "chardev", "", "the character devices", 0, 0, info_chardev },
    { "cpus", "", "the CPUs and their host threads", 0, 0, info_cpus },
    { "irq|pic", "", "the CPUs' interrupt lines", 0, 0, info_irq },
    { "jit", "", "translation: code cache, TLBs, interrupts", 0, 0, info_jit },
    { "memory_size_summary", "", "the size of RAM", 0, 0, info_memory_size },
    { "mice", "", "the pointers", 0, 0, info_mice },
    { "mtree", "", "the address map", 0, 0, info_mtree },
    { "name", "", "the machine's name", 0, 0, info_name },
    { "network", "", "network cards and their host sides", 0, 0, info_network },
    { "pci", "", "PCI functions", 0, 0, info_pci },
    { "qtree", "", "devices and their properties", 0, 0, info_qtree },
    { "ramblock", "", "pieces of RAM", 0, 0, info_ramblock },
    { "registers", "[-a|CPU]", "a CPU's registers; -a: all CPUs'", 0, 1, info_registers },
    { "roms", "", "what was loaded at the last reset", 0, 0, info_roms },
    { "status", "", "whether the machine runs", 0, 0, info_status },
    { "tlb|mem", "", "translations the CPU made lately", 0, 0, info_tlb },
    { "trace-events", "[NAME|PATTERN]", "trace events, and whether they are on", 0, 1, hmp_info_trace_events },
    { "usb", "", "devices on USB", 0, 0, info_usb },
    { "uuid", "", "the machine's UUID", 0, 0, info_uuid },
    { "version", "", "the version", 0, 0, info_version },
    { "vnc", "", "VNC servers, their clients, wrong passwords", 0, 0, info_vnc },
    { NULL },
};
/* clang-format on */
