"""Figures of `edgelearn bench` as lines for people, and as JSON."""

from pathlib import Path
from types import ModuleType
from typing import Any

import click

from edgelearn.bench.figure import Figure, Measured

_MARK = {None: ("", None), True: ("ok", "green"), False: ("MISS", "red")}


def files(module: ModuleType) -> list[str]:
    """Return the files that a system reads, in the folder of the public data sets."""
    networks = [f"extractors/{stem}.onnx" for stem in getattr(module, "NETWORKS", ())]
    return [f"{stem}.npz" for stem in module.DATA] + networks


def missing(module: ModuleType, folder: Path) -> list[str]:
    """Return those of them that are not there."""
    return [file for file in files(module) if not (folder / file).is_file()]


def holds(figure: Figure, measured: Measured | None) -> bool | None:
    """Return whether the goal of a figure holds; None where there is none."""
    return None if figure.goal is None or measured is None else figure.goal.holds(measured.value)


def record(figure: Figure, measured: Measured | None = None) -> dict[str, Any]:
    """Return a figure as JSON, with what was measured for it."""
    declared = {
        "name": figure.name,
        "unit": figure.unit,
        "goal": None if figure.goal is None else str(figure.goal),
        "what": figure.what,
    }
    if measured is None:
        return declared
    said = {key: getattr(measured, key) for key in ("value", "spread", "note", "detail")}
    return declared | said | {"holds": holds(figure, measured)}


def line(figure: Figure, measured: Measured) -> str:
    """Return a measured figure as one line."""
    word, colour = _MARK[holds(figure, measured)]
    value = f"{measured.value:.4g}" + ("" if measured.spread is None else f" ± {measured.spread:.2g}")
    note = f" ({measured.note})" if measured.note else ""
    goal = "" if figure.goal is None else str(figure.goal)
    mark = click.style(f"{word:4}", fg=colour)
    return f"{mark} {figure.name:30} {f'{value} {figure.unit}':20} {goal:11} {figure.what}{note}"


def listing(name: str, module: ModuleType) -> str:
    """Return what a system needs and declares, a line a figure."""
    rows = [f"{name}: needs {', '.join(files(module)) or 'no data'}"]
    rows += [f"  {f.name:30} {'' if f.goal is None else str(f.goal):11} {f.what}" for f in module.FIGURES]
    return "\n".join(rows)
