"""Gas sensors that drift over three years: test, then train, batch after batch, beside what does not learn on."""

from collections.abc import Iterator

from tools.bench import data
from tools.bench.figure import Figure, Group, Measured

READOUTS = ("slda", "ncm", "rp_ridge", "softmax")
FROM_SECOND = (*READOUTS, "frozen", "retrained", "no_change")


def measure() -> Iterator[Measured]:
    import numpy as np

    from edgelearn import readouts
    from edgelearn.evaluate import no_change, prequential
    from edgelearn.evaluate.controls import OfflineRidge

    gas = data.arrays("gas")
    x = (np.sign(gas["x"]) * np.log1p(np.abs(gas["x"]))).astype(np.float32)
    y, batch = gas["gas"].astype(int), gas["batch"]
    hits = {name: np.asarray(prequential(readouts.make(name), x, y).correct, float) for name in READOUTS}
    hits["no_change"] = np.asarray(no_change(y), float)
    for name in ("frozen", "retrained"):
        hits[name] = np.full(len(y), np.nan)
    batches = np.unique(batch)
    first = OfflineRidge(x[batch == batches[0]], y[batch == batches[0]])
    for b in batches[1:]:
        now, before = batch == b, batch < b
        hits["frozen"][now] = first.predict(x[now]) == y[now]
        hits["retrained"][now] = OfflineRidge(x[before], y[before]).predict(x[now]) == y[now]
    later = batch > batches[0]
    for name in FROM_SECOND:
        table = {int(b): round(float(hits[name][batch == b].mean()), 4) for b in batches if b > batches[0]}
        yield Measured(
            f"gas.{name}", float(hits[name][later].mean()),
            note="batches " + ", ".join(f"{b}: {value:.3f}" for b, value in table.items()), detail={"batch": table},
        )  # fmt: skip


GROUP = Group(
    "gas",
    (
        Figure("gas.slda", "accuracy", "prequential over batches 2 to 6, streaming LDA from batch 1 on"),
        Figure("gas.ncm", "accuracy", "the same, nearest class mean"),
        Figure("gas.rp_ridge", "accuracy", "the same, random projection + ridge"),
        Figure("gas.softmax", "accuracy", "the same, online softmax"),
        Figure("gas.frozen", "accuracy", "ridge fitted to batch 1 and left alone"),
        Figure("gas.retrained", "accuracy", "ridge fitted anew to all earlier batches before each batch"),
        Figure("gas.no_change", "accuracy", "repeating the last label: how much order alone gives away"),
    ),
    measure,
    sets=("gas",),
)
