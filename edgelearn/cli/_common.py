"""What every command shares: the --json switch, one JSON object out, and progress that keeps quiet in scripts."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])


def json_option(command: F) -> F:
    """Add ``--json``: one object on standard output, nothing else there."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")(
        command
    )


def emit_json(value: Any) -> None:
    """Print one JSON object; NumPy numbers become plain ones, NaN becomes null."""
    click.echo(json.dumps(_plain(value), ensure_ascii=False))


def say(text: str = "") -> None:
    """Print a line for a person (standard error, so that standard output stays clean for data)."""
    click.echo(text, err=True)


def progress(items: Iterable[T], title: str, total: int | None = None) -> Iterator[T]:
    """Yield the items under a progress bar when standard error is a terminal."""
    if not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(items, title, total=total, console=Console(stderr=True), transient=True)


@contextmanager
def say_when_compiling() -> Iterator[None]:
    """Say once, and only when it comes to that, why the start takes longer than the next one will."""
    from edgelearn.compiled import compiling

    told: list[str] = []

    def tell(kernel: str) -> None:
        if not told:
            say("compiling kernels, once; later starts load them (`edgelearn doctor --warm` does it ahead)")
        told.append(kernel)

    with compiling(tell):
        yield


def _plain(value: Any) -> Any:
    import numpy as np  # heavy: `edgelearn run` must be able to stop before it is there

    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value
