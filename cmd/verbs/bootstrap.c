/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd/verbs/bootstrap.c - an image out of Debian's packages, by mmdebstrap.
 * Packages of an architecture that this machine cannot run are unpacked and
 * registered with dpkg as such (settle); `dpkg --configure -a` on a machine
 * that can run them does the rest. */
#include <gio/gio.h>
#include <gio/gunixinputstream.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cmd/verbs.h"
#include "store/error.h"
#include "store/fs.h"
#include "store/reference.h"
#include "store/transfer.h"

/* Go's names and Debian's. */
static const struct {
    const char *architecture, *variant, *debian;
} names[] = {
    {"amd64", NULL, "amd64"},     {"arm64", NULL, "arm64"},
    {"riscv64", NULL, "riscv64"}, {"386", NULL, "i386"},
    {"arm", "v7", "armhf"},       {"arm", "v6", "armel"},
    {"arm", "v5", "armel"},       {"ppc64le", NULL, "ppc64el"},
    {"s390x", NULL, "s390x"},     {"mips64le", NULL, "mips64el"},
};

static const char *debian_name(const Platform *p)
{
    const char *variant = p->variant;

    if (variant == NULL && strcmp(p->architecture, "arm") == 0) {
        variant = "v7";
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        if (strcmp(names[i].architecture, p->architecture) == 0 &&
            (names[i].variant == NULL ||
             g_strcmp0(names[i].variant, variant) == 0)) {
            return names[i].debian;
        }
    }
    return NULL;
}

/* Its own instructions, or those that a registered interpreter runs. */
static bool runs_here(const Platform *p)
{
    static const struct {
        const char *architecture, *interpreter;
    } interpreters[] = {{"arm64", "qemu-aarch64"},    {"arm", "qemu-arm"},
                        {"riscv64", "qemu-riscv64"},  {"s390x", "qemu-s390x"},
                        {"ppc64le", "qemu-ppc64le"},  {"386", "qemu-i386"},
                        {"mips64le", "qemu-mips64el"}};

    if (platform_match(platform_host(), p) > 0 ||
        (strcmp(p->architecture, "386") == 0 &&
         strcmp(platform_host()->architecture, "amd64") == 0)) {
        return true;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(interpreters); i++) {
        g_autofree char *path = g_strconcat("/proc/sys/fs/binfmt_misc/",
                                            interpreters[i].interpreter, NULL);

        if (strcmp(interpreters[i].architecture, p->architecture) == 0 &&
            access(path, F_OK) == 0) {
            return true;
        }
    }
    return false;
}

/* Beside cuttle in the build, or in the folder for helper programs. */
static char *settle_path(GError **error)
{
    const char *folders[] = {CUTTLE_LIBEXEC, CUTTLE_SETTLE_SOURCE};

    for (unsigned i = 0; i < G_N_ELEMENTS(folders); i++) {
        char *path = g_build_filename(folders[i], "settle", NULL);

        if (access(path, X_OK) == 0) {
            return path;
        }
        g_free(path);
    }
    store_fail(error, "settle: not installed");
    return NULL;
}

/* ---- the command ---- */

static void add(GPtrArray *argv, char *text)
{
    g_ptr_array_add(argv, text);
}

static bool add_foreign(const VerbArgs *a, GPtrArray *argv, GError **error)
{
    const char *variant = args_value(a, "variant");
    const char *include = args_value(a, "include");
    g_autofree char *settle = settle_path(error);

    if (settle == NULL) {
        return false;
    }
    add(argv, g_strdup("--variant=extract"));
    add(argv, g_strdup("--skip=download/empty"));
    add(argv, g_strdup(g_strcmp0(variant, "minbase") == 0
                           ? "--include=?priority(required)"
                           : "--include=?essential"));
    add(argv, g_strconcat("--include=apt", include != NULL ? "," : NULL,
                          include, NULL));
    add(argv, g_strdup_printf("--extract-hook='%s' --image \"$1\" "
                              "\"$1\"/var/cache/apt/archives",
                              settle));
    return true;
}

static bool add_native(const VerbArgs *a, GPtrArray *argv, GError **error)
{
    const char *variant = args_value(a, "variant");
    const char *include = args_value(a, "include");

    if (variant != NULL && strcmp(variant, "apt") != 0 &&
        strcmp(variant, "minbase") != 0) {
        return store_fail_code(error, STORE_ERROR_INVALID,
                               "variant '%.40s': not apt or minbase", variant);
    }
    add(argv,
        g_strconcat("--variant=", variant != NULL ? variant : "apt", NULL));
    if (include != NULL) {
        add(argv, g_strconcat("--include=", include, NULL));
    }
    return true;
}

