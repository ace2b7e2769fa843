#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Watchpoints and every kind of access: accesses.py ARCH PROGRAM.

PROGRAM is access-guest.c for ARCH, whose symbols say what is to be seen. The
emulator is $CUTTLE_DIR/cuttle-system-ARCH.
"""

import sys

from gdbstub import Client, System, expect, number, symbols

ALIAS = 0x40000000
TYPES = {"w": (2, b"watch"), "r": (3, b"rwatch"), "rw": (4, b"awatch")}


def accesses(sym):
    for name, pc in sorted(sym.items(), key=lambda s: s[1]):
        if name.startswith("access_"):
            _, what, kinds, first, length = name.split("_")
            yield what, kinds, pc, sym["area"] + int(first), int(length)


def start_of(sym):
    return min(pc for _, _, pc, _, _ in accesses(sym))


def wait_for(c, packet, pc, what, want=b"T05"):
    """Goes on and stops there, by that point and nothing else."""
    expect(c.ask(b"Z" + packet), b"OK")
    stop = c.ask(b"vCont;c:1")
    expect(stop[:3], b"T05", what)
    expect(want in stop, True, (what, want, stop))
    expect(number(c.ask(b"p20")), pc, what)
    expect(c.ask(b"z" + packet), b"OK")


def watch(c, sym):
    for what, kinds, pc, first, length in accesses(sym):
        for kind in ["w", "r", "rw"] if kinds == "rw" else [kinds, "rw"]:
            type_, name = TYPES[kind]
            for at in sorted({first, first + length // 2, first + length - 1}):
                wait_for(c, b"0,%x,4" % pc, pc, what)
                expect(c.ask(b"Z%d,%x,1" % (type_, at)), b"OK")
                stop = c.ask(b"vCont;s:1")
                wanted = b"%s:%x;" % (name, at)
                expect(wanted in stop, True, (what, kind, at - first, stop))
                expect(number(c.ask(b"p20")), pc, what)
                expect(c.ask(b"z%d,%x,1" % (type_, at)), b"OK")


def run_into(c, sym):
    """From the round before, with hot code: it stops at the access."""
    for what, kinds, pc, first, length in accesses(sym):
        kind, name = TYPES[kinds]
        packet = b"%d,%x,%x" % (kind, first + length - 1, 1)
        wait_for(c, packet, pc, what, b"%s:%x;" % (name, first + length - 1))
        expect(c.ask(b"vCont;s:1")[:3], b"T05")


def meets(sym, first, length, kinds):
    """Whether some access touches the range in one of these ways."""
    return any(f < first + length and first < f + n and set(k) & set(kinds)
               for _, k, _, f, n in accesses(sym))


def leave_alone(c, sym):
    """Neighbours, other kinds, and the same memory by another address."""
    for _, _, _, first, length in accesses(sym):
        for kinds, at, n in [("rw", first - 1, 1), ("rw", first + length, 1),
                             ("rw", first + ALIAS, length),
                             ("r", first, length), ("w", first, length)]:
            if not meets(sym, at, n, kinds):
                packet = b"Z%d,%x,%x" % (TYPES[kinds][0], at, n)
                expect(c.ask(packet), b"OK")
    for _ in range(3):
        wait_for(c, b"0,%x,4" % start_of(sym), start_of(sym), "a round")
        expect(c.ask(b"vCont;s:1")[:3], b"T05")


def memory(c, sym):
    """By virtual and by physical address."""
    area = sym["area"] + 1000
    expect(c.ask(b"M%x,4:01020304" % (area + ALIAS)), b"OK")
    expect(c.ask(b"m%x,4" % area), b"01020304")
    expect(c.ask(b"Qqemu.PhyMemMode:1"), b"OK")
    expect(c.ask(b"qqemu.PhyMemMode"), b"1")
    expect(c.ask(b"m%x,4" % area), b"01020304")
    expect(c.ask(b"m%x,4" % (area + ALIAS)) == b"01020304", False)
    expect(c.ask(b"M%x,4:05060708" % area), b"OK")
    expect(c.ask(b"Qqemu.PhyMemMode:0"), b"OK")
    expect(c.ask(b"m%x,4" % (area + ALIAS)), b"05060708")
    expect(c.ask(b"m%x,4" % (area + 4 * ALIAS))[:1], b"E")  # not mapped


def main():
    arch, program = sys.argv[1:]
    sym = symbols(program)
    options = ["-cpu", "max"] if arch == "riscv64" else []
    with System(arch, program, *options) as s:
        c = Client(s)
        wait_for(c, b"0,%x,4" % start_of(sym), start_of(sym), "the start")
        memory(c, sym)
        watch(c, sym)
        run_into(c, sym)
        leave_alone(c, sym)
        c.close()


main()
