/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/hmp/line.c - see line.h. */
#include "control/hmp/line.h"

#include <string.h>

enum { HISTORY = 64, COLUMNS = 78 };

struct Line {
    char *prompt;
    LineCalls calls;
    GString *text;
    size_t at; /* of the cursor in text */
    GPtrArray *history;
    unsigned recalled; /* history->len: none */
    char *kept;        /* what was typed before history was asked */
    unsigned escape;   /* bytes of an escape sequence that came */
    char parameter;    /* "\e[3~": the digit */
    bool after_cr;     /* a line feed belongs to the return before it */
};

Line *line_new(const char *prompt, const LineCalls *calls)
{
    Line *l = g_new0(Line, 1);

    l->prompt = g_strdup(prompt);
    l->calls = *calls;
    l->text = g_string_new(NULL);
    l->history = g_ptr_array_new_with_free_func(g_free);
    return l;
}

void line_free(Line *l)
{
    if (l != NULL) {
        g_free(l->prompt);
        g_free(l->kept);
        g_string_free(l->text, TRUE);
        g_ptr_array_unref(l->history);
        g_free(l);
    }
}

static void say(Line *l, const char *text)
{
    l->calls.write(l->calls.opaque, text);
}

/* The line again, over what is there, with the cursor where it is. */
static void redraw(Line *l)
{
    g_autoptr(GString) out = g_string_new(NULL);

    g_string_printf(out, "\r%s%s\x1b[K", l->prompt, l->text->str);
    if (l->at < l->text->len) {
        g_string_append_printf(out, "\x1b[%zuD", l->text->len - l->at);
    }
    say(l, out->str);
}

static void clear(Line *l)
{
    g_string_truncate(l->text, 0);
    l->at = 0;
    l->recalled = l->history->len;
    g_clear_pointer(&l->kept, g_free);
}

void line_show(Line *l, bool anew)
{
    if (anew) {
        clear(l);
    }
    redraw(l);
}

/* ---- editing ---- */

static void insert(Line *l, const char *s)
{
    size_t len = strlen(s);

    if (l->text->len + len > LINE_MAX_BYTES) {
        return;
    }
    g_string_insert(l->text, (gssize)l->at, s);
    l->at += len;
    if (l->at == l->text->len) {
        say(l, s);
    } else {
        redraw(l);
    }
}

static void erase(Line *l, size_t from, size_t to)
{
    if (from < to) {
        g_string_erase(l->text, (gssize)from, (gssize)(to - from));
        l->at = from;
        redraw(l);
    }
}

static size_t word_start(const Line *l)
{
    size_t i = l->at;

    while (i > 0 && l->text->str[i - 1] == ' ') {
        i--;
    }
    while (i > 0 && l->text->str[i - 1] != ' ') {
        i--;
    }
    return i;
}

static void move(Line *l, size_t to)
{
    l->at = MIN(to, l->text->len);
    redraw(l);
}

/* ---- history ---- */

static void remember(Line *l)
{
    const char *last = l->history->len > 0
                           ? g_ptr_array_index(l->history, l->history->len - 1)
                           : "";

    if (l->text->len == 0 || strcmp(last, l->text->str) == 0) {
        return;
    }
    if (l->history->len == HISTORY) {
        g_ptr_array_remove_index(l->history, 0);
    }
    g_ptr_array_add(l->history, g_strdup(l->text->str));
}

static void recall(Line *l, unsigned which)
{
    if (which > l->history->len) {
        return;
    }
    if (l->recalled == l->history->len) {
        g_free(l->kept);
        l->kept = g_strdup(l->text->str);
    }
    l->recalled = which;
    g_string_assign(l->text, which < l->history->len
                                 ? g_ptr_array_index(l->history, which)
                                 : l->kept);
    move(l, l->text->len);
}

/* ---- completion ---- */

static size_t common_length(GPtrArray *words)
{
    const char *first = g_ptr_array_index(words, 0);
    size_t n = strlen(first);

    for (unsigned i = 1; i < words->len; i++) {
        const char *w = g_ptr_array_index(words, i);
        size_t k = 0;

        while (k < n && w[k] == first[k]) {
            k++;
        }
        n = k;
    }
    return n;
}

