"""Ports of all kinds: opened, refused in words that help, vanished in one way."""

import errno
import grp
import os
import socket
import termios
import threading
from contextlib import suppress
from pathlib import Path

import pytest
import serial

from firmware_bridge import memory, transport
from firmware_bridge.pacing import AHEAD_S, Pace
from firmware_bridge.protocol.errors import PortError
from firmware_bridge.refusals import refusal
from firmware_bridge.testing.line import raw_pty
from firmware_bridge.transport import open_port, parse


@pytest.fixture
def pty():
    master, slave, path = raw_pty()
    yield master, slave, path
    for descriptor in (master, slave):
        with suppress(OSError):
            os.close(descriptor)


@pytest.mark.parametrize(
    ("url", "where"),
    [
        ("/dev/ttyACM0", ("serial", "/dev/ttyACM0", 9600, False)),
        ("COM3", ("serial", "COM3", 9600, False)),
        ("serial:///dev/ttyUSB0?baud=921600", ("serial", "/dev/ttyUSB0", 921600, False)),
        ("serial:///dev/ttyUSB0?reset=1", ("serial", "/dev/ttyUSB0", 9600, True)),
        ("socket://localhost:5000", ("socket", "localhost:5000", None, False)),
        ("memory://a?baud=115200", ("memory", "a", 115200, False)),
        ("loop://", ("loop", "", None, False)),
    ],
)
def test_a_url_is_taken_apart(url, where):
    assert parse(url, 9600) == where


@pytest.mark.parametrize(
    "url",
    [
        "tcp://a:1",
        "serial:///dev/x?speed=3",
        "serial:///dev/x?baud=fast",
        "serial:///dev/x?baud=0",
        "socket://a",
    ],
)
def test_a_url_that_names_no_port_is_refused(url):
    with pytest.raises(PortError, match="://"):
        parse(url, 9600)


def test_bytes_pass_a_pty_both_ways(pty):
    master, _, path = pty
    port = open_port(f"serial://{path}?baud=1234567")
    assert port.write(b"down") == 4
    assert os.read(master, 10) == b"down"
    os.write(master, b"\x00\x11\x13up\r\n")
    assert port.read(1.0) == b"\x00\x11\x13up\r\n"
    assert port.read(0.0) == b""
    port.close()
    port.close()


def test_bytes_pass_a_socket_both_ways():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = open_port(f"socket://127.0.0.1:{server.getsockname()[1]}")
        peer, _ = server.accept()
        with peer:
            assert port.write(b"down") == 4
            assert peer.recv(10) == b"down"
            peer.sendall(b"up")
            assert port.read(1.0) == b"up"
        with pytest.raises(PortError, match="vanished"):
            port.read(1.0)
        port.close()


def test_a_loop_returns_what_was_written():
    port = open_port("loop://")
    assert port.write(b"around") == 6
    heard = b""
    while len(heard) < 6:
        heard += port.read(1.0)
    assert heard == b"around"
    port.close()


def test_memory_opens_what_is_plugged_in_and_says_what_there_is():
    ends = []
    plug = memory.plug("here", ends.append)
    host = open_port("memory://here")
    host.write(b"hello")
    assert ends[0].read(1.0) == b"hello"
    with pytest.raises(PortError, match="memory://here"):
        open_port("memory://elsewhere")
    plug.pull()
    with pytest.raises(PortError, match="vanished"):
        host.read(1.0)
    with pytest.raises(PortError, match="nothing is plugged in"):
        open_port("memory://here")


@pytest.mark.parametrize("url", ["pty", "loop://"])
def test_a_read_that_waits_ends_when_it_is_woken(url, pty):
    port = open_port(pty[2] if url == "pty" else url)
    waiting = threading.Timer(0.05, port.wake)
    waiting.start()
    assert port.read(60.0) == b""
    waiting.join()
    port.close()


def test_a_missing_port_names_those_there_are(tmp_path, monkeypatch):
    monkeypatch.setattr(transport, "present", lambda: [transport.Present("/dev/ttyXY7", "", None)])
    with pytest.raises(PortError, match=r"there is no port .*absent; there are: /dev/ttyXY7"):
        open_port(str(tmp_path / "absent"))


def test_a_port_in_use_is_said_to_be_busy(pty):
    port = open_port(pty[2])
    with pytest.raises(PortError, match="busy"):
        open_port(pty[2])
    port.close()
    open_port(pty[2]).close()


