# SPDX-License-Identifier: GPL-2.0-or-later
"""Firmware, boot loaders, installers and hypervisors."""
import gzip
import os
import re
import struct
import subprocess
from pathlib import Path

from console import Console, ConsoleError
from guests import (
    ARM, CACHE, PEER, PEER_ROOT, PROMPT, RISCV, Skip, debian_arguments,
    disk_arguments, expect, flash_banks, kernel_arguments, need, netboot,
    power_off, private_disk)


def uboot_debian(c, machine):
    """From U-Boot's prompt to Debian's."""
    c.send("load virtio 0 ${kernel_addr_r} /boot/vmlinuz")
    c.wait("bytes read", 60)
    c.send("load virtio 0 ${ramdisk_addr_r} /boot/initrd.img")
    c.wait("bytes read", 60)
    c.send(f"setenv bootargs console={machine.console} quiet root=/dev/vda")
    c.send("booti ${kernel_addr_r} ${ramdisk_addr_r}:${filesize} "
           "${fdtcontroladdr}")
    c.wait(PROMPT, 240)


def uboot(emulator, folder, machine=RISCV):
    """U-Boot's prompt, its commands, and Debian from a disk through it."""
    how, firmware = machine.uboot
    arguments = [*machine.options, "-m", "1G", "-nographic",
                 how, need(firmware),
                 *disk_arguments(private_disk(folder, machine))]
    with Console([emulator, *arguments]) as c:
        c.wait("stop autoboot", 60)
        c.send("")
        c.wait("=> ", 30)
        c.send("version")
        c.wait(r"U-Boot 20\d\d", 10)
        c.wait("=> ", 10)
        c.send(f"md.l {machine.ram:#x} 4")
        c.wait(f"{machine.ram:x}: [0-9a-f]{{8}} [0-9a-f]{{8}}", 10)
        c.wait("=> ", 10)
        c.send("virtio info")
        c.wait("Device 0: .*", 30)
        c.wait("=> ", 10)
        uboot_debian(c, machine)
        power_off(c)


FIRST_SCREEN = "(?i)select a language|choose the language"


def installer(emulator, folder, machine=RISCV, kernel=None, where=None, *more):
    """Debian's installer to its first screen."""
    where = where or machine.installer
    arguments = [*machine.options, "-m", "1G", "-nographic", *more,
                 "-kernel", kernel or need(where / "linux"),
                 "-initrd", need(where / "initrd.gz"),
                 "-append", f"console={machine.console} quiet"]
    with Console([emulator, *arguments]) as c:
        c.wait(FIRST_SCREEN, 240)


def opensbi_new(emulator, folder):
    """A newer OpenSBI than the host's, given by -bios."""
    firmware = need(PEER / "riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin")
    arguments = debian_arguments(private_disk(folder), "-bios", firmware)
    with Console([emulator, *arguments]) as c:
        c.wait(r"OpenSBI v1\.[6-9]", 30)
        c.wait(PROMPT, 240)
        power_off(c)


def arm_uboot(emulator, folder):
    uboot(emulator, folder, ARM)


def arm_installer(emulator, folder):
    """Debian 13's, an Image, on four processors."""
    installer(emulator, folder, ARM, None, None, "-smp", "4")


def arm_installer_12(emulator, folder):
    """Debian 12's, its Image gzipped, on four processors."""
    where = netboot(12) / "debian-installer/arm64"
    kernel = Path(folder) / "linux.gz"
    kernel.write_bytes(gzip.compress(need(where / "linux").read_bytes(), 1))
    installer(emulator, folder, ARM, kernel, where, "-smp", "4",
              "-M", "virt,gic-version=3")


def arm_edk2(emulator, folder):
    """EDK2's shell; what it is told to keep, the second flash bank keeps."""
    arguments = [*ARM.options, "-m", "1G", "-nographic", "-smp", "4",
                 *flash_banks(folder)]
    for line, wanted in (("setvar cuttle -guid 12345678-1234-1234-1234-"
                          "123456789abc -bs -rt -nv =L\"kept\"", None),
                         ("setvar cuttle -guid 12345678-1234-1234-1234-"
                          "123456789abc", "6B 00 65 00 70 00 74 00")):
        with Console([emulator, *arguments]) as c:
            c.wait("Shell> ", 240)
            c.send(line + "\r")
            if wanted:
                c.wait(wanted, 30)
            c.wait("Shell> ", 30)
            c.send("reset -s\r")
            expect("exit status", c.finish(60), 0)


