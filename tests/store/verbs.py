#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""cuttle's image verbs from outside: what they print, keep and refuse."""
import gzip
import json
import os
import subprocess
import tarfile

from rig import (CUTTLE, Layout, Rig, entry, folder, main, same, sha, tar_of)

LOWER = tar_of([folder("etc"), ("etc/motd", b"lower\n"), ("gone", b"x"),
                entry("lib", tarfile.SYMTYPE, "usr/lib")])
UPPER = tar_of([("etc/motd", b"upper\n"), (".wh.gone", b"")])
TEXT = {"Env": ["A=1"], "Cmd": ["/bin/sh"], "Labels": {"k": "v"}}


def sample(name="localhost/sample:1", **more):
    layout = Layout()
    layout.image(name, [LOWER, UPPER], config=TEXT, **more)
    return layout.tar()


def usage():
    with Rig() as r:
        assert "images" in r.ok("--help")
        assert "--digests" in r.ok("images", "--help")
        assert r.ok("--version").startswith("cuttle version ")
        r.fails("nothing", says="'nothing' is no command")
        r.fails("image", "nothing", says="'cuttle image nothing' is no command")
        r.fails("images", "--foo", says="unknown flag: --foo")
        r.fails("images", "-z", says="unknown shorthand flag: 'z' in -z")
        r.fails("images", "--format", says="flag needs an argument: --format")
        r.fails("images", "--quiet=maybe", says="not true or false")
        r.fails("tag", "a", says="tag: 1 arguments")
        r.fails("--root", "/dev/null/x", "images", says="/dev/null/x")
        r.fails("load", "-i", r.path("none"), says="No such file")
        r.fails("images", "--format", "{{.Nope}}{{", says="template: ")
        r.fails("images", "--filter", "x=y", says="filter 'x=y'")
        r.fails("images", "--sort", "x", says="sort 'x'")


def load_and_list():
    with Rig() as r:
        same(r.ok("images"), "REPOSITORY  TAG         IMAGE ID    CREATED     "
                             "SIZE\n")
        same(r.ok("load", stdin=sample()), "Loaded image: localhost/sample:1\n")
        same(r.images(), ["localhost/sample:1"])
        image = json.loads(r.ok("images", "--format", "json"))[0]
        same(r.ok("images", "-q"), image["Id"][:12] + "\n")
        same(r.ok("images", "-q", "--no-trunc"), "sha256:" + image["Id"] + "\n")
        same(image["Labels"], {"k": "v"})
        same(image["CreatedAt"], "2026-01-02T03:04:05Z")
        for keep, key in ((True, "label=k=v"), (False, "label=k=w"),
                          (True, "reference=sample"), (True, "reference=sam*"),
                          (False, "reference=x"), (False, "dangling=true"),
                          (True, "until=2026-02-01T00:00:00Z"),
                          (False, "platform=linux/arm64"),
                          (True, "id=" + image["Id"][:5])):
            same(r.ok("images", "-q", "-f", key) != "", keep)
        same(r.ok("images", "-q", "sample") != "", True)
        for text in ("sample:1", "localhost/sample:1", image["Id"],
                     image["Id"][:8], "sha256:" + image["Id"],
                     "localhost/sample@" + image["Digest"]):
            same(json.loads(r.ok("inspect", text))[0]["Id"], image["Id"])
            r.ok("image", "exists", text)
        same(r.run("image", "exists", "none").returncode, 1)
        r.clean()


def inspect():
    with Rig() as r:
        r.ok("load", stdin=sample())
        one = json.loads(r.ok("inspect", "sample:1"))[0]
        same(one["RepoTags"], ["localhost/sample:1"])
        same(one["Config"], TEXT)
        same((one["Architecture"], one["Os"]), ("amd64", "linux"))
        same(one["RootFS"]["Layers"], [sha(LOWER), sha(UPPER)])
        same(r.ok("inspect", "-f", "{{.Id}} {{index .Config.Labels \"k\"}} "
                  "{{join .Config.Env \",\"}}", "sample:1"),
             f"{one['Id']} v A=1\n")
        done = r.run("inspect", "none", "sample:1")
        same(done.returncode, 125)
        same(len(json.loads(done.stdout)), 1)
        same(done.stderr, b"Error: none: image not known\n")
        rows = json.loads(r.ok("history", "--format", "json", "sample:1"))
        same([x["CreatedBy"] for x in rows], ["step 1", "step 0"])
        assert "<missing>" in r.ok("history", "sample:1")


