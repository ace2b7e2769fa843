/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/control-qmp.c - checks against the schema, dispatch, and a session
 * on a character device whose peer may be stuck. */
#include <string.h>

#include "control/control_priv.h"
#include "control/qmp/qmp_priv.h"
#include "control/wire.h"
#include "tests/unit/boot-bench.h"

/* ---- a device whose other side is the test ---- */

typedef struct {
    CharDev dev;
    GString *out;
    size_t room; /* that the peer still takes */
    unsigned cut_off;
} Wire;

static size_t fake_write(CharDev *c, const uint8_t *bytes, size_t len)
{
    g_assert_not_reached(); /* might wait */
}

static bool fake_send(CharDev *c, const uint8_t *bytes, size_t len)
{
    Wire *w = (Wire *)c;

    if (len > w->room) {
        return false;
    }
    w->room -= len;
    g_string_append_len(w->out, (const char *)bytes, (gssize)len);
    return true;
}

static void fake_disconnect(CharDev *c)
{
    ((Wire *)c)->cut_off++;
    char_event(c, CHAR_CLOSED);
}

static const CharClass fake_class = {
    .name = "fake",
    .write = fake_write,
    .send = fake_send,
    .disconnect = fake_disconnect,
};

typedef struct {
    MachineConfig config;
    Machine *m;
    Control *control;
    Wire wire;
    MachineMonitor place;
} Rig;

static void rig_start(Rig *r)
{
    GError *error = NULL;

    r->m = bench_bare(&r->config, 1);
    r->wire.dev.cls = &fake_class;
    r->wire.dev.id = (char *)"w";
    r->wire.out = g_string_new(NULL);
    r->wire.room = SIZE_MAX;
    r->place = (MachineMonitor){(char *)"w", &r->wire.dev, true, false};
    g_ptr_array_set_free_func((GPtrArray *)machine_monitors(r->m), NULL);
    g_ptr_array_add((GPtrArray *)machine_monitors(r->m), &r->place);
    r->control = control_new(r->m, "test", &error);
    g_assert_no_error(error);
}

static void rig_finish(Rig *r)
{
    control_free(r->control);
    bench_end(&r->config, r->m);
    g_string_free(r->wire.out, TRUE);
}

/* Sends text and takes what comes back until the loop has nothing to do. */
static char *talk(Rig *r, const char *text)
{
    g_string_truncate(r->wire.out, 0);
    while (*text != '\0') {
        size_t n = MIN(char_can_receive(&r->wire.dev), strlen(text));

        char_receive(&r->wire.dev, (const uint8_t *)text, n);
        text += n;
        while (g_main_context_iteration(NULL, FALSE)) {
        }
    }
    return g_strndup(r->wire.out->str, r->wire.out->len);
}

#define expect(r, in, out)            \
 do {                                 \
  g_autofree char *got = talk(r, in); \
  g_assert_cmpstr(got, ==, out);      \
 } while (0)
#define ERROR(class, text) \
 "{\"error\": {\"class\": \"" class "\", \"desc\": \"" text "\"}}\r\n"
#define GENERIC(text) ERROR("GenericError", text)

static void open_wire(Rig *r)
{
    char_event(&r->wire.dev, CHAR_OPENED);
    g_assert_true(
        g_str_has_prefix(r->wire.out->str, "{\"QMP\": {\"version\": "));
}

static void negotiate(Rig *r, const char *enable)
{
    g_autofree char *text = g_strdup_printf(
        "{'execute':'qmp_capabilities','arguments':{'enable':[%s]}}", enable);

    expect(r, text, "{\"return\": {}}\r\n");
}

/* ---- dispatch ---- */

