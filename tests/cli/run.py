#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line from outside: run.py bad-input|options|process|terminal.

Each case starts $CUTTLE_SYSTEM in an empty folder with the files it needs and
compares exit code and output. A failed start must be exactly one line that
names the program, the object and the reason.
"""

import gzip
import os
import pty
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import time
import zlib

PROGRAM = os.environ["CUTTLE_SYSTEM"]
TIMEOUT = 20
MIB = 1 << 20
# -S: nothing here needs a guest instruction.
QUIET = ["-display", "none", "-serial", "none", "-monitor", "none", "-S"]
BARE = QUIET + ["-bios", "none"]
SCREEN = BARE + ["-device", "virtio-gpu-device"]
for desktop in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"):
    os.environ.pop(desktop, None)


def elf(machine=243, bits=64, segments=((0x80000000, b"\x13\0\0\0" * 4),)):
    """A minimal executable; each segment is (address, bytes)."""
    wide = bits == 64
    ident = b"\x7fELF" + bytes([2 if wide else 1, 1, 1]) + bytes(9)
    head, entry = (64, 56) if wide else (52, 32)
    offset = head + entry * len(segments)
    if wide:
        out = ident + struct.pack("<HHIQQQIHHHHHH", 2, machine, 1,
                                  segments[0][0], head, 0, 0, head, entry,
                                  len(segments), 0, 0, 0)
    else:
        out = ident + struct.pack("<HHIIIIIHHHHHH", 2, machine, 1,
                                  segments[0][0], head, 0, 0, head, entry,
                                  len(segments), 0, 0, 0)
    body = b""
    for address, data in segments:
        at = offset + len(body)
        if wide:
            out += struct.pack("<IIQQQQQQ", 1, 5, at, address, address,
                               len(data), len(data), 4)
        else:
            out += struct.pack("<IIIIIIII", 1, at, address, address,
                               len(data), len(data), 5, 4)
        body += data
    return out + body


def image(size=4096, magic=b"RSC\x05"):
    head = bytearray(size)
    struct.pack_into("<Q", head, 16, size)
    head[48:56] = b"RISCV\0\0\0"
    head[56:60] = magic
    return bytes(head)


def pe_image(machine):
    """An Image with the PE header EFI asks for."""
    out = bytearray(image())
    out[0:2] = b"MZ"
    struct.pack_into("<I", out, 60, 64)
    out[64:68] = b"PE\0\0"
    struct.pack_into("<HHIIIHH", out, 68, machine, 1, 0, 0, 0, 0, 0)
    struct.pack_into("<II", out, 88 + 16, 2048, 2048)
    return bytes(out)


def arm_image(at, value, machine=0xAA64):
    """An arm64 Image with one word of its header changed."""
    out = bytearray(8192)
    struct.pack_into("<QQQ", out, 8, 0, 8192, 0)
    out[56:60] = b"ARM\x64"
    out[0:2] = b"MZ"
    struct.pack_into("<I", out, 60, 64)
    out[64:68] = b"PE\0\0"
    struct.pack_into("<HHIIIHH", out, 68, machine, 0, 0, 0, 0, 0, 0)
    struct.pack_into("<Q", out, at, value)
    return bytes(out)


def uimage(arch):
    """A kernel of 16 bytes for that architecture."""
    head = bytearray(64)
    struct.pack_into(">I", head, 0, 0x27051956)
    struct.pack_into(">I", head, 12, 16)
    head[28:32] = bytes([5, arch, 2, 0])
    struct.pack_into(">I", head, 4, zlib.crc32(head))
    return bytes(head) + bytes(16)


def write(name, data):
    with open(name, "wb") as f:
        f.write(data)


def make_files():
    """Everything the cases name, in the current folder."""
    write("empty", b"")
    write("image", image())
    write("image.gz", gzip.compress(image()))
    write("truncated.gz", gzip.compress(os.urandom(9000))[:5000])
    damaged = bytearray(gzip.compress(os.urandom(9000)))
    damaged[-6] ^= 0xFF
    write("damaged.gz", bytes(damaged))
    write("bomb.gz", gzip.compress(bytes(64 * MIB)))
    write("good.elf", elf())
    write("arm.elf", elf(machine=183))
    write("x86.elf", elf(machine=62))
    write("rv32.elf", elf(bits=32))
    write("truncated.elf", elf()[:-4])
    write("short.elf", elf()[:20])
    write("empty.elf", elf(segments=((0, b""),)))
    write("nowhere.elf", elf(segments=((0x40000000, b"1234"),)))
    write("huge.elf", elf(segments=((0xFFFFFFFFFFFFFFF0, b"1234" * 8),)))
    write("twice.elf", elf(segments=((0x80000000, bytes(4096)),)))
    write("arm64.image", image(magic=b"ARM\x64"))
    write("x86.efi", pe_image(0x8664))
    for name, at, value in (("arm.image", 16, 8192), ("arm-big", 16, 1 << 45),
                            ("arm-endian", 24, 1), ("arm-far", 8, 1 << 40)):
        write(name, arm_image(at, value))
    write("arm-old", arm_image(16, 0))
    write("arm-x86", arm_image(16, 8192, 0x8664))
    write("bzimage", bytes(0x202) + b"HdrS" + bytes(0x100))
    write("zimage", bytes(0x24) + struct.pack("<I", 0x016F2818) + bytes(64))
    write("uimage.arm", uimage(2))
    write("truncated.efi", pe_image(0x5064)[:3000])
    write("disk.img", bytes(MIB))
    write("odd.img", bytes(1000))
    write("uimage", b"\x27\x05\x19\x56" + bytes(60))
    write("not.dtb", b"hello, world, this is no device tree at all.")
    write("truncated.dtb", struct.pack(">II", 0xD00DFEED, 4000) + bytes(92))
    write("damaged.dtb", struct.pack(">10I", 0xD00DFEED, 96, 9999, 9999, 40,
                                     17, 16, 0, 9999, 9999) + bytes(56))
    for name, size in (("big", 256 * MIB), ("flash.img", 32 * MIB),
                       ("big.dtb", 4 * MIB)):
        with open(name, "wb") as f:
            f.truncate(size)
    with open("bank.img", "wb") as f:
        f.truncate(65 * MIB)
    make_configs()
    os.mkdir("folder")
    os.mkfifo("fifo")
    os.symlink(PROGRAM, "cuttle-system-aarch64")


CONFIG = """# a machine in a file
[machine]
  type = "virt"
  aclint = "on"

