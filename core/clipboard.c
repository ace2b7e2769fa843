/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/clipboard.c - who owns the clipboard, and its text once it is known. */
#include "core/clipboard.h"

#include <string.h>

struct ClipboardPeer {
    Clipboard *all;
    const ClipboardClass *cls;
    void *opaque;
    bool waiting; /* for the text */
};

struct Clipboard {
    GPtrArray *peers;
    ClipboardPeer *owner; /* NULL: nothing was copied */
    char *text;           /* the owner's; NULL: not known yet */
    bool asked;           /* the owner for it */
};

Clipboard *clipboard_new(void)
{
    Clipboard *c = g_new0(Clipboard, 1);

    c->peers = g_ptr_array_new();
    return c;
}

void clipboard_free(Clipboard *c)
{
    if (c != NULL) {
        g_assert(c->peers->len == 0);
        g_ptr_array_unref(c->peers);
        g_free(c->text);
        g_free(c);
    }
}

/* To all who wait. */
static void deliver(Clipboard *c, const char *text)
{
    for (unsigned i = 0; i < c->peers->len; i++) {
        ClipboardPeer *p = c->peers->pdata[i];

        if (p->waiting) {
            p->waiting = false;
            p->cls->text(p->opaque, text);
        }
    }
}

/* owner may be NULL, and text, which is taken. */
static void set_owner(Clipboard *c, ClipboardPeer *owner, char *text)
{
    const ClipboardPeer *old = c->owner;

    c->owner = owner;
    g_free(c->text);
    c->text = text;
    c->asked = false;
    deliver(c, NULL); /* what they asked for is gone */
    for (unsigned i = 0; i < c->peers->len; i++) {
        ClipboardPeer *p = c->peers->pdata[i];

        if (p != owner && (owner != NULL || p != old)) {
            p->cls->changed(p->opaque, owner != NULL);
        }
    }
}

ClipboardPeer *clipboard_join(Clipboard *c, const ClipboardClass *cls,
                              void *opaque)
{
    ClipboardPeer *p = g_new0(ClipboardPeer, 1);

    *p = (ClipboardPeer){c, cls, opaque, false};
    g_ptr_array_add(c->peers, p);
    return p;
}

void clipboard_leave(ClipboardPeer *p)
{
    if (p != NULL) {
        p->waiting = false;
        clipboard_release(p);
        g_ptr_array_remove(p->all->peers, p);
        g_free(p);
    }
}

void clipboard_grab(ClipboardPeer *p)
{
    set_owner(p->all, p, NULL);
}

void clipboard_offer(ClipboardPeer *p, const char *text)
{
    if (text != NULL && g_strcmp0(text, p->all->text) != 0) {
        set_owner(p->all, p, g_strdup(text));
    }
}

void clipboard_supply(ClipboardPeer *p, const char *text)
{
    Clipboard *c = p->all;

    if (c->owner == p && c->asked && c->text == NULL) {
        c->text = g_strdup(text);
        c->asked = false;
        deliver(c, c->text);
    }
}

void clipboard_release(ClipboardPeer *p)
{
    if (p->all->owner == p) {
        set_owner(p->all, NULL, NULL);
    }
}

bool clipboard_has_text(const ClipboardPeer *p)
{
    return p->all->owner != NULL && p->all->owner != p;
}

void clipboard_request(ClipboardPeer *p)
{
    Clipboard *c = p->all;

    if (!clipboard_has_text(p) || c->text != NULL) {
        p->cls->text(p->opaque, clipboard_has_text(p) ? c->text : NULL);
        return;
    }
    p->waiting = true;
    if (!c->asked) {
        c->asked = true;
        c->owner->cls->wanted(c->owner->opaque);
    }
}

/* ---- texts ---- */

char *clipboard_text_new(const char *bytes, size_t len)
{
    while (len > 0 && bytes[len - 1] == '\0') {
        len--;
    }
    /* Zeros are not valid to GLib either. */
    return len <= CLIPBOARD_MAX_TEXT &&
                   g_utf8_validate(bytes, (gssize)len, NULL)
               ? g_strndup(bytes, len)
               : NULL;
}

static char *with_line_ends(const char *text, const char *end)
{
    GString *out = g_string_sized_new(strlen(text));

    for (const char *at = text; *at != '\0'; at++) {
        if (at[0] == '\r' && at[1] == '\n') {
            continue;
        }
        if (*at == '\n') {
            g_string_append(out, end);
        } else {
            g_string_append_c(out, *at);
        }
    }
    return g_string_free(out, FALSE);
}

char *clipboard_text_to_crlf(const char *text)
{
    return with_line_ends(text, "\r\n");
}

char *clipboard_text_to_lf(const char *text)
{
    return with_line_ends(text, "\n");
}
