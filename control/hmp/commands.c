/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/hmp/commands.c - the commands by name, and from a line to its
 * command. Most only name QMP's. */
#include <stdarg.h>
#include <string.h>

#include "control/hmp/hmp_priv.h"
#include "control/qmp/qmp_priv.h"
#include "control/trace.h"
#include "core/display.h"
#include "machine/change.h"
#include "util/log.h"
#include "util/opts.h"

/* ---- for handlers ---- */

void hmp_print(HmpCall *call, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_string_append_vprintf(call->out, format, args);
    va_end(args);
}

void hmp_print_error(HmpCall *call, GError *take)
{
    hmp_print(call, "Error: %s\n", take->message);
    g_error_free(take);
}

JsonNode *hmp_qmp(HmpCall *call, const char *command, JsonObject *args)
{
    GError *error = NULL;
    JsonNode *result = qmp_run(call->control, command, args, &error);

    if (error != NULL) {
        hmp_print_error(call, error);
    }
    return result;
}

Vcpu *hmp_cpu(HmpCall *call)
{
    return machine_vcpu(call->control->m, *call->cpu);
}

static void run(HmpCall *call, const char *command, JsonObject *args)
{
    JsonNode *result = hmp_qmp(call, command, args);

    g_clear_pointer(&result, json_node_unref);
}

/* A command that is a QMP command by another name. */
static void run_qmp(HmpCall *call, const char *command)
{
    JsonObject *args = NULL;

    if (call->n_words > 0) {
        args = json_object_new();
        json_object_set_string_member(args, "id", call->words[0]);
    }
    run(call, command, args);
}

/* ---- the commands ---- */

static void hmp_chosen_cpu(HmpCall *call)
{
    uint64_t n;

    if (!opts_parse_uint(call->words[0], &n) ||
        n >= machine_n_vcpus(call->control->m)) {
        hmp_print(call, "invalid CPU index\n");
        return;
    }
    *call->cpu = (unsigned)n;
}

/* Options as on the command line. */
typedef bool AddFn(Machine *m, const char *id, Opts *opts, GError **error);

static void add(HmpCall *call, const char *first_key, AddFn *fn)
{
    GError *error = NULL;
    g_autoptr(Opts) opts = opts_parse(call->words[0], first_key, &error);
    const char *id = opts != NULL ? opts_require(opts, "id", &error) : NULL;

    if (id == NULL || !fn(call->control->m, id, opts, &error)) {
        hmp_print_error(call, error);
    }
}

static void hmp_chardev_add(HmpCall *call)
{
    add(call, "backend", machine_add_chardev);
}

static void hmp_netdev_add(HmpCall *call)
{
    add(call, "type", machine_add_netdev);
}

static void hmp_object_add(HmpCall *call)
{
    add(call, "qom-type", machine_add_object);
}

static void hmp_balloon(HmpCall *call)
{
    JsonObject *args;
    uint64_t mega;

    if (!opts_parse_uint(call->words[0], &mega) || mega > INT64_MAX >> 20) {
        hmp_print(call, "Error: '%s' is no number of megabytes\n",
                  call->words[0]);
        return;
    }
    args = json_object_new();
    json_object_set_int_member(args, "value", (int64_t)(mega << 20));
    run(call, "balloon", args);
}

static void hmp_device_add(HmpCall *call)
{
    GError *error = NULL;
    g_autoptr(Opts) opts = opts_parse(call->words[0], "driver", &error);

    if (opts == NULL || !machine_add_device(call->control->m, opts, &error)) {
        hmp_print_error(call, error);
    }
}

/* NULL: done. */
static GError *set_hostfwd(HmpCall *call, bool adds)
{
    const char *id = call->n_words > 1 ? call->words[0] : NULL;
    GError *error = NULL;

    machine_set_hostfwd(call->control->m, id, call->words[call->n_words - 1],
                        adds, &error);
    return error;
}

static void hmp_hostfwd_add(HmpCall *call)
{
    GError *error = set_hostfwd(call, true);

    if (error != NULL) {
        hmp_print_error(call, error);
    }
}

static void hmp_hostfwd_remove(HmpCall *call)
{
    GError *error = set_hostfwd(call, false);

    if (error != NULL &&
        !g_error_matches(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND)) {
        hmp_print_error(call, error);
        return;
    }
    hmp_print(call, "host forwarding rule for %s %s\n",
              call->words[call->n_words - 1],
              error != NULL ? "not found" : "removed");
    g_clear_error(&error);
}

