"""Figures of `edgelearn bench` as lines for people, as one table, and as JSON."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import click

from edgelearn.bench import table as rows
from edgelearn.bench.figure import Figure
from edgelearn.bench.kept import Kept

_MARK = {None: ("", None), True: ("ok", "green"), False: ("MISS", "red")}
_WIDTH, _LEAST = 190, 115  # where standard output is no terminal; where it is a narrow one
_WIDTHS = (8, 8, 12, 10, 10, 10, 10, 3)  # of all columns but the first two, which share what is left


def files(module: ModuleType) -> list[str]:
    """Return the files that a system reads, in the folder of the public data sets."""
    networks = [f"extractors/{stem}.onnx" for stem in getattr(module, "NETWORKS", ())]
    return [f"{stem}.npz" for stem in module.DATA] + networks


def missing(module: ModuleType, folder: Path) -> list[str]:
    """Return those of them that are not there."""
    return [file for file in files(module) if not (folder / file).is_file()]


def declared(figure: Figure) -> dict[str, Any]:
    """Return what a figure is, as JSON."""
    goal = None if figure.goal is None else str(figure.goal)
    return {"name": figure.name, "unit": figure.unit, "goal": goal, "what": figure.what}


def line(figure: Mapping[str, Any]) -> str:
    """Return a measured figure as one line."""
    word, colour = _MARK[figure["holds"]]
    value = f"{figure['value']:.4g}" + ("" if figure["spread"] is None else f" ± {figure['spread']:.2g}")
    note = f" ({figure['note']})" if figure["note"] else ""
    mark = click.style(f"{word:4}", fg=colour)
    said = f"{value} {figure['unit']}"
    return f"{mark} {figure['name']:34} {said:20} {figure['goal'] or '':11} {figure['what']}{note}"


def listing(name: str, module: ModuleType) -> str:
    """Return what a system needs and declares, a line a figure."""
    said = [f"{name}: needs {', '.join(files(module)) or 'no data'}"]
    said += [f"  {f.name:34} {'' if f.goal is None else str(f.goal):11} {f.what}" for f in module.FIGURES]
    return "\n".join(said)


def table(kept: Kept, names: list[str], markdown: bool) -> str:
    """Return the table of what is kept of these systems, and what each row means."""
    found = list(rows.lines(kept, names))
    if markdown:
        return rows.markdown(found)
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    console = Console(width=max(console.width, _LEAST) if console.is_terminal else _WIDTH)
    left = console.width - sum(_WIDTHS) - 2 * len(rows.HEADS) - 1
    drawn = Table(box=box.HORIZONTALS, show_lines=True, padding=(0, 1, 0, 0), pad_edge=False)
    for head, width in zip(rows.HEADS, (left * 5 // 9, left * 4 // 9, *_WIDTHS), strict=True):
        drawn.add_column(head, overflow="fold", width=width)
    for one in found:
        cells = [Text("\n".join(cell)) for cell in one.cells()]
        for cell in cells:
            cell.highlight_words([rows.MISSED], style="bold red")
        drawn.add_row(*cells)
    with console.capture() as captured:
        console.print(drawn)
    meant = [f"{one.row.system}, {one.row.data}: {one.row.meaning}" for one in found]
    return captured.get() + "\n".join((rows.LEGEND, *meant))


def overview(kept: Kept, names: Sequence[str], path: Path | None) -> None:
    """Draw the picture of all systems, where pictures are drawn."""
    if path is not None:
        from edgelearn.bench.overview_picture import draw

        draw(path, list(rows.lines(kept, list(names))))


def as_dict(
    names: Sequence[str],
    figures: Mapping[str, Mapping[str, Any]],
    kept: Kept | None,
    pictures: Path | None,
) -> dict[str, Any]:
    """Return everything that was measured, and the rows of the table, as JSON; nothing ``kept`` has no rows."""
    return {
        "figures": [figure for name in names for figure in figures[name].values()],
        "rows": [] if kept is None else [one.as_dict() for one in rows.lines(kept, list(names))],
        "results": None if kept is None else str(kept.path),
        "pictures": None if pictures is None else str(pictures),
    }
