"""The vectors beside the specification: written when told to, compared otherwise, and true of what they say."""

import json
import os
from pathlib import Path

import pytest

import firmware_bridge.protocol
from firmware_bridge.protocol import auth, frame, messages
from firmware_bridge.protocol.connection import Connection, Identity, Opened, Received
from firmware_bridge.protocol.constants import ROLE_DEVICE
from tests.bridge.protocol import vectors
from tests.golden import VARIABLE

PATH = Path(firmware_bridge.protocol.__file__).with_name("vectors.json")


@pytest.fixture(scope="module")
def held():
    if os.environ.get(VARIABLE):
        PATH.write_text(json.dumps(vectors.everything(), indent=1) + "\n")
    return json.loads(PATH.read_text())


@pytest.mark.parametrize("part", vectors.everything())
def test_the_vectors_are_what_the_code_says(held, part):
    now = json.loads(json.dumps(vectors.everything()))
    assert held[part] == now[part], f"{part} in {PATH.name} is stale; {VARIABLE}=1 writes it anew"


def test_what_was_stuffed_comes_back(held):
    for case in held["cobs"]:
        assert frame.unstuff(bytes.fromhex(case["coded"])) == bytes.fromhex(case["raw"])
        assert b"\0" not in bytes.fromhex(case["coded"])


def test_frames_are_taken_with_their_session_and_tag(held):
    assert {case["kind"] for case in held["frames"]} == {0x10, 0x11, 0x12, 0x13, 0x14}
    for case in held["frames"]:
        (raw,) = frame.Decoder(6 + 512 + 8 + 4).feed(bytes.fromhex(case["wire"]))
        got = frame.checked(raw, case["session"], len(case["tag"]) // 2)
        assert got is not None
        assert (got.kind, got.type, got.payload.hex(), got.tag.hex()) == (
            case["kind"], case["type"], case["payload"], case["tag"],
        )  # fmt: skip
        assert (got.seq, got.ack) == (case["seq"] & 0xFFFF, case["ack"] & 0xFFFF)
        assert frame.checked(raw, case["session"] ^ 1) is None


def test_blake2s_is_that_of_the_rfc(held):
    assert held["blake2s"][0]["digest"] == "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982"


def test_there_is_one_of_every_message_and_each_comes_back(held):
    assert [case["number"] for case in held["messages"]] == list(messages.NUMBERED)
    for case in held["messages"]:
        payload = bytes.fromhex(case["payload"])
        message = messages.decode(case["number"], payload)
        assert type(message).__name__ == case["name"]
        assert messages.encode(message) == payload


def test_a_device_that_hears_the_hosts_part_opens_and_learns_once(held):
    for case in held["handshakes"]:
        draws = iter(bytes.fromhex(nonce) for nonce in case["nonces"][ROLE_DEVICE])
        identity = Identity(
            ROLE_DEVICE,
            case["boots"][ROLE_DEVICE],
            applied=7,
            rx_buffer=case["rx_buffer"],
            firmware=b"vectors 1",
        )
        device = Connection(
            identity, key=bytes.fromhex(case["key"]) or None, entropy=lambda n, draws=draws: next(draws)[:n]
        )
        device.connected(0)
        events = []
        for step in case["steps"]:
            wire = bytes.fromhex(step["wire"])
            if step["from"] == ROLE_DEVICE:
                assert device.transmit(step["at_us"], 4096) == wire
                continue
            new = device.receive(wire, step["at_us"])
            events += new
            for event in new:
                if isinstance(event, Received):
                    device.send(messages.Done(event.message.id, 0, 0))
        assert [type(event) for event in events] == [Opened, Received]
        assert device.waiting == 0


def test_the_key_changes_number_of_nothing_and_tag_of_everything():
    names = vectors.names()
    other = names._replace(host_nonce=b"another1")
    assert names.number() != other.number()
    assert auth.session_key(vectors.KEY, names) != auth.session_key(vectors.KEY, other)
