# SPDX-License-Identifier: GPL-2.0-or-later
"""Sits at a guest's screen as a person would, through the control socket.

    with User("qmp.sock") as user:
        user.type("ls\\n")
        user.point(400, 300)
        user.click()
        picture = user.look()
"""
import struct
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests/control"))
from qmp import Qmp, QmpError  # noqa: E402

# Of a keyboard as in the United States: plain, and with Shift.
NAMES = {" ": "spc", "\n": "ret", "\t": "tab", "-": "minus", "=": "equal",
         "[": "bracket_left", "]": "bracket_right", ";": "semicolon",
         "'": "apostrophe", "`": "grave_accent", "\\": "backslash",
         ",": "comma", ".": "dot", "/": "slash"}
SHIFTED = dict(zip('!@#$%^&*()_+{}:"~|<>?', "1234567890-=[];'`\\,./"))


def keys_of(character):
    """The keys to press for it."""
    if character in SHIFTED or character.isupper():
        return ["shift", *keys_of(SHIFTED.get(character, character.lower()))]
    return [NAMES.get(character, character)]


class Picture:
    """Eight bits a colour: red, green, blue, row by row."""

    def __init__(self, width, height, data):
        self.width, self.height, self.bytes = width, height, data

    @classmethod
    def of_ppm(cls, data):
        """Of a file's bytes, without comments."""
        kind, size, _, pixels = data.split(b"\n", 3)
        if kind != b"P6":
            raise ValueError("not a PPM file")
        return cls(*map(int, size.split()), pixels)

    def part(self, x, y, width, height):
        """Its bytes, to compare."""
        rows = (3 * (row * self.width + x) for row in range(y, y + height))
        return b"".join(self.bytes[at:at + 3 * width] for at in rows)

    def is_plain(self, x, y, width, height):
        """All of one colour."""
        part = self.part(x, y, width, height)
        return part == part[:3] * (width * height)

    def colours(self):
        return len({self.bytes[at:at + 3]
                    for at in range(0, len(self.bytes), 3)})


def wait_for_file(path, seconds=20):
    """Or until the time is up."""
    end = time.monotonic() + seconds
    while not Path(path).exists() and time.monotonic() < end:
        time.sleep(0.1)


class Watcher:
    """Whoever can look() at the screen."""

    def look(self):
        raise NotImplementedError

    def wait_for(self, what, seconds=60):
        """Looks until what(picture) is true; returns that picture."""
        end = time.monotonic() + seconds
        while True:
            picture = self.look()
            if picture and what(picture):
                return picture
            if time.monotonic() > end:
                raise TimeoutError(f"the screen never showed {what.__name__}")
            time.sleep(0.3)


class User(Watcher):
    def __init__(self, path, seconds=20):
        """Waits until the emulator listens."""
        wait_for_file(path, seconds)
        self.qmp = Qmp(str(path))
        self.size = None  # of the last picture

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.qmp.close()

    def press(self, *names):
        """Together."""
        self.qmp.run("send-key", keys=[{"type": "qcode", "data": name}
                                       for name in names], hold_time=20)

    def type(self, text):
        for character in text:
            self.press(*keys_of(character))

    def send(self, *events):
        self.qmp.run("input-send-event", events=[
            {"type": kind, "data": data} for kind, data in events])

    def point(self, x, y):
        """At a pixel of the last picture."""
        self.send(*(("abs", {"axis": axis,
                             "value": (2 * at + 1) * 0x8000 // (2 * size)})
                    for axis, at, size in zip("xy", (x, y), self.size)))

    def click(self, button="left"):
        for down in True, False:
            self.send(("btn", {"button": button, "down": down}))
            time.sleep(0.05)

    def _dump(self, kind):
        with tempfile.NamedTemporaryFile() as f:
            self.qmp.run("screendump", filename=f.name, format=kind)
            return Path(f.name).read_bytes()

    def look(self):
        """What the screen shows; None if there is no picture."""
        try:
            picture = Picture.of_ppm(self._dump("ppm"))
        except QmpError:
            return None
        self.size = picture.width, picture.height
        return picture

    def png_size(self):
        """Of the same as PNG."""
        data = self._dump("png")
        if data[:8] != b"\x89PNG\r\n\x1a\n":
            raise ValueError("not a PNG file")
        return struct.unpack(">II", data[16:24])
