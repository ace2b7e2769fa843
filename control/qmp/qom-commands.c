/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/qmp/qom-commands.c - the object tree that tools look through. There
 * is none behind it: paths name what the machine has. /machine the board
 *     /machine/peripheral/ID         a device with id=
 *     /machine/peripheral-anon/device[N]   one without
 *     /machine/unattached/device[N]  CPUs, then the board's own devices
 *     /objects/ID, /chardevs/ID      back ends
 * Properties of devices are those of -device, with the values they have. */
#include <stdio.h>
#include <string.h>

#include "control/qmp/qmp_priv.h"
#include "core/audio.h"
#include "core/net.h"
#include "core/rng.h"
#include "qmp-handlers.h"

typedef enum {
    NODE_ROOT,
    NODE_MACHINE,
    NODE_PERIPHERAL,
    NODE_ANON,
    NODE_UNATTACHED,
    NODE_OBJECTS,
    NODE_CHARDEVS,
    NODE_DEVICE,
    NODE_CPU,
    NODE_LEAF, /* a back end: nothing but a type */
} NodeKind;

typedef struct {
    NodeKind kind;
    const Device *dev; /* NODE_DEVICE */
    const Vcpu *v;     /* NODE_CPU */
    const char *type;  /* NODE_LEAF */
} Node;

/* ---- devices by place ---- */

static NodeKind place_of(const Device *dev)
{
    if (!dev->cls->user_creatable) {
        return NODE_UNATTACHED;
    }
    return dev->id != NULL ? NODE_PERIPHERAL : NODE_ANON;
}

/* The n-th device of a place. */
static const Device *device_at(const Machine *m, NodeKind place, unsigned n)
{
    const GPtrArray *devices = machine_devices(m);

    for (unsigned i = 0; i < devices->len; i++) {
        const Device *dev = g_ptr_array_index(devices, i);

        if (place_of(dev) == place && n-- == 0) {
            return dev;
        }
    }
    return NULL;
}

static const Device *device_by_id(const Machine *m, const char *id)
{
    const Device *dev;

    for (unsigned i = 0; (dev = device_at(m, NODE_PERIPHERAL, i)); i++) {
        if (strcmp(dev->id, id) == 0) {
            return dev;
        }
    }
    return NULL;
}

/* ---- paths ---- */

/* "device[3]" */
static bool parse_index(const char *name, unsigned *n)
{
    int end = 0;

    return sscanf(name, "device[%6u]%n", n, &end) == 1 && name[end] == '\0' &&
           end > 0;
}

static bool find_child(const Machine *m, NodeKind parent, const char *name,
                       Node *out)
{
    const Backends *b = machine_backends(m);
    unsigned n;

    *out = (Node){NODE_DEVICE};
    switch (parent) {
    case NODE_PERIPHERAL:
        out->dev = device_by_id(m, name);
        return out->dev != NULL;
    case NODE_ANON:
        out->dev = parse_index(name, &n) ? device_at(m, parent, n) : NULL;
        return out->dev != NULL;
    case NODE_UNATTACHED:
        if (!parse_index(name, &n)) {
            return false;
        }
        if (n < machine_n_vcpus(m)) {
            *out = (Node){NODE_CPU, .v = machine_vcpu(m, n)};
            return true;
        }
        out->dev = device_at(m, parent, n - machine_n_vcpus(m));
        return out->dev != NULL;
    case NODE_OBJECTS:
        *out = (Node){NODE_LEAF, .type = machine_object_type(m, name)};
        return out->type != NULL;
    case NODE_CHARDEVS:
        *out = (Node){NODE_LEAF, .type = "chardev"};
        return backends_char(b, name) != NULL;
    default:
        return false;
    }
}

static const struct {
    const char *path;
    NodeKind kind;
    const char *type;
} folders[] = {
    {"/", NODE_ROOT, "container"},
    {"/machine", NODE_MACHINE, NULL},
    {"/machine/peripheral", NODE_PERIPHERAL, "container"},
    {"/machine/peripheral-anon", NODE_ANON, "container"},
    {"/machine/unattached", NODE_UNATTACHED, "container"},
    {"/objects", NODE_OBJECTS, "container"},
    {"/chardevs", NODE_CHARDEVS, "container"},
};