static void test_negotiation(void)
{
    Rig r = {0};

    rig_start(&r);
    g_assert_cmpstr(r.wire.out->str, ==, ""); /* nobody there */
    open_wire(&r);
    expect(&r, "{'execute':'query-status'}",
           ERROR("CommandNotFound", "Expecting capabilities negotiation with "
                                    "'qmp_capabilities'"));
    expect(&r, "{'execute':'qmp_capabilities','arguments':{'enable':['fly']}}",
           GENERIC("Parameter 'enable[0]' does not accept value 'fly'"));
    negotiate(&r, "");
    expect(&r, "{'execute':'qmp_capabilities'}",
           ERROR("CommandNotFound", "Capabilities negotiation is already "
                                    "complete, command ignored"));
    expect(&r, "{'exec-oob':'query-status'}",
           GENERIC("QMP input member 'exec-oob' is unexpected"));
    /* The next client starts anew. */
    char_event(&r.wire.dev, CHAR_CLOSED);
    g_string_truncate(r.wire.out, 0);
    open_wire(&r);
    negotiate(&r, "'oob'");
    expect(&r, "{'exec-oob':'query-status'}",
           GENERIC("The command query-status does not support OOB"));
    expect(&r, "{'exec-oob':'query-status','execute':'query-status'}",
           GENERIC("QMP input member 'execute' clashes with 'exec-oob'"));
    rig_finish(&r);
}

static void test_errors(void)
{
    Rig r = {0};

    rig_start(&r);
    open_wire(&r);
    negotiate(&r, "");
    expect(&r, "[1]", GENERIC("QMP input must be a JSON object"));
    expect(&r, "{'arguments':{}}", GENERIC("QMP input lacks member 'execute'"));
    expect(&r, "{'execute':1}",
           GENERIC("QMP input member 'execute' must be a string"));
    expect(&r, "{'execute':'stop','arguments':[]}",
           GENERIC("QMP input member 'arguments' must be an object"));
    expect(&r, "{'execute':'stop','x':1}",
           GENERIC("QMP input member 'x' is unexpected"));
    expect(&r, "{'execute':'stop','arguments':{'x':1}}",
           GENERIC("Parameter 'x' is unexpected"));
    expect(&r, "{'execute':'nope','id':[{}]}",
           "{\"error\": {\"class\": \"CommandNotFound\", \"desc\": \"The "
           "command nope has not been found\"}, \"id\": [{}]}\r\n");
    expect(&r, "{'execute':'query-gic-capabilities'}",
           ERROR("CommandNotFound",
                 "The command query-gic-capabilities has not been found"));
    expect(&r, "{'execute':", "");
    expect(&r, "\xff", GENERIC("JSON parse error, stray control character"));
    expect(&r, "{'execute':'query-status','id':null}",
           "{\"return\": {\"status\": \"prelaunch\", \"running\": false}, "
           "\"id\": null}\r\n");
    rig_finish(&r);
}

/* A command that may overtake is answered before those that wait. */
static void test_out_of_band(void)
{
    Rig r = {0};

    rig_start(&r);
    open_wire(&r);
    negotiate(&r, "'oob'");
    expect(&r,
           "{'execute':'query-name','id':1}{'exec-oob':'query-yank','id':2}",
           "{\"return\": [], \"id\": 2}\r\n{\"return\": {}, \"id\": 1}\r\n");
    expect(&r,
           "{'exec-oob':'yank','arguments':{'instances':[{'type':'chardev',"
           "'id':'x'}]}}",
           ERROR("DeviceNotFound", "Instance not found"));
    rig_finish(&r);
}

/* ---- types: what no command has yet is checked here ---- */

static const QmpType t_int = {"int", QMP_INTEGER, INT64_MIN, INT64_MAX};
static const QmpType t_u8 = {"uint8", QMP_INTEGER, 0, 255};
static const QmpType t_u64 = {"uint64", QMP_INTEGER, 0, UINT64_MAX};
static const QmpType t_number = {"number", QMP_NUMBER};
static const QmpType t_bool = {"bool", QMP_BOOLEAN};
static const QmpType t_str = {"str", QMP_STRING};
static const QmpType t_list = {
    .name = "list", .kind = QMP_ARRAY, .element = &t_u8};
