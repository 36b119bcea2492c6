"""Two ends against a model: two queues. Whatever hypothesis does to the line, what comes out is what went in."""

from random import Random

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from firmware_bridge.protocol.constants import DEAD_AFTER_US, ROLE_DEVICE, ROLE_HOST
from tests.bridge.protocol.talk import KEY, pair

WHO = st.sampled_from([ROLE_HOST, ROLE_DEVICE])
CHUNKS_MAX = 200


class TwoEnds(RuleBasedStateMachine):
    """The line is two lists of chunks; the talkers check each delivery against what was said (`talk.py`)."""

    @initialize(seed=st.integers(0, 2**32), key=st.sampled_from([None, KEY]))
    def begin(self, seed, key):
        self.talkers = pair(Random(seed), key)
        self.line = ([], [])  # on the way to the host, to the device
        self.now_us = 0
        self.there = False
        self.plug()

    @precondition(lambda self: not self.there)
    @rule()
    def plug(self):
        self.there = True
        for talker in self.talkers:
            talker.end.connected(self.now_us)

    @precondition(lambda self: self.there)
    @rule()
    def unplug(self):
        self.there = False
        for talker, line in zip(self.talkers, self.line, strict=True):
            talker.end.disconnected(self.now_us)
            line.clear()

    @rule(who=WHO, count=st.integers(1, 40))
    def say(self, who, count):
        for _ in range(count):
            self.talkers[who].say()

    @rule(us=st.sampled_from([1, 1_000, 50_000, 250_000, DEAD_AFTER_US]))
    def wait(self, us):
        self.now_us += us
        for talker in self.talkers:
            for event in talker.end.poll(self.now_us):
                talker.told(event)

    @precondition(lambda self: self.there)
    @rule(who=WHO, room=st.sampled_from([1, 30, 700, 20_000]))
    def transmit(self, who, room):
        data = self.talkers[who].end.transmit(self.now_us, room)
        assert len(data) <= room
        if data and len(self.line[1 - who]) < CHUNKS_MAX:
            self.line[1 - who].append(data)

    @rule(who=WHO, count=st.integers(1, 10))
    def arrive(self, who, count):
        data = b"".join(self.line[who][:count])
        del self.line[who][:count]
        for event in self.talkers[who].end.receive(data, self.now_us):
            self.talkers[who].told(event)

    @rule(who=WHO, at=st.integers(0, 10**6), how=st.sampled_from(["drop", "flip", "zero", "cut", "again"]))
    def spoil(self, who, at, how):
        line = self.line[who]
        if not line:
            return
        i = at % len(line)
        chunk = line[i]
        j = at % len(chunk)
        spoilt = {"drop": b"", "flip": bytes([chunk[j] ^ (1 + at % 255)]), "zero": b"\0"}
        if how == "cut":
            line[i] = chunk[:j]
        elif how == "again":
            line.insert(i, chunk)
        else:
            line[i] = chunk[:j] + spoilt[how] + chunk[j + 1 :]
        line[:] = [chunk for chunk in line if chunk]

    @rule(who=WHO)
    def reboot(self, who):
        self.talkers[who].boot()
        if self.there:
            self.talkers[who].end.connected(self.now_us)

    @invariant()
    def what_is_kept_is_bounded(self):
        for talker in getattr(self, "talkers", ()):
            assert len(talker.end._receiver._ahead) <= 33
            assert len(talker.end._decoder._rest) <= 300
            sender = talker.end._sender
            assert sender._sent_cost <= sender._limit

    def teardown(self):
        if not hasattr(self, "talkers"):
            return
        if not self.there:
            self.plug()
        for _ in range(2_000):
            self.wait(20_000)
            for who in (ROLE_HOST, ROLE_DEVICE):
                self.transmit(who, 20_000)
                self.arrive(1 - who, CHUNKS_MAX)
            if self.now_us > 3_000_000 and not any(talker.end.waiting for talker in self.talkers):
                break
        for talker in self.talkers:
            talker.settled()


TestTwoEnds = TwoEnds.TestCase
TestTwoEnds.settings = settings(max_examples=80, stateful_step_count=60)
