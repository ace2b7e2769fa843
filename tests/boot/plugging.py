# SPDX-License-Identifier: GPL-2.0-or-later
"""Devices that come and go, and what else a running guest is told or tells."""
from pathlib import Path

from console import Console, Server
from debian import put_file
from guests import (
    ARM, PROMPT, RISCV, expect, flash_banks, kernel_arguments, need,
    power_off, qmp_arguments)
from qmp import Qmp


def root_ports(n):
    """As libvirt has them: functions of as few slots as possible."""
    return [w for i in range(n) for w in
            ("-device", f"pcie-root-port,id=pci.{i + 1},chassis={i + 1},"
             f"port={16 + i},bus=pcie.0,addr={2 + i // 8}.{i % 8},"
             f"multifunction={'off' if i % 8 else 'on'}")]


def root_port_console(emulator, machine, qmp, *more):
    return Console([emulator, *machine.options, "-nographic", "-m", "1G",
                    *kernel_arguments(machine), "-snapshot", *root_ports(8),
                    "-drive", f"file={need(machine.guest / 'root.img')},"
                    "format=raw,if=none,id=root", "-device",
                    "virtio-blk-pci,drive=root,bus=pci.1", "-nic", "none",
                    *qmp_arguments(qmp), *more])


def plug(qmp, folder):
    """A disk and a network card into two free ports."""
    disk = Path(folder) / "disk.raw"
    with open(disk, "wb") as f:
        f.truncate(16 << 20)
    qmp.run("blockdev-add", driver="file", node_name="d1",
            filename=str(disk))
    qmp.run("netdev_add", type="user", id="n1")
    qmp.run("device_add", driver="virtio-blk-pci", id="hd1", drive="d1",
            bus="pci.2")
    qmp.run("device_add", driver="virtio-net-pci", id="nic1", netdev="n1",
            bus="pci.3")


def use_plugged(console, server):
    console.command_output("until test -b /dev/vdb -a -e /sys/class/net/eth0; "
                           "do sleep 0.1; done", 30)
    console.command_output(
        "head -c 1000000 /bin/bash >/tmp/a && dd if=/tmp/a of=/dev/vdb "
        "bs=64k conv=fsync && head -c 1000000 /dev/vdb | cmp - /tmp/a")
    console.command_output(
        "ip link set eth0 up && ip addr replace 10.0.2.15/24 dev eth0")
    url = f"http://10.0.2.2:{server.port}/"
    expect(url, console.command_output(f"curl -sS {url}"), server.word)


def root_ports_riscv(emulator, folder):
    """Disks behind root ports, interrupts by pins. Debian's kernel for RISC-V
    knows no hot-plug: what was plugged is there after a reset."""
    path = Path(folder) / "qmp"
    with Server() as server, root_port_console(emulator, RISCV, path) as c:
        c.wait(PROMPT, 240)
        qmp = Qmp(str(path))
        plug(qmp, folder)
        expect("disks", c.command_output("ls /dev/vd*"), "/dev/vda")
        qmp.run("system_reset")
        c.wait("Type 'exit'", 240)
        c.wait(PROMPT)
        use_plugged(c, server)
        power_off(c)


def use_balloon(console, qmp):
    """Most of the guest's RAM goes to the host and comes back."""
    def free():
        return int(console.command_output(
            "awk '/MemFree/ {print $2}' /proc/meminfo"))

    def go(left):
        qmp.run("balloon", value=left)
        while qmp.run("query-balloon")["actual"] != left:
            qmp.wait("BALLOON_CHANGE")

    console.command_output("modprobe virtio_balloon")
    before = free()
    go(512 << 20)
    expect("balloon", before - free() > 480 << 10, True)
    go(1 << 30)
    expect("balloon", before - free() < 50 << 10, True)


