#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The Python package qemu.qmp as a client of our control socket.

Debian has it in QEMU's source package only; point PYTHONPATH at python/ of
that (`apt-get source qemu`). Skips where it is not.
"""

import asyncio
import contextlib
import os
import subprocess
import sys
import tempfile

try:
    from qemu.qmp import ExecuteError, QMPClient
    from qemu.qmp.legacy import QEMUMonitorProtocol
    from qemu.qmp.qmp_shell import QMPShell
except ImportError:
    print("skipped: the Python package qemu.qmp is not here")
    sys.exit(77)

PROGRAM = os.environ["CUTTLE_SYSTEM"]


def expect(got, wanted):
    if got != wanted:
        raise AssertionError(f"{got!r}, not {wanted!r}")


def start(folder):
    path = os.path.join(folder, "qmp")
    machine = subprocess.Popen(
        [PROGRAM, "-bios", "none", "-serial", "none", "-m", "16M", "-S",
         "-display", "none", "-qmp", f"unix:{path},server=on,wait=off"],
        stdin=subprocess.DEVNULL)
    while not os.path.exists(path):
        expect(machine.poll(), None)
    return machine, path


async def by_client(path):
    client = QMPClient("test")
    await client.connect(path)
    status = await client.execute("query-status")
    expect((status["status"], status["running"]), ("prelaunch", False))
    with client.listener("RESUME") as listener:
        await client.execute("cont")
        expect((await asyncio.wait_for(listener.get(), 10))["event"],
               "RESUME")
    try:
        await client.execute("device_del", {"id": "nosuch"})
    except ExecuteError as e:
        expect(e.error_class, "DeviceNotFound")
    else:
        raise AssertionError("device_del of nothing")
    names = await client.execute("query-commands")
    expect(any(c["name"] == "query-block" for c in names), True)
    await client.disconnect()


def by_legacy(path):
    with QEMUMonitorProtocol(path) as monitor:
        monitor.connect()
        expect(monitor.cmd("stop"), {"return": {}})
        event = monitor.pull_event(wait=10)
        expect(event["event"], "STOP")
        expect(monitor.command("query-name"), {})


def by_shell(path):
    shell = QMPShell(path)
    shell.connect(True)
    expect(shell.cmd_obj({"execute": "query-version"})["return"]["qemu"]
           ["major"], 10)
    shell.close()


def by_quit(path):
    monitor = QEMUMonitorProtocol(path)
    monitor.connect()
    monitor.cmd("quit")
    # The package tells of the server's end as an error, whoever asked for it.
    with contextlib.suppress(EOFError):
        monitor.close()


def main():
    with tempfile.TemporaryDirectory() as folder:
        machine, path = start(folder)
        try:
            asyncio.run(by_client(path))
            # The package's older half wants a loop to be there.
            asyncio.set_event_loop(asyncio.new_event_loop())
            by_legacy(path)
            by_shell(path)
            by_quit(path)
            expect(machine.wait(timeout=20), 0)
        finally:
            machine.kill()
            machine.wait()


if __name__ == "__main__":
    main()
