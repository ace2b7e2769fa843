#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Control sockets from outside: run.py NAME, a function test_NAME below.

Each starts $CUTTLE_SYSTEM in an empty folder and talks to it as a management
tool would.
"""

import json
import os
import pty
import re
import shutil
import signal
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import time

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
        # Who asks and hangs up at once is heard, and answered if still there.
        one = socket.socket(socket.AF_UNIX)
        q.close()
        one.connect(s.path)
        one.sendall(b'{"execute":"qmp_capabilities"}{"execute":"stop"}')
        one.shutdown(socket.SHUT_WR)
        replies = b"".join(iter(lambda: one.recv(4096), b""))
        expect(replies.count(b'{"return": {}}'), 2, replies)
        one.close()
        q = s.connect()
        expect(q.run("query-status")["status"], "paused")
        q.run("cont")
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


def test_socat():
    """A person's client: lines in, lines out."""
    if shutil.which("socat") is None:
        print("skipped: there is no socat (scripts/deps test)")
        sys.exit(77)
    with System(*BARE, "-S") as s:
        s.connect().close()  # it listens
        commands = ["qmp_capabilities", "query-status", "quit"]
        done = subprocess.run(
            ["socat", "-t", "10", "-", "UNIX-CONNECT:" + s.path],
            input="\n".join(json.dumps({"execute": c}) for c in commands),
            capture_output=True, text=True, timeout=30, check=True)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        expect("QMP" in lines[0], True)
        expect(lines[1:4], [{"return": {}},
                            {"return": {"status": "prelaunch",
                                        "running": False}},
                            {"return": {}}])
        expect(lines[4]["event"], "SHUTDOWN")


def tcp_port(pid):
    """The port of the only TCP socket that pid listens on."""
    inodes = set()
    for fd in os.listdir(f"/proc/{pid}/fd"):
        try:
            name = os.readlink(f"/proc/{pid}/fd/{fd}")
        except FileNotFoundError:
            continue  # closed since
        m = re.match(r"socket:\[(\d+)\]", name)
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


# ---- the host's side ----

def test_host():
    with open("disk.img", "wb") as f:
        f.truncate(1 << 20)
    with System(*BARE[:2], "-m", "16M", "-S", "-chardev", "null,id=s0",
                "-serial", "chardev:s0", "-object", "rng-builtin,id=r0",
                "-device", "virtio-rng-pci,rng=r0", "-netdev", "user,id=n0",
                "-device", "virtio-net-pci,netdev=n0,id=nic", "-drive",
                "file=disk.img,format=raw,if=none,id=d0", "-device",
                "virtio-blk-pci,drive=d0,id=disk") as s:
        q = s.connect()
        chardevs(q)
        q.close()
        q = yank(s)
        networks_and_objects(q)
        block = q.run("query-block")
        expect([(b["device"], b["qdev"]) for b in block],
               [("d0", "/machine/peripheral/disk/virtio-backend")])
        expect(block[0]["inserted"]["image"]["virtual-size"], 1 << 20)
        nodes = q.run("query-named-block-nodes", flat=True)
        expect([n["node-name"] for n in nodes], ["d0"])
    blockstats()
    audiodevs()


def audiodevs():
    with System(*BARE, "-S", "-audiodev", "wav,id=w,path=sound.wav,"
                "out.frequency=48000,in.channels=1,timer-period=5000",
                "-audiodev", "none,id=n,out.format=f32") as s:
        none, wav = s.connect().run("query-audiodevs")
    usual = {"mixing-engine": True, "fixed-settings": True, "voices": 1,
             "frequency": 44100, "channels": 2, "format": "s16"}
    expect(none, {"id": "n", "driver": "none", "timer-period": 10000,
                  "in": usual, "out": {**usual, "format": "f32"}})
    expect(wav, {"id": "w", "driver": "wav", "timer-period": 5000,
                 "in": {**usual, "channels": 1},
                 "out": {**usual, "frequency": 48000}})


