"""The six fixtures. Each opens things for one test, bound to its seed, and closes them however the test ends."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from edgelearn.emulator.plugin.use import use_of

if TYPE_CHECKING:
    from edgelearn.emulator.clock import VirtualClock
    from edgelearn.emulator.device.edge import EdgeDevice
    from edgelearn.emulator.plugin.binding import BoundSensor, PowerCut
    from edgelearn.emulator.wire.serial_wire import SerialWire


@pytest.fixture
def edge_device(request: pytest.FixtureRequest) -> "Callable[..., EdgeDevice]":
    """``edge_device(profile=None, **caps)``: a Linux board as a child process under caps, see `EdgeDevice`.

    The profile is --edge-profile, else edge_profile of the ini file, else pi-zero-2w. A run that is given no budget
    is judged by the test's edge_budget.
    """
    use = use_of(request.node)

    def make(profile: Any = None, **caps: Any) -> "EdgeDevice":
        from edgelearn.emulator.plugin.binding import TestedDevice

        caps.setdefault("seed", use.next_seed("device"))
        return TestedDevice(use, use.profile if profile is None else profile, **caps)

    return make


@pytest.fixture
def serial_wire(request: pytest.FixtureRequest) -> "Iterator[Callable[..., SerialWire]]":
    """``serial_wire(device=None, **options)``: a serial line with faults, see `SerialWire`.

    In a test that asks for `virtual_clock` it lives by that clock, else in real time.
    """
    use = use_of(request.node)
    if "board" in request.fixturenames:
        request.getfixturevalue("board")  # first, so that a board outlives the wire it hangs on
    with ExitStack() as opened:

        def make(device: Any = None, **options: Any) -> "SerialWire":
            from edgelearn.emulator.wire.serial_wire import SerialWire

            options.setdefault("seed", use.next_seed("wire"))
            options.setdefault("clock", _clock_of(request))
            wire = opened.enter_context(SerialWire(device, **options))
            use.wires.append(wire)
            return wire

        yield make


@pytest.fixture
def board(request: pytest.FixtureRequest) -> Iterator[Callable[..., Any]]:
    """``board(profile="cortex-m4f", **options)``: a microcontroller with its firmware, see `open_board`.

    It counts instructions where the test's edge_budget limits them.
    """
    use = use_of(request.node)
    with ExitStack() as opened:

        def make(*profile: Any, **options: Any) -> Any:
            from edgelearn.emulator.boards.opening import open_board

            options.setdefault("seed", use.next_seed("board"))
            options.setdefault("counted", use.budget is not None and "instructions" in use.budget.limits)
            made = open_board(*profile, **options)
            opened.callback(made.close)
            use.boards.append(made)
            return made

        yield make


@pytest.fixture
def sensor(request: pytest.FixtureRequest) -> "BoundSensor":
    """``sensor.play(…)`` and ``sensor.generate(…)``: as of `Sensor`, with the test's seed and `virtual_clock`.

    Who iterates it lets that clock pass, for wires and boards too; ``clock=None`` is for samples that are past.
    """
    from edgelearn.emulator.plugin.binding import BoundSensor

    return BoundSensor(use_of(request.node), _clock_of(request))


@pytest.fixture
def power_cut(request: pytest.FixtureRequest) -> "PowerCut":
    """``power_cut(save, load)`` and ``power_cut.kills(save, load)``: a Report each; ``.check()`` fails the test."""
    from edgelearn.emulator.plugin.binding import PowerCut

    return PowerCut(use_of(request.node))


@pytest.fixture
def virtual_clock() -> "VirtualClock":
    """The test's time: it passes while the test sleeps on it; its wires and sensors live by it."""
    from edgelearn.emulator.clock import VirtualClock

    return VirtualClock()


def _clock_of(request: pytest.FixtureRequest) -> "VirtualClock | None":
    if "virtual_clock" not in request.fixturenames:
        return None
    clock: VirtualClock = request.getfixturevalue("virtual_clock")
    return clock