/* vCPUs read the mask as they run: they stand while it changes. */
static void hmp_log(HmpCall *call)
{
    Machine *m = call->control->m;
    GError *error = NULL;
    uint32_t before;

    machine_hold(m);
    before = log_mask;
    log_mask = 0;
    if (strcmp(call->words[0], "none") != 0 &&
        !log_enable_topics(call->words[0], &error)) {
        log_mask = before;
        hmp_print_error(call, error);
    }
    machine_release(m);
}

static void hmp_logfile(HmpCall *call)
{
    GError *error = NULL;
    bool opened;

    machine_hold(call->control->m);
    opened = log_open(call->words[0], &error);
    machine_release(call->control->m);
    if (!opened) {
        hmp_print_error(call, error);
    }
}

static void hmp_dump(HmpCall *call)
{
    JsonObject *args = json_object_new();
    g_autofree char *protocol = g_strconcat("file:", call->words[0], NULL);

    json_object_set_boolean_member(args, "paging", FALSE);
    json_object_set_string_member(args, "protocol", protocol);
    run(call, "dump-guest-memory", args);
}

/* ---- VNC ---- */

static void hmp_set_password(HmpCall *call)
{
    static const char *const names[] = {"protocol", "password", "connected"};
    JsonObject *args = json_object_new();

    for (unsigned i = 0; i < call->n_words; i++) {
        json_object_set_string_member(args, names[i], call->words[i]);
    }
    run(call, "set_password", args);
}

static void hmp_expire_password(HmpCall *call)
{
    JsonObject *args = json_object_new();

    json_object_set_string_member(args, "protocol", call->words[0]);
    json_object_set_string_member(args, "time", call->words[1]);
    run(call, "expire_password", args);
}

static void hmp_watchdog_action(HmpCall *call)
{
    JsonObject *args = json_object_new();

    json_object_set_string_member(args, "action", call->words[0]);
    run(call, "watchdog-set-action", args);
}

static void complete_watchdog(const Control *c, const char *word,
                              GPtrArray *list)
{
    const char *const *names = action_descs[ACTION_WATCHDOG].actions;

    for (unsigned i = 0; names[i] != NULL; i++) {
        g_ptr_array_add(list, g_strdup(names[i]));
    }
}

static void hmp_change(HmpCall *call)
{
    JsonObject *args;

    if (strcmp(call->words[0], "vnc") != 0 ||
        (strcmp(call->words[1], "password") != 0 &&
         strcmp(call->words[1], "passwd") != 0)) {
        hmp_print(call, "Error: only 'change vnc password' is supported\n");
        return;
    }
    args = json_object_new();
    json_object_set_string_member(args, "password", call->words[2]);
    run(call, "change-vnc-password", args);
}

/* "-f FORMAT" may stand anywhere; the other words go by their place. */
static void hmp_screendump(HmpCall *call)
{
    static const char *const names[] = {"filename", "device", "head"};
    JsonObject *args = json_object_new();
    unsigned n = 0;

    for (unsigned i = 0; i < call->n_words; i++) {
        const char *word = call->words[i];
        uint64_t head;

        if (strcmp(word, "-f") == 0 && i + 1 < call->n_words) {
            json_object_set_string_member(args, "format", call->words[++i]);
        } else if (n < 2) {
            json_object_set_string_member(args, names[n++], word);
        } else if (n == 2 && opts_parse_uint(word, &head) && head < INT32_MAX) {
            json_object_set_int_member(args, names[n++], (int64_t)head);
        } else {
            hmp_print(call, "screendump: '%s' is not expected\n", word);
            json_object_unref(args);
            return;
        }
    }
    run(call, "screendump", args);
}

/* ---- help ---- */

static void print_usage(HmpCall *call, const char *before, const HmpCommand *k)
{
    g_auto(GStrv) names = g_strsplit(k->name, "|", -1);

    hmp_print(call, "%s%s", before, names[0]);
    if (names[1] != NULL) {
        hmp_print(call, "|%s", names[1]);
    }
    hmp_print(call, " %s%s-- %s\n", k->args, *k->args != '\0' ? " " : "",
              k->about);
}

static void print_usages(HmpCall *call, const char *before,
                         const HmpCommand *table)
{
    for (const HmpCommand *k = table; k->name != NULL; k++) {
        print_usage(call, before, k);
    }
}

