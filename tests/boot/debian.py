# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's shells: real programs, many processors, much memory."""
import time
from pathlib import Path

from console import Console, Server
from guests import (
    ARM, GUEST, PROMPT, RISCV, debian_arguments, disk_arguments, expect,
    flash_banks, kernel_arguments, need, power_off, private_disk,
    qmp_arguments)
from qmp import Qmp


def debian(emulator, folder, machine=RISCV):
    """A shell, the network, and real programs."""
    arguments = debian_arguments(private_disk(folder, machine),
                                 machine=machine)
    with Server() as server, Console([emulator, *arguments]) as c:
        c.wait(PROMPT, 240)
        expect("uname", c.command_output("uname -m"), machine.uname)
        url = f"http://10.0.2.2:{server.port}/"
        expect(url, c.command_output(f"curl -sS {url}"), server.word)
        c.command_output("apt-cache policy bash | grep -q Installed")
        expect("python3", c.command_output(
            "python3 -c 'import math; print(math.factorial(25))'"),
            "15511210043330985984000000")
        expect("openssl", c.command_output(
            "printf cuttle | openssl dgst -sha256 -r | cut -c-16"),
            "e4ccae05fa59b16c")
        expect("sqlite3", c.command_output(
            "sqlite3 -list -noheader :memory: 'select sum(value) from generate_series(1,100)'"),
            "5050")
        c.command_output("head -c 2000000 /usr/bin/openssl >/tmp/a && "
                         "xz -1k /tmp/a && xz -dc /tmp/a.xz | cmp - /tmp/a",
                         120)
        c.command_output("echo kept >/root/kept && sync")
        power_off(c)


# Processes of threads that fork: address spaces come and go on every hart, so
# harts interrupt each other all the time to flush their translations.
FORKS = """
import os, sys, threading
P, T, N = map(int, sys.argv[1:])
def burn():
    for i in range(20000):
        i * i
def forks():
    threads = [threading.Thread(target=burn) for _ in range(T)]
    for t in threads: t.start()
    for _ in range(N):
        pid = os.fork()
        if pid == 0: os._exit(0)
        os.waitpid(pid, 0)
    for t in threads: t.join()
    os._exit(0)
pids = []
for _ in range(P):
    pids.append(os.fork())
    if pids[-1] == 0: forks()
sys.exit(any(os.waitpid(p, 0)[1] for p in pids))
"""
COMPILE = "echo 'int f(int a) { return a * a; }' >/tmp/f.c; " \
    "for i in 1 2 3 4 5 6 7 8; do (for j in 1 2 3; do " \
    "gcc -O2 -c /tmp/f.c -o /tmp/f$i.o || touch /tmp/bad; done) & done; " \
    "wait; test ! -e /tmp/bad"


def put_file(console, name, text):
    console.send(f"cat >{name} <<'END'\n{text.strip()}\nEND")
    console.wait(PROMPT, 30)


def smp_console(emulator, guest, harts):
    """Many processors and a code cache so small that it evicts."""
    disk = [need(guest / "root.img"), "-snapshot"]
    arguments = ["-M", "virt", "-m", "2G", "-nographic", "-smp", str(harts),
                 "-kernel", need(guest / "vmlinuz"),
                 "-initrd", need(guest / "initrd.img"),
                 "-append", "console=ttyS0 quiet root=/dev/vda",
                 "-drive", f"file={disk[0]},format=raw,if=none,id=root",
                 "-device", "virtio-blk-pci,drive=root", disk[1],
                 "-accel", "tcg,tb-size=16"]
    return Console([emulator, *arguments])


def fork(console, forks):
    console.command_output(f"python3 -W ignore /tmp/forks.py {forks}", 900)


def debian_smp(emulator, folder):
    """Four processors that all work, then fork and flush."""
    with smp_console(emulator, GUEST, 4) as c:
        c.wait(PROMPT, 240)
        expect("nproc", c.command_output("nproc"), "4")
        c.command_output("for i in 1 2 3 4; do openssl speed -seconds 1 "
                         "-bytes 1024 sha256 >/dev/null 2>&1 & done; wait", 120)
        put_file(c, "/tmp/forks.py", FORKS)
        # More costs minutes when the suite's other tests keep the host busy.
        fork(c, "4 0 10")
        power_off(c)


def stress(emulator, guest, harts, rounds, forks):
    with smp_console(emulator, guest, harts) as c:
        c.wait(PROMPT, 240)
        put_file(c, "/tmp/forks.py", FORKS)
        for _ in range(rounds):
            fork(c, forks)
            c.command_output(COMPILE, 900)
        power_off(c)


