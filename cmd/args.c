/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd/args.c - the table of verbs, and the reader of what was typed. */
#include "cmd/args.h"

#include <stdio.h>
#include <string.h>

#include "store/error.h"

#define PROGRAM "cuttle"

enum { HELP_COLUMN = 26, HELP_WIDTH = 79 };

typedef enum {
    ROW_SECTION,
    ROW_GLOBAL,
    ROW_VERB,
    ROW_ALIAS,
    ROW_OPTION
} RowKind;
typedef enum { FLAG, VALUE, LIST } OptionKind;

typedef struct {
    RowKind row;
    OptionKind kind;
    const char *name, *other; /* other: short option, or an alias' verb */
    VerbFn function;
    int least, most; /* arguments; most -1: any number */
    const char *argument, *help;
} Row;

/* clang-format off */
static const Row rows[] = {
#define SECTION(title) {.row = ROW_SECTION, .name = title},
#define GLOBAL(name_, letter, kind_, argument_, help_) \
    {.row = ROW_GLOBAL, .kind = kind_, .name = name_, .other = letter, \
     .argument = argument_, .help = help_},
#define VERB(name_, handler, least_, most_, argument_, help_) \
    {.row = ROW_VERB, .name = name_, .function = verb_##handler, \
     .least = least_, .most = most_, .argument = argument_, .help = help_},
#define ALIAS(name_, verb) {.row = ROW_ALIAS, .name = name_, .other = verb},
#define OPTION(name_, letter, kind_, argument_, help_) \
    {.row = ROW_OPTION, .kind = kind_, .name = name_, .other = letter, \
     .argument = argument_, .help = help_},
#include "cmd/verbs.def"
#undef SECTION
#undef GLOBAL
#undef VERB
#undef ALIAS
#undef OPTION
};
/* clang-format on */

typedef struct {
    const Row *option;
    const char *value; /* of a flag: "true" or "false" */
} Given;

struct VerbArgs {
    const Row *verb; /* NULL: help was printed */
    GArray *given;   /* Given */
    GPtrArray *words;
    GPtrArray *lists; /* char **: what args_values lent */
};

/* ---- the table ---- */

static const Row *find_verb(const char *name)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (rows[i].row == ROW_VERB && strcmp(rows[i].name, name) == 0) {
            return &rows[i];
        }
        if (rows[i].row == ROW_ALIAS && strcmp(rows[i].name, name) == 0) {
            return find_verb(rows[i].other);
        }
    }
    return NULL;
}

/* Options of a verb stand behind it; of none, the global ones. By name or,
 * where that is NULL, by letter. */
static const Row *find_option(const Row *verb, const char *name, char letter)
{
    const Row *row = verb != NULL ? verb + 1 : rows;
    RowKind kind = verb != NULL ? ROW_OPTION : ROW_GLOBAL;

    for (; row < rows + G_N_ELEMENTS(rows); row++) {
        if (row->row == ROW_VERB || row->row == ROW_SECTION) {
            return NULL;
        }
        if (row->row == kind && (name == NULL ? *row->other == letter
                                              : strcmp(row->name, name) == 0)) {
            return row;
        }
    }
    return NULL;
}

/* Is there a verb of two words that begins so? */
static bool is_group(const char *word)
{
    size_t n = strlen(word);

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        if ((rows[i].row == ROW_VERB || rows[i].row == ROW_ALIAS) &&
            strncmp(rows[i].name, word, n) == 0 && rows[i].name[n] == ' ') {
            return true;
        }
    }
    return false;
}

/* ---- help ---- */

static void print_wrapped(const char *left, const char *help)
{
    g_auto(GStrv) words = g_strsplit(help, " ", -1);
    unsigned column = strlen(left);

    printf("%s", left);
    if (column + 2 > HELP_COLUMN) {
        putchar('\n');
        column = 0;
    }
    for (unsigned i = 0; words[i] != NULL; i++) {
        unsigned n = strlen(words[i]);

        if (column < HELP_COLUMN || column + 1 + n > HELP_WIDTH) {
            if (column >= HELP_COLUMN) {
                putchar('\n');
                column = 0;
            }
            printf("%*s", (int)(HELP_COLUMN - column), "");
            column = HELP_COLUMN;
        } else {
            putchar(' ');
            column++;
        }
        printf("%s", words[i]);
        column += n;
    }
    putchar('\n');
}

