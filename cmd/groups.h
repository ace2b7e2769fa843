/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd/groups.h - options from a file (-readconfig) and changes of earlier ones
 * (-set). Both name an option by its group, which is not always its name.
 * Threads: main thread. */
#ifndef CUTTLE_CMD_GROUPS_H
#define CUTTLE_CMD_GROUPS_H

#include "cmd/options.h"

/* [device "id"] and key = "value" lines: each section is one option. */
bool groups_read_file(Options *o, const char *path, GError **error);

/* text: GROUP.ID.KEY=VALUE; the option with that id came before. */
bool groups_set(Options *o, const char *text, GError **error);

#endif
