"""``edgelearn emulate --list``: the profiles, their figures, and who says so."""

from typing import TYPE_CHECKING

import click

from edgelearn.cli._common import emit_json

if TYPE_CHECKING:
    from edgelearn.emulator.profiles import Profile

_SHOWN = {
    "cores": "cores: {}",
    "clock_hz": "{}",
    "ram_bytes": "RAM {}",
    "storage_bytes": "card {}",
    "flash_bytes": "flash {}",
}


def show(name: str | None, as_json: bool) -> None:
    """Print one profile with every source, or a line of each."""
    from edgelearn.emulator import profiles

    if name is not None:
        profile = profiles.load(name)
        if as_json:
            emit_json(profile.as_dict())
        else:
            click.echo(str(profile))
        return
    known = [profiles.load(name) for name in profiles.names()]
    if as_json:
        emit_json({"profiles": [profile.as_dict() for profile in known]})
        return
    rows = [_row(profile) for profile in known]
    wide = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        click.echo("  ".join(map(str.ljust, row, wide)).rstrip())
    click.echo("figures and sources of one: edgelearn emulate --list PROFILE")


def _row(profile: "Profile") -> tuple[str, str, str]:
    shown = [words.format(profile.figures[name]) for name, words in _SHOWN.items() if name in profile.figures]
    return profile.name, profile.title, ", ".join(shown)
