"""edgelearn bench: published systems measured on public data, each beside its controls."""

import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import click

from edgelearn.bench.run import VARIABLE, Run
from edgelearn.bench.systems import load, names
from edgelearn.cli import _bench_table as table
from edgelearn.cli._common import emit_json, json_option, progress, say, say_when_compiling
from edgelearn.errors import ConfigError, MissingExtraError

PICTURES = Path("edgelearn-bench")


@click.group()
def command() -> None:
    """Measure what learns here, on public data."""


@command.command()
@click.argument("wanted", nargs=-1, metavar="[NAMES]...")
@click.option("--quick", is_flag=True, help="The smallest sizes that still show each gap.")
@click.option(
    "--seeds", type=click.IntRange(1), default=3, show_default=True, help="Repetitions of a figure."
)
@click.option(
    "--pictures",
    type=click.Path(path_type=Path, file_okay=False),
    help=f"Folder for one picture a system (default: {PICTURES}).",
)
@click.option("--list", "listed", is_flag=True, help="Print every figure, its goal and the files it needs.")
@json_option
@click.pass_context
def systems(
    context: click.Context,
    wanted: tuple[str, ...],
    quick: bool,
    seeds: int,
    pictures: Path | None,
    listed: bool,
    as_json: bool,
) -> None:
    """Reproduce the figures of the published systems, beside their controls; all of them without NAMES.

    That takes about an hour on one core of a PC, a few minutes with --quick. EDGELEARN_DATA names the folder of the
    public data sets. The exit code is 1 when a goal does not hold, 2 when nothing could be measured.
    """
    chosen = _chosen(wanted)
    if listed:
        _list(chosen, as_json)
        return
    _check_files(chosen)
    run = Run(_folder(pictures), seeds, quick, progress, say)
    with say_when_compiling():
        records = [
            record for module in chosen.values() for record in _measured(module, run, aloud=not as_json)
        ]
    where = None if run.pictures is None else str(run.pictures)
    if as_json:
        emit_json({"figures": records, "pictures": where})
    elif where is not None:
        click.echo(f"pictures: {where}")
    context.exit(1 if any(record["holds"] is False for record in records) else 0)


def _measured(module: ModuleType, run: Run, aloud: bool) -> Iterator[dict[str, Any]]:
    """Measure a system; print each figure as it is made, and yield it."""
    say((module.__doc__ or "").strip().splitlines()[0])
    declared = {figure.name: figure for figure in module.FIGURES}
    for measured in module.measure(run):
        figure = declared[measured.name]
        if aloud:
            click.echo(table.line(figure, measured))
        yield table.record(figure, measured)


def _chosen(wanted: tuple[str, ...]) -> dict[str, ModuleType]:
    try:
        return {name: load(name) for name in wanted or names()}
    except ConfigError as unknown:
        raise click.UsageError(str(unknown)) from unknown


def _list(chosen: dict[str, ModuleType], as_json: bool) -> None:
    if as_json:
        rows = [(name, table.files(module), module.FIGURES) for name, module in chosen.items()]
        emit_json(
            {
                "systems": [
                    {"name": n, "files": f, "figures": [table.record(x) for x in xs]} for n, f, xs in rows
                ]
            }
        )
        return
    for name, module in chosen.items():
        click.echo(table.listing(name, module))


def _check_files(chosen: dict[str, ModuleType]) -> None:
    """Refuse, before any work, when a file is missing: name it, and the systems that can do without."""
    where = os.environ.get(VARIABLE)
    folder = Path(where or ".")
    lacking = {name: files for name, module in chosen.items() if (files := table.missing(module, folder))}
    if lacking:
        able = ", ".join(name for name in names() if not table.missing(load(name), folder)) or "none"
        needs = "; ".join(f"{name} needs {', '.join(files)}" for name, files in lacking.items())
        said = "is not set" if where is None else f"names {where}"
        raise click.UsageError(
            f"{needs}, in the folder that {VARIABLE} names; it {said}; able to run: {able}"
        )


def _folder(pictures: Path | None) -> Path | None:
    """Return the folder, made if need be; None where pictures cannot be drawn and nobody asked for them."""
    if find_spec("matplotlib") is None:
        if pictures is not None:
            raise MissingExtraError("pictures need matplotlib: pip install 'edgelearn[plot]'")
        say("no pictures: they need matplotlib (pip install 'edgelearn[plot]')")
        return None
    folder = pictures or PICTURES
    folder.mkdir(parents=True, exist_ok=True)
    return folder
