r"""Spikes at random, as lists: which inputs are active in each time step.

An input spikes in a step with a chance of c / 65536, independently of all else. Sixty-four steps are drawn at a time:
with random words r, and a taking the bits of c from the lowest to the highest,

.. math:: a \leftarrow a \mathbin{|} r \text{ where the bit is } 1, \quad a \mathbin{\&} r \text{ where it is } 0

leaves each bit of a set with that chance. The words are counted, not chained (SplitMix64; Steele, Lea & Flood 2014,
OOPSLA, figure 17), so that a seed and a number say which spikes come, on every machine.
"""

import numpy as np

from edgelearn.compiled import compiled
from edgelearn.types import Array

BITS = 16  # of a chance
_ONE, _ZERO, _WORD = np.uint64(1), np.uint64(0), 64
_STRIDE, _A, _B = (np.uint64(c) for c in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))
_S30, _S27, _S31, _S58 = (np.uint64(c) for c in (30, 27, 31, 58))
# the windows of six bits of this word tell the place of a single bit (Leiserson, Prokop & Randall 1998)
_DE_BRUIJN = np.uint64(0x022FDD63CC95386D)
_PLACE = np.zeros(_WORD, np.int64)
_PLACE[[(0x022FDD63CC95386D << place) % 2**64 >> 58 for place in range(_WORD)]] = np.arange(_WORD)


@compiled()
def mix(z: np.uint64) -> np.uint64:
    """Return a well mixed word for each counted one."""
    z = (z ^ (z >> _S30)) * _A
    z = (z ^ (z >> _S27)) * _B
    return z ^ (z >> _S31)


@compiled()
def draw(chance: Array, seed: int, number: int, active: Array, n_active: Array) -> None:
    """Write which inputs spike: step t has ``active[t, :n_active[t]]``, ascending; ``seed`` and ``number`` say which.

    chance (n,) uint64 below 2**16; active (T, n) and n_active (T,) int32.
    """
    steps = n_active.shape[0]
    for t in range(steps):
        n_active[t] = 0
    count = mix(mix(np.uint64(seed)) + np.uint64(number))
    for i in range(chance.shape[0]):
        c = chance[i]
        if c == _ZERO:
            continue
        for start in range(0, steps, _WORD):
            a = _ZERO
            for b in range(BITS):
                count += _STRIDE
                r = mix(count)
                ones = _ZERO - ((c >> np.uint64(b)) & _ONE)
                a = (a & r) | ((a ^ r) & ones)
            while a != _ZERO:
                lowest = a & (_ZERO - a)
                a ^= lowest
                t = start + _PLACE[(lowest * _DE_BRUIJN) >> _S58]
                if t < steps:
                    active[t, n_active[t]] = i
                    n_active[t] += 1