static bool find_folder(const char *path, Node *out)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(folders); i++) {
        if (strcmp(folders[i].path, path) == 0) {
            *out = (Node){folders[i].kind, .type = folders[i].type};
            return true;
        }
    }
    return false;
}

/* The part of a device that has a path of its own shows what the device does.
 */
static bool find_inner(const Machine *m, const char *path, Node *out)
{
    const GPtrArray *devices = machine_devices(m);

    for (unsigned i = 0; i < devices->len; i++) {
        const Device *dev = g_ptr_array_index(devices, i);
        g_autofree char *inner = qmp_inner_path(m, dev);

        if (strcmp(inner, path) == 0) {
            *out = (Node){NODE_DEVICE, .dev = dev};
            return true;
        }
    }
    return false;
}

/* A path without a slash is a device's id, as tools also write it. */
static bool find_node(const Machine *m, const char *path, Node *out,
                      GError **error)
{
    const char *slash = strrchr(path, '/');
    g_autofree char *parent =
        slash != NULL && slash > path
            ? g_strndup(path, (size_t)(slash - path))
            : g_strdup(slash != NULL ? "/" : "/machine/peripheral");
    const char *name = slash != NULL ? slash + 1 : path;

    if (find_folder(path, out) ||
        (find_folder(parent, out) && find_child(m, out->kind, name, out)) ||
        find_inner(m, path, out)) {
        return true;
    }
    return qmp_no_device(error, path);
}

char *qmp_device_path(const Machine *m, const Device *dev)
{
    NodeKind place = place_of(dev);
    unsigned n = 0;

    if (place == NODE_PERIPHERAL) {
        return g_strconcat("/machine/peripheral/", dev->id, NULL);
    }
    while (device_at(m, place, n) != dev) {
        n++;
    }
    return place == NODE_ANON
               ? g_strdup_printf("/machine/peripheral-anon/device[%u]", n)
               : g_strdup_printf("/machine/unattached/device[%u]",
                                 n + machine_n_vcpus(m));
}

char *qmp_inner_path(const Machine *m, const Device *dev)
{
    g_autofree char *path = qmp_device_path(m, dev);
    const char *name = dev->cls->name;

    if (g_str_has_prefix(name, "virtio-") && g_str_has_suffix(name, "-pci")) {
        return g_strconcat(path, "/virtio-backend", NULL);
    }
    if (strcmp(name, "usb-storage") == 0 && dev->id != NULL) {
        return g_strdup_printf("%s/%s.0/legacy[0]", path, dev->id);
    }
    return g_steal_pointer(&path);
}

Device *qmp_find_device(const Machine *m, const char *name, GError **error)
{
    Node n;

    if (!find_node(m, name, &n, error)) {
        return NULL;
    }
    return n.kind == NODE_DEVICE ? (Device *)n.dev : qmp_no_device(error, name);
}

/* ---- types ---- */

static const char *arch_suffix(const Machine *m)
{
    return strcmp(machine_target(m)->name, "aarch64") == 0 ? "arm-cpu"
                                                           : "riscv-cpu";
}

static char *node_type(const Machine *m, const Node *n)
{
    switch (n->kind) {
    case NODE_MACHINE:
        return g_strconcat(machine_board_name(m), "-machine", NULL);
    case NODE_DEVICE:
        return g_strdup(n->dev->cls->name);
    case NODE_CPU:
        return g_strconcat(n->v->model, "-", arch_suffix(m), NULL);
    default:
        return g_strdup(n->type);
    }
}

/* ---- lists ---- */

static JsonObject *add_entry(JsonArray *list, const char *name,
                             const char *type)
{
    JsonObject *o = json_object_new();

    json_object_set_string_member(o, "name", name);
    json_object_set_string_member(o, "type", type);
    json_array_add_object_element(list, o);
    return o;
}

static void add_child(const Machine *m, JsonArray *list, const char *name,
                      const Node *node)
{
    g_autofree char *type = node_type(m, node);
    g_autofree char *child = g_strdup_printf("child<%s>", type);

    add_entry(list, name, child);
}

static void add_devices(const Machine *m, JsonArray *list, NodeKind place,
                        unsigned first)
{
    Node n = {NODE_DEVICE};

    for (unsigned i = 0; (n.dev = device_at(m, place, i)) != NULL; i++) {
        g_autofree char *name = place == NODE_PERIPHERAL
                                    ? g_strdup(n.dev->id)
                                    : g_strdup_printf("device[%u]", first + i);

        add_child(m, list, name, &n);
    }
}

