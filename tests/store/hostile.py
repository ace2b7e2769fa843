#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Archives that lie: one line that names the object, exit code 125, nothing
half-visible in the store, nothing outside it touched."""
import gzip
import json
import os
import stat
import tarfile
import zlib

from rig import (CONFIG, INDEX, MANIFEST, REF, Layout, Rig, dumps, entry, folder,
                 main, same, sha, tar_of)

LINK, HARD = tarfile.SYMTYPE, tarfile.LNKTYPE
CHAR, BLOCK, FIFO = tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE


def loaded(r, *layers, **more):
    layout = Layout()
    layout.image("localhost/bad:1", layers, **more)
    r.ok("load", stdin=layout.tar())


def unpack_fails(says, *layers, **more):
    with Rig() as r:
        loaded(r, *layers, **more)
        os.mkdir(r.path("outside"))
        r.fails("image", "unpack", "bad:1", says=says)
        same(os.listdir(r.store + "/layers"), [])
        same(os.listdir(r.path("outside")), [])
        r.clean()


def unpacked(*layers, **more):
    """{path: kind} of the last layer, by a store that lives on meanwhile."""
    r = Rig()
    loaded(r, *layers, **more)
    return r, r.ok("image", "unpack", "bad:1").split()[-1]


def paths_that_climb():
    for name in ("../x", "a/../../x", "a/..", "..", "/../x", "a/./../../x"):
        unpack_fails([f"'{name}'", "leaves the layer"], tar_of([(name, b"x")]))
    unpack_fails("leaves the layer", tar_of([entry("h", HARD, "../../x")]))
    unpack_fails("a path of more than 4000 bytes",
                 tar_of([("a/" * 2100 + "x", b"x")]))
    r, tree = unpacked(tar_of([("/abs/x", b"1"), ("./a//b/./c", b"2")]))
    with r:
        same(sorted(os.listdir(tree)), ["a", "abs"])
        same(os.path.exists(tree + "/a/b/c"), True)


def links_that_lead_out():
    """Each would write to OUTSIDE; inside the layer's root the name is free."""
    for target in ("{out}", "../../../../../../../../../../../..{out}",
                   "/proc/self/cwd/{out}", "/proc/1/root{out}"):
        with Rig() as r:
            out = r.path("outside")
            os.mkdir(out)
            link = target.format(out=out)
            loaded(r, tar_of([entry("esc", LINK, link),
                              ("esc/pwned", b"x")]))
            done = r.run("image", "unpack", "bad:1")
            same(os.listdir(out), [])
            assert done.returncode in (0, 125), done
            r.ok("rmi", "bad:1")
            r.clean()
    with Rig() as r:
        victim = r.path("victim", b"safe")
        loaded(r, tar_of([entry("v", LINK, victim), ("v", b"changed"),
                          entry("w", LINK, victim), entry("h", HARD, "w"),
                          ("h", b"changed")]))
        tree = r.ok("image", "unpack", "bad:1").split()[0]
        with open(victim, "rb") as f:
            same(f.read(), b"safe")
        with open(tree + "/v", "rb") as f:
            same(f.read(), b"changed")
    unpack_fails("'h': a hard link to what is not in the layer",
                 tar_of([entry("h", HARD, "etc/passwd")]))
    unpack_fails("'h': a hard link to a folder",
                 tar_of([folder("d"), entry("h", HARD, "d")]))
    # Modes, owners and attributes go to the link, not to what it names.
    with Rig() as r:
        victim = r.path("victim", b"safe")
        os.chmod(victim, 0o600)
        loaded(r, tar_of([entry("v", LINK, victim, mode=0o777, uid=7)]))
        r.ok("image", "unpack", "bad:1")
        same(stat.S_IMODE(os.stat(victim).st_mode), 0o600)
        same(os.stat(victim).st_uid, os.getuid())


def replaced_on_the_way():
    """A folder becomes a link between two of its members."""
    with Rig() as r:
        out = r.path("outside")
        os.mkdir(out)
        loaded(r, tar_of([folder("d"), ("d/a", b"1"), entry("d", LINK, out),
                          ("d/b", b"2")]))
        r.run("image", "unpack", "bad:1")
        same(os.listdir(out), [])
    r, tree = unpacked(tar_of([("f", b"1"), folder("f"), ("f/x", b"2"),
                               ("d/y", b"3"), ("d", b"now a file")]))
    with r:
        same(os.listdir(tree + "/f"), ["x"])
        same(os.path.isfile(tree + "/d"), True)


