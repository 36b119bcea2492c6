"""[[layers]]: what learns between extractor and readout, one table a layer, first to last."""

from collections.abc import Callable, Mapping
from inspect import Parameter, signature
from typing import Any, get_type_hints

from edgelearn import neurons, rules, signals
from edgelearn.conv import Conv
from edgelearn.errors import ConfigError
from edgelearn.layer import Layer
from edgelearn.run import schema
from edgelearn.run.toml import TomlFile

KINDS: dict[str, type[Layer]] = {"dense": Layer, "conv": Conv}
PARTS: dict[str, Callable[..., Any]] = {
    "rule": rules.make,
    "neuron": neurons.make,
    "signal": signals.make,
    "code": neurons.make,
}


def layers_in(file: TomlFile, seed: int | None = None) -> list[Layer]:
    """Return new layers, started from ``seed`` where the file names none.

    Each table has ``n_post`` and ``rule``, and may have ``kind`` ("dense" or "conv") and the other settings of
    `Layer` or `Conv`. A rule, neuron, signal or code is a name, or a table of a name and settings. Raises ConfigError
    that names the file, the line and what to write instead.
    """
    tables = file.values.get("layers", [])
    if not isinstance(tables, list):
        raise file.error(("layers",), "layers are an array of tables: write [[layers]]")
    return [_layer(file, number, {} if seed is None else {"seed": seed}) for number in range(len(tables))]


def _layer(file: TomlFile, number: int, default: Mapping[str, Any]) -> Layer:
    values = file.values["layers"][number]
    name = values.get("kind", "dense") if isinstance(values, Mapping) else "dense"
    if name not in KINDS:
        wanted = " or ".join(KINDS)
        raise file.error(
            ("layers", number, "kind"), f"kind in [[layers]] {number + 1} is {name!r}; it is {wanted}"
        )
    hints = _hints(KINDS[name])
    given = schema.table(
        file, "layers", {"kind": str} | hints, {"n_post", "rule"} | _required(KINDS[name]), number
    )
    settings = {key: value for key, value in given.items() if key != "kind"}
    for key in PARTS.keys() & settings.keys():
        settings[key] = _part(file, number, key, settings[key])
    try:
        return KINDS[name](**{**default, **settings})
    except ConfigError as error:
        key = next((key for key in settings if str(error).startswith(key)), "kind")
        raise file.error(("layers", number, key), f"[[layers]] {number + 1}: {error}") from error


def _part(file: TomlFile, number: int, key: str, value: str | dict[str, Any]) -> Any:
    settings = {"name": value} if isinstance(value, str) else dict(value)
    name = settings.pop("name", None)
    try:
        if not isinstance(name, str):
            raise ConfigError(f'{key} is a name, or a table such as {{name = "softhebb", eta = 0.1}}')
        return PARTS[key](name, **settings)
    except ConfigError as error:
        raise file.error(("layers", number, key), f"[[layers]] {number + 1}: {error}") from error


def _hints(kind: type[Layer]) -> dict[str, Any]:
    """Return the hint of each setting; what is a part may be a name or a table."""
    hints: dict[str, Any] = {}
    for base in (Layer, kind):
        own = get_type_hints(base.__init__)
        hints |= {key: own[key] for key in signature(base).parameters if key != "settings"}
    return hints | dict.fromkeys(PARTS, str | dict)


def _required(kind: type[Layer]) -> set[str]:
    parameters = signature(kind).parameters.values()
    return {
        p.name for p in parameters if p.default is Parameter.empty and p.kind is not Parameter.VAR_KEYWORD
    }