def names():
    with Rig() as r:
        r.ok("load", stdin=sample())
        r.ok("tag", "sample:1", "other", "localhost:5000/a/b:2")
        same(r.images(), ["localhost/other:latest", "localhost/sample:1",
                          "localhost:5000/a/b:2"])
        image = json.loads(r.ok("inspect", "other"))[0]
        same(len(image["RepoTags"]), 3)
        r.fails("rmi", image["Id"][:12], says="has 3 names")
        r.ok("untag", "other")
        r.fails("tag", "sample:1", "Bad Name", says="image name 'Bad Name'")
        r.fails("tag", "none", "x", says="none: image not known")
        same(r.ok("rmi", "sample:1"), "Untagged: localhost/sample:1\n")
        same(r.ok("rmi", "-f", image["Id"][:12]),
             f"Untagged: localhost:5000/a/b:2\nDeleted: {image['Id']}\n")
        same(r.blobs(), [])
        r.fails("rmi", "sample:1", code=1, says="sample:1: image not known")
        r.ok("rmi", "--ignore", "sample:1")
        # Without a last name an image stays, until it is pruned.
        r.ok("load", stdin=sample())
        r.ok("untag", "sample:1")
        same(r.images(), ["<none>:<none>"])
        assert image["Id"] in r.ok("prune", "-f")
        same(r.blobs(), [])
        r.clean()


def in_use():
    """A container's lease, as `cuttle create` makes it."""
    with Rig() as r:
        r.ok("load", stdin=sample())
        one = json.loads(r.ok("inspect", "sample:1"))[0]
        keep = r.store + "/leases/keep-abc"
        os.mkdir(keep)
        for name, text in (("pins", one["Digest"] + "\n"), ("keep", "")):
            with open(f"{keep}/{name}", "w", encoding="utf-8") as f:
                f.write(text)
        r.fails("rmi", "sample:1", code=2, says="in use by container abc")
        r.fails("rmi", one["Id"], code=2, says="in use by container abc")
        r.ok("prune", "-a", "-f")
        same(r.images(), ["localhost/sample:1"])
        r.ok("rmi", "-f", "sample:1")
        r.ok("prune", "-a", "-f")
        same(len(r.blobs()), 4)  # the container's still
        subprocess.run(["rm", "-r", keep], check=True)
        r.ok("prune", "-f")
        same(r.blobs(), [])
        r.clean()


def a_name_moves():
    with Rig() as r:
        r.ok("load", stdin=sample())
        layout = Layout()
        layout.image("localhost/sample:1", [LOWER])
        r.ok("load", stdin=layout.tar())
        same(r.images(), ["<none>:<none>", "localhost/sample:1"])
        r.ok("prune", "-f")
        same(r.images(), ["localhost/sample:1"])
        same(len(r.blobs()), 3)
        r.clean()


def platforms():
    with Rig() as r:
        for arch in ("arm64", "amd64", "riscv64"):
            layout = Layout()
            layout.image("localhost/many:1", [LOWER], arch=arch)
            r.ok("load", stdin=layout.tar())
        same(r.images(), ["localhost/many:1"] * 3)
        assert "PLATFORM" in r.ok("images")
        for arch in ("arm64", "amd64", "riscv64"):
            same(r.ok("inspect", "--platform", arch, "-f", "{{.Architecture}}",
                      "many:1"), arch + "\n")
        r.fails("inspect", "--platform", "s390x", "many:1",
                says=["many:1: no image for linux/s390x", "linux/arm64"])
        r.fails("inspect", "--platform", "a/b/c/d", "many:1", says="platform")
        # All three share one layer.
        same(len(r.blobs()), 7)
        r.ok("rmi", "--platform", "arm64", "many:1")
        same(r.images(), ["localhost/many:1"] * 2)
        r.ok("rmi", "many:1")
        same((r.images(), r.blobs()), ([], []))


