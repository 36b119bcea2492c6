"""Who may open a session with the link in C, and that it says the very bytes that Python says."""

from collections.abc import Callable
from random import Random

import pytest

from firmware_bridge.protocol import messages
from firmware_bridge.protocol.connection import Connection, Identity, Received, Refused
from firmware_bridge.protocol.constants import HELLO, HELLO_EVERY_US, ROLE_DEVICE, ROLE_HOST
from firmware_bridge.protocol.frame import encode
from firmware_bridge.protocol.messages import SCHEMA, TYPES, Hello, Predict, Reward
from firmware_bridge.testing.wire import End, Faults, Wire
from tests.bridge.conftest import Library
from tests.bridge.firmware.c_link import CLink, Sizes, link_library

KEY = bytes(range(32))
PLAIN, LOCKED = Sizes(), Sizes(auth=True)
HELLO_PLACE = 2  # of a frame's kind byte on the wire: after the delimiter and the first code byte


def offers(boot: int) -> Callable[[int], bytes]:
    """Return what draws nonces as C does: the boot and a counter."""
    count = iter(range(100))
    return lambda _: boot.to_bytes(4, "little") + next(count).to_bytes(4, "little")


def python_end(role: int, boot: int, key: bytes | None = None) -> Connection:
    return Connection(Identity(role, boot, rx_buffer=1044), window=2, key=key, entropy=offers(boot))


def c_end(library: Library, sizes: Sizes, role: int, boot: int, key: bytes | None = None) -> CLink:
    return CLink(link_library(library, sizes), Identity(role, boot), key=key if sizes.auth else None)


def hello_wire(hello: Hello) -> bytes:
    return b"\0" + encode(HELLO, TYPES[Hello], 0, 0, messages.encode(hello), 0)


def a_hello(**changes: int) -> Hello:
    hello = Hello(
        1, 1, SCHEMA, ROLE_HOST, 0, 77, 0, 512, 4096, 10**6, 0, 0, 0, 0, 0, 0, bytes(16), bytes(8), bytes(8)
    )
    return hello._replace(**changes)


def dialogue(host: End, device: End) -> list[bytes]:
    """Let both open, talk, be cut, resume; return the frames in the order they were sent."""
    said, now_us, sent = [], 0, False
    for end in (host, device):
        end.connected(now_us)
    for step in range(40):
        now_us += 5_000
        if step == 20:
            for end in (host, device):
                end.connected(now_us)
        for end, other in ((host, device), (device, host)):
            end.poll(now_us)
            data = end.transmit(now_us, 10_000)
            said += [frame for frame in data.split(b"\0") if frame]
            other.receive(data, now_us)
        if host.state == device.state == "open" and not sent:
            for number in range(3):
                host.send(Predict(number, bytes(3 * number)))
                device.send(Reward(number, 0.5))
            sent = True
    return said


@pytest.mark.parametrize("key", [None, KEY], ids=["open", "key"])
def test_both_languages_say_the_same_bytes(library: Library, key: bytes | None) -> None:
    sizes = LOCKED if key else PLAIN
    python = dialogue(python_end(ROLE_HOST, 11, key), python_end(ROLE_DEVICE, 22, key))
    c = dialogue(c_end(library, sizes, ROLE_HOST, 11, key), c_end(library, sizes, ROLE_DEVICE, 22, key))
    assert c == python
    assert len(c) > 15


def test_another_version_or_schema_is_counted_answered_and_survived(library: Library) -> None:
    device = c_end(library, PLAIN, ROLE_DEVICE, 5)
    device.connected(0)
    device.transmit(0, 1000)
    wrong = [
        a_hello(proto_min=2, proto_max=3), a_hello(proto_min=0, proto_max=0), a_hello(schema=SCHEMA ^ 1),
        a_hello(role=ROLE_DEVICE), a_hello(boot=0), a_hello(flags=1),
    ]  # fmt: skip
    for number, hello in enumerate(wrong, 1):
        device.receive(hello_wire(hello), 1000)
        assert device.counters.refused_hello == number
        assert device.state == "closed"
    longer = b"\0" + encode(HELLO, 1, 0, 0, messages.encode(a_hello(proto_min=2, proto_max=2)) + bytes(30), 0)
    device.receive(longer, 1000)
    assert device.counters.refused_hello == len(wrong) + 1, "a later version may say more"
    for size in (6, 40, 71):
        device.receive(b"\0" + encode(HELLO, 1, 0, 0, messages.encode(a_hello())[:size], 0), 1000)
    assert device.counters.malformed == 3
    assert device.transmit(1000, 1000) == b"", "answers wait for their time"
    assert device.transmit(HELLO_EVERY_US, 1000)[HELLO_PLACE] == HELLO
    host = python_end(ROLE_HOST, 6)
    wire = Wire(host, device, seed=0)
    assert wire.run(400_000, until=lambda: host.state == device.state == "open")


def test_a_flood_of_hellos_is_not_answered_by_a_flood(library: Library) -> None:
    host, device = python_end(ROLE_HOST, 6), c_end(library, PLAIN, ROLE_DEVICE, 5)
    wire = Wire(host, device, seed=0)
    wire.run(100_000)
    before = device.counters.frames_sent
    for i in range(500):
        device.receive(hello_wire(a_hello(schema=i)), wire.now_us)
        device.receive(hello_wire(a_hello(boot=9, peer=5)), wire.now_us)
        wire.run(1_000)
    assert device.counters.frames_sent - before < 20
    assert device.state == "open"


