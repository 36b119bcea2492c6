"""Where arrays lie in memory changes no bit of a result: else a resumed learner would go its own way."""

import numpy as np
import pytest

from edgelearn.kernels import hadamard, precision, prototypes, ridge, slda, softmax

ROOM = 64  # array elements that may lie between two arrays


def arrays(kernel, n, rng):
    """Return a call's arguments, arrays and numbers, in order."""
    A = rng.normal(size=(2 * n, n))
    v, classes = rng.normal(size=(8, n)), rng.normal(size=(3, n))
    P = precision.pack(np.linalg.inv(A.T @ A + np.eye(n)) + np.outer(v[1], v[1]))  # v[1] waits
    counts, f4 = np.array([4, 5, 6]), np.float32
    return {
        "advance": [P, v[1], v[0], v[2]],
        "quadratic": [P, v[1], v[0]],
        "settle": [P, v[1], classes, np.ones(3), np.ones(n), v[3] ** 2, np.full(n, 9.0), 5, v[2]],
        "slda": [
            *(v[0], 1, P, v[1], classes, classes + 1, np.ones(3), counts, np.ones(n), np.full(n, 9.0)),
            *(v[3] ** 2, 16, v[4:6]),
        ],
        "ridge": [v[0], 1, 9, P, v[1], classes, np.ones(n), np.full(n, 9.0), v[2], v[3] ** 2, v[4]],
        "softmax": [
            *(v[0].astype(f4), 1, 9, 0.5, np.abs(v[1:4]).astype(f4), classes.astype(f4)),
            *(np.ones(3, f4), np.zeros(n, f4), np.zeros(3, f4)),
        ],
        "normalise": [v[0].astype(f4), v[1]],
        "distances": [v[0].astype(f4), v[1:5].astype(f4), 4, np.zeros(4, f4)],
        "scores": [v[0], 9.0, 3.0, classes, np.ones(3), counts, np.zeros(3)],
    }[kernel]


KERNELS = {
    "advance": precision.advance,
    "quadratic": precision.quadratic,
    "settle": precision.settle,
    "slda": slda.learn,
    "ridge": ridge.learn,
    "softmax": softmax.learn,
    "normalise": hadamard.normalise,
    "distances": prototypes.distances,
    "scores": slda.scores,
}


def called(kernel, arguments, rng):
    """Call it on copies that lie in one block in any order, close together; return what they hold after."""
    block = np.zeros(sum(a.size + ROOM for a in arguments if isinstance(a, np.ndarray)))
    placed, at = list(arguments), 0
    for i in rng.permutation(len(arguments)):
        a = arguments[i]
        if isinstance(a, np.ndarray):
            place = block[at : at + a.size].view(a.dtype)[: a.size].reshape(a.shape)
            place[...] = a
            placed[i] = place
            words = -(-a.size * a.itemsize // 8)
            at += words + int(rng.choice([0, 1, 2, 2, 3, ROOM]))
    result = KERNELS[kernel](*placed)
    return [np.array(p) for p in placed] + [np.array(0.0 if result is None else result)]


@pytest.mark.parametrize("kernel", KERNELS)
def test_results_do_not_depend_on_addresses(kernel):
    rng = np.random.default_rng(0)
    for n in (2, 3, 5, 6, 7, 8, 9, 10, 11, 13, 15, 16, 17, 19, 23, 31, 33, 40):
        for _ in range(6):
            arguments = arrays(kernel, n, rng)
            first = called(kernel, arguments, rng)
            for _ in range(10):
                again = called(kernel, arguments, rng)
                assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True)), n
