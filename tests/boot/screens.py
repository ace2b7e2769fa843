# SPDX-License-Identifier: GPL-2.0-or-later
"""At the guest's screen, with its keyboard, pointer and USB devices."""
import os
import subprocess
import time
from pathlib import Path

from console import Console, ConsoleError
from firmware import grub_disk
from guests import (
    ARM, PEER_ROOT, PROMPT, RISCV, debian_arguments, disk_arguments, expect,
    flash_banks, kernel_arguments, need, need_any, power_off, private_disk,
    qmp_arguments)
from seats import VncUser, WindowUser
from user import User, wait_for_file


def arm_edk2_screen(emulator, folder):
    """EDK2 draws its logo and the boot manager's text on ramfb; Debian's for
    Arm has no driver of bochs-display."""
    qmp = Path(folder) / "qmp"
    with Console([emulator, *ARM.options, "-m", "512M", "-nographic",
                  "-device", "ramfb", *qmp_arguments(qmp),
                  *flash_banks(folder)]) as c, User(qmp) as user:
        # The logo has many colours, letters alone have few.
        user.wait_for(lambda picture: picture.colours() > 16)
        c.wait("Shell> ", 240)
        user.wait_for(lambda picture: 1 < picture.colours() <= 16, 30)
        expect("size", user.size, (800, 600))
        expect("size of the PNG", user.png_size(), user.size)


def arm_bochs_console(emulator, folder):
    """Linux' console is on the screen that its driver finds."""
    disk = need(ARM.guest / "root.img")
    qmp = Path(folder) / "qmp"
    with Console([emulator, *ARM.options, "-nographic", "-device",
                  "bochs-display,xres=1024,yres=768", *qmp_arguments(qmp),
                  *kernel_arguments(ARM), *disk_arguments(disk),
                  "-snapshot"]) as c, User(qmp) as user:
        c.wait(PROMPT, 240)
        c.command_output("modprobe bochs", 60)
        c.command_output("echo on the screen > /dev/tty0", 30)
        user.wait_for(lambda picture: same_text(c, picture), 30)
        expect("size", user.size, (1024, 768))
        power_off(c)


def same_text(c, picture):
    """The screen shows a glyph where the guest's console has a character."""
    lines, columns, x, y = map(int, c.command_output(
        "od -An -tu1 -N4 /dev/vcsa1").split())
    text = c.command_output("od -An -v -w999999 -tx1 /dev/vcs1").split()
    width, height = picture.width // columns, picture.height // lines
    for at, code in enumerate(text):
        row, column = divmod(at, columns)
        if (column, row) != (x, y) and (code in ("20", "00")) != \
                picture.is_plain(column * width, row * height, width, height):
            return False
    return len(text) == lines * columns


def screen(emulator, folder, machine=RISCV, kind="device"):
    """Linux's console on virtio-gpu: what is typed arrives, what it shows is
    on the screen; two heads, a pointer."""
    qmp = Path(folder) / "qmp"
    with Console([emulator, *debian_arguments(
            private_disk(folder, machine), "-snapshot", *qmp_arguments(qmp),
            "-device", f"virtio-gpu-{kind},max_outputs=2,xres=1024,yres=768",
            "-device", f"virtio-keyboard-{kind}",
            "-device", f"virtio-tablet-{kind}",
            "-global", "virtio-mmio.force-legacy=off",
            machine=machine)]) as c, User(qmp) as user:
        c.wait(PROMPT, 240)
        c.command_output("modprobe -a virtio_gpu virtio_input evdev")
        c.command_output("until [ -e /dev/fb0 ]; do sleep 0.2; done")
        expect("heads", c.command_output(
            "cat /sys/class/drm/card0-Virtual-*/status | uniq -c").split(),
            ["2", "connected"])
        expect("mode", c.command_output(
            "head -qn1 /sys/class/drm/card0-Virtual-1/modes"), "1024x768")
        expect("EDID", c.command_output(
            "head -c8 /sys/class/drm/card0-Virtual-2/edid | od -An -tx1"),
            "00 ff ff ff ff ff ff 00")
        c.command_output("(setsid -c bash </dev/tty1 >/dev/tty1 2>&1 &)")
        user.type("echo \"It's $((6 * 7))\" | tee /tmp/typed\n")
        c.command_output("until [ -s /tmp/typed ]; do sleep 0.2; done")
        expect("typed", c.command_output("cat /tmp/typed"), "It's 42")
        user.wait_for(lambda picture: same_text(c, picture), 30)
        c.send("head -c 96 /dev/input/event1 | od -An -td4 -w24 | "
               "awk '{print $5, $6}'; echo se''en")
        time.sleep(2)
        user.point(512, 384)
        user.click()
        c.wait(f"{3} 16400\n{0x10003} 16405\n0 0\n{0x1100001} 1\nseen", 30)
        c.wait(PROMPT, 30)
        power_off(c)


