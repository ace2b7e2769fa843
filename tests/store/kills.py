#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writers killed with SIGKILL, 200 times, at each durable step and at random
moments; after each the store has no damage, shows only whole images, and the
next command works. Then many processes at once."""
import os
import random
import signal
import subprocess
import time

from registry import serve
from rig import CUTTLE, Layout, Rig, entry, folder, main, same, tar_of

KILLS = 200
SEED = int(os.environ.get("CUTTLE_SEED", random.randrange(1 << 30)))


def archive(name, seed, layers=3):
    """Images of one seed share layers with those of the next."""
    layout = Layout()
    tars = [tar_of([folder("d")] + [(f"d/{seed + n}-{k}", os.urandom(64) * 40)
                                    for k in range(6)] +
                   [entry("link", b"2", "d")])
            for n in range(layers)]
    layout.image(name, tars)
    return layout.tar()


class Killer:
    def __init__(self, rig, dice, registry):
        self.rig, self.dice = rig, dice
        self.pulled = f"{registry}/x:1"
        self.kills = 0
        self.files = []
        self.tree = rig.path("tree.tar", tar_of([("d/x", b"x")]))
        for n in range(3):
            name = f"localhost/i{n}:1"
            self.files.append(rig.path(f"{n}.tar", archive(name, n)))

    def operation(self):
        n = self.dice.randrange(3)
        return self.dice.choice([
            ("load", "-i", self.files[n]),
            ("load", "-i", self.files[n]),
            ("image", "unpack", f"localhost/i{n}:1"),
            ("image", "unpack", f"localhost/i{n}:1"),
            ("tag", f"localhost/i{n}:1", f"localhost/t{n}:1"),
            ("rmi", "-f", f"localhost/i{n}:1"),
            ("prune", "-f"),
            ("pull", "-q", self.pulled),
            ("pull", "-q", self.pulled),
            ("rmi", "-f", self.pulled),
            ("import", self.tree, f"localhost/m{n}:1"),
            ("manifest", "create", "-a", "list", f"localhost/i{n}:1"),
        ])

    def at_step(self, command):
        """Dies at a step; the count of steps differs, so the die is thrown for
        few of them. One that is not reached lets the command end."""
        step = self.dice.choice([1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30])
        done = self.rig.run(*command, env={"CUTTLE_TEST_KILL_AT": str(step)})
        return done.returncode, f"step {step}"

    def at_moment(self, command):
        delay = self.dice.uniform(0.001, 0.020)
        with subprocess.Popen([CUTTLE, "--root", self.rig.root, *command],
                              stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as process:
            time.sleep(delay)
            process.kill()
            return process.wait(), f"{delay * 1000:.1f} ms"

    def once(self):
        command = self.operation()
        how = self.at_step if self.dice.random() < 0.6 else self.at_moment
        code, when = how(command)
        if code != -signal.SIGKILL:
            return
        self.kills += 1
        done = self.rig.run("fsck")
        if done.returncode != 0 or done.stderr:
            raise AssertionError(f"{command} killed at {when}: "
                                 f"{done.stdout.decode()}"
                                 f"{done.stderr.decode()}")
        # The next command, whichever it is.
        if self.kills % 4 == 0:
            self.rig.ok("load", "-q", "-i", self.dice.choice(self.files))
        elif self.kills % 4 == 1:
            self.rig.ok("images")
        elif self.kills % 16 == 2:
            self.rig.ok("prune", "-f")
            self.rig.clean()


def killed():
    print(f"CUTTLE_SEED={SEED}")
    # The process dies, not the machine: memory is as good as a disk, and has
    # no queue of other programs' writes to sync.
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with serve() as registry, Rig(memory) as r:
        killer = Killer(r, random.Random(SEED), registry.at)
        while killer.kills < KILLS:
            killer.once()
        for path in killer.files:
            r.ok("load", "-q", "-i", path)
        for n in range(3):
            for layer in r.ok("image", "unpack", f"localhost/i{n}:1").split():
                same(sorted(os.listdir(layer)), ["d", "link"])
                same(len(os.listdir(layer + "/d")), 6)
        r.ok("prune", "-f")
        r.clean()
        r.ok("rmi", "-a")
        same((r.blobs(), os.listdir(r.store + "/layers")), ([], []))


def parallel():
    """Loads, unpacks, names, readers and collections, all at once."""
    with Rig() as r:
        paths = [r.path(f"{n}.tar", archive(f"localhost/p{n}:1", n))
                 for n in range(4)]
        r.ok("images")
        script = """
            set -e
            for round in 1 2 3 4 5; do
                $C load -q -i "$2"
                $C image unpack "localhost/p$1:1" > "$3"
                for d in $(cat "$3"); do test "$(ls "$d/d" | wc -l)" = 6; done
                $C tag "localhost/p$1:1" "localhost/q$1:$round"
                $C images > /dev/null
                $C prune -f > /dev/null
                $C inspect "localhost/q$1:$round" > /dev/null
                $C rmi "localhost/q$1:$round" > /dev/null
            done"""
        env = {**os.environ, "C": f"{CUTTLE} --root {r.root}"}
        running = [subprocess.Popen(["sh", "-c", script, "sh", str(n), path,
                                     r.path(f"out{n}")], env=env,
                                    stderr=subprocess.PIPE)
                   for n, path in enumerate(paths)]
        for process in running:
            error = process.communicate(timeout=60)[1]
            same((process.returncode, error), (0, b""))
        same(r.images(), [f"localhost/p{n}:1" for n in range(4)])
        r.clean()


main({f.__name__: f for f in (killed, parallel)})