static void print_option(const Row *o)
{
    g_autofree char *letter = *o->other != '\0'
                                  ? g_strdup_printf("-%s, ", o->other)
                                  : g_strdup("    ");
    g_autofree char *left =
        g_strdup_printf("  %s--%s%s%s", letter, o->name,
                        *o->argument != '\0' ? " " : "", o->argument);

    print_wrapped(left, o->help);
}

static void print_verb_help(const Row *verb)
{
    bool options = false;

    printf("%c%s.\n\nusage: " PROGRAM " %s [options]%s%s\n",
           g_ascii_toupper(*verb->help), verb->help + 1, verb->name,
           *verb->argument != '\0' ? " " : "", verb->argument);
    for (const Row *r = verb + 1; r < rows + G_N_ELEMENTS(rows) &&
                                  (r->row == ROW_OPTION || r->row == ROW_ALIAS);
         r++) {
        if (r->row == ROW_ALIAS) {
            printf("also: " PROGRAM " %s\n", r->name);
        }
    }
    for (const Row *r = verb + 1; r < rows + G_N_ELEMENTS(rows) &&
                                  (r->row == ROW_OPTION || r->row == ROW_ALIAS);
         r++) {
        if (r->row == ROW_OPTION) {
            printf("%s", options ? "" : "\noptions:\n");
            options = true;
            print_option(r);
        }
    }
}

static void print_help(void)
{
    printf("usage: " PROGRAM " [options] VERB [options] [arguments]\n");
    printf("\noptions:\n");
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (rows[i].row == ROW_GLOBAL) {
            print_option(&rows[i]);
        } else if (rows[i].row == ROW_SECTION) {
            printf("\n%s:\n", rows[i].name);
        } else if (rows[i].row == ROW_VERB) {
            g_autofree char *left = g_strdup_printf("  %s", rows[i].name);

            print_wrapped(left, rows[i].help);
        }
    }
    printf("\n'" PROGRAM " VERB --help' tells of its options.\n");
}

/* ---- reading ---- */

typedef struct {
    int argc, at;
    char **argv;
} Reader;

