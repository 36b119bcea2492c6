"""Brings samples of one shape and dtype to what the network takes: a plan, made once and used for each."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from edgelearn.errors import ConfigError, InputError
from edgelearn.extractor.preprocess import Preprocess
from edgelearn.extractor.resize import Bilinear
from edgelearn.extractor.values import arithmetic, to_integer
from edgelearn.types import Array

Shape = tuple[int | None, ...]
_CHANNELS = (1, 3, 4)
_REAL = "buif"
_COLOURS = {1: "gray", 3: "RGB", 4: "RGBA"}


class Plan(NamedTuple):
    """How to fill the network's input from samples of one shape and dtype."""

    shape: tuple[int, ...]  # of the sample as the network takes it, without batch
    direct: bool  # same shape, same dtype, nothing declared: a copy does it
    fill: Callable[[Array, Array], None]  # (sample, the network's input)
    notes: list[str]


class Adapter:
    """Makes plans for one network input.

    ``shape``: of one sample as the network takes it, without batch, None where it is free.
    """

    def __init__(self, shape: Shape, dtype: "np.dtype[Any]", declared: Preprocess) -> None:
        self.shape = shape
        self.dtype = dtype
        self._declared = declared
        self._layout = image_layout(shape)
        if self._channels is not None:
            self._check_channels(self._channels)
        size = declared.resize
        if isinstance(size, tuple) and not self._takes(size):
            raise ConfigError(
                f"resize to {size[0]}x{size[1]} does not fit a network that takes {self.takes}."
            )

    @property
    def takes(self) -> str:
        """What one sample has to be, in words."""
        layout = f" {self._layout}" if self._layout else ""
        return f"{spell(self.shape)}{layout} {self.dtype}"

    def plan(self, shape: tuple[int, ...], dtype: "np.dtype[Any]") -> Plan:
        """The plan for samples of this shape and dtype. Raises InputError when they cannot be brought."""
        if dtype.kind not in _REAL:
            raise InputError(f"A sample of dtype {dtype} cannot be used; give numbers ({self.takes}).")
        if 0 in shape:
            raise self._refusal(shape, dtype)
        layout = self._layout_of(shape)
        resized = self._declared.resize if isinstance(self._declared.resize, tuple) else None
        fits = _fits(self.shape, shape) and layout == self._layout
        if fits and (resized is None or _size(shape, layout) == resized):
            target, resize = shape, None
        else:
            target, resize = self._image(shape, dtype, layout, resized)
        self._check_channels(target[0 if self._layout == "CHW" else -1] if target else 1)
        value, direct = self._dtype_step(dtype, resize is not None)
        direct = direct and target == shape and layout == self._layout
        notes = [*self._image_notes(shape, layout, target, resize), *self._dtype_notes(dtype)]
        return Plan(
            target,
            direct,
            _filler(_last(layout, len(shape)), _last(self._layout, len(target)), resize, value),
            notes,
        )

    @property
    def _channels(self) -> int | None:
        """Length of the axis that one mean a channel goes along; None where it is free or there is none."""
        return self.shape[0 if self._layout == "CHW" else -1] if self.shape else None

    def _check_channels(self, channels: int) -> None:
        for name, value in (("mean", self._declared.mean), ("std", self._declared.std)):
            if value is not None and len(value) not in (1, channels):
                raise ConfigError(f"{name} has {len(value)} numbers for {channels} channels ({self.takes}).")

    def _layout_of(self, shape: tuple[int, ...]) -> str | None:
        if self._layout is None:
            return None
        if len(shape) == 2:
            return "HW"
        if len(shape) != 3:
            return None
        return self._declared.layout or (self._layout if _fits(self.shape, shape) else image_layout(shape))

    def _image(
        self,
        shape: tuple[int, ...],
        dtype: "np.dtype[Any]",
        layout: str | None,
        resized: tuple[int, int] | None,
    ) -> tuple[tuple[int, ...], Bilinear | None]:
        """Shape an image arrives in, and its resizer. Raises InputError for no image, or other channels."""
        if self._layout is None or layout is None:
            raise self._refusal(shape, dtype)
        channels = 1 if layout == "HW" else shape[2 if layout == "HWC" else 0]
        wanted = self._channels
        if wanted is None:
            raise self._refusal(shape, dtype)
        if channels not in (1, wanted):
            raise self._refusal(shape, dtype, _convert(wanted))
        size = _size(shape, layout)
        fixed = self.shape[:2] if self._layout == "HWC" else self.shape[1:]
        goal = resized or tuple(
            mine if mine is not None else its for mine, its in zip(fixed, size, strict=True)
        )
        height, width = goal
        target = (height, width, wanted) if self._layout == "HWC" else (wanted, height, width)
        if goal == size:
            return target, None
        picture = (
            wanted > 1
            or dtype.kind in "ui"
            or (height == width and size[0] == size[1])
            or resized is not None
        )
        if self._declared.resize is False or not picture:
            raise self._refusal(shape, dtype)
        return target, Bilinear(size, (height, width), channels)

    def _takes(self, size: tuple[int, int]) -> bool:
        if self._layout is None:
            return False
        return _fits(self.shape[:2] if self._layout == "HWC" else self.shape[1:], size)

    def _refusal(self, shape: tuple[int, ...], dtype: "np.dtype[Any]", hint: str = "") -> InputError:
        if not hint and self._is_batch(shape, dtype):
            hint = "leave out the batch dimension" if shape[0] == 1 else "give many samples to many()"
        hint = hint and f"; {hint}"
        got = f"{spell(shape)} {dtype}"
        return InputError(f"The network takes one sample of {self.takes}, and this one is {got}{hint}.")

    def _is_batch(self, shape: tuple[int, ...], dtype: "np.dtype[Any]") -> bool:
        """Whether each row along the first axis would do as a sample."""
        try:
            return len(shape) > 1 and bool(self.plan(shape[1:], dtype))
        except (InputError, ConfigError):
            return False

    def _dtype_step(self, dtype: "np.dtype[Any]", resized: bool) -> tuple[Callable[[Array], Array], bool]:
        declared, target = self._declared, self.dtype
        steps: list[Callable[[Array], Array]] = []
        if declared.arithmetic:
            steps.append(arithmetic(declared))
        if target.kind in "ui" and (dtype != target or declared.arithmetic or resized):
            steps.append(to_integer(target))

        def value(sample: Array) -> Array:
            for step in steps:
                sample = step(sample)
            return sample

        return value, not steps and dtype == target and not resized

    def _image_notes(
        self, shape: tuple[int, ...], layout: str | None, target: tuple[int, ...], resize: Bilinear | None
    ) -> list[str]:
        if layout is None or self._layout is None:
            return []
        notes = []
        if resize is not None:
            size, goal = _size(shape, layout), _size(target, self._layout)
            notes.append(f"images of {size[0]}x{size[1]} are resized to {goal[0]}x{goal[1]} (bilinear)")
        channels = 1 if layout == "HW" else shape[2 if layout == "HWC" else 0]
        wanted = target[2 if self._layout == "HWC" else 0]
        if channels != wanted:
            notes.append(f"gray images are repeated in {wanted} channels")
        if layout not in ("HW", self._layout):
            notes.append(f"samples are brought from {layout} to {self._layout}")
        return notes

    def _dtype_notes(self, dtype: "np.dtype[Any]") -> list[str]:
        if self.dtype.kind == "f" and dtype == np.uint8 and not self._declared.arithmetic:
            return ["values 0..255 are fed as they are; declare scale (--scale) if the network expects 0..1"]
        if self.dtype.kind not in "ui" or (dtype == self.dtype and not self._declared.arithmetic):
            return []
        limits = np.iinfo(self.dtype)
        if dtype.kind in "ui" and not self._declared.arithmetic:
            inside = np.iinfo(dtype)
            if inside.min >= limits.min and inside.max <= limits.max:
                return []
        note = f"values are rounded to {self.dtype} and clipped to {limits.min}..{limits.max}"
        if self._declared.arithmetic:
            return [note]
        hint = "mean=128" if (dtype.name, self.dtype.name) == ("uint8", "int8") else "scale and mean"
        return [f"{note}; nothing is scaled, declare {hint} if the network expects it"]


