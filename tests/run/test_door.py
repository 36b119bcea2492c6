"""The feedback door, without a process: the test turns the selector by hand."""

import json
import socket
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from selectors import SelectSelector

import pytest

from edgelearn.errors import ConfigError
from edgelearn.run.door import MAX_CLIENTS, MAX_LINE_BYTES, SocketDoor

ENDLESS_BYTES = 1 << 24  # more than the buffers between a client and the door hold


def echo(line: bytes | None) -> bytes:
    return b"too long" if line is None else b"<" + line + b">"


def connect(path: Path) -> socket.socket:
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.settimeout(10)
    client.connect(str(path))
    return client


def turn(selector: SelectSelector) -> None:
    """Serve until nobody wants anything."""
    while ready := selector.select(0):
        for key, mask in ready:
            key.data(mask)


@pytest.fixture
def selector() -> Iterator[SelectSelector]:
    with SelectSelector() as made:
        yield made


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "d.sock"


@pytest.fixture
def door(path: Path, selector: SelectSelector) -> Iterator[SocketDoor]:
    made = SocketDoor(path, selector, echo)
    yield made
    made.close()


def test_only_the_owner_may_open_it_and_it_is_gone_afterwards(path: Path, selector: SelectSelector) -> None:
    door = SocketDoor(path, selector, echo)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    door.close()
    assert not path.exists()


@pytest.mark.usefixtures("door")
def test_two_clients_are_answered_each_in_order(path: Path, selector: SelectSelector) -> None:
    with connect(path) as one, connect(path) as two:
        one.sendall(b"a\nb\nhal")
        two.sendall(b"c\n")
        turn(selector)
        assert one.recv(100) == b"<a>\n<b>\n"
        assert two.recv(100) == b"<c>\n"
        one.sendall(b"f\n")
        turn(selector)
        assert one.recv(100) == b"<half>\n"


@pytest.mark.usefixtures("door")
def test_a_line_without_newline_is_answered_when_the_client_is_done(
    path: Path, selector: SelectSelector
) -> None:
    with connect(path) as client:
        client.sendall(b"last")
        client.shutdown(socket.SHUT_WR)
        turn(selector)
        assert client.recv(100) == b"<last>\n"
        assert client.recv(100) == b""


@pytest.mark.usefixtures("door")
def test_a_line_that_never_ends_is_answered_once_it_does(path: Path, selector: SelectSelector) -> None:
    with connect(path) as client:
        for _ in range(3):
            client.sendall(b"x" * (MAX_LINE_BYTES // 2))
            turn(selector)
        client.sendall(b"\nok\n")
        turn(selector)
        assert client.recv(100) == b"too long\n<ok>\n"


@pytest.mark.usefixtures("door")
def test_a_client_that_does_not_read_its_answers_is_not_read_from(
    path: Path, selector: SelectSelector
) -> None:
    with connect(path) as client:
        client.settimeout(0)
        sent = 0
        with suppress(BlockingIOError):
            while sent < ENDLESS_BYTES:
                sent += client.send(b"question\n" * 500)
                turn(selector)
        assert sent < ENDLESS_BYTES
        client.settimeout(10)
        answers = b""
        while answers.count(b"\n") < sent // len(b"question\n"):
            turn(selector)
            answers += client.recv(1 << 16)
        assert set(answers.split(b"\n")) <= {b"<question>", b"", b"<" + b"question\n"[: sent % 9] + b">"}


@pytest.mark.usefixtures("door")
def test_a_client_that_hangs_up_disturbs_nobody(path: Path, selector: SelectSelector) -> None:
    with connect(path) as stays:
        with connect(path) as leaves:
            leaves.sendall(b"a\n" * 1000)
        turn(selector)
        stays.sendall(b"b\n")
        turn(selector)
        assert stays.recv(100) == b"<b>\n"


@pytest.mark.usefixtures("door")
def test_one_client_too_many_is_turned_away(path: Path, selector: SelectSelector) -> None:
    clients = []
    for _ in range(MAX_CLIENTS + 1):
        clients.append(connect(path))
        turn(selector)
    assert clients[-1].recv(100) == b""
    clients[0].sendall(b"a\n")
    turn(selector)
    assert clients[0].recv(100) == b"<a>\n"
    for client in clients:
        client.close()


def test_the_socket_of_a_dead_process_is_replaced(path: Path, selector: SelectSelector) -> None:
    dead = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    dead.bind(str(path))
    dead.close()
    door = SocketDoor(path, selector, echo)
    with connect(path) as client:
        client.sendall(json.dumps({}).encode() + b"\n")
        turn(selector)
        assert client.recv(100) == b"<{}>\n"
    door.close()


@pytest.mark.usefixtures("door")
def test_the_socket_of_a_living_process_is_left_alone(path: Path, selector: SelectSelector) -> None:
    with pytest.raises(ConfigError, match="another process listens"):
        SocketDoor(path, selector, echo)
    assert path.is_socket()


def test_places_where_no_socket_can_be(tmp_path: Path, selector: SelectSelector) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ConfigError, match="is there and no socket"):
        SocketDoor(tmp_path / "file", selector, echo)
    with pytest.raises(ConfigError, match="cannot be made: No such file"):
        SocketDoor(tmp_path / "absent" / "d.sock", selector, echo)
    with pytest.raises(ConfigError, match="cannot be made: AF_UNIX path too long"):
        SocketDoor(tmp_path / ("d" * 120), selector, echo)


def test_closing_leaves_a_socket_that_took_its_place(path: Path, selector: SelectSelector) -> None:
    door = SocketDoor(path, selector, echo)
    path.rename(path.with_name("kept.sock"))  # or the inode might be used again
    other = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    other.bind(str(path))
    door.close()
    assert path.is_socket()
    other.close()
