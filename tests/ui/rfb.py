# SPDX-License-Identifier: GPL-2.0-or-later
"""An RFB client for tests: handshake, Raw and Tight pictures, events."""

import os
import socket
import struct
import zlib

RAW, TIGHT = 0, 7
DESKTOP_SIZE, EXTENDED_SIZE, CURSOR, POINTER_POS, LAST_RECT = \
    -223, -308, -239, -232, -224
MOTION, KEYS, LEDS = -257, -258, -261
CLIPBOARD = 0xc0a1e5ce - (1 << 32)
CLIP_TEXT, CLIP_CAPS, CLIP_ASK, CLIP_PEEK, CLIP_NOTIFY, CLIP_GIVE = \
    1, 1 << 24, 1 << 25, 1 << 26, 1 << 27, 1 << 28
VENCRYPT = 19
QUALITY_5 = -27  # losses that hardly show
TIMEOUT = 10


class Closed(Exception):
    """The server has closed the connection."""


class Refused(Exception):
    """The server said why it does not want us."""


class Rfb:
    """One connection. Pixels are words 0xRRGGBB in .picture, row by row."""

    def __init__(self, address, password=None, shared=True, version=b"003.008",
                 init=True, socket_=None, tls=None, receive_buffer=None):
        self.sock = socket_ or connect(address, receive_buffer)
        self.events = []  # pseudo-rectangles: (encoding, x, y, w, h, data)
        self.cuts = []  # ServerCutText: bytes, or (flags, data)
        self.zlib = [zlib.decompressobj() for _ in range(4)]
        self.encodings = []
        self.server_version = self.read(12)
        self.write(b"RFB " + version + b"\n")
        if version == b"003.003":
            kind, = struct.unpack(">I", self.read(4))
        else:
            self.kinds = list(self.read(self.read(1)[0]))
            kind = self.kinds[0]
            self.write(bytes([kind]))
        vencrypt = kind == VENCRYPT
        if vencrypt:
            kind = self.encrypt(tls)
        if kind == 2:
            self.write(encrypt(self.read(16), password or ""))
        if (kind == 2 or vencrypt or version == b"003.008") and \
                struct.unpack(">I", self.read(4))[0] != 0:
            raise Refused(self.read_text() if version == b"003.008" else "")
        if init:
            self.write(bytes([shared]))
            self.width, self.height = struct.unpack(">HH", self.read(4))
            self.format = self.read(16)
            self.name = self.read_text()
            self.picture = [0] * (self.width * self.height)

    def encrypt(self, tls):
        """VeNCrypt, with an ssl.SSLContext; returns the kind inside."""
        self.vencrypt_version = self.read(2)
        self.write(bytes([0, 2]))
        if self.read(1) != b"\0":
            raise Refused("VeNCrypt 0.2")
        kind, = self.subkinds = struct.unpack(">I", self.read(4 *
                                                              self.read(1)[0]))
        self.write(struct.pack(">I", kind))
        if self.read(1) != b"\1":
            raise Refused(f"VeNCrypt {kind}")
        self.sock = tls.wrap_socket(self.sock, server_hostname="localhost")
        return {257: 1, 258: 2, 260: 1, 261: 2}[kind]

    def close(self):
        self.sock.close()

    def read(self, n):
        data = b""
        while len(data) < n:
            more = self.sock.recv(min(n - len(data), 1 << 20))
            if not more:
                raise Closed()
            data += more
        return data

    def read_text(self):
        return self.read(struct.unpack(">I", self.read(4))[0]).decode("latin1")

    def write(self, data):
        self.sock.sendall(data)

    # ---- to the server ----

    def set_encodings(self, *encodings):
        self.encodings = encodings
        self.write(struct.pack(">BxH", 2, len(encodings)) +
                   b"".join(struct.pack(">i", e) for e in encodings))

    def ask(self, incremental=True):
        self.write(struct.pack(">BBHHHH", 3, incremental, 0, 0, self.width,
                               self.height))

    def key(self, keysym, down):
        self.write(struct.pack(">BBxxI", 4, down, keysym))

    def key_at(self, xt, keysym, down):
        """QEMU's extended key event."""
        self.write(struct.pack(">BBHII", 255, 0, down, keysym, xt))

    def pointer(self, buttons, x, y):
        self.write(struct.pack(">BBHH", 5, buttons, x, y))

    def want_size(self, width, height):
        self.write(struct.pack(">BxHHBxIHHHHI", 251, width, height, 1, 1, 0, 0,
                               width, height, 0))

    def cut_text(self, data, length=None):
        """ClientCutText; another length than data's makes it a lie."""
        self.write(struct.pack(">Bxxxi", 6, len(data) if length is None
                               else length) + data)

    def clip(self, flags, data=b""):
        """The same, extended."""
        self.cut_text(struct.pack(">I", flags) + data, -len(data) - 4)

    # ---- from the server ----

    def update(self):
        """Reads one message; true if it had pixels."""
        kind = self.read(1)[0]
        if kind == 3:
            length, = struct.unpack(">xxxi", self.read(7))
            data = self.read(abs(length))
            self.cuts.append(data if length >= 0 else
                             (struct.unpack(">I", data[:4])[0], data[4:]))
            return False
        if kind != 0:
            raise AssertionError(f"message {kind}")
        n, = struct.unpack(">xH", self.read(3))
        drawn = False
        for _ in range(n):
            x, y, w, h, encoding = struct.unpack(">HHHHi", self.read(12))
            if encoding == LAST_RECT:
                break
            if encoding in (RAW, TIGHT):
                drawn = True
                self.draw(x, y, w, h, self.read_raw(w, h) if encoding == RAW
                          else self.read_tight(w, h))
            else:
                self.pseudo(x, y, w, h, encoding)
        return drawn

    def pseudo(self, x, y, w, h, encoding):
        data = b""
        if encoding == EXTENDED_SIZE:
            data = self.read(4)
            data += self.read(16 * data[0])
        elif encoding == CURSOR:
            data = self.read(w * h * 4 + (w + 7) // 8 * h)
        elif encoding == LEDS:
            data = self.read(1)
        self.events.append((encoding, x, y, w, h, data))
        if encoding in (DESKTOP_SIZE, EXTENDED_SIZE) and \
                (w, h) != (self.width, self.height):
            self.width, self.height = w, h
            self.picture = [0] * (w * h)

    def draw(self, x, y, w, h, pixels):
        if x + w > self.width or y + h > self.height:
            raise AssertionError(f"{w}x{h} at {x},{y} is outside")
        for row in range(h):
            at = (y + row) * self.width + x
            self.picture[at:at + w] = pixels[row * w:(row + 1) * w]

    def read_raw(self, w, h):
        words = struct.unpack(f"<{w * h}I", self.read(w * h * 4))
        return [p & 0xffffff for p in words]

    def read_length(self):
        value = 0
        for shift in (0, 7, 14):
            byte = self.read(1)[0]
            value |= (byte & (0x7f if shift < 14 else 0xff)) << shift
            if byte < 0x80:
                break
        return value

    def inflate(self, stream, size):
        if size < 12:
            return self.read(size)
        data = self.zlib[stream].decompress(self.read(self.read_length()))
        if len(data) != size:
            raise AssertionError(f"{len(data)} bytes, not {size}")
        return data

    def read_tight(self, w, h):
        control = self.read(1)[0]
        for i in range(4):
            if control >> i & 1:
                self.zlib[i] = zlib.decompressobj()
        kind = control >> 4
        if kind == 8:  # fill
            return rgb(self.read(3)) * (w * h)
        if kind == 9:
            self.read(self.read_length())
            raise AssertionError("JPEG, though nobody said lossy=on")
        stream, filtered = kind & 3, kind & 4
        which = self.read(1)[0] if filtered else 0
        if which == 0:
            return rgb(self.inflate(stream, w * h * 3))
        if which != 1:
            raise AssertionError(f"filter {which}")
        palette = rgb(self.read((self.read(1)[0] + 1) * 3))
        if len(palette) > 2:
            return [palette[i] for i in self.inflate(stream, w * h)]
        stride = (w + 7) // 8
        bits = self.inflate(stream, stride * h)
        return [palette[bits[y * stride + x // 8] >> (7 - x % 8) & 1]
                for y in range(h) for x in range(w)]

    # ---- both ----

    def see(self, wanted, what="the picture"):
        """Asks for updates until wanted(self) is true."""
        if wanted(self):
            return
        self.ask()
        for _ in range(1000):
            drawn = self.update()
            if wanted(self):
                return
            if drawn or self.events[-1:] and \
                    self.events[-1][0] in (EXTENDED_SIZE, DESKTOP_SIZE, CURSOR,
                                           POINTER_POS):
                self.ask()
        raise AssertionError(f"{what} did not come")

    def pixel(self, x, y):
        return self.picture[y * self.width + x]


class Watcher(Rfb):
    """Takes pictures as fast as they come and looks at none."""

    taken = bytearray(1 << 20)
    encoding = None  # of the last rectangle

    def until(self, *encodings):
        """Takes a picture, or until one is encoded so."""
        self.encoding = None
        while self.encoding not in (encodings or (RAW, TIGHT)):
            self.update()
            self.ask()

    def skip(self, n):
        view = memoryview(self.taken)
        while n > 0:
            got = self.sock.recv_into(view[:min(n, len(view))])
            if got == 0:
                raise Closed()
            n -= got

    def draw(self, x, y, w, h, pixels):
        pass

    def read_raw(self, w, h):
        self.encoding = RAW
        self.skip(w * h * 4)

    def read_tight(self, w, h):
        self.encoding = TIGHT
        kind = self.read(1)[0] >> 4
        if kind == 8:  # fill
            self.skip(3)
        elif kind == 9:  # JPEG
            self.skip(self.read_length())
        else:
            size = w * h * 3
            if kind & 4 and self.read(1)[0] == 1:
                colors = self.read(1)[0] + 1
                self.skip(colors * 3)
                size = w * h if colors > 2 else (w + 7) // 8 * h
            self.skip(size if size < 12 else self.read_length())


def connect(address, receive_buffer=None):
    family = socket.AF_INET if isinstance(address, tuple) else socket.AF_UNIX
    sock = socket.socket(family, socket.SOCK_STREAM)
    if receive_buffer is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    sock.settimeout(TIMEOUT)
    sock.connect(address)
    return sock


def rgb(data):
    return [data[i] << 16 | data[i + 1] << 8 | data[i + 2]
            for i in range(0, len(data), 3)]


def encrypt(challenge, password):
    """VNC's way with DES: the bits of each byte of the key are turned round."""
    key = password.encode("latin1")[:8].ljust(8, b"\0")
    key = bytes(int(f"{b:08b}"[::-1], 2) for b in key)
    return b"".join(des(key, challenge[i:i + 8]) for i in (0, 8))


# ---- DES (FIPS 46-3), because Python has none ----

IP = [58 + 2 * (i // 8) - 8 * (i % 8) if i < 32 else
      57 + 2 * (i // 8 - 4) - 8 * (i % 8) for i in range(64)]
FP = [IP.index(i) + 1 for i in range(1, 65)]
E = [(4 * (i // 6) + i % 6 - 1) % 32 + 1 for i in range(48)]
P = [16, 7, 20, 21, 29, 12, 28, 17, 1, 15, 23, 26, 5, 18, 31, 10,
     2, 8, 24, 14, 32, 27, 3, 9, 19, 13, 30, 6, 22, 11, 4, 25]
PC1 = [57, 49, 41, 33, 25, 17, 9, 1, 58, 50, 42, 34, 26, 18,
       10, 2, 59, 51, 43, 35, 27, 19, 11, 3, 60, 52, 44, 36,
       63, 55, 47, 39, 31, 23, 15, 7, 62, 54, 46, 38, 30, 22,
       14, 6, 61, 53, 45, 37, 29, 21, 13, 5, 28, 20, 12, 4]
PC2 = [14, 17, 11, 24, 1, 5, 3, 28, 15, 6, 21, 10, 23, 19, 12, 4, 26, 8,
       16, 7, 27, 20, 13, 2, 41, 52, 31, 37, 47, 55, 30, 40, 51, 45, 33, 48,
       44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32]
SHIFTS = [1, 1, 2, 2, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 1]
S = [
    "e4d12fb83a6c5907" "0f74e2d1a6cb9538" "41e8d62bfc973a50"
    "fc8249175b3ea06d",
    "f18e6b34972dc05a" "3d47f28ec01a69b5" "0e7ba4d158c6932f"
    "d8a13f42b67c05e9",
    "a09e63f51dc7b428" "d709346a285ecbf1" "d6498f30b12c5ae7"
    "1ad069874fe3b52c",
    "7de3069a1285bc4f" "d8b56f03472c1ae9" "a690cb7df13e5284"
    "3f06a1d8945bc72e",
    "2c417ab6853fd0e9" "eb2c47d150fa3986" "421bad78f9c5630e"
    "b8c71e2d6f09a453",
    "c1af92680d34e75b" "af427c9561de0b38" "9ef528c3704a1db6"
    "432c95fabe17608d",
    "4b2ef08d3c975a61" "d0b7491ae35c2f86" "14bdc37eaf680592"
    "6bd814a7950fe23c",
    "d2846fb1a93e50c7" "1fd8a374c56b0e92" "7b419ce206adf358"
    "21e74a8dfc90356b",
]


def permute(bits, table):
    return [bits[i - 1] for i in table]


def des(key, block):
    def bits_of(data):
        return [byte >> (7 - i) & 1 for byte in data for i in range(8)]

    cd = permute(bits_of(key), PC1)
    c, d = cd[:28], cd[28:]
    bits = permute(bits_of(block), IP)
    left, right = bits[:32], bits[32:]
    for shift in SHIFTS:
        c, d = c[shift:] + c[:shift], d[shift:] + d[:shift]
        mixed = [a ^ b for a, b in zip(permute(right, E), permute(c + d, PC2))]
        out = []
        for i in range(8):
            six = mixed[6 * i:6 * i + 6]
            row = six[0] * 2 + six[5]
            column = six[1] * 8 + six[2] * 4 + six[3] * 2 + six[4]
            value = int(S[i][16 * row + column], 16)
            out += [value >> (3 - k) & 1 for k in range(4)]
        left, right = right, [a ^ b for a, b in zip(left, permute(out, P))]
    bits = permute(right + left, FP)
    return bytes(int("".join(map(str, bits[i:i + 8])), 2)
                 for i in range(0, 64, 8))


def free_display():
    """A display number whose ports are free now."""
    start = 100 + os.getpid() % 3000
    for display in range(start, start + 1000):
        if all(not is_open(port) for port in (5900 + display, 5700 + display)):
            return display
    raise AssertionError("no port is free")


def is_open(port):
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False
