/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/store-document.c - JSON of strangers: what is wrong is named. */
#include <string.h>

#include "store/document.h"
#include "store/transfer.h"
#include "util/json-doc.h"

#define HEX  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define DESC "{\"mediaType\":\"m\",\"digest\":\"sha256:" HEX "\",\"size\":3}"

typedef struct {
    const char *text, *error;
} Case;

static void test_manifest_errors(void)
{
    static const Case cases[] = {
        {"", "m: JSON parse error"},
        {"{", "m: JSON parse error, "},
        {"[]", "m: not a JSON object"},
        {"\xff", "m: JSON parse error, "},
        {"{}", "m: schemaVersion: 0 is not 2"},
        {"{\"schemaVersion\":\"2\"}", "m: schemaVersion: not a whole number"},
        {"{\"schemaVersion\":2}", "m: config: missing"},
        {"{\"schemaVersion\":2,\"config\":[]}", "m: config: not an object"},
        {"{\"schemaVersion\":2,\"config\":{}}",
         "m: config: mediaType: missing"},
        {"{\"schemaVersion\":2,\"config\":{\"mediaType\":\"a\",\"digest\":\"b\","
         "\"size\":1}}",
         "m: config: digest: 'b' is not a digest"},
        {"{\"schemaVersion\":2,\"config\":{\"mediaType\":\"a\",\"digest\":"
         "\"sha256:" HEX "\",\"size\":-1}}",
         "m: config: size: -1 is negative"},
        {"{\"schemaVersion\":2,\"config\":{\"mediaType\":\"a\",\"digest\":"
         "\"sha256:" HEX "\"}}",
         "m: config: size: missing"},
        {"{\"schemaVersion\":2,\"config\":" DESC ",\"layers\":[1]}",
         "m: layers[0]: not an object"},
        {"{\"schemaVersion\":2,\"config\":" DESC ",\"layers\":[" DESC ",{}]}",
         "m: layers[1]: mediaType: missing"},
        {"{\"schemaVersion\":2,\"mediaType\":\"x/y\",\"config\":" DESC "}",
         "m: mediaType: 'x/y' is not an image manifest"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(ImageManifest) m =
            manifest_parse(cases[i].text, strlen(cases[i].text), "m", &error);

        g_assert_null(m);
        g_assert_nonnull(error);
        if (!g_str_has_prefix(error->message, cases[i].error)) {
            g_assert_cmpstr(error->message, ==, cases[i].error);
        }
    }
}

static void test_bounds(void)
{
    g_autoptr(GString) deep = g_string_new("{\"a\":");
    g_autoptr(GString) many = g_string_new("{\"a\":[1");
    g_autoptr(GError) error = NULL;

    for (unsigned i = 0; i < 100000; i++) {
        g_string_append_c(deep, '[');
    }
    g_assert_null(doc_parse(deep->str, deep->len, DOC_MAX_BYTES, "d", &error));
    g_assert_cmpstr(error->message, ==,
                    "d: JSON nested more than 64 levels deep");
    g_clear_error(&error);
    for (unsigned i = 0; i < DOC_MAX_VALUES; i++) {
        g_string_append(many, ",1");
    }
    g_assert_null(doc_parse(many->str, many->len, DOC_MAX_BYTES, "d", &error));
    g_assert_cmpstr(error->message, ==, "d: JSON of more than 500000 values");
    g_clear_error(&error);
    g_assert_null(doc_parse("{} ", 3, 2, "d", &error));
    g_assert_cmpstr(error->message, ==, "d: 3 bytes of JSON, more than 2");
}

static void test_round_trip(void)
{
    static const char text[] =
        "{\"mediaType\":\"m\",\"digest\":\"sha256:" HEX "\",\"size\":7,"
        "\"platform\":{\"architecture\":\"arm\",\"os\":\"linux\",\"variant\":"
        "\"v7\"},\"annotations\":{\"a\":\"1\",\"b\":\"2\"}}";
    g_autoptr(JsonNode) node = doc_parse(text, strlen(text), 4096, "d", NULL);
    g_autoptr(JsonNode) out = json_node_new(JSON_NODE_OBJECT);
    g_autoptr(Descriptor) d = g_new0(Descriptor, 1);
    g_autoptr(Descriptor) copy = NULL;
    g_autofree char *again = NULL;

    g_assert_true(descriptor_parse(json_node_get_object(node), "d", d, NULL));
    copy = descriptor_dup(d);
    json_node_take_object(out, descriptor_to_json(copy));
    again = doc_text(out, false);
    g_assert_cmpstr(again, ==, text);
}

static void test_config(void)
{
    static const char text[] =
        "{\"architecture\":\"riscv64\",\"os\":\"linux\",\"config\":{\"Env\":"
        "[\"A=1\"]},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:" HEX
        "\"]},\"history\":[{\"created_by\":\"x\"},{\"empty_layer\":true}]}";
    g_autoptr(GError) error = NULL;
    g_autoptr(ImageConfig) c = config_parse(text, strlen(text), "c", &error);

    g_assert_no_error(error);
    g_assert_cmpstr(c->platform.architecture, ==, "riscv64");
    g_assert_cmpuint(c->diff_ids->len, ==, 1);
    g_assert_cmpuint(c->history->len, ==, 2);
    g_assert_true(((HistoryEntry *)c->history->pdata[1])->empty_layer);
}

static void test_changes(void)
{
    static const char *const good[] = {"ENV A=1",           "env A=2",
                                       "ENV B=\"x y\"",     "CMD [\"a\",\"b\"]",
                                       "ENTRYPOINT run it", "WORKDIR /w",
                                       "EXPOSE 80 53/udp",  "LABEL k=v",
                                       "VOLUME /data",      "USER=me"};
    static const char *const bad[] = {"", "RUN x", "ENV", "ENV =1", "CMD [1]"};
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);
    JsonObject *o = json_object_new();
    g_autofree char *text = NULL;

    json_node_take_object(node, o);
    for (unsigned i = 0; i < G_N_ELEMENTS(good); i++) {
        g_autoptr(GError) error = NULL;

        config_apply_change(o, good[i], &error);
        g_assert_no_error(error);
    }
    text = doc_text(node, false);
    g_assert_cmpstr(
        text, ==,
        "{\"Env\":[\"A=2\",\"B=x y\"],\"Cmd\":[\"a\",\"b\"],\"Entrypoint\":"
        "[\"/bin/sh\",\"-c\",\"run it\"],\"WorkingDir\":\"/w\","
        "\"ExposedPorts\":{\"80/tcp\":{},\"53/udp\":{}},\"Labels\":{\"k\":"
        "\"v\"},\"Volumes\":{\"/data\":{}},\"User\":\"me\"}");
    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_false(config_apply_change(o, bad[i], &error));
        g_assert_true(g_str_has_prefix(error->message, "change '"));
    }
}

static void test_pretty(void)
{
    static const char text[] = "{\"a\":[1,{}],\"b\":[],\"c\":\"x\\ny\"}";
    g_autoptr(JsonNode) node = doc_parse(text, strlen(text), 4096, "d", NULL);
    g_autofree char *pretty = doc_text(node, true);

    g_assert_cmpstr(pretty, ==,
                    "{\n    \"a\": [\n        1,\n        {}\n    ],\n"
                    "    \"b\": [],\n    \"c\": \"x\\ny\"\n}");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store/manifest-errors", test_manifest_errors);
    g_test_add_func("/store/bounds", test_bounds);
    g_test_add_func("/store/round-trip", test_round_trip);
    g_test_add_func("/store/config", test_config);
    g_test_add_func("/store/changes", test_changes);
    g_test_add_func("/store/pretty", test_pretty);
    return g_test_run();
}
