/* SPDX-License-Identifier: GPL-2.0-or-later */
/* util/json.c - one JSON value out of text, by recursive descent over RFC
 * 8259's grammar. json-glib's own parser takes more than JSON, and ends the
 * program on a lone surrogate. */
#include "util/json.h"

#include <gio/gio.h>
#include <string.h>

typedef struct {
    const char *at, *end;
    unsigned depth;
    bool single_quotes;
    GError **error;
} Parser;

static JsonNode *parse_value(Parser *p);

G_GNUC_PRINTF(2, 3)
static void *fail(Parser *p, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    if (p->error != NULL && *p->error == NULL) {
        g_set_error(p->error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                    "JSON parse error, %s", text);
    }
    return NULL;
}

static void skip_space(Parser *p)
{
    while (p->at < p->end && strchr(" \t\r\n", *p->at) != NULL && *p->at) {
        p->at++;
    }
}

/* The next character behind space; 0 at the end. */
static char peek(Parser *p)
{
    skip_space(p);
    return p->at < p->end ? *p->at : 0;
}

static bool take(Parser *p, char c)
{
    if (peek(p) == c) {
        p->at++;
        return true;
    }
    return false;
}

static bool is_quote(const Parser *p, char c)
{
    return c == '"' || (c == '\'' && p->single_quotes);
}

/* ---- strings ---- */

static bool take_hex4(Parser *p, gunichar *out)
{
    *out = 0;
    if (p->end - p->at < 4) {
        return false;
    }
    for (unsigned i = 0; i < 4; i++) {
        int digit = g_ascii_xdigit_value(*p->at++);

        if (digit < 0) {
            return false;
        }
        *out = *out << 4 | (gunichar)digit;
    }
    return true;
}

/* Behind \u; the second half of a surrogate pair, too. */
static bool take_unicode(Parser *p, GString *to)
{
    gunichar c, low;

    if (!take_hex4(p, &c)) {
        return fail(p, "invalid escape sequence '\\u'");
    }
    if (c >= 0xd800 && c <= 0xdbff && p->end - p->at >= 6 && p->at[0] == '\\' &&
        p->at[1] == 'u') {
        p->at += 2;
        if (!take_hex4(p, &low)) {
            return fail(p, "invalid escape sequence '\\u'");
        }
        c = low >= 0xdc00 && low <= 0xdfff
                ? 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00)
                : c;
    }
    if (c == 0 || (c >= 0xd800 && c <= 0xdfff)) {
        return fail(p, "\\u%04x is not a valid Unicode character", c);
    }
    g_string_append_unichar(to, c);
    return true;
}

static bool take_escape(Parser *p, GString *to)
{
    static const char from[] = "\"\\/bfnrt'", plain[] = "\"\\/\b\f\n\r\t'";
    char c = p->at < p->end ? *p->at++ : 0;
    const char *which =
        c != 0 && (c != '\'' || p->single_quotes) ? strchr(from, c) : NULL;

    if (c == 'u') {
        return take_unicode(p, to);
    }
    if (which == NULL) {
        return fail(p, "invalid escape sequence '\\%c'",
                    g_ascii_isprint(c) ? c : '?');
    }
    g_string_append_c(to, plain[which - from]);
    return true;
}

/* Text between quotes; the caller has seen the first. */
static char *take_string(Parser *p)
{
    g_autoptr(GString) s = g_string_new(NULL);
    char quote = *p->at++;

    while (p->at < p->end && *p->at != quote) {
        char c = *p->at++;

        if (c == '\\') {
            if (!take_escape(p, s)) {
                return NULL;
            }
        } else if ((unsigned char)c < 0x20) {
            return fail(p, "control character in string");
        } else {
            g_string_append_c(s, c);
        }
    }
    if (p->at == p->end) {
        return fail(p, "unterminated string");
    }
    p->at++;
    if (!g_utf8_validate_len(s->str, s->len, NULL)) {
        return fail(p, "invalid UTF-8 sequence in string");
    }
    return g_strdup(s->str);
}

/* ---- numbers and words ---- */

static bool take_digits(Parser *p)
{
    const char *start = p->at;

    while (p->at < p->end && g_ascii_isdigit(*p->at)) {
        p->at++;
    }
    return p->at > start;
}

/* Over the grammar; whether it is an integer. */
static bool skip_number(Parser *p, bool *integer)
{
    *integer = true;
    if (*p->at == '-') {
        p->at++;
    }
    if (p->at < p->end && *p->at == '0') {
        p->at++;
    } else if (!take_digits(p)) {
        return false;
    }
    if (p->at < p->end && *p->at == '.') {
        *integer = false;
        p->at++;
        if (!take_digits(p)) {
            return false;
        }
    }
    if (p->at < p->end && (*p->at == 'e' || *p->at == 'E')) {
        *integer = false;
        p->at++;
        if (p->at < p->end && (*p->at == '+' || *p->at == '-')) {
            p->at++;
        }
        return take_digits(p);
    }
    return true;
}

