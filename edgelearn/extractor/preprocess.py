"""What is done to a sample before the network sees it, as declared; it travels in the cut file as JSON.

Order: to float32, resize, times scale, minus mean, over std, layout, the network's dtype (rounded and clipped
for integers). Layout and dtype are brought to what the network takes by themselves; scaling never is.
"""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, TypeAlias

from edgelearn.errors import ConfigError, ModelError

Numbers: TypeAlias = float | Iterable[float]
Resize: TypeAlias = bool | tuple[int, int]
LAYOUTS = ("HWC", "CHW")


@dataclass(frozen=True, slots=True)
class Preprocess:
    """A declaration; None everywhere means: nothing declared, the default holds.

    ``resize``: None or True = images of another size are resized to the network's (bilinear); False = they
    are refused; (height, width) = to this size, for networks that take any. ``constants``: values of extra
    inputs.
    """

    scale: float | None = None
    mean: tuple[float, ...] | None = None  # one number, or one a channel
    std: tuple[float, ...] | None = None
    layout: str | None = None  # of the samples; None = seen from their shape
    resize: Resize | None = None
    constants: Mapping[str, Any] = field(default_factory=dict)

    @property
    def arithmetic(self) -> bool:
        """Whether values change (beyond resizing)."""
        return any(value is not None for value in (self.scale, self.mean, self.std))

    def to_json(self) -> str:
        """Canonical JSON: the same declaration always gives the same bytes."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))

    def over(self, below: "Preprocess") -> "Preprocess":
        """What is declared here, and where nothing is, what was declared below."""
        mine = {name: value for name in _NAMES if (value := getattr(self, name)) is not None}
        return replace(below, **mine, constants={**below.constants, **self.constants})


_NAMES = ("scale", "mean", "std", "layout", "resize")


def declare(
    scale: float | None = None,
    mean: Numbers | None = None,
    std: Numbers | None = None,
    layout: str | None = None,
    resize: Resize | None = None,
    constants: Mapping[str, Any] | None = None,
) -> Preprocess:
    """A checked declaration. Raises ConfigError for an impossible value."""
    numbers = {"scale": _floats("scale", scale), "mean": _floats("mean", mean), "std": _floats("std", std)}
    if numbers["scale"] is not None and len(numbers["scale"]) != 1:
        raise ConfigError(
            "scale is one number; to scale each channel by itself give std, one number a channel."
        )
    if numbers["std"] is not None and not all(numbers["std"]):
        raise ConfigError("std has a zero, and samples are divided by it; give numbers other than 0.")
    if layout not in (None, *LAYOUTS):
        raise ConfigError(f"layout {layout!r} is not known; give HWC or CHW, or leave it out.")
    if resize is not None and not isinstance(resize, bool):
        resize = (int(resize[0]), int(resize[1]))
        if min(resize) < 1:
            raise ConfigError(
                f"resize to {resize[0]}x{resize[1]} is not a size; give height and width, both at least 1."
            )
    first = numbers["scale"][0] if numbers["scale"] else None
    return Preprocess(first, numbers["mean"], numbers["std"], layout, resize, _plain(constants or {}))


def from_json(text: str) -> Preprocess:
    """The declaration a cut file carries. Raises ModelError when it is damaged or of a newer edgelearn."""
    try:
        read = json.loads(text)
        read["resize"] = tuple(read["resize"]) if isinstance(read["resize"], list) else read["resize"]
        return declare(**read)
    except (ValueError, TypeError, KeyError) as error:
        raise ModelError(
            f"The preprocessing in this file cannot be read ({error}); cut it again with this version."
        ) from error


def _floats(name: str, value: Numbers | None) -> tuple[float, ...] | None:
    if value is None:
        return None
    try:
        numbers = tuple(float(item) for item in (value if isinstance(value, Iterable) else (value,)))
    except (TypeError, ValueError):
        raise ConfigError(f"{name} {value!r} is not a number, nor one number a channel.") from None
    if not numbers or not all(map(math.isfinite, numbers)):
        raise ConfigError(f"{name} {value!r} has to be finite: one number, or one a channel.")
    return numbers


def _plain(constants: Mapping[str, Any]) -> dict[str, Any]:
    """NumPy values as lists and numbers, so that they fit in JSON."""
    return {name: value.tolist() if hasattr(value, "tolist") else value for name, value in constants.items()}
