#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Events that a guest and its devices cause: events.py NAME GUEST.

GUEST is poke-guest, through which a test plays the guest's drivers while a
management tool (qmp.py) listens.
"""

import os
import sys
import tempfile
import time

from qmp import QmpError, System

RAM = 0x80100000  # of the tests


class Guest(System):
    """A machine whose words can be read and written from inside."""

    def __init__(self, *args, **how):
        super().__init__("-bios", "none", "-kernel", GUEST, "-m", "16M",
                         "-serial", "stdio", *args, **how)
        self.owed = 0  # answers to posts

    def send(self, text):
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def answer(self):
        while True:
            line = self.process.stdout.readline().decode().strip()
            if line != "ok" or self.owed == 0:
                return line
            self.owed -= 1

    def read(self, address):
        self.send(f"r {address:x}\n")
        word = int(self.answer(), 16)
        self.owed = 0  # what was not answered until now a reset swallowed
        return word

    def write(self, address, value):
        self.send(f"w {address:x} {value:x}\n")
        expect(self.answer(), "ok")

    def post(self, address, value):
        """Does not wait: the machine may stop."""
        self.send(f"w {address:x} {value:x}\n")
        self.owed += 1


class Driver:
    """Of a device in a slot, as before virtio 1; its memory lies at RAM."""

    SIZE = 8

    def __init__(self, guest, slot, kind, features, queues):
        self.g, self.base = guest, 0x10001000 + slot * 0x1000
        self.config = self.base + 0x100
        expect(guest.read(self.base + 8), kind, "device id")
        self.set((0x70, 0), (0x70, 3), (0x20, features), (0x28, 4096))
        self.counts = {}
        for queue in queues:
            at = RAM + queue * 0x4000
            self.counts[queue] = 0
            guest.write(at + 16 * self.SIZE, 0)
            guest.write(at + 0x1000, 0)
            self.set((0x30, queue), (0x38, self.SIZE), (0x3c, 4096),
                     (0x40, at >> 12))
        self.buffers = RAM + 0x10000
        self.set((0x70, 7))

    def set(self, *values):
        for offset, value in values:
            self.g.write(self.base + offset, value)

    def begin(self, queue, *segments):
        """A chain of (address, size, device writes)."""
        ring, last = RAM + queue * 0x4000, len(segments) - 1
        for n, (address, size, writes) in enumerate(segments):
            flags = (n < last) | writes << 1
            for i, word in enumerate((address, 0, size, flags | n + 1 << 16)):
                self.g.write(ring + 16 * n + 4 * i, word)
        self.counts[queue] += 1
        # Every entry of the available ring is chain 0.
        self.g.write(ring + 16 * self.SIZE, self.counts[queue] << 16)
        self.g.post(self.base + 0x50, queue)

    def end(self, queue):
        """Once the device has used the chain."""
        used = RAM + queue * 0x4000 + 0x1000
        while self.g.read(used) >> 16 != self.counts[queue]:
            pass


class Disk(Driver):
    """A virtio-blk in the last slot."""

    FLUSH = 1 << 9

    def __init__(self, guest):
        super().__init__(guest, 7, 2, self.FLUSH, [0])
        self.status = self.buffers + 16

    def start(self, kind, sector=0):
        """One sector; the answer comes whenever it does."""
        for i, word in enumerate((kind, 0, sector, 0, 0xff)):
            self.g.write(self.buffers + 4 * i, word)
        self.begin(0, (self.buffers, 16, 0),
                   (self.buffers + 512, 512, kind == READ),
                   (self.status, 1, 1))

    def finish(self):
        self.end(0)
        return self.g.read(self.status) & 0xff

    def run(self, kind, sector=0):
        self.start(kind, sector)
        return self.finish()


class Card(Driver):
    """A virtio-net in the last slot: its control queue."""

    # CTRL_VQ, CTRL_RX, CTRL_VLAN, CTRL_RX_EXTRA, CTRL_MAC_ADDR
    FEATURES = 1 << 17 | 1 << 18 | 1 << 19 | 1 << 20 | 1 << 23

    def __init__(self, guest):
        super().__init__(guest, 7, 1, self.FEATURES, [2])

    def command(self, kind, which, data):
        data = bytes((kind, which)) + data
        padded = data + bytes(-len(data) % 4)
        for at in range(0, len(padded), 4):
            self.g.write(self.buffers + at,
                         int.from_bytes(padded[at:at + 4], "little"))
        status = self.buffers + 1024
        self.g.write(status, 0xff)
        self.begin(2, (self.buffers, len(data), 0), (status, 1, 1))
        self.end(2)
        return self.g.read(status) & 0xff


READ, WRITE = 0, 1


def expect(got, wanted, what=""):
    if got != wanted:
        raise AssertionError(f"{what}: {got!r}, not {wanted!r}")


def expect_error(desc, call, *args, **kwargs):
    try:
        got = call(*args, **kwargs)
    except QmpError as e:
        expect(e.desc, desc)
    else:
        raise AssertionError(f"no error but {got!r}, for {desc!r}")


def make_disk(name, size=1 << 20):
    with open(name, "wb") as f:
        f.truncate(size)


# ---- disks that fail ----

def io_status(q):
    return [b.get("io-status") for b in q.run("query-block")]


def test_disk_errors():
    make_disk("disk.img")
    with Guest("-blockdev", "driver=file,node-name=low,filename=disk.img",
               "-blockdev", "driver=blkdebug,node-name=d0,image=low,"
               "inject-error.0.event=write_aio,inject-error.0.errno=28,"
               "inject-error.0.once=on,inject-error.1.event=read_aio,"
               "inject-error.1.sector=3", "-device",
               "virtio-blk-device,drive=d0,id=vda") as s:
        q = s.connect()
        expect(io_status(q), ["ok"])
        disk = Disk(s)
        path = "/machine/peripheral/vda"
        # No room: the machine stops, and tries again once there is some.
        disk.start(WRITE)
        event = q.wait("BLOCK_IO_ERROR")
        expect(event["data"], {
            "qom-path": path, "device": "", "node-name": "d0",
            "operation": "write", "action": "stop", "nospace": True,
            "reason": "No space left on device"})
        q.wait("STOP")
        expect(q.run("query-status"), {"running": False,
                                       "status": "io-error"})
        expect(io_status(q), ["nospace"])
        q.run("cont")
        q.wait("RESUME")
        expect(disk.finish(), 0)
        expect(io_status(q), ["ok"])
        # Anything else is told to the guest.
        expect(disk.run(READ, 3), 1)
        expect(q.wait("BLOCK_IO_ERROR")["data"]["action"], "report")
        expect(disk.run(READ, 2), 0)
        # Often: once a second.
        for _ in range(20):
            expect(disk.run(READ, 3), 1)
        expect(q.run("query-status")["status"], "running")
        expect([e for e in q.events if e["event"] == "BLOCK_IO_ERROR"], [])
        q.run("quit")
    with Guest("-drive", "if=none,id=d0,file=disk.img,rerror=stop", "-device",
               "virtio-blk-device,drive=d0,werror=ignore,rerror=auto") as s:
        q = s.connect()
        info = q.run("query-block")[0]
        expect((info["device"], info["qdev"], info["io-status"]),
               ("d0", "/machine/peripheral-anon/device[0]", "ok"))
        # A file that becomes shorter is an error, until it is whole again.
        os.truncate("disk.img", 0)
        disk = Disk(s)
        disk.start(READ)
        expect(q.wait("BLOCK_IO_ERROR")["data"]["nospace"], False)
        q.wait("STOP")
        expect(io_status(q), ["failed"])
        expect("    I/O status:       failed\r\n" in
               q.run("human-monitor-command", command_line="info block"),
               True)
        os.truncate("disk.img", 1 << 20)
        q.run("cont")
        expect(disk.finish(), 0)
        q.run("quit")


def test_held_and_reset():
    make_disk("disk.img")
    with Guest("-blockdev", "driver=file,node-name=low,filename=disk.img",
               "-blockdev", "driver=blkdebug,node-name=d0,image=low,"
               "inject-error.0.event=read_aio", "-device",
               "virtio-blk-device,drive=d0,rerror=stop") as s:
        q = s.connect()
        Disk(s).start(READ)
        q.wait("STOP")
        q.run("cont")
        q.wait("STOP")
        expect(io_status(q), ["failed"])
        q.run("system_reset")
        q.wait("RESET")
        expect(q.run("query-status")["status"], "prelaunch")
        q.run("cont")
        disk = Disk(s)
        disk.start(WRITE)
        expect(disk.finish(), 0)
        disk.start(READ)
        q.wait("STOP")
        q.run("quit")
        expect(s.ends()[0], 0)


# ---- clocks ----

def test_rtc():
    rtc = 0x101000
    with Guest() as s:
        q = s.connect()
        ahead = 100 * 86400
        now = int(time.time())
        for at in 0, 10, 20:
            ns = (now + ahead + at) * 10**9
            s.write(rtc + 4, ns >> 32)
            s.write(rtc, ns & 0xffffffff)
        data = q.wait("RTC_CHANGE")["data"]
        expect(abs(data["offset"] - ahead) < 3, True, data)
        expect(q.run("qom-get", path=data["qom-path"], property="type"),
               "goldfish_rtc")
        # Those that come within a second are one.
        expect(abs(q.wait("RTC_CHANGE")["data"]["offset"] - ahead - 20) < 3,
               True)
        q.run("quit")


def test_resize():
    make_disk("disk.img")
    with Guest("-blockdev", "driver=file,node-name=low,filename=disk.img",
               "-blockdev", "driver=raw,node-name=d0,file=low", "-device",
               "virtio-blk-device,drive=d0") as s:
        q = s.connect()
        disk = Disk(s)
        expect(disk.run(READ, 4000), 1)
        s.write(disk.base + 0x64, s.read(disk.base + 0x60))
        q.run("block_resize", node_name="d0", size=4 << 20)
        # The guest hears of it, sees it and can use it.
        expect(s.read(disk.base + 0x60), 2)
        expect(s.read(disk.config), (4 << 20) // 512)
        expect(disk.run(WRITE, 4000), 0)
        expect(os.stat("disk.img").st_size, 4 << 20)
        hmp = "human-monitor-command"
        expect(q.run(hmp, command_line="block_resize d0 2"), "")
        expect(s.read(disk.config), (2 << 20) // 512)
        expect(disk.run(READ, 4096), 1)
        expect([b["image"]["virtual-size"] for b in
                q.run("query-named-block-nodes")], [2 << 20] * 2)
        expect_error("Block device low is in use", q.run, "block_resize",
                     node_name="low", size=0)
        expect_error("Cannot find device='' nor node-name='x'", q.run,
                     "block_resize", device="x", size=0)
        expect_error("Parameter 'size' expects a >0 size", q.run,
                     "block_resize", node_name="d0", size=-1)
        expect_error("Need exactly one of 'device' and 'node-name'", q.run,
                     "block_resize", size=512)
        q.run("quit")


def test_drives():
    """Those that a person adds go with their device, or before it."""
    make_disk("disk.img")
    with Guest("-device", "qemu-xhci", "-device",
               "virtio-blk-device,drive=d0", "-drive",
               "if=none,id=d0,file=disk.img") as s:
        q = s.connect()
        disk = Disk(s)

        def hmp(line):
            return q.run("human-monitor-command", command_line=line)

        def devices():
            return [b["device"] for b in q.run("query-block")]

        expect(disk.run(READ), 0)
        expect(hmp("drive_del d0"), "")
        expect(devices(), [])
        expect(disk.run(READ), 1)
        expect(hmp("drive_del d0"), "Error: Device 'd0' not found\r\n")
        make_disk("disk2.img")
        more = "file=disk2.img,format=raw"
        expect(hmp(f"drive_add 0 if=none,id=d1,{more}"), "OK\r\n")
        expect(hmp(f"drive_add 0 id=d2,{more}"),
               "Error: Can't hot-add drive to type virtio\r\n")
        expect(devices(), ["d1"])
        expect(hmp("device_add usb-storage,drive=d1,id=u1,port=99") != "",
               True)
        expect(devices(), ["d1"])
        expect(hmp("device_add usb-storage,drive=d1,id=u1"), "")
        q.run("device_del", id="u1")
        path = "/machine/peripheral/u1"
        expect([q.wait("DEVICE_DELETED")["data"] for _ in range(2)],
               [{"path": path + "/u1.0/legacy[0]"},
                {"device": "u1", "path": path}])
        expect(devices(), [])
        expect(hmp(f"drive_add 0 if=none,id=d1,{more}"), "OK\r\n")
        expect(hmp("drive_del d1"), "")
        # -n: a node, which blockdev-del removes.
        expect(hmp("drive_add -n 0 driver=file,node-name=n1,"
                   "filename=disk2.img"), "")
        expect("not supported" in hmp("drive_del n1"), True)
        q.run("blockdev-del", node_name="n1")
        q.run("quit")


# ---- network cards ----

def macs(*last):
    return len(last).to_bytes(4, "little") + b"".join(
        bytes((n, 0, 0, 0, 0, n)) for n in last)


def test_rx_filter():
    with Guest("-netdev", "user,id=u0", "-device",
               "virtio-net-device,netdev=u0,id=n0,mac=02:00:00:00:00:01",
               "-device", "virtio-net-device") as s:
        q = s.connect()
        card = Card(s)
        first = {"name": "n0", "promiscuous": True, "broadcast-allowed": True,
                 "main-mac": "02:00:00:00:00:01",
                 "unicast": "normal", "unicast-overflow": False,
                 "unicast-table": [], "multicast": "normal",
                 "multicast-overflow": False, "multicast-table": [],
                 "vlan": "none", "vlan-table": []}
        expect(q.run("query-rx-filter", name="n0"), [first])
        expect([f["name"] for f in q.run("query-rx-filter")],
               ["n0", "virtio-net-device.0"])
        expect_error("invalid net client name: n1", q.run, "query-rx-filter",
                     name="n1")
        # One event until somebody asks.
        expect(card.command(0, 0, b"\0"), 0)
        expect(card.command(0, 1, b"\1"), 0)
        expect(card.command(0, 5, b"\1"), 0)
        expect(card.command(1, 0, macs(2, 4) + macs(*range(1, 199, 2))), 0)
        expect(card.command(1, 1, bytes((2, 0, 0, 0, 0, 9))), 0)
        expect(card.command(2, 0, b"\x07\0"), 0)
        expect(card.command(2, 0, b"\0\x10"), 1)  # there are 4096
        path = "/machine/peripheral/n0"
        expect(q.wait("NIC_RX_FILTER_CHANGED")["data"],
               {"name": "n0", "path": path})
        now = dict(first, promiscuous=False, multicast="all", vlan="normal",
                   **{"broadcast-allowed": False,
                      "main-mac": "02:00:00:00:00:09",
                      "unicast-table": ["02:00:00:00:00:02",
                                        "04:00:00:00:00:04"],
                      "multicast-overflow": True, "vlan-table": [7]})
        expect(q.run("query-rx-filter", name="n0"), [now])
        expect([e["event"] for e in q.events], [])
        expect(card.command(2, 1, b"\x07\0"), 0)
        q.wait("NIC_RX_FILTER_CHANGED")
        expect(q.run("query-rx-filter", name="n0")[0]["vlan-table"], [])
        q.run("quit")


# ---- watchdogs ----

class Watchdog:
    """A driver of an i6300esb in the second PCI slot."""

    SLOT, BAR = 0x30008000, 0x40000000

    def __init__(self, guest, ms):
        expect(guest.read(self.SLOT), 0x25ab8086)
        guest.write(self.SLOT + 0x10, self.BAR)
        guest.write(self.SLOT + 4, 2)
        for offset in 0, 4:
            guest.write(self.BAR + 0xc, 0x80)
            guest.write(self.BAR + 0xc, 0x86)
            guest.write(self.BAR + offset, ms)
        guest.write(self.SLOT + 0x60, 3)
        guest.post(self.SLOT + 0x68, 2)


def test_watchdog():
    with Guest("-device", "i6300esb", "-watchdog-action", "pause") as s:
        q = s.connect()
        Watchdog(s, 20)
        expect(q.wait("WATCHDOG")["data"], {"action": "pause"})
        q.wait("STOP")
        expect(q.run("query-status")["status"], "watchdog")
        q.run("set-action", watchdog="none", panic="pause")
        q.run("cont")
        s.read(RAM)
        Watchdog(s, 1)
        expect(q.wait("WATCHDOG")["data"], {"action": "none"})
        q.run("human-monitor-command",
              command_line="watchdog_action inject-nmi")
        time.sleep(1)  # more often, they are one
        Watchdog(s, 1)
        expect(q.wait("WATCHDOG")["data"], {"action": "inject-nmi"})
        expect(q.run("query-status")["status"], "running")
        q.run("watchdog-set-action", action="reset")
        Watchdog(s, 1)
        expect(q.wait("RESET")["data"],
               {"guest": True, "reason": "guest-reset"})
        q.run("watchdog-set-action", action="shutdown")
        Watchdog(s, 1)
        q.wait("POWERDOWN")
        q.run("watchdog-set-action", action="poweroff")
        Watchdog(s, 1)
        q.wait("SHUTDOWN")
        expect(s.ends()[0], 0)


def main():
    test = globals()["test_" + sys.argv[1].replace("-", "_")]
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        test()
        os.chdir("/")
    print(f"{sys.argv[1]}: ok")


if __name__ == "__main__":
    GUEST = os.path.abspath(sys.argv[2])
    main()