def test_a_key_at_one_end_only_is_refused(library: Library) -> None:
    for host_key, sizes in ((KEY, PLAIN), (None, LOCKED)):
        refused: list[object] = []
        host = python_end(ROLE_HOST, 6, host_key)
        device = c_end(library, sizes, ROLE_DEVICE, 5, KEY)
        Wire(host, device, seed=0, on_host=refused.append).run(500_000)
        assert (host.state, device.state) == ("closed", "closed")
        assert device.counters.refused_hello > 1
        assert isinstance(refused[0], Refused)


def test_a_wrong_key_opens_nothing_and_is_counted(library: Library) -> None:
    refused: list[object] = []
    host, device = python_end(ROLE_HOST, 6, bytes(32)), c_end(library, LOCKED, ROLE_DEVICE, 5, KEY)
    Wire(host, device, seed=0, on_host=refused.append).run(2_000_000)
    assert (host.state, device.state) == ("closed", "closed")
    assert device.counters.bad_tag > 2
    assert any(isinstance(event, Refused) for event in refused)


def test_what_was_recorded_opens_and_teaches_nothing_again(library: Library) -> None:
    record: list[bytes] = []
    took: list[object] = []
    host, device = python_end(ROLE_HOST, 6, KEY), c_end(library, LOCKED, ROLE_DEVICE, 5, KEY)
    hear = device.receive

    def recorded(data: bytes, now_us: int) -> list:
        record.append(data)
        return hear(data, now_us)

    device.receive = recorded  # type: ignore[method-assign]
    wire = Wire(host, device, seed=0, on_device=took.append)
    wire.run(100_000)
    for number in range(5):
        host.send(Reward(number, 1.0))
    wire.run(200_000)
    assert sum(isinstance(event, Received) for event in took) == 5

    again = b"".join(record)
    counted = device.counters
    took += hear(again, wire.now_us)
    assert device.counters.bad_tag + device.counters.duplicates > counted.bad_tag + counted.duplicates
    took += hear(again, wire.now_us)
    rebooted = c_end(library, LOCKED, ROLE_DEVICE, 8, KEY)
    rebooted.connected(wire.now_us)
    for _ in range(3):
        took += rebooted.receive(again, wire.now_us)
        rebooted.transmit(wire.now_us, 1000)
    assert rebooted.state == "closed"
    assert sum(isinstance(event, Received) for event in took) == 5
    host.send(Reward(9, 1.0))
    wire.run(1_000_000)
    assert wire.device.counters.bad_tag < 1000
    assert host.waiting == 0


def test_a_spoilt_tag_is_counted_and_the_frame_forgotten(library: Library) -> None:
    host, device = python_end(ROLE_HOST, 6, KEY), c_end(library, LOCKED, ROLE_DEVICE, 5, KEY)
    wire = Wire(host, device, seed=0, faults=Faults())
    wire.run(100_000)
    number = host._handshake.session.number
    forged = encode(0x11, TYPES[Reward], 0, 0, messages.encode(Reward(1, 1.0)), number, lambda *_: bytes(8))
    assert device.receive(b"\0" + forged, wire.now_us) == []
    assert device.counters.bad_tag == 1


def test_frames_that_hold_no_message_are_counted(library: Library) -> None:
    host, device = python_end(ROLE_HOST, 6), c_end(library, PLAIN, ROLE_DEVICE, 5)
    wire = Wire(host, device, seed=0)
    wire.run(100_000)
    number, took = host._handshake.session.number, list[object]()
    wrong = [(0x14, 3, b"123"), (0x14, 3, b"12345"), (0x14, 20, bytes(6)), (0x12, 19, bytes(9)), (0x13, 2, bytes(7)),
             (0x13, 3, bytes(8)), (0x11, 5, bytes(12))]  # fmt: skip
    for count, (kind, message, payload) in enumerate(wrong, 1):
        took += device.receive(b"\0" + encode(kind, message, 0, 0, payload, number), wire.now_us)
        assert device.counters.malformed == count
    device.receive(b"\0" + encode(0x15, 3, 0, 0, bytes(4), number), wire.now_us)
    device.receive(b"\0" + encode(0x13, 2, 0, 1000, bytes(8), number), wire.now_us)
    assert device.counters.unexpected == 2
    assert took == []


def test_a_looped_line_opens_nothing(library: Library) -> None:
    device = c_end(library, PLAIN, ROLE_DEVICE, 5)
    device.connected(0)
    for now_us in range(0, 2_000_000, 10_000):
        device.receive(device.transmit(now_us, 1000), now_us)
    assert device.state == "closed"
    assert 10 < device.counters.frames_sent < 30


def test_silence_closes_and_keepalive_keeps_open(library: Library) -> None:
    host, device = python_end(ROLE_HOST, 6), c_end(library, PLAIN, ROLE_DEVICE, 5)
    wire = Wire(host, device, seed=0)
    wire.run(10_000_000)
    assert device.state == host.state == "open"
    assert device.counters.frames_sent < 60
    for _ in range(120):
        wire.now_us += 10_000
        device.transmit(wire.now_us, 0)
    assert device.state == "closed"


def test_a_small_peer_is_sent_no_more_than_it_takes(library: Library) -> None:
    host = Connection(Identity(ROLE_HOST, 6, mtu=100, rx_buffer=90), entropy=Random(0).randbytes)
    device = c_end(library, PLAIN, ROLE_DEVICE, 5)
    wire = Wire(host, device, seed=0)
    wire.run(100_000)
    assert device.mtu == 80
    device.send(Predict(1, bytes(77)))
    wire.run(300_000)
    assert device.waiting == 1, "too large: not taken"


def test_memory_of_the_small_link(library: Library) -> None:
    assert link_library(library, PLAIN).glue_size() <= 3072
