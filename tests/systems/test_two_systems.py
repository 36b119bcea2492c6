"""Features that a local system learned are frozen and shipped; a fast memory on the file meets new classes."""

import numpy as np
import pytest

from edgelearn import Extractor, Learner
from edgelearn.bench import two_systems_eyes
from edgelearn.bench.backprop_conv import BackpropConv
from edgelearn.bench.images import Images
from edgelearn.bench.run import Run
from edgelearn.bench.systems import two_systems as figures
from edgelearn.bench.two_systems_eyes import CANDIDATES, averaged, backprop, passes, twin
from edgelearn.bench.two_systems_tasks import New, Task, episodes, omniglot, spectrum
from edgelearn.export import to_onnx
from edgelearn.systems.lls import LLS, dense

random = np.random.default_rng(0)


@pytest.fixture(scope="module")
def digits():
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    return (x / 16).astype(np.float32), y


@pytest.fixture(scope="module")
def shipped(digits, tmp_path_factory):
    """An Extractor whose features were learned on the digits 0-6 alone."""
    x, y = digits
    net, known = LLS(dense((64, 40, 40)), 7), y < 7
    for _ in net.fit(x[known], y[known], epochs=8, batch=64):
        pass
    return Extractor(to_onnx(net, tmp_path_factory.mktemp("net") / "features.onnx").path)


def right(memory, x, y):
    return np.mean([decision.best for decision in memory.predict_many(x, tickets=False)] == y)


@pytest.mark.parametrize("readout", ["imprint", "ncm", "slda"])
def test_a_new_class_from_five_examples_and_the_old_ones_stay_as_if_all_had_come_at_once(
    digits, shipped, readout
):
    x, y = digits
    old, new = np.flatnonzero(y < 7), np.flatnonzero(y >= 7)
    few = np.concatenate([new[y[new] == digit][:5] for digit in (7, 8, 9)])
    after, joint = Learner(shipped, readout, reject_rate=None), Learner(shipped, readout, reject_rate=None)
    after.learn_many(x[old[:800]], y[old[:800]].tolist())
    after.learn_many(x[few], y[few].tolist())
    mixed = random.permutation(np.concatenate((old[:800], few)))
    joint.learn_many(x[mixed], y[mixed].tolist())
    assert right(after, x[old[800:]], y[old[800:]]) == pytest.approx(
        right(joint, x[old[800:]], y[old[800:]]), abs=0.01
    )
    assert right(after, x[new], y[new]) > 0.3  # of ten classes


def test_a_softmax_by_gradient_on_the_same_file_forgets(digits, shipped):
    x, y = digits
    order = np.argsort(y, kind="stable")
    memory = Learner(shipped, "softmax", reject_rate=None)
    memory.learn_many(x[order], y[order].tolist())
    assert right(memory, x[y < 7], y[y < 7]) < 0.6


def test_episodes_tell_apart_what_is_apart_and_stay_at_chance_where_nothing_is():
    y = np.repeat(np.arange(6), 10)
    apart = np.eye(6, dtype=np.float32)[y] + 0.01 * random.standard_normal((60, 6)).astype(np.float32)
    assert episodes(apart, New(apart, y, 3), 1, 10, 0) == 1
    noise = random.standard_normal((60, 6)).astype(np.float32)
    assert episodes(noise, New(noise, y, 3), 1, 100, 0) == pytest.approx(1 / 3, abs=0.1)
    assert episodes(noise, New(noise, y, 3), 1, 5, 7) == episodes(noise, New(noise, y, 3), 1, 5, 7)


def test_a_tone_lies_in_its_band_and_short_words_are_padded():
    def loudest(hz):
        tone = 8000 * np.sin(2 * np.pi * hz * np.arange(8000) / 8000)
        return spectrum(tone).mean(axis=0).argmax()

    assert loudest(300) < loudest(1000) < loudest(3000)
    assert spectrum(np.ones(100, np.int16)).shape == (32, 32)


