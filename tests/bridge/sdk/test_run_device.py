"""`edgelearn run` on a device: decisions with the time of their windows, and what was missed."""

import json
import signal
from pathlib import Path

from tests.bridge.conftest import Build
from tests.bridge.device.process import Device, made
from tests.run.running import Process

CONFIG = """
[source]
kind = "device"
port = "{port}"
rate_hz = 1000
window = 100
"""


def test_decisions_have_the_time_of_their_window_and_a_restart_is_said(build: Build, tmp_path: Path) -> None:
    program = made(build, "device", "-DEL_SLOT_BYTES=4096")
    link, config = tmp_path / "port", tmp_path / "run.toml"
    config.write_text(CONFIG.format(port=link))
    devices = [Device(program, "--pty", "--link", str(link))]
    process = Process(config)
    try:
        process.event("decision", id=5)
        devices[0].kill()
        devices.append(Device(program, "--pty", "--link", str(link)))
        missed = process.event("missed", samples=None)
        assert "restarted" in missed["reason"]
        said = len(process.named("decision"))
        process.until(lambda event: event["event"] == "decision" and event["id"] > said + 5)
        process.send(signal.SIGTERM)
        assert process.end() == 0, process.errors
    finally:
        process.kill()
        for device in devices:
            device.kill()
    times = [event["time_s"] for event in process.named("decision")]
    assert len(times) > 10
    assert times == sorted(times), json.dumps(times)
