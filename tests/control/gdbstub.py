# SPDX-License-Identifier: GPL-2.0-or-later
"""Debuggers, and a client by hand, for a stub on a Unix socket: system.path."""

import re
import socket
import subprocess


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


def run_gdb(system, program, commands):
    args = ["gdb-multiarch", "-nx", "-batch",
            "-ex", "set pagination off", "-ex", "set width 0",
            "-ex", "file " + program,
            "-ex", "target remote " + system.path]
    for c in commands:
        args += ["-ex", c]
    done = subprocess.run(args, capture_output=True, text=True, timeout=60,
                          stdin=subprocess.DEVNULL)
    return done.stdout + done.stderr


def run_lldb(program, commands):
    args = ["lldb", "--batch", "--no-lldbinit", program]
    for c in commands:
        args += ["-o", c]
    done = subprocess.run(args, capture_output=True, text=True, timeout=90,
                          stdin=subprocess.DEVNULL)
    return done.stdout + done.stderr


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
