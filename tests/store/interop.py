#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""skopeo, umoci and podman on cuttle's own layout, both directions."""
import json
import os
import subprocess

from rig import Layout, Rig, entry, folder, have, main, same, tar_of

TREE = tar_of([folder("etc"), ("etc/motd", b"hello\n"),
               entry("lib", b"2", "usr/lib")])


def call(*args):
    done = subprocess.run(args, capture_output=True, check=False, timeout=60)
    if done.returncode != 0:
        raise AssertionError(f"{args}: {done.stderr.decode()}")
    return done.stdout.decode()


def image(r, name="localhost/x:1"):
    layout = Layout()
    layout.image(name, [TREE], config={"Env": ["A=1"]})
    r.ok("load", stdin=layout.tar())
    return json.loads(r.ok("inspect", name))[0]


def skopeo():
    have("skopeo")
    with Rig() as r:
        one = image(r)
        at = f"oci:{r.store}"
        same(json.loads(call("skopeo", "inspect", at + ":localhost/x:1"))
             ["Digest"], one["Digest"])
        call("skopeo", "copy", at + ":localhost/x:1",
             "docker-archive:" + r.path("d.tar") + ":localhost/y:2")
        r.ok("load", "-i", r.path("d.tar"))
        same(json.loads(r.ok("inspect", "y:2"))[0]["Id"], one["Id"])
        # What skopeo writes into the store is there.
        call("skopeo", "copy", "docker-archive:" + r.path("d.tar"),
             at + ":localhost/z:3")
        call("skopeo", "copy", "docker-archive:" + r.path("d.tar"), at + ":short")
        same(r.images(), ["localhost/short:latest", "localhost/x:1",
                          "localhost/y:2", "localhost/z:3"])
        # (It writes the configuration anew.)
        same(json.loads(r.ok("inspect", "short"))[0]["RootFS"], one["RootFS"])
        r.ok("tag", "short", "again")
        call("skopeo", "inspect", at + ":localhost/again:latest")
        r.ok("rmi", "short")
        # Blobs of a copy that has no name yet are left alone by a collection.
        with open(r.store + "/index.json", encoding="utf-8") as f:
            index = json.load(f)
        theirs = [m for m in index["manifests"] if "z:3" in str(m)]
        index["manifests"].remove(theirs[0])
        with open(r.store + "/index.json", "w", encoding="utf-8") as f:
            json.dump(index, f)
        r.ok("prune", "-f")
        index["manifests"] += theirs
        with open(r.store + "/index.json", "w", encoding="utf-8") as f:
            json.dump(index, f)
        r.clean()


def umoci():
    have("umoci")
    with Rig() as r:
        image(r)
        at = r.store + ":localhost/x:1"
        same(call("umoci", "ls", "--layout", r.store), "localhost/x:1\n")
        call("umoci", "unpack", "--rootless", "--image", at, r.path("bundle"))
        same(sorted(os.listdir(r.path("bundle") + "/rootfs")), ["etc", "lib"])
        with open(r.path("bundle") + "/rootfs/new", "w", encoding="utf-8") as f:
            f.write("n")
        os.unlink(r.path("bundle") + "/rootfs/lib")
        call("umoci", "repack", "--image", r.store + ":localhost/x:2",
             r.path("bundle"))
        call("umoci", "config", "--image", r.store + ":localhost/x:2",
             "--config.user", "nobody")
        one = json.loads(r.ok("inspect", "x:2"))[0]
        same(one["User"], "nobody")
        upper = r.ok("image", "unpack", "x:2").split()[-1]
        same(sorted(os.listdir(upper)), ["lib", "new"])
        same(os.lstat(upper + "/lib").st_rdev, 0)
        call("umoci", "gc", "--layout", r.store)
        r.clean()


def podman():
    have("podman")
    if os.getuid() != 0:
        print("skipped: podman's own store needs root here")
        return
    with Rig() as r:
        one = image(r)
        own = ["podman", "--root", r.path("p"), "--runroot", r.path("q"),
               "--storage-driver", "vfs"]
        id_ = call(*own, "pull", "-q", f"oci:{r.store}:localhost/x:1").strip()
        same(id_, one["Id"])
        call(*own, "tag", id_, "localhost/made:1")
        for fmt in ("docker-archive", "oci-archive"):
            call(*own, "save", "-q", "--format", fmt, "-o", r.path(fmt),
                 "localhost/made:1")
            same(r.ok("load", "-i", r.path(fmt)),
                 "Loaded image: localhost/made:1\n")
            r.ok("rmi", "made:1")
        call(*own, "push", "-q", "localhost/made:1",
             f"oci:{r.store}:localhost/pushed:1")
        same(json.loads(r.ok("inspect", "pushed:1"))[0]["Id"], one["Id"])
        for fmt in ("docker-archive", "oci-archive"):
            call(*own, "rmi", "-a", "-f")
            r.ok("save", "--format", fmt, "-o", r.path("s-" + fmt), "x:1")
            call(*own, "load", "-q", "-i", r.path("s-" + fmt))
            same(call(*own, "images", "--format", "{{.Repository}}:{{.Tag}}"),
                 "localhost/x:1\n")
        r.clean()


main({f.__name__: f for f in (skopeo, umoci, podman)})
