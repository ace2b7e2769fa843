/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/fuzz/qmp.c - a control client that sends anything: bytes to messages,
 * messages against every command's arguments, and text that reads back. What
 * commands do is not run: they write files. The first byte says where the
 * bytes are cut in two. */
#include <stdlib.h>
#include <string.h>

#include "control/qmp/qmp_priv.h"
#include "control/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What we print is what we read. */
static void check_text(JsonNode *message)
{
    g_autofree char *text = wire_text(message, false);
    g_autoptr(JsonNode) again = wire_parse(text, strlen(text), NULL);
    g_autofree char *text2 = again != NULL ? wire_text(again, false) : NULL;

    if (text2 == NULL || strcmp(text, text2) != 0) {
        abort();
    }
}

static void take(void *opaque, JsonNode *message, const GError *error)
{
    g_autoptr(JsonNode) reply = NULL;

    if ((message == NULL) == (error == NULL)) {
        abort();
    }
    if (message == NULL) {
        reply = qmp_error_reply(error);
        check_text(reply);
        return;
    }
    check_text(message);
    for (const QmpCommand *k = qmp_commands; k->name != NULL; k++) {
        g_autoptr(GError) why = NULL;

        if (qmp_check(k->args, message, &why) != (why == NULL)) {
            abort();
        }
    }
    json_node_unref(message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    WireStream *s = wire_stream_new(take, NULL);
    size_t cut = size > 0 ? data[0] % size : 0;

    wire_stream_push(s, data, cut);
    wire_stream_push(s, data + cut, size - cut);
    wire_stream_free(s);
    return 0;
}
