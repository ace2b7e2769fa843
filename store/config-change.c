/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/config-change.c - `--change 'ENV a=b'`: a table of instructions. */
#include <string.h>

#include "store/error.h"
#include "store/transfer.h"
#include "util/json-doc.h"

static JsonArray *array_member(JsonObject *o, const char *name)
{
    JsonNode *node = json_object_get_member(o, name);
    JsonArray *array;

    if (node != NULL && JSON_NODE_HOLDS_ARRAY(node)) {
        return json_node_get_array(node);
    }
    array = json_array_new();
    json_object_set_array_member(o, name, array);
    return array;
}

static JsonObject *object_member(JsonObject *o, const char *name)
{
    JsonNode *node = json_object_get_member(o, name);
    JsonObject *object;

    if (node != NULL && JSON_NODE_HOLDS_OBJECT(node)) {
        return json_node_get_object(node);
    }
    object = json_object_new();
    json_object_set_object_member(o, name, object);
    return object;
}

/* ---- one function per form of instruction ---- */

static bool change_string(JsonObject *o, const char *member, const char *value)
{
    json_object_set_string_member(o, member, value);
    return true;
}

/* ["a", "b"], or words for a shell. */
static bool change_command(JsonObject *o, const char *member, const char *value)
{
    JsonArray *array;

    if (*value == '[') {
        g_autofree char *text = g_strconcat("{\"v\":", value, "}", NULL);
        g_autoptr(JsonNode) node =
            doc_parse(text, strlen(text), DOC_MAX_BYTES, member, NULL);

        if (node == NULL || !doc_array(json_node_get_object(node), "v", false,
                                       member, &array, NULL)) {
            return false;
        }
        json_object_set_array_member(o, member, json_array_ref(array));
        return true;
    }
    array = json_array_new();
    json_array_add_string_element(array, "/bin/sh");
    json_array_add_string_element(array, "-c");
    json_array_add_string_element(array, value);
    json_object_set_array_member(o, member, array);
    return true;
}

/* A=b, A="b c" or A b; a later A replaces an earlier one. */
static bool split_pair(const char *value, char **key, char **rest)
{
    size_t n = strcspn(value, "= ");
    const char *p = value + n;
    size_t len;

    if (n == 0 || *p == '\0') {
        return false;
    }
    *key = g_strndup(value, n);
    p++;
    len = strlen(p);
    if (len >= 2 && *p == '"' && p[len - 1] == '"') {
        *rest = g_strndup(p + 1, len - 2);
    } else {
        *rest = g_strdup(p);
    }
    return true;
}

static bool change_env(JsonObject *o, const char *member, const char *value)
{
    g_autofree char *key = NULL, *rest = NULL, *begin = NULL;
    JsonArray *old = array_member(o, member);
    JsonArray *array;

    if (!split_pair(value, &key, &rest)) {
        return false;
    }
    begin = g_strconcat(key, "=", NULL);
    array = json_array_new();
    for (guint i = 0; i < json_array_get_length(old); i++) {
        const char *text = json_array_get_string_element(old, i);

        if (text != NULL && !g_str_has_prefix(text, begin)) {
            json_array_add_string_element(array, text);
        }
    }
    g_autofree char *pair = g_strconcat(begin, rest, NULL);
    json_array_add_string_element(array, pair);
    json_object_set_array_member(o, member, array);
    return true;
}

static bool change_label(JsonObject *o, const char *member, const char *value)
{
    g_autofree char *key = NULL, *rest = NULL;

    if (!split_pair(value, &key, &rest)) {
        return false;
    }
    json_object_set_string_member(object_member(o, member), key, rest);
    return true;
}

static bool change_set(JsonObject *o, const char *member, const char *value)
{
    g_auto(GStrv) words = g_strsplit(value, " ", -1);
    bool port = strcmp(member, "ExposedPorts") == 0;

    for (unsigned i = 0; words[i] != NULL; i++) {
        g_autofree char *key = g_strconcat(
            words[i], port && strchr(words[i], '/') == NULL ? "/tcp" : "",
            NULL);

        if (*words[i] != '\0') {
            json_object_set_object_member(object_member(o, member), key,
                                          json_object_new());
        }
    }
    return true;
}

static bool change_list(JsonObject *o, const char *member, const char *value)
{
    json_array_add_string_element(array_member(o, member), value);
    return true;
}

static const struct {
    const char *word, *member;
    bool (*change)(JsonObject *o, const char *member, const char *value);
} instructions[] = {
    {"CMD", "Cmd", change_command},
    {"ENTRYPOINT", "Entrypoint", change_command},
    {"ENV", "Env", change_env},
    {"EXPOSE", "ExposedPorts", change_set},
    {"LABEL", "Labels", change_label},
    {"ONBUILD", "OnBuild", change_list},
    {"STOPSIGNAL", "StopSignal", change_string},
    {"USER", "User", change_string},
    {"VOLUME", "Volumes", change_set},
    {"WORKDIR", "WorkingDir", change_string},
};

bool config_apply_change(JsonObject *config, const char *instruction,
                         GError **error)
{
    size_t n = strcspn(instruction, " =\t");
    g_autofree char *word = g_ascii_strup(instruction, n);
    g_autofree char *value =
        g_strstrip(g_strdup(instruction + n + (instruction[n] != '\0')));

    for (unsigned i = 0; i < G_N_ELEMENTS(instructions); i++) {
        if (strcmp(word, instructions[i].word) == 0) {
            if (*value == '\0' || !instructions[i].change(
                                      config, instructions[i].member, value)) {
                return store_fail_code(error, STORE_ERROR_INVALID,
                                       "change '%.200s': not what %s takes",
                                       instruction, word);
            }
            return true;
        }
    }
    return store_fail_code(error, STORE_ERROR_INVALID,
                           "change '%.200s': instruction %s is not known",
                           instruction, word);
}
