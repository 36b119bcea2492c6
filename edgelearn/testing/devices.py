"""One conformance check for every device: the Python twin, a process, an emulated board, a real one.

>>> from firmware_bridge.transport import open_port
>>> from edgelearn.testing import check_device
>>> check_device(lambda: open_port("/dev/ttyACM0"))

The promises: it says who it is; it learns what `edgelearn` learns, to the last bit; a command is carried out once,
whatever is said twice, unplugged or restarted; what it refuses changes nothing, and it says why; its state comes out
whole and goes in whole or not at all; what was saved outlives a restart, with the number of the last command in it;
every window arrives or is counted as lost; garbage costs the frames it touches; without the key nobody commands it.
"""

from collections.abc import Callable

import numpy as np

from edgelearn.errors import InputError
from edgelearn.testing import device_learning as learning
from edgelearn.testing import device_wire as wire
from edgelearn.testing.device_bench import Device, OpenLine, default_head
from edgelearn.testing.device_host import WALL, Clock

CHECKS: tuple[Callable[[Device, np.random.Generator], None], ...] = (
    learning.introduces_itself,
    learning.learns,
    learning.refuses,
    learning.carries_out_once,
    learning.state_goes_both_ways,
    learning.keeps_what_was_saved,
    wire.answers_malformed,
    wire.survives_garbage,
    wire.takes_many_at_once,
    wire.accounts_for_windows,
    wire.keeps_strangers_out,
)


def check_device(
    open_line: OpenLine, head: object = None, *, key: bytes | None = None, seed: int = 0, clock: Clock = WALL
) -> None:
    """Raise AssertionError naming the promise that the device does not keep.

    ``open_line`` opens the line to it, again after each time it was closed; ``head`` is what its firmware was exported
    from (None: that of the firmware without one); ``key`` is its 32 bytes, if it has one; ``seed`` draws the samples;
    ``clock`` is the time it lives by, where that is not this machine's. What the device learned is lost. Raises
    InputError for an ``open_line`` that cannot be called.
    """
    if not callable(open_line):
        raise InputError(
            "check_device takes a function that opens the line: lambda: open_port('/dev/ttyACM0')"
        )
    device = Device(open_line, head, key, clock, [])
    try:
        if head is None:
            device = device._replace(head=default_head(device.caller(key).hello.number))
            device.opened[0].close()
        for check in CHECKS:
            check(device, np.random.default_rng(seed))
    finally:
        for host in device.opened:
            host.close()