def arm_screen(emulator, folder):
    """The same on Arm, with PCI."""
    screen(emulator, folder, ARM, "pci")


def arm_edk2_gpu(emulator, folder):
    """EDK2's shell on virtio-gpu and a USB keyboard; its lines are 19 pixels
    high."""
    qmp = Path(folder) / "qmp"
    with Console([emulator, *ARM.options, "-m", "1G", "-nographic",
                  *flash_banks(folder), *qmp_arguments(qmp),
                  "-device", "virtio-gpu-pci", "-device", "qemu-xhci",
                  "-device", "usb-kbd"]) as c:
        c.wait("Shell> ", 240)
        with User(qmp) as user:
            user.wait_for(lambda picture: last_line(picture) == 5)
            expect("size", user.size, (1280, 800))
            user.type("echo hello\n")
            c.wait("hello", 30)
            user.wait_for(lambda picture: last_line(picture) == 7)


def last_line(picture):
    """The last of its lines with text, counted from EDK2's first."""
    lines = range((picture.height - 106) // 19)
    return max((n for n in lines
                if not picture.is_plain(240, 106 + 19 * n, 48, 19)),
               default=None)


def graphical_installer(emulator, *more):
    """Debian 12's, its console on the screen."""
    where = need_any(Path("/usr/lib/debian-installer/images/12/arm64/gtk")) \
        / "debian-installer/arm64"
    return [emulator, *ARM.options, "-m", "1G", "-smp", "2",
            "-kernel", need(where / "linux"),
            "-initrd", need(where / "initrd.gz"), "-append", "console=tty0",
            "-device", "virtio-gpu-pci,xres=1024,yres=768", *more]


USB_INPUTS = ["-device", "qemu-xhci", "-device", "usb-kbd",
              "-device", "usb-tablet", "-serial", "null", "-monitor", "none"]


def choose_german(user):
    """To the second screen, by keyboard and pointer: a language, and where it
    is spoken."""
    def chosen(y):
        """The list's line at y is the highlighted one."""
        white = b"\xff\xff\xff"
        return lambda picture: picture.width == 1024 and \
            picture.part(500, y, 1, 1) != white and \
            picture.part(500, y + 23, 1, 1) == white

    english = user.wait_for(chosen(438), 300)
    user.press("down")
    user.wait_for(chosen(461))
    user.point(60, 599)  # German
    user.click()
    user.wait_for(chosen(599))
    user.point(963, 742)  # Continue
    user.click()
    german = user.wait_for(chosen(266))  # Germany
    title = 0, 85, 300, 20
    if english.part(*title) == german.part(*title):
        raise ConsoleError("the screen is still the first")


def arm_installer_gtk(emulator, folder):
    """Debian's graphical installer, through QMP."""
    qmp = Path(folder) / "qmp"
    command = graphical_installer(
        emulator, "-nographic", *qmp_arguments(qmp),
        "-device", "virtio-keyboard-pci", "-device", "virtio-tablet-pci")
    with Console(command), User(qmp) as user:
        choose_german(user)


def arm_installer_window(emulator, folder):
    """The same in a window, with USB's keyboard and tablet."""
    command = graphical_installer(emulator, "-display", "sdl", *USB_INPUTS)
    with WindowUser() as user, Console(command, env=user.desktop.env):
        choose_german(user)


def arm_installer_vnc(emulator, folder):
    """The same through VNC."""
    path = Path(folder) / "vnc"
    command = graphical_installer(emulator, "-vnc", f"unix:{path}", *USB_INPUTS)
    with Console(command):
        wait_for_file(path)
        with VncUser(path) as user:
            choose_german(user)


def usb_arguments(disk, qmp, *storage):
    return ["-device", "qemu-xhci,id=usb", "-device", "usb-kbd",
            "-device", "usb-tablet", "-drive",
            f"file={disk},format=raw,if=none,id=stick",
            "-device", ",".join(["usb-storage,drive=stick", *storage]),
            *qmp_arguments(qmp)]


def check_events(c, device, wanted, send):
    """What evdev says after send, as 16-bit words: type, code, value."""
    c.send(f"head -c {24 * len(wanted)} /dev/input/{device} | "
           "od -An -tx2 -w24 | cut -d' ' -f10-13; echo se''en")
    time.sleep(1)
    send()
    c.wait("\n".join([*wanted, "seen"]), 30)
    c.wait(PROMPT, 30)


KEY_A = [line for down in (1, 0) for line in
         ("0004 0004 0004 0007", f"0001 001e 000{down} 0000",
          "0000 0000 0000 0000")]
PLACE = ["0003 0000 0064 0000", "0003 0001 7000 0000", "0000 0000 0000 0000"]


def usb(emulator, folder, machine=RISCV, *more):
    """Linux uses a disk, a keyboard and a tablet on USB, and one that comes
    later."""
    stick = Path(folder) / "stick.img"
    use_usb(emulator, folder, machine, usb_arguments(
        stick, Path(folder) / "qmp"), "1-1", "2-3", "5000", {}, *more)


def usb_hub(emulator, folder):
    """The same behind a hub, the disk behind another one there."""
    arguments = []
    for device in ("qemu-xhci,id=usb", "usb-hub,port=4", "usb-kbd,port=4.2",
                   "usb-tablet,port=4.8", "usb-hub,port=4.5",
                   "usb-storage,drive=stick,port=4.5.1"):
        arguments += ["-device", device]
    use_usb(emulator, folder, RISCV, [
        "-drive", f"file={folder}/stick.img,format=raw,if=none,id=stick",
        *arguments, *qmp_arguments(Path(folder) / "qmp")],
        "1-4.2", "1-4.5.1", "12", {"port": "4.1"})


def use_usb(emulator, folder, machine, arguments, keyboard, disk, speed, mouse,
            *more):
    stick, path = Path(folder) / "stick.img", Path(folder) / "qmp"
    with stick.open("wb") as f:
        f.truncate(64 << 20)
    subprocess.run(["mke2fs", "-q", "-t", "ext4", "-F", stick], check=True)
    root = need(machine.guest / "root.img")
    with Console([emulator, *machine.options, "-m", "1G", "-nographic",
                  *kernel_arguments(machine), "-drive",
                  f"file={root},format=raw,if=none,id=root,snapshot=on",
                  "-device", "virtio-blk-device,drive=root",
                  *arguments, *more]) as c, \
            User(path) as user:
        c.wait(PROMPT, 240)
        c.command_output("modprobe -a xhci-pci usb-storage sd_mod usbhid "
                         "hid-generic evdev")
        c.command_output("until test -b /dev/sda -a -e /dev/input/event1; "
                         "do sleep 0.1; done")
        expect("product", c.command_output(
            f"cat /sys/bus/usb/devices/{keyboard}/product"),
            "QEMU USB Keyboard")
        expect("speed", c.command_output(
            f"cat /sys/bus/usb/devices/{disk}/speed"), speed)
        c.command_output("mkdir /mnt && mount /dev/sda /mnt && "
                         "cp /usr/bin/openssl /mnt/a && umount /mnt && "
                         "echo 3 >/proc/sys/vm/drop_caches && "
                         "mount /dev/sda /mnt && "
                         "cmp /mnt/a /usr/bin/openssl")
        wanted = c.command_output("sha256sum </mnt/a | cut -c-64")
        c.command_output("umount /mnt")
        check_events(c, "event0", KEY_A, lambda: user.type("a"))
        check_events(c, "event1", PLACE, lambda: user.send(
            ("abs", {"axis": "x", "value": 0x64}),
            ("abs", {"axis": "y", "value": 0x7000})))
        user.qmp.run("device_add", driver="usb-mouse", id="mouse", **mouse)
        c.command_output("until test -e /dev/input/event2; "
                         "do sleep 0.1; done")
        user.qmp.run("device_del", id="mouse")
        c.command_output("until test ! -e /dev/input/event2; "
                         "do sleep 0.1; done")
        power_off(c)
    got = subprocess.run(f"debugfs -R 'cat /a' {stick} 2>/dev/null | sha256sum",
                         shell=True, check=True, capture_output=True,
                         text=True).stdout[:64]
    expect("what the disk holds", got, wanted)


def arm_usb(emulator, folder):
    """The same on four processors, with messages through the ITS."""
    usb(emulator, folder, ARM, "-M", "virt,gic-version=3", "-smp", "4")


def arm_usb_firmware(emulator, folder):
    """EDK2 starts GRUB from a disk on USB, and GRUB's keys come from there."""
    path = Path(folder) / "qmp"
    with Console([emulator, *ARM.options, "-m", "1G", "-nographic",
                  *flash_banks(folder, PEER_ROOT / "usr/share/AAVMF"),
                  *usb_arguments(grub_disk(folder), path, "bootindex=0")
                  ]) as c, User(path) as user:
        c.wait("grub> ", 100)
        user.type("echo Ok-!\n")
        c.wait(r"\nOk-!", 30)


def arm_usb_uboot(emulator, folder):
    """U-Boot reads a disk on USB, its keyboard works, and its console is on a
    screen, too."""
    firmware = PEER_ROOT / "usr/lib/u-boot/qemu_arm64/u-boot.bin"
    path = Path(folder) / "qmp"
    with Console([emulator, *ARM.options, "-m", "1G", "-nographic",
                  "-bios", need(firmware), "-device", "bochs-display",
                  *usb_arguments(grub_disk(folder), path)]) as c, \
            User(path) as user:
        c.wait("stop autoboot", 60)
        c.send("")
        c.wait("=> ", 30)
        c.send("usb reset")
        c.wait(r"1 Storage Device\(s\) found", 30)
        c.wait("=> ", 10)
        c.send("ls usb 0 EFI/BOOT")
        c.wait("(?i)bootaa64.efi", 30)
        c.wait("=> ", 10)
        c.send("setenv stdin usbkbd")
        c.wait("=> ", 10)
        user.type("cls; echo ok\n")
        c.wait(r"ok\r?\n=> ", 30)
        user.wait_for(lambda picture: [glyphs(picture, row) for row in
                                       range(4)] == ["XX", "XX", "", ""])
        expect("size", user.size, (1280, 1024))


def glyphs(picture, row):
    """Where U-Boot's screen has characters in a line of cells, 8 by 16."""
    return "".join(" " if picture.is_plain(8 * column, 16 * row, 8, 16)
                   else "X" for column in range(20)).rstrip()


def edk2_screen(emulator, folder):
    """EDK2's menus on ramfb, with a USB keyboard behind a hub."""
    qmp = Path(folder) / "qmp"
    with Console([emulator, *RISCV.options, "-m", "512M", "-nographic",
                  *riscv_flash_banks(folder), *qmp_arguments(qmp),
                  "-device", "ramfb", "-device", "qemu-xhci",
                  "-device", "usb-hub,port=1",
                  "-device", "usb-kbd,port=1.1"]) as c, User(qmp) as user:
        c.wait("Press ESCAPE", 60)
        # By the serial line: a keyboard may not have been found yet.
        os.write(c.master, b"\033")
        # The first page is grey at its top, the others have a blue title.
        user.wait_for(lambda picture: title(picture) == GREY)
        expect("size", user.size, (800, 600))
        for key in ("down", "down", "ret"):
            user.press(key)
            time.sleep(0.3)
        user.wait_for(lambda picture: title(picture) == BLUE)
        user.press("esc")
        user.wait_for(lambda picture: title(picture) == GREY)


GREY, BLUE = (0x98, 0x98, 0x98), (0, 0, 0x98)


def title(picture):
    """The colour of EDK2's title bar."""
    return tuple(picture.part(100, 32, 1, 1))


def riscv_flash_banks(folder):
    """EDK2 for RISC-V of Debian 13."""
    where = PEER_ROOT / "usr/share/qemu-efi-riscv64"
    variables = Path(folder) / "vars.fd"
    variables.write_bytes(need(where / "RISCV_VIRT_VARS.fd").read_bytes())
    return ["-drive", "if=pflash,format=raw,readonly=on,file="
            f"{where / 'RISCV_VIRT_CODE.fd'}",
            "-drive", f"if=pflash,format=raw,file={variables}"]