def blockstats():
    """A flash bank is read whole before the machine runs."""
    size = 32 << 20
    with open("flash.img", "wb") as f:
        f.truncate(size)
    with System(*BARE, "-S", "-drive", "if=pflash,format=raw,file=flash.img",
                "-drive", "if=none,format=raw,file=disk.img,id=d0") as s:
        q = s.connect()
        idle, flash = q.run("query-blockstats")
        expect((idle["device"], flash["device"]), ("d0", "pflash0"))
        stats = flash["stats"]
        expect((stats["rd_bytes"], stats["rd_operations"]), (size, 1))
        expect(stats["rd_total_time_ns"] > 0, True, "time")
        expect(stats["idle_time_ns"] > 0, True, "idle")
        expect({n for n, v in stats.items() if type(v) is int and v > 0},
               {"rd_bytes", "rd_operations", "rd_total_time_ns",
                "idle_time_ns"})
        expect({n for n, v in idle["stats"].items()
                if type(v) is int and v > 0}, set())
        expect("idle_time_ns" in idle["stats"], False)
        node = q.run("query-blockstats", query_nodes=True)[1]
        expect((node["node-name"], "device" in node), ("pflash0", False))
        lines = hmp(q, "info blockstats", None).splitlines()
        expect([line.split(" ")[:2] for line in lines],
               [["d0:", "rd_bytes=0"], ["pflash0:", f"rd_bytes={size}"]])


def labels(q):
    return {c["label"]: c for c in q.run("query-chardev")}


def chardevs(q):
    expect(labels(q)["s0"]["frontend-open"], True)
    null = {"type": "null", "data": {}}
    expect(q.run("chardev-add", id="c1", backend=null), {})
    expect(labels(q)["c1"]["frontend-open"], False)
    expect_error("GenericError", "Chardev with id 'c1' already exists", q.run,
                 "chardev-add", id="c1", backend=null)
    expect_error("GenericError", "Parameter 'backend.type' does not accept "
                 "value 'nope'", q.run, "chardev-add", id="c2",
                 backend={"type": "nope", "data": {}})
    expect_error("GenericError", "Parameter 'backend.data' is missing", q.run,
                 "chardev-add", id="c2", backend={"type": "socket"})
    expect_error("GenericError", "Parameter 'backend.data.bad' is unexpected",
                 q.run, "chardev-add", id="c2",
                 backend={"type": "null", "data": {"bad": 1}})
    q.run("chardev-remove", id="c1")
    expect_error("GenericError", "Chardev 'c1' not found", q.run,
                 "chardev-remove", id="c1")
    expect_error("GenericError", "Chardev 's0' is busy", q.run,
                 "chardev-remove", id="s0")
    pty = q.run("chardev-add", id="p", backend={"type": "pty", "data": {}})
    expect(pty["pty"].startswith("/dev/pts/"), True)
    q.run("chardev-remove", id="p")
    unix = {"type": "unix", "data": {"path": "new.sock"}}
    q.run("chardev-add", id="u",
          backend={"type": "socket", "data": {"addr": unix}})
    socket.socket(socket.AF_UNIX).connect("new.sock")
    q.run("chardev-remove", id="u")
    # The serial port goes to a file and does not notice.
    q.run("chardev-change", id="s0",
          backend={"type": "file", "data": {"out": "serial.log"}})
    expect(labels(q)["s0"]["filename"], "file:serial.log")
    expect(labels(q)["s0"]["frontend-open"], True)
    expect_error("GenericError",
                 "Chardev user does not support chardev hotswap", q.run,
                 "chardev-change", id="compat_monitor0", backend=null)
    q.run("chardev-send-break", id="s0")


