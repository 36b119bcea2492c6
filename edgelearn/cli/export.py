"""``edgelearn export``: write the layers that a device learned as an ONNX network of their own."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edgelearn.cli._common import emit_json, json_option, say
from edgelearn.errors import ConfigError

if TYPE_CHECKING:
    from edgelearn.extractor import Extractor


@click.command()
@click.argument("learned", type=click.Path(), metavar="STORE|RUN.toml")
@click.option("--onnx", "out", required=True, type=click.Path(), help="File to write.")
@click.option("--onto", type=click.Path(), help="Network to put the layers on: the one they learned on.")
@click.option("--alone", is_flag=True, help="The layers without the network that RUN.toml names.")
@click.option("--version", type=int, help="Version of the store; default: the newest.")
@json_option
def command(
    learned: str, out: str, onto: str | None, alone: bool, version: int | None, as_json: bool
) -> None:
    """Freeze the layers that STORE has learned, and write them as a network that loads as an extractor.

    RUN.toml names both the store and the network the layers stand on, which then comes below them in the same file. A
    store alone gives the layers alone: their input is the features of the network they learned on.
    """
    from edgelearn.export import to_onnx
    from edgelearn.store import Store

    if onto is not None and alone:
        raise ConfigError("--onto and --alone contradict each other; give one of them")
    store, below = (
        (Path(learned), None) if Path(learned).suffix != ".toml" else _from_run(Path(learned), alone)
    )
    with Store(store, read_only=True) as opened:
        snapshot = opened.load(version)
    if onto is not None:
        below = _network(onto)
    wanted = snapshot.meta.get("extractor")
    if below is not None and below.fingerprint != wanted:
        raise ConfigError(
            f"the layers learned on {'plain features' if wanted is None else f'network {wanted[:12]}…'}, and "
            f"{below.path.name} is {below.fingerprint[:12]}…; give that network, cut and scaled as then: a RUN.toml "
            "names all of it"
        )
    report = to_onnx(_ops(snapshot.meta, snapshot.arrays, store), out, onto=below)
    if as_json:
        emit_json(report._asdict())
        return
    if below is None and wanted is not None:
        say(f"the layers alone: a sample is the features of network {wanted[:12]}…, on which they learned")
    click.echo(
        f"{report.path}: {'x'.join(map(str, report.input_shape))} -> {report.n_features} features "
        f"({', '.join(report.operations)}), {report.file_bytes:,} bytes, fingerprint {report.fingerprint[:16]}"
    )


def _from_run(path: Path, alone: bool) -> "tuple[Path, Extractor | None]":
    from edgelearn.run.config import load

    loaded = load(path)
    if loaded.store is None:
        raise ConfigError(
            f"{path} has no [store], so nothing that was learned is kept; give the store's own name"
        )
    if loaded.extractor is None or alone:
        return loaded.store.path, None
    return loaded.store.path, _network(**loaded.extractor.arguments())


def _network(path: str, **declared: Any) -> "Extractor":
    from edgelearn.extractor import Extractor

    return Extractor(path, **declared)


def _ops(meta: Any, arrays: Any, store: Path) -> list[Any]:
    from edgelearn.systems import chain

    if not (configs := meta.get("layers", [])):
        raise ConfigError(
            f"{store} has learned no layers, only a readout ({meta.get('readout')}); there is nothing to write: the "
            "network it learned on is the extractor already"
        )
    ops: list[Any] = []
    for i, config in enumerate(configs):
        if f"layer{i}/w" not in arrays:
            raise ConfigError(
                f"layer {i} of {store} met no sample yet, so it has no weights: let it learn first"
            )
        ops += chain.of_settings(config, arrays[f"layer{i}/w"], f"layer {i}")
    return ops
