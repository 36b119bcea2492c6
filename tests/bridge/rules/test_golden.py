"""C on every machine equals the golden vectors to the last bit."""

import json

import numpy as np
import pytest

from edgelearn.testing.fills import same_bits
from firmware_bridge.protocol.constants import NEURONS, SIGNALS
from tests import golden
from tests.bridge.rules import calls
from tests.bridge.rules.calls import row, unrow


@pytest.mark.parametrize("name", calls.TWINS)
def test_a_rule_equals_its_vectors(parts, name):
    for case in golden.read("rules", name):
        before = {key: np.array(a) for key, a in case["before"].items()}
        w = before.pop("w")
        state, params = row(before.values()), row(case["params"].values())
        for sample in case["samples"]:
            calls.rule(parts, name, params, state, w, *sample.values())
        found = {"w": w, **unrow(state, before)}
        for key, expected in case["after"].items():
            assert same_bits(found[key], expected), key


@pytest.mark.parametrize("name", NEURONS)
def test_a_neuron_equals_its_vectors(parts, name):
    for case in golden.read("neurons", name):
        lasting, fading = ({}, {})
        for key, value in case["before"].items():
            (fading if key in calls.FADES.get(name, ()) else lasting)[key] = value
        params, state, faded = row(case["params"].values()), row(lasting.values()), row(fading.values())
        for sample in case["samples"]:
            out, slope = calls.neuron(parts, name, params, state, faded, sample["drive"])
            assert same_bits(out, sample["out"])
            assert same_bits(slope, sample["slope"])
        found = {**unrow(state, lasting), **unrow(faded, fading)}
        for key, expected in case["after"].items():
            assert same_bits(found[key], expected), key


@pytest.mark.parametrize("name", SIGNALS)
def test_a_signal_equals_its_vectors(parts, name):
    for case in golden.read("signals", name):
        state, params = row(case["before"].values()), row(case["params"].values())
        for sample in case["samples"]:
            third = calls.signal(parts, name, params, state, sample["out"], sample["teach"])
            assert same_bits(third, sample["third"])
        for key, expected in case["after"].items():
            assert same_bits(unrow(state, case["before"])[key], expected), key


def test_the_nearest_class_mean_equals_its_vectors(parts):
    for case in json.loads((golden.VECTORS / "ncm.json").read_text())["cases"]:
        d, m, classes = case["n_features"], case["n_classes"], case["classes"]
        X, sums, carry, half, scores = (
            np.array(case[name], np.uint32).view(np.float32).reshape(shape)
            for name, shape in (
                ("x", (-1, d)), ("sums", (d, m)), ("carry", (d, m)), ("half", m), ("scores", (-1, m)),
            )
        )  # fmt: skip
        kept = [np.zeros_like(a) for a in (sums, carry, half)]
        counts = np.zeros(m, np.uint32)
        for x, c in zip(X, classes, strict=True):
            counts[c] += 1
            parts.call("run_ncm_learn", x, c, X[0], kept[0], kept[1], int(counts[c]), kept[2], d, m)
        assert all(map(same_bits, kept, (sums, carry, half)))
        for x, expected in zip(X, scores, strict=True):
            out = np.empty(m, np.float32)
            parts.call("run_ncm_scores", x, X[0], sums, counts, half, out, d, m)
            assert same_bits(out, expected)
