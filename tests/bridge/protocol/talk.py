"""Two ends that talk over a wire and remember what must be true: each message once, in order, lost by nobody."""

from collections.abc import Callable
from random import Random

from firmware_bridge.protocol.connection import Connection, Identity, Opened, Received
from firmware_bridge.protocol.constants import ROLE_DEVICE, ROLE_HOST
from firmware_bridge.protocol.messages import Predict
from firmware_bridge.testing.wire import Faults, Wire

KEY = bytes(range(32))


def content(serial: int) -> bytes:
    """Return the bytes of a message, which its number tells."""
    rng = Random(serial)
    return rng.randbytes(rng.randrange(200)).replace(b"\x7f", b"\0")


class Talker:
    """One end and its user, through all its boots."""

    def __init__(self, role: int, rng: Random, key: bytes | None = None) -> None:
        self.role, self._rng, self._key = role, rng, key
        self.partner: Talker
        self.serial = 0  # of the last message sent, through all boots
        self.session: list[int] = []  # sent in this session
        self.heard: list[int] = []  # delivered by the other end's messages, through all boots
        self.returned = 0
        self.opened = 0
        self.boot()

    def boot(self) -> Connection:
        """Start anew: what was queued is gone with the memory it was in."""
        self.session = []
        identity = Identity(self.role, self._rng.randrange(1, 2**32), mtu=256, rx_buffer=2048)
        self.end = Connection(identity, key=self._key, entropy=self._rng.randbytes)
        return self.end

    def say(self) -> None:
        """Send one message."""
        self.serial += 1
        self.session.append(self.serial)
        self.end.send(Predict(self.serial, content(self.serial)))

    def told(self, event: object) -> None:
        """Take an event, and check what it says."""
        if isinstance(event, Received):
            message = event.message
            assert message.x == content(message.id), f"message {message.id} came damaged"
            assert not self.heard or message.id > self.heard[-1], f"{message.id} came after {self.heard[-1]}"
            self.heard.append(message.id)
        elif isinstance(event, Opened):
            self.opened += 1
            if not event.resumed:
                self._began(event)

    def _began(self, event: Opened) -> None:
        back = [message.id for message in event.returned]
        assert back == self.session[len(self.session) - len(back) :], (
            "what comes back is the latest, in order"
        )
        gone = set(self.session) - set(back) - set(self.partner.heard)
        assert not gone, f"{sorted(gone)} were acknowledged and never delivered"
        self.returned += len(back)
        self.session = []

    def settled(self) -> None:
        """Check that all of this session arrived."""
        assert self.end.waiting == 0, f"{self.end.waiting} messages still wait"
        missing = set(self.session) - set(self.partner.heard)
        assert not missing, f"{sorted(missing)} were acknowledged and never delivered"


def pair(rng: Random, key: bytes | None = None) -> tuple[Talker, Talker]:
    """Return a host and a device that talk to each other."""
    host, device = Talker(ROLE_HOST, rng, key), Talker(ROLE_DEVICE, rng, key)
    host.partner, device.partner = device, host
    return host, device


def joined(seed: int, faults: Faults, key: bytes | None = None, **line: int) -> tuple[Wire, Talker, Talker]:
    """Return a wire of this seed and the two ends that talk over it."""
    host, device = pair(Random(seed), key)
    wire = Wire(
        host.end, device.end, seed=seed, faults=faults, on_host=host.told, on_device=device.told, **line
    )
    return wire, host, device


def converse(wire: Wire, host: Talker, device: Talker, steps: int, happens: Callable[[], None]) -> None:
    """Let both talk while ``happens`` is called now and then; then heal the line and wait for silence."""
    for _ in range(steps):
        wire.run(wire.rng.randrange(1_000, 40_000))
        for talker in (host, device):
            if talker.end.state == "open":
                for _ in range(wire.rng.randrange(6)):
                    talker.say()
        happens()
    settle(wire, host, device)


def settle(wire: Wire, host: Talker, device: Talker) -> None:
    """Heal the line and check that everything arrives."""
    wire.heal()
    if not wire.plugged:
        wire.plug()
    wire.run(3_000_000)  # those who believe themselves open notice that they are not, and meet
    done = wire.run(60_000_000, until=lambda: host.end.waiting == device.end.waiting == 0)
    assert done, (
        f"never settled: {host.end.state} {host.end.waiting}, {device.end.state} {device.end.waiting}"
    )
    host.settled()
    device.settled()
