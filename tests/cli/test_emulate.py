"""edgelearn emulate: output that passes through, exit codes, the result as text, JSON and picture, profiles listed."""

import json
import os
import signal
import subprocess
import sys
from collections import deque
from pathlib import Path

import pytest
from click.testing import CliRunner

from edgelearn.cli import main
from edgelearn.cli._emulate_run import Moment, moment, run
from edgelearn.cli._emulate_view import lines
from edgelearn.emulator.device.edge import EdgeDevice
from edgelearn.emulator.device.held import Look
from tests.emulator.device.processes import gone, noted

SAMPLES = """
import sys, time
from edgelearn.emulator.probe import sample
for n in range(30):
    with sample():
        time.sleep(0.01)
print("out", flush=True)
print("err", file=sys.stderr)
sys.exit(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
"""


def emulate(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "edgelearn", "emulate", *words],
        cwd=folder, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "samples.py").write_text(SAMPLES)
    return tmp_path


def test_output_passes_through_and_the_result_is_told_on_standard_error(folder: Path) -> None:
    done = emulate(folder, "pi-zero-2w", "--budget", "ram=200MB", "--", sys.executable, "samples.py", "7")
    assert (done.returncode, done.stdout) == (7, "out\n")
    first, *told = done.stderr.splitlines()
    assert first == "err"
    text = "\n".join(told)
    for part in (
        "pi-zero-2w: stopped: error (exit code 7)",
        ": p50 ",
        "not measured",
        "at most 200 MB",
    ):
        assert part in text


def test_json_is_one_object_and_the_picture_is_drawn(folder: Path) -> None:
    done = emulate(
        folder, "pi-4b", "--json", "--ram=100MB", "--covers=3600", "--budget=p99_ms=100000", "--picture=it.png",
        "--", sys.executable, "samples.py",
    )  # fmt: skip
    told = json.loads(done.stdout)
    assert (done.returncode, told["ok"], told["stopped"], told["exit_code"]) == (0, True, None, 0)
    assert told["latency"]["count"] == 30
    assert (told["ram_cap_bytes"], told["covers_s"], told["profile"]) == (100_000_000, 3600.0, "pi-4b")
    assert told["predicted"]["p99_ms"]["basis"] == "predicted"
    assert told["verdict"]["lines"][0]["holds"] is True
    assert done.stderr == "out\nerr\npicture: it.png\n"
    assert (folder / "it.png").read_bytes().startswith(b"\x89PNG")


def test_quiet_says_only_what_the_command_says(folder: Path) -> None:
    done = emulate(folder, "pi-4b", "--quiet", "--", "/bin/sh", "-c", "echo out; echo err >&2; exit 5")
    assert (done.returncode, done.stdout, done.stderr) == (5, "out\n", "err\n")


@pytest.mark.parametrize(
    ("options", "program", "code"),
    [
        (["--budget=ram=1MB"], "pass", 3),
        (["--budget=ram=1MB"], "raise SystemExit(4)", 4),
        (["--deadline=1"], "import time; time.sleep(600)", 124),
        (["--ram=60MB"], "import time; x = bytearray(b'x') * 120_000_000; time.sleep(600)", 137),
        ([], "import os; os.kill(os.getpid(), 15)", 143),
    ],
    ids=["budget", "its own before the budget", "deadline", "memory", "signal"],
)
def test_the_exit_code_says_what_ended_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], program: str, code: int
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["emulate", "pi-zero-2w", "--quiet", *options, "--", sys.executable, "-c", program]
    assert CliRunner().invoke(main, words).exit_code == code


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["pi-zero-2v", "--", "true"], 1, "did you mean 'pi-zero-2w'"),
        (["rp2040", "--", "true"], 1, "rp2040 runs no Linux"),
        (["pi-4b", "--", "no-such-program"], 1, "there is no program 'no-such-program'"),
        (["pi-4b"], 2, "edgelearn emulate pi-zero-2w -- python train.py"),
        (["pi-4b", "--budget", "rum=5MB", "--", "true"], 1, "did you mean ram"),
        (["pi-4b", "--budget", "ram", "--", "true"], 2, "ram=350MB"),
        (["pi-4b", "--ram", "lots", "--", "true"], 1, "a size is written like"),
        (["pi-4b", "--cpu", "9", "--", "true"], 1, "cpu"),
        (["pi-4b", "--picture", "it.bmp", "--", "true"], 1, ".png"),
        (["pi-4b", "--deadline", "0", "--", "true"], 2, "--deadline"),
        (["--list", "pi-6"], 1, "pi-5"),
    ],
)
def test_what_cannot_be_is_one_sentence(words: list[str], code: int, sentence: str) -> None:
    done = CliRunner().invoke(main, ["emulate", *words])
    assert done.exit_code == code
    assert sentence in done.stderr
    assert "Traceback" not in done.output


