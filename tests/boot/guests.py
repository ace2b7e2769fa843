# SPDX-License-Identifier: GPL-2.0-or-later
"""What boot cases share: guests, where they lie, and steps all of them take."""
import os
import subprocess
from pathlib import Path

from console import ConsoleError

CACHE = Path(os.environ.get("CUTTLE_CACHE") or
             Path(os.environ.get("XDG_CACHE_HOME") or
                  Path.home() / ".cache") / "cuttle")
# What a Debian 13 root holds, where there is one to compare with.
PEER_ROOT = Path(os.environ.get("PEERS", "/var/tmp/peers")) / "trixie"
PEER = PEER_ROOT / "usr/lib"
PROMPT = r"root@\w+:~# "


class Machine:
    """What differs between the guests: names, console, options."""

    def __init__(self, uname, guest, console, debian, uboot, ram, *options):
        self.uname, self.console, self.ram = uname, console, ram
        self.guest = CACHE / "guest" / guest
        self.options = ["-M", "virt", *options]
        self.uboot = uboot
        self.installer = PEER / f"debian-installer/images/13/{debian}/text/" \
            f"debian-installer/{debian}"


RISCV = Machine("riscv64", "base", "ttyS0", "riscv64",
                ["-kernel", Path("/usr/lib/u-boot/qemu-riscv64_smode/u-boot.bin")],
                0x80200000)
ARM = Machine("aarch64", "aarch64-base", "ttyAMA0", "arm64",
              ["-bios", Path("/usr/lib/u-boot/qemu_arm64/u-boot.bin")],
              0x40000000, "-cpu", "cortex-a57", "-nic", "none")
GUEST = RISCV.guest
EDK2 = Path("/usr/share/AAVMF")


class Skip(Exception):
    pass


def need(path):
    if not Path(path).exists():
        raise Skip(f"{path} is not there")
    return path


def need_any(*paths):
    for path in paths:
        if Path(path).exists():
            return Path(path)
    raise Skip(f"none of {', '.join(map(str, paths))} is there")


def netboot(version):
    """Debian's netboot images for arm64: here, or in the peer's root."""
    inside = f"lib/debian-installer/images/{version}/arm64/text"
    return need_any(Path("/usr") / inside, PEER_ROOT / "usr" / inside)


def disk_arguments(disk):
    return ["-drive", f"file={disk},format=raw,if=none,id=root",
            "-device", "virtio-blk-device,drive=root"]


def kernel_arguments(machine):
    return ["-kernel", need(machine.guest / "vmlinuz"),
            "-initrd", need(machine.guest / "initrd.img"),
            "-append", f"console={machine.console} quiet root=/dev/vda"]


def debian_arguments(disk, *more, machine=RISCV):
    return [*machine.options, "-m", "1G", "-nographic",
            *kernel_arguments(machine), *disk_arguments(disk),
            "-netdev", "user,id=net", "-device",
            "virtio-net-device,netdev=net", *more]


def private_disk(folder, machine=RISCV):
    """A copy, so that tests run beside each other and leave nothing."""
    disk = Path(folder) / "root.img"
    subprocess.run(["cp", "--sparse=always", need(machine.guest / "root.img"),
                    disk],
                   check=True)
    return disk


def expect(what, got, wanted):
    if got != wanted:
        raise ConsoleError(f"{what}: '{got}' instead of '{wanted}'")


def power_off(console, line="exit"):
    console.send(line)
    expect("exit status", console.finish(90), 0)


def flash_banks(folder, edk2=EDK2):
    """EDK2 in the first, its variables, still none, in the second."""
    variables = Path(folder) / "vars.fd"
    code = need_any(edk2 / "AAVMF_CODE.no-secboot.fd", edk2 / "AAVMF_CODE.fd")
    variables.write_bytes(need(edk2 / "AAVMF_VARS.fd").read_bytes())
    return ["-drive", f"if=pflash,format=raw,readonly=on,file={code}",
            "-drive", f"if=pflash,format=raw,file={variables}"]


def qmp_arguments(path):
    return ["-qmp", f"unix:{path},server=on,wait=off"]