static void add_cpus(const Machine *m, JsonArray *list)
{
    for (unsigned i = 0; i < machine_n_vcpus(m); i++) {
        g_autofree char *name = g_strdup_printf("device[%u]", i);
        Node n = {NODE_CPU, .v = machine_vcpu(m, i)};

        add_child(m, list, name, &n);
    }
}

static void add_table(JsonArray *list, GHashTable *table, const char *type)
{
    GHashTableIter iter;
    void *id;

    g_hash_table_iter_init(&iter, table);
    while (g_hash_table_iter_next(&iter, &id, NULL)) {
        add_entry(list, id, type);
    }
}

static void add_objects(JsonArray *list, const Machine *m)
{
    GHashTable *table;
    GHashTableIter iter;
    void *id;

    for (unsigned i = 0; (table = machine_objects(m, i)) != NULL; i++) {
        g_hash_table_iter_init(&iter, table);
        while (g_hash_table_iter_next(&iter, &id, NULL)) {
            g_autofree char *type =
                g_strdup_printf("child<%s>", machine_object_type(m, id));

            add_entry(list, id, type);
        }
    }
}

static const char *prop_type(PropKind kind)
{
    static const char *const names[] = {
        [PROP_BOOL] = "bool",
        [PROP_U32] = "uint32",
        [PROP_U64] = "uint64",
        [PROP_STRING] = "str",
        [PROP_MAC] = "str",
        [PROP_CHAR] = "str",
        [PROP_BLOCK] = "str",
        [PROP_NET] = "str",
        [PROP_RNG] = "link<rng>",
        [PROP_AUDIO] = "str",
        [PROP_ON_OFF_AUTO] = "OnOffAuto",
        [PROP_ON_ERROR] = "BlockdevOnError",
    };

    return names[kind];
}

/* NULL: none, or one that a text does not say. */
static JsonNode *default_value(const PropDesc *p)
{
    const char *text = p->default_value;
    uint64_t number;
    bool on;

    if (text == NULL) {
        return NULL;
    }
    switch (p->kind) {
    case PROP_BOOL:
        return opts_parse_bool(text, &on) ? node_bool(on) : NULL;
    case PROP_U32:
    case PROP_U64:
        return opts_parse_size(text, 1, &number) ? node_int((int64_t)number)
                                                 : NULL;
    case PROP_ON_OFF_AUTO:
    case PROP_ON_ERROR:
        return node_string(text);
    default:
        return NULL;
    }
}

static void add_props(JsonArray *list, const DeviceClass *cls, bool describe)
{
    for (unsigned i = 0; i < cls->n_props; i++) {
        const PropDesc *p = &cls->props[i];
        JsonObject *o = add_entry(list, p->name, prop_type(p->kind));
        JsonNode *value = describe ? default_value(p) : NULL;

        if (describe) {
            set_string(o, "description", p->help);
        }
        if (value != NULL) {
            json_object_set_member(o, "default-value", value);
        }
    }
}

static void add_folders(JsonArray *list, const char *prefix)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(folders); i++) {
        const char *rest = folders[i].path + strlen(prefix);

        if (g_str_has_prefix(folders[i].path, prefix) && *rest != '\0' &&
            strchr(rest, '/') == NULL) {
            g_autofree char *type = g_strdup_printf(
                "child<%s>",
                folders[i].type != NULL ? folders[i].type : "machine");

            add_entry(list, rest, type);
        }
    }
}

static void add_members(const Machine *m, JsonArray *list, const Node *n)
{
    const Backends *b = machine_backends(m);

    switch (n->kind) {
    case NODE_ROOT:
        add_folders(list, "/");
        break;
    case NODE_MACHINE:
        add_folders(list, "/machine/");
        break;
    case NODE_PERIPHERAL:
    case NODE_ANON:
        add_devices(m, list, n->kind, 0);
        break;
    case NODE_UNATTACHED:
        add_cpus(m, list);
        add_devices(m, list, n->kind, machine_n_vcpus(m));
        break;
    case NODE_OBJECTS:
        add_objects(list, m);
        break;
    case NODE_CHARDEVS:
        add_table(list, b->chars, "child<chardev>");
        break;
    case NODE_DEVICE:
        add_props(list, n->dev->cls, false);
        break;
    case NODE_CPU:
    case NODE_LEAF:
        break;
    }
}