static void hmp_help(HmpCall *call)
{
    const HmpCommand *k;

    if (call->n_words == 0) {
        print_usages(call, "", hmp_commands);
    } else if (strcmp(call->words[0], "info") == 0) {
        print_usages(call, "info ", hmp_infos);
    } else if (strcmp(call->words[0], "log") == 0) {
        hmp_print(call, "Log items (comma separated):\nnone\n");
#define PRINT_TOPIC(id, name, help) hmp_print(call, "%-15s %s\n", name, help);
        LOG_TOPICS(PRINT_TOPIC)
#undef PRINT_TOPIC
    } else if ((k = hmp_find(hmp_commands, call->words[0])) != NULL) {
        print_usage(call, "", k);
    } else {
        hmp_print(call, "unknown command: '%s'\n", call->words[0]);
    }
}

static void hmp_info(HmpCall *call)
{
    const HmpCommand *k;
    const char *what = call->n_words > 0 ? call->words[0] : "";

    if (*what == '\0') {
        print_usages(call, "info ", hmp_infos);
        return;
    }
    k = hmp_find(hmp_infos, what);
    if (k == NULL) {
        hmp_print(call, "unknown command: 'info %s'\n", what);
        return;
    }
    k->handler(call);
}

/* ---- completion ---- */

static void offer(GPtrArray *list, const char *word, const char *candidate)
{
    if (g_str_has_prefix(candidate, word)) {
        g_ptr_array_add(list, g_strdup(candidate));
    }
}

static void offer_names(const HmpCommand *table, const char *word,
                        GPtrArray *list)
{
    for (const HmpCommand *k = table; k->name != NULL; k++) {
        g_auto(GStrv) names = g_strsplit(k->name, "|", -1);

        for (unsigned i = 0; names[i] != NULL; i++) {
            offer(list, word, names[i]);
        }
    }
}

static void offer_keys(GHashTable *table, const char *word, GPtrArray *list)
{
    GHashTableIter iter;
    void *id;

    g_hash_table_iter_init(&iter, table);
    while (g_hash_table_iter_next(&iter, &id, NULL)) {
        offer(list, word, id);
    }
}

static void complete_command(const Control *c, const char *word,
                             GPtrArray *list)
{
    offer_names(hmp_commands, word, list);
}

static void complete_info(const Control *c, const char *word, GPtrArray *list)
{
    offer_names(hmp_infos, word, list);
}

static void complete_chardev(const Control *c, const char *word,
                             GPtrArray *list)
{
    offer_keys(machine_backends(c->m)->chars, word, list);
}

static void complete_netdev(const Control *c, const char *word, GPtrArray *list)
{
    offer_keys(machine_backends(c->m)->nets, word, list);
}

static void complete_object(const Control *c, const char *word, GPtrArray *list)
{
    offer_keys(machine_backends(c->m)->rngs, word, list);
}

static void complete_device(const Control *c, const char *word, GPtrArray *list)
{
    const GPtrArray *devices = machine_devices(c->m);

    for (unsigned i = 0; i < devices->len; i++) {
        const Device *dev = g_ptr_array_index(devices, i);

        if (dev->id != NULL && dev->cls->user_creatable) {
            offer(list, word, dev->id);
        }
    }
}

static void complete_screendump(const Control *c, const char *word,
                                GPtrArray *list)
{
    const Displays *all = machine_backends(c->m)->displays;

    for (unsigned i = 0; i < displays_count(all); i++) {
        offer(list, word, display_name(displays_get(all, i)));
    }
}

static void complete_log(const Control *c, const char *word, GPtrArray *list)
{
    static const char *const topics[] = {"none",
#define TOPIC_NAME(id, name, help) name,
                                         LOG_TOPICS(TOPIC_NAME)
#undef TOPIC_NAME
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(topics); i++) {
        offer(list, word, topics[i]);
    }
}

/* ---- the table ---- */

