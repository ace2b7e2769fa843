/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/registry/mirrors.c - the few forms of TOML that registries.conf uses.
 */
#include "store/registry/mirrors.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "store/error.h"
#include "store/fs.h"

enum { MAX_CONF_BYTES = 1 << 20 };

static const char conf_path[] = "/etc/containers/registries.conf";

char *mirror_host(const char *domain)
{
    return g_strdup(strcmp(domain, "docker.io") == 0 ? "registry-1.docker.io"
                                                     : domain);
}

void mirror_place_free(MirrorPlace *p)
{
    g_free(p->domain);
    g_free(p->path);
    g_free(p);
}

typedef struct {
    char *location;
    bool insecure;
} Mirror;

typedef struct {
    char *prefix, *location;
    bool insecure, blocked;
    GPtrArray *mirrors; /* Mirror * */
} Registry;

static void mirror_free(Mirror *m)
{
    g_free(m->location);
    g_free(m);
}

static void registry_free(Registry *r)
{
    g_free(r->prefix);
    g_free(r->location);
    g_ptr_array_unref(r->mirrors);
    g_free(r);
}

/* "text" without its quotes; NULL if it is none. */
static char *string_value(const char *value)
{
    size_t n = strlen(value);

    return n >= 2 && (*value == '"' || *value == '\'') && value[n - 1] == *value
               ? g_strndup(value + 1, n - 2)
               : NULL;
}

/* A line of a [[registry]] or of its last mirror; other keys pass. */
static bool set_key(Registry *r, Mirror *m, const char *key, const char *value)
{
    g_autofree char *text = string_value(value);
    bool yes = strcmp(value, "true") == 0;

    if (strcmp(key, "location") == 0) {
        char **member = m != NULL ? &m->location : &r->location;

        g_free(*member);
        *member = g_steal_pointer(&text);
        return *member != NULL;
    }
    if (strcmp(key, "prefix") == 0 && m == NULL) {
        g_free(r->prefix);
        r->prefix = g_steal_pointer(&text);
        return r->prefix != NULL;
    }
    if (strcmp(key, "insecure") == 0) {
        *(m != NULL ? &m->insecure : &r->insecure) = yes;
    } else if (strcmp(key, "blocked") == 0 && m == NULL) {
        r->blocked = yes;
    }
    return true;
}

/* Comments are cut off where no quote is open. */
static char *clean_line(const char *line)
{
    char quote = '\0';
    const char *p = line;

    for (; *p != '\0' && (quote != '\0' || *p != '#'); p++) {
        if (quote == '\0' && (*p == '"' || *p == '\'')) {
            quote = *p;
        } else if (*p == quote) {
            quote = '\0';
        }
    }
    return g_strstrip(g_strndup(line, p - line));
}

static GPtrArray *read_conf(GError **error)
{
    const char *file = g_getenv("CONTAINERS_REGISTRIES_CONF");
    g_autoptr(GPtrArray) list =
        g_ptr_array_new_with_free_func((GDestroyNotify)registry_free);
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    Registry *r = NULL;
    Mirror *m = NULL;
    size_t len;

    file = file != NULL ? file : conf_path;
    text = fs_read_at(AT_FDCWD, file, MAX_CONF_BYTES, &len);
    if (text == NULL) {
        if (errno != ENOENT) {
            fs_fail(error, file);
            return NULL;
        }
        return g_steal_pointer(&list);
    }
    lines = g_strsplit(text, "\n", -1);
    for (unsigned i = 0; lines[i] != NULL; i++) {
        g_autofree char *line = clean_line(lines[i]);
        char *equals = strchr(line, '=');

        if (strcmp(line, "[[registry]]") == 0) {
            r = g_new0(Registry, 1);
            r->mirrors =
                g_ptr_array_new_with_free_func((GDestroyNotify)mirror_free);
            m = NULL;
            g_ptr_array_add(list, r);
        } else if (strcmp(line, "[[registry.mirror]]") == 0 && r != NULL) {
            m = g_new0(Mirror, 1);
            g_ptr_array_add(r->mirrors, m);
        } else if (*line == '[') {
            r = NULL;
            m = NULL;
        } else if (equals != NULL && r != NULL) {
            *equals = '\0';
            if (!set_key(r, m, g_strstrip(line), g_strstrip(equals + 1))) {
                store_fail(error, "%s:%u: '%s' is not a string", file, i + 1,
                           g_strstrip(line));
                return NULL;
            }
        }
    }
    return g_steal_pointer(&list);
}

static bool has_prefix(const char *name, const char *prefix)
{
    size_t n = strlen(prefix);

    return strncmp(name, prefix, n) == 0 && (name[n] == '/' || name[n] == '\0');
}

/* location and what is behind the prefix. */
static void add_place(GPtrArray *places, const char *location, const char *rest,
                      bool insecure)
{
    g_autofree char *name = g_strconcat(location, rest, NULL);
    char *slash = strchr(name, '/');
    MirrorPlace *p;

    if (slash == NULL) {
        return; /* a mirror's location is no repository, and nothing follows */
    }
    p = g_new0(MirrorPlace, 1);
    p->domain = g_strndup(name, slash - name);
    p->path = g_strdup(slash + 1);
    p->insecure = insecure;
    g_ptr_array_add(places, p);
}

GPtrArray *mirror_places(const char *domain, const char *path, GError **error)
{
    g_autofree char *name = g_strconcat(domain, "/", path, NULL);
    g_autoptr(GPtrArray) conf = read_conf(error);
    GPtrArray *places;
    const Registry *best = NULL;
    size_t length = 0;

    for (guint i = 0; conf != NULL && i < conf->len; i++) {
        const Registry *r = conf->pdata[i];
        const char *prefix = r->prefix != NULL ? r->prefix : r->location;

        if (prefix != NULL && has_prefix(name, prefix) &&
            strlen(prefix) > length) {
            best = r;
            length = strlen(prefix);
        }
    }
    if (conf == NULL) {
        return NULL;
    }
    if (best != NULL && best->blocked) {
        store_fail_code(error, STORE_ERROR_DENIED,
                        "registry %s: blocked by registries.conf", domain);
        return NULL;
    }
    places = g_ptr_array_new_with_free_func((GDestroyNotify)mirror_place_free);
    for (guint i = 0; best != NULL && i < best->mirrors->len; i++) {
        const Mirror *m = best->mirrors->pdata[i];

        if (m->location != NULL) {
            add_place(places, m->location, name + length, m->insecure);
        }
    }
    if (best != NULL && best->location != NULL) {
        add_place(places, best->location, name + length, best->insecure);
    } else {
        add_place(places, name, "", best != NULL && best->insecure);
    }
    return places;
}
