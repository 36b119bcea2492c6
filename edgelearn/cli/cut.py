"""``edgelearn cut``: write a network up to its feature tensor as a file that stands alone."""

import json
from collections.abc import Callable
from typing import Any, TypeVar

import click

from edgelearn.cli._common import emit_json, json_option, say
from edgelearn.errors import ConfigError

F = TypeVar("F", bound=Callable[..., Any])


def preprocess_options(command: F) -> F:
    """Add what is declared of samples: --scale, --mean, --std, --layout, --resize, --constant."""
    for option in (
        click.option(
            "--constant", "constants", multiple=True, metavar="NAME=VALUE", help="Value of an extra input."
        ),
        click.option(
            "--resize", metavar="HxW|off", help="Size of images; off refuses images of another size."
        ),
        click.option(
            "--layout",
            metavar="HWC|CHW",
            type=click.Choice(["HWC", "CHW"], case_sensitive=False),
            help="Layout of the samples; default: seen from their shape.",
        ),
        click.option(
            "--std", metavar="N[,N...]", help="Divide by this after the mean, one number or one a channel."
        ),
        click.option("--mean", metavar="N[,N...]", help="Subtract this, one number or one a channel."),
        click.option("--scale", type=float, help="Multiply samples by this first."),
    ):
        command = option(command)
    return command


def preprocess_arguments(
    scale: float | None,
    mean: str | None,
    std: str | None,
    layout: str | None,
    resize: str | None,
    constants: tuple[str, ...],
) -> dict[str, Any]:
    """The options as keyword arguments of Extractor and cut. Raises ConfigError for what cannot be read."""
    return {
        "scale": scale,
        "mean": _numbers("--mean", mean),
        "std": _numbers("--std", std),
        "layout": layout,
        "resize": _size(resize),
        "constants": dict(_constant(item) for item in constants),
    }


@click.command()
@click.argument("model", type=click.Path())
@click.option(
    "--at", "tensor", default="auto", show_default=True, help="Tensor to cut at (see edgelearn inspect)."
)
@click.option("-o", "--out", required=True, type=click.Path(), help="File to write.")
@preprocess_options
@json_option
def command(model: str, tensor: str, out: str, as_json: bool, **declared: Any) -> None:
    """Write MODEL up to a feature tensor; the file needs onnxruntime only, and carries the preprocessing."""
    from edgelearn.extractor import cut

    report = cut(model, tensor, out, **preprocess_arguments(**declared))
    if as_json:
        emit_json(report._asdict())
        return
    for note in report.notes:
        say(note)
    size = (
        "features of a length that depends on the sample"
        if report.n_features is None
        else f"{report.n_features} features"
    )
    click.echo(
        f"{report.path}: {size} at {report.cut}, {report.file_bytes:,} bytes "
        f"(the whole network: {report.source_bytes:,}), "
        f"checked against the whole network, fingerprint {report.fingerprint[:16]}"
    )


def _numbers(option: str, text: str | None) -> list[float] | None:
    if text is None:
        return None
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise ConfigError(
            f"{option} {text!r} is not a number, nor numbers with commas between them."
        ) from None


def _size(text: str | None) -> bool | tuple[int, int] | None:
    if text in (None, "off"):
        return None if text is None else False
    height, _, width = text.lower().partition("x")
    if not (height.isdigit() and width.isdigit()):
        raise ConfigError(f"--resize {text!r} is no size; give height x width like 96x96, or off.")
    return int(height), int(width)


def _constant(item: str) -> tuple[str, Any]:
    name, _, value = item.partition("=")
    try:
        return name, json.loads(value)
    except json.JSONDecodeError:
        raise ConfigError(f"--constant {item!r} is not NAME=NUMBER, such as sr=16000.") from None
