"""The long-running process, from outside."""

import os
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edgelearn.store import Store
from tests.run.running import ROOT, Start, ask

ASSETS = ROOT / "edgelearn" / "demo" / "assets"

LINES = """
[source]
kind = "lines"
learn = true
[readout]
name = "ncm"
[store]
path = "s.db"
[feedback]
socket = "d.sock"
"""
A, B = [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]
PAIR = ({"x": A, "label": "a"}, {"x": B, "label": "b"})
LIMITED = """
import resource, runpy
resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, resource.RLIM_INFINITY))
runpy.run_module("edgelearn", run_name="__main__")
"""


def test_predicted_then_learned_then_saved_at_the_end_of_input(start: Start, tmp_path: Path) -> None:
    process = start(LINES)
    process.write(*PAIR, {"id": "q", "x": A})
    assert process.end() == 0, process.errors
    first, second, third = process.named("decision")
    assert set(first) == {"event", "id", "label", "best", "probability", "margin", "ticket", "us"}
    assert (first["id"], first["best"], second["best"]) == (1, None, "a")  # tested before trained
    assert (third["id"], third["best"]) == ("q", "a")
    assert 0.5 < third["probability"] <= 1
    assert process.events[-1] == {
        "event": "stopped",
        "seen": 3,
        "learned": 2,
        "refused": 0,
        "saved_version": 1,
    }
    assert process.errors == ""
    with Store(tmp_path / "s.db", read_only=True) as store:
        assert store.load().meta["labels"] == ["a", "b"]


def test_a_folder_of_images_through_a_network(start: Start, tmp_path: Path) -> None:
    digits = np.load(ASSETS / "digits.npz")
    for digit in (7, 8):
        (tmp_path / "images" / str(digit)).mkdir(parents=True)
        for i in np.flatnonzero(digits["y"] == digit)[:15]:
            Image.fromarray(digits["x"][i]).save(tmp_path / "images" / str(digit) / f"{i:04}.png")
    (tmp_path / "images" / "8" / "zz.png").write_bytes(b"broken")
    process = start(
        '[source]\nkind = "images"\npath = "images"\nlabels = "folders"\nchannels = 1\nlearn = true\n'
        f'[extractor]\npath = "{ASSETS / "digits04.onnx"}"\nscale = 0.0625\n'
    )
    assert process.end() == 0, process.errors
    decisions = process.named("decision")
    late = [event for event in decisions if event["id"].startswith("8/")][5:]
    assert [event["best"] for event in late] == ["8"] * 10
    assert process.named("refused")[0]["id"] == "8/zz.png"
    assert process.events[-1] == {
        "event": "stopped",
        "seen": 30,
        "learned": 30,
        "refused": 1,
        "saved_version": None,
    }


def test_labels_of_the_source_teach_only_when_asked_to(start: Start) -> None:
    process = start(LINES.replace("learn = true", ""))
    process.write(*PAIR)
    assert process.end() == 0
    assert (process.events[-1]["seen"], process.events[-1]["learned"]) == (2, 0)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_saves_and_stops_cleanly(start: Start, tmp_path: Path, number: signal.Signals) -> None:
    process = start(LINES)
    process.write(*PAIR)
    process.event("decision", id=2)
    process.send(number)
    assert process.event("stopped")["saved_version"] == 1
    assert process.end() == 0
    assert not (tmp_path / "d.sock").exists()
    again = start(LINES)
    assert again.event("started") == {"event": "started", "classes": 2, "version": 1}
    again.write({"x": B})
    assert again.event("decision")["best"] == "b"


def test_after_sigkill_it_resumes_from_the_last_save_with_its_tickets(start: Start, tmp_path: Path) -> None:
    process = start(LINES + "[learner]\nsave_every = 2\n")
    process.write(PAIR[0], {"id": "open", "x": B}, PAIR[1])
    ticket = process.event("decision", id="open")["ticket"]
    process.event("saved")
    process.send(signal.SIGKILL)
    assert process.end() == -signal.SIGKILL
    assert (tmp_path / "d.sock").exists()  # stale; the next one replaces it
    again = start(LINES)
    assert again.event("started")["classes"] == 2
    assert ask(tmp_path / "d.sock", {"ticket": ticket, "label": "c"}) == [{"ok": True}]
    again.write({"x": B})
    assert again.event("decision")["best"] in ("b", "c")
    assert again.end() == 0
    assert again.events[-1]["learned"] == 1


