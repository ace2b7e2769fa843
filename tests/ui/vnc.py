#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""VNC servers from outside: vnc.py NAME, a function test_NAME below.

$SCREENS is the program whose screens are played from here.
"""

import base64
import hashlib
import os
import random
import re
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import time
import zlib

import rfb
from rfb import Rfb

PROGRAM = os.environ["SCREENS"]
BACKGROUND = 0x204060
EV_KEY, EV_REL, EV_ABS = 1, 2, 3
KEY_A, KEY_ENTER, KEY_LEFTSHIFT, KEY_UP = 30, 28, 42, 103
ABS_MAX = 0x7fff


def expect(got, wanted, what=""):
    if got != wanted:
        raise AssertionError(f"{what}: {got!r}, not {wanted!r}")


class Screens:
    """The program under test; lines in and out."""

    def __init__(self, *options, screens=1):
        self.process = subprocess.Popen(
            [PROGRAM, str(screens), *options], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, bufsize=1)
        self.first = self.line()

    def __enter__(self):
        expect(self.first, "ready")
        return self

    def __exit__(self, kind, *_):
        self.process.stdin.close()
        try:
            code = self.process.wait(20)
        finally:
            self.process.kill()
        if kind is None:
            expect(code, 0, "exit code")

    def line(self):
        return self.process.stdout.readline().rstrip("\n")

    def wait(self, pattern):
        """The next line that fits; others are passed over."""
        for _ in range(1000):
            line = self.line()
            if re.fullmatch(pattern, line):
                return line
            if not line:
                break
        raise AssertionError(f"no line {pattern}")

    def say(self, *lines):
        for line in lines:
            print(line, file=self.process.stdin)

    def seconds(self, thread):
        """Of CPU, that threads of a name have used so far."""
        ticks = 0
        for task in os.listdir(f"/proc/{self.process.pid}/task"):
            with open(f"/proc/{self.process.pid}/task/{task}/stat",
                      encoding="ascii") as f:
                name, fields = f.read().split("(", 1)[1].rsplit(")", 1)
            if name == thread:
                ticks += sum(map(int, fields.split()[11:13]))
        return ticks / os.sysconf("SC_CLK_TCK")


class Server(Screens):
    """With one TCP server on a free display of loopback."""

    def __init__(self, options="", screens=1, objects=()):
        self.display = rfb.free_display()
        self.address = ("127.0.0.1", 5900 + self.display)
        self.web = ("127.0.0.1", 5700 + self.display)
        super().__init__(*(w for o in objects for w in ("-object", o)),
                         f":{self.display}{options}", screens=screens)


def pixels_are(color, *places):
    return lambda c: all(c.pixel(x, y) == color for x, y in places)


# ---- the clipboard ----

def cut(c):
    """The next ServerCutText."""
    while not c.cuts:
        c.ask()
        c.update()
    return c.cuts.pop(0)


def given(cut_):
    """The text of an extended one."""
    flags, data = cut_
    expect(flags, rfb.CLIP_GIVE | rfb.CLIP_TEXT)
    plain = zlib.decompress(data)
    length, = struct.unpack(">I", plain[:4])
    expect((length, plain[-1]), (len(plain) - 4, 0), "length and zero")
    return plain[4:-1].decode()


def packed(text, length=None):
    data = text.encode() + b"\0"
    return zlib.compress(struct.pack(
        ">I", len(data) if length is None else length) + data)


def test_clipboard():
    with Server() as s:
        c = Rfb(s.address)
        s.say("copy gr\u00fc\u00df \u20ac5\\n")
        expect(cut(c), b"gr\xfc\xdf ?5\n")
        c.cut_text(b"\xa3 9\r\n")
        s.wait("clipboard full")
        s.say("paste")
        s.wait(r"pasted \\302\\243 9\\r\\n")
        # The extension: what there is, whole.
        e = Rfb(s.address)
        e.set_encodings(rfb.RAW, rfb.CLIPBOARD)
        expect(cut(e)[0] & (rfb.CLIP_CAPS | rfb.CLIP_TEXT),
               rfb.CLIP_CAPS | rfb.CLIP_TEXT)
        expect(given(cut(e)), "\u00a3 9\r\n")
        s.say("copy \u20ac5\\nand more")
        expect(given(cut(e)), "\u20ac5\r\nand more")
        expect(cut(c), b"?5\nand more")
        e.clip(rfb.CLIP_GIVE | rfb.CLIP_TEXT, packed("\u20ac6\r\n7"))
        s.wait("clipboard full")
        s.say("paste")
        s.wait(r"pasted \\342\\202\\2546\\n7")
        expect(cut(c), b"?6\n7", "from client to client")
        # More than it wants unasked: told, and asked for.
        e.clip(rfb.CLIP_CAPS | rfb.CLIP_GIVE | rfb.CLIP_NOTIFY | rfb.CLIP_ASK |
               rfb.CLIP_TEXT, struct.pack(">I", 10))
        e.clip(rfb.CLIP_PEEK)
        expect(cut(e), (rfb.CLIP_NOTIFY | rfb.CLIP_TEXT, b""))
        s.say("copy " + "x" * 50000)
        expect(cut(e), (rfb.CLIP_NOTIFY | rfb.CLIP_TEXT, b""))
        e.clip(rfb.CLIP_ASK | rfb.CLIP_TEXT)
        expect(given(cut(e)) == "x" * 50000, True)
        expect(cut(c) == b"x" * 50000, True)
        e.clip(rfb.CLIP_NOTIFY | rfb.CLIP_TEXT)
        expect(cut(e), (rfb.CLIP_ASK | rfb.CLIP_TEXT, b""))
        # Bad ones change nothing, and the client stays.
        for data in (b"", b"xyz", packed("abc", 5), packed("abc", 1 << 31),
                     packed("abc")[:-9], packed("\0" * 3), packed("a\0b"),
                     packed("y" * (3 << 20)),
                     zlib.compress(bytes(100 << 20))):
            e.clip(rfb.CLIP_GIVE | rfb.CLIP_TEXT, data)
        e.cut_text(b"abc", -3)
        c.cut_text(b"z" * ((1 << 20) + 8192))
        c.cut_text(b"after")
        s.wait("clipboard full")
        s.say("paste")
        s.wait("pasted after")
        expect(given(cut(e)), "after")
        # A copy that is there already is no news, nor one's own.
        expect(c.cuts, [])
        e.clip(rfb.CLIP_GIVE | rfb.CLIP_TEXT, packed("after"))
        s.say("uncopy", "paste")
        s.wait("pasted after")
    with Server(",read-only=on") as s:
        c = Rfb(s.address)
        s.say("copy secret")
        c.cut_text(b"no")
        s.say("paste")
        s.wait("nothing to paste")
        c.see(pixels_are(BACKGROUND, (0, 0)))
        expect(c.cuts, [])


# ---- the picture ----

def test_picture():
    with Server() as s:
        for encoding in (rfb.RAW, rfb.TIGHT):
            c = Rfb(s.address)
            expect((c.width, c.height), (320, 240))
            expect(c.name, "Cuttle (test)")
            c.set_encodings(encoding, rfb.LAST_RECT)
            s.say("fill 0 0 320 240 204060")
            c.see(lambda c: set(c.picture) == {BACKGROUND})
            s.say("fill 10 20 30 40 ff8000")
            c.see(pixels_are(0xff8000, (10, 20), (39, 59)))
            expect(c.pixel(9, 20), BACKGROUND)
            expect(c.pixel(40, 59), BACKGROUND)
            # Many colours, so that Tight cannot use a palette.
            for i in range(24):
                s.say(f"fill {i * 10} {i * 9} 20 20 {i * 0x0a0507:06x}")
            c.see(pixels_are(23 * 0x0a0507, (230 + 19, 207 + 19)))
            for i in range(23):
                expect(c.pixel(i * 10, i * 9), i * 0x0a0507)
            c.close()
        # Nobody says what is drawn: it is seen all the same.
        c = Rfb(s.address)
        s.say("live on")
        c.see(pixels_are(23 * 0x0a0507, (240, 210)))
        s.say("fill 0 0 320 240 00ff00")
        c.see(lambda c: set(c.picture) == {0x00ff00})


def test_size():
    with Server() as s:
        able, extended, unable = (Rfb(s.address) for _ in range(3))
        able.set_encodings(rfb.TIGHT, rfb.DESKTOP_SIZE)
        extended.set_encodings(rfb.RAW, rfb.EXTENDED_SIZE)
        unable.set_encodings(rfb.TIGHT)
        for c in (able, extended, unable):
            c.see(pixels_are(BACKGROUND, (0, 0), (319, 239)))
        s.say("size 401 123", "fill 0 0 401 123 00ff00")
        for c in (able, extended):
            c.see(lambda c: (c.width, c.height) == (401, 123) and
                  set(c.picture) == {0x00ff00})
        unable.see(pixels_are(0x00ff00, (319, 122)))
        expect(unable.pixel(319, 123), 0)
        s.say("size 1000 700", "fill 0 0 1000 700 0000ff")
        unable.see(lambda c: set(c.picture) == {0x0000ff})
        able.see(pixels_are(0x0000ff, (400, 122)) and
                 (lambda c: (c.width, c.height) == (1000, 700)))
        # The client's window has another size: the guest hears of it.
        extended.want_size(640, 400)
        s.wait("resize 0 640 400")
        extended.see(lambda c: any(
            e[0] == rfb.EXTENDED_SIZE and e[1:3] == (1, 4)
            for e in c.events), "an answer")
        s.say("size 640 400")
        extended.see(lambda c: (c.width, c.height) == (640, 400))


def test_film():
    """Who is on this computer gets a film as it is, not compressed; who reads
    slowly may be far away all the same."""
    with Server() as s:
        s.say("size 2000 1600")  # more than sockets take
        c = rfb.Watcher(s.address, receive_buffer=1 << 16)
        c.set_encodings(rfb.TIGHT)
        s.say("video 10 20 rich")
        c.ask(incremental=False)
        c.until(rfb.RAW)
        compressed = 0  # in a row: one alone asks whether that is still dear
        while compressed < 3:
            time.sleep(0.3)
            c.until()
            compressed = compressed + 1 if c.encoding == rfb.TIGHT else 0


def test_unplug():
    """A screen goes while one client looks at it, another comes later."""
    with Server() as s:
        c = Rfb(s.address)
        c.see(pixels_are(BACKGROUND, (0, 0), (319, 239)))
        s.say("unplug")
        s.wait("unplugged")
        c.see(lambda c: set(c.picture) == {0})
        c.close()
        s.wait("client disconnected .*")
        c = Rfb(s.address)
        c.see(lambda c: set(c.picture) == {0})
        c.set_encodings(rfb.RAW, rfb.EXTENDED_SIZE)
        c.want_size(640, 400)
        c.see(lambda c: any(e[0] == rfb.EXTENDED_SIZE for e in c.events))


# ---- input ----

def test_keys():
    with Server() as s:
        c = Rfb(s.address)
        for keysym, code in ((ord("a"), KEY_A), (0xff0d, KEY_ENTER),
                             (0xffe1, KEY_LEFTSHIFT), (0xff52, KEY_UP)):
            c.key(keysym, True)
            expect(s.wait("keyboard .*"), f"keyboard {EV_KEY}:{code}:1")
            c.key(keysym, False)
            expect(s.wait("keyboard .*"), f"keyboard {EV_KEY}:{code}:0")
        # What has no key is not heard of; what is held is let go at the end.
        c.key(0x01002603, True)
        c.key(ord("A"), True)
        expect(s.wait("keyboard .*"), f"keyboard {EV_KEY}:{KEY_A}:1")
        c.close()
        expect(s.wait("keyboard .*"), f"keyboard {EV_KEY}:{KEY_A}:0")
    with Server(",read-only=on") as s:
        c = Rfb(s.address)
        c.key(ord("a"), True)
        c.pointer(1, 10, 10)
        c.set_encodings(rfb.RAW, rfb.EXTENDED_SIZE)
        c.want_size(640, 400)
        c.see(lambda c: any(e[0] == rfb.EXTENDED_SIZE and e[1:3] == (1, 1)
                            for e in c.events), "a refusal")
        c.close()
        for _ in range(3):
            expect(s.line()[:7], "client ", "events of a read-only client")


def test_text():
    """A text console gets what is typed, and no device gets the keys."""
    with Server() as s:
        s.say("text")
        c = Rfb(s.address)
        ctrl, alt, shift, euro = 0xffe3, 0xffe9, 0xffe1, 0x010020ac
        for keys, bytes_ in (
                (["a"], "61"), ([shift, "A"], "41"), ([ctrl, "c"], "03"),
                ([alt, "x"], "1b 78"), ([0xff0d], "0d"), ([0xff08], "7f"),
                ([0xff52], "1b 5b 41"), ([0xffc2], "1b 5b 31 35 7e"),
                ([0xe4], "c3 a4"), ([euro], "e2 82 ac"), ([0xffb7], "37")):
            keys = [ord(k) if isinstance(k, str) else k for k in keys]
            for down, order in (True, keys), (False, reversed(keys)):
                for keysym in order:
                    c.key(keysym, down)
            expect(s.wait("typed.*|keyboard.*"), f"typed {bytes_}")
        c.close()


def test_extensions():
    with Server() as s:
        c = Rfb(s.address)
        c.set_encodings(rfb.RAW, rfb.KEYS, rfb.MOTION, rfb.LEDS)
        c.see(lambda c: {e[0] for e in c.events} >=
              {rfb.KEYS, rfb.MOTION, rfb.LEDS}, "extensions")
        # A French keyboard: the place counts, not the letter.
        c.key_at(0x10, ord("a"), True)
        expect(s.wait("keyboard .*"), f"keyboard {EV_KEY}:16:1")
        c.key_at(0xc8, 0xff52, True)
        expect(s.wait("keyboard .*"), f"keyboard {EV_KEY}:{KEY_UP}:1")
        # A place without a number: by its letter.
        c.key_at(0, ord("a"), True)
        expect(s.wait("keyboard .*"), f"keyboard {EV_KEY}:{KEY_A}:1")
        # No tablet: the client sends ways.
        expect([e[1] for e in c.events if e[0] == rfb.MOTION], [0])
        c.pointer(0, 0x7fff + 5, 0x7fff - 7)
        expect(s.wait("mouse .*"), f"mouse {EV_REL}:0:5 {EV_REL}:1:-7")
        c.events.clear()
        s.say("tablet on", "leds 2")
        c.see(lambda c: (rfb.MOTION, 1) in [e[:2] for e in c.events] and
              (rfb.LEDS, b"\x04") in [(e[0], e[5]) for e in c.events],
              "the tablet and the light")
        c.pointer(0, 0, 239)
        expect(s.wait("tablet .*"),
               f"tablet {EV_ABS}:0:0 {EV_ABS}:1:{ABS_MAX}")


def test_pointer():
    with Server() as s:
        c = Rfb(s.address)
        c.pointer(0, 100, 100)
        c.pointer(1, 103, 98)
        expect(s.wait("mouse .*:1"),
               f"mouse {EV_REL}:0:3 {EV_REL}:1:-2 {EV_KEY}:272:1")
        c.pointer(0, 103, 98)
        expect(s.wait("mouse .*"), f"mouse {EV_KEY}:272:0")
        c.pointer(8, 103, 98)
        expect(s.wait("mouse .*"), f"mouse {EV_REL}:8:1")
        s.say("tablet on", "cursor 8 8 2 3 ff0000", "at 50 60")
        c.set_encodings(rfb.RAW, rfb.CURSOR, rfb.POINTER_POS)
        c.see(lambda c: (rfb.CURSOR, 2, 3, 8, 8) in
              [e[:5] for e in c.events], "the cursor")
        shape = [e[5] for e in c.events if e[0] == rfb.CURSOR][-1]
        expect(shape, b"\0\0\xff\0" * 64 + b"\xff" * 8)
        c.see(lambda c: (rfb.POINTER_POS, 50, 60) in
              [e[:3] for e in c.events], "the cursor's place")
        c.pointer(0, 319, 0)
        expect(s.wait("tablet .*"),
               f"tablet {EV_ABS}:0:{ABS_MAX} {EV_ABS}:1:0")
        # For a client that cannot, it is drawn.
        d = Rfb(s.address)
        d.see(pixels_are(0xff0000, (48, 57), (55, 64)))
        expect(d.pixel(47, 57), BACKGROUND)
        s.say("at 100 60")
        d.see(pixels_are(BACKGROUND, (48, 57)))


# ---- who may come ----

def test_clients():
    with Server() as s:
        a, b = Rfb(s.address), Rfb(s.address)
        for c in (a, b):
            c.see(pixels_are(BACKGROUND, (0, 0)))
        alone = Rfb(s.address, shared=False)
        for c in (a, b):
            expect_closed(c)
        alone.see(pixels_are(BACKGROUND, (0, 0)))
        expect_closed_at_start(s.address)
        alone.close()
        for _ in range(4):
            s.wait("client disconnected .*")
        Rfb(s.address).see(pixels_are(BACKGROUND, (0, 0)))
    with Server(",share=force-shared") as s:
        a = Rfb(s.address)
        expect_closed_at_start(s.address, shared=False)
        a.see(pixels_are(BACKGROUND, (0, 0)))
    with Server(",share=ignore,connections=2") as s:
        a, b = Rfb(s.address), Rfb(s.address, shared=False)
        expect_closed_at_start(s.address)
        for c in (a, b):
            c.see(pixels_are(BACKGROUND, (0, 0)))
            c.close()
        for event in ("connected", "initialized", "disconnected"):
            s.wait(f"client {event} default ipv4 0")


def expect_closed(c):
    try:
        while True:
            c.ask()
            c.update()
    except (rfb.Closed, ConnectionError):
        c.close()


def expect_closed_at_start(address, **options):
    try:
        Rfb(address, **options)
    except (rfb.Closed, ConnectionError):
        return
    raise AssertionError("a client was let in")


def test_password():
    with Server(",password=on") as s:
        expect_refused(s, "", "no password is set")
        s.say("password sesame")
        s.wait("password set")
        for version in (b"003.003", b"003.007", b"003.008", b"004.001"):
            c = Rfb(s.address, password="sesame", version=version)
            c.see(pixels_are(BACKGROUND, (1, 1)))
            c.close()
        # Eight bytes count. The fourth wrong answer in a row takes a second.
        start = time.monotonic()
        for _ in range(3):
            expect_refused(s, "sesamo")
        if time.monotonic() - start > 0.9:
            raise AssertionError("the first mistakes are for free")
        expect_refused(s, "sesamo")
        if time.monotonic() - start < 0.9:
            raise AssertionError("guessing is free")
        Rfb(s.address, password="sesame").close()
        s.wait("client disconnected .* 5")


def expect_refused(s, password, what="a wrong password"):
    try:
        Rfb(s.address, password=password)
    except rfb.Refused as e:
        expect(str(e), "wrong password")
    else:
        raise AssertionError(f"{what} was taken")


def listening(process):
    """Addresses of the process's TCP sockets that listen."""
    links = (os.readlink(f"/proc/{process.pid}/fd/{fd}")
             for fd in os.listdir(f"/proc/{process.pid}/fd"))
    inodes = {m[1] for m in (re.match(r"socket:\[(\d+)]", x) for x in links)
              if m}
    found = set()
    for table in ("tcp", "tcp6"):
        with open(f"/proc/net/{table}", encoding="ascii") as f:
            for line in list(f)[1:]:
                fields = line.split()
                if fields[3] == "0A" and fields[9] in inodes:
                    found.add(fields[1])
    return found


