"""Training over epochs: every sample in turn, orders drawn by seed, rates told how far it has come."""

import numpy as np
import pytest

from edgelearn.errors import ConfigError, InputError
from edgelearn.systems.epochs import cosine, late_fall, train


def steps(n=10, epochs=2, batch=3, seed=0, shuffled=True):
    taken = []
    rng = np.random.default_rng(seed)
    done = train(
        lambda who, at: taken.append((who.tolist(), at)),
        n,
        epochs=epochs,
        batch=batch,
        rng=rng,
        shuffled=shuffled,
    )
    return done, taken


def test_nothing_is_learned_before_the_first_epoch_is_asked_for():
    done, taken = steps()
    assert not taken
    assert next(done) == 1
    assert len(taken) == 3
    assert list(done) == [2]
    assert len(taken) == 6


def test_an_epoch_takes_each_sample_once_and_leaves_out_the_rest_of_whole_batches():
    done, taken = steps(n=10, epochs=40, batch=3)
    list(done)
    orders = [[i for who, _ in taken[k : k + 3] for i in who] for k in range(0, 120, 3)]
    assert all(len(set(order)) == 9 for order in orders)
    assert len(set(map(tuple, orders))) == 40  # drawn anew each epoch
    left_out = {(set(range(10)) - set(order)).pop() for order in orders}
    assert len(left_out) > 5  # another rest each time


def test_unshuffled_samples_come_as_they_are():
    done, taken = steps(n=7, epochs=2, batch=3, shuffled=False)
    list(done)
    assert [who for who, _ in taken] == [[0, 1, 2], [3, 4, 5]] * 2


def test_orders_are_those_of_the_seed():
    found = []
    for seed in (1, 1, 2):
        done, taken = steps(seed=seed)
        list(done)
        found.append(taken)
    assert found[0] == found[1] != found[2]


def test_a_step_is_told_the_share_of_all_steps_before_it():
    done, taken = steps(n=4, epochs=2, batch=2)
    list(done)
    assert [at for _, at in taken] == [0, 0.25, 0.5, 0.75]


@pytest.mark.parametrize(
    ("setting", "error", "said"),
    [
        ({"epochs": 0}, ConfigError, "epochs"),
        ({"epochs": 1.5}, ConfigError, "epochs"),
        ({"batch": 0}, ConfigError, "batch"),
        ({"batch": True}, ConfigError, "batch"),
        ({"batch": 11}, InputError, "10 samples are fewer than a batch of 11"),
        ({"n": 0, "batch": 1}, InputError, "fewer"),
        ({"shuffled": "no"}, ConfigError, "shuffled must be True or False"),
    ],
)
def test_bad_settings_are_refused_at_once(setting, error, said):
    with pytest.raises(error, match=said):
        steps(**setting)


def test_the_order_is_drawn_when_an_epoch_starts_and_not_before():
    rng, other = np.random.default_rng(0), np.random.default_rng(0)
    done = train(lambda who, at: None, 10, epochs=2, batch=3, rng=rng)  # noqa: ARG005 (of a Step)
    assert rng.bit_generator.state == other.bit_generator.state
    next(done)
    other.permutation(10)
    assert rng.bit_generator.state == other.bit_generator.state


def test_a_batch_may_be_all_there_is():
    done, taken = steps(n=5, epochs=1, batch=5)
    assert list(done) == [1]
    assert sorted(taken[0][0]) == [0, 1, 2, 3, 4]


def test_rates_fall_from_all_to_nothing():
    assert [cosine(at) for at in (0, 0.5, 1)] == pytest.approx([1, 0.5, 0])
    assert cosine(0.25) == pytest.approx((1 + 2**-0.5) / 2)
    assert [late_fall(at) for at in (0, 0.5, 0.75, 1)] == [1, 1, 0.5, 0]
