#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Plugins on the programs beside this file: run.py NAME ARCH PROGRAM FOLDER.

A function test_NAME below; FOLDER has the test's own plugins, $CUTTLE_PLUGINS
the examples, $CUTTLE_DIR the emulators.
"""

import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile

TIMEOUT = 30
BACKENDS = ["backend=jit", "backend=interp", "backend=jit,one-insn-per-tb=on"]

# What riscv.S and aarch64.S say of themselves.
INSNS = {"counted_loop": 3002, "early_exit": 44, "skips_fault": 6,
         "repeats_fault": 9, "handler": 14}
INSNS_OF = {
    "aarch64": {**INSNS, "early_exit": 54, "user": 5, "user_code": 7,
                "user_end": 6},
    "riscv64": {**INSNS, "floats": 7},
    "riscv32": {**INSNS, "floats": 7},
}


# For Arm, for RISC-V: kind, size, offset, value.
BOTH = ["store 4 0xff8 0x12345678", "load 2 0xffa 0x1234",
        "load 1 0xff8 0x78", "store 4 0xffe 0x12345678",
        "load 4 0xffe 0x12345678", "load 4 0xff8 0x12345678",
        "store 4 0xff8 0x2468acf0", "load 4 0xff8 0x2468acf0",
        "store 4 0xff8 0x2468acf0", "load 4 0xff8 0x2468acf0",
        "store 4 0xff8 0x12345678"]
ACCESSES = [
    [*BOTH, "load 4 0xff8 0x12345678", "store 4 0xff8 0x0",
     "load 4 0xff8 0x0", "store 16 0xff0 0x12345678 more",
     "store 4 0xffc 0x12345678",
     "store 16 0xff8 0x1111111111111111 more",
     "load 16 0xff8 0x1111111111111111 more",
     "load 16 0xff0 0x12345678 more", "store 64 0xfc0 0x0 unknown"],
    [*BOTH, "store 4 0xffc 0x12345678", "load 4 0xffc 0x12345678",
     "store 8 0xff8 0x0", "load 8 0xff8 0x0"],
]


def expect(got, wanted, what=""):
    if got != wanted:
        raise AssertionError(f"{what}: {got!r}, not {wanted!r}")


def run(arch, program, *options, code=0):
    """The log of a run until the machine ends."""
    command = [os.path.join(os.environ["CUTTLE_DIR"], "cuttle-system-" + arch),
               "-M", "virt", "-display", "none", "-monitor", "none",
               "-serial", "none", "-kernel", program, *options]
    command += ["-cpu", "max"] if arch == "aarch64" else ["-bios", "none"]
    r = subprocess.run(command, capture_output=True, text=True,
                       timeout=TIMEOUT)
    expect(r.returncode, code, r.stderr)
    return r.stderr


def example(name):
    return os.path.join(os.environ["CUTTLE_PLUGINS"], name + ".so")


def test_counts(arch, program, folder):
    """Exact, however the code runs and with faults in the middle of blocks."""
    for backend in BACKENDS:
        for option in ("off", "on"):
            out = run(arch, program, "-accel", "tcg," + backend, "-plugin",
                      f"{folder}/probe.so,registers={option}")
            found = dict(re.findall(r"^insns (\w+) (\d+ \d+)$", out, re.M))
            for name, n in INSNS_OF[arch].items():
                expect(found.get(name), f"{n} {n}", f"{backend}: {name}")


def probe(arch, program, folder, registers="off"):
    """What probe.c prints, by each back end."""
    for backend in BACKENDS:
        yield backend, run(arch, program, "-accel", "tcg," + backend,
                           "-plugin",
                           f"{folder}/probe.so,registers={registers}")


def test_accesses(arch, program, folder):
    """Every one that was made, with its value, and no other."""
    for registers in ("off", "on"):
        for backend, out in probe(arch, program, folder, registers):
            found = re.findall(r"^access (.*)$", out, re.M)
            expect(found, ACCESSES[arch != "aarch64"], backend)
            counts = re.findall(r"^(?:insns|loads|stores) \w+ (\d+) (\d+)$", out,
                                re.M)
            expect([c for c in counts if c[0] != c[1]], [], backend)


def test_events(arch, program, folder):
    """System calls, exceptions, vCPUs; registers at instructions."""
    arm = arch == "aarch64"
    for backend, out in probe(arch, program, folder, "on"):
        expect(re.findall(r"^(?:syscall|return) .*$", out, re.M),
               ["syscall 64 1 2 3", "return 64 7", "syscall 93 7 2 3"],
               backend)
        expect("exceptions 5\nvcpus 1 1\n" in out, True, out)
        found = [line.split() for line in
                 re.findall(r"^registers (.*)$", out, re.M)]
        expect([f[0] for f in found], ["1"] * 4, backend)
        expect([f[1] for f in found[1:]],
               ["5", "0", "1"] if arm else ["5", "6", "7"], backend)
        if arm:  # NZCV
            expect([f[2] for f in found[2:]], ["6", "0"], backend)


def test_smp(arch, program, folder):
    for backend in BACKENDS[:2]:
        out = run(arch, program, "-smp", "4", "-accel", "tcg," + backend,
                  "-plugin", f"{folder}/probe.so")
        expect(f"insns counted_loop {4 * 3002} {4 * 3002}\n" in out, True, out)
        expect("vcpus 4 4\n" in out, True, out)


def test_insn(arch, program, folder):
    """The example: in line and by calls. How much runs between the program's
    last word and the machine's end is chance."""
    counts = []
    for backend in BACKENDS[:2]:
        for option in ("", ",inline=off"):
            out = run(arch, program, "-accel", "tcg," + backend, "-plugin",
                      example("insn") + option)
            m = re.fullmatch(r"cpu 0 insns: (\d+)\ntotal insns: \1\n", out)
            expect(m is not None, True, out)
            counts.append(int(m[1]))
    expect(max(counts) - min(counts) < 4, True, counts)