def test_listening():
    with Server(",websocket=on") as s:
        expect(listening(s.process),
               {f"0100007F:{s.address[1]:04X}", f"0100007F:{s.web[1]:04X}"})
        # The display is taken: the next one.
        with Screens(f"127.0.0.1:{s.display},to={s.display + 20}") as t:
            expect(len(listening(t.process)), 1)
        failed = Screens(f":{s.display}")
        expect(failed.first[:7], "error: ")
        expect(failed.process.wait(10), 1)
    with Screens(f"0.0.0.0:{rfb.free_display()}") as s:
        expect([a[:8] for a in listening(s.process)], ["00000000"])
    path = os.path.join(os.getcwd(), "vnc.sock")
    with Screens(f"unix:{path}", "unix:@vnc-test-" + str(os.getpid()),
                 "unix:second,display=screen,head=1", screens=2) as s:
        expect(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        s.say("screen 1", "size 100 80")
        Rfb(path).see(pixels_are(BACKGROUND, (319, 239)))
        Rfb("\0vnc-test-" + str(os.getpid())).see(
            pixels_are(BACKGROUND, (319, 239)))
        c = Rfb("second")
        c.set_encodings(rfb.RAW, rfb.DESKTOP_SIZE)
        c.see(lambda c: (c.width, c.height) == (100, 80))
        s.wait("client initialized vnc3 unix 0")
    expect(os.path.exists(path), False, "the socket's file at the end")


def test_options():
    for screens, options, message in (
            (0, ":1", "the machine has no screen (-device bochs-display, "
             "virtio-gpu-pci or ramfb gives it one)"),
            (1, ":1,head=1", "there is no display '' with a head 1"),
            (1, ":1,display=nix", "there is no display 'nix' with a head 0"),
            (1, ":nix", "'nix' is no display: a number from 0 to 59635"),
            (1, ":1,sasl=on", "sasl= is not supported yet"),
            (1, ":1,nix=on", "invalid parameter 'nix'"),
            (1, ":1,share=nix", None)):
        s = Screens(options, screens=screens)
        start = f"error: -vnc {options}: "
        expect(s.first[:len(start)], start)
        if message is not None:
            expect(s.first[len(start):], message)
        expect(s.process.wait(10), 1)


# ---- who means no good ----

def test_bad_input():
    seed = int(os.environ.get("SEED", random.randrange(1 << 32)))
    print("SEED", seed)
    rand = random.Random(seed)
    texts = [b"", b"RFB 003.008\n", b"RFB 003.008\n\x01",
             b"RFB 003.008\n\x01\x01", b"RFB 003.003\n\x01", b"RFB 999.999\n",
             b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01"]
    whole = b"RFB 003.008\n\x01\x01"
    bad = [
        struct.pack(">BxxxBBBBHHHBBBxxx", 0, 32, 24, 0, 1, 0, 0, 0, 99, 99,
                    99) + struct.pack(">BBHHHH", 3, 0, 0, 0, 65535, 65535),
        struct.pack(">BxxxBBBBHHHBBBxxx", 0, 77, 24, 0, 1, 255, 255, 255, 0, 8,
                    16),
        struct.pack(">BxxxBBBBHHHBBBxxx", 0, 8, 8, 0, 0, 7, 7, 3, 0, 3, 6) +
        struct.pack(">BBHHHH", 3, 0, 0, 0, 320, 240),
        struct.pack(">BxH", 2, 65535) + bytes(range(256)) * 1024,
        struct.pack(">BxxxI", 6, 0xffffffff),
        struct.pack(">BxxxI", 6, 1 << 20) + bytes(1000),
        struct.pack(">BxHHBx", 251, 0, 0, 255) + bytes(16 * 255),
        struct.pack(">BxHHBx", 251, 65535, 65535, 1) + bytes(16),
        struct.pack(">BBHHHH", 3, 1, 65535, 65535, 65535, 65535),
        struct.pack(">BBHII", 255, 0, 1, 0xffffffff, 0xffffffff),
        struct.pack(">BBHII", 255, 1, 1, 0, 0),
        bytes([7, 0, 0, 0]) + bytes(100), bytes([8, 255, 0, 0]),
        bytes([15, 1, 0, 0]), bytes([11, 0, 0, 0]) + b"\xff" * 4,
        bytes([250, 0, 1, 2]),
    ]
    texts += [whole + b for b in bad]
    texts += [whole + rand.randbytes(rand.randrange(200)) for _ in range(150)]
    texts += [rand.randbytes(rand.randrange(100)) for _ in range(50)]
    with Server(",websocket=on") as s:
        for text in texts:
            for address in (s.address, s.web):
                sock = rfb.connect(address)
                sock.settimeout(0.3)
                try:
                    sock.sendall(text)
                    sock.shutdown(socket.SHUT_WR)
                    while sock.recv(1 << 16):
                        pass
                except OSError:  # it may close at any time
                    pass
                sock.close()
        Rfb(s.address).see(pixels_are(BACKGROUND, (0, 0)))


def test_stuck():
    """A client that stops reading holds up nobody else."""
    with Server() as s:
        s.say("size 1280 800")
        stuck = Rfb(s.address)
        for _ in range(64):  # more than the socket's buffers take
            stuck.ask(incremental=False)
        half = rfb.connect(s.address)
        half.sendall(b"RFB 003.0")
        start = time.monotonic()
        c = Rfb(s.address)
        c.set_encodings(rfb.TIGHT)
        for color in (0xff0000, 0x00ff00, 0x0000ff):
            s.say(f"fill 0 0 1280 800 {color:06x}")
            c.see(pixels_are(color, (1279, 799)))
            c.key(ord("a"), True)
            s.wait("keyboard .*:1")
            c.key(ord("a"), False)
            s.wait("keyboard .*:0")
        if time.monotonic() - start > 5:
            raise AssertionError("others wait")
        # Nor does it hold up the end: Server's exit looks at that.


def film(s, kind=""):
    """(pictures a second, part of a core) of a client on this computer."""
    c = rfb.Watcher(s.address)
    c.set_encodings(rfb.TIGHT)
    c.ask(incremental=False)
    c.update()
    c.ask()
    before = s.seconds("vnc client")
    s.say("video 30 3 " + kind)
    frames = 0
    end = time.monotonic() + 3
    while time.monotonic() < end:
        frames += c.update()
        c.ask()
    cost = (s.seconds("vnc client") - before) / 3
    c.close()
    s.wait("video done")
    return frames / 3, cost


def test_cost():
    with Server() as s:
        s.say("size 1280 800")
        c = Rfb(s.address)
        c.see(pixels_are(BACKGROUND, (1279, 799)))
        c.ask()  # and nothing happens
        before = s.seconds("vnc client")
        time.sleep(1)
        idle = s.seconds("vnc client") - before
        c.close()
        flat, flat_cost = film(s)
        rich, rich_cost = film(s, "rich")
        print(f"idle {idle:.0%}, flat: {flat:.0f}/s {flat_cost:.0%}, "
              f"rich: {rich:.0f}/s {rich_cost:.0%}")
        if idle > 0.01 or flat_cost > 0.15 or rich_cost > 0.15:
            raise AssertionError("too much of a core")


# ---- browsers ----

class WebSocket:
    """A socket for Rfb whose bytes are in frames."""

    def __init__(self, address, origin=None, tls=None):
        self.sock = rfb.connect(address)
        if tls is not None:
            self.sock = tls.wrap_socket(self.sock, server_hostname="localhost")
        key = base64.b64encode(os.urandom(16)).decode()
        head = (f"GET /websockify HTTP/1.1\r\nHost: {address[0]}:{address[1]}"
                "\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
                f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Protocol: binary\r\n")
        if origin:
            head += f"Origin: {origin}\r\n"
        self.sock.sendall((head + "\r\n").encode())
        self.status, headers = read_head(self.sock)
        self.payload = b""
        if self.status == 101:
            digest = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
                                   ).encode()).digest()
            expect(headers["sec-websocket-accept"],
                   base64.b64encode(digest).decode())

    def frame(self, opcode, data, final=True):
        mask = os.urandom(4)
        head = bytes([opcode | 0x80 * final])
        head += bytes([0x80 | len(data)]) if len(data) < 126 else \
            bytes([0x80 | 126]) + struct.pack(">H", len(data))
        self.sock.sendall(head + mask + bytes(
            b ^ mask[i % 4] for i, b in enumerate(data)))

    def sendall(self, data):
        """In pieces, with a ping between."""
        self.frame(2, data[:1], final=False)
        self.frame(9, b"ping")
        self.frame(0, data[1:])

    def read_exact(self, n):
        data = b""
        while len(data) < n:
            more = self.sock.recv(n - len(data))
            if not more:
                raise rfb.Closed()
            data += more
        return data

    def recv(self, n):
        while not self.payload:
            first, length = self.read_exact(2)
            if length == 126:
                length, = struct.unpack(">H", self.read_exact(2))
            elif length == 127:
                length, = struct.unpack(">Q", self.read_exact(8))
            data = self.read_exact(length)
            if first & 15 == 10:
                expect(data, b"ping")
            else:
                expect(first, 0x82)
                self.payload = data
        data, self.payload = self.payload[:n], self.payload[n:]
        return data

    def close(self):
        self.sock.close()


def read_head(sock):
    text = b""
    while not text.endswith(b"\r\n\r\n"):
        byte = sock.recv(1)
        if not byte:
            raise rfb.Closed()
        text += byte
    lines = text.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) if i == 0 else
                   (line.split(": ", 1)[0].lower(), line.split(": ", 1)[1])
                   for i, line in enumerate(lines[1:-2], 1))
    return int(lines[0].split()[1]), headers