def whiteouts():
    r, tree = unpacked(tar_of([
        ("a/.wh.x", b""), folder("o"), ("o/.wh..wh..opq", b""), ("o/n", b"1"),
        (".wh..wh.plnk", b""), (".wh.back", b""), folder("back"),
        ("back/x", b"2")]))
    with r:
        same(os.lstat(tree + "/a/x").st_rdev, 0)
        same(stat.S_ISCHR(os.lstat(tree + "/a/x").st_mode), True)
        opaque = "trusted.overlay.opaque" if os.getuid() == 0 \
            else "user.overlay.opaque"
        for name in ("o", "back"):
            same(os.getxattr(f"{tree}/{name}", opaque), b"y")
        same(sorted(os.listdir(tree)), ["a", "back", "o"])
    for name in (".wh.", ".wh..", ".wh..."):
        unpack_fails("a whiteout of no name", tar_of([("d/" + name, b"")]))
    if os.getuid() == 0:
        unpack_fails("a device 0:0", tar_of([entry("w", CHAR, devmajor=0,
                                                   devminor=0)]))


def attributes():
    """What overlayfs or the host would believe stays out."""
    info = entry("f", mode=0o4755, mtime=1234567890)
    info.pax_headers = {
        "SCHILY.xattr.user.kept": "yes",
        "SCHILY.xattr.trusted.overlay.redirect": "/etc",
        "SCHILY.xattr.user.overlay.metacopy": "x",
        "SCHILY.xattr.security.selinux": "x",
        "SCHILY.acl.access": "user::rwx,user:7:r--,group::r-x,mask::rwx,"
                             "other::---"}
    sparse = entry("s")
    sparse.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0",
                          "GNU.sparse.name": "s",
                          "GNU.sparse.realsize": "1048580"}
    body = b"1\n1048576\n4\n".ljust(512, b"\0") + b"data"
    r, tree = unpacked(tar_of([(info, b"x"), (sparse, body),
                               ("\u00e9\u4e2d", b"utf-8"),
                               entry("h", HARD, "f"), entry("p", FIFO)]))
    with r:
        same([a for a in os.listxattr(tree + "/f")
              if not a.startswith("system.")], ["user.kept"])
        same("system.posix_acl_access" in os.listxattr(tree + "/f"), True)
        st = os.stat(tree + "/f")
        same((st.st_mode & 0o7700, st.st_mtime, st.st_nlink),
             (0o4700, 1234567890, 2))
        st = os.stat(tree + "/s")
        same(st.st_size, 1048580)
        same(st.st_blocks < 64, True)
        with open(tree + "/s", "rb") as f:
            f.seek(1048576)
            same(f.read(), b"data")
        same("\u00e9\u4e2d" in os.listdir(tree), True)
        same(stat.S_ISFIFO(os.lstat(tree + "/p").st_mode), True)


def devices_and_owners():
    r, tree = unpacked(tar_of([
        entry("null", CHAR, devmajor=1, devminor=3, mode=0o666),
        entry("owned", uid=1234, gid=5678), folder("d", mode=0o555)]))
    with r:
        if os.getuid() == 0:
            same(os.lstat(tree + "/null").st_rdev, os.makedev(1, 3))
            st = os.lstat(tree + "/owned")
            same((st.st_uid, st.st_gid), (1234, 5678))
        else:
            same(os.path.exists(tree + "/null"), False)
        same(stat.S_IMODE(os.stat(tree + "/d").st_mode), 0o555)


def lying_sizes():
    big = entry("big")
    big.size = 1 << 40
    torn = big.tobuf(tarfile.GNU_FORMAT) + b"x" * 512
    unpack_fails("layer sha256:", torn)
    good = tar_of([("a", b"x" * 5000)])
    unpack_fails("layer sha256:", good[:3000])
    unpack_fails("layer sha256:", b"not a tar archive at all" * 100)
    negative = bytearray(entry("n").tobuf(tarfile.GNU_FORMAT))
    negative[124:136] = b"\xff" * 12
    negative[148:156] = b" " * 8
    negative[148:156] = b"%06o\0 " % sum(negative)
    unpack_fails("layer sha256:", bytes(negative) + bytes(1024))
    # A layer of no bytes, and one of a tar's end only, are empty layers.
    for empty in (b"", bytes(1024)):
        r, tree = unpacked(empty)
        with r:
            same(os.listdir(tree), [])


def wrong_digests():
    layer = tar_of([("a", b"1")])
    unpack_fails("unpacks to " + sha(layer), layer, diff_ids=[sha(b"other")])
    layout = Layout()
    layout.image("localhost/bad:1", [layer])
    name = "blobs/sha256/" + sha(layer)[7:]
    for data, says in ((layer + b"!", "its bytes have digest"),
                       (b"x" * len(layer), "its bytes have digest"),
                       (None, "is missing")):
        with Rig() as r:
            broken = dict(layout.files)
            if data is None:
                del broken[name]
            else:
                broken[name] = data
            copy = Layout()
            copy.files, copy.entries = broken, layout.entries
            r.fails("load", stdin=copy.tar(), says=says)
            same(r.images(), [])
            r.ok("prune", "-f")
            same(r.blobs(), [])
            r.clean()