def use_port(console, qmp, folder):
    """A port of the virtio-serial comes, is used, and goes."""
    out = Path(folder) / "port"
    qmp.run("chardev-add", id="c1", backend={
        "type": "file", "data": {"out": str(out)}})
    qmp.run("device_add", driver="virtserialport", id="p1", chardev="c1",
            name="org.test")
    console.command_output("modprobe virtio_console; "
                           "until test -c /dev/vport?p1; do sleep 0.1; done")
    expect("name", console.command_output("cat /sys/class/virtio-ports/*/name"),
           "org.test")
    console.command_output("echo hello >$(ls /dev/vport?p1)")
    expect("port", out.read_text(), "hello\n")
    qmp.run("device_del", id="p1")
    qmp.wait("DEVICE_DELETED")
    console.command_output("until ! ls /dev/vport?p1; do sleep 0.1; done")
    qmp.run("chardev-remove", id="c1")


def arm_hotplug(emulator, folder, rounds=2, *more):
    """Memory goes and comes back; a port, a disk and a network card come, are
    used, and go, twice; the disk grows meanwhile."""
    path = Path(folder) / "qmp"
    with Server() as server, \
            root_port_console(emulator, ARM, path, "-M", "virt,gic-version=3",
                              "-smp", "2", "-device", "virtio-balloon-pci",
                              "-device", "virtio-serial-pci", *more) as c:
        c.wait(PROMPT, 240)
        qmp = Qmp(str(path))
        use_balloon(c, qmp)
        for _ in range(rounds):
            plug(qmp, folder)
            use_plugged(c, server)
            use_port(c, qmp, folder)
            qmp.run("block_resize", node_name="d1", size=24 << 20)
            expect("size", c.command_output("blockdev --getsz /dev/vdb"),
                   str((24 << 20) // 512))
            for device in "hd1", "nic1":
                qmp.run("device_del", id=device)
            for _ in range(2):
                while "device" not in qmp.wait("DEVICE_DELETED")["data"]:
                    pass
            c.command_output("until test ! -e /dev/vdb -a "
                             "! -e /sys/class/net/eth0; do sleep 0.1; done")
            qmp.run("blockdev-del", node_name="d1")
            qmp.run("netdev_del", id="n1")
        power_off(c)


def arm_hotplug_acpi(emulator, folder):
    """The same once, by EDK2's ACPI tables."""
    arm_hotplug(emulator, folder, 1, *flash_banks(folder))


# Debian's kernel for Arm has no driver for pvpanic: it is a byte in a BAR.
PANIC = """
import glob, mmap
for f in glob.glob("/sys/bus/pci/devices/*"):
    if open(f + "/device").read() == "0x0011\\n":
        open(f + "/enable", "w").write("1")
        at = int(open(f + "/resource").read().split()[0], 16)
        with open("/dev/mem", "r+b", buffering=0) as memory:
            page = mmap.mmap(memory.fileno(), 4096, offset=at & ~4095)
            assert page[at & 4095] == 3
            page[at & 4095] = 1
"""


def arm_panic(emulator, folder):
    """A guest that neglects its watchdog, then says through pvpanic that it
    crashed; -action says what follows."""
    path = Path(folder) / "qmp"
    with root_port_console(emulator, ARM, path, "-device", "pvpanic-pci",
                           "-device", "i6300esb,bus=pci.2", "-action",
                           "panic=exit-failure,watchdog=none") as c:
        c.wait(PROMPT, 240)
        put_file(c, "/tmp/panic.py", PANIC)
        qmp = Qmp(str(path))
        c.command_output("modprobe i6300esb heartbeat=2 && "
                         "echo V >/dev/watchdog")
        c.send("exec 3>/dev/watchdog")
        expect("watchdog", qmp.wait("WATCHDOG")["data"], {"action": "none"})
        c.send("python3 /tmp/panic.py")
        expect("action", qmp.wait("GUEST_PANICKED")["data"],
               {"action": "poweroff"})
        expect("cause", qmp.wait("SHUTDOWN")["data"],
               {"guest": True, "reason": "guest-panic"})
        expect("exit status", c.finish(30), 1)
