/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd/verbs/container-look.c - ps, logs, top, container inspect. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/verbs/containers.h"
#include "container/files.h"
#include "engine/log.h"
#include "util/columns.h"
#include "util/json-doc.h"
#include "util/template.h"

/* ---- ps ---- */

static const char standard[] = "{{.ID}}\t{{.Image}}\t{{.Command}}\t"
                               "{{.CreatedHuman}}\t{{.Status}}\t{{.Ports}}\t"
                               "{{.Names}}";

static int64_t age(const char *time)
{
    return g_get_real_time() / G_USEC_PER_SEC - time_from_text(time);
}

static char *ago(const char *time)
{
    g_autofree char *text = human_duration(age(time));

    return g_strconcat(text, " ago", NULL);
}

static char *status_text(Engine *e, const Record *r, RecordStatus status)
{
    g_autoptr(RunState) run = engine_run_state(e, r);
    g_autoptr(ExitState) ended = engine_exit_state(e, r);
    g_autofree char *when = NULL;

    if (status == RECORD_CREATED) {
        return g_strdup("Created");
    }
    if (status == RECORD_EXITED) {
        if (ended == NULL) {
            return g_strdup("Exited");
        }
        when = ago(ended->finished);
        return g_strdup_printf("Exited (%" G_GINT64_FORMAT ") %s", ended->code,
                               when);
    }
    when = human_duration(run != NULL ? age(run->started) : 0);
    return g_strdup_printf("Up %s%s", when,
                           status == RECORD_PAUSED ? " (Paused)" : "");
}

static char *command_text(const Record *r, bool whole)
{
    g_autofree char *all = g_strjoinv(" ", r->args);

    return whole || g_utf8_strlen(all, -1) <= 20
               ? g_steal_pointer(&all)
               : g_strdup_printf("%.17s...", all);
}

static JsonNode *row(Engine *e, const Record *r, RecordStatus status,
                     bool whole)
{
    JsonNode *node = json_node_new(JSON_NODE_OBJECT);
    JsonObject *o = json_object_new(), *labels = json_object_new();
    g_autofree char *id = g_strndup(r->id, whole ? 64 : 12);
    g_autofree char *command = command_text(r, whole);
    g_autofree char *created = ago(r->created);
    g_autofree char *text = status_text(e, r, status);
    g_autoptr(ExitState) ended = engine_exit_state(e, r);

    json_object_set_string_member(o, "ID", id);
    json_object_set_string_member(o, "Image", r->image);
    json_object_set_string_member(o, "Command", command);
    json_object_set_string_member(o, "CreatedHuman", created);
    json_object_set_string_member(o, "CreatedAt", r->created);
    json_object_set_string_member(o, "Status", text);
    json_object_set_string_member(o, "State", record_status_name(status));
    json_object_set_string_member(o, "Ports", "");
    json_object_set_string_member(o, "Names", r->name);
    json_object_set_string_member(o, "Networks", r->network);
    json_object_set_int_member(o, "ExitCode", ended != NULL ? ended->code : 0);
    for (const JsonPair *at = r->labels; at != NULL && at->name != NULL; at++) {
        json_object_set_string_member(labels, at->name, at->value);
    }
    json_object_set_object_member(o, "Labels", labels);
    json_node_take_object(node, o);
    return node;
}

static bool has_label(const Record *r, const char *text)
{
    const char *wanted;
    g_autofree char *name = split_filter(text, &wanted);
    const char *value = json_map_get(r->labels, name);

    return value != NULL && (wanted == NULL || strcmp(value, wanted) == 0);
}

/* Whether it passes one filter; *known is cleared for one that is none. */
static bool passes(Engine *e, const Record *r, RecordStatus status,
                   const char *text, bool *known)
{
    const char *value;
    g_autofree char *key = split_filter(text, &value);
    g_autoptr(ExitState) ended = NULL;

    if (value == NULL) {
        *known = false;
        return false;
    }
    if (strcmp(key, "name") == 0) {
        return strstr(r->name, value) != NULL;
    }
    if (strcmp(key, "id") == 0) {
        return g_str_has_prefix(r->id, value);
    }
    if (strcmp(key, "status") == 0) {
        return strcmp(record_status_name(status), value) == 0;
    }
    if (strcmp(key, "label") == 0) {
        return has_label(r, value);
    }
    if (strcmp(key, "ancestor") == 0) {
        return strstr(r->image, value) != NULL ||
               g_str_has_prefix(r->image_id, value);
    }
    if (strcmp(key, "exited") == 0) {
        ended = engine_exit_state(e, r);
        return status == RECORD_EXITED && ended != NULL &&
               ended->code == g_ascii_strtoll(value, NULL, 10);
    }
    *known = false;
    return false;
}

