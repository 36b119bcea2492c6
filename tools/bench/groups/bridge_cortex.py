"""Payload between a host and the firmware on an emulated Cortex-M4F, with its small window, on a virtual clock."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from tools.bench.figure import Figure, Goal, Group, Measured

if TYPE_CHECKING:
    from firmware_bridge.testing.wire import Wire
    from tools.bench.wired import Host

BAUD, MESSAGE_BYTES, AHEAD = 115200, 512, 8
SECONDS = 60.0
RATE_HZ = 10_000  # more samples than the line carries


def measure() -> Iterator[Measured]:
    from firmware_bridge.protocol.messages import FORMS, Configure, Predict, ReadState, State, Stream, Window

    filled = bytes([7]) * (MESSAGE_BYTES - FORMS[Predict].fixed.size)  # zeros would cost less on the line
    part = MESSAGE_BYTES - FORMS[State].fixed.size
    samples = (MESSAGE_BYTES - FORMS[Window].fixed.size) // 2
    host = _asked(lambda: Predict(0, filled))  # too long for the head: taken whole, and refused
    yield _carried("down", len(host.answers), f"{host.link.counters.resent} sent again")
    host = _asked(lambda: ReadState(0, 0, part))
    parts = _share(len(host.answers))
    host, wire = _started()
    for command in (Configure(0, RATE_HZ, samples, 1, 0), Stream(0, 1)):
        host.ask(command)
    wire.run(int(SECONDS * 1e6))
    yield _carried(
        "up", host.windows, f"{host.missing} missing; as parts of a state, each asked for, {parts:.2%}"
    )


def _started() -> "tuple[Host, Wire]":
    """Return a host that has greeted the board at the other end of a line."""
    from edgelearn.emulator.boards import prebuilt
    from edgelearn.emulator.boards.board import Board
    from firmware_bridge.testing.wire import Wire
    from tools.bench.wired import Host

    host, board = Host(), Board(prebuilt.image("mps2_an386"), "mps2_an386")
    wire = Wire(host.link, board, seed=0, baud=BAUD, latency_us=0, on_host=host.hear)
    wire.run(1_000_000, until=lambda: host.link.state == "open")
    return host, wire


def _asked(command: Callable[[], Any]) -> "Host":
    """Ask again and again, `AHEAD` commands under way; return the host with its answers."""
    host, wire = _started()
    end_us = wire.now_us + SECONDS * 1e6
    while wire.now_us < end_us:
        while host.open_questions < AHEAD:
            host.ask(command())
        wire.step()
    return host


def _share(messages: int) -> float:
    return messages * MESSAGE_BYTES / (BAUD / 10 * SECONDS)


def _carried(way: str, messages: int, note: str) -> Measured:
    return Measured(f"bridge_cortex.{way}_{BAUD}", _share(messages), note=note)


GROUP = Group(
    "bridge_cortex",
    tuple(
        Figure(f"bridge_cortex.{way}_{BAUD}", "of line rate",
               f"payload in {MESSAGE_BYTES}-byte messages {words} an emulated Cortex-M4F with its small window, {BAUD} "
               f"baud, {SECONDS:.0f} s", Goal(">=", 0.97))
        for way, words in (("down", "to"), ("up", "as sensor windows from"))
    ),
    measure,
)  # fmt: skip
