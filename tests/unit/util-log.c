/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/util-log.c - topics, whole lines, and sites that fall silent. */
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "util/log.h"

static char *path;

static char *contents(void)
{
    char *text = NULL;

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    return text;
}

static void expect(const char *want)
{
    g_autofree char *got = contents();

    g_assert_cmpstr(got, ==, want);
    g_assert_true(log_open(path, NULL)); /* empties it */
}

static void test_topics(void)
{
    g_autoptr(GError) error = NULL;

    log_mask = 0;
    log_printf(LOG_INT, "silent");
    g_assert_true(log_enable_topics("int,unimp", &error));
    g_assert_no_error(error);
    g_assert_cmphex(log_mask, ==, LOG_INT | LOG_UNIMP);
    g_assert_false(log_enable_topics("int,nope", &error));
    g_assert_cmpstr(error->message, ==,
                    "log topic 'nope': unknown (see -d help)");
    log_printf(LOG_MMU, "silent");
    log_printf(LOG_INT, "one %d", 1);
    log_printf(LOG_INT | LOG_MMU, "two\n");
    log_text(LOG_INT, "three\nfour\n");
    expect("one 1\ntwo\nthree\nfour\n");
}

static void test_site(void)
{
    g_autofree char *text = NULL;
    unsigned lines = 0;

    log_mask = LOG_GUEST_ERRORS;
    for (unsigned i = 0; i < 1000; i++) {
        guest_log(LOG_GUEST_ERRORS, "again");
    }
    text = contents();
    for (const char *p = text; (p = strchr(p, '\n')) != NULL; p++) {
        lines++;
    }
    g_assert_cmpuint(lines, ==, 101);
    g_assert_true(g_str_has_suffix(text, " not shown)\n"));
}

static void test_bad_file(void)
{
    g_autoptr(GError) error = NULL;

    g_assert_false(log_open("/nowhere/log", &error));
    g_assert_cmpstr(error->message, ==,
                    "log file '/nowhere/log': No such file or directory");
}

int main(int argc, char **argv)
{
    g_autofree char *folder = g_dir_make_tmp("cuttle-log-XXXXXX", NULL);
    int result;

    g_test_init(&argc, &argv, NULL);
    path = g_build_filename(folder, "log", NULL);
    g_assert_true(log_open(path, NULL));
    g_test_add_func("/util/log/topics", test_topics);
    g_test_add_func("/util/log/site", test_site);
    g_test_add_func("/util/log/bad-file", test_bad_file);
    result = g_test_run();
    g_unlink(path);
    g_rmdir(folder);
    g_free(path);
    return result;
}
