"""Figures as a table for people."""

import math
from typing import Any

from tools.bench.data import SETS, VARIABLE
from tools.bench.figure import Group


def declared(chosen: list[Group]) -> None:
    """Print every figure there is, its goal, and the public data it needs."""
    from rich.table import Table

    table = Table("figure", "unit", "goal", "what", "needs", box=None)
    for group in chosen:
        for figure in group.figures:
            needs = " ".join(group.sets) + ("the peers' environment" if group.peers else "")
            goal = "" if figure.goal is None else str(figure.goal)
            table.add_row(figure.name, figure.unit, goal, figure.what, needs)
    console = _console()
    console.print(table)
    for name in sorted({name for group in chosen for name in group.sets}):
        wanted = SETS[name]
        console.print(
            f"[bold]{name}[/bold]: {wanted.title}; published at {wanted.origin}; "
            f"${VARIABLE}/{wanted.file} ({wanted.holds})",
            highlight=False,
        )


def measured(figures: list[dict[str, Any]], machine: dict[str, Any]) -> None:
    """Print values beside goals; notes below."""
    from rich.table import Table

    console = _console()
    table = Table("figure", "value", "unit", "goal", "holds", "A/A", "what", box=None)
    for figure in figures:
        spread = f" ± {number(figure['spread'])}" if figure["spread"] is not None else ""
        value = "–" if figure["value"] is None else number(figure["value"]) + spread
        table.add_row(
            figure["name"], value, figure["unit"], figure["goal"] or "", _holds(figure), _control(figure),
            figure["what"],
        )  # fmt: skip
    console.print(table)
    for figure in figures:
        if figure["note"]:
            console.print(f"[bold]{figure['name']}[/bold]: {figure['note']}", highlight=False)
    console.print(", ".join(f"{key} {value}" for key, value in machine.items()), style="dim", highlight=False)


def number(value: float) -> str:
    """Return a number with as many digits as a reader needs."""
    if not math.isfinite(value):
        return str(value)
    if value == int(value) and abs(value) < 1e9:
        return str(int(value))
    return f"{value:.4f}" if abs(value) < 1 else f"{value:.4g}"


def _holds(figure: dict[str, Any]) -> str:
    return {None: "", True: "[green]yes[/green]", False: "[red]NO[/red]"}[figure["holds"]]


def _control(figure: dict[str, Any]) -> str:
    if figure["control"] is None:
        return ""
    text = f"{figure['control']:.3f}"
    return text if figure["reliable"] else f"[red]{text} noisy[/red]"


def _console() -> Any:
    from rich.console import Console

    console = Console()
    return console if console.is_terminal else Console(width=160)
