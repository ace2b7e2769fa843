/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd/help.c - lists for people and scripts. */
#include "cmd/help.h"

#include <stdio.h>
#include <string.h>

#include "backend/audio/audio-backend.h"
#include "backend/char/char-backend.h"
#include "hw/devices.h"
#include "machine/board.h"
#include "machine/boot/file.h"
#include "machine/boot/firmware.h"
#include "machine/boot/loader.h"
#include "machine/view.h"
#include "ui/ui.h"
#include "util/log.h"

enum { HELP_COLUMN = 30, HELP_WIDTH = 79 };

static void print_words(const char *help)
{
    unsigned column = HELP_COLUMN;
    g_auto(GStrv) words = g_strsplit(help, " ", -1);

    for (unsigned i = 0; words[i] != NULL; i++) {
        size_t len = strlen(words[i]);

        if (i > 0 && column + 1 + len > HELP_WIDTH) {
            printf("\n%*s", HELP_COLUMN, "");
            column = HELP_COLUMN;
        } else if (i > 0) {
            putchar(' ');
            column++;
        }
        printf("%s", words[i]);
        column += len;
    }
    putchar('\n');
}

static void print_option(const char *name, const char *alias,
                         const char *argument, const char *help)
{
    g_autofree char *text =
        g_strdup_printf("-%s%s%s%s%s", name, *alias != '\0' ? " or -" : "",
                        alias, *argument != '\0' ? " " : "", argument);

    printf("%-*s", HELP_COLUMN, text);
    if (strlen(text) >= HELP_COLUMN) {
        printf("\n%*s", HELP_COLUMN, "");
    }
    print_words(help);
}

void help_print_options(const char *program)
{
    help_print_version();
    printf("usage: %s [options] [disk image]\n", program);
    /* clang-format off */
#define SECTION(title) printf("\n%s options:\n", title);
#define OPTION(name, alias, handler, argument, help) print_option(name, alias, argument, help);
#define REFUSED(name, argument, what)
#include "cmd/options.def"
#undef SECTION
#undef OPTION
#undef REFUSED
    printf("\n-device, -netdev, -blockdev, -audiodev and -object also take a "
           "JSON object like {\"driver\": ...}.\n");
    printf("In a terminal: Ctrl-A h lists the keys, Ctrl-A x quits.\n");
}

void help_print_version(void)
{
    printf("Cuttle emulator version %s\n", CUTTLE_VERSION);
}

void help_print_boards(const Target *target)
{
    printf("Supported machines are:\n");
    for (unsigned i = 0; boards[i] != NULL; i++) {
        if (board_find(boards[i]->name, target) == boards[i]) {
            printf("%-20s %s%s\n", boards[i]->name, boards[i]->help,
                   strcmp(boards[i]->name, "virt") == 0 ? " (default)" : "");
        }
    }
}

bool help_print_board(const Target *target, const char *name, GError **error)
{
    const Board *b = name != NULL ? board_find(name, target) : NULL;

    if (b == NULL) {
        return machine_fail(error,
                            "unsupported machine type '%s' (use -M "
                            "help to list supported machines)",
                            name != NULL ? name : "");
    }
    printf("%s options:\n", name);
    for (unsigned i = 0; b->options[i].name != NULL; i++) {
        printf("  %-22s - %s\n", b->options[i].name, b->options[i].help);
    }
    printf("  %-22s - %s\n", "accel=NAME[:NAME...]", "as -accel");
    printf("  %-22s - %s\n", "dumpdtb=FILE",
           "write the device tree to FILE and end");
    printf("  %-22s - %s\n", "kernel=, initrd=, append=, dtb=, firmware=",
           "as the options of these names, -bios for the last");
    return true;
}

void help_print_accels(void)
{
    printf("Accelerators supported:\ntcg\n");
}

void help_print_devices(void)
{
    printf("name \"guest-loader\", desc \"Guest Loader\"\n");
    printf("name \"loader\", desc \"Generic Loader\"\n");
    for (unsigned i = 0; device_classes[i] != NULL; i++) {
        if (device_classes[i]->user_creatable) {
            printf("name \"%s\", desc \"%s\"\n", device_classes[i]->name,
                   device_classes[i]->help);
        }
    }
}

bool help_print_device(const char *name, GError **error)
{
    const DeviceClass *cls = name != NULL ? device_class_find(name) : NULL;

    if (g_strcmp0(name, "loader") == 0) {
        loader_print_help();
        return true;
    }
    if (g_strcmp0(name, "guest-loader") == 0) {
        guest_loader_print_help();
        return true;
    }
    if (cls == NULL) {
        return machine_fail(error, "'%s' is not a valid device model name",
                            name != NULL ? name : "");
    }
    device_print_props(cls);
    return true;
}

void help_print_objects(void)
{
    const char *kind;

    printf("List of user creatable objects:\n");
    for (unsigned i = 0; (kind = machine_object_kind(i, NULL)) != NULL; i++) {
        printf("  %s\n", kind);
    }
}

void help_print_netdevs(void)
{
    printf(
        "Available netdev backend types:\ndgram\nsocket\nstream\ntap\nuser\n");
}

void help_print_chardevs(void)
{
    const char *name;

    printf("Available chardev backend types:\n");
    for (unsigned i = 0; (name = char_backend_kind(i)) != NULL; i++) {
        printf("  %s\n", name);
    }
}

void help_print_displays(void)
{
    printf("Available display backend types:\n");
    for (unsigned i = 0; ui_kind(i) != NULL; i++) {
        printf("%s\n", ui_kind(i));
    }
    printf("vnc\n");
}

void help_print_audiodevs(void)
{
    const char *name;

    printf("Available audio drivers:\n");
    for (unsigned i = 0; (name = audio_backend_kind(i)) != NULL; i++) {
        printf("%s\n", name);
    }
}

void help_print_sound_cards(void)
{
    printf("Valid audio device model names:\nvirtio\n");
}

void help_print_log_topics(void)
{
    printf("Log items (comma separated):\n");
    log_print_topics();
}

void help_print_firmware_dirs(const MachineConfig *c)
{
    firmware_print_dirs(c->firmware_dirs);
}
