"""Every command of the table, and every reason there is to refuse one; what is refused changes nothing."""

import os
from collections.abc import Iterator
from itertools import repeat
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from firmware_bridge.protocol import messages as m
from firmware_bridge.protocol.constants import CODES, FEATURES, NO_LABEL
from tests.bridge.device.process import Host, device, talking, terminal

N_PRE, N_POST, STATE = 64, 10, 64 * 10 * 4
X = np.linspace(-1, 1, N_PRE, dtype=np.float32).tobytes()
SECONDS = 0.3  # that a device is left alone


@pytest.fixture(scope="module")
def host(program: Path) -> Iterator[Host]:
    with talking(program) as host:
        yield host


def test_hello_says_what_the_head_is(host: Host) -> None:
    hello = host.open()
    assert (hello.n_pre, hello.n_post, hello.rule, hello.number) == (N_PRE, N_POST, 3, 1)
    assert hello.firmware.rstrip(b"\0") == b"posix"


class Refusal(NamedTuple):
    message: m.Message
    code: str
    detail: int


def values(*of: float) -> bytes:
    return np.resize(np.array(of, np.float32), N_PRE).tobytes()


REFUSED = {
    "too few values": Refusal(m.Learn(0, 1, X[4:]), "SHAPE", N_PRE),
    "too many values": Refusal(m.Predict(0, X + X[:4]), "SHAPE", N_PRE),
    "half a value": Refusal(m.Learn(0, 1, X[:-2]), "SHAPE", N_PRE),
    "no values": Refusal(m.Learn(0, 1, b""), "SHAPE", N_PRE),
    "NaN": Refusal(m.Learn(0, 1, values(0, np.nan)), "VALUE", 0),
    "infinity": Refusal(m.Predict(0, values(np.inf)), "VALUE", 0),
    "a value too large": Refusal(m.Learn(0, 1, values(0, 1000)), "VALUE", 0),
    "no such class": Refusal(m.Learn(0, N_POST, X), "LABEL", N_POST),
    "a class below 0": Refusal(m.Learn(0, -2, X), "LABEL", N_POST),
    "no class": Refusal(m.Learn(0, NO_LABEL, X), "LABEL", N_POST),
    "no window": Refusal(m.Predict(0, b""), "NOTHING", 0),
    "state from beyond its end": Refusal(m.ReadState(0, STATE + 1, 1), "RANGE", STATE),
    "state beyond its end": Refusal(m.WriteState(0, STATE - 3, bytes(4)), "RANGE", STATE),
    "state from far beyond": Refusal(m.WriteState(0, 2**32 - 1, bytes(4)), "RANGE", STATE),
    "state behind a hole": Refusal(m.WriteState(0, 400, bytes(4)), "RANGE", STATE),
    "commit of nothing": Refusal(m.CommitState(0, STATE, 0, -1), "CHECK", 0),
    "commit of another size": Refusal(m.CommitState(0, STATE + 4, 0, -1), "RANGE", STATE),
    "no such reset": Refusal(m.Reset(0, 7), "UNABLE", 0),
    "no such command": Refusal(m.Done(0, 0, 0), "UNKNOWN", 0),
    "no channels": Refusal(m.Configure(0, 100, 10, 0, 0), "CONFIG", 8),
    "too many channels": Refusal(m.Configure(0, 100, 10, 9, 0), "CONFIG", 8),
    "no such feature": Refusal(m.Configure(0, 100, 10, 1, 16), "CONFIG", sum(FEATURES.values())),
    "a window larger than a frame": Refusal(m.Configure(0, 100, 251, 1, 0), "CONFIG", 250),
    "as much in two channels": Refusal(m.Configure(0, 100, 126, 2, 0), "CONFIG", 125),
    "an empty window": Refusal(m.Configure(0, 100, 0, 2, 0), "CONFIG", 125),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_refused_and_changes_nothing(host: Host, name: str) -> None:
    message, code, detail = REFUSED[name]
    if isinstance(message, m.CommitState):
        message = message._replace(layout=host.open().layout)
    before, applied = host.read_state(), host.ask(m.ReadState(0, 0, 0)).applied
    done = host.ask(message)
    assert (done.code, done.detail) == (CODES[code], detail)
    assert host.read_state() == before
    assert host.ask(m.ReadState(0, 0, 0)).applied == applied


def test_a_reward_needs_a_head_that_takes_one(host: Host) -> None:
    host.ask(m.Predict(0, X))
    assert host.ask(m.Reward(0, 1.0)).code == CODES["UNABLE"]


def test_nothing_was_predicted_before_the_first_prediction(program: Path) -> None:
    with talking(program) as host:
        assert host.ask(m.LearnLast(0, 1)).code == CODES["NOTHING"]
        assert host.ask(m.Reward(0, 1.0)).code == CODES["NOTHING"]


def test_a_command_with_an_id_of_before_is_not_carried_out(host: Host) -> None:
    assert host.ask(m.Learn(0, 1, X)).code == 0
    applied, state = host.next_id - 1, host.read_state()
    for message in (
        m.Learn(applied, 2, X), m.LearnLast(applied, 2), m.Reward(applied - 1, 1.0), m.Reset(applied, 0),
        m.CommitState(applied, 0, 0, 0), m.Learn((applied - 2**31 + 1) % 2**32, 3, X),
    ):  # fmt: skip
        seen = len(host.received())
        host.link.send(message)
        host.run(lambda seen=seen: len(host.received()) > seen)  # type: ignore[misc]
        assert host.received()[-1].message == m.Done(message.id, CODES["ALREADY"], 0)
    assert host.read_state() == state


def test_a_message_of_another_length_is_malformed(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    class Odd(NamedTuple):
        id: m.U32
        more: m.U32

    monkeypatch.setitem(m.TYPES, Odd, m.TYPES[m.Save])
    monkeypatch.setitem(m.FORMS, Odd, m._form(Odd))
    before = host.ask(m.Statistics(0)).malformed
    assert host.ask(Odd(0, 1)).code == CODES["MALFORMED"]
    assert host.ask(m.Statistics(0)).malformed == before + 1


def test_a_command_too_short_for_an_id_is_only_counted(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    class Short(NamedTuple):
        half: m.U16

    monkeypatch.setitem(m.TYPES, Short, m.TYPES[m.Save])
    monkeypatch.setitem(m.FORMS, Short, m._form(Short))
    before = host.ask(m.Statistics(0)).malformed
    host.link.send(Short(1))
    assert host.ask(m.Statistics(0)).malformed == before + 1


def test_a_message_of_the_link_is_no_command_and_has_no_answer(host: Host) -> None:
    before, seen = host.ask(m.Statistics(0)).malformed, len(host.received())
    host.link.note(m.TimeReply(4, 0))
    host.link.note(m.Gap(5))
    host.link.send(m.Gap(6))
    assert host.ask(m.Statistics(0)).malformed == before + 3
    assert len(host.received()) == seen + 1


def test_statistics_count_what_happened(program: Path) -> None:
    with talking(program) as host:
        for label in range(3):
            host.ask(m.Learn(0, label, X))
        host.ask(m.Learn(0, 99, X))
        host.ask(m.Save(0))
        found = host.ask(m.Statistics(0))
        assert (found.learned, found.saves, found.commands) == (3, 1, 5)
        assert (found.malformed, found.bad_frames, found.windows_made) == (0, 0, 0)


def test_state_is_read_in_parts_no_larger_than_a_frame(host: Host) -> None:
    part = host.ask(m.ReadState(0, 100, 65535))
    assert (part.offset, part.total, len(part.data)) == (100, STATE, 512 - 16)
    assert host.ask(m.ReadState(0, STATE - 3, 100)).data == host.read_state()[-3:]
    assert host.ask(m.ReadState(0, STATE, 100)).data == b""
    assert host.ask(m.ReadState(0, 10, 7)).data == host.read_state()[10:17]


def test_a_host_that_takes_small_frames_is_given_small_parts(program: Path) -> None:
    with talking(program, mtu=72) as host:
        assert len(host.ask(m.ReadState(0, 0, 1000)).data) == 72 - 16
        assert host.ask(m.Configure(0, 100, 31, 1, 0)).detail == 30
        assert len(host.ask(m.Predict(0, X)).scores) == 4 * N_POST


def test_a_flood_of_commands_is_answered_in_order_each_once(host: Host) -> None:
    host.flood(400)


def test_a_flood_of_garbage_is_survived(program: Path) -> None:
    with device(program) as run, terminal(run.path) as file:
        host = Host(file)
        host.open()
        draw = np.random.default_rng(11)
        for _ in repeat(None, 50):
            garbage = draw.integers(256, size=2000, dtype=np.uint8).tobytes()
            while garbage:
                try:
                    garbage = garbage[os.write(file, garbage) :]
                except BlockingIOError:
                    host.link.poll(0)
        assert host.ask(m.Statistics(0)).bad_frames > 0
        assert host.ask(m.Learn(0, 1, X)).code == 0


def test_a_new_host_finds_the_device_as_the_last_one_left_it(program: Path) -> None:
    with device(program) as run:
        with terminal(run.path) as file:
            first = Host(file)
            first.open()
            first.ask(m.Predict(0, X))
            assert first.ask(m.Learn(0, 1, X)).code == 0
            applied, state = first.next_id - 1, first.read_state()
        with terminal(run.path) as file:
            second = Host(file)
            assert second.open().applied == applied
            assert second.read_state() == state
            assert second.ask(m.LearnLast(0, 1)).code == CODES["NOTHING"]  # it was not this one's prediction
