"""Samples from arrays, files, folders, lines and devices; windows over signals."""

from edgelearn.sources.array import Arrays
from edgelearn.sources.base import Item, Late, Missed, Pause, Refused, Source
from edgelearn.sources.device import DeviceWindows
from edgelearn.sources.files import Replay
from edgelearn.sources.images import Images
from edgelearn.sources.lines import Lines
from edgelearn.sources.wav import Wavs
from edgelearn.sources.window import windows

__all__ = [
    "KINDS",
    "Arrays",
    "DeviceWindows",
    "Images",
    "Item",
    "Late",
    "Lines",
    "Missed",
    "Pause",
    "Refused",
    "Replay",
    "Source",
    "Wavs",
    "windows",
]

KINDS: dict[str, type[Replay] | type[Lines] | type[Images] | type[Wavs] | type[DeviceWindows]] = {
    "npz": Replay,
    "lines": Lines,
    "images": Images,
    "wav": Wavs,
    "device": DeviceWindows,
}
