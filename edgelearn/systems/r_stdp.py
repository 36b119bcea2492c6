r"""R-STDP: a synapse finds out which of its pairs of spikes was paid for, seconds after it happened.

.. math::
    v &\leftarrow \lambda v + \textstyle\sum_i w_i \text{ of the inputs that spike}, \quad
    \text{a spike and } v \leftarrow 0 \text{ where } v > \vartheta \\
    \dot c_i &= -c_i / \tau_c + \mathrm{STDP}(t_\text{post} - t_\text{pre})\, \delta(\text{pairs of spikes}) \\
    \dot d &= -d / \tau_d + r(t) - \bar r, \qquad \dot w_i = \eta\, c_i\, d, \quad w_i \in [0, 4]

Neuron `lif`, rule `stdp_dopamine`, signal `reward`, whose running mean is taken off: else dopamine is there all the
time, and all weights drift with the mean of STDP. Steps of 1 ms. The test is that of the paper: whenever the unit
spikes within 10 ms after one chosen input, a reward comes 1 to 3 s later, when many other pairs have happened.

Izhikevich 2007, Cereb. Cortex 17:2443, first experiment, for one unit with inputs at random in place of its network;
its STDP, time constants, bounds, window, delays and reward.
"""

from collections.abc import Iterator
from math import exp
from typing import ClassVar, NamedTuple

import numpy as np

from edgelearn.bounds import between, positive, whole
from edgelearn.errors import ConfigError, InputError
from edgelearn.kernels.checks import LARGEST
from edgelearn.kernels.r_stdp_stream import World, live
from edgelearn.kernels.spikes import draw
from edgelearn.neurons import lif
from edgelearn.rules import stdp_dopamine
from edgelearn.rules.base import check_array
from edgelearn.signals import reward
from edgelearn.systems.net import Net
from edgelearn.types import F32, Array

EVERY_MS = 10_000
WEIGHTS = 0.0, 4.0  # mV, the least and the most
TAU_S = 1e-4, 1e4  # seconds; of a longer one float32 knows no step
LONGEST_MS = 2**40  # of what a task waits for
LAST_SEED = 2**62  # a kernel's whole numbers have 64 bits
START, THRESHOLD = (
    1.0,
    14.0,
)  # mV, of every weight, and of the unit: it spikes about once a second at the start


class Task(NamedTuple):
    """What is rewarded: a spike of the unit at most ``window_ms`` after one of the input ``chosen``."""

    chosen: int = 0
    window_ms: int = 10
    delay_ms: tuple[int, int] = (1000, 3000)  # drawn evenly
    reward: float = 0.5


class RStdp(Net):
    """One unit with ``n_pre`` synapses, whose inputs spike at random at ``rate_hz`` each.

    ``tau_c_s`` and ``tau_d_s`` are how long eligibility and dopamine last, ``alpha`` the share of a surprise by which
    the expected reward moves in 1 ms; 0 is the control without. Raises ConfigError for a setting out of its bounds.
    """

    bounds: ClassVar = {"w": WEIGHTS, "x": (0, np.inf), "lived": (0, np.inf)}

    def __init__(
        self,
        n_pre: int = 100,
        *,
        rate_hz: float = 4.0,
        eta: float = 3e-3,
        tau_c_s: float = 1.0,
        tau_d_s: float = 0.2,
        alpha: float = 1e-5,
        seed: int = 0,
    ) -> None:
        self.n_pre, self.seed = whole("n_pre", n_pre, 1), whole("seed", seed, 0)
        if self.seed > LAST_SEED:
            raise ConfigError(f"seed must be at most 2**62, not {seed}")
        self.neuron = lif.neuron(decay=exp(-1 / 20), threshold=THRESHOLD, reset=0.0)
        self.signal = reward.signal(alpha)
        self.rule = stdp_dopamine.rule(
            eta,
            decay_c=exp(-1 / (1000 * float(between("tau_c_s", tau_c_s, *TAU_S)))),
            decay_d=exp(-1 / (1000 * float(between("tau_d_s", tau_d_s, *TAU_S)))),
            low=WEIGHTS[0],
            high=WEIGHTS[1],
        )
        self._chance = np.full(n_pre, round(65.536 * between("rate_hz", rate_hz, 0.02, 500)), np.uint64)
        zeros = np.zeros(n_pre, np.float32)
        self.arrays: dict[str, Array] = {
            "w": np.full(n_pre, START, np.float32),  # (n_pre,) mV
            "x": zeros,  # (n_pre,) trace of the inputs
            "c": zeros.copy(),  # (n_pre,) eligibility
            "unit": np.zeros(4, np.float32),  # potential, trace of its spikes, dopamine, expected reward
            "lived": np.zeros(1, np.int64),  # how many times inputs were drawn
        }

    def live(self, due: F32, task: Task | None = None, every_ms: int = EVERY_MS) -> Iterator[int]:
        """Live through ``due`` (T,), the reward of each ms, yielding the ms done after each ``every_ms``.

        ``task`` adds the rewards it gives to ``due``, in place, those after its end left out. Raises InputError for
        rewards that are no such array, ConfigError for a task that cannot be, before anything is learned.
        """
        check_array("due", due, np.shape(due))
        if due.ndim != 1 or not due.flags.writeable:
            raise InputError(f"due must be a reward for each ms, shape (T,), and writeable, not {due.shape}")
        if not (np.abs(due) < LARGEST).all():
            raise InputError(f"due has NaN, infinity or values above {LARGEST:.1g}; nothing was learned")
        return self._live(due, self._world(task), whole("every_ms", every_ms, 1))

    # -- inside ---------------------------------------------------------------------------------------

    def _live(self, due: F32, world: World, every_ms: int) -> Iterator[int]:
        w, x, c, unit, lived = self.arrays.values()
        active, n_active = np.empty((every_ms, self.n_pre), np.int32), np.empty(every_ms, np.int32)
        last = np.full(1, -world.window - 1, np.int64)
        for begin in range(0, len(due), every_ms):
            few = n_active[: len(due) - begin]
            draw.dispatcher(self._chance, self.seed, int(lived[0]), active, few)
            live.dispatcher(
                active, few, due, begin, w, x, c, unit, last, world, self.neuron.params,
                self.signal.params.alpha, self.rule.params,
            )  # fmt: skip
            lived += 1
            yield begin + len(few)

    def _world(self, task: Task | None) -> World:
        given = Task() if task is None else task
        if not isinstance(given, Task) or not isinstance(given.delay_ms, tuple) or len(given.delay_ms) != 2:
            raise ConfigError(f"task must be a Task, its delay_ms the shortest and the longest, not {task!r}")
        soonest, latest = (whole("delay_ms", ms, 1) for ms in given.delay_ms)
        window, chosen = whole("window_ms", given.window_ms, 0), whole("chosen", given.chosen, 0)
        if not soonest <= latest <= LONGEST_MS or window > LONGEST_MS or chosen >= self.n_pre:
            raise ConfigError(
                f"a task needs chosen below {self.n_pre}, delay_ms in order, and no wait beyond 2**40 ms, not {given}"
            )
        size = positive("reward", given.reward)
        return World(task is not None, chosen, window, soonest, latest, size, self.seed + 1)
