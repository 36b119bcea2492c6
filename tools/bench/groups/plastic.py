"""Layers that go on learning below a readout, on gas sensors that drift over three years: what honesty costs.

Test, then train, batch after batch, each batch shuffled. A layer of SoftHebb units, with the defaults of its parts,
learns from every sample without its label. After batch 1, by which features are scaled, one sample in 20 has a label;
the notes say what comes out when the layer learns at a tenth of the rate, and when every sample has a label.
"""

from collections.abc import Callable, Iterator
from typing import Any

from tools.bench import data
from tools.bench.figure import Figure, Group, Measured

SEEDS, UNITS, ETA, RARE = 5, 200, 0.1, 20
READOUT, EVERY = "slda", 256
ANCHORED = {"anchored_64KB": "64KB", "anchored_1MB": "1MB"}
ARMS = {
    "anchored_64KB": "the layer learns on, the readout is built anew from 64 KB of anchors",
    "anchored_1MB": "the layer learns on, the readout is built anew from 1 MB of anchors",
    "first": "the layer learns on batch 1 and stands still from then on, and the readout learns after it",
    "frozen": "control: the layer stays at its random start",
    "alone": "control: the readout without a layer",
    "dishonest": "control: the layer learns on, the readout keeps statistics of features that are gone (by hand)",
}


def measure() -> Iterator[Measured]:
    import numpy as np

    x, y, batch = _stream()
    first = batch == batch.min()
    later = ~first
    for name in ARMS:
        rare, slow, every = (
            np.array([_hits(name, seed, x, y, first, eta, step) for seed in range(SEEDS)])
            for eta, step in ((ETA, RARE), (ETA / 10, RARE), (ETA, 1))
        )
        values = rare[:, later].mean(axis=1)
        table = {int(b): round(float(rare[:, batch == b].mean()), 4) for b in np.unique(batch[later])}
        words = ", ".join(f"batch {b} {value:.3f}" for b, value in table.items())
        yield Measured(
            f"plastic.{name}",
            float(values.mean()),
            spread=float(values.std(ddof=1)),
            detail={"batch": table, "seeds": [round(float(value), 4) for value in values]},
            note=f"{words}; {SEEDS} seeds; at a tenth of the rate {slow[:, later].mean():.3f}, "
            f"with every label {every[:, later].mean():.3f}",
        )


def _stream() -> tuple[Any, Any, Any]:
    """Return features (n, 128) scaled by batch 1, gases (n,) and batches (n,), which ascend."""
    import numpy as np

    gas = data.arrays("gas")
    x, y, batch = np.sign(gas["x"]) * np.log1p(np.abs(gas["x"])), gas["gas"].astype(int), gas["batch"]
    order = [np.random.default_rng(b).permutation(np.flatnonzero(batch == b)) for b in np.unique(batch)]
    x, y, batch = (values[np.concatenate(order)] for values in (x, y, batch))
    first = x[batch == batch.min()]
    x = (x - first.mean(axis=0)) / (first.std(axis=0) + 1e-6) / np.sqrt(x.shape[1])
    return x.astype(np.float32), y, batch


def _hits(name: str, seed: int, x: Any, y: Any, first: Any, eta: float, step: int) -> Any:
    """Return where an arm is right (n,) when every sample of batch 1 and one in ``step`` after it has a label."""
    import numpy as np

    predict, adapt, learn = _arm(name, seed, x[first], eta)
    hits, labelled = np.zeros(len(y)), first | (np.random.default_rng(seed).random(len(y)) < 1 / step)
    for i, (row, label) in enumerate(zip(x, y.tolist(), strict=True)):
        hits[i] = predict(row) == label
        adapt(row)
        if labelled[i]:
            learn(row, label)
    return hits


Calls = tuple[Callable[[Any], Any], Callable[[Any], None], Callable[[Any, int], None]]


def _arm(name: str, seed: int, first: Any, eta: float) -> Calls:
    """Return how an arm predicts, adapts and learns."""
    from edgelearn.layer import Layer
    from edgelearn.learner import Learner
    from edgelearn.readouts import make
    from edgelearn.rules import softhebb

    layer = Layer(UNITS, softhebb.rule(eta=eta), "softmax", "competition", code="triangle", seed=seed)
    if name == "dishonest":
        readout = make(READOUT)
        return (
            lambda row: readout.predict_one(layer.transform(row)),
            lambda row: (layer.learn_one(row), None)[1],
            lambda row, label: readout.learn_one(layer.transform(row), label),
        )
    anchors = ANCHORED.get(name)
    learner = Learner(
        None, READOUT, layers=[] if name == "alone" else [layer], anchors=anchors, reanchor_every=EVERY,
        reject_rate=None, seed=seed,
    )  # fmt: skip
    if name == "first":
        learner.adapt_many(first)
    adapt = learner.adapt_one if anchors else lambda _: None
    return lambda row: learner.predict_one(row).best, adapt, learner.learn_one


GROUP = Group(
    "plastic",
    tuple(
        Figure(f"plastic.{name}", "accuracy", f"test then train, batches 2 to 6, 1 label in 20: {words}")
        for name, words in ARMS.items()
    ),
    measure,
    sets=("gas",),
)
