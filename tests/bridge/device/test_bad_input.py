"""What no well-meaning host sends: counted and survived, under checks of memory and of undefined behaviour."""

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import numpy as np
import pytest

from firmware_bridge.protocol import messages as m
from firmware_bridge.protocol.constants import CODES
from tests.bridge.device.process import Host, talking

N_PRE, STATE, MTU = 64, 64 * 10 * 4, 512
X = np.linspace(-1, 1, N_PRE, dtype=np.float32).tobytes()
FIRST_COMMAND, LAST_TYPE = m.TYPES[m.Configure], 255
COMMANDS = (
    m.Configure, m.Stream, m.Predict, m.Learn, m.LearnLast, m.Reward, m.ReadState, m.WriteState, m.CommitState, m.Save,
    m.Reset, m.Statistics,
)  # fmt: skip
FASTEST = 2**32 - 1

Send = Callable[[int, bytes], None]


@pytest.fixture
def host(program: Path) -> Iterator[Host]:
    with talking(program) as host:
        yield host


@pytest.fixture
def send(host: Host, monkeypatch: pytest.MonkeyPatch) -> Send:
    """Return send(type, payload): any bytes as a message of any type, reliably."""

    def sent(number: int, payload: bytes) -> None:
        class Raw(NamedTuple):
            payload: m.Rest

        monkeypatch.setitem(m.TYPES, Raw, number)
        monkeypatch.setitem(m.FORMS, Raw, m._form(Raw))
        host.link.send(Raw(payload))  # type: ignore[arg-type]  # no message of the table

    return sent


def numbered(host: Host, rest: bytes) -> tuple[int, bytes]:
    """Return an id, and a payload that begins with it."""
    number = host.next_id
    host.next_id += 1
    return number, number.to_bytes(4, "little") + rest


@pytest.mark.parametrize("kind", COMMANDS, ids=lambda kind: str(kind.__name__))
def test_a_command_of_any_wrong_length_is_malformed_and_counted(host: Host, send: Send, kind: Any) -> None:
    assert host.ask(m.Learn(0, 1, X)).code == 0
    state, before = host.read_state(), host.ask(m.Statistics(0)).malformed
    form = m.FORMS[kind]
    sizes = [*range(4, form.fixed.size), *([] if form.rest else [form.fixed.size + 1, MTU])]
    for size in sizes:
        number, payload = numbered(host, bytes(size - 4))
        send(m.TYPES[kind], payload)
        assert host.answer(number) == m.Done(number, CODES["MALFORMED"], 0)
    for size in range(4):
        send(m.TYPES[kind], bytes(size))
    assert host.ask(m.Statistics(0)).malformed == before + len(sizes) + 4
    assert host.read_state() == state


@pytest.mark.parametrize("seed", range(3))
def test_any_bytes_as_any_message_are_answered_at_most_once_and_survived(
    host: Host, send: Send, seed: int
) -> None:
    draw, asked = Random(seed), []
    for _ in range(600):
        kind = draw.randrange(FIRST_COMMAND, draw.choice((FIRST_COMMAND + 24, LAST_TYPE + 1)))
        number, payload = numbered(host, draw.randbytes(draw.choice((0, 1, 8, 13, draw.randrange(MTU - 4)))))
        if kind == m.TYPES[m.Reset]:
            payload = payload[:4] + b"\7"  # no reset that there is
        asked.append(number)
        send(kind, payload)
    host.answer(host.tell(m.Statistics(0)))
    answered = [event.message.id for event in host.received()]
    assert answered[: len(asked)] == asked, f"{seed=}"
    assert host.ask(m.Learn(0, 1, X)).code == 0, f"{seed=}"
    assert host.ask(m.Statistics(0)).malformed > 100, f"{seed=}"


@pytest.mark.parametrize("seed", range(3))
def test_parts_of_a_state_in_any_order_never_make_one_that_was_not_sent(host: Host, seed: int) -> None:
    draw = Random(seed)
    state = draw.randbytes(STATE)
    assert host.ask(m.Learn(0, 1, X)).code == 0
    before = host.read_state()
    for _ in range(200):
        at, size = draw.choice((0, STATE, draw.randrange(2**32), draw.randrange(STATE))), draw.randrange(400)
        done = host.ask(m.WriteState(0, at, (state if draw.random() < 0.7 else before)[at : at + size]))
        assert done.code in {0, CODES["RANGE"]}, f"{seed=}"
    host.ask(m.WriteState(0, 0, state[:400]))
    assert host.commit(state).code == CODES["CHECK"], f"{seed=}"
    assert host.read_state() == before, f"{seed=}"
    host.write_state(state)
    assert host.commit(state).code == 0, f"{seed=}"
    assert host.read_state() == state, f"{seed=}"


@pytest.mark.parametrize("what", [0, 1], ids=["of what was learned", "of the device"])
def test_a_reset_between_the_parts_of_a_state_leaves_no_half_of_it(host: Host, what: int) -> None:
    state = Random(1).randbytes(STATE)
    assert host.ask(m.Learn(0, 1, X)).code == 0
    assert host.ask(m.WriteState(0, 0, state[:400])).code == 0
    assert host.ask(m.Reset(0, what)).code == 0
    if what == 1:
        host.run(lambda: len(host.opened()) > 1)
        host.next_id = 1
        host.events.clear()
    assert host.commit(state).code == CODES["CHECK"]
    assert host.read_state() == bytes(STATE)
    host.write_state(state)
    assert host.commit(state).code == 0
    assert host.read_state() == state


@pytest.mark.parametrize("channels", [0, 1, 8, 9, 255])
@pytest.mark.parametrize("features", [0, 15, 16, 255])
def test_windows_of_any_size_are_made_or_refused(host: Host, channels: int, features: int) -> None:
    for rate_hz in (0, 1, FASTEST):
        for window in (0, 1, 65535):
            done = host.ask(m.Configure(0, rate_hz, window, channels, features))
            possible = 1 <= channels <= 8 and features <= 15 and window == 1
            assert done.code == (0 if possible else CODES["CONFIG"])
            assert host.ask(m.Stream(0, 255)).code == 0
    assert host.ask(m.Learn(0, 1, X)).code == 0


def test_a_rate_that_no_line_carries_leaves_room_for_commands_and_is_accounted(program: Path) -> None:
    with talking(program, "--baud", "1000000") as host:
        assert host.ask(m.Configure(0, FASTEST, 100, 1, 0)).code == 0
        assert host.ask(m.Stream(0, 1)).code == 0
        for label in range(10):
            assert host.ask(m.Learn(0, label, X)).code == 0
        host.run(lambda: len(host.windows()) > 20)
        assert host.ask(m.Stream(0, 0)).code == 0
        made = host.ask(m.Statistics(0)).windows_made
        host.run(lambda: len(host.windows()) + host.missing() >= made)
        assert len(host.windows()) + host.missing() == made
        assert host.missing() > len(host.windows())
