"""Two users who talk over a bad wire, through reboots, and remember what must be true of the messages."""

from collections.abc import Callable
from random import Random

from firmware_bridge.protocol.connection import Event, Opened, Received
from firmware_bridge.protocol.messages import Predict
from firmware_bridge.testing.wire import End, Faults, Wire

FAULTS = {
    "good": Faults(),
    "noisy": Faults(drop=3e-4, flip=1e-3, insert=3e-4),
    "stalling": Faults(flip=1e-4, repeat=0.05, delay=0.05, cut=0.05, delay_us=20_000),
    "awful": Faults(drop=2e-3, flip=5e-3, insert=2e-3, repeat=0.1, delay=0.02, cut=0.1, delay_us=20_000),
}
PATIENCE_US = 120_000_000  # until all has to have arrived, once the line is good


def content(serial: int, most: int) -> bytes:
    """Return what message ``serial`` carries; many are short, some as long as can be, zeros in them."""
    rng = Random(serial)
    size = rng.choice((0, rng.randrange(most + 1), most))
    return bytes(rng.choices(range(256), [40] + [1] * 255, k=size))


class Party:
    """One user: sends, and checks what comes: each message once, in order, as it was sent."""

    def __init__(self, make: Callable[[], End], most: int) -> None:
        """``make`` gives an end of a fresh boot; ``most``: bytes of the longest content."""
        self._make, self.most = make, most
        self.partner: Party
        self.serial = 0
        self.sent: list[int] = []  # in this session
        self.heard: list[int] = []  # of the partner, through all boots
        self.sessions = self.resumed = 0
        self.boot()

    def boot(self) -> End:
        """Forget what memory forgets."""
        self.sent = []
        self.end = self._make()
        return self.end

    @property
    def _longest(self) -> int:
        return min(self.most, self.partner.most)

    def say(self) -> None:
        """Send one message."""
        self.serial += 1
        self.sent.append(self.serial)
        self.end.send(Predict(self.serial, content(self.serial, self._longest)))

    def tell(self, event: Event) -> None:
        """Take an event and check it."""
        if isinstance(event, Received):
            number = event.message.id
            assert event.message.x == content(number, self._longest), f"message {number} came damaged"
            assert not self.heard or number > self.heard[-1], f"{number} came after {self.heard[-1]}"
            self.heard.append(number)
        elif isinstance(event, Opened):
            self.resumed += event.resumed
            if not event.resumed:
                self._began([message.id for message in event.returned])

    def _began(self, back: list[int]) -> None:
        self.sessions += 1
        assert back == self.sent[len(self.sent) - len(back) :], "what comes back is the latest, in order"
        self.check(set(back))
        self.sent = []

    def check(self, back: set[int] = frozenset()) -> None:
        """Check that what was acknowledged was delivered."""
        lost = set(self.sent) - back - set(self.partner.heard)
        assert not lost, f"{sorted(lost)} were acknowledged and never delivered"


def meet(host: Party, device: Party, seed: int, faults: Faults, **line: int) -> Wire:
    """Join two parties."""
    host.partner, device.partner = device, host
    return Wire(
        host.end, device.end, seed=seed, faults=faults, on_host=host.tell, on_device=device.tell, **line
    )


def converse(
    wire: Wire, host: Party, device: Party, steps: int, happens: Callable[[], None] = lambda: None
) -> None:
    """Let both talk while ``happens`` is called now and then; then heal the line and see that all arrives."""
    for _ in range(steps):
        wire.run(wire.rng.randrange(1_000, 60_000))
        for party in (host, device):
            if party.end.state == "open":
                for _ in range(wire.rng.randrange(5)):
                    party.say()
        happens()
    settle(wire, host, device)


def settle(wire: Wire, host: Party, device: Party) -> None:
    """Heal the line; all that waits has to arrive."""
    wire.heal()
    if not wire.plugged:
        wire.plug()
    wire.run(3_000_000)  # who believes itself open and is not, notices
    done = wire.run(PATIENCE_US, until=lambda: host.end.waiting == device.end.waiting == 0)
    assert done, (
        f"never settled: {host.end.state} {host.end.waiting}, {device.end.state} {device.end.waiting}"
    )
    host.check()
    device.check()
