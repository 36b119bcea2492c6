"""What the process learned is what `edgelearn.Layer` learned, to the last bit."""

from pathlib import Path

import numpy as np

from edgelearn import Layer
from edgelearn.rules import delta
from edgelearn.types import F32
from firmware_bridge.protocol import messages as m
from tests.bridge.device.process import Host, device, talking, terminal

N_PRE, N_POST, STREAM = 64, 10, 300


def layer(*, blank: bool) -> Layer:
    """The head compiled in; ``blank``: as it starts there, else with weights drawn."""
    made = Layer(N_POST, delta.rule(), "linear", "label_error", seed=5)
    made.bind(N_PRE)
    if blank:
        made.w[...] = 0.0
    return made


def samples(seed: int) -> tuple[F32, list[int]]:
    draw = np.random.default_rng(seed)
    x = draw.normal(size=(STREAM, N_PRE)).astype(np.float32)
    x[draw.uniform(size=x.shape) < 0.3] = 0.0
    return x, [int(label) for label in draw.integers(N_POST, size=STREAM)]


def teach(label: int) -> F32:
    wanted = np.zeros(N_POST, np.float32)
    wanted[label] = 1.0
    return wanted


def learn_all(host: Host, twin: Layer, seed: int) -> None:
    x, labels = samples(seed)
    told = [host.tell(m.Learn(0, label, row.tobytes())) for row, label in zip(x, labels, strict=True)]
    for row, label in zip(x, labels, strict=True):
        twin.learn_one(row, teach(label))
    assert all(host.answer(number).code == 0 for number in told)


def test_a_stream_learned_is_that_of_the_layer(host: Host) -> None:
    twin = layer(blank=True)
    learn_all(host, twin, seed=1)
    assert host.read_state() == twin.w.tobytes()


def test_predictions_are_those_of_the_layer(host: Host) -> None:
    twin = layer(blank=True)
    learn_all(host, twin, seed=2)
    for row in samples(3)[0][:20]:
        found = host.ask(m.Predict(0, row.tobytes()))
        scores = twin.transform(row)
        assert found.scores == scores.tobytes()
        assert found.label == int(scores.argmax())


def test_learn_last_teaches_what_was_predicted_last(host: Host) -> None:
    twin = layer(blank=True)
    x, _ = samples(4)
    for predicted, learned in ((0, 1), (2, 3)):
        host.ask(m.Predict(0, x[predicted].tobytes()))
        assert host.ask(m.Learn(0, 4, x[learned].tobytes())).code == 0
        assert host.ask(m.LearnLast(0, 7)).code == 0
        twin.learn_one(x[learned], teach(4))
        twin.learn_one(x[predicted], teach(7))
    assert host.read_state() == twin.w.tobytes()


def test_a_state_from_the_layer_goes_on_learning_there_and_comes_back(host: Host) -> None:
    twin = layer(blank=False)
    state = twin.w.tobytes()
    host.write_state(state)
    assert host.commit(state).code == 0
    assert host.read_state() == state
    learn_all(host, twin, seed=6)
    assert host.read_state() == twin.w.tobytes()


def test_what_was_saved_is_there_after_the_power_went(program: Path, tmp_path: Path) -> None:
    flash, twin = ["--flash", str(tmp_path / "flash.bin")], layer(blank=True)
    with talking(program, *flash) as host:
        learn_all(host, twin, seed=7)
        assert host.ask(m.Save(0)).code == 0
        host.ask(m.Learn(0, 1, samples(8)[0][0].tobytes()))
    with talking(program, *flash) as host:
        assert host.link.peer is not None
        assert host.link.peer.applied == STREAM
        assert host.read_state() == twin.w.tobytes()
        learn_all(host, twin, seed=9)
        assert host.read_state() == twin.w.tobytes()


def test_a_reset_takes_it_back_to_the_start_and_a_restart_to_the_flash(program: Path) -> None:
    with device(program) as run, terminal(run.path) as file:
        host = Host(file)
        first, twin = host.open(), layer(blank=True)
        blank = host.read_state()
        learn_all(host, twin, seed=10)
        learned = host.next_id - 1
        assert host.ask(m.Save(0)).code == 0
        assert host.ask(m.Reset(0, 0)).code == 0
        assert host.read_state() == blank
        assert host.ask(m.Reset(0, 1)).code == 0
        late = host.tell(m.Learn(0, 1, samples(11)[0][0].tobytes()))
        host.run(lambda: len(host.opened()) == 2)
        second = host.open()
        assert [message.id for message in host.opened()[1].returned] == [late]  # not answered, not learned
        assert second.boot != first.boot
        assert second.applied == learned
        assert host.read_state() == twin.w.tobytes()
