"""A head in C lives as its layer or readout in Python does: scores, labels and state equal to the last bit."""

import zlib

import numpy as np
import pytest

from edgelearn.export import describe, load_state, state_bytes, to_c
from edgelearn.export.affine import Affine
from edgelearn.layer import Layer
from edgelearn.testing.fills import same_bits
from firmware_bridge.protocol.constants import CODES, NO_LABEL
from tests.bridge.rules.heads import SAMPLES, SUBJECTS, dense
from tests.bridge.rules.machines import KINDS, LEARNER, machine

OK, VALUE, LABEL, UNABLE = (CODES[name] for name in ("OK", "VALUE", "LABEL", "UNABLE"))
STATE_EVERY = 20


class Chip:
    """The learner of the firmware with one head."""

    def __init__(self, kind, head, folder):
        to_c(head, folder / "el_head.h")
        self.layout = describe(head)
        self._machine = machine(kind, LEARNER, folder, [folder])
        self._machine.call("el_learner_start")
        assert self._machine.call("el_learner_state_size") == self.layout.size

    def predict(self, x):
        scores, label = np.full(self.layout.n_post, 7, np.float32), np.full(1, -7, np.int16)
        return self._code("el_learner_predict", x, scores, label), scores, int(label[0])

    def learn(self, x, label):
        return self._code("el_learner_learn", x, label)

    def reward(self, x, reward):
        return self._code("el_learner_reward", x, float(reward))

    def state(self):
        found = np.zeros(self.layout.size, np.uint8)
        self._machine.call("el_learner_state_read", 0, found, self.layout.size)
        return found.tobytes()

    def write(self, state):
        half = len(state) // 8 * 4
        for at, part in ((0, state[:half]), (half, state[half:])):
            self._machine.call("el_learner_state_write", at, np.frombuffer(part, np.uint8).copy(), len(part))

    def start(self):
        self._machine.call("el_learner_start")

    def _code(self, symbol, *args):
        return self._machine.call(symbol, *args) & 0xFF


def taught(head, x, k):
    """Let the head in Python learn sample number ``k``; return how the device is to learn it."""
    if not isinstance(head, Layer):
        head.learn_one(x, k % len(head.classes_))
        return "learn", k % len(head.classes_)
    if head.signal.teaches == "reward":
        head.learn_one(x, np.array([np.float32(k % 3 - 0.5)]))
        return "reward", k % 3 - 0.5
    teach = (
        np.eye(head.n_post, dtype=np.float32)[k % head.n_post] if head.n_teach else np.zeros(0, np.float32)
    )
    head.learn_one(x, teach)
    return "learn", k % head.n_post if head.n_teach else NO_LABEL


def scores_of(head, x):
    return head.transform(x) if isinstance(head, Layer) else head.scores_one(x).astype(np.float32)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", SUBJECTS)
def test_a_head_lives_as_in_python(name, kind, tmp_path):
    head, rng = SUBJECTS[name].make(), np.random.default_rng(zlib.crc32(name.encode()))
    chip, before = Chip(kind, head, tmp_path), state_bytes(head)
    for k, x in enumerate(SUBJECTS[name].samples(rng, SAMPLES)):
        expected = scores_of(head, x)
        code, scores, label = chip.predict(x)
        assert (code, label) == (OK, int(expected.argmax())), k
        assert same_bits(scores, expected), k
        function, word = taught(head, x, k)
        assert getattr(chip, function)(x, word) == OK, k
        if k % STATE_EVERY == 0:
            assert chip.state() == state_bytes(head), k
    assert chip.state() == state_bytes(head)
    assert chip.state() != before
    chip.start()
    assert chip.state() == before


@pytest.mark.parametrize("name", SUBJECTS)
def test_host_and_device_hand_the_head_to_each_other(name, tmp_path):
    """Learning goes on where the other one stopped, and at no time can it be told who learned."""
    head, alone = SUBJECTS[name].make(), SUBJECTS[name].make()
    chip = Chip("desktop", head, tmp_path)
    for k, x in enumerate(SUBJECTS[name].samples(np.random.default_rng(5), 40)):
        function, word = taught(alone, x, k)
        if k % 8 < 4:
            assert getattr(chip, function)(x, word) == OK
            load_state(head, chip.state())
        else:
            taught(head, x, k)
            chip.write(state_bytes(head))
        assert chip.state() == state_bytes(head) == state_bytes(alone)


@pytest.mark.parametrize("kind", ["desktop watched", "m4f zig", "m0 zig"])
@pytest.mark.parametrize("name", SUBJECTS)
def test_what_cannot_be_learned_changes_nothing(name, kind, tmp_path):
    head, subject = SUBJECTS[name].make(), SUBJECTS[name]
    chip, x = Chip(kind, head, tmp_path), subject.samples(np.random.default_rng(0), 1)[0]
    function, word = taught(SUBJECTS[name].make(), x, 0)
    before = chip.state()
    for bad in (np.nan, np.inf, -np.inf, 1000.0, -1000.0):
        spoiled = np.array(x)
        spoiled[-1] = bad
        assert getattr(chip, function)(spoiled, word) == VALUE
        assert chip.predict(spoiled)[0] == VALUE
    teaches = head.signal.teaches if isinstance(head, Layer) else "label"
    if teaches == "label":
        assert [chip.learn(x, label) for label in (NO_LABEL, subject.n_post)] == [LABEL, LABEL]
    if teaches == "reward":
        assert [chip.reward(x, bad) for bad in (np.nan, np.inf, 1000.0)] == [VALUE] * 3
        assert chip.learn(x, 0) == UNABLE
    else:
        assert chip.reward(x, 1.0) == UNABLE
    assert chip.state() == before


@pytest.mark.parametrize("kind", ["desktop watched", "m4f zig", "m0 zig"])
def test_a_drive_too_large_is_refused(kind, tmp_path):
    head = SUBJECTS["delta"].make()
    head.w[:, 2] = 900.0
    chip, x = Chip(kind, head, tmp_path), np.full(12, 0.5, np.float32)
    before = chip.state()
    assert [chip.predict(x)[0], chip.learn(x, 1)] == [VALUE, VALUE]
    assert chip.state() == before


@pytest.mark.parametrize("kind", KINDS)
def test_a_fixed_head_only_predicts(kind, tmp_path):
    rng = np.random.default_rng(1)
    head = Affine(rng.normal(size=18).astype(np.float32), rng.normal(size=(7, 18)).astype(np.float32))
    chip = Chip(kind, head, tmp_path)
    for x in dense(7)(rng, 20):
        u = np.zeros(18, np.float32)
        for value, row in zip(x, head.w, strict=True):
            u = u + value * row if value != 0 else u
        code, scores, label = chip.predict(x)
        assert (code, label) == (OK, int((head.bias + u).argmax()))
        assert same_bits(scores, head.bias + u)
    assert [chip.learn(x, 0), chip.reward(x, 1.0)] == [UNABLE, UNABLE]
    assert chip.state() == state_bytes(head)


def test_a_nearest_class_mean_that_learned_nothing_knows_no_label(tmp_path):
    ncm = SUBJECTS["ncm"].make()
    chip, x = Chip("desktop watched", ncm, tmp_path), np.ones(8, np.float32)
    chip.write(bytes(chip.layout.size))
    assert chip.predict(x)[2] == NO_LABEL
    assert chip.learn(x, 3) == OK
    assert chip.state().startswith(x.tobytes())  # the first sample is the origin
    code, scores, label = chip.predict(2 * x)
    assert (code, label, scores[3]) == (OK, 3, -4.0)
    assert np.isneginf(scores[[0, 1, 2, 4]]).all()
