"""The peripheral that only emulated boards have (``emulator.h`` of the firmware): a sensor, and a flash controller.

Rule: a sample is of the moment the firmware names, not of the one it reads at: it may come to it late.
"""

from collections.abc import Callable

from edgelearn.emulator.boards.flash import Flash

Read = Callable[[int, int], int]  # time in microseconds, channel -> sample, int16

ID_AT, PAGE_AT, ERASE_AT, SENSOR_AT, TIME_AT, CHANNELS_AT = 0x00, 0x04, 0x08, 0x0C, 0x10, 0x40
ID = int.from_bytes(b"ELB1", "little")
CHANNELS = 8
LEAST, MOST = -0x8000, 0x7FFF
TURN = 1 << 32  # the firmware's clock wraps here


class Attached:
    """Registers at offsets; ``sensor`` gives what the firmware samples, None leaves it to count."""

    def __init__(self, flash: Flash) -> None:
        self._flash = flash
        self.sensor: Read | None = None
        self.zero_us = 0  # of the sensor's clock, when the board's time was 0
        self._time_us = 0

    def read(self, offset: int) -> int:
        """Return a register."""
        if offset == ID_AT:
            return ID
        if offset == PAGE_AT:
            return self._flash.page_bytes
        if offset == SENSOR_AT:
            return int(self.sensor is not None)
        channel = (offset - CHANNELS_AT) // 4
        if self.sensor is None or not 0 <= channel < CHANNELS:
            return 0
        return min(max(int(self.sensor(self._time_us, channel)), LEAST), MOST) & 0xFFFF

    def write(self, offset: int, value: int, firmware_us: int, now_us: int) -> None:
        """Set a register; ``firmware_us`` is what the firmware's clock says now, ``now_us`` the board's."""
        if offset == ERASE_AT:
            self._flash.erase(value)
        elif offset == TIME_AT:
            ago_us = (firmware_us - value + TURN // 2) % TURN - TURN // 2
            self._time_us = max(0, self.zero_us + now_us - ago_us)