static bool fail(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

static bool fail(GError **error, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    g_autofree char *text = g_strdup_vprintf(format, ap);
    va_end(ap);
    return store_fail_code(error, STORE_ERROR_INVALID, "%s", text);
}

static bool flag_value(const char *text, const char **out)
{
    static const char *const yes[] = {"true", "1", "t", "yes", NULL};
    static const char *const no[] = {"false", "0", "f", "no", NULL};

    if (g_strv_contains(yes, text)) {
        *out = "true";
    } else if (g_strv_contains(no, text)) {
        *out = "false";
    } else {
        return false;
    }
    return true;
}

static void give(VerbArgs *a, const Row *option, const char *value)
{
    Given g = {option, value};

    g_array_append_val(a->given, g);
}

/* --name, --name=value, --name value. */
static bool read_long(VerbArgs *a, Reader *r, const Row *verb, GError **error)
{
    const char *text = r->argv[r->at++] + 2;
    g_autofree char *name = g_strndup(text, strcspn(text, "="));
    const char *value = strchr(text, '=');
    const Row *option = find_option(verb, name, '\0');

    if (option == NULL && strcmp(name, "help") == 0) {
        option = find_option(NULL, name, '\0');
    }
    if (option == NULL) {
        return fail(error, "unknown flag: --%.80s", name);
    }
    if (option->kind == FLAG) {
        const char *flag = "true";

        if (value != NULL && !flag_value(value + 1, &flag)) {
            return fail(error, "flag --%s: '%.80s' is not true or false", name,
                        value + 1);
        }
        give(a, option, flag);
        return true;
    }
    if (value == NULL && r->at >= r->argc) {
        return fail(error, "flag needs an argument: --%s", name);
    }
    give(a, option, value != NULL ? value + 1 : r->argv[r->at++]);
    return true;
}

/* -abc: flags, the last may have a value: -fx, -f x, -f=x. */
static bool read_short(VerbArgs *a, Reader *r, const Row *verb, GError **error)
{
    const char *word = r->argv[r->at++];

    for (const char *p = word + 1; *p != '\0'; p++) {
        const Row *option = find_option(verb, NULL, *p);

        if (option == NULL && *p == 'h') {
            option = find_option(NULL, "help", '\0');
        }
        if (option == NULL) {
            return fail(error, "unknown shorthand flag: '%c' in %.80s", *p,
                        word);
        }
        if (option->kind == FLAG) {
            give(a, option, "true");
            continue;
        }
        if (p[1] != '\0') {
            give(a, option, p + 1 + (p[1] == '='));
        } else if (r->at < r->argc) {
            give(a, option, r->argv[r->at++]);
        } else {
            return fail(error, "flag needs an argument: '%c' in %.80s", *p,
                        word);
        }
        break;
    }
    return true;
}

static bool read_option(VerbArgs *a, Reader *r, const Row *verb, GError **error)
{
    return r->argv[r->at][1] == '-' ? read_long(a, r, verb, error)
                                    : read_short(a, r, verb, error);
}

static bool is_option(const char *word)
{
    return word[0] == '-' && word[1] != '\0';
}

static bool given(const VerbArgs *a, const char *name)
{
    for (guint i = 0; i < a->given->len; i++) {
        const Given *g = &g_array_index(a->given, Given, i);

        if (strcmp(g->option->name, name) == 0) {
            return strcmp(g->value, "false") != 0;
        }
    }
    return false;
}

/* One or two words. */
static const Row *read_verb(Reader *r, GError **error)
{
    const char *word = r->argv[r->at++];
    const Row *verb = NULL;

    if (is_group(word) && r->at < r->argc && !is_option(r->argv[r->at])) {
        g_autofree char *both = g_strconcat(word, " ", r->argv[r->at], NULL);

        verb = find_verb(both);
        r->at += verb != NULL;
    }
    if (verb == NULL) {
        verb = find_verb(word);
    }
    if (verb == NULL && is_group(word)) {
        fail(error, "'" PROGRAM " %s%s%s' is no command", word,
             r->at < r->argc ? " " : "", r->at < r->argc ? r->argv[r->at] : "");
    } else if (verb == NULL) {
        fail(error, "'%.80s' is no command; " PROGRAM " --help lists them",
             word);
    }
    return verb;
}

static void take_rest(VerbArgs *a, Reader *r)
{
    while (r->at < r->argc) {
        g_ptr_array_add(a->words, r->argv[r->at++]);
    }
}

/* Words of a command have options of their own. */
static bool takes_command(const Row *verb)
{
    return strstr(verb->argument, "COMMAND") != NULL ||
           strstr(verb->argument, "PS-OPTION") != NULL;
}

static bool read_words(VerbArgs *a, Reader *r, const Row *verb, GError **error)
{
    int n;

    while (r->at < r->argc) {
        const char *word = r->argv[r->at];

        if (strcmp(word, "--") == 0) {
            r->at++;
            take_rest(a, r);
        } else if (!is_option(word) && takes_command(verb)) {
            take_rest(a, r);
        } else if (!is_option(word)) {
            g_ptr_array_add(a->words, r->argv[r->at++]);
        } else if (!read_option(a, r, verb, error)) {
            g_prefix_error(error, "%s: ", verb->name);
            return false;
        }
    }
    if (given(a, "help")) {
        return true;
    }
    n = a->words->len;
    if (n < verb->least || (verb->most >= 0 && n > verb->most)) {
        return fail(error, "%s: %d arguments; it takes: %s", verb->name, n,
                    *verb->argument != '\0' ? verb->argument : "none");
    }
    return true;
}

VerbArgs *args_parse(int argc, char **argv, GError **error)
{
    g_autoptr(VerbArgs) a = g_new0(VerbArgs, 1);
    Reader r = {argc, 1, argv};

    a->given = g_array_new(false, false, sizeof(Given));
    a->words = g_ptr_array_new();
    a->lists = g_ptr_array_new_with_free_func(g_free);
    while (r.at < argc && is_option(argv[r.at])) {
        if (!read_option(a, &r, NULL, error)) {
            return NULL;
        }
    }
    if (given(a, "version")) {
        printf(PROGRAM " version %s\n", CUTTLE_VERSION);
        return g_steal_pointer(&a);
    }
    if (given(a, "help") || r.at == argc) {
        print_help();
        return g_steal_pointer(&a);
    }
    if (strcmp(argv[r.at], "help") == 0 || strcmp(argv[r.at], "version") == 0) {
        if (*argv[r.at] == 'h') {
            print_help();
        } else {
            printf(PROGRAM " version %s\n", CUTTLE_VERSION);
        }
        return g_steal_pointer(&a);
    }
    a->verb = read_verb(&r, error);
    if (a->verb == NULL || !read_words(a, &r, a->verb, error)) {
        return NULL;
    }
    if (given(a, "help")) {
        print_verb_help(a->verb);
        a->verb = NULL;
    }
    return g_steal_pointer(&a);
}

void args_free(VerbArgs *a)
{
    if (a != NULL) {
        g_array_unref(a->given);
        g_ptr_array_unref(a->words);
        g_ptr_array_unref(a->lists);
        g_free(a);
    }
}

bool args_help(const VerbArgs *a)
{
    return a->verb == NULL;
}

VerbFn args_function(const VerbArgs *a)
{
    return a->verb->function;
}

/* ---- for verbs ---- */

unsigned args_count(const VerbArgs *a)
{
    return a->words->len;
}

const char *args_at(const VerbArgs *a, unsigned i)
{
    return i < a->words->len ? a->words->pdata[i] : NULL;
}

static const char *last_value(const VerbArgs *a, RowKind row, const char *name)
{
    for (guint i = a->given->len; i-- > 0;) {
        const Given *g = &g_array_index(a->given, Given, i);

        if (g->option->row == row && strcmp(g->option->name, name) == 0) {
            return g->value;
        }
    }
    return NULL;
}

const char *args_global(const VerbArgs *a, const char *name)
{
    return last_value(a, ROW_GLOBAL, name);
}

const char *args_value(const VerbArgs *a, const char *name)
{
    return last_value(a, ROW_OPTION, name);
}

bool args_flag(const VerbArgs *a, const char *name)
{
    return g_strcmp0(last_value(a, ROW_OPTION, name), "true") == 0;
}

bool args_flag_off(const VerbArgs *a, const char *name)
{
    return g_strcmp0(last_value(a, ROW_OPTION, name), "false") == 0;
}

char *const *args_values(const VerbArgs *a, const char *name)
{
    GPtrArray *values = g_ptr_array_new();
    char **list;

    for (guint i = 0; i < a->given->len; i++) {
        const Given *g = &g_array_index(a->given, Given, i);

        if (g->option->row == ROW_OPTION &&
            strcmp(g->option->name, name) == 0) {
            g_ptr_array_add(values, (char *)g->value);
        }
    }
    g_ptr_array_add(values, NULL);
    list = (char **)g_ptr_array_free(values, FALSE);
    g_ptr_array_add(a->lists, list);
    return list;
}

bool args_platform(const VerbArgs *a, Platform **out, GError **error)
{
    const char *text = args_value(a, "platform");

    *out = NULL;
    if (text == NULL) {
        return true;
    }
    *out = g_new0(Platform, 1);
    if (!platform_parse(text, *out, error)) {
        g_clear_pointer(out, g_free);
        return false;
    }
    return true;
}
