"""Tasks of spiking nets ask for what they say, controls differ from what they control, costs are the shapes'."""

import numpy as np
import pytest

from edgelearn.bench import delayed_cue, delays, online_digits, spiking_tasks
from edgelearn.bench.images import Images
from edgelearn.bench.rewards import Samples
from edgelearn.bench.run import Run
from edgelearn.bench.systems import diehl_cook, e_prop, r_stdp, reward_head
from edgelearn.systems import s_tllr
from edgelearn.systems.diehl_cook import DiehlCook
from edgelearn.systems.r_stdp import RStdp
from edgelearn.systems.s_tllr.online import OnlineNet
from edgelearn.systems.tess import Tess

RNG = np.random.default_rng(0)
PIXELS, Y = RNG.random((30, 16)).astype(np.float32), np.arange(30) % 10
PIXELS[:, 0], PIXELS[:, 1] = 0, 1
IMAGES = Images(PIXELS, Y, PIXELS[:5], Y[:5])


def test_a_cue_is_in_its_own_channels_then_nothing_and_the_answer_counts_at_the_end():
    (x, target, asked), y = delays.recall(np.random.default_rng(0), 50)
    end = delays.CUE + delays.DELAY
    own = x[:, : delays.CUE, :-1].sum(axis=1).reshape(50, delays.CLASSES, -1).sum(axis=2)
    assert (own.argmax(axis=1) == y).all()
    assert x[:, delays.CUE : end, :-1].mean() == pytest.approx(delays.NOISE, rel=0.1)
    assert not x[:, :end, -1].any()
    assert x[:, end:, -1].all()
    assert (target.argmax(axis=2) == y[:, None]).all()
    assert (target.sum(axis=2) == 1).all()
    assert asked.tolist() == [0.0] * end + [1.0] * delays.GO


def test_a_wave_is_four_sines():
    x, target, asked = delays.pattern(3)
    sizes = np.abs(np.fft.rfft(target[0, :, 0]))
    assert set(np.flatnonzero(sizes > 1e-3 * sizes.max())) == {1, 2, 3, 5}
    assert np.abs(target).max() == 1
    assert x.mean() == pytest.approx(0.05, abs=0.005)
    assert asked.all()
    assert not np.array_equal(target, delays.pattern(4).target)


def test_the_delayed_cue_is_over_before_it_is_asked_for():
    x, y = delayed_cue.draw(np.random.default_rng(0), 200)
    lively = x[: delayed_cue.CUE, :, :-1].sum(axis=0).reshape(200, delayed_cue.CLASSES, -1).sum(axis=2)
    assert (lively.argmax(axis=1) == y).all()
    assert x[delayed_cue.CUE :, :, :-1].mean() == pytest.approx(delayed_cue.NOISE, rel=0.1)
    assert x[-delayed_cue.GO :, :, -1].all()
    assert not x[: -delayed_cue.GO, :, -1].any()


def test_pixels_spike_by_their_value_anew_each_time_but_for_tests():
    task = spiking_tasks.digits(IMAGES)
    rng = np.random.default_rng(0)
    (x, y), (again, _) = task.draw(rng, np.arange(30)), task.draw(rng, np.arange(30))
    assert not np.array_equal(x, again)
    assert np.array_equal(task.x, spiking_tasks.digits(IMAGES).x)
    assert not x[:, :, 0].any()
    assert x[:, :, 1].all()
    many = np.mean([task.draw(rng, np.arange(30))[0].mean(axis=0) for _ in range(50)], axis=0)
    assert np.abs(many - PIXELS).max() < 0.15
    assert (y == Y).all()


def test_recordings_are_learned_from_in_one_part_and_tested_on_in_the_other():
    x = RNG.random((10, 6, 3)).astype(np.float32)
    task = spiking_tasks.recordings(x, np.arange(6), np.array([4, 0, 2]), np.array([1, 5]))
    frames, y = task.draw(RNG, np.array([0, 2]))
    assert y.tolist() == [4, 2]
    assert np.array_equal(frames, x[:, [4, 2]])
    assert (task.n, task.y.tolist(), task.a_post) == (3, [1, 5], -1.0)
    assert np.array_equal(task.x, x[:, [1, 5]])