def get(sock, path):
    sock.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    status, headers = read_head(sock)
    body = b""
    while len(body) < int(headers["content-length"]):
        body += sock.recv(1 << 16)
    return status, headers, body


def test_web():
    with Server(",websocket=on") as s:
        c = Rfb(None, socket_=WebSocket(s.web))
        c.set_encodings(rfb.TIGHT)
        c.see(pixels_are(BACKGROUND, (0, 0), (319, 239)))
        c.key(ord("a"), True)
        expect(s.wait("keyboard .*"), f"keyboard {EV_KEY}:{KEY_A}:1")
        own = f"http://127.0.0.1:{s.web[1]}"
        expect(WebSocket(s.web, origin=own).status, 101)
        expect(WebSocket(s.web, origin="http://elsewhere").status, 403)
        # Wrong frames: not masked, too long, of no known kind.
        for wrong in (b"\x82\x01a", b"\x82\xff" + b"\xff" * 12,
                      b"\x83\x81" + bytes(5), b"\x89\xfe\x01\x00" + bytes(260)):
            w = WebSocket(s.web)
            w.sock.sendall(wrong)
            try:
                while w.sock.recv(4096):
                    pass
            except ConnectionError:
                pass
        with rfb.connect(s.web) as sock:
            status, headers, _ = get(sock, "/")
            expect((status, headers["location"]), (302, "/vnc_lite.html"))
            for path in ("/../../../etc/passwd", "/etc/passwd", "//x.html",
                         "/%2e%2e/x.html", "/core/..%2f/x.js"):
                expect(get(sock, path)[0], 404, path)
            if os.path.exists("/usr/share/novnc/vnc_lite.html"):
                status, headers, body = get(sock, "/vnc_lite.html?host=x")
                expect(status, 200)
                expect(headers["content-type"], "text/html; charset=utf-8")
                with open("/usr/share/novnc/vnc_lite.html", "rb") as f:
                    expect(body, f.read())
        # The plain port knows nothing of browsers.
        expect_closed_web(s.address)
    with Server(",websocket=on,password=on") as s:
        s.say("password sesame")
        s.wait("password set")
        sock = WebSocket(s.web, origin="http://elsewhere")
        Rfb(None, socket_=sock, password="sesame").close()


def expect_closed_web(address):
    try:
        WebSocket(address)
    except (rfb.Closed, UnicodeDecodeError, ValueError, IndexError,
            ConnectionError):
        return
    raise AssertionError("a WebSocket on the plain port")


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        globals()["test_" + sys.argv[1].replace("-", "_")]()
        os.chdir("/")


if __name__ == "__main__":
    main()