def test_the_truth_comes_later_through_the_socket(start: Start, tmp_path: Path) -> None:
    process = start(LINES)
    process.write({"x": A}, {"x": B})
    one, two = process.event("decision", id=1)["ticket"], process.event("decision", id=2)["ticket"]
    assert stat.S_IMODE((tmp_path / "d.sock").stat().st_mode) == 0o600
    with socket.socket(socket.AF_UNIX) as idle:
        idle.connect(str(tmp_path / "d.sock"))
        used, broken, fine = ask(
            tmp_path / "d.sock", {"ticket": one, "label": "a"}, "{nonsense", {"ticket": two, "label": "b"}
        )
        assert (used, fine) == ({"ok": True}, {"ok": True})
        assert not broken["ok"]
        assert "not JSON" in broken["error"]
        again, kind, unknown = ask(
            tmp_path / "d.sock",
            {"ticket": one, "label": "a"},
            {"ticket": two, "label": 1},
            {"ticket": "x", "label": "a"},
        )
    assert [answer["ok"] for answer in (again, kind, unknown)] == [False] * 3
    assert "used already" in again["error"]
    assert process.event("feedback", ticket=one) == {
        "event": "feedback",
        "ticket": one,
        "label": "a",
        "ok": True,
    }
    assert process.event("feedback", ticket="x")["error"] == unknown["error"]
    process.write({"x": B})
    assert process.event("decision", id=3)["best"] == "b"
    assert process.end() == 0
    assert process.events[-1]["learned"] == 2


def test_the_truth_comes_later_among_the_samples(start: Start) -> None:
    process = start(LINES)
    process.write({"x": A})
    process.write({"ticket": process.event("decision")["ticket"], "label": "a"}, {"x": A})
    assert process.event("decision", id=3)["best"] == "a"