def test_each_way_is_the_net_that_it_says():
    task = spiking_tasks.digits(IMAGES)
    nets = {
        way: spiking_tasks.net(task, way, 0)
        for way in ("bp", "random", "frozen", "tess", "kappa", "shuffled")
    }
    assert [nets[way].teaching for way in ("bp", "random", "frozen")] == ["bp", "noise", "frozen"]
    assert [nets[way].kappa for way in ("tess", "kappa", "shuffled")] == [1, 100, 100]
    assert isinstance(nets["tess"], Tess)
    assert all(np.array_equal(one.arrays["w0"], nets["bp"].arrays["w0"]) for one in nets.values())


def test_labels_led_astray_reach_hidden_layers_and_not_the_readout():
    net, (x, y) = Tess((16, 8, 6, 10), kappa=5.0), spiking_tasks.digits(IMAGES).draw(RNG, np.arange(30))
    astray, true = spiking_tasks._astray(net, x, y), s_tllr.gradient(net, x, y)
    assert np.array_equal(astray["readout"], true["readout"])
    assert not any(np.array_equal(astray[name], true[name]) for name in ("w0", "w1"))


def test_gaps_are_what_lies_between():
    found = spiking_tasks.gaps(np.array([0.9]), np.array([0.95]), np.array([0.5]))
    assert {name: round(float(value[0]), 6) for name, value in found.items()} == {
        "": 0.9, "_below_bptt": 0.05, "_over_frozen": 0.4
    }  # fmt: skip


@pytest.mark.parametrize("shuffled", [True, False])
def test_one_pass_meets_each_image_once_in_random_order_or_in_that_of_the_task(shuffled):
    task, met = spiking_tasks.digits(IMAGES), []

    def draw(rng, who):
        met.extend(who.tolist())
        return task.draw(rng, who)

    spiking_tasks.once(Run(), task._replace(draw=draw), "frozen", 0, 10, shuffled=shuffled)
    learned = met[-30:]  # before them come those that are looked at for their classes
    assert sorted(learned) == list(range(30))
    assert (learned == list(range(30))) != shuffled


def test_online_the_frozen_twin_keeps_its_hidden_weights_and_learns_its_readout(monkeypatch):
    made = []

    def kept(*settings, **named):
        made.append(OnlineNet(*settings, **named))
        return made[-1]

    monkeypatch.setattr(online_digits, "OnlineNet", kept)
    for learns in (True, False):
        online_digits.accuracy(IMAGES, 0, learns=learns)
    start = OnlineNet(16, 100, 10, seed=0).w
    assert not np.array_equal(made[0].w, start)
    assert np.array_equal(made[1].w, start)
    assert all(net.readout.any() for net in made)


def test_costs_told_from_shapes_are_those_of_the_shapes():
    """Per ms of a wait of 3 s: drive, trace, eligibility that fades and is added to, weight; back: two products."""
    ours, theirs = r_stdp._ours(RStdp()), r_stdp._bptt(100)
    assert (ours.bytes, ours.macs) == (4 * (100 + 100 + 4), 3000 * (100 + 100 + 200 + 100))
    assert (theirs.bytes, theirs.macs) == (3000 * (13 + 4), 3000 * (100 + 100 + 2))
    reward, label = reward_head._costs(Samples(np.zeros((2, 7), np.float32), np.array([0, 2])))
    assert reward.bytes == label.bytes == 4 * (8 + 5 * 3)
    assert (reward.macs, label.macs) == (3 * 24, 2 * 24)


@pytest.mark.kernels
def test_an_image_costs_diehl_and_cook_the_state_of_units_and_traces_of_both_sides():
    dark = np.zeros((2, 9), np.float32)
    assert diehl_cook._cost(DiehlCook(4, 9), dark) == (4 * (3 * 4 + 9 + 4), 0)


@pytest.mark.kernels
@pytest.mark.parametrize("by_class", [True, False])
def test_the_cues_come_class_after_class_or_as_they_were_drawn(by_class, monkeypatch):
    met = []

    def fit(net, x, target, asked, *, epochs, batch, shuffled):  # noqa: ARG001 (the signature of the real one)
        met.append((target[:, 0].argmax(axis=1), shuffled))
        return iter(())

    monkeypatch.setattr(e_prop.RecurrentNet, "fit", fit)
    monkeypatch.setattr(e_prop, "TESTED", 5)
    e_prop._told(Run(), 0, {}, n=20, epochs=1, by_class=by_class)
    (y, shuffled), drawn = met[0], delays.recall(np.random.default_rng(0), 20)[1]
    assert shuffled != by_class
    assert y.tolist() == (np.sort(drawn) if by_class else drawn).tolist()
