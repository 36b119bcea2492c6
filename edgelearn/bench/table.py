"""The table of systems: what each reached, beside what it must beat, what must fail, and what it costs.

Cells are lines of text: of a terminal or of Markdown, from the same `Kept` figures.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from edgelearn.bench import systems as registry
from edgelearn.bench.kept import Kept
from edgelearn.bench.row import Row

HEADS = (
    "system", "data, published", "ours", "frozen", "must fail", "back-prop.", "one pass: random, by class",
    "memory: ours, back-prop.", "products: ours, back-prop.", "CPU min",
)  # fmt: skip
NOTHING, MISSED = "-", "misses its goal"
LEGEND = (
    "± is the deviation over seeds, left out where there was one. Memory is what learning from one sample keeps beside"
    " the weights, products are those of one update; CPU minutes are of a whole system with its controls."
)
LOST = 0.05  # of accuracy, by learning class after class: more is forgetting
Figures = Mapping[str, Mapping[str, Any]]


class Line:
    """The cells of one row."""

    def __init__(
        self, name: str, row: Row, figures: Figures, units: Mapping[str, str], cpu_min: float | None
    ) -> None:
        self.name, self.row, self._figures, self._units, self._cpu_min = name, row, figures, units, cpu_min

    def cells(self) -> list[list[str]]:
        """Return the lines of each cell, in the order of `HEADS`; a cell of nothing is "-"."""
        row = self.row
        cells = [
            [row.system, row.source, f"{row.neuron} · {row.rule} · {row.signal}"],
            [row.data, row.published],
            self._said(row.ours),
            self._said(row.frozen),
            [] if row.ablation is None else [f"{row.ablation[0]}:", *self._said(row.ablation[1])],
            self._said(row.backprop),
            self._stream(),
            self._both("memory", _bytes),
            self._both("macs", _count),
            [] if self._cpu_min is None else [f"{self._cpu_min:.0f}" if self._cpu_min >= 1 else "< 1"],
        ]
        return [[text for text in cell if text != NOTHING] or [NOTHING] for cell in cells]

    def as_dict(self) -> dict[str, Any]:
        """Return the row as JSON: what was declared, and the values of its figures."""
        row = self.row._asdict()
        names = {key: row[key] for key in ("ours", "frozen", "backprop", "shuffled", "by_class")}
        names["ablation"] = None if self.row.ablation is None else self.row.ablation[1]
        values = {key: self._value(name) for key, name in names.items() if name}
        costs = {
            key: self._value(f"{self.row.cost}.{key}")
            for key in ("memory", "memory_bp", "macs", "macs_bp")
            if self.row.cost
        }
        return {"module": self.name, **row, "values": values, "costs": costs, "taught": self.taught()}

    def taught(self) -> str | None:
        """Say where it may be taught: what forgets class after class must be frozen before it goes to a device."""
        random, by_class = self._value(self.row.shuffled), self._value(self.row.by_class)
        if random is None or by_class is None:
            return None
        return "on the device" if by_class >= random - LOST else "before freezing"

    def point(self) -> tuple[float, float, float | None, float | None] | None:
        """Return (memory, accuracy, memory and accuracy by back-propagation), where they were measured.

        None as well where ours is no accuracy: one has no unit, and lies in [0, 1].
        """
        ours, memory = self._value(self.row.ours), self._value(f"{self.row.cost}.memory")
        if ours is None or memory is None or self._units[self.row.ours] or not 0 <= ours <= 1:
            return None
        return memory, ours, self._value(f"{self.row.cost}.memory_bp"), self._value(self.row.backprop)

    def _value(self, name: str | None) -> float | None:
        found = self._figures.get(name or "")
        return None if found is None else float(found["value"])

    def _said(self, name: str | None) -> list[str]:
        found = self._figures.get(name or "")
        if found is None:
            return []
        value = f"{_number(found['value'])} {self._units.get(found['name'], '')}".strip()
        spread = [] if found["spread"] is None else [f"± {_number(found['spread'])}"]
        return [value, *spread, *([MISSED] if found["holds"] is False else [])]

    def _stream(self) -> list[str]:
        taught = self.taught()
        pair = [self._value(name) for name in (self.row.shuffled, self.row.by_class)]
        return [] if taught is None else [*(_number(v) for v in pair if v is not None), f"taught {taught}"]

    def _both(self, what: str, unit: Callable[[float], str]) -> list[str]:
        pair = [self._value(f"{self.row.cost}.{name}") for name in (what, f"{what}_bp")]
        return [unit(value) for value in pair if value is not None]


def lines(kept: Kept, names: list[str]) -> Iterator[Line]:
    """Yield the rows of each system; what was not measured is "-"."""
    for name in names:
        entry = kept.systems.get(name)
        figures = {} if entry is None else entry["figures"]
        module = registry.load(name)
        units = {figure.name: figure.unit for figure in module.FIGURES}
        for number, row in enumerate(module.ROWS):
            minutes = (
                entry["cpu_s"] / 60 if entry is not None and number == 0 else None
            )  # of the whole system
            yield Line(name, row, figures, units, minutes)


def markdown(rows: list[Line]) -> str:
    """Return the table as a reader of the README sees it, and what each row means."""
    table = [f"| {' | '.join(HEADS)} |", f"|{'---|' * len(HEADS)}"]
    for line in rows:
        (system, *more), data, (ours, *spread), *rest = line.cells()
        cells = [[f"**[{system}]({_source(line.name)})**", *more], data, [f"**{ours}**", *spread], *rest]
        table.append(f"| {' | '.join('<br>'.join(cell).replace('|', chr(92) + '|') for cell in cells)} |")
    meanings = (f"- **{line.row.system}**, {line.row.data}: {line.row.meaning}" for line in rows)
    return "\n".join((*table, "", LEGEND, "", *meanings))


def _source(name: str) -> str:
    """Return where the system is written, from the root of a checkout: its equations stand at the head of that file."""
    package = Path(__file__).parents[1]
    places = (
        f"systems/{name}.py",
        f"systems/{name}/__init__.py",
        f"readouts/{name}.py",
        f"bench/systems/{name}.py",
    )
    return f"edgelearn/{next((place for place in places if (package / place).exists()), '')}"


def _number(value: float) -> str:
    if value == 0 or 5e-4 <= abs(value) < 1e6:
        return f"{value:.3f}"
    return f"{value:.4f}" if 5e-5 <= abs(value) < 1 else f"{value:.1e}"


def _bytes(value: float) -> str:
    return f"{value / 1024:.1f} KiB" if value < 1024**2 else f"{value / 1024**2:.1f} MiB"


def _count(value: float) -> str:
    return f"{value / 1e6:.2f} M" if value >= 1e6 else f"{value / 1e3:.1f} k"
