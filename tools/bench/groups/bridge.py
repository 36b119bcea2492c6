"""The serial bridge between this host and the firmware as a process: payload on a paced line, damage, unplugging."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tools._venv import ROOT
from tools.bench.figure import Figure, Goal, Group, Measured

SECONDS = 60.0  # each direction
BAUDS = (115200, 921600, 2000000)
DELAYS_MS = (0, 20)  # round trip of the line
DAMAGED, DAMAGED_BAUD, TAUGHT = 1e-5, 921600, 5000
CYCLES = 1000
FIRMWARE = ROOT / "firmware_bridge" / "firmware"


def measure() -> Iterator[Measured]:
    with tempfile.TemporaryDirectory() as folder:
        device = _built(Path(folder))
        for baud in BAUDS:
            for delay_ms in DELAYS_MS:
                yield _payload(device, baud, delay_ms)
        yield _damaged(device)


def measure_unplugging() -> Iterator[Measured]:
    with tempfile.TemporaryDirectory() as folder:
        yield from _cycles(_built(Path(folder)), Path(folder))


def _payload(device: Path, baud: int, delay_ms: int) -> Measured:
    from firmware_bridge import measure as rates
    from firmware_bridge.device import connect

    with (
        _started(device, baud) as port,
        _line(port, baud, delay_ms / 2) as url,
        connect(url, baud=baud) as host,
    ):
        trips = rates.round_trips(host, 100)
        found = {"down": rates.down(host, SECONDS), "up": rates.up(host, SECONDS)}
        seen = host.statistics()
    shares = {name: rate.bytes_s / (baud / 10) for name, rate in found.items()}
    return Measured(
        _name(baud, delay_ms), min(shares.values()),
        note=f"to the device {shares['down']:.2%}, from it {shares['up']:.2%}",
        detail={"share": shares, "rates": {name: rate._asdict() for name, rate in found.items()},
                "round_trip_ms_p50": trips[50], "round_trip_ms_p99": trips[99],
                "resent": [seen.frames_resent, seen.device["resent"]]},
    )  # fmt: skip


def _damaged(device: Path) -> Measured:
    """Teach on a damaged line what the device counts, then measure the rate."""
    from firmware_bridge import measure as rates
    from firmware_bridge.device import connect

    baud = DAMAGED_BAUD
    with (
        _started(device, baud) as port,
        _line(port, baud, 0, "--error-rate", str(DAMAGED), "--seed", "1") as url,
        connect(url, baud=baud) as host,
    ):
        for i in range(TAUGHT):
            host.learn([0.5] * 64, i % 10, wait=False)
        host.flush()
        learned = host.statistics().device["learned"]
        rate = rates.down(host, SECONDS)
        seen = host.statistics()
    share = rate.bytes_s / (baud / 10)
    good = learned == TAUGHT
    return Measured(
        "bridge.ber_1e-5", share if good else float("nan"),
        note=f"{TAUGHT} taught, {learned} learned; resent {seen.frames_resent} and {seen.device['resent']}",
        detail={"bad_frames": [seen.host["bad_frames"], seen.device["bad_frames"]]},
    )  # fmt: skip


def _cycles(device: Path, folder: Path) -> Iterator[Measured]:
    """Pull the cable while samples are on their way, and put it back, again and again."""
    from firmware_bridge.device import connect
    from firmware_bridge.notices import Resumed, Unplugged

    heard: list[Any] = []
    noticed, resumed, taught = [], [], 0
    with _started(device, 2_000_000) as port:
        cable = Cable(folder / "usb-device", port)
        cable.plug()
        with connect(str(cable.link), baud=2_000_000, notice=heard.append, timeout_s=10.0) as host:
            for cycle in range(CYCLES):
                for _ in range(5):
                    host.learn([0.5] * 64, taught % 10, wait=False)
                    taught += 1
                pulled_s = time.monotonic()
                cable.pull()
                host.learn([0.5] * 64, taught % 10, wait=False)
                taught += 1
                time.sleep(0.001 * (cycle % 50))
                back_s = time.monotonic()
                cable.plug()
                host.flush()
                times = {type(notice): notice.time_s for notice in heard}
                noticed.append(1e3 * (times[Unplugged] - pulled_s))
                resumed.append(1e3 * (times[Resumed] - back_s))
                heard.clear()
            learned = host.statistics().device["learned"]
        cable.pull()
    noticed.sort()
    resumed.sort()
    half = CYCLES // 2
    yield Measured("unplugging.notice_ms", noticed[-1], note=f"the longest; median {noticed[half]:.2f}")
    yield Measured(
        "unplugging.resume_ms", resumed[-1],
        note=f"the longest; median {resumed[half]:.1f}; the line stood still for up to {1e3 * cable.still_s:.0f}",
        detail={"slowest_ms": resumed[-10:]},
    )  # fmt: skip
    yield Measured(
        "unplugging.cycles",
        CYCLES if learned == taught else float("nan"),
        note=f"{taught} taught, {learned} learned",
    )


class Cable:
    """Between the device's port and a fresh pty below ``link``, until it is pulled."""

    def __init__(self, link: Path, port: str) -> None:
        self.link = link
        self._port = port
        self.still_s = 0.0  # the longest that a turn of the line took: the machine's doing, not the link's
        self._turned_s = 0.0
        self._pulled = threading.Event()
        self._thread: threading.Thread | None = None
        self._ends: list[int] = []

    def plug(self) -> None:
        """Put it in: the name appears."""
        from firmware_bridge.testing.line import Line, raw_pty

        self._pulled.clear()
        self._turned_s = time.monotonic()
        master, slave, path = raw_pty()
        device = os.open(self._port, os.O_RDWR | os.O_NOCTTY)
        self._ends = [master, slave, device]
        line = Line(master, device, baud=2_000_000)
        self._thread = threading.Thread(target=self._run, args=(line,), daemon=True)
        self._thread.start()
        fresh = self.link.with_suffix(".new")
        fresh.symlink_to(path)
        fresh.replace(self.link)

    def pull(self) -> None:
        """Take it out: what is on the way is lost."""
        self._pulled.set()
        assert self._thread is not None
        self._thread.join()
        self.link.unlink()
        for end in self._ends:
            os.close(end)

    def _run(self, line: Any) -> None:
        with suppress(OSError):
            line.run(self._stopped)

    def _stopped(self) -> bool:
        now_s = time.monotonic()
        self.still_s, self._turned_s = max(self.still_s, now_s - self._turned_s), now_s
        return self._pulled.is_set()


