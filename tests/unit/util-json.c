/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON text and JSON into structs. What the monitor's dialect takes beside is
 * tested in control-wire.c. */
#include <string.h>

#include "util/json-struct.h"
#include "util/json.h"

typedef struct {
    char *name;
    int64_t size;
    bool has_size;
} Part;

typedef struct {
    bool on;
    uint32_t uid;
    char **args;
    GArray *gids;
    JsonPair *labels;
    Part part;
    Part *maybe;
    GPtrArray *parts;
} Whole;

static const JsonField part_fields[] = {
    JSON_STRING(Part, name, "name", .required = true),
    JSON_INT(Part, size, "size", .has = JSON_HAS(Part, has_size)),
};
static const JsonStruct part_json = JSON_STRUCT(Part, part_fields);

static const JsonField whole_fields[] = {
    JSON_BOOL(Whole, on, "on"),
    JSON_UINT32(Whole, uid, "uid"),
    JSON_STRINGS(Whole, args, "args"),
    JSON_UINTS(Whole, gids, "gids"),
    JSON_MAP(Whole, labels, "labels"),
    JSON_OBJECT(Whole, part, "part", part_json),
    JSON_POINTER(Whole, maybe, "maybe", part_json),
    JSON_LIST(Whole, parts, "parts", part_json),
};
static const JsonStruct whole_json = JSON_STRUCT(Whole, whole_fields);

static bool fill(const char *text, Whole *w, GError **error)
{
    g_autoptr(JsonNode) node = json_read(text, strlen(text), false, error);

    memset(w, 0, sizeof(*w));
    return node != NULL && json_struct_read(&whole_json, node, w, error);
}

static void test_all_kinds(void)
{
    GError *error = NULL;
    Whole w;

    fill("{\"on\":true,\"uid\":4294967295,\"args\":[\"a\",\"b\"],"
         "\"gids\":[1,2],\"labels\":{\"x\":\"y\"},\"part\":{\"name\":\"p\"},"
         "\"maybe\":{\"name\":\"m\",\"size\":-7},"
         "\"parts\":[{\"name\":\"0\"},{\"name\":\"1\",\"size\":0}],"
         "\"unknown\":[{}]}",
         &w, &error);
    g_assert_no_error(error);
    g_assert_true(w.on);
    g_assert_cmpuint(w.uid, ==, UINT32_MAX);
    g_assert_cmpuint(g_strv_length(w.args), ==, 2);
    g_assert_cmpuint(g_array_index(w.gids, uint32_t, 1), ==, 2);
    g_assert_cmpstr(json_map_get(w.labels, "x"), ==, "y");
    g_assert_null(json_map_get(w.labels, "y"));
    g_assert_cmpstr(w.part.name, ==, "p");
    g_assert_false(w.part.has_size);
    g_assert_cmpint(w.maybe->size, ==, -7);
    g_assert_cmpuint(w.parts->len, ==, 2);
    g_assert_true(((Part *)w.parts->pdata[1])->has_size);
    json_struct_clear(&whole_json, &w);
    g_assert_null(w.args);
}

static void test_written_as_read(void)
{
    static const char text[] =
        "{\"on\":true,\"uid\":7,\"args\":[\"a\"],\"gids\":[1,2],"
        "\"labels\":{\"x\":\"y\"},\"part\":{\"name\":\"p\"},"
        "\"maybe\":{\"name\":\"m\",\"size\":-7},"
        "\"parts\":[{\"name\":\"0\",\"size\":0}]}";
    g_autoptr(JsonNode) node = NULL;
    g_autofree char *again = NULL;
    Whole w;

    g_assert_true(fill(text, &w, NULL));
    node = json_struct_write(&whole_json, &w);
    again = json_to_string(node, FALSE);
    g_assert_cmpstr(again, ==, text);
    json_struct_clear(&whole_json, &w);
}

static void test_absent(void)
{
    GError *error = NULL;
    Whole w;

    fill("{\"maybe\":null,\"args\":null}", &w, &error);
    g_assert_no_error(error);
    g_assert_null(w.args);
    g_assert_null(w.maybe);
    g_assert_null(w.labels);
    g_assert_cmpuint(w.parts->len, ==, 0);
    json_struct_clear(&whole_json, &w);
}

static void test_errors_name_their_place(void)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"7", "expected an object"},
        {"{\"on\":1}", "on: expected true or false"},
        {"{\"uid\":-1}", "uid: expected an integer from 0 to 4294967295"},
        {"{\"uid\":4294967296}",
         "uid: expected an integer from 0 to 4294967295"},
        {"{\"uid\":1.5}", "uid: expected an integer"},
        {"{\"args\":\"a\"}", "args: expected a list"},
        {"{\"args\":[\"a\",3]}", "args[1]: expected a string"},
        {"{\"gids\":[\"a\"]}", "gids[0]: expected an integer"},
        {"{\"labels\":{\"k\":{}}}", "labels.k: expected a string"},
        {"{\"labels\":[]}", "labels: expected an object of strings"},
        {"{\"part\":{}}", "part.name: missing"},
        {"{\"maybe\":{\"name\":[]}}", "maybe.name: expected a string"},
        {"{\"parts\":[{\"name\":\"a\"},{\"name\":\"b\",\"size\":\"\"}]}",
         "parts[1].size: expected an integer"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        Whole w;

        g_assert_false(fill(cases[i].text, &w, &error));
        g_assert_nonnull(error);
        g_assert_cmpstr(error->message, ==, cases[i].message);
        g_assert_null(w.parts);
    }
}

static void test_strict_text(void)
{
    static const char *const bad[] = {
        "{'a':1}", "\"\\'\"", "{\"a\":1,\"a\":2}", "[1,]", "01",
        "nul",     "",        "{\"a\":\"\xff\"}",
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(json_read(bad[i], strlen(bad[i]), false, &error));
        g_assert_nonnull(error);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/util/json/all-kinds", test_all_kinds);
    g_test_add_func("/util/json/written", test_written_as_read);
    g_test_add_func("/util/json/absent", test_absent);
    g_test_add_func("/util/json/errors", test_errors_name_their_place);
    g_test_add_func("/util/json/strict", test_strict_text);
    return g_test_run();
}
