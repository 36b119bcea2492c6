r"""Structured random projection: signs, fast Walsh–Hadamard transforms, and a pick of the outputs.

Two rounds of (random signs, Hadamard) behave like a dense Gaussian projection at O(D log D) and a few bytes
a feature instead of O(D M) of both. Ailon & Chazelle 2006, STOC; Yu et al. 2016, "Orthogonal random
features", NeurIPS, section 4. Everything follows from a seed, the same on every machine.
"""

from typing import NamedTuple

import numpy as np

from edgelearn.compiled import compiled
from edgelearn.types import F32, F64, Array


class Projection(NamedTuple):
    """A projection (D,) -> (M,): ``signs`` (blocks, 2, N) of ±1, ``pick`` (M,) into blocks*N outputs."""

    signs: F32
    pick: Array


def draw(n_in: int, n_out: int, seed: int) -> Projection:
    """Draw a projection from raw generator bits, whose stream is the same on every platform."""
    n = 1 << max(n_in - 1, 1).bit_length()
    blocks = -(-n_out // n)
    bits = np.random.PCG64(seed)
    raw = np.asarray(bits.random_raw(blocks * 2 * n))
    signs = np.where(raw >> np.uint64(63), np.float32(1.0), np.float32(-1.0)).reshape(blocks, 2, n)
    whole = [b * n + np.argsort(np.asarray(bits.random_raw(n)), kind="stable") for b in range(blocks)]
    return Projection(signs.astype(np.float32), np.concatenate(whole)[:n_out].astype(np.int32))


@compiled(fastmath=True)
def project(x: F64, signs: F32, pick: Array, work: F64, out: F64) -> None:
    """Write the projection of ``x`` (D,) into ``out`` (M,); ``work`` (blocks*N,) is scratch.

    Scaled so that a vector of unit-variance features has unit-variance outputs.
    """
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
    scale = 1.0 / (n ** (rounds - 1) * np.sqrt(x.shape[0]))
    scale *= n ** (0.5 * (rounds - 1))
    for j in range(pick.shape[0]):
        out[j] = work[pick[j]] * scale