def _built(folder: Path) -> Path:
    """Compile the firmware's port for this system."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    command = [compiler] if compiler else [sys.executable, "-m", "ziglang", "cc"]
    folders = ("src", "ports/posix", "ports/sensor")
    sources = [source for folder in folders for source in sorted((FIRMWARE / folder).glob("*.c"))]
    target = folder / "device"
    flags = ["-std=c99", "-ffp-contract=off", "-O2", '-DEL_BOARD_H="el_board.h"',
             f"-I{FIRMWARE / 'ports' / 'posix'}", f"-I{FIRMWARE / 'include'}"]  # fmt: skip
    subprocess.run([*command, *flags, *map(str, sources), "-o", str(target)], check=True)
    return target


@contextmanager
def _started(device: Path, baud: int) -> Iterator[str]:
    """Yield the path of the device's port."""
    with subprocess.Popen(
        [device, "--pty", "--baud", str(baud)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


@contextmanager
def _line(port: str, baud: int, delay_ms: float, *more: str) -> Iterator[str]:
    """Yield the host's end of a paced line in a process of its own; ``delay_ms`` one way."""
    program = [sys.executable, "-m", "firmware_bridge.testing.line"]
    command = [*program, "--baud", str(baud), "--delay-ms", str(delay_ms)]
    with subprocess.Popen([*command, *more, port], stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate()  # it says what it carried


def _name(baud: int, delay_ms: int) -> str:
    return f"bridge.payload_{baud}" + (f"_{delay_ms}ms" if delay_ms else "")


LINE = Group(
    "bridge",
    (
        *(
            Figure(
                _name(baud, delay_ms), "of line rate",
                f"payload in 512-byte messages, the slower direction, {SECONDS:.0f} s each, {baud} baud"
                + (f", round trip {delay_ms} ms" if delay_ms else ""),
                Goal(">=", 0.97),
            )
            for baud in BAUDS
            for delay_ms in DELAYS_MS
        ),
        Figure("bridge.ber_1e-5", "of line rate",
               f"one byte in 100,000 damaged, {DAMAGED_BAUD} baud; nothing lost or repeated", Goal(">=", 0.95)),
    ),
    measure,
)  # fmt: skip

UNPLUGGING = Group(
    "unplugging",
    (
        Figure("unplugging.notice_ms", "ms", "until a pulled cable is noticed, the longest", Goal("<=", 100)),
        Figure("unplugging.resume_ms", "ms", "from the port's return until the session goes on, the longest",
               Goal("<=", 500)),
        Figure("unplugging.cycles", "cycles", "of unplugging while teaching; nothing lost, nothing learned twice",
               Goal(">=", CYCLES)),
    ),
    measure_unplugging,
)  # fmt: skip

GROUPS = (LINE, UNPLUGGING)