def yank(s):
    """A connection that hangs is cut out of band, the client's own, too."""
    q = s.connect(oob=True)
    q.execute("chardev-add", {"id": "y", "backend": {
        "type": "socket", "data": {"addr": {"type": "unix", "data":
                                            {"path": "y.sock"}}}}})
    peer = socket.socket(socket.AF_UNIX)
    peer.connect("y.sock")
    peer.settimeout(20)
    ids = {i["id"] for i in q.run("query-yank")}
    expect({"y", "compat_monitor0"} <= ids, True)
    q.send({"exec-oob": "yank", "arguments":
            {"instances": [{"type": "chardev", "id": "y"},
                           {"type": "chardev", "id": "compat_monitor0"}]}})
    expect(peer.recv(1), b"")
    expect(q.lines.read(), b'{"return": {}}\r\n')
    q.close()
    q = s.connect()
    q.run("chardev-remove", id="y")
    return q


def networks_and_objects(q):
    q.execute("netdev_add", {"type": "user", "id": "u1", "hostfwd":
                             [{"str": "tcp:127.0.0.1:0-:22"}]})
    expect_error("GenericError", "Duplicate ID 'u1'", q.execute, "netdev_add",
                 {"type": "user", "id": "u1"})
    expect_error("GenericError", "Parameter 'ifname' is unexpected", q.execute,
                 "netdev_add", {"type": "user", "id": "u2", "ifname": "x"})
    q.execute("netdev_del", {"id": "u1"})
    expect_error("DeviceNotFound", "Device 'u1' not found", q.execute,
                 "netdev_del", {"id": "u1"})
    expect_error("GenericError", "Device 'n0' is in use", q.execute,
                 "netdev_del", {"id": "n0"})
    q.execute("object-add", {"qom-type": "rng-builtin", "id": "r1"})
    q.execute("object-del", {"id": "r1"})
    expect_error("GenericError", "object 'r1' not found", q.execute,
                 "object-del", {"id": "r1"})
    expect_error("GenericError", "object 'r0' is in use, can not be deleted",
                 q.execute, "object-del", {"id": "r0"})


# ---- devices that come and go ----

