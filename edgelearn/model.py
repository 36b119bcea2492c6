"""All that learns, kept true to each other: layers, the readout on top, rejection, anchors. No thread, no ticket.

A readout that keeps statistics speaks of the features its layers gave when it learned. So that it never speaks of
features that no longer exist:
Rule 1: layers learn only before such a readout has learned.
Rule 2: with anchors they go on, and the readout is built anew from the anchors, through the layers as they are by then:
as soon as a look at the probes tells that features moved, and after every `reanchor_every` passes.
Rule 3: a readout that keeps no statistics follows its layers by itself.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from edgelearn.anchors import Anchors
from edgelearn.bounds import whole
from edgelearn.bytesize import parse_bytes
from edgelearn.errors import BudgetError, ConfigError, InputError, LayerError, UnsupportedError
from edgelearn.kernels.draws import even
from edgelearn.kernels.probability import margin
from edgelearn.layer import Layer
from edgelearn.openset import Rejection
from edgelearn.probes import EVERY, Probes, spread_over
from edgelearn.readouts import Readout
from edgelearn.snapshots import check_kin, copied, describe, part
from edgelearn.stack import Stack
from edgelearn.types import F32, Array, Decision, Label, Snapshot

if TYPE_CHECKING:
    from edgelearn.extractor import Extractor


class Model:
    """What a `Learner` guards; samples are features (n_in,), checked before they come here."""

    def __init__(
        self,
        readout: Readout,
        layers: Sequence[Layer],
        reject_rate: float | None,
        anchors: int | str | None,
        reanchor_every: int,
        seed: int,
    ) -> None:
        self.readout = readout
        self.rejection = Rejection(reject_rate)
        self.stack = Stack(layers) if layers else None
        self.anchors = None
        if anchors is not None:
            self.anchors = Anchors(parse_bytes(anchors), seed)
            self.rejection = Rejection(None)  # a novelty measured before the layers moved says nothing after
        self.probes = Probes()
        self._settings = (reject_rate, anchors, reanchor_every, seed)
        self._every, self._seed = whole("reanchor_every", reanchor_every, 1), whole("seed", seed, 0)
        self._by_label = self.stack is not None and self.stack.learns_from("label")
        self._check()

    @property
    def n_in(self) -> int | None:
        """Features a sample has; None before the first."""
        return self.readout.n_features if self.stack is None else self.stack.n_in

    def own(self) -> None:
        """Keep the layers from other learners for as long as this model lives."""
        if self.stack is not None:
            self.stack.own()

    # -- use ------------------------------------------------------------------------------------------

    def decide(self, x: F32, ticket: str = "", number: int = 0) -> Decision:
        """Return what is said of a sample; one with a ticket may get a label that is tried, drawn by ``number``."""
        readout = self.readout
        labels = readout.classes_
        if not labels:
            return Decision(None, None, {}, 0.0, ticket)
        if self.stack is not None:
            x = self.stack.transform(x)
        threshold = self.rejection.threshold
        if threshold < np.inf:
            scores, novelty = readout.judge_one(x)
        else:
            scores, novelty = readout.scores_one(x), 0.0
        chances = readout.probabilities(scores)
        best = int(scores.argmax())
        said = readout.explore(chances, even(self._seed, number)) if readout.explores and ticket else best
        return Decision(
            None if novelty > threshold else labels[said],
            labels[best],
            dict(zip(labels, chances.tolist(), strict=True)),
            margin.dispatcher(chances, best),
            ticket,
        )

    def learn(self, x: F32, label: Label) -> None:
        """Learn a sample and its label: layers that labels teach first, then the readout."""
        seen = x
        if self.stack is not None:
            if self._by_label:
                self.stack.teach(x, label)
            seen = self.stack.transform(x)
        if self.readout.knows(label) and self.rejection.wants():
            self.rejection.add(self.readout.judge_one(seen)[1])
        self.readout.learn_one(seen, label)
        if self.anchors is not None:
            self.anchors.add(x, self.readout.classes_.index(label))
            self.probes.add(x, seen)
        if self._by_label:
            self._moved()

    def adapt(self, x: F32) -> None:
        """Let the layers that need no teacher learn; raises LayerError where they must not."""
        if self.stack is None or not self.stack.learns_from("nothing"):
            raise UnsupportedError(
                "no layer learns without a teacher; give layers=[Layer(…)] whose signal needs none"
            )
        self._may_move()
        self.stack.adapt(x)
        self._moved()

    def reinforce(self, x: F32, action: int | None, reward: float) -> None:
        """Learn that a sample, answered with class ``action``, brought ``reward``: the readout first, on the features
        from which it answered, then layers.

        Raises UnsupportedError when nothing here learns from it and LayerError where layers must not learn.
        """
        by_reward = self.stack is not None and self.stack.learns_from("reward")
        if not (by_reward or self.readout.reinforces):
            raise UnsupportedError(
                f"nothing here learns from a reward: {self.readout.name} learns from labels; use readout reward_head, "
                "or a layer whose signal takes rewards"
            )
        if action is None and self.readout.reinforces:
            raise UnsupportedError(
                "the decision named no label, or one forgotten since; there is nothing to reward"
            )
        if by_reward:
            self._may_move()
        if self.readout.reinforces and action is not None:
            seen = x if self.stack is None else self.stack.transform(x)
            self.readout.reinforce_one(seen, self.readout.classes_[action], reward)
        if by_reward and self.stack is not None:
            self.stack.reward(x, reward)
            self._moved()

    def forget(self, label: Label) -> int:
        """Drop a class; return the index it had."""
        index = self.readout.classes_.index(label) if self.readout.knows(label) else -1
        self.readout.forget(label)
        if self.anchors is not None:
            self.anchors.forget(index)
        return index

    def unlearn(self, x: F32, label: Label) -> int | None:
        """Take a sample back; return the index of its class when that was its last sample.

        Raises UnsupportedError with anchors.
        """
        if self.anchors is not None:
            raise UnsupportedError(
                "one sample cannot be taken back from a readout that is built anew from anchors, which hold only some "
                "of what it learned; forget(label) drops a whole class"
            )
        known = self.readout.check_label(label)
        index = self.readout.classes_.index(known) if self.readout.knows(known) else -1
        self.readout.unlearn(x if self.stack is None else self.stack.transform(x), known)
        return None if self.readout.knows(known) else index

    def check_merge(self, other: "Model") -> None:
        """Raise InputError unless the other's readout speaks of the same features."""
        if self.anchors is not None or other.anchors is not None:
            raise InputError(
                "learners with anchors do not merge: their layers go on learning, each its own way, and anchors of one "
                "say nothing of what the other learned; merge learners without anchors, on equal layers"
            )
        mine, theirs = ({} if each.stack is None else copied(each.stack.state()) for each in (self, other))
        alike = mine.keys() == theirs.keys() and all(
            np.array_equal(a, theirs[name], equal_nan=True) for name, a in mine.items()
        )
        if not alike:
            raise InputError(
                "learners merge only on equal layers that no longer learn: their readouts speak of other features"
            )

    # -- memory and state -------------------------------------------------------------------------------

    @property
    def memory_bytes(self) -> int:
        """Bytes of readout, rejection, layers, anchors and probes."""
        plastic = sum(part.memory_bytes for part in (self.stack, self.anchors) if part is not None)
        return self.readout.memory_bytes + self.rejection.memory_bytes + self.probes.memory_bytes + plastic

    def check_room(self, n_classes: int, n_in: int, beside: int, budget: int | None) -> None:
        """Raise BudgetError for more classes than a part has room for, or than fit ``budget`` with ``beside`` bytes.

        With anchors a readout and its probes count twice: while they are built anew, the old ones stay.
        """
        n_features, needed, built = n_in, beside + self.rejection.memory_bytes, 0
        if self.stack is not None:
            n_features, needed = self.stack.n_out, needed + self.stack.bytes_with(n_in)
        if self.anchors is not None:
            self.anchors.check_room(n_classes, n_in)
            needed += self.anchors.bytes_with(n_in)
            built += self.probes.bytes_with(n_in, n_features)
        self.readout.check_room(n_classes, n_features)
        built += self.readout.bytes_with(n_classes, n_features)
        needed += built if self.anchors is None else 2 * built
        if budget is not None and needed > budget:
            raise BudgetError(
                f"{n_classes} classes of {n_features} features take {needed} bytes, the budget is {budget}: "
                "raise it, forget a class, or choose a smaller readout (nothing was changed)"
            )

    def check_teachable(self, labels: Sequence[Label]) -> None:
        """Raise BudgetError when these labels are more than a layer can be taught."""
        if self._by_label and self.stack is not None:
            self.stack.check_room(labels)

    def state(self) -> dict[str, Mapping[str, Array]]:
        """Return everything learned as arrays by part, views of live ones."""
        parts: dict[str, Mapping[str, Array]] = {"rejection": self.rejection.state()}
        if self.readout.n_features is not None:
            parts["readout"] = self.readout.state()
        if self.stack is not None:
            parts |= self.stack.state()
        if self.anchors is not None:
            parts |= {"anchors": self.anchors.state(), "probes": self.probes.state()}
        return parts

    def words(self, extractor: "Extractor | None") -> dict[str, Any]:
        """Return the words (JSON) that go with `state`."""
        return describe(self.readout, extractor, {} if self.stack is None else self.stack.words())

    def check_kin(self, meta: Mapping[str, Any], extractor: "Extractor | None") -> None:
        """Raise StoreError unless a snapshot with these words is of an equal model and extractor."""
        check_kin(meta, self.readout, extractor, [] if self.stack is None else self.stack.config())

    def empty(self) -> "Model":
        """Return one with the same settings that has learned nothing."""
        layers = [] if self.stack is None else self.stack.empty().layers
        return Model(self._new_readout(), layers, *self._settings)

    def load(self, snapshot: Snapshot) -> None:
        """Take over what `state` returned; what does not fit is a KeyError, ValueError or IndexError."""
        meta: Mapping[str, Any] = snapshot.meta
        if meta["n_features"] is not None:
            self.readout.load(part(snapshot, "readout"), meta["labels"], meta["n_features"], meta["n_seen"])
        self.rejection.load(part(snapshot, "rejection"))
        if self.stack is not None:
            names = self.stack.state()
            self.stack.load({name: part(snapshot, name) for name in names}, meta["taught"])
        kept = part(snapshot, "anchors")
        if self.anchors is not None and meta["labels"]:
            if not kept:
                raise InputError("it keeps no anchors of what its readout learned; open it without anchors")
            self.anchors.load(kept)
            self.probes.load(part(snapshot, "probes"))
        self.own()

    # -- inside ---------------------------------------------------------------------------------------

    def _check(self) -> None:
        statistics, name = self.readout.keeps_statistics, self.readout.name
        if self.anchors is None and self._by_label and statistics:
            raise ConfigError(
                f"layers taught by labels learn with every label, and so does {name}, whose statistics would speak of "
                'features that no longer exist; give anchors="256KB", or a readout without (softmax, reward_head)'
            )
        if self.anchors is not None and self.stack is None:
            raise ConfigError("anchors are for layers that learn; give layers, or leave anchors out")
        if self.anchors is not None and not statistics:
            raise ConfigError(
                f"{name} keeps no statistics and follows its layers by itself; leave anchors out"
            )
        if self.anchors is not None and self.readout.n_features is not None:
            raise ConfigError(f"this {name} has learned before there were anchors; give an empty one")

    def _may_move(self) -> None:
        readout = self.readout
        if self.anchors is None and readout.keeps_statistics and readout.n_seen:
            raise LayerError(
                f"the layers may not learn any more: {readout.name} has learned {readout.n_seen} samples through them, "
                "and its statistics would speak of features that no longer exist; let layers learn first, or give "
                'anchors="256KB", from which the readout is built anew, or a readout that keeps no statistics '
                "(softmax, reward_head)"
            )

    def _moved(self) -> None:
        """Follow layers that learned: with anchors when it is time, else by dropping what forgotten classes left."""
        assert self.stack is not None
        if self.anchors is None:
            if self.readout.keeps_statistics and self.readout.n_features is not None:
                self.readout, self.rejection = self._new_readout(), Rejection(self.rejection.rate)
            return
        n = self.stack.updates
        if n % self._every == 0 or (n % EVERY == 0 and self.probes.moved(self.stack.transform)):
            self._reanchor()

    def _reanchor(self) -> None:
        """Build the readout anew from the anchors, through the layers as they are."""
        assert self.anchors is not None
        assert self.stack is not None
        labels = self.readout.classes_
        readout, probes, kept = self._new_readout(), Probes(), spread_over(len(labels))
        for i, (x, c) in enumerate(self.anchors.rows()):
            seen = self.stack.transform(x)
            readout.learn_one(seen, labels[c])
            if i in kept:
                probes.add(x, seen)
        self.readout, self.probes = readout, probes

    def _new_readout(self) -> Readout:
        return type(self.readout)(**self.readout.config())