def test_a_picture_without_matplotlib_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edgelearn.evaluate.pictures.find_spec", lambda _: None)
    done = CliRunner().invoke(main, ["emulate", "pi-4b", "--picture", "it.png", "--", "true"])
    assert (done.exit_code, "pip install 'edgelearn[plot]'" in done.stderr) == (1, True)


def test_the_list_has_every_profile_and_one_its_sources() -> None:
    table = CliRunner().invoke(main, ["emulate", "--list"]).stdout
    known = json.loads(CliRunner().invoke(main, ["emulate", "--list", "--json"]).stdout)["profiles"]
    assert len(known) >= 8
    assert all(any(line.startswith(one["name"] + " ") for line in table.splitlines()) for one in known)
    one = json.loads(CliRunner().invoke(main, ["emulate", "--list", "pi-5", "--json"]).stdout)
    assert one in known
    text = CliRunner().invoke(main, ["emulate", "--list", "pi-5"]).stdout
    assert all(figure["source"] in text for figure in one["figures"].values())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_ended_from_outside_it_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    notes, scratch = tmp_path / "notes", tmp_path / "scratch"
    notes.mkdir()
    scratch.mkdir()
    program = "import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(600)"
    command = [sys.executable, "-c", program, str(notes / "it.part")]
    written = f"while [ ! -s {notes}/it.part ]; do sleep 0.01; done; mv {notes}/it.part {notes}/it"
    shell = f"{' '.join(map(repr, command))} & {written}; wait"
    with subprocess.Popen(
        [sys.executable, "-m", "edgelearn", "emulate", "pi-4b", "--", "/bin/sh", "-c", shell],
        env={**os.environ, "TMPDIR": str(scratch)}, stderr=subprocess.DEVNULL,
    ) as run:  # fmt: skip
        pids = noted(notes, 1)
        run.send_signal(number)
        code = run.wait(60)
    assert code == 128 + number
    assert gone(pids)
    assert list(scratch.iterdir()) == []


def test_the_view_shows_memory_against_its_cap_and_rates() -> None:
    looks = deque([Look(1.0, 10_000_000, 0.5, 100), Look(2.0, 50_000_000, 1.0, 350)])
    bar, cpu, samples, time = lines(looks, Moment(2.0, 5, 4.0, 9.0), 100_000_000, 60.0)
    assert (bar.count("█"), bar.count("░")) == (12, 12)
    assert "50.0 MB of 100.0 MB" in bar
    assert "0.50 cores" in cpu
    assert "350, 250/s" in samples
    assert "p99 9 ms" in samples
    assert time.endswith("2 s of 60 s")


def test_a_moment_is_of_samples_that_were_seen() -> None:
    assert moment(1.5, [3.0, 1.0, 2.0]) == Moment(1.5, 3, 2.0, 3.0)


def test_each_sample_is_of_one_moment(folder: Path) -> None:
    command = [sys.executable, str(folder / "samples.py")]
    result, moments = run(EdgeDevice("pi-4b"), command, live=False, out_to_err=True, deadline_s=60.0)
    assert result.latency is not None
    assert 0 < sum(one.samples for one in moments) <= result.latency.count == 30