def test_hotplug():
    """No guest: what needs none to answer, and who does not take part."""
    for name in "disk.img", "disk2.img":
        with open(name, "wb") as f:
            f.truncate(1 << 20)
    with System(*BARE, "-S", "-nodefaults", "-device",
                "pcie-root-port,id=rp1,chassis=1", "-device",
                "pcie-root-port,id=rp2,chassis=2,hotplug=off", "-device",
                "virtio-rng-pci,id=fixed", "-device",
                "virtio-serial-pci,id=vs") as s:
        q = s.connect()
        q.run("blockdev-add", driver="raw", node_name="d1",
              file={"driver": "file", "filename": "disk.img"})
        expect_error("GenericError", "Duplicate nodes with node-name='d1'",
                     q.run, "blockdev-add", driver="file", node_name="d1",
                     filename="disk.img")
        refused = [
            ("virtio-rng-pci", {}, "Bus 'pcie.0' does not support hotplugging"),
            ("virtio-rng-pci", {"bus": "rp2"},
             "Bus 'rp2' does not support hotplugging"),
            ("virtio-rng-pci", {"bus": "rp3"},
             "bus 'rp3' not found or not a PCI bus"),
            ("virtio-rng-pci", {"bus": "rp1", "id": "fixed"},
             "duplicate ID 'fixed' for device"),
            ("virtio-rng-device", {},
             "Bus 'virtio-bus' does not support hotplugging"),
            ("nothing", {}, "'nothing' is not a valid device model name"),
        ]
        before = q.run("qom-list", path="/machine/peripheral")
        for driver, more, desc in refused:
            expect_error("GenericError", desc, q.run, "device_add",
                         driver=driver, **more)
        expect(q.run("qom-list", path="/machine/peripheral"), before)
        expect_error("GenericError", "Parameter 'driver' is missing", q.run,
                     "device_add", id="x")
        expect_error("DeviceNotActive", "No balloon device has been activated",
                     q.run, "query-balloon")
        q.run("device_add", driver="virtio-balloon-pci", id="b", bus="rp1")
        expect(q.run("query-balloon"), {"actual": 16 << 20})
        q.run("balloon", value=8 << 20)
        expect_error("GenericError", "Parameter 'target' expects a size",
                     q.run, "balloon", value=0)
        expect(q.run("human-monitor-command", command_line="info balloon"),
               "balloon: actual=16\r\n")
        q.run("device_del", id="b")
        q.wait("DEVICE_DELETED")
        q.wait("DEVICE_DELETED")
        for _ in range(2):
            q.run("device_add", driver="virtio-blk-pci", id="hd1", bus="rp1",
                  drive="d1")
            expect_error("GenericError", "Node d1 is in use", q.run,
                         "blockdev-del", node_name="d1")
            ports = {f["qdev_id"]: f for f in
                     q.run("query-pci")[0]["devices"]}
            behind = ports["rp1"]["pci_bridge"]["devices"]
            expect([f["qdev_id"] for f in behind], ["hd1"])
            q.run("device_del", id="hd1")
            path = "/machine/peripheral/hd1"
            expect([q.wait("DEVICE_DELETED")["data"] for _ in range(2)],
                   [{"path": path + "/virtio-backend"},
                    {"device": "hd1", "path": path}])
        expect_error("DeviceNotFound", "Device 'hd1' not found", q.run,
                     "device_del", id="hd1")
        expect_error("GenericError", "Bus 'pcie.0' does not support "
                     "hotplugging", q.run, "device_del", id="fixed")
        q.run("cont")
        # The guest never gives the slot power: it has no hold on the device.
        hmp = "human-monitor-command"
        expect(q.run(hmp, command_line="device_add "
                     "virtio-blk-pci,id=hd2,bus=rp1,drive=d1"), "")
        expect("  Bus  0, device   0, function 0:\r\n    SCSI controller" in
               q.run(hmp, command_line="info pci"), True)
        expect(q.run(hmp, command_line="device_del hd2"), "")
        q.wait("DEVICE_DELETED")
        # After a reset it has, and never lets it go.
        q.run("device_add", driver="virtio-blk-pci", id="hd3", bus="rp1",
              drive="d1")
        q.run("system_reset")
        q.wait("RESET")
        q.run("device_del", id="hd3")
        expect([e["event"] for e in q.events], [])
        q.run("stop")
        q.run("blockdev-add", driver="file", node_name="d2",
              filename="disk2.img")
        # Ports of a virtio-serial need no slot.
        q.run("chardev-add", id="c0", backend={"type": "null", "data": {}})
        for _ in range(2):
            q.run("device_add", driver="virtserialport", id="p1", name="x",
                  chardev="c0", bus="vs.0")
            expect_error("GenericError", "Chardev 'c0' is busy", q.run,
                         "chardev-remove", id="c0")
            q.run("device_del", id="p1")
            expect(q.wait("DEVICE_DELETED")["data"]["device"], "p1")
        # A node below another one goes after it.
        q.run("blockdev-add", driver="raw", node_name="top", file="d2")
        expect_error("GenericError", "Block device d2 is in use", q.run,
                     "blockdev-del", node_name="d2")
        q.run("blockdev-del", node_name="top")
        q.run("blockdev-del", node_name="d2")
        expect_error("GenericError",
                     "Failed to find node with node-name='d2'", q.run,
                     "blockdev-del", node_name="d2")


# ---- screens ----

