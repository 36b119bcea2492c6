"""edgelearn doctor: will it run here, and what to do when not."""

from pathlib import Path
from typing import Any

import click

from edgelearn.cli._check_machine import check_machine
from edgelearn.cli._check_packages import check_packages
from edgelearn.cli._checks import Check
from edgelearn.cli._common import emit_json, json_option
from edgelearn.cli._warm import cache, warm


@click.command("doctor")
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=Path(),
    help="Where a store is to lie; its disk is tried. [default: here]",
)
@click.option("--warm", "warming", is_flag=True, help="Then compile every kernel, so that no start has to.")
@json_option
@click.pass_context
def command(context: click.Context, folder: Path, warming: bool, as_json: bool) -> None:
    """Check that everything edgelearn needs is here and works; exit with 1 when something is not."""
    checks: list[Check] = []
    for check in (*check_packages(), *check_machine(folder.resolve())):
        checks.append(check)
        if not as_json:
            click.echo(_line(check))
    ok = all(check.status != "fail" for check in checks)
    report: dict[str, Any] = {"ok": ok, "checks": [check._asdict() for check in checks]}
    if warming and ok:
        report |= _warm(aloud=not as_json)
    if as_json:
        emit_json(report)
    context.exit(0 if ok else 1)


def _warm(aloud: bool) -> dict[str, Any]:
    made = []
    for warmed in warm():
        made.append(warmed._asdict())
        if aloud:
            click.echo(str(warmed))
    where = cache()
    if aloud:
        click.echo(
            "nothing was kept: NUMBA_DISABLE_JIT is set" if where is None else f"kernels are kept in {where}"
        )
    return {"warm": made, "cache": None if where is None else str(where)}


def _line(check: Check) -> str:
    colour = {"ok": "green", "warn": "yellow", "fail": "red"}[check.status]
    advice = f"\n     {'':16}-> {check.next}" if check.next else ""
    return f"{click.style(f'{check.status:4}', fg=colour)} {check.name:16}{check.detail}{advice}"
