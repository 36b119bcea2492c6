"""Samples from a folder of WAV files: windows of sound."""

import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import numpy as np

from edgelearn.errors import InputError
from edgelearn.sources.base import Item, Pause, Refused
from edgelearn.sources.folder import Folder, Labels
from edgelearn.sources.options import Above
from edgelearn.sources.window import windows
from edgelearn.types import F32, Sample

SUFFIXES = (".wav",)
BLOCK_FRAMES = 1 << 14
Scale: TypeAlias = Literal["int16", "unit"]
FULL_SCALE: dict[Scale, float] = {"int16": 1.0, "unit": 32768.0}


@dataclass(frozen=True)
class Wavs:
    """Windows (window,) float32 of 16-bit PCM files at ``rate_hz``, in the order of their names.

    Channels are averaged. Values are those of the file (``scale = "int16"``) or in [-1, 1) ("unit"). The id
    is ``name@start``, in samples. With ``pad`` a file shorter than a window is filled up with zeros;
    without, it is refused. ``labels``, ``watch`` and ``poll_s`` are those of a folder of images.
    """

    path: Path
    rate_hz: Annotated[int, Above(0)]
    window: Annotated[int, Above(0)]
    hop: Annotated[int, Above(0)] | None = None
    scale: Scale = "int16"
    pad: bool = False
    labels: Labels = "none"
    watch: bool = False
    poll_s: Annotated[float, Above(0)] = 1.0

    def __iter__(self) -> Iterator[Item]:
        """Open the folder; raises InputError without a file to read."""
        folder = Folder(self.path, SUFFIXES, self.labels)
        return self._items(folder, folder.watch(self.poll_s) if self.watch else folder.once())

    def _items(self, folder: Folder, paths: Iterator[Path | Pause]) -> Iterator[Item]:
        for path in paths:
            if isinstance(path, Pause):
                yield path
                continue
            name = folder.name(path)
            try:
                start = None
                for start, x in self._windows(path):
                    yield Sample(f"{name}@{start}", x, folder.label(path))
                if start is None:
                    raise InputError(f"{path} ends before its first window is full; it is cut short")
            except InputError as error:
                yield Refused(name, str(error))

    def _windows(self, path: Path) -> Iterator[tuple[int, F32]]:
        hop = self.hop or self.window
        try:
            with wave.open(str(path), "rb") as file:
                self._check(path, file)
                short = self.window - file.getnframes()
                if short > 0 and not self.pad:
                    raise InputError(
                        f"{path} has {file.getnframes()} samples, a window needs {self.window}; "
                        "pad = true fills it up with zeros"
                    )
                yield from windows(self._blocks(file, max(short, 0)), self.window, hop)
        except (OSError, EOFError, wave.Error) as error:
            raise InputError(
                f"{path} is not a WAV file that can be read: {error or 'it ends too early'}"
            ) from error

    def _check(self, path: Path, file: wave.Wave_read) -> None:
        if file.getframerate() != self.rate_hz:
            raise InputError(
                f"{path} is sampled at {file.getframerate()} Hz, rate_hz is {self.rate_hz}; resample the file"
            )
        if file.getsampwidth() != 2:
            raise InputError(f"{path} has {8 * file.getsampwidth()}-bit samples; 16-bit PCM is needed")

    def _blocks(self, file: wave.Wave_read, padding: int) -> Iterator[F32]:
        channels = file.getnchannels()
        while data := file.readframes(BLOCK_FRAMES):
            whole = len(data) // (2 * channels)
            frames = np.frombuffer(data, "<i2", whole * channels).reshape(whole, channels)
            yield frames.mean(axis=1, dtype=np.float32) / np.float32(FULL_SCALE[self.scale])
        yield np.zeros(padding, np.float32)
