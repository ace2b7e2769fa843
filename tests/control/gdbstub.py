# SPDX-License-Identifier: GPL-2.0-or-later
"""Debuggers, and a client by hand, for a stub on a Unix socket: system.path."""

import os
import re
import socket
import subprocess
import tempfile
import time

CPUS = 4
EXTRA = {"aarch64": ["-cpu", "max"]}


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


def run_gdb(system, program, commands, folder=None, text=None):
    """folder: where it runs; text: what it reads."""
    args = ["gdb-multiarch", "-nx", "-batch",
            "-ex", "set pagination off", "-ex", "set width 0",
            "-ex", "file " + program,
            "-ex", "target remote " + system.path]
    for c in commands:
        args += ["-ex", c]
    done = subprocess.run(args, capture_output=True, text=True, timeout=60,
                          input=text or "", cwd=folder)
    return done.stdout + done.stderr


def run_lldb(program, commands):
    args = ["lldb", "--batch", "--no-lldbinit", program]
    for c in commands:
        args += ["-o", c]
    done = subprocess.run(args, capture_output=True, text=True, timeout=90,
                          stdin=subprocess.DEVNULL)
    return done.stdout + done.stderr


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
