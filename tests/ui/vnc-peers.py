#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's VNC clients and a browser: vnc-peers.py NAME, test_NAME below.

Each sees the screen that is played from here, types, and points at things.
"""

import http.client
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

import rfb
from certs import Authority
from vnc import ABS_MAX, EV_KEY, KEY_A, Server, expect

BTN_LEFT = 272
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # of W3C's WebDriver


def need(*programs):
    for program in programs:
        if shutil.which(program) is None:
            print(f"{program} is not installed")
            sys.exit(77)


def until(what, wanted, seconds=15):
    end = time.monotonic() + seconds
    while not wanted():
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not come")
        time.sleep(0.1)


def rgb_of(*command, env=None):
    """(width, pixels) that an ImageMagick program says; see rgb()."""
    out = subprocess.run([*command, "-depth", "8", "ppm:-"], env=env,
                         stdout=subprocess.PIPE, check=True).stdout
    magic, width, _, _ = out.split(maxsplit=4)[:4]
    expect(magic, b"P6")
    pixels = out[out.index(b"255\n") + 4:]
    return int(width), pixels


def color_at(picture, x, y):
    width, pixels = picture
    at = 3 * (y * width + x)
    return int.from_bytes(pixels[at:at + 3], "big")


# ---- gvnccapture ----

def test_gvnccapture():
    need("gvnccapture", "convert")
    with Server() as s:
        s.say("size 400 300", "fill 10 20 30 40 ff8000")
        subprocess.run(["gvnccapture", "-q", f"127.0.0.1:{s.display}",
                        "out.png"], check=True, timeout=20)
        picture = rgb_of("convert", "out.png")
        expect(picture[0], 400)
        for x, y, color in ((0, 0, 0x204060), (10, 20, 0xff8000),
                            (39, 59, 0xff8000), (40, 59, 0x204060),
                            (399, 299, 0x204060)):
            expect(hex(color_at(picture, x, y)), hex(color), (x, y))


def test_gvnccapture_tls():
    """Without certificates, as it comes; VeNCrypt is all that is offered."""
    need("gvnccapture", "convert")
    with Server(",tls-creds=t",
                objects=["tls-creds-anon,id=t,endpoint=server"]) as s:
        s.say("fill 10 20 30 40 ff8000")
        subprocess.run(["gvnccapture", "-q", f"127.0.0.1:{s.display}",
                        "out.png"], check=True, timeout=20)
        expect(hex(color_at(rgb_of("convert", "out.png"), 39, 59)),
               hex(0xff8000))
        s.wait("client disconnected .* 0")


# ---- TigerVNC's viewer on a desktop of its own ----

class Desktop:
    """An X server without a screen."""

    def __enter__(self):
        reading, writing = os.pipe()
        self.server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writing), "-screen", "0", "800x600x24",
             "-nolisten", "tcp"], pass_fds=[writing],
            stderr=subprocess.DEVNULL)
        os.close(writing)
        with os.fdopen(reading) as f:
            self.env = dict(os.environ, DISPLAY=":" + f.readline().strip())
        return self

    def __exit__(self, *_):
        self.server.terminate()
        self.server.wait(10)

    def picture(self):
        return rgb_of("import", "-window", "root", env=self.env)

    def find(self, color):
        """The first pixel of that colour; None: there is none."""
        width, pixels = self.picture()
        at = pixels.find(color.to_bytes(3, "big"))
        while at > 0 and at % 3 != 0:
            at = pixels.find(color.to_bytes(3, "big"), at + 1)
        return None if at < 0 else (at // 3 % width, at // 3 // width)

    def do(self, *command):
        subprocess.run(["xdotool", *command], env=self.env, check=True)


def has_corner(d):
    """The mark at 100, 200 and the corner, wherever the window is."""
    at = d.find(0x0000ff)
    return at is not None and \
        color_at(d.picture(), at[0] + 399, at[1] + 149) == 0x00c000


def test_tigervnc():
    need("Xvfb", "xdotool", "import", "xtigervncviewer")
    with Desktop() as d, Server() as s:
        s.say("tablet on", "size 400 300", "fill 0 0 400 300 ff8000")
        viewer = subprocess.Popen(
            ["xtigervncviewer", "-RemoteResize=1", "-DesktopSize=500x350",
             "-geometry", "500x350+0+0", "-FullScreen=0",
             f"127.0.0.1::{s.address[1]}"],
            env=d.env, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        try:
            s.wait("resize 0 500 350")
            s.say("size 500 350", "fill 0 0 500 350 00c000",
                  "fill 100 200 20 20 0000ff")
            until("the picture", lambda: has_corner(d))
            x, y = d.find(0x0000ff)
            d.do("mousemove", str(x + 150), str(y - 25), "click", "1")
            line = s.wait(f"tablet .*{EV_KEY}:{BTN_LEFT}:1")
            expect(line.split()[1:3],
                   [f"3:{axis}:{at * ABS_MAX // (size - 1)}"
                    for axis, at, size in ((0, 250, 500), (1, 175, 350))])
            s.wait(f"tablet .*{EV_KEY}:{BTN_LEFT}:0")
            d.do("search", "--onlyvisible", "--name", "TigerVNC", "windowfocus",
                 "--sync", "key", "a")
            s.wait(f"keyboard {EV_KEY}:{KEY_A}:1")
            s.wait(f"keyboard {EV_KEY}:{KEY_A}:0")
        finally:
            viewer.terminate()
            viewer.wait(10)
        s.wait("client disconnected .*")


def test_tigervnc_tls():
    """Server and viewer prove who they are; the password goes inside."""
    need("Xvfb", "import", "xtigervncviewer", "certtool")
    authority = Authority("pki")
    authority.issue("server")
    objects = ["secret,id=s,data=sesame",
               "tls-creds-x509,id=t,dir=pki,endpoint=server,verify-peer=off"]
    environment = dict(os.environ, VNC_PASSWORD="sesame")
    with Desktop() as d, \
            Server(",tls-creds=t,password-secret=s", objects=objects) as s:
        s.say("fill 100 100 20 20 0000ff")
        environment["DISPLAY"] = d.env["DISPLAY"]
        viewer = subprocess.Popen(
            ["xtigervncviewer", "-SecurityTypes", "X509Vnc", "-X509CA",
             authority.certificate, f"localhost::{s.address[1]}"],
            env=environment, stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL)
        try:
            until("the picture", lambda: d.find(0x0000ff) is not None)
        finally:
            viewer.terminate()
            viewer.wait(10)
        s.wait("client disconnected .* 0")


# ---- Chromium, through chromedriver ----

class Browser:
    """A headless browser (W3C's WebDriver)."""

    def __init__(self, *options):
        self.options = options

    def __enter__(self):
        self.port = 20000 + os.getpid() % 10000
        self.driver = subprocess.Popen(
            ["chromedriver", f"--port={self.port}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until("chromedriver", lambda: rfb.is_open(self.port))
        arguments = ["--headless", "--no-sandbox", "--disable-gpu",
                     "--disable-dev-shm-usage", "--window-size=800,600",
                     *self.options]
        try:
            self.session = self.run("POST", "/session", capabilities={
                "alwaysMatch": {"goog:chromeOptions": {"args": arguments}}}
                )["sessionId"]
        except AssertionError:
            self.end()
            raise
        return self

    def __exit__(self, *_):
        try:
            self.run("DELETE", f"/session/{self.session}")
        finally:
            self.end()

    def end(self):
        self.driver.terminate()
        self.driver.wait(10)

    def run(self, method, path, **body):
        connection = http.client.HTTPConnection("127.0.0.1", self.port,
                                                timeout=60)
        connection.request(method, path, json.dumps(body) if method == "POST"
                           else None, {"Content-Type": "application/json"})
        value = json.load(connection.getresponse())["value"]
        connection.close()
        if isinstance(value, dict) and "error" in value:
            raise AssertionError(value["message"])
        return value

    def do(self, command, **body):
        return self.run("POST", f"/session/{self.session}/{command}", **body)

    def question(self):
        """Of the page's dialog, if it has one."""
        try:
            return self.run("GET", f"/session/{self.session}/alert/text")
        except AssertionError:
            return None

    def script(self, text):
        return self.do("execute/sync", script=text, args=[])

    def text(self, identity):
        return self.script(
            f"return document.getElementById('{identity}').textContent")

    def pixel(self, x, y):
        """Of the page's canvas."""
        r, g, b, _ = self.script(
            "const c = document.querySelector('canvas');"
            f"return [...c.getContext('2d').getImageData({x}, {y}, 1, 1).data]"
        )
        return r << 16 | g << 8 | b


def need_page():
    need("chromedriver", "chromium")
    if not os.path.exists("/usr/share/novnc/vnc_lite.html"):
        print("novnc is not installed")
        sys.exit(77)


def test_browser_tls():
    need_page()
    need("certtool")
    Authority("pki").issue("server")
    creds = "tls-creds-x509,id=t,dir=pki,endpoint=server,verify-peer=off"
    with Server(",websocket=on,tls-creds=t", objects=[creds]) as s, \
            Browser("--ignore-certificate-errors") as b:
        s.say("fill 10 20 30 40 ff8000")
        b.do("url", url=f"https://127.0.0.1:{s.web[1]}/")
        until("the picture",
              lambda: b.text("status") == "Connected to Cuttle (test)" and
              b.pixel(39, 59) == 0xff8000)


def test_browser():
    need_page()
    with Server(",websocket=on,password=on") as s, Browser() as b:
        s.say("password sesame", "tablet on", "fill 10 20 30 40 ff8000")
        b.do("url", url=f"http://127.0.0.1:{s.web[1]}/")
        until("the question", lambda: b.question() == "Password Required:")
        b.do("alert/text", text="sesame")
        b.do("alert/accept")
        until("the connection",
              lambda: b.text("status") == "Connected to Cuttle (test)")
        until("the picture", lambda: b.pixel(39, 59) == 0xff8000)
        expect(b.pixel(40, 59), 0x204060)
        s.say("size 400 300", "fill 0 0 400 300 00c000")
        until("the new size", lambda: b.pixel(399, 299) == 0x00c000)
        click(b, -100, 75)  # from the middle
        line = s.wait(f"tablet .*{EV_KEY}:{BTN_LEFT}:1")
        x, y = (int(word.split(":")[2]) for word in line.split()[1:3])
        for got, wanted in ((x, ABS_MAX // 4), (y, ABS_MAX * 3 // 4)):
            if abs(got - wanted) > ABS_MAX // 50:
                raise AssertionError(f"clicked at {x}, {y}")
        s.wait(f"tablet .*{EV_KEY}:{BTN_LEFT}:0")
        b.do("actions", actions=[{"type": "key", "id": "k", "actions": [
            {"type": "keyDown", "value": "a"},
            {"type": "keyUp", "value": "a"}]}])
        s.wait(f"keyboard {EV_KEY}:{KEY_A}:1")
        s.wait(f"keyboard {EV_KEY}:{KEY_A}:0")


def click(b, x, y):
    canvas = b.do("element", using="css selector", value="canvas")
    b.do("actions", actions=[{
        "type": "pointer", "id": "m", "actions": [
            {"type": "pointerMove", "x": x, "y": y,
             "origin": {ELEMENT: canvas[ELEMENT]}},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0}]}])


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.environ["HOME"] = folder  # viewers keep settings
        globals()["test_" + sys.argv[1].replace("-", "_")]()
        os.chdir("/")


if __name__ == "__main__":
    main()
