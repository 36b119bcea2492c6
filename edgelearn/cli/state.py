"""edgelearn state: look into a store, check it, and go back to an earlier version."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

import click

from edgelearn.cli._common import emit_json, json_option
from edgelearn.errors import StoreError
from edgelearn.store import Store, Verification, Version

F = TypeVar("F", bound=Callable[..., Any])
_WORDS = ("schema", "readout", "extractor", "n_features", "n_seen", "labels", "counts", "config")
_KINDS = ("rule", "neuron", "signal")


@click.group()
def command() -> None:
    """Look into a store, check it, or return to an earlier version."""


def _store_argument(function: F) -> F:
    return click.argument("path", type=click.Path())(function)


@command.command()
@_store_argument
@json_option
def show(path: str, as_json: bool) -> None:
    """Print what the newest version has learned."""
    with Store(path, read_only=True) as store:
        meta = store.load().meta
        newest = store.versions()[-1]
    shown = _row(newest) | {key: meta[key] for key in _WORDS if key in meta}
    layers = _layers(meta)
    if as_json:
        emit_json({"path": path, **shown, "layers": layers})
        return
    for key, value in shown.items():
        click.echo(f"{key:14} {_text(key, value)}")
    for layer in layers:
        click.echo(_layer_line(layer))
        for trouble in layer["troubles"]:
            click.echo(f"{'':14} trouble: {trouble}")


@command.command()
@_store_argument
@json_option
def versions(path: str, as_json: bool) -> None:
    """List the versions, oldest first."""
    with Store(path, read_only=True) as store:
        present = store.versions()
    if as_json:
        emit_json({"path": path, "versions": [_row(version) for version in present]})
        return
    for version in present:
        click.echo(_line(version))


@command.command()
@_store_argument
@json_option
@click.pass_context
def verify(context: click.Context, path: str, as_json: bool) -> None:
    """Check every version; the exit code is 1 when one is damaged."""
    try:
        with Store(path, read_only=True) as store:
            found = store.verify()
    except StoreError as error:
        found = Verification(ok=False, versions=[], problems=[str(error)], damaged=[])
    if as_json:
        rows = [_row(version) | {"ok": version.version not in found.damaged} for version in found.versions]
        emit_json({"ok": found.ok, "versions": rows, "problems": found.problems})
    else:
        for version in found.versions:
            click.echo(f"{_line(version)}  {'damaged' if version.version in found.damaged else 'good'}")
        for problem in found.problems:
            click.echo(problem, err=True)
    if not found.ok:
        context.exit(1)


@command.command()
@_store_argument
@click.option("--to", "version", type=int, required=True, help="The version to return to.")
@json_option
def rollback(path: str, version: int, as_json: bool) -> None:
    """Make an earlier version the newest again, under a new number."""
    with Store(path, read_only=True) as store:
        present = len(store.versions())
    # What the owner of the store keeps is not known here, so nothing is dropped.
    with Store(path, keep=present + 1) as store:
        number = store.rollback(version)
    if as_json:
        emit_json({"path": path, "from": version, "version": number})
    else:
        click.echo(f"version {version} is the newest again, as version {number}")


def _layers(meta: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return of each layer what it is, how many samples it learned, and how it did at the save."""
    from edgelearn.health import Health  # heavy: NumPy

    found = []
    told = (meta.get(key, []) for key in ("layers", "learned", "health"))
    for i, (config, learned, words) in enumerate(zip(*told, strict=False)):
        values: dict[str, Any] = {
            key: float(value) for key, value in words.items()
        }  # a store has "inf" as text
        health = Health(**values | {key: int(words[key]) for key in ("seen", "units")})
        parts = {kind: config[kind]["name"] for kind in _KINDS}
        found.append(
            {"layer": i, "kind": config["kind"], "units": config["n_post"], **parts, "learned": learned}
            | health._asdict()
            | {"troubles": health.troubles()}
        )
    return found


def _layer_line(layer: Mapping[str, Any]) -> str:
    parts = " × ".join(layer[kind] for kind in _KINDS)
    return (
        f"{'layer ' + str(layer['layer']):14} {layer['kind']}, {layer['units']} units ({parts}), "
        f"{layer['learned']} samples; silent {layer['silent']:.0%}, saturated {layer['saturated']:.0%}, "
        f"participation {layer['participation']:.1f}, weight norms {layer['norm_min']:.3g} to "
        f"{layer['norm_max']:.3g}, median {layer['norm_median']:.3g}"
    )


def _row(version: Version) -> dict[str, Any]:
    return {"version": version.version, "saved_at": version.saved_at, "bytes": version.payload_bytes}


def _line(version: Version) -> str:
    seen = version.meta.get("n_seen")
    labels = version.meta.get("labels")
    return "  ".join(
        [f"{version.version:6}", _time(version.saved_at), f"{version.payload_bytes:>12,} bytes"]
        + ([f"{seen} samples"] if seen is not None else [])
        + ([f"{len(labels)} labels"] if isinstance(labels, list) else [])
    )


def _text(key: str, value: Any) -> str:
    if key == "saved_at":
        return _time(value)
    if key == "bytes":
        return f"{value:,}"
    if key == "extractor" and value is None:
        return "none: the samples are feature vectors"
    if key == "labels" and value:
        return ", ".join(map(str, value))
    return str(value)


def _time(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (OverflowError, ValueError, OSError):  # damaged: no time at all
        return f"{'unknown time':23}"
