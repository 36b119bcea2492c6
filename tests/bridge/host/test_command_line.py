"""edgelearn bridge list, monitor, bench, flash-header."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from edgelearn.cli import main
from edgelearn.learner import Learner
from firmware_bridge import ports as module
from firmware_bridge.ports import ports
from firmware_bridge.transport import Present
from tests.bridge.host.fake import FakeDevice


def run(*arguments: str):
    return CliRunner().invoke(main, ["bridge", *arguments])


def test_ports_go_by_the_name_that_stays_the_same(tmp_path: Path):
    (tmp_path / "ttyACM0").touch()
    by_id = tmp_path / "by-id"
    by_id.mkdir()
    (by_id / "usb-Pico_E66-if00").symlink_to(tmp_path / "ttyACM0")
    there = [Present(str(tmp_path / "ttyACM0"), "Pico", "E66"), Present("/dev/ttyS9", "UART", None)]
    found = ports(by_id, lambda: there)
    assert [(port.url, port.path) for port in found[:2]] == [
        ("/dev/ttyS9", "/dev/ttyS9"),
        (str(by_id / "usb-Pico_E66-if00"), str(tmp_path / "ttyACM0")),
    ]


def test_list_says_what_answers(bench, monkeypatch):
    monkeypatch.setattr(module, "present", list)
    bench.named(FakeDevice(), "here")
    bench.named(FakeDevice(key=b"k" * 32), "locked")
    done = run("list", "--probe", "--json")
    assert done.exit_code == 0
    rows = {row["url"]: row for row in json.loads(done.stdout)["ports"]}
    assert rows["memory://here"]["hello"]["firmware"] == "fake 1"
    assert "key" in rows["memory://locked"]["error"]
    assert "memory://here" in run("list").stdout


def test_monitor_prints_an_object_a_second(bench):
    device = FakeDevice()
    device.every_s = 0.1  # at most one window comes while an object is made
    url = bench.named(device)
    done = run("monitor", url, "--seconds", "2", "--rate-hz", "100", "--json")
    assert done.exit_code == 0, done.output
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rows) == 2
    assert rows[-1]["windows_s"] > 0
    assert rows[-1]["windows_missing_in_all"] > 0
    assert rows[-1]["index"] + 1 >= rows[-1]["windows_received"] + rows[-1]["windows_missing_in_all"] - 1


def test_bench_measures_both_directions_and_changes_nothing(bench):
    device = FakeDevice()
    device.learned = list(range(300))
    done = run(
        "bench", bench.plugged(device), "--seconds", "1.0", "--trips", "20", "--baud", "921600", "--json"
    )
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert said["baud"] == 921600
    assert 0 < said["rates"]["to the device"]["share"] < 1.1
    assert said["rates"]["from the device"]["bytes_s"] > 0
    assert said["round_trip_ms"]["p50"] > 0
    assert device.learned == list(range(300))
    assert "of the line's" in run("bench", str(bench.link), "--seconds", "0.1").stdout


def test_a_device_without_a_state_cannot_be_measured(bench):
    done = run("bench", bench.named(FakeDevice()))
    assert done.exit_code == 1
    assert "keeps no state" in done.output


@pytest.mark.parametrize("command", ["monitor", "bench"])
def test_no_device_is_one_sentence(command):
    done = run(command, "memory://nobody")
    assert done.exit_code == 1
    assert done.output.splitlines()[-1].startswith("Error: nothing is plugged in at memory://nobody")


def test_a_key_file_is_read_and_checked(bench, tmp_path):
    url = bench.named(FakeDevice(key=b"k" * 32))
    (tmp_path / "key").write_text((b"k" * 32).hex())
    done = run("monitor", url, "--seconds", "1", "--json", "--key-file", str(tmp_path / "key"))
    assert done.exit_code == 0, done.output
    (tmp_path / "key").write_text("abcd")
    assert "64 digits" in run("monitor", url, "--key-file", str(tmp_path / "key")).output
    assert run("monitor", url, "--key-file", str(tmp_path / "absent")).exit_code == 2


def test_a_store_becomes_a_header(tmp_path):
    learner = Learner(None, "ncm", store=tmp_path / "state.db", save_every_s=None)
    rng = np.random.default_rng(0)
    learner.learn_many(rng.normal(size=(30, 8)).astype(np.float32), np.arange(30) % 3)
    learner.close()
    done = run("flash-header", str(tmp_path / "state.db"), str(tmp_path / "el_head.h"), "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["layout"].startswith("edgelearn head 1; ncm")
    assert "EL_HEAD_RULE" in (tmp_path / "el_head.h").read_text()
    assert run("flash-header", str(tmp_path / "absent.db"), str(tmp_path / "x.h")).exit_code == 1
