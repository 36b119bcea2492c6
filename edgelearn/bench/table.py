"""The table of systems: what each reached, beside what it must beat, what must fail, and what it costs.

Cells are lines of text: of a terminal or of Markdown, from the same `Kept` figures.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from edgelearn.bench import systems as registry
from edgelearn.bench.kept import Kept
from edgelearn.bench.row import Cell, Row, figure

HEADS = (
    "system", "data, published", "ours", "frozen", "must fail", "back-prop.", "one pass: random, by class",
    "memory: ours, back-prop.", "products: ours, back-prop.", "CPU min",
)  # fmt: skip
NOTHING, MISSED = "-", "misses its goal"
LEGEND = (
    "± is the population deviation over seeds, left out where there was one. Words before a number say what is not as"
    " in the row. One pass is over the first 10,000 samples where there are more; a readout that is no part of the"
    " system is learned afterwards on all of them. Memory is what learning from one sample keeps beside the weights:"
    " activities, errors, traces and statistics; products are those of one update. A readout trained on what was"
    " learned is counted beside it; that of back-propagation is part of its net, or counted in. CPU minutes are of a"
    " whole system with its controls."
)
COSTS = ("memory", "memory_bp", "memory_readout", "macs", "macs_bp", "macs_readout")
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
            self._said(row.ablation),
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
        cells = ("ours", "frozen", "ablation", "backprop", "shuffled", "by_class")
        values = {key: self._value(row[key]) for key in cells if row[key]}
        costs = {key: self._value(f"{self.row.cost}.{key}") for key in COSTS if self.row.cost}
        return {"module": self.name, **row, "values": values, "costs": costs, "taught": self.taught()}

    def taught(self) -> str | None:
        """Say where it may be taught: what forgets class after class must be frozen before it goes to a device.

        Of what a readout in epochs names, the features alone are taught there.
        """
        random, by_class = self._value(self.row.shuffled), self._value(self.row.by_class)
        if random is None or by_class is None:
            return None
        if by_class < random - LOST:
            return "before freezing"
        return "features taught on the device" if self.row.readout_in_epochs else "on the device"

    def point(self) -> tuple[float, float, float | None, float | None] | None:
        """Return (memory, accuracy, memory and accuracy by back-propagation), where they were measured.

        Memory has that of a readout in it. None as well where ours is no accuracy: one has no unit, and lies in [0, 1].
        """
        ours, memory = self._value(self.row.ours), self._value(f"{self.row.cost}.memory")
        if ours is None or memory is None or self._units[self.row.ours] or not 0 <= ours <= 1:
            return None
        memory += self._value(f"{self.row.cost}.memory_readout") or 0
        return memory, ours, self._value(f"{self.row.cost}.memory_bp"), self._value(self.row.backprop)

    def _value(self, cell: Cell | None) -> float | None:
        found = self._figures.get(figure(cell) or "")
        return None if found is None else float(found["value"])

    def _said(self, cell: Cell | None) -> list[str]:
        found = self._figures.get(figure(cell) or "")
        if found is None:
            return []
        value = f"{_number(found['value'])} {self._units.get(found['name'], '')}".strip()
        spread = [] if found["spread"] is None else [f"± {_number(found['spread'])}"]
        return [*_unlike(cell), value, *spread, *([MISSED] if found["holds"] is False else [])]

    def _stream(self) -> list[str]:
        taught = self.taught()
        if taught is None:
            return []
        pair = [self._value(cell) for cell in (self.row.shuffled, self.row.by_class)]
        where = taught if "taught" in taught else f"taught {taught}"
        return [*_unlike(self.row.shuffled), *(_number(v) for v in pair if v is not None), where]

    def _both(self, what: str, unit: Callable[[float], str]) -> list[str]:
        ours, readout, backprop = (
            self._value(f"{self.row.cost}.{what}{end}") for end in ("", "_readout", "_bp")
        )
        said = (
            [] if ours is None else [unit(ours) + ("" if readout is None else f" + {unit(readout)} readout")]
        )
        return said if backprop is None else [*said, unit(backprop)]


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


def _unlike(cell: Cell | None) -> list[str]:
    """Return the line that says what of a cell is not as in ours."""
    return [f"{cell[0]}:"] if isinstance(cell, tuple) else []


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
    size, unit = (value / 1024, "KiB") if value < 1024**2 else (value / 1024**2, "MiB")
    return f"{size:.1f} {unit}" if size < 100 else f"{size:.0f} {unit}"


def _count(value: float) -> str:
    return f"{value / 1e6:.2f} M" if value >= 1e6 else f"{value / 1e3:.1f} k"
