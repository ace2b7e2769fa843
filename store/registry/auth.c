/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/registry/auth.c - {"auths": {"host[/path]": {"auth": base64}}}. */
#include "store/registry/auth.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/error.h"
#include "store/fs.h"
#include "util/json-doc.h"

enum { MAX_AUTH_BYTES = 1 << 20 };

void credentials_clear(Credentials *c)
{
    g_free(c->user);
    g_free(c->password);
    g_free(c->identity_token);
    *c = (Credentials){0};
}

bool credentials_parse(const char *text, Credentials *out, GError **error)
{
    const char *colon = strchr(text, ':');

    if (colon == NULL || colon == text) {
        return store_fail_code(error, STORE_ERROR_INVALID,
                               "credentials: not USER:PASSWORD");
    }
    *out = (Credentials){.user = g_strndup(text, colon - text),
                         .password = g_strdup(colon + 1)};
    return true;
}

/* ---- reading ---- */

static char *default_file(void)
{
    const char *set = g_getenv("REGISTRY_AUTH_FILE");
    const char *runtime = g_getenv("XDG_RUNTIME_DIR");

    if (set != NULL) {
        return g_strdup(set);
    }
    if (runtime != NULL && *runtime != '\0') {
        return g_build_filename(runtime, "containers/auth.json", NULL);
    }
    return g_strdup_printf("/run/containers/%u/auth.json", geteuid());
}

/* NULL without an error: no such file. */
static JsonNode *read_file(const char *file, GError **error)
{
    g_autofree char *text = NULL;
    size_t len;

    text = fs_read_at(AT_FDCWD, file, MAX_AUTH_BYTES, &len);
    if (text == NULL) {
        if (errno != ENOENT && errno != ENOTDIR && errno != EACCES) {
            fs_fail(error, file);
        }
        return NULL;
    }
    return doc_parse(text, len, MAX_AUTH_BYTES, file, error);
}

static bool decode_entry(JsonObject *entry, const char *where, Credentials *out,
                         GError **error)
{
    const char *auth, *token;
    g_autofree char *text = NULL;
    g_autofree guchar *raw = NULL;
    gsize len;

    if (!doc_string(entry, "auth", where, &auth, error) ||
        !doc_string(entry, "identitytoken", where, &token, error)) {
        return false;
    }
    if (auth != NULL && *auth != '\0') {
        raw = g_base64_decode(auth, &len);
        text = g_strndup((char *)raw, len);
        if (!credentials_parse(text, out, NULL)) {
            return doc_fail(error, where, "auth",
                            "not base64 of "
                            "USER:PASSWORD");
        }
    }
    out->identity_token = g_strdup(token);
    return true;
}

/* "host/a/b", "host/a", "host", and docker's older forms of the last. */
static JsonObject *find_entry(JsonObject *auths, const char *domain,
                              const char *path)
{
    g_autofree char *key = g_strconcat(domain, "/", path, NULL);
    g_autofree char *https = g_strconcat("https://", domain, NULL);
    g_autofree char *v1 = g_strconcat("https://", domain, "/v1/", NULL);
    g_autofree char *index = strcmp(domain, "docker.io") == 0
                                 ? g_strdup("https://index.docker.io/v1/")
                                 : g_strdup(v1);
    const char *others[] = {https, v1, index};
    JsonNode *node;

    while (true) {
        char *slash;

        node = json_object_get_member(auths, key);
        if (node != NULL && JSON_NODE_HOLDS_OBJECT(node)) {
            return json_node_get_object(node);
        }
        slash = strrchr(key, '/');
        if (slash == NULL) {
            break;
        }
        *slash = '\0';
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(others); i++) {
        node = json_object_get_member(auths, others[i]);
        if (node != NULL && JSON_NODE_HOLDS_OBJECT(node)) {
            return json_node_get_object(node);
        }
    }
    return NULL;
}

/* *found: the file has an entry. */
static bool find_in_file(const char *file, const char *domain, const char *path,
                         Credentials *out, bool *found, GError **error)
{
    g_autoptr(GError) why = NULL;
    g_autoptr(JsonNode) node = read_file(file, &why);
    JsonObject *auths, *entry;

    if (node == NULL) {
        if (why != NULL) {
            g_propagate_error(error, g_steal_pointer(&why));
            return false;
        }
        return true;
    }
    if (!doc_object(json_node_get_object(node), "auths", file, &auths, error)) {
        return false;
    }
    entry = auths != NULL ? find_entry(auths, domain, path) : NULL;
    *found = entry != NULL;
    return entry == NULL || decode_entry(entry, file, out, error);
}

bool credentials_find(const char *file, const char *domain, const char *path,
                      Credentials *out, GError **error)
{
    g_autofree char *first = file != NULL ? g_strdup(file) : default_file();
    g_autofree char *config =
        g_build_filename(g_get_user_config_dir(), "containers/auth.json", NULL);
    g_autofree char *docker =
        g_build_filename(g_get_home_dir(), ".docker/config.json", NULL);
    const char *files[] = {first, config, docker};
    bool found = false;

    *out = (Credentials){0};
    for (unsigned i = 0; i < (file != NULL ? 1 : G_N_ELEMENTS(files)) && !found;
         i++) {
        if (!find_in_file(files[i], domain, path, out, &found, error)) {
            return false;
        }
    }
    return true;
}

/* ---- writing ---- */

bool credentials_save(const char *file, const char *domain,
                      const Credentials *c, GError **error)
{
    g_autofree char *path = file != NULL ? g_strdup(file) : default_file();
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *name = g_path_get_basename(path);
    g_autoptr(GError) why = NULL;
    g_autoptr(JsonNode) old = read_file(path, &why);
    g_autoptr(JsonNode) node = NULL;
    g_autofree char *text = NULL;
    JsonObject *o, *auths = NULL;
    g_auto(Fd) dir = -1;
    mode_t mask;
    bool good;

    if (why != NULL) {
        g_propagate_error(error, g_steal_pointer(&why));
        return false;
    }
    node = old != NULL
               ? json_node_copy(old)
               : json_node_init_object(json_node_alloc(), json_object_new());
    o = json_node_get_object(node);
    if (!doc_object(o, "auths", path, &auths, error)) {
        return false;
    }
    if (auths == NULL) {
        auths = json_object_new();
        json_object_set_object_member(o, "auths", auths);
    }
    if (c == NULL && !json_object_has_member(auths, domain)) {
        return store_fail_code(error, STORE_ERROR_NOT_FOUND,
                               "not logged in to %s", domain);
    }
    json_object_remove_member(auths, domain);
    if (c != NULL) {
        g_autofree char *pair = g_strconcat(c->user, ":", c->password, NULL);
        g_autofree char *auth = g_base64_encode((guchar *)pair, strlen(pair));
        JsonObject *entry = json_object_new();

        json_object_set_string_member(entry, "auth", auth);
        json_object_set_object_member(auths, domain, entry);
    }
    text = doc_text(node, true);
    if (g_mkdir_with_parents(folder, 0700) < 0) {
        return fs_fail(error, folder);
    }
    dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    mask = umask(0077); /* nobody else reads passwords */
    good = dir >= 0 && fs_replace_at(dir, name, text, strlen(text));
    umask(mask);
    return good || fs_fail(error, path);
}
