/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd/help.h - what `help` as an option's value prints, on standard output.
 * Threads: main thread. */
#ifndef CUTTLE_CMD_HELP_H
#define CUTTLE_CMD_HELP_H

#include "machine/config.h"

void help_print_options(const char *program);
void help_print_version(void);
void help_print_boards(const Target *target);
bool help_print_board(const Target *target, const char *name, GError **error);
void help_print_accels(void);
void help_print_devices(void);
bool help_print_device(const char *name, GError **error);
void help_print_objects(void);
void help_print_netdevs(void);
void help_print_audiodevs(void);
void help_print_sound_cards(void);
void help_print_chardevs(void);
void help_print_displays(void);
void help_print_log_topics(void);
void help_print_firmware_dirs(const MachineConfig *c);

#endif
