/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/reference.c - one pass from right to left: digest, tag, domain, path.
 */
#include "store/reference.h"

#include <string.h>

#include "store/error.h"

enum { NAME_MAX_LEN = 255, TAG_MAX_LEN = 128 };

const char reference_default_domain[] = "docker.io";
/* Older names of the same place. */
static const char *const default_domain_aliases[] = {"index.docker.io", NULL};

static bool is_lower_alnum(char c)
{
    return g_ascii_islower(c) || g_ascii_isdigit(c);
}

/* alnum { (. | _ | __ | -+) alnum }, per component. */
static bool path_valid(const char *path)
{
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);

    for (unsigned i = 0; parts[i] != NULL; i++) {
        const char *p = parts[i];

        while (true) {
            size_t dashes;

            if (!is_lower_alnum(*p)) {
                return false;
            }
            while (is_lower_alnum(*p)) {
                p++;
            }
            if (*p == '\0') {
                break;
            }
            dashes = strspn(p, "-");
            if (dashes > 0) {
                p += dashes;
            } else if (*p == '.') {
                p++;
            } else if (*p == '_') {
                p += p[1] == '_' ? 2 : 1;
            } else {
                return false;
            }
        }
    }
    return parts[0] != NULL;
}

static bool tag_valid(const char *tag)
{
    size_t n = strlen(tag);

    if (n == 0 || n > TAG_MAX_LEN || *tag == '.' || *tag == '-') {
        return false;
    }
    for (; *tag != '\0'; tag++) {
        if (!g_ascii_isalnum(*tag) && strchr("._-", *tag) == NULL) {
            return false;
        }
    }
    return true;
}

/* host labels with an optional port, or [v6] with one. */
static bool domain_valid(const char *domain)
{
    const char *p = domain;

    if (*p == '[') {
        p += 1 + strspn(p + 1, "0123456789abcdefABCDEF:.");
        if (*p++ != ']') {
            return false;
        }
    } else {
        bool edge = true; /* a label neither begins nor ends with a dash */

        for (; *p != '\0' && *p != ':'; p++) {
            if (*p == '.' || *p == '-') {
                if (edge && (*p == '.' || p[-(p > domain)] != '-')) {
                    return false;
                }
                edge = true;
            } else if (g_ascii_isalnum(*p)) {
                edge = false;
            } else {
                return false;
            }
        }
        if (edge) {
            return false;
        }
    }
    if (*p == ':') {
        size_t digits = strspn(p + 1, "0123456789");

        return digits > 0 && digits <= 5 && p[1 + digits] == '\0';
    }
    return *p == '\0';
}

/* The first component is a domain if it cannot be a path's. */
static bool looks_like_domain(const char *first)
{
    if (strcmp(first, "localhost") == 0 || strpbrk(first, ".:[") != NULL) {
        return true;
    }
    for (; *first != '\0'; first++) {
        if (g_ascii_isupper(*first)) {
            return true;
        }
    }
    return false;
}

static Reference *fail(GError **error, const char *text, const char *why)
{
    store_fail_code(error, STORE_ERROR_INVALID, "image name '%.300s': %s", text,
                    why);
    return NULL;
}

static Reference *parse(const char *text, bool local, GError **error)
{
    g_autoptr(Reference) r = g_new0(Reference, 1);
    g_autofree char *name = g_strdup(text);
    char *at = strchr(name, '@');
    char *colon, *slash;

    if (at != NULL) {
        *at = '\0';
        if (!digest_parse(at + 1, &r->digest, error)) {
            g_prefix_error(error, "image name '%.300s': ", text);
            return NULL;
        }
    }
    colon = strrchr(name, ':');
    if (colon != NULL && strchr(colon, '/') == NULL) {
        *colon = '\0';
        r->tag = g_strdup(colon + 1);
        if (!tag_valid(r->tag)) {
            return fail(error, text, "not a tag after ':'");
        }
    } else if (at == NULL) {
        r->tag = g_strdup("latest");
    }
    slash = strchr(name, '/');
    if (slash != NULL) {
        *slash = '\0';
    }
    if (slash != NULL && looks_like_domain(name)) {
        if (!domain_valid(name)) {
            return fail(error, text, "not a registry before '/'");
        }
        r->domain = g_strdup(g_strv_contains(default_domain_aliases, name)
                                 ? reference_default_domain
                                 : name);
        r->path = g_strdup(slash + 1);
    } else {
        if (slash != NULL) {
            *slash = '/';
        }
        r->short_name = true;
        r->domain = g_strdup(local ? "localhost" : reference_default_domain);
        r->path = g_strdup(name);
    }
    if (strcmp(r->domain, reference_default_domain) == 0 &&
        strchr(r->path, '/') == NULL) {
        char *path = g_strconcat("library/", r->path, NULL);

        g_free(r->path);
        r->path = path;
    }
    if (strlen(r->domain) + strlen(r->path) > NAME_MAX_LEN) {
        return fail(error, text, "longer than 255 characters");
    }
    if (!path_valid(r->path)) {
        return fail(error, text,
                    "not lower-case letters, digits and separators");
    }
    return g_steal_pointer(&r);
}

Reference *reference_parse(const char *text, GError **error)
{
    return parse(text, false, error);
}

Reference *reference_parse_local(const char *text, GError **error)
{
    return parse(text, true, error);
}

void reference_free(Reference *r)
{
    if (r != NULL) {
        g_free(r->domain);
        g_free(r->path);
        g_free(r->tag);
        g_free(r);
    }
}

char *reference_repository(const Reference *r)
{
    return g_strconcat(r->domain, "/", r->path, NULL);
}

char *reference_name(const Reference *r)
{
    return r->tag != NULL
               ? g_strconcat(r->domain, "/", r->path, ":", r->tag, NULL)
               : g_strconcat(r->domain, "/", r->path, "@", r->digest.text,
                             NULL);
}

void reference_split(const char *name, char **repository, char **tag)
{
    const char *at = strchr(name, '@');
    const char *slash = strrchr(name, '/');
    const char *colon = at == NULL ? strrchr(name, ':') : NULL;

    if (colon != NULL && (slash == NULL || colon > slash)) {
        *repository = g_strndup(name, colon - name);
        *tag = g_strdup(colon + 1);
    } else {
        *repository = at != NULL ? g_strndup(name, at - name) : g_strdup(name);
        *tag = NULL;
    }
}

char **reference_candidates(const char *text, GError **error)
{
    g_autoptr(Reference) full = reference_parse(text, error);
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    if (full == NULL) {
        return NULL;
    }
    if (full->short_name) {
        g_autoptr(Reference) local = reference_parse_local(text, NULL);

        g_ptr_array_add(names, reference_name(local));
    }
    g_ptr_array_add(names, reference_name(full));
    g_ptr_array_add(names, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(&names), FALSE);
}
