"""R-STDP: of many synapses the one that earns a late reward is found, and only by what waits for it."""

import numpy as np
import pytest

from edgelearn.bench.systems.r_stdp import lived
from edgelearn.errors import ConfigError, InputError
from edgelearn.systems.r_stdp import START, RStdp, Task
from edgelearn.testing.fills import same_bits

SEED = 20


@pytest.fixture(scope="module")
def found():
    return lived(SEED)


def test_the_chosen_synapse_reaches_its_bound_and_the_others_do_not_grow(found):
    assert found.weights[:, 0].max() > 3.99
    assert found.share > 0.9
    assert found.end.argmax() == 0
    assert found.end[1:].mean() < START + 0.05


def test_another_synapse_is_found_where_it_is_the_one_that_earns():
    assert lived(SEED + 1, task=Task(chosen=57)).end.argmax() == 57


def test_the_same_rewards_at_times_of_another_unit_do_not_find_it(found):
    assert lived(SEED, lived(SEED + 1000).due).share < found.share - 0.3


def test_it_is_not_found_where_nothing_waits(found):
    short = lived(SEED, tau_c_s=0.01)
    assert short.share == pytest.approx(0.25, abs=0.02)
    assert (short.due > 0).sum() > 100
    assert found.share > 0.9


def test_without_reward_no_weight_moves():
    assert (lived(SEED, np.zeros(600_000, np.float32)).weights == START).all()


def test_without_a_baseline_rewards_of_another_make_weights_drift():
    rewards = lived(SEED + 1000).due
    kept, bare = (lived(SEED, rewards, alpha=alpha) for alpha in (1e-5, 0.0))
    away = [np.abs(life.end - START).mean() for life in (kept, bare)]
    assert away[1] > away[0] + 0.4


def test_a_seed_says_everything_and_a_state_goes_on_where_it_was():
    due = np.zeros(40_000, np.float32)
    due[::1500] = 0.5
    one, two, other, late = (RStdp(seed=seed) for seed in (3, 3, 4, 3))
    for net in (one, two, other):
        assert list(net.live(due)) == [10_000, 20_000, 30_000, 40_000]
    assert same_bits(one.arrays["w"], two.arrays["w"])
    assert not same_bits(one.arrays["w"], other.arrays["w"])
    first = RStdp(seed=3)
    list(first.live(due[:20_000]))
    late.load({name: np.array(a) for name, a in first.state().items()})
    list(late.live(due[20_000:]))
    assert all(same_bits(late.arrays[name], one.arrays[name]) for name in one.arrays)


def test_rewards_of_a_task_stay_with_their_owner_and_end_with_the_life():
    due = np.zeros(25_000, np.float32)
    assert list(RStdp(rate_hz=20.0).live(due, Task(), every_ms=10_000)) == [10_000, 20_000, 25_000]
    assert not due[:1000].any()  # the soonest comes after 1 s
    assert np.unique(due[due > 0] % 0.5).tolist() == [0]
    assert due.sum() > 5


FIXED = np.zeros(10, np.float32)
FIXED.flags.writeable = False


@pytest.mark.parametrize("due", [
    np.full(10, np.nan, np.float32), np.array([0, np.inf], np.float32), np.zeros(10), np.zeros((5, 2), np.float32),
    np.zeros(10, np.float32)[::2], [0.0, 1.0], None, np.full(10, 1e38, np.float32), FIXED,
], ids=range(9))  # fmt: skip
def test_bad_rewards_are_refused_and_teach_nothing(due):
    net = RStdp()
    before = {name: np.array(a) for name, a in net.arrays.items()}
    with pytest.raises(InputError):
        net.live(due, Task())
    assert all(same_bits(net.arrays[name], a) for name, a in before.items())


@pytest.mark.parametrize("task", [
    Task(chosen=100), Task(chosen=-1), Task(chosen=0.5), Task(window_ms=-1), Task(delay_ms=(0, 5)),
    Task(delay_ms=(9, 5)), Task(reward=0), Task(reward=np.nan), Task(delay_ms=5), Task(delay_ms=(5, 6, 7)),
    Task(delay_ms=(1, 2**70)), Task(window_ms=2**70), "task", (0, 10),
])  # fmt: skip
def test_a_task_that_cannot_be_is_refused(task):
    with pytest.raises(ConfigError):
        RStdp().live(np.zeros(10, np.float32), task)


@pytest.mark.parametrize(
    "wrong",
    [{"n_pre": 0}, {"rate_hz": 0}, {"rate_hz": 1001}, {"eta": -1}, {"tau_c_s": 0}, {"tau_c_s": 1e9},
     {"tau_d_s": np.nan}, {"tau_d_s": "1"}, {"alpha": 1}, {"seed": -1}, {"seed": 2**63}],
)  # fmt: skip
def test_a_setting_out_of_bounds_is_named(wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        RStdp(**wrong)


def test_a_state_of_another_unit_is_refused_whole():
    net, other = RStdp(10), RStdp(9)
    before = np.array(net.arrays["w"])
    spoilt = {name: np.array(a) for name, a in net.state().items()}
    spoilt["c"][3] = np.inf
    unborn = {**net.state(), "lived": np.array([-1])}
    for given in (other.state(), spoilt, unborn, {"w": before}):
        with pytest.raises(InputError):
            net.load(given)
    assert same_bits(net.arrays["w"], before)