def arm_xen(emulator, folder, gic="2", cpu="cortex-a57"):
    """Xen, a Linux dom0 on four processors, and Xen's tools in there.

    Xen takes no more than a few dozen characters at once for dom0, so lines
    are short.
    """
    guest = ARM.guest.parent / "aarch64-xen"
    kernel = "bootargs=console=hvc0 quiet root=/dev/vda"
    arguments = ["-M", f"virt,virtualization=on,gic-version={gic}",
                 "-cpu", cpu, "-smp", "4", "-m", "2G",
                 "-nographic", "-nic", "none", "-kernel", need(guest / "xen"),
                 "-append", "dom0_mem=1G console=dtuart",
                 "-device", "guest-loader,addr=0x49000000,"
                 f"kernel={need(guest / 'vmlinuz')},{kernel}",
                 "-device", "guest-loader,addr=0x4d000000,"
                 f"initrd={need(guest / 'initrd.img')}",
                 *disk_arguments(need(guest / "root.img")), "-snapshot"]
    with Console([emulator, *arguments]) as c:
        c.wait("Brought up 4 CPUs", 60)
        c.wait(PROMPT, 240)
        expect("nproc", c.command_output("nproc"), "4")
        c.command_output("mount -t xenfs xenfs /proc/xen")
        for module in "gntdev", "evtchn", "gntalloc":
            c.command_output(f"modprobe xen-{module}")
        c.command_output("mkdir -p /run/xen /run/xenstored /var/log/xen")
        c.command_output("/etc/init.d/xen start")
        info = c.command_output("xl info")
        for line in "nr_cpus *: 4", "xen_version *: 4.17", "virt_caps *: hvm":
            if not re.search(line, info):
                raise ConsoleError(f"xl info has no '{line}'")
        if not re.search(r"Domain-0 .* 1024 +4 ", c.command_output("xl list")):
            raise ConsoleError("xl list: no domain 0")
        power_off(c)


def arm_xen_gicv3(emulator, folder):
    """The same on a GICv3, with 16-bit VMIDs and what else Armv8.1 brings."""
    arm_xen(emulator, folder, "3", "max")


def arm_zboot(emulator, folder):
    """Debian 13's kernel in an EFI program that unpacks itself."""
    where = netboot(13) / "debian-installer/arm64"
    packed = gzip.compress(need(where / "linux").read_bytes(), 1)
    head = bytearray(4096)
    head[0:8] = b"MZ\0\0zimg"
    struct.pack_into("<II", head, 8, len(head), len(packed))
    head[24:28] = b"gzip"
    kernel = Path(folder) / "vmlinuz.efi"
    kernel.write_bytes(head + packed)
    installer(emulator, folder, ARM, kernel, where, "-smp", "4")


def grub(emulator, arguments, config=None):
    """From GRUB's menu to the installer's first screen; the menu is in
    `config` where GRUB has to be told."""
    with Console([emulator, *ARM.options, "-m", "1G", "-nographic",
                  "-smp", "4", *arguments]) as c:
        c.wait("GNU GRUB", 240)
        if config:
            c.wait("grub> ", 30)
            c.send(f"configfile {config}\r")
        c.wait("Install", 30)
        c.send("\r")
        c.wait(FIRST_SCREEN, 240)


def netboot_arguments(version):
    return ["-netdev", f"user,id=net,tftp={netboot(version)},"
            "bootfile=debian-installer/arm64/grubaa64.efi",
            "-device", "virtio-net-pci,netdev=net,bootindex=1"]


def arm_grub_net(emulator, folder):
    """GRUB and Debian 12 over the network, with ACPI tables."""
    grub(emulator, [*flash_banks(folder), *netboot_arguments(12)])


def arm_grub_net_tree(emulator, folder):
    """The same with Debian 13 and a device tree only."""
    grub(emulator, [*flash_banks(folder), *netboot_arguments(13),
                    "-M", "virt,acpi=off"])