def image_layout(shape: tuple[int | None, ...]) -> str | None:
    """HWC or CHW when this looks like an image (one axis of 1, 3 or 4 at an end), else None."""
    if len(shape) != 3:
        return None
    if shape[2] in _CHANNELS:
        return "HWC" if shape[0] not in _CHANNELS or shape[0] == 1 else "CHW" if shape[2] == 1 else "HWC"
    return "CHW" if shape[0] in _CHANNELS else None


def spell(shape: tuple[int | None, ...]) -> str:
    """A shape in words: 32x32x3, with ? where it is free."""
    return "x".join("?" if size is None else str(size) for size in shape) or "one number"


def _convert(channels: int) -> str:
    words = f"convert it to {_COLOURS.get(channels, f'{channels} channels')} first"
    return words + (f" (`channels = {channels}` for edgelearn run)" if channels in (1, 3) else "")


def _fits(wanted: tuple[int | None, ...], shape: tuple[int, ...]) -> bool:
    return len(wanted) == len(shape) and all(a in (None, b) for a, b in zip(wanted, shape, strict=True))


def _size(shape: tuple[int, ...], layout: str | None) -> tuple[int, int]:
    return (shape[1], shape[2]) if layout == "CHW" else (shape[0], shape[1])


def _last(layout: str | None, rank: int) -> tuple[int, ...]:
    """The axes that put channels last (an image without channel axis gets one, see _filler)."""
    return (1, 2, 0) if layout == "CHW" else tuple(range(rank))


def _filler(
    source: tuple[int, ...], target: tuple[int, ...], resize: Bilinear | None, value: Callable[[Array], Array]
) -> Callable[[Array, Array], None]:
    def fill(sample: Array, into: Array) -> None:
        view = sample.transpose(source)
        if view.ndim < len(target):
            view = view[..., None]
        if resize is not None:
            view = resize(view)
        np.copyto(into.transpose(target), value(view), casting="unsafe")

    return fill
