#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""pull, push, login: against docker-registry filled by skopeo, and against a
registry of our own that stalls, breaks off, redirects and lies."""
import base64
import gzip
import json
import os
import random
import re
import socket
import ssl
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from rig import INDEX, Layout, Rig, dumps, folder, have, main, same, sha, tar_of

BIG = tar_of([folder("d"), ("d/random", random.Random(1).randbytes(600000))])
SMALL = tar_of([("small", b"x")])
USER = "Basic " + base64.b64encode(b"me:secret").decode()
os.environ["CUTTLE_REGISTRY_TIMEOUT"] = "1"
for name in ("REGISTRY_AUTH_FILE", "CONTAINERS_REGISTRIES_CONF"):
    os.environ[name] = "/nonexistent"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def reply(self, status, body=b"", **headers):
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_GET(self):
        s = self.server
        s.seen.append((self.path, dict(self.headers)))
        if s.trick is not None and s.trick(self):
            return
        if s.auth is not None and not s.auth(self):
            return
        found = re.match(r"/v2/x/(manifests|blobs)/(.*)", self.path)
        key = s.tags.get(found[2], found[2]) if found else None
        data = s.layout.files.get(f"blobs/sha256/{(key or '')[7:]}")
        if self.path == "/v2/":
            self.reply(200, b"{}")
        elif data is None:
            self.reply(404, dumps({"errors": [{"message": "no\nsuch"}]}))
        else:
            self.blob(data, s.types.get(key, "application/octet-stream"))

    do_HEAD = do_GET

    def blob(self, data, media):
        begin = re.match(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if begin and self.server.ranges:
            start = int(begin[1])
            self.reply(206, data[start:], Content_Type=media,
                       Content_Range=f"bytes {start}-{len(data) - 1}/"
                                     f"{len(data)}")
        else:
            self.reply(200, data, Content_Type=media)


class Server(ThreadingHTTPServer):
    """Serves a Layout as repository x."""
    daemon_threads = True

    def __init__(self, layout, tags, tls=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.layout, self.tags = layout, tags
        self.types = {sha(data): json.loads(data).get("mediaType", "")
                      for data in layout.files.values() if data[:1] == b"{"}
        self.trick = self.auth = None
        self.ranges, self.seen = True, []
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_side=True)
        self.at = f"127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, args=(0.05,),
                         daemon=True).start()

    def handle_error(self, *_):
        pass

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


def serve(tls=None, pack=None):
    layout = Layout()
    d = layout.image(None, [BIG, SMALL], pack=pack)
    return Server(layout, {"1": d["digest"]}, tls)


def blob_trick(server, digest, act):
    """Once for each act of the list, on requests for this blob."""
    acts = list(act) if isinstance(act, list) else None

    def trick(handler):
        if f"/blobs/{digest}" not in handler.path or acts == []:
            return False
        return (acts.pop(0) if acts is not None else act)(handler)
    server.trick = trick


def cut_after(count):
    """Promises all, sends some, closes."""
    def act(handler):
        digest = handler.path.rpartition("/")[2]
        data = handler.server.layout.files["blobs/sha256/" + digest[7:]]
        begin = re.match(r"bytes=(\d+)-", handler.headers.get("Range", ""))
        start = int(begin[1]) if begin else 0
        handler.send_response(206 if begin else 200)
        handler.send_header("Content-Length", str(len(data) - start))
        handler.end_headers()
        handler.wfile.write(data[start:start + count])
        handler.close_connection = True
        return True
    return act


def stall(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "100")
    handler.end_headers()
    handler.wfile.flush()
    time.sleep(2.5)
    handler.close_connection = True
    return True


def pulled(r, server, *options):
    same(r.run("pull", "-q", *options, f"{server.at}/x:1").returncode, 0)
    tree = r.ok("image", "unpack", f"{server.at}/x:1").split()
    same(os.path.getsize(tree[0] + "/d/random"), 600000)
    r.clean()


def refused(r, server, says, *options):
    line = r.fails("pull", "-q", *options, f"{server.at}/x:1", says=says)
    same(r.images(), [])
    r.ok("prune", "-f")
    same(r.blobs(), [])
    r.clean()
    return line


def plain():
    with serve(pack=gzip.compress) as s, Rig() as r:
        pulled(r, s)
        done = r.run("pull", f"{s.at}/x:1")
        same((done.returncode, done.stderr), (0, b""))
        r.fails("pull", f"{s.at}/x:2", says=["x/manifests/2: not there",
                                             "(no?such)"])
        r.fails("pull", "--platform", "arm64", f"{s.at}/x:1",
                says="an image for linux/amd64, not linux/arm64")
        r.fails("pull", "Bad:", says="image name 'Bad:'")
        r.fails("pull", "--policy", "x", f"{s.at}/x:1", says="policy 'x'")
        r.ok("pull", "--policy", "never", f"{s.at}/x:1")
        r.ok("rmi", f"{s.at}/x:1")
        r.fails("pull", "--policy", "never", f"{s.at}/x:1", says="not known")
        digest = s.tags["1"]
        r.ok("pull", "-q", f"{s.at}/x@{digest}")
        r.ok("inspect", f"{s.at}/x@{digest}")
    with Rig() as r:
        r.fails("pull", f"{s.at}/x:1", says="refused")
        r.fails("pull", "--tls-verify", f"{s.at}/x:1", says=s.at)


def resumed():
    """A transfer that breaks off goes on where it was, not from the start."""
    for ranges in (True, False):
        with serve() as s, Rig() as r:
            s.ranges = ranges
            blob_trick(s, sha(BIG), [cut_after(200000), cut_after(200000)]
                       if ranges else [cut_after(200000)])
            pulled(r, s)
            asked = [h.get("Range") for p, h in s.seen if sha(BIG) in p]
            same(asked, [None, "bytes=200000-", "bytes=400000-"] if ranges
                 else [None, "bytes=200000-"])
    with serve() as s, Rig() as r:
        blob_trick(s, sha(BIG), stall)  # until it is given up
        blob_trick(s, sha(BIG), [cut_after(300000)] + [cut_after(0)] * 5)
        os.environ["CUTTLE_REGISTRY_TIMEOUT"] = "1"
        same(r.run("pull", "-q", f"{s.at}/x:1").returncode, 125)
        same(r.images(), [])
        s.trick = None
        s.seen.clear()
        pulled(r, s)  # another run, later
        same([h.get("Range") for p, h in s.seen if sha(BIG) in p],
             ["bytes=300000-"])
        same(os.listdir(r.store + "/partial"), [])


def lies():
    def sends(data, **headers):
        def act(handler):
            handler.reply(200, data, **headers)
            return True
        return act

    def on_manifest(data, **headers):
        def trick(handler):
            return "/manifests/" in handler.path and \
                sends(data, **headers)(handler)
        return trick

    with serve() as s, Rig() as r:
        for data, says in ((b"y" * len(BIG), "the registry's bytes have digest"),
                           (BIG + b"more", "sends more than its")):
            blob_trick(s, sha(BIG), sends(data))
            refused(r, s, [f"blob {sha(BIG)}", says])
        for data, says in (
                (b"", "JSON"), (b"[1]", "not a JSON object"),
                (b"{" * 99999, "nested more than 64"),
                (b" " * (5 << 20), "more than 4194304 bytes"),
                (b'{"schemaVersion":1,"mediaType":"application/vnd.oci.image.'
                 b'manifest.v1+json"}', "Docker's old format")):
            s.trick = on_manifest(data)
            refused(r, s, says)
        good = s.layout.files["blobs/sha256/" + s.tags["1"][7:]]
        s.trick = on_manifest(good, Docker_Content_Digest=sha(b"another"))
        refused(r, s, "the registry's bytes have digest")
        for status, says in ((500, "the registry failed"), (403, "denied"),
                             (429, "too many requests")):
            s.trick = lambda h, x=status: h.reply(x) or True
            refused(r, s, says)


def loops():
    """An index that lists itself cannot be made; one in one in one can."""
    layout = Layout()
    d = layout.image(None, [SMALL])
    for _ in range(8):
        d = layout.index(None, [{**d, "platform": {"os": "linux",
                                                   "architecture": "amd64"}}])
    with Server(layout, {"1": d["digest"]}) as s, Rig() as r:
        refused(r, s, "nested more than 4")


def indexes():
    layout = Layout()
    all_ = [layout.image(None, [SMALL], arch=a) for a in ("arm64", "amd64")]
    d = layout.index(None, all_)
    with Server(layout, {"1": d["digest"]}) as s, Rig() as r:
        r.ok("pull", "-q", f"{s.at}/x:1")
        same(r.ok("inspect", "-f", "{{.Architecture}}", f"{s.at}/x:1"),
             "amd64\n")
        assert d["digest"] in r.ok("inspect", "-f", "{{.RepoDigests}}",
                                   f"{s.at}/x:1")
        r.ok("pull", "-q", "--platform", "arm64", f"{s.at}/x:1")
        same(len(r.images()), 2)
        r.fails("pull", "--platform", "s390x", f"{s.at}/x:1",
                says="no image for linux/s390x (it has: linux/arm64, "
                     "linux/amd64)")
        r.ok("rmi", f"{s.at}/x:1")
        r.ok("pull", "-q", "--all-platforms", f"{s.at}/x:1")
        same(len(r.images()), 2)
        r.clean()
        assert INDEX


def stalls():
    with serve() as s, Rig() as r:
        s.trick = stall
        begin = time.monotonic()
        refused(r, s, "timed out")
        same(time.monotonic() - begin < 8, True)
    with socket.create_server(("127.0.0.1", 0)) as deaf, Rig() as r:
        at = f"127.0.0.1:{deaf.getsockname()[1]}"
        r.fails("pull", f"{at}/x:1", says=at)


def redirects():
    with serve() as s, serve() as other, Rig() as r:
        s.auth = lambda h: h.headers.get("Authorization") == USER or \
            h.reply(401, WWW_Authenticate="Basic realm=x")
        # A blob from elsewhere: what we are here is not told there.
        blob_trick(s, sha(BIG), lambda h: h.reply(
            307, Location=f"http://{other.at}{h.path}") or True)
        pulled(r, s, "--creds", "me:secret")
        same(["Authorization" in h for _, h in other.seen], [False])
        r.ok("rmi", "-a")
        s.auth = None
        s.trick = lambda h: h.reply(302, Location=h.path) or True
        refused(r, s, "more than 10 redirects")
        s.trick = lambda h: h.reply(302) or True
        refused(r, s, "a redirect to nowhere")
        s.trick = lambda h: h.reply(302, Location="file:///etc/passwd") or True
        refused(r, s, "a redirect to nowhere")
        s.trick = lambda h: h.reply(302, Location="http://") or True
        refused(r, s, ["registry " + s.at])


def authentication():
    with serve() as s, Rig() as r:
        def token(handler):
            if handler.path.startswith("/token"):
                s.scopes.append(handler.path)
                handler.reply(200 if handler.headers.get("Authorization") ==
                              USER else 401, dumps({"token": "T"}))
                return False
            if handler.headers.get("Authorization") == "Bearer T":
                return True
            handler.reply(401, WWW_Authenticate=f'Bearer realm="http://{s.at}'
                          '/token",service="s v",scope="repository:x:pull"')
            return False

        s.scopes, s.auth = [], token
        refused(r, s, "token server: status 401")
        pulled(r, s, "--creds", "me:secret")
        assert "scope=repository%3Ax%3Apull" in s.scopes[-1], s.scopes
        r.ok("rmi", "-a")
        # auth.json: kept by login, found for the host, forgotten by logout.
        file = r.path("auth.json")
        r.fails("login", "--authfile", file, "-u", "me", "-p", "wrong", s.at,
                says="status 401")
        same(os.path.exists(file), False)
        same(r.ok("login", "--authfile", file, "-u", "me", "--password-stdin",
                  s.at, stdin=b"secret\n"), "Login Succeeded!\n")
        same(os.stat(file).st_mode & 0o777, 0o600)
        pulled(r, s, "--authfile", file)
        r.ok("logout", "--authfile", file, s.at)
        r.fails("logout", "--authfile", file, s.at, says="not logged in")
        r.ok("rmi", "-a")
        s.auth = lambda h: h.headers.get("Authorization") == USER or \
            h.reply(401, WWW_Authenticate="Basic realm=x")
        refused(r, s, "login needed")
        refused(r, s, "unauthorized", "--creds", "me:wrong")
        with open(file, "w", encoding="utf-8") as f:
            f.write('{"auths": {"%s/x": {"auth": "%s"}}}' % (s.at, USER[6:]))
        pulled(r, s, "--authfile", file)
        with open(file, "w", encoding="utf-8") as f:
            f.write("{")
        r.fails("pull", "--authfile", file, f"{s.at}/x:1", says="auth.json")


def certificates():
    have("openssl")
    with Rig() as r:
        os.mkdir(r.path("certs"))
        cert, key = r.path("certs/ca.crt"), r.path("key")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
                        "-out", cert, "-days", "2", "-subj", "/CN=x", "-addext",
                        "subjectAltName=IP:127.0.0.1"], check=True,
                       capture_output=True)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(cert, key)
        with serve(tls) as s:
            refused(r, s, ["registry " + s.at, "certificate"], "--tls-verify")
            pulled(r, s, "--tls-verify", "--cert-dir", r.path("certs"))
            r.ok("rmi", "-a")
            pulled(r, s, "--tls-verify=false")


def mirrors():
    with serve() as s, Rig() as r:
        conf = r.path("conf", f"""
