/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/control-wire.c - JSON from a stream and back, good and bad. */
#include <string.h>

#include "control/wire.h"

/* The text of what parsing gives, or the error. */
static char *again(const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(JsonNode) node = wire_parse(text, strlen(text), &error);

    g_assert_true((node == NULL) == (error != NULL));
    return node != NULL ? wire_text(node, false) : g_strdup(error->message);
}

#define expect(in, out)             \
 do {                               \
  g_autofree char *got = again(in); \
  g_assert_cmpstr(got, ==, out);    \
 } while (0)
#define expect_error(in, why) expect(in, "JSON parse error, " why)

static void test_good(void)
{
    expect("{}", "{}");
    expect(" [ ] ", "[]");
    expect("{'a':[1,-2,1.5,true,false,null,'x']}",
           "{\"a\": [1, -2, 1.5, true, false, null, \"x\"]}");
    expect("\"\\\"\\\\\\/\\b\\f\\n\\r\\t'\"", "\"\\\"\\\\/\\b\\f\\n\\r\\t'\"");
    expect("'\"\\''", "\"\\\"'\"");
    expect("\"\xc3\xa9\\u00e9\\ud83d\\ude00\x7f\"",
           "\"\\u00E9\\u00E9\\uD83D\\uDE00\\u007F\"");
    expect("9223372036854775807", "9223372036854775807");
    expect("-9223372036854775808", "-9223372036854775808");
    expect("18446744073709551615", "-1");
    expect("18446744073709551616", "1.8446744073709552e+19");
    expect("1e3", "1e+03");
    expect("0.1", "0.1");
}

static void test_bad(void)
{
    expect_error("", "expecting value");
    expect_error("{\"a\":1,}", "expecting value");
    expect_error("{\"a\":1 \"b\":2}", "expected separator in dict");
    expect_error("[1 2]", "expected separator in list");
    expect_error("{1:2}", "key is not a string in object");
    expect_error("{\"a\" 1}", "missing : in object pair");
    expect_error("{\"a\":1,\"a\":2}", "duplicate key");
    expect_error("nul", "invalid keyword 'nul'");
    expect_error("01", "stray text behind the value");
    expect_error("-", "invalid number");
    expect_error("1.", "invalid number");
    expect_error("1e400", "number out of range");
    expect_error("/* */", "stray '/'");
    expect_error("\"\\x\"", "invalid escape sequence '\\x'");
    expect_error("\"\\u12\"", "invalid escape sequence '\\u'");
    expect_error("\"\\ud800\"", "\\ud800 is not a valid Unicode character");
    expect_error("\"\\ud800\\u0041\"",
                 "\\ud800 is not a valid Unicode character");
    expect_error("\"\\u0000\"", "\\u0000 is not a valid Unicode character");
    expect_error("\"\xc3(\"", "invalid UTF-8 sequence in string");
    expect_error("\"\xff\"", "invalid UTF-8 sequence in string");
    expect_error("\"a", "unterminated string");
    expect_error("\"a\nb\"", "control character in string");
    expect_error("\xc3\xa9", "stray byte 0xc3");
}

static void test_pretty(void)
{
    g_autoptr(JsonNode) node =
        wire_parse("{'a':[1,2],'b':{},'c':[]}", 25, NULL);
    g_autofree char *text = wire_text(node, true);

    g_assert_cmpstr(text, ==,
                    "{\n    \"a\": [\n        1,\n        2\n    ],\n"
                    "    \"b\": {},\n    \"c\": []\n}");
}

/* ---- streams ---- */

static void record(void *opaque, JsonNode *message, const GError *error)
{
    GString *log = opaque;
    g_autofree char *text =
        message != NULL ? wire_text(message, false) : g_strdup(error->message);

    g_string_append_printf(log, "%s;", text);
    g_clear_pointer(&message, json_node_unref);
}

/* Whole and byte by byte it must be the same. */
static void expect_stream(const char *in, size_t len, const char *out)
{
    for (size_t piece = 1; piece <= len; piece += len - 1) {
        g_autoptr(GString) log = g_string_new(NULL);
        WireStream *s = wire_stream_new(record, log);

        for (size_t i = 0; i < len; i += piece) {
            wire_stream_push(s, (const uint8_t *)in + i, MIN(piece, len - i));
        }
        wire_stream_free(s);
        g_assert_cmpstr(log->str, ==, out);
    }
}

#define stream(in, out) expect_stream(in, sizeof(in) - 1, out)

static void test_stream(void)
{
    stream("{'a':1}{'b':2}\r\n[3]", "{\"a\": 1};{\"b\": 2};[3];");
    stream("5 true\n\"x\"", "5;true;\"x\";");
    stream("{'a':'}\\'{'}", "{\"a\": \"}'{\"};");
    stream("]}{}", "JSON parse error, expecting value;"
                   "JSON parse error, expecting value;{};");
    /* Half a message, then a fresh start. */
    stream("{'a':\xff{}", "JSON parse error, stray control character;{};");
    stream("\xff{}", "{};");
    stream("{'a\n{}", "JSON parse error, control character in string;{};");
    stream("\x01{}", "JSON parse error, stray control character;{};");
}

static void test_limits(void)
{
    g_autoptr(GString) deep = g_string_new(NULL);
    g_autoptr(GString) big = g_string_new("'");

    for (unsigned i = 0; i <= WIRE_MAX_DEPTH; i++) {
        g_string_append_c(deep, '[');
    }
    g_string_append(deep, "[[[]]] 1 {}\n{}");
    expect_stream(deep->str, deep->len,
                  "JSON parse error, nesting depth limit exceeded;{};");
    while (big->len < WIRE_MAX_MESSAGE + 100) {
        g_string_append_c(big, 'x');
    }
    g_string_append(big, "'\n{}");
    expect_stream(big->str, big->len,
                  "JSON parse error, size limit exceeded;{};");
}

/* As deep as it may be: parsed, printed and freed without trouble. */
static void test_depth(void)
{
    g_autoptr(GString) deep = g_string_new(NULL);
    g_autofree char *text = NULL;

    for (unsigned i = 0; i < WIRE_MAX_DEPTH; i++) {
        g_string_append_c(deep, '[');
    }
    for (unsigned i = 0; i < WIRE_MAX_DEPTH; i++) {
        g_string_append_c(deep, ']');
    }
    text = again(deep->str);
    g_assert_cmpstr(text, ==, deep->str);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/wire/good", test_good);
    g_test_add_func("/wire/bad", test_bad);
    g_test_add_func("/wire/pretty", test_pretty);
    g_test_add_func("/wire/stream", test_stream);
    g_test_add_func("/wire/limits", test_limits);
    g_test_add_func("/wire/depth", test_depth);
    return g_test_run();
}
