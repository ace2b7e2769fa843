/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/core-clipboard.c - peers that copy and paste. */
#include <string.h>

#include "core/clipboard.h"

typedef struct {
    ClipboardPeer *peer;
    GString *heard; /* "+" has text, "-" has none, "?" wanted, "=text", "!" */
    const char *answer; /* supplied at once; NULL: later */
} Peer;

static void changed(void *opaque, bool has_text)
{
    g_string_append_c(((Peer *)opaque)->heard, has_text ? '+' : '-');
}

static void wanted(void *opaque)
{
    Peer *p = opaque;

    g_string_append_c(p->heard, '?');
    if (p->answer != NULL) {
        clipboard_supply(p->peer, p->answer);
    }
}

static void text(void *opaque, const char *text)
{
    Peer *p = opaque;

    if (text != NULL) {
        g_string_append_printf(p->heard, "=%s", text);
    } else {
        g_string_append_c(p->heard, '!');
    }
}

static const ClipboardClass cls = {changed, wanted, text};

typedef struct {
    Clipboard *c;
    Peer a, b, d;
} Bench;

static void join(Peer *p, Clipboard *c)
{
    *p = (Peer){clipboard_join(c, &cls, p), g_string_new(NULL), NULL};
}

static void leave(Peer *p)
{
    clipboard_leave(g_steal_pointer(&p->peer));
    g_string_free(p->heard, TRUE);
}

static void set_up(Bench *b, gconstpointer data)
{
    b->c = clipboard_new();
    join(&b->a, b->c);
    join(&b->b, b->c);
    join(&b->d, b->c);
}

static void tear_down(Bench *b, gconstpointer data)
{
    leave(&b->a);
    leave(&b->b);
    leave(&b->d);
    clipboard_free(b->c);
}

static void expect(Peer *p, const char *heard)
{
    g_assert_cmpstr(p->heard->str, ==, heard);
    g_string_set_size(p->heard, 0);
}

/* Asked for once, known to all from then on. */
static void test_lazy(Bench *b, gconstpointer data)
{
    clipboard_request(b->b.peer);
    expect(&b->b, "!");
    clipboard_grab(b->a.peer);
    expect(&b->a, "");
    expect(&b->b, "+");
    g_assert_true(clipboard_has_text(b->b.peer));
    g_assert_false(clipboard_has_text(b->a.peer));
    clipboard_request(b->a.peer);
    expect(&b->a, "!");
    clipboard_request(b->b.peer);
    clipboard_request(b->b.peer);
    clipboard_request(b->d.peer);
    expect(&b->a, "?");
    clipboard_supply(b->b.peer, "not the owner");
    expect(&b->b, "");
    clipboard_supply(b->a.peer, "one");
    clipboard_supply(b->a.peer, "not asked");
    expect(&b->b, "=one");
    expect(&b->d, "+=one");
    clipboard_request(b->b.peer);
    expect(&b->a, "");
    expect(&b->b, "=one");
}

/* Who waits hears that the clipboard has another owner, or none. */
static void test_changes(Bench *b, gconstpointer data)
{
    clipboard_grab(b->a.peer);
    clipboard_request(b->b.peer);
    clipboard_grab(b->d.peer);
    expect(&b->b, "+!+");
    clipboard_supply(b->a.peer, "late");
    expect(&b->b, "");
    b->d.answer = "two";
    clipboard_request(b->b.peer);
    expect(&b->b, "=two");
    clipboard_release(b->a.peer);
    expect(&b->b, "");
    clipboard_release(b->d.peer);
    expect(&b->b, "-");
    expect(&b->d, "+?");
    clipboard_request(b->b.peer);
    expect(&b->b, "!");
}

static void test_offer(Bench *b, gconstpointer data)
{
    clipboard_offer(b->a.peer, "one");
    expect(&b->b, "+");
    clipboard_offer(b->b.peer, "one"); /* its echo */
    clipboard_offer(b->b.peer, NULL);
    expect(&b->a, "");
    expect(&b->b, "");
    clipboard_offer(b->b.peer, "two");
    expect(&b->a, "+");
    clipboard_request(b->a.peer);
    expect(&b->a, "=two");
}

static void test_leave(Bench *b, gconstpointer data)
{
    Peer e;

    join(&e, b->c);
    clipboard_grab(e.peer);
    clipboard_request(b->a.peer);
    leave(&e);
    expect(&b->a, "+!-");
    clipboard_grab(b->b.peer);
    join(&e, b->c);
    g_assert_true(clipboard_has_text(e.peer));
    clipboard_request(e.peer);
    leave(&e); /* waits no more */
    clipboard_supply(b->b.peer, "text");
    expect(&b->b, "+-?");
}

static void expect_text(const char *bytes, size_t len, const char *wanted_text)
{
    g_autofree char *got = clipboard_text_new(bytes, len);

    g_assert_cmpstr(got, ==, wanted_text);
}

static void test_texts(void)
{
    g_autofree char *crlf = clipboard_text_to_crlf("a\nb\r\nc\n\rd");
    g_autofree char *lf = clipboard_text_to_lf("a\nb\r\nc\n\rd\r\n");
    g_autofree char *much = g_strnfill(CLIPBOARD_MAX_TEXT + 1, 'x');
    g_autofree char *most = g_strndup(much, CLIPBOARD_MAX_TEXT);

    g_assert_cmpstr(crlf, ==, "a\r\nb\r\nc\r\n\rd");
    g_assert_cmpstr(lf, ==, "a\nb\nc\n\rd\n");
    expect_text("", 0, "");
    expect_text("text\0\0", 6, "text");
    expect_text("te\0xt", 5, NULL);
    expect_text("\xc3\xa9", 2, "\xc3\xa9");
    expect_text("\xc3", 1, NULL);
    expect_text("\xed\xa0\x80", 3, NULL);
    expect_text(much, CLIPBOARD_MAX_TEXT + 1, NULL);
    expect_text(most, CLIPBOARD_MAX_TEXT, most);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name) \
 g_test_add("/clipboard/" #name, Bench, NULL, set_up, test_##name, tear_down)
    TEST(lazy);
    TEST(changes);
    TEST(offer);
    TEST(leave);
#undef TEST
    g_test_add_func("/clipboard/texts", test_texts);
    return g_test_run();
}
