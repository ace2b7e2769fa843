/* SPDX-License-Identifier: GPL-2.0-or-later */
/* util/template.c - text to nodes, by recursive descent, and nodes to text. */
#include "util/template.h"

#include <string.h>

#include "util/json-doc.h"
#include "util/template_priv.h"

enum { MAX_NESTING = 32 };

G_DEFINE_QUARK(cuttle - template - error - quark, template_error)

void template_fail(GError **error, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    g_autofree char *text = g_strdup_vprintf(format, ap);
    va_end(ap);
    g_set_error(error, TEMPLATE_ERROR, TEMPLATE_ERROR_INVALID, "template: %s",
                text);
}

/* ---- freeing ---- */

static void pipe_free(TemplatePipe *p);

static void operand_free(TemplateOperand *o)
{
    g_free(o->name);
    g_ptr_array_unref(o->path);
    g_clear_pointer(&o->literal, json_node_unref);
    g_clear_pointer(&o->pipe, pipe_free);
    g_free(o);
}

static void command_free(TemplateCommand *c)
{
    g_ptr_array_unref(c->operands);
    g_free(c);
}

static void pipe_free(TemplatePipe *p)
{
    g_free(p->variables[0]);
    g_free(p->variables[1]);
    g_ptr_array_unref(p->commands);
    g_free(p);
}

static void node_free(TemplateNode *n)
{
    g_free(n->text);
    g_clear_pointer(&n->pipe, pipe_free);
    g_clear_pointer(&n->body, g_ptr_array_unref);
    g_clear_pointer(&n->otherwise, g_ptr_array_unref);
    g_free(n);
}

void template_free(Template *t)
{
    if (t != NULL) {
        g_ptr_array_unref(t->nodes);
        g_free(t);
    }
}

/* ---- reading ---- */

typedef struct {
    const char *p;
    unsigned depth;
    bool trim; /* the last action ended in -}} */
    GError **error;
} Reader;

static void skip_space(Reader *r)
{
    while (g_ascii_isspace(*r->p)) {
        r->p++;
    }
}

static bool at_close(const Reader *r)
{
    return g_str_has_prefix(r->p, "}}") || g_str_has_prefix(r->p, "-}}");
}

static char *read_word(Reader *r)
{
    const char *begin = r->p;

    while (g_ascii_isalnum(*r->p) || *r->p == '_' || (*r->p & 0x80)) {
        r->p++;
    }
    return g_strndup(begin, r->p - begin);
}

/* .A.B behind something; ".A" also begins an operand. */
static bool read_path(Reader *r, GPtrArray *path)
{
    while (*r->p == '.') {
        char *word;

        r->p++;
        word = read_word(r);
        if (*word == '\0') {
            g_free(word);
            template_fail(r->error, "no name after '.'");
            return false;
        }
        g_ptr_array_add(path, word);
    }
    return true;
}

static JsonNode *string_node(const char *text)
{
    return json_node_init_string(json_node_alloc(), text);
}

static JsonNode *read_string(Reader *r)
{
    char quote = *r->p;
    const char *begin = ++r->p;
    g_autofree char *raw = NULL;
    g_autofree char *text = NULL;

    while (*r->p != '\0' && *r->p != quote) {
        r->p += *r->p == '\\' && quote != '`' && r->p[1] != '\0' ? 2 : 1;
    }
    if (*r->p == '\0') {
        template_fail(r->error, "a string without its end");
        return NULL;
    }
    raw = g_strndup(begin, r->p - begin);
    r->p++;
    text = quote == '`' ? g_strdup(raw) : g_strcompress(raw);
    return string_node(text);
}

static JsonNode *read_number(Reader *r)
{
    char *end;
    gint64 number = g_ascii_strtoll(r->p, &end, 0);

    if (*end == '.') {
        double real = g_ascii_strtod(r->p, &end);

        r->p = end;
        return json_node_init_double(json_node_alloc(), real);
    }
    r->p = end;
    return json_node_init_int(json_node_alloc(), number);
}

static TemplatePipe *read_pipe(Reader *r);

static bool read_name_operand(Reader *r, TemplateOperand *o)
{
    o->name = read_word(r);
    if (strcmp(o->name, "true") == 0 || strcmp(o->name, "false") == 0) {
        o->kind = OPERAND_LITERAL;
        o->literal = json_node_init_boolean(json_node_alloc(), *o->name == 't');
    } else if (strcmp(o->name, "nil") == 0) {
        o->kind = OPERAND_LITERAL;
        o->literal = json_node_init_null(json_node_alloc());
    } else if (template_function(o->name) != NULL) {
        o->kind = OPERAND_FUNCTION;
    } else {
        template_fail(r->error, "function '%.40s' is not known", o->name);
        return false;
    }
    return true;
}

