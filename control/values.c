/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/values.c - JSON values with fewer words. */
#include "control/control_priv.h"

JsonNode *node_of(JsonObject *take)
{
    JsonNode *n = json_node_alloc();

    json_node_init(n, JSON_NODE_OBJECT);
    json_node_take_object(n, take);
    return n;
}

JsonNode *node_of_array(JsonArray *take)
{
    JsonNode *n = json_node_alloc();

    json_node_init(n, JSON_NODE_ARRAY);
    json_node_take_array(n, take);
    return n;
}

JsonNode *node_string(const char *s)
{
    return json_node_init_string(json_node_alloc(), s);
}

JsonNode *node_int(int64_t i)
{
    return json_node_init_int(json_node_alloc(), i);
}

JsonNode *node_bool(bool b)
{
    return json_node_init_boolean(json_node_alloc(), b);
}

void set_string(JsonObject *o, const char *name, const char *s)
{
    if (s != NULL) {
        json_object_set_string_member(o, name, s);
    }
}

const char *arg_string(JsonObject *args, const char *name)
{
    return json_object_get_string_member_with_default(args, name, NULL);
}

int64_t arg_int(JsonObject *args, const char *name, int64_t otherwise)
{
    return json_object_get_int_member_with_default(args, name, otherwise);
}

bool arg_bool(JsonObject *args, const char *name, bool otherwise)
{
    return json_object_get_boolean_member_with_default(args, name, otherwise);
}

JsonNode *node_mac(const uint8_t mac[6])
{
    g_autofree char *text =
        g_strdup_printf("%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
                        mac[3], mac[4], mac[5]);

    return node_string(text);
}
