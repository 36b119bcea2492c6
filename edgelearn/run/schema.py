"""Values of a configuration checked against type hints; what a hint says is what a table may hold."""

import json
import types
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from edgelearn.run.toml import Keys, TomlFile, place
from edgelearn.sources.options import Above, Between

_WORDS = {str: "text", int: "a whole number", float: "a number", bool: "true or false", Path: "a path"}


class MismatchError(ValueError):
    """The value is not what the hint says; the message is what is needed."""


def table(
    file: TomlFile, name: str, hints: Mapping[str, Any], required: set[str], number: int | None = None
) -> dict[str, Any]:
    """Return the checked values of a table, or of the one with this number in an array of tables.

    Raises ConfigError for unknown, wrong and missing keys.

    ``hints`` gives the type of each key; a hint of ``Any`` lets everything pass. Relative paths are taken
    from the folder of the file.
    """
    keys: Keys = (name,) if number is None else (name, number)
    values = file.values.get(name, {}) if number is None else file.values[name][number]
    if not isinstance(values, dict):
        raise file.error(keys, f"{name} is a table: write [{name}]")
    checked = {}
    for key, value in values.items():
        if key not in hints:
            raise file.unknown((*keys, key), list(hints))
        try:
            checked[key] = check(value, hints[key], file.path.parent)
        except MismatchError as error:
            sentence = f"{key} in {place(keys)} is {value!r}; it must be {error}"
            raise file.error((*keys, key), sentence) from None
    for key in sorted(required - values.keys()):
        raise file.error(keys, f"{place(keys)} needs the key {key!r}")
    return checked


def check(value: Any, hint: Any, folder: Path) -> Any:
    """Return the value as the hint wants it; raises MismatchError."""
    if hint is Any:
        return value
    origin = get_origin(hint)
    if origin is Annotated:
        inner, *limits = get_args(hint)
        return _limited(check(value, inner, folder), limits)
    if origin is Literal:
        choices = get_args(hint)
        if (type(value), value) not in [(type(choice), choice) for choice in choices]:
            raise MismatchError(" or ".join(json.dumps(choice) for choice in choices))
        return value
    if origin in (Union, types.UnionType):
        return _one_of(value, [choice for choice in get_args(hint) if choice is not type(None)], folder)
    if origin in (list, tuple, Sequence):
        return _list(value, hint, folder)
    return _plain(value, hint, folder)


def _plain(value: Any, hint: type, folder: Path) -> Any:
    if hint is Path and isinstance(value, str):
        return folder / value
    if hint is float and type(value) is int:
        return float(value)
    if type(value) is not hint:
        raise MismatchError(_WORDS.get(hint, "a table"))
    return value


def _one_of(value: Any, choices: list[Any], folder: Path) -> Any:
    needs = []
    for choice in choices:
        try:
            return check(value, choice, folder)
        except MismatchError as error:
            needs.append(str(error))
    raise MismatchError(" or ".join(needs))


def _list(value: Any, hint: Any, folder: Path) -> Any:
    inner = get_args(hint)
    item = inner[0]
    kind = tuple if get_origin(hint) is tuple else list
    length = len(inner) if kind is tuple else None
    if not isinstance(value, list) or length not in (None, len(value)):
        raise MismatchError(f"a list of {length} values" if length else "a list")
    try:
        return kind(check(entry, item, folder) for entry in value)
    except MismatchError as error:
        raise MismatchError(f"a list in which each is {error}") from None


def _limited(value: Any, limits: list[Any]) -> Any:
    for limit in limits:
        if isinstance(limit, Above | Between) and not limit.holds(value):
            raise MismatchError(str(limit))
    return value
