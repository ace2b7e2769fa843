#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What -perfmap and -jitdump tell of a running program: perf.py ARCH PROGRAM.

PROGRAM is gdb-guest.c, compiled for ARCH; the emulator is
$CUTTLE_DIR/cuttle-system-ARCH.
"""

import os
import re
import struct
import subprocess
import sys
import tempfile
import time

from gdbstub import expect

TIMEOUT = 20
HEADER = struct.Struct("<6I2Q")
PREFIX = struct.Struct("<2IQ")
LOAD = struct.Struct("<2I4Q")
ELF_MACHINES = {"x86_64": 62, "aarch64": 183}


def command(arch, program):
    return [os.path.join(os.environ["CUTTLE_DIR"], "cuttle-system-" + arch),
            "-M", "virt", "-display", "none", "-monitor", "none",
            "-serial", "none", "-kernel", os.path.abspath(program),
            *(["-bios", "none"] if arch != "aarch64" else [])]


def read_map(path):
    """(address, size, name) of every line that is whole."""
    with open(path, encoding="utf-8") as f:
        lines = [line for line in f if line.endswith("\n")]
    found = [re.fullmatch(r"([0-9a-f]+) ([0-9a-f]+) (\S+)\n", line)
             for line in lines]
    expect(None in found, False, lines[:5])
    return [(int(m[1], 16), int(m[2], 16), m[3]) for m in found]


def code_cache(pid):
    """Where code of the code cache runs."""
    with open(f"/proc/{pid}/maps", encoding="utf-8") as f:
        for line in f:
            # perf looks for names of such memory only.
            if "/dev/zero" in line and line.split()[1][2] == "x":
                return [int(a, 16) for a in line.split()[0].split("-")]
    raise AssertionError("no code cache")


def read_dump(path, pid):
    """(address, size, name) of every record; it ends with that of the end."""
    with open(path, "rb") as f:
        data = f.read()
    head = HEADER.unpack_from(data)
    expect(head[:6], (0x4A695444, 1, HEADER.size,
                      ELF_MACHINES[os.uname().machine], 0, pid))
    at, last, found = HEADER.size, head[6], []
    while at < len(data):
        kind, size, stamp = PREFIX.unpack_from(data, at)
        expect(stamp >= last, True, "time goes on")
        last = stamp
        if kind == 3:
            expect(at + size, len(data))
            return found
        expect(kind, 0)
        body = data[at + PREFIX.size:at + size]
        owner, _, vma, address, n, index = LOAD.unpack_from(body)
        name, code = body[LOAD.size:].split(b"\0", 1)
        expect((owner, vma, index, len(code)), (pid, address, len(found), n))
        found.append((address, n, name.decode()))
        at += size
    raise AssertionError("no end")


def check_blocks(arch, blocks, cache):
    names = [name for _, _, name in blocks]
    for name in ["cuttle-enter", "cuttle-slow-load", "leaf", "main_loop",
                 "handler"]:
        expect(name in names, True, name)
    # The callee returns into the middle of the caller.
    expect(any(re.fullmatch(r"nest\+0x[0-9a-f]+", n) for n in names), True,
           names)
    # RISC-V starts in the boot ROM, which has no symbols.
    expect("guest-0x1000" in names, arch != "aarch64", names)
    end = cache[0]
    for address, size, name in sorted(blocks):
        expect(address >= end, True, name)
        end = address + size
    expect(end <= cache[1], True)


def test_files(arch, program):
    with tempfile.TemporaryDirectory() as folder:
        p = subprocess.Popen(command(arch, program) + ["-perfmap", "-jitdump"],
                             cwd=folder)
        path = f"/tmp/perf-{p.pid}.map"
        try:
            end = time.monotonic() + TIMEOUT
            blocks = []
            while "handler" not in [name for _, _, name in blocks]:
                expect(time.monotonic() < end and p.poll() is None, True, path)
                time.sleep(0.05)
                blocks = read_map(path) if os.path.exists(path) else []
            check_blocks(arch, read_map(path), code_cache(p.pid))
            p.terminate()
            expect(p.wait(TIMEOUT), 0)
            expect(read_dump(f"{folder}/jit-{p.pid}.dump", p.pid),
                   read_map(path))
        finally:
            p.kill()
            p.wait()
            if os.path.exists(path):
                os.unlink(path)


def test_refused(arch, program):
    """A folder is where the file should be; there is no code to tell of."""
    cases = [("-perfmap", "/tmp/perf-$$.map", "Is a directory"),
             ("-jitdump", "jit-$$.dump", "Is a directory"),
             ("-perfmap -accel tcg,backend=interp", "x", "interpreter")]
    for options, place, why in cases:
        with tempfile.TemporaryDirectory() as folder:
            script = f'mkdir {place}; echo {place}; exec "$@" {options}'
            r = subprocess.run(
                ["sh", "-c", script, "sh", *command(arch, program)],
                cwd=folder, capture_output=True, text=True, timeout=TIMEOUT)
            os.rmdir(os.path.join(folder, r.stdout.strip()))
            expect(r.returncode, 1, options)
            expect(bool(re.fullmatch(
                f"\\S+: {options.split()[0]}: .*{why}.*\n", r.stderr)),
                True, r.stderr)


def main():
    test_files(*sys.argv[1:])
    test_refused(*sys.argv[1:])


main()
