from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from firmware_bridge import memory
from firmware_bridge.device import Device, connect
from tests.bridge.host.fake import FakeDevice, Pty


class Bench:
    """A device on a line, by memory or by a pty below a link; everything ends with the test."""

    def __init__(self, folder: Path) -> None:
        self.link = folder / "usb-fake-if00"
        self._open: list[Callable[[], None]] = []

    def plugged(self, device: FakeDevice) -> str:
        """Put a device on a pty; pull it with ``device.pull()``."""
        port = Pty(self.link)
        device.attach(port)
        self._open += [device.pull, port.close]
        return str(self.link)

    def named(self, device: FakeDevice, name: str = "fake") -> str:
        """Put a device in memory."""
        plug = memory.plug(name, device.attach)
        self._open += [plug.pull, device.pull]
        return f"memory://{name}"

    def connect(self, url: str, **options: Any) -> Device:
        device = connect(url, **{"timeout_s": 30.0} | options)
        self._open.insert(0, device.close)
        return device

    def close(self) -> None:
        for end in self._open:
            end()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.close()
