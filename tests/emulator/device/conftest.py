"""The two ways to hold memory that a machine may have, and a folder for what runs leave behind."""

import tempfile
from pathlib import Path

import pytest

from edgelearn.emulator.device import cgroups


@pytest.fixture
def no_cgroup(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no cgroup, as without root."""
    monkeypatch.setattr(cgroups, "claim", lambda *_: None)


@pytest.fixture
def a_cgroup() -> None:
    """Skip where no cgroup can be made."""
    skip_without_cgroup()


def skip_without_cgroup() -> None:
    """Skip the test that asks where no cgroup can be made."""
    group = cgroups.claim("memory", 64_000_000)
    if group is None:
        pytest.skip(
            "no cgroup with a memory controller can be made here (it takes root, or a delegated group)"
        )
    group.remove()


@pytest.fixture(params=["cgroup", "rlimit"])
def path(request: pytest.FixtureRequest) -> str:
    """Have memory held by each in turn."""
    request.getfixturevalue("a_cgroup" if request.param == "cgroup" else "no_cgroup")
    return str(request.param)


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder that temporary folders are made in."""
    place = tmp_path / "scratch"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    return place
