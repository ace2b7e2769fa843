#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Control sockets from outside: run.py NAME, a function test_NAME below.

Each starts $CUTTLE_SYSTEM in an empty folder and talks to it as a management
tool would.
"""

import os
import re
import signal
import socket
import stat
import sys
import tempfile

from qmp import PROGRAM, Qmp, QmpError, System

BARE = ["-bios", "none", "-serial", "none", "-m", "16M"]


def expect(got, wanted, what=""):
    if got != wanted:
        raise AssertionError(f"{what}: {got!r}, not {wanted!r}")


def expect_error(cls, desc, call, *args, **kwargs):
    try:
        got = call(*args, **kwargs)
    except QmpError as e:
        expect((e.cls, e.desc), (cls, desc))
    else:
        raise AssertionError(f"no error but {got!r}, for {desc!r}")


# ---- the protocol ----

def test_qmp():
    with System(*BARE, "-smp", "2", "-name", "guest=gamma") as s:
        q = s.connect(negotiate=False)
        expect(q.greeting["capabilities"], ["oob"])
        expect(q.greeting["version"]["qemu"]["major"], 10)
        expect_error("CommandNotFound", "Expecting capabilities negotiation "
                     "with 'qmp_capabilities'", q.run, "query-status")
        q.run("qmp_capabilities")
        expect(q.run("query-status"), {"status": "running", "running": True})
        expect(q.run("query-name"), {"name": "gamma"})
        expect(q.run("query-target"), {"arch": "riscv64"})
        cpus = q.run("query-cpus-fast")
        expect([c["cpu-index"] for c in cpus], [0, 1])
        for cpu in cpus:
            task = f"/proc/{s.process.pid}/task/{cpu['thread-id']}/comm"
            with open(task, encoding="ascii") as f:
                expect(f.read(), f"vcpu {cpu['cpu-index']}\n")
        names = {c["name"] for c in q.run("query-commands")}
        schema = q.run("query-qmp-schema")
        expect({e["name"] for e in schema if e["meta-type"] == "command"},
               names)
        expect("query-gic-capabilities" in names, False)
        # Several at once come back in order.
        q.raw(b"".join(b'{"execute":"query-status","id":%d}' % i
                       for i in range(50)))
        expect([q.reply()["id"] for _ in range(50)], list(range(50)))
        expect(stat.S_IMODE(os.stat(s.path).st_mode), 0o600)
        q.run("quit")
        event = q.wait("SHUTDOWN")
        expect(event["data"], {"guest": False, "reason": "host-qmp-quit"})
        expect(s.ends()[0], 0)
    expect(os.path.exists(s.path), False)
    transports()


def transports():
    """TCP on loopback unless told, -mon with a -chardev, stdio, pretty."""
    with System(*BARE, "-S", "-chardev",
                "socket,id=c0,path=mon.sock,server=on,wait=off", "-mon",
                "chardev=c0,mode=control,pretty=on", "-qmp",
                "tcp::0,server=on,wait=off", "-qmp", "stdio") as s:
        out = s.process.stdout
        expect(out.readline()[:8], b'{"QMP": ')
        s.process.stdin.write(b'{"execute":"qmp_capabilities"}')
        s.process.stdin.flush()
        expect(out.readline(), b'{"return": {}}\r\n')
        q = s.connect()
        expect(q.run("query-status")["status"], "prelaunch")
        p = socket.socket(socket.AF_UNIX)
        p.connect("mon.sock")
        expect(p.recv(10), b'{\n    "QMP')
        p.close()
        with open(f"/proc/{s.process.pid}/net/tcp", encoding="ascii") as f:
            listening = [line.split()[1] for line in f if " 0A " in line]
        port = tcp_port(s.process.pid)
        expect(f"0100007F:{port:04X}" in listening, True, "loopback")
        expect(Qmp(("127.0.0.1", port)).run("query-status")["running"], False)


def tcp_port(pid):
    """The port of the only TCP socket that pid listens on."""
    inodes = set()
    for fd in os.listdir(f"/proc/{pid}/fd"):
        m = re.match(r"socket:\[(\d+)\]", os.readlink(f"/proc/{pid}/fd/{fd}"))
        if m:
            inodes.add(m.group(1))
    with open(f"/proc/{pid}/net/tcp", encoding="ascii") as f:
        for line in list(f)[1:]:
            cells = line.split()
            if cells[3] == "0A" and cells[9] in inodes:
                return int(cells[1].split(":")[1], 16)
    raise AssertionError("listens nowhere")


# ---- what it must survive ----

def test_bad_input():
    with System(*BARE) as s:
        q = s.connect()

        def bad(data, desc):
            q.raw(data)
            reply = q.reply()
            expect(reply, {"error": {"class": "GenericError", "desc": desc}})
            expect(q.run("query-status")["running"], True)

        prefix = "JSON parse error, "
        bad(b"[" * 5000 + b"\n", prefix + "nesting depth limit exceeded")
        bad(b'{"execute":"' + b"x" * (5 << 20) + b'"}\n',
            prefix + "size limit exceeded")
        bad(b'{"execute":"\xc3("}', prefix + "invalid UTF-8 sequence in string")
        bad(b'{"execute":"query\n', prefix + "control character in string")
        bad(b'{"execute":\xff', prefix + "stray control character")
        bad(b"\x00", prefix + "stray control character")
        bad(b'{"execute":"query-status","arguments":{"x":{}}}',
            "Parameter 'x' is unexpected")
        q.raw(b'{"execute":"sto')
        q.close()  # half a message belongs to nobody
        q = s.connect()
        expect(q.run("query-status")["running"], True)
        stuck(s, q)
        expect(s.connect().run("query-status")["running"], True)


def stuck(s, q):
    """A client that asks and never reads is cut off; the guest runs on."""
    q.sock.settimeout(0.5)
    sent = 0
    try:
        while sent < 64 << 20:
            sent += q.sock.send(b'{"execute":"query-qmp-schema"}' * 100)
    except (BrokenPipeError, ConnectionResetError, TimeoutError):
        pass
    expect(s.process.poll(), None)
    q.close()


# ---- a machine's life ----

def test_lifecycle():
    with System(*BARE, "-no-shutdown") as s:
        q = s.connect()
        q.run("stop")
        q.wait("STOP")
        expect(q.run("query-status"), {"status": "paused", "running": False})
        q.run("stop")
        expect([e["event"] for e in q.events], [])
        q.run("system_reset")
        expect(q.wait("RESET")["data"],
               {"guest": False, "reason": "host-qmp-system-reset"})
        expect(q.run("query-status")["status"], "prelaunch")
        q.run("cont")
        q.wait("RESUME")
        q.run("cont")
        q.run("system_powerdown")
        q.wait("POWERDOWN")
        q.run("set-action", reboot="shutdown")
        q.run("system_reset")
        expect(q.wait("SHUTDOWN")["data"],
               {"guest": False, "reason": "host-qmp-system-reset"})
        q.wait("STOP")
        expect(q.run("query-status")["status"], "shutdown")
        expect_error("GenericError",
                     "Resetting the Virtual Machine is required", q.run, "cont")
        q.run("set-action", reboot="reset", shutdown="poweroff")
        q.run("system_reset")
        q.wait("RESET")
        q.run("cont")
        expect(q.run("query-status")["status"], "running")
        s.process.send_signal(signal.SIGTERM)
        expect(q.wait("SHUTDOWN")["data"],
               {"guest": False, "reason": "host-signal"})
        code, out = s.ends()
        expect(code, 0)
        expect("terminating on signal 15 from pid" in out, True, out)


def main():
    test = globals()["test_" + sys.argv[1].replace("-", "_")]
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        test()
        os.chdir("/")
    print(f"{sys.argv[1]}: ok ({os.path.basename(PROGRAM)})")


if __name__ == "__main__":
    main()