static bool read_operand_into(Reader *r, TemplateOperand *o)
{
    if (*r->p == '.') {
        o->kind = OPERAND_DOT;
        if (!g_ascii_isalnum(r->p[1]) && r->p[1] != '_' && !(r->p[1] & 0x80)) {
            r->p++;
            return true;
        }
        return read_path(r, o->path);
    }
    if (*r->p == '$') {
        r->p++;
        o->kind = OPERAND_VARIABLE;
        o->name = read_word(r);
        return read_path(r, o->path);
    }
    if (*r->p == '"' || *r->p == '`') {
        o->kind = OPERAND_LITERAL;
        o->literal = read_string(r);
        return o->literal != NULL;
    }
    if (g_ascii_isdigit(*r->p) || (*r->p == '-' && g_ascii_isdigit(r->p[1]))) {
        o->kind = OPERAND_LITERAL;
        o->literal = read_number(r);
        return true;
    }
    if (*r->p == '(') {
        r->p++;
        o->kind = OPERAND_PIPE;
        o->pipe = read_pipe(r);
        if (o->pipe == NULL) {
            return false;
        }
        if (*r->p != ')') {
            template_fail(r->error, "'(' without ')'");
            return false;
        }
        r->p++;
        return read_path(r, o->path);
    }
    if (g_ascii_isalpha(*r->p)) {
        return read_name_operand(r, o);
    }
    template_fail(r->error, "'%.10s' is not understood", r->p);
    return false;
}

static TemplateOperand *read_operand(Reader *r)
{
    TemplateOperand *o = g_new0(TemplateOperand, 1);

    o->path = g_ptr_array_new_with_free_func(g_free);
    if (!read_operand_into(r, o)) {
        operand_free(o);
        return NULL;
    }
    return o;
}

static bool command_ends(const Reader *r)
{
    return *r->p == '\0' || *r->p == '|' || *r->p == ')' || at_close(r);
}

static bool read_command(Reader *r, TemplatePipe *pipe)
{
    TemplateCommand *c = g_new0(TemplateCommand, 1);

    c->operands = g_ptr_array_new_with_free_func((GDestroyNotify)operand_free);
    g_ptr_array_add(pipe->commands, c);
    skip_space(r);
    while (!command_ends(r)) {
        TemplateOperand *o = read_operand(r);

        if (o == NULL) {
            return false;
        }
        g_ptr_array_add(c->operands, o);
        skip_space(r);
    }
    if (c->operands->len == 0) {
        template_fail(r->error, "a value is missing");
        return false;
    }
    return true;
}

/* `$a :=` or `$a, $b :=`, if that is what comes. */
static void read_assignment(Reader *r, TemplatePipe *pipe)
{
    const char *begin = r->p;

    for (unsigned i = 0; i < 2 && *r->p == '$'; i++) {
        r->p++;
        pipe->variables[i] = read_word(r);
        skip_space(r);
        if (g_str_has_prefix(r->p, ":=")) {
            r->p += 2;
            return;
        }
        if (*r->p == '=' && r->p[1] != '=') {
            r->p++;
            return;
        }
        if (*r->p != ',') {
            break;
        }
        r->p++;
        skip_space(r);
    }
    g_clear_pointer(&pipe->variables[0], g_free);
    g_clear_pointer(&pipe->variables[1], g_free);
    r->p = begin;
}

static TemplatePipe *read_pipe(Reader *r)
{
    TemplatePipe *pipe = g_new0(TemplatePipe, 1);
    bool good = true;

    pipe->commands =
        g_ptr_array_new_with_free_func((GDestroyNotify)command_free);
    if (++r->depth > MAX_NESTING) {
        template_fail(r->error, "nested more than %d deep", MAX_NESTING);
        pipe_free(pipe);
        return NULL;
    }
    skip_space(r);
    read_assignment(r, pipe);
    good = read_command(r, pipe);
    while (good && *r->p == '|') {
        r->p++;
        good = read_command(r, pipe);
    }
    r->depth--;
    if (!good) {
        pipe_free(pipe);
        return NULL;
    }
    return pipe;
}

