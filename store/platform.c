/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/platform.c - Go's names for what uname, dpkg and people say. */
#include "store/platform.h"

#include <string.h>
#include <sys/utsname.h>

#include "store/error.h"

static const struct {
    const char *name, *architecture, *variant;
} other_names[] = {
    {"x86_64", "amd64", NULL},      {"x86-64", "amd64", NULL},
    {"aarch64", "arm64", NULL},     {"i386", "386", NULL},
    {"i486", "386", NULL},          {"i586", "386", NULL},
    {"i686", "386", NULL},          {"armhf", "arm", "v7"},
    {"armel", "arm", "v6"},         {"armv7l", "arm", "v7"},
    {"armv6l", "arm", "v6"},        {"ppc64el", "ppc64le", NULL},
    {"mips64el", "mips64le", NULL},
};

static bool word_valid(const char *s)
{
    return *s != '\0' && strlen(s) <= 32 &&
           strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                     "0123456789._-") == strlen(s);
}

static void set_architecture(Platform *p, const char *name)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(other_names); i++) {
        if (strcmp(name, other_names[i].name) == 0) {
            p->architecture = g_strdup(other_names[i].architecture);
            if (p->variant == NULL) {
                p->variant = g_strdup(other_names[i].variant);
            }
            return;
        }
    }
    p->architecture = g_strdup(name);
}

bool platform_parse(const char *text, Platform *out, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(text, "/", -1);
    unsigned n = g_strv_length(parts);
    bool good = n >= 1 && n <= 3;

    for (unsigned i = 0; i < n && good; i++) {
        good = word_valid(parts[i]);
    }
    if (!good) {
        return store_fail_code(
            error, STORE_ERROR_INVALID,
            "platform '%.80s': not OS/ARCHITECTURE[/VARIANT]", text);
    }
    *out = (Platform){0};
    out->os = g_strdup(n == 1 ? "linux" : parts[0]);
    out->variant = n == 3 ? g_strdup(parts[2]) : NULL;
    set_architecture(out, parts[n == 1 ? 0 : 1]);
    return true;
}

void platform_clear(Platform *p)
{
    g_free(p->os);
    g_free(p->architecture);
    g_free(p->variant);
    g_free(p->os_version);
    *p = (Platform){0};
}

void platform_copy(const Platform *from, Platform *to)
{
    *to = (Platform){.os = g_strdup(from->os),
                     .architecture = g_strdup(from->architecture),
                     .variant = g_strdup(from->variant),
                     .os_version = g_strdup(from->os_version)};
}

const Platform *platform_host(void)
{
    static Platform host;
    static gsize once;

    if (g_once_init_enter(&once)) {
        struct utsname name;

        uname(&name);
        host.os = g_strdup("linux");
        set_architecture(&host, name.machine);
        g_once_init_leave(&once, 1);
    }
    return &host;
}

char *platform_text(const Platform *p)
{
    return g_strconcat(p->os != NULL ? p->os : "unknown", "/",
                       p->architecture != NULL ? p->architecture : "unknown",
                       p->variant != NULL ? "/" : NULL, p->variant, NULL);
}

/* arm's default is v7, arm64's v8, amd64's v1. */
static unsigned variant_number(const Platform *p)
{
    const char *v = p->variant;

    if (v == NULL || *v == '\0') {
        return strcmp(p->architecture, "arm") == 0     ? 7
               : strcmp(p->architecture, "arm64") == 0 ? 8
                                                       : 1;
    }
    return *v == 'v' ? (unsigned)g_ascii_strtoull(v + 1, NULL, 10) : 0;
}

unsigned platform_match(const Platform *want, const Platform *have)
{
    unsigned wanted, given;

    if (have->os == NULL || have->architecture == NULL ||
        strcmp(want->os, have->os) != 0 ||
        strcmp(want->architecture, have->architecture) != 0) {
        return 0;
    }
    wanted = variant_number(want);
    given = variant_number(have);
    if (given > wanted) {
        return 0;
    }
    return 100 - MIN(wanted - given, 99);
}
