"""Two ends and nothing between them: bytes go over by hand."""

from firmware_bridge.protocol.connection import Connection, Event, Identity
from firmware_bridge.protocol.constants import ROLE_DEVICE, ROLE_HOST

KEY = bytes(range(32))
PLENTY = 1 << 20


def end(role: int, boot: int, draws: int = 0, **options) -> Connection:
    """Return an end whose nonces are its boot and a counter."""
    fields = {k: options.pop(k) for k in tuple(options) if k in Identity._fields}
    count = [draws]

    def entropy(size: int) -> bytes:
        count[0] += 1
        return (boot << 32 | count[0]).to_bytes(size, "little")

    return Connection(Identity(role, boot, **fields), entropy=entropy, **options)


def ends(**options) -> tuple[Connection, Connection]:
    """Return a host and a device."""
    return end(ROLE_HOST, 11, **options), end(ROLE_DEVICE, 22, **options)


def over(sender: Connection, receiver: Connection, now_us: int) -> list[Event]:
    """Let all that ``sender`` has to say be heard."""
    return receiver.receive(sender.transmit(now_us, PLENTY), now_us)


def talk(
    host: Connection, device: Connection, now_us: int, rounds: int = 6
) -> tuple[list[Event], list[Event]]:
    """Let both speak by turns; return what the host and what the device was told."""
    at_host: list[Event] = []
    at_device: list[Event] = []
    for _ in range(rounds):
        at_device += over(host, device, now_us)
        at_host += over(device, host, now_us)
    return at_host, at_device


def opened(now_us: int = 0, **options) -> tuple[Connection, Connection]:
    """Return a host and a device that are open with each other."""
    host, device = ends(**options)
    host.connected(now_us)
    device.connected(now_us)
    talk(host, device, now_us)
    assert host.state == device.state == "open"
    return host, device