static bool read_close(Reader *r)
{
    skip_space(r);
    r->trim = *r->p == '-';
    r->p += r->trim;
    if (!g_str_has_prefix(r->p, "}}")) {
        template_fail(r->error, "'{{' without '}}'");
        return false;
    }
    r->p += 2;
    return true;
}

/* Text up to the next action. */
static void read_text(Reader *r, GPtrArray *nodes)
{
    const char *end = strstr(r->p, "{{");
    g_autoptr(GString) text = g_string_new(NULL);
    TemplateNode *n;

    if (r->trim) {
        skip_space(r);
        r->trim = false;
    }
    if (end == NULL) {
        end = r->p + strlen(r->p);
    }
    for (; r->p < end; r->p++) {
        char next = r->p + 1 < end ? r->p[1] : '\0';

        if (*r->p == '\\' && (next == 't' || next == 'n' || next == '\\')) {
            g_string_append_c(text, next == 't'   ? '\t'
                                    : next == 'n' ? '\n'
                                                  : '\\');
            r->p++;
        } else {
            g_string_append_c(text, *r->p);
        }
    }
    if (g_str_has_prefix(r->p, "{{-") && g_ascii_isspace(r->p[3])) {
        while (text->len > 0 && g_ascii_isspace(text->str[text->len - 1])) {
            g_string_truncate(text, text->len - 1);
        }
    }
    if (text->len > 0) {
        n = g_new0(TemplateNode, 1);
        n->text = g_strdup(text->str);
        g_ptr_array_add(nodes, n);
    }
}

static bool take_word(Reader *r, const char *word)
{
    size_t n = strlen(word);

    if (!g_str_has_prefix(r->p, word) || g_ascii_isalnum(r->p[n]) ||
        r->p[n] == '_') {
        return false;
    }
    r->p += n;
    return true;
}

static GPtrArray *nodes_new(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)node_free);
}

typedef enum { ENDED_ERROR, ENDED_TEXT, ENDED_END, ENDED_ELSE } Ended;
static Ended read_nodes(Reader *r, GPtrArray *nodes);

/* Behind if, range or with; for `else if` the chain is nested in otherwise. */
static bool read_block(Reader *r, GPtrArray *nodes, NodeKind kind)
{
    TemplateNode *n = g_new0(TemplateNode, 1);
    Ended ended;

    g_ptr_array_add(nodes, n);
    n->kind = kind;
    n->body = nodes_new();
    if (++r->depth > MAX_NESTING) {
        template_fail(r->error, "nested more than %d deep", MAX_NESTING);
        return false;
    }
    n->pipe = read_pipe(r);
    if (n->pipe == NULL || !read_close(r)) {
        return false;
    }
    ended = read_nodes(r, n->body);
    if (ended == ENDED_ELSE) {
        n->otherwise = nodes_new();
        skip_space(r);
        if (take_word(r, "if")) {
            r->depth--;
            return read_block(r, n->otherwise, NODE_IF);
        }
        if (!read_close(r)) {
            return false;
        }
        ended = read_nodes(r, n->otherwise);
    }
    r->depth--;
    if (ended == ENDED_TEXT || ended == ENDED_ELSE) {
        template_fail(r->error,
                      ended == ENDED_TEXT ? "no {{end}}" : "a second {{else}}");
        return false;
    }
    return ended == ENDED_END && read_close(r);
}

static Ended read_nodes(Reader *r, GPtrArray *nodes)
{
    static const struct {
        const char *word;
        NodeKind kind;
    } blocks[] = {{"if", NODE_IF}, {"range", NODE_RANGE}, {"with", NODE_WITH}};

    while (true) {
        bool block = false;
        TemplateNode *n;

        read_text(r, nodes);
        if (*r->p == '\0') {
            return ENDED_TEXT;
        }
        r->p += r->p[2] == '-' && g_ascii_isspace(r->p[3]) ? 3 : 2;
        skip_space(r);
        if (g_str_has_prefix(r->p, "/*")) {
            const char *end = strstr(r->p, "*/");

            r->p = end != NULL ? end + 2 : r->p + strlen(r->p);
            if (!read_close(r)) {
                return ENDED_ERROR;
            }
            continue;
        }
        if (take_word(r, "end")) {
            return ENDED_END;
        }
        if (take_word(r, "else")) {
            return ENDED_ELSE;
        }
        for (unsigned i = 0; i < G_N_ELEMENTS(blocks) && !block; i++) {
            block = take_word(r, blocks[i].word);
            if (block && !read_block(r, nodes, blocks[i].kind)) {
                return ENDED_ERROR;
            }
        }
        if (block) {
            continue;
        }
        n = g_new0(TemplateNode, 1);
        n->kind = NODE_PIPE;
        g_ptr_array_add(nodes, n);
        n->pipe = read_pipe(r);
        if (n->pipe == NULL || !read_close(r)) {
            return ENDED_ERROR;
        }
    }
}