def test_the_truth_comes_later_through_standard_input(start: Start, tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", x=np.array([A, B]))
    process = start('[source]\nkind = "npz"\npath = "d.npz"\n[feedback]\nstdin = true\nwait_s = inf\n')
    process.write({"ticket": process.event("decision", id=1)["ticket"], "label": "a"})
    assert process.event("feedback")["ok"]
    assert process.end() == 0  # the door is closed, so nobody can say more
    assert process.events[-1] == {
        "event": "stopped",
        "seen": 2,
        "learned": 1,
        "refused": 0,
        "saved_version": None,
    }


def test_after_the_source_it_waits_for_feedback_until_told_to_stop(start: Start, tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", x=np.array([A, B]))
    process = start('[source]\nkind = "npz"\npath = "d.npz"\n[feedback]\nsocket = "d.sock"\nwait_s = inf\n')
    ticket = process.event("decision", id=1)["ticket"]
    assert ask(tmp_path / "d.sock", {"ticket": ticket, "label": 7}) == [{"ok": True}]
    process.send(signal.SIGTERM)
    assert process.event("stopped")["learned"] == 1
    assert process.end() == 0


def test_a_sample_that_came_with_its_label_is_not_learned_twice(start: Start, tmp_path: Path) -> None:
    process = start(LINES)
    process.write(PAIR[0])
    ticket = process.event("decision")["ticket"]
    (answer,) = ask(tmp_path / "d.sock", {"ticket": ticket, "label": "a"})
    assert "used already" in answer["error"]


def test_samples_that_cannot_be_used_are_refused_and_teach_nothing(start: Start) -> None:
    process = start(LINES)
    process.write(
        *PAIR,
        '{"x": [NaN, 0, 0], "label": "a"}\n',
        "{broken\n",
        {"x": [1.0], "label": "a"},
        {"x": A, "label": 5},
        '{"x": [0, 1, 0]',
    )
    assert process.end() == 0, process.errors
    refused = {event["id"]: event["reason"] for event in process.named("refused")}
    assert "NaN or infinity" in refused[3]
    assert refused[4].startswith("line 4: the line is not JSON")
    assert "expected 3 features" in refused[5]
    assert "one kind" in refused[6]  # decided on, but not learned
    assert refused[7].startswith("line 7: ")
    assert process.events[-1] == {
        "event": "stopped",
        "seen": 3,
        "learned": 2,
        "refused": 5,
        "saved_version": 1,
    }


@pytest.mark.parametrize("text", ["", "{broken\n"])
def test_a_source_without_a_usable_sample_is_an_error(start: Start, text: str) -> None:
    process = start(LINES)
    process.write(text)
    assert process.end() == 1
    assert process.errors.startswith("Error: the source gave no sample that could be used")
    assert process.events[-1]["saved_version"] is None


def test_a_second_process_on_the_store_ends_with_a_sentence(start: Start) -> None:
    first = start(LINES)
    first.event("started")
    second = start(LINES)
    assert second.end() == 1
    assert second.errors.startswith("Error: ")
    assert "Traceback" not in second.errors
    assert second.events == []
    first.write(*PAIR)
    assert first.end() == 0  # the second did not take its socket away either
    assert first.events[-1]["saved_version"] == 1


def test_a_store_of_another_model_is_refused(start: Start, tmp_path: Path) -> None:
    process = start(LINES)
    process.write(*PAIR)
    assert process.end() == 0
    other = start(LINES.replace("ncm", "slda"))
    assert other.end() == 1
    assert "readout ncm" in other.errors
    assert "Traceback" not in other.errors
    with Store(tmp_path / "s.db", read_only=True) as store:
        assert store.newest == 1


def test_a_full_disk_is_reported_and_work_goes_on(start: Start, tmp_path: Path) -> None:
    process = start(
        LINES.replace("ncm", "slda") + "[learner]\nsave_every = 2\n",
        program=("-c", LIMITED),
    )
    rows = np.eye(800)  # its covariance is larger than the file may become
    process.write({"x": rows[0].tolist(), "label": "a"}, {"x": rows[1].tolist(), "label": "b"})
    assert process.event("save_failed")["reason"]
    process.write({"id": "after", "x": rows[0].tolist(), "label": "a"})
    process.event("decision", id="after")
    assert process.end() == 1
    assert process.events[-1] == {
        "event": "stopped",
        "seen": 3,
        "learned": 3,
        "refused": 0,
        "saved_version": None,
    }
    assert process.errors.startswith("Error: ")
    assert "Traceback" not in process.errors
    with sqlite3.connect(tmp_path / "s.db") as database:
        assert database.execute("pragma integrity_check").fetchall() == [("ok",)]
    database.close()


def test_nobody_reads_the_decisions_and_yet_it_stops_and_saves(start: Start, tmp_path: Path) -> None:
    reader, writer = socket.socketpair()
    with reader, writer:
        writer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
        np.savez(tmp_path / "d.npz", x=np.tile(A, (100_000, 1)), y=np.zeros(100_000, int))
        config = LINES.replace('kind = "lines"', 'kind = "npz"\npath = "d.npz"\ny = "y"')
        blocked = start(config, out=writer)
        received = b""
        while b'"decision"' not in received:  # from here on there is something to save
            received += reader.recv(1 << 12)
        blocked.send(signal.SIGTERM)
        assert blocked.end() == 0, blocked.errors
    with Store(tmp_path / "s.db", read_only=True) as store:
        assert store.newest == 1


def test_the_reader_of_decisions_goes_away(start: Start, tmp_path: Path) -> None:
    reader, writer = socket.socketpair()
    with writer:
        process = start(LINES, out=writer)
        assert b'"started"' in reader.recv(1 << 12)
        reader.close()
        process.write(PAIR[0])
        assert process.end() == 1
    assert "has closed its end" in process.errors
    assert "Traceback" not in process.errors
    with Store(tmp_path / "s.db", read_only=True) as store:
        assert store.newest == 1


def test_decisions_on_a_full_disk_stop_it_and_keep_what_was_learned(start: Start, tmp_path: Path) -> None:
    process = start(
        LINES,
        program=(
            "-c",
            "import os, runpy, sys\n"
            "real = os.write\n"
            "def write(fd, data):\n"
            "    if fd == 1 and b'decision' in data:\n"
            "        raise OSError(28, 'No space left on device')\n"
            "    return real(fd, data)\n"
            "os.write = write\n"
            "runpy.run_module('edgelearn', run_name='__main__')",
        ),
    )
    process.write(PAIR[0])
    assert process.end() == 1
    assert "the decisions cannot be written: No space left on device" in process.errors
    assert "Traceback" not in process.errors
    with Store(tmp_path / "s.db", read_only=True) as store:
        assert store.load().meta["labels"] == ["a"]


def test_started_means_that_the_kernels_are_there() -> None:
    code = (
        "import sys; from edgelearn.readouts import make; from edgelearn.run.warm import warm_up\n"
        "from edgelearn.learner import Learner; from edgelearn.compiled import Compiled; import gc, numpy\n"
        "def ready(): return sum(len(kernel.dispatcher.signatures) for kernel in gc.get_objects()"
        " if isinstance(kernel, Compiled) and kernel._dispatcher)\n"
        "readout = make(sys.argv[1]); warm_up(readout); assert not readout.classes_\n"
        "before = ready(); assert before\n"
        "learner = Learner(None, readout)\n"
        "for i in range(60): learner.feedback(learner.predict_one(numpy.eye(4)[i % 4]).ticket, label=i % 2)\n"
        "assert learner.threshold < numpy.inf and ready() == before, (before, ready())\n"
    )
    for name in ("slda", "rp_ridge"):
        done = subprocess.run(
            [sys.executable, "-c", code, name],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (name, done.stderr)


def test_the_service_manager_hears_of_start_work_and_stop(start: Start, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.settimeout(60)
        manager.bind(str(tmp_path / "notify.sock"))
        process = start(
            LINES, env={"NOTIFY_SOCKET": str(tmp_path / "notify.sock"), "WATCHDOG_USEC": "200000"}
        )
        assert [manager.recv(100), manager.recv(100)] == [b"READY=1", b"WATCHDOG=1"]
        process.send(signal.SIGTERM)
        while (state := manager.recv(100)) == b"WATCHDOG=1":
            pass
        assert state == b"STOPPING=1"
        assert process.end() == 0


def test_every_probability_on_request(start: Start) -> None:
    process = start(LINES + "[output]\nprobabilities = true\n")
    process.write(*PAIR, {"x": A})
    probabilities = dict(process.event("decision", id=3)["probabilities"])
    assert set(probabilities) == {"a", "b"}
    assert sum(probabilities.values()) == pytest.approx(1)