def test_screens():
    with System(*BARE) as s:
        q = s.connect()
        expect_error("GenericError", "There is no console to take a "
                     "screendump from", q.run, "screendump", filename="x")
    with System(*BARE, "-device", "ramfb", "-device",
                "bochs-display,id=second") as s:
        q = s.connect()
        # What a guest shows is looked at in tests/boot; here there is none.
        expect_error("GenericError", "no surface", q.run, "screendump",
                     filename="x")
        expect_error("GenericError", "no surface", q.run, "screendump",
                     filename="x", device="second", head=0, format="png")
        expect_error("GenericError", "'head' must be specified together with "
                     "'device'", q.run, "screendump", filename="x", head=0)
        expect_error("DeviceNotFound", "Device 'third' not found", q.run,
                     "screendump", filename="x", device="third")
        for head in (1, -1):
            expect_error("GenericError", f"Device second (head {head}) is not "
                         "bound to a QemuConsole", q.run, "screendump",
                         filename="x", device="second", head=head)
        expect_error("GenericError", "Parameter 'format' does not accept "
                     "value 'gif'", q.run, "screendump", filename="x",
                     format="gif")

        def hmp(line):
            return q.run("human-monitor-command", command_line=line)

        expect(hmp("screendump /tmp/x second"), "Error: no surface\r\n")
        expect(hmp("screendump x second 7 -f png"), "Error: Device second "
               "(head 7) is not bound to a QemuConsole\r\n")
        expect(hmp("screendump x second 0 more"),
               "screendump: 'more' is not expected\r\n")
        expect(os.path.exists("x"), False)
        # Text consoles are drawn by ourselves, so there is something to see.
        q.run("chardev-add", id="t", backend={
            "type": "vc", "data": {"cols": 40, "rows": 10}})
        q.run("screendump", filename="text", device="t")
        with open("text", "rb") as f:
            head, size, _, pixels = f.read().split(b"\n", 3)
        width, height = map(int, size.split())  # the font says how wide
        expect((head, width % 40, height), (b"P6", 0, 160))
        expect({pixels[i:i + 3] for i in range(0, len(pixels), 3)},
               {b"\0\0\0", b"\xe5\xe5\xe5"})  # with the cursor
        q.run("chardev-remove", id="t")
        expect_error("DeviceNotFound", "Device 't' not found", q.run,
                     "screendump", filename="text", device="t")
        expect_error("GenericError", "chardev 't': invalid value '0' for "
                     "'cols': expected 1 to 8192", q.run, "chardev-add",
                     id="t", backend={"type": "vc", "data": {"cols": 0}})
        q.run("chardev-add", id="v", backend={
            "type": "qemu-vdagent", "data": {"clipboard": True}})
        q.run("chardev-remove", id="v")
        for driver in "ramfb", "bochs-display":
            expect_error("GenericError", f"Device '{driver}' does not support "
                         "hotplugging", q.run, "device_add", driver=driver)
        expect_error("GenericError", "Device 'bochs-display' does not support "
                     "hotplugging", q.run, "device_del", id="second")


# ---- memory ----

# The guest of these: counts in memory from 0x80001000 on (see there).
COUNTING = struct.pack("<5I", 0x00001297, 0x0002b303, 0x00130313, 0x0062b023,
                       0xff5ff06f)


def test_memory():
    with open("guest", "wb") as f:
        f.write(COUNTING)
    with System(*BARE, "-device",
                "loader,file=guest,addr=0x80000000,force-raw=on") as s:
        q = s.connect()
        expect(q.run("query-memory-size-summary"),
               {"base-memory": 16 << 20, "plugged-memory": 0})

        def saved(command, val, size, **more):
            q.run(command, val=val, size=size, filename="out", **more)
            with open("out", "rb") as f:
                return f.read()

        expect(saved("pmemsave", 0x80000000, 20), COUNTING)
        expect(stat.S_IMODE(os.stat("out").st_mode), 0o600)
        first = saved("pmemsave", 0x80001000, 8)
        time.sleep(0.05)
        expect(saved("memsave", 0x80001000, 8, cpu_index=0) != first, True)
        q.run("stop")
        still = saved("pmemsave", 0x80001000, 8)
        expect(saved("pmemsave", 0x80001000, 8), still)
        expect(len(saved("pmemsave", 0x80000000, 3 << 20)), 3 << 20)
        expect(saved("pmemsave", 0, 0), b"")
        expect_error("GenericError", "Invalid addr 0x0000000080fffff8/size 16 "
                     "specified", saved, "pmemsave", 0x80fffff8, 16)
        expect_error("GenericError", "Invalid addr 0xffffffffffffffff/size 1 "
                     "specified", saved, "memsave", 2 ** 64 - 1, 1)
        expect_error("GenericError", "Invalid CPU index", saved, "memsave",
                     0x80000000, 1, cpu_index=7)
        expect_error("GenericError", "Could not open 'no/file': No such file "
                     "or directory", q.run, "pmemsave", val=0x80000000, size=1,
                     filename="no/file")
        expect_error("GenericError", "Parameter 'val' is missing", q.run,
                     "pmemsave", size=1, filename="x")
        expect_error("GenericError", "machine does not provide NMIs", q.run,
                     "inject-nmi")