[[registry]]
prefix = "registry.invalid/team"  # nobody answers there
[[registry.mirror]]
location = "127.0.0.1:1/x"
[[registry.mirror]]
location = "{s.at}"
insecure = true
[[registry]]
location = 'blocked.invalid'
blocked = true
""".encode())
        env = {"CONTAINERS_REGISTRIES_CONF": conf}
        done = r.run("pull", "-q", "registry.invalid/team/x:1", env=env)
        same((done.returncode, done.stderr), (0, b""))
        same(r.images(), ["registry.invalid/team/x:1"])
        done = r.run("pull", "blocked.invalid/x", env=env)
        same(done.stderr, b"Error: registry blocked.invalid: blocked by "
                          b"registries.conf\n")


def docker_registry():
    have("docker-registry", "skopeo")
    with Rig() as r, socket.create_server(("127.0.0.1", 0)) as probe:
        at = f"127.0.0.1:{probe.getsockname()[1]}"
        probe.close()
        conf = r.path("registry.yml", f"""
version: 0.1
log: {{level: error, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {r.path('registry')}}}}}
http: {{addr: "{at}"}}
""".encode())
        # REGISTRY_* are options to it.
        clean = {k: v for k, v in os.environ.items() if "REGISTRY" not in k}
        with subprocess.Popen(["docker-registry", "serve", conf], env=clean,
                              stderr=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL) as process:
            try:
                exchange(r, at)
            finally:
                process.kill()


def exchange(r, at):
    """skopeo fills it, we pull; we push, skopeo looks."""
    for _ in range(100):
        try:
            socket.create_connection(tuple(at.split(":")), 1).close()
            break
        except OSError:
            time.sleep(0.05)
    layout = Layout()
    layout.image("localhost/a:1", [BIG, SMALL], pack=gzip.compress)
    archive = r.path("a.tar", layout.tar())
    for fmt in ("oci", "v2s2"):
        subprocess.run(["skopeo", "copy", "-q", "-f", fmt,
                        "--dest-tls-verify=false", "oci-archive:" + archive,
                        f"docker://{at}/{fmt}/a:1"], check=True)
        r.ok("pull", "-q", f"{at}/{fmt}/a:1")
        one = json.loads(r.ok("inspect", f"{at}/{fmt}/a:1"))[0]
        same(one["RootFS"]["Layers"], [sha(BIG), sha(SMALL)])
        told = subprocess.run(["skopeo", "inspect", "--tls-verify=false",
                               f"docker://{at}/{fmt}/a:1"], check=True,
                              capture_output=True)
        assert f"{at}/{fmt}/a@{json.loads(told.stdout)['Digest']}" \
            in one["RepoDigests"], one["RepoDigests"]
    r.ok("push", "-q", "--digestfile", r.path("d"), f"{at}/oci/a:1",
         f"{at}/ours/b:2")
    told = subprocess.run(["skopeo", "inspect", "--tls-verify=false",
                           f"docker://{at}/ours/b:2"], check=True,
                          capture_output=True)
    with open(r.path("d"), encoding="utf-8") as f:
        same(json.loads(told.stdout)["Digest"], f.read())
    # A list goes with its images.
    other = Layout()
    other.image("localhost/arm:1", [SMALL], arch="arm64")
    r.ok("load", "-q", stdin=other.tar())
    r.ok("manifest", "create", "list", f"{at}/oci/a:1", "arm:1")
    r.ok("manifest", "push", "-q", "list", f"docker://{at}/list:1")
    with Rig() as fresh:
        fresh.ok("pull", "-q", "--platform", "arm64", f"{at}/list:1")
        fresh.ok("pull", "-q", f"{at}/list:1")
        same(len(fresh.images()), 2)
        fresh.clean()
    r.fails("push", "-q", "none", says="not known")
    r.clean()


if __name__ == "__main__":
    main({f.__name__: f for f in (
        plain, resumed, lies, loops, indexes, stalls, redirects, authentication,
        certificates, mirrors, docker_registry)})
