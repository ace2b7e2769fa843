# SPDX-License-Identifier: GPL-2.0-or-later
"""A QMP client over a Unix or TCP socket, and the emulator it talks to."""

import json
import os
import socket
import subprocess
import time

PROGRAM = os.environ.get("CUTTLE_SYSTEM")  # what System starts
TIMEOUT = 20


class QmpError(Exception):
    """An error reply: .cls and .desc."""

    def __init__(self, error):
        super().__init__(f"{error['class']}: {error['desc']}")
        self.cls, self.desc = error["class"], error["desc"]


class Qmp:
    """One session. Events that come between replies wait in .events."""

    def __init__(self, address, negotiate=True, oob=False, tls=None):
        family = socket.AF_INET if isinstance(address, tuple) \
            else socket.AF_UNIX
        self.sock = socket.socket(family, socket.SOCK_STREAM)
        self.sock.settimeout(TIMEOUT)
        self.sock.connect(address)
        if tls is not None:
            self.sock = tls.wrap_socket(self.sock, server_hostname="localhost")
        self.lines = self.sock.makefile("rb")
        self.events = []
        self.greeting = self.read()["QMP"]
        if negotiate:
            self.run("qmp_capabilities", enable=["oob"] if oob else [])

    def close(self):
        self.lines.close()
        self.sock.close()

    def read(self):
        line = self.lines.readline()
        if not line:
            raise EOFError("the session is over")
        if not line.endswith(b"\r\n") or not line.isascii():
            raise ValueError(f"not a line of ASCII: {line!r}")
        return json.loads(line)

    def reply(self):
        """The next message that is no event."""
        while True:
            message = self.read()
            if "event" not in message:
                return message
            self.events.append(message)

    def raw(self, data):
        self.sock.sendall(data)

    def send(self, message):
        self.raw(json.dumps(message).encode())

    def run(self, command, **arguments):
        return self.execute(command, {k.replace("_", "-"): v
                                      for k, v in arguments.items()})

    def execute(self, command, arguments):
        self.send({"execute": command, "arguments": arguments, "id": command})
        reply = self.reply()
        if reply.get("id") != command:
            raise ValueError(f"{command}: another's reply: {reply}")
        if "error" in reply:
            raise QmpError(reply["error"])
        return reply["return"]

    def wait(self, name):
        """The next event of that name; those before it are dropped."""
        while True:
            while self.events:
                event = self.events.pop(0)
                if event["event"] == name:
                    return event
            self.events.append(self.read())


class System:
    """A cuttle-system with a QMP socket in the current folder."""

    def __init__(self, *args, guest="riscv64", socket_name="qmp.sock",
                 qmp=True):
        self.path = socket_name
        program = os.path.join(os.path.dirname(PROGRAM),
                               "cuttle-system-" + guest)
        options = ["-qmp", f"unix:{self.path},server=on,wait=off"] \
            if qmp else []
        self.process = subprocess.Popen(
            [program, "-M", "virt", "-display", "none", *options, *args],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            pipe.close()

    def connect(self, **how):
        """A session, as soon as the program listens."""
        end = time.monotonic() + TIMEOUT
        while True:
            if self.process.poll() is not None:
                raise RuntimeError(self.process.stdout.read().decode())
            try:
                return Qmp(self.path, **how)
            except (FileNotFoundError, ConnectionRefusedError):
                if time.monotonic() > end:
                    raise
                time.sleep(0.01)

    def ends(self):
        """Waits for the end: (exit code, output)."""
        out = self.process.stdout.read().decode()
        return self.process.wait(TIMEOUT), out
