"""An emulated Linux board: work runs in a child process under the board's caps.

>>> result = EdgeDevice("pi-zero-2w").run(train, X, y, budget=Budget(ram="350MB", p99_ms=20, writes_per_day="50MB"))
>>> result.peak_rss_bytes, result.held["ram"].by
(91234304, 'cgroup v1 + watch')
>>> EdgeDevice("pi-4b", ram="64MB", cores=1).run(["sqlite3", "x.db", "create table t(x)"]).raise_for_budget()

Rule 1: a cap that this system cannot hold is refused; ``weaker=True`` runs with a weaker one where there is one, and
the result says which (`caps` has the table). Rule 2: there is always a deadline. Rule 3: when `run` returns, raises, or
this process is killed, every process that came of the work is ended, its groups and temporary files are removed.
Rule 4: the board's speed is not emulated; its time is predicted from what was counted.
"""

import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from edgelearn.bytesize import parse_bytes
from edgelearn.emulator.device.held import Look
from edgelearn.emulator.device.result import Result
from edgelearn.emulator.device.running import Order, done
from edgelearn.emulator.device.skew import Skew
from edgelearn.emulator.profiles.budget import Budget
from edgelearn.emulator.profiles.loading import load
from edgelearn.emulator.profiles.profile import Profile
from edgelearn.errors import ConfigError


class EdgeDevice:
    """A board of ``profile`` (a name, a TOML file, or a Profile), with other caps where they are given.

    ``ram``: bytes or "64MB", else what the board's system leaves; ``cores``: how many; ``cpu``: CPU seconds each second
    (0.25), none by default; ``storage``: room on the card, bytes or "10MB"; ``clock``: a wrong wall clock; ``folder``:
    the card, where the work starts, kept between runs; without it each run has an empty one. TMPDIR is not on it.
    ``seed`` is Python's hash seed of the work. Raises ConfigError for an impossible option, or a microcontroller.
    """

    def __init__(
        self,
        profile: str | Path | Profile = "pi-zero-2w",
        *,
        ram: int | str | None = None,
        cores: int | None = None,
        cpu: float | None = None,
        storage: int | str | None = None,
        clock: Skew | None = None,
        seed: int = 0,
        weaker: bool = False,
        folder: str | Path | None = None,
    ) -> None:
        self.profile = load(profile)
        if self.profile.kind != "linux":
            raise ConfigError(
                f"{self.profile.name} runs no Linux; open a microcontroller with boards.open_board"
            )
        self.ram_bytes = (
            self.profile.ram_bytes - self.profile.system_bytes if ram is None else parse_bytes(ram)
        )
        self.cores = self.profile.cores if cores is None else cores
        if isinstance(self.cores, bool) or not isinstance(self.cores, int) or self.cores < 1:
            raise ConfigError(f"cores is a whole number of 1 or more, not {cores!r}")
        if cpu is not None and not 0 < cpu <= self.cores:
            raise ConfigError(
                f"cpu is CPU seconds each second, above 0 and at most the {self.cores} cores, not {cpu!r}"
            )
        if clock is not None and not isinstance(clock, Skew):
            raise ConfigError(f"clock is a Skew, such as Skew(offset_s=-3600), not {clock!r}")
        self.cpu, self.clock, self.seed, self.weaker = cpu, clock, seed, weaker
        self.quota_bytes = None if storage is None else parse_bytes(storage)
        self.folder = None if folder is None else Path(folder)

    def run(
        self,
        work: Callable[..., object] | list[str],
        *args: object,
        budget: Budget | None = None,
        deadline_s: float = 60.0,
        covers_s: float | None = None,
        env: Mapping[str, str] | None = None,
        watch: Callable[[Look], object] | None = None,
    ) -> Result:
        """Run ``work`` and wait for its end; what it does wrong is in the result, never raised here.

        ``work``: a function at the top of a file, run in a fresh Python with ``args`` (JSON values, paths, NumPy
        arrays; so its return value), or a command as a list of texts. ``covers_s``: seconds of a device's life that the
        run stands for, by which writes a day are reckoned; else the time it took. ``env``: variables added to ours.
        ``watch`` is called with a `Look` some 20 times a second; what it raises ends the run. Raises ConfigError for
        work that cannot be run and caps that nothing here holds.
        """
        order = Order(budget, deadline_s, covers_s, dict(env or {}), watch)
        scratch = Path(tempfile.mkdtemp(prefix="edgelearn-device-"))
        try:
            return done(self, work, args, order, scratch)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