def read_core(path):
    """(machine, notes, {physical address: bytes}) of an ELF core."""
    with open(path, "rb") as f:
        data = f.read()
    expect(data[:7], b"\x7fELF\2\1\1")
    kind, machine = struct.unpack_from("<HH", data, 16)
    phoff, = struct.unpack_from("<Q", data, 32)
    size, n = struct.unpack_from("<HH", data, 54)
    expect((kind, size), (4, 56))
    notes, memory = b"", {}
    for i in range(n):
        p_type, _, offset, _, paddr, filesz, _, _ = struct.unpack_from(
            "<IIQQQQQQ", data, phoff + i * size)
        piece = data[offset:offset + filesz]
        expect(len(piece), filesz)
        if p_type == 4:
            notes = piece
        else:
            memory[paddr] = piece
    return machine, notes, memory


def registers(notes):
    """The register words of each prstatus."""
    while notes:
        name, desc, kind = struct.unpack_from("<III", notes)
        expect((name, kind, notes[12:17]), (5, 1, b"CORE\0"))
        body = notes[20:20 + desc]
        yield struct.unpack(f"<{(desc - 120) // 8}Q", body[112:desc - 8])
        notes = notes[20 + desc:]


def test_dump():
    with open("guest", "wb") as f:
        f.write(COUNTING)
    with System(*BARE, "-smp", "2", "-device",
                "loader,file=guest,addr=0x80000000,force-raw=on") as s:
        q = s.connect()
        while q.run("human-monitor-command", **{  # both CPUs got so far
                "command-line": "info registers -a"}).count("80001000") < 2:
            time.sleep(0.01)
        expect(q.run("query-dump")["status"], "none")
        q.run("dump-guest-memory", paging=False, protocol="file:core")
        done = q.wait("DUMP_COMPLETED")["data"]
        expect(done, {"result": q.run("query-dump")})
        expect(done["result"]["total"], os.path.getsize("core"))
        expect(os.stat("core").st_blocks * 512 < 8 << 20, True, "sparse")
        expect(q.events, [])  # nobody hears of a stop
        machine, notes, memory = read_core("core")
        expect((machine, {a: len(m) for a, m in memory.items()}),
               (243, {0x80000000: 16 << 20}))
        expect(memory[0x80000000][:20], COUNTING)
        words = list(registers(notes))
        expect([len(w) for w in words], [32, 32])
        expect(all(0x80000000 <= w[0] < 0x80000014 for w in words), True)
        expect([w[5] for w in words], [0x80001000] * 2)  # t0
        q.run("dump-guest-memory", paging=False, protocol="file:part",
              begin=0x80001000, length=4096)
        q.wait("DUMP_COMPLETED")
        expect({a: len(m) for a, m in read_core("part")[2].items()},
               {0x80001000: 4096})
        expect_error("GenericError", "parameter 'protocol' must start with "
                     "'file:'", q.run, "dump-guest-memory", paging=False,
                     protocol="core")
        expect_error("GenericError", "this kind of dump is not supported",
                     q.run, "dump-guest-memory", paging=True,
                     protocol="file:x")
        expect_error("GenericError", "Parameter 'length' is missing", q.run,
                     "dump-guest-memory", paging=False, protocol="file:x",
                     begin=0)
        expect_error("GenericError", "dump: failed to open 'no/x': No such "
                     "file or directory", q.run, "dump-guest-memory",
                     paging=False, protocol="file:no/x")
        expect(q.wait("DUMP_COMPLETED")["data"]["result"]["status"], "failed")
    with System(*BARE[2:], "-S", guest="aarch64") as s:
        q = s.connect()
        q.execute("human-monitor-command",
                  {"command-line": "dump-guest-memory core64"})
        machine, notes, memory = read_core("core64")
        expect((machine, list(memory)), (183, [0x40000000]))
        expect([len(w) for w in registers(notes)], [34])