static bool is_shown(Engine *e, const Record *r, RecordStatus status,
                     const VerbArgs *a, GError **error)
{
    char *const *filters = args_values(a, "filter");
    bool all = args_flag(a, "all");

    for (char *const *at = filters; *at != NULL; at++) {
        bool known = true;

        all |= g_str_has_prefix(*at, "status=") ||
               g_str_has_prefix(*at, "exited=");
        if (!passes(e, r, status, *at, &known)) {
            return known ? false
                         : fail(error,
                                "filter '%s': id=, name=, status=, "
                                "label=, ancestor=, exited=",
                                *at);
        }
    }
    return all || status == RECORD_RUNNING || status == RECORD_PAUSED;
}

int verb_ps(Cuttle *c, const VerbArgs *a, GError **error)
{
    g_autoptr(Engine) e = cuttle_engine(c, error);
    g_autoptr(GPtrArray) all = e != NULL ? engine_list(e, error) : NULL;
    g_autoptr(GPtrArray) rows =
        g_ptr_array_new_with_free_func((GDestroyNotify)json_node_unref);
    bool whole = args_flag(a, "no-trunc");
    const char *format =
        args_flag(a, "quiet") ? "{{.ID}}" : args_value(a, "format");

    if (all == NULL) {
        return -1;
    }
    for (unsigned i = 0; i < all->len; i++) {
        const Record *r = all->pdata[i];
        RecordStatus status = engine_status(e, r);
        GError *why = NULL;

        if (is_shown(e, r, status, a, &why)) {
            g_ptr_array_add(rows, row(e, r, status, whole));
        } else if (why != NULL) {
            g_propagate_error(error, why);
            return -1;
        }
    }
    return print_rows("CONTAINER", format, standard, true, rows, rows, error)
               ? EXIT_SUCCESS
               : -1;
}

/* ---- logs ---- */

typedef struct {
    bool times;
    const char *since; /* RFC 3339; NULL: all */
} LogOptions;

static void print_line(const LogOptions *o, const char *line, gsize len)
{
    LogLine l;

    if (!log_line_parse(line, len, &l)) {
        return;
    }
    if (o->since == NULL || strcmp(l.time, o->since) >= 0) {
        FILE *to = l.stream == LOG_STREAM_OUT ? stdout : stderr;

        if (o->times) {
            fprintf(to, "%s ", l.time);
        }
        fwrite(l.text, 1, l.len, to);
    }
    log_line_clear(&l);
}

/* Prints whole lines from the file on; what is left stays in rest. */
static void print_more(const LogOptions *o, int fd, GString *rest)
{
    char part[16384];
    ssize_t n;

    while ((n = TEMP_FAILURE_RETRY(read(fd, part, sizeof(part)))) > 0) {
        const char *end;

        g_string_append_len(rest, part, n);
        while ((end = memchr(rest->str, '\n', rest->len)) != NULL) {
            gsize len = (gsize)(end - rest->str);

            print_line(o, rest->str, len);
            g_string_erase(rest, 0, (gssize)len + 1);
        }
    }
    fflush(stdout);
    fflush(stderr);
}

/* Where the last n lines of the file start. */
static off_t tail_start(int fd, int64_t n)
{
    struct stat st;
    off_t at = fstat(fd, &st) == 0 ? st.st_size : 0;
    char part[4096];

    n++; /* the file ends with a line feed */
    while (at > 0) {
        off_t from = MAX(at - (off_t)sizeof(part), 0);
        ssize_t len = pread(fd, part, (size_t)(at - from), from);

        for (ssize_t i = len; i-- > 0;) {
            if (part[i] == '\n' && --n == 0) {
                return from + i + 1;
            }
        }
        at = from;
    }
    return 0;
}