def test_hotblocks(arch, program, folder):
    out = run(arch, program, "-plugin", example("hotblocks") + ",limit=3")
    expect(re.match(r"collected \d+ blocks\npc, translations, instructions, "
                    r"entries, symbol\n", out) is not None, True, out)
    rows = [line.split(", ") for line in out.splitlines()[2:]]
    expect(len(rows), 3, out)
    # The loop's body; the first turn began before it.
    loop = [r for r in rows if r[4] == "counted_loop+0x4"]
    expect([r[2:4] for r in loop], [["4", "999"]], out)


def test_cache(arch, program, folder):
    """A loop whose data is still there the second time, or is not; another
    function had its first word before."""
    for size, misses in ((131072, "1023"), (32768, "2047")):
        for option in ("", ",physical=on"):
            out = run(arch, program, "-plugin", example("cache") +
                      f",dcachesize={size},l2=on,limit=1" + option)
            worst = re.search(r"^address, data misses, instruction\n"
                              r"0x\w+ \(strides\+0x\w+\), (\d+), lw t2, "
                              r"0\(t0\)$", out, re.M)
            expect(worst and worst[1], misses, out)
            total = re.search(r"^0 +data +(\d+) +(\d+) +[\d.]+%$", out, re.M)
            expect(int(total[2]) >= int(misses), True, out)
    out = run(arch, program, "-plugin", example("cache") + ",dassoc=3", code=1)
    expect(out.endswith("cache.so: a data cache of 16384 bytes in 3 ways and "
                        "lines of 64 cannot be\n"), True, out)


def test_syscalls(arch, program, folder):
    out = run(arch, program, "-plugin", example("syscalls") + ",print=on")
    expect([line.split() for line in out.splitlines()],
           [["cpu", "0:", "write/64(0x1,", "0x2,", "0x3)", "=", "7"],
            ["number", "name", "calls", "returns", "errors"],
            ["64", "write", "1", "1", "0"], ["93", "exit", "1", "0", "0"]], out)


def lcov_lines(text):
    """{file: {line: count}} of a tracefile, whose totals must add up."""
    files = {}
    for record in re.findall(r"^SF:(.*?)^end_of_record$", text, re.M | re.S):
        lines = {int(m[0]): int(m[1]) for m in
                 re.findall(r"^DA:(\d+),(\d+)$", record, re.M)}
        expect([int(re.search(rf"^{key}:(\d+)$", record, re.M)[1])
                for key in ("LF", "LH")],
               [len(lines), sum(n > 0 for n in lines.values())])
        files[record.split("\n")[0]] = lines
    return files


def drcov_bytes(data):
    """The addresses that ran, and the module's path."""
    head, rest = data.split(b" bbs\n")
    lines = head.decode().split("\n")
    expect(lines[:4], ["DRCOV VERSION: 2", "DRCOV FLAVOR: drcov",
                       "Module Table: version 2, count 1",
                       "Columns: id, base, end, entry, path"])
    _, base, _, entry, path = lines[4].split(", ")
    expect(len(rest), 8 * int(lines[5].split(": ")[1]))
    ran = set()
    for start, size, module in struct.iter_unpack("<IHH", rest):
        expect(module, 0)
        ran.update(range(int(base, 16) + start, int(base, 16) + start + size))
    return ran, int(entry, 16), path