# ---- devices and types ----

def names(entries):
    return {e["name"] for e in entries}


def test_tree():
    with System(*BARE, "-S", "-smp", "2", "-netdev", "user,id=n0", "-device",
                "virtio-net-pci,netdev=n0,id=nic,mac=52:54:00:12:34:99",
                "-device", "virtio-rng-device", guest="aarch64") as s:
        q = s.connect()
        expect(names(q.run("qom-list", path="/machine/peripheral")),
               {"type", "nic"})
        expect("peripheral" in names(q.run("qom-list", path="/machine")), True)
        nic = "/machine/peripheral/nic"
        expect(q.run("qom-get", path=nic, property="mac"), "52:54:00:12:34:99")
        expect(q.run("qom-get", path=nic, property="netdev"), "n0")
        expect(q.run("qom-get", path="nic", property="type"), "virtio-net-pci")
        expect(q.run("qom-get", path="/machine", property="type"),
               "virt-machine")
        for cpu in q.run("query-cpus-fast"):
            kind = q.run("qom-get", path=cpu["qom-path"], property="type")
            expect(kind, "cortex-a57-arm-cpu")
            expect(cpu["props"], {"socket-id": 0, "cluster-id": 0,
                                  "core-id": cpu["cpu-index"],
                                  "thread-id": 0})
        anon = q.run("qom-list", path="/machine/peripheral-anon")
        expect(names(anon), {"type", "device[0]"})
        expect_error("DeviceNotFound", "Device '/machine/nope' not found",
                     q.run, "qom-list", path="/machine/nope")
        expect_error("GenericError", "Property 'virtio-net-pci.nope' not found",
                     q.run, "qom-get", path=nic, property="nope")
        expect_error("GenericError", "Attempt to set property 'mac' on device "
                     "'nic' (type 'virtio-net-pci') after it was realized",
                     q.run, "qom-set", path=nic, property="mac", value="x")
        types = names(q.run("qom-list-types"))
        expect({"virtio-net-pci", "max-arm-cpu", "virt-machine"} <= types, True)
        expect(names(q.run("qom-list-types", implements="cpu")),
               {c["typename"] for c in q.run("query-cpu-definitions")})
        props = q.run("device-list-properties", typename="virtio-net-pci")
        expect({"mac", "netdev", "addr"} <= names(props), True)
        defaults = {p["name"]: p.get("default-value") for p in props}
        expect([defaults[n] for n in ("vectors", "event_idx", "mac",
                                      "disable-legacy")],
               [0xffffffff, True, None, "auto"])
        # What events call the device's virtio half shows the device.
        expect(q.run("qom-get", path=nic + "/virtio-backend",
                     property="netdev"), "n0")
        expect_error("DeviceNotFound", "Device 'nope' not found", q.run,
                     "device-list-properties", typename="nope")
        pci(q)
        expect([g["version"] for g in q.run("query-gic-capabilities")], [3, 2])


def pci(q):
    buses = q.run("query-pci")
    expect(len(buses), 1)
    functions = {f["slot"]: f for f in buses[0]["devices"]}
    expect(functions[0]["class_info"], {"class": 0x600, "desc": "Host bridge"})
    nic = next(f for f in functions.values() if f["qdev_id"] == "nic")
    expect(nic["id"]["vendor"], 0x1af4)
    expect(nic["irq_pin"], 1)
    expect([r["address"] for r in nic["regions"]],
           [-1] * len(nic["regions"]))