def endless_gzip():
    """A member of zeros without end, in a blob of some kilobytes."""
    pack = zlib.compressobj(9, zlib.DEFLATED, 31)
    head = entry("zeros")
    head.size = 64 << 20
    bomb = pack.compress(head.tobuf(tarfile.GNU_FORMAT))
    bomb += b"".join(pack.compress(bytes(1 << 20)) for _ in range(64))
    bomb += pack.flush()
    with Rig() as r:
        layout = Layout()
        layout.image("localhost/bad:1", [bomb], diff_ids=[sha(b"?")])
        r.ok("load", stdin=layout.tar())
        done = r.run("image", "unpack", "bad:1",
                     env={"CUTTLE_LAYER_MAX": str(8 << 20)})
        same(done.returncode, 125)
        assert b"more than 8388608 bytes unpacked" in done.stderr, done.stderr
        r.clean()


def documents():
    layer = tar_of([("a", b"1")])

    def refused(says, change):
        layout = Layout()
        layout.image("localhost/bad:1", [layer])
        change(layout)
        with Rig() as r:
            r.fails("load", stdin=layout.tar(), says=says)
            same(r.images(), [])

    def index(data):
        return lambda layout: layout.files.update({"index.json": data})

    def manifest(data):
        def change(layout):
            d = layout.blob(data, MANIFEST)
            layout.entries[:] = [{**d, "annotations": {REF: "x"}}]
        return change

    def config(data):
        def change(layout):
            c = layout.blob(data, CONFIG)
            manifest(dumps({"schemaVersion": 2, "config": c,
                            "layers": []}))(layout)
        return change

    refused("index.json: JSON parse error", index(b"{"))
    refused("index.json: not a JSON object", index(b"[]"))
    refused("nested more than 64", index(b'{"a":' + b"[" * 99999))
    refused("manifests[0]: digest: missing",
            index(b'{"schemaVersion":2,"manifests":[{"mediaType":"a"}]}'))
    refused("no images in it", index(b'{"schemaVersion":2,"manifests":[]}'))
    refused("is not a digest", index(dumps({"schemaVersion": 2, "manifests": [
        {"mediaType": MANIFEST, "digest": "sha256:../../../etc/passwd",
         "size": 1}]})))
    refused("manifest sha256:", manifest(b"\0\0\0"))
    refused("schemaVersion: 1 is Docker's old format",
            manifest(b'{"schemaVersion":1}'))
    refused("more than 4194304",
            manifest(b'{"schemaVersion":2,"x":"' + b"y" * (5 << 20) + b'"}'))
    refused("architecture: not a string", config(b'{"architecture":{}}'))
    refused("rootfs.diff_ids: 'x' is not a digest",
            config(b'{"rootfs":{"diff_ids":["x"]}}'))
    refused("index.json: schemaVersion", index(b"{}"))

    def nested(layout):
        d = layout.image(None, [layer])
        for _ in range(8):
            d = layout.index(None, [d])
        layout.entries[:] = [{**d, "annotations": {REF: "deep"}}]
    refused("nested", nested)
    with Rig() as r:
        r.fails("load", stdin=b"", says="standard input")
        r.fails("load", stdin=b"junk" * 1000, says="standard input")
        r.fails("load", stdin=tar_of([("a", b"b")]),
                says="not an image archive")
        r.fails("load", stdin=gzip.compress(tar_of([("a", b"b")]))[:40],
                says="standard input")
        r.clean()


def docker_archives():
    layer = tar_of([("a", b"1")])
    text = dumps({"architecture": "amd64", "os": "linux",
                  "rootfs": {"type": "layers", "diff_ids": [sha(layer)]}})

    def archive(item, *more):
        return tar_of([("c.json", text), ("l/layer.tar", layer), *more,
                       ("manifest.json", dumps([item]))])

    good = {"Config": "c.json", "RepoTags": ["localhost/d:1"],
            "Layers": ["l/layer.tar"]}
    for change, says in (
            ({"Layers": []}, "0 layers, but the configuration has 1"),
            ({"Layers": ["none"]}, "'none' is missing"),
            ({"Layers": ["../../../etc/passwd"]}, "is missing"),
            ({"Config": "none"}, "'none' is missing"),
            ({"Config": 1}, "Config: not a string"),
            ({"RepoTags": ["Bad:tag:"]}, "image name 'Bad:tag:'"),
            ({"Layers": ["c.json"]}, "its bytes have digest")):
        with Rig() as r:
            r.fails("load", stdin=archive({**good, **change}), says=says)
            same(r.images(), [])
    with Rig() as r:
        # Layers as links, also in a circle.
        r.ok("load", stdin=archive(
            {**good, "Layers": ["x/layer.tar"]},
            entry("x/layer.tar", LINK, "../l/layer.tar")))
        r.fails("load", stdin=archive(
            {**good, "Layers": ["x"]}, entry("x", LINK, "y"),
            entry("y", LINK, "x")), says="'x' is missing")
        r.clean()


