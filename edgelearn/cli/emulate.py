"""edgelearn emulate: a command on an edge device that this machine plays."""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edgelearn.cli._common import emit_json, json_option, say

if TYPE_CHECKING:
    from edgelearn.emulator.device.edge import EdgeDevice
    from edgelearn.emulator.device.result import Result
    from edgelearn.emulator.profiles.budget import Budget

BROKEN_BUDGET = 3


@click.command("emulate")
@click.argument("profile", required=False)
@click.argument("command_line", metavar="[-- COMMAND...]", nargs=-1, type=click.UNPROCESSED)
@click.option(
    "--list", "listing", is_flag=True, help="Show the profiles; with PROFILE its figures and sources."
)
@click.option(
    "--ram", metavar="SIZE", help="Memory of the command. [default: what the board's system leaves]"
)
@click.option("--cores", type=click.IntRange(1), help="[default: the board's]")
@click.option(
    "--cpu", type=float, metavar="RATE", help="CPU seconds it gets each second. [default: no limit]"
)
@click.option("--storage", metavar="SIZE", help="Room for files below this folder. [default: no limit]")
@click.option(
    "--deadline", "deadline_s", type=click.FloatRange(0, min_open=True), default=3600.0, show_default=True,
    metavar="S", help="Ended after so many seconds.",
)  # fmt: skip
@click.option(
    "--covers", "covers_s", type=click.FloatRange(0, min_open=True), metavar="S",
    help="Seconds of a device's life the run stands for, for writes a day. [default: the time it takes]",
)  # fmt: skip
@click.option(
    "--budget", "limits", metavar="NAME=LIMIT", multiple=True,
    help="Such as ram=350MB, p99_ms=20, writes_per_day=50MB; may be given again.",
)  # fmt: skip
@click.option("--weaker", is_flag=True, help="Run with a weaker cap where this system cannot hold one.")
@click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, help="Python's hash seed in it."
)
@click.option("--picture", type=click.Path(path_type=Path), help="Write memory and times as PNG or SVG.")
@click.option("--quiet", is_flag=True, help="Print what the command prints, and nothing else.")
@json_option
@click.pass_context
def command(
    context: click.Context,
    /,
    profile: str | None,
    command_line: tuple[str, ...],
    listing: bool,
    picture: Path | None,
    quiet: bool,
    as_json: bool,
    **given: Any,
) -> None:
    """Run COMMAND under the memory, cores and storage of PROFILE, and say what it took.

    What it prints passes through; with --json its standard output goes to standard error. Samples of work that it marks
    by edgelearn.emulator.probe give latencies. Times on the real board are predictions.

    \b
    Exit code: the command's own, or
      3    a line of the budget is broken
      124  the deadline ended it
      137  memory or storage ended it
      128+N  signal N ended it
    """
    if listing:
        from edgelearn.cli import _emulate_list

        _emulate_list.show(profile, as_json)
        return
    if profile is None or not command_line:
        raise click.UsageError("what is to run where? As in: edgelearn emulate pi-zero-2w -- python train.py")
    if picture is not None:
        from edgelearn.evaluate.pictures import check_picture

        check_picture(picture)
    from edgelearn.cli._emulate_run import run

    budget = _budget(given.pop("limits"))
    result, moments = run(
        _device(profile, given), command_line, live=not (quiet or as_json), out_to_err=as_json,
        budget=budget, deadline_s=given["deadline_s"], covers_s=given["covers_s"],
    )  # fmt: skip
    if as_json:
        emit_json({"command": list(command_line)} | _plain(result))
    elif not quiet:
        say(str(result))
    if picture is not None:
        from edgelearn.cli._emulate_picture import draw

        draw(result, moments, picture)
        if not quiet:
            say(f"picture: {picture}")
    context.exit(_exit_code(result))


def _device(profile: str, given: dict[str, Any]) -> "EdgeDevice":
    from edgelearn.emulator.device.edge import EdgeDevice

    caps = {name: given[name] for name in ("ram", "cores", "cpu", "storage", "seed", "weaker")}
    return EdgeDevice(profile, folder=Path.cwd(), **caps)


def _budget(limits: tuple[str, ...]) -> "Budget | None":
    """Return the budget that ``NAME=LIMIT`` texts make; None without any."""
    from edgelearn.emulator.profiles.budget import Budget

    named: dict[str, float | str] = {}
    for text in limits:
        name, found, limit = text.partition("=")
        if not found:
            raise click.UsageError(f"a budget is written like ram=350MB or p99_ms=20, not {text!r}")
        with suppress(ValueError):
            named[name] = float(limit)
            continue
        named[name] = limit
    return Budget(**named) if named else None


def _plain(result: "Result") -> dict[str, Any]:
    """Return what JSON says: not what was printed, which passed through, nor this folder's files."""
    told = result.as_dict()
    return {name: value for name, value in told.items() if name not in {"stdout", "stderr", "files"}}


def _exit_code(result: "Result") -> int:
    from edgelearn.emulator.device.passing import exit_code

    broken = result.verdict is not None and not result.verdict.ok
    return exit_code(result) or (BROKEN_BUDGET if broken else 0)
