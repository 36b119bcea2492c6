"""Gas sensors that drift over three years: test, then train, batch after batch, beside what does not learn on.

In the order of recording one label follows itself 99 times in 100, so the batches are also taken in their order
with the samples inside each shuffled: there repeating the last label tells nothing.
"""

from collections.abc import Iterator
from typing import Any

from tools.bench import data
from tools.bench.figure import Figure, Group, Measured

READOUTS = {
    "slda": "streaming LDA",
    "ncm": "nearest class mean",
    "rp_ridge": "random projection + ridge",
    "softmax": "online softmax",
}
CONTROLS = {
    "frozen": "ridge fitted to batch 1 and left alone",
    "retrained": "ridge fitted anew to all earlier batches before each batch",
    "no_change": "repeating the last label",
}


def measure() -> Iterator[Measured]:
    import numpy as np

    gas = data.arrays("gas")
    x = (np.sign(gas["x"]) * np.log1p(np.abs(gas["x"]))).astype(np.float32)
    y, batch = gas["gas"].astype(int), gas["batch"]
    shuffled = np.concatenate(
        [np.random.default_rng(b).permutation(np.flatnonzero(batch == b)) for b in np.unique(batch)]
    )
    recorded = _hits(x, y, batch)
    mixed = _hits(x[shuffled], y[shuffled], batch[shuffled])
    later = batch > batch.min()
    for name in (*READOUTS, *CONTROLS):
        table = {int(b): round(float(mixed[name][batch == b].mean()), 4) for b in np.unique(batch[later])}
        words = ", ".join(f"batch {b} {value:.3f}" for b, value in table.items())
        yield Measured(
            f"gas.{name}", float(mixed[name][later].mean()), detail={"batch": table},
            note=f"{words}; in the order of recording {recorded[name][later].mean():.3f}",
        )  # fmt: skip


def _hits(x: Any, y: Any, batch: Any) -> dict[str, Any]:
    """Return for every readout and control where it is right (n,), as floats; batches ascend."""
    import numpy as np

    from edgelearn import readouts
    from edgelearn.evaluate import no_change, prequential
    from edgelearn.evaluate.controls import OfflineRidge

    hits = {name: np.asarray(prequential(readouts.make(name), x, y).correct, float) for name in READOUTS}
    hits["no_change"] = np.asarray(no_change(y), float)
    hits["frozen"], hits["retrained"] = np.full(len(y), np.nan), np.full(len(y), np.nan)
    first = batch == batch.min()
    frozen = OfflineRidge(x[first], y[first])
    for b in np.unique(batch[~first]):
        now, before = batch == b, batch < b
        hits["frozen"][now] = frozen.predict(x[now]) == y[now]
        hits["retrained"][now] = OfflineRidge(x[before], y[before]).predict(x[now]) == y[now]
    return hits


GROUP = Group(
    "gas",
    (
        *(
            Figure(f"gas.{name}", "accuracy", f"test then train, batches 2 to 6 one after another: {words}")
            for name, words in READOUTS.items()
        ),
        *(Figure(f"gas.{name}", "accuracy", f"control: {words}") for name, words in CONTROLS.items()),
    ),
    measure,
    sets=("gas",),
)
