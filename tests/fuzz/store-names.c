/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/fuzz/store-names.c - image names, platforms, templates and changes as
 * typed; a name that is taken reads the same when it is read again. */
#include <string.h>

#include "store/platform.h"
#include "store/reference.h"
#include "store/transfer.h"
#include "util/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void template(const char *text)
{
    g_autoptr(Template) t = template_parse(text, NULL);
    g_autoptr(JsonNode) node = json_from_string(
        "{\"a\":{\"b\":[1,\"x\",null]},\"c\":true,\"d\":1.5}", NULL);
    g_autoptr(GString) out = g_string_new(NULL);

    if (t != NULL) {
        template_print(t, node, out, NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, MIN(size, 4096));
    g_autoptr(Reference) r = reference_parse(text, NULL);
    g_autoptr(JsonNode) config = json_node_new(JSON_NODE_OBJECT);
    Platform p;

    if (r != NULL) {
        g_autofree char *name = reference_name(r);
        g_autoptr(Reference) same = reference_parse(name, NULL);
        g_autofree char *again = same != NULL ? reference_name(same) : NULL;

        g_assert_cmpstr(name, ==, again);
    }
    if (platform_parse(text, &p, NULL)) {
        platform_clear(&p);
    }
    if (g_utf8_validate(text, -1, NULL)) {
        template(text);
        json_node_take_object(config, json_object_new());
        config_apply_change(json_node_get_object(config), text, NULL);
    }
    return 0;
}
