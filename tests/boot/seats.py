# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest's user at a window, or at a VNC client: what `User` of
scripts/guest/user.py does through QMP."""
import shutil
import subprocess
import time
from array import array

from desktop import Desktop
from guests import Skip
from rfb import DESKTOP_SIZE, TIGHT, Rfb
from user import Picture, Watcher

HOLD = 0.05  # seconds that a key or button stays down


class WindowUser(Watcher):
    """At the only window on a desktop of its own."""

    def __init__(self):
        for tool in "Xvfb", "xdotool", "import":
            if shutil.which(tool) is None:
                raise Skip(f"no {tool}")
        self.desktop = Desktop()
        self.window = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.desktop.close()

    def look(self):
        if not self.window:
            self.window = next(iter(self.desktop.windows("Cuttle")), None)
            if self.window:  # where it may grow and stay in sight
                self.desktop.tool("windowmove", self.window, 0, 0)
            return None
        shot = subprocess.run(
            ["import", "-silent", "-window", self.window, "-depth", "8",
             "ppm:-"], env=self.desktop.env, capture_output=True, check=True)
        return Picture.of_ppm(shot.stdout)

    def press(self, name):
        self.desktop.tool("windowfocus", "--sync", self.window)
        self.desktop.tool("key", name.capitalize())

    def point(self, x, y):
        self.desktop.tool("mousemove", "--window", self.window, x, y)

    def click(self):
        self.desktop.tool("mousedown", 1)
        time.sleep(HOLD)
        self.desktop.tool("mouseup", 1)


class VncUser(Watcher):
    KEYSYMS = {"down": 0xff54}

    def __init__(self, path):
        self.rfb = Rfb(str(path))
        self.rfb.set_encodings(TIGHT, DESKTOP_SIZE)
        self.at = 0, 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.rfb.close()

    def look(self):
        self.rfb.ask(incremental=False)
        while not self.rfb.update():
            self.rfb.ask(incremental=False)
        words = array("I", self.rfb.picture).tobytes()  # 0xRRGGBB
        data = bytearray(3 * len(self.rfb.picture))
        for colour in range(3):
            data[colour::3] = words[2 - colour::4]
        return Picture(self.rfb.width, self.rfb.height, bytes(data))

    def press(self, name):
        for down in True, False:
            self.rfb.key(self.KEYSYMS[name], down)
            time.sleep(HOLD)

    def point(self, x, y):
        self.at = x, y
        self.rfb.pointer(0, x, y)

    def click(self):
        for buttons in 1, 0:
            self.rfb.pointer(buttons, *self.at)
            time.sleep(HOLD)
