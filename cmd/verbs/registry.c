/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd/verbs/registry.c - pull, push, login, logout, as cuttle-registry has
 * them; cuttle runs that program for them (registry-exec.c). */
#include "store/registry/registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/verbs.h"
#include "store/error.h"
#include "store/registry/auth.h"

static RegistryOptions registry_options(const VerbArgs *a)
{
    const char *timeout = g_getenv("CUTTLE_REGISTRY_TIMEOUT");

    return (RegistryOptions){.tls = args_flag_off(a, "tls-verify") ? TLS_ANYHOW
                                    : args_flag(a, "tls-verify")   ? TLS_VERIFY
                                                                 : TLS_STANDARD,
                             .auth_file = args_value(a, "authfile"),
                             .creds = args_value(a, "creds"),
                             .cert_dir = args_value(a, "cert-dir"),
                             .timeout_s = timeout != NULL ? atoi(timeout) : 0,
                             .quiet = args_flag(a, "quiet")};
}

/* docker:// is how skopeo and podman may write it. */
static Reference *typed_name(const char *text, GError **error)
{
    return reference_parse(
        g_str_has_prefix(text, "docker://") ? text + strlen("docker://") : text,
        error);
}

/* ---- pull ---- */

typedef enum { PULL_ALWAYS, PULL_MISSING, PULL_NEVER } PullPolicy;

static bool pull_policy(const VerbArgs *a, PullPolicy *out, GError **error)
{
    static const struct {
        const char *name;
        PullPolicy policy;
    } policies[] = {{"always", PULL_ALWAYS},
                    {"newer", PULL_ALWAYS},
                    {"missing", PULL_MISSING},
                    {"never", PULL_NEVER}};
    const char *text = args_value(a, "policy");

    *out = PULL_ALWAYS;
    for (unsigned i = 0; i < G_N_ELEMENTS(policies); i++) {
        if (text == NULL || strcmp(text, policies[i].name) == 0) {
            *out = policies[i].policy;
            return true;
        }
    }
    return store_fail_code(error, STORE_ERROR_INVALID,
                           "policy '%.40s': not always, missing, newer or "
                           "never",
                           text);
}

static bool pull_one(Store *s, const char *text, const Platform *platform,
                     bool all, PullPolicy policy, const RegistryOptions *o,
                     GError **error)
{
    g_autoptr(Reference) name = typed_name(text, error);
    g_autoptr(Image) here = NULL;
    Digest id;

    if (name == NULL) {
        return false;
    }
    if (policy != PULL_ALWAYS) {
        g_autofree char *full = reference_name(name);

        here = store_find_image(s, full,
                                platform != NULL ? platform : platform_host(),
                                policy == PULL_NEVER ? error : NULL);
        if (here != NULL) {
            printf("%s\n", digest_hex(image_id(here)));
        }
        if (here != NULL || policy == PULL_NEVER) {
            return here != NULL;
        }
    }
    if (!registry_pull(s, name, platform, all, o, &id, error)) {
        return false;
    }
    printf("%s\n", digest_hex(&id));
    return true;
}

int verb_pull(Cuttle *c, const VerbArgs *a, GError **error)
{
    RegistryOptions o = registry_options(a);
    Store *s = cuttle_store(c, error);
    Platform *platform = NULL;
    PullPolicy policy;

    if (s == NULL || !args_platform(a, &platform, error) ||
        !pull_policy(a, &policy, error)) {
        return -1;
    }
    for (unsigned i = 0; i < args_count(a); i++) {
        if (!pull_one(s, args_at(a, i), platform, args_flag(a, "all-platforms"),
                      policy, &o, error)) {
            return -1;
        }
    }
    return EXIT_SUCCESS;
}

/* ---- push ---- */

static bool push_entry(Cuttle *c, const VerbArgs *a, Digest *digest,
                       GError **error)
{
    RegistryOptions o = registry_options(a);
    const char *text = args_at(a, 0);
    Store *s = cuttle_store(c, error);
    g_autoptr(Reference) to = NULL;
    g_autoptr(GPtrArray) entries = NULL;
    g_autoptr(Image) image = NULL;
    Platform *platform = NULL;
    const StoreEntry *e;

    if (s == NULL || !args_platform(a, &platform, error)) {
        return false;
    }
    entries = store_lookup(s, text, error);
    if (entries == NULL) {
        return false;
    }
    e = entries->pdata[0];
    if (args_count(a) < 2 && e->name == NULL) {
        return store_fail_code(error, STORE_ERROR_INVALID,
                               "%s: has no name to send it to", text);
    }
    to = typed_name(args_count(a) > 1 ? args_at(a, 1) : e->name, error);
    if (to == NULL) {
        return false;
    }
    if (platform == NULL && entries->len == 1 &&
        media_is_index(e->descriptor->media_type)) {
        return registry_push(s, e->descriptor, to, &o, digest, error);
    }
    image = store_find_image(s, text, platform, error);
    return image != NULL &&
           registry_push(s, image->descriptor, to, &o, digest, error);
}

int verb_push(Cuttle *c, const VerbArgs *a, GError **error)
{
    const char *file = args_value(a, "digestfile");
    Digest digest;

    if (!push_entry(c, a, &digest, error)) {
        return -1;
    }
    if (file != NULL && !g_file_set_contents(file, digest.text, -1, error)) {
        return -1;
    }
    return EXIT_SUCCESS;
}

/* ---- login, logout ---- */

static char *read_line(const char *prompt, bool secret)
{
    char line[1024];

    if (secret && isatty(STDIN_FILENO)) {
        return g_strdup(getpass(prompt));
    }
    if (isatty(STDIN_FILENO)) {
        printf("%s", prompt);
        fflush(stdout);
    }
    if (fgets(line, sizeof(line), stdin) == NULL) {
        return g_strdup("");
    }
    line[strcspn(line, "\r\n")] = '\0';
    return g_strdup(line);
}

int verb_login(Cuttle *c, const VerbArgs *a, GError **error)
{
    RegistryOptions o = registry_options(a);
    const char *domain = args_at(a, 0);
    const char *user = args_value(a, "username");
    const char *password = args_value(a, "password");
    g_autofree char *typed_user = NULL, *typed_password = NULL, *both = NULL;
    Credentials credentials = {0};

    if (user == NULL) {
        user = typed_user = read_line("Username: ", false);
    }
    if (password == NULL) {
        password = typed_password =
            read_line("Password: ", !args_flag(a, "password-stdin"));
    }
    both = g_strconcat(user, ":", password, NULL);
    o.creds = both;
    if (!credentials_parse(both, &credentials, error) ||
        !registry_login(domain, &o, error) ||
        !credentials_save(o.auth_file, domain, &credentials, error)) {
        return -1;
    }
    credentials_clear(&credentials);
    printf("Login Succeeded!\n");
    return EXIT_SUCCESS;
}

int verb_logout(Cuttle *c, const VerbArgs *a, GError **error)
{
    const char *domain = args_at(a, 0);

    if (!credentials_save(args_value(a, "authfile"), domain, NULL, error)) {
        return -1;
    }
    printf("Removed login credentials for %s\n", domain);
    return EXIT_SUCCESS;
}
