#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""mangen.py OPTIONS.def VERSION: the manual page of cuttle-system, to stdout.

The option table is the one the program is built from (cmd/options.def).
"""
import ast
import re
import sys

HEAD = r"""\" made by scripts/mangen.py out of cmd/options.def
.TH CUTTLE-SYSTEM 1 "" "Cuttle %s" "User Commands"
.nh
.SH NAME
cuttle-system, cuttle-system-riscv64, cuttle-system-riscv32,
cuttle-system-aarch64 \- emulate a whole machine
.SH SYNOPSIS
.B cuttle-system-riscv64
.RI [ options ]
.RI [ "disk image" ]
.SH DESCRIPTION
Runs an operating system or firmware made for another processor. The command
line is the one QEMU's users know; options take one dash or two. A comma inside
a value is doubled; \-device, \-netdev, \-blockdev and \-object also take a JSON
object. The program's name picks the guest; plain
.B cuttle-system
runs 64-bit RISC-V.
.PP
Without
.B \-M
the machine is
.BR virt ,
for every guest (QEMU's RISC-V default, spike, is not there).
.PP
There are no windows: the first serial port is on the terminal
unless
.BR \-serial ,
.B "\-display none"
or
.B \-nodefaults
say otherwise.
.SH KEYS
On a terminal Ctrl-A h lists the keys, Ctrl-A x quits, Ctrl-A c switches to the
monitor and back, Ctrl-A Ctrl-A sends one
Ctrl-A.
.SH OPTIONS
"""

TAIL = r""".SH ENVIRONMENT
.TP
.B CUTTLE_FIRMWARE
A folder with OpenSBI's firmware, or the file itself, for
.BR "\-bios default" .
.SH EXIT STATUS
0 after a power-off or an ending signal; 1 for anything wrong with the command
line or its files, with one line on standard error; otherwise what the guest
wrote to the test finisher.
.SH EXAMPLE
.nf
cuttle-system-riscv64 \-M virt \-m 1G \-smp 4 \-nographic \e
    \-kernel Image \-append "root=/dev/vda console=ttyS0" \e
    \-drive file=root.img,format=raw,if=none,id=d0 \e
    \-device virtio-blk-device,drive=d0 \e
    \-netdev user,id=n0,hostfwd=tcp::2222-:22 \e
    \-device virtio-net-device,netdev=n0
.fi
"""

CALL = re.compile(r"^(SECTION|OPTION|REFUSED)\((.*)\)$", re.M)


def escape(text):
    return text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")


def arguments(text):
    """The macro's arguments; a bare word is a handler's name."""
    quoted = re.sub(r"^((?:\s*\"(?:[^\"\\]|\\.)*\"\s*,)*)\s*(\w+)\s*,",
                    r'\1 "\2",', text)
    return ast.literal_eval(f"({quoted},)")


def option(name, other, _handler, argument, text):
    names = f".B \\-{escape(name)}"
    if other:
        names += f" \\fRor\\fB \\-{escape(other)}"
    if argument:
        names += f" \\fI{escape(argument)}"
    return f".TP\n{names}\\fR\n{escape(text[0].upper() + text[1:])}.\n"


def main():
    path, version = sys.argv[1:]
    with open(path, encoding="utf-8") as f:
        source = f.read()
    out = ["." + HEAD % version]
    refused = []
    for macro, text in CALL.findall(source):
        values = arguments(text)
        if macro == "SECTION":
            out.append(f".SS {escape(values[0])}\n")
        elif macro == "OPTION":
            out.append(option(*values))
        else:
            refused.append(values[0])
    out.append(".SS Known, but not supported yet\n")
    out.append(", ".join("\\-" + escape(name) for name in refused) + ".\n")
    out.append(TAIL)
    sys.stdout.write("".join(out))


if __name__ == "__main__":
    main()
