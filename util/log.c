/* SPDX-License-Identifier: GPL-2.0-or-later */
/* util/log.c - the sink behind -d and -D: a text is one write(2), so lines of
 * several threads do not mix.
 * Threads: the mask and the descriptor are set before threads start. */
#include "util/log.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util/trace.h"

enum { LINES_PER_SITE = 100 };

typedef struct {
    const char *name;
    const char *help;
} Topic;

static const Topic topics_table[] = {
#define LOG_ROW_(id, name, help) {name, help},
    LOG_TOPICS(LOG_ROW_)
#undef LOG_ROW_
};

uint32_t log_mask;
static int log_fd = STDERR_FILENO;

static bool enable_one(const char *name, GError **error)
{
    if (g_str_has_prefix(name, "trace:")) {
        return trace_enable(name + strlen("trace:"), error);
    }
    for (unsigned i = 0; i < LOG_N_TOPICS; i++) {
        if (strcmp(name, topics_table[i].name) == 0) {
            log_mask |= UINT32_C(1) << i;
            return true;
        }
    }
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                "log topic '%s': unknown (see -d help)", name);
    return false;
}

bool log_enable_topics(const char *list, GError **error)
{
    g_auto(GStrv) names = g_strsplit(list, ",", -1);

    for (char **name = names; *name != NULL; name++) {
        if (!enable_one(*name, error)) {
            return false;
        }
    }
    return true;
}

bool log_open(const char *path, GError **error)
{
    int fd =
        open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);

    if (fd < 0) {
        int code = errno;

        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(code),
                    "log file '%s': %s", path, g_strerror(code));
        return false;
    }
    if (log_fd != STDERR_FILENO) {
        close(log_fd);
    }
    log_fd = fd;
    return true;
}

void log_print_topics(void)
{
    for (unsigned i = 0; i < LOG_N_TOPICS; i++) {
        printf("%-14s %s\n", topics_table[i].name, topics_table[i].help);
    }
    printf("%-14s %s\n", "trace:PATTERN", "trace events, see -trace help");
}

/* A log nobody can take is dropped: there is nowhere left to say so. */
void log_write(const char *text, size_t len)
{
    while (len > 0) {
        ssize_t n = write(log_fd, text, len);

        if (n < 0) {
            if (errno == EINTR) {
                continue;
            }
            return;
        }
        text += n;
        len -= (size_t)n;
    }
}

G_GNUC_PRINTF(1, 0)
static void write_line(const char *format, va_list args)
{
    g_autoptr(GString) line = g_string_sized_new(160);

    g_string_append_vprintf(line, format, args);
    if (line->len == 0 || line->str[line->len - 1] != '\n') {
        g_string_append_c(line, '\n');
    }
    log_write(line->str, line->len);
}

void log_printf(uint32_t topics, const char *format, ...)
{
    va_list args;

    if (!log_enabled(topics)) {
        return;
    }
    va_start(args, format);
    write_line(format, args);
    va_end(args);
}

void log_text(uint32_t topics, const char *text)
{
    if (log_enabled(topics)) {
        log_write(text, strlen(text));
    }
}

void guest_log_at(uint32_t *count, uint32_t topics, const char *format, ...)
{
    va_list args;
    uint32_t n;

    /* Looked at first, so that the counter never wraps. */
    if (!log_enabled(topics) ||
        __atomic_load_n(count, __ATOMIC_RELAXED) > LINES_PER_SITE) {
        return;
    }
    n = __atomic_fetch_add(count, 1, __ATOMIC_RELAXED);
    if (n >= LINES_PER_SITE) {
        if (n == LINES_PER_SITE) {
            log_printf(topics, "(more lines like the last are not shown)");
        }
        return;
    }
    va_start(args, format);
    write_line(format, args);
    va_end(args);
}