static JsonNode *integer_node(const char *text)
{
    gint64 i;
    guint64 u;

    if (g_ascii_string_to_signed(text, 10, G_MININT64, G_MAXINT64, &i, NULL)) {
        return json_node_init_int(json_node_alloc(), i);
    }
    if (g_ascii_string_to_unsigned(text, 10, 0, G_MAXUINT64, &u, NULL)) {
        return json_node_init_int(json_node_alloc(), (gint64)u);
    }
    return json_node_init_double(json_node_alloc(), g_ascii_strtod(text, NULL));
}

static JsonNode *parse_number(Parser *p)
{
    const char *start = p->at;
    g_autofree char *text = NULL;
    bool integer;
    double d;

    if (!skip_number(p, &integer)) {
        return fail(p, "invalid number");
    }
    text = g_strndup(start, (size_t)(p->at - start));
    if (integer) {
        return integer_node(text);
    }
    d = g_ascii_strtod(text, NULL);
    /* Infinity has no text to be sent back as. */
    return d - d == 0 ? json_node_init_double(json_node_alloc(), d)
                      : fail(p, "number out of range");
}

static JsonNode *parse_word(Parser *p)
{
    const char *start = p->at;
    g_autofree char *word = NULL;

    while (p->at < p->end && g_ascii_islower(*p->at)) {
        p->at++;
    }
    word = g_strndup(start, (size_t)(p->at - start));
    if (strcmp(word, "null") == 0) {
        return json_node_init_null(json_node_alloc());
    }
    if (strcmp(word, "true") == 0 || strcmp(word, "false") == 0) {
        return json_node_init_boolean(json_node_alloc(), *word == 't');
    }
    return fail(p, "invalid keyword '%.40s'", word);
}

/* ---- lists and objects ---- */

static bool parse_element(Parser *p, JsonArray *to)
{
    JsonNode *value = parse_value(p);

    if (value == NULL) {
        return false;
    }
    json_array_add_element(to, value);
    return true;
}

static JsonNode *parse_array(Parser *p)
{
    g_autoptr(JsonArray) a = json_array_new();

    p->at++;
    if (take(p, ']')) {
        return json_node_init_array(json_node_alloc(), a);
    }
    do {
        if (!parse_element(p, a)) {
            return NULL;
        }
    } while (take(p, ','));
    return take(p, ']') ? json_node_init_array(json_node_alloc(), a)
                        : fail(p, "expected separator in list");
}

static bool parse_member(Parser *p, JsonObject *to)
{
    g_autofree char *name = NULL;
    JsonNode *value;
    char c = peek(p);

    if (!is_quote(p, c)) {
        return fail(p, c == 0 || strchr("]},:", c) != NULL
                           ? "expecting value"
                           : "key is not a string in object");
    }
    name = take_string(p);
    if (name == NULL) {
        return false;
    }
    if (!take(p, ':')) {
        return fail(p, "missing : in object pair");
    }
    value = parse_value(p);
    if (value == NULL) {
        return false;
    }
    if (json_object_has_member(to, name)) {
        json_node_unref(value);
        return fail(p, "duplicate key");
    }
    json_object_set_member(to, name, value);
    return true;
}

static JsonNode *parse_object(Parser *p)
{
    g_autoptr(JsonObject) o = json_object_new();

    p->at++;
    if (take(p, '}')) {
        return json_node_init_object(json_node_alloc(), o);
    }
    do {
        if (!parse_member(p, o)) {
            return NULL;
        }
    } while (take(p, ','));
    return take(p, '}') ? json_node_init_object(json_node_alloc(), o)
                        : fail(p, "expected separator in dict");
}

static JsonNode *parse_string(Parser *p)
{
    g_autofree char *s = take_string(p);

    return s != NULL ? json_node_init_string(json_node_alloc(), s) : NULL;
}

static JsonNode *parse_value(Parser *p)
{
    JsonNode *value;
    char c = peek(p);

    if (c == '{' || c == '[') {
        if (++p->depth > JSON_MAX_DEPTH) {
            return fail(p, "nesting depth limit exceeded");
        }
        value = c == '{' ? parse_object(p) : parse_array(p);
        p->depth--;
        return value;
    }
    if (is_quote(p, c)) {
        return parse_string(p);
    }
    if (c == '-' || g_ascii_isdigit(c)) {
        return parse_number(p);
    }
    if (g_ascii_islower(c)) {
        return parse_word(p);
    }
    if (c == 0 || strchr("]},:", c) != NULL) {
        return fail(p, "expecting value");
    }
    return g_ascii_isprint(c) ? fail(p, "stray '%c'", c)
                              : fail(p, "stray byte 0x%02x", (unsigned char)c);
}

JsonNode *json_read(const char *text, size_t len, bool single_quotes,
                    GError **error)
{
    GError *why = NULL;
    Parser p = {text, text + len, 0, single_quotes, &why};
    JsonNode *value = parse_value(&p);

    skip_space(&p);
    if (value != NULL && p.at != p.end) {
        g_clear_pointer(&value, json_node_unref);
        fail(&p, "stray text behind the value");
    }
    if (value == NULL) {
        g_propagate_error(error, why);
    }
    return value;
}
