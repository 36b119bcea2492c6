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
    mean = np.float64(0.0)  # plain Python would sum in float32
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
def project(x: Array, signs: F32, pick: Array, work: F64, out: F64) -> None:
    """Write into ``out`` (M,): x (D,), signs (blocks, 2, N) of ±1, pick (M,) into work (blocks*N,)."""
    blocks, rounds, n = signs.shape
    for b in range(blocks):
        part = work[b * n : (b + 1) * n]
        known = min(n, x.shape[0])
        for i in range(known):
            part[i] = x[i]
        for i in range(known, n):
            part[i] = 0.0
        for r in range(rounds):
            sign = signs[b, r]
            for i in range(n):
                part[i] *= sign[i]
            transform(part)
    scale = 1.0 / (np.sqrt(n) ** (rounds - 1) * np.sqrt(x.shape[0]))
    for j in range(pick.shape[0]):
        out[j] = work[pick[j]] * scale


@compiled(fastmath=True)
def transform(part: F64) -> None:
    """The Walsh–Hadamard transform, not normalised, in place; part (N,), N a power of two.

    Strides below 8 do not vectorise and are done in registers; then two stages a pass, on slices.
    """
    n = part.shape[0]
    step = 1
    if n >= 8:
        _first_three(part)
        step = 8
    while 4 * step <= n:
        for start in range(0, n, 4 * step):
            q0, q1 = part[start : start + step], part[start + step : start + 2 * step]
            q2, q3 = part[start + 2 * step : start + 3 * step], part[start + 3 * step : start + 4 * step]
            for i in range(step):
                d0, d1, d2, d3 = q0[i] + q1[i], q0[i] - q1[i], q2[i] + q3[i], q2[i] - q3[i]
                q0[i], q1[i], q2[i], q3[i] = d0 + d2, d1 + d3, d0 - d2, d1 - d3
        step *= 4
    while step < n:
        for start in range(0, n, 2 * step):
            q0, q1 = part[start : start + step], part[start + step : start + 2 * step]
            for i in range(step):
                q0[i], q1[i] = q0[i] + q1[i], q0[i] - q1[i]
        step *= 2


@compiled(fastmath=True)
def _first_three(part: F64) -> None:
    for i in range(0, part.shape[0], 8):
        a0, a1, a2, a3 = part[i], part[i + 1], part[i + 2], part[i + 3]
        a4, a5, a6, a7 = part[i + 4], part[i + 5], part[i + 6], part[i + 7]
        b0, b1, b2, b3 = a0 + a1, a0 - a1, a2 + a3, a2 - a3
        b4, b5, b6, b7 = a4 + a5, a4 - a5, a6 + a7, a6 - a7
        a0, a1, a2, a3 = b0 + b2, b1 + b3, b0 - b2, b1 - b3
        a4, a5, a6, a7 = b4 + b6, b5 + b7, b4 - b6, b5 - b7
        part[i], part[i + 1], part[i + 2], part[i + 3] = a0 + a4, a1 + a5, a2 + a6, a3 + a7
        part[i + 4], part[i + 5], part[i + 6], part[i + 7] = a0 - a4, a1 - a5, a2 - a6, a3 - a7
