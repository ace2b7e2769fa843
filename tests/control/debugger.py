#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The gdb stub from outside: debugger.py TEST ARCH PROGRAM.

TEST is a function test_TEST below; PROGRAM is gdb-guest.c, compiled for ARCH.
The emulator is $CUTTLE_DIR/cuttle-system-ARCH.
"""

import sys
import time
import xml.etree.ElementTree as ET

from gdbstub import (CPUS, Client, Gdb, System, check_transcript, expect,
                     number, run_gdb, run_lldb, symbols)

# ---- debuggers ----

def test_gdb(arch, program):
    trap = "svc" if arch == "aarch64" else "ecall"
    with System(arch, program) as s:
        text = run_gdb(s, program, [
            "break leaf", "continue", "backtrace",
            "print watched", "print depth",
            "watch watched", "continue", "print watched", "delete",
            "rwatch exceptions", "continue", "delete",
            "hbreak trap_here", "continue", "x/i $pc",
            # gdb steps over RISC-V's calls, and into Arm's handler.
            "set $round = exceptions", "stepi", "info symbol $pc",
            "delete", "tbreak leaf", "continue",
            "print exceptions - $round", "break main_loop if cpu == 0", "delete",
            "info threads", "thread 3", "print cpu",
            "set var counters[5] = 77", "print counters[5]",
            "print counters[2] > 0",
            "monitor info status", "info registers", "detach"])
    check_transcript(text, [
        r"^Breakpoint 1 at ", r"hit Breakpoint 1, leaf \(depth=.*3\)",
        r"^#0 +leaf", r"^#1 .* in nest \(depth=.*3\)", r"^#4 .* in nest",
        r"^#5 .* in main_loop \(cpu=0\)",
        r"^\$1 = 0", r"^\$2 = 3",
        r"^Hardware watchpoint 2: watched", r"^New value = 3", r"^\$3 = 3",
        r"^Hardware read watchpoint 3", r"^Value = 0",
        r"^Hardware assisted breakpoint 4", r"hit Breakpoint 4",
        r"^=> .*" + trap,
        r"^handler in section" if arch == "aarch64" else r"^trap \+ 10",
        r"hit Temporary breakpoint 5, leaf", r"^\$4 = 1",
        r"Thread 1\.1 .*CPU#0", r"Thread 1\.4 .*CPU#3.*main_loop",
        r"Switching to thread 3", r"^\$5 = 2", r"^\$6 = 77", r"^\$7 = 1",
        r"^(x0|ra) ", r"^pc ", r"detached", r"^VM status: paused"])


def test_non_stop_gdb(arch, program):
    """Threads that go on by themselves: the first meets a breakpoint, the
    others count on."""
    with System(arch, program) as s, \
            Gdb(s, program, ["set non-stop on"]) as g:
        g.ask("info threads", "stopped", r"\n +4 ")
        # The last of them is known to stand.
        while "(running)" in g.ask("info threads", r"\n +4 .*\(gdb\) "):
            time.sleep(0.05)
        g.ask("break leaf", "Breakpoint 1 at")
        g.ask("continue -a &", "Thread 1 .* hit Breakpoint 1, leaf")
        g.ask("info threads", r"1 .*#0 \[stopped\].* leaf",
              r"2 .*\(running\)", r"3 .*\(running\)", r"4 .*\(running\)")
        g.ask("print watched", r"= 0\b")
        # They count meanwhile. (On Arm the first has started them.)
        while "= 0" in g.ask("print counters[1]", r"= \d+"):
            time.sleep(0.01)
        g.ask("stepi", r"\(gdb\) ")
        g.ask("info symbol $pc", r"leaf \+ \d+")
        g.ask("continue", "hit Breakpoint 1, leaf")
        g.ask("print watched", r"= 3\b")
        g.ask("thread 3", "Switching to thread 3")
        g.ask("interrupt", "Thread 3 .*stopped.*main_loop")
        g.ask("info threads", r"1 .*leaf", r"2 .*\(running\)",
              r"3 .*#2 \[stopped\].*main_loop", r"4 .*\(running\)")
        g.ask("print cpu", r"= 2\b")
        g.ask("set $n = counters[2]", r"\(gdb\) ")
        g.ask("continue -a &", "Thread 1 .* hit Breakpoint 1, leaf")
        while "= 0" in g.ask("print counters[2] - $n", r"= \d+"):
            time.sleep(0.01)
        g.ask("interrupt -a", "stopped", "stopped", "stopped")
        g.ask("detach", "detached")


def test_lldb(arch, program):
    with System(arch, program) as s:
        s.may_end = True  # at its end lldb kills what it debugs
        text = run_lldb(s, program, [
            "breakpoint set -n leaf", "continue", "bt 3",
            "register read pc", "p watched",
            "watchpoint set variable watched", "continue",
            "breakpoint disable", "continue", "watchpoint delete --force",
            "stepi", "thread list", "memory read -f x -s 8 -c 1 &counters[2]",
            "detach"])
    check_transcript(text, [
        r"stop reason = breakpoint", r"leaf", r"frame #1: .*nest",
        r"pc = 0x", r"watched|\$0 = 0",
        r"Watchpoint created", r"Watchpoint 1 hit", r"instruction step into",
        r"thread #4", r"^0x\w+: 0x\w+"])


def test_conditions(arch, program):
    """Evaluated here: gdb hears of the round it waits for, and of no other."""
    with System(arch, program) as s:
        text = run_gdb(s, program, [
            "break leaf if counters[0] == 100001 && depth == 3",
            "continue", "print counters[0]", "info breakpoints",
            # One that is changed, and one that cannot be evaluated.
            "condition 1 counters[0] == 100006 || watched < 0",
            "continue", "print counters[0]",
            "condition 1 *(int *) 0xfffffff0 == 0", "continue", "print counters[0]",
            "delete", "detach"])
    check_transcript(text, [
        r"hit Breakpoint 1, leaf", r"^\$1 = 100001",
        r"stop only if .* \(target evals\)", r"already hit 1 time",
        r"hit Breakpoint 1, leaf", r"^\$2 = 100006",
        r"hit Breakpoint 1, leaf", r"^\$3 = 100011"])


# ---- packets ----

def read_document(client, what):
    text = b""
    while True:
        part = client.ask(b"qXfer:%s:%x,200" % (what, len(text)))
        text += part[1:]
        if part[:1] == b"l":
            return ET.fromstring(text)


FEATURES = {
    "aarch64": ["gnu.gdb.aarch64.core", "gnu.gdb.aarch64.fpu",
                "gnu.gdb.aarch64.pauth_v2", "qemu.gdb.arm.sys.regs"],
    "riscv64": ["gnu.gdb.riscv.cpu", "gnu.gdb.riscv.fpu",
                "gnu.gdb.riscv.virtual", "gnu.gdb.riscv.csr"],
}
FEATURES["riscv32"] = FEATURES["riscv64"]


def test_packets(arch, program):
    sym = symbols(program)
    with System(arch, program) as s:
        c = Client(s)
        features = c.ask(b"qSupported:multiprocess+;swbreak+;hwbreak+")
        for f in [b"PacketSize=4000", b"vContSupported+", b"QNonStop+",
                  b"qXfer:features:read+"]:
            expect(f in features, True, f)
        target = read_document(c, b"features:read:target.xml")
        expect([f.get("name") for f in target.iter("feature")],
               ["org." + f for f in FEATURES[arch]])
        regs = list(target.iter("reg"))
        expect([int(r.get("regnum")) for r in regs], list(range(len(regs))))
        pc = next(r for r in regs if r.get("generic") == "pc").get("regnum")
        pc = b"%x" % int(pc)
        threads = read_document(c, b"threads:read:")
        expect([t.get("id") for t in threads.iter("thread")],
               [f"p01.{n:02x}" for n in range(1, CPUS + 1)])
        read_document(c, b"memory-map:read:")
        expect(c.ask(b"?")[:3], b"T05")
        expect(c.ask(b"qfThreadInfo"), b"mp01.01,p01.02,p01.03,p01.04")
        expect(c.ask(b"qsThreadInfo"), b"l")
        expect(c.ask(b"vMustReplyEmpty"), b"")
        # A breakpoint, hit, said to be one; then one step.
        expect(c.ask(b"Z0,%x,4" % sym["leaf"]), b"OK")
        stop = c.ask(b"vCont;c")
        expect(b"swbreak" in stop and b"thread:p01.01" in stop, True, stop)
        expect(number(c.ask(b"p" + pc)), sym["leaf"])
        expect(c.ask(b"z0,%x,4" % sym["leaf"]), b"OK")
        expect(c.ask(b"vCont;s:p1.1")[:3], b"T05")
        # Conditions: none of them holds, then one does; code that is wrong.
        for conditions, stops in [(b";X3,220027", False), (b"", True),
                                  (b";X3,220027;X3,220127", True),
                                  (b";X3,220027;X1,27", True),
                                  (b";X3,220027;X3,220027", False)]:
            expect(c.ask(b"Z1,%x,4%s" % (sym["leaf"], conditions)), b"OK")
            c.send(b"vCont;c")
            if not stops:
                time.sleep(0.1)
                c.sock.sendall(b"\x03")
            expect(c.receive()[:3], b"T05" if stops else b"T02", conditions)
            if stops:  # off the place
                expect(c.ask(b"z1,%x,4" % sym["leaf"]), b"OK")
                expect(c.ask(b"vCont;s:p1.1")[:3], b"T05")
        expect(c.ask(b"z1,%x,4" % sym["leaf"]), b"OK")
        # Memory, by virtual and by physical address, and registers.
        watched = sym["counters"] + 48
        expect(c.ask(b"M%x,4:01020304" % watched), b"OK")
        expect(c.ask(b"m%x,4" % watched), b"01020304")
        expect(c.ask(b"X%x,4:}]}\x03}\n}\x04" % watched), b"OK")
        expect(c.ask(b"m%x,4" % watched), b"7d232a24")
        expect(c.ask(b"Qqemu.PhyMemMode:1"), b"OK")
        expect(c.ask(b"qqemu.PhyMemMode"), b"1")
        expect(c.ask(b"m%x,4" % watched), b"7d232a24")
        expect(c.ask(b"Qqemu.PhyMemMode:0"), b"OK")
        g = c.ask(b"g")
        expect(c.ask(b"G" + g), b"OK")
        expect(c.ask(b"g"), g)
        expect(c.ask(b"qqemu.sstepbits"), b"ENABLE=1,NOIRQ=2,NOTIMER=4")
        expect(c.ask(b"Qqemu.sstep=1"), b"OK")
        expect(c.ask(b"qqemu.sstep"), b"0x1")
        expect(c.ask(b"qAttached"), b"1")
        # Only thread 2 goes on.
        one = c.ask(b"m%x,4" % sym["counters"])
        c.send(b"vCont;c:p1.2")
        time.sleep(0.1)
        c.sock.sendall(b"\x03")
        expect(c.receive()[:3], b"T02")
        expect(c.ask(b"m%x,4" % sym["counters"]), one)
        # It goes on where nobody says a word, and for the next connection.
        expect(c.ask(b"D;1"), b"OK")
        c.close()
        time.sleep(0.2)
        c = Client(s, ack=True)
        expect(c.ask(b"?")[:1], b"T")
        expect(c.ask(b"m%x,4" % sym["counters"]) != one, True, "it runs")
        c.close()


MALFORMED = [
    b"", b"#", b"m", b"m,", b"mfffffffffffffffff,1", b"m0,ffffffffffffffff",
    b"mffffffffffffffff,8", b"M0,4:12", b"M0,1:1", b"X0,ffffffff:a", b"X0:",
    b"Z", b"Z9,0,0", b"Z0", b"Z0,0", b"Z2,ffffffffffffffff,8", b"Z2,0,0",
    b"Z0,0,4;", b"Z0,0,4;X", b"Z0,0,4;X1", b"Z0,0,4;X2,27", b"Z0,0,4;X1,zz",
    b"Z0,0,4;X1,2727", b"Z0,0,4;Xffffffff,27", b"Z0,0,4;cmds:0,X1,27",
    b"z1,0,4", b"p", b"pffff", b"P0", b"P0=", b"P0=zz", b"G", b"Gzz", b"H",
    b"Hg", b"Hgp", b"Hgp1.99", b"Hx1", b"T", b"T99", b"vCont;", b"vCont;x",
    b"vCont;c:p9.1", b"vCont;r1", b"vCont;t", b"vCont", b"vStopped", b"q",
    b"qXfer:features:read:target.xml:", b"qXfer:features:read:other.xml:0,1",
    b"qXfer:features:read:target.xml:ffffffffffffff,1", b"qRcmd,1",
    b"qRcmd,zz", b"qThreadExtraInfo,", b"Qqemu.sstep=", b"Qqemu.sstep=ff",
    b"Qqemu.PhyMemMode:2", b"QNonStop:2", b"vAttach;", b"vAttach;2", b"sz",
    b"cz", b"Czz;", b"\x00\x00", b"vFile:open:00,0,0", b"x" * 20000,
]


def test_bad_input(arch, program):
    with System(arch, program) as s:
        c = Client(s)
        for body in MALFORMED:
            if body[:1] not in b"cC":
                c.send(body)
        c.send(b"vMustReplyEmpty")
        for body in MALFORMED:
            if body[:1] not in b"cC":
                reply = c.receive()
                if body[:1] in b"mMPX" and len(body) < 20:
                    expect(reply[:1], b"E", body)
        expect(c.receive(), b"")
        for garbage in [b"$m0,4#00", b"$abc", b"$" * 1000, b"\xff" * 5000,
                        b"$#", b"$}#7d", b"+" * 5000, b"$X0,4:\x00\x01#zz"]:
            c.sock.sendall(garbage)
        c.sock.sendall(b"$#00")
        c.close()
        c = Client(s)
        expect(c.ask(b"qC"), b"QC01")
        c.close()


def test_non_stop(arch, program):
    sym = symbols(program)
    with System(arch, program) as s:
        c = Client(s)
        c.ask(b"qSupported:multiprocess+;swbreak+")
        expect(c.ask(b"QNonStop:1"), b"OK")
        expect(c.ask(b"?"), b"T00thread:p01.01;core:0;")
        expect(c.ask(b"vStopped"), b"OK")
        stops = [c.receive()]
        while stops[-1] != b"OK":
            stops.append(c.ask(b"vStopped"))
        expect(len(stops), CPUS)
        # All run; thread 1 meets a breakpoint alone.
        expect(c.ask(b"Z1,%x,4" % sym["leaf"]), b"OK")
        expect(c.ask(b"vCont;c"), b"OK")
        note = c.receive()
        expect(note[:9], b"%Stop:T05")
        expect(b"thread:p01.01" in note and b"hwbreak" in note, True, note)
        expect(c.ask(b"vStopped"), b"OK")
        two = sym["counters"] + 8
        # (On Arm the others were started by the first.)
        a = number(c.ask(b"m%x,4" % two))
        while number(c.ask(b"m%x,4" % two)) == a:
            time.sleep(0.01)
        # Thread 2 is stopped on demand, without a signal.
        expect(c.ask(b"vCont;t:p1.2"), b"OK")
        note = c.receive()
        expect(note[:9], b"%Stop:T00")
        expect(b"thread:p01.02" in note, True, note)
        expect(c.ask(b"vStopped"), b"OK")
        a = number(c.ask(b"m%x,4" % two))
        time.sleep(0.05)
        expect(number(c.ask(b"m%x,4" % two)), a)
        # A running thread's registers are refused.
        expect(c.ask(b"Hgp1.3"), b"OK")
        expect(c.ask(b"g")[:1], b"E")
        # Ctrl-C stops the rest.
        expect(c.ask(b"vCtrlC"), b"OK")
        expect(c.receive()[:9], b"%Stop:T02")
        expect(c.ask(b"vStopped")[:3], b"T02")
        expect(c.ask(b"vStopped"), b"OK")
        c.close()


def main():
    test = globals()["test_" + sys.argv[1].replace("-", "_")]
    test(sys.argv[2], sys.argv[3])


main()
