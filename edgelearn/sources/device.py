"""Windows from a device on a serial line, with the time at which they were sampled; what was lost is said."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import numpy as np

from edgelearn.errors import InputError
from edgelearn.sources.base import Item, Missed, Pause
from edgelearn.sources.options import Above, Between
from edgelearn.sources.wav import FULL_SCALE, Scale
from edgelearn.types import F32, Sample

if TYPE_CHECKING:
    from firmware_bridge.device import Device
    from firmware_bridge.notices import Notice
    from firmware_bridge.windows import Window

Feature: TypeAlias = Literal["mean", "variance", "energy", "crossings"]
POLL_S = 0.005  # how long a window may lie here before it is seen
KEY_BYTES = 32


@dataclass(frozen=True)
class DeviceWindows:
    """Windows of ``window`` samples at ``rate_hz``, (window,) float32 or, of several channels, (window, channels).

    ``port`` is a path or URL as `firmware_bridge.connect` takes it. Values are those sampled (``scale = "int16"``) or
    in [-1, 1) ("unit"). With ``features`` the device sends those instead, (channels · features,), channel by channel.
    The id counts the windows made since the first that arrived; a `Missed` stands where some did not arrive. A device
    that is unplugged or restarts goes on once it is back; ``timeout_s`` is how long the first answers may take.
    ``key_file`` holds the 32 bytes a device with a key wants. On a port with a virtual time the source lets that pass
    itself, and its pauses are of 0 seconds: whoever drives it need not know of it.
    """

    port: str
    rate_hz: Annotated[int, Above(0)]
    window: Annotated[int, Above(0)]
    channels: Annotated[int, Between(1, 8)] = 1
    features: list[Feature] | None = None
    scale: Scale = "int16"
    baud: Annotated[int, Above(0)] = 115200
    key_file: Path | None = None
    timeout_s: Annotated[float, Above(0)] = 5.0

    def __iter__(self) -> Iterator[Item]:
        """Connect and start the stream; raises InputError when there is no such device, or it cannot do that."""
        from firmware_bridge.notices import Restarted

        restarts: SimpleQueue[Notice] = SimpleQueue()

        def notice(told: "Notice") -> None:
            if isinstance(told, Restarted):
                restarts.put(told)

        return self._items(self._started(notice), restarts)

    def _started(self, notice: "Callable[[Notice], None]") -> "Device":
        from firmware_bridge.device import connect
        from firmware_bridge.protocol.errors import BridgeError

        key = self._key()
        try:
            device = connect(self.port, baud=self.baud, key=key, timeout_s=self.timeout_s, notice=notice)
        except BridgeError as error:
            raise InputError(str(error)) from error
        try:
            device.configure(
                rate_hz=self.rate_hz, window=self.window, channels=self.channels, features=self.features or ()
            )
            device.stream(True)
        except BridgeError as error:
            device.close(tell=False)
            raise InputError(str(error)) from error
        return device

    def _key(self) -> bytes | None:
        if self.key_file is None:
            return None
        try:
            key = self.key_file.read_bytes()
        except OSError as error:
            raise InputError(f"the key {self.key_file} cannot be read: {error.strerror}") from error
        if len(key) != KEY_BYTES:
            raise InputError(f"the key {self.key_file} has {len(key)} bytes; a key has {KEY_BYTES}")
        return key

    def _items(self, device: "Device", restarts: "SimpleQueue[Notice]") -> Iterator[Item]:
        from firmware_bridge.protocol.errors import BridgeError, DeadlineError

        made: int | None = None  # windows since the first that arrived
        here_s, elsewhere_s = (POLL_S, 0.0) if device.virtual else (0.0, POLL_S)  # where to wait
        try:
            while True:
                try:
                    window = next(device.windows(timeout_s=here_s), None)
                except DeadlineError:
                    yield Pause(elsewhere_s)
                    continue
                except BridgeError as error:
                    raise InputError(str(error)) from error
                if window is None:  # closed by somebody else
                    return
                while not restarts.empty():
                    restarts.get()
                    yield Missed(None, "the device restarted; windows it had not sent went with its memory")
                # what was made before the source was there is not missed
                if gap := 0 if made is None else window.gap:
                    yield Missed(gap, f"{gap} windows before {window.index} did not arrive")
                made = (made or 0) + gap
                yield Sample(made, self._values(window), None, device.wall_s(window.time_s))
                made += 1
        finally:
            with suppress(BridgeError):
                device.stream(False)
            device.close(tell=False)

    def _values(self, window: "Window") -> F32:
        values = np.asarray(window.values)
        if window.format == "features":
            return values.astype(np.float32).reshape(-1)
        samples = np.ascontiguousarray(values.T, np.float32)
        if window.format == "i16":
            samples /= np.float32(FULL_SCALE[self.scale])
        return samples[:, 0] if self.channels == 1 else samples
