"""A board as figures: what it has, what it takes, how fast it is.

>>> profile = load("pi-zero-2w")
>>> profile.ram_bytes - profile.system_bytes  # what is left for a program
305764761
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from edgelearn.emulator.profiles.figure import Figure
from edgelearn.errors import ConfigError


@dataclass(frozen=True)
class Profile:
    """``core``: the processor core as its maker names it, "a53" or "m4f". ``figures``: by name; see ``known``.

    Every property raises ConfigError where a board of this kind has no such figure.
    """

    name: str
    title: str
    kind: Literal["linux", "microcontroller"]
    core: str
    figures: Mapping[str, Figure]

    def __post_init__(self) -> None:
        object.__setattr__(self, "figures", MappingProxyType(dict(self.figures)))

    def figure(self, name: str) -> Figure:
        """Return one figure; ConfigError where the board has none of that name."""
        if name not in self.figures:
            there = ", ".join(self.figures)
            raise ConfigError(f"{self.name} is a {self.kind} profile without {name}; it has {there}")
        return self.figures[name]

    @property
    def cores(self) -> int:
        return int(self.figure("cores").value)

    @property
    def clock_hz(self) -> float:
        return self.figure("clock_hz").value

    @property
    def ram_bytes(self) -> int:
        return int(self.figure("ram_bytes").value)

    @property
    def system_bytes(self) -> int:
        """What the system itself keeps from a program; linux only."""
        return int(self.figure("system_bytes").value)

    @property
    def storage_bytes(self) -> int:
        return int(self.figure("storage_bytes").value)

    @property
    def storage_write_bytes_s(self) -> float:
        return self.figure("storage_write_bytes_s").value

    @property
    def storage_endurance_bytes(self) -> int:
        return int(self.figure("storage_endurance_bytes").value)

    @property
    def flash_bytes(self) -> int:
        return int(self.figure("flash_bytes").value)

    @property
    def flash_page_bytes(self) -> int:
        return int(self.figure("flash_page_bytes").value)

    @property
    def flash_endurance_cycles(self) -> int:
        return int(self.figure("flash_endurance_cycles").value)

    @property
    def cpi(self) -> tuple[float, float]:
        """Clock cycles an instruction takes, from and to; microcontrollers only."""
        figure = self.figure("cpi")
        return figure.low, figure.high

    def __str__(self) -> str:
        wide = max(map(len, self.figures))
        rows = [f"{self.name}: {self.title} ({self.kind}, {self.core})"]
        for name, figure in self.figures.items():
            rows += [f"  {name:{wide}}  {figure}", f"  {'':{wide}}  {figure.kind}: {figure.source}"]
        return "\n".join(rows)

    def as_dict(self) -> dict[str, object]:
        """Return it as JSON takes it, every figure with its source."""
        return {
            "name": self.name, "title": self.title, "kind": self.kind, "core": self.core,
            "figures": {name: figure.as_dict() for name, figure in self.figures.items()},
        }  # fmt: skip