/* clang-format off */
const HmpCommand hmp_commands[] = {
    { "change", "vnc password PASSWORD", "set the password of the first VNC server", 3, 3, hmp_change },
    { "balloon", "MEGABYTES", "ask the guest to do with so much RAM", 1, 1, hmp_balloon },
    { "block_resize", "DISK SIZE", "make a disk SIZE (M) long", 2, 2, hmp_block_resize, hmp_complete_drive },
    { "chardev-add", "OPTIONS", "add a character device, as -chardev", 1, 1, hmp_chardev_add },
    { "chardev-remove", "ID", "remove a character device", 1, 1, .completer = complete_chardev, .qmp = "chardev-remove" },
    { "chardev-send-break", "ID", "send a serial break", 1, 1, .completer = complete_chardev, .qmp = "chardev-send-break" },
    { "cont|c", "", "resume emulation", .qmp = "cont" },
    { "cpu", "INDEX", "choose the CPU that later commands are about", 1, 1, hmp_chosen_cpu },
    { "device_add", "OPTIONS", "plug a device into a hot-plug slot, as -device", 1, 1, hmp_device_add },
    { "device_del", "ID", "ask the guest to let a device go", 1, 1, .completer = complete_device, .qmp = "device_del" },
    { "drive_add", "[-n] ADDRESS OPTIONS", "add a disk's host side, as -drive if=none or, with -n, -blockdev; ADDRESS is ignored", 2, 3, hmp_drive_add },
    { "drive_del", "ID", "take a drive away from its device", 1, 1, hmp_drive_del, hmp_complete_drive },
    { "dump-guest-memory", "FILE", "write RAM and registers as an ELF core", 1, 1, hmp_dump },
    { "expire_password", "vnc now|never|+SECONDS|TIME", "until when the VNC password is good", 2, 2, hmp_expire_password },
    { "gva2gpa", "ADDRESS", "the physical address of a virtual one", 1, HMP_MAX_WORDS, hmp_gva2gpa },
    { "help|?", "[COMMAND]", "show the help", 0, 1, hmp_help, complete_command },
    { "hostfwd_add", "[NETDEV] [tcp|udp]:[HOST]:PORT-[GUEST]:PORT", "forward a port of the host to the guest", 1, 2, hmp_hostfwd_add, complete_netdev },
    { "hostfwd_remove", "[NETDEV] [tcp|udp]:[HOST]:PORT", "no longer forward it", 1, 2, hmp_hostfwd_remove, complete_netdev },
    { "info", "[SUBJECT]", "show various things; alone: which", 0, HMP_MAX_WORDS, hmp_info, complete_info },
    { "log", "ITEM[,ITEM...]|none", "what is logged from now on; 'help log' lists items", 1, 1, hmp_log, complete_log },
    { "logfile", "FILE", "write the log to FILE", 1, 1, hmp_logfile },
    { "memsave", "ADDRESS SIZE FILE", "save virtual memory to a file", 3, 3, hmp_memsave },
    { "mouse_button", "STATE", "press and let go of mouse buttons (1: left, 2: middle, 4: right)", 1, 1, hmp_mouse_button },
    { "mouse_move", "DX DY [DZ]", "move the mouse; DZ turns its wheel", 2, 3, hmp_mouse_move },
    { "mouse_set", "INDEX", "which pointer gets events; 'info mice' lists them", 1, 1, hmp_mouse_set },
    { "netdev_add", "OPTIONS", "add a host network, as -netdev", 1, 1, hmp_netdev_add },
    { "netdev_del", "ID", "remove a host network", 1, 1, .completer = complete_netdev, .qmp = "netdev_del" },
    { "nmi", "", "inject a non-maskable interrupt", .qmp = "inject-nmi" },
    { "object_add", "OPTIONS", "add an object, as -object", 1, 1, hmp_object_add },
    { "object_del", "ID", "remove an object", 1, 1, .completer = complete_object, .qmp = "object-del" },
    { "pmemsave", "ADDRESS SIZE FILE", "save physical memory to a file", 3, 3, hmp_pmemsave },
    { "print|p", "/FORMAT EXPRESSION", "print the value of an expression; $pc is the program counter", 1, HMP_MAX_WORDS, hmp_print_value },
    { "quit|q", "", "end the emulator", .qmp = "quit" },
    { "screendump", "FILE [DEVICE [HEAD]] [-f ppm|png]", "write what a screen shows to a file", 1, 5, hmp_screendump, complete_screendump },
    { "sendkey", "KEY[-KEY...] [MS]", "press keys together, e.g. ctrl-alt-f1, for MS milliseconds (100)", 1, 2, hmp_sendkey, hmp_complete_keys },
    { "set_password", "vnc PASSWORD [keep]", "set the password of the first VNC server", 2, 3, hmp_set_password },
    { "stop|s", "", "stop emulation", .qmp = "stop" },
    { "system_powerdown", "", "press the power button", .qmp = "system_powerdown" },
    { "system_reset", "", "reset the system", .qmp = "system_reset" },
    { "trace-event", "NAME|PATTERN on|off", "switch trace events; 'info trace-events' lists them", 2, 2, hmp_trace_event, hmp_complete_trace_event },
    { "trace-file", "[on|off|flush|set FILE]", "write trace events to a binary file, or to the log again", 0, 2, hmp_trace_file },
    { "watchdog_action", "ACTION", "what follows when the guest hangs", 1, 1, hmp_watchdog_action, complete_watchdog },
    { "x", "/FORMAT ADDRESS", "show virtual memory", 1, HMP_MAX_WORDS, hmp_x },
    { "xp", "/FORMAT ADDRESS", "show physical memory", 1, HMP_MAX_WORDS, hmp_xp },
    { NULL },
};
/* clang-format on */

