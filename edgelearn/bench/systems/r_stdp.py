"""R-STDP: the delayed-reward synapse, beside what must not find it.

An hour of simulated time for each figure; a weight is its mean over the last ten minutes. "frozen" is never rewarded.
"random" is paid at the times at which another unit was, "no trace" has an eligibility of 10 ms, "no baseline" takes no
running mean off the reward. Rates and threshold were chosen on seeds 0 to 2; what is shown has others. There is no twin
by back-propagation: one synapse of a unit is to be found, not a loss to go down, and no accuracy is measured. Costs are
told from the shapes, those of back-propagation through time as well, with spikes as bits.

Goals: the test asks that the chosen synapse reaches its bound and the mean of others does not grow; how near, how
little, and all other goals were set when the figures of seeds 0 to 2 were known.
"""

from collections.abc import Iterator
from math import ceil
from typing import Any, NamedTuple

import numpy as np

from edgelearn.bench import counts, r_stdp_picture
from edgelearn.bench.figure import Figure, Goal, Measured
from edgelearn.bench.means import Found, means
from edgelearn.bench.row import Row
from edgelearn.bench.run import Run
from edgelearn.systems.r_stdp import EVERY_MS, START, RStdp, Task
from edgelearn.types import F32

DATA = ()
MINUTES, LAST, FIRST_SEED = 60, 10, 10
WAIT_MS = max(Task().delay_ms)
BOUND = "of its bound"

FIGURES = (
    Figure("r_stdp.chosen", BOUND, "weight of the chosen synapse", Goal(">=", 0.9)),
    Figure("r_stdp.over_others", "mV", "the chosen less the strongest other", Goal(">=", 0.5)),
    Figure("r_stdp.others", "mV", "growth of the mean of all others", Goal("<=", 0.05)),
    Figure("r_stdp.rewards", "", "rewards in the hour"),
    Figure("r_stdp.frozen", BOUND, "the chosen, never rewarded", Goal("<=", 0.25)),
    Figure("r_stdp.random", BOUND, "the chosen, as many rewards at random times, must fail", Goal("<=", 0.5)),
    Figure("r_stdp.no_trace", BOUND, "the chosen, eligibility of 10 ms, must fail", Goal("<=", 0.3)),
    Figure("r_stdp.no_baseline", "mV", "no baseline: the chosen less the strongest other, must fail", Goal("<=", 0.25)),
    Figure("r_stdp.drift", "mV", "random rewards, no baseline: mean distance of all from their start", Goal(">=", 0.5)),
    Figure("r_stdp.drift_baseline", "mV", "the same with the baseline"),
    Figure("r_stdp.quick_chosen", "", "one seed: the chosen less the frozen", Goal(">=", 0.6)),
    Figure("r_stdp.quick_random", "", "one seed: the chosen less that of random rewards", Goal(">=", 0.3)),
    Figure("r_stdp.quick_no_trace", "", "one seed: the chosen less that without a trace", Goal(">=", 0.6)),
    *counts.figures("r_stdp", "BPTT"),
)  # fmt: skip

QUICK = "r_stdp.quick_chosen", "r_stdp.quick_no_trace"
ROWS = (
    Row(
        "R-STDP, delayed reward", "Izhikevich 2007", "lif", "stdp_dopamine", "reward",
        "one unit, 100 synapses, reward 1-3 s late, an hour", "the chosen synapse reaches its bound, 4 mV",
        "r_stdp.chosen", "r_stdp.frozen", ("reward at random times", "r_stdp.random"), None, None, None, "r_stdp",
        "One broadcast reward, seconds late, finds the one synapse of 100 that earned it, given a trace that lasts.",
    ),
)  # fmt: skip


class Life(NamedTuple):
    """What became of a unit in its hour."""

    weights: F32  # (n, n_pre) every 10 s
    due: F32  # (T,) its rewards, each ms

    @property
    def end(self) -> F32:
        """The weights (n_pre,) in the last minutes."""
        return np.asarray(self.weights[-LAST * 60_000 // EVERY_MS :].mean(axis=0))

    @property
    def share(self) -> float:
        """The weight of the chosen synapse, as a share of its bound."""
        return float(self.end[0] / RStdp().rule.params.high)


def measure(run: Run) -> Iterator[Measured]:
    """Yield the figures; with one seed when ``quick``."""
    seeds = [FIRST_SEED + k for k in range(1 if run.quick else run.seeds)]
    rows = [_seed(seed) for seed in run.progress(seeds, "hours of simulated time", len(seeds))]
    if run.quick:
        for name in ("frozen", "random", "no_trace"):
            figure = "chosen" if name == "frozen" else name
            gap = rows[0]["chosen"] - rows[0][name]
            yield Measured(f"r_stdp.quick_{figure}", gap, note="one seed")
    else:
        yield from means("r_stdp", rows)
    yield from counts.costs("r_stdp", _ours(RStdp()), _bptt(RStdp().n_pre))
    if (path := run.picture("r_stdp")) is not None:
        lives = {"rewarded": lived(FIRST_SEED), "random": lived(FIRST_SEED, _strange(FIRST_SEED))}
        lives["no_trace"] = lived(FIRST_SEED, tau_c_s=0.01)
        r_stdp_picture.draw(path, {name: life.weights for name, life in lives.items()}, EVERY_MS / 60_000)


def lived(seed: int, rewards: F32 | None = None, task: Task | None = None, **settings: Any) -> Life:
    """Return the hour of a unit with the task, or with the rewards (T,) of another and no task of its own."""
    net = RStdp(seed=seed, **settings)
    if rewards is None:
        rewards, task = np.zeros(MINUTES * 60_000, np.float32), task or Task()
    due = np.array(rewards)
    weights = [np.array(net.arrays["w"]) for _ in net.live(due, task)]
    return Life(np.array(weights), due)


def _strange(seed: int) -> F32:
    """Return the rewards that another unit earned."""
    return lived(seed + 1000).due


def _seed(seed: int) -> Found:
    strange = _strange(seed)
    ours, random = lived(seed), lived(seed, strange)
    bare, drift = lived(seed, alpha=0.0), lived(seed, strange, alpha=0.0)
    return {
        "chosen": ours.share,
        "over_others": _over(ours),
        "others": float(ours.end[1:].mean()) - START,
        "rewards": float((ours.due > 0).sum()),
        "frozen": lived(seed, np.zeros_like(strange)).share,
        "random": random.share,
        "no_trace": lived(seed, tau_c_s=0.01).share,
        "no_baseline": _over(bare),
        "drift": float(np.abs(drift.end - START).mean()),
        "drift_baseline": float(np.abs(random.end - START).mean()),
    }


def _over(life: Life) -> float:
    return float(life.end[0] - life.end[1:].max())


def _ours(net: RStdp) -> counts.Cost:
    """Return what the longest wait for a reward takes: each ms fades, adds to, and reads every eligibility."""
    kept = sum(net.arrays[name].nbytes for name in ("x", "c", "unit"))
    return counts.Cost(kept, WAIT_MS * 5 * net.n_pre)  # drive, x, c twice, w


def _bptt(n_pre: int) -> counts.Cost:
    """Return what back-propagation through the same time takes, for one unit: spikes kept as bits, potentials whole."""
    return counts.Cost(WAIT_MS * (ceil(n_pre / 8) + 4), WAIT_MS * (2 * n_pre + 2))
