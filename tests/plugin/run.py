#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Plugins on the programs beside this file: run.py NAME ARCH PROGRAM FOLDER.

A function test_NAME below; FOLDER has the test's own plugins, $CUTTLE_PLUGINS
the examples, $CUTTLE_DIR the emulators.
"""

import os
import re
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


def expect(got, wanted, what=""):
    if got != wanted:
        raise AssertionError(f"{what}: {got!r}, not {wanted!r}")


def run(arch, program, *options, code=0):
    """The log of a run until the machine ends."""
    command = [os.path.join(os.environ["CUTTLE_DIR"], "cuttle-system-" + arch),
               "-M", "virt", "-display", "none", "-monitor", "none",
               "-serial", "none", "-kernel", program, *options]
    if arch != "aarch64":
        command += ["-bios", "none"]
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