Template *template_parse(const char *text, GError **error)
{
    g_autoptr(GError) why = NULL;
    Reader r = {.p = text, .error = &why};
    g_autoptr(Template) t = g_new0(Template, 1);
    Ended ended;

    t->nodes = nodes_new();
    ended = read_nodes(&r, t->nodes);
    if (ended == ENDED_END || ended == ENDED_ELSE) {
        template_fail(&why, "{{%s}} without a beginning",
                      ended == ENDED_END ? "end" : "else");
    }
    if (why != NULL) {
        g_propagate_error(error, g_steal_pointer(&why));
        return NULL;
    }
    return g_steal_pointer(&t);
}

/* ---- printing ---- */

typedef struct {
    JsonNode *root;
    JsonNode *dot;
    GHashTable *variables; /* name -> JsonNode *, owned */
    GString *out;
    GError **error;
} Printer;

static JsonNode *eval_pipe(Printer *p, const TemplatePipe *pipe);

static JsonNode *find_member(JsonObject *o, const char *name)
{
    JsonNode *node = json_object_get_member(o, name);
    JsonObjectIter iter;
    const char *key;

    if (node != NULL) {
        return node;
    }
    json_object_iter_init(&iter, o);
    while (json_object_iter_next(&iter, &key, &node)) {
        if (g_ascii_strcasecmp(key, name) == 0) {
            return node;
        }
    }
    return NULL;
}

/* Owned; NULL with an error; a NULL literal node for what is not there. */
static JsonNode *follow(Printer *p, JsonNode *from, GPtrArray *path)
{
    JsonNode *node = from;

    for (guint i = 0; i < path->len; i++) {
        const char *name = path->pdata[i];
        JsonNode *next = JSON_NODE_HOLDS_OBJECT(node)
                             ? find_member(json_node_get_object(node), name)
                             : NULL;

        if (next == NULL && node == p->root) {
            template_fail(p->error, "can't evaluate field %s", name);
            return NULL;
        }
        if (next == NULL && !JSON_NODE_HOLDS_OBJECT(node) &&
            !JSON_NODE_HOLDS_NULL(node)) {
            template_fail(p->error,
                          "can't evaluate field %s of a value that "
                          "has no fields",
                          name);
            return NULL;
        }
        if (next == NULL) {
            return string_node("<no value>");
        }
        node = next;
    }
    return json_node_ref(node);
}

static JsonNode *eval_operand(Printer *p, const TemplateOperand *o)
{
    g_autoptr(JsonNode) value = NULL;

    switch (o->kind) {
    case OPERAND_DOT:
        return follow(p, p->dot, o->path);
    case OPERAND_VARIABLE:
        value = g_hash_table_lookup(p->variables, o->name);
        if (value == NULL) {
            template_fail(p->error, "variable $%s is not set", o->name);
            return NULL;
        }
        json_node_ref(value);
        return follow(p, value, o->path);
    case OPERAND_LITERAL:
        return json_node_ref(o->literal);
    case OPERAND_PIPE:
        value = eval_pipe(p, o->pipe);
        return value != NULL ? follow(p, value, o->path) : NULL;
    case OPERAND_FUNCTION:
        break;
    }
    template_fail(p->error, "function '%s' as a value", o->name);
    return NULL;
}

/* piped: the value on the left of '|', the last argument; or NULL. */
static JsonNode *eval_command(Printer *p, const TemplateCommand *c,
                              JsonNode *piped)
{
    const TemplateOperand *first = c->operands->pdata[0];
    g_autoptr(GPtrArray) args =
        g_ptr_array_new_with_free_func((GDestroyNotify)json_node_unref);
    bool function = first->kind == OPERAND_FUNCTION;
    const TemplateFunction *f;

    for (guint i = function ? 1 : 0; i < c->operands->len; i++) {
        JsonNode *value = eval_operand(p, c->operands->pdata[i]);

        if (value == NULL) {
            return NULL;
        }
        g_ptr_array_add(args, value);
    }
    if (!function) {
        if (args->len > 1 || piped != NULL) {
            template_fail(p->error, "a value is given arguments");
            return NULL;
        }
        return json_node_ref(args->pdata[0]);
    }
    if (piped != NULL) {
        g_ptr_array_add(args, json_node_ref(piped));
    }
    f = template_function(first->name);
    if (args->len < f->min || args->len > f->max) {
        template_fail(p->error, "%s: %u arguments", f->name, args->len);
        return NULL;
    }
    return f->call((JsonNode **)args->pdata, args->len, p->error);
}

