import numpy as np
import pytest

from edgelearn.bench.raster import raster
from edgelearn.errors import ConfigError, InputError
from edgelearn.kernels import spikes
from edgelearn.kernels.order import define_drive, in_order
from edgelearn.neurons import lif
from edgelearn.rules import stdp
from edgelearn.systems.diehl_cook import DiehlCook
from edgelearn.testing.fills import same_bits
from edgelearn.types import F32

PIXELS, UNITS = 30, 7
ONES = np.ones(UNITS, np.float32)


def images(n: int, seed: int = 0) -> F32:
    """Return images of which a third of the pixels is lit, and one that is dark."""
    rng = np.random.default_rng(seed)
    drawn = (rng.uniform(size=(n, PIXELS)) * (rng.uniform(size=(n, PIXELS)) < 0.3)).astype(np.float32)
    drawn[n // 2] *= np.float32(0.05)
    return drawn


def small(**settings: float) -> DiehlCook:
    """Return a network so eager that its few inputs make it spike, and that learns fast enough to meet its bounds."""
    net = DiehlCook(UNITS, PIXELS, **{"theta_plus": 0.5, "inhibition": 20.0, **settings})
    net.show = net.show._replace(
        steps=120, rate=np.float32(0.6), raised=np.float32(0.3), tries=3, norm=np.float32(9)
    )
    net.rule = stdp.rule(eta_pre=0.05, eta_post=0.3)
    params = net.neuron.params._replace(threshold=np.float32(6))
    net.neuron = net.neuron._replace(
        params=params, still=net.neuron.still._replace(threshold=params.threshold)
    )
    return net


def trains(net: DiehlCook, image: F32, attempt: int, shown: int) -> F32:
    """Return the spikes (steps, n_pre) of one presentation."""
    show = net.show
    rate = show.rate + np.float32(attempt) * show.raised
    chance = np.minimum(image * rate * np.float32(65536) + np.float32(0.5), np.float32(65535)).astype(
        np.uint64
    )
    active, n_active = np.empty((show.steps, PIXELS), np.int32), np.empty(show.steps, np.int32)
    with np.errstate(over="ignore"):
        spikes.draw(chance, net.seed, shown, active, n_active)
    x = np.zeros((show.steps, PIXELS), np.float32)
    for row, which, n in zip(x, active, n_active, strict=True):
        row[which[:n]] = 1
    return x


def presented(net: DiehlCook, x: F32, w: F32, theta: F32) -> tuple[F32, F32, F32, bool]:
    """Return weights, thresholds and counts after one presentation by the definitions, and whether w met a bound."""
    unit, traces = lif.init(UNITS)._replace(theta=theta), stdp.init(PIXELS, UNITS)
    counts, bound = np.zeros(UNITS, np.float32), False
    for row in x:
        unit, out, _ = lif.step(net.neuron.params, unit, define_drive(row, w))
        traces, w = stdp.step(net.rule.params, traces, w, row, out, ONES)
        counts, bound = counts + out, bound or bool((w == 1).any())
    scaled = w * (net.show.norm / in_order(w))
    return np.where(counts > 0, scaled, w), unit.theta * net.show.fade, counts, bound


@pytest.mark.kernels
def test_the_fused_kernel_is_the_composition_of_the_definitions_bit_for_bit() -> None:
    net, w, theta, shown = small(), small().w, small().theta, 0
    pictures, attempts, bounds = images(4), [], []
    for image in pictures:
        for attempt in range(net.show.tries):
            w, theta, counts, bound = presented(net, trains(net, image, attempt, shown), w, theta)
            shown += 1
            bounds.append(bound)
            if counts.sum() >= net.show.enough:
                break
        attempts.append(attempt)
    with np.errstate(over="ignore"):
        net.fit(pictures)
    assert same_bits(net.w, w)
    assert same_bits(net.theta, theta)
    assert net.n_shown == shown
    assert max(attempts) > 0  # the dark one was shown again
    assert theta.min() < theta.max()
    assert any(bounds)


def test_runs_repeat_and_go_on_where_they_were() -> None:
    one, parts = small().fit(images(6)), small().fit(images(6)[:2])
    again = small()
    again.load(parts.state())
    again.fit(images(6)[2:])
    assert same_bits(one.w, again.w)
    assert same_bits(one.theta, again.theta)
    assert not same_bits(one.w, small(seed=1).fit(images(6)).w)


def test_counting_changes_nothing_and_an_image_does_not_depend_on_the_others() -> None:
    net = small().fit(images(6))
    before = {name: np.array(value) for name, value in net.state().items()}
    counts = net.counts(images(6))
    assert counts.sum() > 0
    assert all(same_bits(before[name], value) for name, value in net.state().items())
    assert same_bits(counts[4:5], net.counts(images(6)[4:5]))


def test_the_spikes_drawn_for_people_are_those_that_are_counted() -> None:
    net = small(seed=3)
    inputs, units = raster(net, images(6)[0])
    assert inputs.shape == (net.show.steps, PIXELS)
    assert units.sum() >= net.show.enough
    assert (units.sum(axis=0) == net.counts(images(6)[:1])[0]).all()


def test_thresholds_last_over_images_and_weights_keep_their_sum() -> None:
    net = small()
    theta = net.fit(images(3)).theta.sum()
    assert theta > 0
    assert net.fit(images(3)).theta.sum() > theta
    np.testing.assert_allclose(net.w.sum(axis=0)[net.theta > 0], 9, rtol=1e-5)


def test_labels_and_predictions_survive_saving() -> None:
    net, labels = small().fit(images(6)), np.array(["a", "b", "a", "b", "a", "b"])
    net.label(images(6), labels)
    other = small()
    other.load(net.state())
    assert (other.predict(images(6)) == net.predict(images(6))).all()
    assert set(net.predict(images(6), "proportion")) <= {"a", "b"}


def test_bad_input_is_refused_with_nothing_learned() -> None:
    net = small()
    before = np.array(net.w)
    bad = images(3)
    bad[1, 2] = np.nan
    for wrong in (bad, images(3) * 255, images(3)[:, :-1], images(3).astype(np.float64), images(3)[0]):
        with pytest.raises(InputError, match="images"):
            net.fit(wrong)
    with pytest.raises(InputError, match="call label"):
        net.predict(images(3))
    with pytest.raises(InputError, match="labels must be one for each of 3 samples"):
        net.label(images(3), np.zeros(2))
    assert net.votes is None
    assert same_bits(before, net.w)


DROPPED = "dropped"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("w", DROPPED),
        ("w", np.full((PIXELS, UNITS), np.nan, np.float32)),
        ("theta", np.full(UNITS, np.nan, np.float32)),
        ("theta", np.zeros(3, np.float32)),
        ("n_shown", np.array(-1)),
        ("n_shown", np.array(1.5)),
        ("seed", DROPPED),
        ("seed", np.array(-1)),
        ("other", np.array(0)),
        ("votes.share", DROPPED),
        ("votes.share", np.full((2, UNITS), np.nan)),
        ("votes.stands_for", np.zeros(3, np.int64)),
        ("votes.stands_for", np.full(UNITS, 2)),
        ("votes.classes", np.arange(3)),
        ("votes.classes", np.array([1, 0])),
        ("votes.classes", np.array([0, np.nan])),
        ("votes.classes", None),
    ],
)
def test_a_state_of_another_network_is_refused_whole(name: str, value: object) -> None:
    net, other = small(seed=1), small().fit(images(3)).label(images(3), np.array([0, 1, 0])).state()
    before = {key: np.array(kept) for key, kept in net.state().items()}
    arrays = {key: kept for key, kept in (other | {name: value}).items() if kept is not DROPPED}
    for wrong in (arrays, {}):
        with pytest.raises(InputError):
            net.load(wrong)
    assert net.votes is None
    assert all(same_bits(before[key], kept) for key, kept in net.state().items())