def debian_stress(emulator, folder):
    """Minutes of forks and compilers on four and eight processors."""
    full = GUEST.parent / "full"
    stress(emulator, full, 4, 3, "8 8 100")
    stress(emulator, full, 8, 3, "8 8 50")


def debian_interp(emulator, folder, machine=RISCV):
    """The same kernel and shell on the IR interpreter."""
    arguments = debian_arguments(private_disk(folder, machine),
                                 "-accel", "tcg,backend=interp",
                                 machine=machine)
    with Console([emulator, *arguments]) as c:
        c.wait(PROMPT, 900)
        expect("uname", c.command_output("uname -m", 120),
               machine.uname)
        power_off(c)


def debian_pci(emulator, folder, machine=RISCV, *more):
    """Disk, network, console and entropy as PCI functions."""
    arguments = [w.replace("virtio-blk-device", "virtio-blk-pci")
                 .replace("virtio-net-device", "virtio-net-pci")
                 if isinstance(w, str) else w
                 for w in debian_arguments(private_disk(folder, machine),
                                           *more, machine=machine)]
    with Server() as server, \
            Console([emulator, *arguments, "-device", "virtio-rng-pci"]) as c:
        c.wait(PROMPT, 240)
        url = f"http://10.0.2.2:{server.port}/"
        expect(url, c.command_output(f"curl -sS {url}"), server.word)
        expect("rng", c.command_output(
            "modprobe virtio-rng && head -c 16 /dev/hwrng | wc -c"), "16")
        power_off(c)


def arm_debian(emulator, folder):
    """Debian for Arm on a GICv2 with virtio-mmio."""
    debian(emulator, folder, ARM)


def arm_debian_pci(emulator, folder):
    """The same on a GICv3 with PCI, messages through the ITS, four CPUs."""
    debian_pci(emulator, folder, ARM, "-M", "virt,gic-version=3",
               "-smp", "4")


def arm_interp(emulator, folder):
    debian_interp(emulator, folder, ARM)


def arm_shell(emulator, commands, *more):
    """Debian's shell, and what commands answer there."""
    disk = need(ARM.guest / "root.img")
    with Console([emulator, *ARM.options, "-nographic",
                  *kernel_arguments(ARM), *disk_arguments(disk), "-snapshot",
                  *more]) as c:
        c.wait(PROMPT, 240)
        for command, wanted in commands.items():
            expect(command, c.command_output(command, 60), wanted)
        power_off(c)


def arm_smp(emulator, folder):
    """As many processors as a GICv2 has."""
    arm_shell(emulator, {"nproc": "8"}, "-m", "1G", "-smp", "8")


def arm_many(emulator, folder):
    """As many processors as the board has."""
    arm_shell(emulator, {"nproc": "64", "ls -d /sys/bus/cpu/devices/* | wc -l":
                         "64"}, "-m", "2G", "-smp", "64", "-cpu", "max")


def arm_ram(emulator, folder):
    """More memory than most hosts have."""
    arm_shell(emulator, {
        "test $(awk '/MemTotal/ {print $2}' /proc/meminfo) -gt 65000000 && "
        "echo all": "all"}, "-m", "64G", "-smp", "4")


def arm_power(emulator, folder):
    """The power button: KEY_POWER goes down and up, once by the device tree,
    once by EDK2's ACPI tables."""
    disk = need(ARM.guest / "root.img")
    qmp = Path(folder) / "qmp"
    for firmware, driver in (([], "gpio-keys"),
                             (flash_banks(folder), "Power Button")):
        with Console([emulator, *ARM.options, "-nographic", "-m", "1G",
                      *kernel_arguments(ARM), *disk_arguments(disk),
                      "-snapshot", *firmware,
                      *qmp_arguments(qmp)]) as c:
            c.wait(PROMPT, 240)
            c.command_output("modprobe -a gpio_keys button evdev")
            expect("input", c.command_output(
                "sed -n 's/N: Name=//p' /proc/bus/input/devices"),
                f'"{driver}"')
            c.send("head -c 72 /dev/input/event0 | od -An -tx2 -w24 | "
                   "cut -d' ' -f10-13; echo se''en")
            time.sleep(2)
            Qmp(str(qmp)).run("system_powerdown")
            c.wait("0001 0074 0001 0000\n0000 0000 0000 0000\n"
                   "0001 0074 0000 0000\nseen", 30)
            c.wait(PROMPT, 30)
            power_off(c)
