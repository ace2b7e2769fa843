#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Trace events, switched while a machine runs and read from their file."""

import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

import rfb
from qmp import System
from run import BARE, expect, expect_error, hmp

TRACE_READ = Path(__file__).resolve().parents[2] / "scripts/trace-read"


def traced(path):
    """(event, arguments) of each record of a binary trace."""
    text = subprocess.run([TRACE_READ, "--json", path], check=True,
                          capture_output=True, text=True, timeout=60).stdout
    return [(r["event"], r["args"])
            for r in map(json.loads, text.splitlines())]


def wait_traced(q, path, enough):
    for _ in range(100):
        hmp(q, "trace-file flush")
        events = traced(path)
        if enough(events):
            return events
        time.sleep(0.1)
    raise AssertionError(f"{path}: {len(events)} events")


def sent_to_serial(events):
    return bytes(args["value"] for _, args in events
                 if args["device"] == "serial-mm" and args["offset"] == 0)


def test_switching():
    """Events are switched while firmware runs, and their file is read."""
    with System("-display", "none", "-serial", "null", "-m", "32M", "-trace",
                "device_reset,file=first.trace,format=binary,"
                "limit=1M") as s:
        q = s.connect()
        expect_error("GenericError", 'unknown event "nosuch"', q.run,
                     "trace-event-get-state", name="nosuch")
        expect_error("GenericError", 'unknown event "nosuch"', q.run,
                     "trace-event-set-state", name="nosuch", enable=True)
        expect(q.run("trace-event-get-state", name="nosuch*"), [])
        expect(q.run("trace-event-set-state", name="nosuch*", enable=True), {})
        expect(q.run("trace-event-get-state", name="device_re*t"),
               [{"name": "device_reset", "state": "enabled"}])
        hmp(q, "trace-file", 'Trace file "first.trace" on.\n')
        hmp(q, "trace-file flush")
        first = traced("first.trace")
        expect({event for event, _ in first}, {"device_reset"})
        expect({"device": "serial-mm"} in [args for _, args in first], True)
        hmp(q, "trace-event device_reset off")
        hmp(q, "trace-file set second.trace")
        expect(len(traced("first.trace")), len(first))
        hmp(q, "trace-event device_w* on")
        hmp(q, "info trace-events device_*", "device_read : state 0\n"
            "device_write : state 1\ndevice_reset : state 0\n")
        q.run("system_reset")  # OpenSBI's banner again, if it was over
        written = wait_traced(q, "second.trace",
                              lambda e: b"OpenSBI v" in sent_to_serial(e))
        expect({event for event, _ in written}, {"device_write"})
        q.run("trace-event-set-state", name="*", enable=False)
        hmp(q, "trace-file off")
        size = os.path.getsize("second.trace")
        q.run("system_reset")
        hmp(q, "trace-file", 'Trace file "second.trace" off.\n')
        expect(os.path.getsize("second.trace"), size)
        hmp(q, "trace-file set /nowhere/trace", "Error: trace file "
            "'/nowhere/trace': No such file or directory\n")
        # Everything at once, until the file is full.
        q.run("stop")
        hmp(q, "trace-file set third.trace")
        q.run("trace-event-set-state", name="*", enable=True)
        q.run("system_reset")
        hmp(q, "trace-file flush")
        q.run("cont")
        wait_traced(q, "third.trace", lambda e: len(e) > 10000)
        q.run("quit")
        expect(s.ends()[0], 0)
        names = {event for event, _ in traced("third.trace")}
        expect({"device_read", "device_write", "vcpu_kick", "vcpu_reset",
                "translate_block", "handle_qmp_command", "char_receive",
                "handle_hmp_command", "monitor_protocol_event_emit"} - names,
               set(), names)


def test_vnc():
    with System(*BARE, "-S", "-device", "virtio-gpu-pci", "-vnc",
                "unix:vnc.sock", "-trace",
                "vnc_*,file=vnc.trace,format=binary") as s:
        q = s.connect()
        rfb.Rfb("vnc.sock").close()
        q.wait("VNC_DISCONNECTED")
        q.run("quit")
        expect(s.ends()[0], 0)
        expect([event for event, _ in traced("vnc.trace")],
               ["vnc_client_connect", "vnc_client_start",
                "vnc_client_disconnect"])


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        test_switching()
        test_vnc()
        os.chdir("/")


if __name__ == "__main__":
    main()
