/* SPDX-License-Identifier: GPL-2.0-or-later */
/* engine/log.c */
#include "engine/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "container/files.h"
#include "engine/record.h"
#include "util/json.h"

enum {
    MAX_LINE = 16384,    /* bytes of text in one line of the log */
    MAX_FILE = 64 << 20, /* bytes until it is moved away */
};

static const char *const stream_names[] = {"stdout", "stderr"};

struct LogWriter {
    char *path;
    Fd fd;
    bool json;
    off_t size;
    GString *rest[LOG_N_STREAMS]; /* of a line that has not ended */
};

bool log_driver_known(const char *driver)
{
    return strcmp(driver, "k8s-file") == 0 || strcmp(driver, "json-file") == 0;
}

static bool open_file(LogWriter *w, GError **error)
{
    struct stat st;

    fd_clear(&w->fd);
    w->fd = open(w->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (w->fd < 0 || fstat(w->fd, &st) != 0) {
        return fail_errno(error, "log '%s'", w->path);
    }
    w->size = st.st_size;
    return true;
}

LogWriter *log_writer_new(const char *path, const char *driver, GError **error)
{
    LogWriter *w = g_new0(LogWriter, 1);

    w->path = g_strdup(path);
    w->fd = -1;
    w->json = strcmp(driver, "json-file") == 0;
    for (unsigned i = 0; i < LOG_N_STREAMS; i++) {
        w->rest[i] = g_string_new(NULL);
    }
    if (!open_file(w, error)) {
        g_clear_pointer(&w, log_writer_free);
    }
    return w;
}

static void rotate(LogWriter *w)
{
    g_autofree char *old = g_strconcat(w->path, ".1", NULL);

    if (w->size >= MAX_FILE && rename(w->path, old) == 0) {
        open_file(w, NULL);
    }
}

static char *as_json(const char *time, const char *stream, const char *text,
                     gsize len)
{
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);
    g_autofree char *valid = g_utf8_make_valid(text, (gssize)len);
    g_autofree char *line = NULL;
    JsonObject *o = json_object_new();

    json_object_set_string_member(o, "log", valid);
    json_object_set_string_member(o, "stream", stream);
    json_object_set_string_member(o, "time", time);
    json_node_take_object(node, o);
    line = json_to_string(node, FALSE);
    return g_strconcat(line, "\n", NULL);
}

/* len bytes, of which the last is a line feed if whole. */
static void write_line(LogWriter *w, LogStream stream, const char *text,
                       gsize len, bool whole)
{
    g_autofree char *time = engine_now();
    g_autoptr(GString) line = g_string_new(NULL);

    if (w->json) {
        g_autofree char *json = as_json(time, stream_names[stream], text, len);

        g_string_append(line, json);
    } else {
        g_string_append_printf(line, "%s %s %c ", time, stream_names[stream],
                               whole ? 'F' : 'P');
        g_string_append_len(line, text, (gssize)(len - whole));
        g_string_append_c(line, '\n');
    }
    /* A full disk loses the log, not the container. */
    if (fd_write_all(w->fd, line->str, line->len)) {
        w->size += (off_t)line->len;
    }
    rotate(w);
}

static void flush_rest(LogWriter *w, LogStream stream)
{
    GString *rest = w->rest[stream];

    if (rest->len != 0) {
        write_line(w, stream, rest->str, rest->len, false);
        g_string_truncate(rest, 0);
    }
}

void log_writer_add(LogWriter *w, LogStream stream, const char *bytes,
                    size_t len)
{
    GString *rest = w->rest[stream];

    for (size_t i = 0; i < len; i++) {
        g_string_append_c(rest, bytes[i]);
        if (bytes[i] == '\n') {
            write_line(w, stream, rest->str, rest->len, true);
            g_string_truncate(rest, 0);
        } else if (rest->len >= MAX_LINE) {
            flush_rest(w, stream);
        }
    }
}

void log_writer_free(LogWriter *w)
{
    if (w == NULL) {
        return;
    }
    for (unsigned i = 0; i < LOG_N_STREAMS; i++) {
        if (w->fd >= 0) {
            flush_rest(w, i);
        }
        g_string_free(w->rest[i], TRUE);
    }
    fd_clear(&w->fd);
    g_free(w->path);
    g_free(w);
}

/* ---- reading ---- */

void log_line_clear(LogLine *l)
{
    g_clear_pointer(&l->time, g_free);
    g_clear_pointer(&l->text, g_free);
}

static bool stream_of(const char *name, LogStream *out)
{
    for (unsigned i = 0; i < LOG_N_STREAMS; i++) {
        if (g_strcmp0(stream_names[i], name) == 0) {
            *out = i;
            return true;
        }
    }
    return false;
}

static const char *member(JsonObject *o, const char *name)
{
    return json_object_get_string_member_with_default(o, name, NULL);
}

static bool parse_json(const char *line, gsize len, LogLine *out)
{
    g_autoptr(JsonNode) node = json_read(line, len, false, NULL);
    JsonObject *o;

    if (node == NULL || !JSON_NODE_HOLDS_OBJECT(node)) {
        return false;
    }
    o = json_node_get_object(node);
    if (!stream_of(member(o, "stream"), &out->stream) ||
        member(o, "log") == NULL || member(o, "time") == NULL) {
        return false;
    }
    out->time = g_strdup(member(o, "time"));
    out->text = g_strdup(member(o, "log"));
    out->len = strlen(out->text);
    return true;
}

static bool parse_k8s(const char *line, gsize len, LogLine *out)
{
    g_autofree char *head = g_strndup(line, MIN(len, 64));
    g_auto(GStrv) words = g_strsplit(head, " ", 4);
    gsize start;
    bool whole;

    if (g_strv_length(words) != 4 || !stream_of(words[1], &out->stream)) {
        return false;
    }
    whole = strcmp(words[2], "F") == 0;
    start = strlen(words[0]) + strlen(words[1]) + strlen(words[2]) + 3;
    out->time = g_strdup(words[0]);
    out->len = len - start + whole;
    out->text = g_malloc(out->len + 1);
    memcpy(out->text, line + start, len - start);
    if (whole) {
        out->text[len - start] = '\n';
    }
    out->text[out->len] = '\0';
    return true;
}

bool log_line_parse(const char *line, gsize len, LogLine *out)
{
    *out = (LogLine){0};
    return len != 0 && (*line == '{' ? parse_json : parse_k8s)(line, len, out);
}
