#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""cuttle-man.py VERBS.DEF VERSION: cuttle's manual page from its verb table."""
import re
import sys

from mangen import arguments, escape

HEAD = r""".TH CUTTLE 1 "" "Cuttle %s" "User Commands"
.nh
.SH NAME
cuttle \- images and containers of any architecture from one store
.SH SYNOPSIS
.B cuttle
.RI [ options ]
.I VERB
.RI [ options ]
.RI [ arguments ]
.SH DESCRIPTION
Keeps images in a folder that is an OCI image layout: skopeo, umoci and podman
read and write it, too, as
.I oci:ROOT/store:NAME.
One name may stand for images of several platforms.
Verbs, options, output and exit codes are those podman's users know.
.PP
A name without a registry, like
.IR debian ,
is looked for as localhost/debian first; what is pulled so is docker.io's.
"""

TAIL = r""".SH FORMATS
.B \-\-format
takes a Go template over the members that
.B "\-\-format json"
or
.B inspect
shows: {{.Field}}, pipelines, if, range, with, variables, and the functions and,
eq, ge, gt, index, join, json, le, len, lower, lt, ne, not, or, print, printf,
println, split, title, upper.
.SH ENVIRONMENT
.TP
.B CUTTLE_LAYER_MAX
The most bytes a layer may unpack to; default 128 GiB.
.TP
.B CUTTLE_REGISTRY_TIMEOUT
Seconds without a byte after which a transfer counts as broken; default 30.
.TP
.B REGISTRY_AUTH_FILE
Credentials for registries, as podman and skopeo keep them.
.TP
.B CONTAINERS_REGISTRIES_CONF
Mirrors and blocked registries; default /etc/containers/registries.conf.
.SH EXIT STATUS
0; 1 where what was asked for is not there (\fBimage exists\fR, \fBmanifest
exists\fR, \fBrmi\fR) or \fBfsck\fR leaves damage; 2 where a container uses what \fBrmi\fR is
to take away; 125 for anything else wrong,
with one line on standard error.
.SH FILES
.TP
.I /var/lib/cuttle/store
The images; without root's rights
.IR ~/.local/share/cuttle/store .
"""

CALL = re.compile(r"^(SECTION|GLOBAL|VERB|ALIAS|OPTION)\((.*)\)$", re.M)


def option(name, letter, _kind, argument, text):
    short = f"\\-{letter}\\fR, \\fB" if letter else ""
    argument = f" \\fI{escape(argument)}" if argument else ""
    return (f".TP\n.B {short}\\-\\-{escape(name)}{argument}\\fR\n"
            f"{escape(text[0].upper() + text[1:])}.\n")


def numbers_quoted(text):
    """VERB's counts become strings for arguments()."""
    return re.sub(r", (-?\d+), (-?\d+), ", r', "\1", "\2", ', text)


def main():
    path, version = sys.argv[1:]
    with open(path, encoding="utf-8") as f:
        calls = CALL.findall(f.read())
    out = [HEAD % version]
    out.append(".SH OPTIONS\n")
    inside = False
    for macro, text in calls:
        values = arguments(numbers_quoted(text))
        if macro == "SECTION":
            out.append(".RE\n" if inside else "")
            inside = False
            out.append(f".SH {escape(values[0]).upper()}\n")
        elif macro == "VERB":
            if inside:
                out.append(".RE\n")
            inside = False
            words = escape(values[4])
            out.append(f".TP\n.B cuttle {escape(values[0])} "
                       f"\\fI{words}\\fR\n"
                       f"{escape(values[5][0].upper() + values[5][1:])}.\n")
        elif macro == "ALIAS":
            out.append(f"Also \\fBcuttle {escape(values[0])}\\fR.\n")
        else:
            if macro == "OPTION" and not inside:
                out.append(".RS\n")
                inside = True
            out.append(option(*values))
    if inside:
        out.append(".RE\n")
    out.append(TAIL)
    sys.stdout.write("".join(out))


if __name__ == "__main__":
    main()
