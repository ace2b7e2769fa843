/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/store-names.c - digests, references, platforms. */
#include <string.h>

#include "store/digest.h"
#include "store/platform.h"
#include "store/reference.h"

static void test_digest(void)
{
    static const struct {
        const char *text, *error;
    } bad[] = {
        {"", "'' is not a digest"},
        {"sha256:", "'sha256:' is not a digest"},
        {"sha512:00", "digest algorithm 'sha512' is not known (sha256 is)"},
        {"sha256:../../etc/passwd",
         "'sha256:../../etc/passwd' is not a digest"},
    };
    Digest d, e;

    digest_of("abc", 3, &d);
    g_assert_cmpstr(d.text, ==,
                    "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb4"
                    "10ff61f20015ad");
    g_assert_true(digest_parse(d.text, &e, NULL));
    g_assert_true(digest_equal(&d, &e));
    g_assert_true(digest_parse_hex(digest_hex(&d), &e));
    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_false(digest_parse(bad[i].text, &e, &error));
        g_assert_cmpstr(error->message, ==, bad[i].error);
    }
    d.text[20] = 'A'; /* upper case is another name for the same bytes */
    g_assert_false(digest_parse(d.text, &e, NULL));
}

static void test_reference(void)
{
    static const struct {
        const char *text, *name;
    } good[] = {
        {"debian", "docker.io/library/debian:latest"},
        {"debian:trixie", "docker.io/library/debian:trixie"},
        {"a/b", "docker.io/a/b:latest"},
        {"localhost/x", "localhost/x:latest"},
        {"localhost:5000/x:1", "localhost:5000/x:1"},
        {"example.com/a/b/c:v1.2_3-x", "example.com/a/b/c:v1.2_3-x"},
        {"[::1]:5000/x", "[::1]:5000/x:latest"},
        {"Host/x", "Host/x:latest"},
        {"a__b/c.d-e--f", "docker.io/a__b/c.d-e--f:latest"},
    };
    static const char *const bad[] = {"",        ":tag",      "a:",
                                      "a:.x",    "A",         "a//b",
                                      "a/",      "/a",        "a..b",
                                      "a-",      "-a",        "a_",
                                      "a/../b",  "a b",       "a@sha256:1",
                                      "x.y:z/a", "ex-.com/a", "host:/a",
                                      "a:b/c:d", "a\n",       "host:123456/a",
                                      "a___b"};

    for (unsigned i = 0; i < G_N_ELEMENTS(good); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(Reference) r = reference_parse(good[i].text, &error);
        g_autofree char *name = NULL;

        g_assert_no_error(error);
        name = reference_name(r);
        g_assert_cmpstr(name, ==, good[i].name);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(Reference) r = reference_parse(bad[i], &error);

        if (r != NULL) {
            g_error("'%s' was taken for a name", bad[i]);
        }
        g_assert_true(g_str_has_prefix(error->message, "image name '"));
    }
}

static void test_reference_digest(void)
{
    g_autofree char *hex = g_strnfill(64, 'a');
    g_autofree char *text = g_strconcat("x@sha256:", hex, NULL);
    g_autofree char *both = g_strconcat("x:t@sha256:", hex, NULL);
    g_autoptr(Reference) r = reference_parse(text, NULL);
    g_autoptr(Reference) t = reference_parse(both, NULL);
    g_autofree char *name = reference_name(r);

    g_assert_null(r->tag);
    g_assert_cmpstr(digest_hex(&r->digest), ==, hex);
    g_assert_true(g_str_has_suffix(name, hex));
    g_assert_cmpstr(t->tag, ==, "t");
}

static void test_candidates(void)
{
    g_auto(GStrv) names = reference_candidates("x:1", NULL);
    g_auto(GStrv) full = reference_candidates("localhost/x:1", NULL);

    g_assert_cmpuint(g_strv_length(names), ==, 2);
    g_assert_cmpstr(names[0], ==, "localhost/x:1");
    g_assert_cmpstr(names[1], ==, "docker.io/library/x:1");
    g_assert_cmpuint(g_strv_length(full), ==, 1);
}

static void test_split(void)
{
    g_autofree char *repository = NULL, *tag = NULL;

    reference_split("localhost:5000/x:1", &repository, &tag);
    g_assert_cmpstr(repository, ==, "localhost:5000/x");
    g_assert_cmpstr(tag, ==, "1");
    g_clear_pointer(&repository, g_free);
    g_clear_pointer(&tag, g_free);
    reference_split("localhost:5000/x", &repository, &tag);
    g_assert_cmpstr(repository, ==, "localhost:5000/x");
    g_assert_null(tag);
}

static void test_platform(void)
{
    static const struct {
        const char *want, *have;
        bool fits;
    } cases[] = {
        {"linux/amd64", "linux/amd64", true},
        {"x86_64", "linux/amd64", true},
        {"linux/amd64", "linux/arm64", false},
        {"linux/arm64", "linux/arm64/v8", true},
        {"aarch64", "linux/arm64", true},
        {"linux/arm/v7", "linux/arm/v6", true},
        {"linux/arm/v6", "linux/arm/v7", false},
        {"linux/amd64", "linux/amd64/v3", false},
        {"windows/amd64", "linux/amd64", false},
    };
    Platform none = {0}, bad;

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        Platform want, have;

        g_assert_true(platform_parse(cases[i].want, &want, NULL));
        g_assert_true(platform_parse(cases[i].have, &have, NULL));
        g_assert_cmpint(platform_match(&want, &have) > 0, ==, cases[i].fits);
        platform_clear(&want);
        platform_clear(&have);
    }
    g_assert_cmpuint(platform_match(platform_host(), &none), ==, 0);
    g_assert_cmpuint(platform_match(platform_host(), platform_host()), >, 0);
    g_assert_false(platform_parse("", &bad, NULL));
    g_assert_false(platform_parse("a/b/c/d", &bad, NULL));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store/digest", test_digest);
    g_test_add_func("/store/reference", test_reference);
    g_test_add_func("/store/reference-digest", test_reference_digest);
    g_test_add_func("/store/candidates", test_candidates);
    g_test_add_func("/store/split", test_split);
    g_test_add_func("/store/platform", test_platform);
    return g_test_run();
}