@pytest.fixture
def task(monkeypatch):
    """Stripes of 28 x 28 that lean either way, each to be seen twice."""
    monkeypatch.setattr(two_systems_eyes, "SEEN", 280)
    rows, columns = np.indices((28, 28))
    y = np.arange(140) % 2
    lean = np.where(y[:, None, None] == 0, rows + columns, rows - columns)
    X = ((lean + random.integers(0, 8, (140, 1, 1))) % 8 < 3).astype(np.float32).reshape(140, -1)
    return Task("stripes", (28, 28, 1), Images(X, y, X, y), {})


def test_samples_are_seen_again_where_they_are_few(task):
    assert passes(task) == 2
    assert passes(task._replace(base=task.base.few(28))) == 10
    assert passes(task._replace(base=Images(*(np.repeat(part, 9, axis=0) for part in task.base)))) == 1


@pytest.mark.parametrize("name", CANDIDATES)
def test_a_candidate_learns_what_is_not_there_when_drawn_and_does_so_again_by_its_seed(name, task):
    see, X = CANDIDATES[name].see, task.base.x
    learned, again, other, drawn = (
        see(Run(), task, still, seed)(X) for still, seed in ((False, 0), (False, 0), (False, 1), (True, 0))
    )
    assert learned.shape == drawn.shape
    assert np.isfinite(learned).all()
    np.testing.assert_array_equal(learned, again)
    assert np.abs(learned - drawn).max() > 1e-3
    assert np.abs(learned - other).max() > 1e-3


def test_the_twin_has_the_same_filters_and_as_many_features(task):
    ours, theirs = CANDIDATES["softhebb2"].see(Run(), task, True, 0), backprop(Run(), task, 0)
    assert ours(task.base.x).shape == theirs(task.base.x).shape == (140, 3 * 3 * 64)
    assert [(block.units, block.kernel) for block in twin(task).blocks] == [(16, 5), (64, 3)]


@pytest.mark.parametrize("side", [7, 8, 14, 16])
def test_maps_of_any_task_are_averaged_to_three_by_three(side):
    pool = averaged((side, side, 5))
    assert pool.shape_out == (3, 3, 5)
    assert pool.reach == 0


def test_what_is_forgotten_does_not_cancel_between_tasks_or_seeds():
    same = {
        f"{t}_{m}{key}": 0.5 for t in figures.TASKS for m in ("", "imprint_") for key in ("joint", "after")
    }
    assert figures._forgotten(same) == 0
    for name, value in (("words_after", 0.4), ("camera_imprint_after", 0.6)):
        assert figures._forgotten(same | {name: value}) == pytest.approx(0.1)


def test_learning_the_filters_is_told_beside_training_their_twin_and_the_memory_beside_both(task):
    new = {"characters": New(task.base.x, task.base.y, 20)}
    found = {m.name.removeprefix("two_systems."): m.value for m in figures._costs(task._replace(new=new))}
    first, second = 28 * 28 * 5 * 5 * 16, 14 * 14 * 3 * 3 * 16 * 64
    fast = 20 * (8 * 3 * 3 * 64 + 16), 2 * 3 * 3 * 64
    theirs = BackpropConv(twin(task)).cost()
    assert found == {
        "memory": 4 * (14 * 14 * 16 + 7 * 7 * 64 + 2 * 64),
        "macs": 3 * (first + second),
        "memory_readout": fast[0],
        "macs_readout": fast[1],
        "memory_bp": theirs.bytes + fast[0],
        "macs_bp": theirs.macs + fast[1],
    }


@pytest.mark.data
def test_held_out_alphabets_are_old_ones_and_no_character_is_on_both_sides():
    full = omniglot(Run())
    for held in range(3):
        part = omniglot(Run(), [other for other in range(3) if other != held], [held])
        assert part.classes + len(np.unique(part.new["characters"].y)) == full.classes
        seen, later = (
            {x.tobytes() for x in part.base.x} | {x.tobytes() for x in part.base.x_test},
            {x.tobytes() for x in part.new["characters"].x},
        )
        old = {x.tobytes() for x in full.base.x} | {x.tobytes() for x in full.base.x_test}
        assert seen | later == old
        assert not seen & later