static const QmpMember inner_members[] = {{"l", &t_list, true}, {NULL}};
static const QmpType t_inner = {
    .name = "inner", .kind = QMP_OBJECT, .members = inner_members};
static const char *const kinds[] = {"a", "b", NULL};
static const QmpType t_kind = {
    .name = "kind", .kind = QMP_ENUM, .values = kinds};
static const QmpMember b_members[] = {{"n", &t_number, false}, {NULL}};
static const QmpType t_b = {
    .name = "b", .kind = QMP_OBJECT, .members = b_members};
static const QmpVariant variants[] = {{"b", &t_b}, {NULL}};
static const QmpMember members[] = {
    {"kind", &t_kind, false},
    {"i", &t_int, true},
    {"u", &t_u64, true},
    {"o", &t_inner, true},
    {"flag", &t_bool, true},
    {"s", &t_str, true},
    {NULL},
};
static const QmpType t_union = {.name = "union",
                                .kind = QMP_OBJECT,
                                .members = members,
                                .tag = "kind",
                                .variants = variants};

static void expect_check(const char *text, const char *why)
{
    g_autoptr(JsonNode) node = wire_parse(text, strlen(text), NULL);
    g_autoptr(GError) error = NULL;
    bool good = qmp_check(&t_union, node, &error);

    g_assert_cmpint(good, ==, why == NULL);
    g_assert_cmpstr(error != NULL ? error->message : NULL, ==, why);
}

static void test_check(void)
{
    expect_check("{'kind':'a'}", NULL);
    expect_check(
        "{'kind':'a','i':-5,'u':18446744073709551615,'s':'','flag':true,"
        "'o':{'l':[0,255]}}",
        NULL);
    expect_check("{'kind':'b','n':1}", NULL);
    expect_check("{'kind':'b','n':1.5}", NULL);
    expect_check("{}", "Parameter 'kind' is missing");
    expect_check("{'kind':'b'}", "Parameter 'n' is missing");
    expect_check("{'kind':'a','n':1}", "Parameter 'n' is unexpected");
    expect_check("{'kind':'c'}", "Parameter 'kind' does not accept value 'c'");
    expect_check("{'kind':1}",
                 "Invalid parameter type for 'kind', expected: string");
    expect_check("{'kind':'a','i':'1'}",
                 "Invalid parameter type for 'i', expected: integer");
    expect_check("{'kind':'a','u':1.5}", "Parameter 'u' expects uint64");
    expect_check("{'kind':'a','flag':1}",
                 "Invalid parameter type for 'flag', expected: boolean");
    expect_check("{'kind':'a','s':null}",
                 "Invalid parameter type for 's', expected: string");
    expect_check("{'kind':'a','o':[]}",
                 "Invalid parameter type for 'o', expected: object");
    expect_check("{'kind':'a','o':{'l':{}}}",
                 "Invalid parameter type for 'o.l', expected: array");
    expect_check("{'kind':'a','o':{'l':[1,256]}}",
                 "Parameter 'o.l[1]' expects uint8");
    expect_check("{'kind':'a','o':{'m':1}}", "Parameter 'o.m' is unexpected");
    expect_check("{'kind':'b','n':'1'}",
                 "Invalid parameter type for 'n', expected: number");
}

/* ---- the schema ---- */

static JsonNode *ask(Rig *r, const char *command)
{
    GError *error = NULL;
    JsonNode *n = qmp_run(r->control, command, NULL, &error);

    g_assert_no_error(error);
    return n;
}

static bool lists(JsonArray *a, const char *name)
{
    for (unsigned i = 0; i < json_array_get_length(a); i++) {
        JsonObject *o = json_array_get_object_element(a, i);

        if (strcmp(json_object_get_string_member(o, "name"), name) == 0) {
            return true;
        }
    }
    return false;
}

