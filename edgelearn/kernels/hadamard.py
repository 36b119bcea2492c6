r"""Structured random projection: signs, fast Walsh–Hadamard transforms, and a pick of the outputs.

Two rounds of (random signs, Hadamard) behave like a dense Gaussian projection at O(D log D) and a few bytes
a feature instead of O(D M) of both. Ailon & Chazelle 2006, STOC; Yu et al. 2016, "Orthogonal random
features", NeurIPS, section 4. Everything follows from a seed, the same on every machine.
"""

import numpy as np

from edgelearn.compiled import compiled
from edgelearn.types import F32, F64, Array


class Projector:
    """A linear map (D,) -> (M,) drawn from a seed; unit-variance features give unit-variance outputs."""

    def __init__(self, n_in: int, n_out: int, seed: int) -> None:
        n = _power_of_two(n_in)
        blocks = -(-n_out // n)
        bits = np.random.PCG64(seed)  # raw bits: their stream is the same on every platform and version
        raw = np.asarray(bits.random_raw(blocks * 2 * n))
        self._signs = np.where(raw >> np.uint64(63), 1.0, -1.0).astype(np.float32).reshape(blocks, 2, n)
        picks = [b * n + np.argsort(np.asarray(bits.random_raw(n)), kind="stable") for b in range(blocks)]
        self._pick = np.concatenate(picks)[:n_out].astype(np.int32)
        self._work = np.zeros(blocks * n)

    def __call__(self, x: Array, out: F64) -> F64:
        """Write the projection of ``x`` (D,) into ``out`` (M,) and return it."""
        project.dispatcher(x, self._signs, self._pick, self._work, out)
        return out

    @property
    def arrays(self) -> list[Array]:
        """All arrays kept, for counting bytes."""
        return [self._signs, self._pick, self._work]


def projection_bytes(n_in: int, n_out: int) -> int:
    """Return the bytes a `Projector` keeps."""
    n = _power_of_two(n_in)
    blocks = -(-n_out // n)
    return blocks * n * (2 * 4 + 8) + 4 * n_out


def _power_of_two(n: int) -> int:
    return 1 << (n - 1).bit_length()


@compiled(fastmath=True)
def normalise(x: F32, out: F64) -> None:
    """Write (x - mean(x)) / spread(x) into out, both (D,); zeros where x is constant."""
    n = x.shape[0]
    mean = 0.0
    for i in range(n):
        mean += x[i]
    mean /= n
    square = 0.0
    for i in range(n):
        square += (x[i] - mean) * (x[i] - mean)
    inverse = np.sqrt(n / square) if square > 0.0 else 0.0
    for i in range(n):
        out[i] = (x[i] - mean) * inverse


@compiled(fastmath=True)
def project(x: F64, signs: F32, pick: Array, work: F64, out: F64) -> None:
    """Write into ``out`` (M,): x (D,), signs (blocks, 2, N) of ±1, pick (M,) into work (blocks*N,)."""
    blocks, rounds, n = signs.shape
    for b in range(blocks):
        part = work[b * n : (b + 1) * n]
        for i in range(n):
            part[i] = x[i] if i < x.shape[0] else 0.0
        for r in range(rounds):
            for i in range(n):
                part[i] *= signs[b, r, i]
            step = 1
            while step < n:
                for start in range(0, n, 2 * step):
                    for i in range(start, start + step):
                        low, high = part[i], part[i + step]
                        part[i] = low + high
                        part[i + step] = low - high
                step *= 2
    scale = 1.0 / (np.sqrt(n) ** (rounds - 1) * np.sqrt(x.shape[0]))
    for j in range(pick.shape[0]):
        out[j] = work[pick[j]] * scale
