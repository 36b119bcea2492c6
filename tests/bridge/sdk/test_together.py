"""Host calls, device and SDK together: what a user of all three does."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import edgelearn
from edgelearn.emulator.boards.heads import head
from edgelearn.emulator.boards.serving import serving
from edgelearn.emulator.boards.twin import Twin
from firmware_bridge.device import connect
from firmware_bridge.protocol.errors import CommandError
from tests.bridge.conformance.made import HEADS, clouds, layer, means

LABELS = {"a": 0, "b": 1, "c": 2}


def test_a_learner_teaches_a_device_and_takes_back_what_it_learned(tmp_path: Path) -> None:
    learner, whole = edgelearn.Learner(None, "ncm"), means()
    learner.learn_many(*clouds())
    written = edgelearn.export.to_c(learner, tmp_path / "head.h")
    x, names = clouds(seed=9)
    whole.learn_many(x, names)
    with serving(Twin(head(written.head)), "together") as running, connect(running.url) as device:
        for row, name in zip(x, names, strict=True):
            device.learn(row, LABELS[name], wait=False)
        device.flush()
        answer = device.predict(x[0])
        state = device.read_state()
    assert state.layout == written.layout.number
    edgelearn.export.load_state(learner, state.data)
    assert edgelearn.export.state_bytes(learner) == edgelearn.export.state_bytes(whole)
    assert answer.scores == tuple(learner.readout.scores_one(x[0]).tolist())


@pytest.mark.parametrize("name", ["softhebb", "q15"])
def test_what_the_host_learned_goes_on_on_the_device(name: str) -> None:
    made: Callable[[], object] = HEADS[name]
    here = head(made())
    x = clouds()[0] if here.dtype == "<f4" else (clouds()[0] * 3000).astype(np.int16)
    with serving(Twin(head(made())), "together") as running, connect(running.url) as device:
        for row in x[:10]:
            here.learn(row, 1)
        data = edgelearn.export.state_bytes(here.learned)
        device.write_state(device.read_state()._replace(data=data))
        for row in x[10:]:
            here.learn(row, 1)
            device.learn(row, 1)
        assert device.read_state().data == edgelearn.export.state_bytes(here.learned)


def test_the_state_of_another_layer_is_refused_by_name() -> None:
    other = edgelearn.export.describe(layer(7, "delta", "linear", "label_error"))
    with serving(Twin(head(means())), "together") as running, connect(running.url) as device:
        before = device.read_state()
        with pytest.raises(CommandError, match="another head"):
            device.write_state(before._replace(layout=other.number))
        assert device.read_state() == before
