#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""cuttle-runtime under the engines that call it: engines.py NAME, a function
test_NAME below. Each has storage of its own and ends what it starts."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time

import bundle
from bundle import expect, expect_in


class Engine(contextlib.AbstractContextManager):
    """An engine's command, and the image `box` in its storage."""

    def __init__(self, *programs):
        for name in programs:
            if shutil.which(name) is None:
                bundle.skip(f"needs {name}")
        self.folder = tempfile.mkdtemp(prefix="cuttle-engine-")
        self.command = []
        self.daemon = None
        root = os.path.join(self.folder, "root")
        bundle.make_root(root)
        self.tar = os.path.join(self.folder, "box.tar")
        subprocess.run(["tar", "-C", root, "-cf", self.tar, "."], check=True)

    def __exit__(self, *_):
        if self.daemon is not None:
            self.daemon.terminate()
            self.daemon.wait(timeout=30)
        with open("/proc/self/mounts", encoding="utf-8") as f:
            mounts = [line.split()[1] for line in f]
        for place in reversed(mounts):
            if place.startswith(self.folder + "/"):
                subprocess.run(["umount", "-l", place], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def start(self, *command, ready):
        """A daemon, until it answers."""
        log = open(self.path("log"), "wb")
        self.daemon = subprocess.Popen(command, stdout=log, stderr=log)
        end = time.monotonic() + 30
        while subprocess.run(self.command + ready, check=False,
                             capture_output=True).returncode != 0:
            if time.monotonic() > end or self.daemon.poll() is not None:
                with open(self.path("log"), encoding="utf-8") as f:
                    raise AssertionError(f.read()[-2000:])
            time.sleep(0.2)

    def call(self, *args, **kwargs):
        return subprocess.run(self.command + list(args), check=False,
                              text=True, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=120, **kwargs)

    def gives(self, status, text, *args):
        done = self.call(*args)
        expect(done.returncode, status, f"{args}: {done.stderr}")
        expect_in(text, done.stdout, f"{args}: {done.stderr}")
        return done

    def fails(self, status, text, *args):
        done = self.call(*args)
        expect(done.returncode, status, f"{args}: {done.stderr}")
        expect_in(text, done.stderr, " ".join(args))


def docker_like(e, run):
    """What podman and docker share; run: their options behind `run`."""
    e.gives(5, "inside 0", "run", "--rm", *run, "box", "sh", "-c",
            "echo inside $(id -u); exit 5")
    e.gives(0, "7", "run", "--rm", *run, "-u", "7", "box", "id", "-u")
    e.gives(0, "/dev/pts/0", "run", "--rm", "-t", *run, "box", "tty")
    e.fails(127, "executable file not found in $PATH", "run", "--rm", *run,
            "box", "nosuch")
    e.gives(137, "", "run", "--rm", "--pid", "host", *run, "box", "sh", "-c",
            "kill -9 $$")
    e.gives(0, "", "run", "-d", "--name", "one", *run, "box", "sh", "-c",
            "trap 'exit 9' TERM; echo started; while :; do sleep 0.1; done")
    e.gives(4, "exec 1", "exec", "-e", "A=1", "one", "sh", "-c",
            "echo exec $A; exit 4")
    e.gives(0, "sleep", "top", "one")
    e.gives(0, "one", "pause", "one")
    e.gives(0, "one", "unpause", "one")
    e.gives(0, "started", "logs", "one")
    e.gives(0, "one", "stop", "one")
    e.gives(0, "9", "inspect", "--format", "{{.State.ExitCode}}", "one")
    e.gives(0, "", "rm", "one")
    e.gives(0, "33554432", "run", "--rm", "-m", "32m", *run, "box", "sh", "-c",
            "cat /sys/fs/cgroup/memory/memory.limit_in_bytes "
            "/sys/fs/cgroup/memory.max 2>/dev/null; true")


def test_podman():
    with Engine("podman") as e:
        e.command = ["podman", "--root", e.path("store"),
                     "--runroot", e.path("run"), "--storage-driver", "vfs",
                     "--cgroup-manager", "cgroupfs",
                     "--runtime", bundle.RUNTIME]
        e.gives(0, "", "import", e.tar, "localhost/box")
        docker_like(e, ["--network", "none"])
        e.gives(0, "eth0", "run", "--rm", "box", "ls", "/sys/class/net")
        e.gives(0, "0 1000", "run", "--rm", "--network", "none", "--uidmap",
                "0:1000:5000", "box", "sh", "-c",
                "head -1 /proc/self/uid_map | tr -s ' '")


def test_buildah():
    with Engine("buildah") as e:
        e.command = ["buildah", "--root", e.path("store"),
                     "--runroot", e.path("run"), "--storage-driver", "vfs"]
        with open(e.path("Containerfile"), "w", encoding="ascii") as f:
            f.write("FROM scratch\nADD box.tar /\n"
                    "RUN [\"sh\", \"-c\", \"echo built > /file; id -u\"]\n"
                    "RUN [\"cat\", \"/file\"]\n")
        e.gives(0, "built", "bud", "--isolation", "oci", "--runtime",
                bundle.RUNTIME, "-t", "localhost/built", e.folder)


def test_containerd():
    with Engine("containerd", "ctr", "podman") as e:
        address = e.path("socket")
        e.command = ["ctr", "-a", address]
        e.start("containerd", "--root", e.path("store"), "--state",
                e.path("state"), "--address", address, ready=["version"])
        podman = ["podman", "--root", e.path("p"), "--runroot",
                  e.path("pr"), "--storage-driver", "vfs"]
        for call in (["import", "-q", e.tar, "localhost/box"],
                     ["save", "-q", "--format", "oci-archive", "-o",
                      e.path("box.oci"), "localhost/box"]):
            subprocess.run(podman + call, check=True, capture_output=True)
        e.gives(0, "", "image", "import", e.path("box.oci"))
        name = "localhost/box:latest"
        run = ["run", "--runc-binary", bundle.RUNTIME]
        e.gives(3, "inside", *run, "--rm", name, "one", "sh", "-c",
                "echo inside; exit 3")
        e.fails(1, "executable file not found in $PATH", *run, "--rm", name,
                "two", "nosuch")
        e.gives(0, "", *run, "-d", name, "three", "sleep", "1000")
        e.gives(4, "exec", "task", "exec", "--exec-id", "x", "three", "sh",
                "-c", "echo exec; exit 4")
        e.gives(0, "", "task", "pause", "three")
        e.gives(0, "PAUSED", "task", "ls")
        e.gives(0, "", "task", "resume", "three")
        e.gives(0, "", "task", "kill", "-s", "9", "three")
        end = time.monotonic() + 20
        while "STOPPED" not in e.call("task", "ls").stdout:
            expect(time.monotonic() < end, True, "stopped")
        e.call("task", "rm", "three")
        e.gives(0, "", "container", "rm", "three")


def test_docker():
    with Engine("dockerd", "docker", "containerd") as e:
        address = "unix://" + e.path("socket")
        e.command = ["docker", "-H", address]
        e.start("dockerd", "--data-root", e.path("data"), "--exec-root",
                e.path("exec"), "--pidfile", e.path("pid"), "-H", address,
                "--bridge=none", "--iptables=false",
                "--add-runtime", f"cuttle={bundle.RUNTIME}", ready=["version"])
        e.gives(0, "", "import", e.tar, "box")
        docker_like(e, ["--runtime", "cuttle", "--network", "none"])


if __name__ == "__main__":
    if os.geteuid() != 0:
        bundle.skip("needs root")
    globals()["test_" + sys.argv[1]]()
