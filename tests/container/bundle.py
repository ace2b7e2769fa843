# SPDX-License-Identifier: GPL-2.0-or-later
"""Bundles for tests: a root with busybox, a configuration to change, and the
runtime as an engine calls it."""

import contextlib
import copy
import json
import os
import shutil
import subprocess
import sys
import tempfile

RUNTIME = os.environ["CUTTLE_RUNTIME"]
BUSYBOX = "/bin/busybox"
SKIP = 77

CAPS = ["CAP_CHOWN", "CAP_KILL", "CAP_SETUID", "CAP_SETGID", "CAP_NET_RAW"]
CONFIG = {
    "ociVersion": "1.0.2",
    "process": {
        "user": {"uid": 0, "gid": 0},
        "args": ["true"],
        "env": ["PATH=/bin:/usr/bin", "TERM=xterm"],
        "cwd": "/",
        "capabilities": {s: CAPS for s in
                         ("bounding", "effective", "permitted")},
        "noNewPrivileges": True,
    },
    "root": {"path": "rootfs"},
    "hostname": "inside",
    "mounts": [
        {"destination": "/proc", "type": "proc", "source": "proc"},
        {"destination": "/dev", "type": "tmpfs", "source": "tmpfs",
         "options": ["nosuid", "strictatime", "mode=755", "size=65536k"]},
        {"destination": "/dev/pts", "type": "devpts", "source": "devpts",
         "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666",
                     "mode=0620", "gid=5"]},
        {"destination": "/sys", "type": "sysfs", "source": "sysfs",
         "options": ["nosuid", "noexec", "nodev", "ro"]},
        {"destination": "/tmp", "type": "tmpfs", "source": "tmpfs"},
    ],
    "linux": {
        "namespaces": [{"type": t} for t in
                       ("pid", "network", "ipc", "uts", "mount", "cgroup")],
        "maskedPaths": ["/proc/keys", "/proc/acpi", "/sys/firmware"],
        "readonlyPaths": ["/proc/sys", "/proc/sysrq-trigger"],
        "resources": {"devices": [{"allow": False, "access": "rwm"}]},
    },
}


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIP)


def expect(got, wanted, what=""):
    if got != wanted:
        raise AssertionError(f"{what}: {got!r}, not {wanted!r}")


def expect_in(part, text, what=""):
    if part not in text:
        raise AssertionError(f"{what}: {part!r} is not in {text!r}")


def make_root(folder):
    """A root file system of one program and its names."""
    for name in ("bin", "dev", "etc", "proc", "sys", "tmp"):
        os.makedirs(os.path.join(folder, name))
    shutil.copy(BUSYBOX, os.path.join(folder, "bin/busybox"))
    applets = subprocess.run([BUSYBOX, "--list"], check=True, text=True,
                             capture_output=True).stdout.split()
    for name in applets:
        if name != "busybox":
            os.symlink("busybox", os.path.join(folder, "bin", name))
    with open(os.path.join(folder, "etc/passwd"), "w",
              encoding="ascii") as f:
        f.write("root:x:0:0:root:/people/root:/bin/sh\n"
                "user:x:1000:1000::/people/user:/bin/sh\n")


class Bundle(contextlib.AbstractContextManager):
    """A bundle of its own, with a runtime root of its own."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="cuttle-bundle-")
        self.root = os.path.join(self.folder, "rootfs")
        self.states = os.path.join(self.folder, "states")
        self.id = "t" + os.path.basename(self.folder).split("-")[-1]
        self.config = copy.deepcopy(CONFIG)
        make_root(self.root)

    def __exit__(self, *_):
        subprocess.run([RUNTIME, "--root", self.states, "delete", "--force",
                        self.id], check=False, capture_output=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def process(self):
        return self.config["process"]

    @property
    def linux(self):
        return self.config["linux"]

    def namespace(self, kind, path=None):
        """Replaces the entry of a kind; path "" takes it out."""
        spaces = [n for n in self.linux["namespaces"] if n["type"] != kind]
        if path != "":
            spaces.append({"type": kind, **({"path": path} if path else {})})
        self.linux["namespaces"] = spaces

    def user_namespace(self):
        maps = [{"containerID": 0, "hostID": 100000, "size": 65536}]
        self.namespace("user")
        self.linux["uidMappings"] = self.linux["gidMappings"] = maps
        for folder, folders, files in os.walk(self.root):
            for name in folders + files + ["."]:
                os.lchown(os.path.join(folder, name), 100000, 100000)
        os.chmod(self.folder, 0o755)

    def write(self):
        with open(os.path.join(self.folder, "config.json"), "w",
                  encoding="utf-8") as f:
            json.dump(self.config, f)

    def call(self, *args, **kwargs):
        """The runtime with these arguments, whatever comes of it."""
        kwargs.setdefault("timeout", 60)
        # Files, not pipes: a container outlives the call with them open.
        with tempfile.TemporaryFile("w+") as out, \
                tempfile.TemporaryFile("w+") as err:
            done = subprocess.run(
                [RUNTIME, "--root", self.states, *args], check=False,
                stdin=kwargs.pop("stdin", subprocess.DEVNULL),
                stdout=out, stderr=err, cwd=self.folder, **kwargs)
            out.seek(0)
            err.seek(0)
            done.stdout, done.stderr = out.read(), err.read()
        return done

    def ok(self, *args, **kwargs):
        done = self.call(*args, **kwargs)
        expect((done.returncode, done.stderr), (0, ""), " ".join(args))
        return done.stdout

    def fails(self, text, *args, status=1, **kwargs):
        done = self.call(*args, **kwargs)
        expect(done.returncode, status, f"{args}: {done.stderr}")
        expect_in(text, done.stderr, " ".join(args))
        expect(done.stderr.count("\n"), 1, done.stderr)

    def run(self, script, status=0, **kwargs):
        """A shell script as the container's program; what it printed."""
        self.process["args"] = ["sh", "-c", script]
        self.write()
        done = self.call("run", self.id, **kwargs)
        expect((done.returncode, done.stderr), (status, ""), script)
        return done.stdout

    def refused(self, text, script="true"):
        self.process["args"] = ["sh", "-c", script]
        self.write()
        self.fails(text, "run", self.id)
        expect(os.listdir(self.states), [], "left behind")

    def create(self, *args, **options):
        if args:
            self.process["args"] = list(args)
        self.write()
        self.ok("create", *options.get("options", []), self.id)

    def state(self):
        return json.loads(self.ok("state", self.id))

    def status(self):
        return self.state()["status"]
