"""Layers in the long-running process: unlabelled samples adapt them, rewards come through the door, all is kept."""

import json
import signal
from pathlib import Path

from click.testing import CliRunner

from edgelearn.cli import main
from edgelearn.store import Store
from tests.run.running import Start, ask

PLASTIC = """
[source]
kind = "lines"
learn = true
[[layers]]
n_post = 4
rule = {name = "softhebb", eta = 0.05}
neuron = "softmax"
[readout]
name = "ncm"
[learner]
anchors = "4KB"
reanchor_every = 4
adapt = true
save_every = 1
[store]
path = "s.db"
"""
REWARDED = """
[source]
kind = "lines"
[readout]
name = "reward_head"
classes = ["a", "b"]
[feedback]
socket = "d.sock"
"""
A, B = [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]


def test_samples_without_a_label_adapt_the_layers_and_a_kill_keeps_them(start: Start, tmp_path: Path) -> None:
    process = start(PLASTIC)
    process.write({"x": A, "label": "a"}, {"x": B, "label": "b"})
    for version in (1, 2, 3):
        process.event("saved", version=version)
        process.write({"x": A}, {"x": B})
    process.send(signal.SIGKILL)
    process.end()
    again = start(PLASTIC)
    again.write({"x": A}, {"x": B})
    assert again.event("decision", id=2)["best"] == "b"
    assert again.end() == 0, again.errors
    with Store(tmp_path / "s.db", read_only=True) as store:
        meta = store.load().meta
    assert meta["learned"][0] >= 4  # of the six there were, and those two that came after
    assert meta["labels"] == ["a", "b"]
    shown = CliRunner().invoke(main, ["state", "show", str(tmp_path / "s.db"), "--json"])
    assert json.loads(shown.stdout)["layers"][0]["learned"] == meta["learned"][0]


def test_rewards_come_through_the_door(start: Start, tmp_path: Path) -> None:
    process = start(REWARDED)
    process.write({"x": A})
    decision = process.event("decision")
    door, ticket = tmp_path / "d.sock", decision["ticket"]
    answers = ask(
        door,
        {"ticket": ticket, "label": "a", "reward": 1},
        {"ticket": ticket, "reward": "much"},
        json.dumps({"ticket": ticket, "reward": float("nan")}),
        {"ticket": ticket, "reward": 2},
        {"ticket": ticket, "reward": 1},
        {"ticket": ticket, "reward": 1},
    )
    assert [answer["ok"] for answer in answers] == [False] * 4 + [True, False]
    for answer, reason in zip(
        answers, ("not both", "finite number", "finite number", "in [-1, 1]"), strict=False
    ):
        assert reason in answer["error"]
    told = process.event("feedback", ok=True)
    assert (told["ticket"], told["label"], told["reward"]) == (ticket, None, 1)
    assert process.end() == 0
    assert process.events[-1]["learned"] == 1