def test_a_file_is_no_port(tmp_path):
    path = tmp_path / "file"
    path.write_text("text")
    with pytest.raises(PortError, match="cannot be used as a serial port"):
        open_port(str(path))


def test_a_port_of_a_group_names_it_and_the_command_to_join(tmp_path, monkeypatch):
    path = tmp_path / "port"
    path.touch(0o660)
    monkeypatch.setenv("USER", "someone")
    monkeypatch.setattr(grp, "getgrgid", lambda _: grp.struct_group(("dialout", "x", 20, [])))
    path.chmod(0o660)
    error = refusal(str(path), OSError(errno.EACCES, "denied"), [])
    assert "sudo usermod -a -G dialout someone" in str(error)
    monkeypatch.setattr(grp, "getgrgid", lambda _: grp.struct_group(("dialout", "x", 54321, ["someone"])))
    assert "log in again" in str(refusal(str(path), OSError(errno.EACCES, "denied"), []))
    path.chmod(0o600)
    assert "udev rule" in str(refusal(str(path), OSError(errno.EACCES, "denied"), []))


def test_a_port_another_user_may_not_open_says_so(pty):
    if os.geteuid() != 0:
        pytest.skip("needs root to become somebody else")
    Path(pty[2]).chmod(0o600)
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        try:
            open_port(pty[2])
        except PortError as error:
            os._exit(0 if "may not be opened" in str(error) else 1)
        os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.parametrize(
    "raised",
    [
        serial.SerialException("gone"),
        OSError(errno.EIO, "gone"),
        termios.error(5, "gone"),
        serial.SerialTimeoutException("gone"),
        TypeError("fileno of None"),
    ],
)
@pytest.mark.parametrize("call", ["read", "write", "out_waiting"])
def test_whatever_a_vanished_port_raises_is_a_port_error(raised, call, pty, monkeypatch):
    master, _, path = pty
    port = open_port(path)
    os.write(master, b"something to read")

    def fail(*_):
        raise raised

    kind = type(port._serial)
    monkeypatch.setattr(kind, call, property(fail) if call == "out_waiting" else fail)
    with pytest.raises(PortError, match="vanished"):
        {"read": lambda: port.read(1.0), "write": lambda: port.write(b"x"), "out_waiting": port.room}[call]()
    port.close()


def test_a_port_that_is_pulled_fails_in_read_write_and_after_close(pty):
    master, _, path = pty
    port = open_port(path)
    os.close(master)
    for call in (lambda: port.read(5.0), lambda: port.write(b"x")):
        with pytest.raises(PortError):
            call()
    port.close()
    for call in (lambda: port.read(5.0), lambda: port.write(b"x"), port.room):
        with pytest.raises(PortError):
            call()


def test_a_name_that_is_given_to_another_port_is_noticed(pty, tmp_path):
    link = tmp_path / "by-id"
    link.symlink_to(pty[2])
    port = open_port(str(link))
    other_master, other_slave, other = raw_pty()
    fresh = tmp_path / "fresh"
    fresh.symlink_to(other)
    fresh.replace(link)
    with pytest.raises(PortError, match="another device"):
        port.read(5.0)
    port.close()
    os.close(other_master)
    os.close(other_slave)


def test_a_full_buffer_takes_nothing_and_does_not_wait(pty):
    port = open_port(f"serial://{pty[2]}?baud=4000000")
    taken = [port.write(b"x" * 4096) for _ in range(40)]
    assert taken[-1] == 0
    assert sum(taken) < 40 * 4096
    port.close()


def test_room_is_what_the_line_sends_in_the_time_ahead():
    pace = Pace(115200)
    assert pace.room(100.0) == int(11520 * AHEAD_S)
    pace.sent(100, 100.0)
    assert pace.room(100.0) == int(11520 * AHEAD_S) - 100
    assert pace.room(100.0 + 100 / 11520) == int(11520 * AHEAD_S)
    now_s, given = 200.0, 0
    while now_s < 201.0:
        room = pace.room(now_s)
        pace.sent(room, now_s)
        given += room
        now_s += pace.wait_s(now_s)
    assert given == pytest.approx(11520, abs=11520 * 1.1 * AHEAD_S)


def test_dtr_is_left_as_it_is_when_the_port_is_closed(pty):
    port = open_port(pty[2])
    assert not termios.tcgetattr(pty[1])[2] & termios.HUPCL
    port.close()
