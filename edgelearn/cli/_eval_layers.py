"""``edgelearn eval --layers``: each readout once more on layers that learn, and on the same layers frozen."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgelearn.feedback import ledger_bytes
from edgelearn.learner import Learner
from edgelearn.readouts import Readout
from edgelearn.run.config import check_plastic, learner_table
from edgelearn.run.layers import layers_in
from edgelearn.run.toml import TomlFile
from edgelearn.stack import Stack
from edgelearn.types import Array, Decision, Label

if TYPE_CHECKING:
    from edgelearn.cli._eval_setup import Spec
    from edgelearn.evaluate.study import Candidate


class Plastic:
    """A learner whose layers see each training sample without its label first, where the file says adapt."""

    def __init__(self, learner: Learner, adapt: bool) -> None:
        self._learner, self._adapt = learner, adapt

    @property
    def classes_(self) -> list[Label]:
        return self._learner.classes_

    @property
    def memory_bytes(self) -> int:
        return self._learner.memory_bytes

    def learn_one(self, x: Array, y: Label) -> None:
        if self._adapt:
            self._learner.adapt_one(x)
        self._learner.learn_one(x, y)

    def learn_many(self, X: Array, y: Any) -> None:
        for x, label in zip(X, y, strict=True):
            self.learn_one(x, label)

    def predict_one(self, x: Array) -> Decision:
        return self._learner.predict_one(x)

    def predict_many(self, X: Array) -> list[Decision]:
        return self._learner.predict_many(X, tickets=False)


class Frozen(Plastic):
    """A learner above layers that stay at their random start: the control of those that learn."""

    def __init__(self, learner: Learner, layers: Stack) -> None:
        super().__init__(learner, adapt=False)
        self._layers = layers

    @property
    def memory_bytes(self) -> int:
        return self._learner.memory_bytes + self._layers.memory_bytes

    def learn_one(self, x: Array, y: Label) -> None:
        self._learner.learn_one(self._layers.transform(x), y)

    def predict_one(self, x: Array) -> Decision:
        return self._learner.predict_one(self._layers.transform(x))

    def predict_many(self, X: Array) -> list[Decision]:
        return self._learner.predict_many(self._layers.transform_many(X), tickets=False)


def layered(path: Path, specs: "list[Spec]", n_features: int) -> "dict[str, Callable[[int], Candidate]]":
    """Return two makers for each readout, from a seed: on layers that learn, and on frozen ones.

    The file is one that ``edgelearn run`` takes: [[layers]], and anchors, reanchor_every and adapt in [learner].
    Anchors are for readouts that keep statistics; the others go without. Raises ConfigError for layers that do not go
    with a readout.
    """
    file = TomlFile(path)
    options = learner_table(file)
    if not layers_in(file):
        raise file.error((), "a file for --layers needs at least one table [[layers]]")

    def anchors_of(readout: Readout) -> int | str | None:
        return options.anchors if readout.keeps_statistics else None

    for spec in specs:
        readout = spec.make(0)
        check_plastic(file, layers_in(file), readout, replace(options, anchors=anchors_of(readout)))

    def learns(readout: Readout, seed: int) -> Plastic:
        learner = Learner(
            None,
            readout,
            layers=layers_in(file, seed),
            anchors=anchors_of(readout),
            reanchor_every=options.reanchor_every,
            ticket_bytes=ledger_bytes(1, n_features),
        )
        return Plastic(learner, options.adapt)

    def frozen(readout: Readout, seed: int) -> Frozen:
        stack = Stack(layers_in(file, seed))
        return Frozen(Learner(None, readout, ticket_bytes=ledger_bytes(1, stack.n_out)), stack)

    kinds: Mapping[str, Callable[[Readout, int], Plastic]] = {"layers": learns, "frozen layers": frozen}
    return {f"{spec.text} on {kind}": _maker(spec, make) for spec in specs for kind, make in kinds.items()}


def _maker(spec: "Spec", make: Callable[[Readout, int], Plastic]) -> "Callable[[int], Candidate]":
    from edgelearn.evaluate.study import Candidate

    def candidate(seed: int) -> Candidate:
        model = make(spec.make(seed), seed)
        return Candidate(model, model)

    return candidate
