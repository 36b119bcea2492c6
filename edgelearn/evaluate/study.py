"""Several readouts, several seeds, one table: means, spread, and the controls."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from edgelearn.errors import InputError
from edgelearn.evaluate import metrics
from edgelearn.evaluate.datasets import Dataset
from edgelearn.evaluate.incremental import class_course
from edgelearn.evaluate.models import Model, Timed
from edgelearn.evaluate.timing import call_times_us
from edgelearn.evaluate.trials import Outcome, Plan, Trial, trial
from edgelearn.readouts import Readout
from edgelearn.types import F64

MARGIN = 0.01  # above the offline ridge by less than this is not worth a word
ALWAYS = (
    "forgetting",
    "backward_transfer",
    "average_incremental",
    "coverage",
    "false_rejects",
    "false_accepts",
)


class Candidate(NamedTuple):
    """What is timed and weighed of a model, a readout or all of it, and the model."""

    readout: Timed
    model: Model


@dataclass(frozen=True, slots=True)
class Row:
    """One readout (or control) over all seeds."""

    name: str
    outcomes: list[Outcome]  # one a seed
    learn_us_p50: float = float("nan")
    predict_us_p50: float = float("nan")
    state_bytes: int = 0

    def values(self, figure: str) -> list[float]:
        """Return a figure seed by seed, NaN where the protocol does not define it."""
        return [outcome.figures.get(figure, float("nan")) for outcome in self.outcomes]

    def mean(self, figure: str) -> float:
        return metrics.spread(self.values(figure))[0]

    @property
    def curve(self) -> F64:
        """Mean over seeds of the accuracy along the stream (n,) or after each step (T,)."""
        return np.asarray(np.mean([outcome.curve for outcome in self.outcomes], axis=0))

    @property
    def matrix(self) -> F64 | None:
        """Mean over seeds of the accuracy matrix (T, T)."""
        matrices = [outcome.R for outcome in self.outcomes if outcome.R is not None]
        return np.asarray(np.mean(matrices, axis=0)) if matrices else None

    def as_json(self) -> dict[str, Any]:
        mean, std = metrics.spread(self.values("accuracy"))
        figures = dict.fromkeys((*ALWAYS, *self.outcomes[0].figures))
        del figures["accuracy"]
        return {
            "readout": self.name,
            "accuracy": {"mean": mean, "std": std},
            **{figure: self.mean(figure) for figure in figures},
            "learn_us_p50": self.learn_us_p50,
            "predict_us_p50": self.predict_us_p50,
            "state_bytes": self.state_bytes,
            "accuracy_by_seed": self.values("accuracy"),
            "accuracy_matrix": None if self.matrix is None else self.matrix.tolist(),
        }


@dataclass(frozen=True, slots=True)
class Study:
    """The whole evaluation."""

    plan: Plan
    rows: list[Row]
    controls: dict[str, Row]  # offline, frozen, no_change
    n_train: int
    n_test: int
    classes: list[Any]
    notes: list[str]
    refused: int

    def as_json(self) -> dict[str, Any]:
        """Return what scripts read: plain numbers, lists and strings."""
        return {
            "rows": [row.as_json() for row in self.rows],
            "controls": {name: row.mean("accuracy") for name, row in self.controls.items()},
            "protocol": self.plan.protocol,
            "n_train": self.n_train,
            "n_test": self.n_test,
            "classes": self.classes,
            "seeds": self.plan.seeds,
            "notes": self.notes,
            "refused": self.refused,
        }


def study(
    data: Dataset,
    plan: Plan,
    candidates: Mapping[str, Callable[[int], Candidate]],
    frozen: Callable[[int], Readout],
    progress: Callable[[list[tuple[str, int]]], Iterable[tuple[str, int]]] = iter,
) -> Study:
    """Run every candidate over every seed on the same trials; a candidate is made from the seed.

    ``data`` holds feature rows (n, D). ``frozen`` makes the readout of the frozen control. Raises InputError
    when there are fewer than two classes.
    """
    check(data, plan)
    classes = np.unique(data.train.y).tolist()
    trials = [trial(data, plan, seed) for seed in range(plan.seeds)]
    outcomes: dict[str, list[Outcome]] = {name: [] for name in candidates}
    last: dict[str, Candidate] = {}
    for name, seed in progress([(name, seed) for name in candidates for seed in range(plan.seeds)]):
        last[name] = candidates[name](seed)
        outcomes[name].append(trials[seed].run(last[name].model))
    controls = [each.controls(partial(frozen, seed)) for seed, each in enumerate(trials)]
    rows = [_row(name, outcomes[name], last[name].readout, trials[-1]) for name in candidates]
    return Study(
        plan,
        rows,
        {name: Row(name, [control[name] for control in controls]) for name in controls[0]},
        len(trials[0].train),
        trials[0].n_test,
        classes,
        data.notes
        + _notes(data, plan, classes)
        + _untested(trials[0])
        + _above_offline(rows, controls, trials[0].n_test),
        data.refused,
    )


def check(data: Dataset, plan: Plan) -> None:
    """Raise what `study` would, before features are extracted: InputError, or ConfigError for the order."""
    classes = np.unique(data.train.y)
    if len(classes) < 2:
        raise InputError(f"there is only one class ({classes[0]}); an evaluation needs two or more")
    if plan.protocol == "class-incremental":
        class_course(classes, classes, plan.step, 0, plan.order)


def _row(name: str, outcomes: list[Outcome], readout: Timed, held: Trial) -> Row:
    state_bytes = readout.memory_bytes
    learn_us, predict_us = call_times_us(readout, held.train.x, held.train.y)
    return Row(name, outcomes, learn_us, predict_us, state_bytes)


def _notes(data: Dataset, plan: Plan, classes: list[Any]) -> list[str]:
    notes = []
    if plan.protocol == "prequential":
        notes.append(_stream_note(plan))
        if data.test is not None:
            notes.append("prequential tests on the stream itself: the test set was not used")
    elif data.test is not None:
        unknown = int((~np.isin(data.test.y, classes)).sum())
        if unknown:
            notes.append(f"{unknown} test samples are of classes without training samples and count as wrong")
    else:
        group = "each class in each domain" if plan.protocol == "domain" else "each class"
        notes.append(f"test samples: {plan.test_fraction:g} of {group}, drawn from the seed")
    if plan.seeds == 1:
        notes.append("one seed: its spread is not known")
    return notes


def _untested(first: Trial) -> list[str]:
    if not first.untested:
        return []
    return [f"no test samples of {', '.join(first.untested)}: left out of forgetting and averages over steps"]


def _above_offline(rows: list[Row], controls: list[dict[str, Outcome]], n_test: int) -> list[str]:
    offline = Row("offline", [control["offline"] for control in controls]).mean("accuracy")
    margin = max(MARGIN, 2.0 * (offline * (1.0 - offline) / n_test) ** 0.5)  # two binomial standard errors
    above = [row.name for row in rows if row.mean("accuracy") > offline + margin]
    if not above:
        return []
    return [
        f"{', '.join(above)} above the offline ridge: least squares is no bound where classes outnumber what "
        "the features span, where classes are not linear in them, or where the stream drifts"
    ]


def _stream_note(plan: Plan) -> str:
    if plan.shuffle:
        return "stream order: drawn from the seed"
    return "stream order: as in the file; seeds differ only in what a readout draws itself"