def save():
    with Rig() as r, Rig() as other:
        r.ok("load", stdin=sample(pack=gzip.compress))
        r.ok("tag", "sample:1", "second")
        ids = r.ok("images", "-q", "--no-trunc")
        for fmt in ("docker-archive", "oci-archive"):
            path = r.path(fmt)
            r.ok("save", "--format", fmt, "-o", path, "sample:1", "second")
            again = r.run("save", "--format", fmt, "sample:1", "second")
            with open(path, "rb") as f:
                same(f.read() == again.stdout, True)
            out = other.ok("load", "-i", path)
            assert "Loaded image: localhost/sample:1\n" in out, out
            same(other.ok("images", "-q", "--no-trunc"), ids)
            same(other.images()[-2:], ["localhost/sample:1",
                                       "localhost/second:latest"][::1]
                 if fmt == "docker-archive" else other.images()[-2:])
            other.ok("rmi", "-a")
            with open(path, "rb") as f:
                same(other.ok("load", "-q", stdin=gzip.compress(f.read())), "")
            other.ok("rmi", "-a")
            other.clean()
        r.ok("save", "--format", "oci-dir", "-o", r.path("dir"), "sample:1")
        other.ok("load", "-i", r.path("dir"))
        same(other.images(), ["localhost/sample:1"])
        r.fails("save", "none", says="none: image not known")
        r.fails("save", "--format", "zip", "sample:1", says="format 'zip'")
        r.fails("save", "-o", r.path("no/such"), "sample:1", says="No such")
        with open("/dev/full", "wb") as full:
            done = subprocess.run([CUTTLE, "--root", r.root, "save",
                                   "sample:1"], stdout=full, check=False,
                                  stderr=subprocess.PIPE)
        same(done.returncode, 125)
        assert b"No space left" in done.stderr, done.stderr


def import_tar():
    with Rig() as r:
        path = r.path("fs.tar", LOWER)
        out = r.ok("import", "-c", "CMD [\"/bin/x\"]", "-c", "ENV A=b", "-m",
                   "why", path, "made:1")
        assert out.startswith("sha256:")
        one = json.loads(r.ok("inspect", "made:1"))[0]
        same(one["Config"], {"Cmd": ["/bin/x"], "Env": ["A=b"]})
        same(one["Comment"], "why")
        r.ok("import", "--platform", "linux/arm/v6", "-", "arm:1",
             stdin=gzip.compress(LOWER))
        same(r.ok("inspect", "-f", "{{.Architecture}}{{.Variant}}", "arm:1"),
             "armv6\n")
        r.fails("import", "-", stdin=b"hello, no tar", says="not a tar")
        r.fails("import", "-c", "RUN x", path, says="RUN")
        r.clean()


