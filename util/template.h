/* SPDX-License-Identifier: GPL-2.0-or-later */
/* util/template.h - --format: the part of Go's text/template that people type
 * at container tools, over JSON values.
 * Known: {{.A.B}}, {{.}}, $, $v := pipeline, if/else if/else, range (with $i,
 * $v), with, end, comments, {{- and -}}, pipelines, parentheses, literals and
 * the functions of template.c's table. Not: define, block, template, methods.
 * A member that the outermost value has not is an error; further in it prints
 * <no value>, as a Go map does. Names match without regard to case if none
 * matches with it.
 * Threads: a Template is constant once parsed.
 * Lifetime: template_free. */
#ifndef CUTTLE_UTIL_TEMPLATE_H
#define CUTTLE_UTIL_TEMPLATE_H

#include <json-glib/json-glib.h>
#include <stdbool.h>

#define TEMPLATE_ERROR (template_error_quark())
GQuark template_error_quark(void);
typedef enum { TEMPLATE_ERROR_INVALID } TemplateError;

typedef struct Template Template;

/* \t, \n and \\ outside {{ }} are what they are in C. */
Template *template_parse(const char *text, GError **error);
void template_free(Template *t);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Template, template_free)
/* Appends what the template makes of the value. */
bool template_print(const Template *t, JsonNode *value, GString *out,
                    GError **error);

#endif
