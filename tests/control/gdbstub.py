# SPDX-License-Identifier: GPL-2.0-or-later
"""Debuggers, and a client by hand, for a stub on a Unix socket: system.path."""

import os
import re
import select
import shutil
import socket
import subprocess
import tempfile
import time

CPUS = 4
EXTRA = {"aarch64": ["-cpu", "max"]}
# Before 16 it does not know how RISC-V calls.
LLDB = shutil.which("lldb-19") or "lldb"


def expect(got, wanted, what=""):
    if got != wanted:
        raise AssertionError(f"{what}: {got!r}, not {wanted!r}")


def check_transcript(text, patterns):
    """Each pattern, in order, somewhere behind the one before."""
    at = 0
    for p in patterns:
        m = re.compile(p, re.M).search(text, at)
        if m is None:
            raise AssertionError(f"no /{p}/ in:\n{text[at:]}\nof all:\n{text}")
        at = m.end()


def gdb_words(system, program, first, commands):
    words = ["gdb-multiarch", "-nx", "-q"]
    for c in ["set pagination off", "set width 0", "set confirm off", *first,
              "file " + program, "target remote " + system.path, *commands]:
        words += ["-ex", c]
    return words


def run_gdb(system, program, commands, folder=None, text=None):
    """folder: where it runs; text: what it reads."""
    args = [*gdb_words(system, program, [], commands), "-batch"]
    done = subprocess.run(args, capture_output=True, text=True, timeout=60,
                          input=text or "", cwd=folder)
    return done.stdout + done.stderr


class Gdb:
    """One that a person sits at."""

    def __init__(self, system, program, first=(), folder=None):
        self.terminal, theirs = os.openpty()
        self.process = subprocess.Popen(
            gdb_words(system, program, first, []), stdin=theirs, stdout=theirs,
            stderr=theirs, cwd=folder, start_new_session=True,
            env={**os.environ, "TERM": "dumb"})
        os.close(theirs)
        self.wait(r"\(gdb\) ")

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.process.kill()
        self.process.wait()
        os.close(self.terminal)

    def wait(self, *patterns, timeout=20):
        """Until all have been seen, in this order, in what is new."""
        seen, end = "", time.monotonic() + timeout
        pattern = re.compile(".*".join(patterns), re.S)
        while not pattern.search(seen):
            left = max(end - time.monotonic(), 0)
            if not select.select([self.terminal], [], [], left)[0]:
                raise AssertionError(f"no {patterns} in {seen}")
            seen += os.read(self.terminal, 65536).decode(errors="replace")
        return seen

    def ask(self, command, *patterns):
        os.write(self.terminal, command.encode() + b"\n")
        return self.wait(*patterns)


def run_lldb(system, program, commands):
    args = [LLDB, "--batch", "--no-lldbinit", program, "-o",
            "process connect --plugin gdb-remote unix-connect://" + system.path]
    for c in commands:
        args += ["-o", c]
    done = subprocess.run(args, capture_output=True, text=True, timeout=90,
                          stdin=subprocess.DEVNULL)
    text = done.stdout + done.stderr
    expect("Assertion" in text, False, text)
    return text


def symbols(program):
    out = subprocess.run(["nm", program], capture_output=True, text=True,
                         check=True).stdout
    return {f[2]: int(f[0], 16) for f in map(str.split, out.splitlines())}


def number(reply):
    return int.from_bytes(bytes.fromhex(reply.decode()), "little")


class System:
    """The emulator with the program, stopped before its first instruction."""

    def __init__(self, arch, program, *options):
        self.may_end = False
        self.folder = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.folder.name, "gdb")
        emulator = os.path.join(os.environ["CUTTLE_DIR"],
                                "cuttle-system-" + arch)
        self.process = subprocess.Popen(
            [emulator, "-M", "virt", "-m", "128M", "-smp", str(CPUS),
             *EXTRA.get(arch, ["-bios", "none"]), "-display", "none",
             "-monitor", "none", "-serial", "none", "-kernel", program,
             "-gdb", "unix:" + self.path, "-S", *options],
            stdin=subprocess.DEVNULL)

    def __enter__(self):
        for _ in range(400):
            with open("/proc/net/unix", encoding="ascii") as f:
                if self.path in f.read():  # it listens
                    return self
            time.sleep(0.05)
        raise AssertionError("no socket")

    def __exit__(self, *exc):
        alive = self.process.poll() is None or self.may_end
        self.process.terminate()
        self.process.wait(10)
        self.folder.cleanup()
        if exc[0] is None and not alive:
            raise AssertionError("the emulator has ended")


class Client:
    """One connection, by hand."""

    def __init__(self, system, ack=False):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(20)
        self.sock.connect(system.path)
        self.buffer = b""
        self.ack = True
        if not ack:
            expect(self.ask(b"QStartNoAckMode"), b"OK")
            self.ack = False

    def send(self, body):
        self.sock.sendall(b"$%s#%02x" % (body, sum(body) & 0xff))

    def _byte(self):
        while not self.buffer:
            part = self.sock.recv(65536)
            if not part:
                raise EOFError
            self.buffer += part
        c, self.buffer = self.buffer[:1], self.buffer[1:]
        return c

    def receive(self):
        """The next packet, runs undone; a notification keeps its '%'."""
        c = self._byte()
        while c in b"+-":
            c = self._byte()
        lead, body = c, b""
        while (c := self._byte()) != b"#":
            if c == b"}":
                body += bytes([self._byte()[0] ^ 0x20])
            elif c == b"*":
                body += body[-1:] * (self._byte()[0] - 29)
            else:
                body += c
        self._byte()
        self._byte()
        if self.ack:
            self.sock.sendall(b"+")
        return body if lead == b"$" else b"%" + body

    def ask(self, body):
        self.send(body)
        return self.receive()

    def close(self):
        self.sock.close()
