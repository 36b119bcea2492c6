"""How two ends agree on a session. `SPEC.md`, 3 and 6.

Rule 1. A session is two boots and two nonces; its number is in the check of every frame of it.
Rule 2. A nonce opens one session: the offer is drawn anew whenever one was opened.
Rule 3. Only a HELLO that proves to mean the same two nonces opens anything.
Rule 4. A session is held until another is opened; an end that comes back finds it again.
"""

import struct
from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

from firmware_bridge.protocol import auth
from firmware_bridge.protocol.constants import (
    FLAG_AUTH,
    FLAG_OPEN,
    NONCE_BYTES,
    PROTO_MAX,
    PROTO_MIN,
    ROLE_DEVICE,
    ROLE_HOST,
)
from firmware_bridge.protocol.events import Identity
from firmware_bridge.protocol.messages import SCHEMA, Hello, encode

FIRST_FIELDS = struct.Struct("<BBI")  # of HELLO, in every version
NO_PROOF = bytes(8)
WRONG_KEY_AFTER = 3  # wrong proofs in a row; one alone may have crossed a HELLO of this end


class Session(NamedTuple):
    """What both ends agreed on."""

    boot: int  # of the other end
    mine: bytes
    theirs: bytes
    number: int
    key: bytes | None


class Verdict(Enum):
    """What a HELLO of the right protocol means."""

    SAME = "the session held"
    NEW = "a new session"
    NOTHING = "nothing is opened"
    WRONG = "nothing is opened, and its proof fits nothing this end has said"


class Handshake:
    """One end's part in agreeing on a session."""

    def __init__(self, identity: Identity, key: bytes | None, entropy: Callable[[int], bytes]) -> None:
        self._identity, self._key, self._entropy = identity, key, entropy
        self._offer = entropy(NONCE_BYTES)
        self._said = self._offer  # the nonce of the latest HELLO sent
        self._heard: tuple[int, bytes] | None = (
            None  # boot and nonce of the other end, since the line is there
        )
        self._latest: tuple[int, bytes, int] | None = None  # the same and its peer, of the HELLO before
        self._wrong_proofs = 0
        self.session: Session | None = None

    def forget_heard(self) -> None:
        """Speak of the session held again, if there is one."""
        self._heard = None

    @property
    def wrong_key(self) -> bool:
        """Whether the other end has proved often enough that its key is another."""
        return self._wrong_proofs >= WRONG_KEY_AFTER

    def hello(self, is_open: bool, applied: int) -> Hello:
        """Return what to say now."""
        me, session = self._identity, self.session
        about = session
        if session is None or self._heard not in (None, (session.boot, session.theirs)):
            about = self._session(self._offer, *self._heard) if self._heard else None
        flags = (FLAG_AUTH if self._key else 0) | (FLAG_OPEN if is_open and about is session else 0)
        self._said = about.mine if about else self._offer
        hello = Hello(
            PROTO_MIN, PROTO_MAX, SCHEMA, me.role, flags, me.boot, about.boot if about else 0,
            me.mtu, me.rx_buffer, me.tick_hz, applied, me.layout, me.rule, me.number, me.n_pre, me.n_post,
            me.firmware, self._said, NO_PROOF,
        )  # fmt: skip
        return hello._replace(proof=self._proof(about, hello)) if about else hello

    def refusal(self, payload: bytes) -> str | None:
        """Return why the end that sent a HELLO of these first bytes cannot be talked to, or None."""
        if len(payload) < FIRST_FIELDS.size:
            return "the other end says a HELLO too short to be one: update the older of the two"
        low, high, schema = FIRST_FIELDS.unpack_from(payload)
        if low > PROTO_MAX or high < PROTO_MIN:
            return (
                f"the other end speaks protocol {low} to {high}, this end {PROTO_MIN} to {PROTO_MAX}: "
                "update the older of the two"
            )
        if schema != SCHEMA:
            return (
                f"the other end's messages have schema 0x{schema:08x}, this end's 0x{SCHEMA:08x}: "
                "build both from the same version"
            )
        return None

    def mismatch(self, hello: Hello) -> str | None:
        """Return why a HELLO of the right protocol cannot come from a partner, or None."""
        if hello.role == self._identity.role:
            name = "host" if hello.role == ROLE_HOST else "device"
            return f"both ends are the {name} (the line may be looped back): connect a host to a device"
        if bool(hello.flags & FLAG_AUTH) != bool(self._key):
            who, whom = ("the other", "this") if hello.flags & FLAG_AUTH else ("this", "the other")
            return f"{who} end has a key and {whom} end has none: give both the same key, or neither"
        if hello.boot == 0 or hello.role not in (ROLE_HOST, ROLE_DEVICE):
            return f"the other end says role {hello.role}, boot {hello.boot}, which no end has"
        return None

    def judge(self, hello: Hello, is_open: bool) -> tuple[Verdict, bool]:
        """Return what ``hello`` means, and whether it says another boot, nonce or peer than the one before.

        `session` is the new one where it is new.
        """
        held, about, before = self.session, (hello.boot, hello.nonce), self._latest
        self._latest = (*about, hello.peer)
        news = before != self._latest
        if hello.peer == self._identity.boot:
            if held is not None and about == (held.boot, held.theirs) and self._proved(held, hello):
                return self._fits(about, Verdict.SAME), news
            fresh = self._session(self._offer, *about)
            if self._proved(fresh, hello):
                self.session, self._offer = fresh, self._entropy(NONCE_BYTES)
                return self._fits(about, Verdict.NEW), news
        if not (is_open and held is not None and hello.boot == held.boot and hello.nonce != held.theirs):
            self._heard = about
        if self._key and hello.peer == self._identity.boot and not self._proved(self._said_to(about), hello):
            self._wrong_proofs += 1
            return Verdict.WRONG, news
        return Verdict.NOTHING, news

    def _fits(self, about: tuple[int, bytes], verdict: Verdict) -> Verdict:
        self._heard, self._wrong_proofs = about, 0
        return verdict

    def _said_to(self, about: tuple[int, bytes]) -> Session:
        return self._session(self._said, *about)

    def _session(self, mine: bytes, boot: int, theirs: bytes) -> Session:
        me = self._identity
        if me.role == ROLE_HOST:
            names = auth.Names(me.boot, boot, mine, theirs)
        else:
            names = auth.Names(boot, me.boot, theirs, mine)
        key = auth.session_key(self._key, names) if self._key else None
        return Session(boot, mine, theirs, names.number(), key)

    def _proved(self, session: Session, hello: Hello) -> bool:
        return auth.equal(self._proof(session, hello), hello.proof)

    @staticmethod
    def _proof(session: Session, hello: Hello) -> bytes:
        if session.key is None:
            return session.number.to_bytes(8, "little")
        return auth.proof(session.key, hello.role, encode(hello._replace(proof=NO_PROOF)))