def grub_disk(folder):
    """The netboot image's files on a FAT disk."""
    disk = Path(folder) / "esp.img"
    files = netboot(13) / "debian-installer"
    environment = {**os.environ, "MTOOLSRC": "/dev/null"}
    for command in (["mformat", "-i", disk, "-C", "-T", "262144", "::"],
                    ["mmd", "-i", disk, "::/EFI", "::/EFI/BOOT",
                     "::/debian-installer", "::/debian-installer/arm64"],
                    ["mcopy", "-i", disk, files / "arm64/grubaa64.efi",
                     "::/EFI/BOOT/BOOTAA64.EFI"],
                    ["mcopy", "-s", "-i", disk, files / "arm64/grub",
                     files / "arm64/linux", files / "arm64/initrd.gz",
                     "::/debian-installer/arm64/"]):
        try:
            subprocess.run(command, check=True, env=environment)
        except FileNotFoundError as why:
            raise Skip("mtools are not there") from why
    return disk


def arm_grub_disk(emulator, folder):
    """GRUB and Debian 13 from a disk; the peer's newer EDK2."""
    grub(emulator, [*flash_banks(folder, PEER_ROOT / "usr/share/AAVMF"),
                    "-drive", f"file={grub_disk(folder)},format=raw,if=virtio"],
         "/debian-installer/arm64/grub/grub.cfg")


def arm_kvm(emulator, folder, cpu="cortex-a57", gic="2"):
    """A virtual machine of two CPUs in the guest, by KVM without VHE."""
    arguments = ["-M", f"virt,virtualization=on,gic-version={gic}",
                 "-cpu", cpu, "-smp", "4", "-m", "2G",
                 "-nographic", "-nic", "none", *kernel_arguments(ARM),
                 "-drive", f"file={need(ARM.guest / 'root.img')},format=raw,"
                 "if=none,id=root", "-device", "virtio-blk-pci,drive=root",
                 "-drive", f"file={need(ARM.guest / 'kvm.img')},format=raw,"
                 "if=none,id=kvm", "-device", "virtio-blk-pci,drive=kvm",
                 "-snapshot"]
    mode = "VHE" if cpu == "max" else "nVHE"
    with Console([emulator, *arguments]) as c:
        c.wait(PROMPT, 240)
        c.command_output("mkdir -p /mnt && mount -o ro /dev/vdb /mnt")
        c.command_output(f"dmesg | grep ' {mode} mode initialized'")
        out = c.command_output(
            "cd /mnt && ./lkvm run -k vmlinuz -i initrd.img -c 2 -m 256 "
            f"--irqchip gicv{gic} --console serial "
            "-p 'console=ttyS0 quiet'", 300)
        if "GUEST-DONE 2 20000" not in out:
            raise ConsoleError("the guest's guest did not end well")
        power_off(c)


def arm_kvm_vhe(emulator, folder):
    """The same with VHE, on a GICv3."""
    arm_kvm(emulator, folder, "max", "3")


def arm_tfa(emulator, folder, gic="2", cpu="cortex-a57", el="EL1", more=""):
    """Trusted Firmware-A in EL3: it starts U-Boot and answers Linux's PSCI."""
    firmware = need(CACHE / f"firmware/tfa/gicv{gic}.bios")
    arguments = ["-M", f"virt,secure=on,gic-version={gic}{more}",
                 "-cpu", cpu, "-smp", "4", "-m", "1G",
                 "-nographic", "-nic", "none", "-bios", firmware,
                 *disk_arguments(private_disk(folder, ARM))]
    with Console([emulator, *arguments]) as c:
        c.wait("BL31: v2", 60)
        c.wait("stop autoboot", 60)
        c.send("")
        c.wait("=> ", 30)
        uboot_debian(c, ARM)
        expect("nproc", c.command_output("nproc"), "4")
        c.command_output(f"dmesg | grep 'started at {el}'")
        online = "/sys/devices/system/cpu/cpu2/online"
        for state, n in (0, 3), (1, 4):
            c.command_output(f"echo {state} >{online}")
            expect("nproc", c.command_output("nproc"), str(n))
        power_off(c)


def arm_tfa_gicv3(emulator, folder):
    """The same on a GICv3, with EL2 below."""
    arm_tfa(emulator, folder, "3", "max", "EL2", ",virtualization=on")
