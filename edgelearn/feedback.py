"""Tickets: what was predicted waits here, in bounded memory, for a truth or a reward that may come hours later.

A ticket names the session that issued it and a running number, so one from before a crash can never be taken
for another sample. The ledger is a ring: when it is full the oldest ticket goes first.
"""

import secrets
from collections.abc import Callable, Mapping

import numpy as np

from edgelearn.errors import ConfigError, TicketError
from edgelearn.types import F32, Array, Label


class Ledger:
    """Recent predictions by ticket, their features and the class each was answered with.

    They take at most ``max_bytes``, and none is older than ``ttl_s`` seconds.
    """

    def __init__(self, ttl_s: float, max_bytes: int, clock: Callable[[], float]) -> None:
        if not ttl_s > 0:
            raise ConfigError(f"ticket_ttl_s must be above 0 seconds, not {ttl_s}")
        self.ttl_s, self.max_bytes, self._clock = ttl_s, max_bytes, clock
        self.n_features: int | None = None  # D, once bound
        self._this_session = secrets.randbits(64)
        self._prefix = f"{self._this_session:016x}-"
        self.newest, self._next = -1, 0  # running numbers

    def bind(self, n_features: int) -> None:
        """Make room for features (D,); raises ConfigError when not one sample fits."""
        self._capacity = self.max_bytes // ledger_bytes(1, n_features)
        if self._capacity < 1:
            raise ConfigError(
                f"ticket_bytes={self.max_bytes} holds no sample of {n_features} features; "
                f"give at least {ledger_bytes(1, n_features)}"
            )
        self._features = np.zeros((self._capacity, n_features), np.float32)
        self._issued = np.zeros(self._capacity)
        self._number = np.full(self._capacity, -1, np.int64)
        self._session = np.zeros(self._capacity, np.uint64)
        self._action = np.full(self._capacity, -1, np.int32)
        self.n_features = n_features

    def empty(self) -> "Ledger":
        """Return one with the same bounds and without tickets."""
        return Ledger(self.ttl_s, self.max_bytes, self._clock)

    @property
    def memory_bytes(self) -> int:
        """Bytes of the ring; 0 before it is bound."""
        return 0 if self.n_features is None else ledger_bytes(self._capacity, self.n_features)

    def __len__(self) -> int:
        return 0 if self.n_features is None else int(np.count_nonzero(self._number >= 0))

    def issue(self, features: F32) -> str:
        """Keep a copy of ``features`` (D,) and return its ticket; `bind` comes first."""
        slot = self._next % self._capacity
        self._features[slot] = features
        self._issued[slot] = self._clock()
        self._number[slot], self._session[slot] = self._next, self._this_session
        self.newest, self._next = self._next, self._next + 1
        return f"{self._prefix}{self.newest}"

    def act(self, label: Label | None, labels: list[Label]) -> None:
        """Note what the newest ticket's sample was answered with: one of ``labels``, in class order, or None."""
        self._action[self.newest % self._capacity] = -1 if label is None else labels.index(label)

    def action(self, ticket: str) -> int | None:
        """Return the class a sample was answered with; None where there was none, or it was forgotten since."""
        c = int(self._action[self._find(ticket)])
        return None if c < 0 else c

    def forget(self, c: int) -> None:
        """Follow the removal of class ``c``: those behind it move up by one."""
        if self.n_features is not None:
            self._action[self._action == c] = -1
            self._action[self._action > c] -= 1

    def look(self, ticket: str) -> F32:
        """Return the features (D,) behind a ticket; raises TicketError with the reason when there are none."""
        slot = self._find(ticket)
        if self._clock() - self._issued[slot] > self.ttl_s:
            raise TicketError(
                f"ticket {ticket} is older than ticket_ttl_s={self.ttl_s:g}; nothing was learned"
            )
        return np.array(self._features[slot])

    def close(self, ticket: str) -> None:
        """Forget a ticket, so that it cannot teach twice."""
        self._number[self._find(ticket)] = -1

    def _find(self, ticket: str) -> int:
        if self.n_features is None:
            raise TicketError(f"no decision was made yet, so there is no ticket {ticket!r}")
        session, number = _parse(ticket)
        slot = number % self._capacity
        if self._number[slot] == number and self._session[slot] == session:
            return slot
        raise TicketError(
            f"ticket {ticket} is not in the ledger: it was used already, made room for newer ones "
            f"(ticket_bytes keeps the last {self._capacity}), or was issued after the last save before a crash"
        )

    def state(self) -> dict[str, Array]:
        """Return the open tickets as arrays; empty before it is bound."""
        if self.n_features is None:
            return {}
        kept = self._number >= 0
        return {
            "features": self._features[kept],
            "issued": self._issued[kept],
            "number": self._number[kept],
            "session": self._session[kept],
            "action": self._action[kept],
            "next": np.array(self._next),
        }

    def load(self, arrays: Mapping[str, Array]) -> None:
        """Take over open tickets; where the ring is smaller now, the newest stay."""
        if not arrays:
            return
        self.bind(arrays["features"].shape[1])
        self._next = max(self._next, int(arrays["next"]))
        actions = arrays.get("action", np.full(len(arrays["number"]), -1))  # schema 1 kept none
        for i in np.argsort(arrays["number"]):
            slot = int(arrays["number"][i]) % self._capacity
            self._features[slot] = arrays["features"][i]
            self._issued[slot] = arrays["issued"][i]
            self._number[slot], self._session[slot] = arrays["number"][i], arrays["session"][i]
            self._action[slot] = actions[i]


def ledger_bytes(tickets: int, n_features: int) -> int:
    """Return the bytes that so many open tickets take."""
    return tickets * (4 * n_features + 8 + 8 + 8 + 4)


def _parse(ticket: str) -> tuple[int, int]:
    try:
        session, number = ticket.split("-")
        return int(session, 16), int(number)
    except (ValueError, AttributeError):
        raise TicketError(f"{ticket!r} is not a ticket; use the one a decision carries") from None