static JsonNode *eval_pipe(Printer *p, const TemplatePipe *pipe)
{
    g_autoptr(JsonNode) value = NULL;

    for (guint i = 0; i < pipe->commands->len; i++) {
        g_autoptr(JsonNode) piped = g_steal_pointer(&value);

        value = eval_command(p, pipe->commands->pdata[i], piped);
        if (value == NULL) {
            return NULL;
        }
    }
    return g_steal_pointer(&value);
}

static void set_variable(Printer *p, const char *name, JsonNode *value)
{
    if (name != NULL) {
        g_hash_table_insert(p->variables, g_strdup(name), json_node_ref(value));
    }
}

static bool print_nodes(Printer *p, GPtrArray *nodes);

static bool print_with_dot(Printer *p, GPtrArray *nodes, JsonNode *dot)
{
    JsonNode *outer = p->dot;
    bool good;

    p->dot = dot;
    good = print_nodes(p, nodes);
    p->dot = outer;
    return good;
}

static bool range_step(Printer *p, const TemplateNode *n, JsonNode *key,
                       JsonNode *value)
{
    char *const *names = n->pipe->variables;

    set_variable(p, names[1] != NULL ? names[0] : NULL, key);
    set_variable(p, names[1] != NULL ? names[1] : names[0], value);
    json_node_unref(key);
    return print_with_dot(p, n->body, value);
}

static bool print_range(Printer *p, const TemplateNode *n, JsonNode *over)
{
    if (JSON_NODE_HOLDS_ARRAY(over)) {
        JsonArray *array = json_node_get_array(over);

        for (guint i = 0; i < json_array_get_length(array); i++) {
            JsonNode *key = json_node_init_int(json_node_alloc(), i);

            if (!range_step(p, n, key, json_array_get_element(array, i))) {
                return false;
            }
        }
        return true;
    }
    if (JSON_NODE_HOLDS_OBJECT(over)) {
        JsonObject *o = json_node_get_object(over);
        g_autoptr(GList) keys =
            g_list_sort(json_object_get_members(o), (GCompareFunc)strcmp);

        for (GList *k = keys; k != NULL; k = k->next) {
            if (!range_step(p, n, string_node(k->data),
                            json_object_get_member(o, k->data))) {
                return false;
            }
        }
        return true;
    }
    template_fail(p->error, "range over a value that is no list");
    return false;
}

static bool print_node(Printer *p, const TemplateNode *n)
{
    g_autoptr(JsonNode) value = NULL;
    bool first = n->kind == NODE_RANGE;

    if (n->kind == NODE_TEXT) {
        g_string_append(p->out, n->text);
        return true;
    }
    value = eval_pipe(p, n->pipe);
    if (value == NULL) {
        return false;
    }
    if (n->kind == NODE_PIPE) {
        if (n->pipe->variables[0] != NULL) {
            set_variable(p, n->pipe->variables[0], value);
        } else {
            template_print_value(value, p->out);
        }
        return true;
    }
    if (!template_truth(value)) {
        return n->otherwise == NULL || print_nodes(p, n->otherwise);
    }
    if (first) {
        return print_range(p, n, value);
    }
    set_variable(p, n->pipe->variables[0], value);
    return n->kind == NODE_WITH ? print_with_dot(p, n->body, value)
                                : print_nodes(p, n->body);
}

static bool print_nodes(Printer *p, GPtrArray *nodes)
{
    for (guint i = 0; i < nodes->len; i++) {
        if (!print_node(p, nodes->pdata[i])) {
            return false;
        }
    }
    return true;
}

bool template_print(const Template *t, JsonNode *value, GString *out,
                    GError **error)
{
    Printer p = {.root = value, .dot = value, .out = out, .error = error};
    bool good;

    p.variables = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
                                        (GDestroyNotify)json_node_unref);
    set_variable(&p, "", value);
    good = print_nodes(&p, t->nodes);
    g_hash_table_unref(p.variables);
    return good;
}