static bool has_name(const HmpCommand *k, const char *name)
{
    g_auto(GStrv) names = g_strsplit(k->name, "|", -1);

    return g_strv_contains((const char *const *)names, name);
}

const HmpCommand *hmp_find(const HmpCommand *table, const char *name)
{
    for (const HmpCommand *k = table; k->name != NULL; k++) {
        if (has_name(k, name)) {
            return k;
        }
    }
    return NULL;
}

/* ---- a line ---- */

/* Words at spaces; quotes keep some together. False: too many or a quote is
 * open. */
static bool split(HmpCall *call, char *line)
{
    char *to;

    while (*(line += strspn(line, " \t")) != '\0') {
        if (call->n_words == HMP_MAX_WORDS) {
            return false;
        }
        call->words[call->n_words++] = to = line;
        for (char quote = 0; *line != '\0'; line++) {
            if (quote == 0 && (*line == ' ' || *line == '\t')) {
                line++;
                break;
            }
            if (*line == '"' && quote == 0) {
                quote = '"';
            } else if (*line == quote) {
                quote = 0;
            } else {
                if (*line == '\\' && quote != 0 && line[1] != '\0') {
                    line++;
                }
                *to++ = *line;
            }
            if (line[1] == '\0' && quote != 0) {
                return false;
            }
        }
        *to = '\0';
    }
    return true;
}

static void run_command(HmpCall *call, const char *name, char *rest)
{
    const HmpCommand *k = hmp_find(hmp_commands, name);
    g_autofree char *copy = g_strdup(rest);

    trace(handle_hmp_command, name);
    if (k == NULL) {
        hmp_print(call, "unknown command: '%s'\n", name);
        return;
    }
    call->rest = rest;
    if (!split(call, copy) || call->n_words < k->min ||
        call->n_words > k->max) {
        hmp_print(call,
                  "%s: %s expected\nTry \"help %s\" for more "
                  "information\n",
                  name,
                  call->n_words < k->min ? "more arguments" : "other arguments",
                  name);
        return;
    }
    if (k->handler != NULL) {
        k->handler(call);
    } else {
        run_qmp(call, k->qmp);
    }
}

static bool takes_format(const char *name)
{
    const HmpCommand *k = hmp_find(hmp_commands, name);

    return k != NULL && g_str_has_prefix(k->args, "/FORMAT");
}

char *hmp_run(Control *c, const char *line, unsigned *cpu)
{
    HmpCall call = {.control = c, .cpu = cpu, .out = g_string_new(NULL)};
    g_autofree char *copy = g_strdup(line);
    char *name = g_strstrip(copy), *rest, *slash;

    if (*name != '\0' && *name != '#') {
        rest = name + strcspn(name, " \t");
        if (*rest != '\0') {
            *rest++ = '\0';
        }
        slash = strchr(name, '/');
        if (slash != NULL) {
            *slash = '\0';
            call.format = slash + 1;
        } else if (*rest == '/' && takes_format(name)) { /* "x /4i" */
            call.format = rest + 1;
            rest += strcspn(rest, " \t");
            if (*rest != '\0') {
                *rest++ = '\0';
            }
        }
        run_command(&call, name, rest);
    }
    return g_string_free(call.out, FALSE);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *hmp_complete(const Control *c, const char *line)
{
    GPtrArray *list = g_ptr_array_new_with_free_func(g_free);
    const char *start = line + strspn(line, " ");
    const char *space = strchr(start, ' ');
    const char *word = strrchr(start, ' ');

    if (space == NULL) {
        complete_command(c, start, list);
    } else {
        g_autofree char *name = g_strndup(start, (size_t)(space - start));
        const HmpCommand *k = hmp_find(hmp_commands, name);

        if (k != NULL && k->completer != NULL) {
            k->completer(c, word + 1, list);
        }
    }
    g_ptr_array_sort(list, by_text);
    return list;
}
