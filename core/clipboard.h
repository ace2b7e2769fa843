/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/clipboard.h - text that was copied, shared by those who have a
 * clipboard of their own: the guest's agent, windows, remote clients. Each is
 * a peer. The one where something was copied last owns the clipboard; its text
 * is fetched when another peer wants it, once.
 * Threads: event loop.
 * Lifetime: peers join and leave before the machine goes, but not inside a
 * callback; texts given to callbacks are valid during the call. */
#ifndef CUTTLE_CORE_CLIPBOARD_H
#define CUTTLE_CORE_CLIPBOARD_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

enum { CLIPBOARD_MAX_TEXT = 1 << 20 }; /* bytes; who has more has nothing */

typedef struct Clipboard Clipboard; /* of a machine; Backends has it */
typedef struct ClipboardPeer ClipboardPeer;

typedef struct {
    /* Something was copied at another peer (it may be what was there before),
     * or, if !has_text, what was there is no more. */
    void (*changed)(void *opaque, bool has_text);
    /* This peer owns the clipboard and another wants to know the text:
     * clipboard_supply, now or later. NULL: this one never grabs. */
    void (*wanted)(void *opaque);
    /* What clipboard_request asked for; NULL: there is none after all. */
    void (*text)(void *opaque, const char *text);
} ClipboardClass;

Clipboard *clipboard_new(void);
void clipboard_free(Clipboard *c); /* NULL-safe; nobody is there by then */

ClipboardPeer *clipboard_join(Clipboard *c, const ClipboardClass *cls,
                              void *opaque);
void clipboard_leave(ClipboardPeer *p); /* NULL-safe */

/* Something was copied at p, whose text is asked for when it is wanted. */
void clipboard_grab(ClipboardPeer *p);
/* The same with the text at hand, NULL-safe. Nothing happens if the clipboard
 * has it already: two peers that show one clipboard of the host's would else
 * go on telling each other. */
void clipboard_offer(ClipboardPeer *p, const char *text);
/* The text of a peer that was asked; NULL: there is none. */
void clipboard_supply(ClipboardPeer *p, const char *text);
/* p has nothing any more; nothing happens if it is not the owner. */
void clipboard_release(ClipboardPeer *p);

/* Is there something of another peer's? */
bool clipboard_has_text(const ClipboardPeer *p);
/* cls->text comes, now or later; asking twice does not make it come twice. */
void clipboard_request(ClipboardPeer *p);

/* A copy of bytes that may be anything, as long as they are UTF-8 without
 * zeros and not too many, less zeros at the end; else NULL. */
char *clipboard_text_new(const char *bytes, size_t len);
/* Copies whose lines end in "\r\n" or in "\n". */
char *clipboard_text_to_crlf(const char *text);
char *clipboard_text_to_lf(const char *text);

#endif
