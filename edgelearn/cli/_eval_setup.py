"""From the options of ``edgelearn eval`` to data, plan and readouts."""

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from edgelearn import readouts
from edgelearn.cli._common import progress
from edgelearn.cli.cut import preprocess_arguments
from edgelearn.errors import ConfigError, InputError

if TYPE_CHECKING:
    from edgelearn.evaluate.datasets import Dataset, Part
    from edgelearn.evaluate.study import Candidate
    from edgelearn.evaluate.trials import Plan
    from edgelearn.extractor import Extractor

WIDE = 2048  # features; the frozen control projects more than that
DECLARED = ("scale", "mean", "std", "layout", "resize", "constants")  # of samples, for the network


class Spec(NamedTuple):
    """A readout as it was asked for: NAME:key=value:key=value."""

    text: str
    name: str
    hyper: Mapping[str, Any]

    def make(self, seed: int) -> readouts.Readout:
        """Return an empty readout; the seed of the run is its own unless one was given."""
        made = readouts.make(self.name, **self.hyper)
        if "seed" in made.config() and "seed" not in self.hyper:
            return readouts.make(self.name, seed=seed, **self.hyper)
        return made


def parse_readouts(text: str) -> list[Spec]:
    """Read ``slda:project=256,ncm``; raises ConfigError for an unknown name, key or impossible value."""
    specs = [_spec(part.strip()) for part in text.split(",") if part.strip()]
    if not specs:
        raise ConfigError(f"--readout names no readout; there are {', '.join(readouts.names())}")
    if len({spec.text for spec in specs}) < len(specs):
        raise ConfigError(f"--readout {text} names a readout twice; give each once")
    for spec in specs:
        spec.make(0)
    return specs


def plan_of(given: Mapping[str, Any]) -> "Plan":
    """Return the plan; raises ConfigError for options that do not go together."""
    from edgelearn.evaluate.trials import Plan

    if not 0 < given["test_fraction"] < 1:
        raise ConfigError(f"--test-fraction lies between 0 and 1, got {given['test_fraction']:g}")
    if given["step"] < 1:
        raise ConfigError(f"--step is 1 class or more, got {given['step']}")
    if given["delay"] < 0:
        raise ConfigError(f"--delay is 0 samples or more, got {given['delay']}")
    if (given["protocol"] == "domain") != (given["domain"] is not None):
        raise ConfigError("--protocol domain and --domain KEY belong together; give both or neither")
    _check_source(given)
    order = None if given["order"] is None else [label.strip() for label in given["order"].split(",")]
    return Plan(
        given["protocol"],
        given["seeds"],
        given["step"],
        order,
        given["test_fraction"],
        given["delay"],
        given["shuffle"],
    )


def _check_source(given: Mapping[str, Any]) -> None:
    if given["features"] and given["extractor"] is not None:
        raise ConfigError("give --extractor MODEL.onnx or --features, not both")
    if not given["features"] and given["extractor"] is None:
        raise ConfigError(
            "give --extractor MODEL.onnx, or --features when the samples are feature vectors already"
        )
    idle = [name for name in ("cut", *DECLARED) if given[name] not in (None, ())]
    if given["features"] and idle:
        names = ", ".join("--" + name.replace("constants", "constant") for name in idle)
        raise ConfigError(f"{names} {'is' if len(idle) == 1 else 'are'} for --extractor, not --features")


def load(given: Mapping[str, Any]) -> "Dataset":
    """Read the data set; raises ConfigError for half a test set, InputError for what is wrong in the file."""
    from edgelearn.evaluate.datasets import load_npz

    test = (given["test_x"], given["test_y"], given["test_domain"])
    if (test[0] is None) != (test[1] is None):
        raise ConfigError("--test-x and --test-y belong together; give both or neither")
    if given["domain"] is None and test[2] is not None:
        raise ConfigError("--test-domain is for --protocol domain with --domain KEY")
    if given["domain"] is not None and (test[0] is None) != (test[2] is None):
        raise ConfigError("a test set in the domain protocol needs --test-x, --test-y and --test-domain")
    return load_npz(given["data"], (given["x"], given["y"], given["domain"]), test if test[0] else None)


def features_of(data: "Dataset", given: Mapping[str, Any]) -> "Dataset":
    """Replace samples by their features, once for all readouts and seeds."""
    from edgelearn.evaluate.datasets import as_features

    if given["features"]:
        data.train.x = as_features(data.train.x, data, "samples")
        if data.test is not None:
            data.test.x = as_features(data.test.x, data, "test samples")
    else:
        extractor = _extractor(given)
        data.train = _extract(extractor, data.train, data, "samples")
        if data.test is not None and given["protocol"] != "prequential":
            data.test = _extract(extractor, data.test, data, "test samples")
        data.notes += extractor.notes
    if data.test is not None and data.test.x.shape[1:] != data.train.x.shape[1:]:
        raise InputError(
            f"test samples have {data.test.x.shape[1:]} features, training samples {data.train.x.shape[1:]}"
        )
    return data


def candidates(specs: list[Spec]) -> "dict[str, Callable[[int], Candidate]]":
    """Return a maker for each readout: it, in a learner that may reject, from a seed."""
    from edgelearn.evaluate.study import Candidate
    from edgelearn.learner import Learner

    def maker(spec: Spec) -> "Callable[[int], Candidate]":
        def make(seed: int) -> Candidate:
            readout = spec.make(seed)
            return Candidate(readout, Learner(readout=readout))

        return make

    return {spec.text: maker(spec) for spec in specs}


def frozen_factory(specs: list[Spec], n_features: int) -> Callable[[int], readouts.Readout]:
    """Return the maker of the frozen control: the first streaming LDA asked for, or one that fits."""
    plain = Spec("slda", "slda", {"project": WIDE} if n_features > WIDE else {})
    return next((spec for spec in specs if spec.name == "slda"), plain).make


def _spec(text: str) -> Spec:
    name, *pairs = text.split(":")
    hyper = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise ConfigError(f"--readout {text}: {pair!r} is not key=value")
        try:
            hyper[key] = json.loads(value)
        except json.JSONDecodeError:
            hyper[key] = value
    return Spec(text, name, hyper)


def _extractor(given: Mapping[str, Any]) -> "Extractor":
    from edgelearn.extractor import Extractor

    declared = preprocess_arguments(**{name: given[name] for name in DECLARED})
    return Extractor(given["extractor"], given["cut"] or "auto", **declared)


def _extract(extractor: "Extractor", part: "Part", data: "Dataset", what: str) -> "Part":
    """Return the part with features (n, D) for samples; what the network refuses is left out and counted."""
    from edgelearn.evaluate.datasets import refuse

    rows, reason = [], ""
    good = np.zeros(len(part), bool)
    for i, sample in enumerate(progress(part.x, f"features of {what}", len(part))):
        try:
            rows.append(extractor(sample))
            good[i] = True
        except InputError as error:
            reason = reason or str(error)
    kept = refuse(part, good, data, f"{what} cannot be used (the first: {reason.rstrip('.')})")
    kept.x = np.stack(rows)
    return kept