def test_the_seed_goes_with_the_state() -> None:
    one, other = small(seed=3).fit(images(2)), small()
    other.load(one.state())
    assert same_bits(one.fit(images(4)).w, other.fit(images(4)).w)


@pytest.mark.parametrize(
    "setting",
    [
        {"n_post": 0}, {"theta_plus": -1}, {"inhibition": -1}, {"eta": -1}, {"eta": "x"}, {"eta": None}, {"seed": -1},
        {"seed": 2**63},
    ],
)  # fmt: skip
def test_settings_out_of_their_bounds_are_refused(setting: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=f"{next(iter(setting))} must be"):
        DiehlCook(**setting)


def test_constants_are_those_of_the_paper_and_of_bindsnet() -> None:
    net = DiehlCook(5, 40)
    np.testing.assert_allclose(net.w.sum(axis=0), 4, rtol=1e-5)  # 78.4 of 784 pixels
    assert net.show.norm == 4
    assert (net.show.steps, net.show.enough) == (250, 5)
    assert (net.show.rate, net.show.raised) == pytest.approx((0.128, 0.064))
    assert net.show.fade == pytest.approx(1 - 250 / 1e7, rel=1e-7)
    p = net.neuron.params
    assert (p.decay, p.threshold, p.reset, p.refractory) == pytest.approx((np.exp(-0.01), 13, 5, 5))
    assert (p.theta_plus, p.inhibition, p.one_spike) == pytest.approx((0.05, 120, 1))
    assert (net.neuron.still.theta_plus, net.neuron.still.theta_decay) == (0, 1)
    rule = net.rule.params
    assert (rule.eta_pre, rule.eta_post) == pytest.approx((5e-5, 5e-3))
    assert (rule.decay_pre, rule.decay_post) == pytest.approx((np.exp(-1 / 20), np.exp(-1 / 20)))