static void expect_defined(JsonArray *all, JsonObject *o, const char *member)
{
    if (json_object_has_member(o, member)) {
        g_assert_true(lists(all, json_object_get_string_member(o, member)));
    }
}

/* Every type that is named is there; commands are those of query-commands. */
static void test_schema(void)
{
    g_autoptr(JsonNode) schema = NULL, commands = NULL;
    JsonArray *all, *names;
    unsigned n = 0;
    Rig r = {0};

    rig_start(&r);
    schema = ask(&r, "query-qmp-schema");
    commands = ask(&r, "query-commands");
    all = json_node_get_array(schema);
    names = json_node_get_array(commands);
    for (unsigned i = 0; i < json_array_get_length(all); i++) {
        JsonObject *o = json_array_get_object_element(all, i);

        expect_defined(all, o, "arg-type");
        expect_defined(all, o, "ret-type");
        expect_defined(all, o, "element-type");
        if (strcmp(json_object_get_string_member(o, "meta-type"), "command") ==
            0) {
            g_assert_true(
                lists(names, json_object_get_string_member(o, "name")));
            n++;
        }
    }
    g_assert_cmpuint(n, ==, json_array_get_length(names));
    g_assert_true(lists(all, "STOP"));
    g_assert_false(lists(all, "query-gic-capabilities"));
    rig_finish(&r);
}

/* ---- order and bounds ---- */

static void test_stuck_peer(void)
{
    Rig r = {0};

    rig_start(&r);
    open_wire(&r);
    negotiate(&r, "");
    r.wire.room = 100; /* and never more */
    expect(&r, "{'execute':'query-commands'}{'execute':'query-name'}", "");
    g_assert_cmpuint(r.wire.cut_off, ==, 1);
    /* Events have nowhere to go. */
    qmp_emit(r.control, "STOP", NULL);
    g_assert_cmpuint(r.wire.out->len, ==, 0);
    /* The next client is served. */
    r.wire.room = SIZE_MAX;
    open_wire(&r);
    negotiate(&r, "");
    rig_finish(&r);
}

/* A flood of requests makes the device wait, not our memory grow. */
static void test_backlog(void)
{
    unsigned taken = 0;
    Rig r = {0};

    rig_start(&r);
    open_wire(&r);
    while (taken < 1000 && char_can_receive(&r.wire.dev) > 0) {
        char_receive(&r.wire.dev, (const uint8_t *)"{}", 2);
        taken++;
    }
    g_assert_cmpuint(taken, ==, 8);
    while (g_main_context_iteration(NULL, FALSE)) {
    }
    g_assert_cmpuint(char_can_receive(&r.wire.dev), >, 0);
    rig_finish(&r);
}

static void test_events(void)
{
    Rig r = {0};

    rig_start(&r);
    open_wire(&r);
    g_string_truncate(r.wire.out, 0);
    qmp_emit(r.control, "STOP", NULL);
    g_assert_cmpstr(r.wire.out->str, ==, ""); /* not negotiated */
    negotiate(&r, "");
    g_string_truncate(r.wire.out, 0);
    qmp_emit(r.control, "RESUME", NULL);
    g_assert_true(
        g_str_has_prefix(r.wire.out->str, "{\"timestamp\": {\"seconds\": "));
    g_assert_true(
        g_str_has_suffix(r.wire.out->str, "\"event\": \"RESUME\"}\r\n"));
    rig_finish(&r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/qmp/negotiation", test_negotiation);
    g_test_add_func("/qmp/errors", test_errors);
    g_test_add_func("/qmp/out-of-band", test_out_of_band);
    g_test_add_func("/qmp/check", test_check);
    g_test_add_func("/qmp/schema", test_schema);
    g_test_add_func("/qmp/stuck-peer", test_stuck_peer);
    g_test_add_func("/qmp/backlog", test_backlog);
    g_test_add_func("/qmp/events", test_events);
    return g_test_run();
}
