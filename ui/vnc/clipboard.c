/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/vnc/clipboard.c - a client's clipboard is the guest's.
 * Spec: the RFB protocol's community edition: ClientCutText, ServerCutText,
 * Extended Clipboard Pseudo-Encoding (text only). Plain messages are Latin-1;
 * who has the extension gets what there is, up to the size it said.
 * The library tells clients that we have the extension; the messages are read
 * here, because it would hand on what it never read.
 * Threads: the client's, but for peers' callbacks, vnc_clipboard_join, _leave
 * and _copied, which are the main thread's. */
#include <gio/gio.h>
#include <string.h>

#include "ui/vnc/vnc_priv.h"
#include "util/bits.h"

#define TEXT   BIT(0)
#define CAPS   BIT(24)
#define ASK    BIT(25)
#define PEEK   BIT(26)
#define NOTIFY BIT(27)
#define GIVE   BIT(28)

enum {
    HEADER = 8, /* type, padding, length */
    MAX_MESSAGE = CLIPBOARD_MAX_TEXT + 4096,
    SKIP_BYTES = 16384,
};

/* ---- main thread ---- */

static void changed(void *opaque, bool has_text)
{
    VncClient *c = opaque;

    if (has_text) {
        clipboard_request(c->clipboard);
    }
}

static void text_for_client(void *opaque, const char *text)
{
    VncClient *c = opaque;

    if (text != NULL) {
        g_mutex_lock(&c->lock);
        g_free(c->text_out);
        c->text_out = g_strdup(text);
        g_mutex_unlock(&c->lock);
        vnc_client_wake(c);
    }
}

void vnc_clipboard_join(VncClient *c)
{
    static const ClipboardClass cls = {changed, NULL, text_for_client};

    if (!c->server->read_only) {
        c->clipboard = clipboard_join(c->server->clipboard, &cls, c);
        changed(c, clipboard_has_text(c->clipboard));
    }
}

void vnc_clipboard_leave(VncClient *c)
{
    clipboard_leave(g_steal_pointer(&c->clipboard));
}

void vnc_clipboard_copied(VncClient *c)
{
    g_autofree char *text = NULL;

    g_mutex_lock(&c->lock);
    text = g_steal_pointer(&c->text_in);
    g_mutex_unlock(&c->lock);
    if (c->clipboard != NULL) {
        clipboard_offer(c->clipboard, text);
    }
}

/* ---- to the client ---- */

static bool send_message(VncClient *c, uint32_t length, const void *body,
                         size_t len)
{
    uint8_t header[HEADER] = {rfbServerCutText};

    be32_store(header + 4, length);
    return rfbWriteExact(c->rfb, (char *)header, HEADER) > 0 &&
           (len == 0 || rfbWriteExact(c->rfb, (char *)body, (int)len) > 0);
}

static bool send_extended(VncClient *c, uint32_t flags, const GByteArray *data)
{
    g_autoptr(GByteArray) body = g_byte_array_new();
    uint8_t word[4];

    be32_store(word, flags);
    g_byte_array_append(body, word, sizeof(word));
    if (data != NULL) {
        g_byte_array_append(body, data->data, data->len);
    }
    return send_message(c, -body->len, body->data, body->len);
}

/* What comes out of a converter for all of the input, up to max bytes. */
static GByteArray *convert(GConverter *with, const uint8_t *bytes, size_t len,
                           size_t max)
{
    GByteArray *out = g_byte_array_new();
    GConverterResult result = G_CONVERTER_CONVERTED;

    while (result == G_CONVERTER_CONVERTED && out->len < max) {
        uint8_t part[4096];
        size_t n_in = 0, n_out = 0;

        result = g_converter_convert(
            with, bytes, len, part, MIN(sizeof(part), max - out->len),
            G_CONVERTER_INPUT_AT_END, &n_in, &n_out, NULL);
        if (result != G_CONVERTER_ERROR) {
            g_byte_array_append(out, part, (unsigned)n_out);
            bytes += n_in;
            len -= n_in;
        }
    }
    return out;
}

/* Lines end in CRLF there, and texts in a zero. */
static bool give_text(VncClient *c)
{
    g_autoptr(GConverter) deflate =
        G_CONVERTER(g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_ZLIB, -1));
    g_autofree char *crlf = clipboard_text_to_crlf(c->text);
    g_autoptr(GByteArray) plain = g_byte_array_new(), packed = NULL;
    uint32_t len = (uint32_t)strlen(crlf) + 1;
    uint8_t word[4];

    be32_store(word, len);
    g_byte_array_append(plain, word, sizeof(word));
    g_byte_array_append(plain, (const uint8_t *)crlf, len);
    packed = convert(deflate, plain->data, plain->len, SIZE_MAX);
    return send_extended(c, GIVE | TEXT, packed);
}

