"""A board in QEMU behind the interface of `board.Board`: the second judge, in real time.

>>> with open_board("cortex-m4f", engine="qemu") as board, serving(board, "bench") as runner: connect(runner.url)

Rule: what QEMU cannot do is refused with UnsupportedError, which names what can: there is no cut of power that keeps
flash, no instruction to stop at, no count, no sensor. Its time is that of the clock it is given, and it runs by its
own.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from edgelearn.closing import Closing
from edgelearn.emulator.boards import elf
from edgelearn.emulator.boards.attached import Read
from edgelearn.emulator.boards.qemu import QemuBoard
from edgelearn.emulator.boards.spec import Spec, fit
from edgelearn.errors import UnsupportedError

CHUNK_BYTES = 65_536


class ServedQemu(Closing):
    """One board; ``seed`` is what the firmware finds as its random number.

    Raises QemuError when QEMU is absent or does not start, ElfError and BoardError as `Board`.
    """

    on = True

    def __init__(self, image: Path, spec: Spec, *, seed: int = 0) -> None:
        fit(elf.read(image), spec)
        self.spec, self.now_us = spec, 0
        self._qemu = QemuBoard(image, spec.port, seed=seed)
        self._port: Any = None
        self._said = bytearray()
        self._waiting = bytearray()  # that QEMU has not taken yet

    def connected(self, now_us: int) -> None:
        """Take a fresh line."""
        from firmware_bridge.transport import open_port

        self.disconnected(now_us)
        self._port = open_port(self._qemu.url)

    def disconnected(self, now_us: int) -> None:
        """Lose the line."""
        self.now_us = now_us
        if self._port is not None:
            self._port.close()
        self._port = None
        self._said.clear()
        self._waiting.clear()

    def receive(self, data: bytes, now_us: int) -> list[object]:
        """Take bytes from the line."""
        self.now_us = now_us
        if self._port is not None:
            self._waiting += data
            self._give()
        return []

    def transmit(self, now_us: int, room: int) -> bytes:
        """Return what the board has for the line."""
        self.now_us = now_us
        if self._port is None:
            return b""
        self._give()
        self._said += self._port.read(0)
        data = bytes(self._said[:room])
        del self._said[: len(data)]
        return data

    def _give(self) -> None:
        if self._waiting and (room := min(self._port.room(), CHUNK_BYTES)):
            del self._waiting[: self._port.write(bytes(self._waiting[:room]))]

    def reset(self, *, at_instruction: int | None = None) -> None:
        """Press the button: RAM stays, and the slots that lie in it."""
        if at_instruction is not None:
            _unsupported("be reset at an instruction")
        self._qemu.reset()

    def close(self) -> None:
        """Switch off."""
        self.disconnected(self.now_us)
        self._qemu.close()

    def attach_sensor(self, read: Read | None) -> None:
        """Refused, but for None: the sensor counts."""
        if read is not None:
            _unsupported("be given a sensor")

    power_cut: Callable[..., NoReturn] = staticmethod(
        lambda **_: _unsupported("lose power and keep its flash")
    )
    power_on: Callable[..., NoReturn] = staticmethod(lambda: _unsupported("lose power and keep its flash"))
    brown_out: Callable[..., NoReturn] = staticmethod(lambda **_: _unsupported("be browned out"))
    flip: Callable[..., NoReturn] = staticmethod(lambda *_, **__: _unsupported("have bits flipped"))
    flip_randomly: Callable[..., NoReturn] = staticmethod(lambda *_: _unsupported("have bits flipped"))
    age_flash: Callable[..., NoReturn] = staticmethod(lambda *_: _unsupported("wear its flash out"))
    functions: Callable[..., NoReturn] = staticmethod(lambda: _unsupported("count instructions"))
    report: Callable[..., NoReturn] = staticmethod(lambda: _unsupported("report what it took"))

    @property
    def instructions(self) -> int:
        _unsupported("count instructions")

    @property
    def stack_high_water_bytes(self) -> int:
        _unsupported("look at its stack")

    @property
    def ram_used_bytes(self) -> int:
        _unsupported("look at its RAM")

    @property
    def wear(self) -> NoReturn:
        _unsupported("wear its flash out")


def _unsupported(what: str) -> NoReturn:
    raise UnsupportedError(f"a board in QEMU cannot {what}; open it with engine='unicorn'")