static GPtrArray *command(const VerbArgs *a, const char *suite,
                          const char *debian, bool native, GError **error)
{
    g_autoptr(GPtrArray) argv = g_ptr_array_new_with_free_func(g_free);
    const char *mirror = args_value(a, "mirror");

    add(argv, g_strdup("mmdebstrap"));
    add(argv, g_strconcat("--architectures=", debian, NULL));
    add(argv, g_strdup("--format=tar"));
    add(argv, g_strdup("--aptopt=Acquire::Check-Valid-Until \"false\""));
    add(argv, g_strdup("--aptopt=Acquire::Retries \"3\""));
    add(argv, g_strdup("--aptopt=APT::Install-Recommends \"false\""));
    if (native ? !add_native(a, argv, error) : !add_foreign(a, argv, error)) {
        return NULL;
    }
    add(argv, g_strdup(suite));
    add(argv, g_strdup("-"));
    if (mirror != NULL) {
        add(argv, g_strdup(mirror));
    }
    g_ptr_array_add(argv, NULL);
    return g_steal_pointer(&argv);
}

/* ---- running it ---- */

typedef struct {
    GSubprocess *process;
    GThread *reader;
    GInputStream *errors;
    bool quiet;
    char *reason; /* its first "E: " line */
} Run;

/* Passes on what it says, and keeps the reason of a failure. */
static gpointer read_errors(gpointer opaque)
{
    Run *r = opaque;
    g_autoptr(GDataInputStream) in = g_data_input_stream_new(r->errors);
    char *line;

    while ((line = g_data_input_stream_read_line(in, NULL, NULL, NULL)) !=
           NULL) {
        if (g_str_has_prefix(line, "E: ")) {
            r->reason = r->reason != NULL ? r->reason : g_strdup(line + 3);
        } else if (!r->quiet) {
            fprintf(stderr, "%s\n", line);
        }
        g_free(line);
    }
    return NULL;
}

/* Called when the archive has ended, before anything is visible. */
static bool ended(void *opaque, GError **error)
{
    Run *r = opaque;

    g_thread_join(g_steal_pointer(&r->reader));
    if (!g_subprocess_wait_check(r->process, NULL, NULL)) {
        return store_fail(error, "mmdebstrap: %s",
                          r->reason != NULL ? r->reason : "failed");
    }
    return true;
}

static bool run(Store *s, GPtrArray *argv, const ImportOptions *options,
                bool quiet, Digest *id, GError **error)
{
    g_autoptr(GSubprocess) process = g_subprocess_newv(
        (const char *const *)argv->pdata,
        G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE, error);
    ImportOptions o = *options;
    Run r = {.process = process, .quiet = quiet};
    bool good;
    int fd;

    if (process == NULL) {
        g_prefix_error(error, "mmdebstrap: ");
        return false;
    }
    r.errors = g_subprocess_get_stderr_pipe(process);
    r.reader = g_thread_new("mmdebstrap", read_errors, &r);
    fd = g_unix_input_stream_get_fd(
        G_UNIX_INPUT_STREAM(g_subprocess_get_stdout_pipe(process)));
    o.ended = ended;
    o.opaque = &r;
    good = store_import(s, fd, "mmdebstrap's archive", &o, id, error);
    if (r.reader != NULL) {
        g_subprocess_force_exit(process);
        g_thread_join(r.reader);
    }
    g_free(r.reason);
    return good;
}

static bool parse_what(const char *text, const char **suite, GError **error)
{
    if (!g_str_has_prefix(text, "debian:") ||
        text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-.:")] != '\0' ||
        text[strlen("debian:")] == '\0' || text[strlen("debian:")] == '-') {
        return store_fail_code(error, STORE_ERROR_INVALID,
                               "'%.80s': not debian:SUITE", text);
    }
    *suite = text + strlen("debian:");
    return true;
}

int verb_bootstrap(Cuttle *c, const VerbArgs *a, GError **error)
{
    const char *changes[] = {
        "CMD [\"/bin/bash\"]",
        "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:"
        "/usr/bin:/sbin:/bin",
        "LABEL io.cuttle.bootstrap=configured", NULL};
    g_autoptr(Reference) r = NULL;
    g_autoptr(GPtrArray) argv = NULL;
    g_autofree char *name = NULL;
    Store *s = cuttle_store(c, error);
    Platform *platform = NULL;
    ImportOptions o = {0};
    const char *suite = NULL, *debian;
    bool native;
    Digest id;

    if (s == NULL || !parse_what(args_at(a, 0), &suite, error) ||
        !args_platform(a, &platform, error)) {
        return -1;
    }
    r = reference_parse_local(args_at(a, args_count(a) > 1 ? 1 : 0), error);
    if (r == NULL) {
        return -1;
    }
    name = reference_name(r);
    o.platform = platform != NULL ? platform : platform_host();
    debian = debian_name(o.platform);
    if (debian == NULL) {
        store_fail_code(error, STORE_ERROR_INVALID,
                        "platform %s: Debian has no such architecture",
                        args_value(a, "platform"));
        return -1;
    }
    native = runs_here(o.platform);
    if (!native) {
        changes[2] = "LABEL io.cuttle.bootstrap=unpacked";
    }
    argv = command(a, suite, debian, native, error);
    o.name = name;
    o.message = "made by mmdebstrap";
    o.changes = (char **)changes;
    if (argv == NULL || !run(s, argv, &o, args_flag(a, "quiet"), &id, error)) {
        return -1;
    }
    printf("%s\n", id.text);
    return EXIT_SUCCESS;
}
