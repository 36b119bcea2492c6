"""Wires that cannot be: refused in words that help, with nothing left behind."""

import subprocess
import sys
import threading
from typing import Any

import pytest

from edgelearn.emulator.clock import VirtualClock
from edgelearn.emulator.wire.serial_wire import SerialWire
from edgelearn.errors import ConfigError
from firmware_bridge import memory
from firmware_bridge.testing.faults import Faults
from tests.emulator.wire.story import Tapped


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"baud": 0}, "baud is a whole number from 1 to 100000000, not 0"),
        ({"baud": 9600.5}, "baud is a whole number"),
        ({"baud": True}, "baud is a whole number"),
        ({"latency_us": -1}, "latency_us is a whole number from 0"),
        ({"fifo_bytes": 0}, "fifo_bytes is a whole number from 1"),
        ({"seed": "seven"}, "seed is a whole number"),
        ({"faults": Faults(drop=2)}, "how likely drop is is a number from 0 to 1, not 2"),
        ({"faults": Faults(cut=-0.1)}, "how likely cut"),
        ({"faults": Faults(flip=float("nan"))}, "how likely flip"),
        ({"faults": Faults(repeat="often")}, "how likely repeat"),  # type: ignore[arg-type]
        ({"faults": Faults(drop=0.5, flip=0.5, insert=0.5)}, "together are at most 1, not 1.5"),
        ({"faults": Faults(delay=0.1, delay_us=0)}, "delay_us is a whole number from 2"),
        (
            {"faults": {"flips": 0.1}},
            r"no fault 'flips' \(did you mean flip\?\); there are drop, flip, insert",
        ),
        ({"faults": {"gamma rays": 0.1}}, "no fault 'gamma rays'; there are drop"),
        ({"faults": 0.1}, "Faults.*or a dict of them, not float"),
        ({"name": "a/b"}, "letters, digits"),
        ({"name": ""}, "letters, digits"),
        ({"pty": True, "clock": VirtualClock()}, "this machine's time"),
        ({"clock": 3}, r"a VirtualClock\(\), or None for this machine's time, not 3"),
        ({"clock": VirtualClock}, r"a VirtualClock\(\)"),
        ({"device": "COM3"}, r"such as Twin\(head\) or a board, not 'COM3'"),
        ({"device": Tapped}, "is a device with connected, disconnected, receive, transmit"),
        ({"folder": __file__, "pty": True}, "give it another folder, or none"),
    ],
)
def test_what_cannot_be_is_refused(given: dict[str, Any], reason: str) -> None:
    threads = threading.active_count()
    with pytest.raises(ConfigError, match=reason):
        SerialWire(**{"device": Tapped(), **given})
    assert threading.active_count() == threads
    assert memory.names() == []


def test_a_system_without_ptys_has_memory_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("os.openpty", raising=False)
    with SerialWire() as wire:
        assert wire.url.startswith("memory://")
    with pytest.raises(ConfigError, match="no ptys: leave out pty=True"):
        SerialWire(pty=True)


@pytest.mark.parametrize("asked", [{"at_s": -1.0}, {"for_s": float("inf")}, {"at_s": "soon"}])
def test_a_time_that_is_none_is_refused(asked: dict[str, Any]) -> None:
    with SerialWire(clock=VirtualClock()) as wire:
        with pytest.raises(ConfigError, match=r"number of seconds"):
            wire.unplug(**asked)
        assert wire.plugged
        assert "unplug" not in wire.replay


def test_a_wire_with_a_device_has_no_far_end_to_open() -> None:
    with (
        SerialWire(Tapped(), clock=VirtualClock()) as wire,
        pytest.raises(ConfigError, match="make it without one"),
    ):
        _ = wire.far


def test_a_dict_of_faults_is_faults() -> None:
    with SerialWire(clock=VirtualClock(), faults={"flip": 0.1, "delay_us": 5}) as wire:
        assert wire.faults == Faults(flip=0.1, delay_us=5)
        assert "faults=Faults(drop=0.0, flip=0.1" in repr(wire)
        assert "plugged in" in repr(wire)


def test_it_needs_nothing_heavy() -> None:
    text = "import sys, edgelearn.emulator.wire.serial_wire as w; print(sorted(set(sys.modules) & {'numpy', 'numba'}))"
    done = subprocess.run(
        [sys.executable, "-c", text], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"
