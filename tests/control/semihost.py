#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Semihosting that a debugger answers: semihost.py TEST ARCH PROGRAM.

TEST is a function test_TEST below; PROGRAM is semihost-guest.c for ARCH.
The emulator is $CUTTLE_DIR/cuttle-system-ARCH.
"""

import os
import random
import signal
import sys
import tempfile
import time

from gdbstub import (Client, Gdb, System, check_transcript, expect, number,
                     run_gdb, run_lldb, symbols)

EXIT_CODE = 7
BASE = 0x1000
EINTR = 4


class Calls(System):
    def __init__(self, arch, program, target):
        super().__init__(arch, program, "-semihosting-config",
                         "target=" + target)
        self.may_end = True

    def end(self, code=EXIT_CODE):
        expect(self.process.wait(20), code, "exit code")


# ---- gdb ----

TRANSCRIPT = [
    r"^opened 1", r"^write 0", r"^flen 20000", r"^istty 0", r"^seek 0",
    r"^read 7", r"^end 5", r"^same 1", r"^close 0", r"^closed -1",
    r"^errno 9", r"^rename 0", r"^old name -1", r"^errno 2", r"^system 0",
    r"^remove 0", r"^again -1", r"^tty 1", r"^hello", r"^out 0", r"^world",
    r"^err 0", r"^\.time 1", r"^readc 113", r"^line 5", r"^rest",
    r"^finished"]


def test_gdb(arch, program):
    """Also that a step over the call's instruction ends behind it."""
    for target in ("gdb", "auto"):
        with Calls(arch, program, target) as s, \
                tempfile.TemporaryDirectory() as folder:
            text = run_gdb(s, program, [
                "set remote system-call-allowed 1",
                "tbreak call_here", "continue", "print $here = $pc",
                "stepi", "print $pc - $here", "continue"], folder, "qrest\n")
            check_transcript(text, [r"^\$2 = 4$", r"exited with code 07"])
            check_transcript(text, TRANSCRIPT)
            expect(os.listdir(folder), [])
            s.end()


def test_interrupt(arch, program):
    """Ctrl-C in gdb that reads from its terminal for the program."""
    with Calls(arch, program, "auto") as s, \
            tempfile.TemporaryDirectory() as folder, \
            Gdb(s, program, folder=folder) as g:
        g.ask("set remote system-call-allowed 1", r"\(gdb\) ")
        g.ask("continue", r"\.time 1")
        time.sleep(0.3)
        g.process.send_signal(signal.SIGINT)
        g.wait("SIGINT", r"\(gdb\) ")
        g.ask("print 6 * 7", "= 42")
        # The call is made again.
        g.ask("continue", "Continuing")
        time.sleep(0.3)
        g.ask("qrest", "exited with code 07")
        s.end()


def test_lldb(arch, program):
    """It makes no calls: with target=auto they are the emulator's own."""
    with Calls(arch, program, "auto") as s:
        text = run_lldb(s, program, ["breakpoint set -n finished", "continue",
                                     "bt"])
        check_transcript(text, [r"stop reason = breakpoint", r"finished"])


# ---- packets ----

def parse(request):
    """Fname,numbers: the name and the numbers; a/b is two."""
    expect(request[:1], b"F", request)
    name, *args = request[1:].decode().replace("/", ",").split(",")
    return name, [int(a, 16) for a in args]


def succeed(request):
    """A reply that says: done."""
    name, args = parse(request)
    return b"F%x" % {"open": 5, "write": args[-1], "fstat": 0}.get(name, 0)


def run_until_stop(client, request):
    while request[:1] == b"F":
        request = client.ask(succeed(request))
    return request


def to_loop(client, sym, rounds):
    """Stops before the loop of WRITEC, with so many rounds to go."""
    expect(client.ask(b"Z0,%x,4" % sym["finished"]), b"OK")
    stop = run_until_stop(client, client.ask(b"c"))
    expect(stop[:3], b"T05")
    expect(client.ask(b"z0,%x,4" % sym["finished"]), b"OK")
    expect(client.ask(b"M%x,4:%s" % (sym["rounds"],
                                     rounds.to_bytes(4, "little").hex()
                                     .encode())), b"OK")
    return client.ask(succeed(client.ask(b"c")))  # finished\n


X = b"Fwrite,1,%x,1" % BASE


def program_counter(client):
    return number(client.ask(b"p20"))  # the 32nd, of either


def test_packets(arch, program):
    sym = symbols(program)
    with Calls(arch, program, "gdb") as s:
        c = Client(s)
        expect(c.ask(b"F0"), b"E16")  # nobody asked
        open_one = b"Fopen,%x/4,602,1a4" % BASE  # "one", w+b
        expect(c.ask(b"c"), open_one)
        expect(c.ask(b"m%x,4" % BASE), b"6f6e6500")
        expect(c.ask(b"X%x,0:" % (BASE + 8192)), b"OK")
        expect(c.ask(b"c")[:1], b"E")
        expect(c.ask(b"m%x,4" % sym["rounds"]), b"00000000")
        expect(c.ask(b"F5"), b"Fwrite,1,%x,6" % BASE)
        expect(c.ask(b"m%x,6" % BASE), b"opened".hex().encode())
        expect(c.ask(b"F6"), b"Fwrite,1,%x,3" % BASE)
        expect(c.ask(b"F3"), b"Fwrite,5,%x,2000" % BASE)
        expect(c.ask(b"m%x,8" % BASE), b"abcdefga".hex().encode())
        # A part of it: the rest is another call.
        expect(c.ask(b"F7"), b"Fwrite,5,%x,2000" % BASE)
        expect(c.ask(b"m%x,2" % BASE), b"ab".hex().encode())
        left = 20000 - 7 - 0x2000
        expect(c.ask(b"F2000"), b"Fwrite,5,%x,2000" % BASE)
        left -= 0x2000
        expect(c.ask(b"F2000"), b"Fwrite,5,%x,%x" % (BASE, left))
        expect(c.ask(b"F-1,1c"), b"Fwrite,1,%x,5" % BASE)  # no space
        expect(c.ask(b"F5"), b"Fwrite,1,%x,6" % BASE)
        expect(c.ask(b"m%x,6" % BASE), (b" %d\n" % left).hex().encode())
        c.close()


