#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""cuttle run and its family from outside: verbs.py NAME, a function
test_NAME below. The image is a busybox of the host's."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import bundle
from bundle import expect, expect_in

CUTTLE = os.environ["CUTTLE"]
LOOP = "trap 'exit 9' TERM; echo started; while :; do sleep 0.05; done"


class Rig(contextlib.AbstractContextManager):
    """A root of its own with the image localhost/box."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="cuttle-verbs-")
        root = self.path("fs")
        bundle.make_root(root)
        with open(root + "/etc/group", "w", encoding="ascii") as f:
            f.write("root:x:0:\nusers:x:100:user\n")
        tar = self.path("box.tar")
        subprocess.run(["tar", "-C", root, "-cf", tar, "."], check=True)
        self.ok("import", "--change", "CMD [\"echo\",\"the image's\"]",
                "--change", "ENV COLOUR=blue", tar, "localhost/box")

    def __exit__(self, *_):
        ids = self.call("ps", "-aq").stdout.split()
        if ids:
            self.call("rm", "-f", *ids)
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def call(self, *args, **kwargs):
        kwargs.setdefault("stdin", subprocess.DEVNULL)
        if "input" in kwargs:
            del kwargs["stdin"]
        return subprocess.run(
            [CUTTLE, "--root", self.path("root"), *args], check=False,
            text=True, capture_output=True, timeout=60, **kwargs)

    def gives(self, status, out, *args, **kwargs):
        done = self.call(*args, **kwargs)
        expect((done.returncode, done.stdout, done.stderr), (status, out, ""),
               " ".join(args))

    def ok(self, *args, **kwargs):
        done = self.call(*args, **kwargs)
        expect((done.returncode, done.stderr), (0, ""), " ".join(args))
        return done.stdout

    def fails(self, status, text, *args):
        done = self.call(*args)
        expect(done.returncode, status, f"{args}: {done.stderr}")
        expect_in(text, done.stderr, " ".join(args))
        expect(done.stderr.count("\n"), 1, done.stderr)

    def shell(self, script, *options):
        return self.ok("run", "--rm", *options, "localhost/box", "sh", "-c",
                       script)

    def inspect(self, name, what):
        return self.ok("container", "inspect", "--format", what, name).strip()

    def wait_log(self, name, text):
        end = time.monotonic() + 20
        while text not in self.call("logs", name).stdout:
            expect(time.monotonic() < end, True, f"{name}: {text}")
            time.sleep(0.02)


def test_run():
    with Rig() as r:
        r.gives(0, "the image's\n", "run", "--rm", "localhost/box")
        r.gives(5, "hi\n", "run", "--rm", "localhost/box", "sh", "-c",
                "echo hi; exit 5")
        r.fails(127, "executable file not found in $PATH", "run", "--rm",
                "localhost/box", "nosuch")
        r.fails(126, "permission denied", "run", "--rm", "localhost/box",
                "/etc/passwd")
        r.fails(125, "localhost/nosuch", "run", "--pull", "never",
                "localhost/nosuch")
        r.fails(125, "--pull 'x'", "run", "--pull", "x", "localhost/box")
        r.gives(0, "data", "run", "-i", "--rm", "localhost/box", "cat",
                input="data")
        done = r.call("run", "--rm", "localhost/box", "sh", "-c",
                      "echo out; echo err >&2")
        expect((done.stdout, done.stderr), ("out\n", "err\n"))
        big = r.shell("head -c 3000000 /dev/zero | tr '\\0' x")
        expect(len(big), 3000000)
        expect(r.ok("ps", "-aq"), "")
        expect(os.listdir(r.path("root/containers")), ["names"])
        expect(os.listdir(r.path("root/store/leases")), [])


def test_options():
    with Rig() as r:
        expect(r.shell("echo $COLOUR $A $B; pwd; hostname; id -u; id -G",
                       "-e", "A=1", "-e", "B=two words", "-w", "/tmp", "-h",
                       "host", "-u", "user"),
               "blue 1 two words\n/tmp\nhost\n1000\n1000 100\n")
        expect(r.shell("id -u; id -g", "-u", "7:users"), "7\n100\n")
        expect_in("unable to find user nobody2",
                  r.call("run", "--rm", "-u", "nobody2",
                         "localhost/box").stderr)
        with open(r.path("env"), "w", encoding="ascii") as f:
            f.write("# comment\nC=3\n")
        expect(r.shell("echo $C", "--env-file", r.path("env")), "3\n")
        expect(r.ok("run", "--rm", "--entrypoint", "echo", "localhost/box",
                    "-n", "x"), "x")
        os.mkdir(r.path("shared"))
        r.shell("echo made > /in/file; ! touch /ro/x 2>/dev/null", "-v",
                r.path("shared") + ":/in", "-v", r.path("shared") + ":/ro:ro")
        with open(r.path("shared/file"), encoding="ascii") as f:
            expect(f.read(), "made\n")
        expect_in("Read-only", r.shell("touch /x 2>&1; touch /t/x; true",
                                       "--read-only", "--tmpfs", "/t"))
        expect(r.shell("grep CapEff /proc/self/status | cut -f2",
                       "--cap-drop", "all", "--cap-add", "chown"),
               "0000000000000001\n")
        expect(r.shell("cat /sys/class/net/*/operstate | wc -l"), "1\n")
        nets = r.shell("ls /sys/class/net", "--network", "host").split()
        expect(sorted(nets), sorted(os.listdir("/sys/class/net")))
        expect(r.shell("tty; echo $TERM", "-t"), "/dev/pts/0\nxterm\n")
        expect(r.shell("test -e /dev/null && cat /etc/hostname", "-h", "me"),
               "me\n")


def test_life():
    with Rig() as r:
        name = r.ok("run", "-d", "--name", "one", "localhost/box", "sh", "-c",
                    LOOP).strip()
        expect(bool(re.fullmatch("[0-9a-f]{64}", name)), True, name)
        r.wait_log("one", "started")
        expect(r.ok("ps", "-q"), name[:12] + "\n")
        expect(r.inspect(name[:8], "{{.State.Status}} {{.Name}}"),
               "running one")
        r.fails(125, "already in use", "create", "--name", "one",
                "localhost/box")
        r.gives(3, "in\n", "exec", "one", "sh", "-c", "echo in; exit 3")
        r.gives(0, "1000\n", "exec", "-u", "user", "one", "id", "-u")
        expect_in("sleep", r.ok("top", "one"))
        r.gives(0, "one\n", "pause", "one")
        expect_in("(Paused)", r.ok("ps"))
        r.gives(0, "one\n", "unpause", "one")
        r.fails(2, "cannot remove container one as it is running", "rm", "one")
        r.gives(0, "one\n", "stop", "one")
        expect(r.inspect("one", "{{.State.Status}} {{.State.ExitCode}}"),
               "exited 9")
        r.gives(0, "9\n", "wait", "one")
        r.fails(125, "is not running", "exec", "one", "true")
        r.fails(125, "is not running", "kill", "one")
        expect(r.ok("ps", "-q"), "")
        expect_in("Exited (9)", r.ok("ps", "-a"))
        r.gives(0, "one\n", "start", "one")
        r.gives(0, "one\n", "kill", "-s", "KILL", "one")
        r.gives(0, "137\n", "wait", "one")
        r.gives(0, "one\n", "rm", "one")
        r.fails(1, "no such container", "rm", "one")
        r.gives(0, "", "rm", "-f", "one")
        expect(os.listdir(r.path("root/store/leases")), [])


def test_changes_stay():
    """A container keeps what it wrote; its image does not get it."""
    with Rig() as r:
        r.ok("run", "--name", "one", "localhost/box", "sh", "-c",
             "cat /mine 2>/dev/null; echo again >> /mine")
        expect(r.ok("start", "-a", "one"), "again\n")
        expect(r.ok("start", "-a", "one"), "again\nagain\n")
        expect(r.shell("ls /mine 2>&1; true").count("No such file"), 1)
        r.call("rmi", "-f", "localhost/box")
        r.ok("prune", "-af")
        expect(r.ok("start", "-a", "one").count("again"), 3)


def test_logs():
    for driver in ("k8s-file", "json-file"):
        with Rig() as r:
            r.ok("run", "--name", "one", "--log-driver", driver,
                 "localhost/box", "sh", "-c",
                 "for i in 1 2 3; do echo line $i; done; printf tail")
            expect(r.ok("logs", "one"), "line 1\nline 2\nline 3\ntail")
            expect(r.ok("logs", "--tail", "2", "one"), "line 3\ntail")
            first = r.ok("logs", "-t", "one").split()[0]
            expect(bool(re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]+\.\d{9}Z",
                                     first)), True, first)
            r.ok("run", "-d", "--name", "two", "localhost/box", "sh", "-c",
                 "for i in 1 2 3; do echo $i; sleep 0.2; done")
            expect(r.ok("logs", "-f", "two"), "1\n2\n3\n")


def test_restart():
    with Rig() as r:
        r.ok("run", "-d", "--name", "one", "--restart", "on-failure:2",
             "localhost/box", "sh", "-c", "echo try; exit 4")
        r.ok("wait", "one")
        expect(r.ok("logs", "one"), "try\n" * 3)
        r.ok("run", "-d", "--name", "two", "--restart", "always",
             "localhost/box", "sh", "-c", LOOP)
        r.wait_log("two", "started")
        r.call("exec", "two", "kill", "-TERM", "1")
        r.wait_log("two", "started\nstarted")
        r.gives(0, "two\n", "stop", "two")
        expect(r.inspect("two", "{{.State.Status}}"), "exited")
        r.fails(125, "not both", "run", "--rm", "--restart", "always",
                "localhost/box")


def test_limits():
    with Rig() as r:
        out = r.shell("cat /sys/fs/cgroup/memory/memory.limit_in_bytes "
                      "/sys/fs/cgroup/memory.max 2>/dev/null; true",
                      "-m", "64m")
        if not out:
            bundle.skip("no memory controller here")
        expect(out, f"{64 << 20}\n")
        out = r.shell("cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us "
                      "/sys/fs/cgroup/cpu.max 2>/dev/null; true",
                      "--cpus", "0.5")
        expect_in("50000", out)
        expect(r.call("run", "--rm", "-m", "32m", "localhost/box", "sh", "-c",
                      "head -c 100000000 /dev/zero | tail | wc -c; "
                      "exit 3").returncode in (3, 137), True)
        r.fails(125, "not a size", "run", "-m", "x", "localhost/box")
        r.fails(125, "at least 6m", "run", "-m", "1k", "localhost/box")


def test_terminal():
    with Rig() as r:
        pid, master = os.forkpty()
        if pid == 0:
            os.execv(CUTTLE, [CUTTLE, "--root", r.path("root"), "run", "-it",
                              "--name", "one", "localhost/box", "sh"])
        os.write(master, b"echo $((6*7)); stty size\n")
        text = b""
        while b"42" not in text:
            text += os.read(master, 1000)
        os.write(master, b"\x10\x11")
        expect(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0)
        expect(r.inspect("one", "{{.State.Status}}"), "running")
        os.close(master)
        pid, master = os.forkpty()
        if pid == 0:
            os.execv(CUTTLE, [CUTTLE, "--root", r.path("root"), "attach",
                              "one"])
        time.sleep(0.3)
        os.write(master, b"exit 8\n")
        expect(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 8)
        os.close(master)


def test_signals():
    """What is sent to `cuttle run` reaches the program."""
    with Rig() as r:
        runner = subprocess.Popen(
            [CUTTLE, "--root", r.path("root"), "run", "--name", "one",
             "localhost/box", "sh", "-c", LOOP], stdout=subprocess.PIPE)
        expect(runner.stdout.readline(), b"started\n")
        runner.send_signal(signal.SIGTERM)
        expect(runner.wait(timeout=20), 9)


def test_monitor_killed():
    """What a killed monitor leaves can be seen and removed."""
    with Rig() as r:
        r.ok("run", "-d", "--name", "one", "localhost/box", "sh", "-c", LOOP)
        r.wait_log("one", "started")
        pid = int(r.inspect("one", "{{.State.Pid}}"))
        with open(f"/proc/{pid}/stat", encoding="ascii") as f:
            monitor = int(f.read().rsplit(")", 1)[1].split()[1])
        os.kill(monitor, signal.SIGKILL)
        end = time.monotonic() + 20
        while r.inspect("one", "{{.State.Status}}") != "exited":
            expect(time.monotonic() < end, True)
        r.gives(0, "one\n", "rm", "-f", "one")
        while os.path.exists(f"/proc/{pid}/ns/pid"):
            expect(time.monotonic() < end, True, "its program")
            time.sleep(0.02)


@contextlib.contextmanager
def registry(r):
    """Debian's docker-registry on loopback; its address."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        at = f"127.0.0.1:{probe.getsockname()[1]}"
    with open(r.path("registry.yml"), "w", encoding="ascii") as f:
        f.write(f"""version: 0.1
log: {{level: error, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {r.path('registry')}}}}}
http: {{addr: "{at}"}}
""")
    # REGISTRY_* are options to it.
    clean = {k: v for k, v in os.environ.items() if "REGISTRY" not in k}
    server = subprocess.Popen(
        ["docker-registry", "serve", r.path("registry.yml")], env=clean,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 20
        while server.poll() is None and time.monotonic() < end:
            with contextlib.suppress(OSError):
                socket.create_connection(tuple(at.split(":")), 1).close()
                break
            time.sleep(0.05)
        yield at
    finally:
        server.kill()
        server.wait()


def test_pull():
    if shutil.which("docker-registry") is None:
        bundle.skip("needs docker-registry")
    with Rig() as r, registry(r) as at:
        name = at + "/box:1"
        r.ok("tag", "localhost/box", name)
        r.ok("push", "-q", name)
        r.ok("rmi", name, "localhost/box")
        r.fails(125, name, "run", "--pull", "never", name)
        expect(r.ok("run", "--rm", name), "the image's\n")
        expect(r.ok("run", "--rm", "--pull", "always", name), "the image's\n")
        r.fails(125, "manifest unknown", "run", at + "/none")


def test_many():
    with Rig() as r:
        runs = [subprocess.Popen(
            [CUTTLE, "--root", r.path("root"), "run", "--rm",
             "localhost/box", "sh", "-c", "exit 5"]) for _ in range(12)]
        expect([p.wait(timeout=60) for p in runs], [5] * 12)
        expect(r.ok("ps", "-aq"), "")


def test_bad_input():
    with Rig() as r:
        r.fails(125, "no such container", "start", "nosuch")
        r.fails(125, "no such container", "logs", "nosuch")
        r.fails(125, "use letters", "create", "--name", "a/b",
                "localhost/box")
        r.fails(125, "not HOST:INSIDE", "run", "-v", "x", "localhost/box")
        r.fails(125, "named volumes", "run", "-v", "x:/y", "localhost/box")
        r.fails(125, "only none (the default) and host", "run", "--network",
                "bridge", "localhost/box")
        r.fails(125, "no such signal", "create", "--stop-signal", "X",
                "localhost/box")
        r.fails(125, "k8s-file or json-file", "create", "--log-driver", "x",
                "localhost/box")
        r.fails(125, "on-failure", "create", "--restart", "x",
                "localhost/box")
        r.fails(125, "not an absolute path", "create", "-w", "x",
                "localhost/box")
        r.fails(125, "unknown flag: --nosuch", "run", "--nosuch",
                "localhost/box")
        r.ok("create", "localhost/box")
        r.fails(125, "filter 'x=y'", "ps", "--filter", "x=y")
        # A record that somebody spoilt is none.
        name = r.ok("create", "localhost/box").strip()
        with open(r.path(f"root/containers/{name}/record.json"), "w",
                  encoding="ascii") as f:
            f.write("{")
        r.fails(125, "record.json", "start", name)
        shutil.rmtree(r.path(f"root/containers/{name}"))
        json.loads(r.ok("ps", "-a", "--format", "json"))


if __name__ == "__main__":
    if os.geteuid() != 0:
        bundle.skip("needs root")
    globals()["test_" + sys.argv[1].replace("-", "_")]()
