"""How a layer does: units that fell silent, saturated or collapsed onto each other are told, not found out later."""

from typing import NamedTuple

import numpy as np

from edgelearn.types import F32, F64

FEW = 4  # fewer units may well use less than two dimensions
RUNAWAY = np.float32(1e6)  # of a weight; rules that converge end near norm 1
KEPT = 64  # recent outputs, enough to tell a few dimensions from many


class Health(NamedTuple):
    """What a layer's recent outputs and its weights say.

    Shares are of units, over the last `KEPT` learned samples; ``participation`` is the participation ratio of
    their outputs, (Σλ)²/Σλ² with λ the variances along the principal axes: about how many dimensions are used.
    """

    seen: int  # recent samples this is about
    silent: float  # share of units that gave 0 for all of them
    saturated: float  # share of units that gave one and the same value other than 0
    participation: float
    norm_min: float
    norm_median: float
    norm_max: float
    units: int  # of whose outputs this speaks

    def troubles(self) -> list[str]:
        """Return a sentence for each thing that is wrong.

        Of outputs nothing is said while fewer than half `KEPT` samples were seen; few units cannot collapse.
        """
        return list(self.found().values())

    def found(self) -> dict[str, str]:
        """Return `troubles` by kind: "runaway", "silent", "saturated" and "collapsed"."""
        found = {}
        if not self.norm_max < RUNAWAY:
            found["runaway"] = (
                f"weights have run away (the largest norm is {self.norm_max:.2g}): roll back, then lower eta or scale "
                "the samples"
            )
        if self.seen < KEPT // 2:
            return found
        if self.silent > 0.5:
            found["silent"] = (
                f"{self.silent:.0%} of the units are silent: lower thresholds or raise the weights' start"
            )
        if self.saturated > 0.5:
            found["saturated"] = (
                f"{self.saturated:.0%} of the units are saturated: lower eta or the scale of the input"
            )
        if self.units >= FEW and self.participation < 2 and self.silent <= 0.5 and self.saturated <= 0.5:
            found["collapsed"] = (
                f"the outputs use {self.participation:.1f} dimensions: the units have collapsed onto each other; "
                "lower eta, or choose a rule with competition or decorrelation"
            )
        return found


class Watch:
    """Keeps the last `KEPT` outputs of a layer: ``recent`` (KEPT, n_out), NaN where none was seen yet."""

    def __init__(self, n_out: int) -> None:
        self.recent: F32 = np.full((KEPT, n_out), np.nan, np.float32)

    def add(self, out: F32, number: int) -> None:
        """Keep the output (n_out,) of the sample of this running number."""
        self.recent[number % KEPT] = out

    def health(self, norms: F32) -> Health:
        """Return the health of a layer whose units have weights of these norms (n_post,)."""
        rows = self.recent[np.isfinite(self.recent).all(axis=1)].astype(np.float64)
        units = self.recent.shape[1]
        if not len(rows) or not len(norms):
            return Health(0, 0.0, 0.0, 0.0, *_three(norms), units)
        constant = (rows == rows[0]).all(axis=0)
        silent = float((constant & (rows[0] == 0)).mean())
        saturated = float(constant.mean()) - silent
        return Health(len(rows), silent, saturated, _participation(rows), *_three(norms), units)


def _participation(rows: F64) -> float:
    centred = rows - rows.mean(axis=0)
    gram = centred @ centred.T  # its eigenvalues are those of the covariance, and it is the smaller matrix
    square = float((gram * gram).sum())
    return float(np.trace(gram) ** 2 / square) if square > 0 else 0.0


def _three(norms: F32) -> tuple[float, float, float]:
    if not len(norms):
        return 0.0, 0.0, 0.0
    return float(norms.min()), float(np.median(norms)), float(norms.max())
