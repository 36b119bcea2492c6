"""The link on a virtual clock: a damaged line, a million windows, ten million errors. The same for every machine."""

from collections.abc import Iterator

from tools.bench.figure import Figure, Goal, Group, Measured

SECONDS, BYTE_ERRORS = 60.0, 1e-5
BAUDS = (115200, 2000000)
WINDOWS = 1_000_000
ERRORS = 10_000_000
CORTEX_BAUD, MESSAGE_BYTES, AHEAD = 115200, 512, 8


def measure() -> Iterator[Measured]:
    from firmware_bridge.testing.damage import damage
    from firmware_bridge.testing.figures import one_way, windows

    for baud in BAUDS:
        carried = one_way(baud, SECONDS, byte_errors=BYTE_ERRORS)
        wrong = carried.lost + carried.repeated + carried.reordered
        yield Measured(
            f"bridge_virtual.damaged_{baud}", float("nan") if wrong else carried.share,
            note=f"{carried.messages} messages, {carried.lost} lost, {carried.repeated} repeated, "
            f"{carried.reordered} reordered, {carried.resent} sent again",
        )  # fmt: skip
    yield _cortex()
    counted = windows(WINDOWS)
    unaccounted = abs(counted.made - counted.received - counted.missing) + counted.wrong
    yield Measured(
        "bridge_virtual.windows", unaccounted,
        note=f"{counted.made} made = {counted.received} received + {counted.missing} told to be missing",
    )  # fmt: skip
    found = damage(ERRORS)
    yield Measured("bridge_virtual.undetected", found.undetected, note=f"{found.errors} errors")
    yield Measured("bridge_virtual.further", found.further_most)


def _cortex() -> Measured:
    """Send the Cortex-M4F more PREDICT than its line carries; x is too long, so each is only refused."""
    from edgelearn.emulator import prebuilt
    from edgelearn.emulator.board import Board
    from edgelearn.emulator.paced import PacedBoard
    from edgelearn.emulator.wired import Host
    from firmware_bridge.protocol.constants import CODES
    from firmware_bridge.protocol.messages import Done, Predict
    from firmware_bridge.testing.wire import Wire

    host, board = Host(), Board(prebuilt.image("mps2_an386"), "mps2_an386")
    wire = Wire(host.link, PacedBoard(board), seed=0, baud=CORTEX_BAUD, latency_us=0, on_host=host.hear)
    wire.run(1_000_000, until=lambda: host.link.state == "open")
    began_us = wire.now_us
    while wire.now_us < began_us + SECONDS * 1e6:
        while host.open_questions < AHEAD:
            host.ask(Predict(0, bytes(MESSAGE_BYTES - 4)))
        wire.step()
    answers = host.answers.values()
    refused = sum(isinstance(one, Done) and one.code == CODES["SHAPE"] for one in answers)
    return Measured(
        "bridge_virtual.cortex_115200", refused * MESSAGE_BYTES / (CORTEX_BAUD / 10 * SECONDS),
        note=f"{len(answers)} answered, {host.link.counters.resent} sent again",
    )  # fmt: skip


GROUP = Group(
    "bridge_virtual",
    (
        *(
            Figure(f"bridge_virtual.damaged_{baud}", "of line rate",
                   f"one byte in 100,000 damaged, {baud} baud, round trip 20 ms, {SECONDS:.0f} s: reliable payload; "
                   "nothing lost, repeated or reordered", Goal(">=", 0.95))
            for baud in BAUDS
        ),
        Figure("bridge_virtual.cortex_115200", "of line rate",
               f"payload in {MESSAGE_BYTES}-byte messages to the firmware on an emulated Cortex-M4F, with its small "
               f"window, {CORTEX_BAUD} baud, {SECONDS:.0f} s", Goal(">=", 0.97)),
        Figure("bridge_virtual.windows", "windows", f"of {WINDOWS:,}, on such a line, neither received nor told to be "
               "missing", Goal("<=", 0)),
        Figure("bridge_virtual.undetected", "frames", f"taken although nobody sent them so, of {ERRORS:,} injected "
               "errors", Goal("<=", 0)),
        Figure("bridge_virtual.further", "frames", "lost to one error besides those it touched, at most",
               Goal("<=", 1)),
    ),
    measure,
)  # fmt: skip
