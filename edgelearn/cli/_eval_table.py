"""The tables of ``edgelearn eval`` for people: readouts with the controls under them, and one line that reads them."""

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table

    from edgelearn.evaluate.study import Row, Study

FIGURES = {
    "forgetting": "forget",
    "average_incremental": "avg.\nincr.",
    "balanced_accuracy": "balan-\nced",
    "kappa_temporal": "kappa\ntemp.",
}
OPEN_SET = {
    "coverage": "cover-\nage",
    "answered_accuracy": "accuracy\nanswered",
    "false_rejects": "false\nrejects",
    "false_accepts": "false\naccepts",
}
CONTROLS = {"offline": "the offline ridge", "frozen": "frozen", "no_change": "repeating the last label"}
PIPE_COLUMNS = 120


def show(study: "Study") -> None:
    """Print the tables, the reading and the notes on standard output."""
    from rich.console import Console

    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=PIPE_COLUMNS)
    console.print(_accuracies(study))
    console.print(_reading(study), markup=False)
    known = _known(study, OPEN_SET)
    if known:
        table = _table("\nrejection of strangers", ["readout", *known.values()])
        for row in study.rows:
            table.add_row(row.name, *(_number(row.mean(key)) for key in known))
        console.print(table)
    for note in study.notes:
        console.print(f"note: {note}", style="dim", markup=False)


def _accuracies(study: "Study") -> "Table":
    known = _known(study, FIGURES)
    plan = study.plan
    size = f"{study.n_train} training samples"
    if plan.protocol == "prequential":
        size = f"{study.n_train} samples"
    else:
        size += f", {study.n_test} test samples"
    seeds = f"{plan.seeds} seed{'s' if plan.seeds > 1 else ''}"
    title = f"{plan.protocol}: {len(study.classes)} classes, {size}, {seeds}"
    table = _table(title, ["readout", "accuracy", *known.values(), "learn\nµs", "predict\nµs", "state"])
    for row in study.rows:
        times = (f"{row.learn_us_p50:.1f}", f"{row.predict_us_p50:.1f}", _bytes(row.state_bytes))
        table.add_row(row.name, _spread(row), *(_number(row.mean(key)) for key in known), *times)
    table.add_section()
    for name, row in study.controls.items():
        table.add_row(name.replace("_", " "), _spread(row), style="dim")
    return table


def _table(title: str, headings: Iterable[str]) -> "Table":
    from rich import box
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=box.SIMPLE, pad_edge=False, collapse_padding=True)
    for i, heading in enumerate(headings):
        table.add_column(heading, justify="right" if i else "left", no_wrap=True, vertical="bottom")
    return table


def _known(study: "Study", figures: dict[str, str]) -> dict[str, str]:
    return {key: heading for key, heading in figures.items() if key in study.rows[0].outcomes[0].figures}


def _reading(study: "Study") -> str:
    best = max(study.rows, key=lambda row: row.mean("accuracy"))
    accuracy = best.mean("accuracy")
    parts = []
    for name, words in CONTROLS.items():
        gap = accuracy - study.controls[name].mean("accuracy")
        parts.append(f"{abs(gap):.3f} {'above' if gap >= 0 else 'below'} {words}")
    return f"{best.name} {accuracy:.3f}: {', '.join(parts)}."


def _spread(row: "Row") -> str:
    from edgelearn.evaluate.metrics import spread

    mean, std = spread(row.values("accuracy"))
    return f"{mean:.3f}" if math.isnan(std) else f"{mean:.3f} ± {std:.3f}"


def _number(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3f}"


def _bytes(n: int) -> str:
    return f"{n / 1e6:.2f} MB" if n >= 1e6 else f"{n / 1e3:.1f} kB"
