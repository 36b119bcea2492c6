"""A WAV file as a recording: 16-bit PCM, any channels, its values as they are (int16)."""

import wave
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from edgelearn.emulator.sensors.formats.common import labels_of, rate_of
from edgelearn.emulator.sensors.recording import Recording
from edgelearn.errors import InputError

if TYPE_CHECKING:
    from edgelearn.emulator.sensors.formats import Choice

FULL_SCALE = 32768.0


def from_wav(path: Path, choice: "Choice") -> Recording:
    """Read it whole; raises InputError when it cannot be read or has other samples."""
    if choice.key is not None or isinstance(choice.label, str) or choice.item is not None:
        raise InputError(f"{path.name} has no names to choose from; leave key, item and a label's name out")
    try:
        with wave.open(str(path), "rb") as file:
            channels, width, rate_hz = file.getnchannels(), file.getsampwidth(), file.getframerate()
            data = file.readframes(file.getnframes())
    except (OSError, EOFError, wave.Error) as error:
        raise InputError(
            f"{path} is not a WAV file that can be read: {error or 'it ends too early'}"
        ) from error
    if width != 2:
        raise InputError(f"{path} has {8 * width}-bit samples; 16-bit PCM is needed")
    whole = len(data) // (2 * channels)
    values = np.frombuffer(data, "<i2", whole * channels).reshape(whole, channels).astype(np.int16)
    labels = None if choice.label is None else labels_of(choice.label, [whole])
    return Recording(values, rate_of(choice.rate_hz, rate_hz, str(path)), labels, None, FULL_SCALE)
