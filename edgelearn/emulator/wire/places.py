"""Where a wire's ends are: a name in a folder, a name in memory, a device; and the time they live by."""

from pathlib import Path
from random import Random

from edgelearn.emulator.boards.serving import Served
from edgelearn.emulator.clock import VirtualClock
from edgelearn.emulator.scratch import Scratch
from edgelearn.emulator.wire import options
from edgelearn.emulator.wire.devices import ClockSocket, ThreadSocket
from edgelearn.emulator.wire.ptys import PtySocket
from edgelearn.emulator.wire.sockets import MemorySocket, Socket
from edgelearn.errors import ConfigError
from firmware_bridge import memory
from firmware_bridge.timebase import Timebase


class Base:
    """A clock's time, and random numbers for the host on it, by the wire's seed and when the wire was made: on a later
    wire to the same device the host is another one, or the device would go on with the session of the one before."""

    def __init__(self, clock: VirtualClock, seed: int) -> None:
        self.now_us, self.at, self.until = clock.now_us, clock.at, clock.until
        self.entropy = Random(f"{seed} host {clock.now_us()}").randbytes


class Places:
    """What the wire is plugged into; ``own`` is a folder to be taken away with it."""

    def __init__(
        self, name: str, baud: int, base: Timebase | None, folder: str | Path | None, *, pty: bool
    ) -> None:
        self.own: Scratch | None = None
        self._name, self._baud, self._base, self._folder, self._pty = name, baud, base, folder, pty

    def named(self, suffix: str) -> Socket:
        """Return an end that others open. Raises ConfigError for a name that is taken."""
        name = self._name + suffix
        if not self._pty:
            if f"memory://{name}" in memory.names():
                raise ConfigError(f"memory://{name} is plugged in already; give this wire another name")
            return MemorySocket(name, self._baud, self._base)
        if self._folder is None:
            self.own = Scratch("edgelearn-wire-")
            self._folder = self.own.path
        socket = PtySocket(options.folder_of_names(self._folder), name)
        if Path(socket.url).exists():  # one that leads nowhere is of a program that was killed
            raise ConfigError(f"{socket.url} is there already; give this wire another name or folder")
        return socket

    def device(self, device: Served) -> Socket:
        """Return an end where ``device`` hangs."""
        if self._base is None:
            return ThreadSocket(device, self._baud)
        return ClockSocket(device, self._baud, self._base)