static bool send_plain(VncClient *c)
{
    gsize len = 0;
    g_autofree char *latin1 = g_convert_with_fallback(
        c->text, -1, "ISO-8859-1", "UTF-8", "?", NULL, &len, NULL);

    return latin1 == NULL ||
           send_message(c, (uint32_t)len, latin1, (size_t)len);
}

static bool send_text(VncClient *c)
{
    if (!c->rfb->enableExtendedClipboard) {
        return send_plain(c);
    }
    if ((c->clipboard_caps & GIVE) && strlen(c->text) < c->clipboard_max) {
        return give_text(c);
    }
    return !(c->clipboard_caps & NOTIFY) ||
           send_extended(c, NOTIFY | TEXT, NULL);
}

bool vnc_clipboard_tell(VncClient *c)
{
    char *text;

    g_mutex_lock(&c->lock);
    text = g_steal_pointer(&c->text_out);
    g_mutex_unlock(&c->lock);
    if (text == NULL) {
        return true;
    }
    g_free(c->text);
    c->text = text;
    return send_text(c);
}

/* ---- from the client ---- */

/* text is taken. NULL or "": there is none, and what the guest has stays. */
static void take_text(VncClient *c, char *text)
{
    VncEvent e = {.kind = VNC_COPIED};

    if (text == NULL || *text == '\0' || c->server->read_only) {
        g_free(text);
        return;
    }
    g_mutex_lock(&c->lock);
    g_free(c->text_in);
    c->text_in = text;
    g_mutex_unlock(&c->lock);
    vnc_client_push(c, &e);
}

static void take_plain(VncClient *c, const uint8_t *bytes, size_t len)
{
    gsize n = 0;
    g_autofree char *utf8 = g_convert((const char *)bytes, (gssize)len, "UTF-8",
                                      "ISO-8859-1", NULL, &n, NULL);

    take_text(c, utf8 != NULL ? clipboard_text_new(utf8, n) : NULL);
}

/* Packed: a length, the text. */
static void take_packed(VncClient *c, const uint8_t *bytes, size_t len)
{
    g_autoptr(GConverter) inflate =
        G_CONVERTER(g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_ZLIB));
    g_autoptr(GByteArray) plain = convert(inflate, bytes, len, MAX_MESSAGE);
    g_autofree char *text = NULL;
    size_t n = plain->len < 4 ? 0 : be32_load(plain->data);

    if (n > 0 && n <= plain->len - 4) {
        text = clipboard_text_new((const char *)plain->data + 4, n);
    }
    take_text(c, text != NULL ? clipboard_text_to_lf(text) : NULL);
}

static bool take_extended(VncClient *c, const uint8_t *bytes, size_t len)
{
    uint32_t flags = len < 4 ? 0 : be32_load(bytes);

    if (flags & CAPS) {
        c->clipboard_caps = flags;
        c->clipboard_max =
            (flags & TEXT) && len >= 8 ? be32_load(bytes + 4) : 0;
    } else if (flags & ASK) {
        return !(flags & TEXT) || c->text == NULL || give_text(c);
    } else if (flags & PEEK) {
        return send_extended(c, NOTIFY | (c->text != NULL ? TEXT : 0), NULL);
    } else if (flags & NOTIFY) {
        return !(flags & TEXT) || send_extended(c, ASK | TEXT, NULL);
    } else if ((flags & GIVE) && (flags & TEXT)) {
        take_packed(c, bytes + 4, len - 4);
    }
    return true;
}

/* What nobody wants. */
static bool skip(VncClient *c, size_t len)
{
    char bytes[SKIP_BYTES];

    while (len > 0) {
        size_t n = MIN(len, sizeof(bytes));

        if (rfbReadExact(c->rfb, bytes, (int)n) <= 0) {
            return false;
        }
        len -= n;
    }
    return true;
}

bool vnc_clipboard_read(VncClient *c)
{
    g_autofree uint8_t *bytes = NULL;
    uint8_t header[HEADER];
    bool extended;
    uint32_t len;

    if (rfbReadExact(c->rfb, (char *)header, HEADER) <= 0) {
        return false;
    }
    len = be32_load(header + 4);
    extended = c->rfb->enableExtendedClipboard && len >> 31 != 0;
    len = extended ? -len : len;
    if (len > MAX_MESSAGE) {
        return skip(c, len);
    }
    bytes = g_malloc(len + 1);
    if (len > 0 && rfbReadExact(c->rfb, (char *)bytes, (int)len) <= 0) {
        return false;
    }
    if (extended) {
        return take_extended(c, bytes, len);
    }
    take_plain(c, bytes, len);
    return true;
}

/* Its being there makes the library speak of the extension. */
static void unused(char *text, int len, rfbClientPtr rfb)
{
}

void vnc_clipboard_attach(VncClient *c)
{
    c->screen.setXCutTextUTF8 = unused;
    c->clipboard_caps = GIVE; /* until it says otherwise */
    c->clipboard_max = 20 << 20;
}