[memory]
  size = "192"
[smp-opts]
  cpus = "2"

[drive "d"]
  file = "disk.img"
  format = "raw"
  if = "none"
[device "x"]
  driver = "virtio-blk-device"
  drive = "d"
[fw_cfg "opt/x"]
  string = "a,b"
"""


def make_configs():
    write("vm.cfg", CONFIG.encode())
    for name, text in (("group", '[toaster]'), ("key", 'a = "1"'),
                       ("syntax", '[device "x"]\ndriver = rng'),
                       ("id", '[memory "x"]'), ("value", '[memory]\nsize = "x"'),
                       ("device", '[device "x"]\ndriver = "foo"'),
                       ("driver", '[device "x"]\nid = "y"'),
                       ("long", '[machine]\ntype = "' + 5000 * "x" + '"')):
        write(f"bad-{name}.cfg", text.encode())


def run(args, program=PROGRAM):
    return subprocess.run([program, *args], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=TIMEOUT, check=False, text=True)


# (arguments, what the line must hold)
BAD_INPUT = [
    # kernels
    (BARE + ["-kernel", "gone"], "kernel 'gone': No such file"),
    (BARE + ["-kernel", "empty"], "kernel 'empty': file is empty"),
    (BARE + ["-kernel", "folder"], "kernel 'folder': not a regular file"),
    (BARE + ["-kernel", "fifo"], "kernel 'fifo': not a regular file"),
    (BARE + ["-kernel", "big"], "kernel 'big': .* too large"),
    (BARE + ["-kernel", "truncated.gz"], "'truncated.gz': .*truncated"),
    (BARE + ["-kernel", "damaged.gz"], "'damaged.gz': .*damaged"),
    (BARE + ["-m", "32", "-kernel", "bomb.gz"],
     "'bomb.gz': .*unpack to more than"),
    (BARE + ["-kernel", "arm.elf"], "'arm.elf': .*AArch64.*not for RISC-V"),
    (BARE + ["-kernel", "x86.elf"], "'x86.elf': .*x86-64"),
    (BARE + ["-kernel", "rv32.elf"], "'rv32.elf': .*32-bit"),
    (BARE + ["-kernel", "truncated.elf"], "'truncated.elf': .*truncated"),
    (BARE + ["-kernel", "short.elf"], "'short.elf': .*truncated"),
    (BARE + ["-kernel", "empty.elf"], "'empty.elf': .*nothing to load"),
    (BARE + ["-kernel", "nowhere.elf"], "'nowhere.elf': .*outside|not all"),
    (BARE + ["-kernel", "huge.elf"], "'huge.elf': .*bad size"),
    (BARE + ["-kernel", "arm64.image"], "'arm64.image': .*AArch64"),
    (BARE + ["-kernel", "x86.efi"], "'x86.efi': .*EFI program for x86-64"),
    (BARE + ["-kernel", "truncated.efi"], "'truncated.efi': .*truncated"),
    (BARE + ["-kernel", "uimage"], "'uimage': .*checksum"),
    # initrd
    (BARE + ["-kernel", "image", "-initrd", "gone"], "initrd 'gone': No such"),
    (BARE + ["-kernel", "image", "-initrd", "empty"], "initrd 'empty': .*empty"),
    (BARE + ["-kernel", "image", "-initrd", "big"], "initrd 'big': .*large"),
    (BARE + ["-m", "33", "-kernel", "image", "-initrd", "flash.img"],
     "initrd 'flash.img': |device tree: .*too little RAM"),
    (BARE + ["-initrd", "image"], "-initrd only allowed with -kernel"),
    (BARE + ["-append", "x"], "-append only allowed with -kernel"),
    # firmware
    (QUIET + ["-bios", "gone"], "firmware 'gone': No such file"),
    (QUIET + ["-bios", "empty"], "firmware 'empty': .*empty"),
    (QUIET + ["-bios", "big"], "firmware 'big': .*large"),
    (QUIET + ["-bios", "x86.elf"], "firmware 'x86.elf': .*x86-64"),
    (QUIET + ["-bios", "truncated.elf"], "firmware 'truncated.elf': .*trunc"),
    (QUIET + ["-bios", "twice.elf", "-kernel", "good.elf"],
     "kernel 'good.elf': .*overlap the firmware"),
    # device trees
    (BARE + ["-dtb", "gone"], "device tree 'gone': No such"),
    (BARE + ["-dtb", "empty"], "device tree 'empty': .*empty"),
    (BARE + ["-dtb", "not.dtb"], "device tree 'not.dtb': not a device tree"),
    (BARE + ["-dtb", "truncated.dtb"], "'truncated.dtb': .*truncated"),
    (BARE + ["-dtb", "damaged.dtb"], "'damaged.dtb': .*damaged"),
    (BARE + ["-dtb", "big.dtb"], "'big.dtb': .*large"),
    (BARE + ["-M", "dumpdtb=folder/no/x"], "dumpdtb=folder/no/x: "),
    # sound
    (BARE + ["-audiodev", "none"], "-audiodev none: parameter 'id' is missing"),
    (BARE + ["-audiodev", "alsa,id=a"], "driver 'alsa' is not available"),
    (BARE + ["-audiodev", "none,id=a,out.voices=2"],
     "audiodev 'a': invalid parameter 'out.voices'"),
    (BARE + ["-audiodev", "wav,id=a,path=folder"], "cannot write to 'folder'"),
    (BARE + ["-audio", "none,model=hda"], "model 'hda' is not available"),
    (BARE + ["-device", "virtio-sound-pci,audiodev=a"],
     "'a' is no ID of an audiodev"),
    # disks and flash
    (BARE + ["-drive", "file=gone,format=raw"], "gone"),
    (BARE + ["-drive", "file=empty,format=raw,if=none,id=x",
             "-device", "virtio-blk-pci,drive=x"], "empty|x"),
    (BARE + ["-drive", "file=folder,format=raw"], "folder"),
    (BARE + ["-drive", "if=pflash,format=raw,file=disk.img"], "bytes, but the flash has"),
    (BARE + ["-pflash", "flash.img", "-pflash", "flash.img",
             "-pflash", "flash.img"], "flash"),
    (BARE + ["-device", "virtio-blk-pci,drive=nobody"], "nobody"),
    (BARE + ["-drive", "file=disk.img,format=wrong"], "wrong"),
    (BARE + ["-drive", "file=disk.img,colour=red"], "colour"),
    (BARE + ["-drive", "if=ide,file=disk.img"], "ide"),
    # RAM
    (BARE + ["-m", "0"], "-m 0: "),
    (BARE + ["-m", "1K", "-kernel", "image"], "-m 1K: "),
    (BARE + ["-m", "4K", "-kernel", "good.elf"], "device tree: .*RAM"),
    (BARE + ["-m", "9999999T"], "-m"),
    (BARE + ["-m", "lots"], "-m lots: "),
    (QUIET + ["-m", "64K"], "firmware '.*fw_dynamic.bin': .*too large"),
    # unknown names
    (["-M", "toaster"], "-M toaster: unsupported machine type 'toaster'"),
    (BARE + ["-M", "virt,colour=red"], "colour"),
    (BARE + ["-M", "virt,aia=aplic"], "aia"),
    (BARE + ["-M", "virt,aclint=maybe"], "aclint"),
    (BARE + ["-cpu", "pentium"], "-cpu pentium: .*pentium"),
    (BARE + ["-cpu", "rv64,colour=on"], "-cpu rv64,colour=on: .*colour"),
    (BARE + ["-device", "foo"],
     "-device foo: 'foo' is not a valid device model name"),
    (BARE + ["-device", "riscv.sifive.plic"], "riscv.sifive.plic"),
    (BARE + ["-device", "virtio-rng-pci,colour=red"], "colour"),
    (BARE + ["-device", "virtio-rng-pci,bus=usb.0"], "usb.0"),
    (BARE + ["-device", "virtio-rng-pci,addr=zz"], "zz"),
    (BARE + ["-usb", "-device", "usb-kbd"],
     "no 'usb-bus' bus found for device 'usb-kbd'"),
    (BARE + ["-device", "qemu-xhci,id=x", "-device", "usb-kbd,bus=y.0"],
     "no 'y.0' bus"),
    (BARE + ["-device", "qemu-xhci", "-device", "usb-kbd,port=5"],
     "usb port 5 not found"),
    (BARE + ["-device", "qemu-xhci", "-device", "usb-kbd,port=1.2"],
     "usb port 1.2 not found"),
    (BARE + ["-device", "qemu-xhci"] + 5 * ["-device", "usb-mouse"],
     "all ports .* are taken"),
    (BARE + ["-device", "qemu-xhci,p2=16"], "p2=16"),
    (BARE + ["-device", "qemu-xhci", "-device", "usb-storage"],
     "drive is missing"),
    (BARE + ["-device", "virtio-rng-device,bus=virtio-mmio-bus.9"],
     "virtio-mmio-bus.9"),
    (BARE + 9 * ["-device", "virtio-rng-device"], "no virtio-mmio slot"),
    (BARE + 2 * ["-device", "virtio-rng-device,id=a"], "duplicate ID 'a'"),
    (BARE + ["-device", "virtconsole"], "virtconsole"),
    (BARE + ["-device", "virtio-net-pci,bootindex=2,id=a",
             "-device", "virtio-net-device,bootindex=2"],
     "bootindex 2 is taken by 'a'"),
    (BARE + ["-global", "foo.bar=1"], "-global foo.bar=1: .*foo"),
    (BARE + ["-global", "virtio-mmio.bar=1"], "-global .*bar"),
    (BARE + ["-object", "teapot,id=x"], "teapot"),
    (BARE + ["-object", "rng-builtin"], "id"),
    (BARE + ["-object", "secret,id=s"], "secret 's': .*must be provided"),
    (BARE + ["-object", "tls-creds-x509,id=t,endpoint=server,dir=/nix"],
     "tls-creds-x509 't': cannot read '/nix/ca-cert.pem'"),
    (BARE + ["-chardev", "socket,id=c,path=x,server=on,tls-creds=t"],
     "'tls-creds' is for TCP only"),
    (BARE + ["-chardev", "socket,id=c,port=0,server=on,tls-creds=t"],
     "no TLS credentials with id 't'"),
    (BARE + ["-netdev", "pigeon,id=x"], "pigeon"),
    (BARE + 2 * ["-netdev", "user,id=n"], "-netdev .*Duplicate ID 'n'"),
    (BARE + 2 * ["-chardev", "null,id=c"], "-chardev .*id 'c' already"),
    (BARE + 2 * ["-object", "rng-builtin,id=r"], "-object .*duplicate .*'r'"),
    (BARE + ["-chardev", "pigeon,id=x"], "pigeon"),
    (BARE + ["-serial", "pigeon"], "-serial pigeon: "),
    (BARE + ["-accel", "kvm"], "-accel kvm: .*kvm"),
    (BARE + ["-smp", "0"], "-smp 0: "),
    (BARE + ["-smp", "9"], "-smp 9: "),
    (BARE + ["-smp", "4,cores=3"], "-smp 4,cores=3: "),
    (BARE + ["-frobnicate"], "-frobnicate: invalid option"),
    (BARE + ["-kernel"], "-kernel: requires an argument"),
    (BARE + ["-gdb", "nope"], "-gdb nope: .*'nope' is not available"),
    (BARE + ["-gdb", "tcp::65536"], "-gdb tcp::65536: .*address '.*:65536': "),
    (BARE + ["-monitor", "nope"], "-monitor nope: .*'nope' is not available"),
    (BARE + ["-qmp", "unix:/no/folder,server=on,wait=off"],
     "-qmp .*: cannot listen on /no/folder: No such file"),
    (BARE + ["-mon", "chardev=zz"], "-mon chardev=zz: .*no -chardev 'zz'"),
    (BARE + ["-mon", "mode=control"], "'chardev' is missing"),
    (BARE + ["-chardev", "null,id=c", "-mon", "c,mode=x"],
     "-mon c,mode=x: .*'mode'"),
    (BARE + ["-qmp", "stdio", "-monitor", "stdio"],
     "-monitor stdio: .*stdio is already used"),
    (BARE + ["-display", "gtk"], "-display gtk: .*no display 'gtk'"),
    (BARE + ["-display", "sdl"], "-display sdl: the machine has no screen"),
    (SCREEN + ["-display", "sdl"], "-display sdl: no desktop to open a window"),
    (SCREEN + ["-display", "sdl,gl=on"], "-display sdl: gl=on is not supp"),
    (SCREEN + ["-display", "sdl,grab-mod=x"], "-display sdl: .*'grab-mod'"),
    (SCREEN + ["-display", "sdl,x=1"], "-display sdl: invalid parameter 'x'"),
    (BARE + ["-k", "de"], "-k: .*not supported"),
    (BARE + ["-rtc", "base=tomorrow"], "-rtc base=tomorrow: "),
    (BARE + ["-uuid", "x"], "-uuid x: "),
    (BARE + ["-d", "everything"], "-d everything: .*everything"),
    (BARE + ["-trace", "events=nosuch"], "-trace events=nosuch: .*'nosuch'"),
    (BARE + ["-trace", "format=csv"], "-trace format=csv: .*'csv'"),
    (BARE + ["-trace", "limit=x"], "-trace limit=x: .*'limit'"),
    (BARE + ["-trace", "x,y=z"], "-trace x,y=z: .*invalid parameter 'y'"),
    (BARE + ["-trace", "v*,file=folder/no/t"], "-trace: trace file 'folder/no/"
     "t': No such file"),
    (BARE + ["-trace", "v*,file=folder,format=binary"], "-trace: .*directory"),
    (BARE + ["-action", "reboot=never"], "-action reboot=never: "),
    # JSON
    (BARE + ["-device", '{"driver":"virtio-rng-pci"'], "-device .*: JSON: "),
    (BARE + ["-device", '{"driver":"foo"}'], "-device .*'foo' is not a valid"),
    (BARE + ["-device", '{"id":"a"}'], "'driver' is missing"),
    (BARE + ["-device", '{"driver":"virtio-rng-pci","addr":null}'],
     "'addr' is null"),
    (BARE + ["-netdev", '{"type":"user","id":"n","colour":1}'], "'colour'"),
    (BARE + ["-netdev", '{"type":"user"}'], "'id' is missing"),
    (BARE + ["-blockdev", '{"driver":"file","filename":"gone",'
             '"node-name":"x"}'], "-blockdev .*'gone'.*No such file"),
    (BARE + ["-object", '{"qom-type":"teapot","id":"x"}'], "teapot"),
    # configuration files, changes
    (BARE + ["-readconfig", "gone"], "-readconfig gone: No such file"),
    (BARE + ["-readconfig", "folder"], "-readconfig folder: .*directory"),
    (BARE + ["-readconfig", "bad-group.cfg"], "line 1: .*group 'toaster'"),
    (BARE + ["-readconfig", "bad-key.cfg"], "line 1: no group before"),
    (BARE + ["-readconfig", "bad-syntax.cfg"], "line 2: neither"),
    (BARE + ["-readconfig", "bad-id.cfg"], "line 1: group 'memory' has no"),
    (BARE + ["-readconfig", "bad-value.cfg"], "line 2: -m size=x: "),
    (BARE + ["-readconfig", "bad-device.cfg"], "-device id=x,driver=foo: "),
    (BARE + ["-readconfig", "bad-driver.cfg"], "'driver' is missing"),
    (BARE + ["-readconfig", "bad-long.cfg"], "line 2: too long"),
    (BARE + ["-set", "foo"], "-set foo: not GROUP.ID.KEY=VALUE"),
    (BARE + ["-set", "a.b.c=1"], "-set a.b.c=1: .*group 'a'"),
    (BARE + ["-set", "memory.b.c=1"], "there is no memory 'b'"),
    (BARE + ["-set", "device.x.addr=5", "-device", "virtio-rng-pci,id=x"],
     "there is no device 'x' before it"),
    (BARE + ["-device", "virtio-rng-pci,id=x", "-set", "device.x.colour=5"],
     "colour"),
    # loader
    (BARE + ["-device", "loader,file=gone"], "loader file 'gone': No such"),
    (BARE + ["-device", "loader,file=image"], "'image': a raw file needs addr"),
    (BARE + ["-device", "loader,file=image,addr=0x7ffffffff000"], "not all"),
    (BARE + ["-device", "loader,data=1,addr=0x80000000"], "data-len"),
    (BARE + ["-device", "loader,data=1,data-len=4,addr=0"], "no memory"),
    (BARE + ["-device", "loader,addr=0,cpu-num=1"], "cpu-num"),
    (BARE + ["-device", "loader,file=arm.elf"], "'arm.elf': .*AArch64"),
    # places that cannot be written
    (BARE + ["-D", "folder/no/log"], "-D folder/no/log: "),
    (BARE + ["-pidfile", "folder/no/pid"], "-pidfile .*folder/no/pid: "),
    (BARE + ["-serial", "file:folder/no/out"], "folder/no/out"),
    (BARE + ["-fw_cfg", "name=opt/x,file=gone"], "gone"),
    (BARE + ["-fw_cfg", "name=opt/x"], "-fw_cfg name=opt/x: "),
]

# (arguments, what standard output must hold)
HELP = [
    (["-help"], r"usage: (.|\n)*-kernel FILE"),
    (["--help"], "-nographic"),
    (["-h"], "-append"),
    (["-version"], r"version \d"),
    (["--version"], r"version \d"),
    (["-M", "help"], r"^virt .*default"),
    (["-machine", "virt,help"], "aclint"),
    (["-cpu", "help"], "rv64"),
    (["-device", "help"], r'name "loader"(.|\n)*name "virtio-blk-pci"'),
    (["-device", "virtio-blk-device,help"], "drive"),
    (["-device", "loader,help"], "cpu-num"),
    (["-accel", "help"], "tcg"),
    (["-netdev", "help"], "user"),
    (["-chardev", "help"], r"stdio\n  vc"),
    (["-object", "help"], "rng-random"),
    (["-display", "help"], r"(sdl\n)?(curses\n)?none\nvnc"),
    (["-d", "help"], "in_asm"),
    (["-L", "help"], "opensbi"),
    (["-trace", "help"], "^virtqueue_pop device queue head "),
]

# Accepted as they are: these build a machine and dump its device tree.
ACCEPTED = [
    [],
    ["-M", "virt", "-cpu", "rv64", "-smp", "4", "-m", "1G"],
    ["-machine", "type=virt,acpi=off,graphics=off", "-smp",
     "cpus=2,sockets=1,cores=2,threads=1"],
    ["-M", "virt,aclint=on,aia=none"],
    ["-m", "size=256M"],
    ["-accel", "kvm", "-accel", "tcg"],
    ["-machine", "accel=kvm:tcg"],
    ["-kernel", "image", "-append", "console=ttyS0", "-initrd", "disk.img"],
    ["-kernel", "image.gz"],
    ["-kernel", "good.elf"],
    ["-nodefaults", "-no-user-config", "-name", "guest=x,debug-threads=on",
     "-uuid", "12345678-1234-1234-1234-123456789abc", "-boot", "strict=on",
     "-rtc", "base=utc", "-no-reboot", "-no-shutdown"],
    ["-rtc", "base=2006-06-17T16:01:21,clock=host"],
    ["-drive", "file=disk.img,format=raw,if=none,id=d,readonly=on",
     "-device", "virtio-blk-device,drive=d", "-device", "virtio-rng-pci"],
    ["-drive", "file=disk.img,format=raw,if=virtio,cache=none"],
    ["-blockdev", "driver=file,filename=disk.img,node-name=d",
     "-device", "virtio-blk-pci,drive=d,bus=pcie.0,addr=0x5"],
    ["-snapshot", "disk.img"],
    ["-pflash", "flash.img"],
    ["-blockdev", "driver=raw,node-name=p,file.driver=file,"
     "file.filename=flash.img", "-M", "virt,pflash0=p"],
    ["-blockdev", "driver=file,node-name=f,filename=flash.img,read-only=on",
     "-blockdev", "driver=raw,node-name=p,file=f,read-only=on",
     "-device", "virtio-blk-pci,drive=p"],
    ["-netdev", "user,id=n", "-device", "virtio-net-device,netdev=n"],
    ["-nic", "user,model=virtio-net-pci,mac=52:54:00:12:34:56"],
    ["-nic", "none"], ["-net", "none"],
    ["-audiodev", "wav,id=a,path=sound.wav,out.frequency=48000,in.channels=1",
     "-device", "virtio-sound-pci,audiodev=a,streams=4"],
    ["-audiodev", '{"driver":"none","id":"a","out":{"fixed-settings":true,'
     '"channels":1}}', "-device", "virtio-sound-device,audiodev=a"],
    ["-audio", "none,model=virtio"],
    ["-audio", "driver=none", "-device", "virtio-sound-pci"],
    ["-object", "rng-random,filename=/dev/urandom,id=r",
     "-device", "virtio-rng-device,rng=r"],
    ["-global", "virtio-mmio.force-legacy=false"],
    ["-global", "driver=virtio-mmio,property=force-legacy,value=off"],
    ["-device", "loader,file=image,addr=0x80100000,force-raw=on",
     "-device", "loader,data=0x1234,data-len=8,addr=0x80000000"],
    ["-device", "virtio-serial-device,id=s", "-chardev", "null,id=c",
     "-device", "virtconsole,chardev=c,bus=s.0"],
    ["-fw_cfg", "name=opt/a,string=b", "-fw_cfg", "opt/c,file=disk.img"],
    ["-action", "reboot=shutdown,shutdown=poweroff,panic=none"],
    ["-vga", "none", "-parallel", "none", "-vnc", "none"],
    # JSON, as management tools write it
    ["-netdev", '{"type":"user","id":"n","restrict":true,'
     '"hostfwd":[{"str":"tcp:127.0.0.1:0-:22"},{"str":"tcp::0-:80"}]}',
     "-device", '{"driver":"virtio-net-pci","netdev":"n","id":"net0",'
     '"mac":"52:54:00:12:34:56","bus":"pcie.0","addr":"0x4"}'],
    ["-blockdev", '{"driver":"file","filename":"disk.img","node-name":"s",'
     '"auto-read-only":true,"discard":"unmap","cache":{"direct":false}}',
     "-blockdev", '{"node-name":"f","read-only":false,"driver":"raw",'
     '"file":"s"}',
     "-device", "{'driver':'virtio-blk-pci','drive':'f','bootindex':1}"],
    ["-netdev", '{"type":"stream","id":"n","server":true,"addr":'
     '{"type":"unix","path":"net.socket"}}', "-device",
     "virtio-net-pci,netdev=n"],
    ["-object", '{"qom-type":"rng-random","id":"r",'
     '"filename":"/dev/urandom"}', "-device", "virtio-rng-pci,rng=r"],
    ["-device", '{"driver":"loader","file":"image","addr":2148532224,'
     '"force-raw":true}'],
]


# Two ways to say the same: both must make one device tree.
SAME = [
    (["-readconfig", "vm.cfg"],
     ["-M", "virt,aclint=on", "-m", "192", "-smp", "2", "-drive",
      "file=disk.img,format=raw,if=none,id=d", "-device",
      "virtio-blk-device,id=x,drive=d", "-fw_cfg", "opt/x,string=a,,b"]),
    (["-m", "1G", "-readconfig", "vm.cfg", "-m", "192M", "-no-reboot"],
     ["-M", "virt,aclint=on", "-m", "192", "-smp", "2"]),
    (["-drive", "file=disk.img,format=raw,if=none,id=d", "-device",
      "virtio-blk-device,id=x,drive=gone", "-set", "device.x.drive=d"], []),
    (["-netdev", "user,id=n", "-set", "netdev.n.hostfwd=tcp::0-:22"], []),
    (["-chardev", "file,id=c,path=folder/no/out", "-set",
      "chardev.c.path=set.out"], []),
]


class Failures(list):
    def check(self, ok, args, why):
        if not ok:
            self.append(f"{' '.join(args)}\n    {why}")


def check_bad(failures, args, want, program=PROGRAM):
    try:
        r = run(args, program)
    except subprocess.TimeoutExpired:
        failures.check(False, args, "did not end")
        return
    lines = r.stderr.splitlines()
    name = os.path.basename(program)
    failures.check(r.returncode == 1, args, f"exit code {r.returncode}")
    failures.check(len(lines) == 1 and lines[0].startswith(name + ": "), args,
                   f"not one line: {r.stderr!r}")
    failures.check(re.search(want, r.stderr), args,
                   f"'{want}' not in {r.stderr!r}")
    failures.check(r.stdout == "", args, f"standard output: {r.stdout!r}")


# The same for a guest of another architecture.
ARM_INPUT = [
    (["-kernel", "image"], "'image': .*RISC-V, not for AArch64"),
    (["-kernel", "good.elf"], "'good.elf': .*RISC-V .*not for AArch64"),
    (["-M", "virt,gic-version=2", "-smp", "9"], "at most 8 .*gic-version=3"),
    (["-smp", "65"], "65.*64"),
    (["-M", "virt,gic-version=4"], "gic-version=4: .*nearest is 3"),
    (["-M", "virt,gic-version=host"], "gic-version=host: .*KVM"),
    (["-M", "virt,gic-version=5"], "gic-version.*expected 2, 3, max$"),
    (["-kernel", "arm-big"], "'arm-big': .*size of 0x.* impossible"),
    (["-kernel", "arm-endian"], "'arm-endian': .*big-endian"),
    (["-kernel", "arm-x86"], "'arm-x86': .*x86-64 .*not for AArch64"),
    (["-kernel", "arm-far"], "'arm-far': .*not all inside"),
    (["-kernel", "bzimage"], "'bzimage': .*bzImage for x86, not for AArch64"),
    (["-kernel", "zimage"], "'zimage': .*32-bit Arm, not for AArch64"),
    (["-kernel", "uimage.arm"], "'uimage.arm': .*for Arm .2., not for AArch64"),
    (["-m", "8M", "-kernel", "arm.image", "-initrd", "flash.img"],
     "initrd 'flash.img': .*too large|fit into RAM"),
    (["-M", "virt,iommu=smmuv3"], "iommu=smmuv3 .*not supported"),
    (["-M", "virt,mte=on"], "mte=on .*not supported"),
    (["-m", "256G"], "at most 255"),
    (["-M", "virt,highmem=off", "-m", "4G"], "at most 3"),
    (["-bios", "bank.img"], "'bank.img': .*too large, .*64"),
    (["-drive", "if=pflash,format=raw,file=flash.img"],
     "has 33554432 bytes, but the flash has 67108864"),
    (["-drive", "if=pflash,format=raw,file=bank.img"],
     "has 68157440 bytes, but the flash has 67108864"),
    (["-device", "guest-loader,kernel=image"], "guest-loader: .*addr"),
    (["-device", "guest-loader,addr=0x48000000"], "kernel or initrd"),
    (["-semihosting-config", "target=lldb"], "target"),
    (["-semihosting-config", "on,colour=red"], "colour"),
    (["-semihosting-config", "chardev=nobody"], "no -chardev 'nobody'"),
    (["-chardev", "null,id=c", "-serial", "chardev:c", "-semihosting-config",
      "chardev=c"], "device 'c': in use"),
]


def test_bad_input(failures):
    for args, want in BAD_INPUT:
        check_bad(failures, args, want)
    for args, want in ARM_INPUT:
        check_bad(failures, QUIET + args, want,
                  os.path.abspath("cuttle-system-aarch64"))
    test_old_kernel(failures)
    narrow = PROGRAM + "-riscv32"
    if os.path.exists(narrow):
        check_bad(failures, BARE + ["-kernel", "good.elf"],
                  "'good.elf': .*64-bit", narrow)
    failures.check(not os.path.exists("folder/no"), [], "something written")
    test_busy_port(failures)
    return len(BAD_INPUT) + len(ARM_INPUT) + 4


def test_old_kernel(failures):
    """Accepted, but named."""
    args = ["-kernel", "arm-old", "-M", "dumpdtb=old.dtb"]
    r = run(QUIET + args, os.path.abspath("cuttle-system-aarch64"))
    failures.check(r.returncode == 0 and os.path.exists("old.dtb"), args,
                   f"code {r.returncode}")
    failures.check(re.search("^.*: warning: kernel 'arm-old': its header is "
                             "too old .* at 0x40080000$", r.stderr), args,
                   f"no warning: {r.stderr!r}")


def test_busy_port(failures):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen()
        port = s.getsockname()[1]
        check_bad(failures,
                  QUIET[:2] + ["-monitor", "none", "-S", "-bios", "none",
                               "-serial", f"tcp:127.0.0.1:{port},server=on"],
                  "in use|busy")
        check_bad(failures,
                  BARE + ["-nic", f"user,hostfwd=tcp:127.0.0.1:{port}-:22"],
                  f"{port}")


def test_options(failures):
    for args, want in HELP:
        r = run(args)
        failures.check(r.returncode == 0 and r.stderr == "", args,
                       f"code {r.returncode}, {r.stderr!r}")
        failures.check(re.search(want, r.stdout, re.M), args,
                       f"'{want}' not printed: {r.stdout[:300]!r}")
    for args in ACCEPTED:
        args = BARE + args + ["-M", "dumpdtb=out.dtb"]
        r = run(args)
        failures.check(r.returncode == 0 and os.path.exists("out.dtb"), args,
                       f"code {r.returncode}, {r.stderr!r}")
        if os.path.exists("out.dtb"):
            os.unlink("out.dtb")
    return len(HELP) + len(ACCEPTED) + test_same(failures)


def device_tree(failures, args):
    args = BARE + args + ["-seed", "1", "-M", "dumpdtb=out.dtb"]
    r = run(args)
    failures.check(r.returncode == 0, args, f"{r.returncode}, {r.stderr!r}")
    if r.returncode != 0:
        return None
    with open("out.dtb", "rb") as f:
        tree = f.read()
    os.unlink("out.dtb")
    return tree


def test_same(failures):
    for args, others in SAME:
        failures.check(device_tree(failures, args) ==
                       device_tree(failures, others), args,
                       f"another machine than {' '.join(others)}")
    failures.check(os.path.exists("set.out"), ["-set"], "no set.out")
    return len(SAME)


def wait_for(condition):
    end = time.monotonic() + TIMEOUT
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def test_signals(failures):
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        args = BARE + ["-pidfile", "pid"]
        p = subprocess.Popen([PROGRAM, *args], stdin=subprocess.DEVNULL,
                             stderr=subprocess.PIPE, text=True)
        started = wait_for(lambda: os.path.exists("pid") and
                           os.path.getsize("pid") > 0)
        failures.check(started, args, "no pidfile")
        if started:
            with open("pid") as f:
                failures.check(int(f.read()) == p.pid, args, "another pid")
        p.send_signal(number)
        try:
            _, errors = p.communicate(timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            p.kill()
            _, errors = p.communicate()
        want = f"terminating on signal {int(number)} from pid {os.getpid()}"
        failures.check(p.returncode == 0, args, f"exit code {p.returncode}")
        failures.check(want in errors, args, f"'{want}' not in {errors!r}")
        failures.check(not os.path.exists("pid"), args, "pidfile left")


def test_daemon(failures):
    args = BARE + ["-daemonize", "-pidfile", "daemon.pid"]
    r = run(args)
    failures.check(r.returncode == 0 and r.stderr == "", args,
                   f"code {r.returncode}, {r.stderr!r}")
    with open("daemon.pid") as f:
        pid = int(f.read())
    check_bad(failures, BARE + ["-pidfile", "daemon.pid"],
              "-pidfile .*another process")
    os.kill(pid, signal.SIGTERM)
    failures.check(wait_for(lambda: not os.path.exists("daemon.pid")), args,
                   "pidfile left")
    check_bad(failures, BARE + ["-daemonize", "-kernel", "gone"],
              "kernel 'gone'")
    check_bad(failures, ["-daemonize", "-nographic"], "-nographic")
    check_bad(failures, ["-daemonize", "-bios", "none", "-serial", "stdio"],
              "-serial stdio: ")


# RV64: echoes what semihosting's SYS_READC reads by SYS_WRITEC; ends with the
# code of 'q' when that comes, with 1 at the end of the input.
ECHO = struct.pack(
    "<28I",
    0x00000497,  # auipc s1, 0
    0x00700513,  # loop: li a0, SYS_READC
    0x048000EF,  # jal call
    0x02054263,  # bltz a0, end
    0x07048593,  # addi a1, s1, character
    0x00A58023,  # sb a0, 0(a1)
    0x00050413,  # mv s0, a0
    0x00300513,  # li a0, SYS_WRITEC
    0x030000EF,  # jal call
    0x07100293,  # li t0, 'q'
    0xFC541EE3,  # bne s0, t0, loop
    0x0080006F,  # j exit
    0x00100413,  # end: li s0, 1
    0x06048593,  # exit: addi a1, s1, block
    0x0085B423,  # sd s0, 8(a1)
    0x01800513,  # li a0, SYS_EXIT
    0x010000EF,  # jal call
    0xFF1FF06F,  # j exit
    0x00000013, 0x00000013,
    0x01F01013,  # call: slli x0, x0, 0x1f
    0x00100073,  # ebreak
    0x40705013,  # srai x0, x0, 7
    0x00008067,  # ret
    0x00020026,  # block: ADP_Stopped_ApplicationExit and the code
    0, 0, 0)


def start_echo(backend, *more):
    args = ["-display", "none", "-serial", "none", "-monitor", "none",
            "-bios", "none", "-accel", f"tcg,backend={backend}",
            "-kernel", "echo.elf", *more]
    return args, subprocess.Popen([PROGRAM, *args], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL)


def end_echo(failures, args, p, want, data=None):
    try:
        out, _ = p.communicate(data, timeout=TIMEOUT)
        failures.check((out, p.returncode) == want, args,
                       f"{(out, p.returncode)} instead of {want}")
    except subprocess.TimeoutExpired:
        p.kill()
        failures.check(False, args, "did not end")


def test_semihosting(failures):
    """The console: this process's streams, a device, and waiting for it."""
    write("echo.elf", elf(segments=((0x80000000, ECHO),)))
    for backend in ("jit", "interp"):
        args, p = start_echo(backend, "-semihosting")
        p.stdin.write(b"hal")
        p.stdin.flush()
        failures.check(os.read(p.stdout.fileno(), 1) == b"h", args,
                       "no answer while the input is open")
        end_echo(failures, args, p, (b"alloq", ord("q")), b"loq")
        args, p = start_echo(backend, "-semihosting")
        end_echo(failures, args, p, (b"x", 1), b"x")
        args, p = start_echo(backend, "-semihosting-config", "target=gdb")
        end_echo(failures, args, p, (b"", 1))  # there is no debugger
        args, p = start_echo(backend, "-semihosting")
        time.sleep(0.3)  # it waits for input now; it may be stopped then
        p.send_signal(signal.SIGTERM)
        end_echo(failures, args, p, (b"", 0))
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            s.listen()
            s.settimeout(TIMEOUT)
            args, p = start_echo(
                backend, "-chardev", "socket,id=c,host=127.0.0.1,port="
                f"{s.getsockname()[1]}", "-semihosting-config", "chardev=c")
            peer, _ = s.accept()
            with peer:
                peer.settimeout(TIMEOUT)
                peer.sendall(b"x" * 1000)  # more than is kept at once
                got = b""
                while len(got) < 1000:
                    got += peer.recv(1000)
                failures.check(got == b"x" * 1000, args, "another echo")
                peer.sendall(b"q")
                end_echo(failures, args, p, (b"", ord("q")))