static void follow(Engine *e, const Record *r, const LogOptions *o, int fd,
                   GString *rest)
{
    bool runs;

    do {
        RecordStatus status = engine_status(e, r);

        runs = !engine_gone(e, r) &&
               (status == RECORD_RUNNING || status == RECORD_PAUSED);
        print_more(o, fd, rest);
        if (runs) {
            g_usleep(50000);
        }
    } while (runs);
}

int verb_logs(Cuttle *c, const VerbArgs *a, GError **error)
{
    g_autoptr(Engine) e = cuttle_engine(c, error);
    g_autoptr(Record) r =
        e != NULL ? engine_find(e, args_at(a, 0), error) : NULL;
    const char *tail = args_value(a, "tail");
    LogOptions o = {args_flag(a, "timestamps"), args_value(a, "since")};
    g_autoptr(GString) rest = g_string_new(NULL);
    g_autofree char *path = NULL;
    g_auto(Fd) fd = -1;
    gint64 n = -1;

    if (r == NULL) {
        return -1;
    }
    if (tail != NULL && strcmp(tail, "all") != 0 &&
        !g_ascii_string_to_signed(tail, 10, 0, G_MAXINT32, &n, NULL)) {
        fail(error, "--tail '%s': not a number", tail);
        return -1;
    }
    path = engine_path(e, r, "log");
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return EXIT_SUCCESS; /* it has not run yet */
    }
    if (n >= 0) {
        lseek(fd, tail_start(fd, n), SEEK_SET);
    }
    print_more(&o, fd, rest);
    if (args_flag(a, "follow")) {
        follow(e, r, &o, fd, rest);
    }
    return EXIT_SUCCESS;
}

/* ---- top ---- */

int verb_top(Cuttle *c, const VerbArgs *a, GError **error)
{
    g_autoptr(Engine) e = cuttle_engine(c, error);
    g_autoptr(Record) r =
        e != NULL ? engine_find(e, args_at(a, 0), error) : NULL;
    g_autoptr(GPtrArray) args = g_ptr_array_new_with_free_func(g_free);

    if (r == NULL || !container_need_running(e, r, error)) {
        return -1;
    }
    g_ptr_array_add(args, g_strdup(r->id));
    container_add_words(args, a);
    return container_become(e, "ps", args, error);
}

/* ---- inspect ---- */

static void set_strings(JsonObject *o, const char *name, char *const *list)
{
    JsonArray *array = json_array_new();

    for (; list != NULL && *list != NULL; list++) {
        json_array_add_string_element(array, *list);
    }
    json_object_set_array_member(o, name, array);
}

static JsonObject *state_object(Engine *e, const Record *r)
{
    RecordStatus status = engine_status(e, r);
    g_autoptr(RunState) run = engine_run_state(e, r);
    g_autoptr(ExitState) ended = engine_exit_state(e, r);
    bool runs = status == RECORD_RUNNING || status == RECORD_PAUSED;
    JsonObject *o = json_object_new();

    json_object_set_string_member(o, "Status", record_status_name(status));
    json_object_set_boolean_member(o, "Running", runs);
    json_object_set_boolean_member(o, "Paused", status == RECORD_PAUSED);
    json_object_set_int_member(o, "Pid", runs && run != NULL ? run->pid : 0);
    json_object_set_int_member(o, "ExitCode", ended != NULL ? ended->code : 0);
    json_object_set_string_member(
        o, "Error", ended != NULL && ended->error != NULL ? ended->error : "");
    json_object_set_string_member(o, "StartedAt",
                                  run != NULL ? run->started
                                  : ended != NULL && ended->started != NULL
                                      ? ended->started
                                      : "0001-01-01T00:00:00Z");
    json_object_set_string_member(o, "FinishedAt",
                                  ended != NULL ? ended->finished
                                                : "0001-01-01T00:00:00Z");
    return o;
}

