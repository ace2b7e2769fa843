#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""cuttle-runtime from outside: run.py NAME, a function test_NAME below."""

import json
import os
import signal
import socket
import subprocess
import sys
import time

import bundle
from bundle import Bundle, expect, expect_in


def wait_for(what, call, wanted, seconds=20):
    end = time.monotonic() + seconds
    while call() != wanted:
        if time.monotonic() > end:
            raise AssertionError(f"{what}: still {call()!r}, not {wanted!r}")
        time.sleep(0.01)


def has_ended(pid):
    """Gone, or a zombie that nobody has asked after yet."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as f:
            return f.read().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


# ---- a container's life ----

def test_life():
    with Bundle() as b:
        b.create("sh", "-c", "echo $$ > /started; exec sleep 1000",
                 options=["--pid-file", "pid"])
        expect(b.status(), "created")
        expect(os.path.exists(b.root + "/started"), False)
        with open(b.folder + "/pid", encoding="ascii") as f:
            expect(int(f.read()), b.state()["pid"])
        b.fails("container with id exists", "create", b.id)
        b.ok("start", b.id)
        expect(b.status(), "running")
        wait_for("its program", lambda: os.path.exists(b.root + "/started"),
                 True)
        b.fails("cannot start a container that is running", "start", b.id)
        b.fails("not stopped: running", "delete", b.id)
        expect(b.ok("list", "-q").split(), [b.id])
        expect(json.loads(b.ok("list", "-f", "json"))[0]["status"], "running")
        pids = json.loads(b.ok("ps", "-f", "json", b.id))
        expect(pids, [b.state()["pid"]])
        expect_in("sleep 1000", b.ok("ps", b.id))
        b.ok("pause", b.id)
        expect(b.status(), "paused")
        b.fails("cannot exec in a paused container", "exec", b.id, "true")
        b.ok("resume", b.id)
        b.ok("kill", b.id, "KILL")
        wait_for("its end", b.status, "stopped")
        expect(b.state()["pid"], 0)
        b.fails("container not running", "kill", b.id, "TERM")
        b.fails("cannot exec in a stopped container", "exec", b.id, "true")
        b.ok("delete", b.id)
        b.fails("does not exist", "state", b.id)
        b.fails("does not exist", "delete", b.id)
        b.ok("delete", "--force", b.id)
        expect(os.listdir(b.states), [])


def test_exit_status():
    with Bundle() as b:
        b.run("exit 0")
        b.run("exit 7", status=7)
        b.process["args"] = ["sh", "-c", "kill -TERM 1; sleep 1; exit 3"]
        b.write()
        expect(b.call("run", b.id).returncode, 3)
        b.namespace("pid", "")
        b.run("kill -KILL $$", status=128 + signal.SIGKILL)


def test_delete_force():
    with Bundle() as b:
        b.create("sleep", "1000")
        pid = b.state()["pid"]
        b.ok("start", b.id)
        b.ok("delete", "--force", b.id)
        wait_for("its end", lambda: has_ended(pid), True)
        b.create("sleep", "1000")
        b.ok("delete", b.id)  # created ones may go
        # What a create that was killed has left.
        os.makedirs(b.states + "/" + b.id)
        b.ok("delete", b.id)


def test_missing_program():
    cases = [
        (["nosuch"], 'exec: "nosuch": executable file not found in $PATH'),
        (["/nosuch"], "no such file or directory"),
        (["/etc/passwd"], "permission denied"),
        (["/etc"], "permission denied"),
    ]
    with Bundle() as b:
        for args, text in cases:
            b.process["args"] = args
            b.write()
            b.fails(text, "create", b.id)
            expect(os.listdir(b.states), [], args)
        with open(b.root + "/bin/odd", "wb") as f:
            f.write(b"\x7fELF")
        os.chmod(b.root + "/bin/odd", 0o755)
        b.create("odd")
        b.fails("Exec format error", "start", b.id)
        expect(b.status(), "stopped")


def test_exec():
    with Bundle() as b:
        b.process["env"].append("OWN=1")
        b.create("sleep", "1000")
        b.ok("start", b.id)
        expect(b.ok("exec", b.id, "sh", "-c", "echo $OWN $PPID; hostname"),
               "1 0\ninside\n")
        expect(b.call("exec", b.id, "sh", "-c", "exit 9").returncode, 9)
        expect(b.ok("exec", "-e", "A=b", "--cwd", "/tmp", "-u", "1000:7",
                    b.id, "sh", "-c", "echo $A $PWD $(id -u) $(id -g) $HOME"),
               "b /tmp 1000 7 /people/user\n")
        b.fails("executable file not found in $PATH", "exec", b.id, "nosuch")
        process = dict(b.process, args=["sh", "-c", "echo from file; exit 4"])
        with open(b.folder + "/process.json", "w", encoding="utf-8") as f:
            json.dump(process, f)
        done = b.call("exec", "--process", "process.json", b.id)
        expect((done.returncode, done.stdout), (4, "from file\n"))
        b.ok("exec", "--detach", "--pid-file", "pid", b.id, "sleep", "500")
        with open(b.folder + "/pid", encoding="ascii") as f:
            pid = int(f.read())
        expect_in(pid, json.loads(b.ok("ps", "-f", "json", b.id)))
        b.ok("kill", "--all", b.id, "KILL")
        wait_for("its end", b.status, "stopped")


# ---- what it sees ----

def test_view():
    with Bundle() as b:
        expect(b.run("hostname; echo $$; id -u; pwd; echo $HOME"),
               "inside\n1\n0\n/\n/people/root\n")
        expect(b.run("cat /proc/keys | wc -c; ls /proc/acpi /sys/firmware"
                     " | grep -v : | tr -d '\\n'"), "0\n")
        expect_in("Read-only", b.run("echo 1 2>&1 > /proc/sys/vm/swappiness "
                                     "|| true; touch /proc/sys/x 2>&1 "
                                     "|| true"))
        links = b.run("for n in fd stdin ptmx; do "
                      "readlink /dev/$n; done").split()
        expect(links, ["/proc/self/fd", "/proc/self/fd/0", "pts/ptmx"])
        expect(b.run("head -c 4 /dev/zero | wc -c; echo x > /dev/null;"
                     "cat /dev/full | head -c 1 | wc -c"), "4\n1\n")
        expect(b.run("cat /sys/class/net/lo/operstate; ls /sys/class/net"),
               "unknown\nlo\n")
        b.config["root"]["readonly"] = True
        expect_in("Read-only", b.run("touch /x 2>&1 || true"))
        b.process["cwd"] = "/tmp"
        b.process["user"] = {"uid": 1000, "gid": 5, "umask": 0o27,
                             "additionalGids": [7, 8]}
        expect(b.run("pwd; id -u; id -G; umask; echo $HOME"),
               "/tmp\n1000\n5 7 8\n0027\n/people/user\n")
        b.process["cwd"] = "/nosuch"
        b.write()
        b.fails("chdir to cwd", "run", b.id)


def test_mounts():
    with Bundle() as b:
        os.makedirs(b.folder + "/shared/sub")
        with open(b.folder + "/shared/f", "w", encoding="ascii") as f:
            f.write("host\n")
        b.config["mounts"] += [
            {"destination": "/bound", "type": "bind", "source": "shared",
             "options": ["rbind", "rprivate"]},
            {"destination": "/etc/one", "source": b.folder + "/shared/f",
             "options": ["bind", "ro"]},
            {"destination": "/up", "type": "tmpfs", "source": "tmpfs",
             "options": ["tmpcopyup", "size=1m", "nodev"]},
            {"destination": "/all-ro", "source": "shared",
             "options": ["rbind", "rro"]},
        ]
        os.makedirs(b.root + "/up/deep")
        with open(b.root + "/up/deep/file", "w", encoding="ascii") as f:
            f.write("below\n")
        os.symlink("deep/file", b.root + "/up/link")
        os.chown(b.root + "/up/deep", 12, 13)
        expect(b.run("cat /bound/f /etc/one /up/link; echo new > /bound/g; "
                     "stat -c %u:%g /up/deep"), "host\nhost\nbelow\n12:13\n")
        with open(b.folder + "/shared/g", encoding="ascii") as f:
            expect(f.read(), "new\n")
        expect_in("Read-only", b.run("echo x 2>&1 > /etc/one; true")
                  + b.run("touch /etc/one 2>&1; touch /all-ro/x 2>&1; true"))
        b.config["mounts"].append({"destination": "/gone", "type": "bind",
                                   "source": "/nosuch"})
        b.refused("mount '/nosuch' on '/gone': No such file")


def test_mounts_stay_inside():
    """Links of the image lead to places in the image."""
    with Bundle() as b:
        outside = b.folder + "/outside"
        os.makedirs(outside)
        os.symlink(outside, b.root + "/escape")
        os.symlink("../../../../../../.." + outside, b.root + "/dots")
        for name in ("/escape/in", "/dots/in", "/../../x"):
            b.config["mounts"].append(
                {"destination": name, "type": "tmpfs", "source": "tmpfs"})
        b.run("mount | grep -c /in")
        expect(os.listdir(outside), [])
        # CVE-2019-19921: /proc must be where it says.
        os.rmdir(b.root + "/proc")
        os.symlink("/tmp", b.root + "/proc")
        b.refused("is not a directory in the image")
        # CVE-2019-16884: nothing else is mounted over it.
        os.unlink(b.root + "/proc")
        os.mkdir(b.root + "/proc")
        os.makedirs(b.folder + "/fake")
        b.config["mounts"].append(
            {"destination": "/tmp/../proc/self", "type": "bind",
             "source": "fake"})
        b.refused("not allowed inside /proc")


def test_devices():
    with Bundle() as b:
        b.linux["devices"] = [
            {"path": "/dev/mem2", "type": "c", "major": 1, "minor": 1,
             "fileMode": 0o640, "uid": 0, "gid": 4},
            {"path": "/dev/sub/pipe", "type": "p"},
        ]
        expect(b.run("stat -c '%a %u:%g %t,%T' /dev/mem2; "
                     "test -p /dev/sub/pipe && echo pipe"),
               "640 0:4 1,1\npipe\n")
        expect_in("not permitted", b.run("cat /dev/mem2 2>&1; true"))
        b.linux["devices"][0]["type"] = "z"
        b.refused("unknown type 'z'")


def test_user_namespace():
    with Bundle() as b:
        b.user_namespace()
        os.makedirs(b.folder + "/secret/in")
        os.chmod(b.folder + "/secret", 0o700)
        b.config["mounts"].append(
            {"destination": "/secret", "type": "bind",
             "source": b.folder + "/secret/in"})
        out = b.run("id -u; cat /proc/self/uid_map | tr -s ' '; "
                    "touch /made; ls -d /secret; echo x > /dev/null; "
                    "stat -c %t,%T /dev/null")
        expect(out, "0\n 0 100000 65536\n/secret\n1,3\n")
        expect(os.stat(b.root + "/made").st_uid, 100000)
        b.process["args"] = ["sleep", "1000"]
        b.create()
        b.ok("start", b.id)
        expect(b.ok("exec", b.id, "id", "-u"), "0\n")
        with open(f"/proc/{b.state()['pid']}/status", encoding="ascii") as f:
            expect_in("Uid:\t100000\t", f.read())


def test_id_mapped_mount():
    with Bundle() as b:
        os.makedirs(b.folder + "/files")
        with open(b.folder + "/files/f", "w", encoding="ascii"):
            pass
        os.chown(b.folder + "/files/f", 1000, 1000)
        maps = [{"containerID": 1000, "hostID": 77, "size": 1}]
        b.config["mounts"].append(
            {"destination": "/mapped", "type": "bind", "source": "files",
             "uidMappings": maps, "gidMappings": maps})
        expect(b.run("stat -c %u:%g /mapped/f"), "77:77\n")


def test_joined_namespaces():
    with Bundle() as b, Bundle() as other:
        other.create("sleep", "1000")
        other.ok("start", other.id)
        pid = other.state()["pid"]
        for kind, name in (("pid", "pid"), ("network", "net"), ("ipc", "ipc"),
                           ("uts", "uts")):
            b.namespace(kind, f"/proc/{pid}/ns/{name}")
        del b.config["hostname"]
        links = [os.readlink(f"/proc/{pid}/ns/{n}")
                 for n in ("pid", "net", "ipc", "uts")]
        out = b.run("for n in pid net ipc uts; do readlink /proc/self/ns/$n; "
                    "done; hostname")
        expect(out.split(), links + ["inside"])
        b.namespace("ipc", "/nosuch")
        b.refused("ipc namespace '/nosuch': No such file")


def test_time_namespace():
    with Bundle() as b:
        b.namespace("time")
        b.linux["timeOffsets"] = {"boottime": {"secs": 1000000}}
        days = int(float(b.run("cat /proc/uptime").split()[0])) // 86400
        expect(days >= 11, True, "uptime")


# ---- what it may ----

def test_capabilities():
    with Bundle() as b:
        status = b.run("grep -E 'Cap|NoNew' /proc/self/status")
        wanted = sum(1 << n for n in (0, 5, 7, 6, 13))
        for line in status.splitlines():
            name, value = line.split(":\t")
            if name in ("CapEff", "CapPrm", "CapBnd"):
                expect(int(value, 16), wanted, name)
            elif name == "NoNewPrivs":
                expect(value, "1")
            else:
                expect(int(value, 16), 0, name)
        caps = b.process["capabilities"]
        caps["ambient"] = caps["inheritable"] = ["CAP_KILL"]
        b.process["user"] = {"uid": 1000, "gid": 1000}
        expect_in("CapAmb:\t0000000000000020",
                  b.run("grep Cap /proc/self/status"))
        caps["ambient"] = ["CAP_KILL", "CAP_CHOWN"]  # not inheritable: without
        expect_in("CapAmb:\t0000000000000020",
                  b.run("grep Cap /proc/self/status"))
        del b.process["capabilities"]
        expect_in("CapBnd:\t0000000000000000",
                  b.run("grep Cap /proc/self/status"))


def test_seccomp():
    rule = {"names": ["mkdir", "mkdirat", "no_such_call"],
            "action": "SCMP_ACT_ERRNO", "errnoRet": 95}
    with Bundle() as b:
        b.linux["seccomp"] = {
            "defaultAction": "SCMP_ACT_ALLOW",
            "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"],
            "syscalls": [rule]}
        expect_in("not supported", b.run("mkdir /tmp/x 2>&1; true"))
        b.process["noNewPrivileges"] = False
        expect_in("not supported", b.run("mkdir /tmp/x 2>&1; true"))
        rule["args"] = [{"index": 2, "value": 0o700, "op": "SCMP_CMP_EQ"}]
        rule["names"] = ["mkdirat"]
        b.run("mkdir /tmp/y")
        rule["action"] = "SCMP_ACT_NOSUCH"
        b.refused("unknown action 'SCMP_ACT_NOSUCH'")


def test_seccomp_listener():
    with Bundle() as b:
        path = b.folder + "/listener"
        b.linux["seccomp"] = {
            "defaultAction": "SCMP_ACT_ALLOW", "listenerPath": path,
            "listenerMetadata": "mine",
            "syscalls": [{"names": ["sethostname"],
                          "action": "SCMP_ACT_NOTIFY"}]}
        b.process["args"] = ["true"]
        b.write()
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(path)
            s.listen(1)
            runner = subprocess.Popen(
                [bundle.RUNTIME, "--root", b.states, "run", b.id],
                cwd=b.folder)
            peer, _ = s.accept()
            text, fds, _, _ = socket.recv_fds(peer, 65536, 4)
        expect(runner.wait(timeout=30), 0)
        document = json.loads(text)
        expect(document["metadata"], "mine")
        expect(document["fds"], ["seccompFd"])
        expect(document["state"]["status"], "creating")
        expect(len(fds), 1)
        os.close(fds[0])


def test_rlimits():
    with Bundle() as b:
        b.process["rlimits"] = [
            {"type": "RLIMIT_NOFILE", "soft": 100, "hard": 200},
            {"type": "RLIMIT_CORE", "soft": 0, "hard": 0}]
        expect(b.run("ulimit -Sn; ulimit -Hn; ulimit -c"), "100\n200\n0\n")
        b.process["rlimits"].append(
            {"type": "RLIMIT_CORE", "soft": 1, "hard": 1})
        b.refused("RLIMIT_CORE comes twice")
        b.process["rlimits"][1:] = [
            {"type": "RLIMIT_NOSUCH", "soft": 1, "hard": 1}]
        b.refused("unknown type 'RLIMIT_NOSUCH'")
        b.process["rlimits"][1:] = [
            {"type": "RLIMIT_CPU", "soft": 9, "hard": 8}]
        b.refused("soft is above hard")


def test_limits():
    with Bundle() as b:
        b.linux["resources"].update(
            pids={"limit": 11}, memory={"limit": 64 << 20},
            cpu={"shares": 512, "quota": 50000, "period": 100000})
        b.create("sleep", "1000")
        b.ok("start", b.id)
        stats = json.loads(b.ok("events", "--stats", b.id))
        if "pids" not in stats["data"]:
            bundle.skip("no cgroup controllers here")
        expect(stats["data"]["pids"], {"current": 1, "limit": 11})
        expect(stats["data"]["memory"]["usage"]["limit"], 64 << 20)
        b.ok("update", "--pids-limit", "12", b.id)
        stats = json.loads(b.ok("events", "--stats", b.id))
        expect(stats["data"]["pids"]["limit"], 12)
        with open(b.folder + "/r.json", "w", encoding="ascii") as f:
            f.write('{"memory": {"limit": 33554432}}')
        b.ok("update", "--resources", "r.json", b.id)
        stats = json.loads(b.ok("events", "--stats", b.id))
        expect(stats["data"]["memory"]["usage"]["limit"], 32 << 20)
        b.fails("'x' is not a number", "update", "--memory", "x", b.id)
        # Twelve processes, and not one more.
        done = b.call("exec", b.id, "sh", "-c",
                      "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 9 & done")
        expect_in("Resource temporarily unavailable", done.stderr)


def test_sysctl():
    with Bundle() as b:
        b.linux["sysctl"] = {"net.ipv4.ip_default_ttl": "77",
                             "kernel.shmmni": "99"}
        expect(b.run("cat /proc/sys/net/ipv4/ip_default_ttl "
                     "/proc/sys/kernel/shmmni"), "77\n99\n")
        b.linux["sysctl"] = {"vm.swappiness": "1"}
        b.refused("is not in a separate kernel namespace")
        b.linux["sysctl"] = {"net.ipv4.ip_forward": "1"}
        b.namespace("network", "")
        b.refused("is not allowed in the host's network namespace")


# ---- hooks ----

def test_hooks():
    stages = ["prestart", "createRuntime", "createContainer",
              "startContainer", "poststart", "poststop"]
    with Bundle() as b:
        log = b.folder + "/log"
        for place in (b.folder + "/hook", b.root + "/hook"):
            with open(place, "w", encoding="ascii") as f:
                f.write('#!/bin/sh\nIFS= read -r state\n'
                        'echo "$1 $state" >> "$2"\n')
            os.chmod(place, 0o755)
        inside = {"startContainer"}
        b.config["hooks"] = {
            s: [{"path": "/hook" if s in inside else b.folder + "/hook",
                 "args": ["hook", s, "/log" if s in inside else log]}]
            for s in stages}
        b.run("true")
        with open(log, encoding="utf-8") as f:
            lines = [line.split(" ", 1) for line in f]
        expect([s for s, _ in lines],
               [s for s in stages if s not in inside])
        statuses = {s: json.loads(text)["status"] for s, text in lines}
        expect(statuses["createRuntime"], "creating")
        expect(statuses["poststop"], "stopped")
        with open(b.root + "/log", encoding="utf-8") as f:
            expect_in("startContainer {", f.read())
        b.config["hooks"] = {"createRuntime": [{"path": "/bin/false"}]}
        b.refused("createRuntime hook '/bin/false': exit status 1")
        b.config["hooks"] = {"createRuntime": [
            {"path": "/bin/sleep", "args": ["sleep", "100"], "timeout": 1}]}
        b.refused("timed out after 1 s")


# ---- terminals and descriptors ----

def test_console_socket():
    with Bundle() as b:
        path = b.folder + "/console"
        b.process["terminal"] = True
        b.process["consoleSize"] = {"height": 33, "width": 99}
        b.process["args"] = ["sh", "-c", "stty size; test -c /dev/console && "
                                         "echo console; read x; echo got $x"]
        b.write()
        b.fails("needs a console socket", "create", b.id)
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(path)
            s.listen(1)
            b.ok("create", "--console-socket", path, b.id)
            peer, _ = s.accept()
            _, fds, _, _ = socket.recv_fds(peer, 100, 1)
        b.ok("start", b.id)
        master = fds[0]
        os.write(master, b"word\n")
        text = b""
        while b"got word" not in text:
            text += os.read(master, 1000)
        expect_in(b"33 99", text)
        expect_in(b"console", text)
        os.close(master)


def test_terminal():
    """run with a terminal, from a terminal."""
    with Bundle() as b:
        b.process["terminal"] = True
        b.process["args"] = ["sh", "-c", "tty; read x; echo got $x; exit 6"]
        b.write()
        pid, master = os.forkpty()
        if pid == 0:
            os.chdir(b.folder)
            os.execv(bundle.RUNTIME, [bundle.RUNTIME, "--root", b.states,
                                      "run", b.id])
        text = b""
        while b"/dev/pts/0" not in text:
            text += os.read(master, 1000)
        os.write(master, b"word\r")
        while b"got word" not in text:
            text += os.read(master, 1000)
        expect(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 6)
        os.close(master)


def test_descriptors():
    """Only what is preserved is inherited."""
    with Bundle() as b:
        first, second = os.pipe(), os.pipe()
        script = "ls /proc/self/fd | tr '\\n' ' '; echo x >&3"
        b.process["args"] = ["sh", "-c", script]
        b.write()
        done = subprocess.run(
            ["sh", "-c", f"exec {bundle.RUNTIME} --root {b.states} run "
                         f"--preserve-fds 1 {b.id} 3>&{second[1]}"],
            cwd=b.folder, check=True, capture_output=True, text=True,
            pass_fds=[second[1], first[1]])
        expect(done.stdout.split(), ["0", "1", "2", "3", "4"])
        expect(os.read(second[0], 10), b"x\n")


# ---- errors ----

def test_bad_input():
    with Bundle() as b:
        b.fails("config.json", "create", b.id)
        for text, wanted in (
                ("", "JSON parse error"),
                ("{", "JSON parse error"),
                ("[]", "expected an object"),
                ('{"ociVersion": "1.0.0"}', "root: missing"),
                ("[" * 100000, "nesting depth"),
                ('{"ociVersion": 7}', "ociVersion: expected a string")):
            with open(b.folder + "/config.json", "w",
                      encoding="utf-8") as f:
                f.write(text)
            b.fails(wanted, "create", b.id)
        changes = [
            (lambda c: c.update(ociVersion="2.0.0"), "unknown version"),
            (lambda c: c["process"].update(args=[]), "must not be empty"),
            (lambda c: c["process"].update(cwd="x"), "not an absolute path"),
            (lambda c: c["process"].update(env=["novalue"]), "NAME=VALUE"),
            (lambda c: c["root"].update(path="nosuch"), "root '"),
            (lambda c: c["linux"]["namespaces"].append({"type": "odd"}),
             "unknown type 'odd'"),
            (lambda c: c["linux"]["namespaces"].append({"type": "pid"}),
             "'pid' comes twice"),
            (lambda c: c["linux"].update(cgroupsPath="/a/../../b"), "'..'"),
            (lambda c: c["linux"].update(rootfsPropagation="odd"),
             "unknown word 'odd'"),
            (lambda c: c["mounts"].append({"destination": "/x",
                                           "type": "nosuchfs"}),
             "No such device"),
            (lambda c: c["mounts"].append({"destination": "/x",
                                           "type": "bind"}),
             "without a source"),
        ]
        for change, wanted in changes:
            b.config = json.loads(json.dumps(bundle.CONFIG))
            change(b.config)
            b.write()
            b.fails(wanted, "create", b.id)
            expect(os.listdir(b.states), [], wanted)
        for bad in ("", ".", "..", "a/b", "a b", "x" * 256):
            b.fails("invalid container id", "create", bad)
        b.fails("unknown verb", "fly")
        b.fails("no verb", *[])
        b.fails("an argument is missing", "start")
        b.fails("unknown signal 'NOSUCH'", "kill", b.id, "NOSUCH")
        b.fails("does not exist", "start", "nosuch")


def test_log():
    with Bundle() as b:
        b.process["args"] = ["nosuch"]
        b.write()
        b.call("--log", "log.json", "--log-format", "json", "create", b.id)
        with open(b.folder + "/log.json", encoding="utf-8") as f:
            last = json.loads(f.read().splitlines()[-1])
        expect(last["level"], "error")
        expect_in("executable file not found in $PATH", last["msg"])


def test_features():
    with Bundle() as b:
        known = json.loads(b.ok("features"))
        expect_in("rbind", known["mountOptions"])
        expect_in("time", known["linux"]["namespaces"])
        expect_in("1.2", known["ociVersionMax"])
        os.makedirs(b.folder + "/s")
        b.ok("spec", "--bundle", b.folder + "/s")
        with open(b.folder + "/s/config.json", encoding="utf-8") as f:
            example = json.load(f)
        example["process"].update(terminal=False, args=["echo", "example"])
        b.config = example
        b.write()
        expect(b.ok("run", b.id), "example\n")
        expect_in("spec: 1.2", b.ok("--version"))


def test_many():
    """Twenty at a time, none in another's way."""
    with Bundle() as b:
        b.process["args"] = ["sh", "-c", "exit 5"]
        b.write()
        runs = [subprocess.Popen([bundle.RUNTIME, "--root", b.states, "run",
                                  f"{b.id}-{i}"], cwd=b.folder)
                for i in range(20)]
        expect([r.wait(timeout=60) for r in runs], [5] * 20)
        expect(os.listdir(b.states), [])


