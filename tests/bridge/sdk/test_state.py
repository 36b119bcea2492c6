"""What a device learned continues on the host, and the other way, equal to the last bit."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from edgelearn import NCM, Layer, Learner, export
from edgelearn.emulator.boards.heads import head
from edgelearn.errors import InputError, UnsupportedError
from edgelearn.layer import Layer as AnyLayer
from tests.bridge.conformance.made import HEADS, N_PRE, clouds, discriminants, means
from tests.bridge.conftest import Library
from tests.bridge.sdk.native import Native

LEARNERS = ["softmax", "three_factor", "softhebb", "stdp", "ncm", "q15", "q15 three_factor"]


class Stream:
    """The same samples for whoever asks: x (n, N_PRE) with zeros, labels, rewards."""

    def __init__(self, kind: str, n_post: int, seed: int = 3) -> None:
        rng = np.random.default_rng(seed)
        x = rng.normal(size=(300, N_PRE)) * (rng.uniform(size=(300, N_PRE)) < 0.7)
        self.x = (np.clip(x / 4, -1, 0.99) * 2**15).astype("<i2") if kind == "<i2" else x.astype(np.float32)
        self.labels = rng.integers(n_post, size=300).tolist()
        self.rewards = rng.normal(size=300).astype(np.float32).tolist()

    def teach(self, learns: object, start: int, stop: int) -> None:
        """Teach samples ``start`` to ``stop``: by label, and by reward where a label says nothing."""
        for k in range(start, stop):
            said = learns.learn(self.x[k], self.labels[k])
            if said != 0 and getattr(said, "code", said) != "OK":
                learns.reward(self.x[k], self.rewards[k])


@pytest.mark.parametrize("name", LEARNERS)
def test_host_then_device_then_host_is_one_stream(name: str, library: Library, tmp_path: Path) -> None:
    here, whole = head(HEADS[name]()), head(HEADS[name]())
    stream = Stream(here.dtype, here.n_post)
    stream.teach(whole, 0, 300)
    stream.teach(here, 0, 100)
    written = export.to_c(here.learned, tmp_path / "head.h")
    device = Native(library, f"state {name}", written.path, here.n_post, np.dtype(here.dtype).type)
    assert device.state() == export.state_bytes(here.learned)
    stream.teach(device, 100, 200)
    export.load_state(here.learned, device.state())
    stream.teach(here, 200, 300)
    assert export.state_bytes(here.learned) == export.state_bytes(whole.learned)
    device.load(export.state_bytes(here.learned))
    scores = here.predict(stream.x[0]).scores
    assert scores is not None
    assert device.predict(stream.x[0]).tobytes() == scores.astype(here.dtype).tobytes()


def test_a_layer_continues_with_all_it_keeps_on_the_host() -> None:
    one, two = (HEADS["stdp"]() for _ in range(2))
    assert isinstance(one, AnyLayer)
    assert isinstance(two, AnyLayer)
    x = np.abs(clouds()[0])
    for row in x[:10]:
        one.learn_one(row)
    export.load_state(two, export.state_bytes(one))
    for row in x[10:]:
        assert one.learn_one(row).tobytes() == two.learn_one(row).tobytes()
    assert two.n_learned == len(x) - 10


def test_a_learner_takes_over_what_a_device_learned() -> None:
    learner, device = Learner(None, "ncm"), means()
    learner.learn_many(*clouds())
    ticket = learner.predict_one(clouds()[0][0]).ticket
    for row, label in zip(*clouds(seed=6), strict=True):
        device.learn_one(row, label)
    export.load_state(learner, export.state_bytes(device))
    assert export.state_bytes(learner) == export.state_bytes(device)
    assert learner.readout.counts == device.counts
    assert learner.readout.n_seen == device.n_seen
    assert learner.classes_ == ["a", "b", "c"]
    learner.feedback(ticket, label="a")  # tickets given before are still open
    device.learn_one(clouds()[0][0], "a")
    assert export.state_bytes(learner) == export.state_bytes(device)


@pytest.mark.parametrize("made", [means, HEADS["stdp"], HEADS["q15"]])
def test_a_state_of_another_layer_is_refused_and_changes_nothing(made: Callable[[], object]) -> None:
    learned = made()
    before = export.state_bytes(learned)
    with pytest.raises(InputError, match="it is one of another layer"):
        export.load_state(learned, before + bytes(4))
    assert export.state_bytes(learned) == before


def test_a_learner_whose_state_is_refused_stays_as_it_was() -> None:
    learner = Learner(None, "ncm")
    learner.learn_many(*clouds())
    before = export.state_bytes(learner)
    with pytest.raises(InputError, match="no sample of class"):
        export.load_state(learner, bytes(len(before)))
    assert export.state_bytes(learner) == before


def test_a_readout_that_only_predicts_takes_nothing_back() -> None:
    learned = discriminants()
    with pytest.raises(UnsupportedError, match="nothing to give back; use ncm"):
        export.load_state(learned, export.state_bytes(learned))


def test_layouts_differ_where_states_do() -> None:
    kinds = [made() for made in HEADS.values()]
    kinds += [NCM(), Layer(6, "softhebb", "softmax", "competition")]
    kinds[-2].learn_many(clouds()[0], ["a", "b"] * 15)
    kinds[-1].bind(N_PRE + 1)
    numbers = {export.describe(kind).number for kind in kinds}
    assert len(numbers) == len(kinds)