def test_process(failures):
    test_signals(failures)
    test_daemon(failures)
    test_semihosting(failures)
    return 16


def run_on_terminal(end, extra=()):
    """Starts on a pty, calls end(pty, process); settings before, during and
    after, the output and the exit code."""
    ours, theirs = pty.openpty()
    before = termios.tcgetattr(theirs)
    p = subprocess.Popen([PROGRAM, "-nographic", "-S", "-bios", "none",
                          *extra], stdin=theirs, stdout=theirs, stderr=theirs,
                         start_new_session=True)
    wait_for(lambda: termios.tcgetattr(theirs) != before
             or p.poll() is not None)
    during = termios.tcgetattr(theirs)
    end(ours, p)
    try:
        code = p.wait(timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        p.kill()
        code = None
    after = termios.tcgetattr(theirs)
    os.set_blocking(ours, False)
    try:
        output = os.read(ours, 1 << 16).decode(errors="replace")
    except BlockingIOError:
        output = ""
    os.close(ours)
    os.close(theirs)
    return before, during, after, output, code


def test_terminal(failures):
    def keys(text):
        return lambda tty, p: os.write(tty, text)

    def sends(number):
        return lambda tty, p: p.send_signal(number)

    # Under a sanitizer the last handler reports and aborts.
    segv = [-signal.SIGSEGV]
    if "ASAN_OPTIONS" in os.environ:
        segv.append(-signal.SIGABRT)
    cases = [
        ("Ctrl-A x", keys(b"\x01x"), [0]),
        ("Ctrl-A h, Ctrl-A x", keys(b"\x01h\x01x"), [0]),
        ("SIGTERM", sends(signal.SIGTERM), [0]),
        ("SIGHUP", sends(signal.SIGHUP), [0]),
        ("SIGSEGV", sends(signal.SIGSEGV), segv),
        ("SIGABRT", sends(signal.SIGABRT), [-signal.SIGABRT]),
    ]
    for name, end, codes in cases:
        before, during, after, output, code = run_on_terminal(end)
        failures.check(during != before, [name], "terminal not made raw")
        failures.check(after == before, [name], "terminal not restored")
        failures.check(code in codes, [name], f"exit code {code}: {output!r}")
    before, _, after, output, code = run_on_terminal(
        lambda tty, p: None, ["-device", "foo"])
    failures.check(after == before and code == 1, ["bad device"],
                   f"code {code}, restored: {after == before}, {output!r}")
    return len(cases) + 1


def main():
    tests = {"bad-input": test_bad_input, "options": test_options,
             "process": test_process, "terminal": test_terminal}
    failures = Failures()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        make_files()
        count = tests[sys.argv[1]](failures)
        os.chdir("/")
    for failure in failures:
        print(f"FAILED: {failure}")
    print(f"{count} cases, {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
