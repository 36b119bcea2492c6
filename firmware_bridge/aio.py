"""The calls of `device.Device` for asyncio: the same device, one thread of its own for commands, one for windows.

Commands are carried out in the order they are awaited in; ``learn(…, wait=False)`` and ``flush`` keep the line busy.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar

from firmware_bridge import arguments
from firmware_bridge.device import Device, Prediction, State, Statistics, connect
from firmware_bridge.identity import Info
from firmware_bridge.protocol.errors import DeadlineError, PortError
from firmware_bridge.transport import virtual
from firmware_bridge.windows import Window

T = TypeVar("T")
LOOK_S = 0.1  # a window that is waited for may be given up so soon


async def connect_async(url: str | os.PathLike[str], **options: Any) -> "AsyncDevice":
    """Open ``url`` as `device.connect` does, with its options, without holding the loop up.

    Raises PortError for a port with a virtual time as well: it passes in one thread, and a loop has several.
    """
    commands = ThreadPoolExecutor(1, "firmware_bridge_commands")
    opening = commands.submit(partial(_connected, url, **options))
    try:
        device = await asyncio.wrap_future(opening)
    except asyncio.CancelledError:
        opening.add_done_callback(_discard)
        commands.shutdown(wait=False)
        raise
    except Exception:
        commands.shutdown()
        raise
    return AsyncDevice(device, commands)


def _connected(url: str | os.PathLike[str], **options: Any) -> Device:
    if virtual(arguments.port(url)):  # asked before time passes, in this thread, for a greeting
        raise PortError(f"{url} lives on a virtual clock, which asyncio cannot turn; use device.connect")
    return connect(url, **options)


def _discard(opening: "Future[Device]") -> None:
    """Close what was opened for nobody."""
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()


class AsyncDevice:
    """Made by `connect_async`; calls and errors are those of `Device`."""

    def __init__(self, device: Device, commands: ThreadPoolExecutor) -> None:
        self._device, self._commands = device, commands
        self._windows = ThreadPoolExecutor(1, "firmware_bridge_windows")

    @property
    def url(self) -> str:
        return self._device.url

    def hello(self) -> Info:
        return self._device.hello()

    async def configure(
        self, *, rate_hz: int, window: int, channels: int = 1, features: Iterable[str] = ()
    ) -> None:
        await self._call(
            self._device.configure, rate_hz=rate_hz, window=window, channels=channels, features=features
        )

    async def stream(self, on: bool = True) -> None:
        await self._call(self._device.stream, on)

    async def windows(self, timeout_s: float | None = None) -> AsyncIterator[Window]:
        loop = asyncio.get_running_loop()
        waited_s = 0.0
        while not self._device.ended:
            window = await loop.run_in_executor(self._windows, self._device.next_window, LOOK_S)
            if window is not None:
                waited_s = 0.0
                yield window
            elif not self._device.streaming:
                return
            elif timeout_s is not None and (waited_s := waited_s + LOOK_S) >= timeout_s:
                raise DeadlineError(
                    f"no window from {self.url} for {timeout_s:g} s: has `stream()` been called?"
                )

    async def predict(self, x: Any = None) -> Prediction:
        return await self._call(self._device.predict, x)

    async def learn(self, x: Any, label: int | None, *, wait: bool = True) -> None:
        await self._call(self._device.learn, x, label, wait=wait)

    async def learn_last(self, label: int | None) -> None:
        await self._call(self._device.learn_last, label)

    async def reward(self, reward: float) -> None:
        await self._call(self._device.reward, reward)

    async def flush(self) -> None:
        await self._call(self._device.flush)

    async def read_state(self) -> State:
        return await self._call(self._device.read_state)

    async def write_state(self, state: State) -> None:
        await self._call(self._device.write_state, state)

    async def save(self) -> None:
        await self._call(self._device.save)

    async def reset(self, what: str = "learned") -> None:
        await self._call(self._device.reset, what)

    async def statistics(self, *, device: bool = True) -> Statistics:
        return await self._call(self._device.statistics, device=device)

    async def close(self) -> None:
        await self._close(tell=True)

    async def _close(self, tell: bool) -> None:
        try:
            await asyncio.to_thread(self._device.close, tell=tell)  # a command that waits ends with it
        finally:
            self._commands.shutdown()
            self._windows.shutdown()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None and not self._device.ended:
                await self.flush()
        finally:
            await self._close(tell=False)  # an error on its way comes first

    async def _call(self, function: Callable[..., T], *given: Any, **named: Any) -> T:
        work = partial(function, *given, **named)
        return await asyncio.get_running_loop().run_in_executor(self._commands, work)
