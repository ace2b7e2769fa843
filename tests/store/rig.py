# SPDX-License-Identifier: GPL-2.0-or-later
"""What the cases of tests/store share: a store of their own, archives made by
hand, and comparisons that say what was there instead."""
import gzip
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile

CUTTLE = os.environ["CUTTLE"]
LAYER = "application/vnd.oci.image.layer.v1.tar"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
REF = "org.opencontainers.image.ref.name"


def sha(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def dumps(value):
    return json.dumps(value).encode()


def tar_of(members, tail=b"", fmt=tarfile.PAX_FORMAT):
    """members: TarInfo, or (TarInfo, bytes), or name: bytes pairs."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=fmt) as tar:
        for member in members:
            info, data = member if isinstance(member, tuple) else (member, None)
            if isinstance(info, str):
                info = entry(info)
            if data is not None:
                info.size = len(data)
            tar.addfile(info, io.BytesIO(data) if data is not None else None)
    return out.getvalue() + tail


def entry(name, kind=tarfile.REGTYPE, link="", mode=0o644, **more):
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode = kind, link, mode
    for key, value in more.items():
        setattr(info, key, value)
    return info


def folder(name, mode=0o755, **more):
    return entry(name, tarfile.DIRTYPE, mode=mode, **more)


class Layout:
    """An OCI layout as {path: bytes}, to be broken in any way."""

    def __init__(self):
        self.files = {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}'}
        self.entries = []

    def blob(self, data, media, **more):
        digest = sha(data)
        self.files["blobs/sha256/" + digest[7:]] = data
        return {"mediaType": media, "digest": digest, "size": len(data), **more}

    def image(self, name, layers, arch="amd64", pack=None, diff_ids=None,
              config=None, **more):
        """layers: uncompressed tars; pack compresses them. Returns the
        manifest's descriptor, which index.json lists if there is a name."""
        suffix = {None: "", gzip.compress: "+gzip"}.get(pack, "+zstd")
        blobs = [self.blob(pack(t) if pack else t, LAYER + suffix)
                 for t in layers]
        text = {"architecture": arch, "os": "linux",
                "created": "2026-01-02T03:04:05Z", "config": config or {},
                "rootfs": {"type": "layers",
                           "diff_ids": diff_ids or [sha(t) for t in layers]},
                "history": [{"created": "2026-01-02T03:04:05Z",
                             "created_by": f"step {n}"}
                            for n in range(len(layers))]}
        manifest = {"schemaVersion": 2, "mediaType": MANIFEST,
                    "config": self.blob(dumps(text), CONFIG), "layers": blobs}
        d = self.blob(dumps(manifest), MANIFEST,
                      platform={"architecture": arch, "os": "linux"}, **more)
        if name is not None:
            self.entries.append({**d, "annotations": {REF: name}})
        return d

    def index(self, name, manifests):
        d = self.blob(dumps({"schemaVersion": 2, "mediaType": INDEX,
                             "manifests": manifests}), INDEX)
        if name is not None:
            self.entries.append({**d, "annotations": {REF: name}})
        return d

    def tar(self):
        self.files.setdefault("index.json", dumps(
            {"schemaVersion": 2, "mediaType": INDEX,
             "manifests": self.entries}))
        return tar_of([(name, data) for name, data in self.files.items()])


class Rig:
    """A store that is gone at the end; also a place for files."""

    def __init__(self, folder=None):
        self.top = tempfile.mkdtemp(prefix="cuttle-store-", dir=folder)
        self.root = self.top + "/root"
        self.store = self.root + "/store"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.top, ignore_errors=True)

    def path(self, name, data=None):
        path = os.path.join(self.top, name)
        if data is not None:
            with open(path, "wb") as f:
                f.write(data)
        return path

    def run(self, *args, stdin=b"", env=None):
        return subprocess.run([CUTTLE, "--root", self.root, *args],
                              input=stdin, capture_output=True, timeout=60,
                              check=False, env={**os.environ, **(env or {})})

    def ok(self, *args, stdin=b""):
        """Standard output of a command that must succeed silently."""
        done = self.run(*args, stdin=stdin)
        text = done.stdout.decode()
        if done.returncode != 0 or done.stderr:
            raise AssertionError(f"{args}: exit {done.returncode}\n{text}"
                                 f"{done.stderr.decode()}")
        return text

    def fails(self, *args, stdin=b"", code=125, says=()):
        """One line on standard error, with these texts in it."""
        done = self.run(*args, stdin=stdin)
        error = done.stderr.decode()
        lines = error.splitlines()
        if done.returncode != code or len(lines) != 1 or \
                not lines[0].startswith("Error: "):
            raise AssertionError(f"{args}: exit {done.returncode}\n{error}")
        for text in [says] if isinstance(says, str) else says:
            if text not in error:
                raise AssertionError(f"{args}: {error!r} has no {text!r}")
        return lines[0]

    def images(self):
        """Names in the store, in order."""
        text = self.ok("images", "--sort", "repository", "--format",
                       "{{.Repository}}:{{.Tag}}")
        return text.split()

    def blobs(self):
        return sorted(os.listdir(self.store + "/blobs/sha256"))

    def clean(self):
        """Nothing half-made, and no damage."""
        same(os.listdir(self.store + "/leases"), [])
        same([n for n in os.listdir(self.store) if n.startswith(".")], [])
        same(self.ok("fsck"), "No damage.\n")


def same(got, expected):
    if got != expected:
        raise AssertionError(f"got {got!r}\nexpected {expected!r}")


def have(*programs):
    """Ends the test as skipped if a program is missing."""
    for program in programs:
        if shutil.which(program) is None:
            print(f"skipped: no {program}")
            sys.exit(77)


def main(cases, default=None):
    """Runs the cases named on the command line, or all."""
    names = sys.argv[1:] or list(default or cases)
    for name in names:
        cases[name]()
        print(f"ok {name}", flush=True)
