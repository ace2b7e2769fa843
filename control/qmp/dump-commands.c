/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/qmp/dump-commands.c - dump-guest-memory. The machine stands while it
 * is written; nobody hears of a stop. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "control/core-file.h"
#include "control/qmp/qmp_priv.h"
#include "qmp-handlers.h"

static JsonObject *dump_result(const Control *c)
{
    JsonObject *o = json_object_new();

    json_object_set_string_member(
        o, "status", c->dump_status != NULL ? c->dump_status : "none");
    json_object_set_int_member(o, "completed", (int64_t)c->dump_bytes);
    json_object_set_int_member(o, "total", (int64_t)c->dump_bytes);
    return o;
}

static void tell(Control *c, const char *why)
{
    JsonObject *data = json_object_new();

    json_object_set_object_member(data, "result", dump_result(c));
    set_string(data, "error", why);
    qmp_emit(c, "DUMP_COMPLETED", data);
}

static bool write_core(Control *c, const char *path, Gpa first, Gpa last,
                       GError **error)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool good;

    if (fd < 0) {
        return qmp_generic(error, "dump: failed to open '%s': %s", path,
                           g_strerror(errno));
    }
    machine_hold(c->m);
    good = core_file_write(c->m, fd, first, last, &c->dump_bytes, error);
    machine_release(c->m);
    return close(fd) == 0 && good;
}

/* begin and length go together. */
static bool read_range(JsonObject *args, Gpa *first, Gpa *last, GError **error)
{
    bool begin = json_object_has_member(args, "begin");
    bool length = json_object_has_member(args, "length");
    int64_t at = arg_int(args, "begin", 0), n = arg_int(args, "length", 0);

    *first = 0;
    *last = UINT64_MAX;
    if (begin != length) {
        return qmp_generic(error, "Parameter '%s' is missing",
                           begin ? "length" : "begin");
    }
    if (begin && (n <= 0 || at < 0 || at > INT64_MAX - n)) {
        return qmp_generic(error, "Parameter '%s' expects a valid range",
                           "length");
    }
    if (begin) {
        *first = (Gpa)at;
        *last = (Gpa)(at + n - 1);
    }
    return true;
}

JsonNode *qmp_dump_guest_memory(QmpCall *call, JsonObject *args, GError **error)
{
    static const char prefix[] = "file:";
    Control *c = call->control;
    const char *protocol = arg_string(args, "protocol");
    GError *why = NULL;
    Gpa first, last;

    if (!machine_target(c->m)->elf_wide || arg_bool(args, "paging", false)) {
        return qmp_generic(error, "this kind of dump is not supported");
    }
    if (!g_str_has_prefix(protocol, prefix)) {
        return qmp_generic(error,
                           "parameter 'protocol' must start with 'file:'");
    }
    if (!read_range(args, &first, &last, error)) {
        return NULL;
    }
    c->dump_status = "completed";
    if (!write_core(c, protocol + strlen(prefix), first, last, &why)) {
        c->dump_status = "failed";
    }
    tell(c, why != NULL ? why->message : NULL);
    if (why != NULL) {
        g_propagate_error(error, why);
    }
    return NULL;
}

JsonNode *qmp_query_dump(QmpCall *call, JsonObject *args, GError **error)
{
    return node_of(dump_result(call->control));
}

JsonNode *qmp_query_dump_guest_memory_capability(QmpCall *call,
                                                 JsonObject *args,
                                                 GError **error)
{
    JsonObject *o = json_object_new();
    JsonArray *formats = json_array_new();

    json_array_add_string_element(formats, "elf");
    json_object_set_array_member(o, "formats", formats);
    return node_of(o);
}
