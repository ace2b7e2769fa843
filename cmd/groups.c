/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd/groups.c - see groups.h. A section of a file becomes the text of its
 * option, so every check and message is the option's own. */
#include "cmd/groups.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "machine/boot/file.h"

enum { MAX_LINE = 4096 };

typedef struct {
    const char *group, *option;
    const char *id;  /* the key that a section's name stands for */
    ConfigList list; /* where -set finds it; CONFIG_N_LISTS: nowhere */
} Group;

static const Group groups[] = {
    {"accel", "accel", NULL, CONFIG_N_LISTS},
    {"action", "action", NULL, CONFIG_N_LISTS},
    {"audiodev", "audiodev", "id", CONFIG_AUDIODEV},
    {"boot-opts", "boot", NULL, CONFIG_N_LISTS},
    {"chardev", "chardev", "id", CONFIG_CHARDEV},
    {"device", "device", "id", CONFIG_DEVICE},
    {"drive", "drive", "id", CONFIG_DRIVE},
    {"fw_cfg", "fw_cfg", "name", CONFIG_N_LISTS},
    {"global", "global", NULL, CONFIG_N_LISTS},
    {"machine", "machine", NULL, CONFIG_N_LISTS},
    {"memory", "m", NULL, CONFIG_N_LISTS},
    {"mon", "mon", "id", CONFIG_N_LISTS},
    {"name", "name", NULL, CONFIG_N_LISTS},
    {"netdev", "netdev", "id", CONFIG_NETDEV},
    {"object", "object", "id", CONFIG_OBJECT},
    {"plugin", "plugin", "file", CONFIG_N_LISTS},
    {"rtc", "rtc", NULL, CONFIG_N_LISTS},
    {"semihosting-config", "semihosting-config", NULL, CONFIG_N_LISTS},
    {"smp-opts", "smp", NULL, CONFIG_N_LISTS},
    {"trace", "trace", NULL, CONFIG_N_LISTS},
    {"vnc", "vnc", "id", CONFIG_VNC},
};

static const Group *find_group(const char *name, GError **error)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(groups); i++) {
        if (strcmp(groups[i].group, name) == 0) {
            return &groups[i];
        }
    }
    machine_fail(error, "there is no option group '%s'", name);
    return NULL;
}

/* The parenthesized parts of pattern in text, NULL if it does not match. */
static char **match(const char *pattern, const char *text)
{
    g_autoptr(GRegex) regex = g_regex_new(pattern, 0, 0, NULL);
    g_autoptr(GMatchInfo) info = NULL;

    return g_regex_match(regex, text, 0, &info) ? g_match_info_fetch_all(info)
                                                : NULL;
}

/* ---- -readconfig ---- */

typedef struct {
    Options *options;
    const Group *group; /* of the section that is being read, or NULL */
    GString *text;      /* its option's argument so far */
} Reader;

static void add_pair(GString *text, const char *key, const char *value)
{
    g_auto(GStrv) parts = g_strsplit(value, ",", -1);
    g_autofree char *escaped = g_strjoinv(",,", parts);

    g_string_append_printf(text, "%s%s=%s", text->len > 0 ? "," : "", key,
                           escaped);
}

static bool finish_section(Reader *r, GError **error)
{
    const Group *g = r->group;

    r->group = NULL;
    return g == NULL ||
           options_apply(r->options, g->option, r->text->str, error);
}

static bool start_section(Reader *r, const char *group, const char *id,
                          GError **error)
{
    r->group = find_group(group, error);
    g_string_truncate(r->text, 0);
    if (r->group == NULL) {
        return false;
    }
    if (id != NULL && r->group->id == NULL) {
        return machine_fail(error, "group '%s' has no names", group);
    }
    if (id != NULL) {
        add_pair(r->text, r->group->id, id);
    }
    return true;
}

static bool read_line(Reader *r, const char *line, GError **error)
{
    g_auto(GStrv) header =
        match("^\\[([^]\"\\s]+)(?:\\s+\"([^\"]*)\")?\\]$", line);
    g_auto(GStrv) pair = match("^([^\\s=,]+)\\s*=\\s*\"([^\"]*)\"$", line);

    if (*line == '\0' || *line == '#') {
        return true;
    }
    if (header != NULL) {
        return finish_section(r, error) &&
               start_section(r, header[1], header[2], error);
    }
    if (pair == NULL) {
        return machine_fail(error, "neither [GROUP \"ID\"] nor KEY = "
                                   "\"VALUE\"");
    }
    if (r->group == NULL) {
        return machine_fail(error, "no group before it");
    }
    add_pair(r->text, pair[1], pair[2]);
    return true;
}

static bool read_lines(Reader *r, FILE *f, GError **error)
{
    char line[MAX_LINE];
    unsigned number = 0;

    while (fgets(line, sizeof(line), f) != NULL) {
        number++;
        if (strlen(line) == sizeof(line) - 1) {
            return machine_fail(error, "line %u: too long", number);
        }
        if (!read_line(r, g_strstrip(line), error)) {
            g_prefix_error(error, "line %u: ", number);
            return false;
        }
    }
    if (ferror(f)) {
        return machine_fail(error, "%s", g_strerror(errno));
    }
    if (!finish_section(r, error)) {
        g_prefix_error(error, "line %u: ", number);
        return false;
    }
    return true;
}

bool groups_read_file(Options *o, const char *path, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    Reader r = {.options = o, .text = text};
    FILE *f = fopen(path, "re");
    bool ok;

    if (f == NULL) {
        return machine_fail(error, "%s", g_strerror(errno));
    }
    ok = read_lines(&r, f, error);
    fclose(f);
    return ok;
}

/* ---- -set ---- */

static ConfigItem *find_item(Options *o, const Group *g, const char *id)
{
    GPtrArray *list =
        g->list == CONFIG_N_LISTS ? NULL : o->machine.lists[g->list];

    for (unsigned i = 0; list != NULL && i < list->len; i++) {
        ConfigItem *item = g_ptr_array_index(list, i);

        if (g_strcmp0(opts_get(item->opts, g->id), id) == 0) {
            return item;
        }
    }
    return NULL;
}

bool groups_set(Options *o, const char *text, GError **error)
{
    g_auto(GStrv) parts =
        match("(?s)^([^.=]+)\\.([^.=]+)\\.([^=]+)=(.*)$", text);
    const Group *g;
    ConfigItem *item;

    if (parts == NULL) {
        return machine_fail(error, "not GROUP.ID.KEY=VALUE");
    }
    g = find_group(parts[1], error);
    if (g == NULL) {
        return false;
    }
    item = find_item(o, g, parts[2]);
    if (item == NULL) {
        return machine_fail(error, "there is no %s '%s' before it", parts[1],
                            parts[2]);
    }
    opts_set(item->opts, parts[3], parts[4]);
    return true;
}
