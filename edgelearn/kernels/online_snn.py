r"""A spiking network that learns at every step of a sample, one call a sample, touching only what spikes touched.

Hidden LIF units under a softmax readout of their spikes. It equals, bit for bit, this composition at each step (`drive`
of spikes, `neurons.lif`, `drive`, `neurons.softmax`, `signals.label_error`, `rules.delta` above; `signals.feedback`
of the error and `rules.stdp_eligibility` below), while weights are finite and none is -0: a synapse whose input never
spiked has no trace and does not move. No array grows with the number of steps.

Shapes: w (n_in, n), readout (n, n_out), back (n_out, n), units (6, n), says (2, n_out), trace (n_in,), lists
(3, max(n_in, n)) int32. Spikes come as lists: step t has the inputs ``active[t, :n_active[t]]``, ascending, both int32.
``constants``: decay, threshold, psi and width of the unit; eta, lam_pre, lam_post, a_pre and a_post of the rule; eta of
the readout.
"""

import numpy as np

from edgelearn.compiled import compiled
from edgelearn.kernels.functions import exp
from edgelearn.kernels.order import drive, drive_ones
from edgelearn.types import F32, Array

V, OUT, SLOPE, PAST, THIRD, CAUSAL = range(6)  # rows of units; PAST: the trace of the slopes
SEEN, ROWS, FIRED = range(3)  # rows of lists: 1 for an input with a trace, those inputs, the units that fire


@compiled()
def are_lists(active: Array, n_active: Array, n_in: int) -> bool:
    """Return whether every step names inputs below n_in, ascending, no more than ``active`` has room for."""
    for t in range(n_active.shape[0]):
        before = -1
        if n_active[t] < 0 or n_active[t] > active.shape[1]:
            return False
        for k in range(n_active[t]):
            if active[t, k] <= before or active[t, k] >= n_in:
                return False
            before = active[t, k]
    return True


@compiled()
def learn(
    active: Array, n_active: Array, label: int, first: int, w: F32, readout: F32, back: F32,
    units: F32, says: F32, trace: F32, lists: Array, constants: F32,
) -> None:  # fmt: skip
    """Start at rest, and learn ``label`` at each step from step ``first`` on."""
    past, slope, error, n_rows = units[PAST], units[SLOPE], says[0], 0
    seen, rows, fired = lists[SEEN], lists[ROWS], lists[FIRED]
    lam_pre, lam_post = constants[5], constants[6]
    units[:], trace[:], seen[:] = np.float32(0.0), np.float32(0.0), 0
    for t in range(n_active.shape[0]):
        spikes = active[t, : n_active[t]]
        for k in range(n_rows):
            trace[rows[k]] = lam_pre * trace[rows[k]]
        for k in range(spikes.shape[0]):
            i = spikes[k]
            trace[i] += np.float32(1.0)
            if seen[i] == 0:
                rows[n_rows], seen[i] = i, 1
                n_rows += 1
        n_fired = _units(spikes, w, units, fired, constants)
        if t >= first:
            drive_ones(fired[:n_fired], readout, says[1])
            _error(says[1], label, error)
            drive(error, back, units[THIRD])
            for j in range(error.shape[0]):
                error[j] = constants[9] * error[j]
            _add_to_rows(fired[:n_fired], readout, error)
            _move(spikes, rows[:n_rows], trace, w, units, constants)
        for j in range(past.shape[0]):
            past[j] = lam_post * past[j] + slope[j]


@compiled()
def scores(
    active: Array, n_active: Array, w: F32, readout: F32, units: F32, says: F32, lists: Array, constants: F32
) -> None:
    """Start at rest, and write the readout summed over all steps into ``says[0]``; nothing learns."""
    units[:], says[0] = np.float32(0.0), np.float32(0.0)
    for t in range(n_active.shape[0]):
        n_fired = _units(active[t, : n_active[t]], w, units, lists[FIRED], constants)
        drive_ones(lists[FIRED, :n_fired], readout, says[1])
        for j in range(says.shape[1]):
            says[0, j] += says[1, j]


@compiled()
def _move(spikes: Array, rows: Array, trace: F32, w: F32, units: F32, constants: F32) -> None:
    eta, a_pre, a_post = constants[4], constants[7], constants[8]
    slope, past, third, causal = units[SLOPE], units[PAST], units[THIRD], units[CAUSAL]
    for j in range(third.shape[0]):
        causal[j] = (eta * third[j]) * (a_pre * slope[j])
        third[j] = (eta * third[j]) * (a_post * past[j])
    n, k = rows.shape[0], 0
    while k + 4 <= n:
        a, b, c, d = trace[rows[k]], trace[rows[k + 1]], trace[rows[k + 2]], trace[rows[k + 3]]
        p, q, r, s = w[rows[k]], w[rows[k + 1]], w[rows[k + 2]], w[rows[k + 3]]
        for j in range(causal.shape[0]):
            m = causal[j]
            p[j], q[j], r[j], s[j] = p[j] + a * m, q[j] + b * m, r[j] + c * m, s[j] + d * m
        k += 4
    while k < n:
        a, p = trace[rows[k]], w[rows[k]]
        for j in range(causal.shape[0]):
            p[j] += a * causal[j]
        k += 1
    if a_post != np.float32(0.0):
        _add_to_rows(spikes, w, third)


@compiled()
def _units(spikes: Array, w: F32, units: F32, fired: Array, constants: F32) -> int:
    """One step of all units; list those that fire, and return how many."""
    zero, one, n_fired = np.float32(0.0), np.float32(1.0), 0
    decay, threshold, psi, width = constants[0], constants[1], constants[2], constants[3]
    v, out, slope, u = units[V], units[OUT], units[SLOPE], units[THIRD]
    drive_ones(spikes, w, u)
    for j in range(u.shape[0]):
        height = decay * v[j] + u[j]
        above = height - threshold
        out[j] = one if above > zero else zero
        v[j] = above if above > zero else height
        near = one - abs(above) / width
        slope[j] = psi * (zero if near < zero else near)
    for j in range(u.shape[0]):
        if out[j] > zero:
            fired[n_fired] = j
            n_fired += 1
    return n_fired


@compiled()
def _add_to_rows(which: Array, w: F32, change: F32) -> None:
    for k in range(which.shape[0]):
        row = w[which[k]]
        for j in range(row.shape[0]):
            row[j] += change[j]


@compiled()
def _error(score: F32, label: int, error: F32) -> None:
    top, total = score[0], np.float32(0.0)
    for j in range(score.shape[0]):
        top = score[j] if score[j] > top else top
    for j in range(score.shape[0]):
        error[j] = exp(score[j] - top)
        total += error[j]
    for j in range(score.shape[0]):
        error[j] = (np.float32(1.0) if j == label else np.float32(0.0)) - error[j] / total