static JsonObject *config_object(const Record *r)
{
    JsonObject *o = json_object_new(), *labels = json_object_new();

    json_object_set_string_member(o, "Hostname", r->hostname);
    json_object_set_string_member(o, "User", r->user != NULL ? r->user : "");
    json_object_set_boolean_member(o, "Tty", r->terminal);
    json_object_set_boolean_member(o, "OpenStdin", r->interactive);
    set_strings(o, "Env", r->env);
    set_strings(o, "Cmd", r->args);
    json_object_set_string_member(o, "Image", r->image);
    json_object_set_string_member(o, "WorkingDir", r->cwd);
    json_object_set_string_member(o, "StopSignal", r->stop_signal);
    for (const JsonPair *at = r->labels; at != NULL && at->name != NULL; at++) {
        json_object_set_string_member(labels, at->name, at->value);
    }
    json_object_set_object_member(o, "Labels", labels);
    return o;
}

static JsonObject *host_object(const Record *r)
{
    JsonObject *o = json_object_new(), *policy = json_object_new();

    json_object_set_string_member(o, "NetworkMode", r->network);
    set_strings(o, "Binds", r->volumes);
    json_object_set_int_member(o, "Memory", r->memory);
    json_object_set_int_member(o, "CpuQuota", r->cpu_quota);
    json_object_set_int_member(o, "PidsLimit", r->pids_limit);
    json_object_set_boolean_member(o, "Privileged", r->privileged);
    json_object_set_boolean_member(o, "ReadonlyRootfs", r->read_only);
    json_object_set_boolean_member(o, "AutoRemove", r->remove);
    set_strings(o, "CapAdd", r->cap_add);
    set_strings(o, "CapDrop", r->cap_drop);
    json_object_set_string_member(policy, "Name", r->restart);
    json_object_set_int_member(policy, "MaximumRetryCount", r->restart_max);
    json_object_set_object_member(o, "RestartPolicy", policy);
    return o;
}

static JsonNode *inspect(Engine *e, const Record *r)
{
    JsonNode *node = json_node_new(JSON_NODE_OBJECT);
    JsonObject *o = json_object_new();
    g_autofree char *log = engine_path(e, r, "log");

    json_object_set_string_member(o, "Id", r->id);
    json_object_set_string_member(o, "Created", r->created);
    json_object_set_string_member(o, "Path", r->args[0]);
    set_strings(o, "Args", r->args + 1);
    json_object_set_object_member(o, "State", state_object(e, r));
    json_object_set_string_member(o, "Image", r->image_id);
    json_object_set_string_member(o, "ImageName", r->image);
    json_object_set_string_member(o, "Name", r->name);
    json_object_set_string_member(o, "LogPath", log);
    json_object_set_object_member(o, "Config", config_object(r));
    json_object_set_object_member(o, "HostConfig", host_object(r));
    json_node_take_object(node, o);
    return node;
}

static bool print_all(JsonArray *all, const char *format, GError **error)
{
    g_autoptr(Template) template = NULL;

    if (format == NULL || strcmp(format, "json") == 0) {
        g_autoptr(JsonNode) node = json_node_new(JSON_NODE_ARRAY);
        g_autofree char *text = NULL;

        json_node_set_array(node, all);
        text = doc_text(node, true);
        puts(text);
        return true;
    }
    template = template_parse(format, error);
    for (unsigned i = 0; template != NULL && i < json_array_get_length(all);
         i++) {
        g_autoptr(GString) out = g_string_new(NULL);

        if (!template_print(template, json_array_get_element(all, i), out,
                            error)) {
            return false;
        }
        puts(out->str);
    }
    return template != NULL;
}

int verb_container_inspect(Cuttle *c, const VerbArgs *a, GError **error)
{
    g_autoptr(Engine) e = cuttle_engine(c, error);
    g_autoptr(JsonArray) all = json_array_new();
    int code = EXIT_SUCCESS;

    if (e == NULL) {
        return -1;
    }
    for (unsigned i = 0; i < args_count(a); i++) {
        g_autoptr(GError) why = NULL;
        g_autoptr(Record) r = engine_find(e, args_at(a, i), &why);

        if (r != NULL) {
            json_array_add_element(all, inspect(e, r));
        } else {
            print_error(why);
            code = EXIT_CODE_ERROR;
        }
    }
    return print_all(all, args_value(a, "format"), error) ? code : -1;
}