JsonNode *qmp_qom_list(QmpCall *call, JsonObject *args, GError **error)
{
    const Machine *m = call->control->m;
    JsonArray *list;
    Node n;

    if (!find_node(m, arg_string(args, "path"), &n, error)) {
        return NULL;
    }
    list = json_array_new();
    add_entry(list, "type", "string");
    add_members(m, list, &n);
    return node_of_array(list);
}

/* ---- values ---- */

static const char *or_empty(const char *s)
{
    return s != NULL ? s : "";
}

/* A string, or the host side that a property names. */
static const void *pointee(const PropDesc *p, const void *field)
{
    switch (p->kind) {
    case PROP_STRING:
    case PROP_CHAR:
    case PROP_BLOCK:
    case PROP_NET:
    case PROP_RNG:
    case PROP_AUDIO:
        return *(void *const *)field;
    default:
        return NULL;
    }
}

static JsonNode *prop_value(const PropDesc *p, const void *field)
{
    static const char *const switches[] = {"off", "on", "auto"};
    const void *backend = pointee(p, field);

    switch (p->kind) {
    case PROP_BOOL:
        return node_bool(*(const bool *)field);
    case PROP_U32:
        return node_int(*(const uint32_t *)field);
    case PROP_U64:
        return node_int((int64_t) * (const uint64_t *)field);
    case PROP_STRING:
        return node_string(or_empty(backend));
    case PROP_MAC:
        return node_mac(field);
    case PROP_CHAR:
        return node_string(backend ? ((const CharDev *)backend)->id : "");
    case PROP_BLOCK:
        return node_string(backend ? ((const BlockDev *)backend)->id : "");
    case PROP_NET:
        return node_string(backend ? ((const NetDev *)backend)->id : "");
    case PROP_RNG:
        return node_string(backend ? ((const RngDev *)backend)->id : "");
    case PROP_AUDIO:
        return node_string(backend ? ((const AudioDev *)backend)->id : "");
    case PROP_ON_OFF_AUTO:
        return node_string(switches[*(const int *)field % 3]);
    case PROP_ON_ERROR:
        return node_string(block_error_names[*(const int *)field]);
    }
    return NULL;
}

static const PropDesc *find_prop(const DeviceClass *cls, const char *name)
{
    for (unsigned i = 0; i < cls->n_props; i++) {
        if (strcmp(cls->props[i].name, name) == 0) {
            return &cls->props[i];
        }
    }
    return NULL;
}

JsonNode *qmp_qom_get(QmpCall *call, JsonObject *args, GError **error)
{
    const Machine *m = call->control->m;
    const char *name = arg_string(args, "property");
    g_autofree char *type = NULL;
    const PropDesc *p;
    Node n;

    if (!find_node(m, arg_string(args, "path"), &n, error)) {
        return NULL;
    }
    type = node_type(m, &n);
    if (strcmp(name, "type") == 0) {
        return node_string(type);
    }
    p = n.kind == NODE_DEVICE ? find_prop(n.dev->cls, name) : NULL;
    if (p == NULL) {
        return qmp_generic(error, "Property '%s.%s' not found", type, name);
    }
    return prop_value(p, (const char *)n.dev + p->offset);
}

JsonNode *qmp_qom_set(QmpCall *call, JsonObject *args, GError **error)
{
    const Machine *m = call->control->m;
    const char *name = arg_string(args, "property");
    g_autofree char *type = NULL;
    Node n;

    if (!find_node(m, arg_string(args, "path"), &n, error)) {
        return NULL;
    }
    type = node_type(m, &n);
    if (n.kind != NODE_DEVICE || find_prop(n.dev->cls, name) == NULL) {
        return qmp_generic(error, "Property '%s.%s' not found", type, name);
    }
    return qmp_generic(error,
                       "Attempt to set property '%s' on %s%s%s (type '%s') "
                       "after it was realized",
                       name,
                       n.dev->id != NULL ? "device '" : "anonymous device",
                       or_empty(n.dev->id), n.dev->id != NULL ? "'" : "", type);
}

/* ---- classes ---- */

