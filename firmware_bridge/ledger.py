"""The host's book of commands: numbers, answers, and what is sent again after a restart. No thread, no clock.

Rule 1: ids count up from HELLO.applied + 1 of the first session; a command keeps its id when it is sent again.
Rule 2: after a restart every command without an answer is sent again, in order; the device knows by `applied` which
of them it has carried out.
Rule 3: commands that were answered and lie above `applied` of a restarted device were lost with its memory: counted.
"""

from collections import deque
from typing import Any

from firmware_bridge.protocol import messages as wire
from firmware_bridge.protocol.constants import CODES, RESETS
from firmware_bridge.protocol.errors import BridgeError, CommandError

LEARNING = (wire.Learn, wire.LearnLast, wire.Reward, wire.CommitState, wire.Reset)  # these raise `applied`
SAVING = (wire.Save, wire.CommitState)
REMEMBERED = 65536  # ids of answered commands that are not saved yet
_NAMES = {number: name for name, number in CODES.items()}
_WORDS = {
    "SHAPE": "the head takes {} values: give as many",
    "VALUE": "a value, or what it drives a unit to, is not finite or 1000 and beyond: scale x; nothing was learned",
    "LABEL": "the head has {} classes: a label is below that, and None only where it learns without labels",
    "UNABLE": "this head cannot do that: its rule learns by other means (labels, rewards, none), or only predicts",
    "LAYOUT": "the state is of another layer; the device's layout is {:#010x}",
    "RANGE": "the device's state has {} bytes: this one is of another head",
    "CHECK": "the state arrived damaged or in part; write it again",
    "FLASH": "the device could not write its flash; what was saved before stands",
    "NOTHING": "there is no window and no prediction yet: predict a sample first, or have windows made",
    "CONFIG": "window, channels or features are more than the firmware was built for, {} at most",
    "ALREADY": "its number was used before; connect again",
    "UNKNOWN": "the firmware has no such command: update it",
    "MALFORMED": "the firmware could not read it: build it from the same version",
}


class Call:
    """A command on its way; ``answer`` or ``error`` once it is done."""

    __slots__ = ("answer", "error", "message", "quiet", "sent")

    def __init__(self, message: wire.Message, quiet: bool) -> None:
        self.message, self.quiet = message, quiet
        self.sent = 0
        self.answer: Any = None
        self.error: BridgeError | None = None

    @property
    def done(self) -> bool:
        return self.answer is not None or self.error is not None


class Ledger:
    """Commands by id; of those nobody waits for: ``failed``, the first refusal, and how many were ``abandoned``."""

    def __init__(self) -> None:
        self.pending: dict[int, Call] = {}
        self.failed: CommandError | None = None
        self.failures = self.abandoned = 0
        self.resent = self.lost = self.restarts = 0
        self._next = 1
        self._outbox: deque[Call] = deque()
        self._unsaved: deque[int] = deque(
            maxlen=REMEMBERED
        )  # answered, would be lost with the device's memory
        self._forgotten = 0  # more of these, older

    def start(self, applied: int) -> None:
        """Count from the device's number on."""
        self._next = _after(applied)

    def issue(self, kind: type[Any], *fields: Any, quiet: bool = False) -> Call:
        """Number a command and put it where `take` finds it."""
        call = Call(kind(self._next, *fields), quiet)
        self.pending[self._next] = call
        self._outbox.append(call)
        self._next = _after(self._next)
        return call

    def take(self) -> list[wire.Message]:
        """Return the messages to hand to the link now."""
        calls = list(self._outbox)
        self._outbox.clear()
        for call in calls:
            self.resent += call.sent > 0
            call.sent += 1
        return [call.message for call in calls]

    def answered(self, message: wire.Message) -> bool:
        """Give a message to the command it answers; False when there is none."""
        call = self.pending.pop(message.id, None)
        if call is None:
            return False
        code = _NAMES.get(message.code, str(message.code)) if isinstance(message, wire.Done) else "OK"
        if code == "OK" or (code == "ALREADY" and call.sent > 1):
            self._carried_out(call)
            call.answer = message
            return True
        what = type(call.message).__name__
        words = _WORDS.get(code, f"code {code}").format(message.detail)
        call.error = CommandError(f"the device refused {what}: {words}", code, message.detail)
        if call.quiet:
            self.failures += 1
            self.failed = self.failed or call.error
        return True

    def restarted(self, applied: int) -> int:
        """Send again what has no answer; return how many answered commands the device has forgotten."""
        lost = 0
        while self._unsaved and _above(self._unsaved[-1], applied):
            self._unsaved.pop()
            lost += 1
        if lost and not self._unsaved:
            lost, self._forgotten = lost + self._forgotten, 0
        self.lost += lost
        self.restarts += 1
        for number, call in list(self.pending.items()):
            if isinstance(call.message, wire.Reset) and call.message.what == RESETS["device"] and call.sent:
                call.answer = wire.Done(number, CODES["OK"], 0)  # sending it again would restart it again
                del self.pending[number]
        self._outbox = deque(self.pending.values())
        return lost

    def fail(self, error: BridgeError) -> None:
        """End every command with ``error``."""
        for call in self.pending.values():
            call.error = error
            self.abandoned += call.quiet and isinstance(call.message, LEARNING)
        self.pending.clear()
        self._outbox.clear()

    def _carried_out(self, call: Call) -> None:
        if isinstance(call.message, SAVING):
            self._unsaved.clear()
            self._forgotten = 0
        elif isinstance(call.message, LEARNING):
            self._forgotten += len(self._unsaved) == REMEMBERED
            self._unsaved.append(call.message.id)


def _after(number: int) -> int:
    return (number + 1) & 0xFFFFFFFF


def _above(number: int, other: int) -> bool:
    """Say whether ``number`` is above ``other``, as a signed 32-bit difference."""
    return 0 < (number - other) & 0xFFFFFFFF < 0x80000000