def folders_that_lead_out():
    with Rig() as r:
        layout = Layout()
        layout.image("localhost/x:1", [tar_of([("a", b"1")])])
        layout.tar()
        top = r.path("layout")
        os.makedirs(top + "/blobs/sha256")
        secret = r.path("secret", b"top secret")
        for name, data in layout.files.items():
            with open(f"{top}/{name}", "wb") as f:
                f.write(data)
        r.ok("load", "-i", top)
        r.ok("rmi", "x:1")
        os.unlink(top + "/index.json")
        os.symlink(secret, top + "/index.json")
        r.fails("load", "-i", top, says="not an image archive")
        os.unlink(top + "/index.json")
        os.mkfifo(top + "/index.json")
        r.fails("load", "-i", top, says=["index.json"])
        r.clean()


def full_disk():
    """A store of one megabyte; needs root for the mount."""
    if os.getuid() != 0 or os.system("mount -t tmpfs -o size=1m none "
                                     "/mnt 2>/dev/null && umount /mnt") != 0:
        return
    with Rig() as r:
        os.mkdir(r.root)
        os.system(f"mount -t tmpfs -o size=1m none {r.root}")
        try:
            layout = Layout()
            layout.image("localhost/x:1", [tar_of([("a", os.urandom(3 << 20))])])
            r.fails("load", stdin=layout.tar(), says="No space left on device")
            same(r.images(), [])
            r.clean()
        finally:
            os.system(f"umount {r.root}")


def damages():
    """fsck names each, --repair takes each away, and the store works on."""
    layer = tar_of([("a", b"1")])
    layout = Layout()
    layout.image("localhost/x:1", [layer])
    d = layout.entries[0]
    manifest = json.loads(layout.files["blobs/sha256/" + d["digest"][7:]])
    layer_digest = manifest["layers"][0]["digest"]

    def damaged(change, *says):
        with Rig() as r:
            r.ok("load", stdin=layout.tar())
            r.ok("image", "unpack", "x:1")
            change(r)
            done = r.run("fsck")
            same(done.returncode, 1)
            for text in says:
                assert text in done.stdout.decode(), (text, done.stdout)
            done = r.run("fsck", "--repair")
            same((done.returncode, done.stderr), (0, b""))
            same(r.ok("fsck"), "No damage.\n")
            r.ok("load", stdin=layout.tar())
            r.ok("image", "unpack", "x:1")
            r.clean()

    def blob(r, digest):
        return f"{r.store}/blobs/sha256/{digest[7:]}"

    def overwrite(path, data):
        os.chmod(path, 0o644)
        with open(path, "wb") as f:
            f.write(data)

    def digest_of(kind):
        return {"layer": layer_digest, "manifest": d["digest"],
                "configuration": manifest["config"]["digest"]}[kind]

    for kind in ("layer", "manifest", "configuration"):
        digest = digest_of(kind)
        damaged(lambda r, x=digest: os.unlink(blob(r, x)),
                f"image localhost/x:1: {kind} {digest}: missing")
        damaged(lambda r, x=digest: overwrite(blob(r, x), b"rubbish"),
                f"blob {digest}: its bytes have digest",
                f"image localhost/x:1: {kind} {digest}: damaged")
        damaged(lambda r, x=digest: os.truncate(blob(r, x), 0),
                f"blob {digest}: its bytes have digest")
    damaged(lambda r: overwrite(r.store + "/index.json", b'{"sch'),
            "index.json: JSON parse error")
    damaged(lambda r: overwrite(r.store + "/blobs/sha256/stray",
                                b"x") if open(r.store + "/blobs/sha256/stray",
                                              "wb").close() is None else None,
            "blobs/sha256/stray: not a blob's name")
    tree = lambda r: f"{r.store}/layers/{sha(layer)[7:]}"
    damaged(lambda r: os.system(f"rm -r {tree(r)}/fs"),
            f"layer {sha(layer)}: its tree is missing")
    damaged(lambda r: os.unlink(tree(r) + "/info.json"),
            f"layer {sha(layer)}: its info.json is missing")
    damaged(lambda r: os.mkdir(r.store + "/layers/x"),
            "layer sha256:x: not a layer's name")


main({f.__name__: f for f in (
    paths_that_climb, links_that_lead_out, replaced_on_the_way, whiteouts,
    attributes, devices_and_owners, lying_sizes, wrong_digests, endless_gzip,
    documents, docker_archives, folders_that_lead_out, full_disk, damages)})
