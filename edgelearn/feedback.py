"""Tickets: what was predicted waits here, in bounded memory, for the truth that may come hours later.

A ticket names the session that issued it and a running number, so one from before a crash can never be taken
for another sample. The ledger is a ring: when it is full the oldest ticket goes first.
"""

import secrets
from collections.abc import Callable, Mapping

import numpy as np

from edgelearn.errors import ConfigError, TicketError
from edgelearn.types import F32, Array


class Ledger:
    """Features of recent predictions, by ticket; at most ``max_bytes``, none older than ``ttl_s`` seconds."""

    def __init__(self, n_features: int, ttl_s: float, max_bytes: int, clock: Callable[[], float]) -> None:
        self._capacity = max_bytes // ledger_bytes(1, n_features)
        if self._capacity < 1:
            raise ConfigError(
                f"ticket_bytes={max_bytes} holds no sample of {n_features} features; "
                f"give at least {ledger_bytes(1, n_features)}"
            )
        self._ttl_s, self._clock = ttl_s, clock
        self._features = np.zeros((self._capacity, n_features), np.float32)
        self._issued = np.zeros(self._capacity)
        self._number = np.full(self._capacity, -1, np.int64)
        self._session = np.zeros(self._capacity, np.uint64)
        self._this_session = secrets.randbits(64)
        self._prefix = f"{self._this_session:016x}-"
        self._next = 0

    @property
    def memory_bytes(self) -> int:
        """Bytes of the ring."""
        return ledger_bytes(self._capacity, self._features.shape[1])

    @property
    def n_features(self) -> int:
        """D of the features it keeps."""
        return int(self._features.shape[1])

    def __len__(self) -> int:
        return int(np.count_nonzero(self._number >= 0))

    def issue(self, features: F32) -> str:
        """Keep a copy of ``features`` (D,) and return its ticket."""
        slot = self._next % self._capacity
        self._features[slot] = features
        self._issued[slot] = self._clock()
        self._number[slot], self._session[slot] = self._next, self._this_session
        self._next += 1
        return f"{self._prefix}{self._next - 1}"

    def look(self, ticket: str) -> F32:
        """Return the features (D,) behind a ticket; raises TicketError with the reason when there are none."""
        slot = self._find(ticket)
        if self._clock() - self._issued[slot] > self._ttl_s:
            raise TicketError(
                f"ticket {ticket} is older than ticket_ttl_s={self._ttl_s:g}; nothing was learned"
            )
        return np.array(self._features[slot])

    def close(self, ticket: str) -> None:
        """Forget a ticket, so that it cannot teach twice."""
        self._number[self._find(ticket)] = -1

    def _find(self, ticket: str) -> int:
        session, number = _parse(ticket)
        slot = number % self._capacity
        if self._number[slot] == number and self._session[slot] == session:
            return slot
        raise TicketError(
            f"ticket {ticket} is not in the ledger: it was used already, made room for newer ones "
            f"(ticket_bytes keeps the last {self._capacity}), or was issued after the last save before a crash"
        )

    def state(self) -> dict[str, Array]:
        """Return the open tickets as arrays."""
        kept = self._number >= 0
        return {
            "features": self._features[kept],
            "issued": self._issued[kept],
            "number": self._number[kept],
            "session": self._session[kept],
            "next": np.array(self._next),
        }

    def load(self, arrays: Mapping[str, Array]) -> None:
        """Take over open tickets; where the ring is smaller now, the newest stay."""
        self._number[:] = -1
        self._next = max(self._next, int(arrays["next"]))
        for i in np.argsort(arrays["number"]):
            slot = int(arrays["number"][i]) % self._capacity
            self._features[slot] = arrays["features"][i]
            self._issued[slot] = arrays["issued"][i]
            self._number[slot], self._session[slot] = arrays["number"][i], arrays["session"][i]


def ledger_bytes(tickets: int, n_features: int) -> int:
    """Return the bytes that so many open tickets take."""
    return tickets * (4 * n_features + 8 + 8 + 8)


def _parse(ticket: str) -> tuple[int, int]:
    try:
        session, number = ticket.split("-")
        return int(session, 16), int(number)
    except (ValueError, AttributeError):
        raise TicketError(f"{ticket!r} is not a ticket; use the one a decision carries") from None
