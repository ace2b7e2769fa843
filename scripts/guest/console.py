# SPDX-License-Identifier: GPL-2.0-or-later
"""Drives an emulator's console without a person.

    with Console([program, argument, …]) as console:
        console.wait("login: ", 60)
        console.send("root")

The emulator runs on a pseudo terminal of its own, as in a person's window;
what it prints is echoed and kept in `text`, with escape sequences removed.
"""
import functools
import http.server
import os
import pty
import re
import secrets
import select
import signal
import subprocess
import sys
import threading
import time

ESCAPE = re.compile(r"\x1b(\[[0-9;?]*[ -/]*[@-~]|\][^\x07]*\x07|[()].|[=>78])")


class ConsoleError(Exception):
    pass


class Console:
    def __init__(self, command, echo=True, env=None):
        self.command = [str(word) for word in command]
        self.echo = echo
        self.env = env
        self.text = ""
        self.mark = 0  # what was waited for ends here

    def __enter__(self):
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(
            self.command, stdin=slave, stdout=slave, stderr=slave,
            env=self.env, start_new_session=True)
        os.close(slave)
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        os.close(self.master)

    def _read(self, seconds):
        """Takes what came within `seconds`; False at the end of the output."""
        ready, _, _ = select.select([self.master], [], [], seconds)
        if not ready:
            return True
        try:
            data = os.read(self.master, 65536).decode(errors="replace")
        except OSError:  # the other side is closed
            return False
        if self.echo:
            sys.stdout.write(data)
            sys.stdout.flush()
        self.text = ESCAPE.sub("", self.text + data.replace("\r", ""))
        return data != ""

    def wait(self, pattern, seconds=30):
        """Waits for the regular expression; returns the match."""
        end = time.monotonic() + seconds
        while True:
            found = re.compile(pattern).search(self.text, self.mark)
            if found:
                self.mark = found.end()
                return found
            left = end - time.monotonic()
            if left <= 0:
                raise ConsoleError(f"no '{pattern}' within {seconds} s")
            if not self._read(min(left, 1)):
                raise ConsoleError(f"the emulator ended before '{pattern}'")

    def send(self, line):
        os.write(self.master, line.encode() + b"\n")

    def command_output(self, line, seconds=60):
        """Runs a line in the guest's shell; returns what it printed.

        The shell echoes the line, so it prints the marks from two halves.
        """
        mark = secrets.token_hex(4)
        self.send(f"printf '%s%s\\n' begin- {mark}; {line}; "
                  f"printf '\\n%s%s %s\\n' end- {mark} $?")
        found = self.wait(rf"(?s)begin-{mark}\n(.*?)\nend-{mark} (\d+)\n",
                          seconds)
        if found[2] != "0":
            raise ConsoleError(f"'{line}' failed with {found[2]}")
        return found[1].strip()

    def finish(self, seconds=30):
        """Waits for the emulator to end by itself; returns its status."""
        end = time.monotonic() + seconds
        while self._read(0.2):
            if time.monotonic() > end:
                raise ConsoleError(f"no end within {seconds} s")
        return self.process.wait(5)


class Server:
    """A web server on the host's loopback that knows one random word."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def __init__(self, word, *args):
            self.word = word
            super().__init__(*args)

        def do_GET(self):
            body = self.word.encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    def __enter__(self):
        self.word = secrets.token_hex(16)
        self.server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), functools.partial(self.Handler, self.word))
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
