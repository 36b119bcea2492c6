"""The table of ``edgelearn eval`` for people: readouts, controls under them, and one line that reads it."""

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table

    from edgelearn.evaluate.study import Row, Study

COLUMNS = {  # figure: heading
    "forgetting": "forget",
    "average_incremental": "avg.\nincr.",
    "balanced_accuracy": "balan-\nced",
    "kappa_temporal": "kappa\ntemp.",
    "coverage": "cover-\nage",
    "false_rejects": "false\nrej.",
    "false_accepts": "false\nacc.",
}
CONTROLS = {"offline": "the offline ridge", "frozen": "frozen", "no_change": "repeating the last label"}
PIPE_COLUMNS = 120


def show(study: "Study") -> None:
    """Print the table, the notes and the reading on standard output."""
    from rich.console import Console

    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=PIPE_COLUMNS)
    console.print(_table(study))
    console.print(_reading(study), markup=False)
    for note in study.notes:
        console.print(f"  note: {note}", style="dim", markup=False)


def _table(study: "Study") -> "Table":
    from rich import box
    from rich.table import Table

    shown = {key: head for key, head in COLUMNS.items() if key in study.rows[0].outcomes[0].figures}
    seeds = f"{study.plan.seeds} seed{'s' if study.plan.seeds > 1 else ''}"
    title = f"{study.plan.protocol}: {len(study.classes)} classes, {study.n_train} training samples"
    if study.plan.protocol != "prequential":
        title += f", {study.n_test} test samples"
    table = Table(
        title=f"{title}, {seeds}", title_justify="left", box=box.SIMPLE, pad_edge=False, collapse_padding=True
    )
    table.add_column("readout", no_wrap=True, vertical="bottom")
    for heading in ("accuracy", *shown.values(), "learn\nµs", "predict\nµs", "state"):
        table.add_column(heading, justify="right", no_wrap=True, vertical="bottom")
    for row in study.rows:
        times = (f"{row.learn_us_p50:.1f}", f"{row.predict_us_p50:.1f}", _bytes(row.state_bytes))
        table.add_row(row.name, _spread(row), *(_number(row.mean(key)) for key in shown), *times)
    table.add_section()
    for name, row in study.controls.items():
        table.add_row(name.replace("_", " "), _spread(row), style="dim")
    return table


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
