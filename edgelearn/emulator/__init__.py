"""Edge devices on a desktop and in CI: profiles, caps, power cuts, serial lines, sensors, boards; deterministic.

>>> from edgelearn.emulator import EdgeDevice
>>> print(EdgeDevice("pi-zero-2w").run(work, budget=Budget(ram="350MB")))

Names load on first use: a test run that uses none of it pays nothing for it. The faults of sensors are in
`edgelearn.emulator.sensors`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from edgelearn.emulator.boards.opening import open_board as open_board
    from edgelearn.emulator.clock import VirtualClock as VirtualClock
    from edgelearn.emulator.device.edge import EdgeDevice as EdgeDevice
    from edgelearn.emulator.device.result import Result as Result
    from edgelearn.emulator.device.skew import Skew as Skew
    from edgelearn.emulator.power import kills as kills
    from edgelearn.emulator.power import power_cut as power_cut
    from edgelearn.emulator.probe import sample as sample
    from edgelearn.emulator.profiles import Profile as Profile
    from edgelearn.emulator.profiles.budget import Budget as Budget
    from edgelearn.emulator.sensors import Sensor as Sensor
    from edgelearn.emulator.wire.serial_wire import SerialWire as SerialWire
    from firmware_bridge.testing.faults import Faults as Faults

_HOME = {
    "Budget": "edgelearn.emulator.profiles.budget",
    "EdgeDevice": "edgelearn.emulator.device.edge",
    "Faults": "firmware_bridge.testing.faults",
    "Profile": "edgelearn.emulator.profiles",
    "Result": "edgelearn.emulator.device.result",
    "Sensor": "edgelearn.emulator.sensors",
    "SerialWire": "edgelearn.emulator.wire.serial_wire",
    "Skew": "edgelearn.emulator.device.skew",
    "VirtualClock": "edgelearn.emulator.clock",
    "kills": "edgelearn.emulator.power",
    "open_board": "edgelearn.emulator.boards.opening",
    "power_cut": "edgelearn.emulator.power",
    "sample": "edgelearn.emulator.probe",
}

__all__ = list(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'edgelearn.emulator' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