def test_replies(arch, program):
    """Whatever the reply, the program goes on."""
    sym = symbols(program)
    bad = [b"F", b"F-", b"Fzz", b"F1,", b"F1,zz", b"F1,2,D", b"F1,2,CC",
           b"F2", b"Fffffffffffffffff", b"F1ffffffffffffffff", b"F-2",
           b"F-7fffffffffffffff,ffffffffffffffff", b"F1;junk", b"F1,0;junk",
           b"F" + b"1" * 5000, b"F-1,270f", b"F-1,5b"]
    rand = random.Random(1)
    bad += [b"F" + bytes(rand.choices(b"0123456789af-,;zD", k=rand.randrange(20)))
            for _ in range(300)]
    with Calls(arch, program, "gdb") as s:
        c = Client(s)
        request = to_loop(c, sym, len(bad))
        for reply in bad:
            expect(request, X, reply)
            request = c.ask(reply)
        expect(request, b"W07")
        s.end()


def test_ctrl_c(arch, program):
    sym = symbols(program)
    here = sym["call_here"]
    with Calls(arch, program, "gdb") as s:
        c = Client(s)
        expect(to_loop(c, sym, 100), X)
        # Not made yet, so it is made again.
        expect(c.ask(b"F-1,%x,C" % EINTR)[:3], b"T02")
        expect(program_counter(c), here)
        expect(c.ask(b"c"), X)
        # Made: the stop is behind it.
        expect(c.ask(b"F1,0,C")[:3], b"T02")
        expect(program_counter(c), here + 4)
        # One that comes meanwhile waits for the reply.
        expect(c.ask(b"c"), X)
        c.sock.sendall(b"\x03")
        expect(c.ask(b"F1")[:3], b"T02")
        expect(c.ask(b"c"), X)
        # Somebody else stops the machine meanwhile.
        expect(c.ask(b"qRcmd," + b"stop".hex().encode()), b"OK")
        expect(c.ask(b"F1")[:3], b"T02")
        # Somebody else lets it go on: the call waits for the debugger, who
        # takes it up again.
        expect(c.ask(b"qRcmd," + b"cont".hex().encode()), b"OK")
        time.sleep(0.1)
        expect(c.ask(b"c"), X)
        expect(c.ask(b"c")[:1], b"E")
        c.sock.sendall(b"\x03")
        expect(c.ask(b"F1")[:3], b"T02")
        # A step: the call is one instruction.
        while True:
            stop = c.ask(b"s")
            if stop == X:
                break
            expect(stop[:3], b"T05")
        expect(c.ask(b"F1")[:3], b"T05")
        expect(program_counter(c), here + 4)
        # A reset in the middle: that call is nobody's any more.
        expect(c.ask(b"c"), X)
        expect(c.ask(b"qRcmd," + b"system_reset".hex().encode()), b"OK")
        time.sleep(0.2)
        expect(c.ask(b"F1")[:6], b"Fopen,")
        c.close()


def test_gone(arch, program):
    """Who goes in the middle leaves the program with an error."""
    sym = symbols(program)
    for target in ("gdb", "auto"):
        for how in ("close", "detach"):
            with Calls(arch, program, target) as s:
                c = Client(s)
                expect(to_loop(c, sym, 1000), X)
                if how == "detach":
                    expect(c.ask(b"D;1"), b"OK")
                c.close()
                s.end()


def test_others(arch, program):
    """The other CPUs go on; what they stop for is told behind the reply."""
    sym = symbols(program)
    with Calls(arch, program, "gdb") as s:
        c = Client(s)
        expect(to_loop(c, sym, 3), X)
        before = c.ask(b"m%x,4" % sym["ticks"])
        while c.ask(b"m%x,4" % sym["ticks"]) == before:
            time.sleep(0.01)
        expect(c.ask(b"Z2,%x,4" % sym["ticks"]), b"OK")
        time.sleep(0.1)
        stop = c.ask(b"F1")
        expect(stop[:3] == b"T05" and b"watch:" in stop, True, stop)
        expect(c.ask(b"z2,%x,4" % sym["ticks"]), b"OK")
        # Only who asks can go on; then only who does not.
        expect(c.ask(b"vCont;c:1"), X)
        expect(c.ask(b"F-1,%x,C" % EINTR)[:3], b"T02")
        c.send(b"vCont;c:2")
        time.sleep(0.1)
        c.sock.sendall(b"\x03")
        expect(c.receive()[:3], b"T02")
        expect(c.ask(b"c"), X)
        expect(c.ask(b"F1"), X)
        expect(c.ask(b"F1"), b"W07")
        s.end()


def main():
    test = globals()["test_" + sys.argv[1].replace("-", "_")]
    test(sys.argv[2], os.path.abspath(sys.argv[3]))


main()
