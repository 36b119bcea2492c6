"""The link on a virtual clock: a damaged line, a million windows, ten million errors. The same for every machine."""

from collections.abc import Iterator

from tools.bench.figure import Figure, Goal, Group, Measured

SECONDS, BYTE_ERRORS = 60.0, 1e-5
BAUDS = (115200, 2000000)
WINDOWS = 1_000_000
ERRORS = 10_000_000


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
    counted = windows(WINDOWS)
    unaccounted = abs(counted.made - counted.received - counted.missing) + counted.wrong
    yield Measured(
        "bridge_virtual.windows", unaccounted,
        note=f"{counted.made} made = {counted.received} received + {counted.missing} told to be missing",
    )  # fmt: skip
    found = damage(ERRORS)
    yield Measured("bridge_virtual.undetected", found.undetected, note=f"{found.errors} errors")
    yield Measured("bridge_virtual.further", found.further_most)


GROUP = Group(
    "bridge_virtual",
    (
        *(
            Figure(f"bridge_virtual.damaged_{baud}", "of line rate",
                   f"one byte in 100,000 damaged, {baud} baud, round trip 20 ms, {SECONDS:.0f} s: reliable payload; "
                   "nothing lost, repeated or reordered", Goal(">=", 0.95))
            for baud in BAUDS
        ),
        Figure("bridge_virtual.windows", "windows", f"of {WINDOWS:,}, on such a line, neither received nor told to be "
               "missing", Goal("<=", 0)),
        Figure("bridge_virtual.undetected", "frames", f"taken although nobody sent them so, of {ERRORS:,} injected "
               "errors", Goal("<=", 0)),
        Figure("bridge_virtual.further", "frames", "lost to one error besides those it touched, at most",
               Goal("<=", 1)),
    ),
    measure,
)  # fmt: skip
