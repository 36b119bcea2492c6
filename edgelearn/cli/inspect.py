"""``edgelearn inspect``: where a network can be cut, how large the features are there, what they cost."""

import sys
from typing import TYPE_CHECKING

import click

from edgelearn.cli._common import emit_json, json_option

if TYPE_CHECKING:
    from edgelearn.extractor import Report, TensorReport

_SHOWN = 24
_PIPE_COLUMNS = 1_000_000  # no line is ever wrapped: names can be searched for and copied


@click.command()
@click.argument("model", type=click.Path())
@click.option("--all", "everything", is_flag=True, help="List every tensor, not only the last ones.")
@json_option
def command(model: str, everything: bool, as_json: bool) -> None:
    """List the tensors MODEL can be cut at, in the order they are computed."""
    from edgelearn.extractor import inspect

    report = inspect(model)
    if as_json:
        emit_json(report.as_json())
    else:
        _print(report, everything)


def _print(report: "Report", everything: bool) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console(highlight=False, width=None if sys.stdout.isatty() else _PIPE_COLUMNS)
    for one in report.inputs:
        console.print(
            f"input [bold]{escape(one['name'])}[/]  {_shape(one['shape'])} {one['dtype']}", soft_wrap=True
        )
    last = len(report.tensors) - _SHOWN
    shown = [
        item
        for index, item in enumerate(report.tensors)
        if everything or index >= last or item.name == report.auto
    ]
    table = Table(box=None, header_style="dim")
    table.add_column("")
    table.add_column("tensor", overflow="fold")
    for title in ("shape", "features", "bytes", "compute"):
        table.add_column(title, justify="right", no_wrap=True)
    for item in shown:
        auto = item.name == report.auto
        table.add_row(
            "►" if auto else "", escape(item.name), *_figures(item), style="bold green" if auto else None
        )
    console.print(table)
    if hidden := len(report.tensors) - len(shown):
        console.print(f"{hidden} earlier tensors are not shown (--all).", style="dim")
    console.print(f"opset {report.opset}; {escape(report.why)}", soft_wrap=True)


def _figures(item: "TensorReport") -> tuple[str, str, str, str]:
    share = "?" if item.macs_share is None else f"{item.macs_share:.1%}"
    size = None if item.bytes is None else item.bytes // 4
    return _shape(item.shape), _number(size), _number(item.bytes), share


def _number(value: int | None) -> str:
    return "?" if value is None else f"{value:,}"


def _shape(shape: "tuple[int | None, ...] | list[int | None] | None") -> str:
    return (
        "?"
        if shape is None
        else "x".join("?" if size is None else str(size) for size in shape) or "one number"
    )
