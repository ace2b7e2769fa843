#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""VNC servers with TLS: vnc-tls.py NAME, a function test_NAME below."""

import os
import shutil
import ssl
import struct
import sys
import tempfile
import time

import rfb
from certs import Authority, certtool
from rfb import Rfb
from vnc import BACKGROUND, Screens, Server, WebSocket, expect, get, \
    pixels_are

SECRET = "secret,id=s,data=sesame"
LONG_AGO = "2021-01-01 00:00:00"


def x509(verify=False, folder="pki", more=""):
    return (f"tls-creds-x509,id=t,dir={folder},endpoint=server,verify-peer="
            f"{'on' if verify else 'off'}{more}")


def context(authority, client=None):
    """A client's, who trusts the authority; client: its certificate's folder.
    """
    tls = ssl.create_default_context(cafile=authority.certificate)
    if client is not None:
        tls.load_cert_chain(os.path.join(client, "client-cert.pem"),
                            os.path.join(client, "client-key.pem"))
    return tls


def nameless():
    """A client's without certificates on either side."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    tls.check_hostname = False
    tls.verify_mode = ssl.CERT_NONE
    tls.maximum_version = ssl.TLSVersion.TLSv1_2
    tls.set_ciphers("aNULL:@SECLEVEL=0")
    return tls


def authority():
    a = Authority("pki")
    a.issue("server")
    return a


def expect_closed(address, **options):
    try:
        Rfb(address, **options)
    except (rfb.Closed, rfb.Refused, ssl.SSLError, OSError) as e:
        return e
    raise AssertionError("a client was let in")


# ---- who gets in ----

def test_certificates():
    a = authority()
    tls = context(a)
    with Server(",tls-creds=t", objects=[x509()]) as s:
        for version in (b"003.007", b"003.008"):
            c = Rfb(s.address, tls=tls, version=version)
            expect((c.kinds, c.vencrypt_version, c.subkinds),
                   ([rfb.VENCRYPT], b"\0\2", (260,)))
            c.see(pixels_are(BACKGROUND, (0, 0), (319, 239)))
            c.close()
        c = Rfb(s.address, tls=tls)
        c.set_encodings(rfb.TIGHT, rfb.DESKTOP_SIZE)
        s.say("size 2000 1000", "fill 0 0 2000 1000 ff8000")
        c.see(lambda c: (c.width, c.height) == (2000, 1000) and
              c.pixel(1999, 999) == 0xff8000)
        c.key(ord("a"), True)
        s.wait("keyboard .*")
        c.close()
        s.wait("client disconnected .* 0")
    with Server(",tls-creds=t,password-secret=s",
                objects=[x509(), SECRET]) as s:
        c = Rfb(s.address, tls=tls, password="sesame")
        expect(c.subkinds, (261,))
        c.see(pixels_are(BACKGROUND, (0, 0)))
        e = expect_closed(s.address, tls=tls, password="sesamo")
        expect(str(e), "wrong password")
        s.wait("client disconnected .* 1")
        s.say("password other")
        s.wait("password set")
        Rfb(s.address, tls=tls, password="other").close()


def test_clients():
    """The server wants to see a certificate."""
    a = authority()
    a.issue("client", "Alice")
    b = Authority("other")
    b.issue("client", "Mallory")
    with Server(",tls-creds=t", objects=[x509(verify=True)]) as s:
        Rfb(s.address, tls=context(a, "pki")).close()
        for folder in (None, "other"):
            c = None
            try:
                c = Rfb(s.address, tls=context(a, folder))
            except (rfb.Closed, ssl.SSLError, OSError):
                pass
            expect(c, None, f"a client of {folder}")
        s.wait("client disconnected .* 2")


def test_anonymous():
    with Server(",tls-creds=t,password=on",
                objects=["tls-creds-anon,id=t,endpoint=server"]) as s:
        s.say("password sesame")
        s.wait("password set")
        c = Rfb(s.address, tls=nameless(), password="sesame")
        expect(c.subkinds, (258,))
        c.see(pixels_are(BACKGROUND, (0, 0)))


# ---- who does not ----

def raw(s, *steps):
    """Steps are bytes to send, or how many to read; true if we were cut."""
    with rfb.connect(s.address) as sock:
        for step in steps:
            if isinstance(step, bytes):
                sock.sendall(step)
            else:
                got = b""
                while len(got) < step:
                    more = sock.recv(step - len(got))
                    if not more:
                        return True
                    got += more
        try:
            while sock.recv(4096):
                pass
        except ConnectionError:
            pass
        return True


def test_bad_clients():
    authority()
    hello = (12, b"RFB 003.008\n", 2)
    vencrypt = (*hello, b"\x13", 2, b"\0\2", 1, 5)
    with Server(",tls-creds=t", objects=[x509()]) as s:
        start = time.monotonic()
        for n, steps in enumerate((
                (12, b"RFB 003.003\n"),             # knows no encryption
                (*hello, b"\1"),                    # wants none
                (*hello, b"\x13", 2, b"\0\1"),      # VeNCrypt 0.1
                (*vencrypt, struct.pack(">I", 257)),
                (*vencrypt, struct.pack(">I", 260), 1, b"GET / HTTP/1.1\r\n")
                ), 1):
            raw(s, *steps)
            s.wait(f"client disconnected .* {n}")
        # Who leaves has done nothing wrong.
        for steps in ((), (12,), hello, vencrypt,
                      (*vencrypt, struct.pack(">I", 260), 1)):
            sock = rfb.connect(s.address)
            for step in steps:
                if isinstance(step, bytes):
                    sock.sendall(step)
                else:
                    sock.recv(step, rfb.socket.MSG_WAITALL)
            sock.close()
            s.wait("client disconnected .* 5")
        # The last of them waited for its turn.
        if time.monotonic() - start < 1.9:
            raise AssertionError("trying is free")


def test_web():
    a = authority()
    tls = context(a)
    with Server(",tls-creds=t,websocket=on", objects=[x509()]) as s:
        c = Rfb(None, socket_=WebSocket(s.web, tls=tls))
        c.set_encodings(rfb.TIGHT)
        c.see(pixels_are(BACKGROUND, (0, 0), (319, 239)))
        expect(c.kinds, [1])
        c.key(ord("a"), True)
        s.wait("keyboard .*")
        own = f"https://127.0.0.1:{s.web[1]}"
        expect(WebSocket(s.web, own, tls).status, 101)
        with tls.wrap_socket(rfb.connect(s.web),
                             server_hostname="localhost") as sock:
            expect(get(sock, "/")[0], 302)
        try:
            status = WebSocket(s.web).status
        except (rfb.Closed, OSError, ValueError, IndexError):
            status = 0
        expect(status, 0, "a page without encryption")
        expect(Rfb(s.address, tls=tls).kinds, [rfb.VENCRYPT])


# ---- options ----

def expect_error(start, *objects, options=""):
    s = Screens(*(w for o in objects for w in ("-object", o)), ":1" + options)
    expect(s.first[:len(start) + 7], "error: " + start)
    expect(s.process.wait(10), 1)


def test_options():
    a = authority()
    name = "-object: tls-creds-x509 't': "
    vnc = "-vnc :1,tls-creds=t: "
    expect_error("-object: secret 's': either 'file' or 'data' must be",
                 "secret,id=s")
    expect_error("-object: secret 's': 'file' and 'data' are mutually",
                 "secret,id=s,data=a,file=b")
    expect_error("-object: secret 's': it is not valid base64",
                 "secret,id=s,data=a%,format=base64")
    expect_error("-object: secret 's': Failed to open file", "secret,id=s,file=x")
    expect_error("-object: secret 's': keyid= and iv= ",
                 "secret,id=s,data=a,keyid=m,iv=x")
    expect_error("-object: attempt to add duplicate property 's'",
                 SECRET, SECRET)
    expect_error("-vnc :1,password-secret=s: no secret with id 's'",
                 options=",password-secret=s")
    expect_error("-vnc :1,password-secret=s: secret 's' is no text",
                 "secret,id=s,data=/w==,format=base64",
                 options=",password-secret=s")
    expect_error("-vnc :1,password-secret=s,password=on: 'password' is redund",
                 SECRET, options=",password-secret=s,password=on")
    expect_error(vnc + "no TLS credentials with id 't'",
                 options=",tls-creds=t")
    expect_error(vnc + "tls-creds-anon 't': expected endpoint=server",
                 "tls-creds-anon,id=t,endpoint=client",
                 options=",tls-creds=t")
    expect_error("-vnc :1,tls-authz=x: tls-authz= is not supported yet",
                 options=",tls-authz=x")
    expect_error("-object: tls-creds-anon 't': priority 'NONSENSE:",
                 "tls-creds-anon,id=t,priority=NONSENSE")
    expect_error(name + "parameter 'dir' is missing",
                 "tls-creds-x509,id=t,endpoint=server")
    expect_error(name + "invalid value 'x' for 'endpoint'",
                 "tls-creds-x509,id=t,endpoint=x")
    expect_error(name + "cannot read 'nix/ca-cert.pem': No such file",
                 x509(folder="nix"))
    shutil.copytree("pki", "bad")
    b = Authority("bad")
    expect_error(name + "the certificate 'bad/server-cert.pem' fails against "
                 "'bad/ca-cert.pem': The certificate is NOT trusted.",
                 x509(folder="bad"))
    b.issue("server")
    b.make_key("server")
    expect_error(name + "cannot use 'bad/server-cert.pem' with the key "
                 "'bad/server-key.pem': The certificate and the given key do",
                 x509(folder="bad"))
    os.remove("bad/server-key.pem")
    expect_error(name + "cannot read 'bad/server-key.pem': No such file",
                 x509(folder="bad"))
    b.issue("server", until=LONG_AGO)
    expect_error(name + "the certificate 'bad/server-cert.pem' has expired",
                 x509(folder="bad"))
    with open("bad/server-cert.pem", "wb") as f:
        f.write(os.urandom(1000))
    expect_error(name + "cannot load certificates of 'bad/server-cert.pem'",
                 x509(folder="bad"))
    # A key that a secret decrypts.
    certtool("--key-info", "--load-privkey", "pki/server-key.pem", "--to-p8",
             "--pkcs-cipher=aes-256", "--password=pw", "--outfile", "k.pem")
    os.replace("k.pem", "pki/server-key.pem")
    with Server(",tls-creds=t", objects=[
            "secret,id=p,data=cHc=,format=base64",
            x509(more=",passwordid=p")]) as s:
        Rfb(s.address, tls=context(a)).close()


def main():
    if shutil.which("certtool") is None:
        print("certtool is not installed")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        globals()["test_" + sys.argv[1].replace("-", "_")]()
        os.chdir("/")


if __name__ == "__main__":
    main()
