/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/char/char-backend.h - makes character devices out of options.
 * Kinds: null, stdio, file, pipe, pty, socket, vc, qemu-vdagent; each may be a
 * mux of several front ends and copy its output to a log file. Threads: the
 * event loop's. */
#ifndef CUTTLE_BACKEND_CHAR_CHAR_BACKEND_H
#define CUTTLE_BACKEND_CHAR_CHAR_BACKEND_H

#include "core/chardev.h"
#include "util/opts.h"

/* -chardev: the kind in key "backend", `id` ignored; b has the screens that a
 * vc adds its own to. Refuses keys nobody knows
 * before touching anything. The caller owns the result (backends_add_char). */
CharDev *char_backend_new(const Backends *b, const char *id, Opts *opts,
                          GError **error);

/* -serial, -monitor and friends: stdio, mon:SPEC, null, none, file:F, pipe:F,
 * pty, vc[:SIZE], tcp:[host]:port[,server=on], telnet:..., unix:path,
 * chardev:ID. What it makes is added to b under id. *out is what a front end
 * attaches to (see char_mux_port) or NULL for "none"; it belongs to b. *monitor
 * becomes true if a monitor is to share it ("mon:"). */
bool char_backend_from_legacy(Backends *b, const char *id, const char *spec,
                              CharDev **out, bool *monitor, GError **error);

/* The n-th kind's name; NULL behind the last. */
const char *char_backend_kind(unsigned n);

/* Whether a front end is attached, to one of its ports if it is a mux. */
bool char_is_in_use(const CharDev *c);

/* A place for one more front end on a mux (its end is the mux's); c itself if
 * it is none. The first port has the keyboard until the user types Ctrl-A c. */
CharDev *char_mux_port(CharDev *c);

/* Gives the keyboard to a port. */
void char_mux_focus(CharDev *port);

/* The escape character (-echr): 1 to 31; Ctrl-A at first. */
void char_mux_set_escape(int character);

#endif
