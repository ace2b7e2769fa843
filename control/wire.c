/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/wire.c - where a message ends in a stream, and values as text. */
#include "control/wire.h"

#include <gio/gio.h>
#include <string.h>

JsonNode *wire_parse(const char *text, size_t len, GError **error)
{
    return json_read(text, len, true, error);
}

/* ---- the stream ---- */

struct WireStream {
    WireMessageFn *fn;
    void *opaque;
    GString *text;  /* of the message that is coming */
    unsigned depth; /* of brackets */
    char quote;     /* of the string we are in; 0: in none */
    bool escaped;
    bool ignoring; /* up to the next control character */
};

WireStream *wire_stream_new(WireMessageFn *fn, void *opaque)
{
    WireStream *s = g_new0(WireStream, 1);

    s->fn = fn;
    s->opaque = opaque;
    s->text = g_string_new(NULL);
    return s;
}

void wire_stream_free(WireStream *s)
{
    if (s != NULL) {
        g_string_free(s->text, TRUE);
        g_free(s);
    }
}

static void restart(WireStream *s)
{
    /* A large message does not keep its memory. */
    if (s->text->allocated_len > 1 << 16) {
        g_string_free(s->text, TRUE);
        s->text = g_string_new(NULL);
    }
    g_string_truncate(s->text, 0);
    s->depth = 0;
    s->quote = 0;
    s->escaped = false;
}

void wire_stream_reset(WireStream *s)
{
    restart(s);
    s->ignoring = false;
}

static void refuse(WireStream *s, const char *why)
{
    g_autoptr(GError) error = g_error_new(G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                                          "JSON parse error, %s", why);

    restart(s);
    s->fn(s->opaque, NULL, error);
}

static void complete(WireStream *s)
{
    g_autoptr(GError) error = NULL;
    JsonNode *message = wire_parse(s->text->str, s->text->len, &error);

    restart(s);
    s->fn(s->opaque, message, error);
}

/* Inside a string. */
static void step_string(WireStream *s, char c)
{
    if (s->escaped) {
        s->escaped = false;
    } else if (c == '\\') {
        s->escaped = true;
    } else if (c == s->quote) {
        s->quote = 0;
    }
}

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Bytes that are in no message: they start anew, whatever came before. */
static bool restarts(const WireStream *s, uint8_t c)
{
    return c == 0xff || (c < 0x20 && (s->quote != 0 || !is_space(c)));
}

static void step(WireStream *s, uint8_t c)
{
    bool outside = s->depth == 0 && s->quote == 0;

    if (outside && s->text->len == 0 && is_space(c)) {
        return;
    }
    /* A number or a word at the top ends where something else starts. */
    if (outside && s->text->len > 0 &&
        (is_space(c) || strchr("{}[]:,\"'", c) != NULL)) {
        complete(s);
        if (is_space(c)) {
            return;
        }
    }
    g_string_append_c(s->text, (char)c);
    if (s->quote != 0) {
        step_string(s, (char)c);
    } else if (c == '"' || c == '\'') {
        s->quote = (char)c;
    } else if (c == '{' || c == '[') {
        s->depth++;
    } else if ((c == '}' || c == ']') && s->depth > 0) {
        s->depth--;
    }
    if (s->depth == 0 && s->quote == 0 && strchr("{}[]:,\"'", c) != NULL) {
        complete(s);
    } else if (s->depth > WIRE_MAX_DEPTH) {
        refuse(s, "nesting depth limit exceeded");
        s->ignoring = true;
    } else if (s->text->len > WIRE_MAX_MESSAGE) {
        refuse(s, "size limit exceeded");
        s->ignoring = true;
    }
}

void wire_stream_push(WireStream *s, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        uint8_t c = bytes[i];

        if (s->ignoring) {
            s->ignoring = c >= 0x20 && c != 0xff;
        } else if (restarts(s, c)) {
            if (s->text->len > 0 || c != 0xff) {
                refuse(s, s->quote != 0 ? "control character in string"
                                        : "stray control character");
            }
        } else {
            step(s, c);
        }
    }
}

/* ---- text ---- */

typedef struct {
    GString *to;
    bool pretty;
    unsigned depth;
} Writer;

static void write_value(Writer *w, JsonNode *node);

static void new_line(Writer *w)
{
    if (w->pretty) {
        g_string_append_printf(w->to, "\n%*s", (int)(4 * w->depth), "");
    }
}

