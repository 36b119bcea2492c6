"""What a device's user may want to hear of besides answers; `device.connect(…, notice=function)` is called with them.

The function is called in the thread of the link: it may note or print, it must not call the device.
``time_s`` is of `time.monotonic`, or of the port's own clock where it has one (`timebase`).
"""

from typing import NamedTuple


class Unplugged(NamedTuple):
    """The port vanished; it is opened again as soon as it is back."""

    reason: str
    time_s: float


class Silent(NamedTuple):
    """The port is there, the device says nothing."""

    reason: str


class Resumed(NamedTuple):
    """The device is back, with everything it knew; nothing was lost."""

    after_s: float  # since it was unplugged or fell silent
    time_s: float


class Restarted(NamedTuple):
    """The device started anew: ``lost`` commands that it had answered were not saved, and it has forgotten them."""

    lost: int
    resent: int  # commands without an answer, sent again
    time_s: float


class Refused(NamedTuple):
    """Something answers that cannot be talked to."""

    reason: str


Notice = Unplugged | Silent | Resumed | Restarted | Refused