# ---- the human monitor ----

class Screen:
    """A stream to a person: expect() waits for text behind what was seen."""

    def __init__(self, read):
        self.read, self.text = read, ""

    def expect(self, wanted):
        while wanted not in self.text:
            data = self.read()
            if not data:
                raise AssertionError(f"no {wanted!r} in {self.text!r}")
            self.text += data.decode(errors="replace")
        at = self.text.index(wanted) + len(wanted)
        seen, self.text = self.text[:at], self.text[at:]
        return seen


def test_monitor():
    with System(*BARE, "-smp", "2", "-name", "delta", "-monitor",
                "unix:mon.sock,server=on,wait=off") as s:
        q = s.connect()
        line = q.execute("human-monitor-command",
                         {"command-line": "info status"})
        expect(line, "VM status: running\r\n")
        expect(q.execute("human-monitor-command", {"command-line": "nope"}),
               "unknown command: 'nope'\r\n")
        expect_error("GenericError", "Parameter 'cpu-index' expects a CPU "
                     "number", q.execute, "human-monitor-command",
                     {"command-line": "info cpus", "cpu-index": 5})
        mon = socket.socket(socket.AF_UNIX)
        mon.settimeout(20)
        mon.connect("mon.sock")
        screen = Screen(lambda: mon.recv(4096))
        screen.expect("monitor - type 'help' for more information\r\n")
        screen.expect("(qemu) ")
        for command, answer in (
                (b"info name\r", "\r\ndelta\r\n"),
                (b"st\t\r", "stop "),
                (b"info status\r", "VM status: paused\r\n"),
                (b"c\r", "(qemu) "),
                (b"info status\r", "VM status: running\r\n"),
                (b"info cpus\r", "* CPU #0: thread_id="),
                (b"info registers\r", "CPU#0"),
                (b"info tlb\r", "(qemu) "),
                (b"info mtree\r", "(ram): "),
                (b"info jit\r", "code cache: ")):
            mon.sendall(command)
            screen.expect(answer)
        expect([q.wait(n)["event"] for n in ("STOP", "RESUME")],
               ["STOP", "RESUME"])
        # Gone in the middle of a word, and back.
        mon.sendall(b"sto")
        mon.close()
        mon = socket.socket(socket.AF_UNIX)
        mon.settimeout(20)
        mon.connect("mon.sock")
        screen = Screen(lambda: mon.recv(4096))
        screen.expect("(qemu) ")
        mon.sendall(b"help\r" * 20000)  # and nobody reads
        expect(q.run("query-status")["running"], True)
        mon.close()
        q.run("quit")
        expect(s.ends()[0], 0)


def hmp(q, line, wanted=""):
    out = q.run("human-monitor-command", command_line=line).replace(
        "\r\n", "\n")
    if wanted is not None:
        expect(out, wanted, line)
    return out


def test_terminal():
    """-nographic: the monitor is behind Ctrl-A c of the serial port's mux."""
    pid, fd = pty.fork()
    if pid == 0:
        os.execv(PROGRAM, [PROGRAM, "-M", "virt", "-nographic", *BARE[:2],
                           "-m", "16M"])
    screen = Screen(lambda: os.read(fd, 4096))
    os.write(fd, b"\x01c")
    screen.expect("type 'help' for more information")
    screen.expect("(qemu) ")
    os.write(fd, b"info chardev\r")
    screen.expect("serial0: filename=stdio")
    os.write(fd, b"\x01c")  # to the serial port, which has nobody
    os.write(fd, b"quit\r")
    os.write(fd, b"\x01c")
    screen.expect("(qemu) ")
    os.write(fd, b"q\r")
    expect(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0)
    os.close(fd)


def main():
    test = globals()["test_" + sys.argv[1].replace("-", "_")]
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        test()
        os.chdir("/")
    print(f"{sys.argv[1]}: ok ({os.path.basename(PROGRAM)})")


if __name__ == "__main__":
    main()