# ---- a container that wants out ----

def test_own_binary():
    """CVE-2019-5736: /proc/self/exe of the runtime is a sealed copy."""
    with Bundle() as b:
        b.process["args"] = ["/proc/self/exe", "--version"]
        b.write()
        before = os.stat(bundle.RUNTIME)
        b.call("run", b.id)
        with open(b.root + "/bin/evil", "w", encoding="ascii") as f:
            f.write("#!/proc/self/exe\n")
        os.chmod(b.root + "/bin/evil", 0o755)
        b.create("sleep", "1000")
        b.ok("start", b.id)
        b.call("exec", b.id, "/bin/evil")
        after = os.stat(bundle.RUNTIME)
        expect((after.st_mtime, after.st_size),
               (before.st_mtime, before.st_size))


def test_working_directory():
    """CVE-2024-21626: a descriptor of the host is no working directory."""
    up = "ls -d ../../../../../../.." + os.path.abspath(__file__)
    with Bundle() as b:
        for n in range(3, 16):
            b.process["cwd"] = f"/proc/self/fd/{n}"
            b.process["args"] = ["sh", "-c", up]
            b.write()
            expect(b.call("run", b.id).stdout, "", n)
        b.process["cwd"] = "/"
        b.create("sleep", "1000")
        b.ok("start", b.id)
        for n in range(3, 16):
            done = b.call("exec", "--cwd", f"/proc/self/fd/{n}", b.id,
                          "sh", "-c", up)
            expect(done.stdout, "", n)


def main():
    if os.geteuid() != 0:
        bundle.skip("needs root")
    if not os.path.exists(bundle.BUSYBOX):
        bundle.skip("needs busybox-static")
    globals()["test_" + sys.argv[1].replace("-", "_")]()


if __name__ == "__main__":
    main()
