"""The demo: one device, killed and resumed, beside three controls; then the same stream on other seeds."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from edgelearn.demo import stream as streams
from edgelearn.demo.controls import METHODS, both, follow
from edgelearn.demo.life import Say, live
from edgelearn.demo.picture import Story
from edgelearn.demo.stream import FINAL_DEGREES
from edgelearn.demo.views import Views

POINT_EVERY = 25  # samples between two points of the curves
SEEDS = 3


class Figures(NamedTuple):
    """What the demo found."""

    accuracy: Mapping[str, float]  # by method: final, over the test part seen upright and turned
    over_seeds: Mapping[str, tuple[float, float]]  # mean and standard deviation of that
    network_us_p50: float
    predict_us_p50: float  # network included
    learn_us_p50: float  # of feedback(ticket, label=…): the network runs once a sample
    state_bytes: int
    resumed_after_kill: bool
    story: Story


def run(seed: int, say: Say) -> Figures:
    """Run the demo: seconds. ``say`` is told what goes on."""
    digits = streams.load_digits()
    stream = streams.make(digits, seed)
    views = Views(digits)
    features, network_us = views.features(stream.x)
    end = len(stream.y)
    points = sorted({*range(POINT_EVERY, end, POINT_EVERY), stream.drift_from, end})
    with tempfile.TemporaryDirectory(prefix="edgelearn-demo-") as folder:
        life = live(Path(folder) / "memory.db", seed, stream, features, points, say)
    say("the controls, on the same stream and on other seeds")
    beside = follow(stream, features, points, views)
    upright = {**beside.upright, "edgelearn": views.accuracy(life.readout.predict_many, 0.0)}
    turned = {**beside.turned, "edgelearn": views.accuracy(life.readout.predict_many, FINAL_DEGREES)}
    curves = {**beside.curves, "edgelearn": life.curve}
    accuracy = both(upright, turned)
    story = Story(stream, np.array(points), curves, upright, turned, life.killed_at, life.resumed_at)
    return Figures(
        accuracy=accuracy,
        over_seeds=_over_seeds(accuracy, seed, digits, views),
        network_us_p50=network_us,
        predict_us_p50=life.times["predict_us_p50"],
        learn_us_p50=life.times["learn_us_p50"],
        state_bytes=life.state_bytes,
        resumed_after_kill=life.resumed,
        story=story,
    )


def _over_seeds(
    first: Mapping[str, float], seed: int, digits: streams.Digits, views: Views
) -> dict[str, tuple[float, float]]:
    found = [first]
    for other in range(seed + 1, seed + SEEDS):
        stream = streams.make(digits, other)
        end = follow(stream, views.features(stream.x)[0], [len(stream.y)], views)
        found.append(both(end.upright, end.turned))
    columns = {method: [accuracy[method] for accuracy in found] for method in METHODS}
    return {method: (float(np.mean(values)), float(np.std(values))) for method, values in columns.items()}
