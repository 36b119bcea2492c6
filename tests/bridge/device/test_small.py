"""A small firmware, with a key: one message under way, one frame kept, a small ring, 16 bytes at a time."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from firmware_bridge.protocol import messages as m
from firmware_bridge.protocol.connection import Refused
from firmware_bridge.protocol.constants import CODES
from tests.bridge.conftest import Build
from tests.bridge.device.process import Device, Host, calling, device, made, talking, terminal

KEY = bytes(range(32))
SIZES = ("TX_SLOTS=1", "RX_SLOTS=1", "CHUNK=16", "WINDOW_BYTES=600", "MTU=272", "SLOT_BYTES=4096", "AUTH=1")
X = np.linspace(-1, 1, 64, dtype=np.float32).tobytes()


@pytest.fixture(scope="module")
def program(build: Build) -> Path:
    return made(build, "small device", *(f"-DEL_{size}" for size in SIZES))


@pytest.fixture
def host(program: Path) -> Iterator[Host]:
    with talking(program, "--key", KEY.hex(), key=KEY) as host:
        yield host


def test_a_flood_of_commands_is_answered_in_order_each_once(host: Host) -> None:
    host.flood(200)


def test_a_state_goes_there_and_comes_back(host: Host) -> None:
    state = np.random.default_rng(1).normal(size=640).astype(np.float32).tobytes()
    host.write_state(state, step=250)
    assert host.commit(state).code == 0
    assert host.read_state() == state


def test_a_sample_may_fill_a_frame(host: Host) -> None:
    assert host.ask(m.Learn(0, 1, X)).code == 0
    assert len(host.ask(m.Predict(0, X)).scores) == 40


def test_a_window_has_the_room_of_a_frame_and_of_the_memory(host: Host) -> None:
    assert host.ask(m.Configure(0, 0, 131, 1, 0)).detail == (272 - 12) // 2
    assert host.ask(m.Configure(0, 0, 300, 1, 15)).detail == (600 - 4 - 16) // 2
    assert host.ask(m.Configure(0, 0, 290, 1, 15)).code == 0


@pytest.mark.parametrize("key", [None, bytes(32)], ids=["no key", "another key"])
def test_a_host_with_another_key_is_refused_and_told(program: Path, key: bytes | None) -> None:
    with device(program, "--key", KEY.hex()) as run, terminal(run.path) as file:
        host = Host(file, key=key)
        host.run(lambda: any(isinstance(event, Refused) for event in host.events))
        assert host.link.state == "closed"


def test_a_key_of_another_length_is_refused(program: Path) -> None:
    run = Device(program, "--pty", "--key", "00ff")
    assert run.process.wait() == 2
    assert run.process.communicate()[1] == "device: a key has 64 hexadecimal digits\n"


def test_a_socket_takes_one_caller_after_the_other(program: Path, tmp_path: Path) -> None:
    path = str(tmp_path / "line")
    run = Device(program, "--socket", path)
    try:
        for _ in range(3):
            with calling(path) as file:
                host = Host(file)
                host.open()
                assert host.ask(m.Reset(0, 7)).code == CODES["UNABLE"]
    finally:
        run.close()


def test_a_link_points_to_the_terminal(program: Path, tmp_path: Path) -> None:
    link = tmp_path / "board"
    for _ in range(2):  # the second replaces the first
        with device(program, "--link", str(link)) as run:
            assert str(link.readlink()) == run.path
            with terminal(str(link)) as file:
                Host(file).open()
