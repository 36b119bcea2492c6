"""Options that are impossible, and caps that a system cannot hold."""

from pathlib import Path
from typing import Any

import pytest

from edgelearn.emulator.device import caps
from edgelearn.emulator.device.edge import EdgeDevice
from edgelearn.errors import ConfigError
from tests.emulator.device.workloads import same

OPTIONS: dict[str, dict[str, Any]] = {
    "unknown": {"profile": "pi-zero-2"}, "microcontroller": {"profile": "rp2040"}, "ram unit": {"ram": "64 pages"},
    "no ram": {"ram": 0}, "no cores": {"cores": 0}, "half a core": {"cores": 0.5}, "no cpu": {"cpu": 0},
    "too much cpu": {"cpu": 5}, "cpu nan": {"cpu": float("nan")}, "storage": {"storage": "-1MB"},
}  # fmt: skip
ORDERS: dict[str, dict[str, Any]] = {
    "deadline": {"deadline_s": 0}, "endless": {"deadline_s": float("inf")}, "covers": {"covers_s": -1},
    "budget": {"budget": {"ram": "1MB"}},
}  # fmt: skip


@pytest.mark.parametrize("name", OPTIONS)
def test_an_impossible_device_is_refused(name: str) -> None:
    with pytest.raises(ConfigError):
        EdgeDevice(**{"profile": "pi-zero-2w"} | OPTIONS[name])


@pytest.mark.parametrize("name", ORDERS)
def test_an_impossible_order_is_refused(name: str) -> None:
    with pytest.raises(ConfigError):
        EdgeDevice("pi-zero-2w").run(same, **ORDERS[name])


def test_near_names_are_offered() -> None:
    with pytest.raises(ConfigError, match="pi-zero-2w"):
        EdgeDevice("pi-zero-2")


def test_a_boards_memory_is_what_its_system_leaves() -> None:
    device = EdgeDevice("pi-zero-2w")
    assert device.ram_bytes == device.profile.ram_bytes - device.profile.system_bytes


@pytest.fixture
def mac(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caps, "PLATFORM", "darwin")


@pytest.mark.usefixtures("mac")
def test_on_another_system_what_cannot_be_held_is_refused_in_a_sentence() -> None:
    with pytest.raises(
        ConfigError, match=r"cores cap cannot be held here: this system binds no process .* weaker=True"
    ):
        EdgeDevice("pi-zero-2w").run(same)


@pytest.mark.usefixtures("mac")
def test_on_another_system_it_runs_weaker_when_asked_and_says_so() -> None:
    result = EdgeDevice("pi-zero-2w", weaker=True).run(same, 1)
    assert result.value == [1]
    assert {cap: held.by for cap, held in result.held.items()} == {
        "ram": "looked at afterwards", "cores": "thread counts", "writes": "/proc io",
    }  # fmt: skip
    assert all(result.held[cap].trust.startswith("weaker, as asked for") for cap in ("ram", "cores"))
    assert "weaker, as asked for" in str(result)


@pytest.mark.usefixtures("mac")
@pytest.mark.parametrize(("options", "cap"), [({"storage": "1MB"}, "storage"), ({"cpu": 0.5}, "cpu")])
def test_on_another_system_each_cap_is_refused_by_name(options: dict[str, Any], cap: str) -> None:
    asked = EdgeDevice("pi-zero-2w", **options)
    with pytest.raises(ConfigError, match=cap):
        caps.planned(caps.Asked(1, 1, asked.cpu, asked.quota_bytes, None, weaker=cap == "cpu"), function=True)


def test_a_kernel_that_lists_no_children_cannot_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caps, "_watchable", lambda: False)
    with pytest.raises(ConfigError, match="ram cap cannot be held here"):
        EdgeDevice("pi-zero-2w").run(same)


def test_a_refused_run_leaves_nothing(scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caps, "_watchable", lambda: False)
    with pytest.raises(ConfigError):
        EdgeDevice("pi-zero-2w").run(same)
    assert list(scratch.iterdir()) == []
