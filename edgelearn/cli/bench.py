"""edgelearn bench: published systems measured on public data, each beside its controls."""

import os
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import click

from edgelearn.bench import systems as registry
from edgelearn.bench.kept import Kept
from edgelearn.bench.measuring import Made, one_by_one, side_by_side
from edgelearn.bench.run import VARIABLE, Run
from edgelearn.cli import _bench_table as shown
from edgelearn.cli._common import emit_json, json_option, progress, say, say_when_compiling
from edgelearn.errors import ConfigError, MissingExtraError

FOLDER = Path("edgelearn-bench")


@click.group()
def command() -> None:
    """Measure what learns here, on public data."""


@command.command()
@click.option("--only", "wanted", multiple=True, metavar="NAME", help="A system; may be given again.")
@click.option("--quick", is_flag=True, help="The smallest sizes that still show each gap; nothing is kept.")
@click.option(
    "--seeds", type=click.IntRange(1), default=3, show_default=True, help="Repetitions of a figure."
)
@click.option("--fresh", is_flag=True, help="Measure again what was measured before.")
@click.option(
    "--jobs", type=click.IntRange(1), default=1, show_default=True, help="Systems at the same time."
)
@click.option(
    "--results",
    type=click.Path(path_type=Path, dir_okay=False),
    default=FOLDER / "results.json",
    show_default=True,
    help="File that keeps each system as soon as it is done; a run that was stopped goes on from it.",
)
@click.option(
    "--pictures",
    type=click.Path(path_type=Path, file_okay=False),
    help=f"Folder for a picture of each system and one of all (default: {FOLDER}; with --quick none).",
)
@click.option("--markdown", is_flag=True, help="Print the table as Markdown.")
@click.option("--list", "listed", is_flag=True, help="Print every figure, its goal and the files it needs.")
@json_option
@click.pass_context
def systems(
    context: click.Context,
    wanted: tuple[str, ...],
    quick: bool,
    seeds: int,
    fresh: bool,
    jobs: int,
    results: Path,
    pictures: Path | None,
    markdown: bool,
    listed: bool,
    as_json: bool,
) -> None:
    """Reproduce the figures of the published systems, beside their controls, and print one table of them.

    All of them take some five hours of one core, half of it with --jobs 2, and some minutes with --quick, which prints
    its figures alone: the table is of full runs. EDGELEARN_DATA names the folder of the public data sets. The exit code
    is 1 when a goal does not hold or a system broke off, 2 when nothing could be measured.
    """
    chosen = _chosen(wanted)
    if listed:
        _list(chosen, as_json)
        return
    if quick and markdown:
        raise click.UsageError("the table is of full runs; leave --quick or --markdown away")
    kept = Kept(results)
    missing = [name for name in chosen if quick or fresh or not kept.has(name, seeds)]
    _check_files({name: chosen[name] for name in missing})
    if missing and not quick:
        kept.check_writable()
    drawn = _folder(pictures) if pictures is not None or (missing and not quick) else None
    before = {name: kept.systems[name] for name in chosen if name not in missing}
    for name, entry in before.items():
        say(f"{name}: kept from {entry['date']}, commit {entry['commit']} (--fresh: again)")
    run = Run(drawn, seeds, quick, progress, say)
    figures = _measured(missing, run, jobs, kept, aloud=not (as_json or markdown))
    figures |= {name: entry["figures"] for name, entry in before.items()}
    if not quick:
        shown.overview(kept, list(chosen), run.picture("systems"))
    if as_json:
        emit_json(shown.as_dict(list(chosen), figures, None if quick else kept, run.pictures))
    elif quick:
        say("these are figures of the smallest sizes; the table is of full runs (without --quick)")
    else:
        click.echo(shown.table(kept, list(chosen), markdown))
    said = [figure["holds"] for of_system in figures.values() for figure in of_system.values()]
    context.exit(1 if any(holds is False for holds in said) else 0)


def _measured(
    missing: list[str], run: Run, jobs: int, kept: Kept, aloud: bool
) -> dict[str, dict[str, dict[str, Any]]]:
    """Measure systems, print and keep each as it is made; return the figures of each by name."""
    found: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in missing}
    made_by = one_by_one(missing, run) if jobs == 1 else side_by_side(missing, run, jobs)
    with say_when_compiling(), closing(made_by):
        for made in made_by:
            _take(made, found[made.system], run, kept, aloud)
    return found


def _take(made: Made, figures: dict[str, dict[str, Any]], run: Run, kept: Kept, aloud: bool) -> None:
    if made.figure is not None:
        figures[made.figure["name"]] = made.figure
        if aloud:
            click.echo(shown.line(made.figure))
    elif not run.quick:
        kept.put(made.system, run.seeds, list(figures.values()))


def _chosen(wanted: tuple[str, ...]) -> dict[str, ModuleType]:
    try:
        return {name: registry.load(name) for name in wanted or registry.names()}
    except ConfigError as unknown:
        raise click.UsageError(str(unknown)) from unknown


def _list(chosen: dict[str, ModuleType], as_json: bool) -> None:
    if as_json:
        rows = [(name, shown.files(module), module.FIGURES) for name, module in chosen.items()]
        emit_json(
            {
                "systems": [
                    {"name": n, "files": f, "figures": [shown.declared(x) for x in xs]} for n, f, xs in rows
                ]
            }
        )
        return
    for name, module in chosen.items():
        click.echo(shown.listing(name, module))


def _check_files(chosen: dict[str, ModuleType]) -> None:
    """Refuse, before any work, when a file is missing: name it, and the systems that can do without."""
    where = os.environ.get(VARIABLE) or None
    folder = Path(where or ".")
    lacking = {name: files for name, module in chosen.items() if (files := shown.missing(module, folder))}
    if lacking:
        able = (
            ", ".join(name for name in registry.names() if not shown.missing(registry.load(name), folder))
            or "none"
        )
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
    folder = pictures or FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    return folder
