"""Which wheels are asked for."""

import tomllib
from pathlib import Path

from tools._venv import ROOT
from tools.arm64 import packages


def test_extras_that_name_extras_are_followed() -> None:
    project = {
        "name": "thing",
        "dependencies": ["numpy>=1"],
        "optional-dependencies": {"a": ["thing[b,c]", "x"], "b": ["y<2"], "c": ["y<2"], "test": ["thing[a]"]},
    }
    assert set(packages.wanted(project)) - set(packages.TOOLS) == {"numpy>=1", "x", "y<2"}


def test_all_that_the_tests_need_is_asked_for_as_aarch64_wheels(tmp_path: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pip = packages.fetch(tmp_path, packages.wanted(project))
    assert {"ziglang==0.17.1", "--only-binary=:all:", f"--target={tmp_path}"} <= set(pip)
    assert "--platform=manylinux_2_28_aarch64" in pip
    assert not any(part.startswith("edgelearn[") or part.endswith("x86_64") for part in pip)
