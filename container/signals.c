/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/signals.c */
#include "container/signals.h"

#include <glib.h>
#include <signal.h>
#include <string.h>

/* "RTMIN+3", "RTMAX-1". */
static int realtime(const char *name)
{
    gint64 offset = 0;

    if (!g_str_has_prefix(name, "RTM")) {
        return -1;
    }
    if (strlen(name) > 5 &&
        !g_ascii_string_to_signed(name + (name[5] == '+' ? 6 : 5), 10, -64, 64,
                                  &offset, NULL)) {
        return -1;
    }
    offset += g_str_has_prefix(name, "RTMIN")   ? SIGRTMIN
              : g_str_has_prefix(name, "RTMAX") ? SIGRTMAX
                                                : -128;
    return offset >= SIGRTMIN && offset <= SIGRTMAX ? (int)offset : -1;
}

int signal_number(const char *text)
{
    g_autofree char *name = g_ascii_strup(text, -1);
    const char *bare = g_str_has_prefix(name, "SIG") ? name + 3 : name;
    gint64 number;

    if (g_ascii_string_to_signed(text, 10, 0, NSIG - 1, &number, NULL)) {
        return (int)number;
    }
    for (int i = 1; i < SIGRTMIN; i++) {
        const char *abbreviation = sigabbrev_np(i);

        if (abbreviation != NULL && strcmp(abbreviation, bare) == 0) {
            return i;
        }
    }
    return realtime(bare);
}
