"""Every rule in the folder keeps what check_rule promises, and its golden vectors are current."""

import numpy as np
import pytest

from edgelearn import rules
from edgelearn.testing import check_rule
from edgelearn.testing.fills import same_bits
from tests import golden
from tests.rules.cases import cases, variants

pytestmark = pytest.mark.kernels


@pytest.mark.parametrize("name", rules.names())
def test_a_rule_keeps_its_promises(name):
    for rule in variants(name):
        assert rule.name == name
        check_rule(rule)


@pytest.mark.parametrize("name", rules.names())
def test_golden_vectors_are_current(name):
    golden.write_or_compare("rules", name, [case for rule in variants(name) for case in cases(rule)])


@pytest.mark.parametrize("name", rules.names())
def test_kernels_equal_the_golden_vectors(name):
    rule = rules.make(name)
    for case in golden.read("rules", name):
        before, after = ({key: np.array(a) for key, a in case[when].items()} for when in ("before", "after"))
        w, *state = before.values()
        params = [np.float32(value) for value in case["params"].values()]
        for sample in case["samples"]:
            rule.kernel(w, *sample.values(), *state, *params)
        assert all(map(same_bits, (w, *state), after.values()))


def test_each_file_of_vectors_is_of_a_rule_and_small():
    files = list((golden.VECTORS / "rules").glob("*.json"))
    assert {file.stem for file in files} == set(rules.names())
    assert max(file.stat().st_size for file in files) < 60_000
