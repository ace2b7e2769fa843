#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Steps, interrupts, and a guest that sleeps: timers.py TEST ARCH PROGRAM.

TEST is a function test_TEST below; PROGRAM is timer-guest.c for ARCH. The
emulator is $CUTTLE_DIR/cuttle-system-ARCH.
"""

import sys
import time

from gdbstub import (Client, System, check_transcript, expect, number, run_gdb,
                     symbols)

ENABLE, NO_IRQ, NO_TIMER = 1, 2, 4
PERIOD = 1000
COUNT, SLEEP, SPIN = range(3)


class Guest:
    def __init__(self, system, program):
        self.c = Client(system)
        self.sym = symbols(program)

    def read(self, name):
        return number(self.c.ask(b"m%x,8" % self.sym[name]))

    def write(self, name, value):
        expect(self.c.ask(b"M%x,8:%s" % (
            self.sym[name], value.to_bytes(8, "little").hex().encode())),
               b"OK")

    def pc(self):
        return number(self.c.ask(b"p20"))

    def step(self, n=1):
        for _ in range(n):
            expect(self.c.ask(b"vCont;s:1")[:3], b"T05")

    def run_to(self, name):
        place = b"0,%x,4" % self.sym[name]
        expect(self.c.ask(b"Z" + place), b"OK")
        expect(self.c.ask(b"c")[:3], b"T05")
        expect(self.c.ask(b"z" + place), b"OK")

    def flags(self, value):
        expect(self.c.ask(b"Qqemu.sstep=%x" % value), b"OK")
        expect(self.c.ask(b"qqemu.sstep"), b"0x%x" % value)


def test_steps(arch, program):
    with System(arch, program) as s:
        g = Guest(s, program)
        expect(g.c.ask(b"qqemu.sstepbits"), b"ENABLE=1,NOIRQ=2,NOTIMER=4")
        expect(g.c.ask(b"qqemu.sstep"), b"0x7")
        for _ in range(2):
            g.run_to("count")
        g.step(50)  # the counter is read there
        # Nothing comes in between, and time stands.
        n, then = g.read("interrupts"), g.read("now")
        g.step(200)
        expect((g.read("interrupts"), g.read("now")), (n, then))
        # Time goes on, the interrupt has to wait ...
        g.flags(ENABLE | NO_IRQ)
        while g.read("now") - then < 3 * PERIOD:
            g.step(20)
        expect(g.read("interrupts"), n)
        # ... and comes; no other, for time stands again.
        g.flags(ENABLE | NO_TIMER)
        g.step(60)
        expect(g.read("interrupts"), n + 1)
        then = g.read("now")
        g.step(200)
        expect((g.read("interrupts"), g.read("now")), (n + 1, then))
        # All as it is without a debugger: a step may end in the handler.
        g.flags(ENABLE)
        while g.read("interrupts") < n + 3:
            g.step(20)
        place = b"0,%x,4" % g.sym["handler"]
        expect(g.c.ask(b"Z" + place), b"OK")
        while g.pc() != g.sym["handler"]:
            g.step()
        g.c.close()


def test_ctrl_c(arch, program):
    """While it counts, sleeps and spins, and was stopped by another."""
    with System(arch, program) as s:
        g = Guest(s, program)
        for _ in range(2):
            g.run_to("count")
        for mode, place in [(COUNT, None), (SLEEP, "sleep_here"),
                            (SPIN, "spin_here"), (COUNT, None)]:
            g.write("mode", mode)
            for pause in (0.05, 0, 0.001):
                g.c.send(b"c")
                time.sleep(pause)
                g.c.sock.sendall(b"\x03")
                expect(g.c.receive()[:3], b"T02", mode)
            if mode == SLEEP:  # a step ends it
                behind = g.sym["sleep_here"] + 4
                expect(g.pc(), behind)
                g.step()
                expect(g.pc() != behind, True)
            if mode == SPIN:  # a jump to itself is one
                expect(g.pc(), g.sym["spin_here"])
                g.step()
                expect(g.pc(), g.sym["spin_here"])
            if place:
                g.write("mode", COUNT)
                g.c.ask(b"P20=" + (g.sym["sleep_here"] + 4)
                        .to_bytes(8, "little").hex().encode())
                g.run_to("count")
        # By the monitor; the debugger hears of it. Nothing to interrupt then.
        g.c.send(b"c")
        g.c.send(b"qRcmd," + b"stop".hex().encode())
        expect(g.c.receive()[:3], b"T02")
        expect(g.c.receive(), b"OK")
        g.c.sock.sendall(b"\x03")
        expect(g.c.ask(b"vMustReplyEmpty"), b"")
        g.c.send(b"c")
        g.c.sock.sendall(b"\x03")
        expect(g.c.receive()[:3], b"T02")
        # Let go, and found again by the next, who interrupts, too.
        expect(g.c.ask(b"D;1"), b"OK")
        g.c.close()
        g = Guest(s, program)
        before = g.read("rounds")
        g.c.send(b"c")
        time.sleep(0.02)
        g.c.sock.sendall(b"\x03")
        expect(g.c.receive()[:3], b"T02")
        expect(g.read("rounds") > before, True, "it runs")
        g.c.close()


def test_gdb(arch, program):
    """As QEMU's documents say it: by maintenance packets."""
    with System(arch, program) as s:
        text = run_gdb(s, program, [
            "maintenance packet qqemu.sstepbits",
            "maintenance packet qqemu.sstep",
            "maintenance packet Qqemu.sstep=0x5",
            "maintenance packet qqemu.sstep",
            "break count", "continue", "continue", "stepi", "delete",
            "maintenance packet Qqemu.PhyMemMode:1",
            "maintenance packet qqemu.PhyMemMode", "print frequency > 0",
            "maintenance packet Qqemu.PhyMemMode:0", "detach"])
    check_transcript(text, [
        r'received: "ENABLE=1,NOIRQ=2,NOTIMER=4"', r'received: "0x7"',
        r'received: "OK"', r'received: "0x5"', r"hit Breakpoint 1, count",
        r"hit Breakpoint 1, count", r'received: "OK"', r'received: "1"',
        r"= 1", r'received: "OK"', r"detached"])


def main():
    test = globals()["test_" + sys.argv[1].replace("-", "_")]
    test(sys.argv[2], sys.argv[3])


main()
