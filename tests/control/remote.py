#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""VNC servers and TLS as control sockets see them: remote.py NAME, a function
test_NAME below.
"""

import json
import os
import re
import shutil
import socket
import ssl
import sys
import tempfile

import certs
import rfb
from qmp import PROGRAM, Qmp, System
from run import BARE, expect, expect_error, hmp, labels


# ---- VNC ----

def test_vnc():
    with System(*BARE, "-S") as s:
        q = s.connect()
        expect(q.run("query-vnc"), {"enabled": False})
        expect(q.run("query-vnc-servers"), [])
        expect_error("DeviceNotActive", "No VNC display has been activated",
                     q.run, "change-vnc-password", password="x")
    n = rfb.free_display()
    with System(*BARE, "-S", "-device", "virtio-gpu-pci,id=gpu", "-vnc",
                f":{n},password=on,websocket=on", "-display",
                "vnc=unix:vnc.sock,id=second,display=gpu") as s:
        q = s.connect()
        at = {"host": "127.0.0.1", "service": str(5900 + n),
              "family": "ipv4"}
        web = {**at, "service": str(5700 + n)}
        expect(q.run("query-vnc"),
               {**at, "enabled": True, "auth": "vnc", "clients": []})
        first, second = q.run("query-vnc-servers")
        expect(first, {"id": "default", "auth": "vnc", "clients": [],
                       "server": [
                           {**at, "websocket": False, "auth": "vnc"},
                           {**web, "websocket": True, "auth": "vnc"}]})
        expect((second["id"], second["auth"], second["display"],
                second["server"][0]["service"]),
               ("second", "none", "gpu", "vnc.sock"))
        passwords(q, n)
        rfb.Rfb("vnc.sock").close()
        expect(q.wait("VNC_CONNECTED")["data"]["client"]["family"], "unix")


def passwords(q, n):
    address = ("127.0.0.1", 5900 + n)
    expect_error("GenericError", "Could not set password", q.run,
                 "set_password", protocol="vnc", password="x",
                 display="second")
    expect_error("GenericError", "VNC display 'nix' not found", q.run,
                 "set_password", protocol="vnc", password="x", display="nix")
    expect_error("GenericError", "parameter 'connected' must be 'keep' when "
                 "'protocol' is 'vnc'", q.run, "set_password", protocol="vnc",
                 password="x", connected="disconnect")
    q.run("set_password", protocol="vnc", password="sesame", connected="keep")
    c = rfb.Rfb(address, password="sesame")
    expect((c.width, c.height), (640, 480))
    for name in ("CONNECTED", "INITIALIZED"):
        data = q.wait("VNC_" + name)["data"]
        expect((data["server"]["service"], data["server"]["auth"]),
               (str(5900 + n), "vnc"))
        expect(data["client"]["service"], str(c.sock.getsockname()[1]))
    expect(q.run("query-vnc")["clients"], [data["client"]])
    c.close()
    q.wait("VNC_DISCONNECTED")
    q.run("expire_password", protocol="vnc", time="now")
    wrong(address, "sesame")
    expect_error("GenericError", "Parameter 'time' doesn't take value 'soon'",
                 q.run, "expire_password", protocol="vnc", time="soon")
    q.run("expire_password", protocol="vnc", time="+60")
    hmp(q, "change vnc password another")
    wrong(address, "sesame")
    rfb.Rfb(address, password="another").close()
    hmp(q, "expire_password vnc never")
    hmp(q, "set_password vnc third")
    rfb.Rfb(address, password="third").close()
    for _ in range(4):
        q.wait("VNC_DISCONNECTED")
    expect(hmp(q, "info vnc", None).splitlines()[:6], [
        "default:", f"  Server: 127.0.0.1:{5900 + n} (ipv4)",
        "    Auth: vnc (Sub: none)",
        f"  Server: 127.0.0.1:{5700 + n} (ipv4) (Websocket)",
        "    Auth: vnc (Sub: none)",
        "  Auth: vnc (Sub: none)"])
    expect(hmp(q, "info vnc", None).splitlines()[-1],
           "default: 2 wrong passwords")
    expect(hmp(q, "change ide0 file x", None), "Error: only 'change vnc "
           "password' is supported\n")


def wrong(address, password):
    try:
        rfb.Rfb(address, password=password)
    except rfb.Refused:
        return
    raise AssertionError(f"{password} was taken")


# ---- TLS ----

X509 = {"qom-type": "tls-creds-x509", "dir": "pki"}


def test_tls():
    if shutil.which("certtool") is None:
        print("certtool is not installed")
        sys.exit(77)
    authority = certs.Authority("pki")
    authority.issue("server")
    authority.issue("client", "Alice")
    tls = ssl.create_default_context(cafile=authority.certificate)
    n = rfb.free_display()
    with System(*BARE, "-object",
                "tls-creds-x509,id=t,dir=pki,endpoint=server,verify-peer=off",
                "-object", "secret,id=s,data=sesame", "-object",
                "tls-creds-x509,id=both,dir=pki,endpoint=server",
                "-device", "bochs-display",
                "-vnc", f":{n},tls-creds=t,password-secret=s,websocket=on",
                "-vnc", f":{n + 1},tls-creds=both",
                "-chardev", "socket,id=m,host=127.0.0.1,port=0,server=on,"
                "wait=off,tls-creds=t", "-mon", "chardev=m,mode=control") as s:
        q = s.connect()
        tls_monitor(q, tls)
        tls_vnc(q, n, tls)
        tls_objects(q)
        tls_client(q, authority)


def port_of(q, chardev):
    return int(re.search(r":(\d+),", labels(q)[chardev]["filename"])[1])


def tls_monitor(q, tls):
    address = ("127.0.0.1", port_of(q, "m"))
    for _ in range(2):  # one after the other, with more than a record
        m = Qmp(address, tls=tls)
        expect(m.run("query-status")["status"], "running")
        expect(len(json.dumps(m.run("query-qmp-schema"))) > 20000, True)
        m.close()
    # A stranger does not get in, and does not stay.
    with socket.create_connection(address, 10) as stranger:
        stranger.sendall(b'{"execute": "quit"}\n' * 20)
        while stranger.recv(4096):
            pass
    Qmp(address, tls=tls).close()


def tls_vnc(q, n, tls):
    expect(q.run("query-vnc")["auth"], "vencrypt+x509+vnc")
    first, second = q.run("query-vnc-servers")
    expect((first["auth"], first["vencrypt"]), ("vencrypt", "x509-vnc"))
    expect([(a["websocket"], a["auth"], a.get("vencrypt"))
            for a in first["server"]],
           [(False, "vencrypt", "x509-vnc"), (True, "vnc", None)])
    expect((second["auth"], second["vencrypt"]), ("vencrypt", "x509-none"))
    expect("    Auth: vencrypt (Sub: x509-vnc)\n" in
           hmp(q, "info vnc", None), True)
    rfb.Rfb(("127.0.0.1", 5900 + n), tls=tls, password="sesame").close()
    expect(q.wait("VNC_INITIALIZED")["data"]["server"]["auth"],
           "vencrypt+x509+vnc")
    q.run("set_password", protocol="vnc", password="other")
    rfb.Rfb(("127.0.0.1", 5900 + n), tls=tls, password="other").close()
    tls.load_cert_chain("pki/client-cert.pem", "pki/client-key.pem")
    q.wait("VNC_INITIALIZED")
    c = rfb.Rfb(("127.0.0.1", 5901 + n), tls=tls)
    data = q.wait("VNC_INITIALIZED")["data"]["client"]
    expect(data["x509_dname"], "CN=Alice")
    c.close()


def tls_objects(q):
    objects = {e["name"]: e["type"] for e in q.run("qom-list", path="/objects")}
    expect(objects, {"type": "string", "t": "child<tls-creds-x509>",
                     "both": "child<tls-creds-x509>", "s": "child<secret>"})
    expect({t["name"] for t in
            q.run("qom-list-types", implements="tls-creds")},
           {"tls-creds-anon", "tls-creds-psk", "tls-creds-x509"})
    q.execute("object-add", {"qom-type": "secret", "id": "s2", "data": "YQ==",
                             "format": "base64"})
    expect_error("GenericError", "attempt to add duplicate property 's2' to "
                 "object (type 'container')", q.execute, "object-add",
                 {"qom-type": "tls-creds-anon", "id": "s2"})
    expect_error("GenericError", "Parameter 'keyid' is unexpected", q.execute,
                 "object-add", {"qom-type": "secret", "id": "s3", "data": "a",
                                "keyid": "s"})
    q.execute("object-del", {"id": "s2"})
    # Those who use them keep them.
    q.execute("object-del", {"id": "both"})


def tls_client(q, authority):
    """The emulator calls, and shows its certificate."""
    q.execute("object-add", {**X509, "id": "c", "endpoint": "client"})
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH,
                                     cafile=authority.certificate)
    tls.verify_mode = ssl.CERT_REQUIRED
    tls.load_cert_chain("pki/server-cert.pem", "pki/server-key.pem")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        for host in ("localhost", "127.0.0.1"):
            backend = {"type": "socket", "data": {
                "addr": {"type": "inet", "data": {
                    "host": host, "port": str(listener.getsockname()[1]),
                    "ipv4": True}},
                "server": False, "tls-creds": "c"}}
            q.run("chardev-add", id="call", backend=backend)
            with tls.wrap_socket(listener.accept()[0],
                                 server_side=True) as sock:
                expect(sock.getpeercert()["subject"],
                       ((("commonName", "Alice"),),))
            q.run("chardev-remove", id="call")
        backend["data"]["tls-creds"] = "t"
        expect_error("GenericError", "chardev 'call': tls-creds-x509 't': "
                     "expected endpoint=client", q.run, "chardev-add",
                     id="call", backend=backend)


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        globals()["test_" + sys.argv[1]]()
        os.chdir("/")
    print(f"{sys.argv[1]}: ok ({os.path.basename(PROGRAM)})")


if __name__ == "__main__":
    main()
