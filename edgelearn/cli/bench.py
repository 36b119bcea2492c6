"""edgelearn bench: published systems measured on public data, each beside its controls."""

import os
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import click

from edgelearn.bench import systems as registry
from edgelearn.bench import table as rows
from edgelearn.bench.kept import Entry, Kept
from edgelearn.bench.measuring import Made, one_by_one, side_by_side
from edgelearn.bench.run import VARIABLE, Run
from edgelearn.cli import _bench_table as shown
from edgelearn.cli._common import emit_json, json_option, progress, say, say_when_compiling
from edgelearn.errors import ConfigError, MissingExtraError

FOLDER = Path("edgelearn-bench")
STOPPED = 130  # 128 + SIGINT, as shells have it


class _Stoppable(click.Command):
    """Ctrl-C has an exit code of its own: what was stopped missed no goal."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            say("\nAborted!")
            ctx.exit(STOPPED)


@click.group()
def command() -> None:
    """Measure what learns here, on public data."""


@command.command(cls=_Stoppable)
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
    its figures alone: the table is of full runs. EDGELEARN_DATA names the folder of the public data sets.

    \b
    Exit code:
      0    every goal holds
      1    a goal does not hold, a system broke off, or a file of data or results cannot be used
      2    an option is wrong or a data set missing; nothing was measured
      130  Ctrl-C
    """
    chosen = _chosen(wanted)
    if listed:
        _list(chosen, as_json)
        return
    if quick and markdown:
        raise click.UsageError("the table is of full runs; leave --quick or --markdown away")
    kept = None if quick else Kept(results)
    before = {} if kept is None or fresh else _before(kept, chosen, seeds)
    missing = [name for name in chosen if name not in before]
    _check_files({name: chosen[name] for name in missing})
    if kept is not None and missing:
        kept.check_writable()
    drawn = _folder(pictures) if pictures is not None or (missing and not quick) else None
    _say_kept(before, pictures)
    run = Run(drawn, seeds, quick, progress, say)
    figures = _measured(missing, run, jobs, kept, aloud=not (as_json or markdown))
    figures |= {name: entry["figures"] for name, entry in before.items()}
    if kept is not None:
        _draw_all(kept, run.picture("systems"))
    if as_json:
        emit_json(shown.as_dict(list(chosen), figures, kept, run.pictures))
    elif kept is None:
        say("these are figures of the smallest sizes; the table is of full runs (without --quick)")
    else:
        click.echo(shown.table(kept, list(chosen), markdown))
    said = [figure["holds"] for of_system in figures.values() for figure in of_system.values()]
    context.exit(1 if any(holds is False for holds in said) else 0)


def _before(kept: Kept, chosen: dict[str, ModuleType], seeds: int) -> dict[str, Entry]:
    """Return what is kept of those that need not be measured again."""
    declared = {
        name: [figure.name for figure in module.FIGURES if ".quick_" not in figure.name]
        for name, module in chosen.items()
    }
    return {name: kept.systems[name] for name in chosen if kept.has(name, seeds, declared[name])}


def _say_kept(before: dict[str, Entry], pictures: Path | None) -> None:
    for name, entry in before.items():
        say(f"{name}: kept from {entry['date']}, commit {entry['commit']} (--fresh: again)")
    if before and pictures is not None:
        say(f"no pictures of {', '.join(before)}: they are drawn when a system is measured (--fresh: again)")


def _draw_all(kept: Kept, path: Path | None) -> None:
    """Draw the picture of all that is kept, whatever was asked for; none where no row is a point of it."""
    names = [name for name in registry.names() if name in kept.systems]
    if any(line.point() is not None for line in rows.lines(kept, names)):
        shown.overview(kept, names, path)


def _measured(
    missing: list[str], run: Run, jobs: int, kept: Kept | None, aloud: bool
) -> dict[str, dict[str, dict[str, Any]]]:
    """Measure systems, print and keep each as it is made; return the figures of each by name."""
    found: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in missing}
    made_by = one_by_one(missing, run) if jobs == 1 else side_by_side(missing, run, jobs)
    with say_when_compiling(), closing(made_by):
        for made in made_by:
            _take(made, found[made.system], run, kept, aloud)
    return found


def _take(made: Made, figures: dict[str, dict[str, Any]], run: Run, kept: Kept | None, aloud: bool) -> None:
    if made.figure is not None:
        figures[made.figure["name"]] = made.figure
        if aloud:
            click.echo(shown.line(made.figure))
    elif kept is not None:
        kept.put(made.system, run.seeds, made.commit, list(figures.values()))


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
    """Refuse, before any work, a file that is missing or damaged; of a missing one, name who can do without."""
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
    for stem in sorted({stem for module in chosen.values() for stem in module.DATA}):
        Run().data(stem)


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