static void separate(Writer *w, bool first)
{
    if (!first) {
        g_string_append(w->to, w->pretty ? "," : ", ");
    }
    new_line(w);
}

static void write_escape(GString *to, gunichar c)
{
    if (c >= 0x10000) {
        write_escape(to, 0xd800 + ((c - 0x10000) >> 10));
        c = 0xdc00 + ((c - 0x10000) & 0x3ff);
    }
    g_string_append_printf(to, "\\u%04X", c);
}

static void write_string(GString *to, const char *s)
{
    static const char plain[] = "\"\\\b\f\n\r\t", letter[] = "\"\\bfnrt";

    g_string_append_c(to, '"');
    while (*s != '\0') {
        /* Strings of ours may quote the host, which knows no UTF-8. */
        gunichar c = g_utf8_get_char_validated(s, -1);
        const char *which = c < 0x80 ? strchr(plain, (int)c) : NULL;

        if (c == (gunichar)-1 || c == (gunichar)-2) {
            g_string_append(to, "\\uFFFD");
            s++;
            continue;
        }
        if (which != NULL) {
            g_string_append_c(to, '\\');
            g_string_append_c(to, letter[which - plain]);
        } else if (c < 0x20 || c >= 0x7f) {
            write_escape(to, c);
        } else {
            g_string_append_c(to, (char)c);
        }
        s = g_utf8_next_char(s);
    }
    g_string_append_c(to, '"');
}

static void write_object(Writer *w, JsonObject *o)
{
    JsonObjectIter iter;
    const char *name;
    JsonNode *value;
    bool first = true;

    g_string_append_c(w->to, '{');
    w->depth++;
    json_object_iter_init_ordered(&iter, o);
    while (json_object_iter_next_ordered(&iter, &name, &value)) {
        separate(w, first);
        write_string(w->to, name);
        g_string_append(w->to, ": ");
        write_value(w, value);
        first = false;
    }
    w->depth--;
    if (!first) {
        new_line(w);
    }
    g_string_append_c(w->to, '}');
}

static void write_array(Writer *w, JsonArray *a)
{
    unsigned n = json_array_get_length(a);

    g_string_append_c(w->to, '[');
    w->depth++;
    for (unsigned i = 0; i < n; i++) {
        separate(w, i == 0);
        write_value(w, json_array_get_element(a, i));
    }
    w->depth--;
    if (n > 0) {
        new_line(w);
    }
    g_string_append_c(w->to, ']');
}

static void write_double(GString *to, double d)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    d = d == 0 ? 0 : d; /* no -0: it would be read as an integer */
    g_ascii_formatd(text, sizeof(text), "%.17g", d);
    /* The shortest that reads back the same. */
    for (int digits = 1; digits < 17; digits++) {
        char shorter[G_ASCII_DTOSTR_BUF_SIZE], format[8];

        g_snprintf(format, sizeof(format), "%%.%dg", digits);
        g_ascii_formatd(shorter, sizeof(shorter), format, d);
        if (g_ascii_strtod(shorter, NULL) == d) {
            strcpy(text, shorter);
            break;
        }
    }
    g_string_append(to, text);
}

static void write_scalar(GString *to, JsonNode *node)
{
    switch (json_node_get_value_type(node)) {
    case G_TYPE_STRING:
        write_string(to, json_node_get_string(node));
        break;
    case G_TYPE_BOOLEAN:
        g_string_append(to, json_node_get_boolean(node) ? "true" : "false");
        break;
    case G_TYPE_DOUBLE:
        write_double(to, json_node_get_double(node));
        break;
    default:
        g_string_append_printf(to, "%" G_GINT64_FORMAT,
                               json_node_get_int(node));
        break;
    }
}

static void write_value(Writer *w, JsonNode *node)
{
    switch (json_node_get_node_type(node)) {
    case JSON_NODE_OBJECT:
        write_object(w, json_node_get_object(node));
        break;
    case JSON_NODE_ARRAY:
        write_array(w, json_node_get_array(node));
        break;
    case JSON_NODE_NULL:
        g_string_append(w->to, "null");
        break;
    case JSON_NODE_VALUE:
        write_scalar(w->to, node);
        break;
    }
}

char *wire_text(JsonNode *node, bool pretty)
{
    Writer w = {g_string_new(NULL), pretty, 0};

    write_value(&w, node);
    return g_string_free(w.to, FALSE);
}