static void list_words(Line *l, GPtrArray *words)
{
    g_autoptr(GString) out = g_string_new("\r\n");
    size_t widest = 0, column = 0;

    for (unsigned i = 0; i < words->len; i++) {
        widest = MAX(widest, strlen(g_ptr_array_index(words, i)));
    }
    for (unsigned i = 0; i < words->len; i++) {
        if (column > 0 && column + widest + 2 > COLUMNS) {
            g_string_append(out, "\r\n");
            column = 0;
        }
        g_string_append_printf(out, "%-*s  ", (int)widest,
                               (char *)g_ptr_array_index(words, i));
        column += widest + 2;
    }
    g_string_append(out, "\r\n");
    say(l, out->str);
    redraw(l);
}

static void complete(Line *l)
{
    g_autofree char *before = g_strndup(l->text->str, l->at);
    const char *space = strrchr(before, ' ');
    const char *word = space != NULL ? space + 1 : before;
    g_autoptr(GPtrArray) words = l->calls.complete(l->calls.opaque, before);
    g_autofree char *more = NULL;
    size_t common;

    if (words->len == 0) {
        return;
    }
    common = common_length(words);
    if (common > strlen(word)) {
        more = g_strndup((char *)g_ptr_array_index(words, 0) + strlen(word),
                         common - strlen(word));
        insert(l, more);
    } else if (words->len > 1) {
        list_words(l, words);
    }
    if (words->len == 1) {
        insert(l, " ");
    }
}

/* ---- keys ---- */

static void finish(Line *l)
{
    g_autofree char *line = NULL;

    remember(l);
    line = g_strdup(l->text->str);
    clear(l);
    say(l, "\r\n");
    l->calls.done(l->calls.opaque, line);
}

static void escaped_key(Line *l, char key)
{
    switch (key) {
    case 'A':
        recall(l, l->recalled - 1); /* 0 - 1 is too large */
        break;
    case 'B':
        recall(l, l->recalled + 1);
        break;
    case 'C':
        move(l, l->at + 1);
        break;
    case 'D':
        move(l, l->at > 0 ? l->at - 1 : 0);
        break;
    case 'H':
        move(l, 0);
        break;
    case 'F':
        move(l, l->text->len);
        break;
    case '~':
        if (l->parameter == '3') {
            erase(l, l->at, MIN(l->at + 1, l->text->len));
        } else if (l->parameter == '1' || l->parameter == '7') {
            move(l, 0);
        } else if (l->parameter == '4' || l->parameter == '8') {
            move(l, l->text->len);
        }
        break;
    default:
        break;
    }
}

/* Bytes behind an escape: "[", digits, a letter. */
static void step_escape(Line *l, char c)
{
    if (l->escape == 1) {
        l->escape = c == '[' || c == 'O' ? 2 : 0;
        l->parameter = 0;
    } else if (g_ascii_isdigit(c) || c == ';') {
        l->parameter = l->parameter == 0 ? c : l->parameter;
    } else {
        l->escape = 0;
        escaped_key(l, c);
    }
}

#define CTRL(c) ((c)&0x1f)

static void control_key(Line *l, char c)
{
    switch (c) {
    case CTRL('A'):
        move(l, 0);
        break;
    case CTRL('E'):
        move(l, l->text->len);
        break;
    case CTRL('B'):
        escaped_key(l, 'D');
        break;
    case CTRL('F'):
        escaped_key(l, 'C');
        break;
    case CTRL('P'):
        escaped_key(l, 'A');
        break;
    case CTRL('N'):
        escaped_key(l, 'B');
        break;
    case CTRL('D'):
        erase(l, l->at, MIN(l->at + 1, l->text->len));
        break;
    case CTRL('H'):
    case 0x7f:
        erase(l, l->at - (l->at > 0), l->at);
        break;
    case CTRL('K'):
        erase(l, l->at, l->text->len);
        break;
    case CTRL('U'):
        erase(l, 0, l->at);
        break;
    case CTRL('W'):
        erase(l, word_start(l), l->at);
        break;
    case CTRL('L'):
        say(l, "\x1b[H\x1b[J");
        redraw(l);
        break;
    case CTRL('C'):
        say(l, "\r\n");
        line_show(l, true);
        break;
    case '\t':
        complete(l);
        break;
    case 0x1b:
        l->escape = 1;
        break;
    default:
        break;
    }
}

static void step(Line *l, char c)
{
    bool after_cr = l->after_cr;

    l->after_cr = c == '\r';
    if (l->escape > 0) {
        step_escape(l, c);
    } else if (c == '\r' || (c == '\n' && !after_cr)) {
        finish(l);
    } else if ((unsigned char)c < 0x20 || c == 0x7f) {
        control_key(l, c);
    } else if ((unsigned char)c < 0x80) {
        insert(l, (char[]){c, '\0'});
    }
}

void line_push(Line *l, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        step(l, (char)bytes[i]);
    }
}
