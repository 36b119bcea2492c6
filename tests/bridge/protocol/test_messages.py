"""Messages: values that fit go over and come back; bytes that do not are refused."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.protocol import messages
from firmware_bridge.protocol.errors import MalformedError
from tests.bridge.protocol.vectors import example

KINDS = list(messages.NUMBERED.values())


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_comes_back(kind):
    message = example(kind, 5)
    assert messages.decode(messages.TYPES[kind], messages.encode(message)) == message


@pytest.mark.parametrize("kind", KINDS)
def test_a_length_that_is_not_its_own_is_malformed(kind):
    payload, number = messages.encode(example(kind, 5)), messages.TYPES[kind]
    fixed = messages.FORMS[kind].fixed.size
    with pytest.raises(MalformedError, match=f"{kind.__name__} has .*{fixed} bytes, not {fixed - 1}"):
        messages.decode(number, payload[: fixed - 1])
    if not messages.FORMS[kind].rest:
        with pytest.raises(MalformedError, match=f"not {fixed + 1}"):
            messages.decode(number, payload + b"\0")


def test_a_value_its_field_cannot_hold_is_named():
    with pytest.raises(MalformedError, match=r"LearnLast\(id=1, label=40000\) does not fit"):
        messages.encode(messages.LearnLast(1, 40_000))


def test_an_unknown_number_is_named():
    with pytest.raises(MalformedError, match="no message number 99"):
        messages.decode(99, b"")


@given(st.integers(0, 255), st.binary(max_size=80))
def test_any_bytes_are_a_message_or_malformed(number, payload):
    try:
        message = messages.decode(number, payload)
    except MalformedError:
        return
    if not any(value != value for value in message):  # noqa: PLR0124 (NaN has many payloads)
        assert messages.encode(message) == payload


def test_many_random_payloads_decode_or_are_malformed():
    rng = Random(3)
    taken = 0
    for _ in range(20_000):
        number = rng.choice([*messages.NUMBERED, rng.randrange(256)])
        form = messages.FORMS.get(messages.NUMBERED.get(number))
        size = form.fixed.size + rng.choice([0, 0, -1, 1, 40]) if form else 7
        try:
            messages.decode(number, rng.randbytes(max(size, 0)))
        except MalformedError:
            continue
        taken += 1
    assert taken > 5_000
