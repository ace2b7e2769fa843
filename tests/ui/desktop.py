# SPDX-License-Identifier: GPL-2.0-or-later
"""A desktop for tests: Xvfb, and what its user sees and does. Pictures and the
pointer's shape come from libX11 and libXfixes, input goes by xdotool."""
import ctypes
import os
import shutil
import subprocess
import tempfile
import time

WAIT = 8  # seconds until something must have happened


class CursorImage(ctypes.Structure):
    _fields_ = [("x", ctypes.c_short), ("y", ctypes.c_short),
                ("width", ctypes.c_ushort), ("height", ctypes.c_ushort),
                ("xhot", ctypes.c_ushort), ("yhot", ctypes.c_ushort),
                ("serial", ctypes.c_ulong),
                ("pixels", ctypes.POINTER(ctypes.c_ulong))]


def wait_for(what, fn):
    """fn's first true value."""
    end = time.monotonic() + WAIT
    while time.monotonic() < end:
        value = fn()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"not in {WAIT} s: {what}")


class Desktop:
    def __init__(self, size="1400x1000"):
        self.folder = tempfile.mkdtemp()
        out, into = os.pipe()
        self.server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(into), "-screen", "0", size + "x24",
             "-nolisten", "tcp"], pass_fds=[into], stderr=subprocess.DEVNULL)
        os.close(into)
        with os.fdopen(out) as f:
            self.name = ":" + f.readline().strip()
        self.env = dict(os.environ, DISPLAY=self.name, SDL_VIDEODRIVER="x11")
        self.env.pop("WAYLAND_DISPLAY", None)
        self.x = ctypes.CDLL("libX11.so.6")
        self.x.XOpenDisplay.restype = ctypes.c_void_p
        self.x.XGetImage.restype = ctypes.c_void_p
        self.x.XGetPixel.restype = ctypes.c_ulong
        self.x.XGetPixel.argtypes = [ctypes.c_void_p, ctypes.c_int,
                                     ctypes.c_int]
        self.fixes = ctypes.CDLL("libXfixes.so.3")
        self.fixes.XFixesGetCursorImage.restype = ctypes.POINTER(CursorImage)
        self.test = ctypes.CDLL("libXtst.so.6")
        self.display = ctypes.c_void_p(
            self.x.XOpenDisplay(self.name.encode()))
        self.root = ctypes.c_ulong(self.x.XDefaultRootWindow(self.display))

    def close(self):
        self.server.terminate()
        self.server.wait()
        shutil.rmtree(self.folder)

    # ---- what there is to see ----

    def pixels(self, x, y, width, height):
        """Rows of 0xRRGGBB of a part of the screen."""
        image = ctypes.c_void_p(self.x.XGetImage(
            self.display, self.root, x, y, width, height,
            ctypes.c_ulong(0xffffffff), 2))
        rows = [[self.x.XGetPixel(image, i, j) & 0xffffff
                 for i in range(width)] for j in range(height)]
        self.x.XDestroyImage(image)
        return rows

    def pixel(self, x, y):
        return self.pixels(x, y, 1, 1)[0][0]

    def cursor(self):
        """(width, height, hot x, hot y, colour of the first pixel)"""
        c = self.fixes.XFixesGetCursorImage(self.display).contents
        return (c.width, c.height, c.xhot, c.yhot,
                c.pixels[0] & 0xffffffff)

    # ---- what the user does ----

    def tool(self, *words):
        return subprocess.run(["xdotool", *map(str, words)], env=self.env,
                              capture_output=True, text=True,
                              check=False).stdout

    def press(self, keycode):
        """Without a process in between."""
        for down in (1, 0):
            self.test.XTestFakeKeyEvent(self.display, keycode, down,
                                        ctypes.c_ulong(0))
        self.x.XFlush(self.display)

    def windows(self, name):
        return self.tool("search", "--name", name).split()

    def focus_root(self):
        """No window has the keyboard."""
        self.tool("windowfocus", self.root.value)

    def geometry(self, window):
        """(x, y, width, height)"""
        shell = self.tool("getwindowgeometry", "--shell", window)
        values = dict(line.split("=") for line in shell.splitlines())
        return tuple(int(values[k]) for k in ("X", "Y", "WIDTH", "HEIGHT"))

    def title(self, window):
        return self.tool("getwindowname", window).strip()
