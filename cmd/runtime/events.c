/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd/runtime/events.c - events: a container's use of the machine, as runc's
 * documents have it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/runtime/runtime.h"
#include "container/files.h"

/* A number of a controller's file: the file itself, or the one behind key. */
typedef struct {
    const char *part, *member;        /* data.<part>.<member> */
    const char *controller, *v1, *v2; /* files; NULL: not there */
    const char *v1_key, *v2_key;      /* NULL: the file is the number */
    int64_t scale_v2;                 /* 0: as it is */
} Statistic;

static const Statistic statistics[] = {
    {"cpu", "usage", "cpuacct", "cpuacct.usage", NULL, NULL, NULL, 0},
    {"cpu", "usage", "cpu", NULL, "cpu.stat", NULL, "usage_usec", 1000},
    {"memory", "usage", "memory", "memory.usage_in_bytes", "memory.current",
     NULL, NULL, 0},
    {"memory", "limit", "memory", "memory.limit_in_bytes", "memory.max", NULL,
     NULL, 0},
    {"memory", "failcnt", "memory", "memory.failcnt", "memory.events", NULL,
     "max", 0},
    {"memory", "cache", "memory", "memory.stat", "memory.stat", "cache", "file",
     0},
    {"pids", "current", "pids", "pids.current", "pids.current", NULL, NULL, 0},
    {"pids", "limit", "pids", "pids.max", "pids.max", NULL, NULL, 0},
};

/* "max" is no limit: 0, as runc prints it. */
static bool number_in(const char *text, const char *key, int64_t *out)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    if (key == NULL) {
        *out = g_ascii_strtoll(text, NULL, 10);
        return true;
    }
    for (unsigned i = 0; lines[i] != NULL; i++) {
        size_t len = strlen(key);

        if (strncmp(lines[i], key, len) == 0 && lines[i][len] == ' ') {
            *out = g_ascii_strtoll(lines[i] + len, NULL, 10);
            return true;
        }
    }
    return false;
}

static bool read_statistic(Cgroup *g, const Statistic *s, int64_t *out)
{
    g_autofree char *v1 =
        s->v1 != NULL ? cgroup_file(g, s->controller, s->v1) : NULL;
    g_autofree char *v2 =
        s->v2 != NULL ? cgroup_file(g, s->controller, s->v2) : NULL;

    if (v1 != NULL && number_in(v1, s->v1_key, out)) {
        return true;
    }
    if (v2 != NULL && number_in(v2, s->v2_key, out)) {
        *out *= s->scale_v2 != 0 ? s->scale_v2 : 1;
        return true;
    }
    return false;
}

/* data.memory.usage.{usage,limit,failcnt}, data.cpu.usage.total ... */
static JsonObject *sub(JsonObject *o, const char *name)
{
    if (!json_object_has_member(o, name)) {
        json_object_set_object_member(o, name, json_object_new());
    }
    return json_object_get_object_member(o, name);
}

static void put(JsonObject *data, const Statistic *s, int64_t value)
{
    JsonObject *part = sub(data, s->part);

    if (strcmp(s->part, "cpu") == 0) {
        json_object_set_int_member(sub(part, "usage"), "total", value);
    } else if (strcmp(s->part, "memory") == 0 &&
               strcmp(s->member, "cache") != 0) {
        json_object_set_int_member(sub(part, "usage"), s->member, value);
    } else {
        json_object_set_int_member(part, s->member, value);
    }
}

static JsonNode *event(Container *c, const char *type)
{
    JsonNode *node = json_node_new(JSON_NODE_OBJECT);
    JsonObject *o = json_object_new();

    json_object_set_string_member(o, "type", type);
    json_object_set_string_member(o, "id", container_id(c));
    json_node_take_object(node, o);
    return node;
}

static void print_statistics(Container *c)
{
    g_autoptr(JsonNode) node = event(c, "stats");
    JsonObject *data = sub(json_node_get_object(node), "data");

    for (unsigned i = 0; i < G_N_ELEMENTS(statistics); i++) {
        int64_t value;

        if (read_statistic(container_cgroup(c), &statistics[i], &value)) {
            put(data, &statistics[i], value);
        }
    }
    runtime_print_json(node, false);
}

/* "5s", "500ms", "5": microseconds; 0: none. */
static gulong parse_interval(const char *text)
{
    char *end;
    double value = g_ascii_strtod(text, &end);
    double unit = strcmp(end, "ms") == 0                  ? 1e3
                  : *end == '\0' || strcmp(end, "s") == 0 ? 1e6
                                                          : 0;

    return value > 0 && value < 1e6 ? (gulong)(value * unit) : 0;
}

/* The container is opened for each look: others want its lock meanwhile. */
static int watch(const RuntimeOptions *o, const char *id, gulong interval)
{
    unsigned oom = 0;

    for (bool first = true;; first = false) {
        g_autoptr(Container) c = runtime_open(o, id, NULL);
        unsigned now;

        if (c == NULL || container_pid(c) == 0) {
            return EXIT_SUCCESS;
        }
        now = cgroup_oom_kills(container_cgroup(c));
        if (!first && now != oom) {
            g_autoptr(JsonNode) node = event(c, "oom");

            runtime_print_json(node, false);
        }
        oom = now;
        print_statistics(c);
        fflush(stdout);
        g_clear_pointer(&c, container_free);
        g_usleep(interval);
    }
}

int verb_events(const RuntimeOptions *o, int argc, char **argv, GError **error)
{
    g_autofree char *text = NULL;
    gboolean once = FALSE;
    const GOptionEntry entries[] = {
        {"stats", 0, 0, G_OPTION_ARG_NONE, &once, "print once and end", NULL},
        {"interval", 0, 0, G_OPTION_ARG_STRING, &text,
         "time between statistics; default: 5s", "TIME"},
        {NULL},
    };
    g_autoptr(Container) c = NULL;
    gulong interval;

    if (!runtime_parse(entries, &argc, &argv, 1, 1, error)) {
        return -1;
    }
    interval = parse_interval(text != NULL ? text : "5s");
    if (interval == 0) {
        fail(error, "--interval: '%s' is not a time", text);
        return -1;
    }
    c = runtime_open(o, argv[1], error);
    if (c == NULL) {
        return -1;
    }
    if (container_pid(c) == 0) {
        fail(error, "container not running: '%s'", argv[1]);
        return -1;
    }
    if (once) {
        print_statistics(c);
        return EXIT_SUCCESS;
    }
    g_clear_pointer(&c, container_free);
    return watch(o, argv[1], interval);
}