def bootstrap():
    """With a program in mmdebstrap's place that tells what it was asked."""
    with Rig() as r:
        os.mkdir(r.path("bin"))
        script = r.path("bin/mmdebstrap", b"""#!/bin/sh
printf '%s\\n' "$@" > "$ASKED"; cat "$ARCHIVE"; echo "I: working" >&2
[ -z "$FAIL" ] || { echo "E: no such suite" >&2; exit 1; }
""")
        os.chmod(script, 0o755)
        env = {"PATH": r.path("bin") + ":" + os.environ["PATH"],
               "ASKED": r.path("asked"), "ARCHIVE": r.path("fs", LOWER)}
        done = r.run("bootstrap", "--include", "x,y", "debian:trixie", env=env)
        same((done.returncode, done.stderr), (0, b"I: working\n"))
        with open(r.path("asked"), encoding="utf-8") as f:
            asked = f.read().split("\n")
        same(asked[-3:-1], ["trixie", "-"])
        assert "--variant=apt" in asked and "--include=x,y" in asked, asked
        done = r.run("bootstrap", "-q", "--platform", "s390x", "debian:trixie",
                     "made:s390x", env=env)
        same((done.returncode, done.stderr), (0, b""))
        with open(r.path("asked"), encoding="utf-8") as f:
            asked = f.read()
        assert "--variant=extract" in asked and "settle' --image" in asked
        same(r.images(), ["localhost/debian:trixie", "localhost/made:s390x"])
        same(r.ok("inspect", "-f", "{{index .Labels \"io.cuttle.bootstrap\"}}",
                  "debian:trixie", "--platform", "amd64"), "configured\n")
        r.ok("rmi", "-a")
        # An archive that is whole counts nothing if its maker failed.
        done = r.run("bootstrap", "-q", "debian:x", env={**env, "FAIL": "1"})
        same((done.returncode, done.stderr),
             (125, b"Error: mmdebstrap: no such suite\n"))
        same((r.images(), r.blobs()), ([], []))
        r.fails("bootstrap", "ubuntu:x", says="not debian:SUITE")
        r.fails("bootstrap", "debian:--help", says="not debian:SUITE")
        r.fails("bootstrap", "--platform", "plan9", "debian:x", says="plan9")
        r.clean()


def lists():
    with Rig() as r:
        for arch in ("arm64", "amd64"):
            layout = Layout()
            layout.image(f"localhost/{arch}:1", [LOWER], arch=arch)
            r.ok("load", stdin=layout.tar())
        r.ok("manifest", "create", "both", "arm64:1", "amd64:1")
        r.fails("manifest", "create", "both", says="in use already")
        listed = json.loads(r.ok("manifest", "inspect", "both"))
        same([m["platform"]["architecture"] for m in listed["manifests"]],
             ["arm64", "amd64"])
        same(r.ok("inspect", "--platform", "arm64", "-f", "{{.Architecture}}",
                  "both"), "arm64\n")
        r.ok("manifest", "remove", "both", listed["manifests"][0]["digest"])
        r.ok("manifest", "add", "--arch", "arm", "--variant", "v7",
             "--annotation", "a=b", "both", "arm64:1")
        listed = json.loads(r.ok("manifest", "inspect", "both"))
        same(listed["manifests"][1]["platform"],
             {"architecture": "arm", "os": "linux", "variant": "v7"})
        same(listed["manifests"][1]["annotations"], {"a": "b"})
        r.fails("manifest", "add", "arm64:1", "amd64:1", says="not a list")
        # The list keeps what it lists.
        r.ok("rmi", "arm64:1", "amd64:1")
        r.ok("save", "--format", "oci-archive", "-o", r.path("both"), "both")
        with Rig() as other:
            other.ok("load", "-i", r.path("both"))
            same(other.images(), ["localhost/both:latest"] * 2)
            other.clean()
        r.ok("manifest", "exists", "both")
        r.ok("manifest", "rm", "both")
        same(r.run("manifest", "exists", "both").returncode, 1)
        same(r.blobs(), [])


def unpack():
    with Rig() as r:
        r.ok("load", stdin=sample(pack=gzip.compress))
        lower, upper = r.ok("image", "unpack", "sample:1").split()
        same(sorted(os.listdir(lower)), ["etc", "gone", "lib"])
        with open(upper + "/etc/motd", encoding="utf-8") as f:
            same(f.read(), "upper\n")
        st = os.lstat(upper + "/gone")
        same((st.st_mode & 0o170000, st.st_rdev), (0o020000, 0))
        same(os.readlink(lower + "/lib"), "usr/lib")
        r.ok("rmi", "sample:1")
        same(os.listdir(r.store + "/layers"), [])
        r.clean()


main({f.__name__: f for f in (
    usage, load_and_list, inspect, names, in_use, a_name_moves, platforms, save,
    import_tar, bootstrap, lists, unpack)})
