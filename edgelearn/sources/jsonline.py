"""One line of JSON: a sample, or the truth about an earlier decision. Every error is an InputError."""

import json
from collections.abc import Mapping
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from edgelearn.errors import InputError
from edgelearn.sources.base import Late
from edgelearn.sources.picture import Channels, read_picture
from edgelearn.types import Array, Label, Sample

SAMPLE_KEYS = ("id", "x", "path", "label")
LATE_KEYS = ("ticket", "label", "reward")


def parse(line: bytes) -> dict[str, Any]:
    """Return the JSON object on a line."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"the line is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise InputError(f"the line holds {_kind(value)}; an object in braces is needed")
    return value


def sample_of(value: Mapping[str, Any], default_id: int, channels: Channels = 3) -> Sample:
    """Return the sample of ``{"id", "x" | "path", "label"}``; id and label may be absent."""
    _only(value, SAMPLE_KEYS)
    name = value.get("id", default_id)
    if not isinstance(name, str | int) or isinstance(name, bool):
        raise InputError(f"an id is text or a whole number, not {_kind(name)}")
    if ("x" in value) == ("path" in value):
        raise InputError('a sample has either "x" (numbers) or "path" (an image file)')
    x = _numbers(value["x"]) if "x" in value else _picture(value["path"], channels)
    return Sample(name, x, None if value.get("label") is None else _label(value["label"]))


def late_of(value: Mapping[str, Any]) -> Late:
    """Return the ticket and label, or reward, of ``{"ticket", "label" | "reward"}``."""
    _only(value, LATE_KEYS)
    if "label" in value and "reward" in value:
        raise InputError("feedback has a label or a reward, not both")
    for keys in (("ticket",), ("label", "reward")):
        if not any(key in value for key in keys):
            wanted = '{"ticket": …, "label": …} or {"ticket": …, "reward": …}'
            raise InputError(f'feedback is {wanted}; "{keys[0]}" is missing')
    if not isinstance(value["ticket"], str):
        raise InputError(f"a ticket is text, as it came with the decision, not {_kind(value['ticket'])}")
    if "reward" in value:
        return Late(value["ticket"], None, _reward(value["reward"]))
    return Late(value["ticket"], _label(value["label"]))


def _reward(value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value):
        return value
    raise InputError(f"a reward is a finite number, not {_kind(value)}")


def _only(value: Mapping[str, Any], keys: tuple[str, ...]) -> None:
    for key in value:
        if key not in keys:
            raise InputError(f"unknown key {key!r}; known are {', '.join(keys)}")


def _label(value: object) -> Label:
    if isinstance(value, str | int) and not isinstance(value, bool):
        return value
    raise InputError(f"a label is text or a whole number, not {_kind(value)}")


def _numbers(value: object) -> Array:
    try:
        x = np.asarray(value)
    except ValueError:
        raise InputError("x is not a regular array: its rows differ in length") from None
    if not isinstance(value, list) or x.dtype.kind not in "fiub":
        raise InputError("x is a list of numbers, nested for several axes")
    if x.dtype == np.float64:
        with np.errstate(over="ignore"):  # becomes infinity, which the learner refuses with the reason
            return x.astype(np.float32)
    return x


def _picture(value: object, channels: Channels) -> Array:
    if not isinstance(value, str):
        raise InputError(f"a path is text, not {_kind(value)}")
    return read_picture(Path(value), channels)


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "null"}
    return names.get(type(value), f"the number {value}")