static const DeviceClass *find_class(const char *name)
{
    const DeviceClass *const *classes = machine_device_classes();

    for (unsigned i = 0; classes[i] != NULL; i++) {
        if (strcmp(classes[i]->name, name) == 0) {
            return classes[i];
        }
    }
    return NULL;
}

static void add_type(JsonArray *list, const char *name, const char *parent,
                     const char *wanted)
{
    JsonObject *o;

    if (wanted != NULL && strcmp(wanted, parent) != 0 &&
        strcmp(wanted, name) != 0 && strcmp(wanted, "object") != 0) {
        return;
    }
    o = json_object_new();
    json_object_set_string_member(o, "name", name);
    json_object_set_string_member(o, "parent", parent);
    json_array_add_object_element(list, o);
}

JsonNode *qmp_qom_list_types(QmpCall *call, JsonObject *args, GError **error)
{
    const Machine *m = call->control->m;
    const DeviceClass *const *classes = machine_device_classes();
    const char *wanted = arg_string(args, "implements");
    JsonArray *list = json_array_new();
    const char *model, *kind, *parent;
    BoardInfo b;

    for (unsigned i = 0; classes[i] != NULL; i++) {
        add_type(list, classes[i]->name, "device", wanted);
    }
    for (unsigned i = 0; (model = machine_target(m)->cpu_model(i)); i++) {
        g_autofree char *name = g_strconcat(model, "-", arch_suffix(m), NULL);

        add_type(list, name, "cpu", wanted);
    }
    for (unsigned i = 0; machine_board_info(m, i, &b); i++) {
        g_autofree char *name = g_strconcat(b.name, "-machine", NULL);

        add_type(list, name, "machine", wanted);
    }
    for (unsigned i = 0; (kind = machine_object_kind(i, &parent)) != NULL;
         i++) {
        add_type(list, kind, parent, wanted);
    }
    return node_of_array(list);
}

JsonNode *qmp_device_list_properties(QmpCall *call, JsonObject *args,
                                     GError **error)
{
    const char *name = arg_string(args, "typename");
    const DeviceClass *cls = find_class(name);
    JsonArray *list;

    if (cls == NULL) {
        return qmp_no_device(error, name);
    }
    list = json_array_new();
    add_props(list, cls, true);
    return node_of_array(list);
}

/* Of types that are no devices we know but the name. */
static bool is_other_type(const Machine *m, const char *name)
{
    const char *model, *kind;
    BoardInfo b;

    for (unsigned i = 0; (model = machine_target(m)->cpu_model(i)); i++) {
        g_autofree char *type = g_strconcat(model, "-", arch_suffix(m), NULL);

        if (strcmp(type, name) == 0) {
            return true;
        }
    }
    for (unsigned i = 0; machine_board_info(m, i, &b); i++) {
        g_autofree char *type = g_strconcat(b.name, "-machine", NULL);

        if (strcmp(type, name) == 0) {
            return true;
        }
    }
    for (unsigned i = 0; (kind = machine_object_kind(i, NULL)) != NULL; i++) {
        if (strcmp(kind, name) == 0) {
            return true;
        }
    }
    return false;
}

JsonNode *qmp_qom_list_properties(QmpCall *call, JsonObject *args,
                                  GError **error)
{
    const char *name = arg_string(args, "typename");
    const DeviceClass *cls = find_class(name);
    JsonArray *list;

    if (cls == NULL && !is_other_type(call->control->m, name)) {
        return qmp_no_device(error, name);
    }
    list = json_array_new();
    add_entry(list, "type", "string");
    if (cls != NULL) {
        add_props(list, cls, true);
    }
    return node_of_array(list);
}

JsonNode *qmp_query_cpu_definitions(QmpCall *call, JsonObject *args,
                                    GError **error)
{
    const Machine *m = call->control->m;
    JsonArray *list = json_array_new();
    const char *model;

    for (unsigned i = 0; (model = machine_target(m)->cpu_model(i)); i++) {
        g_autofree char *type = g_strconcat(model, "-", arch_suffix(m), NULL);
        JsonObject *o = json_object_new();

        json_object_set_string_member(o, "name", model);
        json_object_set_string_member(o, "typename", type);
        json_object_set_boolean_member(o, "static", FALSE);
        json_object_set_boolean_member(o, "deprecated", FALSE);
        json_array_add_object_element(list, o);
    }
    return node_of_array(list);
}
