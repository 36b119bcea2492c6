"""edgelearn doctor: will it run here, and what to do when not."""

from pathlib import Path

import click

from edgelearn.cli._check_machine import check_machine
from edgelearn.cli._check_packages import check_packages
from edgelearn.cli._checks import Check
from edgelearn.cli._common import emit_json, json_option


@click.command("doctor")
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=Path(),
    help="Where a store is to lie; its disk is tried. [default: here]",
)
@json_option
@click.pass_context
def command(context: click.Context, folder: Path, as_json: bool) -> None:
    """Check that everything edgelearn needs is here and works; exit with 1 when something is not."""
    checks: list[Check] = []
    for check in (*check_packages(), *check_machine(folder.resolve())):
        checks.append(check)
        if not as_json:
            click.echo(_line(check))
    ok = all(check.status != "fail" for check in checks)
    if as_json:
        emit_json({"ok": ok, "checks": [check._asdict() for check in checks]})
    context.exit(0 if ok else 1)


def _line(check: Check) -> str:
    colour = {"ok": "green", "warn": "yellow", "fail": "red"}[check.status]
    advice = f"\n     {'':16}-> {check.next}" if check.next else ""
    return f"{click.style(f'{check.status:4}', fg=colour)} {check.name:16}{check.detail}{advice}"
