"""Devices that break one promise each; `check_device` must say which."""

from typing import Any

import numpy as np
import pytest

from edgelearn import export
from edgelearn.emulator.boards import twin as twins
from edgelearn.emulator.boards.heads import Answer, LayerHead
from edgelearn.emulator.boards.twin import Twin
from edgelearn.emulator.boards.virtual import VirtualLine
from edgelearn.emulator.boards.windows import Windows
from edgelearn.testing import check_device
from edgelearn.testing.device_bench import default_head
from edgelearn.types import F32
from firmware_bridge.protocol.messages import Gap, Predict, WriteState
from tests.bridge.conformance.test_devices import wave


class LearnsTwice(Twin):
    def _old(self, number: int) -> bool:  # noqa: ARG002
        return False


class OnlyKnowsTheLast(Twin):
    def _old(self, number: int) -> bool:
        return number == self._applied


class ForgetsAppliedAtSave(Twin):
    def _stored(self, applied: int, state: bytes) -> bool:  # noqa: ARG002
        return super()._stored(0, state)


class SavesNothing(Twin):
    def _stored(self, applied: int, state: bytes) -> bool:  # noqa: ARG002
        return True


class TakesHalfAState(Twin):
    def _write_state(self, message: WriteState) -> Any:
        reply = super()._write_state(message)
        if reply.code == "OK" and self._staged is not None:
            now = export.state_bytes(self.head.learned)
            export.load_state(self.head.learned, bytes(self._staged) + now[len(self._staged) :])
        return reply


class SaysOldApplied(Twin):
    def _note_applied(self, number: int) -> None:
        self._applied = number


class ForgetsWhenUnplugged(Twin):
    def connected(self, now_us: int) -> None:
        super().connected(now_us)
        self._applied = 0


class TellsTooMany(Windows):
    def next(self) -> Any:
        found = super().next()
        return Gap(found.next + 1) if isinstance(found, Gap) else found


class RepeatsItself(Windows):
    _again: Any = None

    def next(self) -> Any:
        found, self._again = self._again or super().next(), None
        if found is not None and not isinstance(found, Gap) and found.index % 16 == 7:
            self._again = None if found is self._said else found
        self._said = found
        return found

    _said: Any = None


class CountsAnew(Windows):
    def stream(self, on: bool) -> None:
        super().stream(on)
        self.made = 0


class TimeGoesBack(Windows):
    def sample(self, channels: Any, time_us: int) -> None:
        super().sample(channels, time_us % 50_000)


class OffByABit(LayerHead):
    def predict(self, x: F32) -> Answer:
        said = super().predict(x)
        return said if said.scores is None else said._replace(scores=np.nextafter(said.scores, np.float32(9)))


class LearnsFromPredicting(LayerHead):
    def predict(self, x: F32) -> Answer:
        said = super().predict(x)
        self.learned.w[0, 0] += np.float32(1e-6)
        return said


class LearnsWhatItRefuses(LayerHead):
    def learn(self, x: F32, label: int) -> Answer:
        said = super().learn(x, label)
        if said.code == "LABEL":
            self.learned.w[0, 0] += np.float32(1e-6)
        return said


class TakesTooLarge(LayerHead):
    def _calm(self, x: F32) -> bool:
        return bool(np.isfinite(x).all())


class PredictsFromBehind(Twin):
    def _predict(self, message: Predict) -> Any:
        last, reply = self._last, super()._predict(message)
        self._last = last if last is not None else self._last
        return reply


TWINS = {
    LearnsTwice: "ALREADY",
    OnlyKnowsTheLast: "ALREADY",
    ForgetsAppliedAtSave: "the last command saved",
    SavesNothing: "the last command saved",
    TakesHalfAState: "not committed",
    SaysOldApplied: "RESET",
    ForgetsWhenUnplugged: "restarted is ALREADY",
    PredictsFromBehind: "after LEARN_LAST",
}
WINDOWS = {
    TellsTooMany: "after the device said",
    RepeatsItself: "comes twice",
    CountsAnew: "accounted for|windows arrive",
    TimeGoesBack: "a later time",
}
HEADS = {
    OffByABit: "edgelearn's scores",
    LearnsFromPredicting: "to the last bit",
    LearnsWhatItRefuses: "to the last bit",
    TakesTooLarge: "VALUE",
}


def caught(twin: Twin, promise: str) -> None:
    line = VirtualLine(twin)
    with pytest.raises(AssertionError, match=promise):
        check_device(line.open, default_head(), clock=line)


@pytest.mark.parametrize("kind", TWINS)
def test_a_broken_twin_is_caught(kind: type[Twin]) -> None:
    caught(kind(LayerHead(default_head()), sensor=wave), TWINS[kind])


@pytest.mark.parametrize("kind", WINDOWS)
def test_broken_windows_are_caught(kind: type[Windows], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(twins, "Windows", kind)
    caught(Twin(LayerHead(default_head()), sensor=wave), WINDOWS[kind])


@pytest.mark.parametrize("kind", HEADS)
def test_a_broken_head_is_caught(kind: type[LayerHead]) -> None:
    caught(Twin(kind(default_head()), sensor=wave), HEADS[kind])


def test_a_device_without_windows_is_caught() -> None:
    caught(Twin(LayerHead(default_head())), "windows arrive")