def test_cover(arch, program, folder):
    if not os.path.exists(example("cover")):
        print("skipped: built without libdw (scripts/deps)")
        sys.exit(77)
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                          "covered.c")
    source = os.path.realpath(source)
    with open(source, encoding="ascii") as f:
        wanted = {n: int(m[1]) for n, line in enumerate(f, 1)
                  if (m := re.search(r"/\* runs (\d+) \*/", line))}
    with tempfile.TemporaryDirectory() as own:
        os.chdir(own)
        for backend in BACKENDS:
            out = run(arch, program, "-accel", "tcg," + backend, "-plugin",
                      example("cover") + ",lcov=a.info,drcov=a.drcov")
            expect(out, "")
            with open("a.info", encoding="ascii") as f:
                text = f.read()
            files = {os.path.realpath(k): v for k, v in
                     lcov_lines(text).items()}
            found = {n: files[source].get(n) for n in wanted}
            expect(found, wanted, backend)
            functions = dict(reversed(m) for m in re.findall(
                r"^FNDA:(\d+),(\w+)$", text, re.M))
            expect((functions["often"], functions["never"],
                    functions["program"]), ("10", "0", "1"), backend)
            with open("a.drcov", "rb") as f:
                ran, entry, path = drcov_bytes(f.read())
            expect((entry in ran, path), (True, os.path.realpath(program)))
        if shutil.which("lcov"):
            r = subprocess.run(["lcov", "--summary", "a.info"],
                               capture_output=True, text=True, check=True)
            expect(bool(re.search(r"lines\.*: [\d.]+% \(\d+ of \d+ lines\)",
                                  r.stdout + r.stderr)), True, r.stdout)
        refused_cover(arch, program, folder)


def refused_cover(arch, program, folder):
    for options, why in (
            ("", "neither lcov= nor drcov= says where to write"),
            (",lcov=x,elf=nowhere", "nowhere: No such file or directory"),
            (f",lcov=x,elf={folder}/../../build.ninja",
             f"{folder}/../../build.ninja: has no line numbers")):
        out = run(arch, program, "-plugin", example("cover") + options,
                  code=1)
        expect(out, f"cuttle-system-{arch}: -plugin {example('cover')}: "
               f"{why}\n")


def test_opensbi(arch, program, folder):
    """Firmware, until it looks for what to boot."""
    command = [os.path.join(os.environ["CUTTLE_DIR"], "cuttle-system-" + arch),
               "-M", "virt", "-display", "none", "-monitor", "none", "-smp",
               "2", "-serial", "stdio", "-plugin", example("insn")]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True) as p:
        for line in p.stdout:
            if "Boot HART MEDELEG" in line:
                break
        p.terminate()
        _, err = p.communicate(timeout=TIMEOUT)
    counts = [int(n) for n in re.findall(r"insns: (\d+)$", err, re.M)]
    expect((len(counts), sum(counts[:2]) == counts[2], counts[2] > 100000),
           (3, True, True), err)


def test_refused(arch, program, folder):
    """One line that says what is wrong with which plugin."""
    with tempfile.TemporaryDirectory() as own:
        os.chdir(own)
        with open("text.so", "w", encoding="ascii") as f:
            f.write("hello\n" * 100)
        with open(f"{folder}/probe.so", "rb") as f:
            head = f.read(3000)
        for name, data in (("empty.so", b""), ("cut.so", head),
                           ("header.so", head[:64]),
                           ("zeros.so", head[:40] + bytes(5000))):
            with open(name, "wb") as f:
                f.write(data)
        os.mkfifo("fifo.so")
        cases = {
            "nowhere.so": "No such file or directory",
            own: "is not a regular file",
            "fifo.so": "is not a regular file",
            "text.so": "is not a shared object",
            "empty.so": "is not a shared object",
            "cut.so": "ends too early",
            "header.so": "ends too early",
            "zeros.so": "is not a shared object",
            program: "is not a shared object",
            f"{folder}/no-version.so":
                "has no cuttle_plugin_version, so it is no plugin",
            f"{folder}/old.so":
                "is made for version 0 of cuttle-plugin.h, here is 1",
            f"{folder}/new.so":
                "is made for version 2 of cuttle-plugin.h, here is 1",
            f"{folder}/no-install.so":
                "has no cuttle_plugin_install, so it is no plugin",
            f"{folder}/refuses.so": f"it is {arch}'s day off",
            f"{folder}/says-nothing.so": "does not want to be loaded",
            example("insn") + ",inline=maybe":
                "there is no argument 'inline=maybe'",
        }
        for option, why in cases.items():
            out = run(arch, program, "-plugin", option, code=1)
            expect(out.count("\n"), 1, out)
            start = f"cuttle-system-{arch}: -plugin {option.split(',')[0]}: "
            expect(out[:len(start)], start, out)
            expect(out[len(start):], why + "\n", option)
        out = run(arch, program, "-plugin", "x=y", code=1)
        expect(out.endswith("-plugin x=y: parameter 'file' is missing\n"),
               True, out)


def main():
    name, arch, program, folder = sys.argv[1:]
    globals()["test_" + name](arch, os.path.abspath(program),
                              os.path.abspath(folder))
    print(f"{name}: ok ({arch})")


if __name__ == "__main__":
    main()
